"""Names of persons, where the words beside them leave no doubt. Other names are not found: no rule tells them from words."""

from __future__ import annotations

import re
from collections.abc import Iterator

from qa_service.domain.personal_data import PersonalKind, PersonalSpan

_SURNAME = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石"
    "姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文施洪柯樊庞殷"
)
"""The hundred or so most frequent surnames. Source: National Name Report 2021, Ministry of Public Security."""

_COMPOUND = "欧阳|上官|司马|诸葛|司徒|东方|皇甫|尉迟|公孙|慕容|令狐|端木|夏侯|南宫"
_HAN = "\u4e00-\u9fff"
_NAME = rf"(?P<name>(?:{_COMPOUND})[{_HAN}]{{1,2}}|[{_SURNAME}][{_HAN}·]{{1,2}})"
_NO_NAME = re.compile(r"什么|是谁|任何|高兴|高级|万一|于是|方便|常用|白天|马上|金额|文字|地址|电话|都不")
_NAME_ENDS = rf"(?=[^{_HAN}]|$|电话|手机|地址|收|的|先生|女士|小姐)"
_SAID = re.compile(
    rf"(?:我叫|我的?名字(?:是|叫)|我名叫|本人叫|姓名|收[件货]人|寄件人|联系人|持卡人|开户人|户名|真实姓名|签收人)(?:姓名|名字)?\s?[:：是为]?\s?{_NAME}{_NAME_ENDS}"
)
_HONOURED = re.compile(rf"(?P<name>[{_SURNAME}]|{_COMPOUND})(?:先生|女士|小姐|太太)")
_ALONE = re.compile(rf"[^{_HAN}]|[是叫找给跟请问的您好]")
"""What may stand before a surname alone: after other characters it may be the end of a word."""

_WORD = r"[A-Z][a-zA-Z'-]{1,20}"
_ENGLISH = re.compile(
    rf"(?:\b[Mm]y (?:full )?name is |\b[Nn]ame ?: ?|\b[Rr]ecipient ?: ?|\b[Cc]ardholder ?: ?|\b[Aa]ttn ?: ?"
    r"|\bMr\.? |\bMrs\.? |\bMs\.? |\bMiss )"
    rf"(?P<name>{_WORD}(?: {_WORD}){{0,2}})"
)


def names(view: str) -> Iterator[PersonalSpan]:
    """Names after words that introduce one, and surnames before an honorific."""
    for pattern, hints in ((_SAID, "叫名人"), (_HONOURED, "生士姐太"), (_ENGLISH, "Mmn")):
        if all(hint not in view for hint in hints):
            continue
        for match in pattern.finditer(view):
            start = match.start("name")
            if pattern is _HONOURED and start and not _ALONE.match(view, start - 1):
                continue
            if not _NO_NAME.search(match["name"]):
                yield PersonalSpan(kind=PersonalKind.NAME, start=match.start("name"), end=match.end("name"))
