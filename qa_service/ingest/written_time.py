"""Times as people and exports write them → ISO 8601. Owns the spelling; what a time must hold is `field_checks`'s."""

from __future__ import annotations

import re

DATE_TIME = (
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?[ T]*(\d{1,2})[:：时](\d{1,2})(?:[:：分](\d{1,2})(\.\d+)?)?[分秒]? ?"
    r"(Z(?!\w)|[+-]\d{2}:?\d{2})?"
)
"""Pattern of a date with a time of day, with or without offset; eight groups."""

CLOCK_TIME = r"\d{1,2}[:：]\d{2}(?:[:：]\d{2}(?:\.\d+)?)?"
"""Pattern of a time of day alone."""

_DATE_TIME = re.compile(DATE_TIME, re.ASCII)


def iso_time(written: str | None) -> str | None:
    """`2026/11/7 20:15` and `2026年11月7日 20:15` as ISO 8601; anything else as it is."""
    match = _DATE_TIME.fullmatch(written or "")
    if match is None:
        return written
    year, month, day, hour, minute, second, fraction, offset = match.groups()
    date = f"{year}-{month:0>2}-{day:0>2}"
    return f"{date}T{hour:0>2}:{minute:0>2}:{second or '0':0>2}{fraction or ''}{offset or ''}"
