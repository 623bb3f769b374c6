"""Rankings fused by rank."""

import pytest

from kb.fusion import reciprocal_rank


def test_a_row_both_rankers_know_beats_rows_one_of_them_likes_best():
    assert [row for row, _ in reciprocal_rank({"dense": [1, 2, 3], "words": [4, 2, 5]})][0] == 2


def test_scores_are_the_published_formula():
    assert dict(reciprocal_rank({"dense": [7, 3], "words": [3]})) == {3: pytest.approx(1 / 62 + 1 / 61), 7: pytest.approx(1 / 61)}


def test_weights_multiply_and_ties_go_by_row():
    assert [row for row, _ in reciprocal_rank({"a": [9], "b": [2]})] == [2, 9]
    assert [row for row, _ in reciprocal_rank({"a": [9], "b": [2]}, {"a": 2.0})] == [9, 2]
