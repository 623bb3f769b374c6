"""benchmarks/refusals.py: the fit of an honest no finds weights that are known, and each base is judged by the others' model."""

import numpy as np
import pytest

from benchmarks.refusals import NAMES, Model, Row, about_occupations, figures, fit, on_others, seen
from kb.question_set import Asked


def rows(base: str, many: int, seed: int) -> list[Row]:
    """Questions that are known by log-odds 1 + 3 x the first feature - 2 x the third; the other features say nothing."""
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(many, len(NAMES)))
    known = rng.random(many) < 1 / (1 + np.exp(-(1 + 3 * features[:, 0] - 2 * features[:, 2])))
    sorts = ["known" if yes else "unknown" for yes in known]
    return [Row(base, sorts[n], str(n), "", tuple(given)) for n, given in enumerate(features.tolist())]


def test_the_fit_finds_the_weights_that_made_the_questions() -> None:
    given = rows("a", 20_000, 1)
    share = sum(row.sort == "known" for row in given) / len(given)
    model = fit(given, mass={"known": share, "unknown": 1 - share}, ridge=0.0)
    expected = [3.0 if n == 0 else -2.0 if n == 2 else 0.0 for n in range(len(NAMES))]
    assert model.weights == pytest.approx(expected, abs=0.2)
    assert model.bias == pytest.approx(1.0, abs=0.15)


def test_features_that_are_not_used_weigh_nothing() -> None:
    model = fit(rows("a", 500, 2), used=NAMES[2:4])
    assert [at for at, weight in enumerate(model.weights) if weight] == [2, 3]


def test_each_base_is_judged_by_a_model_that_has_not_seen_it() -> None:
    one, other = rows("a", 400, 3), rows("b", 400, 4)
    assert on_others([*one, *other])["a"].weights == pytest.approx(fit(other).weights)
    turned = [Row("b", {"known": "unknown", "unknown": "known"}[row.sort], row.id, "", row.features) for row in other]
    assert figures(one, on_others([*one, *other]))["AUROC"] > 0.85
    assert figures(one, on_others([*one, *turned]))["AUROC"] < 0.15


def test_what_rules_decline_is_below_every_threshold() -> None:
    assert Model(np.ones(len(NAMES)), 9.0).log_odds(Row("a", "unknown", "1", "", None)) == -np.inf


def test_only_occupations_that_no_article_names_are_asked_about() -> None:
    asked = about_occupations("Nurses and a bus driver.")
    assert not any("nurse" in text or "bus driver" in text for text in asked)
    assert "How do I become an accountant?" in asked


def test_a_question_is_seen_without_the_articles_that_answer_it(base) -> None:
    asked = Asked("1", "What does a nurse do?", "fact", True)
    whole = seen(base, asked)
    sources = [hit.passage.source for hit in base.search(asked.text)]
    without = seen(base, asked, [source for source in sources if "nurse" in source])
    at = NAMES.index("missing_roles")
    assert whole is not None and without is not None
    assert whole[at] == 0.0 and without[at] > 0.3
    assert seen(base, Asked("2", "hello", "chat", False)) is None
