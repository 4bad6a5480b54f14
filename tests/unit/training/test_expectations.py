from __future__ import annotations

import tomllib

import pytest

from training.corpus_reader import LabelledConversation, LabelledTurn
from training.evaluate import conformal_quantile
from training.expectations import PRIOR_CONVERSATIONS, as_toml, fit
from training.parts import ALL_TRAIN_FROM, corpus_part, part_of


def labelled(cause, *polarities):
    turns = [LabelledTurn(role="customer", text="a", polarity=p, emotion="x") for p in polarities]
    head = {"language": "zh", "channel": "web", "trade": "t", "problem": "p", "arc": "calm", "skill": "good"}
    return LabelledConversation(id="zh-1", cause=cause, satisfaction=3, style="plain", turns=turns, **head)


def test_a_cell_is_drawn_to_the_mean_of_its_row():
    table = fit([labelled("product", -0.5, 1.0), labelled("logistics", -1.0, -0.5)])["negative"]

    assert table["any"].change == 1.0
    assert table["product"].change == pytest.approx((2 + PRIOR_CONVERSATIONS) / (1 + PRIOR_CONVERSATIONS), abs=1e-4)
    assert (table["product"].n, table["price"].n) == (1, 0)
    assert table["price"].change == 1.0


def test_what_the_agent_spoilt_is_no_part_of_what_is_usual():
    table = fit([labelled("agent", -0.5, -1.0), labelled("product", -0.5, 1.0)])["negative"]

    assert "agent" not in table
    assert table["any"].change == 2.0


def test_one_customer_turn_shows_no_change():
    assert fit([labelled("product", -0.5)]) == {"negative": {}, "neutral": {}, "positive": {}}


def test_the_file_is_toml_with_counts():
    read = tomllib.loads(as_toml(fit([labelled("product", 0.0, 1.0)])))

    assert read["neutral"]["product"] == {"change": 1.0, "n": 1}


def test_later_conversations_only_train():
    assert part_of(f"zh-{ALL_TRAIN_FROM}") == part_of("en-9999") == "train"
    assert all(part_of(conversation.id) == "dev" for conversation in corpus_part("dev"))


@pytest.mark.parametrize(
    ("n", "expected"),
    [pytest.param(5, float("inf"), id="too few to say"), pytest.param(100, 86.0, id="a margin above the 80th")],
)
def test_the_conformal_bound_leaves_room_for_its_own_luck(n, expected):
    assert conformal_quantile([float(error) for error in range(1, n + 1)], 0.8) == expected
