"""What makes an agreeing word no yes: "not sure", "of course not", 是的，不能退, 好的我看一下. Part of the `quantity` node."""

from __future__ import annotations

import re

from qa_service.domain.text import Span

# "Not entirely sure", "No, that's right elsewhere".
_REFUSED_BEFORE = re.compile(r"(?i)(?:\b(?:not|never|hardly)|n['’]?t)\s(?:\w{1,12}\s){0,2}$")
_NO_BEFORE = re.compile(r"(?i)^\W*(?:no|nope|nah)\s?,")
# "No, of course you can" denies a doubt.
_GRANTED_BEHIND = re.compile(r"(?i)\s*you (?:can|may)\s*(?:[.,!]|$)")
# "Of course not", "you can't"; "sure, not a problem" is a yes.
_REFUSED_BEHIND = re.compile(r"(?i)\s*(?:['’]?t\b|not\b(?!\s(?:a problem|an issue|only|just|to worry))|never\b)")
_FILLERS = r"(?:亲|但是?|不过|可是|抱歉|不好意思|这边|我们|这个|这款|确实|真的|是|也|都|您|暂时|目前|\s)*"
# A refusal of what was asked: 是的，不能退. Not of something else: 可以的，拆封了就不能退, "yes, but don't remove the tags".
_REFUSED_LATER = re.compile(
    rf"(?i)[，,、\s]{_FILLERS}(?:(?:不能|不可以|不行|不支持|无法|没法|没办法|不给|不予|不让|不允许|不可)(?=[退换保赔补送到发修延]|[的了哦哈呢亲啊喔噢]*(?:\W|$))|[退换修赔送到做办]不了)"
    r"|[,;]\s*(?:(?:but|sorry|unfortunately|i['’]m afraid|we|you|it|that|this|i|really|just|actually),?\s)*"
    r"(?:can(?:['’]?t|not|\snot)(?:\s(?:return|exchange|do|offer|take|refund|accept)\s(?:it|that|this|those|them|so)\b|\s*(?:[.,!]|$))"
    r"|not (?:possible|allowed)|(?:isn|won|doesn)['’]?t (?:possible|allowed|work|happen))"
)
# Who looks or asks first has not agreed yet.
_LOOKS_FIRST = re.compile(
    r"(?i)(?:我|帮[您你]|给[您你]|这边)[^，。！？,.!?\n]{0,6}?(?:[看问查]{2}|(?:[看问查]|确认)一?下|查询|核实|核对|咨询|请示|了解一?下)"
    r"|(?:^|[，,。！!\s亲哈呢哦])(?:请?稍等|请?稍候|等一下|等下|等我|让我)"
    r"|\b(?:let me|lemme|allow me to|i(?:['’]ll| will| need to| have to| must)) (?:\w{1,12} ){0,2}?"
    r"(?:look|check|see|ask|find|confirm|verify|double|get back)"
    r"|\b(?:one moment|just a moment|one sec|hold on(?! to)|bear with me|give me a (?:moment|minute|sec))"
)
_LOOK_AHEAD = 80
# Who has said a full yes may still look up the order; a bare 好的 or "ok" only hears what was asked.
_FULL_YES = re.compile(
    r"(?i)可以|没问题|当然|支持|能退|能换|yes|yep|yeah|of course|absolutely|certainly|definitely|no problem"
)


def is_taken_back(original: str, agreeing: Span, sentence: Span) -> bool:
    """Whether the words around an agreeing word of an answer refuse what was asked, or put it off."""
    before = original[sentence.start : agreeing.start]
    behind = original[agreeing.end : sentence.end]
    is_full = _FULL_YES.search(original[sentence.start : agreeing.end]) is not None
    return (
        _REFUSED_BEFORE.search(before) is not None
        or (_NO_BEFORE.search(before) is not None and _GRANTED_BEHIND.match(behind) is None)
        or _REFUSED_BEHIND.match(behind) is not None
        or _REFUSED_LATER.search(behind) is not None
        or (not is_full and _LOOKS_FIRST.search(original[agreeing.end : agreeing.end + _LOOK_AHEAD]) is not None)
    )
