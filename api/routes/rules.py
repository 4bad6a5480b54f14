"""The rules in force."""

from __future__ import annotations

from fastapi import APIRouter

from api.deps import KeyedRoute, ServicesDep
from api.guard import needs
from api.openapi import problems
from api.schemas.rule import RuleDocument, RuleList
from qa_service.domain.identity import Permission

router = APIRouter(prefix="/v1", tags=["rules"], route_class=KeyedRoute)


@router.get("/rules", dependencies=[needs(Permission.READ_RULES)], summary="List the rules", responses=problems(503))
def list_rules(services: ServicesDep) -> RuleList:
    """Every rule of the loaded packs, by id."""
    rules = [RuleDocument.model_validate(rule) for rule in services.rules()]
    return RuleList(rules=sorted(rules, key=lambda rule: rule.id))
