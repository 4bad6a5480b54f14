"""All finders over one text. Where two find the same characters, the one that checks more keeps them."""

from __future__ import annotations

from collections.abc import Iterator

from qa_service.domain.personal_data import PersonalKind, PersonalSpan
from qa_service.normalise.personal_data.contacts import accounts, documents, mails
from qa_service.normalise.personal_data.names import names
from qa_service.normalise.personal_data.numbers import numbers
from qa_service.normalise.personal_data.places import addresses
from qa_service.normalise.personal_data.reading import reading_of


def find_personal_data(text: str) -> tuple[PersonalSpan, ...]:
    """What points to a person, in order, without overlaps; spans in code points of `text`.

    Time grows with the length of the text, whatever stands in it.
    """
    taken = bytearray(len(text))
    found: list[PersonalSpan] = []
    for span in _candidates(text):
        for start, end in _free(taken, span.start, span.end):
            found.append(PersonalSpan(kind=span.kind, start=start, end=end))
            taken[start:end] = b"\x01" * (end - start)
    return tuple(sorted(found, key=lambda span: span.start))


def _candidates(text: str) -> Iterator[PersonalSpan]:
    reading = reading_of(text)
    yield from mails(reading.plain)
    yield from numbers(reading.plain)
    if reading.is_spelt:
        yield from (span for span in numbers(reading.spelt) if _is_spelt(reading.plain, span))
    yield from documents(reading.plain)
    yield from accounts(reading.plain, reading.spelt)
    yield from names(reading.plain)
    yield from addresses(reading.plain)


def _is_spelt(plain: str, span: PersonalSpan) -> bool:
    """Whether words for digits are among the characters: without any, the plain text decides."""
    is_number = span.kind in (PersonalKind.PHONE, PersonalKind.ID_CARD, PersonalKind.BANK_CARD)
    return is_number and any(char > "\u3000" for char in plain[span.start : span.end])


def _free(taken: bytearray, start: int, end: int) -> list[tuple[int, int]]:
    """The parts of a span that nothing else has."""
    free: list[tuple[int, int]] = []
    while start < end:
        begin = taken.find(0, start, end)
        if begin < 0:
            break
        stop = taken.find(1, begin, end)
        stop = end if stop < 0 else stop
        free.append((begin, stop))
        start = stop
    return free
