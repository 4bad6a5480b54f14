"""What the own layers learn from: of each labelled turn what was read of it, and its labels."""

from __future__ import annotations

from dataclasses import replace

import pytest

torch = pytest.importorskip("torch", reason="training alone installs torch")

from training.collect_verdicts import ReviewedConversation, ReviewedTurn  # noqa: E402
from training.corpus_reader import CATEGORIES, CAUSES, EMOTIONS  # noqa: E402
from training.dev_figures import what_is_read  # noqa: E402
from training.model import CAUSE, SUSPICIONS, DialogueHead  # noqa: E402

WIDTH, SIZE = 24, 8
CHAT = ReviewedConversation(
    id="zh-1",
    turns=[
        ReviewedTurn(role="customer", text="还没到"),
        ReviewedTurn(role="agent", text="不知道", categories={"dismissive": True, "abuse": False}),
        ReviewedTurn(role="customer", text="太差了", emotion="angry"),
    ],
)


class LengthNet:
    """Encodes a text as its length."""

    def __init__(self):
        torch.manual_seed(0)
        self.head = DialogueHead(WIDTH, SIZE, dropout=0.0).eval()

    def encode(self, texts, tokenizer):
        return torch.tensor([[len(text) * (at + 1.0) for at in range(WIDTH)] for text in texts])


def test_of_an_emotion_the_turns_that_have_one_are_read_and_one_label_is_1():
    read, labels = what_is_read(LengthNet(), None, [CHAT, CHAT], "emotion")

    assert read.shape == (2, 2 * WIDTH + 16 + SIZE)
    assert labels.tolist() == [[float(name == "angry") for name in EMOTIONS]] * 2


def test_of_suspicions_the_turns_that_are_judged_are_read_and_the_rest_is_unknown():
    read, labels = what_is_read(LengthNet(), None, [CHAT], SUSPICIONS)

    assert len(read) == 1
    known = {name: value for name, value in zip(CATEGORIES, labels[0].tolist(), strict=True) if value == value}
    assert known == {"dismissive": 1.0, "abuse": 0.0}


def test_of_causes_the_chats_that_have_one_are_read_to_their_last_turn():
    caused = replace(CHAT, turns=CHAT.turns[:2], cause="logistics")

    read, labels = what_is_read(LengthNet(), None, [CHAT, caused], CAUSE)

    alone, _ = what_is_read(LengthNet(), None, [caused], CAUSE)
    assert read.shape == (1, 2 * WIDTH)
    assert torch.allclose(read, alone)
    assert labels.tolist() == [[float(name == "logistics") for name in CAUSES]]
