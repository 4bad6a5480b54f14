"""Every operator with all of its fields: what loader, schema and turn-by-turn feeding are tried on."""

from __future__ import annotations

from typing import Any

_WORD = {"any": ["退款", "refund"]}

CONDITIONS = {"asked": _WORD}
"""The conditions of a rule whose match has `ref`."""

_HOURS = {
    "zone": "Asia/Shanghai",
    "open": {"mon-fri": ["09:00-12:00", "13:00-18:00"]},
    "closed": ["2026-10-01"],
    "days": {"2026-11-11": "00:00-24:00"},
}

EXAMPLES: dict[str, list[Any]] = {
    "any": [["退款", "refund"], "退款"],
    "phrases_from": ["shared.txt"],
    "all": [["退", ["钱", "款"]], {"of": ["退", "钱"], "within": "turn"}],
    "at_least": [{"n": 2, "of": ["退", "钱", "款"], "within": "clause"}],
    "none": [["退款"]],
    "regex": ["退.{0,3}款", {"pattern": "退.?款", "unless": "不退款"}],
    "near": [
        {"a": ["退"], "b": "款", "chars": 5, "order": "a_first", "within": "sentence"},
        {"a": ["退"], "without": "款", "words": 5},
        {"a": ["退"], "b": "款", "clauses": 1},
    ],
    "tokens": [
        [{"LOWER": "refund"}, {"OP": "{0,3}"}, {"LIKE_NUM": True}],
        [[{"LOWER": {"IN": ["退", "refund"]}, "LENGTH": {">=": 1}}, {"IS_PUNCT": False, "OP": "?"}]],
        [{"PREFIX": "退", "SUFFIX": {"IN": ["款", "und"]}, "SHAPE": {"NOT_IN": ["dd"]}}],
    ],
    "wildcard": ["退*款", {"of": ["退?款", "refund * days"], "chars": 5}],
    "quantity": [
        {
            "kind": ["duration", "unlimited"],
            "with": ["退"],
            "without": ["保修"],
            "chars": 15,
            "within": "sentence",
            "direction": ["within", "exact"],
            "compare": {"policy": "return_days", "verdict": "better"},
            "inherit": {"agree": "$agree", "turns": 2},
        },
        {"kind": "amount", "with": ["退"], "compare": {"value": 100, "unit": "currency", "op": "gt"}},
        {"kind": "count", "with": ["退"], "compare": {"value": 1, "unit": "count", "op": "gt"}},
    ],
    "similar": [{"to": ["七天内可以退"], "at_least": 0.8, "within": "clause"}],
    "count": [{"of": _WORD, "at_least": 2}, {"of": _WORD, "at_least": 2, "turns": 3, "per": "turn"}],
    "repeat": [{"times": 2, "turns": 5, "min_chars": 2, "similarity": 0.8, "except": ["您好"]}],
    "after": [{"match": _WORD, "role": "customer", "turns": 3, "seconds": 600}],
    "before": [{"match": _WORD, "role": "customer", "turns": 3, "seconds": 600}],
    "sequence": [
        {"steps": [{"match": _WORD, "role": "customer"}, {"match": {"any": ["可以"]}}], "turns": 6, "seconds": 600}
    ],
    "position": [{"first": 2}, {"last": 2}, {"first_seconds": 60}, {"last_seconds": 60}],
    "figure": [
        {"name": "transfers", "op": "ge", "value": 1},
        {"name": "longest_silence_seconds", "op": "between", "value": [60, 600], "hours": _HOURS},
    ],
    "silence": [
        {"over_seconds": 60, "between": "other_speaker", "unless": {"any": ["请稍等", "one moment"]}, "hours": _HOURS}
    ],
    "waited": [{"over_seconds": 60, "hours": _HOURS}],
    "working_hours": [_HOURS],
    "sent": [{"from": "2026-11-01T00:00+08:00", "until": "2026-11-12T00:00+08:00"}],
    "scope": [
        {"match": _WORD, "range": {"from": 1, "to": -1}, "among": "role", "every_turn": False},
        {
            "match": _WORD,
            "range": {"from": -3, "to": 3},
            "anchor": {"match": {"any": ["可以"]}, "role": "customer", "location": "around", "hit": 1},
        },
        {"match": _WORD, "anchor": {"match": {"any": ["可以"]}, "location": "at", "hit": "every"}},
        {
            "match": _WORD,
            "range": {"from": 1, "to": 3},
            "anchor": {"match": {"position": {"first_seconds": 60}}, "role": "customer", "location": "after", "hit": 1},
        },
    ],
    "somewhere": [{"match": _WORD, "role": "customer"}],
    "sender": [{"id": ["a-1"], "group": "售后"}],
    "mood": [{"emotion": ["angry", "abusive"], "polarity_below": 0.5, "polarity_above": -1, "confidence": 0.1}],
    "mood_shift": [{"below": -0.5}, {"above": 0.5}],
    "suspicion": [{"category": "abuse", "at_least": 0.8}],
    "fact": [
        {"field": "shop", "op": "eq", "value": "A店"},
        {"field": "attributes.tier", "op": "between", "value": [1, 3]},
    ],
    "and": [[_WORD, {"any": ["可以"]}]],
    "or": [[_WORD, {"any": ["可以"]}]],
    "not": [_WORD],
    "ref": ["asked"],
    "absent": [
        {"phrase": _WORD, "first": 2, "min_turns": 2},
        {"phrase": _WORD, "last": 2},
        {"phrase": _WORD, "anywhere": True},
        {"phrase": _WORD, "after": {"match": _WORD, "turns": 3, "seconds": 600}},
    ],
    "response_time": [{"measure": "first", "over_seconds": 60, "hours": _HOURS}, {"measure": "unanswered", "over": 0}],
}
