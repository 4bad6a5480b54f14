"""The last stage of training: own layers learn what they are shown, and nothing else of the network moves."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="training alone installs torch")

from training.model import SUSPICIONS, DialogueHead  # noqa: E402
from training.train_heads import LOSSES, partners, train_layers  # noqa: E402

WIDTH, SIZE, ROLE = 24, 8, 16
OPTIONS = {
    "epochs": 30,
    "batch_size": 16,
    "learning_rate": 2e-2,
    "weight_decay": 0.0,
    "mixing": 0.4,
}


def head_and_rows():
    torch.manual_seed(0)
    head = DialogueHead(WIDTH, SIZE, dropout=0.0)
    read = torch.randn(96, 2 * WIDTH + ROLE + SIZE)
    targets = torch.full((96, 8), torch.nan)
    targets[:, 0] = (read[:, 0] > 0).float()
    return head, read, targets


def test_a_category_with_labels_is_learnt():
    head, read, targets = head_and_rows()

    train_layers(head.suspicions, read, targets, LOSSES[SUSPICIONS], OPTIONS)

    called = head.suspicions(read)[:, 0] > 0
    assert (called == (targets[:, 0] > 0)).float().mean() > 0.95
    assert not head.suspicions.training


def test_an_emotion_is_learnt():
    head, read, _ = head_and_rows()
    emotions = torch.nn.functional.one_hot((read[:, 0] > 0).long(), 6).float()

    train_layers(head.emotions, read, emotions, LOSSES["emotion"], OPTIONS)

    assert (head.emotions(read).argmax(-1) == emotions.argmax(-1)).float().mean() > 0.95


def test_the_other_heads_stay_as_they_were():
    head, read, targets = head_and_rows()
    before = {name: value.clone() for name, value in head.state_dict().items()}

    train_layers(head.suspicions, read, targets, LOSSES[SUSPICIONS], OPTIONS)

    moved = {name for name, value in head.state_dict().items() if not torch.equal(value, before[name])}
    assert moved == {f"suspicions.{layer}.{part}" for layer in (1, 4) for part in ("weight", "bias")}


def test_a_row_is_mixed_with_one_that_knows_the_same_labels_so_that_none_is_lost():
    torch.manual_seed(0)
    targets = torch.full((96, 8), torch.nan)
    targets[::2, 0], targets[1::2, 1] = 1.0, 1.0
    rows = torch.randperm(96)[:32]

    others = partners(targets, rows)

    assert torch.equal(torch.isnan(targets[others]), torch.isnan(targets[rows]))
    assert (others != rows).any()
    assert set(others.tolist()) <= set(rows.tolist())


def test_they_begin_anew_whatever_they_knew_before():
    trained = []
    for seed in (1, 2):
        head, read, targets = head_and_rows()
        with torch.no_grad():
            head.suspicions[-1].weight.fill_(seed)
        torch.manual_seed(3)
        train_layers(head.suspicions, read, targets, LOSSES[SUSPICIONS], {**OPTIONS, "epochs": 2})
        trained.append(head.suspicions(read))

    assert torch.equal(*trained)
