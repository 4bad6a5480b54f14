"""Originals of masked personal data: sealed beside the revision, opened for inspection and for those who may see them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from sqlalchemy import Connection, Row, insert, select, true, update

from qa_service.domain.conversation import Conversation
from qa_service.domain.conversation_document import conversation_from_stored, conversation_to_stored
from qa_service.domain.document import inspection_from_document, stored_document
from qa_service.domain.inspection import Inspection
from qa_service.domain.personal_data import MaskedConversation, Original, unmask
from qa_service.domain.work import Claim
from qa_service.errors import ConfigError, ErrorCode, Unavailable
from qa_service.storage.personal_data_tables import SealedOriginalsRow
from qa_service.storage.sealing import BrokenSeal, KeyRing
from qa_service.storage.tables import (
    ConversationRow,
    InspectionRow,
    RevisionRow,
    SuspicionReviewRow,
    VerdictRow,
)


class Masks(Protocol):
    """What finds and masks personal data (`normalise.personal_data`)."""

    def mask(self, conversation: Conversation) -> MaskedConversation:
        """Mask a conversation."""

    def mask_inspection(self, conversation: Conversation, inspection: Inspection) -> Inspection:
        """Mask what a result quotes of it."""

    def mask_comment(self, text: str, originals: Sequence[Original]) -> str:
        """Mask what a person wrote about it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedClaims:
    """Claims with their originals, and the ids of those whose seal is broken."""

    claims: list[Claim]
    broken_ids: list[str]


def keep_originals(
    connection: Connection, keys: KeyRing | None, conversation_id: str, revision: int, originals: Sequence[Original]
) -> None:
    """Seal them beside the revision; nothing where there are none."""
    if not originals:
        return
    ring = _known(keys)
    connection.execute(
        insert(SealedOriginalsRow).values(
            conversation_id=conversation_id,
            revision=revision,
            key_id=ring.newest_id,
            token=ring.seal(_plain(originals), bound_to=_place(conversation_id, revision)),
        )
    )


def originals_of(connection: Connection, keys: KeyRing | None, conversation_id: str) -> tuple[Original, ...]:
    """Those of the newest revision; none where it holds no personal data or is not masked.

    Raises:
        Unavailable: (`personal_data_sealed`) the seal is broken, or its key is missing.
    """
    row = connection.execute(
        select(SealedOriginalsRow.token, SealedOriginalsRow.revision)
        .join(ConversationRow, ConversationRow.id == SealedOriginalsRow.conversation_id)
        .where(
            SealedOriginalsRow.conversation_id == conversation_id,
            SealedOriginalsRow.revision == ConversationRow.revision,
        )
    ).one_or_none()
    if row is None:
        return ()
    try:
        return _open(_known(keys), row.token, conversation_id, row.revision)
    except BrokenSeal:
        raise Unavailable(
            "the originals of this conversation cannot be opened: their seal is broken",
            code=ErrorCode.PERSONAL_DATA_SEALED,
            retryable=False,
        ) from None


def open_claims(connection: Connection, keys: KeyRing | None, claims: Sequence[Claim]) -> OpenedClaims:
    """Put the originals back into claimed conversations.

    Raises:
        Unavailable: (`personal_data_sealed`) a key is missing.
    """
    rows = connection.execute(
        select(SealedOriginalsRow.conversation_id, SealedOriginalsRow.revision, SealedOriginalsRow.token)
        .join(
            ConversationRow,
            (ConversationRow.id == SealedOriginalsRow.conversation_id)
            & (ConversationRow.claimed_revision == SealedOriginalsRow.revision),
        )
        .where(SealedOriginalsRow.conversation_id.in_([claim.id for claim in claims]))
    )
    sealed = {row.conversation_id: row for row in rows}
    opened, broken = [], []
    for claim in claims:
        row = sealed.get(claim.id)
        try:
            opened.append(claim if row is None else _opened(claim, _known(keys), row))
        except BrokenSeal:
            broken.append(claim.id)
    return OpenedClaims(claims=opened, broken_ids=broken)


def sealed_with(connection: Connection) -> frozenset[str]:
    """The ids of all keys that tokens were made with."""
    return frozenset(connection.execute(select(SealedOriginalsRow.key_id).distinct()).scalars())


