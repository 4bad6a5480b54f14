"""What the model reads of a turn: one text and one role, and why a turn has no mood."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from qa_service.domain.conversation import Role, TurnKind
from qa_service.domain.mood import MoodStatus
from qa_service.domain.text import NormalisedText, NormalisedTurn
from qa_service.mood.language import why_unreadable
from qa_service.mood.own_words import Said, why_wordless, without_quote
from qa_service.normalise import plain_view

# The order in which the model was trained (training.model.ROLES); a test compares the two.
ROLES = (Role.CUSTOMER, Role.AGENT, Role.BOT, Role.SYSTEM)
_NOTHING = NormalisedText("", (), ())
_LEARNT = re.compile(r"[A-Za-z0-9㐀-鿿]")
"""Of these the vocabulary has every one."""


@dataclass(frozen=True, slots=True)
class PreparedTurn:
    """What is read (nothing where there is none to read, with status and reason) and the role's number."""

    view: NormalisedText
    role: int
    status: MoodStatus = MoodStatus.COMPLETE
    reason: str | None = None


def prepare(turn: NormalisedTurn, knows: Callable[[str], bool], said: Said) -> PreparedTurn:
    """The text as people read it: the `cased` view, case kept since shouting is a mood, with disguises undone (`plain_view`).

    Images, recalls and empty turns have nothing to judge (`not_applicable`), also where an export writes them as text
    (`[图片]`), nor has a message that only quotes another; an agent quotes what was written in this chat (`said`, which is told
    of the turn). What is written in another language is not guessed at, and neither
    are pictures and letters that the model has never seen (`unavailable`; `knows` says of a text without Latin or Chinese ones
    whether it knows any piece). None of them reaches the model, so none moves the turns beside it.
    """
    role = ROLES.index(turn.turn.role)
    if turn.turn.kind is not TurnKind.TEXT:
        return PreparedTurn(_NOTHING, role, MoodStatus.NOT_APPLICABLE, f"{turn.turn.kind} turn")
    if not turn.cased.text:
        return PreparedTurn(_NOTHING, role, MoodStatus.NOT_APPLICABLE, "no text")
    wordless = why_wordless(turn.cased.text)
    is_agents = turn.turn.role is Role.AGENT
    own = without_quote(turn.cased, said if is_agents else None)
    said.add(own.text)
    if wordless or not own.text:
        return PreparedTurn(_NOTHING, role, MoodStatus.NOT_APPLICABLE, wordless or "only a quoted message")
    view = plain_view(own, is_agents=is_agents)
    reason = why_unreadable(view.text)
    if reason is None and _LEARNT.search(view.text) is None and not knows(view.text):
        reason = "holds nothing that the model knows"
    return PreparedTurn(_NOTHING, role, MoodStatus.UNAVAILABLE, reason) if reason else PreparedTurn(view, role)
