"""One chat as reviewers see it: bubbles with cut evidence, findings, suspicions, mood, scorecards. Owns no HTML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

from api.pages.charts import MoodCurve, mood_curve
from api.pages.evidence import Segment, cut
from api.pages.finding_cards import FindingCard, finding_cards, grouped
from api.pages.gaps import SkippedRules, missing_parts, skipped_rules
from api.pages.heard import Heard, heard_by_turn
from api.pages.language import Catalogue
from api.pages.scorecard_view import ScorecardView, scorecard_views
from qa_service.domain.conversation import Conversation, Role, Turn
from qa_service.domain.finding import Finding, Outcome
from qa_service.domain.mood import SUSPECTED_AT_LEAST, CallEvidence, ConversationMood, TurnTone
from qa_service.domain.records import StoredConversation
from qa_service.domain.review import ReviewState
from qa_service.domain.scorecard import Band


@dataclass(frozen=True, slots=True, kw_only=True)
class Bubble:
    """One turn. `day` is set where a new day begins; `heard` for turns of customer and agents."""

    turn: Turn
    sender: str
    time: str | None
    day: str | None
    segments: tuple[Segment, ...]
    heard: Heard | None
    has_findings: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspicion:
    """The model holds a category for likely in a turn in which no rule of that category hit.

    `words` are those that it rests on, `percent_without` what it would be without them; None where none weaken it,
    the latter also where they are all that was said.
    """

    turn_id: str
    category: str
    percent: int
    words: str | None = None
    percent_without: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatView:
    """Everything of the page."""

    stored: StoredConversation
    zone: tzinfo
    began: str | None
    bubbles: tuple[Bubble, ...]
    hits: tuple[FindingCard, ...]
    suppressed: tuple[FindingCard, ...]
    missing: tuple[str, ...]
    skipped: tuple[SkippedRules, ...]
    suspicions: tuple[Suspicion, ...]
    mood: ConversationMood | None
    curve: MoodCurve | None
    scorecards: tuple[ScorecardView, ...]

    @property
    def hit_groups(self) -> tuple[tuple[FindingCard, ...], ...]:
        """The hits, equal suspicions of equal words together."""
        return grouped(self.hits, {turn.id: turn.text for turn in self.stored.conversation.turns})

    @property
    def lacks_scores(self) -> bool:
        """Whether a total or a dimension of somebody's scorecard could not be computed."""
        finals = [card.final for card in self.scorecards]
        return any(card.total is None or any(d.score is None for d in card.dimensions) for card in finals)

    @property
    def has_signs(self) -> bool:
        """Whether speech acts or risk signals are marked beside a turn."""
        return any(bubble.heard is not None and bubble.heard.signs for bubble in self.bubbles)

    @property
    def erased_on(self) -> str | None:
        """The day on which the text was erased, as this page counts days."""
        return self.stored.erased.at.astimezone(self.zone).strftime("%Y-%m-%d") if self.stored.erased else None

    @property
    def has_calls(self) -> bool:
        """Whether words are marked that the model's calls rest on."""
        return any(segment.calls for bubble in self.bubbles for segment in bubble.segments)

    @property
    def has_masks(self) -> bool:
        """Whether signs of masked personal data stand in what was said."""
        chat = self.stored.conversation
        return any("*" in text for text in (*(turn.text for turn in chat.turns), *chat.attributes.values()))

    @property
    def is_cleared(self) -> bool:
        """Whether a person found nothing in what the model suspected."""
        return self.stored.review_state == ReviewState.CLEARED

    @property
    def is_clearable(self) -> bool:
        """Whether nothing but suspicions is left to look at, for somebody who sees everybody who spoke."""
        is_open = not self.is_cleared and self.stored.review_state != ReviewState.CONFIRMED
        return (
            is_open
            and not self.stored.is_partly_hidden
            and self.stored.erased is None
            and all(card.is_overturned or card.is_auto_confirmed for card in self.hits)
        )


