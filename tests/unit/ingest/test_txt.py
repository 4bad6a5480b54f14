"""Plain text: roles at the start of a line, separators, lines that go on."""

import re
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

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
    def read(content: str | bytes, limits: Limits = Limits(), default_zone=None):  # noqa: B008
        path = tmp_path / "log.txt"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return list(read_txt(path, default_zone=default_zone, limits=limits))

    return read


def said(conversation: Conversation) -> list[tuple[Role, str]]:
    return [(turn.role, turn.text) for turn in conversation.turns]


def test_reads_the_sample():
    talks = list(read_txt(FORMATS / "chat.txt", default_zone=None, limits=Limits()))

    assert [len(talk.turns) for talk in talks] == [8, 7, 8]
    assert all(re.fullmatch("chat-[0-9a-f]{8}", talk.external_id) for talk in talks)


def test_files_of_one_name_keep_their_conversations_apart(tmp_path):
    ids = []
    for month, text in (("jan", "客户：a\n"), ("feb", "客户：b\n"), ("mar", "\n客户：b\r\n---\n客户：a\n")):
        (tmp_path / month).mkdir()
        path = tmp_path / month / "chat.txt"
        path.write_bytes(text.encode())
        ids.append([talk.external_id for talk in read_txt(path, default_zone=None, limits=Limits())])

    (january,), (february,), march = ids
    assert january != february
    assert march == [february, january]


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


@pytest.mark.parametrize(
    ("line", "role", "name"),
    [
        *[
            (line, Role.AGENT, "小林")
            for line in (
                "客服小林：a",
                "客服 小林：a",
                "客服-小林：a",
                "客服(小林)：a",
                "小林(客服)：a",
                "小林（客服）: a",
            )
        ],
        ("客服Momo：a", Role.AGENT, "Momo"),
        ("客服 07号：a", Role.AGENT, "07号"),
        ("Agent Maya: a", Role.AGENT, "Maya"),
        ("Maya Abbott (agent): a", Role.AGENT, "Maya Abbott"),
        ("客户张三：a", Role.CUSTOMER, "张三"),
        ("[3] [10:00:05] 买家：a", Role.CUSTOMER, None),
        ("10:00 客服小林：a", Role.AGENT, "小林"),
        ("系统消息：a", Role.SYSTEM, None),
    ],
)
def test_knows_names_beside_the_role(read, line, role, name):
    (talk,) = read(line)
    (turn,) = talk.turns

    assert (turn.role, turn.sender_id, turn.text, turn.at) == (role, name, "a", None)


def test_nobody_is_charged_with_another_ones_words(read):
    (talk,) = read(
        "客服：您好\n客户张三：滚你妈的\n客服小林：在的\n2026-11-02 10:00:00 买家：a\n",
        default_zone=ZoneInfo("Asia/Shanghai"),
    )

    assert [turn.role for turn in talk.turns] == [Role.AGENT, Role.CUSTOMER, Role.AGENT, Role.CUSTOMER]
    assert [agent.id for agent in talk.agents] == ["小林"]


@pytest.mark.parametrize(
    "stamp",
    [
        "2026-11-02 10:00:00 ",
        "2026/11/2 10:00 ",
        "[2026-11-02 10:00:00] ",
        "2026年11月2日 10:00 ",
        "2026-11-02T02:00:00Z ",
    ],
)
def test_a_date_and_time_before_the_role_is_the_turns_time(read, stamp):
    zone = ZoneInfo("Asia/Shanghai")
    (talk,) = read(f"{stamp}买家：a", default_zone=zone)

    assert talk.turns[0].at == datetime(2026, 11, 2, 10, tzinfo=zone)


def test_a_time_without_offset_needs_the_default_zone(read):
    (rejected,) = read("客户：a\n2026-11-02 10:00:00 客服：b")

    assert (rejected.line, rejected.error.code) == (2, ErrorCode.TIME_ZONE_MISSING)


@pytest.mark.parametrize(
    "line",
    [
        "金牌客服小林同学：滚",
        "智能客服：滚",
        "客服机器人：滚",
        "客户经理：滚",
        "客户服务：滚",
        "Customer service: a",
        "agent maya: a",
        "客户电话：138",
        "客户说：滚",
        "用户小王：滚",
        "客服小林 10:00:05",
        "客服小林",
        "10:00:05 张三：滚",
        "2026-11-02 客户：滚",
        "小林：滚",
    ],
)
def test_a_line_that_may_be_another_speakers_refuses_its_conversation(read, line):
    rejected, last = read(f"客服小林：您好\n{line}\n客户：a\n---\n客户：b\n")

    assert (rejected.line, rejected.error.field) == (2, "line 2")
    assert "not understood" in rejected.error.message
    assert said(last) == [(Role.CUSTOMER, "b")]


@pytest.mark.parametrize(
    "line", ["收件人：张三", "1. 换货：三天", "10:00 到 12:00 都在", "robotics: yes", "https://a.example/客服"]
)
def test_a_colon_alone_makes_no_speaker(read, line):
    (talk,) = read(f"客服：您好\n{line}\n")

    assert said(talk) == [(Role.AGENT, f"您好\n{line}")]


def test_lines_without_role_go_on_with_the_turn(read):
    (talk,) = read("客服：两种办法：\n1. 换货\n\n2. 退款\n客户：换\n")

    assert said(talk) == [(Role.AGENT, "两种办法：\n1. 换货\n\n2. 退款"), (Role.CUSTOMER, "换")]


def test_blank_lines_separate_where_there_is_no_rule_line(read):
    talks = read("客户：a\n客服：b\n\n\n客户：c\n")

    assert [len(talk.turns) for talk in talks] == [2, 1]


def test_blank_lines_do_not_separate_where_rule_lines_do(read):
    talks = read("客户：a\n\n客服：b\n ----- \n\n客户：c\n---\n---\n")

    assert [len(talk.turns) for talk in talks] == [2, 1]


def test_reads_gb18030_and_windows_line_ends(read):
    (talk,) = read("客户：在吗\r\n客服：在的\r\n".encode("gb18030"))

    assert said(talk) == [(Role.CUSTOMER, "在吗"), (Role.AGENT, "在的")]


def test_text_before_the_first_turn_rejects_that_conversation_only(read):
    rejected, second = read("聊天记录\n客户：a\n---\n客户：b\n")

    assert (rejected.line, rejected.error.field) == (1, "line 1")
    assert said(second) == [(Role.CUSTOMER, "b")]


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
    assert said(last) == [(Role.CUSTOMER, "b")]


def test_another_encoding_is_rejected(read):
    (rejected,) = read("客户：a".encode("utf-16"))

    assert rejected.error.code is ErrorCode.INVALID_ENCODING


@given(st.binary() | st.text(st.sampled_from("客服户：:\n-a[1] (林)")).map(str.encode))
def test_any_bytes_are_conversations_or_rejections(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "any.txt"
    path.write_bytes(content)

    for outcome in read_txt(path, default_zone=None, limits=Limits()):
        assert isinstance(outcome, Conversation | Rejected)
