"""The vectors of what an answer can quote, passage by passage.

A row of units.npy is a unit's vector (kb.embed) and, where the encoder has them, its static vector (kb.static_vectors) behind it.
With those belong static_titles.npy, a row for each passage: where its article's title points, and static_basis.npy, what a
question's vector is multiplied by to be compared with both.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

# bytes. A larger file is read in place, 2 µs a row: mapped, the system would hold 64 kB around each row ever touched, and
# after a few hundred questions to a million passages all of its 4 GB
MAPPED_UP_TO = 64_000_000
BASIS, TITLES = "static_basis.npy", "static_titles.npy"
_WITHOUT_COPIES = np.int32(-0x70000001)  # all bits but the three that the sign was copied to
SHRINK = 0.05  # of a square; 0 to 0.1 find as well
_LOWER = np.float32(2.0**112)


class UnitVectors:
    """Row -> the vectors of its passage's units. Each layer of files goes on at the row where the one before ends."""

    def __init__(self, folders: Sequence[Path]) -> None:
        """Raises OSError or ValueError for files that are missing or no arrays."""
        self._layers: list[_Layer] = []
        self.rows = 0  # how many passages they belong to
        for folder in folders:
            self._layers.append(_Layer(folder, self.rows))
            self.rows += self._layers[-1].rows

    def __len__(self) -> int:
        """How many vectors there are in all."""
        return sum(layer.length for layer in self._layers)

    @property
    def width(self) -> int:
        """Numbers of a row; 0 where the layers differ."""
        widths = {layer.width for layer in self._layers}
        return widths.pop() if len(widths) == 1 else 0

    def of(self, row: int) -> np.ndarray:
        """(units of the passage at row, width) float16, in the units' order."""
        return self._layer_of(row).of(row)

    def of_all(self, rows: Sequence[int]) -> tuple[np.ndarray, list[int]]:
        """The vectors of these rows' units, (m, width) float16, one row's after the other's; and how many each row has."""
        if len(self._layers) == 1 and self._layers[0].mapped:
            return self._layers[0].of_all(rows)
        own = [self.of(row) for row in rows]
        return np.concatenate(own), [len(some) for some in own]

    def titles_of(self, rows: Sequence[int]) -> np.ndarray:
        """(len(rows), components) float16: where the titles of these rows' articles point. There must be static vectors."""
        if len(self._layers) == 1:
            return self._layers[0].titles_of(rows)
        return np.concatenate([self._layer_of(row).titles_of([row]) for row in rows])

    def _layer_of(self, row: int) -> _Layer:
        return next(layer for layer in reversed(self._layers) if layer.first <= row)


class _Layer:
    def __init__(self, folder: Path, first: int) -> None:
        # subtle: as a plain array, since each slice of a memmap costs a microsecond or three more
        self._starts = np.asarray(np.load(folder / "unit_starts.npy", mmap_mode="r", allow_pickle=False))
        self._vectors = _Table(folder / "units.npy")
        self._titles = _Table(folder / TITLES) if (folder / TITLES).is_file() else None
        self.first, self.rows = first, len(self._starts) - 1
        self.length, self.width = self._vectors.shape
        if self._titles is not None and self._titles.shape[0] != self.rows:
            raise ValueError(f"{TITLES} has {self._titles.shape[0]} rows; it should {self.rows}")

    @property
    def mapped(self) -> bool:
        return self._vectors.mapped

    def of_all(self, rows: Sequence[int]) -> tuple[np.ndarray, list[int]]:
        """As UnitVectors.of_all, where the file is mapped: numpy gathers them in one go, several times faster."""
        at = np.asarray(rows, dtype=np.int64) - self.first
        starts = self._starts[at]
        counts = self._starts[at + 1] - starts
        places = np.arange(counts.sum()) + np.repeat(starts - np.cumsum(counts) + counts, counts)
        return self._vectors.at(places), counts.tolist()

    def of(self, row: int) -> np.ndarray:
        start, end = self._starts[row - self.first : row - self.first + 2].tolist()
        return self._vectors.between(start, end)

    def titles_of(self, rows: Sequence[int]) -> np.ndarray:
        if self._titles is None:
            raise ValueError(f"there is no {TITLES}")
        return self._titles.at(np.asarray(rows, dtype=np.int64) - self.first)


