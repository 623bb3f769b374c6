"""How much of a question a passage says, in the question's words or in words near to them.

    "How much does a builder make?"   "A bricklayer earns 31,000 pounds."      builder ~ bricklayer, make ~ earns

The nearness of a text to a word of the question is the cosine of the word's static vector (kb.static_vectors) with that of the
nearest word in the text: 1 for the word itself. The mean over the question's words, weighed by their rarity, is the share of the
question that the text says (Mihalcea, Corley & Strapparava, "Corpus-based and knowledge-based measures of text semantic
similarity", AAAI 2006, formula 1 from the question's side).

Files of a generation:

    word_vectors.npy            (known words + 1, components) float16: a static vector for each word of the base; row 0, all
                                zeros, stands for no word
    said.npy said_starts.npy    for each passage, numbers of words (rows of word_vectors.npy) in lists: first that of title and
                                headings, then one for each unit with its lead-in; every list begins with a 0
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from kb.lexical import analyse
from kb.ragged import Ragged, Table, write_ragged
from kb.records import Passage
from kb.spelling import fold
from kb.units import as_float32

if TYPE_CHECKING:
    from kb.static_vectors import StaticVectors

VECTORS, SAID, STARTS = "word_vectors.npy", "said.npy", "said_starts.npy"
LONGEST_WORD = 60  # characters; the rest of a longer word is cut off
BLOCK = 256  # words whose cosines with those asked are computed at once
WORDS_AT_ONCE = 10_000  # words whose vectors are made at once: 15 MB
_WORD = re.compile(r"\d+(?:[.,]\d+)+|[^\W_]+(?:[+#]+|(?:[.&][^\W_]+)+)?")  # as in kb.lexical: 127,750 and C++ and R&D are one


@dataclass(frozen=True, slots=True)
class AskedWords:
    """The words of a question that carry meaning: analysed, their weights (m,) of sum 1, and their vectors (m, components)."""

    terms: tuple[str, ...]
    weights: np.ndarray
    vectors: np.ndarray


@dataclass(frozen=True, slots=True)
class Nearness:
    """How near passages come to each of the m words asked, at most 1.

    lists: (lists, m); a passage's lists (title and headings, then each unit) are neighbours. starts: (passages + 1,), the
    first list of each passage, and behind the last one the number of lists. sizes: (passages,), the words in all lists of each.
    """

    lists: np.ndarray
    starts: np.ndarray
    sizes: np.ndarray

    def shares(self, asked: AskedWords) -> np.ndarray:
        """(passages,) float32, at most 1: how much of the question each says, headings included."""
        nearest = np.maximum.reduceat(self.lists, self.starts[:-1]) if len(self.starts) > 1 else self.lists
        shares: np.ndarray = nearest @ asked.weights
        return shares

    def of_units(self, passage: int) -> np.ndarray:
        """(units of this passage, m): how near each unit comes, or the title and headings above it where they are nearer."""
        own = self.lists[self.starts[passage] : self.starts[passage + 1]]
        near: np.ndarray = np.maximum(own[1:], own[0])
        return near


@dataclass(frozen=True, slots=True)
class Said:
    """What said.npy and word_vectors.npy hold. words: all lists, one after the other; the next counts[i] are passage i's."""

    words: np.ndarray
    counts: Sequence[int]
    vectors: np.ndarray

    def with_more(self, more: Said) -> Said:
        """These passages, and more behind them."""
        together, numbers = _each_once(np.concatenate([self.vectors, more.vectors]))
        own, theirs = numbers[: len(self.vectors)][self.words], numbers[len(self.vectors) :][more.words]
        return Said(np.concatenate([own, theirs]).astype(np.uint32), [*self.counts, *more.counts], together)

    def in_order(self, places: Sequence[int]) -> Said:
        """The passages at these places, in this order."""
        each = np.split(self.words, np.cumsum(self.counts)[:-1])
        words = [each[place] for place in places]
        return Said(np.concatenate([self.words[:0], *words]), [len(own) for own in words], self.vectors)


def words_in(text: str) -> list[str]:
    """The words of a text in lower case and in one spelling (kb.spelling), each once, in order."""
    return list(dict.fromkeys(word[:LONGEST_WORD] for word in _WORD.findall(fold(text).lower())))


def asked_words(question: str, rarity: Mapping[str, float], static: StaticVectors) -> AskedWords | None:
    """The question's words with their vectors. rarity: analysed term -> weight. None when no word has a weight."""
    words: dict[str, str] = {}
    for word in words_in(question):
        for term in analyse(word):
            if rarity.get(term, 0.0) > 0:
                words.setdefault(term, word)
    if not words:
        return None
    weights = np.array([rarity[term] for term in words], dtype=np.float32)
    return AskedWords(tuple(words), weights / weights.sum(), static.of_words(list(words.values())))


