"""Runs the served (ONNX) model over labelled conversations, through the same code as the service."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from qa_service.domain.conversation import Conversation, Role, Turn, TurnId, TurnKind
from qa_service.domain.mood import ConversationMood, TurnMood, TurnTone
from qa_service.mood import OnnxMoodModel
from qa_service.normalise import ConversationNormaliser
from training.collect_verdicts import ReviewedConversation
from training.corpus_reader import LabelledConversation, LabelledTurn
from training.labelled_turns import language_of


@dataclass(frozen=True, slots=True)
class ScoredPair:
    """One labelled conversation and what the model says; `customer` and `agent` pair each labelled turn with its score."""

    labelled: LabelledConversation
    mood: ConversationMood
    customer: list[tuple[LabelledTurn, TurnMood]]
    agent: list[tuple[LabelledTurn, TurnTone]]


def as_conversation(labelled: LabelledConversation | ReviewedConversation) -> Conversation:
    """The conversation without its labels, turn ids from 0."""
    turns = tuple(
        Turn(id=TurnId(str(i)), role=Role(t.role), text=t.text, kind=TurnKind(t.kind))
        for i, t in enumerate(labelled.turns)
    )
    return Conversation(external_id=labelled.id, turns=turns, language=language_of(labelled))


def score_all(model: OnnxMoodModel, labelled: Sequence[LabelledConversation]) -> list[ScoredPair]:
    """One pair a conversation, same order."""
    normaliser = ConversationNormaliser()
    moods = model.score([normaliser.normalise(as_conversation(c)) for c in labelled])
    return [pair_up(c, mood) for c, mood in zip(labelled, moods, strict=True)]


def pair_up(labelled: LabelledConversation, mood: ConversationMood) -> ScoredPair:
    """Put labels and scores side by side."""
    customer = [(labelled.turns[int(m.turn_id)], m) for m in mood.turns]
    agent = [(labelled.turns[int(t.turn_id)], t) for t in mood.tones]
    return ScoredPair(
        labelled,
        mood,
        [(turn, m) for turn, m in customer if turn.emotion is not None],
        [(turn, t) for turn, t in agent if turn.tone is not None],
    )
