"""A question's way through one generation of the index: words and vector -> candidates -> one list of hits.

    in_words(question) -> InWords      what the words find; it needs no vector, so the model can make that meanwhile
    retrieve(words, vector) -> Found   the candidates of both rankers in one order (kb.fusion), with all that judging them takes
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from kb.catalogue_rows import Entry
from kb.cross_encoder import CrossEncoder, scores_of
from kb.engine import clean
from kb.errors import QuestionError
from kb.fusion import Features, log_odds, reciprocal_rank, reordered
from kb.lexical import analyse, terms
from kb.nearest_words import AskedWords, Nearness, asked_words
from kb.neighbours import mean_over, nearest
from kb.records import Filters, Hit
from kb.settings import Settings
from kb.store import Generation
from kb.units import UnitCosines

if TYPE_CHECKING:
    from kb.question import Question
    from kb.static_vectors import StaticVectors

Seen = dict[int, tuple[float | None, int]]  # row -> the score that a cross-encoder gave its passage, and its rank before

OTHER_NAME_WEIGHT = 0.5  # of a word that only another name of what the question names holds, against the question's own words
PHRASE_DEPTH = 20  # passages in which a phrase is looked for
WORDS_DEPTH = 4  # the ranking in words is read this many times deeper than the pool, for the BM25 of passages found by meaning


@dataclass(frozen=True, slots=True)
class Found:
    """What retrieval knows about a question.

    hits: the passages found, best first. vector: the question's.
    rarity: term of the question -> inverse document frequency, >= 0. unknown: terms that stand nowhere in the base.

    For hits[i] and each unit of its passage, in the units' order:
      unit_cosines[i]     cosine of the question with the unit
      static_cosines[i]   with the unit's static vector: what it says beyond its article's title (kb.static_vectors)
      aspect_cosines[i]   of what is asked about the question's names (kb.confidence.aspect_of) with the unit
      said[i]             (units, words asked): how near the unit, or what stands above it, comes to each word (kb.nearest_words)

    asked: the question's words for `said`; None, and said (), where the encoder has no static vectors.
    content_hashes: source -> SHA-256 of its article. everyday: cosine with the nearest question of everyday life (kb.everyday),
    0.0 where the index has none. subquestions: see kb.subquestions. other_names: what else the base calls what the question names
    (kb.vocabulary).
    """

    hits: tuple[Hit, ...]
    vector: np.ndarray
    rarity: dict[str, float]
    unknown: tuple[str, ...]
    unit_cosines: tuple[np.ndarray, ...]
    static_cosines: tuple[np.ndarray, ...]
    aspect_cosines: tuple[np.ndarray, ...]
    content_hashes: dict[str, str]
    asked: AskedWords | None = None
    said: tuple[np.ndarray, ...] = ()
    everyday: float = 0.0
    subquestions: tuple[Subquestion, ...] = ()
    other_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Subquestion:
    """A question within the question, and what was found for it; its hits have their ranks among those of the whole question."""

    question: Question
    found: Found


@dataclass(frozen=True, slots=True)
class InWords:
    """What the words of a question find.

    k: how many passages are wanted. pool: how many the ranking by meaning should bring. rows: those that pass the filters, None
    for all. ranked: (row, BM25), best first, WORDS_DEPTH times the pool. rarity, unknown, asked: as in Found. total: sum of
    rarities that BM25 is divided by.
    """

    question: str
    k: int
    pool: int
    rows: Sequence[int] | None
    ranked: Sequence[tuple[int, float]]
    rarity: dict[str, float]
    total: float
    unknown: tuple[str, ...]
    asked: AskedWords | None


def check_question(question: str, settings: Settings) -> str:
    """The question without white space around it. Raises QuestionError when it is empty, too long or not text."""
    if not isinstance(question, str):
        raise QuestionError(f"a question is text, got {type(question).__name__}")
    question = " ".join(clean(question).replace("\0", " ").split())
    if not question:
        raise QuestionError("the question is empty. Ask for instance: What does a data engineer do?")
    if len(question) > settings.max_question_chars:
        raise QuestionError(
            f"the question has {len(question):,} characters, at most {settings.max_question_chars:,} are read. Ask it shorter"
        )
    return question


def in_words(
    generation: Generation,
    question: str,
    k: int,
    settings: Settings,
    filters: Filters = Filters(),
    other_names: Sequence[str] = (),
    static: StaticVectors | None = None,
) -> InWords:
    """What the question's words find.

    other_names: what else the base calls what the question names; these words count OTHER_NAME_WEIGHT. static: the encoder's
    static vectors, where it has any. Raises QuestionError when the filters exclude every article.
    """
    articles = generation.catalogue.allowed(filters)
    asked = terms(question)
    pool = max(k, settings.candidates)
    weights = dict.fromkeys(terms(" ".join(other_names)), OTHER_NAME_WEIGHT) | dict.fromkeys(asked, 1.0)
    words = generation.words.search(weights, WORDS_DEPTH * pool, articles)
    known = {term: max(generation.words.frequencies(term)) for term in asked}
    rarity = {term: inverse_document_frequency(count, len(generation.words)) for term, count in known.items()}
    return InWords(
        question=question,
        k=k,
        pool=pool,
        rows=None if articles is None else generation.catalogue.rows_of(articles),
        ranked=words,
        rarity=rarity,
        total=_total_rarity(generation, rarity, weights) or 1.0,
        unknown=tuple(term for term, count in known.items() if not count),
        asked=None if static is None or generation.said is None else asked_words(question, rarity, static),
    )


def retrieve(
    generation: Generation,
    words: InWords,
    vector: np.ndarray,
    settings: Settings,
    aspect: np.ndarray | None = None,
    cross_encoder: CrossEncoder | None = None,
) -> Found:
    """The words.k best passages for a question whose vector is given.

    aspect: vector of what is asked about the question's names, for kb.confidence; the question's own where there is none.
    cross_encoder: orders the first settings.cross_encoder_hits anew.
    """
    dense = [row for row, _ in generation.dense.search(vector, words.pool, words.rows)]
    best_in_words = [row for row, _ in words.ranked[: settings.candidates]]
    candidates = sorted({*dense, *best_in_words})
    near = None if words.asked is None or generation.said is None else generation.said.near(candidates, words.asked)
    vectors, unit_cosines = generation.dense.vectors(candidates), generation.unit_cosines(candidates, vector)
    cosines = vectors @ vector
    if settings.fusion == "rank":
        scores = reciprocal_rank([dense, best_in_words])
    else:
        features = _features(generation, candidates, words, vectors, cosines, unit_cosines, near)
        scores = dict(zip(candidates, log_odds(features, settings).tolist(), strict=True))
    ranked = _each_once(sorted(scores.items(), key=lambda pair: (-pair[1], pair[0])), generation.folds)
    seen: Seen = {}
    if cross_encoder is not None:
        ranked, seen = _look_again(generation, words.question, ranked, cross_encoder, settings.cross_encoder_hits)
    ranked = ranked[: words.k]
    rows = [row for row, _ in ranked]
    entries = generation.catalogue.entries(rows)
    place = {row: number for number, row in enumerate(candidates)}
    units = [unit_cosines.of(place[row]) for row in rows]
    about = None if aspect is None else generation.unit_cosines(rows, aspect)
    aspects = units if about is None else [about.of(number) for number in range(len(rows))]
    return Found(
        hits=_hits(generation, words, cosines[[place[row] for row in rows]], ranked, entries, dense, seen),
        vector=vector,
        rarity=words.rarity,
        unknown=words.unknown,
        unit_cosines=tuple(own for own, _ in units),
        static_cosines=tuple(static for _, static in units),
        aspect_cosines=tuple(own for own, _ in aspects),
        content_hashes={entry.passage.source: entry.content_hash for entry in entries},
        asked=words.asked,
        said=() if near is None else tuple(near.of_units(place[row]) for row in rows),
        everyday=0.0 if generation.everyday is None else float((generation.everyday @ vector).max()),
    )


def phrase_stands(generation: Generation, phrase: str) -> bool:
    """Whether the words of a phrase follow each other, in any form, in one of the passages that BM25 ranks highest."""
    rows = [row for row, _ in generation.words.search(dict.fromkeys(terms(phrase), 1.0), PHRASE_DEPTH)]
    passages = [entry.passage for entry in generation.catalogue.entries(rows)]
    wanted = f" {' '.join(analyse(phrase))} "
    return any(wanted in f" {' '.join(analyse(part))} " for each in passages for part in (each.title, *each.heading, each.text))


def _total_rarity(generation: Generation, rarity: Mapping[str, float], weights: Mapping[str, float]) -> float:
    """What BM25 is divided by: the summed rarity of the question's words, or of the other names where that is more.

    Otherwise a question without a word of its own ("what is an ATS", whose stem is that of "at") would be ranked by other names
    alone.
    """
    others = {term: weight for term, weight in weights.items() if term not in rarity}
    known = {term: max(generation.words.frequencies(term)) for term in others}
    weighed = (others[term] * inverse_document_frequency(count, len(generation.words)) for term, count in known.items())
    return max(sum(rarity.values()), sum(weighed))


def _features(
    generation: Generation,
    rows: Sequence[int],
    words: InWords,
    vectors: np.ndarray,
    cosines: np.ndarray,
    units: UnitCosines,
    near: Nearness | None,
) -> Features:
    """What speaks for the passages at rows. vectors: theirs, and their cosines with the question; units: their units' cosines.

    near: how near they come to the words asked; without it their own words count, and neither neighbours nor length.
    """
    bm25 = dict(words.ranked)
    in_words = np.array([bm25.get(row, 0.0) for row in rows]) / words.total
    held, said, length, by_neighbours, by_their_words = np.zeros((5, len(rows)))
    if near is not None and words.asked is not None:
        said, length, neighbours = near.shares(words.asked), np.log(near.sizes), nearest(vectors)
        by_neighbours, by_their_words = mean_over(neighbours, cosines), mean_over(neighbours, in_words)
    else:
        standing = generation.words.standing(list(words.rarity), rows)
        held = np.array([sum(words.rarity[term] for term in standing.get(row, ())) for row in rows]) / words.total
    unit, static = units.best()
    return Features(cosines, unit, static, in_words, held, said, by_neighbours, by_their_words, length)


def _each_once(ranked: list[tuple[int, float]], folds: Mapping[int, int]) -> list[tuple[int, float]]:
    """The ranking without passages that say the same as a better one."""
    if not folds:
        return ranked
    best: dict[int, tuple[int, float]] = {}
    for row, score in ranked:
        best.setdefault(folds.get(row, row), (row, score))
    return list(best.values())


def _look_again(
    generation: Generation, question: str, ranked: list[tuple[int, float]], cross_encoder: CrossEncoder, many: int
) -> tuple[list[tuple[int, float]], Seen]:
    """The ranking with its first `many` in the cross-encoder's order, and row -> (its score, rank before)."""
    from kb.passages import context_line  # here, since a search without a cross-encoder reads no text

    rows = [row for row, _ in ranked[:many]]
    passages = [entry.passage for entry in generation.catalogue.entries(rows)]
    scores = scores_of(cross_encoder, question, [f"{context_line(passage)}\n{passage.text}" for passage in passages]).tolist()
    pairs = zip(rows, scores, strict=True)
    seen = {row: (None if math.isnan(score) else score, rank) for rank, (row, score) in enumerate(pairs, 1)}
    return reordered(ranked, scores), seen


