"""Floors of the served model on every sixth conversation of the dev part; the whole table: `python -m training.robustness`."""

from __future__ import annotations

import pytest

from qa_service.mood import load_mood_model
from qa_service.settings import load_settings
from training.faithfulness import removals, table
from training.parts import corpus_part
from training.robustness import NONSENSE, emoji, neighbours_moved, shifts, traditional, typo, unchanged, wide
from training.served import as_conversation

CHATS = [as_conversation(labelled) for labelled in corpus_part("dev")[::6]]

FLOORS = {"typo": 0.9, "emoji": 0.9, "courtesy": 0.82}
"""A little under what the served revision has (ADR 0014); the aim is 0.95. Folded changes must change nothing."""


@pytest.fixture(scope="module")
def model():
    settings = load_settings()
    return load_mood_model(settings.models_dir, name=settings.model, threads=2)


@pytest.mark.model
def test_the_judgement_stays_where_the_meaning_stays(model):
    shares = {name: row["sentiment"] for name, row in unchanged(model, CHATS).items()}

    assert {name for name, share in shares.items() if share < FLOORS.get(name, 1.0)} == set()


@pytest.mark.model
def test_who_and_where_move_no_mean(model):
    assert max(row["largest_mean_shift"] for row in shifts(model, CHATS[:4]).values()) <= 0.15


@pytest.mark.model
@pytest.mark.parametrize("name", NONSENSE)
def test_spliced_nonsense_does_not_dominate(model, name):
    assert neighbours_moved(model, CHATS[:6], NONSENSE[name]) <= 0.25


@pytest.mark.model
def test_evidence_is_faithful(model):
    figures = table(removals(model, CHATS))

    assert figures["lowered"] >= 0.95
    assert figures["mean_loss_there"] >= figures["mean_loss_at_random"] + 0.05


@pytest.mark.parametrize(
    ("change", "text", "expected"),
    [
        pytest.param(wide, "ok 3!", "ｏｋ ３！", id="full width"),
        pytest.param(traditional, "发货", "發貨", id="traditional"),
        pytest.param(emoji, "好", "好📦", id="emoji"),
        pytest.param(typo, "短", "短", id="too short to slip"),
    ],
)
def test_a_change_writes_the_same_otherwise(change, text, expected):
    assert change(text, "zh") == expected


def test_a_slip_swaps_two_neighbours_and_is_always_the_same():
    slipped = typo("我的包裹还没到", "zh")

    assert slipped != "我的包裹还没到"
    assert sorted(slipped) == sorted("我的包裹还没到")
    assert slipped == typo("我的包裹还没到", "zh")
