"""Which patterns may match a text, by the literals that each needs. Owns no matching (`lexicon`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import daachorse

from qa_service.rule_engine.required_literals import required_literals


@dataclass(frozen=True, slots=True)
class _Needing:
    """A pattern that one literal may set off, and the factor of which it needs a literal too, the further ones after it."""

    pattern_id: int
    other: frozenset[int]
    further: tuple[frozenset[int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prefilter:
    """One automaton over the literals of all patterns. What it lets through still has to be matched."""

    literals: Any
    enough: Mapping[int, tuple[int, ...]]
    """Literal → the patterns that need nothing else."""
    needing: Mapping[int, tuple[_Needing, ...]]
    always: frozenset[int]

    @classmethod
    def build(cls, sources: Mapping[int, str]) -> Prefilter:
        """From folded patterns by their ids."""
        ids: dict[str, int] = {}
        enough: dict[int, list[int]] = {}
        needing: dict[int, list[_Needing]] = {}
        always = []
        for pattern_id, source in sources.items():
            ways = required_literals(source)
            if not ways:
                always.append(pattern_id)
            for way in ways:
                first, *others = (
                    frozenset(ids.setdefault(literal, len(ids)) for literal in sorted(factor)) for factor in way
                )
                for literal in first:
                    if others:
                        needing.setdefault(literal, []).append(_Needing(pattern_id, others[0], tuple(others[1:])))
                    else:
                        enough.setdefault(literal, []).append(pattern_id)
        return cls(
            literals=daachorse.CharwiseDoubleArrayAhoCorasick(list(ids)) if ids else None,
            enough={literal: tuple(found) for literal, found in enough.items()},
            needing={literal: tuple(found) for literal, found in needing.items()},
            always=frozenset(always),
        )

    def possible(self, text: str) -> frozenset[int]:
        """The patterns that may match a folded text: all that do, and few others."""
        if self.literals is None:
            return self.always
        there = {literal for _, _, literal in self.literals.find_overlapping(text)}
        found = set(self.always)
        for literal in there & self.enough.keys():
            found.update(self.enough[literal])
        for literal in there & self.needing.keys():
            for entry in self.needing[literal]:
                # Most fail here: no call of a function that looks at all factors.
                if there.isdisjoint(entry.other):
                    continue
                if all(not there.isdisjoint(factor) for factor in entry.further):
                    found.add(entry.pattern_id)
        return frozenset(found)
