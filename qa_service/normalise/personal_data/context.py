"""What stands beside a number and says what it is."""

from __future__ import annotations

import re

_BEFORE = 12
"""Characters before a number in which a word may say what it is."""

_PHONE_WORD = re.compile(
    r"电话|手机|手提|座机|固话|联系方式|联系我|致电|回电|来电|号码|[这那]个号|打给|拨|微信|薇信|vx|wx|加我|加v|phone|mobile|cell|call|tel|whatsapp"
    r"|ring|reach|text me|contact",
    re.IGNORECASE,
)
_CARD_WORD = re.compile(r"卡号|银行卡|储蓄卡|信用卡|借记卡|账号|账户|行卡|card|account", re.IGNORECASE)
_ID_WORD = re.compile(r"身份证|证件|实名|identity|\bid\b", re.IGNORECASE)
_GOODS_WORD = re.compile(
    r"(?:订单|单号|运单|物流单|物流号|快递单|快递号|流水|交易|编号|编码|货号|款号|型号|批号|批次|序列号|条码|条形码|商品码|验证码|兑换码|优惠券码"
    r"|imei|sku|order|tracking|parcel|waybill|invoice|item|model|part|serial|isbn|code)"
    r"(?:\s|单?号码?|编号|numbers?|no\b\.?|id\b|is\b|[a-z]{1,3}(?=[0-9])|[#_是为:：(（-]){0,5}$",
    re.IGNORECASE,
)
_AMOUNT_AFTER = re.compile(
    r"\s?(?:元|块|万|亿|%|件|个|次|米|公斤|斤|克|kg|gb|mb|ml|mm|cm|rmb|usd|积分|分钟)", re.IGNORECASE
)
_CALLED = re.compile(
    r"(?:^|[^A-Za-z0-9])(?:tel|phone|mobile|cell|mob|ph|vx|wx|v|q|qq|t|call|no|wechat|sj|dh)$", re.IGNORECASE
)


def says_phone(view: str, start: int) -> bool:
    """Whether a word shortly before says that a number is a phone's."""
    return _PHONE_WORD.search(_before(view, start)) is not None


def says_card(view: str, start: int) -> bool:
    """Whether a word shortly before says that a number is a bank card's."""
    return _CARD_WORD.search(_before(view, start)) is not None


def says_id(view: str, start: int) -> bool:
    """Whether a word shortly before says that a number is an identity document's."""
    return _ID_WORD.search(_before(view, start)) is not None


def says_goods(view: str, start: int) -> bool:
    """Whether the words right before say that a number is an order's, a parcel's or an article's."""
    return _GOODS_WORD.search(_before(view, start)) is not None


def is_amount(view: str, start: int, end: int) -> bool:
    """Whether a number is money, a measure or a count."""
    before = view[start - 1] if start else ""
    return (
        before in ("¥", "￥", "$", "€", "£") or _AMOUNT_AFTER.match(view, end) is not None or _has_decimals(view, end)
    )


def _has_decimals(view: str, end: int) -> bool:
    digits = view[end + 1 : end + 4]
    return view[end : end + 1] == "." and digits[:1].isdigit() and not digits[2:3].isdigit()


def is_in_code(view: str, start: int, end: int) -> bool:
    """Whether letters that are no word for a phone stand right at a number: it is part of a code."""
    before, after = view[start - 1 : start], view[end : end + 1]
    if _is_letter(after):
        return True
    return _is_letter(before) and _CALLED.search(_before(view, start)) is None


def _is_letter(char: str) -> bool:
    return char == "_" or (char.isascii() and char.isalpha())


def _before(view: str, start: int) -> str:
    return view[max(start - _BEFORE, 0) : start]
