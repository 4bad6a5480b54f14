"""Two shops with the same ids and every address of the service, with what a caller of one shop gets for each."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from qa_service.domain.conversation import Agent, AgentId, Conversation, Customer
from qa_service.domain.identity import EVERYTHING, Role, Scope
from qa_service.domain.records import StoredConversation
from qa_service.domain.review import Decision
from qa_service.workflows.ports import ConversationFilter
from tests.builders import conversation
from tests.fakes.services import FakeServices
from tests.fakes.stages import COLD, PROMISE
from tests.unit.storage.builders import NOW

MINE, THEIRS = "mine", "theirs"
RULE = "promise.return_window"
PERIOD = "2026-11"
REVIEWERS = {shop: f"reviewer.of.{shop}" for shop in (MINE, THEIRS)}
SECRETS = {
    shop: [*(f"{what} of {shop}" for what in ("text", "name", "chat", "customer", "comment")), REVIEWERS[shop]]
    for shop in (MINE, THEIRS)
}
"""Words that only the rows of a shop have."""


def scope_of(role: Role, shop: str = MINE) -> Scope:
    """What somebody of one shop may touch in this role."""
    return Scope(
        shops=frozenset({shop}),
        agent_ids=frozenset({"a-7"}) if role is Role.AGENT else None,
        groups=frozenset({"售后"}) if role is Role.TEAM_LEAD else None,
    )


def chat(shop: str, name: str, said: str) -> Conversation:
    """A chat of the shop's agent a-7; both shops call their agents and chats the same."""
    text, person, external_id, customer, *_ = SECRETS[shop]
    return conversation(
        f"customer: 在吗 {text}",
        f"agent[a-7]: {text}{said}",
        external_id=f"{external_id} {name}",
        shop=shop,
        started_at=NOW,
        customer=Customer(id=customer),
        agents=(Agent(id=AgentId("a-7"), name=person, group="售后"),),
    )


@dataclass
class World:
    """Both shops, each with a hit, a suspicion, a chat that was given up and two overturned hits; stored if no ids are given."""

    services: FakeServices
    ids: dict[tuple[str, str], str] = field(default_factory=dict)
    findings: dict[str, str] = field(default_factory=dict)
    erasures: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.ids:
            self._build()

    def _build(self) -> None:
        said = {"hit": PROMISE, "suspected": COLD, "wrong": PROMISE, "wrong too": PROMISE}
        for shop in (MINE, THEIRS):
            for name, words in said.items():
                self.ids[shop, name] = self.services.intake.submit(chat(shop, name, words)).id
        self.services.work()
        for shop in (MINE, THEIRS):
            self._review(shop)
            self.erasures[shop] = self.services.eraser.request("nobody", source=None, shop=shop).id
            self.ids[shop, "dead"] = self.services.intake.submit(chat(shop, "dead", "好")).id
            with self.services.unit_of_work() as repository:
                repository.mark_failed(self.ids[shop, "dead"], error="worker_lost", now=NOW)

    def _review(self, shop: str) -> None:
        reviewer = self.services.people.add(REVIEWERS[shop], role=Role.REVIEWER, scope=scope_of(Role.REVIEWER, shop))
        with self.services.unit_of_work() as repository:
            repository.assign([self.ids[shop, "suspected"]], reviewer.name)
        for name in ("hit", "wrong", "wrong too"):
            with self.services.unit_of_work(is_read_only=True) as repository:
                (finding_id,) = repository.get(self.ids[shop, name]).finding_ids.values()
            if name == "hit":
                self.findings[shop] = finding_id
            else:
                comment = SECRETS[shop][4]
                self.services.review().decide(finding_id, decision=Decision.OVERTURN, comment=comment, reviewer="王敏")

    def rows_of(self, shop: str) -> list[StoredConversation]:
        """All that is stored of the shop."""
        with self.services.unit_of_work.within(EVERYTHING)(is_read_only=True) as repository:
            rows = repository.find(ConversationFilter(shop=shop, limit=200)).rows
            return [repository.get(row.id) for row in rows]


