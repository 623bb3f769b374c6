"""The vectors of the units (what an answer can quote), passage by passage.

    units.npy unit_starts.npy   a row for each unit: its vector (kb.embed) and behind it, where the encoder has static vectors,
                                its static vector (kb.static_vectors)
    static_titles.npy           with those: a row for each passage, the direction of its article's title
    static_basis.npy            and the basis: question's vector @ basis is compared with both
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kb.ragged import Ragged, Table, write_ragged

BASIS, TITLES = "static_basis.npy", "static_titles.npy"
_WITHOUT_COPIES = np.int32(-0x70000001)  # all bits but the three that the sign was copied to
SHRINK = 0.05  # added to a squared length (`beyond_titles`); 0 to 0.1 find as well
_LOWER = np.float32(2.0**112)


@dataclass(frozen=True, slots=True)
class UnitCosines:
    """How near the units of some passages are to a question.

    cosines: (2, units) float32, one passage's units after the other's: with the unit's own vector, then with its static vector
    (`beyond_titles`), or where there are none with its own once more. starts: (passages + 1,), where each passage's begin, and
    where the last one's end.
    """

    cosines: np.ndarray
    starts: np.ndarray

    def of(self, place: int) -> np.ndarray:
        """(2, units of this passage), in the units' order."""
        own: np.ndarray = self.cosines[:, self.starts[place] : self.starts[place + 1]]
        return own

    def best(self) -> np.ndarray:
        """(2, passages): the highest of each passage; every passage has a unit."""
        best: np.ndarray = np.maximum.reduceat(self.cosines, self.starts[:-1], axis=1) if len(self.starts) > 1 else self.cosines
        return best


class UnitVectors:
    """Row -> the vectors of its passage's units, from one folder or several: layers, in which rows are numbered through."""

    def __init__(self, folders: Sequence[Path]) -> None:
        """Raises OSError or ValueError for files that are missing or no arrays."""
        self._layers: list[_Layer] = []
        self.rows = 0  # how many passages they belong to
        for folder in folders:
            self._layers.append(_Layer(folder, self.rows))
            self.rows += self._layers[-1].rows

    def __len__(self) -> int:
        """How many vectors there are in all."""
        return sum(layer.shape[0] for layer in self._layers)

    @property
    def width(self) -> int:
        """Length of a unit's row; 0 where the layers differ."""
        widths = {layer.shape[1] for layer in self._layers}
        return widths.pop() if len(widths) == 1 else 0

    def of(self, row: int) -> np.ndarray:
        """(units of the passage at row, width) float16, in the units' order."""
        layer = self._layer_of(row)
        return layer.vectors.of(row - layer.first)

    def of_all(self, rows: Sequence[int]) -> tuple[np.ndarray, list[int]]:
        """The vectors of these passages' units, (m, width) float16, in the rows' order; and how many units each has."""
        if len(self._layers) == 1:
            vectors, counts = self._layers[0].vectors.of_all(rows)
            return vectors, counts.tolist()
        own = [self.of(row) for row in rows]
        return np.concatenate(own), [len(some) for some in own]

    def titles_of(self, rows: Sequence[int]) -> np.ndarray:
        """(len(rows), components) float16: directions of the titles of these rows' articles. There must be static vectors."""
        if len(self._layers) == 1:
            return self._layers[0].titles_of(rows)
        return np.concatenate([self._layer_of(row).titles_of([row]) for row in rows])

    def _layer_of(self, row: int) -> _Layer:
        return next(layer for layer in reversed(self._layers) if layer.first <= row)


class _Layer:
    def __init__(self, folder: Path, first: int) -> None:
        self.vectors = Ragged(folder / "units.npy", folder / "unit_starts.npy")
        self._titles = Table(folder / TITLES) if (folder / TITLES).is_file() else None
        self.first, self.rows = first, self.vectors.passages
        self.shape = self.vectors.table.shape
        if len(self.shape) != 2:
            raise ValueError(f"units.npy is an array of {len(self.shape)} dimensions")
        if self._titles is not None and self._titles.shape[0] != self.rows:
            raise ValueError(f"{TITLES} has {self._titles.shape[0]} rows; it should {self.rows}")

    def titles_of(self, rows: Sequence[int]) -> np.ndarray:
        if self._titles is None:
            raise ValueError(f"there is no {TITLES}")
        return self._titles.at(np.asarray(rows, dtype=np.int64) - self.first)


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
    """(n,) float32: cosine of each unit's static vector s with what the question q says beyond the title t of the unit's article.

    statics, titles: (n, components), from kb.static_vectors; question: (components,), the question's vector @ basis. As s is at
    right angles to t, this is q s / sqrt(|q|² - (q t)²), the partial correlation of q and s given t (Yule 1907, Proc. R. Soc. A).
    SHRINK is added below the root: of a question for the title itself little but noise is left, which would grow large else.
    """
    beyond = question @ question - (titles @ question) ** 2
    near: np.ndarray = statics @ question / np.sqrt(np.maximum(beyond, 0) + SHRINK)
    return near


def write_units(vectors: np.ndarray, counts: Sequence[int], folder: Path) -> None:
    """Write (m, width) float16 vectors, of which the next counts[i] belong to the passage at row i."""
    write_ragged(vectors, counts, folder / "units.npy", folder / "unit_starts.npy")


def write_titles(titles: np.ndarray, folder: Path) -> None:
    """Write (n, components): for each passage the direction of its article's title."""
    np.save(folder / TITLES, titles.astype(np.float16), allow_pickle=False)


def write_basis(basis: np.ndarray, folder: Path) -> None:
    """Write the (dim, components) basis of the static vectors."""
    np.save(folder / BASIS, basis.astype(np.float16), allow_pickle=False)


def open_basis(folder: Path) -> np.ndarray:
    """(dim, components) float32. Raises OSError or ValueError."""
    basis: np.ndarray = np.load(folder / BASIS, allow_pickle=False).astype(np.float32)
    return basis
