"""Conversations read turn by turn: what is known so far, each turn encoded once, the head going on where it stopped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

import numpy as np

from qa_service.domain.conversation import Conversation, Role, TurnId
from qa_service.domain.mood import CallEvidence, ConversationMood, MoodStatus, TurnMood, TurnTone
from qa_service.domain.text import NormalisedText, NormalisedTurn
from qa_service.mood.asked_again import question_of
from qa_service.mood.evidence import EvidenceFinder, StrongTurn, strong_calls
from qa_service.mood.figures import Logits
from qa_service.mood.infer import DialogueHead, Floats, ReadText, TurnEncoder
from qa_service.mood.interpret import conversation_mood, turn_mood, turn_tone
from qa_service.mood.manifest import Manifest
from qa_service.mood.own_words import Said
from qa_service.mood.prepare import PreparedTurn, prepare
from qa_service.mood.windows import WindowedTurn, Windows, joined, part_of


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
    memory: Floats = field(init=False)
    last: Logits = field(default_factory=dict)
    strong: list[tuple[TurnMood | TurnTone, StrongTurn]] = field(default_factory=list)
    asked: set[str] = field(default_factory=set)
    """What the customer wrote so far that asks for an answer (`question_of`)."""
    said: Said = field(default_factory=Said)

    def __post_init__(self) -> None:
        self.memory = self.parts.head.fresh_memory()

    def add(
        self,
        conversation: Conversation,
        turns: Sequence[NormalisedTurn],
        prepared: Sequence[PreparedTurn],
        windows: Sequence[Windows],
    ) -> None:
        """Score turns that follow on those before; `conversation` has them all, `turns` are its last ones."""
        if not turns:
            return
        owners = conversation.owners()[-len(turns) :]
        read = self._read(windows, [p.role for p in prepared])
        for turn, ready, owner, own, (windowed, memory) in zip(turns, prepared, owners, windows, read, strict=True):
            scored: TurnMood | TurnTone
            if turn.turn.role is Role.CUSTOMER:
                scored = self._or_repeated(
                    turn_mood(turn.turn.id, ready, windowed.row, self.parts.manifest), ready.view
                )
                self.moods.append(scored)
            elif turn.turn.role is Role.AGENT:
                scored = turn_tone(turn.turn.id, owner, ready, windowed.row, self.parts.manifest)
                self.tones.append(scored)
            else:
                continue
            self._note_strong(scored, ready.role, own, windowed, memory)
        self.last = read[-1][0].row

    def _or_repeated(self, mood: TurnMood, view: NormalisedText) -> TurnMood:
        """The mood, sure of the repetition where the customer has written the same before; thanks are no repetition."""
        question = question_of(view.text) if mood.status is MoodStatus.COMPLETE else None
        if question is None:
            return mood
        if question not in self.asked:
            self.asked.add(question)
            return mood
        whole = view.to_original(0, len(view.text))
        evidence = CallEvidence(call="risk.repeat", start=whole.start, end=whole.end, value=1.0, value_without=None)
        return replace(mood, risks={**mood.risks, "repeat": 1.0}, evidence=(evidence,))

    def _read(self, windows: Sequence[Windows], roles: Sequence[int]) -> list[tuple[WindowedTurn, Floats]]:
        """Each turn with the memory before it: runs of short turns at once, each long one by itself."""
        read: list[tuple[WindowedTurn, Floats]] = []
        for is_long, run in groupby(range(len(windows)), lambda at: len(windows[at].views) > 1):
            places = list(run)
            if is_long:
                read += [self._read_long(windows[at], roles[at]) for at in places]
            else:
                read += self._read_short([windows[at].vectors[0] for at in places], [roles[at] for at in places])
        return read

    def _read_long(self, windows: Windows, role: int) -> tuple[WindowedTurn, Floats]:
        before = self.memory
        turn = joined(self.parts.head.alternatives(windows.vectors, role, before), role, self.parts.manifest)
        self.memory = self.parts.head.run(windows.vectors[[turn.speaking]], [role], before).memories[-1]
        return turn, before

    def _read_short(self, vectors: Sequence[Floats], roles: Sequence[int]) -> list[tuple[WindowedTurn, Floats]]:
        output = self.parts.head.run(np.stack(vectors), roles, self.memory)
        memories = [self.memory, *output.memories[:-1]]
        self.memory = output.memories[-1]
        rows = [{name: values[at] for name, values in output.logits.items()} for at in range(len(vectors))]
        return [(WindowedTurn(row), memory) for row, memory in zip(rows, memories, strict=True)]

    def _note_strong(
        self, scored: TurnMood | TurnTone, role: int, windows: Windows, windowed: WindowedTurn, memory: Floats
    ) -> None:
        """Keep the strong calls of a turn until their evidence is sought, each with the window that it comes from."""
        calls_of: dict[int, dict[str, float]] = {}
        known = {evidence.call for evidence in scored.evidence}
        for call, value in strong_calls(scored).items():
            if call in known:
                continue
            calls_of.setdefault(windowed.window_of(call, self.parts.manifest), {})[call] = value
        for window, calls in calls_of.items():
            strong = StrongTurn(text=windows.views[window], role=role, memory=memory, calls=calls)
            self.strong.append((scored, strong))

    def explain(self, evidence: Sequence[tuple[CallEvidence, ...]]) -> None:
        """Put the evidence of the strong turns, in their order, to the turns."""
        found: dict[TurnId, tuple[CallEvidence, ...]] = {}
        for (scored, _), own in zip(self.strong, evidence, strict=True):
            found[scored.turn_id] = (*found.get(scored.turn_id, scored.evidence), *own)
        self.moods = [replace(m, evidence=found[m.turn_id]) if m.turn_id in found else m for m in self.moods]
        self.tones = [replace(t, evidence=found[t.turn_id]) if t.turn_id in found else t for t in self.tones]
        self.strong.clear()

    def mood(self, conversation: Conversation) -> ConversationMood:
        """The mood of what was added. Whose a turn without sender is may show later: another agent speaks."""
        owners = {turn.id: owner for turn, owner in zip(conversation.turns, conversation.owners(), strict=True)}
        tones = [replace(tone, agent_id=owners[tone.turn_id]) for tone in self.tones]
        return conversation_mood(conversation, self.moods, tones, self.last, self.parts.manifest)


def read_turns(parts: Parts, batch: Sequence[tuple[Reading, Conversation, Sequence[NormalisedTurn]]]) -> None:
    """Add the turns to each reading, all of them encoded together, each distinct text once."""
    prepared = [[prepare(turn, parts.encoder.knows, reading.said) for turn in turns] for reading, _, turns in batch]
    views = [[_views(parts.encoder, p.view) for p in own] for own in prepared]
    read: dict[str, ReadText] = {}
    vectors = iter(parts.encoder.encode([v.text for chat in views for turn in chat for v in turn], read=read))
    for (reading, conversation, turns), ready, chat in zip(batch, prepared, views, strict=True):
        windows = [Windows(turn, np.stack([next(vectors) for _ in turn])) for turn in chat]
        reading.add(conversation, turns, ready, windows)
    _explain([reading for reading, _, _ in batch], parts.finder, read)


def _views(encoder: TurnEncoder, view: NormalisedText) -> list[NormalisedText]:
    """The parts in which a turn is read."""
    windows = encoder.windows(view.text)
    return [part_of(view, *window) for window in windows] if len(windows) > 1 else [view]


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
