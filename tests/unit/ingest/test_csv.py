"""CSV: quoting, encodings, headers, and rows grouped into conversations."""

import csv
import io
import tracemalloc
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_service.domain.conversation import Agent, Conversation, Role, TurnKind
from qa_service.errors import ErrorCode
from qa_service.ingest.csv import read_csv, read_rows
from qa_service.ingest.limits import Limits
from qa_service.ingest.rejected import Rejected

FORMATS = Path(__file__).parents[3] / "samples" / "formats"
SHANGHAI = ZoneInfo("Asia/Shanghai")
HEADER = "会话ID,角色,内容\n"


@pytest.fixture
def read(tmp_path):
    def read(content: str | bytes, *, limits: Limits = Limits(), default_zone=SHANGHAI):  # noqa: B008
        path = tmp_path / "chats.csv"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return list(read_csv(path, default_zone=default_zone, limits=limits))

    return read


def texts(conversation: Conversation) -> list[str]:
    return [turn.text for turn in conversation.turns]


def test_reads_the_utf8_sample():
    talks = list(read_csv(FORMATS / "chats.csv", default_zone=None, limits=Limits()))

    assert [(talk.external_id, len(talk.turns)) for talk in talks] == [("f-3001", 8), ("f-3002", 8), ("f-3003", 6)]
    assert texts(talks[0])[3] == "可以调，三档色温：\n暖光3000K,适合睡前;\n自然光4000K,写作业用这档;\n白光5000K"
    assert texts(talks[0])[4] == '哦那挺好，"护眼"不是噱头就行'
    assert [turn.role for turn in talks[1].turns][:4] == [Role.SYSTEM, Role.BOT, Role.CUSTOMER, Role.AGENT]
    assert talks[1].agents == (Agent(id="大鹏", name="大鹏"),)
    assert talks[1].customer.id == "访客8821"
    assert talks[2].channel == "wecom"
    assert talks[0].turns[0].at.isoformat() == "2026-11-05T10:02:11+08:00"


def test_reads_the_gb18030_sample():
    talks = list(read_csv(FORMATS / "chats_gb18030.csv", default_zone=None, limits=Limits()))

    assert [(talk.external_id, len(talk.turns)) for talk in talks] == [("g-1", 6), ("g-2", 8)]
    assert texts(talks[0])[4] == "好，那我先晾着😊"
    assert talks[0].turns[0].at.isoformat() == "2026-11-07T20:15:00+08:00"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_detects_the_encoding(read, encoding):
    (talk,) = read((HEADER + "c-1,客服,您好😊\n").encode(encoding))

    assert texts(talk) == ["您好😊"]


def test_rejects_another_encoding_as_a_whole(read):
    (rejected,) = read((HEADER + "c-1,客服,您好\n").encode("utf-16"))

    assert (rejected.error.code, rejected.error.field) == (ErrorCode.INVALID_ENCODING, "file")


@pytest.mark.parametrize(
    "header",
    [
        "会话ID,角色,内容",
        "对话ID,身份,消息",
        "session_id,role,content",
        "Conversation ID,Role,Message",
        "external_id,role,text",
    ],
)
def test_knows_the_header_aliases(read, header):
    (talk,) = read(f"{header}\nc-1,客服,您好\n")

    assert (talk.external_id, texts(talk)) == ("c-1", ["您好"])


@pytest.mark.parametrize(
    ("word", "role"),
    [
        *[(word, Role.AGENT) for word in ("客服", "坐席", "座席", "agent", "staff", "商家")],
        *[(word, Role.CUSTOMER) for word in ("客户", "买家", "顾客", "访客", "customer", "user", "Buyer")],
        *[(word, Role.BOT) for word in ("机器人", "bot")],
        *[(word, Role.SYSTEM) for word in ("系统", "system")],
    ],
)
def test_knows_the_role_aliases(read, word, role):
    (talk,) = read(f"{HEADER}c-1, {word} ,您好\n")

    assert talk.turns[0].role is role


