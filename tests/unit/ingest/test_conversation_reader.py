"""The generic object → a conversation: what is accepted, what is refused, and under which name."""

import json
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_service.domain.conversation import Conversation, Customer, Role, TurnKind
from qa_service.domain.document import conversation_document
from qa_service.errors import ErrorCode, InvalidInput
from qa_service.ingest.conversation_reader import CONVERSATION_FIELDS, TURN_FIELDS, read_conversation
from qa_service.ingest.limits import Limits
from tests.unit.ingest.strategies import conversations

SAMPLES = Path(__file__).parents[3] / "samples"
SHANGHAI = ZoneInfo("Asia/Shanghai")
LIMITS = Limits(turns=3, text_bytes=30, turn_characters=10, field_characters=8)


def turn(**fields):
    return {"role": "customer", "text": "在吗", **fields}


def document(*turns, **fields):
    return {"external_id": "c-1", "turns": list(turns or [turn()]), **fields}


def read(data, *, default_zone=None, limits=Limits()):  # noqa: B008
    return read_conversation(data, default_zone=default_zone, limits=limits)


def refusal(data, **options) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        read(data, **options)
    return caught.value


def test_reads_the_required_fields_alone():
    conversation = read(document(turn(), turn(role="agent")))

    assert conversation.external_id == "c-1"
    assert conversation.source == "default"
    assert conversation.customer == Customer()
    assert [turn.id for turn in conversation.turns] == ["1", "2"]
    assert [turn.role for turn in conversation.turns] == [Role.CUSTOMER, Role.AGENT]
    assert {turn.kind for turn in conversation.turns} == {TurnKind.TEXT}


@pytest.mark.parametrize("name", ["zh.jsonl", "en.jsonl"])
def test_reads_every_sample_and_writes_it_back_the_same(name):
    for line in (SAMPLES / name).read_text("utf-8").splitlines():
        conversation = read(json.loads(line))

        assert read(conversation_document(conversation)) == conversation


@given(conversations())
def test_written_and_read_is_the_identity(conversation: Conversation):
    assert read(json.loads(json.dumps(conversation_document(conversation)))) == conversation


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
NEAR_TURN = st.dictionaries(st.sampled_from(TURN_FIELDS), JSON | st.sampled_from(["customer", "text", "1"]))
NEAR_CONVERSATION = st.dictionaries(st.sampled_from(CONVERSATION_FIELDS), JSON | st.lists(NEAR_TURN, max_size=3))


@given(JSON | NEAR_CONVERSATION | st.lists(NEAR_TURN).map(lambda turns: document(*turns)))
def test_any_json_is_a_conversation_or_invalid_input(data):
    try:
        read(data)
    except InvalidInput as error:
        # A terminal and a JSON reply must be able to carry it.
        error.message.encode()


