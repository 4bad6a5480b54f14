"""Shares with Wilson intervals."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_service.domain.precision import precision


@pytest.mark.parametrize(
    ("confirmed", "overturned", "share", "low", "high"),
    [
        (0, 0, None, None, None),
        (1, 0, 1.0, 0.2065, 1.0),
        (0, 1, 0.0, 0.0, 0.7935),
        (26, 4, 0.8667, 0.7032, 0.9469),
        (25, 5, 0.8333, 0.6644, 0.9266),
    ],
)
def test_known_intervals(
    confirmed: int, overturned: int, share: float | None, low: float | None, high: float | None
) -> None:
    found = precision(confirmed, overturned)
    assert (found.share, found.low, found.high, found.reviews) == (share, low, high, confirmed + overturned)


@given(st.integers(0, 500), st.integers(0, 500))
def test_the_share_lies_within_its_interval(confirmed: int, overturned: int) -> None:
    found = precision(confirmed, overturned)
    if found.share is not None and found.low is not None and found.high is not None:
        assert 0 <= found.low <= found.share <= found.high <= 1
