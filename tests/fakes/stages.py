"""Tiny stages: fast, deterministic, with just enough sense for workflows and routes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from qa_service.domain.conversation import Conversation, Role, Turn
from qa_service.domain.finding import Finding, Outcome, Severity
from qa_service.domain.mood import AgentService, ConversationMood, Emotion, MoodStatus, Sentiment, TurnMood, TurnTone
from qa_service.domain.rule_explanation import (
    ConditionExplanation,
    Evidence,
    Measured,
    RuleExplanation,
    TurnExplanation,
)
from qa_service.domain.scorecard import CriterionScore, DimensionScore, Scorecard
from qa_service.domain.text import NormalisedConversation, NormalisedText, NormalisedTurn
from qa_service.errors import NotFound
from qa_service.ingest.content_digest import content_sha256
from qa_service.normalise import PersonalDataMasker
from qa_service.workflows.backtest import TestedRule
from qa_service.workflows.inspect_conversation import Inspector

PROMISE = "七天"
"""What the one fake rule finds in agent turns."""

ANGRY = "太差"
"""What makes a customer turn angry."""

COLD = "自己看"
"""What the model suspects in agent turns."""

POISON = "poison"
"""A conversation with this in a turn makes the fake model raise."""

DEDUCTION = Decimal(30)


class FakeNormaliser:
    """Folds nothing."""

    def normalise(self, conversation: Conversation) -> NormalisedConversation:
        turns = []
        for turn in conversation.turns:
            size = range(len(turn.text))
            text = NormalisedText(turn.text, tuple(size), tuple(n + 1 for n in size))
            turns.append(NormalisedTurn(turn=turn, cased=text, text=text, compact=text))
        return NormalisedConversation(conversation=conversation, turns=tuple(turns), language="zh")


@dataclass
class FakeRules:
    """One rule that hits `PROMISE` in agent turns, one that is always clear."""

    rules_digest: str = "rules-1"
    policy_digest: str = "policy-1"
    rules: tuple[TestedRule, ...] = ()

    def inspect(
        self, conversation: NormalisedConversation, mood: ConversationMood, agents: Sequence[AgentService]
    ) -> tuple[Finding, ...]:
        chat = conversation.conversation
        hits = [
            _finding(
                outcome=Outcome.HIT,
                agent_id=owner,
                turn_id=turn.id,
                start=turn.text.index(PROMISE),
                end=turn.text.index(PROMISE) + len(PROMISE),
                text=PROMISE,
                explanation={"stated": {"value": 7, "unit": "day"}, "policy": {"key": "return_days", "value": 3}},
            )
            for turn, owner in zip(chat.turns, chat.owners(), strict=True)
            if turn.role is Role.AGENT and PROMISE in turn.text
        ]
        return (*hits, _finding(rule_id="abuse.insult", category="abuse", outcome=Outcome.CLEAR))

    def explain(
        self, rule_id: str, conversation: NormalisedConversation, mood: ConversationMood, agents: Sequence[AgentService]
    ) -> RuleExplanation:
        """Each turn with one condition, `any`, that seeks `PROMISE`."""
        if rule_id not in ("promise.return_window", "abuse.insult"):
            raise NotFound(f"there is no rule {rule_id}", field="rule_id")
        found = [finding for finding in self.inspect(conversation, mood, agents) if finding.rule_id == rule_id]
        turns = tuple(
            _explained(turn, tuple(f for f in found if f.turn_id == turn.id))
            for turn in conversation.conversation.turns
        )
        outcome = Outcome.HIT if any(finding.outcome is Outcome.HIT for finding in found) else Outcome.CLEAR
        return RuleExplanation(
            rule_id=rule_id, rule_version=1, title="承诺的退货期限长于规定", status="scored", file="zh/promise.yaml", line=3,
            outcome=outcome, reasons=(), turns=turns,
        )  # fmt: skip


def _explained(turn: Turn, found: tuple[Finding, ...]) -> TurnExplanation:
    outcome = Outcome.HIT if found else Outcome.CLEAR
    shown = TurnExplanation(turn_id=turn.id, role=turn.role, text=turn.text, outcome=outcome, findings=found)
    if turn.role is not Role.AGENT:
        return replace(shown, left_out=f"speaker is {turn.role}")
    seen = tuple(
        Evidence(turn_id=turn.id, start=f.start or 0, end=f.end or 0, text=f.text or "", view="cased") for f in found
    )
    limit = Measured(
        name="stated",
        value={"value": 7, "unit": "day", "text": PROMISE},
        bound="better than return_days, 3 day",
        holds=bool(found),
    )
    words = ConditionExplanation(
        name="any", file="zh/promise.yaml", line=9, truth="yes" if found else "no", evidence=seen, measured=(limit,)
    )
    tree = ConditionExplanation(
        name="and", file="zh/promise.yaml", line=8, truth=words.truth, evidence=seen, parts=(words,)
    )
    return replace(shown, condition=tree)


@dataclass
class FakeMood:
    """Angry at `ANGRY`, neutral else."""

    revision: str = "mood-1"

    def score(self, conversations: Sequence[NormalisedConversation]) -> list[ConversationMood]:
        return [self._score(conversation.conversation) for conversation in conversations]

    def _score(self, chat: Conversation) -> ConversationMood:
        if any(POISON in turn.text for turn in chat.turns):
            raise ValueError(f"cannot score {chat.turns[0].text}")
        moods = tuple(
            TurnMood(
                turn_id=turn.id,
                status=MoodStatus.COMPLETE,
                polarity=-0.9 if ANGRY in turn.text else 0.0,
                sentiment=Sentiment.NEGATIVE if ANGRY in turn.text else Sentiment.NEUTRAL,
                emotion=Emotion.ANGRY if ANGRY in turn.text else Emotion.NEUTRAL,
                probabilities={"neutral": 0.75, "angry": 0.25},
                confidence=0.75,
                risks={"complaint": 0.5},
            )
            for turn in chat.turns
            if turn.role is Role.CUSTOMER
        )
        tones = tuple(
            TurnTone(
                turn_id=turn.id,
                agent_id=owner,
                status=MoodStatus.COMPLETE,
                tone=0.75,
                suspicions={"dismissive": 0.9} if COLD in turn.text else {},
            )
            for turn, owner in zip(chat.turns, chat.owners(), strict=True)
            if turn.role is Role.AGENT
        )
        if not moods:
            return ConversationMood(status=MoodStatus.NOT_APPLICABLE, reason="the customer said nothing", tones=tones)
        polarities = [mood.polarity or 0.0 for mood in moods]
        return ConversationMood(
            status=MoodStatus.COMPLETE,
            turns=moods,
            tones=tones,
            start=polarities[0],
            end=polarities[-1],
            lowest=min(polarities),
            shift=polarities[-1] - polarities[0],
            negative_share=sum(polarity < 0 for polarity in polarities) / len(polarities),
            satisfaction=3.0,
        )


class FakeMeter:
    """Every agent answers after 30 seconds."""

    def measure(self, conversation: Conversation, mood: ConversationMood) -> tuple[AgentService, ...]:
        return tuple(
            AgentService(agent_id=agent_id, tone=0.75, first_reply_seconds=30.0) for agent_id in conversation.agent_ids
        )


@dataclass
class FakeScorer:
    """One dimension: 100 less `deduction` for every hit of the agent that counts."""

    rubric: str = "tiny"
    rubric_version: int = 1
    rubric_digest: str = "rubric-1"
    deduction: Decimal = DEDUCTION

    def score(
        self,
        conversation: Conversation,
        findings: Sequence[Finding],
        mood: ConversationMood,
        agents: Sequence[AgentService],
    ) -> tuple[Scorecard, ...]:
        return tuple(
            self._card(agent, [f for f in findings if f.counts and f.agent_id == agent.agent_id]) for agent in agents
        )

    def _card(self, agent: AgentService, hits: Sequence[Finding]) -> Scorecard:
        points = -self.deduction * len(hits)
        score = max(Decimal(0), 100 + points)
        criterion = CriterionScore(
            id="promises",
            title="Keeps to the policy",
            outcome=Outcome.HIT if hits else Outcome.CLEAR,
            points=points,
            reason=f"{len(hits)} hits",
            findings=tuple(hit.key for hit in hits),
        )
        dimension = DimensionScore(id="compliance", score=score, weight=Decimal(1), criteria=(criterion,))
        return Scorecard(
            agent_id=agent.agent_id,
            rubric=self.rubric,
            rubric_version=self.rubric_version,
            dimensions=(dimension,),
            total=score,
            fatal=False,
            band=None,
        )


@dataclass
class FakeClock:
    """A time that moves one second at each look, so that nothing happens at the same time."""

    time: datetime = field(default_factory=lambda: datetime(2026, 11, 3, tzinfo=UTC))

    def now(self) -> datetime:
        self.time += timedelta(seconds=1)
        return self.time


def fake_inspector(
    mood_model: FakeMood | None = None, *, rules: FakeRules | None = None, scorer: FakeScorer | None = None
) -> Inspector:
    """The real workflow over the fake stages."""
    return Inspector(
        normaliser=FakeNormaliser(),
        rules=rules or FakeRules(),
        mood_model=mood_model or FakeMood(),
        meter=FakeMeter(),
        scorer=scorer or FakeScorer(),
        masker=PersonalDataMasker(),
        content_digest=content_sha256,
        code_version="0",
    )


def _finding(**fields: object) -> Finding:
    defaults: dict[str, object] = {
        "rule_id": "promise.return_window",
        "rule_version": 1,
        "category": "unauthorized_promise",
        "severity": Severity.MAJOR,
    }
    return Finding(**{**defaults, **fields})  # type: ignore[arg-type]
