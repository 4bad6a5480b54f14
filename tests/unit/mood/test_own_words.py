"""What a turn holds that its sender did not say has no mood and moves none."""

from __future__ import annotations

import time

import pytest

from qa_service.mood.own_words import Said, why_wordless, without_quote
from qa_service.normalise import cased_view

RULE = "- - - - - - - - - - - - - - -"


@pytest.mark.parametrize(
    "text",
    [
        "[图片]",
        "［图片］",
        "【视频】",
        "[图片][图片] [图片]",
        '[语音] 15"',
        "[视频] 00:15",
        "[链接] https://item.example.com/a?id=3",
        "[订单] 20261102119983",
        "<img>",
        "[Image]",
        "[动画表情]",
        "客户撤回了一条消息",
        "“小雨”撤回了一条消息",
        "对方已撤回一条消息",
        "You recalled a message",
    ],
)
def test_placeholders_and_notices_hold_no_words(text):
    assert why_wordless(cased_view(text).text)


@pytest.mark.parametrize(
    "text",
    [
        "图片",
        "[图片]坏成这样",
        "你看[图片]",
        "[语音] 我说了三遍了",
        "[愤怒]",
        "[好的]",
        "你怎么撤回了一条消息",
        "撤回了一条消息是什么意思",
        "15",
        "https://item.example.com/a?id=3",
        "？？？",
    ],
)
def test_whoever_writes_a_word_beside_has_said_it(text):
    assert why_wordless(cased_view(text).text) is None


@pytest.mark.parametrize(
    ("text", "own"),
    [
        pytest.param(f"「小李：马上给您退款」\n{RULE}\n好的", "好的", id="WeChat"),
        pytest.param('这是一条引用/回复消息：\n"小李:\n马上处理"\n------\n都三天了', "都三天了", id="archive of WeCom"),
        pytest.param(f"「小李：用「极速退款」」\n{RULE}\n怎么点", "怎么点", id="brackets in the quoted words"),
        pytest.param(f"「小李：在吗」\n{RULE}", "", id="nothing but the quotation"),
        pytest.param("你说「马上退款」，钱呢", "你说「马上退款」,钱呢", id="words quoted in a sentence are said"),
        pytest.param("「马上退款」钱呢", "「马上退款」钱呢", id="no rule, no quoted message"),
        pytest.param("好的------谢谢", "好的------谢谢", id="a rule alone"),
    ],
)
def test_a_quoted_message_is_left_to_who_wrote_it(text, own):
    assert without_quote(cased_view(text)).text == own


@pytest.mark.parametrize(
    ("text", "own"),
    [
        pytest.param(f"「王小姐：我要退款」\n{RULE}\n好的", "好的", id="said before"),
        pytest.param(f"「我要退款」\n{RULE}\n好的", "好的", id="without a name"),
        pytest.param(f"「王小姐：我要退款，已经…」\n{RULE}\n好的", "好的", id="cut off"),
        pytest.param(f"「王小姐：[图片]」\n{RULE}\n收到", "收到", id="a picture"),
        pytest.param('这是一条引用/回复消息：\n"王小姐:\n我要退款，已经三天了"\n------\n好的', "好的", id="archive"),
        pytest.param(f"「王小姐：你别烦我」\n{RULE}\n好的", None, id="nobody said so"),
        pytest.param(f"「退款」\n{RULE}\n好的", None, id="words amid a turn"),
        pytest.param('这是一条引用/回复消息：\n"王小姐:\n你别烦我"\n------\n好的', None, id="archive, nobody said so"),
    ],
)
def test_whoever_answers_for_words_cannot_hide_them_in_a_quotation(text, own):
    said = Said()
    said.add("我要退款，已经三天了")
    view = cased_view(text)

    assert without_quote(view, said).text == (view.text if own is None else own)


def test_an_address_behind_a_placeholder_ends_where_words_begin():
    assert why_wordless(cased_view("[链接]https://item.example.com/你别烦我").text) is None


def test_what_is_left_keeps_its_place():
    text = f"「小李：马上给您退款」\n{RULE}\n好的"

    view = without_quote(cased_view(text))

    assert view.to_original(0, 2).start == text.index("好的")


@pytest.mark.parametrize(
    "text",
    [
        "[图片]" * 5_000 + "坏",
        "「" + "」" * 19_999,
        "「」" + "- " * 9_999,
        "「" * 20_000,
        "[语音]" + "1" * 19_000 + "x",
    ],
)
def test_a_turn_of_the_greatest_length_costs_no_time(text):
    view = cased_view(text)
    started = time.process_time()

    why_wordless(view.text)
    without_quote(view)

    assert time.process_time() - started < 0.5