@pytest.mark.parametrize(
    ("data", "code", "field"),
    [
        pytest.param([], ErrorCode.INVALID_FIELD, "conversation", id="not an object"),
        pytest.param({"turns": [turn()]}, ErrorCode.MISSING_FIELD, "external_id", id="no external_id"),
        pytest.param(document(external_id=" "), ErrorCode.MISSING_FIELD, "external_id", id="blank external_id"),
        pytest.param(document(external_id=7), ErrorCode.INVALID_FIELD, "external_id", id="external_id a number"),
        pytest.param({"external_id": "c"}, ErrorCode.MISSING_FIELD, "turns", id="no turns"),
        pytest.param(document() | {"turns": []}, ErrorCode.EMPTY_CONVERSATION, "turns", id="empty conversation"),
        pytest.param(document() | {"turns": {}}, ErrorCode.INVALID_FIELD, "turns", id="turns no list"),
        pytest.param(document("hi"), ErrorCode.INVALID_FIELD, "turns[0]", id="turn no object"),
        pytest.param(document(turn(role="boss")), ErrorCode.INVALID_FIELD, "turns[0].role", id="unknown role"),
        pytest.param(document(turn(role="客服")), ErrorCode.INVALID_FIELD, "turns[0].role", id="alias in JSON"),
        pytest.param(document(turn(role=["agent"])), ErrorCode.INVALID_FIELD, "turns[0].role", id="role a list"),
        pytest.param(document({"text": "a"}), ErrorCode.MISSING_FIELD, "turns[0].role", id="no role"),
        pytest.param(document(turn(), turn(text=None)), ErrorCode.MISSING_FIELD, "turns[1].text", id="no text"),
        pytest.param(document(turn(text=5)), ErrorCode.INVALID_FIELD, "turns[0].text", id="text a number"),
        pytest.param(document(turn(text="a\0")), ErrorCode.INVALID_TEXT, "turns[0].text", id="NUL"),
        pytest.param(document(turn(text="\udc80")), ErrorCode.INVALID_TEXT, "turns[0].text", id="lone surrogate"),
        pytest.param(document(shop="\ud83d"), ErrorCode.INVALID_TEXT, "shop", id="surrogate outside turns"),
        pytest.param(document(turn(kind="video")), ErrorCode.INVALID_FIELD, "turns[0].kind", id="unknown kind"),
        pytest.param(document(turn(id=1)), ErrorCode.INVALID_FIELD, "turns[0].id", id="turn id a number"),
        pytest.param(
            document(turn(id="a"), turn(id="a")), ErrorCode.DUPLICATE_TURN_ID, "turns[1].id", id="duplicate turn ids"
        ),
        pytest.param(
            document(turn(id="2"), turn()), ErrorCode.DUPLICATE_TURN_ID, "turns[1].id", id="given id equals a number"
        ),
        pytest.param(document(mood="bad"), ErrorCode.INVALID_FIELD, "mood", id="unknown field"),
        pytest.param(document(turn(txt="a")), ErrorCode.INVALID_FIELD, "turns[0].txt", id="unknown turn field"),
        pytest.param(document(customer={"name": "a"}), ErrorCode.INVALID_FIELD, "customer.name", id="customer field"),
        pytest.param(document(customer="u"), ErrorCode.INVALID_FIELD, "customer", id="customer no object"),
        pytest.param(document(agents=[{"name": "a"}]), ErrorCode.MISSING_FIELD, "agents[0].id", id="agent without id"),
        pytest.param(document(agents=[{"id": " "}]), ErrorCode.MISSING_FIELD, "agents[0].id", id="agent's id blank"),
        pytest.param(document(agents={}), ErrorCode.INVALID_FIELD, "agents", id="agents no list"),
        pytest.param(document(attributes=[]), ErrorCode.INVALID_FIELD, "attributes", id="attributes no object"),
        pytest.param(document(attributes={"a": []}), ErrorCode.INVALID_FIELD, "attributes.a", id="attribute a list"),
        pytest.param(document(attributes={"": "x"}), ErrorCode.MISSING_FIELD, "attributes", id="attribute unnamed"),
        pytest.param(
            document(attributes={"a": 10**5000}),
            ErrorCode.INVALID_FIELD,
            "attributes.a",
            id="attribute of 5,001 digits",
        ),
        pytest.param(document(csat=6), ErrorCode.INVALID_FIELD, "csat", id="csat over 5"),
        pytest.param(document(csat=0.9), ErrorCode.INVALID_FIELD, "csat", id="csat under 1"),
        pytest.param(document(csat="5"), ErrorCode.INVALID_FIELD, "csat", id="csat a string"),
        pytest.param(document(csat=True), ErrorCode.INVALID_FIELD, "csat", id="csat a boolean"),
        pytest.param(document(csat=float("nan")), ErrorCode.INVALID_FIELD, "csat", id="csat NaN"),
        pytest.param(document(csat=10**400), ErrorCode.INVALID_FIELD, "csat", id="csat too large for a float"),
        pytest.param(document(started_at="2026-13-02T09:58:00Z"), ErrorCode.INVALID_FIELD, "started_at", id="month 13"),
        pytest.param(document(started_at="yesterday"), ErrorCode.INVALID_FIELD, "started_at", id="no time"),
        pytest.param(document(started_at="2026-11-02"), ErrorCode.INVALID_FIELD, "started_at", id="a date only"),
        pytest.param(document(started_at=1762308131), ErrorCode.INVALID_FIELD, "started_at", id="time a number"),
        pytest.param(
            document(started_at="0001-01-01T00:00:00+08:00"), ErrorCode.INVALID_FIELD, "started_at", id="before year 1"
        ),
        pytest.param(
            document(turn(at="2026-11-02T10:00:00")), ErrorCode.TIME_ZONE_MISSING, "turns[0].at", id="no offset"
        ),
        pytest.param(
            document(turn(at="2026-11-02T10:00:00+08:00"), turn(), turn(at="2026-11-02T09:59:59+08:00")),
            ErrorCode.TIME_ORDER,
            "turns[2].at",
            id="time going backwards",
        ),
    ],
)
def test_refuses_and_names_the_field(data, code, field):
    error = refusal(data)

    assert (error.code, error.field) == (code, field)
    assert error.message.startswith(f"{field}: ")


