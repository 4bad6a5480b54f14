"""What the workflows need from the outside, as protocols; `wiring` picks the real ones, `tests/fakes` the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, Protocol

from qa_service.domain.conversation import Conversation
from qa_service.domain.delivery import DeliveryAttempt
from qa_service.domain.finding import Finding
from qa_service.domain.identity import Scope
from qa_service.domain.inspection import Inspection
from qa_service.domain.learning import MoodCorrection, ShadowDifference
from qa_service.domain.mood import AgentService, ConversationMood
from qa_service.domain.performance import AgentSums, DaySums, ScoredConversation
from qa_service.domain.personal_data import Original
from qa_service.domain.records import (
    ConversationFilter,
    ConversationSummary,
    Page,
    StoredConversation,
    StoredFinding,
    Submission,
)
from qa_service.domain.review import SuspicionReview, Verdict
from qa_service.domain.rule_explanation import RuleExplanation
from qa_service.domain.rule_log import RuleEvent, RuleRecord, RuleVerdict
from qa_service.domain.scorecard import Scorecard
from qa_service.domain.text import NormalisedConversation
from qa_service.domain.work import COUNTED, Claim, DeadLetters, Lane, Unsent
from qa_service.workflows.access_ports import AccessRepository
from qa_service.workflows.assignment_port import AssignmentStore
from qa_service.workflows.audit_port import AuditLog
from qa_service.workflows.erasure_port import ErasureStore
from qa_service.workflows.personal_data_ports import PersonalDataStore

__all__ = [
    "Broker",
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
    "WorkQueue",
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

    def explain(
        self, rule_id: str, conversation: NormalisedConversation, mood: ConversationMood, agents: Sequence[AgentService]
    ) -> RuleExplanation:
        """Why one rule hits there, and why not. Raises NotFound for an unknown rule."""


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


class WorkQueue(Protocol):
    """Tells workers that something waits; what waits stands in the store."""

    def send(self, conversation_ids: Sequence[str], lane: Lane) -> None:
        """One message for these conversations. Raises Unavailable where nobody takes it."""


class Broker(WorkQueue, Protocol):
    """A queue of messages outside of this process."""

    def depth(self, lane: Lane) -> int:
        """Messages that no worker has taken yet. Raises Unavailable."""

    def erase(self) -> None:
        """Ask a worker to erase what is asked for or over its time. Raises Unavailable."""


class Clock(Protocol):
    """The time now."""

    def now(self) -> datetime:
        """Timezone-aware."""


class Repository(AccessRepository, AssignmentStore, AuditLog, ErasureStore, PersonalDataStore, Protocol):
    """Everything the workflows read and write, within one unit of work and one scope.

    What is out of scope is not listed, not counted and NotFound, as if it did not exist; where only some agents are in
    scope, a chat is shown with their findings and scorecards only. What is of all shops together (the audit log, pushes)
    is NotPermitted to a narrower scope. Not of any tenant: queues of work, the rule log, keys.
    """

    @property
    def whole(self) -> Repository:
        """The same transaction with nothing out of scope, for what follows from a change that the scope allowed."""

    def submit(
        self,
        conversation: Conversation,
        *,
        content_sha256: str,
        now: datetime,
        lane: Lane = Lane.REALTIME,
        traceparent: str | None = None,
        originals: Sequence[Original] = (),
        masked_by: int | None = None,
    ) -> Submission:
        """Idempotent by (shop, source, external_id) and content: the same → the same record, else a new revision.

        A masked conversation comes with what its masks stand for and the version of the finders; the digest is that of
        the unmasked one. Claims give it back unmasked, all other reads masked.

        The same content of a failed conversation makes it pending again. What becomes pending keeps `traceparent`, the
        trace that its inspection belongs to. Raises NotPermitted for a shop out of scope.
        """

    def claim(
        self, limit: int, *, lane: Lane, claimant: str, now: datetime, ids: Sequence[str] | None = None
    ) -> list[Claim]:
        """Mark up to `limit` pending conversations that are due as processing, the longest due first.

        One whose earlier claim ended without a result is claimed alone. With `ids`, one of these is among the claims
        (in whatever lane it is) or there are none; the batch is filled up with others of `lane`.
        """

    def return_stale(self, *, now: datetime, stale_before: datetime) -> int:
        """Make claims from before `stale_before` pending again; how many there were.

        What was claimed `MAX_CLAIMS` times fails instead (`worker_lost`).
        """

    def return_claims(self, claimant: str, *, now: datetime) -> int:
        """The same for the open claims of one claimant."""

    def release(self, ids: Sequence[str], *, now: datetime) -> None:
        """The same for those of `ids` that are claimed."""

    def add_inspection(self, conversation_id: str, inspection: Inspection, *, now: datetime) -> bool:
        """Store a result and mark the conversation complete; the same provenance again changes nothing.

        The result belongs to the revision whose `content_sha256` is the provenance's `text_sha256`; a result of an
        older revision is kept, but neither shown nor taken for the newer one's. Whether it is the first result of the
        conversation, about which nobody can have decided anything. Raises NotFound, TextErased.
        """

    def mark_failed(self, conversation_id: str, *, error: str, now: datetime, retry_at: datetime | None = None) -> None:
        """Record that inspecting failed; `error` is a code, never text.

        With `retry_at` the conversation is pending again and due then, unless it was claimed `MAX_CLAIMS` times.
        """

    def take_unsent(self, limit: int, *, lane: Lane, now: datetime, offered_before: datetime) -> list[Unsent]:
        """Pending conversations that are due and were not offered to workers since; they are noted as offered now."""

    def count_pending(self, lane: Lane, *, at_most: int) -> int:
        """How many wait in a lane, counted up to `at_most`."""

    def dead_letters(self, *, limit: int, cursor: str | None = None, error: str | None = None) -> DeadLetters:
        """Failed conversations (with this cause), newest first; raises InvalidInput for a broken cursor."""

    def requeue(self, conversation_id: str, *, now: datetime) -> Lane:
        """Make a failed conversation pending again, as if never claimed; its lane. Raises NotFound, Conflict."""

    def requeue_all(self, *, now: datetime, error: str | None = None) -> int:
        """Make all failed conversations (with this cause) pending again in the bulk lane; how many there were."""

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

    def agent_sums(
        self, *, since: datetime, until: datetime, shop: str | None = None, agent_id: str | None = None
    ) -> list[AgentSums]:
        """What the same scorecards add up to, by shop and agent, in any order."""

    def day_sums(self, midnights: Sequence[datetime], *, until: datetime, shop: str | None = None) -> list[DaySums]:
        """What they add up to day by day, in any order, days without any left out.

        A day lasts from its midnight to the next one, the last one to `until`.
        """

    def waiting_since(self, lane: Lane) -> datetime | None:
        """When the one that waits longest in a lane was due (a retry: will be); None where nothing waits."""

    def state_counts(self, *, at_most: int = COUNTED) -> dict[str, int]:
        """Number of conversations per state, each counted up to `at_most`; states without any are left out."""

    # rules
    def add_rule_record(self, record: RuleRecord) -> None:
        """Append to the rule log."""

    def rule_records(self, event: RuleEvent, key: str | None = None) -> list[RuleRecord]:
        """The records of a kind (and key), oldest first."""

    def rule_revision(self) -> int:
        """Grows with every publication and demotion in the rule log; 0 without any."""

    def rule_verdicts(self, rule_id: str | None = None) -> list[RuleVerdict]:
        """The newest decision about each finding, once for each version of the rule that hit it, by finding."""

    # learning
    def add_mood_correction(self, correction: MoodCorrection) -> None:
        """Append; raises NotFound."""

    def decided_ids(self) -> list[str]:
        """Conversations about which a person decided anything (verdict, cleared suspicion, corrected mood), by id."""

    def add_shadow_difference(self, difference: ShadowDifference) -> None:
        """Store; the same content judged by the same two models again changes nothing. Raises NotFound."""

    def shadow_differences(self) -> list[ShadowDifference]:
        """All of them, oldest first."""

    def add_delivery(self, record: dict[str, Any]) -> None:
        """Append one attempt of a webhook push to the delivery log."""

    def deliveries(self, limit: int) -> list[dict[str, Any]]:
        """The newest attempts first."""


class UnitOfWork(Protocol):
    """One transaction. `with uow() as repository:` commits at the end, rolls back on an error."""

    def __call__(self, *, is_read_only: bool = False) -> AbstractContextManager[Repository]:
        """Begin. `is_read_only` promises to write nothing: such a transaction waits for no writer."""

    @property
    def scope(self) -> Scope:
        """Which rows its transactions see and touch."""

    def within(self, scope: Scope) -> UnitOfWork:
        """The same store for a caller who may touch the rows of this scope only."""
