"""Whether the served model keeps its judgement where the meaning stays: slips, width, script, emoji, courtesy, who and where.

python -m training.robustness      prints one table over the corpus' dev part
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from importlib import resources
from itertools import combinations
from pathlib import Path
from statistics import fmean
from typing import Any

from qa_service.domain.conversation import Conversation, Role
from qa_service.domain.mood import ConversationMood, TurnMood
from qa_service.mood import OnnxMoodModel, load_mood_model
from qa_service.normalise import ConversationNormaliser
from training.parts import corpus_part
from training.served import as_conversation

ROOT = Path(__file__).parent.parent
SEED = 1
LONG_TURN = 20_000
Change = Callable[[str, str], str]
"""A customer's text and the conversation's language → the text as it might have been written too."""

SWAPS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "names": {
        "zh": ("我是张伟，", "我是王芳，", "我是买买提，", "我是欧阳娜娜，"),
        "en": ("I'm John. ", "I'm Mary. ", "I'm Mohammed. ", "I'm Lakisha. "),
    },
    "cities": {
        "zh": ("我在北京，", "我在河南，", "我在乌鲁木齐，", "我在东莞，"),
        "en": ("I live in London. ", "I live in Lagos. ", "I live in Mumbai. ", "I live in Detroit. "),
    },
    "gender words": {
        "zh": ("我老公说，", "我老婆说，", "我爸爸说，", "我妈妈说，"),
        "en": ("My husband says: ", "My wife says: ", "My dad says: ", "My mum says: "),
    },
    "shops": {
        "zh": ("在小米店买的，", "在晨光店买的，", "在百草味店买的，"),
        "en": ("Bought at Argos. ", "Bought at Tesco. ", "Bought at Primark. "),
    },
}


def typo(text: str, _: str) -> str:
    """One slip: two neighbours inside the text change places; texts under six characters have none."""
    if len(text) < 6:
        return text
    rng = random.Random(f"{SEED}{text}")
    letters = [at for at in range(1, len(text) - 2) if text[at].isalnum() and text[at + 1].isalnum()]
    if not letters:
        return text
    at = rng.choice(letters)
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def wide(text: str, _: str) -> str:
    """ASCII in full width."""
    return "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in text)


def traditional(text: str, _: str) -> str:
    """In traditional characters."""
    lines = resources.files("qa_service.normalise").joinpath("traditional.txt").read_text(encoding="utf-8").splitlines()
    table = {line[1]: line[0] for line in reversed(lines) if len(line) == 2}
    return "".join(table.get(char, char) for char in text)


def emoji(text: str, _: str) -> str:
    """With a picture that feels nothing."""
    return f"{text}📦"


def courtesy(text: str, language: str) -> str:
    """With polite padding."""
    return f"您好，{text}" if language == "zh" else f"Hello, {text}"


CHANGES: Mapping[str, Change] = {
    "typo": typo,
    "width": wide,
    "traditional": traditional,
    "emoji": emoji,
    "courtesy": courtesy,
}


def unchanged(model: OnnxMoodModel, chats: Sequence[Conversation]) -> dict[str, dict[str, float]]:
    """By change: the share of customer turns whose sentiment, and whose emotion, stays; all customer turns are changed."""
    before = _turns(_score(model, chats))
    table = {}
    for name, change in CHANGES.items():
        after = _turns(_score(model, [_rewritten(chat, change) for chat in chats]))
        pairs = [(a, b) for a, b in zip(before, after, strict=True) if a.polarity is not None]
        table[name] = {
            "n": len(pairs),
            "sentiment": round(fmean(a.sentiment is b.sentiment for a, b in pairs), 4),
            "emotion": round(fmean(a.emotion is b.emotion for a, b in pairs), 4),
        }
    return table


def shifts(model: OnnxMoodModel, chats: Sequence[Conversation]) -> dict[str, dict[str, Any]]:
    """By what is swapped: between two variants the largest difference of mean polarity, and the mean of a single turn's."""
    table = {}
    for name, variants in SWAPS.items():
        count = min(len(variants["zh"]), len(variants["en"]))
        scored = [_turns(_score(model, [_rewritten(c, _said(variants, at)) for c in chats])) for at in range(count)]
        means = [fmean(turn.polarity or 0.0 for turn in turns) for turns in scored]
        single = [
            abs((a.polarity or 0.0) - (b.polarity or 0.0))
            for one, other in combinations(scored, 2)
            for a, b in zip(one, other, strict=True)
        ]
        first, second = max(combinations(range(count), 2), key=lambda pair: abs(means[pair[0]] - means[pair[1]]))
        table[name] = {
            "largest_mean_shift": round(abs(means[first] - means[second]), 4),
            "between": [variants["zh"][first], variants["zh"][second]],
            "mean_of_a_turn": round(fmean(single), 4),
        }
    return table


def neighbours_moved(model: OnnxMoodModel, chats: Sequence[Conversation], nonsense: str) -> float:
    """The mean move of the other customer turns' polarity when `nonsense` is spliced in as the first customer turn."""
    spliced = []
    for chat in chats:
        at = next(i for i, turn in enumerate(chat.turns) if turn.role is Role.CUSTOMER)
        strange = replace(chat.turns[at], id=type(chat.turns[at].id)("nonsense"), text=nonsense)
        spliced.append(replace(chat, turns=(*chat.turns[:at], strange, *chat.turns[at:])))
    before, after = _turns(_score(model, chats)), _turns(_score(model, spliced))
    kept = [turn for turn in after if turn.turn_id != "nonsense"]
    return round(fmean(abs((a.polarity or 0.0) - (b.polarity or 0.0)) for a, b in zip(before, kept, strict=True)), 4)


NONSENSE: Mapping[str, str] = {
    "20,000 characters": "你好这个怎么用" * (LONG_TURN // 7),
    "typed nonsense": "asdkjh qwpeoi zxmcnb lkjasd",
    "spliced words": "苹果 然后 的的 桌子 7788 因为 蓝",
}


def _score(model: OnnxMoodModel, chats: Sequence[Conversation]) -> list[ConversationMood]:
    normaliser = ConversationNormaliser()
    return model.score([normaliser.normalise(chat) for chat in chats])


def _turns(moods: Sequence[ConversationMood]) -> list[TurnMood]:
    return [turn for mood in moods for turn in mood.turns]


def _rewritten(chat: Conversation, change: Change) -> Conversation:
    turns = (
        replace(turn, text=change(turn.text, chat.language or "zh"))
        if turn.role is Role.CUSTOMER and turn.is_inspectable
        else turn
        for turn in chat.turns
    )
    return replace(chat, turns=tuple(turns))


def _said(variants: Mapping[str, tuple[str, ...]], at: int) -> Change:
    return lambda text, language: variants["zh" if language == "zh" else "en"][at] + text


def main() -> None:
    """Print the table."""
    model = load_mood_model(ROOT / "models", threads=2)
    chats = [as_conversation(labelled) for labelled in corpus_part("dev")]
    report = {
        "unchanged": unchanged(model, chats),
        "shifts": shifts(model, chats),
        "neighbours_moved": {name: neighbours_moved(model, chats, text) for name, text in NONSENSE.items()},
    }
    print(json.dumps(report, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
