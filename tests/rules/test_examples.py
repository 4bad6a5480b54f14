"""Every example of every shipped rule."""

from __future__ import annotations

from pathlib import Path

import pytest

from qa_service.rule_engine import PackRuleEngine, load_packs, load_policies, run_examples

_RULES = Path(__file__).resolve().parents[2] / "rules"
_ENGINE = PackRuleEngine(load_packs(_RULES), load_policies(_RULES / "policies"))


@pytest.mark.parametrize("rule_id", [rule.id for rule in _ENGINE.rules])
def test_a_rule_gets_its_own_examples_right(rule_id: str) -> None:
    failures = run_examples(_ENGINE, rule_id=rule_id)

    assert [f"{failure.file}:{failure.line}: {failure.message}" for failure in failures] == []
