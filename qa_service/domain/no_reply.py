"""Which customer messages need no answer, so that nobody is timed on a thank-you. Owns no times (`reply_times`)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Set as AbstractSet

from qa_service.domain.english_courtesies import COURTESIES, answers, is_thankful

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
    感恩 谢过 好吧好吧 那行 那好吧 那行吧 没别的事了 没其他事了 没其他问题了 没别的问题了 就这么定了 就这么办
    没有其他问题了 没有别的问题了 好叭 好的叭 行叭 嗯呐 嗯哪 得嘞 妥了 要得 中 晓得 会了 已收到 收到货了 不急 不着急 慢慢来 唔紧要
    那就好 那太好了 太好了 那还差不多 那还行 爱你 爱你们 爱你哟 么么哒 点赞 帮大忙了 帮了大忙 多亏你了 多亏您了
    麻烦啦 麻烦你啦 麻烦您啦 已拍 已拍下 拍好了 我拍好了 已下单 已付款 已经付款了 付好了 赞
    没别的事啦 你忙 您忙 你忙吧 您忙吧
    ok okay okey okie okk oki k kk thanks thank thankyou thankyousomuch thankyouverymuch thanksalot thanksagain manythanks
    thx thnx tks ty tysm cheers appreciated muchappreciated appreciateit iappreciateit gotit igotit gotcha
    gotyou isee understood noted alright allright allgood fine good great perfect cool nice super awesome lovely wonderful
    willdo soundsgood nothanks nothankyou nothingelse thatsall thatisall thatsit thathelps thatworks thathelped noworries
    noproblem youtoo sametoyou foundit ifoundit foundthem foundthat itworks itworksnow allset takecare seeyou seeya
    bye byebye goodbye goodnight ta brill brilliant fab fantastic excellent amazing terrific sorted legend niceone topman
    notbad maybelater received receivedwiththanks thanku thankyouu thanx thnks thks tnx tq tqvm obliged muchobliged withthanks
    gracias merci danke obrigado obrigada grazie yay phew woohoo hooray sweet superb
    """.split()  # noqa: SIM905 – a word list reads as one
)
PARTICLES = frozenset(
    """
    啊 呀 哈 啦 了 呢 哟 的 亲 您 你 哈哈 嘻嘻 嘿嘿 可以 可以的 then so very much all you dear yes yep yeah yup sure oh ah
    now again lol haha mate love pal man bud buddy dude bro guys folks team everyone sir maam
    no nope nah well wow omg aw aww finally really honestly seriously kindly indeed amillion abunch aton heaps loads friend
    myfriend mydear brother sis boss lah lor
    """.split()  # noqa: SIM905
)
"""What may stand beside closing words. Alone it is none: `可以` or `yes` by itself accepts an offer, which must go on."""

_LONGEST_CLOSING = 50
"""Letters; nobody says thanks at greater length without saying something else too."""

