"""Whole ordinary chats in which every turn of a person is labelled: what a shop's days are made of.

Labelled turns (`training/turns`) break something three times in five, of these one in twenty-four does; in the corpus more
than half of the customers' turns feel something, here three in ten. Format and decisions: `training/chats/README.md`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from training.collect_verdicts import ReviewedConversation, ReviewedTurn
from training.corpus_reader import SPEAKERS
from training.labelled_turns import SIGN_OF_EMOTION, felt_turn, judged_turn, part_of_turn

CHATS_DIR = Path(__file__).parent / "chats"


def ordinary_chats(part: str, folder: Path = CHATS_DIR) -> list[ReviewedConversation]:
    """The chats of a part (`train`, or `dev`: one in eight, fixed for ever by the id), files in name order.

    Raises:
        ValueError: a line is no turn, names no known category, or an id stands twice; the message names file and line.
    """
    chats: dict[str, ReviewedConversation] = {}
    for path in sorted(folder.glob("*.txt")):
        for number, line in _lines(path):
            try:
                if line.startswith("=="):
                    chat = _begun(line)
                    if chat.id in chats:
                        raise ValueError(f"{chat.id} stands twice")
                    chats[chat.id] = chat
                else:
                    chats[next(reversed(chats))].turns.append(_turn(line))
            except (ValueError, StopIteration) as error:
                raise ValueError(f"{path.name}:{number}: {str(error) or 'a turn before any chat'}") from None
    return [replace(chat, cause=_cause(chat)) for chat in chats.values() if part_of_turn(chat.id) == part]


def _cause(chat: ReviewedConversation) -> str | None:
    """`none` where no turn feels anything bad, as the corpus' guide has it; what troubles the others nobody has said."""
    return None if any(SIGN_OF_EMOTION.get(turn.emotion, -1) < 0 for turn in chat.turns if turn.emotion) else "none"


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    lines = enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
    return ((number, line) for number, line in lines if line.strip())


def _begun(line: str) -> ReviewedConversation:
    """`== zh-h1-1 | zh | trade`."""
    chat_id, language, _ = (field.strip() for field in line.removeprefix("==").split(" | "))
    if not chat_id.startswith(language):
        raise ValueError(f"{chat_id} does not begin with its language, {language}")
    return ReviewedConversation(id=chat_id, turns=[])


def _turn(line: str) -> ReviewedTurn:
    """`a dismissive,abuse | text`, nothing named that breaks nothing; `c -0.5 angry complain | text`; `b | text`."""
    marks, bar, text = line.partition("|")
    speaker, *labels = marks.replace(",", " ").split() or [""]
    if not bar or speaker not in SPEAKERS or not text.strip():
        raise ValueError("is no turn: a speaker (c, a, b, s), labels, |, text")
    if speaker == "a":
        return judged_turn(text.strip(), labels)
    if speaker == "c":
        return _customer(text.strip(), labels)
    if labels:
        raise ValueError(f"labels: {', '.join(labels)}: a bot's and a system's turn have none")
    return ReviewedTurn(role=SPEAKERS[speaker], text=text.strip())


def _customer(text: str, labels: list[str]) -> ReviewedTurn:
    try:
        polarity, emotion, *risks = labels
        return felt_turn(text, emotion, float(polarity), risks)
    except ValueError as error:
        raise ValueError(f"a customer's turn begins 'c <polarity> <emotion> [risks]': {error}") from None
