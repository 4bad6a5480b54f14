"""The chat of the contract, and files around it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import openpyxl

from qa_service.domain.conversation import Conversation
from qa_service.domain.document import conversation_document
from qa_service.ingest import read_path
from qa_service.settings import REPOSITORY
from tests.unit.rule_engine.packs import POLICIES, rule, write_packs, write_yaml

PROMISE = "亲，七天内不满意都可以退的哦"
CHAT: dict[str, Any] = {
    "external_id": "c-1001",
    "channel": "taobao",
    "shop": "demo",
    "language": "zh",
    "started_at": "2026-11-02T09:58:00+08:00",
    "customer": {"id": "u-9"},
    "agents": [{"id": "a-7", "name": "小林", "group": "售后"}],
    "attributes": {"order_id": "T-1", "stage": "after_sales"},
    "csat": None,
    "turns": [
        {
            "id": "1",
            "role": "customer",
            "sender_id": "u-9",
            "at": "2026-11-02T09:58:00+08:00",
            "text": "你好，这个能退吗",
        },
        {"id": "2", "role": "agent", "sender_id": "a-7", "at": "2026-11-02T09:58:41+08:00", "text": PROMISE},
    ],
}
TURNS = 8
HEADER = ("会话ID", "角色", "发送者", "时间", "内容")


def named(external_id: str, **fields: Any) -> dict[str, Any]:
    """The same chat under another id, with other fields."""
    return {**CHAT, "external_id": external_id, **fields}


@lru_cache(maxsize=1)
def samples() -> list[Conversation]:
    """The beginnings of the sample chats."""
    chats = [item for path in sorted((REPOSITORY / "samples").glob("*.jsonl")) for item in read_path(path)]
    return [replace(chat, turns=chat.turns[:TURNS]) for chat in chats]


def drawn(count: int, prefix: str, *, start: int = 0) -> list[dict[str, Any]]:
    """The samples over and over, each under an id of its own, numbered from `start`."""
    chats = samples()
    return [
        conversation_document(replace(chats[number % len(chats)], external_id=f"{prefix}-{number}"))
        for number in range(start, start + count)
    ]


def line(document: object) -> bytes:
    """One line of JSON."""
    return json.dumps(document, ensure_ascii=False).encode() + b"\n"


def write_jsonl(path: Path, documents: Iterable[object]) -> Path:
    """JSON Lines."""
    path.write_bytes(b"".join(line(document) for document in documents))
    return path


def rows(external_id: str) -> list[tuple[str, ...]]:
    """The chat as a table has it, without header."""
    return [
        (external_id, "客户", "u-9", "2026-11-02 09:58:00+08:00", "你好，这个能退吗"),
        (external_id, "客服", "a-7", "2026-11-02 09:58:41+08:00", PROMISE),
    ]


def csv_text(table: Iterable[Iterable[str]]) -> str:
    """Cells joined as they are."""
    return "".join(",".join(row) + "\r\n" for row in table)


def write_xlsx(path: Path, table: Iterable[Iterable[str]]) -> Path:
    """One sheet; a cell that begins with `=` is a formula."""
    book = openpyxl.Workbook()
    for row in table:
        book.active.append(list(row))
    book.save(path)
    return path


def write_small_rules(folder: Path) -> Path:
    """A rules folder of one rule, `abuse.fool`, which loads at once."""
    examples = {"match": ["你这个笨蛋", "笨蛋"], "no_match": ["您好", "不客气"]}
    write_packs(folder, rule({"any": ["笨蛋"]}, id="abuse.fool", examples=examples))
    for name in ("policies", "rubrics"):
        (folder / name).mkdir()
    write_yaml(folder / "policies" / "default.yaml", {"version": 1, "policies": POLICIES})
    rubric = REPOSITORY / "rules" / "rubrics" / "default.yaml"
    (folder / "rubrics" / "default.yaml").write_bytes(rubric.read_bytes())
    return folder
