"""Which reviewer a chat is for, and how the open queue is dealt out. Owns no query and no permission."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignedChat:
    """One chat as assigning reads it.

    Attributes:
        id: of the chat.
        shop: whose it is.
        assignee: who reviews it; None: nobody yet.
        is_judged: a person decided something about it (a verdict, a cleared suspicion, a corrected mood).
    """

    id: str
    shop: str | None
    assignee: str | None
    is_judged: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewer:
    """Somebody who reviews, or to whom chats are still assigned; `open_chats`: flagged ones that wait for a decision.

    `may_review`: chats can be assigned to this person now.
    """

    name: str
    display_name: str
    open_chats: int
    may_review: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Reassigned:
    """What came of assigning many: `changed` have another assignee now, `kept` stay with whoever had begun with them."""

    changed: int
    kept: int


def dealt(
    chat_ids: Iterable[str], seen_by: Mapping[str, Container[str]], open_chats: Mapping[str, int]
) -> dict[str, str]:
    """Deal chats out so that in the end everybody has about as many.

    Each chat, in the given order, goes to the one who has the fewest by then of those who see it; among equals the names
    decide. So the same chats, reviewers and counts always give the same.

    Args:
        chat_ids: the most urgent first.
        seen_by: reviewer → the chats that the reviewer may see.
        open_chats: reviewer → how many he or she has already; who is not in it has none.

    Returns:
        chat → reviewer; chats that nobody sees are left out.
    """
    counts = {name: open_chats.get(name, 0) for name in sorted(seen_by)}
    given: dict[str, str] = {}
    for chat_id in chat_ids:
        able = [name for name in counts if chat_id in seen_by[name]]
        if able:
            name = min(able, key=counts.__getitem__)  # the first of equals: they are in order
            given[chat_id] = name
            counts[name] += 1
    return given
