"""Who a line of plain text says is speaking. Owns `客服小林` and its like; lines and turns are `txt`'s."""

from __future__ import annotations

import re
from dataclasses import dataclass

from qa_service.ingest.aliases import ROLE_ALIASES, generic_word

# Speakers in other words than ours: not understood, and no part of the turn before either.
_OTHER_WORDS = (
    "用户",
    "卖家",
    "店家",
    "客人",
    "专员",
    "顾问",
    "主管",
    "助手",
    "seller",
    "client",
    "support",
    "operator",
)


def _either(words: tuple[str, ...], *, ending: str) -> str:
    """One of the words; a Latin one not within a longer word (`bot` in `Abbott`)."""
    han = "|".join(word for word in words if not word.isascii())
    latin = "|".join(word for word in words if word.isascii())
    return rf"(?:{han}|(?<![a-z])(?:{latin}){ending}(?![a-z]))"


_ROLE = rf"(?P<role>{_either(tuple(ROLE_ALIASES), ending='')})"
_ANY_SPEAKER = _either((*ROLE_ALIASES, *_OTHER_WORDS), ending="s?")
_WORD = r"\w[\w.·*'’-]{0,19}"
_NAME = rf"(?P<name>{_WORD}(?: {_WORD}){{0,2}})"
_OPEN, _CLOSE = r"\s*[(（\[【]\s*", r"\s*[)）\]】]"
_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        _ROLE,
        rf"{_ROLE}{_OPEN}{_NAME}{_CLOSE}",
        rf"{_ROLE}\s*[-_—|/#·]\s*{_NAME}",
        rf"{_NAME}{_OPEN}{_ROLE}{_CLOSE}",
        rf"{_NAME}\s*[-_—|/]\s*{_ROLE}",
        # Without a mark between, only what can hardly be the rest of a sentence: 客服小林, 客服Momo, 客服 07, Agent Maya.
        rf"{_ROLE}\s*(?P<name>[㐀-鿿]{{1,4}}\d{{0,6}}|\d{{1,12}}号?|(?-i:[A-Z]){_WORD}(?: (?-i:[A-Z]){_WORD})?)",
        rf"{_ROLE}\s+(?P<name>(?-i:[A-Z]))",
    )
)
_SYSTEM_MESSAGE = re.compile("系统(?:消息|提示|通知)")
_HOLDS_A_SPEAKER = re.compile(_ANY_SPEAKER, re.IGNORECASE)
# 客服电话：400…, 客户姓名：…, 客户经理：… and Customer service: are labels, or another role than their first word's.
_NO_NAME = re.compile(
    "[说问答复馈话码址箱线您你我他她们的了是请把会已还不没能要将给让]|(?<!\\d)号|^[端秀]$|[组部群]$|微信|信息|姓名|名称|昵称|邮件|留言|评价|备注|要求|需求|诉求|订单|服务|"
    "经理|代表|关怀|支持|中心|工作|时间|情况|表示|投诉|"
    r"\b(?:service|services|care|success|relations|manager|team|name|id|no|number|phone|tel|email|mail|address|note|"
    r"notes|says|said|wrote|comment|comments|request|guide|order|info|information|details|feedback|review|reviews|"
    r"desk|hours|status|account|rating|question|questions|reply|response|manual|agreement)\b",
    re.IGNORECASE,
)
_LOOKS_LIKE_SPEAKER = re.compile(rf".{{0,30}}{_ANY_SPEAKER}.{{0,20}}[:：]", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """Role in the generic format's word, and the name beside it if there is one."""

    role: str
    name: str | None


def read_speaker(words: str) -> Speaker | None:
    """What stands before the colon: `客服`, `客服小林`, `客服(小林)`, `小林（客服）`, `Agent Maya`.

    Returns:
        None for anything that may mean something else, such as `客服电话`, `客户经理` or `Customer service`: to take
        it for a speaker would put words into a person's mouth.
    """
    words = words.strip()
    if _SYSTEM_MESSAGE.fullmatch(words):
        return Speaker(role=ROLE_ALIASES["系统"], name=None)
    for form in _FORMS:
        match = form.fullmatch(words)
        name = match and match.groupdict().get("name")
        if match and not (name and (_HOLDS_A_SPEAKER.search(name) or _NO_NAME.search(name))):
            return Speaker(role=generic_word(match["role"], ROLE_ALIASES), name=name)
    return None


def looks_like_speaker(line: str) -> bool:
    """Whether a line that opens no turn may open somebody's: a word for a speaker before a colon, or such a word alone."""
    return _LOOKS_LIKE_SPEAKER.match(line) is not None or read_speaker(line) is not None
