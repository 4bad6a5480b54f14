"""The fields of policy files and cue files, and their JSON Schemas for editors. Owns no pack (`pack_shape`)."""

from __future__ import annotations

from typing import Any

from qa_service.rule_engine.calendars import CALENDAR
from qa_service.rule_engine.cues import CueKind
from qa_service.rule_engine.policy_scope import SCOPE
from qa_service.rule_engine.shape import Choice, Fields, Flag, ListOf, Named, Number, Reference, Text, Whole
from qa_service.rule_engine.values.compare import Entitlement
from qa_service.rule_engine.values.quantity import Unit

VALUED = ("value", "unit", "direction")
"""What a policy has that is a value; one that is a permission has `allowed`."""

_DATE = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_DIALECT = "https://json-schema.org/draft/2020-12/schema"

POLICY = Fields(
    required={"key": Text(), "title": Text(), "source": Text()},
    optional={
        "value": Number(minimum=0),
        "unit": Choice(Unit),
        "direction": Choice(Entitlement),
        "allowed": Flag(),
        "from": Text(pattern=_DATE),
        "until": Text(pattern=_DATE),
        "when": SCOPE,
    },
)
"""One policy."""

POLICY_FILE = Fields(
    required={"version": Whole(minimum=1), "policies": ListOf(Reference("policy"))},
    optional={"calendars": Named(CALENDAR)},
)
"""`rules/policies/*.yaml`."""

_CUE_WORDS = ListOf(Text())
CUE_FILE = Fields(required={"cues": Named(_CUE_WORDS)})
"""`rules/<language>/cues.yaml`."""


def policy_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a policy file; the loader refuses what it refuses, and more."""
    forms = [{"required": list(VALUED)}, {"required": ["allowed"]}]
    return {
        "$schema": _DIALECT,
        "title": "Policies",
        "description": "rules/policies/*.yaml: what the shop may promise (docs/rules.md)",
        **POLICY_FILE.schema(),
        "$defs": {"policy": {**POLICY.schema(), "oneOf": forms}},
    }


def cue_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a cue file; editors complete the groups that the guard reads, others are the writer's."""
    schema = CUE_FILE.schema()
    schema["properties"]["cues"]["properties"] = {str(kind): _CUE_WORDS.schema() for kind in CueKind}
    return {
        "$schema": _DIALECT,
        "title": "Cues",
        "description": "rules/<language>/cues.yaml: words that say how a sentence is meant (docs/rules.md)",
        **schema,
    }