def reseal(connection: Connection, keys: KeyRing | None, *, limit: int) -> int:
    """Seal up to `limit` tokens of older keys anew with the newest; how many there were.

    Raises:
        Unavailable: (`personal_data_sealed`) a seal is broken, or a key is missing.
    """
    ring = _known(keys)
    rows = connection.execute(
        select(SealedOriginalsRow.conversation_id, SealedOriginalsRow.revision, SealedOriginalsRow.token)
        .where(SealedOriginalsRow.key_id != ring.newest_id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    for row in rows:
        place = _place(row.conversation_id, row.revision)
        try:
            plain = ring.open(row.token, bound_to=place)
        except BrokenSeal:
            raise Unavailable(
                f"the originals of conversation {row.conversation_id} cannot be opened: their seal is broken",
                code=ErrorCode.PERSONAL_DATA_SEALED,
                retryable=False,
            ) from None
        connection.execute(
            update(SealedOriginalsRow)
            .where(
                SealedOriginalsRow.conversation_id == row.conversation_id, SealedOriginalsRow.revision == row.revision
            )
            .values(key_id=ring.newest_id, token=ring.seal(plain, bound_to=place))
        )
    return len(rows)


def mask_stored(connection: Connection, keys: KeyRing | None, masks: Masks, *, limit: int) -> int:
    """Mask up to `limit` revisions that are not, with their results and what was written about them; how many."""
    rows = connection.execute(
        select(RevisionRow.conversation_id, RevisionRow.revision, RevisionRow.document)
        .where(RevisionRow.masked_by.is_(None))
        .order_by(RevisionRow.conversation_id, RevisionRow.revision)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    for row in rows:
        conversation = conversation_from_stored(row.document)
        masked = masks.mask(conversation)
        connection.execute(
            update(RevisionRow)
            .where(RevisionRow.conversation_id == row.conversation_id, RevisionRow.revision == row.revision)
            .values(document=conversation_to_stored(masked.conversation), masked_by=masked.masked_by)
        )
        keep_originals(connection, keys, row.conversation_id, row.revision, masked.originals)
        _mask_results(connection, masks, row, conversation)
        _mask_comments(connection, masks, row, masked.originals)
    return len(rows)


def _mask_results(connection: Connection, masks: Masks, row: Row[str, int], conversation: Conversation) -> None:
    results = connection.execute(
        select(InspectionRow.id, InspectionRow.document).where(
            InspectionRow.conversation_id == row.conversation_id, InspectionRow.revision == row.revision
        )
    ).all()
    for result in results:
        inspection = inspection_from_document(result.document)
        masked = masks.mask_inspection(conversation, inspection)
        if masked is not inspection:
            changed = update(InspectionRow).where(InspectionRow.id == result.id)
            connection.execute(changed.values(document=stored_document(masked)))


def _mask_comments(connection: Connection, masks: Masks, row: Row[str, int], originals: Sequence[Original]) -> None:
    """Of all verdicts on the conversation, whatever revision they are about, and of this revision's reviews."""
    reviews = SuspicionReviewRow.revision == row.revision
    for table, condition in ((VerdictRow, true()), (SuspicionReviewRow, reviews)):
        comments = connection.execute(
            select(table.id, table.comment).where(table.conversation_id == row.conversation_id, condition)
        ).all()
        for comment in comments:
            masked = masks.mask_comment(comment.comment, originals)
            if masked != comment.comment:
                connection.execute(update(table).where(table.id == comment.id).values(comment=masked))


def _opened(claim: Claim, keys: KeyRing, row: Row[str, int, str]) -> Claim:
    originals = _open(keys, row.token, row.conversation_id, row.revision)
    return replace(claim, conversation=unmask(claim.conversation, originals))


def _open(keys: KeyRing, token: str, conversation_id: str, revision: int) -> tuple[Original, ...]:
    plain = keys.open(token, bound_to=_place(conversation_id, revision))
    return tuple(Original(place=place, start=start, text=text) for place, start, text in json.loads(plain))


def _plain(originals: Sequence[Original]) -> bytes:
    listed = [(original.place, original.start, original.text) for original in originals]
    return json.dumps(listed, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def _place(conversation_id: str, revision: int) -> str:
    return f"{conversation_id}:{revision}"


def _known(keys: KeyRing | None) -> KeyRing:
    if keys is None:
        raise ConfigError(
            "the store was opened without keys for personal data",
            code=ErrorCode.INVALID_SETTING,
            field="QA_PII_KEYS",
        )
    return keys