@pytest.mark.parametrize(
    ("data", "field", "limit"),
    [
        pytest.param(document(*[turn()] * 4), "turns", "limit turns", id="turns"),
        pytest.param(document(turn(text="a" * 11)), "turns[0].text", "limit turn_characters", id="one turn"),
        pytest.param(document(*[turn(text="好" * 6)] * 2), "turns", "limit text_bytes", id="all text in bytes"),
        pytest.param(document(shop="s" * 9), "shop", "limit field_characters", id="another string"),
    ],
)
def test_names_the_limit_that_is_passed(data, field, limit):
    error = refusal(data, limits=LIMITS)

    assert (error.code, error.field) == (ErrorCode.TOO_LARGE, field)
    assert limit in error.message


def test_accepts_what_is_exactly_at_the_limits():
    conversation = read(document(*[turn(text="a" * 10)] * 3, shop="s" * 8), limits=LIMITS)

    assert len(conversation.turns) == 3


def test_refuses_one_turn_of_five_million_characters_by_default():
    error = refusal(document(turn(text="a" * 5_000_000)))

    assert (error.code, error.field) == (ErrorCode.TOO_LARGE, "turns[0].text")
    assert "20000" in error.message


@pytest.mark.parametrize("character", ["\x1b", "\n", "\x7f", "\u202e", "\ufeff", "\ue000"])
@pytest.mark.parametrize(
    ("field", "data"),
    [
        ("external_id", lambda name: document(external_id=name)),
        ("source", lambda name: document(source=name)),
        ("channel", lambda name: document(channel=name)),
        ("shop", lambda name: document(shop=name)),
        ("customer.id", lambda name: document(customer={"id": name})),
        ("agents[0].id", lambda name: document(agents=[{"id": name}])),
        ("agents[0].name", lambda name: document(agents=[{"id": "a", "name": name}])),
        ("agents[0].group", lambda name: document(agents=[{"id": "a", "group": name}])),
        ("attributes", lambda name: document(attributes={name: "x"})),
        ("attributes.a", lambda name: document(attributes={"a": name})),
        ("turns[0].id", lambda name: document(turn(id=name))),
        ("turns[0].sender_id", lambda name: document(turn(sender_id=name))),
    ],
)
def test_refuses_what_cannot_be_seen_outside_texts(field, data, character):
    error = refusal(data(f"a{character}[31m"))

    assert (error.code, error.field) == (ErrorCode.INVALID_TEXT, field)
    assert character not in error.message


def test_joined_emoji_in_names_and_line_breaks_in_texts_are_fine():
    conversation = read(document(turn(sender_id="👨\u200d👩\u200d👧", text="a\n\tb")))

    assert conversation.turns[0].sender_id == "👨\u200d👩\u200d👧"


def test_an_unknown_field_is_named_without_what_cannot_be_seen():
    assert refusal(document(**{"a\x1b[31m": 1})).field == "a?[31m"


def test_never_quotes_the_transcript():
    error = refusal(document(turn(text="secret\0"), turn(role="secret")))

    assert "secret" not in error.message


def test_cuts_the_name_of_an_unknown_field():
    error = refusal(document(**{"a" * 1_000: 1}))

    assert error.field == "a" * 64


def test_takes_the_default_zone_for_times_without_offset():
    conversation = read(document(turn(at="2026-11-02 10:00:00")), default_zone=SHANGHAI)

    assert conversation.turns[0].at == datetime(2026, 11, 2, 10, tzinfo=timezone(timedelta(hours=8)))


def test_gives_every_time_a_fixed_offset_so_that_it_reads_back_equal():
    zone = ZoneInfo("Europe/Berlin")
    conversation = read(document(turn(at="2026-10-25T02:30:00")), default_zone=zone)

    assert conversation.turns[0].at == datetime(2026, 10, 25, 2, 30, tzinfo=timezone(timedelta(hours=2)))
    assert read(conversation_document(conversation)) == conversation


def test_keeps_an_offset_that_is_given_whatever_the_default_zone():
    conversation = read(document(turn(at="2026-11-02T10:00:00Z")), default_zone=SHANGHAI)

    assert conversation.turns[0].at.utcoffset() == timedelta(0)


def test_equal_times_and_turns_without_time_are_in_order():
    at = "2026-11-02T10:00:00+08:00"

    assert len(read(document(turn(at=at), turn(), turn(at=at))).turns) == 3


def test_null_and_blank_mean_not_known():
    blank = {"channel": "", "shop": None, "customer": None, "agents": None, "attributes": {"a": None}, "started_at": ""}
    conversation = read(document(turn(id=None, sender_id=" ", kind=None, at=None), **blank))

    assert conversation == read(document())


def test_writes_scalar_attributes_as_json_does():
    conversation = read(document(attributes={"n": 3, "f": 1.5, "b": True, "s": "x"}))

    assert conversation.attributes == {"n": "3", "f": "1.5", "b": "true", "s": "x"}


def test_digits_limit_of_python_is_what_the_test_assumes():
    assert sys.get_int_max_str_digits() < 5_000
