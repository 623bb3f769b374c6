"""What a unit says by itself: the mean of its tokens' word vectors, mapped to the model's space, less its article's title.

    heading + unit ── tokens ── word vectors ── mean ── x turn ── unit length ── less the title's part

Why: a unit's own vector (kb.embed) is taken from a pass over its whole passage, so it knows the text around it, and all units of
an article on welders' pay are near to "What do welders earn?". A static vector knows nothing around the unit, and what it shares
with the article's title is taken out (Gram-Schmidt); what is left tells the units of one article apart. What a question shares
with that title is taken out of the question too (`kb.units.beyond_titles`). No layer of the model runs, so it costs next to
nothing.

Means of word vectors are known as static embeddings (Tulkens & van Dongen, Model2Vec, 2024; StaticEmbedding in
sentence-transformers). Here the word vectors are the model's own first layer, and `turn` is the linear map that brings their mean
nearest to the vector that the whole model gives the text, by ridge regression (Hoerl & Kennard 1970). Only the first COMPONENTS
principal directions are kept. `python -m benchmarks.fit_static_vectors` fits the map on the shipped articles.
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
FEW = 32  # texts up to which the tokenizer is called for each by itself
_WORDS = "embeddings.word_embeddings.weight"


class StaticVectors:
    """The static vectors of a model. version: of its map; "" when there is none, and then nothing else may be called."""

    def __init__(self, files: ModelFiles, tokenizer: Any = None) -> None:
        """tokenizer: the model's, as kb.engine loads it; None to load it when it is needed."""
        self._files, self._tokenizer = files, tokenizer
        self.version = VERSION if files.shipped else ""

    def get_ready(self) -> None:
        """Read now what the first question would else wait for."""
        _ = self._map, self._means

    @cached_property
    def basis(self) -> np.ndarray:
        """(dim, COMPONENTS) float32: brings a vector of the model to the space of the static vectors, as vector @ basis."""
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
        """Length of a static vector."""
        return int(self.basis.shape[1])

    def of_words(self, words: Sequence[str]) -> np.ndarray:
        """(n, components) float32: the static vectors of words or texts, of length 1; zeros for a text without words."""
        means, turn = self._means.of(words), self._map["turn"]
        return _unit(means @ turn[:-1] + turn[-1] * means.any(axis=1, keepdims=True))

    def of_titles(self, vectors: np.ndarray) -> np.ndarray:
        """(n, COMPONENTS) float32 of length 1: the directions of titles. vectors: (n, dim), the model's own of these titles."""
        return _unit(vectors @ self.basis)

    def encode(self, texts: Sequence[str], titles: np.ndarray) -> np.ndarray:
        """(n, COMPONENTS) float32 of length 1: the static vectors of texts less titles (from of_titles); zeros for no words."""
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
        if len(within) <= FEW:  # a question's words: a batch would wake the tokenizer's threads
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
