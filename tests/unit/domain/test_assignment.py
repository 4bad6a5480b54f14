"""Dealing chats out: even, the worst first, and always the same."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_service.domain.assignment import dealt

CHATS = [f"c-{number}" for number in range(6)]
NAMES = st.sampled_from(["ann", "bo", "cai", "du"])


@pytest.mark.parametrize(
    ("names", "open_chats", "expected"),
    [
        pytest.param(["bo", "ann"], {}, {"ann": "024", "bo": "135"}, id="in turn, by name"),
        pytest.param(["ann", "bo"], {"ann": 4}, {"ann": "4", "bo": "01235"}, id="who has less gets the worst"),
        pytest.param(["ann", "bo"], {"ann": 9}, {"bo": "012345"}, id="who has more gets none"),
        pytest.param(["ann", "bo"], {"cai": 9}, {"ann": "024", "bo": "135"}, id="others do not count"),
        pytest.param(["ann"], {}, {"ann": "012345"}, id="alone"),
        pytest.param([], {}, {}, id="nobody"),
    ],
)
def test_chats_are_dealt_out(names: list[str], open_chats: dict[str, int], expected: dict[str, str]) -> None:
    given_to = dealt(CHATS, dict.fromkeys(names, CHATS), open_chats)

    assert given_to == {f"c-{number}": name for name, numbers in expected.items() for number in numbers}


def test_nobody_gets_what_is_out_of_the_own_sight() -> None:
    assert dealt(CHATS[:4], {"ann": ["c-0", "c-1"], "bo": ["c-1", "c-2"]}, {}) == {
        "c-0": "ann",
        "c-1": "bo",
        "c-2": "bo",
    }


@given(count=st.integers(0, 40), names=st.sets(NAMES, min_size=1), open_chats=st.dictionaries(NAMES, st.integers(0, 9)))
def test_shares_end_as_even_as_they_can(count: int, names: set[str], open_chats: dict[str, int]) -> None:
    chats = [f"c-{number}" for number in range(count)]
    given_to = dealt(chats, dict.fromkeys(names, chats), open_chats)

    assert list(given_to) == chats
    gained = Counter(given_to.values())
    after = {name: open_chats.get(name, 0) + gained[name] for name in names}
    # nobody who got any has more than one chat more than anybody else
    assert all(after[name] <= min(after.values()) + 1 for name in gained)
