"""Dense search against brute force."""

import numpy as np
import pytest

from kb.dense import open_dense, write_dense


def unit_rows(n: int, dim: int, seed: int = 7) -> np.ndarray:
    vectors = np.random.default_rng(seed).standard_normal((n, dim)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.fixture
def opened(tmp_path):
    vectors = unit_rows(200, 32)
    write_dense(vectors, tmp_path / "vectors.faiss")
    return vectors, open_dense(tmp_path / "vectors.faiss")


def test_search_gives_the_rows_and_cosines_of_brute_force(opened):
    vectors, index = opened
    for question in unit_rows(5, 32, seed=1):
        cosines = vectors.astype(np.float16).astype(np.float32) @ question
        expected = sorted(range(200), key=lambda row: (-cosines[row], row))[:10]
        got = index.search(question, 10)
        assert [row for row, _ in got] == expected
        assert np.allclose([cosine for _, cosine in got], cosines[expected], atol=1e-4)


def test_a_vector_finds_itself_with_cosine_one(opened):
    vectors, index = opened
    row, cosine = index.search(vectors[42], 1)[0]
    assert row == 42 and cosine == pytest.approx(1.0, abs=1e-3)


def test_rows_restrict_the_search(opened):
    vectors, index = opened
    assert {row for row, _ in index.search(vectors[42], 10, rows=[3, 5, 9])} == {3, 5, 9}


def test_equal_cosines_keep_row_order(tmp_path):
    write_dense(np.tile(unit_rows(1, 8), (6, 1)), tmp_path / "same.faiss")
    assert [row for row, _ in open_dense(tmp_path / "same.faiss").search(unit_rows(1, 8)[0], 6)] == [0, 1, 2, 3, 4, 5]


def test_a_vector_of_another_shape_is_refused(opened):
    with pytest.raises(ValueError, match=r"shape \(32,\) is searched, got \(31,\)"):
        opened[1].search(np.zeros(31, dtype=np.float32), 1)


def test_vectors_come_back_in_the_order_asked(opened):
    vectors, index = opened
    assert np.allclose(index.vectors([9, 2]), vectors[[9, 2]], atol=1e-3)
