"""Steps that bring stored results of earlier versions into the shape of the next one. One function a step."""

from __future__ import annotations

from typing import Any

Document = dict[str, Any]

_MOOD_SINCE_2: Document = {
    "recovery": None,
    "satisfaction_low": None,
    "satisfaction_high": None,
    "cause": None,
    "causes": {},
    "expected_changes": {},
    "expected_change": None,
    "attributable_change": None,
    "attributable_reason": "scored before changes were held against expectations",
}


def inspection_1_to_2(document: Document) -> Document:
    """Version 2 knows evidence, recovery, the cause and what the agent changed; version 1 measured none of them."""
    mood = {**_MOOD_SINCE_2, **document["mood"]}
    turns = {name: [{"evidence": [], **turn} for turn in mood[name]] for name in ("turns", "tones")}
    return {**document, "mood": {**mood, **turns}}
