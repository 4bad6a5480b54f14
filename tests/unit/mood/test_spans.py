from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_service.mood.spans import MAX_SHARE, SHORT_CHARACTERS, candidates


def tokens(text, size=2):
    """The marks around a text, and `size` characters a token."""
    inner = [(at, min(at + size, len(text))) for at in range(0, len(text), size)]
    return [(0, 0), *inner, (0, 0)]


def words(text, **sizes):
    return {text[c.start : c.end] for c in candidates(text, tokens(text, **sizes))}


def test_clauses_and_runs_of_clauses_are_candidates():
    found = words("质量太差,客服还骂人,我要投诉你们平台", size=1)

    assert {"质量太差", "客服还骂人", "质量太差,客服还骂人"} <= found


def test_a_space_ends_a_chinese_clause_and_no_english_one():
    assert "太可爱了" in words("太可爱了 下单下单下单下单", size=1)
    assert "way too long" in words("way too long, a load of rubbish again", size=1)


def test_a_decimal_point_ends_nothing():
    assert "it is 3.5 kg" in words("it is 3.5 kg, and not four kilos as you say", size=1)


def test_a_short_turn_may_be_its_own_evidence_and_a_long_one_not():
    assert "骗子" in words("骗子", size=1)
    assert all(len(found) <= MAX_SHARE * 20 for found in words("一" * 20, size=1))


@pytest.mark.parametrize(
    ("text", "cut", "whole"),
    [
        pytest.param("我要投诉到12315去你们等着吧", "投诉到123", "投诉到12315", id="a number"),
        pytest.param("and this asks you for the manager on duty", "this as", "this asks", id="a word"),
        pytest.param("that is 3.5 kilos and not the four that I paid", "is 3", "is 3.5", id="a fraction"),
        pytest.param("你们这更差的东西卖给谁看吗真是的", "这更差", "这更差的", id="a particle"),
    ],
)
def test_no_span_ends_inside_a_word_or_number(text, cut, whole):
    found = words(text, size=1)

    assert cut not in found
    assert whole in found


@given(st.text(alphabet="你好, 。!ab.3😡", max_size=60), st.integers(1, 4))
def test_candidates_lie_in_the_text_and_hold_what_their_tokens_hold(text, size):
    offsets = tokens(text, size)
    limit = len(text) if len(text) <= SHORT_CHARACTERS else MAX_SHARE * len(text)
    for found in candidates(text, offsets):
        assert offsets[found.first][0] <= found.start < found.end <= offsets[found.last - 1][1]
        assert found.end - found.start <= limit


@pytest.mark.parametrize("text", ["", "   "], ids=["nothing", "spaces"])
def test_nothing_to_say_has_no_candidates(text):
    assert candidates(text, tokens(text)) == []
