"""Arrays in files that are not read whole: a table of rows (Table), or a few rows of a table for each passage (Ragged)."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

# bytes up to which a file is mapped into memory. A larger one is read row by row, 2 µs each: of a mapped file the system keeps
# 64 kB around each row ever touched, all of its 4 GB after a few hundred questions to a million passages
MAPPED_UP_TO = 64_000_000


class Table:
    """The rows of a .npy file. Raises OSError or ValueError for one that is missing or no array."""

    def __init__(self, path: Path) -> None:
        mapped = np.load(path, mmap_mode="r", allow_pickle=False)
        self.shape: tuple[int, ...] = mapped.shape
        self._dtype, self._offset = mapped.dtype, int(mapped.offset)
        self._width = mapped.itemsize * int(np.prod(mapped.shape[1:], dtype=np.int64))  # bytes of a row
        # subtle: as a plain array, since each slice of a memmap costs a microsecond or three more
        self._rows, self._file = np.asarray(mapped), None
        if mapped.nbytes > MAPPED_UP_TO and hasattr(os, "pread"):
            self._rows, self._file = self._rows[:0].copy(), path.open("rb", buffering=0)

    @property
    def mapped(self) -> bool:
        return self._file is None

    def between(self, start: int, end: int) -> np.ndarray:
        """Rows start to end, end excluded."""
        if self._file is None:
            own: np.ndarray = self._rows[start:end]
            return own
        data = os.pread(self._file.fileno(), (end - start) * self._width, self._offset + start * self._width)
        return np.frombuffer(data, dtype=self._dtype).reshape(-1, *self.shape[1:])

    def at(self, places: np.ndarray) -> np.ndarray:
        """The rows with these numbers, in their order."""
        if self._file is None:
            own: np.ndarray = self._rows[places]
            return own
        return np.concatenate([self.between(place, place + 1) for place in places.tolist()] or [self._rows])


class Ragged:
    """Passage -> its rows of a table. starts: for each passage its first row, and behind the last one the number of rows."""

    def __init__(self, table: Path, starts: Path) -> None:
        """Raises OSError or ValueError for files that are missing or no arrays."""
        self._starts = np.asarray(np.load(starts, mmap_mode="r", allow_pickle=False))
        self.table = Table(table)
        self.passages = len(self._starts) - 1

    def of(self, passage: int) -> np.ndarray:
        """The rows of one passage."""
        start, end = self._starts[passage : passage + 2].tolist()
        return self.table.between(start, end)

    def of_all(self, passages: Sequence[int] | np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The rows of these passages, in the order asked, in one array; and how many each passage has."""
        at = np.asarray(passages, dtype=np.int64)
        starts = self._starts[at]
        counts = self._starts[at + 1] - starts
        if not self.table.mapped:
            return np.concatenate([self.of(passage) for passage in at.tolist()] or [self.table.between(0, 0)]), counts
        # numpy gathers them in one go, several times faster than passage by passage
        places = np.arange(counts.sum()) + np.repeat(starts - np.cumsum(counts) + counts, counts)
        return self.table.at(places), counts


def write_ragged(rows: np.ndarray, counts: Sequence[int], table: Path, starts: Path) -> None:
    """Write rows, of which the next counts[i] belong to passage i."""
    np.save(table, rows, allow_pickle=False)
    np.save(starts, np.cumsum([0, *counts], dtype=np.int64), allow_pickle=False)
