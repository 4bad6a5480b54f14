"""Users' own word lists: TXT (a phrase a line) and CSV. Owns their syntax, not what rules do with the phrases."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from qa_service.domain.finding import RuleStatus, Severity
from qa_service.errors import ErrorCode
from qa_service.rule_engine.term import Term, read_term
from qa_service.rule_engine.yaml_field import Field, SourceError

ALLOW = "allow"
"""The status of a phrase that takes hits back instead of giving them."""

Value = TypeVar("Value")

_SUFFIXES = (".txt", ".csv")
_LONGEST_PHRASE = 200
_COLUMNS = {
    "phrase": ("phrase", "word", "keyword", "词", "词语", "短语", "敏感词", "关键词", "违禁词", "禁用词"),
    "category": ("category", "类别", "分类", "类型"),
    "severity": ("severity", "level", "严重程度", "等级", "级别"),
    "points": ("points", "score", "分值", "扣分"),
    "whole_word": ("whole_word", "整词", "全词匹配"),
    "status": ("status", "状态"),
    "note": ("note", "comment", "备注", "说明"),
}
_NAMES = {alias: name for name, aliases in _COLUMNS.items() for alias in aliases}
_SEVERITIES = {
    **{str(severity): severity for severity in Severity},
    **{"提示": Severity.INFO, "轻微": Severity.MINOR, "一般": Severity.MINOR},
    **{"严重": Severity.MAJOR, "重大": Severity.MAJOR, "致命": Severity.CRITICAL, "红线": Severity.CRITICAL},
}
_STATUSES = {
    **{str(status): str(status) for status in RuleStatus},
    **{"试运行": "shadow", "提示": "advisory", "参考": "advisory", "计分": "scored", "自动确认": "auto_confirmed"},
    **{ALLOW: ALLOW, "白名单": ALLOW, "允许": ALLOW},
}
_TRUTHS = {"true": True, "yes": True, "1": True, "是": True, "false": False, "no": False, "0": False, "否": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """One entry of a list. What a column leaves empty is None: the rule that reads the list decides.

    `whole_word`: False lets Latin words stand inside longer ones; a `*` at an edge does so for that edge.
    """

    text: str
    term: Term
    line: int
    category: str | None = None
    severity: Severity | None = None
    points: float | None = None
    status: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PhraseListReading:
    """The phrases of a file in order, each word once, and what is wrong with the file."""

    phrases: tuple[Phrase, ...]
    errors: tuple[SourceError, ...]
    repeated: tuple[SourceError, ...]


def read_phrase_list(path: Path, *, label: str) -> PhraseListReading:
    """Read a list; errors name file and line. A phrase that is there already is in `repeated`, not in `phrases`.

    Raises:
        SourceError: the file cannot be read at all, or its first line is no header.
    """
    if path.suffix.lower() not in _SUFFIXES:
        raise _error("must be a .txt or .csv file", label, 1)
    text = _decoded(path, label)
    rows = _csv_rows(text, label) if path.suffix.lower() == ".csv" else _txt_rows(text)
    phrases: dict[Term, Phrase] = {}
    errors: list[SourceError] = []
    repeated: list[SourceError] = []
    for line, row in rows:
        try:
            phrase = _phrase(row, line, label)
        except SourceError as error:
            errors.append(error)
            continue
        known = phrases.setdefault(phrase.term, phrase)
        if known is not phrase:
            repeated.append(_error(f"the phrase is given in line {known.line} already", label, line))
    if not phrases and not errors:
        errors.append(_error("holds no phrase", label, 1))
    return PhraseListReading(phrases=tuple(phrases.values()), errors=tuple(errors), repeated=tuple(repeated))


def _decoded(path: Path, label: str) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise _error(f"cannot be read ({type(error).__name__})", label, 1) from error
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise _error("is neither UTF-8 nor GB18030", label, 1)


def _txt_rows(text: str) -> Iterator[tuple[int, Mapping[str, str]]]:
    for line, raw in enumerate(text.split("\n"), start=1):
        phrase = raw.strip()
        if phrase and not phrase.startswith("#"):
            yield line, {"phrase": phrase}


def _csv_rows(text: str, label: str) -> Iterator[tuple[int, Mapping[str, str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = next(reader, [])
        names = [_NAMES.get(cell.strip().lower(), "") for cell in header]
        _check_header(header, names, label)
        line = reader.line_num + 1
        for cells in reader:
            if any(cell.strip() for cell in cells) and not _is_comment(cells):
                if len(cells) > len(names):
                    raise _error(f"has {len(cells)} cells under {len(names)} headings", label, line)
                yield line, {name: cell.strip() for name, cell in zip(names, cells, strict=False)}
            line = reader.line_num + 1
    except csv.Error as error:
        raise _error(f"is no CSV: {error}", label, reader.line_num) from error


def _is_comment(cells: list[str]) -> bool:
    """With a blank behind the sign: #微信 and `#1 choice` are phrases, and a table has a column for notes."""
    return cells[0].startswith("# ") or cells[0] == "#"


