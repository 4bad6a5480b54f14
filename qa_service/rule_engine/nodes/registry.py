"""All nodes by their name in packs."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from qa_service.rule_engine.nodes.absent import read_absent
from qa_service.rule_engine.nodes.anchors import read_after, read_before, read_sequence
from qa_service.rule_engine.nodes.base import Check, Node, Reader
from qa_service.rule_engine.nodes.count import read_count
from qa_service.rule_engine.nodes.fact import read_fact
from qa_service.rule_engine.nodes.figure import read_figure
from qa_service.rule_engine.nodes.hours import read_sent, read_working_hours
from qa_service.rule_engine.nodes.logic import read_and, read_not, read_or, read_ref
from qa_service.rule_engine.nodes.mood import read_mood, read_mood_shift, read_suspicion
from qa_service.rule_engine.nodes.near import read_near
from qa_service.rule_engine.nodes.position import read_position
from qa_service.rule_engine.nodes.quantity import read_quantity
from qa_service.rule_engine.nodes.regex import read_regex
from qa_service.rule_engine.nodes.repeat import read_repeat
from qa_service.rule_engine.nodes.response_time import read_response_time
from qa_service.rule_engine.nodes.scope import read_scope, read_sender, read_somewhere
from qa_service.rule_engine.nodes.silence import read_silence, read_waited
from qa_service.rule_engine.nodes.similar import read_similar
from qa_service.rule_engine.nodes.tokens import read_tokens
from qa_service.rule_engine.nodes.wildcard import read_wildcard
from qa_service.rule_engine.nodes.words import read_all, read_any, read_at_least, read_none, read_phrases_from
from qa_service.rule_engine.yaml_field import Field

NODES: Mapping[str, Callable[[Field, Reader], Node]] = {
    "any": read_any,
    "phrases_from": read_phrases_from,
    "all": read_all,
    "at_least": read_at_least,
    "none": read_none,
    "regex": read_regex,
    "wildcard": read_wildcard,
    "tokens": read_tokens,
    "near": read_near,
    "quantity": read_quantity,
    "similar": read_similar,
    "count": read_count,
    "repeat": read_repeat,
    "after": read_after,
    "before": read_before,
    "sequence": read_sequence,
    "position": read_position,
    "scope": read_scope,
    "somewhere": read_somewhere,
    "sender": read_sender,
    "mood": read_mood,
    "mood_shift": read_mood_shift,
    "suspicion": read_suspicion,
    "fact": read_fact,
    "figure": read_figure,
    "silence": read_silence,
    "waited": read_waited,
    "working_hours": read_working_hours,
    "sent": read_sent,
    "and": read_and,
    "or": read_or,
    "not": read_not,
    "ref": read_ref,
}

CHECKS: Mapping[str, Callable[[Field, Reader], Check]] = {
    "absent": read_absent,
    "response_time": read_response_time,
    "figure": read_figure,
}

CONVERSATION_NODES = frozenset({"figure", "fact", "mood_shift"})
"""Nodes that say the same of every turn of an agent: at the root, with a figure among them, they judge the agent."""
