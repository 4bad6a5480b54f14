"""The shipped packs do not fall below what they were measured at on the labelled set (floors a little under it)."""

from __future__ import annotations

import pytest

from qa_service.rule_wiring import build_rule_engine
from qa_service.settings import load_settings
from tests.rules.accuracy import CATEGORIES, measure


@pytest.fixture(scope="module")
def engine():
    return build_rule_engine(load_settings())


@pytest.mark.parametrize(("language", "precision", "recall"), [("zh", 0.89, 0.54), ("en", 0.90, 0.66)])
def test_precision_and_recall_hold(engine, language, precision, recall):
    hit, false, missed = measure(engine, language).counts(*CATEGORIES)

    assert hit / (hit + false) >= precision
    assert hit / (hit + missed) >= recall


@pytest.mark.parametrize(("language", "share"), [("zh", 0.94), ("en", 0.96)])
def test_look_alikes_stay_unflagged(engine, language, share):
    kinds = measure(engine, language).kinds

    assert kinds["lookalike", True] / (kinds["lookalike", True] + kinds["lookalike", False]) >= share
