"""Checks a folder of packs as a whole: every error, missing policies, failing examples."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from qa_service.errors import ConfigError
from qa_service.rule_engine.engine import PackRuleEngine
from qa_service.rule_engine.examples import run_examples
from qa_service.rule_engine.idle_rules import doubled_words, idle_rules
from qa_service.rule_engine.impossible import impossible_conditions
from qa_service.rule_engine.pack_loader import read_folder
from qa_service.rule_engine.policies import load_policies
from qa_service.rule_engine.rule import Rule
from qa_service.rule_engine.rule_errors import rule_errors
from qa_service.rule_engine.sentences import SentenceEncoder
from qa_service.rule_engine.yaml_field import SourceError

Checks = Iterable[Callable[[Sequence[Rule]], Iterable[ConfigError]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something to put right, with its place; line 0 where a file as a whole is meant.

    A warning is nothing wrong, and likely not what is meant.
    """

    file: str
    line: int
    message: str
    is_warning: bool = False


def check_folder(
    rules_dir: Path, policy: Path, *, encoder: SentenceEncoder | None = None, also: Checks = (), warn: Checks = ()
) -> list[Problem]:
    """All problems of the packs and policies, by file and line; examples run only when nothing else is wrong.

    Examples of rules with `similar` need the encoder. `also` are checks of all rules that know more than packs and
    policies; what `warn` finds are warnings.
    """
    reading = read_folder(rules_dir)
    errors = list(reading.errors)
    try:
        policies = load_policies(policy)
    except ConfigError as error:
        return _sorted([_problem(found) for found in (*errors, error)])
    rules = tuple(reading.rules.values())
    errors.extend(rule_errors(rules, policies))
    errors.extend(idle_rules(rules))
    errors.extend(impossible_conditions(rules))
    errors.extend(error for check in also for error in check(rules))
    warnings = [replace(_problem(error), is_warning=True) for check in (doubled_words, *warn) for error in check(rules)]
    if errors:
        return _sorted([*warnings, *(_problem(error) for error in errors)])
    failures = run_examples(PackRuleEngine(reading.compile(), policies, encoder=encoder))
    failed = [
        Problem(file=found.file, line=found.line, message=f"{found.rule_id}: {found.message}") for found in failures
    ]
    return _sorted([*warnings, *failed])


def _problem(error: ConfigError) -> Problem:
    if isinstance(error, SourceError):
        detail = f"{error.field}: {error.detail}" if error.field else error.detail
        return Problem(file=error.file, line=error.line, message=detail)
    return Problem(file="", line=0, message=error.message)


def _sorted(problems: list[Problem]) -> list[Problem]:
    return sorted(problems, key=lambda problem: (problem.file, problem.line, problem.message))
