"""Shares with their uncertainty. Owns no counting of verdicts."""

from __future__ import annotations

import math
from dataclasses import dataclass

_Z_975 = 1.959963984540054


@dataclass(frozen=True, slots=True, kw_only=True)
class Precision:
    """Of the hits that people decided about, how many they confirmed; a share 0…1 with its 95 % Wilson interval.

    All three are None without reviews. It says nothing of hits that nobody looked at.
    """

    confirmed: int
    overturned: int
    share: float | None
    low: float | None
    high: float | None

    @property
    def reviews(self) -> int:
        """Hits decided about."""
        return self.confirmed + self.overturned


def precision(confirmed: int, overturned: int) -> Precision:
    """Source: Wilson (1927), Probable inference, the law of succession, and statistical inference; 95 %, no correction."""
    n = confirmed + overturned
    if n == 0:
        return Precision(confirmed=0, overturned=0, share=None, low=None, high=None)
    share = confirmed / n
    spread = _Z_975 * math.sqrt(share * (1 - share) / n + (_Z_975 / (2 * n)) ** 2)
    centre, scale = share + _Z_975**2 / (2 * n), 1 + _Z_975**2 / n
    low, high = max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)
    return Precision(
        confirmed=confirmed, overturned=overturned, share=round(share, 4), low=round(low, 4), high=round(high, 4)
    )
