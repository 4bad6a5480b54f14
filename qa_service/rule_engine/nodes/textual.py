"""Which nodes answer from the text of a turn alone, so that an answer holds wherever that text is said again."""

from __future__ import annotations

from qa_service.rule_engine.nodes.base import Node
from qa_service.rule_engine.nodes.logic import And, Not, Or
from qa_service.rule_engine.nodes.near import Near
from qa_service.rule_engine.nodes.regex import Regex
from qa_service.rule_engine.nodes.words import AnyWord, NoWord, SeveralItems


def is_textual(node: Node | None) -> bool:
    """Whether neither other turns, times, people, policies nor the model's figures can change what a node says."""
    if isinstance(node, And | Or):
        return all(is_textual(child) for child in node.nodes)
    if isinstance(node, Not):
        return is_textual(node.node)
    return isinstance(node, AnyWord | NoWord | SeveralItems | Near | Regex)
