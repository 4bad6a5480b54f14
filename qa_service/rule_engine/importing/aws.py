"""Amazon Connect's rule functions (post-chat analysis): a tree of AND, OR over conditions with `Negate` and filters."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import product
from typing import Any

from qa_service.rule_engine.importing.source import (
    Draft,
    Source,
    items,
    mapping,
    number,
    plain,
    read_json,
    slug,
    text_list,
)
from qa_service.rule_engine.importing.tree import (
    AGENT,
    CUSTOMER,
    All,
    Leaf,
    Lost,
    Node,
    Some,
    Tree,
    joined,
    negated,
)

_VERSION = "2022-11-25"
_ROLES = {"AGENT": AGENT, "CUSTOMER": CUSTOMER, "ANY": None}
_CHANNEL = re.compile(r"\$\.ContactLens\.(?:PostChat|RealTimeChat|PostCall|RealTimeCall)\.")
_ATTRIBUTE = re.compile(r"(?:ContactAttributes?|SegmentAttributes\.UserDefined)\W+([A-Za-z0-9_]+)\W*$")
_COMPARED = {"NumberGreaterOrEqualTo": "ge", "NumberLessOrEqualTo": "le"}
_FIGURES = {
    "ResponseTime.Agent.FirstResponseTimeSecs": "first_reply_seconds",
    "ResponseTime.Agent.AverageTimeSecs": "average_reply_seconds",
    "ResponseTime.Agent.LongestTimeSecs": "longest_reply_seconds",
    "AgentInteractionDurationSecs": "duration_seconds",
    "Score.Beginning": "mood_start",
    "Score.End": "mood_end",
}
_FACTS = {
    "Queue.QueueId": "queue", "Queue": "queue", "RoutingProfile": "routing_profile",
    "InitiationMethod": "initiation_method", "DisconnectReason": "disconnect_reason",
}  # fmt: skip
_STATES: Mapping[str, Node] = {
    "NEGATIVE": {"mood": {"polarity_below": -0.3}},
    "POSITIVE": {"mood": {"polarity_above": 0.3}},
    "NEUTRAL": {"not": {"or": [{"mood": {"polarity_below": -0.3}}, {"mood": {"polarity_above": 0.3}}]}},
}
_SCORE_RANGE = 5
"""Their moods go from -5 to 5, ours from -1 to 1."""
_MOST_PHRASES = 200
_FURTHEST = 6
"""Optional tokens that a token pattern may have."""


def read_aws(content: str) -> Source:
    """One rule function, one rule as `DescribeRule` gives it, or a list of them.

    Raises:
        Lost: no JSON, or no rule function in it.
    """
    data = read_json(content)
    source = Source()
    for at, item in enumerate(data if isinstance(data, list) else [data]):
        path = f"[{at}]" if isinstance(data, list) else "$"
        try:
            source.drafts.append(_rule(item, path, at, source))
        except Lost as lost:
            source.lost.append(lost)
    return source


def _rule(item: object, path: str, at: int, source: Source) -> Draft:
    rule = item.get("Rule", item) if isinstance(item, Mapping) else None
    if not isinstance(rule, Mapping):
        raise Lost(path, "must be a rule or a rule function")
    function = rule.get("Function", rule)
    function = read_json(function) if isinstance(function, str) else function
    if not isinstance(function, Mapping) or "RuleFunction" not in function:
        raise Lost(path, "has no RuleFunction")
    if function.get("Version", _VERSION) != _VERSION:
        raise Lost(f"{path}.Version", f"is not {_VERSION}")
    name = str(rule.get("Name") or f"rule {at + 1}")
    tree = _Function(source).tree(function["RuleFunction"], f"{path}.RuleFunction")
    if rule.get("Actions"):
        # `DescribeRule` always has them, and no rule finds less without.
        source.note(f"{path}.Actions", "actions are no part of a pack; results are pushed as a whole")
    return Draft(key=slug(name, f"rule_{at + 1}"), title=name, path=path, tree=tree)


class _Function:
    """Reads one tree; `source` takes notes."""

    def __init__(self, source: Source) -> None:
        self._source = source

    def tree(self, item: object, path: str, depth: int = 0) -> Tree:
        if not isinstance(item, Mapping) or depth > 20:
            raise Lost(path, "must be an object, at most 20 deep")
        operator, operands = item.get("Operator"), item.get("Operands")
        if operator in ("AND", "OR"):
            if not isinstance(operands, list) or not operands:
                raise Lost(f"{path}.Operands", "must be a list of conditions")
            trees = tuple(self.tree(one, f"{path}.Operands[{at}]", depth + 1) for at, one in enumerate(operands))
            whole: Tree = All(trees) if operator == "AND" else Some(trees)
        else:
            whole = self._condition(item, path)
        return negated(whole) if item.get("Negate") is True else whole

    def _condition(self, item: Mapping[str, Any], path: str) -> Tree:
        if "ComparisonValue" not in item:
            raise Lost(path, "has neither Operator AND or OR nor a ComparisonValue")
        value = str(item["ComparisonValue"])
        subject, found = _CHANNEL.subn("", value)
        if not found:
            raise Lost(f"{path}.ComparisonValue", f"{value!r} is no value of a conversation")
        if subject.endswith(".Transcript"):
            return self._said(item, subject, path)
        if subject.endswith(("Sentiment", "Sentiment.State")):
            return self._felt(item, path)
        figure = next((name for end, name in _FIGURES.items() if subject.endswith(end)), None)
        if figure is not None:
            return self._figure(item, figure, path)
        return self._known(item, subject, path)

    def _said(self, item: Mapping[str, Any], subject: str, path: str) -> Tree:
        role, window = _filters(item, path)
        if item.get("Operator") != "CONTAINS_ANY":
            raise Lost(f"{path}.Operator", "only CONTAINS_ANY is asked of a transcript")
        operands, place = item.get("Operands"), f"{path}.Operands"
        if subject.startswith("ExactMatch"):
            node: Node = {"any": text_list(operands, place)}
        elif subject.startswith("SemanticMatch"):
            node = {"similar": {"to": text_list(operands, place), "at_least": 0.7}}
            self._source.note(place, "sentences are compared by another model: try the threshold 0.7 on own chats")
        elif subject.startswith("PatternMatch"):
            if not isinstance(operands, list) or not operands:
                raise Lost(place, "must be a list of patterns")
            node = joined("or", [_pattern(one, f"{place}[{at}]") for at, one in enumerate(operands)])
        else:
            raise Lost(f"{path}.ComparisonValue", f"there is no {subject} here")
        if window:
            return Leaf(node={"and": [node, {"position": window}]}, role=role)
        return Leaf(node=node, role=role, absence={"phrase": node, "anywhere": True} if role == AGENT else None)

    def _felt(self, item: Mapping[str, Any], path: str) -> Tree:
        role, window = _filters(item, path)
        if role == AGENT:
            raise Lost(path, "only the customer's mood is judged")
        states = text_list(item.get("Operands"), f"{path}.Operands")
        if not set(states) <= _STATES.keys():
            raise Lost(f"{path}.Operands", f"must be of {', '.join(_STATES)}")
        self._source.note(path, "POSITIVE and NEGATIVE are read as a polarity above 0.3 and below -0.3")
        node = joined("or", [_STATES[state] for state in states])
        return Leaf(node={"and": [node, {"position": window}]} if window else node, role=CUSTOMER)

    def _figure(self, item: Mapping[str, Any], figure: str, path: str) -> Tree:
        op = _COMPARED.get(str(item.get("Operator")))
        if op is None:
            raise Lost(f"{path}.Operator", f"must be one of {', '.join(_COMPARED)}")
        if figure.startswith("mood") and _filters(item, path)[0] == AGENT:
            raise Lost(path, "only the customer's mood is judged")
        operands = item.get("Operands")
        value = number(operands[0] if isinstance(operands, list) and operands else operands, f"{path}.Operands")
        if figure.startswith("mood"):
            self._source.note(path, "a score of -5 to 5 is read as -1 to 1; the models differ, try it on own chats")
            value /= _SCORE_RANGE
        if figure == "duration_seconds":
            self._source.note(path, "the whole conversation is timed, with what a bot said before the agent")
        return Leaf(node={"figure": {"name": figure, "op": op, "value": plain(value)}}, is_chat=True)

    def _known(self, item: Mapping[str, Any], subject: str, path: str) -> Tree:
        operands, place = item.get("Operands"), f"{path}.Operands"
        if subject.endswith("AgentId"):
            return Leaf(node={"sender": {"id": text_list(operands, place)}})
        if "HierarchyGroup" in subject:
            self._source.note(place, "groups are compared as chats name them: give names in place of ARNs")
            return Leaf(node={"sender": {"group": text_list(operands, place)}})
        given = _ATTRIBUTE.search(subject)
        name = given[1] if given else next((name for end, name in _FACTS.items() if subject.endswith(end)), None)
        if name is None:
            raise Lost(f"{path}.ComparisonValue", f"there is no {subject} in a chat")
        if not given:
            self._source.note(path, f"chats must bring {subject} as attributes.{name}")
        field = f"attributes.{name}"
        if not operands or operands == [""]:
            return Leaf(node={"fact": {"field": field, "op": "missing"}}, is_chat=True)
        facts = [{"fact": {"field": field, "op": "eq", "value": text}} for text in text_list(operands, place)]
        return Leaf(node=joined("or", facts), is_chat=True)


def _filters(item: Mapping[str, Any], path: str) -> tuple[str | None, dict[str, Any]]:
    """The role (None is anybody) and the fields of `position`."""
    role, window = None, {}
    clause = mapping(item.get("FilterClause"), f"{path}.FilterClause")
    for at, one in enumerate(items(clause.get("Filters"), f"{path}.FilterClause.Filters")):
        place = f"{path}.FilterClause.Filters[{at}]"
        kind, data = (one.get("Type"), one.get("Data")) if isinstance(one, Mapping) else (None, None)
        if kind == "ParticipantRole" and str(data) in _ROLES:
            role = _ROLES[str(data)]
        elif str(kind).endswith("ContactPeriodSeconds") and isinstance(data, Mapping) and len(data) == 1:
            name, seconds = next(iter(data.items()))
            window = {f"{str(name).lower()}_seconds": plain(number(seconds, f"{place}.Data"))}
        else:
            raise Lost(place, f"there is no filter {kind} like this")
    return role, window


def _pattern(operand: object, path: str) -> Node:
    """One operand: a text with `*`, or objects one after the other."""
    if isinstance(operand, str):
        return {"wildcard": [operand]} if "*" in operand else {"any": [operand]}
    given = operand if isinstance(operand, list) else [operand]
    parts: list[Mapping[str, Any]] = [part for part in given if isinstance(part, Mapping) and "Type" in part]
    if not parts or len(parts) != len(given):
        raise Lost(path, "must be a text or a list of pattern objects")
    kinds = [str(part["Type"]) for part in parts]
    if set(kinds) - {"PLAIN", "LIST", "PROXIMITY", "NUMERICAL"}:
        raise Lost(path, "has an unknown pattern object")
    if "NUMERICAL" in kinds:
        return {"tokens": [token for at, part in enumerate(parts) for token in _tokens(part, f"{path}[{at}]")]}
    if kinds.count("PROXIMITY") > 1 or "PROXIMITY" in (kinds[0], kinds[-1]):
        raise Lost(path, "one PROXIMITY between two groups of words can be carried over")
    if "PROXIMITY" not in kinds:
        return _words_node(_phrases(parts, path))
    at = kinds.index("PROXIMITY")
    distance, is_within = _proximity(parts[at], f"{path}[{at}]")
    other = "b" if is_within else "without"
    words = {"a": _phrases(parts[:at], path), other: _phrases(parts[at + 1 :], path)}
    return {"near": {**words, "words": distance, "within": "turn"}}


def _words_node(phrases: list[str]) -> Node:
    return {"wildcard": phrases} if any("*" in phrase for phrase in phrases) else {"any": phrases}


def _phrases(parts: list[Mapping[str, Any]], path: str) -> list[str]:
    choices = [_choices(part, f"{path}[{at}]") for at, part in enumerate(parts)]
    phrases = [" ".join(words) for words in product(*choices)]
    if len(phrases) > _MOST_PHRASES:
        raise Lost(path, f"stands for more than {_MOST_PHRASES} phrases")
    return phrases


def _choices(part: Mapping[str, Any], path: str) -> list[str]:
    value = part.get("Value", part.get("Data"))
    if part["Type"] == "LIST" and isinstance(value, list):
        value = [one.get("Value", one.get("Data")) if isinstance(one, Mapping) else one for one in value]
    return text_list(value, f"{path}.Value")


def _proximity(part: Mapping[str, Any], path: str) -> tuple[int, bool]:
    value = part.get("Value", part.get("Data"))
    if not isinstance(value, Mapping):
        raise Lost(f"{path}.Value", "must have Distance and IsWithin")
    return int(number(value.get("Distance"), f"{path}.Value.Distance")), value.get("IsWithin", True) is True


def _tokens(part: Mapping[str, Any], path: str) -> list[dict[str, Any]]:
    if part["Type"] == "NUMERICAL":
        return [{"LIKE_NUM": True}]
    if part["Type"] == "PROXIMITY":
        distance, is_within = _proximity(part, path)
        if not is_within or not 1 <= distance <= _FURTHEST:
            raise Lost(path, f"beside a number only 1 to {_FURTHEST} words within can be carried over")
        return [{"OP": f"{{0,{distance}}}"}]
    choices = _choices(part, path)
    if len(choices) == 1:
        return [{"LOWER": word.lower()} for word in choices[0].split()]
    if any(" " in choice for choice in choices):
        raise Lost(path, "beside a number a list can hold single words only")
    return [{"LOWER": {"IN": [choice.lower() for choice in choices]}}]
