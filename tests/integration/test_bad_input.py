"""Every bad input stands between two good conversations: those are done, and stderr says what is wrong and where."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.integration import program
from tests.integration.chats import HEADER, csv_text, line, write_small_rules, write_xlsx

pytestmark = pytest.mark.model

SECRET = "暗号七七四"
"""In every text of a turn: it must never be on stderr."""
LATER, EARLIER = "2026-11-02T10:00:00+08:00", "2026-11-02T09:00:00+08:00"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A file with one bad conversation. `hint` is what its message must say beside the code."""

    suffix: str
    content: Callable[[str], bytes]
    line: int | None
    code: str
    hint: str
    good: int = 2


def turn(**fields: Any) -> dict[str, Any]:
    return {"role": "customer", "text": SECRET, **fields}


def chat(external_id: str, *turns: Any, **fields: Any) -> dict[str, Any]:
    return {"external_id": external_id, "turns": list(turns), **fields}


def raw(bad: bytes, code: str, hint: str) -> Case:
    """A bad line of JSON Lines."""
    return Case(
        suffix=".jsonl",
        content=lambda name: line(chat(f"{name}-a", turn())) + bad + b"\n" + line(chat(f"{name}-b", turn())),
        line=2,
        code=code,
        hint=hint,
    )


def lines(*turns: Any, code: str, hint: str, **fields: Any) -> Case:
    """A conversation that is JSON, but wrong."""
    return raw(json.dumps(chat("bad", *turns, **fields)).encode(), code, hint)


def two_rows(external_id: str) -> list[tuple[str, ...]]:
    return [(external_id, "客户", "u-1", LATER, SECRET), (external_id, "客服", "a-1", LATER, SECRET)]


def table(name: str, bad: Sequence[Sequence[str]]) -> list[Sequence[str]]:
    return [HEADER, *two_rows(f"{name}-a"), *bad, *two_rows(f"{name}-b")]


def csv(*bad: Sequence[str], line: int, code: str, hint: str) -> Case:
    """Bad rows between good ones; the first of them is line 4."""
    return Case(
        suffix=".csv", content=lambda name: csv_text(table(name, bad)).encode(), line=line, code=code, hint=hint
    )


def whole(suffix: str, content: bytes, code: str, hint: str, line: int | None = None) -> Case:
    """A file of which nothing can be read; the files before and after it are its good neighbours."""
    return Case(suffix=suffix, content=lambda _: content, line=line, code=code, hint=hint, good=0)


def txt(name: str) -> bytes:
    return f"客户：{SECRET}\n---\n{SECRET}\n---\n客服：{SECRET}\n".encode()


