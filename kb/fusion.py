"""The scores of several rankers -> one order. Raw scores of different rankers are never added up.

`log_odds` weighs each score so that it counts the same from question to question, and adds up what comes out; the weights are
close to the maximum-likelihood ones over labelled questions (docs/quality.md, "Ranking"). `reciprocal_rank` is the usual way to
fuse rankings, kept to compare with. `reordered` applies a cross-encoder's order and keeps the scale.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields

import numpy as np

from kb.settings import Settings

RANK_CONSTANT = 60  # Cormack, Clarke & Büttcher, "Reciprocal Rank Fusion outperforms Condorcet ..." (SIGIR 2009)


def reciprocal_rank(rankings: Iterable[Sequence[int]]) -> dict[int, float]:
    """Reciprocal rank fusion: score(row) = sum over rankings of 1 / (60 + rank), rank from 1. rankings: rows, best first.

    >>> max(reciprocal_rank([[7, 3], [3]]).items(), key=lambda pair: pair[1])[0]
    3
    """
    scores: dict[int, float] = {}
    for rows in rankings:
        for rank, row in enumerate(rows, 1):
            scores[row] = scores.get(row, 0.0) + 1.0 / (RANK_CONSTANT + rank)
    return scores


@dataclass(frozen=True, slots=True)
class Features:
    """What speaks for each of n passages; all (n,).

    passage, unit: cosines of the question with the passage and with its closest unit. static: the highest cosine of the question
    with a unit's static vector, which tells what the unit says beyond its article's title. held: share in [0, 1] of the words
    asked, weighed by rarity, that stand in the passage or its headings, however often. words: BM25 divided by the same sum of
    rarities; repeated words and short passages count more in it. said: as held, but a word that does not stand there counts by
    how near the nearest one comes (kb.nearest_words). neighbours, neighbours_words: the means of passage and of words over the
    passages nearest to it (kb.neighbours). length: natural logarithm of how many words it says, each unit's counted: the longer a
    passage, the nearer its nearest word to whatever is asked.
    """

    passage: np.ndarray
    unit: np.ndarray
    static: np.ndarray
    words: np.ndarray
    held: np.ndarray
    said: np.ndarray
    neighbours: np.ndarray
    neighbours_words: np.ndarray
    length: np.ndarray


FEATURES = tuple(each.name for each in fields(Features))  # the setting weight_NAME weighs the feature NAME


def log_odds(of: Features, settings: Settings) -> np.ndarray:
    """Log-odds, up to a constant of the question, that each passage is the one sought; (n,) float, higher is better.

    A question that shares no word with any passage is decided by meaning; one with a rare exact term leans on the term. The
    model is conditional logistic regression (McFadden, "Conditional Logit Analysis of Qualitative Choice Behavior", 1974).
    """
    odds = np.zeros(len(of.passage))
    for name in FEATURES:
        odds += getattr(settings, f"weight_{name}") * getattr(of, name)
    return odds


def reordered(ranked: Sequence[tuple[int, float]], scores: Sequence[float]) -> list[tuple[int, float]]:
    """The first len(scores) of (row, score), best first, in the order of a cross-encoder's scores; the rest stays behind them.

    A passage takes the score of the place that it comes to (quantile normalisation, Bolstad et al., Bioinformatics 19(2), 2003),
    so that scores stay log-odds whatever the cross-encoder's scale is. Equal scores keep their order, and a passage whose score
    is NaN keeps its place.

    >>> reordered([(7, 3.0), (5, 2.0), (9, 1.0)], [0.1, float("nan"), 0.8])
    [(9, 3.0), (5, 2.0), (7, 1.0)]
    """
    judged = [place for place, score in enumerate(scores) if not math.isnan(score)]
    order = sorted(judged, key=lambda place: -scores[place])
    moved = list(ranked)
    for place, taken in zip(judged, order, strict=True):
        moved[place] = (ranked[taken][0], ranked[place][1])
    return moved
