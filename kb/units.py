"""The vectors of what an answer can quote, passage by passage, read from mapped files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np


class UnitVectors:
    """Row -> the vectors of its passage's units. Each layer of files goes on at the row where the one before ends."""

    def __init__(self, folders: Sequence[Path]) -> None:
        """Raises OSError or ValueError for files that are missing or no arrays."""
        self._layers: list[tuple[int, np.ndarray, np.ndarray]] = []
        self._rows = 0
        for folder in folders:
            units = np.load(folder / "units.npy", mmap_mode="r", allow_pickle=False)
            starts = np.load(folder / "unit_starts.npy", mmap_mode="r", allow_pickle=False)
            # subtle: as plain arrays, since each slice of a memmap costs a microsecond or three more
            self._layers.append((self._rows, np.asarray(starts), np.asarray(units)))
            self._rows += len(starts) - 1

    def __len__(self) -> int:
        """How many vectors there are in all."""
        return sum(len(units) for _, _, units in self._layers)

    @property
    def rows(self) -> int:
        """How many passages they belong to."""
        return self._rows

    def of(self, row: int) -> np.ndarray:
        """(units of the passage at row, dim) float16, in the units' order."""
        first, starts, units = next(layer for layer in reversed(self._layers) if layer[0] <= row)
        own: np.ndarray = units[starts[row - first] : starts[row - first + 1]]
        return own


def write_units(vectors: np.ndarray, counts: Sequence[int], folder: Path) -> None:
    """Write (m, dim) float16 vectors, of which the passage at row i has the next counts[i]."""
    np.save(folder / "units.npy", vectors, allow_pickle=False)
    np.save(folder / "unit_starts.npy", np.cumsum([0, *counts], dtype=np.int64), allow_pickle=False)
