from __future__ import annotations

from qa_service.scoring.service_meter import ReplyMeter
from tests.builders import conversation
from tests.unit.scoring.builders import mood, turn_tone


def test_tone_is_the_mean_of_the_own_complete_tones():
    tones = (
        turn_tone("1", "a-1", 0.5), turn_tone("2", "a-1", 1.0), turn_tone("3", "a-1", None), turn_tone("4", "a-2", None),
    )  # fmt: skip
    first, second = ReplyMeter().measure(conversation("agent[a-1]: 您好", "agent[a-2]: 您好"), mood(tones=tones))
    assert (first.tone, second.tone) == (0.75, None)


def test_a_chat_without_agents_has_no_service():
    assert ReplyMeter().measure(conversation("customer: 在吗", "bot: 您好"), mood()) == ()


def test_reply_times_stand_beside_the_tone():
    (service,) = ReplyMeter().measure(conversation("agent[a-1]: 您好", "customer: 能退吗"), mood())
    assert (service.agent_id, service.unanswered_turns) == ("a-1", 1)
