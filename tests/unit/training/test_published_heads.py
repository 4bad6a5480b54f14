"""What a regression over characters alone tells, and which turn of a dialogue it is asked for."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="training alone installs torch")

from training.published.__main__ import _rated, _rated_texts  # noqa: E402
from training.published.features import Encoded  # noqa: E402
from training.published.heads import (  # noqa: E402
    UNRATED,
    Example,
    characters,
    class_probabilities,
    linear_probabilities,
)
from training.published.sets import RatedDialogue, RatedTurn  # noqa: E402


def test_characters_alone_tell_classes_and_labels_of_texts_not_seen():
    fit, asked = characters(["good good", "good day", "bad bad", "bad day"], ["so good", "so bad"])

    assert class_probabilities(fit, [1, 1, 0, 0], asked).argmax(1).tolist() == [1, 0]
    (shares,) = linear_probabilities(fit, [[1], [1], [0], [0]], asked)
    assert shares[0, 0] > 0.5 > shares[1, 0]


def test_texts_and_ratings_of_rated_turns_stand_in_the_same_order():
    said = [[("where is it", None), ("too slow", 0)], [("thanks", 2), ("bye", None)]]
    dialogues = [RatedDialogue(tuple(RatedTurn("customer", text, rating) for text, rating in turns)) for turns in said]
    ratings = [torch.tensor([UNRATED if rating is None else rating for _, rating in turns]) for turns in said]
    examples = [Example(Encoded(torch.zeros(2, 1), torch.zeros(2), torch.zeros(2).numpy()), row) for row in ratings]

    assert _rated_texts(dialogues) == ["too slow", "thanks"]
    assert _rated(examples, ratings) == [0, 2]
