"""Who may call what: one table of all addresses, tried with every role."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from fastapi.testclient import TestClient

from api.app import create_app
from api.deps import KeyedRoute
from api.guard import OPEN, SIGNED_IN, CurrentPrincipal, GuardedRoute, Needs, needs
from api.pages.rendering import PageRoute
from qa_service.domain.identity import PERMISSIONS, Permission, Role, Scope
from tests.fakes.services import FakeServices

P = Permission
NEEDED: dict[str, tuple[Permission, ...] | str] = {
    "POST /v1/conversations": (P.SUBMIT,),
    "POST /v1/conversations:batch": (P.SUBMIT,),
    "POST /v1/inspect": (P.SUBMIT,),
    "GET /v1/conversations": (P.READ,),
    "GET /v1/conversations/{conversation_id}": (P.READ,),
    "GET /v1/conversations/{conversation_id}/rules/{rule_id}/explanation": (P.READ,),
    "POST /v1/conversations/{conversation_id}/clear": (P.DECIDE,),
    "POST /v1/conversations/{conversation_id}/moods": (P.DECIDE,),
    "GET /v1/findings/{finding_id}": (P.READ,),
    "POST /v1/findings/{finding_id}/verdicts": (P.DECIDE, P.APPEAL),
    "GET /v1/agents/{agent_id:path}/scorecards": (P.READ,),
    "GET /v1/performance": (P.READ,),
    "POST /v1/performance/exports": (P.EXPORT,),
    "GET /v1/performance/deliveries": (P.EXPORT,),
    "GET /v1/rules": (P.READ_RULES,),
    "GET /v1/rules/precision": (P.READ_RULES,),
    "GET /v1/rules/publication": (P.READ_RULES,),
    "POST /v1/rules/publication": (P.CHANGE_RULES,),
    "POST /v1/rules/publication/withdraw": (P.CHANGE_RULES,),
    "POST /v1/rules/reload": (P.CHANGE_RULES,),
    "POST /v1/rules/backtests": (P.CHANGE_RULES,),
    "GET /v1/rules/backtests/{backtest_id}": (P.CHANGE_RULES,),
    "POST /v1/rules/{rule_id}/restore": (P.CHANGE_RULES,),
    "GET /v1/rules/{rule_id}/exceptions": (P.CHANGE_RULES,),
    "GET /v1/audit": (P.READ_AUDIT,),
    "GET /v1/dead-letters": (P.OPERATE,),
    "POST /v1/dead-letters/requeue": (P.OPERATE,),
    "POST /v1/erasures": (P.ERASE,),
    "GET /v1/erasures": (P.ERASE,),
    "GET /v1/erasures/{erasure_id}": (P.ERASE,),
    "POST /v1/dead-letters/{conversation_id}/requeue": (P.OPERATE,),
    "GET /v1/assignments": (P.ASSIGN,),
    "POST /v1/assignments": (P.ASSIGN,),
    "POST /v1/assignments/share": (P.ASSIGN,),
    "POST /v1/assignments/return": (P.ASSIGN,),
    "POST /v1/assignments/next": (P.DECIDE,),
    "POST /v1/conversations/{conversation_id}/assignee": (P.ASSIGN, P.DECIDE),
    "GET /v1/users": (P.MANAGE_ACCESS,),
    "POST /v1/users": (P.MANAGE_ACCESS,),
    "POST /v1/users/{name}": (P.MANAGE_ACCESS,),
    "GET /v1/keys": (P.MANAGE_ACCESS,),
    "POST /v1/keys": (P.MANAGE_ACCESS,),
    "POST /v1/keys/{key_id}/rotate": (P.MANAGE_ACCESS,),
    "POST /v1/keys/{key_id}/revoke": (P.MANAGE_ACCESS,),
    "GET /people": (P.MANAGE_ACCESS,),
    "POST /people": (P.MANAGE_ACCESS,),
    "POST /people/{name}": (P.MANAGE_ACCESS,),
    "POST /people/{name}/password": (P.MANAGE_ACCESS,),
    "POST /keys": (P.MANAGE_ACCESS,),
    "POST /keys/{key_id}/rotate": (P.MANAGE_ACCESS,),
    "POST /keys/{key_id}/revoke": (P.MANAGE_ACCESS,),
    "GET /healthz": "open",
    "GET /readyz": "open",
    "GET /metrics": "open",
    "GET /login": "open",
    "POST /login": "open",
    "POST /login/password": "open",
    "GET /login/oidc": "open",
    "GET /login/oidc/callback": "open",
    "GET /account": (),
    "POST /account/password": (),
    "POST /account/sessions": (),
    "POST /logout": (),
    "POST /name": (),
    "GET /": (),
    "GET /queue": (P.READ,),
    "GET /assignments": (P.ASSIGN,),
    "POST /assignments/share": (P.ASSIGN,),
    "POST /assignments/return": (P.ASSIGN,),
    "POST /queue/assign": (P.ASSIGN,),
    "POST /queue/next": (P.DECIDE,),
    "POST /chats/{conversation_id}/assignee": (P.ASSIGN, P.DECIDE),
    "GET /chats/{conversation_id}": (P.READ,),
    "GET /chats/{conversation_id}/why": (P.READ,),
    "POST /chats/{conversation_id}/findings/{finding_id}/verdict": (P.DECIDE, P.APPEAL),
    "POST /chats/{conversation_id}/clear": (P.DECIDE,),
    "POST /chats/{conversation_id}/moods": (P.DECIDE,),
    "POST /chats/{conversation_id}/unmask": (Permission.UNMASK,),
    "GET /agents": (P.READ,),
    "GET /agents/{agent_id:path}": (P.READ,),
    "GET /performance/export": (P.EXPORT,),
    "GET /shop": (P.READ,),
    "GET /rules": (P.READ_RULES,),
    "POST /rules/{rule_id}/restore": (P.CHANGE_RULES,),
    "GET /audit": (P.READ_AUDIT,),
    "GET /dead-letters": (P.OPERATE,),
    "POST /dead-letters/requeue": (P.OPERATE,),
    "POST /dead-letters/{conversation_id}/requeue": (P.OPERATE,),
}
"""Permissions of which one is needed; `open`: nobody is asked who they are; (): whoever is known."""

UNGUARDED = {"/openapi.json", "/static"}
"""The description of the API and the style sheets: the same for all."""


def routes(app: FastAPI) -> dict[str, APIRoute]:
    found: dict[str, APIRoute] = {}
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        if not isinstance(route, APIRoute):
            assert context.path in UNGUARDED
            continue
        found |= {f"{method} {context.path}": route for method in route.methods}
    return found


def test_every_address_states_what_it_needs() -> None:
    stated: dict[str, Any] = {}
    for name, route in routes(create_app(FakeServices())).items():
        assert isinstance(route, GuardedRoute), f"{name} is a route without a guard"
        assert route.stated, f"{name} states no permission"
        is_open = all(part.is_open for part in route.stated)
        stated[name] = "open" if is_open else tuple(p for part in route.stated for p in part.permissions)

    assert stated == NEEDED


API = [
    pytest.param(*name.split(" "), needed, id=name)
    for name, needed in NEEDED.items()
    if name.split(" ")[1][:4] == "/v1/"
]


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize(("method", "path", "needed"), API)
def test_a_key_opens_what_its_role_may(
    services: FakeServices, anonymous: TestClient, method: str, path: str, needed: tuple[Permission, ...], role: Role
) -> None:
    key = {"Authorization": f"Bearer {services.access.new_key('test', role=role)}"}

    answer = anonymous.request(
        method, path.replace(":path", "").replace("{", "").replace("}", ""), headers=key, content=b"{"
    )

    may = any(permission in PERMISSIONS[role] for permission in needed)
    assert (answer.status_code == 403) is not may
    if not may:
        assert answer.json()["code"] == "not_permitted"
        assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("role", "decision", "status"),
    [
        (Role.AGENT, "appeal", 201),
        (Role.AGENT, "overturn", 403),
        (Role.REVIEWER, "overturn", 201),
        (Role.REVIEWER, "appeal", 403),
        (Role.QA_LEAD, "appeal", 201),
    ],
    ids=str,
)
def test_appealing_is_not_deciding(
    client: TestClient, services: FakeServices, chat: dict[str, Any], role: Role, decision: str, status: int
) -> None:
    conversation_id = client.post("/v1/conversations", json=chat).json()["id"]
    services.work()
    (finding_id,) = client.get(f"/v1/conversations/{conversation_id}").json()["finding_ids"].values()
    key = {"Authorization": f"Bearer {services.access.new_key('test', role=role)}"}
    verdict = {"decision": decision, "comment": "误判", "reviewer": "王敏"}

    assert client.post(f"/v1/findings/{finding_id}/verdicts", json=verdict, headers=key).status_code == status


def app_with(router: APIRouter, services: FakeServices) -> TestClient:
    app = create_app(services)
    app.include_router(router)
    return TestClient(app)


@pytest.mark.parametrize("route_class", [KeyedRoute, PageRoute])
def test_an_address_that_states_nothing_is_open_to_nobody(services: FakeServices, route_class: type[APIRoute]) -> None:
    router = APIRouter(route_class=route_class)

    @router.get("/forgotten")
    def forgotten() -> str:
        return "secret"

    client = app_with(router, services)
    client.headers["Authorization"] = f"Bearer {services.access.new_key('test')}"
    client.post("/login", data={"token": services.access.new_login_token(), "name": "王敏"})
    answer = client.get("/forgotten")

    assert answer.status_code == 403
    assert "secret" not in answer.text


def test_a_route_is_told_who_calls(services: FakeServices) -> None:
    router = APIRouter(route_class=KeyedRoute)

    @router.get("/me", dependencies=[SIGNED_IN])
    def me(principal: CurrentPrincipal) -> dict[str, object]:
        return {"name": principal.name, "role": principal.role, "shops": sorted(principal.scope.shops or ())}

    issued = services.access.issue_key("crm", role=Role.AUDITOR, scope=Scope(shops=frozenset({"demo"})))
    answer = app_with(router, services).get("/me", headers={"Authorization": f"Bearer {issued.secret}"})

    assert answer.json() == {"name": "key:crm", "role": "auditor", "shops": ["demo"]}


def test_nobody_is_known_where_nobody_is_asked(services: FakeServices) -> None:
    router = APIRouter(route_class=KeyedRoute)

    @router.get("/me", dependencies=[OPEN])
    def me(principal: CurrentPrincipal) -> str:
        return principal.name

    assert app_with(router, services).get("/me").status_code == 401


def test_all_that_is_stated_counts(services: FakeServices) -> None:
    router = APIRouter(route_class=KeyedRoute, dependencies=[needs(P.READ)])

    @router.get("/both", dependencies=[needs(P.ERASE)])
    def both() -> str:
        return "erased"

    @router.get("/not-so-open", dependencies=[OPEN])
    def not_so_open() -> str:
        return "read"

    client = app_with(router, services)
    lead = {"Authorization": f"Bearer {services.access.new_key('test', role=Role.QA_LEAD)}"}
    assert client.get("/both", headers=lead).status_code == 403
    assert client.get("/not-so-open").status_code == 401
    assert client.get("/not-so-open", headers=lead).status_code == 200


def test_what_a_route_states_does_nothing_by_itself() -> None:
    assert Needs()() is None  # type: ignore[func-returns-value]
