"""The vectors of units are read by row, mapped or in place, from one layer of files or two."""

import numpy as np
import pytest

from kb import units
from kb.units import UnitVectors, as_float32, write_units

COUNTS = ([2, 0, 3, 1], [1, 4])
VECTORS = [np.random.default_rng(seed).standard_normal((sum(counts), 8)).astype(np.float16) for seed, counts in enumerate(COUNTS)]


@pytest.fixture(params=["mapped", "read in place"])
def opened(request, tmp_path, monkeypatch):
    if request.param == "read in place":
        monkeypatch.setattr(units, "MAPPED_UP_TO", 0)
    for name, vectors, counts in zip("ab", VECTORS, COUNTS, strict=True):
        (tmp_path / name).mkdir()
        write_units(vectors, counts, tmp_path / name)
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
