"""Postal addresses: the part from the street on, which leads to a door. Province, city and district stay.

Conservative: a street or an estate counts only after a known city, a district, or a word that announces an address.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from importlib import resources

from qa_service.domain.personal_data import PersonalKind, PersonalSpan

_HAN = "\u4e00-\u9fff"
_FURTHEST = 48
"""Characters of an address after its district."""

_LOOKED_BACK = 24
"""Characters before a street in which a city, a district or a word such as 地址 must stand."""

_NUMBER = r"[0-9一二三四五六七八九十百a-z]{1,6}"
_DOOR = re.compile(
    rf"{_NUMBER}[-#之]?{_NUMBER}?\s?(?:号楼|号院|号门|号|弄|栋|幢|座|单元|室|层|楼|户|组|队|#)"
    r"(?!链接|发货|线|店铺?卖|前|之前|左右)",
    re.IGNORECASE,
)
_ROAD = re.compile(
    r"(?:大道|大街|路|街道|街|巷|胡同|弄堂|里弄|小区|社区|花园|公寓|大厦|广场|家园|新村|新城|苑|庄园|园区|工业园|科技园|产业园|学校|大学|宿舍|镇|乡|村|屯|寨|科技园南区)"
)
_HINT = re.compile(
    rf"[道街路巷弄区社园寓厦场城苑学舍镇乡村屯寨号栋幢座元室层楼][{_HAN}]{{0,8}}?"
    r"[0-9A-Z一二三四五六七八九十镇乡村屯寨]|[0-9一二三四五六七八九十](?:栋|幢|单元|室)"
)
_ENGLISH_HINT = re.compile(r"[0-9] [A-Z]")
_REST = re.compile(rf"[{_HAN}A-Za-z0-9\-#·() ]{{1,{_FURTHEST}}}")
_END = re.compile(
    r"(?:号楼|号院|号门|号|弄|栋|幢|座|单元|室|层|楼|户|组|队|#|大道|大街|路|街道|街|巷|胡同|小区|社区|花园|公寓|大厦|广场|家园|新村|苑|园|镇|乡|村|屯|寨)(?:[东西南北][侧边])?"
    r"|[0-9][0-9-]{2,}(?![0-9])"
)
_SAID = re.compile(
    r"地址|住址|住在|家住|寄到|寄往|发到|发往|送到|送往|配送到|收货|寄回|退回|改到|改成|住(?=[^宿房店院])"
)
_DISTRICT = re.compile(rf"[{_HAN}]{{1,5}}?(?:(?<![小社园校厂片景地营])区|县|旗)(?![间域别分内])")
_COUNTY_CITY = re.compile(rf"[{_HAN}]{{2,3}}市(?![场面民区])")
_MOST_LEVELS = 4
"""Province, city, county, development zone."""

_VILLAGE = re.compile(r"[镇乡村屯寨]")
_NUMBERED = re.compile(r"[0-9]{2,}")
_STARTS = re.compile(r"(?:是|为|到|在|成|往|回|[:：,，。；;!！?？ ])")
_ENGLISH = re.compile(
    r"(?<![0-9A-Za-z.])[0-9]{1,5}[A-Za-z]? (?:[A-Z][A-Za-z'.]{1,20} ){1,4}"
    r"(?:Street|St|Avenue|Ave|Road|Rd|Lane|Ln|Drive|Dr|Boulevard|Blvd|Court|Ct|Way"
    r"|Place|Pl|Square|Sq|Terrace|Close|Crescent)\b\.?(?:,? (?:Apt|Apartment|Suite|Unit|Flat|#) ?[0-9A-Za-z]{1,5})?"
)


@lru_cache(maxsize=1)
def _city() -> re.Pattern[str]:
    lines = resources.files(__package__).joinpath("cities.txt").read_text(encoding="utf-8").splitlines()
    names = sorted({name for line in lines if not line.startswith("#") for name in line.split()}, key=len, reverse=True)
    firsts: dict[str, list[str]] = {}
    for name in names:
        firsts.setdefault(name[0], []).append(name[1:])
    known = "|".join(f"{first}(?:{'|'.join(rest)})" for first, rest in firsts.items())
    return re.compile(
        rf"(?:{known})(?:特别行政区|(?:维吾尔|壮族|回族)?自治区|[{_HAN}]{{0,6}}?自治州|省|市|地区|州|盟)?(?![区县旗])"
    )


def addresses(view: str) -> Iterator[PersonalSpan]:
    """Streets, villages and doors, one after the other."""
    if _HINT.search(view):
        after = 0
        for start in _starts(view):
            end = _end(view, start) if start >= after else None
            if end is not None:
                yield PersonalSpan(kind=PersonalKind.ADDRESS, start=start, end=end)
                after = end
    if _ENGLISH_HINT.search(view):
        for match in _ENGLISH.finditer(view):
            yield PersonalSpan(kind=PersonalKind.ADDRESS, start=match.start(), end=match.end())


def _starts(view: str) -> Iterator[int]:
    """Where a street may begin: after the last city or district of a row, or after a word that announces it."""
    starts: list[int] = []
    for match in _city().finditer(view):
        starts.append(_after_districts(view, match.end()))
    for match in _SAID.finditer(view):
        begin = match.end()
        while lead := _SAID.match(view, begin) or _STARTS.match(view, begin):
            begin = lead.end()
        if not _city().match(view, begin):
            starts.append(_after_districts(view, begin))
    for match in _DISTRICT.finditer(view):
        starts.append(match.end())
    yield from sorted(set(starts))


def _after_districts(view: str, start: int) -> int:
    """Past the cities and districts that follow one another."""
    for _ in range(_MOST_LEVELS):
        match = _city().match(view, start) or _COUNTY_CITY.match(view, start) or _DISTRICT.match(view, start)
        if match is None:
            break
        start = match.end()
    return start


def _end(view: str, start: int) -> int | None:
    """Where the address that begins there ends; None where it leads to no door."""
    rest = _REST.match(view, start)
    if rest is None:
        return None
    text = rest[0]
    ends = [match.end() for match in _END.finditer(text)]
    if not ends:
        return None
    end = ends[-1]
    before = (max(start - _LOOKED_BACK, 0), start)
    is_known = _city().search(view, *before) is not None
    is_in_district = view[start - 1 : start] in ("区", "县", "旗", "市", "州")
    if not (is_known or is_in_district or _SAID.search(view, *before)):
        return None
    return start + end if _leads_to_a_door(text[:end], is_exact=is_known and is_in_district) else None


def _leads_to_a_door(said: str, *, is_exact: bool) -> bool:
    """A street or estate with a number, two numbers of a house, or a village of a known county."""
    if not _ROAD.search(said):
        return len(_DOOR.findall(said)) >= 2
    has_number = _DOOR.search(said) is not None or _NUMBERED.search(said) is not None
    return has_number or (is_exact and _VILLAGE.search(said) is not None)
