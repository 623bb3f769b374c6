"""Two rankings and a second look -> one order. Raw scores of different rankers are never added up.

`calibrated` turns each ranker's score into log-odds that the passage is the one sought, on a scale that holds from question to
question, and adds those; the weights are the maximum-likelihood ones over labelled questions (docs/quality.md, "Ranking").
`reciprocal_rank` is the field's usual way, kept to compare with. `looked_at_again` brings a cross-encoder's order, if any, to
that scale.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

RANK_CONSTANT = 60  # Cormack, Clarke & Büttcher, "Reciprocal Rank Fusion outperforms Condorcet ..." (SIGIR 2009)


def reciprocal_rank(rankings: Mapping[str, Sequence[int]], weights: Mapping[str, float] | None = None) -> dict[int, float]:
    """Reciprocal rank fusion: score(row) = sum over rankings of weight / (60 + rank), rank from 1.

    rankings: name -> rows, best first. weights: name -> weight, 1 where absent.

    >>> max(reciprocal_rank({"dense": [7, 3], "words": [3]}).items(), key=lambda pair: pair[1])[0]
    3
    """
    scores: dict[int, float] = {}
    for name, rows in rankings.items():
        weight = 1.0 if weights is None else weights.get(name, 1.0)
        for rank, row in enumerate(rows, 1):
            scores[row] = scores.get(row, 0.0) + weight / (RANK_CONSTANT + rank)
    return scores


def calibrated(
    passage_cosines: np.ndarray,
    unit_cosines: np.ndarray,
    static_cosines: np.ndarray,
    words_shares: np.ndarray,
    held_shares: np.ndarray,
    said_shares: np.ndarray,
    weights: tuple[float, float, float, float, float, float],
) -> np.ndarray:
    """Log-odds, up to a constant of the question, that each passage is the one sought; (n,) float, higher is better.

    passage_cosines, unit_cosines: (n,), the question against the passage and against its closest unit. static_cosines: (n,),
    against the closest unit's static vector, which tells what it says beyond its article's title. held_shares: (n,) in
    [0, 1], the share of the question's words, weighed by rarity, that stand in the passage or its headings, however often;
    words_shares: (n,), BM25 divided by the same sum of inverse document frequencies, which counts repeated words and short
    passages for more; said_shares: (n,), as held_shares, but a word that does not stand there counts by how near the nearest
    does (kb.nearest_words). So a question which shares no word with any passage is left to meaning, and one with a rare exact
    term leans on it. The model is conditional logistic regression (McFadden, "Conditional Logit Analysis of Qualitative Choice
    Behavior", 1974).
    """
    passage, unit, static, words, held, said = weights
    near: np.ndarray = passage * passage_cosines + unit * unit_cosines + static * static_cosines
    scores: np.ndarray = near + words * words_shares + held * held_shares + said * said_shares
    return scores


def looked_at_again(ranked: Sequence[tuple[int, float]], scores: Sequence[float]) -> list[tuple[int, float]]:
    """The first len(scores) of (row, score), best first, in the order of a cross-encoder's scores; the rest stays behind them.

    The scores of the places stay: a passage takes that of the place it comes to, which is quantile normalisation (Bolstad et
    al., Bioinformatics 19(2), 2003) of the one scale to the other, so that what reads them further on finds log-odds whatever the
    cross-encoder's scale is. Equal scores keep their order, and a passage whose score is NaN keeps its place.

    >>> looked_at_again([(7, 3.0), (5, 2.0), (9, 1.0)], [0.1, float("nan"), 0.8])
    [(9, 3.0), (5, 2.0), (7, 1.0)]
    """
    judged = [place for place, score in enumerate(scores) if not math.isnan(score)]
    order = sorted(judged, key=lambda place: -scores[place])
    moved = list(ranked)
    for place, taken in zip(judged, order, strict=True):
        moved[place] = (ranked[taken][0], ranked[place][1])
    return moved
