"""What the workflows need from the outside, as protocols; `wiring` picks the real ones, `tests/fakes` the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, Protocol

from qa_service.domain.conversation import Conversation
from qa_service.domain.delivery import DeliveryAttempt
from qa_service.domain.finding import Finding
from qa_service.domain.inspection import Inspection
from qa_service.domain.mood import AgentService, ConversationMood
from qa_service.domain.performance import ScoredConversation
from qa_service.domain.records import (
    ApiKey,
    ConversationFilter,
    ConversationSummary,
    Page,
    StoredConversation,
    StoredFinding,
    Submission,
)
from qa_service.domain.review import SuspicionReview, Verdict
from qa_service.domain.scorecard import Scorecard
from qa_service.domain.text import NormalisedConversation

__all__ = [
    "Clock",
    "ContentDigest",
    "ConversationFilter",
    "ConversationSummary",
    "MoodModel",
    "Normaliser",
    "Page",
    "Repository",
    "RuleEngine",
    "Scorer",
    "ServiceMeter",
    "StoredConversation",
    "StoredFinding",
    "Submission",
    "UnitOfWork",
]


class ContentDigest(Protocol):
    """Digests what an inspection depends on."""

    def __call__(self, conversation: Conversation) -> str:
        """Hex sha256."""


class Normaliser(Protocol):
    """Folds the text of a conversation and keeps the way back."""

    def normalise(self, conversation: Conversation) -> NormalisedConversation:
        """Return the conversation with every turn folded."""


class RuleEngine(Protocol):
    """Compiled packs and policies."""

    rules_digest: str
    policy_digest: str

    def inspect(
        self, conversation: NormalisedConversation, mood: ConversationMood, agents: Sequence[AgentService]
    ) -> tuple[Finding, ...]:
        """All outcomes, ordered by turn, start, rule id.

        `mood` is what rules with a mood condition read; where it is unavailable those rules answer `unavailable`.
        `agents` are the reply times that rules with a time condition compare.
        """


class MoodModel(Protocol):
    """The served transformer."""

    revision: str

    def score(self, conversations: Sequence[NormalisedConversation]) -> list[ConversationMood]:
        """One mood a conversation, same order. One bad conversation gives `unavailable`, the others are scored."""


class ServiceMeter(Protocol):
    """Measures reply times and mean tone per agent."""

    def measure(self, conversation: Conversation, mood: ConversationMood) -> tuple[AgentService, ...]:
        """One entry for each agent who spoke, over the own segment."""


class Scorer(Protocol):
    """A rubric that scores."""

    rubric: str
    rubric_version: int
    rubric_digest: str

    def score(
        self,
        conversation: Conversation,
        findings: Sequence[Finding],
        mood: ConversationMood,
        agents: Sequence[AgentService],
    ) -> tuple[Scorecard, ...]:
        """One scorecard for each of `agents`."""


class Sender(Protocol):
    """Pushes to the one configured address."""

    def send(self, body: bytes, headers: Callable[[], Mapping[str, str]]) -> Iterator[DeliveryAttempt]:
        """Yields each attempt as it ends; `headers` are made anew for each."""


class Clock(Protocol):
    """The time now."""

    def now(self) -> datetime:
        """Timezone-aware."""


class Repository(Protocol):
    """Everything the workflows read and write, within one unit of work."""

    def submit(self, conversation: Conversation, *, content_sha256: str, now: datetime) -> Submission:
        """Idempotent by (source, external_id) and content: same content → the same record, new content → a new revision.

        The same content of a failed conversation makes it pending again.
        """

    def claim_pending(self, limit: int, *, now: datetime, stale_before: datetime) -> list[tuple[str, Conversation]]:
        """Mark up to `limit` pending (or stale processing) conversations as processing, oldest first.

        A stale one that was claimed `MAX_CLAIMS` times already is marked failed (`internal`) instead.
        """

    def add_inspection(self, conversation_id: str, inspection: Inspection, *, now: datetime) -> None:
        """Store a result and mark the conversation complete; the same provenance again changes nothing.

        The result belongs to the revision whose `content_sha256` is the provenance's `text_sha256`; a result of an
        older revision is kept, but neither shown nor taken for the newer one's. Raises NotFound.
        """

    def mark_failed(self, conversation_id: str, *, error: str, now: datetime) -> None:
        """Record that inspecting failed; `error` is a code, never text."""

    def has_inspection(self, conversation_id: str, provenance_digest: str) -> bool:
        """Whether this is the current result of the newest revision."""

    def get(self, conversation_id: str) -> StoredConversation:
        """Raises NotFound."""

    def find(self, query: ConversationFilter) -> Page:
        """One page; raises InvalidInput for a broken cursor."""

    def get_finding(self, finding_id: str) -> StoredFinding:
        """Raises NotFound."""

    def add_verdict(self, verdict: Verdict) -> None:
        """Append; raises NotFound."""

    def add_suspicion_review(self, review: SuspicionReview) -> None:
        """Append; raises NotFound."""

    def save_final_scorecards(
        self, conversation_id: str, scorecards: Sequence[Scorecard], review_state: str, *, findings: Sequence[Finding]
    ) -> None:
        """Replace the final scorecards of the current inspection; the machine's stay.

        `findings` are those of the inspection with the verdicts applied: lists count and find what still stands.
        """

    def scorecards(
        self, *, since: datetime | None, until: datetime | None, agent_id: str | None = None, shop: str | None = None
    ) -> Iterable[ScoredConversation]:
        """Current scorecards whose conversation began in `[since, until)`, by time, then conversation."""

    def state_counts(self) -> dict[str, int]:
        """Number of conversations per state."""

    # keys, log-ins, deliveries
    def add_api_key(self, *, name: str, key_sha256: str, now: datetime) -> None:
        """Store a key's hash."""

    def has_api_key(self, key_sha256: str) -> bool:
        """Whether such a key exists and is not revoked."""

    def count_api_keys(self) -> int:
        """Number of keys that are not revoked."""

    def api_keys(self) -> list[ApiKey]:
        """All keys, oldest first."""

    def revoke_api_keys(self, name: str, *, now: datetime) -> int:
        """Revoke the valid keys of this name; how many there were."""

    def add_login_token(self, *, token_sha256: str, expires_at: datetime) -> None:
        """Store a one-time log-in token's hash."""

    def use_login_token(self, token_sha256: str, *, now: datetime) -> bool:
        """Spend the token: True once, within its time."""

    def add_session(self, *, session_sha256: str, name: str, expires_at: datetime) -> None:
        """Store a page session's hash."""

    def end_session(self, session_sha256: str) -> None:
        """Forget the session, if there is one."""

    def session_name(self, session_sha256: str, *, now: datetime) -> str | None:
        """Who the session belongs to, or None."""

    def forget_ended_access(self, *, now: datetime) -> None:
        """Delete sessions that are over and log-in tokens that are spent or over."""

    def add_delivery(self, record: dict[str, Any]) -> None:
        """Append one attempt of a webhook push to the delivery log."""

    def deliveries(self, limit: int) -> list[dict[str, Any]]:
        """The newest attempts first."""


class UnitOfWork(Protocol):
    """One transaction. `with uow() as repository:` commits at the end, rolls back on an error."""

    def __call__(self, *, is_read_only: bool = False) -> AbstractContextManager[Repository]:
        """Begin. `is_read_only` promises to write nothing: such a transaction waits for no writer."""
