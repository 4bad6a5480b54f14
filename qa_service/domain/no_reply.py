"""Which customer messages need no answer, so that nobody is timed on a thank-you. Owns no times (`reply_times`)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Set as AbstractSet

# Why a list: the appraisal schemes of shops leave thanks and acknowledgements out of the unanswered share, and name
# them word by word. Only words that close or acknowledge; a word that also asks (`在吗`, `然后呢`) is not here. Written
# without spaces and punctuation, both scripts, since messages are compared so.
CLOSING_WORDS = frozenset(
    """
    谢谢 谢谢你 谢谢您 謝謝 謝謝你 謝謝您 谢啦 谢了 感谢 感謝 感激 多谢 多謝 唔该 唔該 辛苦 辛苦了 辛苦你了 辛苦您了
    麻烦了 麻烦你了 麻烦您了 好 好的 好滴 好哒 好嘞 好吧 好呀 好啊 好了 好好 那好 行 行的 行吧 行啊 嗯 嗯嗯 嗯呢 恩 哦 噢
    喔 知道 知道了 我知道了 晓得了 了解 了解了 懂了 我懂了 明白 明白了 收到 收到了 清楚了 没事 没事了 沒事了 没关系 没问题
    没问题了 没有了 没了 没别的了 不用了 不用谢 不客气 就这样 就这样吧 那就这样 那就这样吧 先这样 再见 拜拜 拜 晚安 早安
    找到了 我找到了 看到了 我看到了 搞定了 解决了 已经解决了 弄好了 可以了 3q 3x
    ok okay okey okie okk oki k kk thanks thank thankyou thankyousomuch thankyouverymuch thanksalot thanksagain manythanks
    thx thnx tks ty tysm cheers appreciated muchappreciated appreciateit iappreciateit gotit igotit gotcha
    gotyou isee understood noted alright allright allgood fine good great perfect cool nice super awesome lovely wonderful
    willdo soundsgood nothanks nothankyou nothingelse thatsall thatisall thatsit thathelps thatworks thathelped noworries
    noproblem youtoo sametoyou foundit ifoundit foundthem foundthat itworks itworksnow allset takecare seeyou seeya
    bye byebye goodbye goodnight haveagoodday haveaniceday haveagreatday haveagoodone
    """.split()  # noqa: SIM905 – a word list reads as one
)
PARTICLES = frozenset(
    """
    啊 呀 哈 啦 了 呢 哟 的 亲 您 你 哈哈 嘻嘻 嘿嘿 可以 可以的 then so very much all you dear yes yep yeah yup sure oh ah
    now lol haha foryourhelp forthehelp forallyourhelp forallthehelp foryourtime forhelping forhelpingme
    """.split()  # noqa: SIM905
)
"""What may stand beside closing words. Alone it is none: `可以` or `yes` by itself accepts an offer, which must go on."""

_LONGEST_CLOSING = 30
"""Letters; nobody says thanks at greater length without saying something else too."""

# A sticker in brackets says no words; a placeholder of a picture or card is something to answer.
_STICKER = re.compile(
    r"\[(?!图片|视频|语音|商品|订单|链接|文件|image|photo|video|audio|file)[^\[\]]{1,8}\]", re.IGNORECASE
)
# "thanks Maya", "谢谢周师傅": whose name it is does not matter, that nothing follows it does.
_THANKED_NAME = re.compile(
    r"(?i:\b(?:thanks|thank you|thx|cheers|bye|got it|found it|understood))(?P<name>,? [A-Z][a-z]{1,14})(?=\W*$)"
)
# Before the form of address stands a name of at most two characters; words of asking for somebody (`好的转客服`) are none.
_ADDRESSED = re.compile(
    r"(?:谢谢|謝謝|多谢|多謝|感谢|感謝|谢了|谢啦|辛苦了?|麻烦了?|好的?|好滴|嗯+|收到|知道了|明白了|再见|拜拜|ok|thanks)[您你]?"
    r"(?P<name>(?:[^\W\d_找叫换換给給问問让讓跟和要请請转轉人工有没沒是联聯催等]{0,2}"
    r"(?:师傅|師傅|老师|老師|小姐姐?|姐姐?|小哥哥?|哥哥?|妹妹?|大哥|大姐|阿姨|叔叔|先生|女士|老板|老闆|店家|店主|店长|掌柜|掌櫃|卖家|賣家"
    r"|客服|经理|經理|同学|同學|美女|帅哥|亲爱的|親愛的|宝贝|寶貝|宝))"
    r"|(?<=谢谢|謝謝|多谢|感谢|辛苦)小[^\W\d_a-z])(?=[啊呀啦哈哦哟]*$)"
)
_ASKING = re.compile(r"[?？!！]")


def needs_reply(text: str, *, names: AbstractSet[str] = frozenset()) -> bool:
    """Whether an answer is due to this text.

    None is due to blank text, emoji or stickers alone, and messages made of closing words (`好的，谢谢啦`), also with the
    name or form of address of the person who is thanked (`谢谢周师傅`). A question mark always asks; `!!!` alone urges.

    Args:
        text: as the customer wrote it.
        names: who is there to be thanked, as `letters_of` gives them.
    """
    bare = _STICKER.sub("", text)
    named = _THANKED_NAME.search(bare)
    letters = letters_of(bare[: named.start("name")] if named else bare)
    if not letters:
        return _ASKING.search(bare) is not None
    return "?" in bare or "？" in bare or not _is_closing(letters, names)


def letters_of(text: str) -> str:
    """Letters and digits alone, one width and case."""
    return "".join(char for char in unicodedata.normalize("NFKC", text).casefold() if char.isalnum())


def _is_closing(letters: str, names: AbstractSet[str]) -> bool:
    """Whether the letters are closing words, particles and names from end to end, at least one closing word among them."""
    if len(letters) > _LONGEST_CLOSING:
        return False
    if addressed := _ADDRESSED.search(letters):
        letters = letters[: addressed.start("name")] + letters[addressed.end("name") :]
    # reached[i]: letters[:i] can be split so; the value says whether such a split holds a closing word.
    reached: dict[int, bool] = {0: False}
    for start in range(len(letters)):
        if start not in reached:
            continue
        for end in range(start + 1, len(letters) + 1):
            word = letters[start:end]
            if word in CLOSING_WORDS or word in PARTICLES or word in names:
                closes = reached[start] or word in CLOSING_WORDS
                reached[end] = reached.get(end, False) or closes
    return reached.get(len(letters), False)
