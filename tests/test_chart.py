"""The map of a base: principal components, made when an index is written, kept steady under edits."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from world import BagOfWords

from kb.base import KnowledgeBase
from kb.build import build_index
from kb.chart import POINTS, article_means, open_chart, place_all, project, write_chart
from kb.errors import IndexDamaged
from kb.settings import Settings
from kb.store import manifest_text, open_generation

LARGE = Settings(amend_from=3)
SMITH = "# Smith\n\nA smith shoes horses in Bern. Iron glows before it bends, and a smith earns {pay} francs a year.\n"


@given(st.integers(3, 30), st.integers(2, 12), st.integers(0, 2**31))
@settings(max_examples=60, deadline=None)
def test_the_map_keeps_the_two_directions_of_largest_variance(n, dim, seed):
    vectors = np.random.default_rng(seed).normal(size=(n, dim))
    axes = project(vectors)
    values = np.sort(np.linalg.eigvalsh(np.cov(vectors.T, bias=True).reshape(dim, dim)))[::-1]
    singular = np.linalg.svd(vectors - vectors.mean(axis=0), compute_uv=False)  # the oracles: another way to each of them
    assert np.allclose(axes.place(vectors).var(axis=0), values[:2], atol=1e-3)
    assert np.allclose(axes.place(vectors).var(axis=0) * n, singular[:2] ** 2, rtol=1e-3, atol=1e-3)
    assert np.allclose(axes.directions @ axes.directions.T, np.eye(2), atol=1e-5)
    assert np.allclose(axes.place(vectors[0]), axes.place(vectors)[0], atol=1e-5), "an article asked for lies on its own point"
    assert (axes.directions[np.arange(2), np.abs(axes.directions).argmax(axis=1)] > 0).all()
    assert np.array_equal(project(vectors).directions, axes.directions)


@pytest.mark.parametrize("n", [0, 1, 2])
def test_a_handful_of_articles_still_has_a_map(n):
    vectors = np.eye(8, dtype=np.float32)[:n]
    axes = project(vectors)
    assert axes.place(vectors).shape == (n, 2) and np.isfinite(axes.place(vectors)).all()
    assert [bool(direction.any()) for direction in axes.directions] == [n == 2, False]


def test_an_article_is_the_mean_direction_of_its_passages_and_one_without_any_has_no_point():
    vectors = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1]], dtype=np.float32)
    means = article_means(vectors, [2, 0, 2], 4)
    assert means[0].tolist() == [0, 1, 0] and means[2] == pytest.approx([0.5**0.5, 0, 0.5**0.5])
    points = place_all(project(means), means)
    assert np.isnan(points).all(axis=1).tolist() == [False, True, False, True]


def test_the_map_of_an_index_is_made_when_it_is_written_and_is_the_same_each_time(articles, tmp_path, encoder):
    for name in ("one", "two"):
        build_index([articles], tmp_path / name, encoder=encoder)
    one, two = (open_generation(tmp_path / name, Settings()) for name in ("one", "two"))
    assert one.manifest["files"][POINTS] == two.manifest["files"][POINTS]
    assert one.chart is not None and np.array_equal(one.chart.points, two.chart.points)
    with KnowledgeBase.open(tmp_path / "one", encoder=encoder) as base:
        stored, (sources, vectors) = base.article_map(), base.article_vectors()
        assert stored.sources == sources == ("baker.md", "nurse.md", "welder.txt")
        assert np.allclose(stored.points, project(vectors).place(vectors), atol=1e-3)
        assert np.ptp(stored.points, axis=0).min() > 0.1, "the articles lie apart"


def test_an_index_without_a_map_is_opened_and_projected_as_it_stands(articles, tmp_path, encoder):
    build_index([articles], tmp_path / "index", encoder=encoder)
    with KnowledgeBase.open(tmp_path / "index", encoder=encoder) as base:
        stored = base.article_map()
    path = tmp_path / "index" / "gen-000001" / "manifest.json"
    manifest = json.loads(path.read_text())
    del manifest["manifest_sha256"]
    manifest["files"] = {name: digest for name, digest in manifest["files"].items() if not name.startswith("map")}
    path.write_text(manifest_text(manifest))
    for each in path.parent.glob("map*"):
        each.unlink()
    with KnowledgeBase.open(tmp_path / "index", encoder=encoder) as base:
        made = base.article_map()
    assert made.sources == stored.sources and np.allclose(made.points, stored.points, atol=1e-4)
    (articles / "smith.md").write_text(SMITH.format(pay=60_000), encoding="utf-8")
    build_index([articles], tmp_path / "index", encoder=encoder, settings=LARGE)
    with KnowledgeBase.open(tmp_path / "index", encoder=encoder) as base:
        assert "smith.md" in base.article_map().sources


def test_a_map_of_another_length_is_damage(tmp_path):
    write_chart(tmp_path, np.eye(4, dtype=np.float32), [0, 1, 2, 3], 4)
    assert open_chart([tmp_path], 4).points.shape == (4, 2)
    with pytest.raises(ValueError, match=r"should have \(5, 2\)"):
        open_chart([tmp_path], 5)


def test_a_map_that_something_wrote_to_is_noticed(articles, tmp_path, encoder):
    build_index([articles], tmp_path / "index", encoder=encoder)
    path = tmp_path / "index" / "gen-000001" / POINTS
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    with pytest.raises(IndexDamaged, match=r"map\.npy does not match its checksum"):
        open_generation(tmp_path / "index", Settings())


def test_an_edit_places_its_article_and_moves_no_other(tmp_path):
    folder, index = tmp_path / "articles", tmp_path / "index"
    folder.mkdir()
    trades = "baker nurse welder potter tanner weaver miller mason cooper joiner".split()
    for at, trade in enumerate(trades * 3):
        text = f"# {trade} {at}\n\nA {trade} of town {at} earns {30 + at},000 a year by {trade} work number {at * 7}.\n"
        (folder / f"{at:02d}.md").write_text(text, encoding="utf-8")
    build_index([folder], index, encoder=BagOfWords(), settings=LARGE)

    def mapped():
        with KnowledgeBase.open(index, encoder=BagOfWords()) as base:
            found = base.article_map()
            sources, vectors = base.article_vectors()
            assert found.sources == sources
            assert np.allclose(found.points, found.axes.place(vectors), atol=1e-3), "each lies where its vector says"
            return dict(zip(found.sources, map(tuple, found.points.tolist()), strict=True))

    before = mapped()
    (folder / "03.md").write_text(SMITH.format(pay=60_000), encoding="utf-8")
    (folder / "smith.md").write_text(SMITH.format(pay=1), encoding="utf-8")
    (folder / "05.md").unlink()
    build_index([folder], index, encoder=BagOfWords(), settings=LARGE)
    after = mapped()
    assert open_generation(index, Settings()).manifest["later"]["rows"] > 0
    assert set(after) == set(before) - {"05.md"} | {"smith.md"} and after["03.md"] != before["03.md"]
    assert all(after[source] == before[source] for source in set(before) & set(after) - {"03.md"})

    (folder / "07.md").write_text(SMITH.format(pay=2), encoding="utf-8")
    build_index([folder], index, encoder=BagOfWords(), settings=LARGE)
    again = mapped()
    assert all(again[source] == after[source] for source in set(after) - {"07.md"})
    first, third = ((index / name / POINTS).stat().st_ino for name in ("gen-000001", "gen-000003"))
    assert first == third, "what stands is taken over, not written again"
