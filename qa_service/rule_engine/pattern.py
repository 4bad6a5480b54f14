"""A pattern of users, compiled with RE2. Owns neither where it is sought (`prefilter`) nor what a hit does."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import re2

from qa_service.normalise import cased_view, folded_view
from qa_service.rule_engine.yaml_field import Field

# Room for the automaton of a pattern; RE2 stays linear within it.
_PATTERN_MEMORY_BYTES = 64 << 20


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
    return "".join(char if char.isascii() else _fold_pattern_char(char) for char in source)


@lru_cache(maxsize=8192)
def _fold_pattern_char(char: str) -> str:
    folded = folded_view(cased_view(char)).text or char
    return "".join("\\" + mark if mark.isascii() and not mark.isalnum() else mark for mark in folded)


@lru_cache(maxsize=1)
def _pattern_options() -> Any:
    options = re2.Options()
    options.max_mem = _PATTERN_MEMORY_BYTES
    options.log_errors = False
    options.case_sensitive = False
    # Nobody reads the groups, and without them RE2 needs no second, slower engine to place them.
    options.never_capture = True
    return options
