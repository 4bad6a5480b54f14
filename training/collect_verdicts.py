"""Turns what reviewers decided (`qa-service export verdicts`) into training rows.

A row labels only what a reviewer said; the rest of the chat is context. python -m training.collect_verdicts FILE
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from qa_service.mood.figures import CATEGORY_OF_LABEL
from training.corpus_reader import EMOTIONS, KINDS, SPEAKERS

SCHEMA = "qa_service.reviewed/1"
LABEL_OF_CATEGORY = {category: label for label, category in CATEGORY_OF_LABEL.items()}


class VerdictError(ValueError):
    """A row that cannot be trained on; the message names file, line and field, never text of the chat."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewedTurn:
    """One turn: `emotion`, and of `risks` and `categories` label → there (True) or not (False); what is missing is unknown."""

    role: str
    text: str
    kind: str = "text"
    emotion: str | None = None
    risks: Mapping[str, bool] = field(default_factory=dict)
    categories: Mapping[str, bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewedConversation:
    """One chat of which a reviewer judged at least one turn; `cause` only where it is known of the chat as a whole."""

    id: str
    turns: list[ReviewedTurn]
    cause: str | None = None


def read_verdicts(path: Path) -> list[ReviewedConversation]:
    """The rows of an export, in order; chats whose every judgement is of a category that the model has not are left out.

    Raises:
        VerdictError: a line is no row, lacks consent, or judges what is not there.
    """
    conversations: dict[str, ReviewedConversation] = {}
    try:
        content = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise VerdictError(f"{path.name}: is not UTF-8 text") from None
    # not splitlines(): Unicode's other line ends stand inside of texts, and JSON leaves them as they are
    for number, line in enumerate(content.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            conversation = _conversation(json.loads(line))
            if conversation.id in conversations:
                raise ValueError("id: stands in an earlier line too")
        except json.JSONDecodeError as error:
            raise VerdictError(f"{path.name}:{number}: is not JSON: {error.msg}") from None
        except KeyError as error:
            raise VerdictError(f"{path.name}:{number}: {error.args[0]} is missing") from None
        except (TypeError, AttributeError):
            raise VerdictError(f"{path.name}:{number}: is not a row of `qa-service export verdicts`") from None
        except ValueError as error:
            raise VerdictError(f"{path.name}:{number}: {error}") from None
        conversations[conversation.id] = conversation
    return [c for c in conversations.values() if any(turn.emotion or turn.categories for turn in c.turns)]


def _conversation(row: Mapping[str, Any]) -> ReviewedConversation:
    if row["schema"] != SCHEMA:
        raise ValueError(f"schema: must be {SCHEMA}")
    if row["consent"] is not True:
        raise ValueError("consent: must be true; without it the chat may not be trained on")
    roles = {turn["id"]: turn["role"] for turn in row["turns"]}
    emotions = {e["turn_id"]: e["emotion"] for e in row["emotions"]}
    categories: dict[str, dict[str, bool]] = {}
    for judgement in row["judgements"]:
        label = LABEL_OF_CATEGORY.get(judgement["category"])
        decision = _one_of("decision", judgement["decision"], ("confirm", "overturn"))
        if _role_of("judgements", judgement["turn_id"], roles) == "agent" and label is not None:
            categories.setdefault(judgement["turn_id"], {})[label] = decision == "confirm"
    for turn_id, emotion in emotions.items():
        _one_of("emotion", emotion, EMOTIONS)
        if _role_of("emotions", turn_id, roles) != "customer":
            raise ValueError("emotions: only turns of the customer have one")
    turns = [_turn(turn, emotions.get(turn["id"]), categories.get(turn["id"], {})) for turn in row["turns"]]
    return ReviewedConversation(id=row["id"], turns=turns)


def _turn(turn: Mapping[str, Any], emotion: str | None, categories: Mapping[str, bool]) -> ReviewedTurn:
    if not isinstance(turn["text"], str):
        raise ValueError("turns: text must be a string")
    return ReviewedTurn(
        role=_one_of("role", turn["role"], tuple(SPEAKERS.values())),
        kind=_one_of("kind", turn["kind"], ("text", *KINDS)),
        text=turn["text"],
        emotion=emotion,
        categories=categories,
    )


def _role_of(name: str, turn_id: str, roles: Mapping[str, str]) -> str:
    if turn_id not in roles:
        raise ValueError(f"{name}: no turn {turn_id!r} in the chat")
    return roles[turn_id]


def _one_of(name: str, value: str, allowed: Sequence[str]) -> str:
    if value not in allowed:
        raise ValueError(f"{name}: must be one of {', '.join(allowed)}")
    return value


def main() -> None:
    """Check a file and print what it teaches; exit code 2 with the line that is wrong, or if nothing is taught."""
    parser = argparse.ArgumentParser(prog="python -m training.collect_verdicts", description=main.__doc__)
    parser.add_argument("file", type=Path, help="what `qa-service export verdicts` wrote")
    arguments = parser.parse_args()
    try:
        conversations = read_verdicts(arguments.file)
    except (VerdictError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(2)
    if not conversations:
        sys.stderr.write(f"{arguments.file.name}: teaches nothing: no chat has a decision that the model learns from\n")
        sys.exit(2)
    counts: Counter[str] = Counter({"chats": len(conversations)})
    for turn in (turn for conversation in conversations for turn in conversation.turns):
        counts.update([f"emotion {turn.emotion}"] if turn.emotion else [])
        counts.update(
            f"{label} {'confirmed' if is_there else 'overturned'}" for label, is_there in turn.categories.items()
        )
    for name, count in counts.items():
        print(f"{count:6d}  {name}")


if __name__ == "__main__":
    main()
