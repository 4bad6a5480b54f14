"""Which customer messages need no answer, so that nobody is timed on a thank-you. Owns no times (`service_meter`)."""

from __future__ import annotations

import re
import unicodedata

# Why a list: the appraisal schemes of shops leave thanks and acknowledgements out of the unanswered share, and name
# them word by word. Only words that close or acknowledge; a word that also asks (`在吗`, `然后呢`) is not here. Written
# without spaces and punctuation, both scripts, since messages are compared so.
CLOSING_WORDS = frozenset(
    """
    谢谢 谢谢你 谢谢您 謝謝 謝謝你 謝謝您 谢啦 谢了 感谢 感謝 感激 多谢 多謝 唔该 唔該 辛苦 辛苦了 辛苦你了 辛苦您了
    麻烦你了 麻烦您了 好 好的 好滴 好哒 好嘞 好吧 好呀 好啊 好了 好好 行 行的 行吧 行啊 嗯 嗯呢 恩 哦 噢 喔
    知道 知道了 我知道了 晓得了 了解 了解了 懂了 明白 明白了 收到 收到了 清楚了 没事 没事了 沒事了 没关系 没问题
    没有了 没了 不用了 不用谢 不客气 再见 拜拜 拜 晚安 早安
    ok okay okk oki k kk thanks thank thankyou thanksalot thx tks ty tysm cheers appreciated appreciateit iappreciateit
    gotit isee understood noted alright allright fine great perfect cool awesome willdo soundsgood nothanks nothankyou
    thatsall thatsit noworries noproblem youtoo bye byebye goodbye goodnight haveagoodday haveaniceday haveagoodone
    """.split()  # noqa: SIM905 – a word list reads as one
)
PARTICLES = frozenset(
    "啊 呀 哈 啦 了 呢 哟 亲 您 你 哈哈 嘻嘻 嘿嘿 可以 可以的 then so very much all you dear yes yep yeah sure".split()  # noqa: SIM905
)
"""What may stand beside closing words. Alone it is none: `可以` or `yes` by itself accepts an offer, which must go on."""

_LONGEST_CLOSING = 30
"""Letters; nobody says thanks at greater length without saying something else too."""

# A sticker in brackets says no words; a placeholder of a picture or card is something to answer.
_STICKER = re.compile(
    r"\[(?!图片|视频|语音|商品|订单|链接|文件|image|photo|video|audio|file)[^\[\]]{1,8}\]", re.IGNORECASE
)
# "thanks Maya": whose name it is does not matter, that nothing follows it does.
_THANKED_NAME = re.compile(r"(?i:\b(?:thanks|thank you|cheers|bye))(?P<name>,? [A-Z][a-z]{1,14})(?=\W*$)")
_ASKING = re.compile(r"[?？!！]")


def needs_reply(text: str) -> bool:
    """Whether an answer is due to this text.

    None is due to blank text, emoji or stickers alone, and messages made of closing words only (`好的，谢谢啦`). A
    question mark always asks; `!!!` alone urges.
    """
    bare = _STICKER.sub("", text)
    named = _THANKED_NAME.search(bare)
    said = bare[: named.start("name")] if named else bare
    letters = "".join(char for char in unicodedata.normalize("NFKC", said).casefold() if char.isalnum())
    if not letters:
        return _ASKING.search(bare) is not None
    return "?" in bare or "？" in bare or not _is_closing(letters)


def _is_closing(letters: str) -> bool:
    """Whether the letters are closing words and particles from end to end, at least one closing word among them."""
    if len(letters) > _LONGEST_CLOSING:
        return False
    # reached[i]: letters[:i] can be split so; the value says whether such a split holds a closing word.
    reached: dict[int, bool] = {0: False}
    for start in range(len(letters)):
        if start not in reached:
            continue
        for end in range(start + 1, len(letters) + 1):
            word = letters[start:end]
            if word in CLOSING_WORDS or word in PARTICLES:
                closes = reached[start] or word in CLOSING_WORDS
                reached[end] = reached.get(end, False) or closes
    return reached.get(len(letters), False)
