"""Patterns and values read disguised texts as they are meant, and know where each piece stands in the original."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_service.domain.conversation import Role, Turn, TurnId
from qa_service.domain.text import NormalisedText, Span
from qa_service.normalise import normalise_turn
from qa_service.rule_engine.evasion.joined import joined
from qa_service.rule_engine.evasion.view import View


def _text(said: str) -> NormalisedText:
    return normalise_turn(Turn(id=TurnId("1"), role=Role.AGENT, text=said)).text


@pytest.mark.parametrize(
    ("said", "meant", "how"),
    [
        ("十五tian无理由", "十五天无理由", View.PINYIN),
        ("bao证明天到", "保证明天到", View.PINYIN),
        ("包YOU的", "包邮的", View.PINYIN),
        ("手ji号给我", "手机号给我", View.PINYIN),
        ("能ɡēn zhì的", "能根治的", View.PINYIN),
        ("9zhe给您", "9折给您", View.PINYIN),
        ("関我什么事", "关我什么事", View.SHAPES),
        ("走vㄨ转账", "走vx转账", View.LETTERS),
        ("返🧧3元", "返红包3元", View.SYMBOLS),
        ("五⭐好评", "五星好评", View.SYMBOLS),
        ("r3fund today", "refund today", View.LETTERS),
        ("30 d@ys", "30 days", View.LETTERS),
        ("gu@ranteed", "guaranteed", View.LETTERS),
    ],
    ids=str,
)
def test_a_disguise_is_read_as_it_is_meant(said: str, meant: str, how: View) -> None:
    read = joined(_text(said))

    assert read is not None
    assert read.text.text == meant
    assert how in {item.how for item in read.undone_in(Span(0, len(said)))}


@pytest.mark.parametrize(
    "said",
    [
        "这款iphone手机套",
        "在shanghai发货",
        "安徽信得过",
        "咖啡免费续",
        "see you today",
        "mp3 and h2o",
        "the iPhone 15 is 5g",
        "please change it",
        "用shampoo洗",
        "size 3xl",
    ],
)
def test_ordinary_words_are_left_alone(said: str) -> None:
    assert joined(_text(said)) is None


@given(st.text(alphabet="bao证tian天5五r3fund@薇徽🧧⭐ ·é，a1", max_size=40))
def test_every_character_read_stands_somewhere_in_the_original(said: str) -> None:
    read = joined(_text(said))

    if read is not None:
        text = read.text
        assert len(text.text) == len(text.origins) == len(text.ends)
        assert all(0 <= start < end <= len(said) for start, end in zip(text.origins, text.ends, strict=True))
        assert list(text.origins) == sorted(text.origins)
        assert read.undone_in(Span(0, len(said)))


@given(st.text(alphabet="bao证tian天5五r3fund@薇徽🧧⭐ ·é，a1", max_size=40), st.integers(0, 39), st.integers(1, 40))
def test_what_is_undone_in_a_part_is_all_that_touches_it(said: str, start: int, size: int) -> None:
    read = joined(_text(said))
    part = Span(start, start + size)

    if read is not None:
        assert read.undone_in(part) == tuple(item for item in read.undone if item.span.overlaps(part))
