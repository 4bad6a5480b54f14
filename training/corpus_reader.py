"""Reads the project's own labelled conversations (`training/corpus/*.txt`).

Owns the file format and its checks; what the labels mean stands in `corpus/LABELLING.md`.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

CORPUS_DIR = Path(__file__).parent / "corpus"

EMOTIONS = ("neutral", "satisfied", "anxious", "disappointed", "angry", "abusive")
RISKS = ("complain", "expose", "leave", "human", "manager", "repeat", "sarcasm")
ACTS = ("apology", "empathy", "ownership")
CATEGORIES = (
    "dismissive",
    "abuse",
    "promise",
    "commit",
    "off_platform",
    "review",
    "absolute",
    "privacy",
)
CAUSES = ("logistics", "product", "policy", "agent", "price", "system", "none", "unknown")
ARCS = (
    "calm",
    "positive",
    "angry_recovered",
    "worried_recovered",
    "escalating",
    "sudden_turn",
    "cold_end",
    "mixed",
    "abusive",
    "flat_negative",
)
SKILLS = ("good", "average", "poor", "abusive")
CHANNELS = ("taobao", "qianniu", "wecom", "group", "web", "jd", "douyin", "email_chat")
KINDS = ("image", "audio", "card", "file", "recall")
SPEAKERS = {"c": "customer", "a": "agent", "b": "bot", "s": "system"}
POLARITIES = (-1.0, -0.5, 0.0, 0.5, 1.0)
TONES = (0.0, 0.25, 0.5, 0.75, 1.0)


class CorpusError(ValueError):
    """A corpus line that breaks the format; the message names file and line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledTurn:
    """One turn; `polarity`/`emotion` only on customer text turns, `tone` only on agent text turns."""

    role: str
    text: str
    kind: str = "text"
    polarity: float | None = None
    emotion: str | None = None
    tone: float | None = None
    flags: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledConversation:
    """One conversation with its labels; `satisfaction` 1…5."""

    id: str
    language: str
    channel: str
    trade: str
    problem: str
    arc: str
    skill: str
    cause: str
    satisfaction: int
    style: str
    turns: list[LabelledTurn] = field(default_factory=list)


def read_corpus(folder: Path = CORPUS_DIR) -> Iterator[LabelledConversation]:
    """Yield every conversation of every `*.txt` file, files in name order.

    Raises:
        CorpusError: a line breaks the format, or an id stands twice.
    """
    seen: dict[str, Path] = {}
    for path in sorted(folder.glob("*.txt")):
        for conversation in read_file(path):
            if conversation.id in seen:
                raise CorpusError(f"{path.name}: id {conversation.id} stands in {seen[conversation.id].name} too")
            seen[conversation.id] = path
            yield conversation


def read_file(path: Path) -> Iterator[LabelledConversation]:
    """Yield the conversations of one file, in order."""
    current: LabelledConversation | None = None
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            if line.startswith("== "):
                if current is not None:
                    yield _checked(current)
                current = _head(line)
            elif current is None:
                raise ValueError("a turn before the first '==' line")
            else:
                current.turns.append(_turn(line))
        except ValueError as error:
            raise CorpusError(f"{path.name}:{number}: {error}") from error
    if current is not None:
        yield _checked(current)


def _head(line: str) -> LabelledConversation:
    parts = [part.strip() for part in line[3:].split(" | ")]
    if len(parts) != 10:
        raise ValueError(f"a head has 10 fields, this one {len(parts)}")
    named = dict(part.split("=", 1) for part in parts[5:])
    return LabelledConversation(
        id=parts[0],
        language=_one_of("language", parts[1], ("zh", "en")),
        channel=_one_of("channel", parts[2], CHANNELS),
        trade=parts[3],
        problem=parts[4],
        arc=_one_of("arc", named.get("arc", ""), ARCS),
        skill=_one_of("skill", named.get("skill", ""), SKILLS),
        cause=_one_of("cause", named.get("cause", ""), CAUSES),
        satisfaction=int(_one_of("sat", named.get("sat", ""), ("1", "2", "3", "4", "5"))),
        style=named.get("style", "plain"),
    )


def _turn(line: str) -> LabelledTurn:
    labels, bar, text = line.partition(" | ")
    if not bar or not text.strip():
        raise ValueError("a turn is '<labels> | <text>' with a text")
    words = labels.split()
    role = SPEAKERS.get(words[0])
    if role is None:
        raise ValueError(f"unknown speaker {words[0]!r}")
    rest = words[1:]
    if rest and rest[0] in KINDS:
        return LabelledTurn(role=role, text=text, kind=rest[0])
    if role == "customer":
        return _customer_turn(rest, text)
    if role == "agent":
        return _agent_turn(rest, text)
    if rest:
        raise ValueError(f"a {role} turn carries no labels")
    return LabelledTurn(role=role, text=text)


def _customer_turn(words: list[str], text: str) -> LabelledTurn:
    if len(words) not in (2, 3):
        raise ValueError("a customer turn is 'c <polarity> <emotion> [risks] | text'")
    polarity, emotion = float(words[0]), _one_of("emotion", words[1], EMOTIONS)
    if polarity not in POLARITIES:
        raise ValueError(f"polarity {polarity} is not one of {POLARITIES}")
    expected_sign = {"neutral": 0, "satisfied": 1}.get(emotion, -1)
    if (polarity > 0) - (polarity < 0) != expected_sign:
        raise ValueError(f"polarity {polarity} does not go with {emotion}")
    return LabelledTurn(role="customer", text=text, polarity=polarity, emotion=emotion, flags=_flags(words[2:], RISKS))


def _agent_turn(words: list[str], text: str) -> LabelledTurn:
    if len(words) not in (1, 2):
        raise ValueError("an agent turn is 'a <tone> [acts,categories] | text'")
    tone = float(words[0])
    if tone not in TONES:
        raise ValueError(f"tone {tone} is not one of {TONES}")
    return LabelledTurn(role="agent", text=text, tone=tone, flags=_flags(words[1:], ACTS + CATEGORIES))


def _flags(words: list[str], allowed: tuple[str, ...]) -> frozenset[str]:
    return frozenset(_one_of("label", flag, allowed) for word in words for flag in word.split(",") if flag)


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise ValueError(f"{name} {value!r} is not one of {', '.join(allowed)}")
    return value


def _checked(conversation: LabelledConversation) -> LabelledConversation:
    if not 5 <= len(conversation.turns) <= 40:
        raise ValueError(f"{conversation.id} has {len(conversation.turns)} turns, 5 to 40 are allowed")
    return conversation


def main() -> None:
    """Check the corpus (or the files named) and print the counts."""
    counts: Counter[str] = Counter()
    paths = [Path(name) for name in sys.argv[1:]]
    conversations = (c for path in paths for c in read_file(path)) if paths else read_corpus()
    for conversation in conversations:
        counts[f"conversations {conversation.language}"] += 1
        counts[f"arc {conversation.arc}"] += 1
        counts[f"cause {conversation.cause}"] += 1
        counts[f"sat {conversation.satisfaction}"] += 1
        for turn in conversation.turns:
            counts[f"turns {turn.role}"] += 1
            if turn.emotion:
                counts[f"emotion {turn.emotion}"] += 1
            for flag in turn.flags:
                counts[f"flag {flag}"] += 1
    for name, count in sorted(counts.items()):
        print(f"{count:6d}  {name}")


if __name__ == "__main__":
    main()
