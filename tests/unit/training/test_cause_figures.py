"""How often the likeliest cause is the right one, which the gate of `make retrain` holds."""

from __future__ import annotations

import pytest

pytest.importorskip("torch", reason="training alone installs torch")

from qa_service.domain.mood import Cause, ConversationMood, MoodStatus
from training.corpus_reader import LabelledConversation
from training.evaluate_mood import cause_figures
from training.served import ScoredPair


def pair(truth: str, said: dict[str, float], *, shown: Cause | None = None) -> ScoredPair:
    head = {"language": "zh", "channel": "web", "trade": "x", "problem": "x", "arc": "calm", "skill": "good"}
    labelled = LabelledConversation(id="zh-1", cause=truth, satisfaction=3, style="plain", **head)
    return ScoredPair(labelled, ConversationMood(status=MoodStatus.COMPLETE, causes=said, cause=shown), [], [])


def test_the_likeliest_counts_however_unsure_and_the_agent_only_where_it_is_shown():
    figures = cause_figures(
        [
            pair("agent", {"agent": 0.6, "product": 0.4}, shown=Cause.AGENT),
            pair("agent", {"agent": 0.4, "product": 0.3}, shown=Cause.UNKNOWN),
            pair("product", {"agent": 0.7, "product": 0.3}, shown=Cause.AGENT),
        ]
    )

    assert (figures["n"], figures["right"]) == (3, 0.6667)
    assert (figures["agent"]["precision"], figures["agent"]["recall"]) == (0.5, 0.5)


def test_a_model_that_names_no_causes_is_right_in_none_that_could_be_counted():
    assert cause_figures([pair("agent", {})]) == {"n": 0, "right": None}
