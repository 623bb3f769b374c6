"""The passages nearest to a passage, and what speaks for them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.base import KnowledgeBase
from kb.build import build_index
from kb.neighbours import NEIGHBOURS, mean_over, nearest
from kb.settings import Settings


def unit_vectors(count: int, seed: int = 0, dim: int = 16) -> np.ndarray:
    vectors = np.random.default_rng(seed).normal(size=(count, dim)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@given(st.integers(0, 300), st.integers(0, 5))
def test_they_are_those_of_the_highest_cosine_and_never_the_passage_itself(count, seed):
    vectors = unit_vectors(count, seed)
    near = nearest(vectors)
    assert near.shape == (count, max(0, min(NEIGHBOURS, count - 1)))
    cosines = vectors @ vectors.T
    for place, own in enumerate(near.tolist()):
        assert place not in own and len(set(own)) == len(own)
        others = np.delete(cosines[place], [place])
        assert np.sort(cosines[place][own]) == pytest.approx(np.sort(others)[len(others) - len(own) :], abs=1e-6)


def test_their_scores_count_by_their_mean():
    near = nearest(unit_vectors(3))
    assert mean_over(near, np.array([1.0, 2.0, 6.0])) == pytest.approx([4.0, 3.5, 1.5])
    assert mean_over(nearest(unit_vectors(1)), np.array([5.0])).tolist() == [0.0]
    assert mean_over(nearest(unit_vectors(0)), np.zeros(0)).size == 0


def test_a_passages_score_holds_the_mean_cosine_of_its_neighbours(tmp_path):
    places = {"Hull": 30, "Leeds": 31, "York": 32, "Derby": 33}
    text = "## Pay in {0}\n\nA welder in {0} earns about {1},000 pounds a year.\n"
    sections = [text.format(place, pay) for place, pay in places.items()]
    (tmp_path / "pay.md").write_text("# Welders\n\n" + "\n".join(sections), encoding="utf-8")
    build_index([tmp_path], tmp_path / "index")
    asked = "What does a welder earn in Leeds?"
    with KnowledgeBase.open(tmp_path / "index", settings=Settings(weight_neighbours=0.0)) as base:
        without = {hit.row: hit.score for hit in base.search(asked)}
    with KnowledgeBase.open(tmp_path / "index") as base:
        hits = base.search(asked)
    assert len(hits) == len(without) == len(places)
    for hit in hits:
        others = [other.cosine for other in hits if other.row != hit.row]
        assert hit.score - without[hit.row] == pytest.approx(Settings().weight_neighbours * np.mean(others), abs=1e-4)
