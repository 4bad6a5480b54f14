"""`wildcard`: phrases with gaps. `*` is up to so many characters of one clause, `?` exactly one."""

from __future__ import annotations

import re

from qa_service.rule_engine.abbreviations import ABBREVIATED
from qa_service.rule_engine.nodes.base import Node, Reader
from qa_service.rule_engine.nodes.logic import Or
from qa_service.rule_engine.nodes.regex import Regex
from qa_service.rule_engine.yaml_field import Field

_DEFAULT_CHARS = 10
MOST_CHARS = 50
_FEWEST_LITERALS = 2
_PARTS = re.compile(r"\s*\*+\s*|[?？]|\s+|[^*?？\s]+")
# A mark before a digit stands inside a number or a time and ends no clause, nor does the dot of an abbreviation.
_ONE_IN_CLAUSE = r"(?:[^,.!?;:~…。\n]|[.,:][0-9])"
_IN_CLAUSE = rf"(?:{_ONE_IN_CLAUSE}|{ABBREVIATED})"


def pattern_of(phrase: str, chars: int) -> str:
    """The RE2 pattern of a phrase; Latin words end where the text's words end, unless a `*` stands right there."""
    parts = _PARTS.findall(phrase.strip())
    pieces = []
    for at, part in enumerate(parts):
        if "*" in part:
            pieces.append("" if at in (0, len(parts) - 1) else f"{_IN_CLAUSE}{{0,{chars}}}?")
        elif part in "?？":
            pieces.append(_ONE_IN_CLAUSE)
        elif part.isspace():
            pieces.append(r"\s+")
        else:
            before = parts[at - 1] if at else " "
            behind = parts[at + 1] if at + 1 < len(parts) else " "
            left = r"\b" if _is_edge(part[0], before[-1]) else ""
            right = r"\b" if _is_edge(part[-1], behind[0]) else ""
            pieces.append(left + _escaped(part) + right)
    return "".join(pieces)


def _is_edge(char: str, beside: str) -> bool:
    return char.isascii() and char.isalnum() and beside.isspace()


def _escaped(word: str) -> str:
    """Only ASCII is escaped: what else there is, is folded as texts are."""
    return "".join(re.escape(char) if char.isascii() else char for char in word)


def read_wildcard(field: Field, reader: Reader) -> Node:
    """`wildcard: ['加*号', 'refund * days']` or `{of: […], chars: 10}`."""
    fields = field.fields(required=("of",), optional=("chars",)) if field.is_mapping else {"of": field}
    chars = fields["chars"].integer(minimum=1) if "chars" in fields else _DEFAULT_CHARS
    if chars > MOST_CHARS:
        raise fields["chars"].error(f"must be at most {MOST_CHARS}")
    return Or(nodes=tuple(_read_phrase(item, reader, chars) for item in fields["of"].one_or_many()))


def _read_phrase(field: Field, reader: Reader, chars: int) -> Node:
    phrase = field.text()
    if sum(char.isalnum() for char in phrase) < _FEWEST_LITERALS:
        raise field.error("needs at least two letters or characters beside * and ?")
    return Regex(pattern_id=reader.compiled(field, pattern_of(phrase, chars)), unless_id=None)
