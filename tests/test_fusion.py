"""Rankings fused by rank, and scores by log-odds."""

from dataclasses import fields

import numpy as np
import pytest

from kb.fusion import FEATURES, Features, log_odds, reciprocal_rank
from kb.settings import Settings


def test_a_row_both_rankers_know_beats_rows_one_of_them_likes_best():
    scores = reciprocal_rank([[1, 2, 3], [4, 2, 5]])
    assert max(scores, key=lambda row: scores[row]) == 2


def test_scores_are_the_published_formula():
    assert reciprocal_rank([[7, 3], [3]]) == {3: pytest.approx(1 / 62 + 1 / 61), 7: pytest.approx(1 / 61)}


def test_log_odds_are_the_weighted_sum_of_the_features():
    scores = {
        "passage": ([0.5, 0.1], 3.0),
        "unit": ([0.6, 0.2], 25.0),
        "static": ([0.3, 0.4], 10.0),
        "words": ([0.0, 1.5], 3.3),
        "held": ([0.25, 1.0], 4.0),
        "said": ([0.5, 0.75], 2.0),
        "neighbours": ([0.2, 0.4], 5.0),
        "neighbours_words": ([0.5, 0.0], 1.0),
        "length": ([4.0, 5.0], -0.5),
    }
    settings = Settings(**{f"weight_{name}": weight for name, (_, weight) in scores.items()})
    one, two = log_odds(Features(**{name: np.array(values) for name, (values, _) in scores.items()}), settings)
    assert (one, two) == (pytest.approx(21.5 + 1.0 + 0.5 - 2.0), pytest.approx(19.75 + 2.0 - 2.5))


def test_every_feature_has_its_weight_among_the_settings():
    assert {f"weight_{name}" for name in FEATURES} == {each.name for each in fields(Settings) if each.name.startswith("weight_")}
