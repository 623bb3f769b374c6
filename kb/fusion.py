"""Two rankings -> one, by rank, never by adding raw scores of different rankers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

RANK_CONSTANT = 60  # Cormack, Clarke & Büttcher, "Reciprocal Rank Fusion outperforms Condorcet ..." (SIGIR 2009)


def reciprocal_rank(rankings: Mapping[str, Sequence[int]], weights: Mapping[str, float] | None = None) -> list[tuple[int, float]]:
    """Reciprocal rank fusion: score(row) = sum over rankings of weight / (60 + rank), rank from 1; best first, ties by row.

    rankings: name -> rows, best first. weights: name -> weight, 1 where absent.

    >>> reciprocal_rank({"dense": [7, 3], "words": [3]})[0][0]
    3
    """
    scores: dict[int, float] = {}
    for name, rows in rankings.items():
        weight = 1.0 if weights is None else weights.get(name, 1.0)
        for rank, row in enumerate(rows, 1):
            scores[row] = scores.get(row, 0.0) + weight / (RANK_CONSTANT + rank)
    return sorted(scores.items(), key=lambda pair: (-pair[1], pair[0]))
