"""A pattern of users, compiled with RE2. Owns neither where it is sought (`prefilter`) nor what a hit does."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import re2

from qa_service.normalise import cased_view, folded_view
from qa_service.rule_engine.yaml_field import Field

# Room for the automaton of a pattern; RE2 stays linear within it.
_PATTERN_MEMORY_BYTES = 64 << 20
# An escape, a class, or one character.
_PIECES = re.compile(r"\\.|\[\^?\]?(?:\\.|\[:\^?\w+:\]|[^\]\\])*\]|.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled RE2 pattern and, for the prefilter, its source."""

    source: str
    regex: Any = field(compare=False, hash=False)


def pattern_trigger(pattern_id: int) -> int:
    """The trigger that stands for a pattern; a term's is its id, 0 and up."""
    return -1 - pattern_id


def read_pattern(field: Field, source: str) -> Pattern:
    """The pattern that a field of a pack stands for; raises SourceError where it is none."""
    try:
        pattern = compile_pattern(source)
    except re2.error as error:
        reason = error.args[0].decode() if isinstance(error.args[0], bytes) else str(error)
        raise field.error(f"is no RE2 pattern: {reason}") from error
    if pattern.regex.search(""):
        raise field.error("matches nothing at all; make it ask for at least one character")
    return pattern


def compile_pattern(source: str) -> Pattern:
    """Compile with RE2, folded as texts are; raises re2.error where the syntax is not RE2's."""
    folded = _fold_pattern(source)
    return Pattern(folded, re2.compile(folded, _pattern_options()))


def _fold_pattern(source: str) -> str:
    """What is not ASCII as folded texts show it: ， is a comma there, 妳 is 你; ASCII marks that it folds to are escaped."""
    return "".join(_fold_piece(piece) for piece in _PIECES.findall(source))


def _fold_piece(piece: str) -> str:
    if piece.isascii():
        return piece
    is_class = piece.startswith("[")
    return "".join(char if char.isascii() else _fold_pattern_char(char, is_class) for char in piece)


@lru_cache(maxsize=8192)
def _fold_pattern_char(char: str, is_in_class: bool) -> str:
    """One that folds to several, such as …, is a group, so that a repeat behind it takes all; a class has any of them."""
    # By itself a space would fold to nothing, as at the ends of texts.
    folded = " " if char.isspace() else folded_view(cased_view(char)).text or char
    escaped = "".join("\\" + mark if mark.isascii() and not mark.isalnum() else mark for mark in folded)
    return escaped if is_in_class or len(folded) == 1 else f"(?:{escaped})"


@lru_cache(maxsize=1)
def _pattern_options() -> Any:
    options = re2.Options()
    options.max_mem = _PATTERN_MEMORY_BYTES
    options.log_errors = False
    options.case_sensitive = False
    # Nobody reads the groups, and without them RE2 needs no second, slower engine to place them.
    options.never_capture = True
    return options
