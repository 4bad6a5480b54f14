"""Conversations of every shape that the generic format can say."""

from datetime import UTC, datetime, timedelta, timezone
from functools import partial

from hypothesis import strategies as st

from qa_service.domain.conversation import Agent, AgentId, Conversation, Customer, Role, Turn, TurnId, TurnKind

_CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\x00")
_TEXTS = st.text(_CHARACTERS, max_size=40)
_PRINTABLE = st.characters(exclude_categories=["C"])
_NAMES = st.text(_PRINTABLE, min_size=1, max_size=20).filter(lambda name: bool(name.strip()))
_OPTIONAL_NAMES = st.none() | _NAMES
_ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
_TIMES = st.datetimes(datetime(1980, 1, 1), datetime(2100, 1, 1), timezones=_ZONES)  # noqa: DTZ001


def _turns(times: list[datetime | None], draw: st.DrawFn) -> tuple[Turn, ...]:
    known = iter(sorted(time for time in times if time))
    turn = partial(
        st.builds,
        Turn,
        role=st.sampled_from(Role),
        text=_TEXTS,
        kind=st.sampled_from(TurnKind),
        sender_id=_OPTIONAL_NAMES,
    )
    return tuple(
        draw(turn(id=st.just(TurnId(f"t{number}")), at=st.just(next(known) if time else None)))
        for number, time in enumerate(times)
    )


@st.composite
def conversations(draw: st.DrawFn) -> Conversation:
    """Valid conversations, times in order."""
    times = draw(st.lists(st.none() | _TIMES, min_size=1, max_size=5))
    agents = st.builds(Agent, id=_NAMES.map(AgentId), name=_OPTIONAL_NAMES, group=_OPTIONAL_NAMES)
    return Conversation(
        external_id=draw(_NAMES),
        turns=_turns(times, draw),
        source=draw(_NAMES),
        channel=draw(_OPTIONAL_NAMES),
        shop=draw(_OPTIONAL_NAMES),
        language=draw(_OPTIONAL_NAMES),
        started_at=draw(st.none() | _TIMES | st.just(datetime(2026, 11, 2, tzinfo=UTC))),
        customer=Customer(id=draw(_OPTIONAL_NAMES)),
        agents=tuple(draw(st.lists(agents, max_size=3))),
        attributes=draw(st.dictionaries(_NAMES, st.text(_PRINTABLE, max_size=40), max_size=3)),
        csat=draw(st.none() | st.floats(1, 5)),
    )
