"""kb.metrics: every formula against another implementation or a number worked out by hand."""

import math
import random

import ir_measures
import numpy as np
import pytest
from ir_measures import RR, R, nDCG
from scipy import stats

from kb import metrics


@pytest.fixture(scope="module")
def judged_runs():
    """(qrels, run) of 60 queries: graded judgements, ties in the scores, relevant documents that were not found."""
    rng = random.Random(3)
    documents = [f"d{i}" for i in range(200)]
    qrels = {f"q{i}": {d: rng.choice([0, 1, 1, 2, 3]) for d in rng.sample(documents, rng.randint(1, 25))} for i in range(60)}
    run = {q: {d: round(rng.random(), 2) for d in rng.sample(documents, 150)} for q in qrels}
    return qrels, run


def test_ndcg_and_recall_agree_with_ir_measures_on_every_query_ties_included(judged_runs):
    qrels, run = judged_runs
    oracle = {(m.query_id, str(m.measure)): m.value for m in ir_measures.iter_calc([nDCG @ 10, R @ 100], qrels, run)}
    for query, relevance in qrels.items():
        ranked = metrics.in_order(run[query])
        assert metrics.ndcg(ranked, relevance, 10) == pytest.approx(oracle[query, "nDCG@10"], abs=1e-9)
        assert metrics.recall(ranked, relevance, 100) == pytest.approx(oracle[query, "R@100"], abs=1e-9)


def test_reciprocal_rank_agrees_with_ir_measures_where_scores_differ(judged_runs):
    qrels, run = judged_runs
    distinct = {q: {d: s + i * 1e-6 for i, (d, s) in enumerate(scores.items())} for q, scores in run.items()}
    oracle = {m.query_id: m.value for m in ir_measures.iter_calc([RR @ 10], qrels, distinct)}
    for query, relevance in qrels.items():
        assert metrics.reciprocal_rank(metrics.in_order(distinct[query]), relevance, 10) == pytest.approx(oracle[query])


def test_a_relevant_document_in_second_place_earns_what_the_docstring_says():
    assert metrics.ndcg(["b", "a"], {"a": 1}, 10) == pytest.approx(0.6309, abs=1e-4)
    assert metrics.reciprocal_rank(["b", "a"], {"a": 1}, 10) == 0.5
    assert metrics.reciprocal_rank(["b", "a"], {"a": 1}, 1) == 0.0


def test_a_query_without_relevant_documents_scores_zero_everywhere():
    assert (metrics.ndcg(["a"], {"a": 0}, 10), metrics.recall(["a"], {}, 10), metrics.reciprocal_rank(["a"], {}, 10)) == (0, 0, 0)


def test_auroc_is_the_mann_whitney_statistic_over_the_pairs():
    rng = np.random.default_rng(1)
    positive, negative = rng.integers(0, 9, 40) / 9, rng.integers(0, 7, 30) / 9
    oracle = stats.mannwhitneyu(positive, negative).statistic / (40 * 30)
    assert metrics.auroc(positive, negative) == pytest.approx(oracle)
    assert metrics.auroc([0.9, 0.5], [0.5, 0.1]) == 0.875
    assert math.isnan(metrics.auroc([], [0.1]))


def test_no_more_answerable_questions_are_refused_than_allowed():
    answerable = [i / 20 for i in range(1, 21)]  # .05 ... 1.0
    share, threshold = metrics.refused_at(answerable, [0.0, 0.05, 0.07, 0.5], 0.05)
    assert (share, threshold) == (0.75, 0.10)  # only .05 lies below .10: one in twenty
    assert metrics.refused_at([0.5] * 10, [0.5, 0.4], 0.05) == (0.5, 0.5)  # a tie with an answerable one is not refused
    assert metrics.refused_at([0.2, 0.4], [0.3], 1.0) == (1.0, math.inf)


def test_the_calibration_error_is_what_one_gets_by_hand():
    # bin .2: predicted .2, observed 1/2, two of four; bin .9: predicted .9, observed 1, two of four
    assert metrics.calibration_error([0.2, 0.2, 0.9, 0.9], [True, False, True, True]) == pytest.approx(0.5 * 0.3 + 0.5 * 0.1)


def test_the_bootstrap_interval_covers_as_often_as_it_says():
    rng = np.random.default_rng(5)
    covered = 0
    for seed in range(200):
        low, high = metrics.bootstrap_interval(rng.normal(0.3, 1.0, 60), draws=400, seed=seed)
        covered += low <= 0.3 <= high
    assert 0.89 <= covered / 200 <= 0.99  # 95 % nominal


def test_the_bootstrap_interval_repeats_and_closes_on_a_constant():
    assert metrics.bootstrap_interval([0.1, 0.9, 0.4], seed=4) == metrics.bootstrap_interval([0.1, 0.9, 0.4], seed=4)
    assert metrics.bootstrap_interval([0.5] * 7) == (0.5, 0.5)


def test_the_randomisation_test_agrees_with_scipy_exactly_for_few_pairs():
    one, other = [0.9, 0.8, 0.4, 0.7, 0.6, 0.9], [0.5, 0.9, 0.1, 0.3, 0.6, 0.2]
    mean_difference = {"statistic": lambda a, b, axis: np.mean(a - b, axis=axis), "vectorized": True}
    oracle = stats.permutation_test((one, other), permutation_type="samples", n_resamples=np.inf, **mean_difference)
    assert metrics.randomisation_test(one, other) == pytest.approx(oracle.pvalue)


def test_the_randomisation_test_tells_a_real_difference_from_none_for_many_pairs():
    rng = np.random.default_rng(8)
    one = rng.random(100)
    assert metrics.randomisation_test(one, one) == 1.0
    assert metrics.randomisation_test(one, one + 0.2) == pytest.approx(1 / 10_001)
    close = stats.ttest_rel(one, shifted := one + rng.normal(0.02, 0.1, 100)).pvalue
    assert metrics.randomisation_test(one, shifted) == pytest.approx(close, abs=0.02)


def test_unpaired_values_are_refused():
    with pytest.raises(ValueError, match="wants pairs, got 2 and 1"):
        metrics.randomisation_test([1, 2], [1])
