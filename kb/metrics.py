"""The formulas of measuring, one function each, with its source. Pure: numbers in, numbers out.

    ranking     ndcg  recall  reciprocal_rank                  of one query
    refusing    auroc  refused_at  calibration_error           of many questions
    doubt       bootstrap_interval  randomisation_test         of a mean, of a difference
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

BINS = 10  # of calibration_error


def in_order(scores: Mapping[str, float]) -> list[str]:
    """Documents from best to worst; equal scores put the later id first, as trec_eval 9 does."""
    return sorted(sorted(scores, reverse=True), key=lambda document: -scores[document])


def ndcg(ranked: Sequence[str], relevance: Mapping[str, int], k: int) -> float:
    """Normalised discounted cumulative gain of the first k, in [0, 1]; 0 when nothing is relevant.

    Järvelin and Kekäläinen, "Cumulated gain-based evaluation of IR techniques", ACM TOIS 20(4), 2002, with the gain equal
    to the grade and the discount log2(rank + 1), which is trec_eval's ndcg_cut and ir-measures' nDCG@k.

        ndcg(["b", "a"], {"a": 1}, 10)  ->  (1 / log2 3) / (1 / log2 2)  =  0.6309
    """
    gain = _discounted([relevance.get(document, 0) for document in ranked[:k]])
    ideal = _discounted(sorted(relevance.values(), reverse=True)[:k])
    return gain / ideal if ideal > 0 else 0.0


def _discounted(grades: Sequence[int]) -> float:
    return sum(max(grade, 0) / math.log2(rank + 1) for rank, grade in enumerate(grades, start=1))


def recall(ranked: Sequence[str], relevance: Mapping[str, int], k: int) -> float:
    """Share of the relevant documents (grade 1 or more) that are among the first k; 0 when nothing is relevant.

    Manning, Raghavan and Schütze, "Introduction to Information Retrieval", 2008, section 8.3 (ir-measures' R@k).
    """
    relevant = {document for document, grade in relevance.items() if grade > 0}
    return len(relevant.intersection(ranked[:k])) / len(relevant) if relevant else 0.0


def reciprocal_rank(ranked: Sequence[str], relevance: Mapping[str, int], k: int) -> float:
    """1 / rank of the first relevant document among the first k, 0 when there is none.

    Voorhees, "The TREC-8 question answering track report", 1999 (its mean is MRR; ir-measures' RR@k).
    """
    for rank, document in enumerate(ranked[:k], start=1):
        if relevance.get(document, 0) > 0:
            return 1.0 / rank
    return 0.0


def auroc(positive: Sequence[float], negative: Sequence[float]) -> float:
    """Probability that a positive scores above a negative, a tie counting one half; nan when either side is empty.

    The area under the ROC curve is the Mann-Whitney U statistic divided by the number of pairs (Hanley and McNeil,
    "The meaning and use of the area under a receiver operating characteristic curve", Radiology 143, 1982).

        auroc([.9, .5], [.5, .1])  ->  (1 + 1 + .5 + 1) / 4  =  .875
    """
    if not len(positive) or not len(negative):
        return math.nan
    low = np.sort(np.asarray(negative, dtype=float))
    below = np.searchsorted(low, positive, side="left")
    up_to = np.searchsorted(low, positive, side="right")
    return float((below + up_to).sum() / 2 / (len(positive) * len(negative)))


def refused_at(answerable: Sequence[float], unanswerable: Sequence[float], share: float) -> tuple[float, float]:
    """(share of the unanswerable refused, threshold) at the highest threshold that refuses at most `share` of the answerable.

    A question is refused when its confidence is below the threshold: one point of the ROC curve (Fawcett, "An introduction
    to ROC analysis", Pattern Recognition Letters 27, 2006). (nan, nan) when either side is empty.
    """
    if not len(answerable) or not len(unanswerable):
        return math.nan, math.nan
    known = np.sort(np.asarray(answerable, dtype=float))
    allowed = int(math.floor(share * len(known) + 1e-9))
    # subtle: at most `allowed` answerable ones may lie strictly below, so the threshold is the next one's own confidence
    threshold = float(known[allowed]) if allowed < len(known) else math.inf
    return float(np.mean(np.asarray(unanswerable, dtype=float) < threshold)), threshold


def calibration_error(probability: Sequence[float], happened: Sequence[bool]) -> float:
    """Mean gap between predicted and observed share over BINS equal bins, weighed by their size, in [0, 1]; nan when empty.

    Naeini, Cooper and Hauskrecht, "Obtaining well calibrated probabilities using Bayesian binning", AAAI 2015 (ECE).
    """
    if not len(probability):
        return math.nan
    predicted, observed = np.asarray(probability, dtype=float), np.asarray(happened, dtype=float)
    where = np.clip((predicted * BINS).astype(int), 0, BINS - 1)
    gaps = [abs(predicted[where == b].mean() - observed[where == b].mean()) * (where == b).mean() for b in set(where.tolist())]
    return float(sum(gaps))


def bootstrap_interval(values: Sequence[float], *, draws: int = 2000, seed: int = 0) -> tuple[float, float]:
    """The range that holds the mean of such values with a confidence of 95 %; (nan, nan) when empty.

    The percentile method of Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, section 13.3: draw as many
    values with replacement, take the mean, repeat, cut off both tails. Equal seed, equal range.
    """
    if not len(values):
        return math.nan, math.nan
    given = np.asarray(values, dtype=float)
    rng = np.random.default_rng(seed)
    means = np.array([given[rng.integers(0, len(given), len(given))].mean() for _ in range(draws)])
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)


def randomisation_test(one: Sequence[float], other: Sequence[float], *, draws: int = 10_000, seed: int = 0) -> float:
    """Two-sided p: how often a difference of means at least this large arises when each pair is swapped by the toss of a coin.

    Fisher's paired randomisation test, recommended for retrieval by Smucker, Allan and Carterette, "A comparison of
    statistical significance tests for information retrieval evaluation", CIKM 2007. Every swap is tried for up to 13 pairs
    that differ, else `draws` random ones plus the observed (so p is never 0; Phipson and Smyth 2010). 1.0 when no pair differs.
    """
    if len(one) != len(other):
        raise ValueError(f"the test wants pairs, got {len(one)} and {len(other)} values")
    apart = np.asarray(one, dtype=float) - np.asarray(other, dtype=float)
    apart = apart[apart != 0]
    if not len(apart):
        return 1.0
    seen = abs(apart.sum())
    if len(apart) <= 13:
        signs = 1 - 2 * ((np.arange(2 ** len(apart))[:, None] >> np.arange(len(apart))) & 1)
        return float(np.mean(abs(signs @ apart) >= seen - 1e-12))
    rng = np.random.default_rng(seed)
    extreme = 0
    for start in range(0, draws, 1000):
        signs = rng.choice(np.array([-1.0, 1.0]), size=(min(1000, draws - start), len(apart)))
        extreme += int(np.count_nonzero(abs(signs @ apart) >= seen - 1e-12))
    return (extreme + 1) / (draws + 1)
