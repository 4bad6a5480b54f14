"""The list of conversations: what selects, and the rows. Rows hold no transcript text."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from pydantic import ConfigDict, Field

from api.schemas.base import ID_EXAMPLE, Moment, Name, Points, Polarity, Schema
from qa_service.domain.finding import Severity
from qa_service.domain.records import ConversationFilter
from qa_service.domain.review import ReviewState
from qa_service.errors import ErrorCode, InvalidInput


class Assignment(StrEnum):
    """Whose the chats of a list are."""

    MINE = "mine"
    UNASSIGNED = "unassigned"


class ListingQuery(Schema):
    """What to list; everything left out selects all."""

    since: Moment | None = Field(default=None, description="Began at this time or later; RFC 3339 with offset.")
    until: Moment | None = Field(default=None, description="Began before this time.")
    agent: Name | None = Field(default=None, description="Id of an agent who spoke.")
    shop: Name | None = None
    channel: Name | None = None
    rule: Name | None = Field(default=None, description="A hit of this rule, e.g. `promise.return_window`.")
    category: Name | None = Field(default=None, description="A hit of this category, e.g. `unauthorized_promise`.")
    severity: Severity | None = Field(default=None, description="A hit of this severity.")
    dimension: Name | None = Field(default=None, description="With `score_at_most`: which dimension.")
    score_at_most: Points | None = Field(default=None, description="With `dimension`: a final score up to this.")
    polarity_at_most: Polarity | None = Field(default=None, description="The worst customer mood is this or worse.")
    review_state: ReviewState | None = None
    assignment: Assignment | None = Field(
        default=None, description="`mine`: whoever calls reviews it; `unassigned`: nobody does yet."
    )
    assignee: Name | None = Field(default=None, description="This person reviews it.")
    flagged: bool | None = Field(default=None, description="With (or without) hits or suspicions.")
    worst_first: bool = Field(default=False, description="Worst first instead of newest first.")
    cursor: Name | None = Field(default=None, description="`next_cursor` of the page before.")
    limit: int = Field(default=50, ge=1, le=200)

    def to_filter(self, caller: str) -> ConversationFilter:
        """The same in the words of the workflows; `caller` is whose chats are `mine`.

        Raises:
            InvalidInput: only one of `dimension` and `score_at_most`, or both `assignment` and `assignee`.
        """
        if self.assignment is not None and self.assignee is not None:
            message = "assignee: give either assignee or assignment"
            raise InvalidInput(message, code=ErrorCode.INVALID_FIELD, field="assignee")
        if (self.dimension is None) != (self.score_at_most is None):
            missing = "dimension" if self.dimension is None else "score_at_most"
            message = f"{missing}: dimension and score_at_most go together; give both or none"
            raise InvalidInput(message, code=ErrorCode.MISSING_FIELD, field=missing)
        given = self.model_dump(exclude={"agent", "rule", "score_at_most", "assignment", "assignee"})
        score = None if self.score_at_most is None else Decimal(str(self.score_at_most))
        return ConversationFilter(
            **given,
            agent_id=self.agent,
            rule_id=self.rule,
            score_at_most=score,
            assignee=caller if self.assignment is Assignment.MINE else self.assignee,
            is_assigned=False if self.assignment is Assignment.UNASSIGNED else None,
        )


class ConversationRow(Schema):
    """One conversation of a list."""

    id: str
    external_id: str
    shop: str | None
    channel: str | None
    started_at: datetime | None
    state: str
    review_state: ReviewState
    agents: list[str]
    hits: int = Field(ge=0)
    worst_severity: Severity | None
    lowest_polarity: float | None = Field(description="The worst customer mood, -1 to 1.")
    satisfaction: float | None = Field(description="Estimated, 1 to 5.")
    lowest_total: float | None = Field(description="The lowest final total of its agents, 0 to 100.")
    categories: list[str] = Field(description="Categories of its hits.")
    suspected: bool = Field(description="The model suspects an agent turn that no rule hit.")
    assignee: str | None = Field(description="Who reviews it; null: nobody yet.")


class ConversationPage(Schema):
    """One page; ask for the next with `cursor=next_cursor`, until it is null."""

    conversations: list[ConversationRow]
    next_cursor: str | None

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "conversations": [
                        {
                            "id": ID_EXAMPLE,
                            "external_id": "c-1001",
                            "shop": "demo",
                            "channel": "taobao",
                            "started_at": "2026-11-02T01:58:00Z",
                            "state": "complete",
                            "review_state": "open",
                            "agents": ["a-7"],
                            "hits": 1,
                            "worst_severity": "major",
                            "lowest_polarity": -0.1,
                            "satisfaction": 3.4,
                            "lowest_total": 83.2,
                            "categories": ["unauthorized_promise"],
                            "suspected": False,
                            "assignee": "wangmin",
                        }
                    ],
                    "next_cursor": None,
                }
            ]
        }
    )
