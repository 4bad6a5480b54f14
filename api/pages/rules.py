"""How often people confirm each rule's hits, which rules lost their right to score, and the way back."""

from __future__ import annotations

from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from api.deps import RuleId, ServicesDep
from api.guard import needs
from api.pages.rendering import PageRoute, render
from api.pages.session import CurrentViewer, PostingViewer
from qa_service.domain.identity import Permission

router = APIRouter(prefix="/rules", route_class=PageRoute)


@router.get("", dependencies=[needs(Permission.READ_RULES)])
def show_rules(request: Request, services: ServicesDep, viewer: CurrentViewer) -> Response:
    """Rules with decisions, demoted ones first, then those confirmed least surely; the others are only counted."""
    figures = services.rule_figures()
    judged = [figure for figure in figures if figure.precision.reviews or figure.demoted_at]
    judged.sort(key=lambda figure: (figure.demoted_at is None, figure.precision.low or 0.0, figure.rule_id))
    zone = ZoneInfo(services.settings.report_zone)
    unjudged = len(figures) - len(judged)
    return render(request, "rules.html", figures=judged, unjudged=unjudged, zone=zone, form_token=viewer.form_token)


@router.post("/{rule_id}/restore", dependencies=[needs(Permission.CHANGE_RULES, everything=True)])
def restore(
    services: ServicesDep, viewer: PostingViewer, rule_id: RuleId, reason: Annotated[str, Form(max_length=2000)] = ""
) -> Response:
    """The rule moves scores again from the next inspection on."""
    services.restore_rule(rule_id, reason=reason, by=viewer.name)
    return RedirectResponse("/rules", status_code=303)