# Thanks, praise, deferring and leaving at length. Closed phrases from end to end: whatever else is said, asked or wished
# is none of them. Spaces are left out, as in the letters that are compared.
_PHRASES = re.compile(
    r"""
    # 太感谢了, 谢谢你的帮忙, 真的非常感谢您的耐心解答
      (真的?|太|非常|十分|特别|实在|很|好|是)* (感谢|谢谢|感激|感恩) (你们?|您们?|客服|老板|店家|亲)? (了|啦)?
        (的? (耐心|热心|细心|及时|贴心)? (的|地)? (帮忙|帮助|解答|回复|服务|指导|提醒|支持|讲解|处理|耐心))? [了啦啊呀哈哦]*
    # 你人真好, 你态度挺好的, 服务太周到了, 非常满意
    | (你们?|您们?|客服|老板|店家|卖家|小姐姐|小哥哥?)? (家|的)? (客服|服务|态度|人)? (也|都|确实|还是)?
        ((真的?|太|很|挺|非常|超级?|特别)+ (好|棒|赞|热情|不错|满意|喜欢)
        | (真的?|太|很|挺|非常|超级?|特别)* (周到|耐心|贴心|专业|负责|细心|给力|靠谱))
        [了的啊呀哦哈呢]*
    | (那|我|这下|这样|就)* (放心|安心|踏实) (多|下来)? 了
    # 你效率真高, 处理得很快, 你真有耐心, 谢谢你这么上心; without what is fast or high it may be a price
    | (你们?|您们?|客服|老板|店家)? (家|的)* (效率|速度|回复|处理|解决|发货|物流|动作) [都也还得]*
        (真的?|太|很|挺|非常|超级?|特别)+ (高|快(?!递|点|些|要)|快速|迅速) [了的啊呀哦哈呢]*
    | (你们?|您们?|客服|老板|店家)? (真的?|太|很|挺|非常|超级?|特别|这么)+ (有耐心|高效|细致|上心|用心|暖心) [了的啊呀哦哈呢]*
    | 给 (你们?|您们?) 点个?赞
    # a laugh alone; 呵呵 is none
    | 哈{2,} | 嘻{2,} | 嘿{2,}
    # 我先观察一下, 我回去试试
    | (那|我|先|再|回去|回家)+ (观察|试试|试一试|试|用用|试用|穿穿) (看|一下|下|几天|两天|一段时间)* [吧哈哦了啊呀]*
    # 下次还来, 以后还找你
    | (下次|以后|回头) (还|再|还会|肯定还|一定) (会|再)? (来|买|找你们?|找您|光顾|回购) [了啊哈哦的]*
    # 我再看看, 考虑一下, 先不买了, 等我发工资, 改天再说
    | (那|我|先|还是)+ (再|自己)* (看看|看一下|看下|看一看|逛逛|比较一下|对比一下|了解一下) [吧哈哦了啊呀]*
    | (那|我|先|再|还是|还得|得|要)* (跟|和|与)? (家里人?|家人|老公|老婆|媳妇|对象|朋友|爸妈|领导|同事)?
        (考虑一下|考虑下|考虑考虑|想想|想一想|想一下|琢磨琢磨|商量一下|商量商量|商量下) [吧哈哦了啊呀]*
    | (那|我|那我|还是)? (先|暂时)+ (不|别) (买|拍|下单|考虑) (了|啦) [吧哈哦]*
    | (那|我|那我)? 等 我? 发了?工资 (了|再|来|买|说|下单)* [吧哈哦啊]*
    | (那|我|那我)? 等? (有活动|搞活动|有钱|下次|下个?月|改天|以后|过几天|过两天|回头|晚点) (了|我)*
        再 (来|买|说|拍|下单|看看)? [吧哈哦了啊]*
    # 我下单了, 那我先去吃饭了, 那先这样吧
    | (那|我|已经?|刚|这就|马上|现在|去)* (下单|拍下) (了|啦|好了|去了) [哈哦]*
    | (那|我|那我)? 先 (去)? (吃饭|忙|睡觉?|上班|开会|休息|下线?|做饭|工作) (了|啦|去了)+ [哈哦]*
    | (那|就|那就|今天|今天就)? 先 (这样|酱紫) 子? [吧哈了啦]*
    | 祝? (你们?|您们?|老板)? (生意兴隆|工作顺利|生活愉快|周末愉快|天天开心|万事如意|新年快乐)

    # thanks for sorting that, you have been great, really helpful
    | for (all)? (the|your|ur|yr) (quick|kind|great|prompt|fast|honest)?
        (help|time|patience|reply|response|assistance|support|service|info|information|understanding|headsup|update|answer)
    | for (everything|helping(me)?|explaining|checking|lettingmeknow|gettingbacktome|beingsopatient|sorting(it|that|this)(out)?)
    | you (guys)? (re|are|were|ve|ve been|have been)? (all)? (so|very|really|super|most|too|such)?
        (great|helpful|kind|amazing|wonderful|fantastic|lovely|brilliant|awesome|patient|sweet|the best
        |a star|a legend|a? (great|big|huge|massive)? help)
    | (that|this|it|service)? (s|is|was)? (so|very|really|super|most) (great|helpful|kind|good|nice|lovely)
    | (very|really|so) (happy|pleased|satisfied) (with (it|that|this|everything|the service|your service))?
    | (that)? (s)? (exactly|just) what i (needed|wanted)
    | (i)? (really|do|much|so|truly)* appreciate (it|that|this|you|(your|the|all the|all your) (help|time))
    # I'll think about it, will order later, I've placed the order
    | (i|ll|m|d|will|going to|gonna|better|just|let me|need to|have to)+
        (think (about|on) (it|this|that)|think it over|have a think|sleep on it|be in touch
        |(order|buy|decide|come back|be back) (?=later|tomorrow|soon|again|another|on|next))
        (later|tomorrow|soon|first|again|another time|on payday|next (week|month))*
    | (i|ive|ihave|have)? (just|now|already)* (placed|put in|made|completed) (the|my|an)? order
    | (i|ve|have)+ (just|now|already)* ordered (it|one|now)? | just ordered (it|one)? | (my|the)? order (is)? placed
    | have a (good|great|nice|lovely|wonderful) (day|one|evening|weekend|night|afternoon|week)
    | (speak|talk) to you (later|soon|tomorrow)
    | (5|five) stars (from me)?
    """,
    re.VERBOSE,
)

