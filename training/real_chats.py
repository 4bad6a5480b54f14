"""Real chats of the published sets as conversations, for measuring alone: no weight learns from them (model card)."""

from __future__ import annotations

from pathlib import Path

from qa_service.domain.conversation import Conversation, Role, Turn, TurnId
from training.published import sets


def real_chats(folder: Path) -> dict[str, list[Conversation]]:
    """By set: JD.com, Chinese helpdesks, the English translation of their chats, town information desks, a booking assistant.

    The last two are played by crowd workers. A chat is named by its set and place, a turn by its place among those with text.
    """
    dialogues = {
        "jdraw": ("zh", sets.jd_sessions(folder)),
        "jddc": ("zh", [*sets.jddc(folder, "valid"), *sets.jddc(folder, "test")]),
        "stc3zh": ("zh", sets.stc3(folder)),
        "stc3en": ("en", sets.stc3(folder, "en")),
        "mwoz": ("en", sets.uss(folder, "MWOZ")),
        "stc3zhtest": ("zh", sets.stc3_unrated(folder, "cn")),
        "stc3entest": ("en", sets.stc3_unrated(folder, "en")),
        "sgd": ("en", sets.uss(folder, "SGD")),
    }
    return {
        name: [chat for at, dialogue in enumerate(found) if (chat := _chat(f"{name}-{at}", language, dialogue)).turns]
        for name, (language, found) in dialogues.items()
    }


def _chat(name: str, language: str, dialogue: sets.RatedDialogue) -> Conversation:
    said = [turn for turn in dialogue.turns if turn.text.strip()]
    turns = (Turn(id=TurnId(str(at)), role=Role(t.role), text=t.text, sender_id=t.role) for at, t in enumerate(said))
    return Conversation(external_id=name, turns=tuple(turns), language=language)
