"""Calibration: scores that claim too much are brought down, and the offset that a weighted class gained is taken back."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

torch = pytest.importorskip("torch", reason="training alone installs torch")

from torch.nn import functional  # noqa: E402

from training.calibrate import calibrate, fitted, fold  # noqa: E402
from training.corpus_reader import RISKS  # noqa: E402
from training.model import DialogueHead  # noqa: E402


def drawn(logits):
    """Labels as likely as the logits say."""
    torch.manual_seed(0)
    return torch.distributions.Categorical(logits=logits).sample()


def test_scores_twice_too_sure_are_halved():
    torch.manual_seed(1)
    honest = 2 * torch.randn(4000, 3)
    truth = drawn(honest)

    scale, offset = fitted(2 * honest, scales=1, loss=lambda fit: functional.cross_entropy(fit, truth, reduction="sum"))

    assert scale.tolist() == pytest.approx([0.5], abs=0.05)
    assert offset.tolist() == pytest.approx([0, 0, 0], abs=0.1)


def test_what_was_added_to_one_class_is_taken_off():
    torch.manual_seed(1)
    honest = 2 * torch.randn(4000, 3)
    truth = drawn(honest)
    weighted = honest + torch.tensor([0.0, 0.0, 1.5])

    _, offset = fitted(weighted, scales=1, loss=lambda fit: functional.cross_entropy(fit, truth, reduction="sum"))

    assert (offset[2] - offset[:2].mean()).item() == pytest.approx(-1.5, abs=0.15)


def test_folded_into_a_layer_it_gives_the_fitted_scores():
    torch.manual_seed(1)
    layer, rows = torch.nn.Linear(4, 2), torch.randn(5, 4)
    scale, offset = torch.tensor([0.5, 2.0]), torch.tensor([1.0, -1.0])
    expected = layer(rows) * scale + offset

    fold(layer, scale, offset)

    assert torch.allclose(layer(rows), expected, atol=1e-6)


def test_a_rare_label_that_few_rows_know_is_called_as_often_as_it_is_there():
    torch.manual_seed(1)
    net = SimpleNamespace(head=DialogueHead(24, 8, dropout=0.0))
    before = net.head.heads["risk"].bias.clone()
    rare = 0.05
    logits = torch.logit(torch.tensor(rare)) + 2 + torch.randn(4000, len(RISKS))
    truth = torch.full((4000, len(RISKS)), torch.nan)
    truth[:400, 0] = torch.bernoulli(torch.full((400,), rare))
    truth[:, 1:] = torch.bernoulli(torch.full((4000, len(RISKS) - 1), rare))

    scale, offset = calibrate(net, "risk", (logits, truth))

    called = torch.sigmoid(logits * scale + offset).mean(0)
    assert called.tolist() == pytest.approx([rare] * len(RISKS), abs=0.025)
    assert torch.allclose(net.head.heads["risk"].bias, before * scale + offset)
