"""Same content, same digest; any other content, another one."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given

from qa_service.domain.conversation import Agent, AgentId, Conversation, Customer, TurnKind
from qa_service.domain.document import conversation_document
from qa_service.ingest.content_digest import content_sha256
from qa_service.ingest.conversation_reader import read_conversation
from qa_service.ingest.limits import Limits
from tests.builders import conversation
from tests.unit.ingest.strategies import conversations

BASE = conversation("customer: 能退吗", "agent[a-7]: 可以", started_at=datetime(2026, 11, 2, 2, tzinfo=UTC))


def with_first_turn(**fields) -> Conversation:
    return replace(BASE, turns=(replace(BASE.turns[0], **fields), *BASE.turns[1:]))


@given(conversations())
def test_survives_writing_and_reading(talk: Conversation):
    again = read_conversation(conversation_document(talk), default_zone=None, limits=Limits())

    assert content_sha256(again) == content_sha256(talk)


def test_is_a_hex_sha256_that_never_changes():
    assert content_sha256(BASE) == "1248815f89187ebf6096063345521649e015b92b816c686a47ad8ca38706ea0e"


@pytest.mark.parametrize(
    "same",
    [
        pytest.param(replace(BASE, external_id="c-2"), id="external_id"),
        pytest.param(replace(BASE, source="other"), id="source"),
        pytest.param(
            replace(BASE, started_at=BASE.started_at.astimezone(timezone(timedelta(hours=8)))), id="offset of a time"
        ),
    ],
)
def test_ignores_the_name_of_the_conversation_and_how_times_are_written(same):
    assert content_sha256(same) == content_sha256(BASE)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(with_first_turn(text="能退嘛"), id="text"),
        pytest.param(with_first_turn(id="x"), id="turn id"),
        pytest.param(with_first_turn(kind=TurnKind.CARD), id="kind"),
        pytest.param(with_first_turn(sender_id="u-1"), id="sender"),
        pytest.param(with_first_turn(at=datetime(2026, 11, 2, tzinfo=UTC)), id="turn time"),
        pytest.param(replace(BASE, turns=BASE.turns[::-1]), id="order of turns"),
        pytest.param(replace(BASE, agents=(Agent(id=AgentId("a-7")),)), id="agents"),
        pytest.param(replace(BASE, customer=Customer(id="u")), id="customer"),
        pytest.param(replace(BASE, attributes={"stage": "pre_sales"}), id="attributes"),
        pytest.param(replace(BASE, language="zh"), id="language"),
        pytest.param(replace(BASE, csat=5.0), id="csat"),
        pytest.param(replace(BASE, started_at=None), id="start"),
    ],
)
def test_changes_with_everything_else(other):
    assert content_sha256(other) != content_sha256(BASE)
