"""Builds the rule engine, from the rules folder or from what is published, and the models."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from qa_service.domain.finding import Finding, Outcome
from qa_service.errors import ConfigError, Conflict, QAServiceError, Unavailable
from qa_service.normalise import ConversationNormaliser
from qa_service.scoring import load_rubric, misplaced
from qa_service.settings import Settings
from qa_service.workflows.ports import Clock, UnitOfWork
from qa_service.workflows.publication import Publication
from qa_service.workflows.rule_precision import RulePrecision
from qa_service.workflows.shadow import Shadow

if TYPE_CHECKING:
    from qa_service.mood import OnnxMoodModel
    from qa_service.rule_engine import PackRuleEngine, Rule, SentenceEncoder

logger = logging.getLogger(__name__)


@dataclass(kw_only=True)
class RulesInForce:
    """The compiled packs of this process: the published ones, else those of the rules folder; demoted rules advisory."""

    settings: Settings
    precision: RulePrecision
    publication: Publication
    uses_published: bool
    failed_reloads: int = field(default=0, init=False)
    _engine: PackRuleEngine | None = field(default=None, init=False)
    _revision: int | None = field(default=None, init=False)
    _lock: threading.RLock = field(default_factory=threading.RLock, init=False)

    def engine(self) -> PackRuleEngine:
        """What was read last, read now if nothing was. Raises ConfigError, Unavailable."""
        with self._lock:
            if self._engine is None:
                revision = self.publication.revision()
                self._engine = self._read()
                self._revision = revision
            return self._engine

    def reload(self) -> bool:
        """Read packs and policies anew; False where they are wrong: those in force stay, the error is logged, counted."""
        try:
            revision = self.publication.revision()
            engine = self._read()
        except QAServiceError as error:
            self.failed_reloads += 1
            logger.error("rules stay as they were: %s", error.message, extra={"code": error.code})
            return False
        with self._lock:
            self._engine, self._revision = engine, revision
        logger.info("rules read anew", extra={"rules_digest": engine.rules_digest})
        return True

    def reload_everywhere(self, *, by: str) -> str:
        """Read packs and policies anew, here now and in all other processes before their next batch or request.

        Returns:
            The digest of the rules.

        Raises:
            Conflict: they are wrong; those in force stay in every process. The message names file and line.
        """
        try:
            engine = self._read()
        except ConfigError as error:
            self.failed_reloads += 1
            raise Conflict(f"the rules stay as they were: {error.message}", field=error.field) from error
        self.publication.ask_reload(engine.rules_digest, by=by)
        with self._lock:
            self._engine, self._revision = engine, self.publication.revision()
        logger.info("rules read anew", extra={"rules_digest": engine.rules_digest})
        return engine.rules_digest

    def keep_up(self) -> bool:
        """Reload if the rule log has moved on since the packs were read: one small query when it has not.

        Returns:
            Whether other packs are in force now. What is wrong is tried once a revision; without the store they stay.
        """
        if self._engine is None or not self._lock.acquire(blocking=False):
            return False
        try:
            revision = self.publication.revision()
            if revision == self._revision:
                return False
            self._revision = revision
            return self.reload()
        except Unavailable as error:
            logger.warning("rules stay as they were: the store is away", extra={"code": error.code})
            return False
        finally:
            self._lock.release()

    def compiled(self, files: Mapping[str, str]) -> PackRuleEngine:
        """Packs given as texts, as they would be in force. Raises ConfigError, InvalidInput."""
        return build_engine_of(self.settings, files, demoted=self.precision.demoted())

    def _read(self) -> PackRuleEngine:
        demoted = self.precision.demoted()
        published = self.publication.current() if self.uses_published else None
        if published is None:
            return build_rule_engine(self.settings, demoted=demoted)
        return build_engine_of(self.settings, published.files, demoted=demoted)


def build_rule_engine(
    settings: Settings, *, folder: Path | None = None, demoted: frozenset[tuple[str, int]] = frozenset()
) -> PackRuleEngine:
    """The packs (of `folder`, else of the settings) and policies, compiled; `demoted` rules are advisory.

    Raises:
        ConfigError: a pack, a policy or the rubric is wrong; the message names file and line.
    """
    from qa_service.rule_engine import PackRuleEngine, load_packs, load_policies  # noqa: PLC0415 - loads spaCy

    packs, policies = load_packs(folder or settings.rules_dir), load_policies(settings.policy_path)
    for error in misplaced_rules(packs.rules, settings):
        raise error
    return PackRuleEngine(packs.demoted(demoted), policies, encoder=sentence_encoder(settings))


def misplaced_rules(rules: Iterable[Rule], settings: Settings) -> Iterator[ConfigError]:
    """What is wrong with the points and dimensions that rules name, held against the rubric that scores.

    Raises:
        ConfigError: the rubric is wrong.
    """
    named = [rule for rule in rules if rule.points is not None or rule.dimension is not None]
    rubric = load_rubric(settings.rubric_path) if named else None
    for rule in named:
        hit = Finding(
            rule_id=rule.id,
            rule_version=rule.version,
            category=rule.category,
            severity=rule.severity,
            outcome=Outcome.HIT,
            points=rule.points,
            dimension=rule.dimension,
        )
        problem = misplaced(rubric, hit) if rubric is not None else None
        if problem is not None:
            yield rule.place.error(problem)


def build_engine_of(
    settings: Settings, files: Mapping[str, str], *, demoted: frozenset[tuple[str, int]] = frozenset()
) -> PackRuleEngine:
    """The same of packs given as texts.

    Raises:
        ConfigError: a pack is wrong; the message names file and line.
        InvalidInput: a path that is no pack and no list.
    """
    from qa_service.rule_engine import write_pack_files  # noqa: PLC0415 - loads spaCy

    with TemporaryDirectory() as folder:
        write_pack_files(files, Path(folder))
        return build_rule_engine(settings, folder=Path(folder), demoted=demoted)


def sentence_encoder(settings: Settings) -> SentenceEncoder:
    """The encoder of the mood model, loaded when a rule first needs it and shared with the inspector."""
    return lambda texts: mood_model(settings.models_dir, settings.model, settings.model_threads).encode(texts)


@lru_cache(maxsize=2)
def mood_model(models_dir: Path, name: str, threads: int) -> OnnxMoodModel:
    """The mood model, read once a process. Raises ConfigError."""
    from qa_service.mood import load_mood_model  # noqa: PLC0415 - loads onnxruntime

    return load_mood_model(models_dir, name=name, threads=threads)


def build_shadow(settings: Settings, unit_of_work: UnitOfWork, clock: Clock) -> Shadow | None:
    """What scores beside the live model, on one thread; None where no such model is set."""
    name = settings.shadow_model
    if name is None:
        return None
    return Shadow(
        unit_of_work=unit_of_work,
        clock=clock,
        normaliser=ConversationNormaliser(),
        load_model=lambda: mood_model(settings.models_dir, name, 1),
    )
