"""Stickers as exports write them, a name in brackets (`[大哭]`), read as the emoji that they show.

Only for a reader that has learnt from emoji (the mood model). Names that mean what they say in plain words ([赞], [失望])
or that people send in more than one sense ([微笑], [捂脸], [再见]) stay as they are.
"""

from __future__ import annotations

import re

from qa_service.domain.text import NormalisedText

# Names in WeChat, WeCom, QQ, Qianniu and Weibo. Each emoji is one that the model knows; measured: ADR 29.
_NAMES = {
    "😡": "愤怒 发怒 怒 生气 大怒 怒骂 咒骂 骂人 抓狂 怒火 angry scold",
    "😤": "哼 左哼哼 右哼哼",
    "👎": "弱 踩 差评",
    "😒": "撇嘴 鄙视",
    "🙄": "白眼 翻白眼",
    "😭": "大哭 流泪 泪 痛哭 快哭了 泪奔 嚎啕大哭 cry",
    "😢": "难过 伤心 悲伤 可怜 委屈 悲泣",
    "💔": "心碎",
    "😔": "叹气 苦涩",
    "😨": "惊恐 害怕 恐惧",
    "😄": "呲牙 龇牙 呲牙笑 露齿笑 憨笑 大笑 嘻嘻 太开心 开心 grin",
    "😂": "破涕为笑 笑哭 笑cry 喜极而泣 飙泪笑",
    "😊": "愉快 害羞",
}
_EMOJI_OF_NAME = {name: emoji for emoji, names in _NAMES.items() for name in names.split()}
# Faces that the model has never seen, as the one beside them that it knows.
_EMOJI_OF_FACE = {"🤬": "😡", "🥺": "😢", "😧": "😨"}
_STICKER = re.compile(rf"\[([^\[\]\s]{{1,4}}|[A-Za-z]{{1,8}})\]|[{''.join(_EMOJI_OF_FACE)}]")


def with_emoji(view: NormalisedText) -> NormalisedText:
    """`view` with each sticker of known meaning as its emoji, which has the place of the whole name; itself where there is none."""
    text = view.text
    parts: list[str] = []
    origins: list[int] = []
    ends: list[int] = []
    at = 0
    for match in _STICKER.finditer(text):
        emoji = _EMOJI_OF_FACE.get(match.group()) or _EMOJI_OF_NAME.get((match.group(1) or "").lower())
        if emoji is None:
            continue
        parts += (text[at : match.start()], emoji)
        origins += (*view.origins[at : match.start()], view.origins[match.start()])
        ends += (*view.ends[at : match.start()], view.ends[match.end() - 1])
        at = match.end()
    if not parts:
        return view
    return NormalisedText("".join((*parts, text[at:])), (*origins, *view.origins[at:]), (*ends, *view.ends[at:]))
