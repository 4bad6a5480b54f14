"""Precision and recall of the shipped packs on the labelled set, which no rule was written or tuned on.

python -m tests.rules.accuracy
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qa_service.domain.conversation import Conversation, Role, Turn, TurnId
from qa_service.domain.finding import Outcome
from qa_service.domain.mood import SUSPECTED_AT_LEAST, ConversationMood, MoodStatus
from qa_service.domain.text import NormalisedConversation
from qa_service.mood import OnnxMoodModel
from qa_service.normalise import ConversationNormaliser
from qa_service.rule_engine import PackRuleEngine
from qa_service.rule_wiring import build_rule_engine, mood_model
from qa_service.settings import load_settings

FOLDER = Path(__file__).parent / "labelled"
CATEGORIES = (
    "abuse",
    "dismissive",
    "absolute_claim",
    "off_platform",
    "privacy",
    "review_inducement",
    "unauthorized_promise",
)
NO_MOOD = ConversationMood(status=MoodStatus.NOT_APPLICABLE, reason="not part of this measurement")


def items() -> Iterator[dict[str, Any]]:
    """All labelled turns, files in name order."""
    for path in sorted(FOLDER.glob("*.jsonl")):
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


def found(engine: PackRuleEngine, item: dict[str, Any]) -> set[str]:
    """The categories that hit in the agent turn under test."""
    chat = chat_of(item)
    findings = engine.inspect(chat, NO_MOOD, ())
    last = chat.turns[-1].turn.id
    return {f.category for f in findings if f.outcome is Outcome.HIT and f.turn_id == last} & set(CATEGORIES)


def suspected(model: OnnxMoodModel, chats: Sequence[NormalisedConversation]) -> list[set[str]]:
    """The categories that the model suspects in the last turn of each chat."""
    tones = [mood.tones[-1] for mood in model.score(chats)]
    return [{c for c, share in tone.suspicions.items() if share >= SUSPECTED_AT_LEAST} for tone in tones]


@dataclass(frozen=True)
class Measured:
    """Counts over one language: by category (truth, hit), and by kind whether the item came out right."""

    pairs: Counter[tuple[str, bool, bool]]
    kinds: Counter[tuple[str, bool]]

    def counts(self, *categories: str) -> tuple[int, int, int]:
        """Right hits, false hits, misses."""
        return (
            sum(self.pairs[c, True, True] for c in categories),
            sum(self.pairs[c, False, True] for c in categories),
            sum(self.pairs[c, True, False] for c in categories),
        )


def measure(engine: PackRuleEngine, language: str) -> Measured:
    """Run all items of a language."""
    measured = Measured(Counter(), Counter())
    for item in items():
        if item["language"] == language:
            hits, truth = found(engine, item), set(item["labels"])
            measured.pairs.update((c, c in truth, c in hits) for c in CATEGORIES)
            measured.kinds[item["kind"], truth <= hits if truth else not hits] += 1
    return measured


def main() -> None:
    """Print one line a category, then the kinds."""
    settings = load_settings()
    engine, model = (
        build_rule_engine(settings),
        mood_model(settings.models_dir, settings.model, settings.model_threads),
    )
    for language in ("zh", "en"):
        measured = measure(engine, language)
        print(language)
        for category in CATEGORIES:
            print(f"  {category:22s}", _line(*measured.counts(category)))
        print(f"  {'all (micro)':22s}", _line(*measured.counts(*CATEGORIES)))
        print(f"  {'with suspicions':22s}", _line(*_reviewed(engine, model, language)))
        for kind in ("plain", "evasion", "lookalike", "clean"):
            right, wrong = measured.kinds[kind, True], measured.kinds[kind, False]
            print(f"  {kind:22s} right {right}/{right + wrong} = {right / (right + wrong):.3f}")


def _reviewed(engine: PackRuleEngine, model: OnnxMoodModel, language: str) -> tuple[int, int, int]:
    """Right, false and missed categories of what reaches a reviewer: a hit or a suspicion."""
    chosen = [item for item in items() if item["language"] == language]
    right = false = missed = 0
    for item, suspicions in zip(chosen, suspected(model, [chat_of(item) for item in chosen]), strict=True):
        called, truth = found(engine, item) | suspicions, set(item["labels"])
        right, false, missed = right + len(called & truth), false + len(called - truth), missed + len(truth - called)
    return right, false, missed


def _line(hit: int, false: int, missed: int) -> str:
    precision = hit / (hit + false) if hit + false else float("nan")
    recall = hit / (hit + missed) if hit + missed else float("nan")
    f1 = 2 * hit / (2 * hit + false + missed) if hit + false + missed else float("nan")
    return f"n {hit + missed:4d}  precision {precision:.3f}  recall {recall:.3f}  F1 {f1:.3f}"


if __name__ == "__main__":
    main()
