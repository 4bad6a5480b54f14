"""The keys that are made first are those of the cells that are made only where one proposes a word."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from qa_service.domain.conversation import Role, Turn, TurnId
from qa_service.normalise import normalise_turn
from qa_service.rule_engine.evasion.reading import (
    cells_at,
    odd_cells,
    readings,
    shape_cells,
    shape_keys,
    shape_runs,
    sound_cells,
    sound_keys,
)

_PIECES = st.sampled_from(
    ["微信", "weixin", "wei", "xin", "nini", "long", "zhuang", "he", "好好好", "。", " ", ", ", "\u200b", "ﬁ", "❤", "女马",
     "氵去", "0", "11", "ａb", "@", "安徽", "😀", "ll"]
)  # fmt: skip
_TEXTS = st.one_of(st.text(max_size=40), st.lists(_PIECES, max_size=15).map("".join))


@given(_TEXTS)
def test_the_keys_are_those_of_the_cells(text: str) -> None:
    turn = normalise_turn(Turn(id=TurnId("1"), role=Role.AGENT, text=text))

    for hidden in readings(turn):
        assert shape_keys(hidden) == shape_cells(hidden).keys
        assert sound_keys(hidden) == sound_cells(hidden).keys


@given(_TEXTS)
def test_a_cell_is_placed_without_making_it(text: str) -> None:
    turn = normalise_turn(Turn(id=TurnId("1"), role=Role.AGENT, text=text))

    for hidden in readings(turn):
        cells, runs = shape_cells(hidden), shape_runs(hidden.chars)
        assert [runs.first_char(cell) for cell in range(len(cells.at))] == list(cells.at)
        for start in range(len(cells.at)):
            for end in range(start + 1, min(start + 4, len(cells.at)) + 1):
                part = cells_at(hidden, cells.keys, runs, start, end, is_sound=False)
                assert (part.keys, part.contents) == (cells.keys[start:end], cells.contents[start:end])
                assert (part.at, part.starts, part.ends) == (
                    cells.at[start:end],
                    cells.starts[start:end],
                    cells.ends[start:end],
                )
        drawn_out = {cell for cell, said in enumerate(cells.contents) if len(said) > 1}
        odd = odd_cells(hidden.chars, runs)
        assert drawn_out <= set(odd)
        assert sorted(set(odd)) == odd
        assert {cell for cell, said in enumerate(cells.contents) if said in "0@il!" and said} <= set(odd)
