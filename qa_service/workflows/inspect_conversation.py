"""One conversation in, one inspection out. The only place that knows the order of the stages."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from qa_service.domain.conversation import Conversation
from qa_service.domain.finding import Finding, Outcome
from qa_service.domain.inspection import Inspection, InspectionStatus
from qa_service.domain.mood import ConversationMood, MoodStatus
from qa_service.domain.provenance import Provenance
from qa_service.domain.text import NormalisedConversation
from qa_service.errors import ErrorCode, QAServiceError
from qa_service.workflows.personal_data_ports import Masker
from qa_service.workflows.ports import ContentDigest, MoodModel, Normaliser, RuleEngine, Scorer, ServiceMeter
from qa_service.workflows.telemetry import SILENT, Stage, Telemetry

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspector:
    """The stages, built once. Same conversation and same parts give the same inspection.

    They read the conversation as it was said; what a result quotes of it is masked.
    """

    normaliser: Normaliser
    rules: RuleEngine
    mood_model: MoodModel
    meter: ServiceMeter
    scorer: Scorer
    masker: Masker
    content_digest: ContentDigest
    code_version: str
    telemetry: Telemetry = SILENT

    def inspect(self, conversations: Sequence[Conversation]) -> list[Inspection]:
        """Inspect some conversations, moods in one batch; one inspection each, same order."""
        normalised = [self._normalise(conversation) for conversation in conversations]
        moods = self._moods(normalised)
        return [self._assemble(n, mood) for n, mood in zip(normalised, moods, strict=True)]

    def inspect_apart(self, conversations: Sequence[Conversation]) -> list[Inspection | QAServiceError]:
        """Like `inspect`, but a conversation that breaks a stage fails alone: an error stands in its place."""
        try:
            return list(self.inspect(conversations))
        except Exception as error:  # noqa: BLE001 - the task edge
            if len(conversations) == 1:
                # The type alone: a message may quote the transcript.
                logger.error("inspection failed: %s", type(error).__name__)
                return [
                    error
                    if isinstance(error, QAServiceError)
                    else QAServiceError("inspection failed", code=ErrorCode.INTERNAL)
                ]
            return [self.inspect_apart([conversation])[0] for conversation in conversations]

    def provenance(self, conversation: Conversation) -> Provenance:
        """What an inspection of this conversation would be made from."""
        return Provenance(
            text_sha256=self.content_digest(conversation),
            rules_digest=self.rules.rules_digest,
            policy_digest=self.rules.policy_digest,
            model_revision=self.mood_model.revision,
            rubric=self.scorer.rubric,
            rubric_version=self.scorer.rubric_version,
            rubric_digest=self.scorer.rubric_digest,
            code_version=self.code_version,
        )

    def _normalise(self, conversation: Conversation) -> NormalisedConversation:
        with self.telemetry.stage(Stage.NORMALISE):
            return self.normaliser.normalise(conversation)

    def _moods(self, normalised: Sequence[NormalisedConversation]) -> list[ConversationMood]:
        """The moods; a conversation on which the model fails is `unavailable`, the others are not touched by it."""
        try:
            with self.telemetry.stage(Stage.MOOD):
                return self.mood_model.score(normalised)
        except Exception as error:  # noqa: BLE001 - the edge of a stage that may fail without ending the inspection
            if len(normalised) > 1:
                return [self._moods([one])[0] for one in normalised]
            logger.error("mood model failed: %s", type(error).__name__)
            return [ConversationMood(status=MoodStatus.UNAVAILABLE, reason="the mood model failed")]

    def _assemble(self, normalised: NormalisedConversation, mood: ConversationMood) -> Inspection:
        conversation = normalised.conversation
        with self.telemetry.stage(Stage.MEASURE):
            agents = self.meter.measure(conversation, mood)
        with self.telemetry.stage(Stage.RULES):
            findings = self.rules.inspect(normalised, mood, agents)
        with self.telemetry.stage(Stage.SCORE):
            scorecards = self.scorer.score(conversation, findings, mood, agents)
        inspection = Inspection(
            external_id=conversation.external_id,
            status=_status(findings, mood),
            findings=findings,
            mood=mood,
            agents=agents,
            scorecards=scorecards,
            provenance=self.provenance(conversation),
        )
        return self.masker.mask_inspection(conversation, inspection)


def _status(findings: Sequence[Finding], mood: ConversationMood) -> InspectionStatus:
    failed = mood.status is MoodStatus.UNAVAILABLE or any(f.outcome is Outcome.UNAVAILABLE for f in findings)
    return InspectionStatus.PARTIAL if failed else InspectionStatus.COMPLETE
