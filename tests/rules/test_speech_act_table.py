"""A table of sentences for every kind of speech act: what is held back keeps the words that say why; the rest counts."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from qa_service.domain.finding import Finding, Outcome
from qa_service.rule_engine import PackRuleEngine, load_packs, load_policies
from qa_service.rule_wiring import build_rule_engine
from qa_service.settings import load_settings
from tests.builders import conversation
from tests.unit.rule_engine.packs import POLICIES, inspect, only, rule, write_packs, write_yaml

_TABLES = Path(__file__).parent / "speech_acts"
_LANGUAGES = ("zh", "en")


def _table(name: str) -> dict[str, Any]:
    table: dict[str, Any] = yaml.safe_load((_TABLES / f"{name}.yaml").read_text(encoding="utf-8"))
    return table


def _rows(side: str) -> list[Any]:
    return [
        pytest.param(language, marked, id=f"{language}-{act}-{number}")
        for language in _LANGUAGES
        for act, sides in _table(language).items()
        for number, marked in enumerate(sides[side], start=1)
    ]


def _words(marked: str) -> tuple[str, str]:
    before, rest = marked.split("«")
    claim, after = rest.split("»")
    return before + claim + after, claim


@pytest.fixture(scope="module")
def engines(tmp_path_factory: pytest.TempPathFactory) -> dict[str, PackRuleEngine]:
    """One rule that finds the marked words of a language, under the shipped cues."""
    made = {}
    for language in _LANGUAGES:
        claims = {_words(row)[1] for sides in _table(language).values() for side in sides.values() for row in side}
        folder = write_packs(tmp_path_factory.mktemp(language), rule({"any": sorted(claims)}), language=language)
        shutil.copy(load_settings().rules_dir / language / "cues.yaml", folder / language)
        policies = write_yaml(folder / "policies.yaml", {"version": 1, "policies": POLICIES})
        made[language] = PackRuleEngine(load_packs(folder), load_policies(policies))
    return made


def _found(engines: dict[str, PackRuleEngine], language: str, text: str) -> tuple[Finding, ...]:
    return inspect(engines[language], conversation(f"agent: {text}", language=language))


@pytest.mark.parametrize(("language", "marked"), _rows("suppressed"))
def test_what_is_no_promise_is_kept_with_its_cue(
    engines: dict[str, PackRuleEngine], language: str, marked: str
) -> None:
    text, claim = _words(marked)

    findings = _found(engines, language, text)

    assert only(findings, Outcome.HIT) == []
    (held,) = only(findings, Outcome.SUPPRESSED)
    cue = held.explanation["cue"]
    assert held.text == claim
    assert text[cue["start"] : cue["end"]].lower() == cue["text"].lower()


@pytest.mark.parametrize(("language", "marked"), _rows("counts"))
def test_what_only_looks_held_back_counts(engines: dict[str, PackRuleEngine], language: str, marked: str) -> None:
    text, claim = _words(marked)

    findings = _found(engines, language, text)

    assert [finding.text for finding in only(findings, Outcome.HIT)] == [claim]
    assert only(findings, Outcome.SUPPRESSED) == []


@pytest.fixture(scope="module")
def shipped() -> PackRuleEngine:
    return build_rule_engine(load_settings())


@pytest.mark.parametrize(
    ("language", "text", "is_hit"),
    [
        pytest.param(language, text, side == "hit", id=f"{language}-{side}-{number}")
        for language, sides in _table("compounds").items()
        for side, texts in sides.items()
        for number, text in enumerate(texts, start=1)
    ],
)
def test_an_ordinary_word_is_no_hit_for_what_it_holds(
    shipped: PackRuleEngine, language: str, text: str, is_hit: bool
) -> None:
    findings = inspect(shipped, conversation(f"agent: {text}", language=language))

    placed = [finding.rule_id for finding in only(findings, Outcome.HIT) if finding.turn_id is not None]
    assert bool(placed) is is_hit, placed
