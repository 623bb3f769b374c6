"""The vectors of units are read by row, mapped or in place, from one layer of files or two."""

import numpy as np
import pytest

from kb import ragged
from kb.units import UnitVectors, as_float32, beyond_titles, write_titles, write_units

COUNTS = ([2, 0, 3, 1], [1, 4])
TITLES = [np.arange(len(counts) * 3, dtype=np.float16).reshape(-1, 3) + 100 * place for place, counts in enumerate(COUNTS)]
VECTORS = [np.random.default_rng(seed).standard_normal((sum(counts), 8)).astype(np.float16) for seed, counts in enumerate(COUNTS)]


@pytest.fixture(params=["mapped", "read in place"])
def opened(request, tmp_path, monkeypatch):
    if request.param == "read in place":
        monkeypatch.setattr(ragged, "MAPPED_UP_TO", 0)
    for name, vectors, counts, titles in zip("ab", VECTORS, COUNTS, TITLES, strict=True):
        (tmp_path / name).mkdir()
        write_units(vectors, counts, tmp_path / name)
        write_titles(titles, tmp_path / name)
    return UnitVectors([tmp_path / "a", tmp_path / "b"])


def test_each_row_gives_its_own_vectors_in_order(opened):
    parts = [*np.split(VECTORS[0], [2, 2, 5]), *np.split(VECTORS[1], [1])]
    assert (opened.rows, len(opened)) == (6, 11)
    for row, expected in enumerate(parts):
        assert np.array_equal(opened.of(row), expected) and opened.of(row).shape == (len(expected), 8)


@pytest.mark.parametrize("rows", [[0], [5, 0, 3, 3], [1]])
def test_several_rows_at_once_give_what_each_gives(opened, tmp_path, rows):
    for vectors in (opened, UnitVectors([tmp_path / "a"])):
        some = [row for row in rows if row < vectors.rows]
        own = [vectors.of(row) for row in some]
        if some:
            together, counts = vectors.of_all(some)
            assert np.array_equal(together, np.concatenate(own)) and counts == [len(each) for each in own]


@pytest.mark.parametrize("rows", [[0], [5, 0, 3, 3], [1]])
def test_each_row_gives_its_articles_title(opened, tmp_path, rows):
    assert np.array_equal(opened.titles_of(rows), np.concatenate(TITLES)[rows])
    few = [row for row in rows if row < 4]
    assert np.array_equal(UnitVectors([tmp_path / "a"]).titles_of(few), TITLES[0][few])


def test_titles_that_are_fewer_than_the_passages_are_refused(tmp_path):
    write_units(VECTORS[0], COUNTS[0], tmp_path)
    write_titles(TITLES[0][:3], tmp_path)
    with pytest.raises(ValueError, match=r"static_titles\.npy has 3 rows; it should 4"):
        UnitVectors([tmp_path])


def test_beyond_titles_is_a_partial_correlation():
    chance = np.random.default_rng(0)
    question, titles, said = (rows / np.linalg.norm(rows, axis=1, keepdims=True) for rows in chance.standard_normal((3, 50, 8)))
    question = question[0]
    r_st, r_qt, r_qs = (said * titles).sum(axis=1), titles @ question, said @ question
    expected = (r_qs - r_qt * r_st) / np.sqrt((1 - r_qt**2) * (1 - r_st**2))
    statics = said - r_st[:, None] * titles
    statics /= np.linalg.norm(statics, axis=1, keepdims=True)
    near = beyond_titles(statics, titles, question)
    assert np.corrcoef(near, expected)[0, 1] > 0.99 and np.all(np.abs(near) <= np.abs(expected))


def test_a_question_that_is_its_articles_title_is_near_to_nothing_beyond_it():
    title, across = np.eye(2, 8)
    assert beyond_titles(across[None], title[None], title) == pytest.approx([0.0])
    assert beyond_titles(across[None], title[None], across) == pytest.approx([1.0], abs=0.03)
    assert beyond_titles(across[None], title[None], np.zeros(8)) == pytest.approx([0.0])


def test_a_file_that_is_cut_short_is_refused(tmp_path):
    write_units(VECTORS[0], COUNTS[0], tmp_path)
    data = (tmp_path / "units.npy").read_bytes()
    (tmp_path / "units.npy").write_bytes(data[:-4])
    with pytest.raises(ValueError, match="mmap|length|size"):
        UnitVectors([tmp_path])


def test_every_finite_half_is_the_same_number_as_a_float32():
    halves = np.arange(2**16, dtype=np.uint32).astype(np.uint16).view(np.float16)
    finite = halves[np.isfinite(halves)].reshape(-1, 4)
    widened = as_float32(finite)
    assert widened.dtype == np.float32 and len(widened) == (2**16 - 2**11) // 4
    assert np.array_equal(widened.view(np.uint32), finite.astype(np.float32).view(np.uint32))