def said_by(passages: Iterable[Passage], static: StaticVectors) -> Said:
    """The words of passages, with a vector for each word."""
    known: dict[str, int] = {}
    words, counts = array("I"), []
    for passage in passages:
        before = len(words)
        above = " ".join((passage.title, *passage.heading))
        for text in (above, *(f"{passage.lead_of(unit)} {passage.text_of(unit)}" for unit in passage.units)):
            words.append(0)
            words.extend([known.setdefault(word, len(known) + 1) for word in words_in(text)])
        counts.append(len(words) - before)
    every = list(known)
    parts = [static.of_words(every[at : at + WORDS_AT_ONCE]).astype(np.float16) for at in range(0, len(every), WORDS_AT_ONCE)]
    vectors = np.concatenate([np.zeros((1, static.components), dtype=np.float16), *parts])
    return Said(np.array(words, dtype=np.uint32), counts, vectors)


def write_said(said: Said, folder: Path) -> None:
    """Write it to the folder of a generation."""
    small = said.words.astype(np.uint16) if len(said.vectors) <= 2**16 else said.words
    write_ragged(small, said.counts, folder / SAID, folder / STARTS)
    np.save(folder / VECTORS, said.vectors, allow_pickle=False)


class SaidWords:
    """The words of each row's passage, from one folder or several: layers, in which rows are numbered through."""

    def __init__(self, folders: Sequence[Path]) -> None:
        """Raises OSError or ValueError for files that are missing or no arrays."""
        self._layers: list[_Layer] = []
        self.rows = 0
        for folder in folders:
            self._layers.append(_Layer(folder, self.rows))
            self.rows += self._layers[-1].rows

    def of(self, rows: Sequence[int]) -> Said:
        """What the passages at these rows say, in this order; of the vectors only what they need."""
        at = np.asarray(rows, dtype=np.int64)
        inside = [layer.has(at) for layer in self._layers]
        found = reduce(Said.with_more, [layer.of(at[own]) for layer, own in zip(self._layers, inside, strict=True)])
        return found.in_order(np.argsort(np.concatenate([np.flatnonzero(own) for own in inside])).tolist())

    def near(self, rows: Sequence[int], asked: AskedWords) -> Nearness:
        """How near the words of each row's passage come to the words asked."""
        at = np.asarray(rows, dtype=np.int64)
        if len(self._layers) == 1:
            return self._layers[0].near(at, asked.vectors)
        parts = [layer.near(at[layer.has(at)], asked.vectors) for layer in self._layers]
        own = [some for part in parts if len(part.starts) > 1 for some in np.split(part.lists, part.starts[1:-1])]
        places = np.concatenate([np.flatnonzero(layer.has(at)) for layer in self._layers])
        in_order = [own[place] for place in np.argsort(places).tolist()]
        none = np.zeros((0, len(asked.vectors)), dtype=np.float32)
        sizes = np.concatenate([part.sizes for part in parts])[np.argsort(places)]
        return Nearness(np.concatenate([none, *in_order]), np.cumsum([0, *map(len, in_order)]), sizes)


class _Layer:
    def __init__(self, folder: Path, first: int) -> None:
        self._said, self._vectors = Ragged(folder / SAID, folder / STARTS), Table(folder / VECTORS)
        self.first, self.rows = first, self._said.passages

    def has(self, rows: np.ndarray) -> np.ndarray:
        """Which rows lie in this layer."""
        inside: np.ndarray = (rows >= self.first) & (rows < self.first + self.rows)
        return inside

    def near(self, rows: np.ndarray, asked: np.ndarray) -> Nearness:
        words, counts = self._said.of_all(rows - self.first)
        if not len(words):
            return Nearness(np.zeros((0, len(asked)), dtype=np.float32), np.zeros(1, dtype=np.int64), counts)
        place = np.zeros(self._vectors.shape[0], dtype=np.int32)
        place[words] = 1
        used = np.flatnonzero(place)
        place[used] = np.arange(len(used))
        vectors = as_float32(self._vectors.at(used))
        # subtle: in blocks that numpy's BLAS takes for too small to wake its threads, which would wait for the model's
        cosines = np.concatenate([vectors[at : at + BLOCK] @ asked.T for at in range(0, len(vectors), BLOCK)])
        lists = np.flatnonzero(words == 0)
        nearest = np.maximum.reduceat(cosines.take(place[words], axis=0), lists)
        return Nearness(nearest, np.searchsorted(lists, np.cumsum([0, *counts])), counts)

    def of(self, rows: np.ndarray) -> Said:
        words, counts = self._said.of_all(rows - self.first)
        used, numbers = np.unique(np.concatenate([[0], words]), return_inverse=True)  # 0, the word that is none, stays the first
        return Said(numbers[1:].astype(np.uint32), counts.tolist(), self._vectors.at(used))


def _each_once(vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The vectors without repetitions, in the order of their first; and for each given one its number among them."""
    whole = np.ascontiguousarray(vectors).view(np.dtype((np.void, vectors.dtype.itemsize * vectors.shape[1])))[:, 0]
    _, first, numbers = np.unique(whole, return_index=True, return_inverse=True)
    order = np.argsort(first)  # so that row 0 stays row 0
    back = np.empty_like(order)
    back[order] = np.arange(len(order))
    return vectors[first[order]], back[numbers]
