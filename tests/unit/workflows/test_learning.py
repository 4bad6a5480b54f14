"""What may leave the service for training, and what it looks like then."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from qa_service.domain.conversation import Conversation, TurnId
from qa_service.domain.finding import Finding, RuleStatus
from qa_service.domain.learning import has_consent
from qa_service.domain.mood import Emotion
from qa_service.domain.review import Decision
from qa_service.errors import Conflict, InvalidInput, NotFound
from qa_service.workflows.inspect_files import StreamInspection
from qa_service.workflows.learning import Learning
from qa_service.workflows.reinspect import reinspect_stored
from tests.builders import conversation
from tests.fakes.services import FakeServices
from tests.fakes.stages import FakeRules, fake_inspector

CONSENT = {"training_consent": "yes"}


@pytest.fixture
def services() -> FakeServices:
    return FakeServices()


@pytest.fixture
def learning(services: FakeServices) -> Learning:
    return Learning(unit_of_work=services.unit_of_work, clock=services.clock)


def promise(name: str = "c-1", **fields: object) -> Conversation:
    return conversation(
        "customer: 太差了，我电话13812345678",
        "agent[a-7]: 亲，七天都能退",
        external_id=name,
        **{"attributes": CONSENT, **fields},
    )


def stored(services: FakeServices, content: Conversation, rules: FakeRules | None = None) -> str:
    submission = services.intake.submit(content)
    services.work(rules)
    return submission.id


def decide(services: FakeServices, conversation_id: str, decision: Decision) -> None:
    review = services.review()
    (finding_id,) = review.conversation(conversation_id).finding_ids.values()
    review.decide(finding_id, decision=decision, comment="看过", reviewer="王")


def test_nothing_leaves_that_nobody_decided(services: FakeServices, learning: Learning) -> None:
    stored(services, promise())

    assert learning.export().rows == ()


@pytest.mark.parametrize("attributes", [{}, {"training_consent": "no"}, {"training_consent": ""}], ids=str)
def test_nothing_leaves_without_consent(services: FakeServices, learning: Learning, attributes: dict[str, str]) -> None:
    decide(services, stored(services, promise(attributes=attributes)), Decision.CONFIRM)

    exported = learning.export()

    assert (exported.rows, exported.without_consent) == ((), 1)


@pytest.mark.parametrize(
    ("said", "is_consent"),
    [("yes", True), ("True", True), (" 1 ", True), ("no", False), ("maybe", False), ("yes?", False)],
)
def test_consent_is_a_plain_yes(said: str, is_consent: bool) -> None:
    assert has_consent(conversation("customer: 你好", attributes={"training_consent": said})) is is_consent


def test_a_row_has_masked_texts_and_the_verdict_and_nothing_that_names_a_person(
    services: FakeServices, learning: Learning
) -> None:
    conversation_id = stored(services, promise(name="order-of-wang"))
    decide(services, conversation_id, Decision.CONFIRM)

    (row,) = learning.export().rows

    assert (row["id"], row["consent"], row["model"]) == (conversation_id, True, "mood-1")
    assert row["turns"] == [
        {"id": "1", "role": "customer", "kind": "text", "text": "太差了，我电话00000000000"},
        {"id": "2", "role": "agent", "kind": "text", "text": "亲，七天都能退"},
    ]
    assert [(j["turn_id"], j["decision"]) for j in row["judgements"]] == [("2", "confirm")]
    for word in ("13812345678", "order-of-wang", "a-7", "王", "看过"):
        assert word not in json.dumps(row, ensure_ascii=False)


def test_turns_are_numbered_by_place_since_the_source_s_ids_may_name_a_person(
    services: FakeServices, learning: Learning
) -> None:
    chat = promise()
    ids = [TurnId(f"wx-13812345678-wang.li@qq.com-{n}") for n in range(len(chat.turns))]
    chat = replace(chat, turns=tuple(replace(turn, id=own) for turn, own in zip(chat.turns, ids, strict=True)))
    conversation_id = stored(services, chat)
    decide(services, conversation_id, Decision.CONFIRM)
    learning.correct_mood(conversation_id, turn_id=ids[0], emotion=Emotion.ANXIOUS, reviewer="王")

    (row,) = learning.export().rows

    assert [turn["id"] for turn in row["turns"]] == ["1", "2"]
    assert [judgement["turn_id"] for judgement in row["judgements"]] == ["2"]
    assert row["emotions"] == [{"turn_id": "1", "emotion": "anxious"}]
    assert "wx-" not in json.dumps(row)


def test_the_newest_verdict_counts_and_an_appeal_decides_nothing(services: FakeServices, learning: Learning) -> None:
    first, second = stored(services, promise("c-1")), stored(services, promise("c-2"))
    decide(services, first, Decision.CONFIRM)
    decide(services, first, Decision.OVERTURN)
    decide(services, second, Decision.APPEAL)

    (row,) = learning.export().rows

    assert row["id"] == first
    assert [j["decision"] for j in row["judgements"]] == ["overturn"]


class TwoRules(FakeRules):
    """Each promise is found by a second rule, too, of the given status."""

    second_status = RuleStatus.SCORED

    def inspect(self, *args: Any) -> tuple[Finding, ...]:
        findings = super().inspect(*args)
        again = (replace(f, rule_id="promise.other", status=self.second_status) for f in findings if f.turn_id)
        return (*findings, *again)


class RuleAndShadow(TwoRules):
    """The second rule is tried out silently."""

    second_status = RuleStatus.SHADOW


@pytest.mark.parametrize(
    ("rules", "verdicts", "taught"),
    [
        pytest.param(TwoRules, {"promise.return_window": "overturn"}, [], id="one waits"),
        pytest.param(
            TwoRules, {"promise.return_window": "overturn", "promise.other": "appeal"}, [], id="one is appealed against"
        ),
        pytest.param(
            TwoRules,
            {"promise.return_window": "overturn", "promise.other": "overturn"},
            ["overturn"],
            id="all overturned",
        ),
        pytest.param(
            TwoRules, {"promise.return_window": "confirm", "promise.other": "overturn"}, ["confirm"], id="one confirmed"
        ),
        pytest.param(TwoRules, {"promise.other": "confirm"}, ["confirm"], id="one confirmed, one waits"),
        pytest.param(
            RuleAndShadow, {"promise.return_window": "overturn"}, ["overturn"], id="a shadow rule waits for ever"
        ),
    ],
)
def test_a_turn_is_free_of_a_category_when_every_hit_of_it_is_overturned(
    services: FakeServices, learning: Learning, rules: type[FakeRules], verdicts: dict[str, str], taught: list[str]
) -> None:
    conversation_id = stored(services, promise(), rules())
    chat = services.review().conversation(conversation_id)
    assert chat.inspection is not None
    for finding in chat.inspection.findings:
        if finding.rule_id in verdicts:
            services.review().decide(
                chat.finding_ids[finding.key],
                decision=Decision(verdicts[finding.rule_id]),
                comment="看过",
                reviewer="王",
            )

    judged = [j["decision"] for row in learning.export().rows for j in row["judgements"]]

    assert judged == taught


def test_a_cleared_suspicion_is_an_overturned_category(services: FakeServices, learning: Learning) -> None:
    chat = conversation("customer: 你好", "agent[a-7]: 你自己看", attributes=CONSENT)
    services.review().dismiss_suspicion(stored(services, chat), "语气正常", "王")

    (row,) = learning.export().rows

    assert row["judgements"] == [{"turn_id": "2", "category": "dismissive", "decision": "overturn"}]


class ColdRules(TwoRules):
    """A newer pack: two of its rules find what the model suspects."""

    def inspect(self, *args: Any) -> tuple[Finding, ...]:
        return tuple(replace(f, category="dismissive") if f.turn_id else f for f in super().inspect(*args))


class NoRules(FakeRules):
    """The older pack: nothing is found."""

    def inspect(self, *args: Any) -> tuple[Finding, ...]:
        return ()


@pytest.mark.parametrize(
    ("overturned", "taught"),
    [
        pytest.param(0, [], id="both wait"),
        pytest.param(1, [], id="one waits"),
        pytest.param(2, ["overturn"], id="none"),
    ],
)
def test_a_cleared_suspicion_does_not_overrule_a_hit_found_later(
    services: FakeServices, learning: Learning, overturned: int, taught: list[str]
) -> None:
    chat = conversation("customer: 你好", "agent[a-7]: 七天，你自己看", attributes=CONSENT)
    conversation_id = stored(services, chat, NoRules())
    services.review().dismiss_suspicion(conversation_id, "语气正常", "王")
    newer = StreamInspection(
        inspector=fake_inspector(rules=ColdRules(rules_digest="rules-2")),
        clock=services.clock,
        unit_of_work=services.unit_of_work,
    )
    list(reinspect_stored(newer, services.unit_of_work))
    for finding_id in list(services.review().conversation(conversation_id).finding_ids.values())[:overturned]:
        services.review().decide(finding_id, decision=Decision.OVERTURN, comment="看过", reviewer="王")

    judged = [j["decision"] for row in learning.export().rows for j in row["judgements"]]

    assert judged == taught


def test_a_corrected_mood_is_kept_exported_and_moves_no_score(services: FakeServices, learning: Learning) -> None:
    conversation_id = stored(services, promise())
    before = services.review().conversation(conversation_id)

    after = learning.correct_mood(conversation_id, turn_id="1", emotion=Emotion.ABUSIVE, reviewer="王")
    learning.correct_mood(conversation_id, turn_id="1", emotion=Emotion.ANXIOUS, reviewer="李")

    assert (after.inspection, after.final_scorecards) == (before.inspection, before.final_scorecards)
    (row,) = learning.export().rows
    assert row["emotions"] == [{"turn_id": "1", "emotion": "anxious"}]


@pytest.mark.parametrize(
    ("turn_id", "emotion", "error"),
    [
        pytest.param("9", Emotion.ANGRY, NotFound, id="no such turn"),
        pytest.param("2", Emotion.ANGRY, InvalidInput, id="an agent turn"),
        pytest.param("1", Emotion.ANGRY, Conflict, id="what the model says already"),
    ],
)
def test_a_correction_that_corrects_nothing_is_refused(
    services: FakeServices, learning: Learning, turn_id: str, emotion: Emotion, error: type[Exception]
) -> None:
    conversation_id = stored(services, promise())

    with pytest.raises(error):
        learning.correct_mood(conversation_id, turn_id=turn_id, emotion=emotion, reviewer="王")


def test_decisions_on_an_older_revision_teach_nothing(services: FakeServices, learning: Learning) -> None:
    learning.correct_mood(stored(services, promise()), turn_id="1", emotion=Emotion.ANXIOUS, reviewer="王")
    stored(services, conversation("customer: 好的", attributes=CONSENT))

    assert learning.export().rows == ()
