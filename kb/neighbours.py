"""What speaks for the passages nearest to a passage speaks for it too.

Passages near to each other tend to answer the same questions (the cluster hypothesis: van Rijsbergen, "Information Retrieval",
1979), so a score is steadier when the scores of a passage's neighbours count beside its own (Diaz, "Regularizing ad hoc retrieval
scores", CIKM 2005).
"""

from __future__ import annotations

import numpy as np

NEIGHBOURS = 10  # of a passage among the candidates; 5 finds less, 20 no more (docs/quality.md, "Ranking")
SMALL_PRODUCT = 2**18  # multiplications that numpy's BLAS takes for too few to wake its threads, which wait for the model's


def nearest(vectors: np.ndarray) -> np.ndarray:
    """(n, min(NEIGHBOURS, n - 1)): for each of n unit vectors (n, dim) the places of those with the highest cosine to it."""
    count, dim = vectors.shape
    many = min(NEIGHBOURS, count - 1)
    if many < 1:
        return np.zeros((count, 0), dtype=np.int64)
    block = max(1, SMALL_PRODUCT // (count * dim))
    cosines = np.concatenate([vectors[at : at + block] @ vectors.T for at in range(0, count, block)])
    np.fill_diagonal(cosines, -np.inf)
    found: np.ndarray = np.argpartition(cosines, count - many, axis=1)[:, count - many :]
    return found


def mean_over(near: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """(n,): the mean of the neighbours' scores (n,); 0 for a passage that has none. near: as nearest() gives it."""
    means: np.ndarray = scores[near].mean(axis=1) if near.shape[1] else np.zeros(len(scores), dtype=np.float32)
    return means
