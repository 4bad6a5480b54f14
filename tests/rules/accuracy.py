"""Precision and recall of the shipped packs on the labelled set, which no rule was written or tuned on.

python -m tests.rules.accuracy [--development] [--amid-chats]

--development: on the turns that rules are tuned on, those that the model's suspicions learnt from left out
--amid-chats: each turn behind the beginning of a conversation of the corpus' dev part, since in a set of single turns all
              stand near the start of a chat
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qa_service.domain.conversation import Conversation, Role, Turn, TurnId
from qa_service.domain.finding import RuleStatus
from qa_service.domain.mood import SUSPECTED_AT_LEAST, ConversationMood
from qa_service.domain.precision import precision
from qa_service.domain.text import NormalisedConversation
from qa_service.mood import OnnxMoodModel
from qa_service.normalise import ConversationNormaliser
from qa_service.rule_engine import PackRuleEngine
from qa_service.rule_wiring import build_rule_engine, mood_model
from qa_service.settings import load_settings
from training.labelled_turns import part_of_turn
from training.parts import corpus_part

TEST = Path(__file__).parent / "labelled"
DEVELOPMENT = Path(__file__).parents[2] / "training" / "turns"
DEDUCTING = (RuleStatus.SCORED, RuleStatus.AUTO_CONFIRMED)
CATEGORIES = (
    "abuse",
    "dismissive",
    "absolute_claim",
    "off_platform",
    "privacy",
    "review_inducement",
    "unauthorized_promise",
)


def items(folder: Path = TEST) -> Iterator[dict[str, Any]]:
    """All labelled turns of a set, files in name order."""
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            yield json.loads(line)


def chat_of(item: dict[str, Any]) -> NormalisedConversation:
    """The context and, as the last turn, the agent turn under test."""
    turns = []
    for number, line in enumerate([*item["context"], f"agent: {item['agent']}"], start=1):
        role, _, text = line.partition(": ")
        turns.append(Turn(id=TurnId(str(number)), role=Role(role), text=text))
    chat = Conversation(external_id=item["id"], turns=tuple(turns), language=item["language"])
    return ConversationNormaliser().normalise(chat)


def found(engine: PackRuleEngine, chat: NormalisedConversation, mood: ConversationMood) -> tuple[set[str], set[str]]:
    """The categories that hit in the agent turn under test, with the mood that the service would give the rules.

    And those of them that cost points: of rules that are scored or auto-confirmed.
    """
    last = chat.turns[-1].turn.id
    hits = [f for f in engine.inspect(chat, mood, ()) if f.is_shown_hit and f.turn_id == last]
    shown, paid = {f.category for f in hits}, {f.category for f in hits if f.status in DEDUCTING}
    return shown & set(CATEGORIES), paid & set(CATEGORIES)


def suspected(mood: ConversationMood) -> set[str]:
    """The categories that the model suspects in the last agent turn."""
    return {c for c, share in mood.tones[-1].suspicions.items() if share >= SUSPECTED_AT_LEAST}


@dataclass(frozen=True)
class Measured:
    """Counts over one language: by category (truth, called), and by kind whether the item came out right.

    `pairs` call what the rules hit, `paid` what costs points, `reviewed` what reaches a reviewer: a hit or a suspicion.
    """

    pairs: Counter[tuple[str, bool, bool]]
    paid: Counter[tuple[str, bool, bool]]
    reviewed: Counter[tuple[str, bool, bool]]
    kinds: Counter[tuple[str, bool]]

    def counts(self, *categories: str) -> tuple[int, int, int]:
        """Right hits, false hits, misses."""
        return _counts(self.pairs, categories)

    def paid_counts(self) -> tuple[int, int, int]:
        """Right, false and missed categories of what costs points."""
        return _counts(self.paid, CATEGORIES)

    def reviewed_counts(self) -> tuple[int, int, int]:
        """Right, false and missed categories of what reaches a reviewer."""
        return _counts(self.reviewed, CATEGORIES)


def development() -> list[dict[str, Any]]:
    """The turns of `training/turns` from which no suspicion learnt."""
    return [item for item in items(DEVELOPMENT) if part_of_turn(item["id"]) == "dev"]


def amid_chats(labelled: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same turns, each behind four turns or more of some conversation of its language; the same ones every time."""
    rng = random.Random(0)
    dev = corpus_part("dev")

    def amid(item: dict[str, Any]) -> dict[str, Any]:
        before = rng.choice([chat for chat in dev if chat.language == item["language"]]).turns
        begun = before[: rng.randrange(4, len(before) + 1)]
        lines = [f"{turn.role}: {turn.text}" for turn in begun if turn.kind == "text" and turn.role != "system"]
        return {**item, "context": [*lines, *item["context"]]}

    return [amid(item) for item in labelled]


def measure(
    engine: PackRuleEngine, model: OnnxMoodModel, language: str, labelled: Iterable[dict[str, Any]]
) -> Measured:
    """Run all items of a language."""
    measured = Measured(Counter(), Counter(), Counter(), Counter())
    chosen = [item for item in labelled if item["language"] == language]
    chats = [chat_of(item) for item in chosen]
    for item, chat, mood in zip(chosen, chats, model.score(chats), strict=True):
        (hits, paid), truth = found(engine, chat, mood), set(item["labels"])
        seen = hits | suspected(mood)
        measured.pairs.update((c, c in truth, c in hits) for c in CATEGORIES)
        measured.paid.update((c, c in truth, c in paid) for c in CATEGORIES)
        measured.reviewed.update((c, c in truth, c in seen) for c in CATEGORIES)
        measured.kinds[item["kind"], truth <= hits if truth else not hits] += 1
    return measured


def main() -> None:
    """Print one line a category, then the kinds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--development", action="store_true")
    parser.add_argument("--amid-chats", action="store_true")
    args = parser.parse_args()
    labelled = development() if args.development else list(items())
    if args.amid_chats:
        labelled = amid_chats(labelled)
    settings = load_settings()
    engine, model = (
        build_rule_engine(settings),
        mood_model(settings),
    )
    for language in ("zh", "en"):
        measured = measure(engine, model, language, labelled)
        print(language)
        for category in CATEGORIES:
            print(f"  {category:22s}", _line(*measured.counts(category)))
        print(f"  {'all (micro)':22s}", _line(*measured.counts(*CATEGORIES)))
        print(f"  {'that cost points':22s}", _line(*measured.paid_counts()))
        print(f"  {'with suspicions':22s}", _line(*measured.reviewed_counts()))
        for kind in ("plain", "evasion", "lookalike", "clean"):
            right, wrong = measured.kinds[kind, True], measured.kinds[kind, False]
            print(f"  {kind:22s} right {right}/{right + wrong} = {right / (right + wrong):.3f}")


def _counts(pairs: Counter[tuple[str, bool, bool]], categories: Iterable[str]) -> tuple[int, int, int]:
    called = [(True, True), (False, True), (True, False)]
    right, false, missed = (sum(pairs[c, *outcome] for c in categories) for outcome in called)
    return right, false, missed


def _line(hit: int, false: int, missed: int) -> str:
    right, recall = (_share(hit, hit + other) for other in (false, missed))
    f1 = 2 * hit / (2 * hit + false + missed) if hit + false + missed else float("nan")
    return f"n {hit + missed:4d}  precision {right}  recall {recall}  F1 {f1:.3f}"


def _share(part: int, whole: int) -> str:
    """A share with its 95 % Wilson interval."""
    found = precision(part, whole - part)
    return f"{found.share:.3f} [{found.low:.3f}, {found.high:.3f}]" if whole else "–"


if __name__ == "__main__":
    main()
