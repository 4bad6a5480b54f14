"""The distillation loss, and the split that keeps later conversations out of the test part."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="training alone installs torch")

from training.distil import layer_loss  # noqa: E402
from training.parts import part_of  # noqa: E402


def states(*values: float):
    return torch.tensor(values).reshape(1, -1, 1)


def test_equal_states_lose_nothing():
    mask = torch.tensor([[1, 1, 1]])
    assert layer_loss([states(1, 2, 3)], [states(1, 2, 3)], mask).item() == 0.0


def test_padding_does_not_count():
    mask = torch.tensor([[1, 1, 0]])
    assert layer_loss([states(1, 3, 0)], [states(1, 3, 99)], mask).item() == 0.0


def test_the_unit_is_the_teachers_variance():
    mask = torch.tensor([[1, 1]])
    assert layer_loss([states(0, 2)], [states(2, 4)], mask).item() == pytest.approx(4 / 2)


def test_conversations_written_after_the_test_was_fixed_are_for_training_only():
    assert {part_of(f"zh-{number}") for number in range(6000, 6200)} == {"train"}
    assert {part_of(f"en-{number}") for number in range(1001, 1100)} == {"train", "dev", "test"}
