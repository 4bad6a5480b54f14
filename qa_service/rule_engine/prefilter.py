"""Which patterns may match a text, by the literals that each needs. Owns no matching (`lexicon`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import daachorse

from qa_service.rule_engine.required_literals import required_literals
from qa_service.rule_engine.ways import WayIndex


@dataclass(frozen=True, slots=True, kw_only=True)
class Prefilter:
    """One automaton over the literals of all patterns. What it lets through still has to be matched."""

    literals: Any
    ways: WayIndex
    always: frozenset[int]

    @classmethod
    def build(cls, sources: Mapping[int, str]) -> Prefilter:
        """From folded patterns by their ids."""
        ids: dict[str, int] = {}
        ways = {pattern_id: required_literals(source) for pattern_id, source in sources.items()}
        numbered = {
            pattern_id: [
                tuple(frozenset(ids.setdefault(literal, len(ids)) for literal in sorted(factor)) for factor in way)
                for way in found
            ]
            for pattern_id, found in ways.items()
        }
        return cls(
            literals=daachorse.CharwiseDoubleArrayAhoCorasick(list(ids)) if ids else None,
            ways=WayIndex(numbered),
            always=frozenset(pattern_id for pattern_id, found in ways.items() if not found),
        )

    def possible(self, text: str) -> frozenset[int]:
        """The patterns that may match a folded text: all that do, and few others."""
        if self.literals is None:
            return self.always
        there = {literal for _, _, literal in self.literals.find_overlapping(text)}
        return self.always.union(self.ways.met(there))
