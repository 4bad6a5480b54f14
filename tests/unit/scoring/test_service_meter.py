from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from qa_service.domain.conversation import TurnKind
from qa_service.scoring.no_reply import needs_reply
from qa_service.scoring.service_meter import ReplyMeter
from tests.builders import conversation
from tests.unit.scoring.builders import mood, no_mood, turn_tone

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


def measured(conversation_, mood_=None):
    return {
        s.agent_id: (s.first_reply_seconds, s.average_reply_seconds, s.longest_reply_seconds, s.unanswered_turns)
        for s in ReplyMeter().measure(conversation_, mood_ or no_mood())
    }


def test_a_wait_runs_from_the_first_open_message_to_the_answer():
    result = measured(
        chat(
            (0, "customer: 在吗"), (10, "customer: 能退吗"), (41, "agent[a-1]: 能"), (50, "agent[a-1]: 亲"),
            (60, "customer: 怎么退"), (79, "agent[a-1]: 点申请"),
        )
    )  # fmt: skip
    assert result == {"a-1": (41.0, 30.0, 41.0, 0)}


def test_the_wait_is_the_answering_agents():
    result = measured(
        chat(
            (0, "customer: 在吗"), (5, "agent[a-1]: 在"), (10, "customer: 退款"), (100, "agent[a-2]: 我来处理"),
            (110, "customer: 还要多久"),
        )
    )  # fmt: skip
    assert result == {"a-1": (5.0, 5.0, 5.0, 0), "a-2": (90.0, 90.0, 90.0, 1)}


def test_thanks_neither_start_a_wait_nor_stay_unanswered():
    result = measured(
        chat((0, "customer: 能退吗"), (9, "agent[a-1]: 能"), (20, "customer: 好的谢谢"), (99, "agent[a-1]: 不客气"),
             (120, "customer: 👍"))
    )  # fmt: skip
    assert result == {"a-1": (9.0, 9.0, 9.0, 0)}


def test_an_image_and_a_voice_message_wait_for_an_answer_a_card_or_recall_does_not():
    lines = (
        (0, "agent[a-1]: 您好"),
        (10, "customer: [图片]"),
        (20, "customer: x"),
        (30, "customer: y"),
        (40, "customer: z"),
    )
    kinds = {"t2": TurnKind.IMAGE, "t3": TurnKind.AUDIO, "t4": TurnKind.CARD, "t5": TurnKind.RECALL}
    assert measured(chat(*lines, **kinds))["a-1"][3] == 2


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


def test_tone_is_the_mean_of_the_own_complete_tones():
    tones = (
        turn_tone("1", "a-1", 0.5), turn_tone("2", "a-1", 1.0), turn_tone("3", "a-1", None), turn_tone("4", "a-2", None),
    )  # fmt: skip
    first, second = ReplyMeter().measure(conversation("agent[a-1]: 您好", "agent[a-2]: 您好"), mood(tones=tones))
    assert (first.tone, second.tone) == (0.75, None)


def test_a_chat_without_agents_has_no_service():
    assert ReplyMeter().measure(conversation("customer: 在吗", "bot: 您好"), mood()) == ()


@pytest.mark.parametrize(
    "text",
    ["thanks Maya!", "Ok, thank you, Tom",
     "谢谢", "好的", "好的，谢谢啦~", "嗯嗯 谢谢亲", "可以，谢谢", "OK", "ok thanks!", "Thank you so much.", "That's all, thanks",
     "😊", "👍👍", "[微笑]", "[玫瑰][玫瑰]", "。。。", " ", "謝謝", "ＯＫ", "行吧", "明白了，辛苦了"],
)  # fmt: skip
def test_closing_words_and_emoji_need_no_reply(text):
    assert not needs_reply(text)


@pytest.mark.parametrize(
    "text",
    ["在吗", "好的，那什么时候发货", "谢谢？", "好的?", "可以", "yes", "？？？", "！！！", "[图片]", "[视频]", "好不好", "啊",
     "thanks but it is broken", "thanks Maya, where is it", "Thanks Tom?", "谢谢你们把我的快递弄丢了", "谢" * 40, "谢谢" * 30, "1"],
)  # fmt: skip
def test_everything_else_needs_a_reply(text):
    assert needs_reply(text)
