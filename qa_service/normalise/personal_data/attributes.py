"""Attributes of a conversation: their names say what their values are."""

from __future__ import annotations

import re

from qa_service.domain.personal_data import PersonalKind, PersonalSpan
from qa_service.normalise.personal_data.find import find_personal_data

_KINDS = (
    (PersonalKind.EMAIL, re.compile(r"e-?mail|邮箱", re.IGNORECASE)),
    (PersonalKind.PHONE, re.compile(r"phone|mobile|\btel\b|电话|手机", re.IGNORECASE)),
    (PersonalKind.ADDRESS, re.compile(r"(?<!ip_)addr(?:ess)?\b|地址", re.IGNORECASE)),
    (PersonalKind.ID_CARD, re.compile(r"id_?card|identity|身份证", re.IGNORECASE)),
    (PersonalKind.ACCOUNT, re.compile(r"we_?chat|weixin|\bqq\b|微信", re.IGNORECASE)),
    (
        PersonalKind.NAME,
        re.compile(r"(?:receiver|recipient|consignee|buyer|customer|real)_?(?:name)?$|收[件货]人|姓名", re.IGNORECASE),
    ),
)
_DIGITS_OF_A_NUMBER = 5


def find_in_attribute(name: str, value: str) -> tuple[PersonalSpan, ...]:
    """What points to a person in the value: all of it where the name says so, else what the finders see."""
    kind = next((kind for kind, pattern in _KINDS if pattern.search(name)), None)
    if kind is not None and _can_be(kind, value):
        return (PersonalSpan(kind=kind, start=0, end=_end(kind, value)),)
    lead = f"{name}:"
    found = (span for span in find_personal_data(lead + value) if span.start >= len(lead))
    return tuple(PersonalSpan(kind=span.kind, start=span.start - len(lead), end=span.end - len(lead)) for span in found)


def _can_be(kind: PersonalKind, value: str) -> bool:
    if kind in (PersonalKind.PHONE, PersonalKind.ID_CARD):
        return sum(char.isdigit() for char in value) >= _DIGITS_OF_A_NUMBER
    return len(value.strip()) > 1 and "*" not in value


def _end(kind: PersonalKind, value: str) -> int:
    at = value.find("@") if kind is PersonalKind.EMAIL else -1
    return at if at > 0 else len(value)