def _check_header(header: list[str], names: list[str], label: str) -> None:
    if "phrase" not in names:
        raise _error(f"needs a heading for the phrases, one of: {', '.join(_COLUMNS['phrase'])}", label, 1)
    for cell, name in zip(header, names, strict=True):
        if not name:
            raise _error(f"column {cell!r} is unknown; known are: {', '.join(_COLUMNS)}", label, 1)
        if names.count(name) > 1:
            raise _error(f"there are two columns for {name}", label, 1)


def _phrase(row: Mapping[str, str], line: int, label: str) -> Phrase:
    text = row.get("phrase", "")
    if not text or len(text) > _LONGEST_PHRASE:
        raise _error(f"phrase: must have 1 to {_LONGEST_PHRASE} characters", label, line)
    is_whole = _chosen(row, "whole_word", _TRUTHS, line, label)
    term = read_term(text if is_whole is not False else f"*{text.strip('*')}*")
    if term is None:
        raise _error("phrase: holds nothing that can be matched", label, line)
    return Phrase(
        text=text,
        term=term,
        line=line,
        category=row.get("category") or None,
        severity=_chosen(row, "severity", _SEVERITIES, line, label),
        points=_points(row, line, label),
        status=_chosen(row, "status", _STATUSES, line, label),
        note=row.get("note") or None,
    )


def _chosen(row: Mapping[str, str], name: str, known: Mapping[str, Value], line: int, label: str) -> Value | None:
    written = row.get(name, "")
    if not written:
        return None
    if written.lower() not in known:
        raise _error(f"{name}: must be one of: {', '.join(known)}", label, line)
    return known[written.lower()]


def _points(row: Mapping[str, str], line: int, label: str) -> float | None:
    written = row.get("points", "")
    if not written:
        return None
    try:
        points = abs(float(written))
    except ValueError:
        raise _error("points: must be a number", label, line) from None
    if not points <= 100:  # also refuses nan
        raise _error("points: must be at most 100", label, line)
    return points


def _error(detail: str, label: str, line: int) -> SourceError:
    return SourceError(detail, code=ErrorCode.INVALID_PACK, file=label, line=line)


class PhraseLists:
    """The lists of a rules folder (`lists/`), each read once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[str, PhraseListReading] = {}

    def get(self, field: Field) -> PhraseListReading:
        """The list whose file name `field` gives; the first thing that is wrong with it is raised."""
        name = field.text()
        if Path(name).name != name or not (self._folder / name).is_file():
            raise field.error(f"there is no list {name} in {self._folder.name}/")
        if name not in self._read:
            self._read[name] = read_phrase_list(self._folder / name, label=f"{self._folder.name}/{name}")
        for error in (*self._read[name].errors, *self._read[name].repeated):
            raise error
        return self._read[name]


def check_columns(phrases: Iterable[Phrase], category: str, severity: Severity, status: str, *, label: str) -> None:
    """A rule gives all its phrases one category, severity and status: refuse rows that ask for another.

    Raises:
        SourceError: at the first such row, or one with points, which rules have.
    """
    for phrase in phrases:
        for name, asked, given in (
            ("category", phrase.category, category),
            ("severity", phrase.severity, severity),
            ("status", phrase.status, status),
        ):
            if asked is not None and asked != given:
                hint = "`qa-service rules import-list` makes one rule of each kind"
                raise _error(f"{name}: is {asked}, and the rule that reads it has {given}; {hint}", label, phrase.line)
        if phrase.points is not None:
            raise _error("points: give them to the rule, and leave the column out here", label, phrase.line)
