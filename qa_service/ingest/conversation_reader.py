"""The generic object of the API and of JSON Lines → `Conversation`, with every check. All formats end here.

Owns which fields there are and what must hold between them; `field_checks` owns the single value.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from qa_service.domain.conversation import Agent, AgentId, Conversation, Customer, Role, Turn, TurnId, TurnKind
from qa_service.errors import ErrorCode
from qa_service.ingest.field_checks import (
    check_characters,
    check_choice,
    check_list,
    check_name,
    check_number,
    check_object,
    check_optional_name,
    check_printable,
    check_time,
    invalid,
)
from qa_service.ingest.limits import Limits

CONVERSATION_FIELDS = (
    "external_id",
    "source",
    "channel",
    "shop",
    "language",
    "started_at",
    "customer",
    "agents",
    "attributes",
    "csat",
    "turns",
)
TURN_FIELDS = ("id", "role", "sender_id", "at", "text", "kind")
AGENT_FIELDS = ("id", "name", "group")
DEFAULT_SOURCE = "default"
CSAT_LOW, CSAT_HIGH = 1, 5


def read_conversation(data: object, *, default_zone: ZoneInfo | None, limits: Limits) -> Conversation:
    """Check the generic object and make it a conversation.

    Turns without id are numbered by their position from 1. Null or blank optional strings mean "not known".

    Args:
        data: what a JSON parser gave: any value at all.
        default_zone: zone of times without offset; None refuses them.
        limits: upper bounds.

    Raises:
        InvalidInput: the first thing that is wrong, with the path of its field, e.g. `turns[3].role` (from 0).
    """
    fields = check_object(data, "", known=CONVERSATION_FIELDS, required=("external_id", "turns"))
    limit = limits.field_characters
    return Conversation(
        external_id=check_name(fields["external_id"], "external_id", limit=limit),
        source=check_optional_name(fields.get("source"), "source", limit=limit) or DEFAULT_SOURCE,
        channel=check_optional_name(fields.get("channel"), "channel", limit=limit),
        shop=check_optional_name(fields.get("shop"), "shop", limit=limit),
        language=check_optional_name(fields.get("language"), "language", limit=limit),
        started_at=check_time(fields.get("started_at"), "started_at", default_zone=default_zone),
        customer=_read_customer(fields.get("customer"), limit),
        agents=_read_agents(fields.get("agents"), limit),
        attributes=_read_attributes(fields.get("attributes"), limit),
        csat=_read_csat(fields.get("csat")),
        turns=_read_turns(fields["turns"], default_zone, limits),
    )


def _read_customer(value: object, limit: int) -> Customer:
    if value is None:
        return Customer()
    fields = check_object(value, "customer", known=("id",), required=())
    return Customer(id=check_optional_name(fields.get("id"), "customer.id", limit=limit))


def _read_agents(value: object, limit: int) -> tuple[Agent, ...]:
    return tuple(_read_agent(item, f"agents[{n}]", limit) for n, item in enumerate(check_list(value, "agents")))


def _read_agent(value: object, path: str, limit: int) -> Agent:
    fields = check_object(value, path, known=AGENT_FIELDS, required=("id",))
    return Agent(
        id=AgentId(check_name(fields["id"], f"{path}.id", limit=limit)),
        name=check_optional_name(fields.get("name"), f"{path}.name", limit=limit),
        group=check_optional_name(fields.get("group"), f"{path}.group", limit=limit),
    )


def _read_attributes(value: object, limit: int) -> dict[str, str]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise invalid("attributes", "must be a JSON object")
    attributes = {}
    for name, item in value.items():
        key = check_name(name, "attributes", limit=limit)
        if item is not None:
            text = _scalar_text(item, f"attributes.{key}")
            attributes[key] = check_printable(text, f"attributes.{key}", limit=limit)
    return attributes


def _scalar_text(value: object, field: str) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool | int | float):
        try:
            return json.dumps(value)
        except ValueError as error:  # an integer of more digits than Python prints
            raise invalid(field, "is too long a number") from error
    raise invalid(field, "must be a string, number or boolean")


def _read_csat(value: object) -> float | None:
    return None if value is None else check_number(value, "csat", low=CSAT_LOW, high=CSAT_HIGH)


def _read_turns(value: object, default_zone: ZoneInfo | None, limits: Limits) -> tuple[Turn, ...]:
    items = check_list(value, "turns")
    if not items:
        raise invalid("turns", "a conversation needs at least one turn", code=ErrorCode.EMPTY_CONVERSATION)
    if len(items) > limits.turns:
        raise invalid("turns", f"has more than {limits.turns} turns (limit turns)", code=ErrorCode.TOO_LARGE)
    turns = [_read_turn(item, number, default_zone, limits) for number, item in enumerate(items)]
    _check_text_size(turns, limits)
    _check_unique_ids(turns)
    _check_time_order(turns)
    return tuple(turns)


def _read_turn(value: object, number: int, default_zone: ZoneInfo | None, limits: Limits) -> Turn:
    path = f"turns[{number}]"
    fields = check_object(value, path, known=TURN_FIELDS, required=("role", "text"))
    limit = limits.field_characters
    kind = fields.get("kind")
    return Turn(
        id=TurnId(check_optional_name(fields.get("id"), f"{path}.id", limit=limit) or str(number + 1)),
        role=check_choice(fields["role"], f"{path}.role", Role),
        sender_id=check_optional_name(fields.get("sender_id"), f"{path}.sender_id", limit=limit),
        at=check_time(fields.get("at"), f"{path}.at", default_zone=default_zone),
        text=check_characters(
            fields["text"], f"{path}.text", limit=limits.turn_characters, limit_name="turn_characters"
        ),
        kind=TurnKind.TEXT if kind is None else check_choice(kind, f"{path}.kind", TurnKind),
    )


def _check_text_size(turns: Sequence[Turn], limits: Limits) -> None:
    if sum(len(turn.text.encode()) for turn in turns) > limits.text_bytes:
        problem = f"have more than {limits.text_bytes} bytes of text (limit text_bytes)"
        raise invalid("turns", problem, code=ErrorCode.TOO_LARGE)


def _check_unique_ids(turns: Sequence[Turn]) -> None:
    seen: set[TurnId] = set()
    for number, turn in enumerate(turns):
        if turn.id in seen:
            problem = "is used by an earlier turn (a turn without id has its position as id)"
            raise invalid(f"turns[{number}].id", problem, code=ErrorCode.DUPLICATE_TURN_ID)
        seen.add(turn.id)


def _check_time_order(turns: Sequence[Turn]) -> None:
    latest: datetime | None = None
    for number, turn in enumerate(turns):
        if turn.at is None:
            continue
        if latest is not None and turn.at < latest:
            problem = "is before the time of an earlier turn; sort the turns by time"
            raise invalid(f"turns[{number}].at", problem, code=ErrorCode.TIME_ORDER)
        latest = turn.at
