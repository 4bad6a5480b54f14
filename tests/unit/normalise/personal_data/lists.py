"""The written lists of personal data and of what only looks like it. `hits.txt`, `lookalikes.txt`: their heads say how."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from qa_service.domain.personal_data import PersonalSpan
from qa_service.normalise.personal_data import find_personal_data

HERE = Path(__file__).parent
_MARK = re.compile(r"\[\[(.*?)\]\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A text, and the code points of the letters and digits in it that are personal data of this kind."""

    kind: str
    text: str
    places: frozenset[int]

    @property
    def is_found(self) -> bool:
        """Whether these letters and digits, and no others, are found as this kind."""
        return any(
            span.kind == self.kind and places_of(self.text, span) == self.places
            for span in find_personal_data(self.text)
        )


def places_of(text: str, span: PersonalSpan) -> frozenset[int]:
    """The letters and digits of a span; whether a bracket or a plus belongs to it is nobody's concern."""
    return frozenset(at for at in range(span.start, span.end) if text[at].isalnum())


def hits(name: str) -> list[Hit]:
    """The marked lines of a list."""
    return [_hit(*line.split("|", 1)) for line in lines(name)]


def lines(name: str) -> list[str]:
    """The lines of a list that are no comments."""
    return [line for line in (HERE / name).read_text(encoding="utf-8").splitlines() if not line.startswith("#")]


def _hit(kind: str, marked: str) -> Hit:
    found = _MARK.search(marked)
    if found is None:
        raise ValueError(f"nothing is marked: {marked}")
    text = _MARK.sub(r"\1", marked)
    places = (at for at in range(found.start(), found.start() + len(found[1])) if text[at].isalnum())
    return Hit(kind=kind, text=text, places=frozenset(places))
