"""The masked form of a text: as long as the text, so that every offset holds on both."""

from __future__ import annotations

from collections.abc import Sequence

from qa_service.domain.personal_data import PersonalKind, PersonalSpan
from qa_service.normalise.personal_data.find import find_personal_data

MASK = "*"

_KEPT = {
    PersonalKind.ID_CARD: (1, 1),
    PersonalKind.BANK_CARD: (0, 4),
    PersonalKind.EMAIL: (1, 0),
    PersonalKind.PLATE: (2, 0),
    PersonalKind.ACCOUNT: (1, 0),
    PersonalKind.PASSPORT: (1, 0),
    PersonalKind.IP: (0, 0),
    PersonalKind.ADDRESS: (0, 0),
    PersonalKind.NAME: (1, 0),
}
"""Letters and digits that stay at the begin and at the end, so that people see what stood there."""

_SHORT = 9
"""A phone of fewer digits keeps its last two only; of a longer one the four before its last four are hidden."""


def mask_text(text: str) -> str:
    """The text with its personal data masked; masking twice changes nothing more."""
    return mask_spans(text, find_personal_data(text))


def mask_spans(text: str, spans: Sequence[PersonalSpan]) -> str:
    """The text with these spans masked, character for character."""
    parts: list[str] = []
    at = 0
    for span in spans:
        parts += (text[at : span.start], masked(text[span.start : span.end], span.kind))
        at = span.end
    return "".join((*parts, text[at:]))


def masked(original: str, kind: PersonalKind) -> str:
    """The mask of one span: separators stay, and so do a few of the letters and digits at its ends."""
    places = [at for at, char in enumerate(original) if char.isalnum()]
    first, last = _KEPT.get(kind, (0, 0))
    if kind is PersonalKind.PHONE:
        first, last = (len(places) - 8, 4) if len(places) >= _SHORT else (0, 2)
    if len(places) <= first + last + 1:
        first = last = 0
    hidden = places[first : len(places) - last]
    chars = list(original)
    for at in hidden:
        chars[at] = MASK
    return "".join(chars)
