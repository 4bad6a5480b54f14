"""Single labelled turns with what was before them: what the model learns from beside the corpus.

Agent turns (`training/turns/*.jsonl`) are labelled with what they break and are the development set of the rules, too
(`python -m tests.rules.accuracy --development`); customer turns (`training/customer_turns/*.jsonl`) with emotion and risk signals.
Formats and decisions: the `README.md` beside them. The held-out sets of `tests/rules` are never read here.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from training.collect_verdicts import LABEL_OF_CATEGORY, ReviewedConversation, ReviewedTurn
from training.corpus_reader import EMOTIONS, RISKS, LabelledConversation

TURNS_DIR = Path(__file__).parent / "turns"
CUSTOMERS_DIR = Path(__file__).parent / "customer_turns"
DEV_EVERY = 8
SIGN_OF_EMOTION = {"neutral": 0, "satisfied": 1}


def labelled_turns(part: str, folder: Path = TURNS_DIR) -> list[ReviewedConversation]:
    """The agent turns of a part (`train`, or `dev`: one in eight, fixed for ever by the id), files in name order.

    Each is a chat of which the last turn alone is labelled, with every category that the model suspects.

    Raises:
        ValueError: a line is no labelled turn; the message names file and line.
    """
    return _read(part, folder, _agent_turn)


def labelled_customers(part: str, folder: Path = CUSTOMERS_DIR) -> list[ReviewedConversation]:
    """The customer turns of a part, as `labelled_turns`: of each chat the last turn has its emotion and every risk signal.

    Raises:
        ValueError: a line is no labelled turn; the message names file and line.
    """
    return _read(part, folder, _customer_turn)


def language_of(chat: LabelledConversation | ReviewedConversation) -> str:
    """`zh` or `en`: the ids begin with it, some after a letter and a number."""
    return chat.id.partition("-")[0][-2:]


def amid_chats(
    chats: Iterable[ReviewedConversation], conversations: Sequence[LabelledConversation], rng: random.Random
) -> list[ReviewedConversation]:
    """Each labelled turn again, behind the beginning of some conversation of its language, unlabelled there.

    What is of no such language stays as it is, and so do reviewed chats, whose ids name none.

    Single turns have a line or two before them and break something far more often than turns deep in a conversation. A
    model that sees both tells them apart by their depth and suspects nothing in long chats.
    """
    beginnings = {
        language: [c for c in conversations if c.language == language]
        for language in {c.language for c in conversations}
    }

    def amid(chat: ReviewedConversation) -> ReviewedConversation:
        if language_of(chat) not in beginnings:
            return chat
        before = rng.choice(beginnings[language_of(chat)]).turns
        begun = before[: rng.randrange(1, len(before) + 1)]
        turns = [ReviewedTurn(role=turn.role, text=turn.text, kind=turn.kind) for turn in begun]
        return ReviewedConversation(id=chat.id, turns=[*turns, *chat.turns])

    return [amid(chat) for chat in chats]


def _read(
    part: str, folder: Path, last_turn: Callable[[Mapping[str, Any]], ReviewedTurn]
) -> list[ReviewedConversation]:
    chats = []
    for path in sorted(folder.glob("*.jsonl")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            try:
                item = json.loads(line)
                before = (line.partition(": ") for line in item["context"])
                turns = [ReviewedTurn(role=role, text=text) for role, _, text in before]
                chat = ReviewedConversation(id=item["id"], turns=[*turns, last_turn(item)])
            except (ValueError, KeyError) as error:
                raise ValueError(f"{path.name}:{number}: {error}") from None
            if part == part_of_turn(chat.id):
                chats.append(chat)
    return chats


def part_of_turn(turn_id: str) -> str:
    """`train`, or for one in eight `dev`, by the id."""
    return "train" if int(hashlib.sha256(turn_id.encode()).hexdigest(), 16) % DEV_EVERY else "dev"


def judged_turn(text: str, labels: list[str]) -> ReviewedTurn:
    """An agent's turn that breaks these categories and no other; raises ValueError where one is unknown."""
    _known("labels", labels, LABEL_OF_CATEGORY)
    there = {label: category in labels for category, label in LABEL_OF_CATEGORY.items()}
    return ReviewedTurn(role="agent", text=text, categories=there)


def felt_turn(text: str, emotion: str, polarity: float, risks: list[str]) -> ReviewedTurn:
    """A customer's turn with these risk signals and no other; raises ValueError where labels are unknown or do not go together."""
    _known("emotion", [emotion], EMOTIONS)
    _known("risks", risks, RISKS)
    if (polarity > 0) - (polarity < 0) != SIGN_OF_EMOTION.get(emotion, -1):
        raise ValueError(f"polarity: {polarity} does not go with {emotion}")
    return ReviewedTurn(role="customer", text=text, emotion=emotion, risks={risk: risk in risks for risk in RISKS})


def _agent_turn(item: Mapping[str, Any]) -> ReviewedTurn:
    return judged_turn(item["agent"], item["labels"])


def _customer_turn(item: Mapping[str, Any]) -> ReviewedTurn:
    return felt_turn(item["customer"], item["emotion"], item["polarity"], item["risks"])


def _known(field: str, labels: list[str], known: Mapping[str, object] | tuple[str, ...]) -> None:
    if unknown := set(labels) - set(known):
        raise ValueError(f"{field}: {', '.join(sorted(unknown))} is no label that the model learns")
