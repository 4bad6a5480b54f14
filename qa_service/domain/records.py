"""What the store takes and gives: filters, list rows, stored conversations and findings. Owns no query (`storage`)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from qa_service.domain.conversation import Conversation
from qa_service.domain.erasure import Erased
from qa_service.domain.finding import Finding
from qa_service.domain.inspection import Inspection
from qa_service.domain.learning import MoodCorrection
from qa_service.domain.review import SuspicionReview, Verdict
from qa_service.domain.scorecard import Scorecard
from qa_service.errors import ErrorCode, NotPermitted, TextErased


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationFilter:
    """What `GET /conversations` and the review queue select by; None means any."""

    since: datetime | None = None
    until: datetime | None = None
    agent_id: str | None = None
    shop: str | None = None
    channel: str | None = None
    rule_id: str | None = None
    category: str | None = None
    severity: str | None = None
    dimension: str | None = None
    score_at_most: Decimal | None = None
    polarity_at_most: float | None = None
    review_state: str | None = None
    assignee: str | None = None
    is_assigned: bool | None = None
    flagged: bool | None = None
    worst_first: bool = False
    cursor: str | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredConversation:
    """A conversation as stored, with its newest revision's result, suspicion reviews and mood corrections.

    `agents_in_scope`: whose findings, tones and scorecards it shows; None: everybody's. `assignee`: who reviews it.
    """

    id: str
    source: str
    external_id: str
    revision: int
    state: str
    error: str | None
    received_at: datetime
    conversation: Conversation
    inspection: Inspection | None
    final_scorecards: tuple[Scorecard, ...]
    finding_ids: dict[str, str]
    verdicts: tuple[Verdict, ...]
    review_state: str
    suspicion_reviews: tuple[SuspicionReview, ...] = ()
    mood_corrections: tuple[MoodCorrection, ...] = ()
    agents_in_scope: frozenset[str] | None = None
    assignee: str | None = None
    erased: Erased | None = None

    def require_text(self) -> None:
        """Refuse what needs the text where it is gone.

        Raises:
            TextErased: it was erased.
        """
        if self.erased is not None:
            raise text_erased(self.erased)

    @property
    def is_partly_hidden(self) -> bool:
        """Whether somebody spoke whose findings and scores are left out."""
        return self.agents_in_scope is not None and not self.agents_in_scope.issuperset(self.conversation.agent_ids)

    def require_all_agents(self) -> None:
        """Refuse what is about a whole chat to somebody who sees only a part of it.

        Raises:
            NotPermitted: somebody spoke who is not in scope.
        """
        if self.is_partly_hidden:
            raise NotPermitted(
                "others spoke in this chat who are out of your scope", code=ErrorCode.NOT_PERMITTED, field="scope"
            )


def text_erased(erased: Erased) -> TextErased:
    """Says when and why."""
    return TextErased(
        f"the text of this conversation was erased on {erased.at:%Y-%m-%d} ({erased.reason}): figures and decisions stay"
        " as they are, and it can neither be inspected nor decided about again",
        field="id",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationSummary:
    """One row of a list: no transcript text."""

    id: str
    external_id: str
    shop: str | None
    channel: str | None
    started_at: datetime | None
    state: str
    review_state: str
    agents: tuple[str, ...]
    hits: int
    worst_severity: str | None
    lowest_polarity: float | None
    satisfaction: float | None
    lowest_total: Decimal | None
    categories: tuple[str, ...]
    suspected: bool
    assignee: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Rows of a list and the cursor of the next page (None at the end)."""

    rows: tuple[ConversationSummary, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What came of handing a conversation in. `created` is False when the same content was there already.

    `erased`: it was there, and its text was erased since; it is not kept again.
    """

    id: str
    external_id: str
    revision: int
    state: str
    created: bool
    erased: Erased | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFinding:
    """A finding with its ids and verdicts, newest last."""

    id: str
    conversation_id: str
    external_id: str
    finding: Finding
    verdicts: tuple[Verdict, ...]
    state: str
