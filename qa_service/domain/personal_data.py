"""Personal data in a conversation: where it stands, and the way from the masked form back. Owns no finder and no key."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from qa_service.domain.conversation import Conversation
from qa_service.domain.finding import Finding
from qa_service.domain.records import StoredConversation


class PersonalKind(StrEnum):
    """What points to a person."""

    EMAIL = "email"
    ID_CARD = "id_card"
    BANK_CARD = "bank_card"
    PHONE = "phone"
    PLATE = "plate"
    ACCOUNT = "account"
    PASSPORT = "passport"
    IP = "ip"
    ADDRESS = "address"
    NAME = "name"


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalSpan:
    """Half-open, in code points of the text."""

    kind: PersonalKind
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """What a mask of the same length stands for: `place` is the position of a turn, or the name of an attribute."""

    place: int | str
    start: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MaskedConversation:
    """A conversation whose personal data is masked, character for character, and the originals by place and start.

    `masked_by` is the version of the finders.
    """

    conversation: Conversation
    originals: tuple[Original, ...]
    masked_by: int


def unmask(conversation: Conversation, originals: Iterable[Original]) -> Conversation:
    """Put the originals back; the conversation that was masked."""
    by_place: dict[int | str, list[Original]] = {}
    for original in originals:
        by_place.setdefault(original.place, []).append(original)
    if not by_place:
        return conversation
    turns = tuple(
        replace(turn, text=put_back(turn.text, by_place[position])) if position in by_place else turn
        for position, turn in enumerate(conversation.turns)
    )
    attributes = {name: put_back(value, by_place.get(name, ())) for name, value in conversation.attributes.items()}
    return replace(conversation, turns=turns, attributes=attributes)


def put_back(text: str, originals: Sequence[Original]) -> str:
    """The text with each of `originals` at its start, in the length of its mask."""
    for original in originals:
        text = text[: original.start] + original.text + text[original.start + len(original.text) :]
    return text


def unmask_stored(stored: StoredConversation, originals: Sequence[Original]) -> StoredConversation:
    """The stored conversation with the originals in its turns and in the quotes of its findings."""
    conversation = unmask(stored.conversation, originals)
    inspection = stored.inspection
    if inspection is not None:
        texts = {str(turn.id): turn.text for turn in conversation.turns}
        inspection = replace(inspection, findings=tuple(_quoted(finding, texts) for finding in inspection.findings))
    return replace(stored, conversation=conversation, inspection=inspection)


def _quoted(finding: Finding, texts: Mapping[str, str]) -> Finding:
    text = texts.get(str(finding.turn_id))
    if text is None or finding.start is None or finding.end is None:
        return finding
    return replace(finding, text=text[finding.start : finding.end])
