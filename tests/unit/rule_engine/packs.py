"""Packs in a few lines, written to a folder and compiled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from qa_service.domain.conversation import Conversation
from qa_service.domain.finding import Finding, Outcome
from qa_service.domain.mood import ConversationMood, MoodStatus
from qa_service.domain.reply_times import reply_times
from qa_service.normalise import ConversationNormaliser
from qa_service.rule_engine import PackRuleEngine, SentenceEncoder, load_packs, load_policies
from tests.builders import conversation

NO_MOOD = ConversationMood(status=MoodStatus.NOT_APPLICABLE, reason="no_customer_turn")
CUES = {
    "negation": ["不能", "不支持", "不是", "not"],
    "negation_adjacent": ["不"],
    "negation_after": ["不了", "不行"],
    "pseudo_negation": ["不满意", "不喜欢"],
    "terminator": ["但是"],
    "own_words": ["我们"],
    "question": ["能不能", "是不是"],
    "question_end": ["吗"],
    "answer": ["可以的"],
    "denial": ["谁说"],
    "asks": ["吗", "?"],
    "hypothetical": ["就算"],
    "counterfactual": ["就好了"],
    "quotation": ["您说"],
    "reported": ["别家"],
    "payer": ["快递会赔"],
    "warning": ["请勿"],
    "fraud": ["骗子"],
    "correction": ["说错了"],
    "hedge": ["一般"],
    "agree": ["可以", "能", "行"],
}
POLICIES = [
    {"key": "return_days", "title": "退货", "value": 3, "unit": "day", "direction": "at_most", "source": "规定"},
    {"key": "refund_days", "title": "退款", "value": 7, "unit": "day", "direction": "at_least", "source": "规定"},
    {"key": "no_contact", "title": "站外", "allowed": False, "source": "平台规则"},
]


def rule(match: Any, **fields: Any) -> dict[str, Any]:
    """A complete rule around a match tree."""
    return {
        "id": "test.rule",
        "version": 1,
        "title": "标题",
        "severity": "major",
        "status": "scored",
        "match": match,
        "rationale": "理由",
        "reference": "依据",
        "examples": {"match": ["甲", "乙"], "no_match": ["丙", "丁"]},
        **fields,
    }


def write_packs(
    folder: Path,
    *rules: Mapping[str, Any],
    terms: Mapping[str, list[str]] | None = None,
    cues: Mapping[str, list[str]] | None = None,
    language: str = "zh",
    category: str = "abuse",
    evasion: object = None,
    doubt_below: float | None = None,
) -> Path:
    """One pack, its language's cues and the list `shared.txt` in `folder`."""
    pack: dict[str, Any] = {"pack": {"id": "p", "version": 1, "language": language, "category": category}}
    if evasion:
        pack["pack"]["evasion"] = evasion
    if doubt_below is not None:
        pack["pack"]["doubt_below"] = doubt_below
    if terms:
        pack["terms"] = dict(terms)
    pack["rules"] = list(rules)
    (folder / language).mkdir(parents=True, exist_ok=True)
    (folder / "lists").mkdir(exist_ok=True)
    (folder / "lists" / "shared.txt").write_text("退款\nrefund\n", encoding="utf-8")
    write_yaml(folder / language / f"{category}.yaml", pack)
    write_yaml(folder / language / "cues.yaml", {"cues": dict(CUES if cues is None else cues)})
    return folder


def write_yaml(path: Path, data: Any) -> Path:
    """One YAML file."""
    path.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return path


def engine(
    folder: Path,
    *rules: Mapping[str, Any],
    policies: Iterable[Mapping[str, Any]] = POLICIES,
    encoder: SentenceEncoder | None = None,
    **packs: Any,
) -> PackRuleEngine:
    """An engine of one pack."""
    write_packs(folder, *rules, **packs)
    policy = write_yaml(folder / "policies.yaml", {"version": 1, "policies": [dict(entry) for entry in policies]})
    return PackRuleEngine(load_packs(folder), load_policies(policy), encoder=encoder)


def inspect(
    subject: PackRuleEngine, chat: Conversation | list[str] | str, mood: ConversationMood = NO_MOOD
) -> tuple[Finding, ...]:
    """All outcomes for a conversation, for lines of one, or for one agent turn."""
    if isinstance(chat, str):
        chat = [f"agent: {chat}"]
    if isinstance(chat, list):
        chat = conversation(*chat, language="zh")
    return subject.inspect(ConversationNormaliser().normalise(chat), mood, reply_times(chat))


def hits(subject: PackRuleEngine, chat: Any, mood: ConversationMood = NO_MOOD) -> list[str | None]:
    """The words of all hits (None for absences)."""
    return [finding.text for finding in inspect(subject, chat, mood) if finding.outcome is Outcome.HIT]


def only(findings: Iterable[Finding], outcome: Outcome) -> list[Finding]:
    """The findings of one outcome."""
    return [finding for finding in findings if finding.outcome is outcome]
