"""A model beside the live one: it says what it would say, and nothing else changes."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest

from qa_service.domain.conversation import Conversation, TurnId
from qa_service.domain.learning import ShadowDifference, mood_difference
from qa_service.domain.mood import ConversationMood, Emotion, MoodStatus, TurnMood
from qa_service.domain.text import NormalisedConversation
from qa_service.workflows.intake import Intake
from qa_service.workflows.ports import MoodModel
from qa_service.workflows.shadow import WAITING_AT_MOST, Shadow, shadow_reports
from qa_service.workflows.worker import Worker
from tests.builders import conversation
from tests.fakes.queue import FakeQueue, fake_intake
from tests.fakes.repository import FakeUnitOfWork
from tests.fakes.stages import FakeClock, FakeMood, FakeNormaliser, fake_inspector


@dataclass
class Gentler(FakeMood):
    """Hears disappointment where the live model hears anger; fails where told to."""

    revision: str = "mood-2"
    fails_at: str = "\0"

    def score(self, conversations: Sequence[NormalisedConversation]) -> list[ConversationMood]:
        if any(self.fails_at in turn.text for one in conversations for turn in one.conversation.turns):
            raise ValueError(f"cannot score {self.fails_at}")
        return [
            replace(mood, satisfaction=4.0, turns=tuple(_gentler(turn) for turn in mood.turns))
            for mood in super().score(conversations)
        ]


def _gentler(turn: TurnMood) -> TurnMood:
    if turn.emotion is not Emotion.ANGRY:
        return turn
    return replace(turn, emotion=Emotion.DISAPPOINTED, polarity=-0.5)


@pytest.fixture
def store() -> FakeUnitOfWork:
    return FakeUnitOfWork()


@pytest.fixture
def intake(store: FakeUnitOfWork) -> Intake:
    return fake_intake(store, clock=FakeClock(), queue=FakeQueue())


def chat(name: str = "c-1", text: str = "太差了") -> Conversation:
    return conversation(f"customer: {text}", "agent[a-7]: 亲，抱歉", "customer: 好的", external_id=name)


def shadow(store: FakeUnitOfWork, model: MoodModel | None = None) -> Shadow:
    def load() -> MoodModel:
        if model is None:
            raise OSError("no such folder")
        return model

    return Shadow(unit_of_work=store, clock=FakeClock(), normaliser=FakeNormaliser(), load_model=load)


def work(store: FakeUnitOfWork, beside: Shadow) -> None:
    worker = Worker(
        unit_of_work=store, clock=FakeClock(), inspector=fake_inspector(), claimant="w", after_stored=beside.offer
    )
    while worker.work():
        pass
    beside.stop()


def differences(store: FakeUnitOfWork) -> list[ShadowDifference]:
    with store() as repository:
        return repository.shadow_differences()


def test_the_difference_of_each_stored_result_is_kept(store: FakeUnitOfWork, intake: Intake) -> None:
    conversation_id = intake.submit(chat()).id

    work(store, shadow(store, Gentler()))

    (difference,) = differences(store)
    assert (difference.conversation_id, difference.live_revision, difference.shadow_revision) == (
        conversation_id,
        "mood-1",
        "mood-2",
    )
    assert (difference.turns, difference.changed_emotions, difference.satisfaction_difference) == (2, 1, 1.0)
    assert difference.polarity_difference == pytest.approx(0.2)


def test_the_live_result_is_the_one_without_a_shadow(store: FakeUnitOfWork, intake: Intake) -> None:
    conversation_id = intake.submit(chat()).id
    work(store, shadow(store, Gentler()))

    with store() as repository:
        stored = repository.get(conversation_id)

    assert stored.inspection == fake_inspector().inspect([chat()])[0]


def test_a_shadow_model_that_fails_costs_its_own_figures_alone(
    store: FakeUnitOfWork, intake: Intake, caplog: pytest.LogCaptureFixture
) -> None:
    for name, text in (("c-1", "秘密"), ("c-2", "太差了")):
        intake.submit(chat(name, text))

    with caplog.at_level(logging.ERROR):
        work(store, shadow(store, Gentler(fails_at="秘密")))

    with store() as repository:
        assert repository.state_counts() == {"complete": 2}
    assert len(differences(store)) == 1
    assert "秘密" not in caplog.text
    assert "ValueError" in caplog.text


def test_a_shadow_model_that_cannot_be_loaded_is_said_once(
    store: FakeUnitOfWork, intake: Intake, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("c-1", "c-2"):
        intake.submit(chat(name))

    with caplog.at_level(logging.ERROR):
        work(store, shadow(store))

    with store() as repository:
        assert repository.state_counts() == {"complete": 2}
    assert [record.message for record in caplog.records] == [
        "no shadow model: it cannot be loaded: OSError('no such folder')"
    ]


def test_what_comes_while_too_many_wait_is_left_out_at_once(store: FakeUnitOfWork) -> None:
    may_load = threading.Event()

    def load() -> MoodModel:
        may_load.wait()
        raise OSError

    beside = Shadow(unit_of_work=store, clock=FakeClock(), normaliser=FakeNormaliser(), load_model=load)
    (inspection,) = fake_inspector().inspect([chat()])

    for _ in range(WAITING_AT_MOST + 10):
        beside.offer("0" * 32, chat(), inspection)

    assert beside.left_out == 10
    may_load.set()


def test_a_turn_that_one_model_alone_can_judge_is_counted_not_compared() -> None:
    known = TurnMood(turn_id=TurnId("1"), status=MoodStatus.COMPLETE, polarity=0.5, emotion=Emotion.SATISFIED)
    unknown = TurnMood(turn_id=TurnId("1"), status=MoodStatus.UNAVAILABLE, reason="language")

    found = mood_difference(
        ConversationMood(status=MoodStatus.COMPLETE, turns=(known,), satisfaction=4.0),
        ConversationMood(status=MoodStatus.UNAVAILABLE, turns=(unknown,)),
    )

    assert (found.turns, found.one_sided, found.polarity_difference, found.satisfaction_difference) == (
        0,
        1,
        None,
        None,
    )


def test_a_report_a_pair_of_models_weighs_turns_and_names_the_furthest(store: FakeUnitOfWork, intake: Intake) -> None:
    intake.submit(chat())
    work(store, shadow(store, Gentler()))
    (one,) = differences(store)
    wide = replace(one, conversation_id="f" * 32, turns=6, polarity_difference=0.6, changed_emotions=3)
    other = replace(one, shadow_revision="mood-3", polarity_difference=None, turns=0, satisfaction_difference=None)

    first, second = shadow_reports([one, wide, other], widest=1)

    assert (first.conversations, first.turns, first.changed_emotions) == (2, 8, 4)
    assert first.polarity_difference == pytest.approx((0.2 * 2 + 0.6 * 6) / 8)
    assert first.widest == (wide,)
    assert (second.polarity_difference, second.satisfaction_difference) == (None, None)
