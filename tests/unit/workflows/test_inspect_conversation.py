from __future__ import annotations

from dataclasses import replace

from qa_service.domain.inspection import InspectionStatus
from qa_service.domain.mood import MoodStatus
from qa_service.errors import ErrorCode, QAServiceError
from tests.builders import conversation
from tests.fakes.stages import POISON, FakeRules, fake_inspector

GOOD = conversation("customer: 能退吗", "agent[a-7]: 七天可以退", external_id="good")
POISONOUS = conversation(f"customer: {POISON}", "agent[a-7]: 七天可以退", external_id="bad")


class BrokenRules(FakeRules):
    """Raises on one conversation."""

    def inspect(self, conversation, mood, agents):
        if conversation.conversation.external_id == "bad":
            raise RuntimeError("七天 stands in this message")
        return super().inspect(conversation, mood, agents)


def test_the_whole_path_gives_findings_mood_and_a_scorecard():
    (inspection,) = fake_inspector().inspect([GOOD])

    assert inspection.status is InspectionStatus.COMPLETE
    assert [f.rule_id for f in inspection.findings if f.counts] == ["promise.return_window"]
    assert inspection.scorecards[0].total == 70
    assert inspection.provenance.rules_digest == "rules-1"


def test_a_conversation_on_which_the_model_fails_is_unavailable_alone():
    bad, good = fake_inspector().inspect([POISONOUS, GOOD])

    assert bad.mood.status is MoodStatus.UNAVAILABLE
    assert bad.status is InspectionStatus.PARTIAL
    assert good.mood.status is MoodStatus.COMPLETE


def test_a_conversation_that_breaks_the_rules_fails_alone_and_says_nothing_of_its_text(caplog):
    inspector = replace(fake_inspector(), rules=BrokenRules())

    bad, good = inspector.inspect_apart([replace(GOOD, external_id="bad"), GOOD])

    assert isinstance(bad, QAServiceError)
    assert bad.code is ErrorCode.INTERNAL
    assert good.external_id == "good"
    assert "七天" not in caplog.text


def test_same_parts_same_provenance_and_other_text_another():
    inspector = fake_inspector()

    assert inspector.provenance(GOOD) == inspector.provenance(GOOD)
    assert inspector.provenance(GOOD).digest != inspector.provenance(POISONOUS).digest
