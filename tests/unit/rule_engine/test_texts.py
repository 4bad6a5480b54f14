"""Which texts are read once for all turns that say them."""

from __future__ import annotations

from qa_service.normalise import ConversationNormaliser
from qa_service.rule_engine.lexicon import Lexicon
from qa_service.rule_engine.text_reading import Texts
from tests.builders import conversation


def read(texts: Texts, *said: str):
    chat = ConversationNormaliser().normalise(conversation(*(f"agent: {text}" for text in said)))
    return [texts.of(turn, is_read=True) for turn in chat.turns]


def test_a_stock_phrase_is_read_once_however_many_others_are_said_between():
    texts = Texts(Lexicon().compile())
    (first,) = read(texts, "亲，请稍等")

    for start in range(0, 5_000, 500):
        read(texts, *(f"订单 {number} 已发出" for number in range(start, start + 500)))
        assert read(texts, "亲，请稍等") == [first]


def test_what_was_said_long_ago_is_let_go():
    texts = Texts(Lexicon().compile())
    (first,) = read(texts, "亲，请稍等")
    read(texts, *(f"订单 {number} 已发出" for number in range(2_000)))

    assert read(texts, "亲，请稍等") != [first]
