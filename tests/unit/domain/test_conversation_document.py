from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa_service.domain.conversation import Agent, AgentId, Conversation, Customer, Role, Turn, TurnId, TurnKind
from qa_service.domain.conversation_document import conversation_from_stored, conversation_to_stored
from qa_service.errors import InvalidInput

texts = st.text(max_size=20)
some_text = st.none() | texts
zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
times = st.none() | st.datetimes(
    min_value=datetime(1971, 1, 1),  # noqa: DTZ001
    timezones=zones,
)
turns = st.builds(
    Turn,
    id=texts.map(TurnId),
    role=st.sampled_from(Role),
    text=texts,
    kind=st.sampled_from(TurnKind),
    sender_id=some_text,
    at=times,
)
agents = st.builds(Agent, id=texts.map(AgentId), name=some_text, group=some_text)
conversations = st.builds(
    Conversation,
    external_id=texts,
    turns=st.lists(turns, max_size=3).map(tuple),
    source=texts,
    channel=some_text,
    shop=some_text,
    language=some_text,
    started_at=times,
    customer=st.builds(Customer, id=some_text),
    agents=st.lists(agents, max_size=2).map(tuple),
    attributes=st.dictionaries(texts, texts, max_size=2),
    csat=st.none() | st.floats(1, 5),
)


@settings(deadline=None)
@given(conversations)
def test_a_conversation_comes_back_from_its_stored_json_as_it_was(original: Conversation) -> None:
    stored = json.loads(json.dumps(conversation_to_stored(original)))
    restored = conversation_from_stored(stored)
    assert restored == original
    assert [turn.at and turn.at.utcoffset() for turn in restored.turns] == [
        t.at and t.at.utcoffset() for t in original.turns
    ]


@pytest.mark.parametrize("version", [0, 2, "1", None])
def test_a_version_from_elsewhere_is_refused(version: object) -> None:
    document = conversation_to_stored(Conversation(external_id="c-1", turns=()))
    with pytest.raises(InvalidInput) as caught:
        conversation_from_stored({**document, "version": version})
    assert caught.value.field == "version"
