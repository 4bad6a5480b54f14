"""`mood`, `mood_shift`, `suspicion`: what the mood model says. Owns no model (`mood`)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from qa_service.domain.conversation import Role
from qa_service.domain.mood import Emotion, MoodStatus, TurnMood
from qa_service.domain.rule_explanation import Measured
from qa_service.rule_engine.answer import NO, YES, Answer, Truth, not_applicable, unavailable
from qa_service.rule_engine.nodes.base import Reader, Triggers
from qa_service.rule_engine.place import Place
from qa_service.rule_engine.reading import TurnReading
from qa_service.rule_engine.yaml_field import Field


class Suspected(StrEnum):
    """The categories that the model suspects turns of; of any other its suspicion is never there."""

    DISMISSIVE = "dismissive"
    ABUSE = "abuse"
    UNAUTHORIZED_PROMISE = "unauthorized_promise"
    OFF_PLATFORM = "off_platform"
    REVIEW_INDUCEMENT = "review_inducement"
    ABSOLUTE_CLAIM = "absolute_claim"
    PRIVACY = "privacy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mood:
    """The customer felt so in this turn, or in the latest of theirs before it. All given conditions hold."""

    emotions: frozenset[Emotion]
    below: float | None
    above: float | None
    confidence: float

    @property
    def triggers(self) -> Triggers:
        """No word is needed."""
        return None

    def evaluate(self, place: Place) -> Answer:
        """Yes without hits, with the mood in the explanation."""
        whole = place.conversation.mood
        if whole.status is MoodStatus.UNAVAILABLE:
            return unavailable(whole.reason or "mood_unavailable")
        turn = _customer_turn(place)
        mood = place.conversation.moods.get(turn.turn.turn.id) if turn else None
        if turn is None or mood is None or mood.status is MoodStatus.NOT_APPLICABLE:
            return NO
        if mood.status is MoodStatus.UNAVAILABLE or mood.polarity is None:
            return unavailable(mood.reason or "mood_unavailable")
        if not self._holds(mood, mood.polarity):
            return NO
        shown = {"turn_id": turn.turn.turn.id, "emotion": mood.emotion, "polarity": mood.polarity}
        return Answer(Truth.YES, details={"mood": shown})

    def measure(self, place: Place) -> tuple[Measured, ...]:
        """Emotion, polarity and confidence of the customer turn that is looked at."""
        turn = _customer_turn(place)
        mood = place.conversation.moods.get(turn.turn.turn.id) if turn else None
        if mood is None or mood.polarity is None:
            return (Measured(name="customer turn with a mood", value=None, bound="one", holds=False),)
        sure = mood.confidence or 0.0
        measured = []
        if self.emotions:
            asked = " or ".join(sorted(self.emotions))
            measured.append(
                Measured(name="emotion", value=mood.emotion, bound=asked, holds=mood.emotion in self.emotions)
            )
        measured += _bounds("polarity", mood.polarity, self.below, self.above)
        bound = f"at least {self.confidence:g}"
        return (*measured, Measured(name="confidence", value=sure, bound=bound, holds=sure >= self.confidence))

    def _holds(self, mood: TurnMood, polarity: float) -> bool:
        return (
            (not self.emotions or mood.emotion in self.emotions)
            and (self.below is None or polarity < self.below)
            and (self.above is None or polarity > self.above)
            and (mood.confidence or 0.0) >= self.confidence
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MoodShift:
    """The conversation's mood rose or fell from start to end."""

    below: float | None
    above: float | None

    @property
    def triggers(self) -> Triggers:
        """No word is needed."""
        return None

    def evaluate(self, place: Place) -> Answer:
        """Yes without hits."""
        mood = place.conversation.mood
        if mood.status is MoodStatus.UNAVAILABLE:
            return unavailable(mood.reason or "mood_unavailable")
        if mood.shift is None:
            return not_applicable(mood.reason or "no_mood")
        is_below = self.below is None or mood.shift < self.below
        return YES if is_below and (self.above is None or mood.shift > self.above) else NO

    def measure(self, place: Place) -> tuple[Measured, ...]:
        """The shift."""
        shift = place.conversation.mood.shift
        return tuple(_bounds("shift", shift, self.below, self.above)) if shift is not None else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspicion:
    """The model suspects this turn of a category. Alone it sends to review; only beside words may it move a score."""

    category: str
    at_least: float

    @property
    def triggers(self) -> Triggers:
        """No word is needed: that is its use."""
        return None

    def evaluate(self, place: Place) -> Answer:
        """Yes without hits: what explains it are the words that stand beside it, or else the whole turn."""
        mood = place.conversation.mood
        # A customer whom the model cannot read does not take away what it read of the agent.
        if mood.status is MoodStatus.UNAVAILABLE and not mood.tones:
            return unavailable(mood.reason or "mood_unavailable")
        tone = place.conversation.tones.get(place.turn.turn.turn.id)
        if tone is None or tone.status is MoodStatus.NOT_APPLICABLE:
            return NO
        if tone.status is MoodStatus.UNAVAILABLE:
            return unavailable(tone.reason or "mood_unavailable")
        suspicion = tone.suspicions.get(self.category, 0.0)
        if suspicion < self.at_least:
            return NO
        details = {"suspicion": {"category": self.category, "value": suspicion, "at_least": self.at_least}}
        return Answer(Truth.YES, details=details)

    def measure(self, place: Place) -> tuple[Measured, ...]:
        """The suspicion of this turn."""
        tone = place.conversation.tones.get(place.turn.turn.turn.id)
        value = tone.suspicions.get(self.category) if tone else None
        holds = value is not None and value >= self.at_least
        return (Measured(name=self.category, value=value, bound=f"at least {self.at_least:g}", holds=holds),)


