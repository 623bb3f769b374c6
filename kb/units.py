"""The vectors of what an answer can quote, passage by passage.

A row of units.npy is a unit's vector (kb.embed) and, where the encoder has them, its static vector (kb.static_vectors) behind it;
static_basis.npy is what a question's vector is multiplied by to be compared with that.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

# bytes. A larger file is read in place, 2 µs a row: mapped, the system would hold 64 kB around each row ever touched, and
# after a few hundred questions to a million passages all of its 4 GB
MAPPED_UP_TO = 64_000_000
BASIS = "static_basis.npy"
_WITHOUT_COPIES = np.int32(-0x70000001)  # all bits but the three that the sign was copied to
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
        return next(layer for layer in reversed(self._layers) if layer.first <= row).of(row)

    def of_all(self, rows: Sequence[int]) -> tuple[np.ndarray, list[int]]:
        """The vectors of these rows' units, (m, width) float16, one row's after the other's; and how many each row has."""
        if len(self._layers) == 1 and self._layers[0].mapped:
            return self._layers[0].of_all(rows)
        own = [self.of(row) for row in rows]
        return np.concatenate(own), [len(some) for some in own]


class _Layer:
    def __init__(self, folder: Path, first: int) -> None:
        vectors = np.load(folder / "units.npy", mmap_mode="r", allow_pickle=False)
        # subtle: as plain arrays, since each slice of a memmap costs a microsecond or three more
        self._starts = np.asarray(np.load(folder / "unit_starts.npy", mmap_mode="r", allow_pickle=False))
        self.first, self.rows = first, len(self._starts) - 1
        self.length, self.width = vectors.shape
        self._offset: int = vectors.offset
        self._vectors, self._file = np.asarray(vectors), None
        if vectors.nbytes > MAPPED_UP_TO and hasattr(os, "pread"):
            self._vectors, self._file = np.zeros((0, self.width), np.float16), (folder / "units.npy").open("rb", buffering=0)

    @property
    def mapped(self) -> bool:
        return self._file is None

    def of_all(self, rows: Sequence[int]) -> tuple[np.ndarray, list[int]]:
        """As UnitVectors.of_all, where the file is mapped: numpy gathers them in one go, several times faster."""
        at = np.asarray(rows, dtype=np.int64) - self.first
        starts = self._starts[at]
        counts = self._starts[at + 1] - starts
        places = np.arange(counts.sum()) + np.repeat(starts - np.cumsum(counts) + counts, counts)
        return self._vectors[places], counts.tolist()

    def of(self, row: int) -> np.ndarray:
        start, end = self._starts[row - self.first : row - self.first + 2].tolist()
        if self._file is None:
            own: np.ndarray = self._vectors[start:end]
            return own
        width = self.width * 2  # bytes of a vector
        data = os.pread(self._file.fileno(), (end - start) * width, self._offset + start * width)
        return np.frombuffer(data, dtype=np.float16).reshape(-1, self.width)


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


def write_units(vectors: np.ndarray, counts: Sequence[int], folder: Path) -> None:
    """Write (m, width) float16 vectors, of which the passage at row i has the next counts[i]."""
    np.save(folder / "units.npy", vectors, allow_pickle=False)
    np.save(folder / "unit_starts.npy", np.cumsum([0, *counts], dtype=np.int64), allow_pickle=False)


def write_basis(basis: np.ndarray, folder: Path) -> None:
    """Write the (dim, components) basis of the static vectors."""
    np.save(folder / BASIS, basis.astype(np.float16), allow_pickle=False)


def open_basis(folder: Path) -> np.ndarray:
    """(dim, components) float32. Raises OSError or ValueError."""
    basis: np.ndarray = np.load(folder / BASIS, allow_pickle=False).astype(np.float32)
    return basis