# A sticker in brackets says no words; a placeholder of a picture or card is something to answer.
_STICKER = re.compile(
    r"\[(?!图片|视频|语音|商品|订单|链接|文件|位置|名片|聊天记录|小程序|截图|转账|image|photo|video|audio|file)[^\[\]]{1,8}\]",
    re.IGNORECASE,
)
# "thanks Maya", "谢谢周师傅": whose name it is does not matter, that nothing follows it does.
_THANKED_NAME = re.compile(
    r"(?i:\b(?:thanks|thank you|thx|ty|cheers|bye|got it|found it|understood))(?P<name>,? [A-Z][a-z]{1,14})(?=\W*$)"
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
# Both its words close a message elsewhere (好的, 谢谢您).
_GREETING = re.compile(r"(?:亲?[你您妳]们?好[啊呀哈哟]*)+亲?")


def needs_reply(text: str, *, names: AbstractSet[str] = frozenset()) -> bool:
    """Whether an answer is due to this text.

    None is due to blank text, emoji or stickers alone, messages made of closing words (`好的，谢谢啦`) and phrases of thanks,
    praise, deferring and leaving (`你人真好`, `我再看看`, `I've placed the order`) from end to end, also with the name or form of
    address of the person who is thanked (`谢谢周师傅`), and thanks in English words that ask for nothing (`Thanks, you saved my
    holiday`). A question mark always asks, a greeting too; `!!!` alone urges; *yes, that's fine with me* accepts an offer.

    Args:
        text: as the customer wrote it.
        names: who is there to be thanked, as `letters_of` gives them.
    """
    bare = _STICKER.sub("", text)
    named = _THANKED_NAME.search(bare)
    letters = letters_of(bare[: named.start("name")] if named else bare)
    if not letters:
        return _ASKING.search(bare) is not None
    asks = "?" in bare or "？" in bare or _GREETING.fullmatch(letters) is not None
    return asks or answers(bare, letters) or not (_is_closing(letters, names) or is_thankful(bare, names))


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
        for phrases in (_PHRASES, COURTESIES):
            if phrase := phrases.match(letters, start):
                reached[phrase.end()] = True
        for end in range(start + 1, len(letters) + 1):
            word = letters[start:end]
            if word in CLOSING_WORDS or word in PARTICLES or word in names:
                closes = reached[start] or word in CLOSING_WORDS
                reached[end] = reached.get(end, False) or closes
    return reached.get(len(letters), False)
