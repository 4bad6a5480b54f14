"""What of a rule decides what it matches, as one digest. Owns no meaning of these fields."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import yaml

from qa_service.rule_engine.yaml_field import Field

_MATCHING = (
    "match", "when", "conditions", "exceptions", "guard", "evasion", "speakers", "languages", "unit", "requires",
    "forbidden_by",
)  # fmt: skip


def body_digest(fields: Mapping[str, Field]) -> str:
    """The sha256 of these fields as data: comments, quotes and the order of keys make no difference.

    Word groups and lists that several rules share are not looked into.
    """
    body = {name: _plain(fields[name].node) for name in _MATCHING if name in fields}
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


def _plain(node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        return {str(key.value): _plain(value) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item) for item in node.value]
    return node.value
