"""Means with their uncertainty, from exact sums: the order of the values does not matter."""

from __future__ import annotations

import math
from fractions import Fraction

from qa_service.domain.performance import MeanScore, ScoreSum

_T_975 = (
    *(12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228),
    *(2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086),
    *(2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042),
)
"""0.975 quantiles of Student's t for 1…30 degrees of freedom.

Source: NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.2 (public domain).
"""
_Z_975 = 1.959963984540054


def t_quantile_975(degrees: int) -> float:
    """The 0.975 quantile of Student's t with `degrees` ≥ 1 degrees of freedom; off by less than 0.001.

    Source: the table above to 30; beyond it the expansion 26.7.5 of Abramowitz and Stegun (1964), three terms.
    """
    if degrees <= len(_T_975):
        return _T_975[degrees - 1]
    z = _Z_975
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    return z + first / degrees + second / degrees**2


def mean_score(sums: ScoreSum) -> MeanScore:
    """The mean and its 95 % t-interval, clipped to 0…100, to two digits.

    All None at n = 0; the interval None at n = 1, since one value says nothing about the spread.
    """
    if sums.n == 0:
        return MeanScore(n=0, mean=None, low=None, high=None)
    mean = Fraction(sums.total) / sums.n
    if sums.n == 1:
        return MeanScore(n=1, mean=_shown(mean), low=None, high=None)
    variance = (Fraction(sums.squares) - mean * Fraction(sums.total)) / (sums.n - 1)
    half = t_quantile_975(sums.n - 1) * math.sqrt(variance / sums.n)
    low, high = max(0.0, float(mean) - half), min(100.0, float(mean) + half)
    return MeanScore(n=sums.n, mean=_shown(mean), low=round(low, 2), high=round(high, 2))


def _shown(exact: Fraction) -> float:
    return round(exact * 100) / 100
