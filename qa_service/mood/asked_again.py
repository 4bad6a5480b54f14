"""What a customer asks, without the words around it, so that a question said again is known by a plain comparison."""

from __future__ import annotations

import re

from qa_service.domain.no_reply import letters_of, needs_reply

LEAST_LETTERS = 4
"""Shorter words (人呢, 在吗) are said again without a question being repeated."""
LEAST_DIFFERENT = 3
"""Of them: laughter (哈哈哈哈) is no question."""

LONGEST_QUESTION = 100
"""Letters; what is longer is compared as it stands."""

_LINK_OR_MENTION = re.compile(r"https?://\S+|@\S+(?= )")
# Manners and impatience: 请问, 到底. What changes the question (能, 还, 吗) is none of them.
_BEFORE = re.compile(
    r"(?:请问(?:一下|下)?|麻烦问(?:一下|下)?|(?:我|我就)?(?:想)?问(?:一下|下)?|[你您]好|亲|那|到底|所以)+"
)
_BEHIND = re.compile(r"(?:[呢呀啊哈哦嘛]|亲|谢谢)+$")
_TWICE = re.compile(r"(.{2,}?)\1+")
# 这款有货吗: between the two questions another card may have been sent.
_POINTING = re.compile(r"[这那]一?[款件条双只套台瓶个种把张](?!问题|事|订单|情况)")


def question_of(text: str) -> str | None:
    """The letters of what is asked or told, without manners and said once; None for what is too little to be asked again.

    That are thanks and closings, short words, laughter, numbers or links that a customer sends again, and what points at a thing
    (这款有货吗), which may be another by now.
    """
    if not needs_reply(text) or _POINTING.search(text):
        return None
    letters = letters_of(_LINK_OR_MENTION.sub("", text))
    core = _bare(letters) if len(letters) <= LONGEST_QUESTION else letters
    if len(core) < LEAST_LETTERS or len(set(core)) < LEAST_DIFFERENT or not any(map(str.isalpha, core)):
        return None
    return core


def _bare(letters: str) -> str:
    """Without manners at both ends, and once where the same is said twice."""
    manners = _BEFORE.match(letters)
    core = _BEHIND.sub("", letters[manners.end() :] if manners else letters)
    twice = _TWICE.fullmatch(core)
    return twice.group(1) if twice else core
