"""Notices that packs or policies on disk were changed, by a look at names, sizes and times. Reads no file."""

from __future__ import annotations

import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path

LOOK_EVERY_SECONDS = 2.0
"""A look takes a fraction of a millisecond; a batch or a request between two looks costs nothing."""

_State = tuple[tuple[str, int, int], ...]


class RulesFolder:
    """Remembers the files of some folders (or single files) as they were when their packs were read last.

    A change counts once the files rest: half of a copied folder is no new pack. Not safe to share between threads.
    """

    def __init__(self, *places: Path, now: Callable[[], float] = time.time) -> None:
        self._places = places
        self._now = now
        self._read: _State | None = None
        self._seen: _State | None = None
        self._looked = 0.0

    def note(self) -> None:
        """What lies there now is being read."""
        self._read = self._seen = self._state()
        self._looked = self._now()

    def forget(self) -> None:
        """What was being read could not be put in force: the next look finds it changed."""
        self._read = None

    def has_changed(self) -> bool:
        """Whether something else lies there than was read, and has for some seconds; looks at most every two seconds."""
        now = self._now()
        # A clock that was put back must not end the looking.
        if 0 <= now - self._looked < LOOK_EVERY_SECONDS:
            return False
        before, self._seen, self._looked = self._seen, self._state(), now
        if self._seen == self._read:
            return False
        newest = max((changed for _, changed, _ in self._seen), default=0)
        return self._seen == before or now - newest / 1e9 >= LOOK_EVERY_SECONDS

    def _state(self) -> _State:
        return tuple(sorted(found for place in self._places for found in _files(place)))


def _files(place: Path) -> Iterator[tuple[str, int, int]]:
    """Path, time of the last change in ns and size of each file; what is gone meanwhile is left out."""
    for path in (place,) if place.is_file() else place.rglob("*"):
        try:
            status = path.stat()
        except OSError:
            continue
        if not stat.S_ISDIR(status.st_mode):
            yield str(path), status.st_mtime_ns, status.st_size
