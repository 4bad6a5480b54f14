"""How chats in English close: courtesies, thanks in any harmless words, and what only looks like either (`no_reply`)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Set as AbstractSet

_FINE = """(?:great|good|helpful|kind|nice|lovely|amazing|wonderful|fantastic|brilliant|awesome|patient|sweet|reassuring|perfect
    |excellent|quick|fast|easy|painless|efficient|professional|understanding|thoughtful|generous|thebest)"""
_SERVICE = """(?:quick|fast|prompt|swift|kind|great|honest|excellent|amazing|lovely|clear)*
    (?:help|time|patience|reply|response|answer|assistance|support|service|kindness|honesty|efforts?|advice|tips?|explanation
    |clarification|confirmation|update|info|information|understanding|attention|concern|care)"""
# "Your reply is appreciated" asks for one.
_KINDNESS = """(?:kind|great|honest|excellent|amazing|lovely)*
    (?:help|time|patience|assistance|support|service|kindness|honesty|efforts?)"""
_MUCH = "(?:so|very|really|super|most|too|truly|just|such|pretty|incredibly|absolutely|totally|a|an|real)*"
_DAY = "(?:on)? (?:monday|tuesday|wednesday|thursday|friday|saturday|sunday|tomorrow|tonight|nextweek)"

# How English chats end besides: closed phrases again. Left out is what accepts an offer (`that would be great`), what hands
# something over (`sent`, `done`) and what gives up (`forget it`): there the agent has to go on.
COURTESIES = re.compile(
    rf"""
    # thanks for being so patient with me, for taking it seriously, I appreciate your kindness
      for being {_MUCH} (?:{_FINE}|a (?:star|legend|great help)) (?:(?:with|to|about) (?:me|us|it|this|that))?
    | for (?:your|the|all)* {_SERVICE} (?:with (?:me|us|it|this|that|everything))? (?:today)?
    | for (?:helping|sorting|fixing|solving|resolving|explaining|checking|looking into|taking care of|dealing with|handling
        |clarifying|confirming|arranging|listening|trying|coming back to me|going (?:above and beyond|the extra mile)
        |taking the time|taking (?:it|this|that|me|us) (?:so)? seriously) (?:me|us|it|this|that|everything|things)? (?:out|up)?
        (?:so|very|really)* (?:quickly|fast|promptly|clearly|patiently|politely|efficiently|well)? (?:for (?:me|us))? (?:today)?
    | (?:i|we)? (?:do|much|so|truly|really|very)* appreciate (?:your|the|all|of)* {_SERVICE} (?:today)?
    | (?:that|it|this|your {_KINDNESS}) (?:s|is) (?:very|really|so|much|greatly|highly)* appreciated
    # you're a lifesaver, that's really kind of you, that was quick
    | (?:you|u) (?:guys|all)? (?:re|are|r|were|ve been|have been)? (?:all)? {_MUCH}
        (?:{_FINE}|star|legend|life saver|angel|gem|hero|savi?our|rock ?star)
        (?:(?:to|with) (?:me|us)|seller|people|team|shop|store|(?:young)? (?:person|man|lady))?
    # "that's just great" is said of what is not
    | (?:that|this) (?:s|is|was) (?!just) {_MUCH} {_FINE} (?:of you|to (?:know|hear)|news)?
    | best (?:service|support|seller|shop|store) ever | (?:you)? (?:ve)? (?:really|just)? made my (?:day|week|morning|evening)
    # I'm so relieved, that's a weight off my mind, glad that's sorted
    | (?:i|we) (?:m|am|re|are|feel) {_MUCH} (?:now)?
        (?:relieved|happy|excited|grateful|thankful|glad|delighted|pleased|reassured) (?:now)?
    | (?:that|it|what)? (?:s|is|was)? (?:such)? a (?:big|huge|massive|great|real)?
        (?:relief|(?:load|weight) off my (?:mind|shoulders))
    | (?:good|great|nice|glad|happy|lovely) to (?:know|hear) (?:that|it)?
    | glad (?:to hear)? (?:that|it)? (?:s|is|was)? (?:all|finally|now)* (?:sorted|solved|fixed|settled|resolved)
    # that's fine by me, it sounds great
    | (?:(?:that|this|it) (?:s|is)|(?:that)? (?:sounds|looks)) (?:all)? (?!just) {_MUCH}
        (?:fine|ok|okay|great|perfect|good|alright|lovely|wonderful) (?:(?:for|with|by|to) me|then|now)*
    # that's sorted it, everything's back, it works again, I received the refund
    | (?:(?:that|this|you) (?:s|has|have|ve)? (?:just|now)* (?:sorted|fixed|solved)|(?:that|this) (?:just)? did)
        (?:it|everything|the trick) (?:out|now)?
    | (?:everything|all) (?:of it)? (?:s|is|are)? (?:now|finally|fully)* back (?:up|on|to normal)? (?:again|now)*
    | (?:everything|all|it|that) (?:s|is|are|seems|looks)? (?:all|now|finally|perfectly|fully)*
        (?:working|sorted|fixed|solved|resolved|settled|clear) (?:again|now|perfectly|fine|like a charm)*
    | (?:it|that) (?:now|all|finally)* work(?:s|ed) (?:now|again|perfectly|fine|great|like a charm)*
    | (?:i|ve|have|just)* (?:received|got) the (?:refund|money|parcel|package|e?mail|confirmation|invoice) (?:now|today)*
    # makes sense, that answers my question, fair enough
    | (?:that|it)? makes sense (?:now)? | fair (?:enough|point) | (?:that|it|this)? (?:really)? helps (?:a lot|loads|so much)?
    | (?:that|this|it) (?:really)? (?:answers|answered) (?:all)? my questions?
    | (?:that|this|it)? clears? (?:it|things|that)? (?:all)? up | i (?:now|do|completely|totally|fully)* understand (?:now|that|it)*
    # I'll give that a go, will try later, we'll see, I'll wait for the email, I'll let you know
    | (?:(?:i|we)? (?:ll|will|shall)|(?:i|we) (?:m|am|re|are)? (?:going to|gonna)) (?:just|now)*
        (?:(?:wait (?:and)?)? see
        |wait (?:for (?:it|that|them|the (?:e?mail|call|parcel|package|update|refund|delivery|text|letter)))?
        |(?:try|do|check) (?:it|that|them|my (?:inbox|e?mail|app))?|try again|give (?:it|that|this) a (?:try|go|shot)
        |(?:have|take) a (?:look|read)
        |let you (?:guys)? know|keep you (?:posted|updated)|keep an eye (?:out|on (?:it|that|the (?:tracking|app)))?
        |dig (?:it|them|those) out|follow up)
        (?:out|first|then|now|later|tonight|tomorrow|today|soon|again|at home|if (?:anything|it) (?:changes|happens))*
    # no, that's all for now; no more questions
    | (?:that|this) (?:s|is|ll be|will be|d be|would be) (?:all|it|everything)
        (?:from me|for (?:now|today|me)|i (?:need|needed|wanted) (?:to know)?)*
    | no (?:more|other|further)? (?:questions?|issues|problems) | nothing (?:else|more) (?:for now|from me)?
    # see you on Friday then, bye for now, happy holidays, and sorry for the trouble
    | see (?:you|ya|u) (?:then|there|later|soon|around|{_DAY})+ | (?:till|until) (?:then|next time|tomorrow)
    | (?:speak|talk) (?:then|later|soon) | bye for now | enjoy your (?:day|evening|weekend|night|week|holidays?|lunch) (?:too)?
    | happy (?:holidays|new year|easter|christmas) | merry christmas | god bless (?:you)? | stay safe | you as well
    | (?:kind|best|warm) regards | all the best | and (?=thank|sorry|bye|have a|enjoy|take care|happy|all the best)
    | (?:it was|it is|its|nice|a|pleasure)* (?:doing business|talking|chatting|speaking) (?:with|to) you
    | sorry (?:again)? (?:for|about) (?:(?:all)? the|any|my)?
        (?:trouble|bother|hassle|inconvenience|fuss|confusion|drama|misunderstanding|mistake)
    """,
    re.VERBOSE,
)

_THANKS = frozenset(
    """
    thank thanks thankyou thanx thx thnx tks ty tysm tq tqvm cheers ta appreciate appreciated grateful thankful obliged
    """.split()  # noqa: SIM905 – a word list reads as one
)
# Words that ask for nothing, refuse nothing and name no trouble: with a thanks among them a message of such words alone closes,
# however it is put (`Thanks, you saved my holiday`). What a request or a trouble needs (`please, but, still, not, send, when`)
# is left out on purpose, and so is what could be a choice to act on (`blue`, `size`, a number).
_HARMLESS = _THANKS | frozenset(
    """
    i im ive ill me my we were our us u ur you your youre youve it its that thats this the a an and so very really super
    truly just such too ever for to of with in on at from by as all everything everyone everybody both is are was be been am
    have has had will ll ve re m s now then again today already finally ok okay right well yes yeah yep ah ahh oh aw aww wow omg
    haha lol hi hello dear friend sir mate guys team much lot lots million bunch heaps loads bit
    good great helpful kind nice lovely amazing wonderful fantastic brilliant awesome patient sweet perfect excellent fine clear
    marvellous superb cool quick fast swift prompt easy smooth painless efficient professional polite friendly understanding
    thoughtful generous best better relieved relief happy glad excited pleased delighted reassured reassuring news
    help helped helping time patience support service advice tip tips info information update reply response answer answers
    explanation effort efforts kindness honesty care work job day evening night week weekend holiday holidays trip flight journey
    see saw know understand understood got gotten received arrived came rock saved made makes sense works worked working set
    sorted sorting fixed fixing solved solving resolved resolving explained explaining confirmed confirming letting answering
    listening checking hope feel wish enjoy enjoying looking forward bye goodbye regards
    """.split()  # noqa: SIM905 – a word list reads as one
)
_MOST_WORDS = 16
_ANSWER = r"(?:answers?|reply|response|update|information|info|confirmation)"
_THANKED = r"\b(?:thanks|thank you|thx|ty|cheers)(?: (?:so|very|much|a|lot|lots|again|million|to|you|all))*"
_TIME = r"(?:day|evening|night|work|week|weekend|flight|trip|journey|holidays?)\b"
# What harmless words can still ask for, or answer so that the agent has to go on.
_ASKED = re.compile(
    "|".join(
        (
            # A question without its mark (`is it the same`), a need (`have to`).
            r"\b(?:is|are|was|am|have|has|will|had) (?:i|you|it|this|that|there|we|u|your|the)\b",
            r"\b(?:have|has|had|got|thank you) to\b",
            _THANKED + r" (?:is|are|was|will|has) (?:all|everything|everyone|my|our|both|a|an|today)\b",
            # Now help me, answer now.
            r"(?:^|\b(?:thanks|thank you|thx|ty|cheers|now|then|and|ok) )(?:help|answer|update|reply|save|care)"
            r"(?: (?:me|us|now|then|today|it|this|that)\b|$)",
            # Hope to have an update, looking forward to your answer, I will be grateful for a quick reply.
            r"\bhope to (?:have|be)\b",
            rf"\bforward to (?:(?:your|the|an?|this|that|quick|fast|prompt|swift|kind) )*(?:{_ANSWER}|news)\b",
            rf"\b{_ANSWER} (?:is|are|will be|s) (?:\w+ ){{0,2}}appreciated",
            r"\b(?:will|ll|ill) (?:\w+ )?(?:appreciate\b|be (?:\w+ )?(?:grateful|thankful|obliged|appreciated))",
            # I wish it worked; not: I wish you all the best.
            r"\bwish (?:it|i|this|that|we|my|our|the|everything)\b",
            r"\bwish (?:you|u) (?:were|was|had|have|helped|saw|knew|understood|got|came|made|saved|worked)\b",
            r"\b(?:everyone|everybody) (?:saw|got|received|(?:has|have) (?:my|our|the|your))\b",
            # Thanks, and for my friend.
            _THANKED + r" and (?:my|our|the) (?!team|support|guys|best|service|help|quick|fast|great)",
            _THANKED + r" and (?:then|now|today|in|on|at|by|with|me|for (?:me|my|us|our|this|that|it))\b",
            _THANKED + rf" and for the {_TIME}",
            # Yes I have; in the evening, thanks.
            r"^(?:yes|yeah|yep) (?:i|we|it|that|this|im)(?: (?:have|had|am|are|is|was|will|has))? (?:thanks|thank|thx|ty)\b",
            r"\byes (?:all of|for (?:me|my|us)|in the|by|with|today|both)\b|\byes everything(?: thank|$)",
            r"\b(?:i will|we will|ill) have (?:it|this|that|both|the|all|everything)\b",
            r"\b(?:have|on) (?:a flight|work)\b|\b(?:friend|mate) will (?:be|have)\b",
            r"(?:^|\b(?:ok|okay|right|well|is|am|im|be|are|yes|yeah) )(?:(?:in|by|at|on)(?: the| a)?|this|the) "
            + _TIME
            + r"(?! (?:is|was|saved|rock))",
            _THANKED + rf" (?:in|by|at|on|this|the)(?: the| a)? {_TIME}(?! (?:is|was|saved))",
            r"\b(?:day|evening|night|weekend|today) (?:is|works|work) (?:\w+ )?"
            r"(?:good|fine|best|better|ok|okay|perfect|great|easy|for)\b",
            r"\b(?:flight|trip|journey|holiday) is (?:today|this|in|on|at|by|now)\b",
            r"^(?:(?:ok|okay|yes|yeah|right) )*(?:now|today|then|both|(?:with|for) (?:a|my) \w+)(?: then| today| now)* "
            r"(?:thanks|thank you|thx|ty)\b",
            r"\b(?:it|that|this) (?:is|was) (?:for (?:work|my|me)|(?:on|from) (?:the|a|my|holidays?)|a friend"
            r"|my (?:friend|mate|flight|job))\b",
        )
    )
)
# "No good", "no received" deny; "no, good" and "no, all sorted" do not.
_DENIED = re.compile(r"(?i)\bno (?:good|received|understood|sorted|solved|noted|nice|cool|great|fun|joy)\b")
# "Yes, that's fine with me" accepts what was offered, which must be done now; "yes, that's all" and "yes, that's fixed" close.
_ACCEPTING = re.compile(
    r"(?:ok|okay)?(?:yes|yeah|yep|yup|sure)(?:(?:that|this)(?:s|is|works)|(?:that|this|it)?(?:sounds|looks))"
    r"(?!all|it|everything|correct|right|sorted|fixed|solved|resolved|working)"
)


def answers(text: str, letters: str) -> bool:
    """Whether closing words deny or accept something here, so that the agent has to go on; `letters` are those of the text."""
    return _DENIED.search(text) is not None or _ACCEPTING.match(letters) is not None


def is_thankful(text: str, names: AbstractSet[str]) -> bool:
    """Whether it thanks in harmless English words alone."""
    told = " ".join(
        re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold().replace("'", "").replace("’", ""))
    )
    words = told.split()
    if len(words) > _MOST_WORDS or _THANKS.isdisjoint(words) or _ASKED.search(told):
        return False
    return all(word in _HARMLESS or word in names for word in words)
