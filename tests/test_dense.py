"""Dense search against brute force."""

import numpy as np
import pytest

from kb import dense
from kb.dense import LayeredDense, open_dense, write_dense


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
    found = index.vectors([9, 2, 9])
    assert np.array_equal(found, vectors.astype(np.float16).astype(np.float32)[[9, 2, 9]])
    assert np.array_equal(found, index._index.reconstruct_batch(np.array([9, 2, 9])))  # as FAISS unpacks them


@pytest.fixture(scope="module")
def lists(tmp_path_factory):
    """5,000 vectors around 60 centres, written in lists."""
    rng = np.random.default_rng(3)
    vectors = unit_rows(60, 32)[rng.integers(0, 60, 5000)] + 0.15 * rng.standard_normal((5000, 32)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    path = tmp_path_factory.mktemp("lists") / "vectors.faiss"
    made = write_dense(vectors, path, unit_rows(100, 32, seed=5), exact_up_to=1000)
    return vectors, open_dense(path), made, path


def brute_force(vectors, question, n, rows=None):
    rows = range(len(vectors)) if rows is None else rows
    cosines = vectors.astype(np.float16).astype(np.float32) @ question
    return sorted(rows, key=lambda row: (-cosines[row], row))[:n]


def test_lists_find_99_in_100_of_the_ten_nearest_and_the_manifest_says_how_many_were_found(lists):
    vectors, index, made, _ = lists
    assert made["kind"] == "lists" and made["lists"] == 64 and made["asked"] == 100
    assert made["recall_at_10"] >= 0.99 and made["probes"] in dense.PROBES
    fresh = unit_rows(100, 32, seed=9)  # not those it was measured on
    shares = [len({row for row, _ in index.search(q, 10)} & set(brute_force(vectors, q, 10))) / 10 for q in fresh]
    assert np.mean(shares) >= 0.97


def test_lists_give_the_same_cosines_and_vectors_as_the_rows_they_were_made_of(lists):
    vectors, index, _, _ = lists
    row, cosine = index.search(vectors[4321], 1)[0]
    assert row == 4321 and cosine == pytest.approx(1.0, abs=2e-3)
    assert np.allclose(index.vectors([4999, 7, 7]), vectors[[4999, 7, 7]], atol=1e-3)


@pytest.mark.parametrize("exact_rows", [dense.EXACT_ROWS, 10])
def test_rows_restrict_a_search_in_lists_without_losing_the_nearest(lists, monkeypatch, exact_rows):
    vectors, index, _, _ = lists
    monkeypatch.setattr(dense, "EXACT_ROWS", exact_rows)
    rows = list(range(0, 5000, 50))
    for question in unit_rows(5, 32, seed=11):
        found = [row for row, _ in index.search(question, 10, rows=rows)]
        assert found == brute_force(vectors, question, 10, rows)


def test_all_rows_can_be_asked_of_lists(lists):
    vectors, index, _, _ = lists
    found = [row for row, _ in index.search(vectors[0], 5000)]
    assert sorted(found) == list(range(5000))
    assert found[:50] == brute_force(vectors, vectors[0], 50)


def test_lists_are_the_same_when_written_again(lists, tmp_path):
    vectors, _, made, path = lists
    again = write_dense(vectors, tmp_path / "again.faiss", unit_rows(100, 32, seed=5), exact_up_to=1000)
    assert again == made
    assert (tmp_path / "again.faiss").read_bytes() == path.read_bytes()


def test_where_lists_lose_neighbours_every_vector_is_compared(tmp_path, monkeypatch):
    monkeypatch.setattr(dense, "PROBES", (1,))
    vectors = unit_rows(2000, 64)  # no lists to speak of: all directions are alike
    assert write_dense(vectors, tmp_path / "x.faiss", exact_up_to=1000) == {"kind": "exact"}
    question = unit_rows(1, 64, seed=2)[0]
    assert [row for row, _ in open_dense(tmp_path / "x.faiss").search(question, 10)] == brute_force(vectors, question, 10)


def test_no_vectors_at_all_can_be_written_and_asked(tmp_path):
    write_dense(np.zeros((0, 8), dtype=np.float32), tmp_path / "none.faiss")
    assert open_dense(tmp_path / "none.faiss").search(unit_rows(1, 8)[0], 3) == []


def test_vectors_added_later_are_found_among_the_first_and_dead_rows_never(tmp_path):
    vectors = unit_rows(400, 32)
    write_dense(vectors[:300], tmp_path / "first")
    write_dense(vectors[300:], tmp_path / "later")
    write_dense(vectors, tmp_path / "all")
    dead = [3, 17, 299, 300, 355]
    layered = LayeredDense(open_dense(tmp_path / "first"), open_dense(tmp_path / "later"), dead)
    alive = [row for row in range(400) if row not in dead]
    whole = open_dense(tmp_path / "all")
    for vector in (*vectors[dead], unit_rows(5, 32, seed=9)[4]):
        assert layered.search(vector, 10) == whole.search(vector, 10, alive)
        assert layered.search(vector, 5, [1, 2, 310, 399]) == whole.search(vector, 5, [1, 2, 310, 399])
        assert len(layered.search(vector, 1000)) == 395
    assert np.array_equal(layered.vectors([399, 0, 300, 299]), whole.vectors([399, 0, 300, 299]))


def test_a_search_leaves_the_number_of_threads_as_it_was(opened):
    import faiss

    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(3)
    try:
        opened[1].search(opened[0][0], 5)
        assert faiss.omp_get_max_threads() == 3
    finally:
        faiss.omp_set_num_threads(before)
