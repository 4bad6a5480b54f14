"""Numbers that point to a person: phones, identity cards, bank cards. Each is checked as far as its kind can be.

Sources: mobile numbers 1[3-9] with nine digits more (MIIT numbering plan, 2017); other phones as `phonenumbers` knows
them; GB 11643-1999 for the 18 digits of an identity card (check digit by `stdnum.cn.ric`) and the 15 before it;
ISO/IEC 7812-1 for bank cards (Luhn by `stdnum.luhn`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date

import phonenumbers
from stdnum import luhn
from stdnum.cn import ric

from qa_service.domain.personal_data import PersonalKind, PersonalSpan
from qa_service.normalise.personal_data.context import (
    is_amount,
    is_in_code,
    says_card,
    says_goods,
    says_id,
    says_phone,
)
from qa_service.normalise.personal_data.reading import GAP

_GAPS = rf"[ \-.·_()*{GAP}\ufe0f\u20e3]{{1,3}}"
_RUN = re.compile(rf"[0-9]+(?:{_GAPS}[0-9]+)*")
_GROUP = re.compile(r"[0-9]+")
_FEWEST_DIGITS, _MOST_DIGITS = 7, 19
_MOST_GROUPS = 64
"""Groups of a row in which single digits and pairs may make a number; longer rows of them are tables and noise."""

_HAN = re.compile(r"[\u4e00-\u9fff]")

_MOBILE = re.compile(r"(?:(?:00)?86)?(1[3-9][0-9]{9})")
_MOBILE_GROUPS = frozenset({(11,), (3, 4, 4), (3, 8), (7, 4), (3, 3, 5), (4, 4, 3), (3, 5, 3), (3, 4, 2, 2)})
_LANDLINE_GROUPS = frozenset({(3, 8), (4, 7), (4, 8), (3, 4, 4), (4, 4, 4), (4, 3, 4), (10,), (11,), (12,)})
_AMERICAN_GROUPS = frozenset({(3, 3, 4), (1, 3, 3, 4)})
_LOCAL = re.compile(r"[2-8][0-9]{6,7}")
_LOCAL_GROUPS = frozenset({(7,), (8,), (4, 4), (3, 4), (4, 3)})
_CARD_PREFIX = re.compile(r"62|4|5[1-5]|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720)|3[47]|35|6011|65|60|68|69|9[0-9]")
_OLD_ID = re.compile(r"[1-8][0-9]{5}([0-9]{2})([0-9]{2})([0-9]{2})[0-9]{3}")
_PROVINCES = re.compile(r"1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]")


def numbers(view: str) -> Iterator[PersonalSpan]:
    """The numbers of persons in a text of plain characters, one after the other, the longest of each place."""
    has_han = False
    for run in _RUN.finditer(view):
        if run.end() - run.start() < _FEWEST_DIGITS:
            continue
        has_han = has_han or _HAN.search(view) is not None
        groups = [match.span() for match in _GROUP.finditer(view, run.start(), run.end())]
        if len(groups) > _MOST_GROUPS:
            groups = [(start, end) for start, end in groups if end - start > 2]
        at = 0
        while at < len(groups):
            found = _longest(view, groups, at, has_han=has_han)
            if found is None:
                at += 1
            else:
                span, at = found
                yield span


def _longest(
    view: str, groups: Sequence[tuple[int, int]], first: int, *, has_han: bool
) -> tuple[PersonalSpan, int] | None:
    """The longest number that begins with group `first`, and the group after it."""
    best, digits, lengths = None, "", []
    for after in range(first + 1, len(groups) + 1):
        start, end = groups[after - 1]
        digits += view[start:end]
        lengths.append(end - start)
        if len(digits) > _MOST_DIGITS:
            break
        if len(digits) < _FEWEST_DIGITS:
            continue
        number = _Number(view, digits, tuple(lengths), groups[first][0], end)
        span = number.span(has_han=has_han)
        if span is not None:
            best = (span, after)
    return best


class _Number:
    """Digits at a place, in groups."""

    __slots__ = ("digits", "end", "groups", "start", "view")

    def __init__(self, view: str, digits: str, groups: tuple[int, ...], start: int, end: int) -> None:
        self.view, self.digits, self.groups, self.start, self.end = view, digits, groups, start, end

    def span(self, *, has_han: bool) -> PersonalSpan | None:
        """What it is, if it is a person's."""
        if len(self.digits) == 17 and self.view[self.end : self.end + 1] in ("X", "x"):
            return self._as(PersonalKind.ID_CARD, 1) if _is_identity(self.digits + "X") else None
        if len(self.digits) == 18 and _is_identity(self.digits):
            return self._as(PersonalKind.ID_CARD)
        if is_in_code(self.view, self.start, self.end) or is_amount(self.view, self.start, self.end):
            return None
        kinds = (
            (PersonalKind.PHONE, self._is_phone(has_han=has_han)),
            (PersonalKind.ID_CARD, self._is_old_identity()),
            (PersonalKind.BANK_CARD, self._is_bank_card()),
        )
        return next((self._as(kind) for kind, is_it in kinds if is_it), None)

    def _as(self, kind: PersonalKind, more: int = 0) -> PersonalSpan:
        return PersonalSpan(kind=kind, start=self.start, end=self.end + more)

    def _is_phone(self, *, has_han: bool) -> bool:
        if len(self.digits) > 17 or says_goods(self.view, self.start):
            return False
        return (
            self._is_mobile() or self._is_landline() or self._is_international() or self._is_american(has_han=has_han)
        )

    def _is_mobile(self) -> bool:
        found = _MOBILE.fullmatch(self.digits)
        if found is None:
            return False
        is_spaced_evenly = all(length <= 2 for length in self.groups)
        country = len(self.digits) - 11
        own = self.groups[1:] if self.groups[0] == country else (self.groups[0] - country, *self.groups[1:])
        return is_spaced_evenly or own in _MOBILE_GROUPS or says_phone(self.view, self.start)

    def _is_landline(self) -> bool:
        if self.groups in _LOCAL_GROUPS and _LOCAL.fullmatch(self.digits):
            before = self.view[max(self.start - 6, 0) : self.start]
            return any(word in before for word in ("电话", "座机", "固话", "致电"))
        if self.digits[0] != "0" or self.digits[1] == "0" or self.groups not in _LANDLINE_GROUPS:
            return False
        return _is_valid(self.digits, "CN") or (_is_valid(self.digits, "GB") and says_phone(self.view, self.start))

    def _is_international(self) -> bool:
        has_plus = self.view[max(self.start - 2, 0) : self.start].rstrip("( ").endswith("+")
        if has_plus:
            return _is_valid("+" + self.digits, None)
        return self.digits.startswith("00") and len(self.digits) > 9 and _is_valid("+" + self.digits[2:], None)

    def _is_american(self, *, has_han: bool) -> bool:
        if self.groups not in _AMERICAN_GROUPS or (has_han and not says_phone(self.view, self.start)):
            return False
        return _is_valid(self.digits, "US")

    def _is_old_identity(self) -> bool:
        found = _OLD_ID.fullmatch(self.digits)
        if found is None or not _PROVINCES.match(self.digits) or not _is_day(19, *map(int, found.groups())):
            return False
        return len(self.groups) == 1 and (not says_goods(self.view, self.start) or says_id(self.view, self.start))

    def _is_bank_card(self) -> bool:
        count = len(self.digits)
        if count < 15 or count == 17 or not luhn.is_valid(self.digits) or not self._is_card_shaped():
            return False
        if says_card(self.view, self.start):
            return True
        if says_goods(self.view, self.start) or not _CARD_PREFIX.match(self.digits):
            return False
        return count == 16 or (count == 15 and self.digits[0] == "3") or (count == 19 and self.digits[0] in "69")

    def _is_card_shaped(self) -> bool:
        *front, _ = self.groups
        return all(length >= 4 for length in front) or all(length == 1 for length in self.groups)


def _is_identity(digits: str) -> bool:
    if not _PROVINCES.match(digits):
        return False
    year = int(digits[6:10])
    if not 1900 <= year <= 2099 or not _is_day(year // 100, year % 100, int(digits[10:12]), int(digits[12:14])):
        return False
    return bool(ric.calc_check_digit(digits) == digits[-1])


def _is_day(century: int, year: int, month: int, day: int) -> bool:
    try:
        date(century * 100 + year, month, day)
    except ValueError:
        return False
    return True


def _is_valid(digits: str, region: str | None) -> bool:
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(digits, region))
    except phonenumbers.NumberParseException:
        return False
