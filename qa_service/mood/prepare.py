"""What the model reads of a conversation: one text and one role a turn, and why a turn has no mood."""

from __future__ import annotations

from dataclasses import dataclass

from qa_service.domain.conversation import Role, TurnKind
from qa_service.domain.text import NormalisedConversation, NormalisedTurn

# The order in which the model was trained (training.model.ROLES); a test compares the two.
ROLES = (Role.CUSTOMER, Role.AGENT, Role.BOT, Role.SYSTEM)


@dataclass(frozen=True, slots=True)
class PreparedConversation:
    """T texts ('' where there is none to read) and T role numbers."""

    texts: list[str]
    roles: list[int]


def prepare(conversation: NormalisedConversation) -> PreparedConversation:
    """Texts as people read them (the `cased` view), case kept since shouting is a mood."""
    return PreparedConversation(
        texts=[readable_text(turn) for turn in conversation.turns],
        roles=[ROLES.index(turn.turn.role) for turn in conversation.turns],
    )


def readable_text(turn: NormalisedTurn) -> str:
    """The text, or '' for images, recalls and empty turns."""
    return turn.cased.text if turn.turn.kind is TurnKind.TEXT else ""


def reason_without_mood(turn: NormalisedTurn) -> str | None:
    """Why a turn has no mood of its own, or None if it has one."""
    if turn.turn.kind is not TurnKind.TEXT:
        return f"{turn.turn.kind} turn"
    return None if turn.cased.text else "no text"
