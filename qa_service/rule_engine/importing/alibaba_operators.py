"""Alibaba's operators (算子), each as a node; those that listen to sound cannot be carried over to chats."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from qa_service.rule_engine.importing.source import Source, mapping, note_edges, number, plain, text_list
from qa_service.rule_engine.importing.tree import AGENT, CUSTOMER, Lost, Node

_ROLES = {"客服": AGENT, "坐席": AGENT, "客户": CUSTOMER}
_COMPARED = {"gt": "gt", "lt": "lt", "ge": "ge", "le": "le", "eq": "eq", ">": "gt", "<": "lt", ">=": "ge", "<=": "le"}
_MILLISECONDS = 1000
_DEFAULT_SCORE = 80
_SYMBOLS = {
    1: "eq", 2: "gt", 3: "lt", 4: "between", 5: "ge", 6: "le", 7: "ne", 8: "missing", 9: "exists",
    10: "contains", 11: "not_contains",
}  # fmt: skip
_SOUND = {
    "SPEECH_SPEED_CHECK": "speed of speech", "GRAB_WORDS": "talking over somebody", "ASR_EMOTION": "loudness",
}  # fmt: skip
_NOT_HERE = {
    "CUSTOMER_CHECK_MODEL": "there is no such model; write words, or use `mood`",
    "ABUSE_MODEL": "there is no model of mockery; use words or `suspicion`",
    "NER_MODEL": "there is no entity model; use `regex` or `quantity`",
    "INTENT_MODEL": "there is no intent model; use `similar`",
    "KNOWLEDGE": "there is no knowledge base; use `similar`",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """A node, whose turns it is asked of if it says so, and whether the words must be absent from them."""

    node: Node
    role: str | None = None
    is_chat: bool = False
    is_negative: bool = False


@dataclass(frozen=True, slots=True)
class _Params:
    """The parameters of one operator with their path; `source` takes what is lost and what is noted.

    `asked_role` is whose turns the condition is asked of, None for everybody's.
    """

    values: Mapping[str, Any]
    path: str
    source: Source
    asked_role: str | None

    def place(self, name: str) -> str:
        return f"{self.path}.param.{name}"

    def texts(self, *names: str) -> list[str]:
        """The first of these parameters that is given."""
        name = next((name for name in names if self.values.get(name)), names[0])
        return text_list(self.values.get(name), self.place(name))

    def number(self, name: str, otherwise: float) -> float:
        value = self.values.get(name)
        return otherwise if value in (None, "") else number(value, self.place(name))

    def is_on(self, name: str) -> bool:
        return self.values.get(name) in (True, 1, "1", "true")

    def role(self) -> str | None:
        return _ROLES.get(str(self.values.get("targetrole") or ""))

    def lose(self, reasons: Mapping[str, str]) -> None:
        """Parameters that the rule goes on without."""
        for name, reason in reasons.items():
            if self.is_on(name):
                self.source.lose(self.place(name), reason)

    def compared(self) -> str:
        op = _COMPARED.get(str(self.values.get("compareoperator") or "gt").lower())
        if op is None:
            raise Lost(self.place("compareOperator"), "is unknown")
        return op


def read_operator(operator: object, path: str, source: Source, asked_role: str | None = None) -> Operator:
    """One operator of a condition that is asked of the turns of `asked_role` (None: of everybody).

    Raises:
        Lost: it cannot be carried over.
    """
    if not isinstance(operator, Mapping):
        raise Lost(path, "must be an object")
    kind = str(operator.get("type") or "").upper()
    values = mapping(operator.get("param") or operator.get("params"), f"{path}.param")
    if kind in _SOUND:
        raise Lost(path, f"{kind}: {_SOUND[kind]} is not in chats")
    params = _Params(values, path, source, asked_role)
    if kind not in _READ and {"field", "symbol"} <= params.values.keys():
        return _fact(params)
    if kind not in _READ:
        reason = next((why for name, why in _NOT_HERE.items() if kind.startswith(name)), "there is no such operator")
        raise Lost(path, f"{kind or 'no type'}: {reason}")
    return _READ[kind](params)


def _keywords(params: _Params, default_size: int) -> Operator:
    words = params.texts("keywords")
    note_edges(words, params.place("keywords"), params.source)
    params.lose({"keywordextension": "their synonyms are not in the file", "casesensitive": "letter case never counts"})
    size = int(params.number("keywordmatchsize", default_size))
    within = "clause" if params.is_on("insentence") else "turn"
    if size in (0, 1):
        node: Node = {"any": words}
    elif size == -1 or size >= len(words):
        node = {"all": {"of": words, "within": within}}
    else:
        node = {"at_least": {"n": size, "of": words, "within": within}}
    threshold = int(params.number("threshold", 1))
    if threshold > 1:
        node = {"count": {"of": node, "at_least": threshold}}
    return Operator(node=node, is_negative=size == 0)


def _regex(params: _Params) -> Operator:
    params.lose({"insentence": "a pattern is asked of the whole turn"})
    node: Node = {"regex": params.texts("regex")[0]}
    if params.values.get("notregex"):
        node = {"and": [node, {"not": {"regex": params.texts("notregex")[0]}}]}
    return Operator(node=node)


def _similar(params: _Params) -> Operator:
    score = params.number("score", _DEFAULT_SCORE)
    score = score / 100 if score > 1 else score
    params.source.note(params.place("score"), "sentences are compared by another model: try the threshold on own chats")
    node = {"similar": {"to": params.texts("similarlysentences", "similarsentences"), "at_least": plain(score)}}
    return Operator(node=node)


def _repeat(params: _Params) -> Operator:
    if params.number("from", 2) != 2:
        params.source.lose(params.place("from"), "repetitions are counted from the first turn on")
    fields: dict[str, Any] = {"times": 1 + int(params.number("hittime", 1))}
    fields["min_chars"] = max(1, int(params.number("threshold", 4)))
    similarity = params.number("similaritythreshold", 1)
    if similarity not in (0, 1):
        fields["similarity"] = plain(similarity / 100 if similarity > 1 else similarity)
    if params.values.get("excludes"):
        fields["except"] = params.texts("excludes")
    return Operator(node={"repeat": fields}, role=params.role())


def _silence(params: _Params) -> Operator:
    if params.compared() != "gt":
        raise Lost(params.place("compareOperator"), "only silences longer than the interval can be carried over")
    if params.number("target", 1) != 1:
        raise Lost(params.place("target"), "only the wait before the sentence itself is measured")
    never = "silence is measured between all messages"
    params.lose({"fromend": never, "neardialogue": never, "checkfirstsentence": never})
    if params.values.get("intervalend"):
        params.source.lose(params.place("interval_end"), "a longest silence is not compared")
    seconds = plain(params.number("interval", 0) / _MILLISECONDS)
    between = "other_speaker" if params.is_on("differentrole") else "any"
    return Operator(node={"silence": {"over_seconds": seconds, "between": between}}, role=params.role())


def _who(params: _Params) -> Operator:
    role = params.role()
    if role is None:
        raise Lost(params.place("target_role"), "must be 客服 or 客户")
    ends = params.values.get("range")
    said: Node = {"regex": r"(?s)^."}
    if not isinstance(ends, Mapping):
        return Operator(node=said, role=role)
    turns = {name: int(number(ends.get(name), params.place(f"range.{name}"))) for name in ("from", "to")}
    return Operator(node={"scope": {"match": said, "range": turns, "among": "all"}}, role=role)


def _duration(params: _Params) -> Operator:
    if str(params.values.get("begintype") or "").upper() == "DIALOGUE":
        raise Lost(params.path, "DURATION: hanging up is not in chats")
    seconds = plain(params.number("interval", 0) / _MILLISECONDS)
    return Operator(
        node={"figure": {"name": "duration_seconds", "op": params.compared(), "value": seconds}}, is_chat=True
    )


def _model(params: _Params) -> Operator:
    values = params.values.get("pvalues")
    if values not in ("ruma01", ["ruma01"]):
        raise Lost(params.place("pvalues"), "only ruma01 (abuse) has an equal here")
    if params.asked_role == CUSTOMER:
        params.source.note(
            params.place("pvalues"), "read as the emotion abusive of the customer, by this product's model"
        )
        return Operator(node={"mood": {"emotion": "abusive"}}, role=CUSTOMER)
    if params.asked_role is None:
        reason = "agents and customers are read by different models here: say in check_range.role whose abuse is meant"
        raise Lost(params.path, reason)
    params.source.note(params.place("pvalues"), "read as the suspicion of abuse by this product's model, from 0.8 on")
    return Operator(node={"suspicion": {"category": "abuse", "at_least": 0.8}}, role=AGENT)


def _fact(params: _Params) -> Operator:
    op = _SYMBOLS.get(int(params.number("symbol", 0)))
    if op is None:
        raise Lost(params.place("symbol"), "must be 1 to 11")
    name = params.texts("field")[0]
    fact: dict[str, Any] = {"field": f"attributes.{name}", "op": op}
    value = params.values.get("value")
    if op == "between":
        ends = value if isinstance(value, list) else re.split(r"[,，~]", str(value))
        fact["value"] = [plain(number(end, params.place("value"))) for end in ends]
    elif op not in ("missing", "exists"):
        fact["value"] = params.texts("value")[0]
    return Operator(node={"fact": fact}, is_chat=True)


_READ: Mapping[str, Callable[[_Params], Operator]] = {
    "HIT_ANY_KEYWORDS": lambda params: _keywords(params, 1),
    "INCLUDE_KEYWORDS": lambda params: _keywords(params, -1),
    "REGULAR_EXPRESSION": _regex,
    "SIMILAR_MATCH": _similar,
    "ADVANCED_REPEAT_DETECT": _repeat,
    "INTERVAL_GREATER": _silence,
    "ROLE_CHECK": _who,
    "DURATION": _duration,
    "EMOTION_MODEL": _model,
}
