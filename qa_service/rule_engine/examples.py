"""Runs the examples that packs carry. Owns the mood and times that an example stands for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from qa_service.domain.conversation import Conversation, Role, Turn, TurnId
from qa_service.domain.finding import Finding, Outcome
from qa_service.domain.mood import ConversationMood, Emotion, MoodStatus, Sentiment, TurnMood, TurnTone
from qa_service.domain.reply_times import reply_times
from qa_service.domain.rule_explanation import Measured, RuleExplanation
from qa_service.normalise import ConversationNormaliser
from qa_service.rule_engine.engine import PackRuleEngine
from qa_service.rule_engine.example_reader import EXAMPLE_LINE
from qa_service.rule_engine.graver import is_held_back
from qa_service.rule_engine.rule import Example, Rule

_FIRST_TURN = datetime(2026, 1, 1, 10, 0, tzinfo=UTC)
_MOST_QUOTED = 40
_POLARITY = {
    Emotion.NEUTRAL: 0.0,
    Emotion.SATISFIED: 0.8,
    Emotion.ANXIOUS: -0.4,
    Emotion.DISAPPOINTED: -0.5,
    Emotion.ANGRY: -0.8,
    Emotion.ABUSIVE: -0.9,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleFailure:
    """An example that a rule gets wrong, and where it stands."""

    rule_id: str
    file: str
    line: int
    message: str


def run_examples(engine: PackRuleEngine, *, rule_id: str | None = None) -> list[ExampleFailure]:
    """Inspect every example of all rules (or of one) under the engine's policies and the example's own."""
    chosen = [rule for rule in engine.rules if rule_id is None or rule.id == rule_id]
    failures = []
    for rule in chosen:
        for example in rule.examples:
            message = _failure(engine, rule, example)
            if message is not None:
                place = example.place
                failures.append(ExampleFailure(rule_id=rule.id, file=place.file, line=place.line, message=message))
    return failures


def _failure(engine: PackRuleEngine, rule: Rule, example: Example) -> str | None:
    unknown = sorted(key for key in example.policy if key not in engine.policies.entries)
    if unknown:
        return f"there is no policy {unknown[0]}"
    under = engine.with_policies(engine.policies.with_values(example.policy)) if example.policy else engine
    conversation = _conversation(rule, example)
    mood = _mood(conversation, example)
    normalised, agents = ConversationNormaliser().normalise(conversation), reply_times(conversation)
    mine = [finding for finding in under.judged(normalised, mood, agents) if finding.rule_id == rule.id]
    message = _judge(example, mine, lambda: _missed(under.explain(rule.id, normalised, mood, agents)))
    return None if message is None else f"{message}, in {_quoted(example)}"


def _quoted(example: Example) -> str:
    """The example, so that it is known among others of its line; the end is what a rule judges most often."""
    said = " / ".join(example.turns) if len(example.turns) > 1 else example.turns[0].removeprefix("agent: ")
    return repr(said if len(said) <= _MOST_QUOTED else f"…{said[-_MOST_QUOTED:]}")


def _missed(explained: RuleExplanation) -> str:
    """The condition that a rule comes nearest to a hit without, with what it was asked and line: `any, line 12`."""
    trees = [turn.condition for turn in explained.nearest[:1] if turn.condition is not None]
    trees = trees or [part for agent in explained.agents[:1] for part in agent.parts]
    if not trees:
        return ", ".join(turn.left_out for turn in explained.turns[-1:] if turn.left_out) or "nothing comes near"
    condition = trees[0]
    while below := [part for part in condition.parts if part.truth != "yes"]:
        condition = below[0]
    short = [f"{item.name} {_value(item)}, asked: {item.bound}" for item in condition.measured if not item.holds]
    return ", ".join((f"{condition.name}, line {condition.line}", *short))


def _value(item: Measured) -> object:
    return item.value["text"] if isinstance(item.value, dict) and "text" in item.value else item.value


def _judge(example: Example, findings: list[Finding], nearest: Callable[[], str]) -> str | None:
    # An example is of its own rule: what another takes, it has found.
    hits = [finding for finding in findings if finding.outcome is Outcome.HIT or is_held_back(finding)]
    if not example.expects_hit:
        return f"hits {hits[0].text or 'an absence'}, and must not" if hits else None
    if not hits:
        told = [
            (finding.outcome, finding.explanation.get("cue") or finding.explanation.get("reason"))
            for finding in findings
        ]
        reasons = ", ".join(f"{outcome}: {reason}" for outcome, reason in told if reason)
        return f"must hit, and does not ({reasons or nearest()})"
    if example.span is not None and example.span not in [hit.text for hit in hits]:
        return f"must cover {example.span!r}, and covers {hits[0].text!r}"
    return None


def _conversation(rule: Rule, example: Example) -> Conversation:
    day = rule.effective.start or rule.effective.end
    first = _FIRST_TURN if day is None else datetime.combine(day, _FIRST_TURN.timetz())
    turns = []
    for number, line in enumerate(example.turns, start=1):
        role, sender, text = EXAMPLE_LINE.fullmatch(line).groups()  # type: ignore[union-attr]
        at = first + timedelta(seconds=example.seconds[number - 1]) if example.seconds else None
        turns.append(Turn(id=TurnId(str(number)), role=Role(role), text=text, sender_id=sender, at=at))
    return Conversation(
        external_id=rule.id,
        turns=tuple(turns),
        started_at=None if day is None else first,
        language=example.language or rule.languages[0],
        channel=example.channel,
        shop=example.shop,
        attributes=example.attributes,
    )


def _mood(conversation: Conversation, example: Example) -> ConversationMood:
    customers = [(number, turn) for number, turn in enumerate(conversation.turns, 1) if turn.role is Role.CUSTOMER]
    moods = tuple(_turn_mood(turn.id, example.moods.get(number, Emotion.NEUTRAL)) for number, turn in customers)
    tones = tuple(
        TurnTone(
            turn_id=turn.id, agent_id=owner, status=MoodStatus.COMPLETE, tone=0.5,
            suspicions=example.suspicions.get(number, {}),
        )
        for number, (turn, owner) in enumerate(zip(conversation.turns, conversation.owners(), strict=True), 1)
        if turn.role is Role.AGENT
    )  # fmt: skip
    if not moods and example.mood_shift is None and not example.suspicions:
        return ConversationMood(status=MoodStatus.NOT_APPLICABLE, reason="no_customer_turn", tones=tones)
    polarities = [mood.polarity or 0.0 for mood in moods] or [0.0]
    shift = example.mood_shift if example.mood_shift is not None else polarities[-1] - polarities[0]
    return ConversationMood(status=MoodStatus.COMPLETE, turns=moods, tones=tones, shift=shift)


def _turn_mood(turn_id: TurnId, emotion: Emotion) -> TurnMood:
    polarity = _POLARITY[emotion]
    signs = (Sentiment.NEGATIVE, Sentiment.NEUTRAL, Sentiment.POSITIVE)
    return TurnMood(
        turn_id=turn_id, status=MoodStatus.COMPLETE, polarity=polarity,
        sentiment=signs[1 + (polarity > 0) - (polarity < 0)], emotion=emotion, probabilities={emotion: 1.0}, confidence=1.0,
    )  # fmt: skip
