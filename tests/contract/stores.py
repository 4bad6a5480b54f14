"""Steps that most tests of a store take, each in its own transaction."""

from __future__ import annotations

from qa_service.domain.conversation import Conversation
from qa_service.domain.finding import Finding
from qa_service.domain.inspection import Inspection
from qa_service.domain.work import Lane
from qa_service.workflows.ports import ConversationFilter, Page, Repository, StoredConversation, UnitOfWork
from tests.unit.storage.builders import (
    MINUTE,
    NOW,
    digest,
    inspection,
)


def submit(uow: UnitOfWork, content: Conversation) -> str:
    with uow() as repository:
        return repository.submit(content, content_sha256=digest(content), now=NOW).id


def store(uow: UnitOfWork, content: Conversation, *findings: Finding, **fields: object) -> str:
    conversation_id = submit(uow, content)
    add(uow, conversation_id, inspection(content, *findings, **fields))  # type: ignore[arg-type]
    return conversation_id


def add(uow: UnitOfWork, conversation_id: str, result: Inspection) -> None:
    with uow() as repository:
        repository.add_inspection(conversation_id, result, now=NOW)


def get(uow: UnitOfWork, conversation_id: str) -> StoredConversation:
    with uow(is_read_only=True) as repository:
        return repository.get(conversation_id)


def find(uow: UnitOfWork, **query: object) -> Page:
    with uow(is_read_only=True) as repository:
        return repository.find(ConversationFilter(**query))  # type: ignore[arg-type]


def found(uow: UnitOfWork, **query: object) -> list[str]:
    return [row.external_id for row in find(uow, **query).rows]


def claim(repository: Repository, *, minutes: int = 0, limit: int = 10) -> list[str]:
    now = NOW + minutes * MINUTE
    repository.return_stale(now=now, stale_before=now - 5 * MINUTE)
    return [taken.id for taken in repository.claim(limit, lane=Lane.REALTIME, claimant="w-1", now=now)]
