"""Writes imported rules as a pack that the loader accepts. Owns no format of other engines."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from qa_service.domain.finding import RuleStatus, Severity
from qa_service.errors import ErrorCode, InvalidInput
from qa_service.rule_engine.importing.alibaba import read_alibaba
from qa_service.rule_engine.importing.aws import read_aws
from qa_service.rule_engine.importing.baidu import read_baidu
from qa_service.rule_engine.importing.source import Draft, Source
from qa_service.rule_engine.importing.tree import Lost, asked
from qa_service.rule_engine.pack_loader import read_folder
from qa_service.rule_engine.yaml_field import SourceError

_SCHEMA = "# yaml-language-server: $schema=../schema.json\n"
_INDEX = re.compile(r"rules\[(\d+)\]")


class Format(StrEnum):
    """Whose rules are read."""

    ALIBABA = "alibaba"
    AWS = "aws"
    BAIDU = "baidu"


_READERS: Mapping[Format, Callable[[str], Source]] = {
    Format.ALIBABA: read_alibaba,
    Format.AWS: read_aws,
    Format.BAIDU: read_baidu,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportDefaults:
    """What the source does not say. `name` begins the rules' ids; `status` scored needs examples, so it is not offered."""

    name: str
    language: str
    category: str
    severity: Severity = Severity.MINOR


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedPack:
    """The pack's YAML (None where no rule could be carried over), its rules, what was lost, what to look at."""

    text: str | None
    rules: tuple[str, ...]
    lost: tuple[Lost, ...]
    notes: tuple[Lost, ...]


@dataclass(slots=True)
class _Rules:
    """Rules as the pack will have them, with the place of each in the source."""

    written: list[dict[str, Any]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)


def import_rules(kind: Format, content: str, defaults: ImportDefaults) -> ImportedPack:
    """Read rules of another engine.

    A rule of which a condition cannot be carried over is left out as a whole, so that none becomes wider unseen.

    Raises:
        InvalidInput: the file is no JSON, or not of that format.
    """
    try:
        source = _READERS[kind](content)
    except Lost as error:
        raise InvalidInput(str(error), code=ErrorCode.INVALID_FIELD, field=error.path) from error
    rules, lost = _Rules(), list(source.lost)
    for draft in source.drafts:
        _write(draft, kind, defaults, rules)
    lost += _refused(rules, defaults)
    text = _text(rules.written, defaults) if rules.written else None
    ids = tuple(str(rule["id"]) for rule in rules.written)
    return ImportedPack(text=text, rules=ids, lost=tuple(lost), notes=tuple(source.notes))


def _write(draft: Draft, kind: Format, defaults: ImportDefaults, rules: _Rules) -> None:
    alternatives = asked(draft.tree)
    for alternative in alternatives:
        suffix = f".{alternative.speakers[0]}" if len(alternatives) > 1 else ""
        rule: dict[str, Any] = {
            "id": f"{defaults.name}.{draft.key}{suffix}",
            "version": 1,
            "title": draft.title,
            "severity": str(draft.severity or defaults.severity),
            "status": str(RuleStatus.SHADOW),
            "speakers": list(alternative.speakers),
            "match": alternative.match,
            "guard": "none",
            "evasion": "none",
            "rationale": f"imported: {draft.title}",
            "reference": f"{kind} {draft.path}",
        }
        extra: dict[str, Any] = dict(draft.fields)
        if "requires" in extra:
            extra["requires"] = [f"{defaults.name}.{key}" for key in extra["requires"]]
        rules.written.append({**rule, **extra})
        rules.paths.append(draft.path)


def _refused(rules: _Rules, defaults: ImportDefaults) -> list[Lost]:
    """Take out what the loader refuses (a look-ahead in a regex, a range that there is not), until it takes the rest."""
    lost: list[Lost] = []
    while rules.written:
        refused = _first_refused(rules.written, defaults)
        if refused is None:
            break
        at, reason = refused
        rules.written.pop(at)
        lost.append(Lost(rules.paths.pop(at), reason))
    return lost


def _first_refused(written: Sequence[dict[str, Any]], defaults: ImportDefaults) -> tuple[int, str] | None:
    with TemporaryDirectory() as name:
        path = Path(name) / defaults.language / "imported.yaml"
        path.parent.mkdir()
        path.write_text(_text(written, defaults), encoding="utf-8")
        for error in read_folder(Path(name)).errors:
            place = _INDEX.match(error.field or "") if isinstance(error, SourceError) else None
            if place is None or not isinstance(error, SourceError):
                raise InvalidInput(error.message, code=ErrorCode.INVALID_FIELD, field=error.field)
            return int(place[1]), error.detail
    return None


def _text(rules: Sequence[dict[str, Any]], defaults: ImportDefaults) -> str:
    head = {"id": f"{defaults.language}.{defaults.name}", "version": 1, "language": defaults.language}
    pack = {"pack": {**head, "category": defaults.category}, "rules": list(rules)}
    # A shared condition is written out at each place: rules are read and changed one by one.
    dumper = type("_Plain", (yaml.SafeDumper,), {"ignore_aliases": lambda *_: True})
    return _SCHEMA + str(yaml.dump(pack, Dumper=dumper, allow_unicode=True, sort_keys=False, width=120))
