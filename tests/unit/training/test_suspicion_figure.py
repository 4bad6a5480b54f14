"""The suspicions' micro-F1, which the gate of `make retrain` holds: over all turns and categories, called at a half."""

from __future__ import annotations

import math

import pytest

pytest.importorskip("torch", reason="training alone installs torch")

from qa_service.domain.conversation import TurnId
from qa_service.domain.mood import ConversationMood, MoodStatus, TurnTone
from qa_service.mood.figures import CATEGORY_OF_LABEL
from training.corpus_reader import LabelledConversation, LabelledTurn
from training.evaluate_mood import suspicion_f1
from training.served import ScoredPair


def pair(*turns: tuple[set[str], dict[str, float]]) -> ScoredPair:
    nothing = dict.fromkeys(CATEGORY_OF_LABEL.values(), 0.0)
    agent = [
        (
            LabelledTurn(role="agent", text="x", tone=0.5, flags=frozenset(flags)),
            TurnTone(turn_id=TurnId("0"), agent_id=None, status=MoodStatus.COMPLETE, suspicions={**nothing, **called}),
        )
        for flags, called in turns
    ]
    head = {"language": "zh", "channel": "web", "trade": "x", "problem": "x", "arc": "calm", "skill": "good"}
    labelled = LabelledConversation(id="zh-1", cause="none", satisfaction=3, style="plain", **head)
    return ScoredPair(labelled, ConversationMood(status=MoodStatus.COMPLETE), [], agent)


def test_turns_and_categories_count_alike():
    found = ({"dismissive"}, {"dismissive": 0.5})
    missed = ({"abuse"}, {"abuse": 0.49})
    made_up = (set(), {"privacy": 0.9})

    assert suspicion_f1([pair(found, found), pair(missed, made_up)]) == pytest.approx(2 * 2 / (3 + 3))


def test_it_is_undefined_where_nothing_is_there_and_nothing_called():
    assert math.isnan(suspicion_f1([pair((set(), {}))]))
