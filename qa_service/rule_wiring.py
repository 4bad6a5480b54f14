"""Builds the rule engine, from the rules folder or from what is published, and the models."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from qa_service.domain.finding import Finding, Outcome, RuleStatus
from qa_service.domain.rule_log import ReloadCause, RuleDigests
from qa_service.errors import ConfigError, Conflict, QAServiceError, Unavailable
from qa_service.normalise import ConversationNormaliser
from qa_service.rules_folder import RulesFolder
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
    folder: RulesFolder = field(init=False)
    failed_reloads: int = field(default=0, init=False)
    refused: str | None = field(default=None, init=False)
    """Why what was read last is not in force; None where it is."""
    _engine: PackRuleEngine | None = field(default=None, init=False)
    _revision: int | None = field(default=None, init=False)
    _lock: threading.RLock = field(default_factory=threading.RLock, init=False)

    def __post_init__(self) -> None:
        self.folder = RulesFolder(self.settings.rules_dir, self.settings.policy_path)

    def engine(self) -> PackRuleEngine:
        """What was read last, read now if nothing was. Raises ConfigError, Unavailable."""
        with self._lock:
            if self._engine is None:
                self.folder.note()
                revision = self.publication.revision()
                self._engine = self._read()
                self._revision = revision
            return self._engine

    def reload(self, cause: ReloadCause) -> bool:
        """Read packs and policies anew, and write it into the audit log.

        Returns:
            Whether they are in force now. Where they are wrong, those in force stay; the error is logged, counted and
            kept in `refused`. Files that were touched but say the same are no reload.
        """
        self.folder.note()
        try:
            revision = self.publication.revision()
            engine = self._read()
            if cause is ReloadCause.FOLDER and _digests(engine) == self._digests:
                self.refused = None
                return False
            self.publication.note_reload(cause, before=self._digests, after=_digests(engine))
        except QAServiceError as error:
            if isinstance(error, Unavailable):
                self.folder.forget()
            self._refuse(error)
            logger.error("rules stay as they were: %s", error.message, extra={"code": error.code})
            return False
        self._take(engine, revision)
        return True

    def reload_everywhere(self, *, by: str) -> str:
        """Read packs and policies anew, here now and in all other processes before their next batch or request.

        Returns:
            The digest of the rules.

        Raises:
            Conflict: they are wrong; those in force stay in every process. The message names file and line.
        """
        self.folder.note()
        try:
            engine = self._read()
        except ConfigError as error:
            self._refuse(error)
            raise Conflict(f"the rules stay as they were: {error.message}", field=error.field) from error
        self.publication.ask_reload(by=by, before=self._digests, after=_digests(engine))
        self._take(engine, self.publication.revision())
        return engine.rules_digest

    def keep_up(self) -> bool:
        """Reload if the rule log has moved on, or the files have changed, since the packs were read.

        One small query, and at most every two seconds a look at the files' times, when neither has.

        Returns:
            Whether other packs are in force now. What is wrong is tried once; without the store they stay.
        """
        if self._engine is None or not self._lock.acquire(blocking=False):
            return False
        try:
            revision = self.publication.revision()
            if revision != self._revision:
                self._revision = revision
                return self.reload(ReloadCause.LOG)
            return self.folder.has_changed() and self.reload(ReloadCause.FOLDER)
        except Unavailable as error:
            logger.warning("rules stay as they were: the store is away", extra={"code": error.code})
            return False
        finally:
            self._lock.release()

    @property
    def _digests(self) -> RuleDigests | None:
        """What is in force; None where nothing was read yet."""
        return None if self._engine is None else _digests(self._engine)

    def _take(self, engine: PackRuleEngine, revision: int) -> None:
        with self._lock:
            self._engine, self._revision, self.refused = engine, revision, None
        logger.info("rules read anew", extra={"rules_digest": engine.rules_digest})

    def _refuse(self, error: QAServiceError) -> None:
        self.failed_reloads += 1
        self.refused = error.message

    def compiled(self, files: Mapping[str, str]) -> PackRuleEngine:
        """Packs given as texts, as they would be in force. Raises ConfigError, InvalidInput."""
        return build_engine_of(self.settings, files, demoted=self.precision.demoted())

    def _read(self) -> PackRuleEngine:
        demoted = self.precision.demoted()
        published = self.publication.current() if self.uses_published else None
        if published is None:
            return build_rule_engine(self.settings, demoted=demoted)
        return build_engine_of(self.settings, published.files, demoted=demoted)


def _digests(engine: PackRuleEngine) -> RuleDigests:
    return RuleDigests(rules=engine.rules_digest, policies=engine.policy_digest)


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
        problem = misplaced(rubric, _hit_of(rule)) if rubric is not None else None
        if problem is not None:
            yield rule.place.error(problem)


def costless_rules(rules: Iterable[Rule], settings: Settings) -> Iterator[ConfigError]:
    """The rules that should move scores and that no criterion of the rubric looks at.

    Those that name points or a dimension are `misplaced_rules`.

    Raises:
        ConfigError: the rubric is wrong.
    """
    rubric = load_rubric(settings.rubric_path)
    for rule in rules:
        moves_scores = rule.status in (RuleStatus.SCORED, RuleStatus.AUTO_CONFIRMED)
        names_a_place = rule.points is not None or rule.dimension is not None
        hit = _hit_of(rule)
        if moves_scores and not names_a_place and not any(one.looks_at(hit) for one in rubric.dimensions):
            yield rule.place.error(
                f"{rule.id} is {rule.status}, and deducts nothing: no criterion of rubric {rubric.id} looks at {rule.category} of"
                f" severity {rule.severity}; it looks at: {', '.join(rubric.categories)}"
            )


def _hit_of(rule: Rule) -> Finding:
    return Finding(
        rule_id=rule.id,
        rule_version=rule.version,
        category=rule.category,
        severity=rule.severity,
        outcome=Outcome.HIT,
        points=rule.points,
        dimension=rule.dimension,
    )


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
    return lambda texts: mood_model(settings).encode(texts)


def mood_model(settings: Settings) -> OnnxMoodModel:
    """The mood model that scores, read once a process. Raises ConfigError, which names the setting."""
    with _named("QA_MODEL"):
        return _loaded(settings.models_dir, settings.model, settings.model_threads)


@lru_cache(maxsize=2)
def _loaded(models_dir: Path, name: str, threads: int) -> OnnxMoodModel:
    from qa_service.mood import load_mood_model  # noqa: PLC0415 - loads onnxruntime

    return load_mood_model(models_dir, name=name, threads=threads)


@contextmanager
def _named(setting: str) -> Iterator[None]:
    try:
        yield
    except ConfigError as error:
        raise ConfigError(f"{setting}: {error}", code=error.code, field=setting) from error


def build_shadow(settings: Settings, unit_of_work: UnitOfWork, clock: Clock) -> Shadow | None:
    """What scores beside the live model, on one thread; None where no such model is set.

    Raises:
        ConfigError: no such model is there; the message names the setting.
    """
    name = settings.shadow_model
    if name is None:
        return None
    from qa_service.mood import read_manifest  # noqa: PLC0415 - loads onnxruntime

    with _named("QA_SHADOW_MODEL"):
        read_manifest(settings.models_dir / name)
    return Shadow(
        unit_of_work=unit_of_work,
        clock=clock,
        normaliser=ConversationNormaliser(),
        load_model=lambda: _loaded(settings.models_dir, name, 1),
    )
