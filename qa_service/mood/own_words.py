"""What stands in a turn without its sender having said it: placeholders for what is no text, notices, quoted messages."""

from __future__ import annotations

import re

from qa_service.domain.no_reply import letters_of
from qa_service.domain.text import NormalisedText

_NO_TEXT = (
    "图片|截图|照片|视频|小视频|短视频|语音|音频|文件|链接|商品|商品链接|商品卡片|宝贝|宝贝链接|订单|订单卡片|位置|地理位置|名片|卡片"
    "|聊天记录|小程序|表情|动画表情|自定义表情|表情包|红包|转账"
    "|image|images|photo|picture|screenshot|video|voice|audio|file|link|card|location|sticker|gif|emoji"
)
_HOLDER = rf"(?:\[(?:{_NO_TEXT})\]|【(?:{_NO_TEXT})】|<(?:{_NO_TEXT}|img)\s*/?>)"
# Behind it at most a length, a size, a number or an address. The folded text has the half-width signs.
_HOLDERS = re.compile(rf"(?:{_HOLDER} ?)+(?:https?://[!-~]+|[\d:.,″”\"' ]*(?:s|秒|kb|mb)?)", re.IGNORECASE)
_RECALL = re.compile(
    r"(?:[\"“「][^\"”」]{1,20}[\"”」] ?|客户|买家|顾客|用户|对方|客服|卖家|你|您)?已?撤回了?一条消息[。.]?"
    r"|(?:you |the customer )?recalled a message\.?|this message was deleted\.?",
    re.IGNORECASE,
)
# Line breaks are folded to spaces. WeChat and WeCom put a rule under what was quoted, the archive of WeCom names it.
_QUOTED = re.compile(
    r"「(?P<wechat>.{0,2000}?)」 ?(?:- ?){6,}|这是一条引用/回复消息:? ?[\"“「](?P<archive>.{0,2000}?)[\"”」] ?-{4,} ?"
)
_QUOTED_NAME = re.compile(r".{1,30}?: ?")


def why_wordless(text: str) -> str | None:
    """Why a text (the `cased` view) holds nothing that its sender wrote, or None."""
    if _HOLDERS.fullmatch(text):
        return "only a placeholder of what is no text"
    return "recall turn" if _RECALL.fullmatch(text) else None


class Said:
    """What was written so far in a chat, to tell a quoted message from words that only look like one."""

    def __init__(self) -> None:
        self._letters = "\n"
        self._new: list[str] = []

    def add(self, text: str) -> None:
        """Note a turn (what its sender wrote in it)."""
        self._new.append(text)

    def holds(self, quoted: str) -> bool:
        """Whether an earlier turn begins with these words, the name before them left out; signs and placeholders always do."""
        if self._new:
            # A line a turn; what is quoted is a turn from its beginning, maybe cut off.
            self._letters += "".join(f"{letters_of(text)}\n" for text in self._new)
            self._new.clear()
        name = _QUOTED_NAME.match(quoted)
        return any(
            why_wordless(words.strip()) is not None or f"\n{letters_of(words)}" in self._letters
            for words in (quoted, *((quoted[name.end() :],) if name else ()))
        )


def without_quote(view: NormalisedText, said: Said | None = None) -> NormalisedText:
    """The text behind the message that it quotes and answers; itself where it quotes none so.

    With `said`, only what was written before is a quotation: whoever is answerable for the own words could hide them in one.
    """
    match = _QUOTED.match(view.text)
    if match is None or (said is not None and not said.holds(match["wechat"] or match["archive"] or "")):
        return view
    start = match.end()
    return NormalisedText(view.text[start:], view.origins[start:], view.ends[start:])
