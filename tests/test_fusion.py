"""Rankings fused by rank."""

import numpy as np
import pytest

from kb.fusion import calibrated, reciprocal_rank


def test_a_row_both_rankers_know_beats_rows_one_of_them_likes_best():
    scores = reciprocal_rank({"dense": [1, 2, 3], "words": [4, 2, 5]})
    assert max(scores, key=lambda row: scores[row]) == 2


def test_scores_are_the_published_formula():
    assert reciprocal_rank({"dense": [7, 3], "words": [3]}) == {3: pytest.approx(1 / 62 + 1 / 61), 7: pytest.approx(1 / 61)}


def test_weights_multiply():
    assert reciprocal_rank({"a": [9], "b": [2]}, {"a": 2.0}) == {9: pytest.approx(2 / 61), 2: pytest.approx(1 / 61)}


def test_calibrated_scores_are_the_weighted_log_odds():
    passage, unit, static = np.array([0.5, 0.1]), np.array([0.6, 0.2]), np.array([0.3, 0.4])
    words, held, said = np.array([0.0, 1.5]), np.array([0.25, 1.0]), np.array([0.5, 0.75])
    one, two = calibrated(passage, unit, static, words, held, said, (3.0, 25.0, 10.0, 3.3, 4.0, 2.0))
    assert (one, two) == (pytest.approx(21.5), pytest.approx(19.75))
