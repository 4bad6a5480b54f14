"""Every sample chat gives the result that was reviewed; a change of rules or model shows here as a diff."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.golden import results as golden

pytestmark = pytest.mark.model

IDS = sorted(path.stem for path in golden.FOLDER.glob("*.json"))


@pytest.fixture(scope="module")
def actual() -> dict[str, dict[str, Any]]:
    return golden.results(golden.build())


def test_every_sample_is_pinned(actual):
    assert sorted(actual) == IDS


@pytest.mark.parametrize("external_id", IDS)
def test_result_is_the_reviewed_one(actual, external_id):
    expected = json.loads((golden.FOLDER / f"{external_id}.json").read_text(encoding="utf-8"))

    assert golden.differences(expected, actual[external_id]) == []


def test_a_changed_span_is_a_difference():
    assert golden.differences({"findings": [{"start": 2}]}, {"findings": [{"start": 3}]}) == [
        ".findings[0].start: 2 → 3"
    ]


def test_a_mood_within_tolerance_is_none():
    assert golden.differences({"mood": {"end": 0.5}}, {"mood": {"end": 0.53}}) == []
