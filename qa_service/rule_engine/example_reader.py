"""Reads the examples of a rule. Owns no running of them (`examples`)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from qa_service.domain.mood import Emotion
from qa_service.rule_engine.rule import Example
from qa_service.rule_engine.yaml_field import Field

FEWEST_EXAMPLES = 2
EXAMPLE_LINE = re.compile(r"(customer|agent|bot|system)(?:\[([^\]]+)\])?: ?(.*)", re.DOTALL)
_OPTIONAL = (
    "policy", "mood", "mood_shift", "suspicion", "seconds", "channel", "shop", "attributes", "span", "language",
)  # fmt: skip


def read_examples(field: Field) -> tuple[Example, ...]:
    """`examples: {match: […], no_match: […]}`, at least two of each."""
    fields = field.fields(required=("match", "no_match"))
    found: list[Example] = []
    for name, expects_hit in (("match", True), ("no_match", False)):
        items = fields[name].items()
        if len(items) < FEWEST_EXAMPLES:
            raise fields[name].error(f"needs at least {FEWEST_EXAMPLES} examples")
        found.extend(_read_example(item, expects_hit=expects_hit) for item in items)
    return tuple(found)


def _read_example(field: Field, *, expects_hit: bool) -> Example:
    if not field.is_mapping:
        return Example(turns=(f"agent: {field.text()}",), expects_hit=expects_hit, place=field.origin)
    fields = field.fields(required=("turns",), optional=_OPTIONAL)
    turns = tuple(_read_line(item) for item in fields["turns"].items())
    seconds = tuple(item.number(minimum=0) for item in fields["seconds"].items()) if "seconds" in fields else ()
    if seconds and len(seconds) != len(turns):
        raise fields["seconds"].error(f"needs {len(turns)} values, one a turn")
    if "span" in fields and not expects_hit:
        raise fields["span"].error("only a match example has a span")
    return Example(
        turns=turns,
        expects_hit=expects_hit,
        place=field.origin,
        seconds=seconds,
        mood_shift=fields["mood_shift"].number(minimum=-2, maximum=2) if "mood_shift" in fields else None,
        policy={key: value.exact() for key, value in fields["policy"].entries().items()} if "policy" in fields else {},
        moods=_by_turn(fields, "mood", len(turns), lambda item: item.choice(Emotion)),
        suspicions=_by_turn(fields, "suspicion", len(turns), _read_suspicions),
        attributes={key: value.text() for key, value in fields["attributes"].entries().items()}
        if "attributes" in fields
        else {},
        **{name: fields[name].text() for name in ("channel", "shop", "span", "language") if name in fields},
    )


def _read_line(field: Field) -> str:
    line = field.text()
    if not EXAMPLE_LINE.fullmatch(line):
        raise field.error("must begin with customer:, agent:, bot: or system:")
    return line


def _read_suspicions(field: Field) -> Mapping[str, float]:
    return {key: value.number(minimum=0, maximum=1) for key, value in field.entries().items()}


def _by_turn(fields: dict[str, Field], name: str, turns: int, read: Any) -> dict[int, Any]:
    if name not in fields:
        return {}
    found = {}
    for key, value in fields[name].entries().items():
        if not key.isdecimal() or not 1 <= int(key) <= turns:
            raise value.error(f"{key} is no turn number (1 to {turns})")
        found[int(key)] = read(value)
    return found
