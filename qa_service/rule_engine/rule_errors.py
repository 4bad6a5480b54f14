"""What rules ask of policies, calendars and each other that is not there. Owns no syntax of packs (`rule_reader`)."""

from __future__ import annotations

from collections.abc import Sequence

from qa_service.errors import ConfigError
from qa_service.rule_engine.policies import Policies
from qa_service.rule_engine.prerequisites import prerequisite_errors
from qa_service.rule_engine.rule import Rule


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
        for key, place in rule.policy_keys:
            entries = policies.entries.get(key)
            if entries is None:
                errors.append(
                    place.error(f"there is no policy {key}; known are: {', '.join(sorted(policies.entries))}")
                )
            elif (entries[0].allowed is not None) != (key == rule.forbidden_by):
                errors.append(
                    place.error(f"{key} is {'a permission' if entries[0].allowed is not None else 'a value'}")
                )
    return errors