def chat_view(stored: StoredConversation, *, words: Catalogue, zone: tzinfo, bands: Sequence[Band]) -> ChatView:
    """Put the page together; times are shown in `zone`."""
    conversation, inspection = stored.conversation, stored.inspection
    hits = finding_cards(stored, Outcome.HIT, words)
    suppressed = finding_cards(stored, Outcome.SUPPRESSED, words)
    mood = inspection.mood if inspection else None
    return ChatView(
        stored=stored,
        zone=zone,
        began=_moment(conversation.time, zone),
        bubbles=_bubbles(
            conversation,
            [card.finding for card in (*hits, *suppressed)],
            heard=heard_by_turn(stored, words),
            calls=_calls(mood) if mood else {},
            words=words,
            zone=zone,
        ),
        hits=hits,
        suppressed=suppressed,
        missing=missing_parts(inspection, words) if inspection else (),
        skipped=skipped_rules(inspection, words) if inspection else (),
        suspicions=_suspicions(conversation, mood, [card.finding for card in hits]) if mood else (),
        mood=mood,
        curve=mood_curve(conversation, mood) if mood else None,
        scorecards=scorecard_views(stored, bands, words),
    )


def _moment(moment: datetime | None, zone: tzinfo) -> str | None:
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M") if moment else None


def _bubbles(
    conversation: Conversation,
    findings: Sequence[Finding],
    *,
    heard: Mapping[str, Heard],
    calls: Mapping[str, tuple[CallEvidence, ...]],
    words: Catalogue,
    zone: tzinfo,
) -> tuple[Bubble, ...]:
    names = {agent.id: agent.name for agent in conversation.agents}
    bubbles: list[Bubble] = []
    day: str | None = None
    for turn, owner in zip(conversation.turns, conversation.owners(), strict=True):
        own = [finding for finding in findings if finding.turn_id == turn.id]
        at = turn.at.astimezone(zone) if turn.at else None
        today = at.strftime("%Y-%m-%d") if at else day
        bubbles.append(
            Bubble(
                turn=turn,
                sender=_sender(conversation, turn, names.get(owner) or owner if owner else None, words),
                time=at.strftime("%H:%M:%S") if at else None,
                day=today if today != day else None,
                segments=cut(turn.text, own, calls.get(turn.id, ())) if turn.text else (),
                heard=heard.get(turn.id),
                has_findings=bool(own),
            )
        )
        day = today
    return tuple(bubbles)


def _calls(mood: ConversationMood) -> dict[str, tuple[CallEvidence, ...]]:
    """The strong calls by turn."""
    return {
        **{turn.turn_id: turn.evidence for turn in mood.turns},
        **{tone.turn_id: tone.evidence for tone in mood.tones},
    }


def _sender(conversation: Conversation, turn: Turn, agent: str | None, words: Catalogue) -> str:
    if turn.role is Role.CUSTOMER:
        return " ".join(filter(None, (words.text("chat.customer"), turn.sender_id or conversation.customer.id)))
    if turn.role is not Role.AGENT:
        return words.text(f"chat.{turn.role}")
    return f"{words.text('chat.agent')} {agent or words.text('chat.unknown_sender')}"


def _suspicions(conversation: Conversation, mood: ConversationMood, hits: Sequence[Finding]) -> tuple[Suspicion, ...]:
    known = {(hit.turn_id, hit.category) for hit in hits}
    texts = {turn.id: turn.text for turn in conversation.turns}
    return tuple(
        _suspicion(tone, category, share, texts[tone.turn_id])
        for tone in mood.tones
        for category, share in tone.suspicions.items()
        if share >= SUSPECTED_AT_LEAST and (tone.turn_id, category) not in known
    )


def _suspicion(tone: TurnTone, category: str, share: float, text: str) -> Suspicion:
    bare = Suspicion(turn_id=tone.turn_id, category=category, percent=round(share * 100))
    evidence: CallEvidence | None = next((e for e in tone.evidence if e.call == f"suspicion.{category}"), None)
    if evidence is None or evidence.start is None:
        return bare
    without = None if evidence.value_without is None else round(evidence.value_without * 100)
    return replace(bare, words=text[evidence.start : evidence.end], percent_without=without)
