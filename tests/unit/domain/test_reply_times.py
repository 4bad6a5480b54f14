from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from qa_service.domain.conversation import Agent, AgentId, TurnKind
from qa_service.domain.reply_times import reply_times
from tests.builders import conversation

NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)


def chat(*lines: tuple[float | None, str], **kinds: TurnKind):
    """Turns at so many seconds after noon; `t2=TurnKind.IMAGE` sets the kind of turn 2."""
    built = conversation(*(line for _, line in lines))
    turns = [
        replace(
            turn,
            at=None if second is None else NOON + timedelta(seconds=second),
            kind=kinds.get(f"t{turn.id}", TurnKind.TEXT),
        )
        for turn, (second, _) in zip(built.turns, lines, strict=True)
    ]
    return replace(built, turns=tuple(turns))


def measured(conversation_):
    return {
        s.agent_id: (s.first_reply_seconds, s.average_reply_seconds, s.longest_reply_seconds, s.unanswered_turns)
        for s in reply_times(conversation_)
    }


def test_a_wait_runs_from_the_first_open_message_to_the_answer():
    result = measured(
        chat(
            (0, "customer: 在吗"), (10, "customer: 能退吗"), (41, "agent[a-1]: 能"), (50, "agent[a-1]: 亲"),
            (60, "customer: 怎么退"), (79, "agent[a-1]: 点申请"),
        )
    )  # fmt: skip
    assert result == {"a-1": (41.0, 30.0, 41.0, 0)}


def test_who_takes_over_is_timed_from_the_transfer():
    result = measured(
        chat(
            (0, "customer: 在吗"), (5, "agent[a-1]: 在"), (10, "customer: 退款"), (40, "system: 已转接"),
            (100, "agent[a-2]: 我来处理"), (110, "customer: 还要多久"),
        )
    )  # fmt: skip
    assert result == {"a-1": (5.0, 5.0, 5.0, 0), "a-2": (60.0, 60.0, 60.0, 1)}


def test_the_wait_before_the_transfer_is_the_longest_of_the_agent_who_left():
    result = measured(
        chat((0, "customer: 在吗"), (5, "agent[a-1]: 在"), (10, "customer: 退款"), (600, "system: 已转接"),
             (610, "agent[a-2]: 我来处理"))
    )  # fmt: skip
    assert result == {"a-1": (5.0, 5.0, 590.0, 0), "a-2": (10.0, 10.0, 10.0, 0)}


def test_a_transfer_before_the_wait_leaves_the_whole_wait_to_the_next():
    result = measured(
        chat((0, "agent[a-1]: 我帮您转接"), (5, "system: 已转接"), (10, "customer: 退款"), (70, "agent[a-2]: 我来处理"))
    )
    assert result == {"a-1": (None, None, None, 0), "a-2": (60.0, 60.0, 60.0, 0)}


def test_without_a_known_transfer_who_takes_over_has_no_time():
    result = measured(
        chat((0, "agent[a-1]: 在"), (10, "customer: 退款"), (100, "agent[a-2]: 我来处理"), (110, "customer: 多久"),
             (130, "agent[a-2]: 三天"))
    )  # fmt: skip
    assert result == {"a-1": (None, None, None, 0), "a-2": (None, 20.0, 20.0, 0)}


def test_a_system_turn_without_a_change_of_hands_starts_nothing():
    result = measured(
        chat((0, "agent[a-1]: 在"), (10, "customer: 退款"), (60, "system: 客户等待中"), (100, "agent[a-1]: 好"))
    )
    assert result["a-1"] == (90.0, 90.0, 90.0, 0)


def test_the_first_person_is_timed_from_the_transfer_by_the_bot():
    result = measured(
        chat((0, "customer: 转人工"), (1, "bot: 排队中"), (50, "system: 客服已接入"), (60, "agent[a-1]: 您好"))
    )
    assert result["a-1"][0] == 10.0


def test_a_bots_answer_leaves_a_wait_for_a_person_open():
    result = measured(chat((0, "agent[a-1]: 您好"), (10, "customer: 多少钱"), (11, "bot: 十元")))
    assert result["a-1"][3] == 1


def test_where_only_a_bot_was_asked_nobody_left_a_turn_unanswered():
    assert measured(chat((0, "customer: 多少钱"), (1, "bot: 十元"))) == {}


def test_thanks_to_a_declared_agent_by_name_wait_for_nothing():
    built = chat((0, "agent: 能退"), (9, "customer: 好的，谢谢周敏"))
    named = replace(built, agents=(Agent(id=AgentId("a-1"), name="周敏"),))
    assert measured(named) == {"a-1": (None, None, None, 0)}