class _Table:
    """The rows of a .npy file of float16: mapped, or read in place where it is large."""

    def __init__(self, path: Path) -> None:
        mapped = np.load(path, mmap_mode="r", allow_pickle=False)
        self.shape: tuple[int, int] = mapped.shape
        self._offset: int = mapped.offset
        self._rows, self._file = np.asarray(mapped), None  # a plain array, for the same reason as above
        if mapped.nbytes > MAPPED_UP_TO and hasattr(os, "pread"):
            self._rows, self._file = np.zeros((0, self.shape[1]), np.float16), path.open("rb", buffering=0)

    @property
    def mapped(self) -> bool:
        return self._file is None

    def between(self, start: int, end: int) -> np.ndarray:
        if self._file is None:
            own: np.ndarray = self._rows[start:end]
            return own
        width = self.shape[1] * 2  # bytes of a row
        data = os.pread(self._file.fileno(), (end - start) * width, self._offset + start * width)
        return np.frombuffer(data, dtype=np.float16).reshape(-1, self.shape[1])

    def at(self, places: np.ndarray) -> np.ndarray:
        if self._file is None:
            own: np.ndarray = self._rows[places]
            return own
        return np.concatenate([self.between(place, place + 1) for place in places.tolist()])


def as_float32(halves: np.ndarray) -> np.ndarray:
    """float16 as float32, to the bit for every finite number, seven times as fast as numpy's astype (27 µs for 311 x 384).

    Sign, exponent and mantissa are moved to where a float32 has them; its exponent counts from 112 lower (IEEE 754).
    """
    bits = halves.view(np.int16).astype(np.int32)
    bits <<= 13
    bits &= _WITHOUT_COPIES
    floats: np.ndarray = bits.view(np.float32)
    floats *= _LOWER
    return floats


def beyond_titles(statics: np.ndarray, titles: np.ndarray, question: np.ndarray) -> np.ndarray:
    """(n,) float32: the cosine of each static vector with what a question says beyond the title of the vector's article.

    statics, titles: (n, components), from kb.static_vectors; question: (components,), its vector @ basis. With s at right
    angles to t it is q s / sqrt(|q|² - (q t)²), the partial correlation of q and s given t (Yule 1907, Proc. R. Soc. A); SHRINK
    keeps it small for a question that asks for the title itself, of which little but noise is left.
    """
    beyond = question @ question - (titles @ question) ** 2
    near: np.ndarray = statics @ question / np.sqrt(np.maximum(beyond, 0) + SHRINK)
    return near


def write_units(vectors: np.ndarray, counts: Sequence[int], folder: Path) -> None:
    """Write (m, width) float16 vectors, of which the passage at row i has the next counts[i]."""
    np.save(folder / "units.npy", vectors, allow_pickle=False)
    np.save(folder / "unit_starts.npy", np.cumsum([0, *counts], dtype=np.int64), allow_pickle=False)


def write_titles(titles: np.ndarray, folder: Path) -> None:
    """Write where the title of each passage's article points, (n, components)."""
    np.save(folder / TITLES, titles.astype(np.float16), allow_pickle=False)


def write_basis(basis: np.ndarray, folder: Path) -> None:
    """Write the (dim, components) basis of the static vectors."""
    np.save(folder / BASIS, basis.astype(np.float16), allow_pickle=False)


def open_basis(folder: Path) -> np.ndarray:
    """(dim, components) float32. Raises OSError or ValueError."""
    basis: np.ndarray = np.load(folder / BASIS, allow_pickle=False).astype(np.float32)
    return basis
