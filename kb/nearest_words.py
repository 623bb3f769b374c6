"""How much of a question a text says, in the question's words or in words near to them.

    "How much does a builder make?"   "A bricklayer earns 31,000 pounds."      builder ~ bricklayer, make ~ earns

Each word of the question is as near as the nearest word that stands in the text, by the cosine of their static vectors
(kb.static_vectors); the mean of these, weighed by the words' rarity, is the share of the question that the text says (Mihalcea,
Corley & Strapparava, "Corpus-based and knowledge-based measures of text semantic similarity", AAAI 2006, formula 1 from the
question's side). A word that stands there counts 1.

    word_vectors.npy                the static vector of each word of the base, float16; the first is of no word, zeros
    said.npy said_starts.npy        the passages' words by their number in it: a list for title and headings, then one for each
                                    unit with its lead-in; each list begins with 0
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
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
LONGEST_WORD = 60  # characters that count
BLOCK = 256  # words whose nearness to those asked is computed together
WORDS_AT_ONCE = 10_000  # that get their vectors together: 15 MB on the way
_WORD = re.compile(r"\d+(?:[.,]\d+)+|[^\W_]+(?:[+#]+|(?:[.&][^\W_]+)+)?")  # as in kb.lexical: 127,750 and C++ and R&D are one


@dataclass(frozen=True, slots=True)
class AskedWords:
    """The words of a question that carry meaning: analysed, their weights (m,) of sum 1, and their vectors (m, components)."""

    terms: tuple[str, ...]
    weights: np.ndarray
    vectors: np.ndarray


@dataclass(frozen=True, slots=True)
class Nearness:
    """How near passages come to each word asked, in [0, 1].

    lists: (lists, m), of title and headings and of each unit, one passage's after the other's; starts: (passages + 1,), where
    each passage's begin, and where the last one's end.
    """

    lists: np.ndarray
    starts: np.ndarray

    def shares(self, asked: AskedWords) -> np.ndarray:
        """(passages,) float32 in [0, 1]: how much of the question each says, headings included."""
        nearest = np.maximum.reduceat(self.lists, self.starts[:-1]) if len(self.starts) > 1 else self.lists
        shares: np.ndarray = nearest @ asked.weights
        return shares

    def of_units(self, passage: int) -> np.ndarray:
        """(its units, m): how near each unit comes, or what stands above it."""
        own = self.lists[self.starts[passage] : self.starts[passage + 1]]
        near: np.ndarray = np.maximum(own[1:], own[0])
        return near


@dataclass(frozen=True, slots=True)
class Said:
    """What passages say: words, the numbers of all, of which passage i has the next counts[i]; vectors (known, components)."""

    words: np.ndarray
    counts: Sequence[int]
    vectors: np.ndarray


def words_in(text: str) -> list[str]:
    """The words of a text in small letters and one spelling, each once, in order."""
    return list(dict.fromkeys(word[:LONGEST_WORD] for word in _WORD.findall(fold(text).lower())))


def asked_words(question: str, rarity: Mapping[str, float], static: StaticVectors) -> AskedWords | None:
    """The words of a question. rarity: analysed term -> its weight. None when no word has any."""
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
    """Row -> what its passage says, from files. Each layer of files goes on at the row where the one before ends."""

    def __init__(self, folders: Sequence[Path]) -> None:
        """Raises OSError or ValueError for files that are missing or no arrays."""
        self._layers: list[_Layer] = []
        self.rows = 0
        for folder in folders:
            self._layers.append(_Layer(folder, self.rows))
            self.rows += self._layers[-1].rows

    def last(self, more: Said) -> Said:
        """What the last layer holds, with more behind it: to be written in its place."""
        return self._layers[-1].with_more(more)

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
        return Nearness(np.concatenate([none, *in_order]), np.cumsum([0, *map(len, in_order)]))


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
            return Nearness(np.zeros((0, len(asked)), dtype=np.float32), np.zeros(1, dtype=np.int64))
        place = np.zeros(self._vectors.shape[0], dtype=np.int32)
        place[words] = 1
        used = np.flatnonzero(place)
        place[used] = np.arange(len(used))
        vectors = as_float32(self._vectors.at(used))
        # subtle: in blocks that numpy's BLAS takes for too small to wake its threads, which would wait for the model's
        cosines = np.concatenate([vectors[at : at + BLOCK] @ asked.T for at in range(0, len(vectors), BLOCK)])
        lists = np.flatnonzero(words == 0)
        nearest = np.maximum.reduceat(cosines.take(place[words], axis=0), lists)
        return Nearness(nearest, np.searchsorted(lists, np.cumsum([0, *counts])))

    def with_more(self, more: Said) -> Said:
        words, counts = self._said.of_all(np.arange(self.rows))
        vectors = self._vectors.at(np.arange(self._vectors.shape[0]))
        together, numbers = _each_once(np.concatenate([vectors, more.vectors]))
        own, theirs = numbers[: len(vectors)][words], numbers[len(vectors) :][more.words]
        return Said(np.concatenate([own, theirs]).astype(np.uint32), [*counts.tolist(), *more.counts], together)


def _each_once(vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The vectors without repetitions, that of no word first; and where each of those given is among them."""
    whole = np.ascontiguousarray(vectors).view(np.dtype((np.void, vectors.dtype.itemsize * vectors.shape[1])))[:, 0]
    _, first, numbers = np.unique(whole, return_index=True, return_inverse=True)
    order = np.argsort(first)  # in the order they came in, so that the first stays the first
    back = np.empty_like(order)
    back[order] = np.arange(len(order))
    return vectors[first[order]], back[numbers]
