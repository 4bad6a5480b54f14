"""The shipped packs do not fall below what they were measured at on the development turns that the model did not learn from."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest

from qa_service.rule_wiring import build_rule_engine, mood_model
from qa_service.settings import load_settings
from tests.rules.accuracy import CATEGORIES, Measured, development, measure


@pytest.fixture(scope="module")
def measured() -> Callable[[str], Measured]:
    """What the packs and the model make of a language, measured once."""
    settings = load_settings()
    engine = build_rule_engine(settings)
    model = mood_model(settings)
    return cache(lambda language: measure(engine, model, language, development()))


@pytest.mark.parametrize(("language", "precision", "recall"), [("zh", 0.86, 0.86), ("en", 0.87, 0.83)])
def test_precision_and_recall_hold(measured, language, precision, recall):
    hit, false, missed = measured(language).counts(*CATEGORIES)

    assert hit / (hit + false) >= precision
    assert hit / (hit + missed) >= recall


@pytest.mark.parametrize(("language", "share"), [("zh", 0.91), ("en", 0.91)])
def test_look_alikes_stay_unflagged(measured, language, share):
    kinds = measured(language).kinds

    assert kinds["lookalike", True] / (kinds["lookalike", True] + kinds["lookalike", False]) >= share
