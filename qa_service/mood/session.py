"""Conversations read turn by turn: what is known so far, each turn encoded once, the head going on where it stopped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from qa_service.domain.conversation import Conversation, Role
from qa_service.domain.mood import CallEvidence, ConversationMood, MoodStatus, TurnMood, TurnTone
from qa_service.domain.text import NormalisedTurn
from qa_service.mood.evidence import EvidenceFinder, StrongTurn, strong_calls
from qa_service.mood.figures import Logits
from qa_service.mood.infer import DialogueHead, Floats, ReadText, TurnEncoder
from qa_service.mood.interpret import conversation_mood, turn_mood, turn_tone
from qa_service.mood.manifest import Manifest
from qa_service.mood.prepare import PreparedTurn, prepare


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What a model is made of, shared by all its conversations."""

    manifest: Manifest
    encoder: TurnEncoder
    head: DialogueHead
    finder: EvidenceFinder


@dataclass(slots=True)
class Reading:
    """The turns of one conversation so far. `add` and `with_evidence` are apart so that many are encoded in one batch."""

    parts: Parts
    moods: list[TurnMood] = field(default_factory=list)
    tones: list[TurnTone] = field(default_factory=list)
    memory: Floats | None = None
    last: Logits = field(default_factory=dict)
    strong: list[tuple[TurnMood | TurnTone, StrongTurn]] = field(default_factory=list)

    def add(
        self,
        conversation: Conversation,
        turns: Sequence[NormalisedTurn],
        prepared: Sequence[PreparedTurn],
        vectors: Floats,
    ) -> None:
        """Score turns that follow on those before; `conversation` has them all, `turns` are its last ones."""
        if not turns:
            return
        before = self.parts.head.fresh_memory() if self.memory is None else self.memory
        output = self.parts.head.run(vectors, [p.role for p in prepared], before)
        owners = conversation.owners()[-len(turns) :]
        for at, (turn, ready, owner) in enumerate(zip(turns, prepared, owners, strict=True)):
            row = {name: values[at] for name, values in output.logits.items()}
            scored: TurnMood | TurnTone
            if turn.turn.role is Role.CUSTOMER:
                scored = turn_mood(turn.turn.id, ready, row, self.parts.manifest)
                self.moods.append(scored)
            elif turn.turn.role is Role.AGENT:
                scored = turn_tone(turn.turn.id, owner, ready, row, self.parts.manifest)
                self.tones.append(scored)
            else:
                continue
            if calls := strong_calls(scored):
                memory = output.memories[at - 1] if at else before
                strong = StrongTurn(text=ready.view, role=ready.role, memory=memory, calls=calls)
                self.strong.append((scored, strong))
        self.memory = output.memories[-1]
        self.last = {name: values[-1] for name, values in output.logits.items()}

    def explain(self, evidence: Sequence[tuple[CallEvidence, ...]]) -> None:
        """Put the evidence of the strong turns, in their order, to the turns."""
        found = {scored.turn_id: own for (scored, _), own in zip(self.strong, evidence, strict=True)}
        self.moods = [replace(m, evidence=found[m.turn_id]) if m.turn_id in found else m for m in self.moods]
        self.tones = [replace(t, evidence=found[t.turn_id]) if t.turn_id in found else t for t in self.tones]
        self.strong.clear()

    def mood(self, conversation: Conversation) -> ConversationMood:
        """The mood of what was added."""
        return conversation_mood(conversation, self.moods, self.tones, self.last, self.parts.manifest)


def read_turns(parts: Parts, batch: Sequence[tuple[Reading, Conversation, Sequence[NormalisedTurn]]]) -> None:
    """Add the turns to each reading, all of them encoded together, each distinct text once."""
    prepared = [[prepare(turn) for turn in turns] for _, _, turns in batch]
    read: dict[str, ReadText] = {}
    vectors = parts.encoder.encode([p.text for own in prepared for p in own], read=read)
    at = 0
    for (reading, conversation, turns), own in zip(batch, prepared, strict=True):
        reading.add(conversation, turns, own, vectors[at : at + len(own)])
        at += len(own)
    _explain([reading for reading, _, _ in batch], parts.finder, read)


def _explain(readings: Sequence[Reading], finder: EvidenceFinder, read: Mapping[str, ReadText]) -> None:
    counts = [len(reading.strong) for reading in readings]
    found = finder.find([strong for reading in readings for _, strong in reading.strong], read)
    at = 0
    for reading, count in zip(readings, counts, strict=True):
        reading.explain(found[at : at + count])
        at += count


class MoodSession:
    """A live conversation: `feed` its turns as they come."""

    def __init__(self, parts: Parts, conversation: Conversation, unknown: str | None) -> None:
        self._reading = Reading(parts)
        self._conversation = replace(conversation, turns=())
        self._unknown = unknown

    def feed(self, turn: NormalisedTurn) -> ConversationMood:
        """The mood of all turns so far: the numbers that a batch gives for what was known by then."""
        self._conversation = replace(self._conversation, turns=(*self._conversation.turns, turn.turn))
        if self._unknown is not None:
            return ConversationMood(status=MoodStatus.UNAVAILABLE, reason=self._unknown)
        read_turns(self._reading.parts, [(self._reading, self._conversation, [turn])])
        return self._reading.mood(self._conversation)