CASES = {
    "broken-json": raw(line(chat("x", turn()))[:-4], "invalid_json", "line 2: broken JSON at character"),
    "not-an-object": raw(line([SECRET])[:-1], "invalid_field", "must be a JSON object"),
    "nested-too-deep": raw(b"[" * 200_000, "invalid_json", "too deep nesting"),
    "nan": raw(b'{"external_id":"bad","csat":NaN,"turns":[]}', "invalid_json", "NaN"),
    "wrong-encoding-line": raw(line(chat("bad", turn())).decode().strip().encode("gb18030"), "invalid_encoding", "UTF-8"),
    "five-megabyte-turn": lines(turn(text=SECRET + "x" * 5_000_000), code="too_large", hint="limit line_bytes"),
    "no-external-id": raw(line({"turns": [turn()]})[:-1], "missing_field", "external_id: is required"),
    "unknown-role": lines(turn(role="robot"), code="invalid_field", hint="turns[0].role: must be one of customer, agent"),
    "unknown-kind": lines(turn(kind="smell"), code="invalid_field", hint="turns[0].kind: must be one of text, image"),
    "unknown-field": lines(turn(colour="red"), code="invalid_field", hint="turns[0].colour: unknown field; known are"),
    "missing-text": lines(turn(), {"role": "agent"}, code="missing_field", hint="turns[1].text: is required"),
    "text-is-a-number": lines(turn(text=7), code="invalid_field", hint="turns[0].text: must be a string"),
    "empty-conversation": lines(code="empty_conversation", hint="at least one turn"),
    "duplicate-turn-ids": lines(turn(id="1"), turn(id="1"), code="duplicate_turn_id", hint="turns[1].id: is used"),
    "time-going-backwards": lines(turn(at=LATER), turn(at=EARLIER), code="time_order", hint="sort the turns by time"),
    "time-without-offset": lines(turn(at="2026-11-02T09:00:00"), code="time_zone_missing", hint="+08:00; add it"),
    "time-that-is-none": lines(turn(at=SECRET + SECRET * 2), code="invalid_field", hint="must be an ISO 8601 time"),
    "nul": lines(turn(text=SECRET + "\0"), code="invalid_text", hint="NUL character; remove it"),
    "lone-surrogate": lines(turn(text=SECRET + "\ud83d"), code="invalid_text", hint="lone surrogate; export it as UTF-8"),
    "long-turn": lines(turn(text=SECRET * 4_001), code="too_large", hint="20000 characters (limit turn_characters)"),
    "too-many-turns": lines(*[turn()] * 2_001, code="too_large", hint="2000 turns (limit turns)"),
    "too-much-text": lines(*[turn(text=SECRET * 3_999)] * 18, code="too_large", hint="(limit text_bytes)"),
    "csat-out-of-range": lines(turn(), csat=9, code="invalid_field", hint="csat: must be from 1 to 5"),
    "csv-unknown-role": csv(
        ("bad", "路人", "u-1", LATER, SECRET), line=4, code="invalid_field", hint="turns[0].role: must be one of"
    ),
    "csv-time-backwards": csv(
        ("bad", "客户", "u-1", LATER, SECRET),
        ("bad", "客服", "a-1", EARLIER, SECRET),
        line=5,
        code="time_order",
        hint="sort the turns by time",
    ),
    "csv-comma-without-quotes": csv(
        ("bad", "客户", "u-1", LATER, SECRET, SECRET), line=4, code="invalid_field", hint="put quotes around a text"
    ),
    "csv-row-broken-in-two": csv((f"{SECRET}，在吗", "", "", "", ""), line=4, code="invalid_field", hint="turns[0].role"),
    "csv-no-id": csv(("", "客户", "u-1", LATER, SECRET), line=4, code="missing_field", hint="external_id: is required"),
    "csv-nul": csv(("bad", "客户", "u-1", LATER, SECRET + "\0"), line=4, code="invalid_text", hint="NUL character"),
    "csv-five-megabyte-turn": csv(
        ("bad", "客户", "u-1", LATER, SECRET * 1_000_000), line=4, code="too_large", hint="limit turn_characters"
    ),
    "csv-missing-column": whole(
        ".csv",
        csv_text([("会话ID", "角色", "时间"), ("c-1", "客户", LATER)]).encode(),
        "missing_field",
        "header: no column text; name it one of",
        line=1,
    ),
    "csv-wrong-encoding": whole(
        ".csv", csv_text([HEADER, *two_rows("c-1")]).encode("utf-16"), "invalid_encoding", "save it as UTF-8"
    ),
    "txt-wrong-encoding": whole(".txt", b"\xff\xff\xff", "invalid_encoding", "save it as UTF-8"),
    "txt-without-role": Case(
        suffix=".txt", content=txt, line=3, code="invalid_field", hint="begin each turn with a role such as 客服："
    ),
    "xlsx-damaged": whole(".xlsx", b"PK\x03\x04" + SECRET.encode(), "unknown_format", "save it again as .xlsx"),
    "xlsx-that-is-text": whole(".xlsx", SECRET.encode(), "unknown_format", "save it again as .xlsx"),
}  # fmt: skip
FORMULA = Case(
    suffix=".xlsx",
    content=lambda _: b"",
    line=4,
    code="invalid_field",
    hint="cell E4: holds a formula or an error; paste",
)
ALL = {**CASES, "xlsx-formula": FORMULA}
REJECTION = re.compile(
    r"rejected (?P<name>[\w-]+)\.\w+(?::(?P<line>\d+))?(?: \((?P<id>[^)]*)\))?: (?P<code>\w+): (?P<message>.*)"
)


def write(folder: Path, name: str, case: Case) -> Path:
    path = folder / f"{name}{case.suffix}"
    if case is FORMULA:
        return write_xlsx(path, table(name, [("bad", "客户", "u-1", LATER, f'="{SECRET}"')]))
    path.write_bytes(case.content(name))
    return path


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspected:
    """One run over all the files."""

    code: int
    ids: list[str]
    stderr: str
    rejections: dict[str, list[re.Match[str]]]


@pytest.fixture(scope="module")
def inspected(tmp_path_factory) -> Inspected:
    folder = tmp_path_factory.mktemp("bad")
    paths = [write(folder, name, case) for name, case in ALL.items()]
    rules = write_small_rules(folder / "rules")
    ran = program.run("inspect", *paths, "--rules", rules, "--output", "-", store=folder / "qa.sqlite3")
    stderr = ran.stderr.decode()
    rejections: dict[str, list[re.Match[str]]] = {name: [] for name in ALL}
    for text in stderr.splitlines():
        match = REJECTION.fullmatch(text)
        assert match, text
        rejections[match["name"]].append(match)
    ids = [json.loads(text)["external_id"] for text in ran.stdout.decode().splitlines()]
    return Inspected(code=ran.returncode, ids=ids, stderr=stderr, rejections=rejections)


@pytest.mark.parametrize(("name", "case"), ALL.items(), ids=ALL)
def test_it_is_rejected_once_with_file_line_code_and_what_to_do(inspected, name, case):
    (rejection,) = inspected.rejections[name]

    assert rejection["line"] == (str(case.line) if case.line else None)
    assert rejection["code"] == case.code
    assert case.hint in rejection["message"]
    assert rejection["id"] in (None, "bad") or rejection["id"].startswith(f"{name}-")


@pytest.mark.parametrize(("name", "case"), ALL.items(), ids=ALL)
def test_its_good_neighbours_are_done(inspected, name, case):
    done = [one for one in inspected.ids if one.startswith(f"{name}-")]

    # plain text has no ids of its own
    assert len(set(done)) == case.good if case.suffix == ".txt" else done == [f"{name}-a", f"{name}-b"][: case.good]


def test_the_results_are_in_input_order_and_the_exit_code_is_1(inspected):
    expected = [name for name, case in ALL.items() for _ in range(case.good)]
    assert [one.rpartition("-")[0] for one in inspected.ids] == expected
    assert inspected.code == 1


def test_no_transcript_is_on_stderr(inspected):
    assert SECRET not in inspected.stderr
    assert SECRET[:3] not in inspected.stderr