def test_reads_kind_shop_agent_columns_and_keeps_the_others_as_attributes(read):
    header = "会话ID,角色,发送者,客服ID,客服姓名,客服组,内容,类型,店铺,订单号,\n"
    rows = "c-1,客户,u-1,a-7,小林,售后,[图片],图片,demo,,x\nc-1,客服,小林,a-7,小林,售后,您好,,,T-1,\n"
    (talk,) = read(header + rows)

    assert [(turn.sender_id, turn.kind) for turn in talk.turns] == [("u-1", TurnKind.IMAGE), ("a-7", TurnKind.TEXT)]
    assert talk.agents == (Agent(id="a-7", name="小林", group="售后"),)
    assert (talk.shop, talk.attributes) == ("demo", {"订单号": "T-1"})


@pytest.mark.parametrize(
    "time",
    [
        "2026/11/7 20:15",
        "2026-11-07 20:15:00",
        "2026.11.7 20:15",
        "2026年11月7日 20:15",
        "2026年11月7日20时15分",
        "2026年11月7日20时15分0秒",
        "2026-11-07T20:15:00+08:00",
        "2026-11-07T12:15:00Z",
    ],
)
def test_reads_the_times_that_tables_have(read, time):
    (talk,) = read(f"会话ID,角色,内容,时间\nc-1,客服,您好,{time}\n")

    assert talk.turns[0].at.isoformat() in ("2026-11-07T20:15:00+08:00", "2026-11-07T12:15:00+00:00")


@pytest.mark.parametrize(
    ("content", "line", "code", "field"),
    [
        pytest.param("", 1, ErrorCode.INVALID_FIELD, "header", id="empty file"),
        pytest.param("会话ID,内容\nc-1,hi\n", 1, ErrorCode.MISSING_FIELD, "header", id="missing column"),
        pytest.param("时间,日期\n", 1, ErrorCode.INVALID_FIELD, "header", id="two columns of one meaning"),
        pytest.param(HEADER + "c-1,老板,hi\n", 2, ErrorCode.INVALID_FIELD, "turns[0].role", id="unknown role"),
        pytest.param(HEADER + "c-1,客服\n", 2, ErrorCode.MISSING_FIELD, "turns[0].text", id="missing text"),
        pytest.param(HEADER + ",客服,hi\n", 2, ErrorCode.MISSING_FIELD, "external_id", id="no conversation id"),
        pytest.param(
            HEADER + "c-1,客服,a\n\nc-1,客服,你好,在吗\n",
            4,
            ErrorCode.INVALID_FIELD,
            "line 4",
            id="comma without quotes",
        ),
        pytest.param(HEADER + 'c-1,客服,"a\n', 2, ErrorCode.INVALID_FIELD, "line 2", id="quote never closed"),
        pytest.param(HEADER + "c-1,客服,a\0b\n", 2, ErrorCode.INVALID_TEXT, "turns[0].text", id="NUL"),
    ],
)
def test_rejects_with_the_line(read, content, line, code, field):
    (rejected,) = read(content)

    assert (rejected.line, rejected.error.code, rejected.error.field) == (line, code, field)


def test_names_the_missing_column_and_its_accepted_names(read):
    (rejected,) = read("会话ID,角色\n")

    assert "no column text" in rejected.error.message
    assert "内容" in rejected.error.message


def test_time_without_offset_needs_a_default_zone(read):
    (rejected,) = read("会话ID,角色,内容,时间\nc-1,客服,您好,2026/11/7 20:15\n", default_zone=None)

    assert (rejected.external_id, rejected.error.code) == ("c-1", ErrorCode.TIME_ZONE_MISSING)


def test_one_bad_conversation_stops_no_other_and_is_reported_at_its_turn(read):
    first, rejected, last = read(HEADER + "c-1,客服,a\nc-2,客服,b\nc-2,老板,c\nc-3,客服,d\n")

    assert [first.external_id, last.external_id] == ["c-1", "c-3"]
    assert (rejected.line, rejected.external_id, rejected.error.field) == (4, "c-2", "turns[1].role")


NAMED = "会话ID,角色,发送者,客服ID,内容\n"


def test_a_blank_agent_id_is_filled_by_the_name_in_the_same_conversation(read):
    first, second = read(NAMED + "c-1,客服,小林,,a\nc-1,客服,小林,k-1,b\nc-2,客服,小林,,c\n")

    assert [turn.sender_id for turn in first.turns] == ["k-1", "k-1"]
    assert first.agents == (Agent(id="k-1", name="小林"),)
    assert [turn.sender_id for turn in second.turns] == ["小林"]


