"""Masked texts keep what a promise is made of and nothing that reaches a person."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from qa_service.normalise import mask


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        pytest.param("电话13812345678谢谢", "电话00000000000谢谢", id="mobile"),
        pytest.param("call +86 138-1234-5678", "call +00 000-0000-0000", id="with dashes"),
        pytest.param("电话１３８１２３４５６７８", "电话00000000000", id="full width"),
        pytest.param("一三八零零一二三四", "〇〇〇〇〇〇〇〇〇", id="spelt out"),
        pytest.param("发到li.na+1@qq.com吧", "发到name@example.com吧", id="mail after Chinese"),
        pytest.param("mail: me @ shop.co.uk", "mail: name@example.com", id="mail with spaces"),
        pytest.param("单号SF1234567890", "单号xx0000000000", id="tracking code"),
        pytest.param("加微信wx_abc123", "加微信w*_******", id="chat name"),
        pytest.param("看 https://m.tb.cn/h.5x?tk=Zz1 哦", "看 https://example.com 哦", id="link"),
        pytest.param("手机一三八一二三四五六七八", "手机〇〇〇0000〇〇〇〇", id="spelt out, masked at rest"),
        pytest.param("手机①③⑧①②③④⑤⑥⑦⑧", "手机00000000000", id="circled"),
        pytest.param("电话1 3 8 1 2 3 4 5 6 7 8", "电话0 0 0 0 0 0 0 0 0 0 0", id="one by one"),
        pytest.param("138·1234·5678", "000·0000·0000", id="with points"),
        pytest.param("10:30打我13812345678", "10:30打我00000000000", id="beside a time"),
        pytest.param("单号A123，AB123", "单号x000，xx000", id="short codes"),
        pytest.param("单号ＳＦ１２３４", "单号xx0000", id="full-width code"),
        pytest.param("看m.tb.cn/h.abc点开", "看https://example.com点开", id="short link"),
        pytest.param("taobao.com/item?id=9", "https://example.com", id="link without a scheme"),
        pytest.param("https：//a.b/c", "https://example.com", id="full-width colon"),
        pytest.param("壹叁捌贰肆伍", "〇〇〇〇〇〇", id="spelt out as in contracts"),
        pytest.param("11/03/2026", "00/00/0000", id="date with slashes"),
        pytest.param("2026年11月3日", "0000年00月0日", id="date with its year"),
        pytest.param("138/1234/5678", "000/0000/0000", id="with slashes"),
        pytest.param("138,1234,5678", "000,0000,0000", id="with commas"),
        pytest.param("138，1234，5678", "000，0000，0000", id="with full-width commas"),
        pytest.param("138、1234、5678", "000、0000、0000", id="with list commas"),
        pytest.param("138|1234|5678", "000|0000|0000", id="with bars"),
        pytest.param("138－1234－5678", "000－0000－0000", id="with full-width dashes"),
        pytest.param("打400-***-1234，9点到21点", "打000-000-0000，9点到21点", id="before a time"),
        pytest.param("2026/11/03 10:30", "0000/00/00 10:30", id="date before a time"),
        pytest.param("身份证11010119900307761X", "身份证00000000000000000x", id="identity card"),
    ],
)
def test_what_points_to_a_person_is_unreadable(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        *("7天无理由", "满300减50", "199.9元", "2026年", "iPhone15很好", "一二三", "9:30到", "5G"),
        *("赔您1299.00元", "退$1,234.56给您", "周五10:30 2000元", "评分***** 5星", "密码******", "王**三号到"),
        *(
            "12.50 13.50",
            "9.9 9.9 9.9",
            "9.9、19.9、29.9",
            "1,299.00 1,399.00",
            "12,999元",
            "12.50/件",
            "9.90 30天",
            "12.50.",
            "9.9/kg",
        ),
        *(
            "199/299元",
            "满1999,2999",
            "7、15、30天",
            "11月3日",
            "A4纸",
            "500g装",
            "USD199.00",
            "10:30/11:30",
            "yes/no.",
        ),
    ],
)
def test_prices_days_and_times_stay(text: str) -> None:
    assert mask(text) == text


@example("X0**")
@given(st.text(alphabet="0123456789abcXＡ-_. @年月元一二三壹:/，,、|*·③", max_size=40))
def test_masking_twice_changes_nothing(text: str) -> None:
    assert mask(mask(text)) == mask(text)


@given(st.lists(st.sampled_from(["www.", "https://", "m.tb.cn/", "a@b.cn", "9", "12.5", "月", "年", "x", "，", " "])))
def test_masking_links_twice_changes_nothing(parts: list[str]) -> None:
    assert mask(mask("".join(parts))) == mask("".join(parts))


@given(st.from_regex(r"[1-9]{5,20}", fullmatch=True))
def test_no_long_number_stays(number: str) -> None:
    assert not set(mask(f"号{number}。")) & set("123456789")
