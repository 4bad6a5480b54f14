"""The keys and types of a result that others rely on; more keys may stand beside them."""

from __future__ import annotations

from typing import Any

NUMBER = (int, float)
ANY = (str, int, float, list, dict, type(None))
RESULT: dict[str, Any] = {
    "external_id": str,
    "status": str,
    "findings": [
        {
            "rule_id": str,
            "rule_version": int,
            "category": str,
            "severity": str,
            "outcome": str,
            "agent_id": str,
            "turn_id": str,
            "start": int,
            "end": int,
            "text": str,
            "explanation": {
                "stated": {"value": NUMBER, "unit": str},
                "policy": {"key": str, "value": NUMBER, "source": str},
            },
        }
    ],
    "mood": {
        "status": str,
        "turns": [
            {
                "turn_id": str,
                "polarity": float,
                "sentiment": str,
                "emotion": str,
                "probabilities": dict.fromkeys(
                    ("neutral", "satisfied", "anxious", "disappointed", "angry", "abusive"), float
                ),
                "confidence": float,
            }
        ],
        **dict.fromkeys(("start", "end", "lowest", "shift", "negative_share", "satisfaction"), float),
    },
    "agents": [
        {
            "agent_id": str,
            "tone": float,
            "first_reply_seconds": float,
            "average_reply_seconds": float,
            "longest_reply_seconds": float,
            "unanswered_turns": int,
        }
    ],
    "scorecards": [
        {
            "agent_id": str,
            "rubric": str,
            "rubric_version": int,
            "dimensions": {
                "service_attitude": {"score": float, "criteria": ANY},
                "compliance": {"score": float, "criteria": ANY},
            },
            "total": float,
            "fatal": bool,
            "band": str,
        }
    ],
    "provenance": {
        "text_sha256": str,
        "rules_digest": str,
        "policy_digest": str,
        "model_revision": str,
        "rubric_version": int,
        "code_version": str,
    },
}


def departures(shape: Any, value: Any, place: str = "") -> list[str]:
    """Where a value is not of the shape: a missing key or another type."""
    if isinstance(shape, dict):
        missing = [f"{place}.{name} is missing" for name in shape if name not in value]
        return missing + [
            text for name in shape if name in value for text in departures(shape[name], value[name], f"{place}.{name}")
        ]
    if isinstance(shape, list):
        return [text for n, item in enumerate(value) for text in departures(shape[0], item, f"{place}[{n}]")]
    return [] if isinstance(value, shape) else [f"{place} is a {type(value).__name__}"]
