"""Why a rule hits a chat, and why not: every condition with its verdict, evidence and distance. Owns no judgement."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.deps import ServicesDep
from api.guard import needs
from api.pages.rendering import PageRoute, render
from api.pages.session import CurrentViewer
from qa_service.domain.identity import Permission

router = APIRouter(route_class=PageRoute)

NEAREST = 8
"""Turns shown in full; what is further from a hit is only counted."""


@router.get("/chats/{conversation_id}/why", dependencies=[needs(Permission.READ)])
def show_why(
    request: Request,
    services: ServicesDep,
    viewer: CurrentViewer,
    conversation_id: str,
    rule: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """One rule at one chat; without a rule, the choice of one."""
    with services.unit_of_work(is_read_only=True) as repository:
        external_id = repository.get(conversation_id).external_id
    chosen = rule.strip()
    explained = services.explainer().explain_stored(conversation_id, chosen, services.unit_of_work) if chosen else None
    return render(
        request,
        "why.html",
        conversation_id=conversation_id,
        external_id=external_id,
        rules=services.rules(),
        chosen=chosen,
        explained=explained,
        nearest=explained.nearest[:NEAREST] if explained else (),
        hidden=max(0, len(explained.nearest) - NEAREST) if explained else 0,
        left_out=[turn for turn in explained.turns if turn.left_out] if explained else [],
    )