Request = Callable[[World, str, Role], Mapping[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Address:
    """What a caller who sees one shop gets for a row of that shop and for one of the other.

    `about` names the chat that stands for `{conversation_id}`; `request` gives what is sent (httpx's arguments).
    `everything`: refused to whoever does not see all shops.
    """

    own: int = 200
    other: int = 200
    about: str = "hit"
    request: Request = lambda _world, _shop, _role: {}
    everything: bool = False


def _verdict(role: Role) -> dict[str, str]:
    decision = "appeal" if role in (Role.AGENT, Role.TEAM_LEAD) else "confirm"
    return {"decision": decision, "comment": "请再看"}


def _new(shop: str) -> dict[str, Any]:
    return {"external_id": "new", "shop": shop, "turns": [{"role": "customer", "text": "在吗"}]}


def _filtered(_world: World, shop: str, _role: Role) -> Mapping[str, Any]:
    return {"params": {"shop": shop}}


def _month(_world: World, shop: str, _role: Role) -> Mapping[str, Any]:
    return {"params": {"shop": shop, "period": PERIOD}}


BY = {"reviewer": "王敏"}
ADDRESSES: dict[str, Address] = {
    "POST /v1/conversations": Address(own=202, other=403, request=lambda _w, shop, _r: {"json": _new(shop)}),
    "POST /v1/conversations:batch": Address(request=lambda _w, shop, _r: {"content": json.dumps(_new(shop)) + "\n"}),
    "POST /v1/inspect": Address(request=lambda _w, shop, _r: {"json": _new(shop)}),
    "GET /v1/conversations": Address(request=_filtered),
    "GET /v1/conversations/{conversation_id}": Address(other=404),
    "GET /v1/conversations/{conversation_id}/rules/{rule_id}/explanation": Address(other=404),
    "POST /v1/conversations/{conversation_id}/clear": Address(
        own=201, other=404, about="suspected", request=lambda *_: {"json": BY}
    ),
    "POST /v1/conversations/{conversation_id}/moods": Address(
        own=201, other=404, request=lambda *_: {"json": {**BY, "turn_id": "1", "emotion": "angry"}}
    ),
    "GET /v1/findings/{finding_id}": Address(other=404),
    "POST /v1/findings/{finding_id}/verdicts": Address(
        own=201, other=404, request=lambda _w, _s, role: {"json": {**BY, **_verdict(role)}}
    ),
    "GET /v1/assignments": Address(),
    "POST /v1/assignments": Address(
        other=404, request=lambda w, shop, _r: {"json": {"conversation_ids": [w.ids[shop, "hit"]], "reviewer": None}}
    ),
    "POST /v1/assignments/share": Address(
        other=422, request=lambda _w, shop, _r: {"json": {"reviewers": [REVIEWERS[shop]], "shop": shop}}
    ),
    "POST /v1/assignments/return": Address(request=lambda _w, shop, _r: {"json": {"reviewer": REVIEWERS[shop]}}),
    "POST /v1/assignments/next": Address(request=lambda _w, shop, _r: {"json": {"shop": shop}}),
    "POST /v1/conversations/{conversation_id}/assignee": Address(
        other=404, request=lambda *_: {"json": {"reviewer": None}}
    ),
    "GET /v1/agents/{agent_id:path}/scorecards": Address(),
    "GET /v1/performance": Address(request=_month),
    "POST /v1/performance/exports": Address(
        request=lambda _w, shop, _r: {"json": {"period": PERIOD, "format": "csv", "shop": shop}}
    ),
    "GET /v1/performance/deliveries": Address(everything=True),
    "GET /v1/rules": Address(),
    "GET /v1/rules/precision": Address(),
    "GET /v1/rules/publication": Address(),
    "POST /v1/rules/publication": Address(everything=True),
    "POST /v1/rules/publication/withdraw": Address(everything=True),
    "POST /v1/rules/reload": Address(everything=True),
    "POST /v1/rules/backtests": Address(everything=True),
    "GET /v1/rules/backtests/{backtest_id}": Address(everything=True),
    "POST /v1/rules/{rule_id}/restore": Address(everything=True),
    "GET /v1/rules/{rule_id}/exceptions": Address(),
    "GET /v1/dead-letters": Address(),
    "POST /v1/dead-letters/requeue": Address(own=202, other=202, request=lambda *_: {"json": {}}),
    "POST /v1/dead-letters/{conversation_id}/requeue": Address(own=202, other=404, about="dead"),
    "GET /v1/audit": Address(),
    "POST /v1/erasures": Address(
        own=202,
        other=403,
        request=lambda _w, shop, _r: {"json": {"customer_id": SECRETS[shop][3], "shop": shop}},
    ),
    "GET /v1/erasures": Address(),
    "GET /v1/erasures/{erasure_id}": Address(other=404),
    "GET /v1/users": Address(everything=True),
    "POST /v1/users": Address(everything=True),
    "POST /v1/users/{name}": Address(everything=True),
    "GET /v1/keys": Address(everything=True),
    "POST /v1/keys": Address(everything=True),
    "POST /v1/keys/{key_id}/revoke": Address(everything=True),
    "POST /v1/keys/{key_id}/rotate": Address(everything=True),
    "GET /healthz": Address(),
    "GET /readyz": Address(),
    "GET /metrics": Address(),
    "GET /login": Address(own=303, other=303),
    "POST /login": Address(own=401, other=401),
    "POST /login/password": Address(own=403, other=403),
    "GET /login/oidc": Address(own=404, other=404),
    "GET /login/oidc/callback": Address(own=404, other=404),
    "GET /account": Address(),
    "POST /account/password": Address(own=422, other=422),
    "POST /account/sessions": Address(own=303, other=303),
    "POST /logout": Address(own=303, other=303),
    "POST /name": Address(own=403, other=403),
    "GET /": Address(own=303, other=303),
    "GET /queue": Address(request=_filtered),
    "GET /assignments": Address(),
    "POST /assignments/share": Address(
        own=303, other=422, request=lambda _w, shop, _r: {"data": {"reviewer": REVIEWERS[shop], "shop": shop}}
    ),
    "POST /assignments/return": Address(
        own=303, other=303, request=lambda _w, shop, _r: {"data": {"reviewer": REVIEWERS[shop]}}
    ),
    "POST /queue/assign": Address(
        own=303, other=404, request=lambda w, shop, _r: {"data": {"conversation_id": w.ids[shop, "hit"]}}
    ),
    "POST /queue/next": Address(own=303, other=303, request=lambda _w, shop, _r: {"data": {"shop": shop}}),
    "POST /chats/{conversation_id}/assignee": Address(own=303, other=404),
    "GET /chats/{conversation_id}": Address(other=404),
    "GET /chats/{conversation_id}/why": Address(other=404, request=lambda *_: {"params": {"rule": RULE}}),
    "POST /chats/{conversation_id}/findings/{finding_id}/verdict": Address(
        own=303, other=404, request=lambda _w, _s, role: {"data": _verdict(role)}
    ),
    "POST /chats/{conversation_id}/clear": Address(own=303, other=404, about="suspected"),
    "POST /chats/{conversation_id}/moods": Address(
        own=303, other=404, request=lambda *_: {"data": {"turn_id": "1", "emotion": "angry"}}
    ),
    "POST /chats/{conversation_id}/unmask": Address(other=404),
    "GET /agents": Address(request=_month),
    "GET /agents/{agent_id:path}": Address(request=_month),
    "GET /performance/export": Address(request=_month),
    "GET /shop": Address(request=_month),
    "GET /rules": Address(),
    "POST /rules/{rule_id}/restore": Address(everything=True),
    "GET /people": Address(everything=True),
    "POST /people": Address(everything=True),
    "POST /people/{name}": Address(everything=True),
    "POST /people/{name}/password": Address(everything=True),
    "POST /keys": Address(everything=True),
    "POST /keys/{key_id}/rotate": Address(everything=True),
    "POST /keys/{key_id}/revoke": Address(everything=True),
    "GET /audit": Address(),
    "GET /dead-letters": Address(),
    "POST /dead-letters/requeue": Address(own=303, other=303),
    "POST /dead-letters/{conversation_id}/requeue": Address(own=303, other=404, about="dead"),
}


def path_of(world: World, path: str, shop: str, about: str) -> str:
    """The path with ids of the shop's rows."""
    given = {
        "conversation_id": world.ids[shop, about],
        "finding_id": world.findings[shop],
        "agent_id": "a-7",
        "rule_id": RULE,
        "backtest_id": "b-1",
        "name": "somebody-else",
        "key_id": "k-1",
        "erasure_id": world.erasures[shop],
    }
    return path.replace(":path}", "}").format_map(given)
