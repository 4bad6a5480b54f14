"""Stickers as exports write them, a name in brackets (`[大哭]`), read as the emoji that they show.

Only for a reader that has learnt from emoji (the mood model). Names that mean what they say in plain words ([赞], [失望])
or that people send in more than one sense ([微笑], [捂脸], [再见], [可怜]) stay as they are.
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
    "😢": "难过 伤心 悲伤 委屈 悲泣",
    "💔": "心碎",
    "😔": "叹气 苦涩",
    "😨": "惊恐 害怕 恐惧",
    "😄": "呲牙 龇牙 呲牙笑 露齿笑 憨笑 大笑 嘻嘻 太开心 开心 grin",
    "😂": "破涕为笑 笑哭 笑cry 喜极而泣 飙泪笑",
    "😊": "愉快 害羞",
}
_EMOJI_OF_NAME = {name: emoji for emoji, names in _NAMES.items() for name in names.split()}
# Sorrow of an agent is sympathy; the model has learnt it from customers and takes it for a brush-off (measured: ADR 29).
_OF_CUSTOMERS = frozenset({"😭", "😢", "💔", "😔", "😨"}) | {"[抓狂]"}
# Faces that the model has never seen, as the one beside them that it knows.
_EMOJI_OF_FACE = {"🤬": "😡", "🥺": "😢", "😧": "😨"}
_STICKER = re.compile(rf"\[([^\[\]\s]{{1,4}}|[A-Za-z]{{1,8}})\]|[{''.join(_EMOJI_OF_FACE)}]")


def with_emoji(view: NormalisedText, *, is_agents: bool = False) -> NormalisedText:
    """`view` with each sticker of known meaning as its emoji, which has the place of the whole name; itself where there is none.

    Faces of sorrow and despair stay names in what an agent writes (`is_agents`).
    """
    text = view.text
    parts: list[str] = []
    origins: list[int] = []
    ends: list[int] = []
    at = 0
    for match in _STICKER.finditer(text):
        emoji = _EMOJI_OF_FACE.get(match.group()) or _EMOJI_OF_NAME.get((match.group(1) or "").lower())
        if emoji is None or (is_agents and not _OF_CUSTOMERS.isdisjoint((emoji, match.group()))):
            continue
        parts += (text[at : match.start()], emoji)
        origins += (*view.origins[at : match.start()], view.origins[match.start()])
        ends += (*view.ends[at : match.start()], view.ends[match.end() - 1])
        at = match.end()
    if not parts:
        return view
    return NormalisedText("".join((*parts, text[at:])), (*origins, *view.origins[at:]), (*ends, *view.ends[at:]))
