"""Closest in meaning: inner product over half-precision unit vectors (FAISS), read from the mapped file.

    up to EXACT_UP_TO passages   every vector is compared: exact
    beyond                       vectors lie in lists around centres, and only the nearest lists are compared (Jégou et al. 2011,
                                 IVF); how many is measured when the index is written, so that 99 in 100 neighbours are found
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from kb.units import as_float32

EXACT_UP_TO = 200_000  # passages. Comparing all takes 36 ms a question at a million, in proportion (benchmarks/scale.py)
WANTED_RECALL = 0.99  # of the ten nearest, on SAMPLE questions
SAMPLE = 256
TRAINED_ON = 50  # vectors a list, of a sample, to find the centres; more brought no recall
PROBES = (8, 16, 32, 64, 128, 256)  # lists compared; the first that reaches WANTED_RECALL is kept
ONE_THREAD_UP_TO = 50_000  # passages: 2 ms. A second thread saves less than waiting for it costs when others use the machine
EXACT_ROWS = 20_000  # a search in lists restricted to so few rows compares them all: 10 ms


@contextmanager
def _threads(count: int) -> Iterator[None]:
    """Let FAISS use this many threads for what the calling thread asks of it."""
    import faiss

    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(count)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(before)


class Dense(Protocol):
    """Rows of unit vectors that can be asked for the nearest; the seam for a server-grade engine."""

    dim: int

    def __len__(self) -> int: ...
    def search(self, vector: np.ndarray, n: int, rows: Sequence[int] | None = None) -> list[tuple[int, float]]: ...
    def vectors(self, rows: Sequence[int]) -> np.ndarray: ...


class FaissDense:
    """The vectors of one generation, opened for reading; any number of threads may ask."""

    def __init__(self, index: Any) -> None:
        self._index = index
        self._in_lists = hasattr(index, "nprobe")
        self._halves = None
        if self._in_lists:
            index.make_direct_map(True)  # row -> place in its list; 6 ms for 200,000
        else:
            self._halves = _halves(index)
        self.dim: int = index.d

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def search(
        self, vector: np.ndarray, n: int, rows: Sequence[int] | None = None, *, without: Sequence[int] = ()
    ) -> list[tuple[int, float]]:
        """The n rows closest in meaning to vector, best first.

        vector: (dim,) float32, unit length. Returns (row, cosine), cosine in [-1, 1], higher is closer; equal cosines keep row
        order. rows restricts the search to these, without leaves these out when it is not restricted. Fewer pairs come back when
        fewer rows are searched. Raises ValueError if vector is not (self.dim,).
        """
        if vector.shape != (self.dim,):
            raise ValueError(f"a vector of shape ({self.dim},) is searched, got {vector.shape}")
        n = min(n, len(self) - len(without) if rows is None else len(rows))
        if n <= 0:
            return []
        if rows is None:
            pairs = self._ask(vector, n, None, without)
        elif self._in_lists and len(rows) <= EXACT_ROWS:
            pairs = list(zip(map(int, rows), map(float, self.vectors(rows) @ vector), strict=True))
        else:
            pairs = self._ask(vector, n, rows)
        return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))[:n]

    def _ask(
        self, vector: np.ndarray, n: int, rows: Sequence[int] | None, without: Sequence[int] = ()
    ) -> list[tuple[int, float]]:
        import faiss

        wanted: dict[str, Any] = {}
        if rows is not None:
            wanted["sel"] = faiss.IDSelectorBatch(np.asarray(rows, dtype=np.int64))
        elif len(without):
            left_out = faiss.IDSelectorBatch(np.asarray(without, dtype=np.int64))  # subtle: must outlive the search
            wanted["sel"] = faiss.IDSelectorNot(left_out)
        probes = [0]
        if self._in_lists:
            all_lists, own = int(self._index.nlist), int(self._index.nprobe)
            # as many wanted vectors as an unrestricted search compares; all lists when even so there are too few
            probes = [own if rows is None else min(all_lists, own * len(self) // len(rows)), all_lists]
        question = np.ascontiguousarray(vector[None, :], dtype=np.float32)
        pairs: list[tuple[int, float]] = []
        for nprobe in probes:
            kind: Any = faiss.SearchParameters
            if self._in_lists:
                kind, wanted["nprobe"] = faiss.SearchParametersIVF, nprobe
            parameters = kind(**wanted)
            with _threads(1 if self._in_lists or len(self) <= ONE_THREAD_UP_TO else faiss.omp_get_max_threads()):
                cosines, found = self._index.search(question, n, params=parameters)
            pairs = [(int(row), float(cosine)) for row, cosine in zip(found[0], cosines[0], strict=True) if row >= 0]
            if len(pairs) == n:
                break
        return pairs

    def vectors(self, rows: Sequence[int]) -> np.ndarray:
        """(len(rows), dim) float32, in the order asked."""
        if not len(rows):
            return np.zeros((0, self.dim), dtype=np.float32)
        asked = np.asarray(rows, dtype=np.int64)
        if self._halves is not None:  # 17 µs for 90 rows; FAISS, which unpacks one after the other, takes 91
            return as_float32(self._halves[asked])
        return np.asarray(self._index.reconstruct_batch(asked), dtype=np.float32)


def _halves(index: Any) -> np.ndarray:
    """The vectors of an exact index as they lie in it, (n, dim) float16; good as long as the index is there."""
    import faiss

    if not index.ntotal:
        return np.zeros((0, index.d), dtype=np.float16)
    halves: np.ndarray = faiss.rev_swig_ptr(index.codes.data(), index.ntotal * index.code_size).view("<f2")
    return halves.reshape(index.ntotal, index.d)


class LayeredDense:
    """Vectors and those added behind them later: row i of the later ones is row len(first) + i. dead rows are never found."""

    def __init__(self, first: FaissDense, later: FaissDense, dead: Sequence[int]) -> None:
        self._layers = (first, later)
        self._split = len(first)
        self._dead = ([row for row in dead if row < self._split], [row - self._split for row in dead if row >= self._split])
        self.dim = first.dim

    def __len__(self) -> int:
        return sum(map(len, self._layers))

    def search(self, vector: np.ndarray, n: int, rows: Sequence[int] | None = None) -> list[tuple[int, float]]:
        """As FaissDense.search."""
        if rows is None:
            found = [layer.search(vector, n, without=dead) for layer, dead in zip(self._layers, self._dead, strict=True)]
        else:
            found = [layer.search(vector, n, some) for layer, some in zip(self._layers, self._parted(rows), strict=True)]
        pairs = [*found[0], *((row + self._split, cosine) for row, cosine in found[1])]
        return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))[:n]

    def vectors(self, rows: Sequence[int]) -> np.ndarray:
        """(len(rows), dim) float32, in the order asked."""
        asked = np.asarray(rows, dtype=np.int64)
        found = np.empty((len(asked), self.dim), dtype=np.float32)
        for layer, own in zip(self._layers, (asked < self._split, asked >= self._split), strict=True):
            found[own] = layer.vectors((asked[own] - (0 if layer is self._layers[0] else self._split)).tolist())
        return found

    def _parted(self, rows: Sequence[int]) -> tuple[list[int], list[int]]:
        return [row for row in rows if row < self._split], [row - self._split for row in rows if row >= self._split]


def write_dense(
    vectors: np.ndarray, path: Path, questions: np.ndarray | None = None, *, exact_up_to: int = EXACT_UP_TO
) -> dict[str, Any]:
    """Write (n, dim) unit rows as a FAISS file; row i of the file is row i of vectors. Returns what was made, for the manifest.

    questions: (m, dim) unit rows like those that will be asked, on SAMPLE of which the recall is measured; the vectors of
    single sentences are, those of whole passages (taken when there are none) less so.
    """
    import faiss

    exact = faiss.IndexScalarQuantizer(vectors.shape[1], faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT)
    for start in range(0, len(vectors), EXACT_UP_TO):  # in parts, since a copy in float32 of all takes twice the index
        exact.add(np.ascontiguousarray(vectors[start : start + EXACT_UP_TO], dtype=np.float32))
    if len(vectors) > exact_up_to:
        asked = vectors if questions is None or not len(questions) else questions
        lists, made = _in_lists(vectors, exact, _sample(asked, SAMPLE))
        if made["recall_at_10"] >= WANTED_RECALL:
            faiss.write_index(lists, str(path))
            return made
    faiss.write_index(exact, str(path))
    return {"kind": "exact"}


def _in_lists(vectors: np.ndarray, exact: Any, questions: np.ndarray) -> tuple[Any, dict[str, Any]]:
    """vectors in lists, and how many lists a question must compare."""
    import faiss

    count = 2 ** round(np.log2(np.sqrt(len(vectors))))  # about as many lists as vectors in a list
    centres = faiss.IndexFlatIP(vectors.shape[1])
    index = faiss.IndexIVFScalarQuantizer(
        centres, vectors.shape[1], count, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT, False
    )
    index.cp.niter = 10
    index.train(_sample(vectors, count * TRAINED_ON))
    for start in range(0, len(vectors), EXACT_UP_TO):
        index.add(np.ascontiguousarray(vectors[start : start + EXACT_UP_TO], dtype=np.float32))
    nearest = exact.search(questions, 10)[1]
    recall = 0.0
    for probes in PROBES:
        index.nprobe = min(probes, count)
        found = index.search(questions, 10)[1]
        recall = float(np.mean([len(set(a) & set(b)) / 10 for a, b in zip(found.tolist(), nearest.tolist(), strict=True)]))
        if recall >= WANTED_RECALL:
            break
    return index, {"kind": "lists", "lists": count, "probes": int(index.nprobe), "recall_at_10": recall, "asked": len(questions)}


def _sample(rows: np.ndarray, n: int) -> np.ndarray:
    """n of rows, the same every time, float32."""
    chosen = np.sort(np.random.default_rng(0).permutation(len(rows))[:n])
    return np.ascontiguousarray(rows[chosen], dtype=np.float32)


def open_dense(path: Path) -> FaissDense:
    """Map what write_dense wrote. Only after its checksum was verified: FAISS reads damaged files without noticing."""
    import faiss

    return FaissDense(faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC))
