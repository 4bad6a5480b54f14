"""JSON Lines: one answer a line, bad lines stop nobody, long lines take no memory."""

import json
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_service.domain.conversation import Conversation
from qa_service.errors import ErrorCode
from qa_service.ingest.jsonl import read_lines, read_numbered_lines
from qa_service.ingest.limits import Limits
from qa_service.ingest.rejected import Rejected


def line(external_id="c-1", **fields) -> bytes:
    data = {"external_id": external_id, "turns": [{"role": "customer", "text": "在吗"}], **fields}
    return json.dumps(data, ensure_ascii=False).encode() + b"\n"


def ids(outcomes) -> list[str | None]:
    return [outcome.external_id for outcome in outcomes]


def test_reads_lines_in_order_from_pieces_of_any_size():
    content = line("c-1") + line("c-2") + line("c-3").rstrip(b"\n")

    for size in (1, 7, len(content)):
        pieces = [content[start : start + size] for start in range(0, len(content), size)]
        assert ids(read_lines(pieces)) == ["c-1", "c-2", "c-3"]


@pytest.mark.parametrize(
    ("bad", "code", "field", "external_id"),
    [
        pytest.param(b'{"external_id": \n', ErrorCode.INVALID_JSON, "line 2", None, id="broken JSON"),
        pytest.param(b"[" * 100_000 + b"\n", ErrorCode.INVALID_JSON, "line 2", None, id="too deep"),
        pytest.param(b'{"csat": NaN}\n', ErrorCode.INVALID_JSON, "line 2", None, id="NaN"),
        pytest.param(b"1" * 5_000 + b"\n", ErrorCode.INVALID_JSON, "line 2", None, id="number of 5,000 digits"),
        pytest.param("你好\n".encode("gb18030"), ErrorCode.INVALID_ENCODING, "line 2", None, id="not UTF-8"),
        pytest.param(b"7\n", ErrorCode.INVALID_FIELD, "conversation", None, id="no object"),
        pytest.param(line("c-2", turns=[]), ErrorCode.EMPTY_CONVERSATION, "turns", "c-2", id="no turns"),
        pytest.param(line("a\nb", turns=[]), ErrorCode.INVALID_TEXT, "external_id", None, id="id not printable"),
        pytest.param(
            line(turns=[{"role": "agent", "text": "S"}]).replace(b'"S"', b'"\\ud83d"'),
            ErrorCode.INVALID_TEXT,
            "turns[0].text",
            "c-1",
            id="escaped lone surrogate",
        ),
    ],
)
def test_a_bad_line_is_rejected_by_number_and_the_others_are_read(bad, code, field, external_id):
    first, rejected, last = read_lines([line("c-1"), bad, line("c-3")])

    assert ids([first, last]) == ["c-1", "c-3"]
    assert isinstance(rejected, Rejected)
    assert (rejected.line, rejected.external_id) == (2, external_id)
    assert (rejected.error.code, rejected.error.field) == (code, field)


def test_passes_over_blank_lines_but_counts_them():
    first, rejected = read_lines([b"\n", line().replace(b"\n", b"\r\n"), b"  \n", b"x"])

    assert isinstance(first, Conversation)
    assert rejected.line == 4


def test_numbers_the_lines_for_those_who_answer_each():
    assert [number for number, _ in read_numbered_lines([line(), b"\n", b"x\n", line()])] == [1, 3, 4]


def test_accepts_a_byte_order_mark_at_the_start_only():
    first, second = read_lines([b"\xef\xbb\xbf" + line(), b"\xef\xbb\xbf" + line()])

    assert isinstance(first, Conversation)
    assert second.error.code is ErrorCode.INVALID_JSON


def test_a_line_over_the_limit_is_refused_by_name_and_never_held():
    limits = Limits(text_bytes=16 * 1024)
    chunk = b"a" * 64 * 1024

    tracemalloc.start()
    long, last = read_lines([*[chunk] * 320, b"\n", line("c-2")], limits=limits)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert (long.line, long.error.code, last.external_id) == (1, ErrorCode.TOO_LARGE, "c-2")
    assert "limit line_bytes" in long.error.message
    assert peak < 2 * limits.line_bytes + 4 * len(chunk)


def test_a_long_last_line_without_line_feed_is_refused():
    (long,) = read_lines([b"a" * 100], limits=Limits(text_bytes=10))

    assert long.error.code is ErrorCode.TOO_LARGE


@given(st.lists(st.binary() | st.just(line()) | st.sampled_from([b"\n", b"{", b'"', b"[]"])))
def test_any_bytes_are_conversations_or_rejections(chunks):
    for outcome in read_lines(chunks):
        assert isinstance(outcome, Conversation | Rejected)
