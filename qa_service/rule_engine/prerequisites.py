"""Rules that are asked only where another rule has hit: their order, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from qa_service.domain.conversation import AgentId
from qa_service.errors import ConfigError
from qa_service.rule_engine.answer import Answer, not_applicable, unavailable
from qa_service.rule_engine.rule import Rule


def prerequisite_errors(rules: Sequence[Rule]) -> list[ConfigError]:
    """Prerequisites that there are not, and rules that wait for each other."""
    known = {rule.id for rule in rules}
    errors: list[ConfigError] = [
        place.error(f"there is no rule {name}") for rule in rules for name, place in rule.requires if name not in known
    ]
    if errors:
        return errors
    return [rule.requires[0][1].error(f"{rule.id} waits for rules that wait for it") for rule in _order(rules)[1]]


def levels(rules: Sequence[Rule]) -> tuple[tuple[Rule, ...], ...]:
    """The rules in rounds: each rule after all that it requires. Those that require nothing are the first round."""
    return _order(rules)[0]


def _order(rules: Sequence[Rule]) -> tuple[tuple[tuple[Rule, ...], ...], list[Rule]]:
    """The rounds, and the rules that no round can hold."""
    rounds: list[tuple[Rule, ...]] = []
    done: set[str] = set()
    waiting = list(rules)
    while ready := tuple(rule for rule in waiting if all(name in done for name, _ in rule.requires)):
        rounds.append(ready)
        done.update(rule.id for rule in ready)
        waiting = [rule for rule in waiting if rule.id not in done]
    return tuple(rounds), waiting


def unmet(
    rule: Rule,
    agent_id: AgentId | None,
    hits: Collection[tuple[str, AgentId | None]],
    failed: Collection[tuple[str, AgentId | None]],
) -> Answer | None:
    """Why a rule is not asked for an agent; None if one of the rules that it requires has hit.

    A hit counts for the agent who gave it; hits of customers and bots count for every agent, and where the rule is
    about no agent (agent_id None) any hit counts.

    Args:
        rule: the rule to ask.
        agent_id: for whom.
        hits: rule id and agent of every hit so far.
        failed: rule id and agent of what could not be judged because a stage failed.
    """
    required = {name for name, _ in rule.requires}
    if not required or any(_counts(key, required, agent_id) for key in hits):
        return None
    names = ", ".join(sorted(required))
    if any(_counts(key, required, agent_id) for key in failed):
        return unavailable(f"requires {names}, which could not be judged")
    return not_applicable(f"requires {names}, which has no hit")


def _counts(key: tuple[str, AgentId | None], required: Collection[str], agent_id: AgentId | None) -> bool:
    name, owner = key
    return name in required and (owner is None or agent_id is None or owner == agent_id)
