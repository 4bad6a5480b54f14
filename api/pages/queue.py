"""The review queue: flagged chats, worst first, filtered and paged."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo
from typing import Annotated
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, ConfigDict, StringConstraints

from api.deps import ServicesDep
from api.guard import SIGNED_IN, needs
from api.pages.assignments import reviewers_for
from api.pages.rendering import PageRoute, render, words_of
from api.pages.session import CurrentViewer
from api.schemas.listing import Assignment
from qa_service.domain.finding import Severity
from qa_service.domain.identity import Permission
from qa_service.domain.records import ConversationFilter
from qa_service.domain.review import ReviewState
from qa_service.errors import ErrorCode, InvalidInput

router = APIRouter(route_class=PageRoute)

PAGE_ROWS = 25
ALL_STATES = "all"
_DONE = (ReviewState.OVERTURNED, ReviewState.CLEARED)
"""States in which nothing may be left that flags a chat."""

Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]


class QueueFilters(BaseModel):
    """What the form holds; empty means any. `state` empty means open."""

    model_config = ConfigDict(frozen=True)

    shop: Text = ""
    channel: Text = ""
    agent: Text = ""
    category: Text = ""
    severity: Text = ""
    since: Text = ""
    until: Text = ""
    state: Text = ""
    assignment: Text = ""
    assignee: Text = ""
    cursor: Text = ""

    def to_filter(self, zone: tzinfo, caller: str) -> ConversationFilter:
        """The same in the words of the workflows; both days are included, as days of `zone`; `caller` has what is `mine`.

        Raises:
            InvalidInput: a date, severity, state or assignment that there is not.
        """
        whose = Assignment(_choice("assignment", self.assignment, Assignment)) if self.assignment else None
        return ConversationFilter(
            since=_midnight("since", self.since, zone),
            until=_midnight("until", self.until, zone, days_later=1),
            shop=self.shop or None,
            channel=self.channel or None,
            agent_id=self.agent or None,
            category=self.category or None,
            severity=_choice("severity", self.severity, Severity) if self.severity else None,
            review_state=_review_state(self.state),
            assignee=caller if whose is Assignment.MINE else self.assignee or None,
            is_assigned=False if whose is Assignment.UNASSIGNED else None,
            flagged=None if self.state in _DONE else True,
            worst_first=True,
            cursor=self.cursor or None,
            limit=PAGE_ROWS,
        )

    def query(self, **changes: str) -> str:
        """As a query string of the first page, with changes."""
        values = {**self.model_dump(exclude={"cursor"}), **changes}
        return urlencode({name: value for name, value in values.items() if value})

    @property
    def is_set(self) -> bool:
        """Whether anything is filtered beside the tabs."""
        return any(self.model_dump(exclude={"cursor", "state", "assignment"}).values())


@router.get("/", dependencies=[SIGNED_IN])
def open_home(viewer: CurrentViewer) -> Response:
    """The queue is where work begins."""
    return RedirectResponse("/queue", status_code=303)


@router.get("/queue", dependencies=[needs(Permission.READ)])
def show_queue(
    request: Request, services: ServicesDep, viewer: CurrentViewer, filters: Annotated[QueueFilters, Query()]
) -> Response:
    """One page of the queue."""
    zone = ZoneInfo(services.settings.report_zone)
    page = services.listing(filters.to_filter(zone, viewer.name))
    seen = {category for row in page.rows for category in row.categories} | {filters.category} - {""}
    return render(
        request,
        "queue.html",
        filters=filters,
        page=page,
        zone=zone,
        categories=list(dict.fromkeys([*words_of(request).values_of("category"), *sorted(seen)])),
        severities=list(reversed(Severity)),
        states=["", *list(ReviewState)[1:], ALL_STATES],
        whose=["", *Assignment],
        may_take=viewer.may_take,
        reviewers=reviewers_for(services, viewer),
    )


def _midnight(name: str, text: str, zone: tzinfo, *, days_later: int = 0) -> datetime | None:
    if not text:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=zone) + timedelta(days=days_later)
    except (ValueError, OverflowError) as error:
        raise InvalidInput(
            f"{name} must be a day such as 2026-11-02", code=ErrorCode.INVALID_FIELD, field=name
        ) from error


def _review_state(text: str) -> str | None:
    if text == ALL_STATES:
        return None
    return _choice("state", text, ReviewState) if text else ReviewState.OPEN


def _choice(name: str, text: str, choices: type[Severity] | type[ReviewState] | type[Assignment]) -> str:
    if text not in list(choices):
        raise InvalidInput(f"{name} must be one of {', '.join(choices)}", code=ErrorCode.INVALID_FIELD, field=name)
    return text
