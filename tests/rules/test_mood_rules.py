"""Nobody pays for a customer's mood: the bundled rules that look at it only show."""

from __future__ import annotations

import json
from pathlib import Path

import yaml

RULES = Path(__file__).parents[2] / "rules"
MOODS = ('"mood"', '"mood_shift"', '"mood_start"', '"mood_end"', '"mood_lowest"', '"negative_share"', '"satisfaction"')


def test_bundled_rules_that_look_at_the_mood_move_no_score():
    rules = [
        rule
        for path in sorted(RULES.glob("*/*.yaml"))
        for rule in (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).get("rules", ())
    ]
    looking = [rule for rule in rules if any(name in json.dumps(rule.get("match", "")) for name in MOODS)]

    assert looking
    assert {rule["status"] for rule in looking} <= {"shadow", "advisory"}
