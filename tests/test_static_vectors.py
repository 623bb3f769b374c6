"""Static vectors: made without running a layer, near to the model's, less what the title says."""

from __future__ import annotations

import numpy as np
import pytest

from kb.build import build_index
from kb.encoder import load_encoder, static_of
from kb.errors import IndexDamaged
from kb.settings import SHIPPED_ARTICLES, Settings
from kb.static_vectors import COMPONENTS, StaticVectors, fitted
from kb.store import open_generation, opened_in
from kb.units import open_basis, write_basis
from kb.weights import ModelFiles, find_model
from tests.world import BagOfWords

NOTHING = np.zeros((1, COMPONENTS), dtype=np.float32)


@pytest.fixture(scope="module")
def encoder():
    return load_encoder(Settings())


@pytest.fixture(scope="module")
def static(encoder):
    return static_of(encoder)


def test_they_lie_near_the_models_own_vectors(encoder, static):
    texts = [
        "Pay\nA midwife starts on 31,000 pounds a year.",
        "Training\nGlaziers learn their trade in three years.",
        "Exams\nThe bar exam is held twice a year.",
    ]
    whole = encoder.encode(texts) @ static.basis
    near = static.encode(texts, NOTHING) @ whole.T
    assert near.dtype == np.float32 and near.argmax(axis=1).tolist() == [0, 1, 2]
    assert np.diag(near).min() > 0.4 > 0.3 > near[~np.eye(3, dtype=bool)].max()


def test_what_the_title_says_is_taken_out(encoder, static):
    title = static.of_titles(encoder.encode(["What does a welder earn?"]))
    text = ["Pay\nA welder earns 40,000 dollars."]
    (plain,), (beyond,) = static.encode(text, NOTHING), static.encode(text, title)
    assert np.linalg.norm(title) == pytest.approx(1.0, abs=1e-5)
    assert plain @ title[0] > 0.45
    assert beyond @ title[0] == pytest.approx(0.0, abs=1e-5)
    assert np.linalg.norm(beyond) == pytest.approx(1.0, abs=1e-5)


ODD = {"none": "", "blank": " \n ", "surrogate": "\ud800", "emoji": "😀" * 50, "10 MB": "word " * 2_000_000}


@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
def test_odd_texts_give_a_unit_vector_or_zeros_and_never_a_nan(static, text):
    (row,) = static.encode([text], NOTHING)
    assert row.shape == (COMPONENTS,)
    assert np.linalg.norm(row) == pytest.approx(1.0, abs=1e-5) or not row.any()


def test_no_texts_give_no_rows(static):
    assert static.encode([], NOTHING[:0]).shape == (0, COMPONENTS)


def test_a_fit_finds_the_map_that_was_there():
    chance = np.random.default_rng(0)
    means, there = chance.standard_normal((4000, 30)).astype(np.float32), chance.standard_normal((30, 8))
    vectors = means @ there
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    turn, basis = fitted(means, vectors, components=8)
    made = means @ turn[:-1] + turn[-1]
    near = np.sum(made * (vectors @ basis), axis=1) / np.linalg.norm(made, axis=1)
    assert near.mean() > 0.99


def test_a_model_without_a_map_has_none(tmp_path):
    files = find_model(Settings())
    other = ModelFiles("other", files.folder, files.weights, "0" * 64, files.setup)
    assert not StaticVectors(other).version

    class Plain:
        fingerprint = "plain"

        def encode(self, texts):
            return np.ones((len(texts), 1), dtype=np.float32)

    assert static_of(Plain()) is None


def test_an_index_holds_them_behind_the_units_own(encoder, static, tmp_path):
    article = SHIPPED_ARTICLES / "roles" / "data-engineer.md"
    build_index([article], tmp_path / "index", encoder=encoder)
    generation = open_generation(tmp_path / "index", Settings())
    try:
        assert generation.units.width == 384 + COMPONENTS and generation.unit_vectors(0).shape[1] == 384
        assert generation.identity.static == static.version
        question = encoder.encode(["What does a data engineer earn?"])[0]
        near = generation.unit_cosines(range(generation.rows), question)
        best = near.best()
        for row in range(generation.rows):
            own, alone = near.of(row)
            assert own == pytest.approx(generation.unit_vectors(row) @ question, abs=1e-5)
            assert best[:, row] == pytest.approx([own.max(), alone.max()])
        assert not np.allclose(*near.of(0))
        title = static.of_titles(encoder.encode([generation.catalogue.entries([0])[0].passage.title]))
        assert np.allclose(generation.units.titles_of([0]), title, atol=2e-3)
    finally:
        generation.close()


def test_without_them_a_units_own_vector_stands_in(tmp_path):
    (tmp_path / "a.md").write_text("# Welder\n\nA welder joins metal. A welder earns 40,000 dollars.\n")
    plain = BagOfWords()
    build_index([tmp_path / "a.md"], tmp_path / "index", encoder=plain)
    generation = open_generation(tmp_path / "index", Settings())
    try:
        assert generation.basis is None and generation.identity.static == ""
        own, instead = generation.unit_cosines([0], plain.encode(["What does a welder earn?"])[0]).of(0)
        assert own.tolist() == instead.tolist()
    finally:
        generation.close()


def test_units_of_another_width_are_damage(encoder, tmp_path):
    build_index([SHIPPED_ARTICLES / "roles" / "data-engineer.md"], tmp_path / "index", encoder=encoder)
    generation = open_generation(tmp_path / "index", Settings())
    generation.close()
    write_basis(open_basis(generation.folder)[:, :5], generation.folder)
    with pytest.raises(IndexDamaged, match="units of 512 numbers; it should of 389"):
        opened_in(generation.folder, generation.manifest, Settings())
