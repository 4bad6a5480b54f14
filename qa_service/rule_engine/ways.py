"""Which of many conditions may hold, told from the numbers that are there. Owns no meaning of the numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set

Way = tuple[frozenset[int], ...]
"""One number of each of these sets must be there, the most telling set first."""


class WayIndex:
    """Conditions by the numbers of the first set of each of their ways; what is not reached so is not looked at."""

    def __init__(self, ways_of: Mapping[int, Iterable[Way]]) -> None:
        enough: dict[int, list[int]] = {}
        needing: dict[int, list[tuple[int, frozenset[int], Sequence[frozenset[int]]]]] = {}
        for condition, ways in ways_of.items():
            for first, *others in ways:
                for number in first:
                    if others:
                        needing.setdefault(number, []).append((condition, others[0], others[1:]))
                    else:
                        enough.setdefault(number, []).append(condition)
        self._enough = {number: tuple(found) for number, found in enough.items()}
        self._needing = {number: tuple(found) for number, found in needing.items()}

    def met(self, there: Set[int]) -> set[int]:
        """The conditions of which a way has a number of each of its sets there."""
        found: set[int] = set()
        for number in self._enough.keys() & there:
            found.update(self._enough[number])
        for number in self._needing.keys() & there:
            for condition, other, further in self._needing[number]:
                # Most fail here: no call of a function that looks at all sets.
                if there.isdisjoint(other) or condition in found:
                    continue
                if not further or not any(there.isdisjoint(numbers) for numbers in further):
                    found.add(condition)
        return found
