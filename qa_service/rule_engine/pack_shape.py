"""The fields of packs and rules around their match trees, and the JSON Schema of a whole pack. Owns no operator (`nodes`)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from qa_service.domain.conversation import Role
from qa_service.domain.finding import RuleStatus, Severity
from qa_service.domain.mood import Emotion
from qa_service.rule_engine.blocks import Unit
from qa_service.rule_engine.evasion.view import View
from qa_service.rule_engine.guard import SpeechAct
from qa_service.rule_engine.nodes.registry import CHECKS, NODES
from qa_service.rule_engine.nodes.shapes import SHAPES
from qa_service.rule_engine.shape import (
    WORDS,
    Choice,
    Either,
    Fields,
    Keyword,
    ListOf,
    Named,
    Number,
    OneOrMany,
    Reference,
    Text,
    Whole,
    exactly_one,
    having,
    some_of,
    where,
)

_EXAMPLE = Either(
    mapping=Fields(
        required={"turns": ListOf(Text(pattern=r"^(customer|agent|bot|system)(\[[^\]]+\])?:"))},
        optional={
            "policy": Named(Number()),
            "mood": Named(Choice(Emotion)),
            "mood_shift": Number(minimum=-2, maximum=2),
            "suspicion": Named(Named(Number(minimum=0, maximum=1))),
            "seconds": ListOf(Number(minimum=0)),
            "channel": Text(),
            "shop": Text(),
            "attributes": Named(Text()),
            "span": Text(),
            "language": Text(),
        },
    ),
    other=Text(),
)

_EVASION = Keyword(names=("all", "none"), other=ListOf(Choice(View)))
_DATE = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_RULE_ID = r"^[a-z0-9_]+(\.[a-z0-9_]+)+$"

RULE = Fields(
    required={
        "id": Text(pattern=_RULE_ID),
        "version": Whole(minimum=1),
        "title": Text(),
        "severity": Choice(Severity),
        "status": Choice(RuleStatus),
        "rationale": Text(),
        "reference": Text(),
    },
    optional={
        "examples": Fields(required={"match": ListOf(_EXAMPLE, 2), "no_match": ListOf(_EXAMPLE, 2)}),
        "match": Reference("root"),
        "when": Text(),
        "unit": Choice(Unit),
        "conditions": Named(Reference("root")),
        "requires": OneOrMany(Text(pattern=_RULE_ID)),
        "replaces": OneOrMany(Text(pattern=_RULE_ID)),
        "speakers": ListOf(Choice(Role)),
        "languages": ListOf(Text(pattern="^[a-z]{2}$")),
        "exceptions": Either(
            mapping=Fields(
                optional={"terms": WORDS, "regex": WORDS, "phrases_from": Text()},
                also=(some_of("terms", "regex", "phrases_from"),),
            ),
            other=WORDS,
        ),
        "guard": Keyword(names=("default", "none"), other=ListOf(Choice(SpeechAct))),
        "evasion": _EVASION,
        "precision_bar": Number(minimum=0, maximum=1),
        "doubt_below": Number(minimum=0, maximum=1),
        "points": Number(minimum=0, maximum=100),
        "dimension": Text(),
        "effective": Fields(
            optional={"from": Text(pattern=_DATE), "until": Text(pattern=_DATE)}, also=(some_of("from", "until"),)
        ),
        "forbidden_by": Text(),
        "false_positives": ListOf(Text()),
    },
    also=(
        exactly_one("match", "when"),
        where("status", [RuleStatus.SHADOW], {}, having("examples")),
    ),
)
"""One rule; `match` and `conditions` are read operator by operator."""

HEAD = Fields(
    required={
        "id": Text(),
        "version": Whole(minimum=1),
        "language": Text(pattern="^[a-z]{2}$"),
        "category": Text(pattern="^[a-z][a-z0-9_]*$"),
    },
    optional={"evasion": _EVASION, "doubt_below": Number(minimum=0, maximum=1)},
)
"""`pack:`."""


def pack_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a pack file, for editors; the loader refuses what it refuses, and more."""
    pack = Fields(required={"pack": HEAD, "rules": ListOf(Reference("rule"))}, optional={"terms": Named(WORDS)})
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Rule pack",
        "description": "rules/<language>/<category>.yaml; the language is described in docs/rules.md",
        **pack.schema(),
        "$defs": {
            "rule": RULE.schema(),
            "root": _root(),
            "node": _operators(NODES),
        },
    }


def _root() -> dict[str, Any]:
    """At the root `and`, `or`, `not` also join judgements of agents."""
    root = _operators((*NODES, *CHECKS))
    inner = Reference("root")
    root["properties"] |= {"and": ListOf(inner).schema(), "or": ListOf(inner).schema(), "not": inner.schema()}
    return root


def _operators(names: Iterable[str]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {name: SHAPES[name].schema() for name in names},
        "additionalProperties": False,
        "minProperties": 1,
        "maxProperties": 1,
    }
