"""Alibaba's rules over conditions (`a&&!b`), conditions over operators with ranges. Owns no operator."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from qa_service.domain.finding import Severity
from qa_service.rule_engine.importing.alibaba_operators import Operator, read_operator
from qa_service.rule_engine.importing.source import Draft, Source, items, mapping, number, read_json, slug
from qa_service.rule_engine.importing.tree import (
    AGENT,
    CUSTOMER,
    All,
    Leaf,
    Lost,
    Node,
    Not,
    Tree,
    joined,
    negated,
    read_logic,
)

_ROLES = {"客服": AGENT, "坐席": AGENT, "客户": CUSTOMER, "": None, "所有": None, "全部": None}
_SEVERITIES = (Severity.MINOR, Severity.MAJOR, Severity.CRITICAL)
_ALIASES = {
    "conditioninfocid": "cid", "anchorcid": "cid", "operlambda": "lambda", "rulelambda": "lambda", "opername": "name",
    "operkeywords": "keywords", "ruleid": "rid", "rulename": "name", "opertype": "type",
}  # fmt: skip
_WRAPPER = re.compile(r"[A-Za-z]*Info(?:List)?$")
_FLOW = 11
_ALWAYS = (True, 1, "1", "true")
_DAY = 10


def read_alibaba(content: str) -> Source:
    """What `UploadRule` takes and `GetRule…` gives: `{"conditions": […], "rules": […]}`, also under `data`.

    Raises:
        Lost: no JSON, or no rules in it.
    """
    data = _plain_keys(read_json(content))
    data = data.get("data", data.get("jsonstr", data)) if isinstance(data, dict) else data
    if not isinstance(data, dict) or not isinstance(data.get("rules"), list):
        raise Lost("$", "must have conditions and rules")
    source = Source()
    conditions = _Conditions(items(data.get("conditions"), "conditions"), source)
    known = {str(rule.get("rid")): _key(rule, at) for at, rule in enumerate(data["rules"]) if isinstance(rule, dict)}
    for at, rule in enumerate(data["rules"]):
        try:
            source.drafts.append(_rule(rule, f"rules[{at}]", at, conditions, known))
        except Lost as lost:
            source.lost.append(lost)
    return source


def _plain_keys(value: object) -> Any:
    """Keys without capitals and underscores, lists without the wrappers of the SDKs, JSON in texts opened."""
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return _plain_keys(json.loads(value))
        except json.JSONDecodeError:
            return value
    if isinstance(value, list):
        return [_plain_keys(item) for item in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1 and _WRAPPER.fullmatch(name := next(iter(value))) and isinstance(value[name], list):
        return _plain_keys(value[name])
    found = {}
    for name, item in value.items():
        key = name.lower().replace("_", "")
        found[_ALIASES.get(key, key)] = _plain_keys(item)
    return found


def _key(rule: Mapping[str, Any], at: int) -> str:
    return f"rule_{slug(str(rule.get('rid') or at + 1), str(at + 1))}"


def _rule(rule: Any, path: str, at: int, conditions: _Conditions, known: Mapping[str, str]) -> Draft:
    if not isinstance(rule, dict):
        raise Lost(path, "must be an object")
    if int(number(rule.get("targettype", 0), f"{path}.targetType")) == _FLOW:
        raise Lost(f"{path}.targetType", "flow rules cannot be carried over")
    source = conditions.source
    triggers = {str(name) for name in items(rule.get("triggers"), f"{path}.triggers")}
    tree = read_logic(
        str(rule.get("lambda") or ""), f"{path}.lambda", lambda name: conditions.leaf(name, f"{path}.lambda", triggers)
    )
    fields: dict[str, Any] = {}
    if conditions.is_merged(str(rule["lambda"])):
        fields["unit"] = "merged"
    # A rule without end keeps the dates that it once had.
    if rule.get("fullcycle") not in _ALWAYS and (rule.get("effectivestart") or rule.get("effectiveend")):
        ends = {"from": rule.get("effectivestart"), "until": rule.get("effectiveend")}
        fields["effective"] = {name: str(value)[:_DAY] for name, value in ends.items() if value}
    if rule.get("preqrule"):
        needed = known.get(str(rule["preqrule"]))
        if needed is None:
            raise Lost(f"{path}.preqRule", "the rule that it requires is not in this file")
        fields["requires"] = [needed]
    if rule.get("scorenum"):
        points = f"give the rule `points: {rule['scorenum']}`"
        source.note(f"{path}.scoreNum", f"{points}, with a `dimension` where no criterion looks at its category")
    if rule.get("dialogues"):
        source.lose(f"{path}.dialogues", "test dialogues: write them as examples of the rule")
    level = int(number(rule.get("level", 0), f"{path}.level"))
    severity = _SEVERITIES[min(max(level, 0), len(_SEVERITIES) - 1)]
    title = str(rule.get("name") or f"rule {rule.get('rid') or at + 1}")
    return Draft(key=_key(rule, at), title=title, path=path, tree=tree, severity=severity, fields=fields)


@dataclass(frozen=True, slots=True)
class _Condition:
    """One condition with its place."""

    data: Mapping[str, Any]
    path: str


class _Conditions:
    """The conditions of a file by id, read when a rule or an anchor names them."""

    def __init__(self, conditions: Sequence[Any], source: Source) -> None:
        self.source = source
        self._by_cid: dict[str, _Condition] = {}
        self._said: set[str] = set()
        for at, item in enumerate(conditions):
            if isinstance(item, dict):
                for name in ("cid", "id"):
                    self._by_cid.setdefault(str(item.get(name)), _Condition(item, f"conditions[{at}]"))

    def is_merged(self, text: str) -> bool:
        """Whether a condition that the expression names reads adjacent messages as one."""
        names = re.findall(r"[^\s!()&|]+", text)
        # What is no list or object here was refused when the expression was read.
        found = [self._by_cid[name].data for name in names if name in self._by_cid]
        operators = [one for data in found for one in data.get("operators") or ()]
        return any((one.get("param") or one.get("params") or {}).get("contextchatmatch") for one in operators)

    def leaf(self, cid: str, path: str, triggers: set[str], depth: int = 0) -> Tree:
        """One condition, with its range; negative where it excludes or where its words must be absent."""
        if cid not in self._by_cid:
            raise Lost(path, f"there is no condition {cid}")
        if depth > len(self._by_cid):
            raise Lost(path, f"condition {cid} is its own anchor")
        condition = self._by_cid[cid]
        data, place = condition.data, condition.path
        source = self.source if cid not in self._said else Source()
        self._said.add(cid)
        check = mapping(data.get("checkrange"), f"{place}.check_range")
        role = _role(check, f"{place}.check_range")
        read = {
            str(one.get("oid") or one.get("id") or at + 1): read_operator(one, f"{place}.operators[{at}]", source, role)
            for at, one in enumerate(_operators(data, place))
        }
        tree = self._operators(str(data.get("lambda") or "&&".join(read)), f"{place}.lambda", read)
        is_negative = isinstance(tree, Not) != bool(int(number(data.get("exclusion") or 0, f"{place}.exclusion")))
        plain = tree.tree if isinstance(tree, Not) else tree
        leaf = self._ranged(_one_leaf(plain, place), check, f"{place}.check_range", depth)
        leaf = replace(leaf, is_trigger=cid in triggers)
        return Not(leaf) if is_negative else leaf

    def _operators(self, text: str, path: str, read: Mapping[str, Operator]) -> Tree:
        def named(name: str) -> Tree:
            if name not in read:
                raise Lost(path, f"there is no operator {name}")
            operator = read[name]
            leaf = Leaf(node=operator.node, role=operator.role, is_chat=operator.is_chat)
            return negated(leaf) if operator.is_negative else leaf

        return read_logic(text, path, named)

    def _ranged(self, leaf: Leaf, check: Mapping[str, Any], path: str, depth: int) -> Leaf:
        role = leaf.role if leaf.role is not None else _role(check, path)
        if leaf.is_chat:
            return leaf
        if check.get("timerange"):
            raise Lost(f"{path}.time_range", "its unit is not documented; use `position` or `sequence` with seconds")
        scope: dict[str, Any] = {"match": leaf.node}
        anchor, ends = mapping(check.get("anchor"), f"{path}.anchor"), _ends(check.get("range"), f"{path}.range")
        if anchor.get("cid") not in (None, ""):
            scope["anchor"] = self._anchor(anchor, f"{path}.anchor", depth)
            if anchor["location"].upper() != "CURRENT":
                ends = ends or (1, -1)
        elif ends in ((1, -1), (-1, 1)):
            ends = None
        if ends is not None and scope.get("anchor", {}).get("location") != "at":
            scope["range"] = {"from": ends[0], "to": ends[1]}
        if len(scope) == 1 and not check.get("allsentencessatisfy"):
            absence = {"phrase": leaf.node, "anywhere": True} if role == AGENT else None
            return replace(leaf, role=role, absence=absence)
        scope["among"] = "all" if check.get("absolute") else "role"
        if check.get("allsentencessatisfy"):
            scope.setdefault("range", {"from": 1, "to": -1})
            scope["every_turn"] = True
        absence = None if "anchor" in scope or role != AGENT or scope["among"] == "all" else _absence(scope)
        return Leaf(node={"scope": scope}, role=role, absence=absence)

    def _anchor(self, anchor: Mapping[str, Any], path: str, depth: int) -> dict[str, Any]:
        location = str(anchor.get("location") or "").upper()
        places = {"BEFORE": "before", "AROUND": "around", "AFTER": "after", "CURRENT": "at"}
        if location not in places:
            raise Lost(f"{path}.location", f"must be one of {', '.join(places)}")
        tree = self.leaf(str(anchor["cid"]), f"{path}.cid", set(), depth + 1)
        if not isinstance(tree, Leaf) or tree.is_chat:
            raise Lost(f"{path}.cid", "an anchor must be a condition on a turn")
        hit = int(number(anchor.get("hittime", -1), f"{path}.hit_time"))
        found: dict[str, Any] = {"match": tree.node, "location": places[location]}
        if tree.role is not None:
            found["role"] = tree.role
        return {**found, "hit": {0: "every", -1: "any"}.get(hit, hit)}


def _operators(data: Mapping[str, Any], path: str) -> Sequence[Mapping[str, Any]]:
    found = items(data.get("operators"), f"{path}.operators")
    for at, one in enumerate(found):
        if not isinstance(one, Mapping):
            raise Lost(f"{path}.operators[{at}]", "must be an object")
    return found


def _role(check: Mapping[str, Any], path: str) -> str | None:
    name = str(check.get("role") or "")
    if name not in _ROLES:
        raise Lost(f"{path}.role", f"{name} is neither 客服 nor 客户")
    return _ROLES[name]


def _one_leaf(tree: Tree, path: str) -> Leaf:
    """The operators of a condition are asked of the same turn."""
    leaves = _leaves(tree)
    roles = {leaf.role for leaf in leaves} - {None}
    if len(roles) > 1 or len({leaf.is_chat for leaf in leaves}) > 1:
        raise Lost(path, "operators on different people, or on a turn and the chat, in one condition")
    return Leaf(node=_node(tree), role=next(iter(roles), None), is_chat=leaves[0].is_chat)


def _leaves(tree: Tree) -> list[Leaf]:
    if isinstance(tree, Leaf):
        return [tree]
    return [leaf for one in ((tree.tree,) if isinstance(tree, Not) else tree.trees) for leaf in _leaves(one)]


def _node(tree: Tree) -> Node:
    if isinstance(tree, Leaf):
        return tree.node
    if isinstance(tree, Not):
        return {"not": _node(tree.tree)}
    return joined("and" if isinstance(tree, All) else "or", [_node(child) for child in tree.trees])


def _ends(value: object, path: str) -> tuple[int, int] | None:
    if not isinstance(value, Mapping) or not value:
        return None
    return int(number(value.get("from"), f"{path}.from")), int(number(value.get("to"), f"{path}.to"))


def _absence(scope: Mapping[str, Any]) -> dict[str, Any] | None:
    """The first or last n turns, as `absent` has them; then the words alone are its phrase."""
    first, last = scope["range"]["from"], scope["range"]["to"]
    if scope.get("every_turn"):
        return None
    if 1 in (first, last) and min(first, last) > 0:
        return {"phrase": scope["match"], "first": max(first, last)}
    return (
        {"phrase": scope["match"], "last": -min(first, last)} if -1 in (first, last) and max(first, last) < 0 else None
    )
