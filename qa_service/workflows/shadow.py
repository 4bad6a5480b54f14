"""A second mood model beside the live one: what it would have said, after the live result is stored."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from statistics import fmean

from qa_service.domain.conversation import Conversation
from qa_service.domain.inspection import Inspection
from qa_service.domain.learning import ShadowDifference, mood_difference
from qa_service.workflows.ports import Clock, MoodModel, Normaliser, UnitOfWork

logger = logging.getLogger(__name__)

WAITING_AT_MOST = 256
"""Chats that may wait for the shadow model; it is a sample, so what comes then is left out, not waited for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A conversation whose live result is stored."""

    conversation_id: str
    conversation: Conversation
    inspection: Inspection


@dataclass(kw_only=True)
class Shadow:
    """Scores in a thread of its own, loaded with the first conversation; a failure is logged and touches nothing else."""

    unit_of_work: UnitOfWork
    clock: Clock
    normaliser: Normaliser
    load_model: Callable[[], MoodModel]
    left_out: int = field(default=0, init=False)
    _waiting: queue.Queue[Judged | None] = field(default_factory=lambda: queue.Queue(WAITING_AT_MOST), init=False)
    _is_broken: bool = field(default=False, init=False)
    _thread: threading.Thread | None = field(default=None, init=False)

    def offer(self, conversation_id: str, conversation: Conversation, inspection: Inspection) -> None:
        """Take a conversation whose live result is stored; never waits, never raises."""
        if self._is_broken:
            return
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="shadow", daemon=True)
            self._thread.start()
        try:
            self._waiting.put_nowait(
                Judged(conversation_id=conversation_id, conversation=conversation, inspection=inspection)
            )
        except queue.Full:
            self.left_out += 1
            if self.left_out == 1:
                logger.warning("the shadow model is behind: it leaves chats out")

    def stop(self, timeout_seconds: float = 10.0) -> None:
        """Finish what waits, if the time suffices."""
        if self._thread is not None:
            try:
                self._waiting.put(None, timeout=timeout_seconds)
            except queue.Full:
                return
            self._thread.join(timeout_seconds)
            self._thread = None

    def _run(self) -> None:
        try:
            model = self.load_model()
        except Exception as error:  # noqa: BLE001 - the same edge
            self._is_broken = True
            logger.error("no shadow model: it cannot be loaded: %r", error)
            return
        while (judged := self._waiting.get()) is not None:
            try:
                self._compare(model, judged)
            except Exception as error:  # noqa: BLE001 - the edge of a stage that may fail without touching the live result
                # The type alone: a message may quote the transcript.
                logger.error("shadow model failed: %s", type(error).__name__)

    def _compare(self, model: MoodModel, judged: Judged) -> None:
        (mood,) = model.score([self.normaliser.normalise(judged.conversation)])
        difference = ShadowDifference(
            conversation_id=judged.conversation_id,
            content_sha256=judged.inspection.provenance.text_sha256,
            live_revision=judged.inspection.provenance.model_revision,
            shadow_revision=model.revision,
            **asdict(mood_difference(judged.inspection.mood, mood)),
            created_at=self.clock.now(),
        )
        with self.unit_of_work() as repository:
            repository.add_shadow_difference(difference)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShadowReport:
    """The differences of one pair of models, over `conversations`; means are None where nothing can be compared."""

    live_revision: str
    shadow_revision: str
    conversations: int
    turns: int
    one_sided: int
    changed_emotions: int
    polarity_difference: float | None
    satisfaction_difference: float | None
    widest: tuple[ShadowDifference, ...]


def shadow_reports(differences: Sequence[ShadowDifference], *, widest: int = 5) -> list[ShadowReport]:
    """One report a pair of models, in the order in which they first met, with the conversations furthest apart.

    The polarity difference is the mean over turns, the satisfaction difference (shadow − live) over conversations.
    """
    pairs: dict[tuple[str, str], list[ShadowDifference]] = {}
    for difference in differences:
        pairs.setdefault((difference.live_revision, difference.shadow_revision), []).append(difference)
    return [_report(live, shadow, rows, widest) for (live, shadow), rows in pairs.items()]


def _report(live: str, shadow: str, rows: Sequence[ShadowDifference], widest: int) -> ShadowReport:
    turns = sum(row.turns for row in rows)
    apart = [row.polarity_difference * row.turns for row in rows if row.polarity_difference is not None]
    ratings = [row.satisfaction_difference for row in rows if row.satisfaction_difference is not None]
    furthest = sorted(rows, key=lambda row: (-(row.polarity_difference or 0.0), row.conversation_id))
    return ShadowReport(
        live_revision=live,
        shadow_revision=shadow,
        conversations=len(rows),
        turns=turns,
        one_sided=sum(row.one_sided for row in rows),
        changed_emotions=sum(row.changed_emotions for row in rows),
        polarity_difference=sum(apart) / turns if turns else None,
        satisfaction_difference=fmean(ratings) if ratings else None,
        widest=tuple(furthest[:widest]),
    )
