"""What a quotable unit says by itself: the mean of its tokens' word vectors, turned to where the model would put it.

    heading + unit ── tokens ── their rows of the model's table ── mean ── x turn ── unit length ── less the title's part

No layer runs, so it costs next to nothing. A unit's vector from its passage's pass (kb.embed) knows the text around it, and so
do its neighbours': all of an article on welders' pay are near "What do welders earn?". This one knows nothing around it, and what
it has in common with the article's title is taken out (Gram-Schmidt), so that what is left tells units of one article apart.
When a question comes, what it has in common with that title is taken out of it too (`kb.units.beyond_titles`).

Means of word vectors are known as static embeddings (Tulkens & van Dongen, Model2Vec, 2024; StaticEmbedding in
sentence-transformers). Here the table is the model's own first layer and `turn` the linear map that brings the mean nearest, by
least squares with a ridge (Hoerl & Kennard 1970), to the vector that the whole model gives the text. Only the first COMPONENTS
principal directions are kept. `python -m benchmarks.fit_static_vectors` makes the map, of the shipped articles.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from kb.engine import MOST_CHARS_A_TOKEN, Recipe, clean, load_tokenizer
from kb.weights import ModelFiles, read_tensors

VERSION = "1"  # of the shipped map; raise it with the map, so that indexes made by another are not mixed with it
SHIPPED = Path(__file__).with_name("static_vectors.npz")  # of the shipped model
COMPONENTS = 128  # 64 finds less, 192 and 256 no more (docs/quality.md)
RIDGE = 30.0  # on columns of variance 1; 3 and 300 find as well
FEW = 32  # texts
_WORDS = "embeddings.word_embeddings.weight"


class StaticVectors:
    """The static vectors of a model. version: "" when there is no map for it, and encode must not be called."""

    def __init__(self, files: ModelFiles, tokenizer: Any = None) -> None:
        """tokenizer: the model's, as kb.engine loads it; None to load it when it is needed."""
        self._files, self._tokenizer = files, tokenizer
        self.version = VERSION if files.shipped else ""

    def get_ready(self) -> None:
        """Read what a question takes now; else the first one does."""
        _ = self._map, self._means

    @cached_property
    def basis(self) -> np.ndarray:
        """(dim, COMPONENTS) float32: vector @ basis has the dot product with static vectors that tells how near they are."""
        return self._map["basis"]

    @cached_property
    def _map(self) -> dict[str, np.ndarray]:
        with np.load(SHIPPED, allow_pickle=False) as stored:
            return {name: stored[name].astype(np.float32) for name in ("turn", "basis")}

    @cached_property
    def _means(self) -> WordMeans:
        return WordMeans(self._files, self._tokenizer)

    @property
    def components(self) -> int:
        """Numbers of a static vector."""
        return int(self.basis.shape[1])

    def of_words(self, words: Sequence[str]) -> np.ndarray:
        """(n, components) float32: what words, or texts, say; rows of length 1, or of zeros for none."""
        means, turn = self._means.of(words), self._map["turn"]
        return _unit(means @ turn[:-1] + turn[-1] * means.any(axis=1, keepdims=True))

    def of_titles(self, vectors: np.ndarray) -> np.ndarray:
        """(n, COMPONENTS) float32, rows of length 1: where titles point whose own vectors are these, (n, dim)."""
        return _unit(vectors @ self.basis)

    def encode(self, texts: Sequence[str], titles: np.ndarray) -> np.ndarray:
        """(n, COMPONENTS) float32: what texts say beyond titles (as of_titles gives them); of length 1, or zeros for no words."""
        own = self.of_words(texts)
        return _unit(own - (own * titles).sum(axis=1, keepdims=True) * titles)


class WordMeans:
    """The means of a model's own word vectors."""

    def __init__(self, files: ModelFiles, tokenizer: Any = None) -> None:
        recipe = Recipe.read(files)
        self._most = recipe.max_tokens * MOST_CHARS_A_TOKEN
        self._tokenizer = tokenizer or load_tokenizer(recipe.tokenizer)
        self._table = next(table for name, table in read_tensors(files.weights).items() if name.endswith(_WORDS))

    def of(self, texts: Sequence[str]) -> np.ndarray:
        """(n, width) float32: of each text the mean of its tokens' vectors, zeros where it has none."""
        within = [clean(text[: self._most]) for text in texts]
        if len(within) <= FEW:  # a question's words, for which threads of the tokenizer's own are not woken
            found = [self._tokenizer.encode(text, add_special_tokens=False).ids for text in within]
        else:
            found = [encoding.ids for encoding in self._tokenizer.encode_batch_fast(within, add_special_tokens=False)]
        means = np.zeros((len(texts), self._table.shape[1]), dtype=np.float32)
        for place, ids in enumerate(found):
            if ids:
                means[place] = self._table[ids].mean(axis=0)
        return means


def _unit(rows: np.ndarray) -> np.ndarray:
    """Each row at length 1; one of zeros stays."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(lengths > 1e-6, lengths, 1.0), dtype=np.float32)


def fitted(means: np.ndarray, vectors: np.ndarray, components: int = COMPONENTS) -> tuple[np.ndarray, np.ndarray]:
    """(turn, basis) from (n, width) means of word vectors and the (n, dim) vectors that the model gives the same texts."""
    wide = np.concatenate([means, np.ones((len(means), 1), dtype=np.float32)], axis=1).astype(np.float64)
    scale = wide.std(axis=0) + 1e-3
    wide /= scale
    turn = np.linalg.solve(wide.T @ wide + RIDGE * np.eye(wide.shape[1]), wide.T @ vectors) / scale[:, None]
    near = _unit((wide * scale) @ turn)
    basis = np.linalg.svd(near, full_matrices=False)[2][:components].T
    return turn @ basis, basis
