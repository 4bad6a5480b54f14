"""The limit of a `quantity`: a policy's value in force, or a number."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Protocol

from qa_service.rule_engine.nodes.base import Reader
from qa_service.rule_engine.place import Place
from qa_service.rule_engine.values.compare import Operator, Verdict, compares, units_of, verdict
from qa_service.rule_engine.values.quantity import Kind, Quantity, Unit, plain
from qa_service.rule_engine.yaml_field import Field


class MissingPolicy(Exception):
    """No policy of this key is in force, so nothing can be compared."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


class Limit(Protocol):
    """What a stated value is held against."""

    def broken_by(self, stated: Quantity, said_at: Place) -> dict[str, Any] | None:
        """What the explanation adds where `stated` breaks it, else None."""

    def bound(self, said_at: Place) -> str:
        """What a value must be to break it, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyLimit:
    """Better or worse for the customer than the policy in force when it was said."""

    key: str
    verdict: Verdict

    def broken_by(self, stated: Quantity, said_at: Place) -> dict[str, Any] | None:
        """The policy and the verdict; raises MissingPolicy."""
        conversation = said_at.conversation
        policy = conversation.policies.get(self.key, said_at.turn.sent, conversation.conversation)
        if policy is None or policy.value is None or policy.unit is None or policy.direction is None:
            raise MissingPolicy(self.key)
        found = verdict(stated, value=policy.value, unit=policy.unit, entitlement=policy.direction)
        if found is not self.verdict:
            return None
        return {"policy": policy.as_json(), "verdict": f"{found}_than_policy"}

    def bound(self, said_at: Place) -> str:
        """`better than return_days, 3 day`."""
        reading = said_at.conversation
        policy = reading.policies.get(self.key, said_at.turn.sent, reading.conversation)
        if policy is None or policy.value is None:
            return f"{self.verdict} than {self.key}, which is not in force"
        return f"{self.verdict} than {self.key}, {plain(policy.value)} {policy.unit}"


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberLimit:
    """The stated upper end stands so to a number."""

    operator: Operator
    value: Fraction
    unit: Unit

    def broken_by(self, stated: Quantity, said_at: Place) -> dict[str, Any] | None:
        """The number and how it was compared."""
        if not compares(stated, self.operator, value=self.value, unit=self.unit):
            return None
        return {"limit": {"op": str(self.operator), "value": plain(self.value), "unit": str(self.unit)}}

    def bound(self, said_at: Place) -> str:
        """`gt 100 currency`."""
        return f"{self.operator} {plain(self.value)} {self.unit}"


def read_limit(field: Field, reader: Reader, kinds: Iterable[Kind]) -> Limit:
    """`{policy: return_days, verdict: better}` or `{value: 100, unit: currency, op: gt}`, in a unit that these kinds have."""
    units = frozenset(unit for kind in kinds for unit in units_of(kind))
    if "policy" in field.entries():
        fields = field.fields(required=("policy", "verdict"))
        return PolicyLimit(key=reader.policy(fields["policy"], units), verdict=fields["verdict"].choice(Verdict))
    fields = field.fields(required=("value", "unit", "op"))
    unit = fields["unit"].choice(Unit)
    if unit not in units:
        raise fields["unit"].error(f"no value of this kind compares in {unit}; give one of: {', '.join(sorted(units))}")
    return NumberLimit(operator=fields["op"].choice(Operator), value=fields["value"].exact(), unit=unit)
