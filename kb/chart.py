"""The map of a base: where each article lies by meaning, in two dimensions.

    vectors of passages ── article_means ──> vectors of articles ── project ──> points, and the directions they lie in

A chart is made when an index is written anew, and lies in its generation: map.npy has a point for each number of an article,
map_axes.npy the directions. What is put in place of parts of it later is placed by the same directions, so an edit costs what it
is large and moves no other article.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

POINTS, AXES = "map.npy", "map_axes.npy"
DECIMALS = 5  # of a coordinate: what adding in another order changes is far smaller
SMALLEST = 1e-9  # share of the variance: a direction with less is rounding


@dataclass(frozen=True, slots=True)
class Axes:
    """The two directions in which articles differ most. mean: (dim,) float32; directions: (2, dim) float32, unit rows or 0."""

    mean: np.ndarray
    directions: np.ndarray

    def place(self, vectors: np.ndarray) -> np.ndarray:
        """Where vectors of the same encoder lie on the map: (2,) for one of (dim,), (n, 2) for (n, dim)."""
        placed: np.ndarray = ((vectors - self.mean) @ self.directions.T).astype(np.float32)
        return placed


@dataclass(frozen=True, slots=True)
class ArticleMap:
    """The articles that have a point: sources[i] lies at points[i]. points: (n, 2) float32."""

    sources: tuple[str, ...]
    points: np.ndarray
    axes: Axes


@dataclass(frozen=True, slots=True)
class Chart:
    """The map of a generation. points: (numbers, 2) float32 by the article's number, nan for one without a passage.

    later: from which number on they were put in place of parts of the map.
    """

    points: np.ndarray
    axes: Axes
    later: int

    def of(self, numbers: Mapping[str, int]) -> ArticleMap:
        """Where these articles lie, in order of their sources. numbers: source -> number."""
        sources = sorted(numbers)
        found = self.points[[numbers[source] for source in sources]].reshape(len(sources), 2)
        there = ~np.isnan(found).any(axis=1)
        return ArticleMap(tuple(source for source, has in zip(sources, there, strict=True) if has), found[there], self.axes)


def article_means(vectors: np.ndarray, numbers: Sequence[int] | np.ndarray, articles: int) -> np.ndarray:
    """(articles, dim) float32: the mean direction of each article's passages, length 1; nan where there is none.

    numbers[i] in [0, articles) is the article of vectors[i]. Vectors count as they are stored, in half precision.
    """
    order = np.argsort(numbers, kind="stable")
    held, firsts = np.unique(np.asarray(numbers, dtype=np.int64)[order], return_index=True)
    means = np.full((articles, vectors.shape[1]), np.nan, dtype=np.float32)
    for number, own in zip(held.tolist(), np.split(order, firsts[1:]), strict=False):  # of no passages split makes one group
        mean = vectors[own].astype(np.float16).astype(np.float32).mean(axis=0)
        means[number] = mean / max(float(np.linalg.norm(mean)), 1e-6)
    return means


def project(vectors: np.ndarray) -> Axes:
    """The two principal components of (n, dim) vectors (Pearson, 1901); rows of nan do not count.

    Equal input gives equal axes: each points to where its largest weight is positive. With fewer than three different articles
    the axes that are missing are 0.
    """
    there = vectors[~np.isnan(vectors).any(axis=1)].astype(np.float64)
    dim = vectors.shape[1]
    mean = there.mean(axis=0) if len(there) else np.zeros(dim)
    centred = there - mean
    variances, found = _components(centred)
    signs = np.sign(found[np.arange(len(found)), np.abs(found).argmax(axis=1)])
    told = variances > SMALLEST * max(float(np.square(centred).sum()), 1e-12)
    directions = np.zeros((2, dim), dtype=np.float32)
    directions[: len(found)] = found * (signs * told)[:, None]
    return Axes(mean.astype(np.float32), directions)


def _components(centred: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Variances and directions (k, dim) of the first k principal components of (n, dim), largest first; k is 2, or all there are.

    Where n is smaller than dim they come of the smaller matrix: X X^T u = v u gives X^T X (X^T u) = v (X^T u). With 100 articles
    in 384 dimensions that takes 1 ms instead of 50.
    """
    few = len(centred) < centred.shape[1]
    variances, found = np.linalg.eigh(centred @ centred.T if few else centred.T @ centred)  # ascending
    variances, found = variances[::-1][:2], found.T[::-1][:2]
    if few:
        found = found @ centred
        found /= np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-12)
    return variances, found


def place_all(axes: Axes, means: np.ndarray) -> np.ndarray:
    """The points of articles, as they are stored. means: as article_means gives them; nan stays nan."""
    rounded: np.ndarray = np.round(axes.place(means), DECIMALS)
    return rounded


def write_chart(folder: Path, vectors: np.ndarray, numbers: Sequence[int], articles: int) -> None:
    """Write the chart of a whole generation; the parameters are those of article_means."""
    means = article_means(vectors, numbers, articles)
    axes = project(means)
    np.save(folder / AXES, np.vstack([axes.mean, axes.directions]), allow_pickle=False)
    np.save(folder / POINTS, place_all(axes, means), allow_pickle=False)


def amend_chart(folder: Path, before: Chart, vectors: np.ndarray, numbers: Sequence[int], articles: int) -> None:
    """Write the points of what is put in place of parts of a chart: what was so before, then the new.

    numbers count the new articles from 0; else the parameters are those of article_means.
    """
    points = place_all(before.axes, article_means(vectors, numbers, articles))
    np.save(folder / POINTS, np.concatenate([before.points[before.later :], points]), allow_pickle=False)


def open_chart(folders: Sequence[Path], numbers: int) -> Chart:
    """The chart of a generation that lies in these folders. Raises OSError or ValueError unless it has so many points."""
    table = np.load(folders[0] / AXES, allow_pickle=False)
    layers = [np.load(folder / POINTS, allow_pickle=False) for folder in folders]
    points = np.concatenate(layers)
    if table.ndim != 2 or len(table) != 3 or points.shape != (numbers, 2):
        raise ValueError(f"the map has {points.shape} points and {table.shape} axes; it should have ({numbers}, 2) and (3, dim)")
    return Chart(points, Axes(table[0], table[1:]), len(layers[0]))
