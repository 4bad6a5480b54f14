"""What reviewers teach: corrected moods, and the file that training reads. Owns no training (`training`)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from qa_service.domain.audit import AuditEvent
from qa_service.domain.conversation import Role, Turn
from qa_service.domain.learning import MoodCorrection, has_consent
from qa_service.domain.mood import SUSPECTED_AT_LEAST, Emotion, MoodStatus
from qa_service.domain.records import StoredConversation
from qa_service.domain.review import Decision
from qa_service.errors import Conflict, ErrorCode, InvalidInput, NotFound
from qa_service.normalise import mask
from qa_service.workflows.audit import audit
from qa_service.workflows.ports import Clock, UnitOfWork

EXPORT_SCHEMA = "qa_service.reviewed/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """The rows of an export and how many decided chats stayed behind for want of consent."""

    rows: tuple[dict[str, Any], ...]
    without_consent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Learning:
    """Records corrected moods and exports what people decided."""

    unit_of_work: UnitOfWork
    clock: Clock

    def correct_mood(
        self, conversation_id: str, *, turn_id: str, emotion: Emotion, reviewer: str
    ) -> StoredConversation:
        """Record which emotion a person heard in a customer turn; no score changes.

        Raises:
            NotFound: no such conversation or turn.
            InvalidInput: the turn is not a text of the customer.
            Conflict: the turn has this emotion already.
            TextErased: nobody can read the turn any more.
        """
        now = self.clock.now()
        with self.unit_of_work() as repository:
            stored = repository.get(conversation_id)
            stored.require_text()
            _check_correction(stored, turn_id, emotion)
            repository.add_mood_correction(
                MoodCorrection(
                    conversation_id=conversation_id,
                    revision=stored.revision,
                    turn_id=turn_id,
                    emotion=emotion,
                    reviewer=reviewer,
                    created_at=now,
                )
            )
            audit(
                repository,
                AuditEvent.MOOD_CORRECTED,
                now=now,
                on={"conversation": conversation_id, "turn": turn_id},
                shop=stored.conversation.shop,
                before={"emotion": _emotions(stored).get(turn_id)},
                after={"emotion": emotion.value, "reviewer": reviewer},
            )
            return repository.get(conversation_id)

    def export(self) -> Exported:
        """What people decided about conversations whose source carries consent for training, by id; texts are masked."""
        rows: list[dict[str, Any]] = []
        refused = 0
        with self.unit_of_work(is_read_only=True) as repository:
            for conversation_id in repository.decided_ids():
                stored = repository.get(conversation_id)
                if has_consent(stored.conversation):
                    rows += _row(stored)
                else:
                    refused += 1
        with self.unit_of_work() as repository:  # before a row leaves
            counts = {"chats": len(rows), "without_consent": refused}
            audit(repository, AuditEvent.VERDICTS_EXPORTED, now=self.clock.now(), on={}, after=counts)
        return Exported(rows=tuple(rows), without_consent=refused)


def _check_correction(stored: StoredConversation, turn_id: str, emotion: Emotion) -> None:
    turn = next((turn for turn in stored.conversation.turns if turn.id == turn_id), None)
    if turn is None:
        raise NotFound("no such turn in this conversation", field="turn_id")
    if turn.role is not Role.CUSTOMER or not turn.is_inspectable:
        raise InvalidInput(
            "turn_id: only a text of the customer has an emotion", code=ErrorCode.INVALID_FIELD, field="turn_id"
        )
    if _emotions(stored).get(turn_id) == emotion:
        raise Conflict(f"the turn is already {emotion}", field="emotion")


def _emotions(stored: StoredConversation) -> dict[str, Emotion]:
    """The emotion of each turn as it stands: the last corrected one, else the model's."""
    moods = stored.inspection.mood.turns if stored.inspection else ()
    known = {str(m.turn_id): m.emotion for m in moods if m.status is MoodStatus.COMPLETE and m.emotion is not None}
    return known | corrected(stored)


def corrected(stored: StoredConversation) -> dict[str, Emotion]:
    """The corrected emotions of the newest revision by turn; the newest correction counts."""
    return {correction.turn_id: correction.emotion for correction in stored.mood_corrections}


def _row(stored: StoredConversation) -> Iterator[dict[str, Any]]:
    """One row, or none where what was decided is of an older revision."""
    judgements, emotions = _judgements(stored), corrected(stored)
    if not judgements and not emotions:
        return
    # the source chooses ids freely: an account or a telephone number may stand in them
    places: dict[str, str] = {turn.id: str(place) for place, turn in enumerate(stored.conversation.turns, start=1)}
    yield {
        "schema": EXPORT_SCHEMA,
        "id": stored.id,
        "consent": True,
        "language": stored.conversation.language,
        "model": stored.inspection.provenance.model_revision if stored.inspection else None,
        "turns": [_turn(turn, places[turn.id]) for turn in stored.conversation.turns],
        "judgements": [
            {"turn_id": places[turn_id], "category": category, "decision": decision.value}
            for (turn_id, category), decision in judgements.items()
        ],
        "emotions": [{"turn_id": places[turn_id], "emotion": emotion.value} for turn_id, emotion in emotions.items()],
    }


def _turn(turn: Turn, place: str) -> dict[str, str]:
    return {"id": place, "role": turn.role.value, "kind": turn.kind.value, "text": mask(turn.text)}


def _judgements(stored: StoredConversation) -> dict[tuple[str, str], Decision]:
    """What was decided about agent turns, by turn and category: by the newest verdict of each finding, and by cleared suspicions.

    An appeal decides nothing, and neither does a verdict on what the present inspection does not find. A turn is free of a
    category when every hit of it there is overturned: one that still waits may be right, and one found after a suspicion was
    cleared is more than what was cleared.
    """
    if stored.inspection is None:
        return {}
    newest = {verdict.finding_id: verdict.decision for verdict in stored.verdicts}
    decisions: dict[tuple[str, str], list[Decision | None]] = {}
    for finding in stored.inspection.findings:
        decision = newest.get(stored.finding_ids.get(finding.key, ""))
        if finding.turn_id is not None and (decision is not None or finding.is_shown_hit):
            decisions.setdefault((finding.turn_id, finding.category), []).append(decision)
    judged: dict[tuple[str, str], Decision] = {}
    for place, found in decisions.items():
        if Decision.CONFIRM in found:
            judged[place] = Decision.CONFIRM
        elif set(found) == {Decision.OVERTURN}:
            judged[place] = Decision.OVERTURN
    if stored.suspicion_reviews:
        for tone in stored.inspection.mood.tones:
            for category, value in tone.suspicions.items():
                if value >= SUSPECTED_AT_LEAST and (tone.turn_id, category) not in decisions:
                    judged[tone.turn_id, category] = Decision.OVERTURN
    return judged
