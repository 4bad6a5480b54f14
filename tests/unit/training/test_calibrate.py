"""Calibration: scores that claim too much are brought down, and the offset that a weighted class gained is taken back."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="training alone installs torch")

from torch.nn import functional  # noqa: E402

from training.calibrate import fitted, fold  # noqa: E402


def drawn(logits):
    """Labels as likely as the logits say."""
    torch.manual_seed(0)
    return torch.distributions.Categorical(logits=logits).sample()


def test_scores_twice_too_sure_are_halved():
    torch.manual_seed(1)
    honest = 2 * torch.randn(4000, 3)
    truth = drawn(honest)

    scale, offset = fitted(2 * honest, scales=1, loss=lambda fit: functional.cross_entropy(fit, truth))

    assert scale.tolist() == pytest.approx([0.5], abs=0.05)
    assert offset.tolist() == pytest.approx([0, 0, 0], abs=0.1)


def test_what_was_added_to_one_class_is_taken_off():
    torch.manual_seed(1)
    honest = 2 * torch.randn(4000, 3)
    truth = drawn(honest)
    weighted = honest + torch.tensor([0.0, 0.0, 1.5])

    _, offset = fitted(weighted, scales=1, loss=lambda fit: functional.cross_entropy(fit, truth))

    assert (offset[2] - offset[:2].mean()).item() == pytest.approx(-1.5, abs=0.15)


def test_folded_into_a_layer_it_gives_the_fitted_scores():
    torch.manual_seed(1)
    layer, rows = torch.nn.Linear(4, 2), torch.randn(5, 4)
    scale, offset = torch.tensor([0.5, 2.0]), torch.tensor([1.0, -1.0])
    expected = layer(rows) * scale + offset

    fold(layer, scale, offset)

    assert torch.allclose(layer(rows), expected, atol=1e-6)
