"""What rules ask of policies, calendars and each other that is not there. Owns no syntax of packs (`rule_reader`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from qa_service.errors import ConfigError
from qa_service.rule_engine.policies import Policies
from qa_service.rule_engine.prerequisites import prerequisite_errors
from qa_service.rule_engine.rule import PolicyUse, Rule


def rule_errors(rules: Sequence[Rule], policies: Policies) -> list[ConfigError]:
    """What rules ask of policies and of each other that is not there."""
    return [*policy_errors(rules, policies), *prerequisite_errors(rules)]


def policy_errors(rules: Sequence[Rule], policies: Policies) -> list[ConfigError]:
    """What rules ask of policies that is not there."""
    errors: list[ConfigError] = []
    for rule in rules:
        for name, place in rule.calendars:
            if name not in policies.calendars:
                known = ", ".join(sorted(policies.calendars)) or "none"
                errors.append(place.error(f"there is no calendar {name} in the policies; known are: {known}"))
        for use in rule.policies:
            errors.extend(_use_errors(rule, use, policies))
    return errors


def _use_errors(rule: Rule, use: PolicyUse, policies: Policies) -> Iterator[ConfigError]:
    entries = policies.entries.get(use.key)
    if entries is None:
        yield use.place.error(f"there is no policy {use.key}; known are: {', '.join(sorted(policies.entries))}")
        return
    if (entries[0].allowed is not None) != (use.key == rule.forbidden_by):
        yield use.place.error(f"{use.key} is {'a permission' if entries[0].allowed is not None else 'a value'}")
        return
    for policy in entries:
        if policy.unit is not None and policy.unit not in use.units and policy.place is not None:
            yield policy.place.error(
                f"{use.key} is in {policy.unit}, in which no value of {rule.id} ({use.place.file}:{use.place.line}) can be "
                f"compared; give one of: {', '.join(sorted(use.units))}"
            )
