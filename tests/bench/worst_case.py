"""CPU time of the rules at n, 2n, 4n and 8n characters (or turns) of texts made to be slow: it may grow no faster than they do.

python -m tests.bench.worst_case
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Mapping

from qa_service.domain.conversation import Conversation
from qa_service.domain.mood import ConversationMood, MoodStatus
from qa_service.normalise import ConversationNormaliser
from qa_service.rule_engine import PackRuleEngine
from qa_service.rule_wiring import build_rule_engine
from qa_service.settings import load_settings
from tests.builders import conversation

NO_MOOD = ConversationMood(status=MoodStatus.NOT_APPLICABLE, reason="not part of this measurement")
STEPS = (1, 2, 4, 8)
CHARACTERS, TURNS = 2_500, 250

Make = Callable[[int], Conversation]


def _turn(piece: str, language: str = "zh") -> Make:
    """One agent turn of n characters, the piece again and again."""

    def make(step: int) -> Conversation:
        size = step * CHARACTERS
        return conversation("customer: 七天内能退吗", f"agent: {(piece * size)[:size]}", language=language)

    return make


def _chat(*lines: str) -> Make:
    """A chat of n turns, the lines again and again."""

    def make(step: int) -> Conversation:
        count = step * TURNS
        return conversation(*(lines * count)[:count], language="zh")

    return make


FAMILIES: Mapping[str, Make] = {
    "insults, one hit each": _turn("傻逼，"),
    "one word, no gaps": _turn("垃圾"),
    "promises": _turn("七天可以退，"),
    "denied promises": _turn("不支持七天可以退，"),
    "values of one subject": _turn("退款7天200元8折"),
    "spelt out": _turn("加 微 信 "),
    "spelt out values": _turn("7 天 无 理 由 退 5 0 元。"),
    "one character": _turn("哈"),
    "one letter": _turn("a"),
    "digits": _turn("1"),
    "pinyin": _turn("nimazhuangweixin"),
    "look-alikes": _turn("ⓥ❤️🐴"),
    "combining marks": _turn("退\u0301\u0302"),
    "emoji": _turn("😀👍🏻"),
    "right to left": _turn("شكرا \u202e退款\u202c "),
    "quotes": _turn("“七天可以退”"),
    "open quotes": _turn("“"),
    "clause ends": _turn("，。！？"),
    "sales talk in English": _turn("we can refund you 100% guaranteed ", "en"),
    "insults in English": _turn("you stupid idiot ", "en"),
    "near misses of patterns": _turn("给您发您发给您", "zh"),
    "a chat of small talk": _chat("customer: 在吗", "agent: 您好，在的亲"),
    "a chat of promises": _chat("customer: 七天内能退吗", "agent: 可以的亲", "agent: 放心七天可以退"),
    "a chat of complaints": _chat("customer: 太差了我要投诉", "agent: 哦"),
    "a chat of one speaker": _chat("agent: 请您稍等一下哦"),
}


def seconds(engine: PackRuleEngine, chat: Conversation) -> float:
    """CPU time of normalising and inspecting, the lesser of two; the collector's share depends on what else is in memory."""
    taken = []
    gc.disable()
    for _ in range(2):
        started = time.process_time()
        engine.inspect(ConversationNormaliser().normalise(chat), NO_MOOD, ())
        taken.append(time.process_time() - started)
        gc.collect()
    gc.enable()
    return min(taken)


def main() -> None:
    """One line a family: milliseconds at each size, and how much eight times the size takes."""
    engine = build_rule_engine(load_settings())
    engine.inspect(ConversationNormaliser().normalise(_chat("customer: 退", "agent: 七天可以退")(1)), NO_MOOD, ())
    print(f"milliseconds of CPU at {CHARACTERS:,} characters (or {TURNS} turns) and 2, 4 and 8 times as many")
    for name, make in FAMILIES.items():
        taken = [seconds(engine, make(step)) for step in STEPS]
        print(f"  {name:26s}" + "".join(f"{1000 * each:9.1f}" for each in taken) + f"   x{taken[-1] / taken[0]:.1f}")


if __name__ == "__main__":
    main()
