"""Rows of reviewers in a batch: what nobody said stays unknown and the loss stays a number."""

from __future__ import annotations

import random

import pytest

torch = pytest.importorskip("torch", reason="training alone installs torch")

from training.collect_verdicts import ReviewedConversation, ReviewedTurn  # noqa: E402
from training.corpus_reader import CATEGORIES, EMOTIONS, RISKS  # noqa: E402
from training.dialogues import IGNORED, epoch_batches, make_batch  # noqa: E402
from training.parts import corpus_part  # noqa: E402
from training.train_mood import dialogue_loss  # noqa: E402

CHAT = ReviewedConversation(
    id="6f1c",
    turns=[
        ReviewedTurn(role="customer", text="太差了", emotion="angry"),
        ReviewedTurn(role="agent", text="七天都能退", categories={"promise": True, "abuse": False}),
    ],
)


def test_unsaid_labels_are_unknown():
    targets = make_batch([CHAT], rng=None, augment_share=0.0).targets

    assert targets["emotion"].tolist() == [[EMOTIONS.index("angry"), IGNORED]]
    known = {CATEGORIES[i]: v for i, v in enumerate(targets["category"][0, 1].tolist()) if v == v}
    assert known == {"promise": 1.0, "abuse": 0.0}
    assert targets["satisfaction"].tolist() == targets["cause"].tolist() == [IGNORED]
    assert torch.isnan(targets["risk"]).all()
    assert torch.isnan(targets["tone"]).all()


def test_a_batch_of_few_labels_has_a_loss_and_gradients():
    batch = make_batch([CHAT], rng=None, augment_share=0.0)
    sizes = {"emotion": 6, "risk": 7, "tone": 1, "act": 3, "category": len(CATEGORIES), "satisfaction": 5, "cause": 8}
    logits = {name: torch.zeros(1, 2, size, requires_grad=True) for name, size in sizes.items()}

    dialogue_loss(logits, batch, torch.ones(6)).backward()

    assert logits["category"].grad[0, 1].nonzero().flatten().tolist() == sorted(
        CATEGORIES.index(label) for label in ("promise", "abuse")
    )
    assert logits["emotion"].grad[0, 1].abs().sum() == 0


def test_risk_signals_of_a_single_turn_are_known_only_there():
    turns = [*CHAT.turns, ReviewedTurn(role="customer", text="投诉你们", risks={"complain": True, "leave": False})]

    risk = make_batch([ReviewedConversation(id="6f1d", turns=turns)], rng=None, augment_share=0.0).targets["risk"]

    assert torch.isnan(risk[0, :2]).all()
    assert {RISKS[i]: value for i, value in enumerate(risk[0, 2].tolist()) if value == value} == {
        "complain": 1.0,
        "leave": 0.0,
    }


def test_whole_conversations_ordinary_chats_and_single_turns_come_in_batches_of_their_own():
    whole = corpus_part("dev")[:5]

    batches = epoch_batches(
        whole, [CHAT] * 3, [CHAT] * 7, conversations=2, turns=4, rng=random.Random(0), augment_share=0.0
    )

    assert sorted((batch.is_whole, len(batch.texts)) for batch in batches) == [
        (False, 1),
        (False, 2),
        (False, 3),
        (False, 4),
        (True, 1),
        (True, 2),
        (True, 2),
    ]


def test_half_of_the_single_turns_stand_behind_the_beginning_of_a_conversation_and_no_ordinary_chat_does():
    labelled = ReviewedConversation(id="zh-0001", turns=CHAT.turns)
    whole = [chat for chat in corpus_part("dev") if chat.language == "zh"][:5]

    def lengths(ordinary, single):
        batches = epoch_batches(
            whole, ordinary, single, conversations=5, turns=1, rng=random.Random(0), augment_share=0.0
        )
        return [n for batch in batches if not batch.is_whole for n in batch.lengths.tolist()]

    assert 70 < sum(length > 2 for length in lengths([], [labelled] * 200)) < 130
    assert min(lengths([], [labelled] * 200)) == 2
    assert set(lengths([labelled] * 20, [])) == {2}
