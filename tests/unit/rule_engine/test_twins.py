"""What is forbidden in two languages weighs the same in both."""

from __future__ import annotations

from qa_service.rule_wiring import build_rule_engine
from qa_service.settings import load_settings

LAWFUL_PUFFERY = {"absolute.superlative"}
"""The Chinese advertising law forbids superlatives as such (Art. 9), English law lets a trader's plain praise pass."""


def test_twin_rules_share_severity_and_status():
    rules = {rule.id: rule for rule in build_rule_engine(load_settings()).rules}
    twins = [(rule, rules[f"{name}.en"]) for name, rule in rules.items() if f"{name}.en" in rules]
    differing = {zh.id for zh, en in twins if (zh.severity, zh.status) != (en.severity, en.status)}

    assert len(twins) > 40
    assert differing == LAWFUL_PUFFERY