def _bounds(name: str, value: float, below: float | None, above: float | None) -> list[Measured]:
    measured = []
    if below is not None:
        measured.append(Measured(name=name, value=value, bound=f"below {below:g}", holds=value < below))
    if above is not None:
        measured.append(Measured(name=name, value=value, bound=f"above {above:g}", holds=value > above))
    return measured


def _customer_turn(place: Place) -> TurnReading | None:
    upto = reversed(place.conversation.turns[: place.turn.index + 1])
    return next((turn for turn in upto if turn.role is Role.CUSTOMER and turn.is_inspectable), None)


def read_mood(field: Field, reader: Reader) -> Mood:
    """`mood: {emotion: [angry], polarity_below: -0.5, polarity_above: 0.5, confidence: 0.6}`."""
    reader.defer()
    fields = field.fields(optional=("emotion", "polarity_below", "polarity_above", "confidence"))
    if not fields.keys() - {"confidence"}:
        raise field.error("give emotion, polarity_below or polarity_above")
    emotions = fields["emotion"].one_or_many() if "emotion" in fields else ()
    return Mood(
        emotions=frozenset(item.choice(Emotion) for item in emotions),
        below=_bound(fields, "polarity_below", limit=1),
        above=_bound(fields, "polarity_above", limit=1),
        confidence=fields["confidence"].number(minimum=0, maximum=1) if "confidence" in fields else 0.0,
    )


def read_mood_shift(field: Field, reader: Reader) -> MoodShift:
    """`mood_shift: {below: -0.5}` or `{above: 0.5}`."""
    reader.defer()
    fields = field.fields(optional=("below", "above"))
    if not fields:
        raise field.error("give below or above")
    return MoodShift(below=_bound(fields, "below", limit=2), above=_bound(fields, "above", limit=2))


def read_suspicion(field: Field, reader: Reader) -> Suspicion:
    """`suspicion: {category: abuse, at_least: 0.8}`."""
    reader.defer()
    fields = field.fields(required=("category", "at_least"))
    return Suspicion(
        category=str(fields["category"].choice(Suspected)),
        at_least=fields["at_least"].number(minimum=0.01, maximum=1),
    )


def _bound(fields: dict[str, Field], name: str, *, limit: float) -> float | None:
    return fields[name].number(minimum=-limit, maximum=limit) if name in fields else None
