"""E-mail addresses, and what is known by the word beside it: accounts, passports, IP addresses, plates."""

from __future__ import annotations

import re
from collections.abc import Iterator

from qa_service.domain.personal_data import PersonalKind, PersonalSpan

_DOMAIN = r"[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,4}"
_MAIL = re.compile(rf"(?<![A-Za-z0-9_.+%-])[A-Za-z0-9_.+%-]{{1,64}} ?@ ?{_DOMAIN}")

_WECHAT = r"(?:微信|薇信|威信|v信|wechat|weixin|(?<![a-z0-9])(?:vx|wx)|加v)"
_WECHAT_WORDS = ("信", "wechat", "weixin", "vx", "wx", "加v")
_IS = r"(?:[是为:：=]|\bis\b)"
_WECHAT_ID = re.compile(
    rf"{_WECHAT}\s?(?P<named>号|号码|id|账号|帐号)?\s?(?P<is>{_IS})?\s?(?P<id>[a-z][-_a-z0-9]{{5,19}})(?![-_a-z0-9])",
    re.IGNORECASE,
)
_QQ = re.compile(
    r"(?:(?<![a-z0-9])qq|扣扣|企鹅号|(?<![a-z0-9])q(?=号|[:：]))\s?(?:号码?|群)?\s?(?:[是为:：=]|\bis\b)?\s?(?P<id>[1-9][0-9]{4,10})(?![0-9a-z])",
    re.IGNORECASE,
)
_PASSPORT = re.compile(
    r"(?:护照|通行证|passport)[^0-9\n]{0,10}?(?<![A-Za-z0-9])(?P<id>[A-Z][A-Z]?[0-9]{7,9})(?![A-Za-z0-9])",
    re.IGNORECASE,
)
_IP = re.compile(r"(?<![a-z0-9])ip[^0-9\n]{0,8}(?P<id>[0-9]{1,3}(?:\.[0-9]{1,3}){3})(?![0-9.])", re.IGNORECASE)
_PLATE = re.compile(
    r"(?P<id>[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使](?<![全最A-Za-z0-9].)[A-HJ-NP-Z][·\- ]?"
    r"(?:[DF][A-HJ-NP-Z0-9][0-9]{4}|[0-9]{5}[DF]|[A-HJ-NP-Z0-9]{4}[A-HJ-NP-Z0-9挂学警港澳]))(?![A-Za-z0-9])"
)


def mails(view: str) -> Iterator[PersonalSpan]:
    """E-mail addresses; what is masked is the part before the @."""
    if "@" in view:
        for match in _MAIL.finditer(view):
            yield PersonalSpan(kind=PersonalKind.EMAIL, start=match.start(), end=view.index("@", match.start()))


def accounts(plain: str, spelt: str) -> Iterator[PersonalSpan]:
    """WeChat and QQ ids beside their words."""
    said = plain.lower()
    if any(word in said for word in _WECHAT_WORDS):
        for match in _WECHAT_ID.finditer(plain):
            if _is_account(match):
                yield _span(PersonalKind.ACCOUNT, match)
    if "q" in said or "扣扣" in said or "企鹅号" in said:
        for match in _QQ.finditer(spelt):
            yield _span(PersonalKind.ACCOUNT, match)


def _is_account(match: re.Match[str]) -> bool:
    """Words of English follow on the word too; an id of letters alone is one only where it is called so."""
    identity = match["id"]
    return any(not char.isalpha() for char in identity) or bool(match["named"] and match["is"])


def documents(view: str) -> Iterator[PersonalSpan]:
    """Passports, plates and IP addresses."""
    said = view.lower()
    if any(word in said for word in ("护照", "通行证", "passport")):
        yield from (_span(PersonalKind.PASSPORT, match) for match in _PASSPORT.finditer(view))
    if "ip" in said:
        yield from (_span(PersonalKind.IP, match) for match in _IP.finditer(view))
    for match in _PLATE.finditer(view):
        if sum(char.isdigit() for char in match["id"]) >= 2:
            yield _span(PersonalKind.PLATE, match)


def _span(kind: PersonalKind, match: re.Match[str]) -> PersonalSpan:
    return PersonalSpan(kind=kind, start=match.start("id"), end=match.end("id"))
