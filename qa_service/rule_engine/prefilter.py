"""Which patterns may match a text, by the literals that each needs. Owns no matching (`lexicon`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import daachorse

from qa_service.rule_engine.required_literals import required_literals


@dataclass(frozen=True, slots=True)
class _Needing:
    """A pattern that one literal may set off, and the other factors of which it needs a literal too."""

    pattern_id: int
    others: tuple[frozenset[int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prefilter:
    """One automaton over the literals of all patterns. What it lets through still has to be matched."""

    literals: Any
    by_literal: tuple[tuple[_Needing, ...], ...]
    always: frozenset[int]

    @classmethod
    def build(cls, sources: Sequence[str]) -> Prefilter:
        """From folded patterns, in order of their ids."""
        ids: dict[str, int] = {}
        needing: dict[int, list[_Needing]] = {}
        always = []
        for pattern_id, source in enumerate(sources):
            ways = required_literals(source)
            if not ways:
                always.append(pattern_id)
            for way in ways:
                first, *others = (
                    frozenset(ids.setdefault(literal, len(ids)) for literal in sorted(factor)) for factor in way
                )
                for literal in first:
                    needing.setdefault(literal, []).append(_Needing(pattern_id, tuple(others)))
        return cls(
            literals=daachorse.CharwiseDoubleArrayAhoCorasick(list(ids)) if ids else None,
            by_literal=tuple(tuple(needing.get(literal, ())) for literal in range(len(ids))),
            always=frozenset(always),
        )

    def possible(self, text: str) -> frozenset[int]:
        """The patterns that may match a folded text: all that do, and few others."""
        if self.literals is None:
            return self.always
        there = {literal for _, _, literal in self.literals.find_overlapping(text)}
        found = set(self.always)
        for literal in there:
            for entry in self.by_literal[literal]:
                if all(not there.isdisjoint(factor) for factor in entry.others):
                    found.add(entry.pattern_id)
        return frozenset(found)