def _hits(
    generation: Generation,
    words: InWords,
    cosines: np.ndarray,
    ranked: Sequence[tuple[int, float]],
    entries: Sequence[Entry],
    dense_rows: Sequence[int],
    seen: Seen,
) -> tuple[Hit, ...]:
    """The ranked rows, (row, score), as hits. cosines, entries: theirs; dense_rows: the ranking by meaning."""
    rows = [row for row, _ in ranked]
    matched = generation.words.standing(list(words.rarity), rows)
    dense_rank = {row: rank for rank, row in enumerate(dense_rows, 1)}
    words_rank = {row: rank for rank, (row, _) in enumerate(words.ranked, 1)}
    hits = []
    for rank, ((row, score), entry, cosine) in enumerate(zip(ranked, entries, cosines, strict=True), 1):
        ranks = dense_rank.get(row), words_rank.get(row)
        judged = seen.get(row, (None, None))
        hits.append(Hit(rank, score, entry.passage, row, float(cosine), *ranks, matched.get(row, ()), *judged))
    return tuple(hits)


def said_of(generation: Generation, rows: Sequence[int], asked: AskedWords | None) -> tuple[np.ndarray, ...]:
    """What Found.said holds, for the passages at rows."""
    if asked is None or generation.said is None or not rows:
        return ()
    near = generation.said.near(rows, asked)
    return tuple(near.of_units(place) for place in range(len(rows)))


def inverse_document_frequency(frequency: int, passages: int) -> float:
    """log(1 + (N - n + 0.5) / (n + 0.5)): Robertson & Zaragoza (2009), with Lucene's + 1 that keeps it above 0."""
    return float(np.log(1.0 + (passages - frequency + 0.5) / (frequency + 0.5)))
