"""A text's vector without some of its tokens."""

from __future__ import annotations

import numpy as np
import pytest

from qa_service.mood.infer import ReadText

STATES = np.array([[1, 0, 8, 8], [3, 2, 4, 0], [5, 4, 0, 4]], dtype=np.float32)
"""Three tokens, two parts of two."""


def text(weights: list[list[float]]) -> ReadText:
    return ReadText(STATES, np.array(weights, dtype=np.float32), ((0, 1), (1, 2), (2, 3)))


def test_even_weights_give_the_mean_of_the_others():
    even = text([[1 / 3, 1 / 3]] * 3)

    vectors = even.vectors_without([(0, 1), (1, 3)])

    assert vectors == pytest.approx(np.array([[4, 3, 2, 2], [1, 0, 8, 8]]), abs=1e-5)


def test_one_weight_for_the_whole_width_need_not_sum_to_one():
    assert text([[1], [1], [1]]).vectors_without([(0, 1)])[0] == pytest.approx([4, 3, 2, 2], abs=1e-5)


def test_each_part_of_the_width_has_its_own_weights():
    uneven = text([[0.5, 0.2], [0.4, 0.2], [0.1, 0.6]])

    assert uneven.vectors_without([(0, 1)])[0] == pytest.approx([3.4, 2.4, 1.0, 3.0], abs=1e-5)


def test_a_piece_with_all_the_weight_leaves_next_to_nothing():
    first_alone = text([[1, 1], [0, 0], [0, 0]])

    assert first_alone.vectors_without([(0, 1)])[0] == pytest.approx([0, 0, 0, 0], abs=1e-5)
