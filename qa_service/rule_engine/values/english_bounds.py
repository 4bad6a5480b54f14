"""The English words that bound a value (at least, or more), around the patterns of values. Owns no values."""

from __future__ import annotations

import re

from qa_service.rule_engine.values.numerals import ENGLISH_NUMERAL as NUM
from qa_service.rule_engine.values.numerals import Range, english_number, is_vague
from qa_service.rule_engine.values.quantity import Direction, Kind, Quantity, Unit

_BEFORE = {
    Direction.WITHIN: (
        "within", "inside of", "inside", "in under", "in less than", "in fewer than", "less than", "fewer than", "under", "in",
    ),
    Direction.AT_MOST: (
        "up to", "at most", "at the most", "no more than", "no later than", "not more than", "not exceeding", "maximum of",
        "a maximum of", "a max of", "max", "as much as", "as many as",
    ),
    Direction.AT_LEAST: ("at least", "no less than", "minimum of", "a minimum of", "after", "more than", "over"),
    Direction.ABOUT: ("about", "around", "approximately", "roughly", "approx", "some"),
}  # fmt: skip
_AFTER = {
    Direction.AT_MOST: (
        "or less", "or fewer", "or under", "or sooner", "or faster", "at most", "at the most", "max", "maximum", "tops",
        "at the latest", "at the very latest", "at the very most",
    ),
    Direction.AT_LEAST: (
        "or more", "or longer", "or over", "or later", "at least", "at the least", "min", "minimum", "at the earliest", "and up",
    ),
    Direction.ABOUT: ("or so", "or thereabouts", "approximately", "approx", "roughly"),
}  # fmt: skip
_BY_PRE = {word: direction for direction, words in _BEFORE.items() for word in words}
_BY_POST = {word: direction for direction, words in _AFTER.items() for word in words}


def _one_of(words: dict[str, Direction]) -> str:
    return "|".join(sorted(words, key=len, reverse=True))


PRE = _one_of(_BY_PRE)
PRE_OF_NUMBERS = _one_of({word: direction for word, direction in _BY_PRE.items() if direction is not Direction.WITHIN})
"""`PRE` without what bounds time alone: in a bag."""
LINK = r"(?:(?:the\s)?(?:very\s)?(?:next\s|first\s|another\s)?|a\sfurther\s|an\sadditional\s)"
"""What may stand between a bound and its value: at least another 3 days."""
POST = rf"(?:\s?\(?(?P<post>{_one_of(_BY_POST)})\b)?"
FROM_TO = rf"(?P<n1>{NUM})(?:\s?(?:-|–|—|to|or)\s?(?P<n2>{NUM}))?(?P<open>\+)?"
"""One numeral or two, as `from_to` reads them; `open` where more may come (30+)."""


def ends(first: str, second: str | None) -> Range | None:
    """The ends that two numerals name; None if one is no number or they fall."""
    low = english_number(first)
    high = english_number(second) if second else low
    if low is None or high is None or high[1] < low[0]:
        return None
    return low[0], high[1]


def from_to(match: re.Match[str]) -> Range | None:
    """The ends that `FROM_TO` names."""
    return ends(match["n1"], match["n2"])


def stated(match: re.Match[str], kind: Kind, unit: Unit, value: Range) -> Quantity:
    """The quantity of a match with `core` and perhaps `pre`, `post` and `open`."""
    groups = match.groupdict()
    before, after = groups.get("pre"), groups.get("post")
    start, end = match.span("core")
    direction = Direction.EXACT
    if before:
        # by tomorrow
        direction = _BY_PRE.get(before, Direction.WITHIN)
    elif after:
        direction = _BY_POST[after]
    elif groups.get("open"):
        direction = Direction.AT_LEAST
    return Quantity(
        kind=kind, unit=unit, low=value[0], high=value[1], direction=direction,
        start=start, end=end,
        outer_start=match.start("pre") if before else start, outer_end=match.end("post") if after else end,
        vague=is_vague(groups.get("n1") or " "),
    )  # fmt: skip