def test_thanks_neither_start_a_wait_nor_stay_unanswered():
    result = measured(
        chat((0, "customer: 能退吗"), (9, "agent[a-1]: 能"), (20, "customer: 好的谢谢"), (99, "agent[a-1]: 不客气"),
             (120, "customer: 👍"))
    )  # fmt: skip
    assert result == {"a-1": (9.0, 9.0, 9.0, 0)}


def test_an_image_a_voice_message_a_card_and_a_file_wait_for_an_answer_a_recalled_message_does_not():
    lines = ((0, "agent[a-1]: 您好"), *((n * 10, f"customer: {n}") for n in range(2, 7)))
    kinds = {
        "t2": TurnKind.IMAGE,
        "t3": TurnKind.AUDIO,
        "t4": TurnKind.CARD,
        "t5": TurnKind.FILE,
        "t6": TurnKind.RECALL,
    }
    assert measured(chat(*lines, **kinds))["a-1"][3] == 4


def test_a_recalled_answer_is_no_answer():
    result = measured(
        chat((0, "customer: 能退吗"), (5, "agent[a-1]: 撤回"), (30, "agent[a-1]: 能"), t2=TurnKind.RECALL)
    )
    assert result["a-1"][0] == 30.0


def test_what_a_bot_answered_is_no_humans_wait():
    result = measured(
        chat((0, "customer: 在吗"), (1, "bot: 您好"), (60, "customer: 退货流程"), (61, "bot: 请看这里"),
             (90, "customer: 转人工"), (91, "bot: 正在为您转接"), (100, "agent[a-1]: 您好"))
    )  # fmt: skip
    assert result["a-1"][0] == 10.0


def test_after_a_human_has_spoken_a_bot_ends_no_wait():
    result = measured(
        chat(
            (0, "agent[a-1]: 您好"),
            (10, "customer: 能退吗"),
            (11, "bot: 客服忙"),
            (15, "customer: 人呢"),
            (70, "agent[a-1]: 能"),
        )
    )
    assert result["a-1"] == (60.0, 60.0, 60.0, 0)


def test_a_greeting_bot_without_a_question_answers_nothing():
    result = measured(chat((0, "bot: 欢迎光临"), (5, "customer: 在吗"), (9, "agent[a-1]: 在")))
    assert result["a-1"][0] == 4.0


def test_a_turn_of_an_unknown_agent_ends_the_wait_and_is_nobodys():
    result = measured(
        chat((0, "customer: 在吗"), (5, "agent[a-1]: 在"), (6, "agent[a-2]: 我也在"), (10, "customer: 退款"),
             (100, "agent: 好的"), (110, "customer: 多久到账"))
    )  # fmt: skip
    assert result == {"a-1": (5.0, 5.0, 5.0, 0), "a-2": (None, None, None, 0)}


def test_missing_times_give_no_seconds_but_count_unanswered_turns():
    result = measured(chat((None, "customer: 能退吗"), (None, "agent[a-1]: 能"), (None, "customer: 怎么退")))
    assert result == {"a-1": (None, None, None, 1)}


def test_a_wait_without_time_is_left_out_of_the_average():
    result = measured(
        chat((None, "customer: 在吗"), (10, "agent[a-1]: 在"), (20, "customer: 能退吗"), (50, "agent[a-1]: 能"))
    )
    assert result == {"a-1": (None, 30.0, 30.0, 0)}


def test_a_chat_without_agents_has_no_times():
    assert reply_times(conversation("customer: 在吗", "bot: 您好")) == ()


@pytest.mark.parametrize(
    ("notice", "unanswered"), [("会话已转接给 小周", 0), ("Chat transferred to Ben", 0), ("客户收到评价邀请", 2)]
)
def test_what_was_asked_after_the_chat_was_handed_on_is_not_left_by_who_handed_it_on(notice, unanswered):
    built = chat(
        (0, "customer: 能退吗"), (9, "agent[a-1]: 我给您转接"), (10, f"system: {notice}"),
        (20, "customer: 在吗"), (99, "customer: 有人吗"),
    )  # fmt: skip
    assert measured(built)["a-1"][3] == unanswered


def test_what_was_asked_before_the_chat_was_handed_on_was_left_by_who_did_so():
    built = chat((0, "agent[a-1]: 您好"), (5, "customer: 能退吗"), (60, "system: 已转接给 小周"))
    assert measured(built)["a-1"][3] == 1
