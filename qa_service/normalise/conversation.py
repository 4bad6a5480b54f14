"""Folds every turn of a conversation and settles its language."""

from __future__ import annotations

from qa_service.domain.conversation import Conversation, Turn
from qa_service.domain.text import NormalisedConversation, NormalisedTurn
from qa_service.normalise.fold import cased_view, compact_view, folded_view

SUPPORTED_LANGUAGES = ("zh", "en")


class ConversationNormaliser:
    """The stage: `Conversation` → `NormalisedConversation`."""

    def normalise(self, conversation: Conversation) -> NormalisedConversation:
        """Fold all turns; the language is the stated one (its main tag) or the one the script shows."""
        return NormalisedConversation(
            conversation=conversation,
            turns=tuple(normalise_turn(turn) for turn in conversation.turns),
            language=language_of(conversation),
        )


def normalise_turn(turn: Turn) -> NormalisedTurn:
    """All views of one turn."""
    cased = cased_view(turn.text)
    folded = folded_view(cased)
    return NormalisedTurn(turn=turn, cased=cased, text=folded, compact=compact_view(folded))


def language_of(conversation: Conversation) -> str:
    """The stated language (its main tag), or the one that the script shows."""
    if conversation.language:
        return conversation.language.lower().replace("_", "-").split("-")[0]
    text = "".join(turn.text for turn in conversation.turns)
    han = sum("一" <= char <= "鿿" for char in text)
    latin = sum(char.isascii() and char.isalpha() for char in text)
    # One Chinese character says about as much as three Latin letters.
    return "zh" if han * 3 >= latin else "en"
