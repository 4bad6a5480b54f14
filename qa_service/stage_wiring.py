"""Builds the stages that an inspection runs, and holds them for as long as the process lives. Owns no rules."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from qa_service import __version__
from qa_service.ingest import content_sha256
from qa_service.normalise import ConversationNormaliser, PersonalDataMasker
from qa_service.rule_wiring import mood_model
from qa_service.scoring import ReplyMeter, Rubric, RubricScorer
from qa_service.settings import Settings
from qa_service.workflows.inspect_conversation import Inspector
from qa_service.workflows.ports import RuleEngine
from qa_service.workflows.telemetry import SILENT, Telemetry


@dataclass(kw_only=True)
class StagesHeld:
    """The stages of a process, loaded with the first use and shared by all its callers."""

    settings: Settings
    rubric: Rubric
    telemetry: Telemetry = SILENT
    _inspector: Inspector | None = field(default=None, init=False)
    _lock: threading.RLock = field(default_factory=threading.RLock, init=False)

    @property
    def is_loaded(self) -> bool:
        """Whether the model is in memory."""
        return self._inspector is not None

    def cache_counts(self) -> tuple[int, int]:
        """Turns that the model was and was not spared by its cache; none before it is loaded."""
        if self._inspector is None:
            return 0, 0
        return mood_model(self.settings).cache_counts()

    def inspector(self, rules_in_force: Callable[[], RuleEngine]) -> Inspector:
        """The stages with these rules.

        Raises:
            ConfigError: a pack, a policy or the model is wrong.
        """
        engine = rules_in_force()
        with self._lock:
            if self._inspector is None:
                self._inspector = build_inspector(
                    self.settings, rules=engine, rubric=self.rubric, telemetry=self.telemetry
                )
            elif self._inspector.rules is not engine:
                self._inspector = replace(self._inspector, rules=engine)
            return self._inspector


def build_inspector(
    settings: Settings, *, rules: RuleEngine, rubric: Rubric, telemetry: Telemetry = SILENT
) -> Inspector:
    """The stages, the model loaded. Raises ConfigError where a model file is missing or not the one of its manifest."""
    return Inspector(
        normaliser=ConversationNormaliser(),
        rules=rules,
        mood_model=mood_model(settings),
        meter=ReplyMeter(),
        scorer=RubricScorer(rubric),
        masker=PersonalDataMasker(),
        content_digest=content_sha256,
        code_version=__version__,
        telemetry=telemetry,
    )
