"""Closest in meaning: exact inner product over half-precision unit vectors (FAISS)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np


class Dense(Protocol):
    """Rows of unit vectors that can be asked for the nearest; the seam for a server-grade engine."""

    dim: int

    def search(self, vector: np.ndarray, n: int, rows: Sequence[int] | None = None) -> list[tuple[int, float]]: ...
    def vectors(self, rows: Sequence[int]) -> np.ndarray: ...


class FlatDense:
    """Exact search over fp16 vectors: half the memory and twice the speed of fp32 at equal recall (benchmarks/scale.py)."""

    def __init__(self, index: Any) -> None:
        self._index = index
        self.dim: int = index.d

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def search(self, vector: np.ndarray, n: int, rows: Sequence[int] | None = None) -> list[tuple[int, float]]:
        """The n rows closest in meaning to vector, best first.

        vector: (dim,) float32, unit length. Returns (row, cosine), cosine in [-1, 1], higher is closer; equal cosines keep row
        order. rows restricts the search to these. Fewer pairs come back when fewer rows are searched. Raises ValueError if
        vector is not (self.dim,).
        """
        import faiss

        if vector.shape != (self.dim,):
            raise ValueError(f"a vector of shape ({self.dim},) is searched, got {vector.shape}")
        n = min(n, len(self) if rows is None else len(rows))
        if n <= 0:
            return []
        parameters = None
        if rows is not None:
            selected = faiss.IDSelectorBatch(np.asarray(rows, dtype=np.int64))
            parameters = faiss.SearchParameters(sel=selected)  # type: ignore[call-arg]  # faiss's stub does not know it
        cosines, found = self._index.search(np.ascontiguousarray(vector[None, :], dtype=np.float32), n, params=parameters)
        pairs = [(int(row), float(cosine)) for row, cosine in zip(found[0], cosines[0], strict=True) if row >= 0]
        return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))

    def vectors(self, rows: Sequence[int]) -> np.ndarray:
        """(len(rows), dim) float32, in the order asked."""
        if not len(rows):
            return np.zeros((0, self.dim), dtype=np.float32)
        return np.asarray(self._index.reconstruct_batch(np.asarray(rows, dtype=np.int64)), dtype=np.float32)


def write_dense(vectors: np.ndarray, path: Path) -> None:
    """Write (n, dim) float32 unit rows as a FAISS fp16 inner-product index; row i of the file is row i of vectors."""
    import faiss

    index = faiss.IndexScalarQuantizer(vectors.shape[1], faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT)
    if len(vectors):
        index.add(np.ascontiguousarray(vectors, dtype=np.float32))
    faiss.write_index(index, str(path))


def open_dense(path: Path) -> FlatDense:
    """Open what write_dense wrote. Only after its checksum was verified: FAISS reads damaged files without noticing."""
    import faiss

    return FlatDense(faiss.read_index(str(path)))
