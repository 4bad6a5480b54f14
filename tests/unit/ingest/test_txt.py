"""Plain text: roles at the start of a line, separators, lines that go on."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_service.domain.conversation import Conversation, Role
from qa_service.errors import ErrorCode
from qa_service.ingest.limits import Limits
from qa_service.ingest.rejected import Rejected
from qa_service.ingest.txt import read_txt

FORMATS = Path(__file__).parents[3] / "samples" / "formats"


@pytest.fixture
def read(tmp_path):
    def read(content: str | bytes, limits: Limits = Limits()):  # noqa: B008
        path = tmp_path / "log.txt"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return list(read_txt(path, default_zone=None, limits=limits))

    return read


def said(conversation: Conversation) -> list[tuple[Role, str]]:
    return [(turn.role, turn.text) for turn in conversation.turns]


def test_reads_the_sample():
    talks = list(read_txt(FORMATS / "chat.txt", default_zone=None, limits=Limits()))

    assert [(talk.external_id, len(talk.turns)) for talk in talks] == [("chat-1", 8), ("chat-2", 7), ("chat-3", 8)]


@pytest.mark.parametrize(
    ("line", "role", "text"),
    [
        ("客服：您好", Role.AGENT, "您好"),
        ("客户:在吗", Role.CUSTOMER, "在吗"),
        ("[1] 客服:您好", Role.AGENT, "您好"),
        ("  [12]买家 ： 在吗", Role.CUSTOMER, "在吗"),
        ("Agent: Hello: there", Role.AGENT, "Hello: there"),
        ("CUSTOMER: hi", Role.CUSTOMER, "hi"),
        ("机器人：请稍候", Role.BOT, "请稍候"),
        ("系统：进入会话", Role.SYSTEM, "进入会话"),
    ],
)
def test_knows_roles_and_numbers(read, line, role, text):
    (talk,) = read(line)

    assert said(talk) == [(role, text)]


def test_lines_without_role_go_on_with_the_turn(read):
    (talk,) = read("客服：两种办法：\n1. 换货\n\n2. 退款\n客户：换\n")

    assert said(talk) == [(Role.AGENT, "两种办法：\n1. 换货\n\n2. 退款"), (Role.CUSTOMER, "换")]


def test_blank_lines_separate_where_there_is_no_rule_line(read):
    talks = read("客户：a\n客服：b\n\n\n客户：c\n")

    assert [(talk.external_id, len(talk.turns)) for talk in talks] == [("log-1", 2), ("log-2", 1)]


def test_blank_lines_do_not_separate_where_rule_lines_do(read):
    talks = read("客户：a\n\n客服：b\n ----- \n\n客户：c\n---\n---\n")

    assert [len(talk.turns) for talk in talks] == [2, 1]


def test_reads_gb18030_and_windows_line_ends(read):
    (talk,) = read("客户：在吗\r\n客服：在的\r\n".encode("gb18030"))

    assert said(talk) == [(Role.CUSTOMER, "在吗"), (Role.AGENT, "在的")]


def test_text_before_the_first_turn_rejects_that_conversation_only(read):
    rejected, second = read("聊天记录\n客户：a\n---\n客户：b\n")

    assert (rejected.line, rejected.external_id, rejected.error.field) == (1, "log-1", "line 1")
    assert second.external_id == "log-2"


def test_a_bad_turn_is_reported_at_its_line(read):
    (rejected,) = read("客户：a\n客服：b\0\n")

    assert (rejected.line, rejected.error.code) == (2, ErrorCode.INVALID_TEXT)


@pytest.mark.parametrize(
    ("content", "field"),
    [
        pytest.param("客户：" + "a" * 50_000, "turns[0].text", id="one long line"),
        pytest.param("客户：a\n" + "b\n" * 20_000, "turns[0].text", id="many lines of one turn"),
        pytest.param("客户：a\n" * 2_500, "turns", id="many turns"),
    ],
)
def test_what_is_over_a_limit_is_refused_and_the_next_is_read(read, content, field):
    rejected, last = read(content + "\n---\n客户：b\n")

    assert (rejected.error.code, rejected.error.field) == (ErrorCode.TOO_LARGE, field)
    assert last.external_id == "log-2"


def test_another_encoding_is_rejected(read):
    (rejected,) = read("客户：a".encode("utf-16"))

    assert rejected.error.code is ErrorCode.INVALID_ENCODING


@given(st.binary() | st.text(st.sampled_from("客服户：:\n-a[1] ")).map(str.encode))
def test_any_bytes_are_conversations_or_rejections(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "any.txt"
    path.write_bytes(content)

    for outcome in read_txt(path, default_zone=None, limits=Limits()):
        assert isinstance(outcome, Conversation | Rejected)
