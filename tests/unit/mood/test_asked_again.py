"""A question said again is known whatever manners stand around it; what merely looks the same is no question."""

from __future__ import annotations

import time

import pytest

from qa_service.mood.asked_again import question_of


@pytest.mark.parametrize(
    ("first", "again"),
    [
        ("我的退款什么时候到账？", "我的退款 什么时候到账"),
        ("保修期多久", "请问保修期多久"),
        ("请问保修期多久", "保修期多久呀亲"),
        ("什么时候给我处理", "到底什么时候给我处理！！"),
        ("能不能开专票", "@小美 那能不能开专票哦"),
        ("麻烦问下门店几点关", "门店几点关"),
        ("赠品怎么没有", "赠品怎么没有？赠品怎么没有？"),
        ("这个问题什么时候解决", "这个问题什么时候解决"),
        ("Where is my parcel?", "where is my parcel"),
    ],
)
def test_the_same_question_in_other_manners(first, again):
    assert question_of(first) is not None
    assert question_of(first) == question_of(again)


@pytest.mark.parametrize(
    ("first", "again"),
    [
        ("有没有货", "没有货"),
        ("黑色有货吗", "白色有货吗"),
        ("运费你们能退吗", "运费你们能退"),
        ("还能不能退", "能不能退"),
    ],
)
def test_another_question(first, again):
    assert question_of(first) != question_of(again)


@pytest.mark.parametrize(
    "text",
    [
        "13800001111",
        "https://item.example.com/a?id=3",
        "哈哈哈哈",
        "好的谢谢",
        "可以的可以的",
        "在吗在吗",
        "这款有货吗",
        "那一件多少钱",
        "？？？",
        "",
    ],
)
def test_what_is_sent_twice_without_asking_again(text):
    assert question_of(text) is None


@pytest.mark.parametrize(
    "text", ["退" * 19_999 + "换", "呢" * 19_999 + "退", "我" * 20_000, "好亲" * 10_000, "@" * 20_000]
)
def test_a_turn_of_the_greatest_length_costs_no_time(text):
    started = time.process_time()

    question_of(text)

    assert time.process_time() - started < 0.5
