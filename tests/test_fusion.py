"""Rankings fused by rank, and scores by log-odds."""

import numpy as np
import pytest

from kb.fusion import Features, log_odds, reciprocal_rank
from kb.settings import Settings


def test_a_row_both_rankers_know_beats_rows_one_of_them_likes_best():
    scores = reciprocal_rank([[1, 2, 3], [4, 2, 5]])
    assert max(scores, key=lambda row: scores[row]) == 2


def test_scores_are_the_published_formula():
    assert reciprocal_rank([[7, 3], [3]]) == {3: pytest.approx(1 / 62 + 1 / 61), 7: pytest.approx(1 / 61)}


def test_log_odds_are_the_weighted_sum_of_the_features():
    passage, unit, static = np.array([0.5, 0.1]), np.array([0.6, 0.2]), np.array([0.3, 0.4])
    words, held, said = np.array([0.0, 1.5]), np.array([0.25, 1.0]), np.array([0.5, 0.75])
    weights = {"passage": 3.0, "unit": 25.0, "static": 10.0, "words": 3.3, "held": 4.0, "said": 2.0}
    settings = Settings(**{f"weight_{name}": weight for name, weight in weights.items()})
    one, two = log_odds(Features(passage, unit, static, words, held, said), settings)
    assert (one, two) == (pytest.approx(21.5), pytest.approx(19.75))
