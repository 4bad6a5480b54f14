"""Turns a user's word list into a pack: one rule for each severity, status and points. Owns no reading (`phrase_list`)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from qa_service.domain.finding import RuleStatus, Severity
from qa_service.errors import ErrorCode, InvalidInput
from qa_service.rule_engine.phrase_list import ALLOW, Phrase, PhraseListReading, read_phrase_list
from qa_service.rule_engine.yaml_field import SourceError

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_SCHEMA = "# yaml-language-server: $schema=../schema.json\n"
_SHORTEST_HAN = 2
_MOST_ERRORS = 20
_OTHERWISE = ("您好，请问有什么可以帮您", "好的，已经为您登记了")


@dataclass(frozen=True, slots=True, kw_only=True)
class ListDefaults:
    """What a phrase is where its row does not say: the rules' name, language, category, severity and status."""

    name: str
    language: str
    category: str
    severity: Severity
    status: RuleStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedList:
    """What was written (paths within the rules folder → content) and what the user should look at."""

    files: dict[str, str]
    phrases: int
    rules: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, order=True)
class _Kind:
    """What the phrases of one rule share."""

    category: str
    severity: Severity
    status: str
    points: float


def import_list(path: Path, defaults: ListDefaults, allow: Path | None = None) -> ImportedList:
    """Make the packs and lists of a word list.

    Args:
        path: TXT or CSV; rows of status `allow` are exceptions of all the others.
        defaults: for what rows leave out.
        allow: one more list whose phrases win over shorter ones.

    Raises:
        SourceError: with file and line of each wrong row, up to 20.
        InvalidInput: a name that cannot be part of rule ids.
    """
    if not _NAME.fullmatch(defaults.name):
        given = f"{defaults.name!r} is no name" if defaults.name else "the file's name gives none"
        problem = f"{given}; give one of lower-case letters, digits and _, since it becomes part of rule ids"
        raise InvalidInput(problem, code=ErrorCode.INVALID_FIELD, field="--name")
    reading = _read(path)
    allowed = [phrase for phrase in reading.phrases if phrase.status == ALLOW]
    allowed += _read(allow).phrases if allow is not None else ()
    kinds: dict[_Kind, list[Phrase]] = {}
    for phrase in reading.phrases:
        if phrase.status != ALLOW:
            kinds.setdefault(_kind(phrase, defaults), []).append(phrase)
    files: dict[str, str] = {}
    if allowed:
        files[f"lists/{defaults.name}_allow.csv"] = _csv(allowed)
    rules = {kind: f"list.{defaults.name}.{_suffix(kind)}" for kind in sorted(kinds)}
    for kind, rule_id in rules.items():
        files[f"lists/{_file_name(rule_id)}.csv"] = _csv(kinds[kind])
    for category in sorted({kind.category for kind in kinds}):
        own = [
            _rule(kind, rules[kind], kinds[kind], defaults, bool(allowed))
            for kind in rules
            if kind.category == category
        ]
        files[f"{defaults.language}/{category}_{defaults.name}.yaml"] = _pack(category, own, defaults)
    notes = (*_repeats(reading), *_short(reading.phrases, path), *_allowed_too(reading.phrases, allowed, path))
    return ImportedList(files=files, phrases=len(reading.phrases), rules=tuple(rules.values()), notes=notes)


def _read(path: Path) -> PhraseListReading:
    reading = read_phrase_list(path, label=path.name)
    if reading.errors:
        first, *more = reading.errors[:_MOST_ERRORS]
        detail = "\n".join((first.detail, *(str(error) for error in more)))
        raise SourceError(detail, code=first.code, file=first.file, line=first.line, field=first.field)
    return reading


def _kind(phrase: Phrase, defaults: ListDefaults) -> _Kind:
    return _Kind(
        phrase.category or defaults.category,
        phrase.severity or defaults.severity,
        phrase.status or str(defaults.status),
        -1.0 if phrase.points is None else phrase.points,
    )


def _suffix(kind: _Kind) -> str:
    points = "" if kind.points < 0 else f"_{kind.points:g}".replace(".", "_").replace("-", "m")
    return f"{kind.category}_{kind.severity}_{kind.status}{points}"


def _file_name(rule_id: str) -> str:
    return rule_id.removeprefix("list.").replace(".", "_")


def _csv(phrases: Sequence[Phrase]) -> str:
    rows = ["phrase,whole_word"]
    for phrase in phrases:
        quoted = phrase.text.replace('"', '""')
        is_open = phrase.term.is_open_left and phrase.term.is_open_right
        rows.append(f'"{quoted}",{"no" if is_open else "yes"}')
    return "\n".join(rows) + "\n"


def _rule(
    kind: _Kind, rule_id: str, phrases: Sequence[Phrase], defaults: ListDefaults, has_exceptions: bool
) -> dict[str, Any]:
    said = [phrase.text.strip("*") for phrase in phrases]
    rule: dict[str, Any] = {
        "id": rule_id,
        "version": 1,
        "title": f"{defaults.name} ({kind.severity})",
        "severity": str(kind.severity),
        "status": kind.status,
        "match": {"phrases_from": f"{_file_name(rule_id)}.csv"},
        "guard": ["quotation", "reported"],
    }
    if kind.points >= 0:
        rule["points"] = int(kind.points) if kind.points == int(kind.points) else kind.points
    if has_exceptions:
        rule["exceptions"] = {"phrases_from": f"{defaults.name}_allow.csv"}
    rule["rationale"] = f"own word list {defaults.name}"
    rule["reference"] = f"lists/{_file_name(rule_id)}.csv"
    rule["examples"] = {"match": [said[0], said[-1]], "no_match": list(_OTHERWISE)}
    return rule


def _pack(category: str, rules: Sequence[dict[str, Any]], defaults: ListDefaults) -> str:
    head = {"id": f"{defaults.language}.{category}_{defaults.name}", "version": 1, "language": defaults.language}
    pack = {"pack": {**head, "category": category}, "rules": list(rules)}
    return _SCHEMA + str(yaml.safe_dump(pack, allow_unicode=True, sort_keys=False, width=120))


def _repeats(reading: PhraseListReading) -> tuple[str, ...]:
    return tuple(f"{error.file}:{error.line}: left out, {error.detail}" for error in reading.repeated)


def _short(phrases: Sequence[Phrase], path: Path) -> tuple[str, ...]:
    """A single Chinese character stands in hundreds of harmless words (干, 垃)."""
    short = [phrase for phrase in phrases if len(phrase.term.text) < _SHORTEST_HAN and not phrase.term.text.isascii()]
    return tuple(f"{path.name}:{phrase.line}: a single character hits inside many harmless words" for phrase in short)


def _allowed_too(phrases: Sequence[Phrase], allowed: Sequence[Phrase], path: Path) -> tuple[str, ...]:
    """Of two phrases of one length the exception wins, so that one is never found."""
    held_back = {phrase.term.text for phrase in allowed}
    dead = [phrase for phrase in phrases if phrase.status != ALLOW and phrase.term.text in held_back]
    return tuple(f"{path.name}:{phrase.line}: {phrase.text!r} is allowed, too, so it is never found" for phrase in dead)
