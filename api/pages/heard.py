"""What was heard in a turn: the model's emotion, speech acts and risk signals, and what a person says instead. Owns no HTML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from api.pages.language import Catalogue
from api.pages.reasons import reason_in
from qa_service.domain.conversation import Role
from qa_service.domain.learning import MoodCorrection
from qa_service.domain.mood import Emotion, MoodStatus, TurnMood, TurnTone
from qa_service.domain.records import StoredConversation

MARKED_AT_LEAST = 0.5
"""A speech act or risk signal from here on, likelier than not, is marked beside its turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """A speech act or risk signal that the model holds for likely: its word, and how sure the model is in percent."""

    kind: str
    word: str
    percent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One turn. `emotion` and `percent` are the model's, `correction` the newest of a person.

    `choices` are the emotions that a correction may name: all but the one that stands; none where there is no text of the
    customer to hear. `unread` says why the model read nothing.
    """

    emotion: Emotion | None = None
    percent: int | None = None
    signs: tuple[Sign, ...] = ()
    unread: str | None = None
    correction: MoodCorrection | None = None
    choices: tuple[Emotion, ...] = ()

    @property
    def is_told(self) -> bool:
        """Whether the model's emotion stands on the page: neutral is told only where a person heard something else."""
        return self.emotion is not None and (self.emotion is not Emotion.NEUTRAL or self.correction is not None)


def heard_by_turn(stored: StoredConversation, words: Catalogue) -> Mapping[str, Heard]:
    """What there is to say of each turn of customer and agents, by its id."""
    mood = stored.inspection.mood if stored.inspection else None
    moods = {turn.turn_id: turn for turn in mood.turns} if mood else {}
    tones = {tone.turn_id: tone for tone in mood.tones} if mood else {}
    corrections = {correction.turn_id: correction for correction in stored.mood_corrections}
    heard: dict[str, Heard] = {}
    for turn in stored.conversation.turns:
        if turn.role is Role.CUSTOMER:
            is_correctable = turn.is_inspectable and stored.inspection is not None and stored.erased is None
            heard[turn.id] = _customer(moods.get(turn.id), corrections.get(turn.id), words, is_correctable)
        elif turn.id in tones:
            heard[turn.id] = _agent(tones[turn.id], words)
    return heard


def _customer(
    mood: TurnMood | None, correction: MoodCorrection | None, words: Catalogue, is_correctable: bool
) -> Heard:
    emotion = mood.emotion if mood else None
    stands = correction.emotion if correction else emotion
    return Heard(
        emotion=emotion,
        percent=_percent(mood.confidence) if mood and mood.confidence is not None else None,
        signs=_signs("risk", mood.risks if mood else {}, words),
        unread=_unread(mood, words) if mood else None,
        correction=correction,
        choices=tuple(choice for choice in Emotion if choice is not stands) if is_correctable else (),
    )


def _agent(tone: TurnTone, words: Catalogue) -> Heard:
    return Heard(signs=_signs("speech", tone.acts, words), unread=_unread(tone, words))


def _signs(kind: str, shares: Mapping[str, float], words: Catalogue) -> tuple[Sign, ...]:
    return tuple(
        Sign(kind=kind, word=words.label(kind, name), percent=_percent(share))
        for name, share in shares.items()
        if share >= MARKED_AT_LEAST
    )


def _unread(judged: TurnMood | TurnTone, words: Catalogue) -> str | None:
    """Pictures and recalled messages say themselves that there is nothing to read; what could not be read does not."""
    return reason_in(words, judged.reason) if judged.status is MoodStatus.UNAVAILABLE else None


def _percent(share: float) -> int:
    return round(share * 100)