def test_a_name_of_two_agents_leaves_the_turn_to_nobody(read):
    (talk,) = read(NAMED + "c-1,客服,小林,k-1,a\nc-1,客服,小林,k-2,b\nc-1,客服,小林,,c\n")

    assert [turn.sender_id for turn in talk.turns] == ["k-1", "k-2", None]


def test_a_name_without_any_id_is_not_charged_to_the_other_agent(read):
    (talk,) = read(NAMED + "c-1,客服,小林,k-1,a\nc-1,客服,大鹏,,b\n")

    assert [turn.sender_id for turn in talk.turns] == ["k-1", "大鹏"]


def test_a_customer_named_like_an_agent_gets_no_agent_id(read):
    (talk,) = read(NAMED + "c-1,客服,小林,k-1,a\nc-1,客户,小林,,b\n")

    assert [turn.sender_id for turn in talk.turns] == ["k-1", "小林"]


def test_rows_that_are_not_together_are_rejected_once(read):
    outcomes = read(HEADER + "c-1,客服,a\nc-2,客服,b\nc-1,客服,c\nc-2,客服,d\nc-1,客服,e\n")

    rejected = [outcome for outcome in outcomes if isinstance(outcome, Rejected)]
    assert [(outcome.line, outcome.external_id) for outcome in rejected] == [(4, "c-1"), (5, "c-2")]
    assert all("not together" in outcome.error.message for outcome in rejected)


def test_a_huge_cell_is_refused_by_its_limit_and_takes_no_memory(tmp_path):
    path = tmp_path / "huge.csv"
    with path.open("w", encoding="utf-8") as stream:
        stream.write(HEADER + 'c-1,客户,"')
        for _ in range(300):
            stream.write("a, b\n" + "x" * 17_000)
        stream.write('"\nc-2,客户,hi\n')

    tracemalloc.start()
    rejected, last = read_csv(path, default_zone=None, limits=Limits())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert (rejected.error.field, rejected.error.code) == ("turns[0].text", ErrorCode.TOO_LARGE)
    assert "limit turn_characters" in rejected.error.message
    assert last.external_id == "c-2"
    assert peak < 1_500_000


def test_too_many_rows_of_one_conversation_are_refused_by_the_limit(read):
    rejected, last = read(HEADER + "c-1,客服,a\n" * 5 + "c-2,客服,b\n", limits=Limits(turns=3))

    assert (rejected.error.field, rejected.error.code) == ("turns", ErrorCode.TOO_LARGE)
    assert last.external_id == "c-2"


CELLS = st.text(st.sampled_from('a客 ,"\n；'), max_size=6)
TABLES = st.lists(st.lists(CELLS, min_size=2, max_size=4), max_size=5)


@given(TABLES, st.integers(1, 5))
def test_reads_what_the_standard_library_writes(table, size):
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows(table)
    content = stream.getvalue()
    chunks = [content[start : start + size] for start in range(0, len(content), size)]

    assert [list(row.cells) for row in read_rows(chunks, cell_characters=100)] == table


@given(st.text(st.sampled_from('a,"\n'), max_size=12))
def test_reads_any_text_as_the_standard_library_does(content):
    expected = [row or [""] for row in csv.reader(io.StringIO(content))]
    rows = list(read_rows([content], cell_characters=100))

    if not any(row.error for row in rows):
        assert [list(row.cells) for row in rows] == expected


def test_rows_know_the_line_that_they_begin_on():
    rows = list(read_rows(['a,"b\nc"\nd,e\n\nf'], cell_characters=100))

    assert [(row.line, row.cells) for row in rows] == [
        (1, ("a", "b\nc")),
        (3, ("d", "e")),
        (4, ("",)),
        (5, ("f",)),
    ]


def test_a_row_of_commas_is_cut():
    (row,) = read_rows(["," * 5_000], cell_characters=10)

    assert len(row.cells) == 1_000


@given(st.binary() | st.text(st.sampled_from('c1客服户,"\n -')).map(lambda text: (HEADER + text).encode()))
def test_any_bytes_are_conversations_or_rejections(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes(content)

    for outcome in read_csv(path, default_zone=None, limits=Limits()):
        assert isinstance(outcome, Conversation | Rejected)
