from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from qa_service.domain.finding import Finding, Outcome, RuleStatus, Severity
from qa_service.domain.review import Decision, Verdict
from qa_service.errors import Conflict, ErrorCode, InvalidInput
from qa_service.review import apply_verdicts, check_transition, conversation_review_state

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


def verdict(decision: str, minute: int = 0, **fields) -> Verdict:
    defaults = {"finding_id": "f-1", "comment": "引用的是客户的话", "reviewer": "qa-1"}
    return Verdict(
        **{**defaults, "decision": Decision(decision), "created_at": NOON + timedelta(minutes=minute), **fields}
    )


def verdicts(*decisions: str) -> list[Verdict]:
    return [verdict(decision, minute) for minute, decision in enumerate(decisions)]


def finding(turn_id: str = "2", **fields) -> Finding:
    defaults = {
        "rule_id": "dismissive.rule",
        "rule_version": 1,
        "category": "dismissive",
        "severity": Severity.MINOR,
        "outcome": Outcome.HIT,
    }
    return Finding(**{**defaults, "turn_id": turn_id, **fields})


@pytest.mark.parametrize(
    "before", [(), ("confirm",), ("overturn",), ("appeal",)], ids=["open", "confirmed", "overturned", "appealed"]
)
@pytest.mark.parametrize("decision", ["confirm", "overturn", "appeal"])
def test_a_decision_follows_on_all_but_itself_and_an_appeal_not_on_an_overturned_finding(before, decision):
    if decision in before or (decision, before) == ("appeal", ("overturn",)):
        with pytest.raises(Conflict) as caught:
            check_transition(verdicts(*before), decision=Decision(decision), comment="不同意")
        assert caught.value.field == "decision"
    else:
        check_transition(verdicts(*before), decision=Decision(decision), comment="不同意")


@pytest.mark.parametrize("comment", ["", "  \n"], ids=["empty", "blank"])
@pytest.mark.parametrize("decision", [Decision.OVERTURN, Decision.APPEAL])
def test_overturning_and_appealing_need_a_comment(decision, comment):
    with pytest.raises(InvalidInput, match=f"say why you {decision}") as caught:
        check_transition((), decision=decision, comment=comment)
    assert (caught.value.code, caught.value.field) == (ErrorCode.MISSING_FIELD, "comment")


def test_confirming_needs_no_comment():
    check_transition((), decision=Decision.CONFIRM, comment="")


@pytest.mark.parametrize(
    ("of_first", "of_second", "state"),
    [
        ((), (), "open"),
        (("confirm",), (), "open"),
        (("overturn",), (), "open"),
        (("appeal",), (), "appealed"),
        (("appeal",), ("confirm",), "appealed"),
        (("confirm",), ("overturn",), "confirmed"),
        (("overturn",), ("overturn",), "overturned"),
    ],
)
def test_a_conversation_is_done_only_when_every_hit_is(of_first, of_second, state):
    first, second = finding("2"), finding("4")
    by_key = {first.key: verdicts(*of_first), second.key: verdicts(*of_second)}
    assert conversation_review_state([first, second], by_key) == state


def test_only_shown_hits_count_for_a_conversation():
    confirmed = finding("2")
    others = [
        finding("4", status=RuleStatus.SHADOW),
        finding("6", outcome=Outcome.SUPPRESSED),
        finding("8", outcome=Outcome.CLEAR),
    ]
    assert conversation_review_state([confirmed, *others], {confirmed.key: verdicts("confirm")}) == "confirmed"
    assert conversation_review_state(others, {}) == "open"


def test_an_overturned_hit_is_suppressed_and_says_by_whom():
    hit, other = finding("2", explanation={"reason": "push away"}), finding("4")
    first, second = apply_verdicts([hit, other], {hit.key: verdicts("confirm", "overturn")})
    assert (first.outcome, first.counts, first.key) == (Outcome.SUPPRESSED, False, hit.key)
    assert first.explanation == {
        "reason": "push away",
        "review": {
            "decision": "overturn",
            "reviewer": "qa-1",
            "comment": "引用的是客户的话",
            "at": "2026-11-02T12:01:00+00:00",
        },
    }
    assert second is other
    assert hit.outcome is Outcome.HIT


@pytest.mark.parametrize("decisions", [("confirm",), ("appeal",), ("overturn", "confirm")])
def test_a_hit_that_is_not_overturned_stays_as_it_is(decisions):
    hit = finding()
    assert apply_verdicts([hit], {hit.key: verdicts(*decisions)}) == (hit,)


@pytest.mark.parametrize("status", [RuleStatus.SHADOW, RuleStatus.ADVISORY])
def test_confirming_an_untrusted_rules_hit_does_not_make_it_count(status):
    hit = finding(status=status)
    (after,) = apply_verdicts([hit], {hit.key: verdicts("confirm")})
    assert not after.counts


def test_what_is_no_hit_cannot_be_overturned():
    clear = finding(outcome=Outcome.CLEAR)
    assert apply_verdicts([clear], {clear.key: verdicts("overturn")}) == (clear,)


def test_a_doubted_hit_counts_once_it_is_confirmed():
    hit = finding(status=RuleStatus.ADVISORY, explanation={"doubt": {"value": 0.004}})

    (open_, confirmed, overturned) = (
        apply_verdicts([hit], {hit.key: verdicts(*made)})[0] for made in ((), ("confirm",), ("confirm", "overturn"))
    )

    assert [one.counts for one in (open_, confirmed, overturned)] == [False, True, False]
    assert confirmed.explanation == hit.explanation


@pytest.mark.parametrize(
    ("made", "counts"),
    [(("confirm", "appeal"), True), (("appeal",), False), (("confirm", "appeal", "overturn"), False)],
)
def test_an_appeal_alone_changes_nothing_for_a_doubted_hit(made, counts):
    hit = finding(status=RuleStatus.ADVISORY, explanation={"doubt": {"value": 0.004}})
    (after,) = apply_verdicts([hit], {hit.key: verdicts(*made)})
    assert after.counts is counts
