"""A question's way through one generation: words and vector -> two rankings -> one list of hits.

in_words(question) -> InWords, while the vector is made      retrieve(words, vector) -> Found
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from kb.cross_encoder import CrossEncoder, scores_of
from kb.engine import clean
from kb.errors import QuestionError
from kb.fusion import calibrated, looked_at_again, reciprocal_rank
from kb.lexical import analyse, terms
from kb.nearest_words import AskedWords, Nearness, asked_words
from kb.records import Filters, Hit
from kb.settings import Settings
from kb.store import Generation

if TYPE_CHECKING:
    from kb.question import Question
    from kb.static_vectors import StaticVectors

Seen = dict[int, tuple[float | None, int]]  # row -> what a cross-encoder gave the passage, its rank before that

OTHER_NAME_WEIGHT = 0.5  # of a word that the question does not hold, but another name of what it names does
PHRASE_DEPTH = 20
WORDS_DEPTH = 4  # the words ranker is read this many times deeper than the pool, for the BM25 of passages that meaning brought


@dataclass(frozen=True, slots=True)
class Found:
    """What retrieval knows about a question: its hits, its vector, and how its words are spread over the base.

    unit_cosines[i]: cosine of the question with each unit of hits[i]'s passage, in the units' order; static_cosines: with their
    static vectors, what they say by themselves beyond their article's title (kb.static_vectors); aspect_cosines: the same
    with what is asked about the names (kb.confidence). content_hashes: source -> SHA-256 of its article. everyday: cosine with
    the nearest question of everyday life (kb.everyday), 0.0 where the index has none. rarity: term -> inverse document frequency,
    >= 0. unknown: terms that stand nowhere in the base. asked: the question's words, None without static vectors;
    said[i]: (units of hits[i]'s passage, words asked), how near each unit comes to each, headings included (kb.nearest_words).
    apart: the questions within the question (kb.apart). other_names: what else the base calls what it names (kb.vocabulary).
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
    apart: tuple[Apart, ...] = ()
    other_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Apart:
    """A question within the question, and what was found for it; its hits have their ranks among those of the whole question."""

    question: Question
    found: Found


@dataclass(frozen=True, slots=True)
class InWords:
    """What the words of a question bring, of which k passages are wanted.

    pool: how many the ranking by meaning is to bring. rows: those that pass the filters, None for all. ranked: (row, BM25), best
    first, WORDS_DEPTH times the pool. rarity, unknown, asked: see Found. total: what BM25 scores are a share of.
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
    """What is closest in words, which needs no vector, so that it can be found while one is made.

    other_names of what the question names count half. static: the encoder's, where it has such vectors. Raises QuestionError when
    the filters exclude every article.
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

    aspect: vector of what is asked about the names, where an answer is to be judged. cross_encoder: orders the first
    settings.cross_encoder_hits anew.
    """
    dense = generation.dense.search(vector, words.pool, words.rows)
    best_in_words = [row for row, _ in words.ranked[: settings.candidates]]
    rows = sorted({row for row, _ in dense}.union(best_in_words))
    near = None if words.asked is None or generation.said is None else generation.said.near(rows, words.asked)
    if settings.fusion == "rank":
        scores = reciprocal_rank({"dense": [row for row, _ in dense], "words": best_in_words})
    else:
        scores = _scores(generation, vector, rows, words, near, settings)
    ranked = sorted(scores.items(), key=lambda pair: (-pair[1], pair[0]))
    ranked = _each_once(ranked, generation.folds)
    seen: Seen = {}
    if cross_encoder is not None:
        ranked, seen = _look_again(generation, words.question, ranked, cross_encoder, settings.cross_encoder_hits)
    ranked = ranked[: words.k]
    vectors = (vector, vector if aspect is None else aspect)
    place = {row: number for number, row in enumerate(rows)}
    return Found(
        vector=vector,
        everyday=0.0 if generation.everyday is None else float((generation.everyday @ vector).max()),
        rarity=words.rarity,
        unknown=words.unknown,
        asked=words.asked,
        said=() if near is None else tuple(near.of_units(place[row]) for row, _ in ranked),
        **_hits(generation, words, vectors, ranked, [row for row, _ in dense], [row for row, _ in words.ranked], seen),
    )


def phrase_stands(generation: Generation, phrase: str) -> bool:
    """Whether the words of a phrase stand one after the other, in any form, in one of the PHRASE_DEPTH passages best in words."""
    rows = [row for row, _ in generation.words.search(dict.fromkeys(terms(phrase), 1.0), PHRASE_DEPTH)]
    passages = [entry.passage for entry in generation.catalogue.entries(rows)]
    wanted = f" {' '.join(analyse(phrase))} "
    return any(wanted in f" {' '.join(analyse(part))} " for each in passages for part in (each.title, *each.heading, each.text))


def _total_rarity(generation: Generation, rarity: Mapping[str, float], weights: Mapping[str, float]) -> float:
    """What BM25 scores are a share of: the rarity of the question's words, or of its other names where those weigh more.

    Else a question with no word of its own ("what is an ATS", whose stem is that of "at") would follow nothing but other names.
    """
    others = {term: weight for term, weight in weights.items() if term not in rarity}
    known = {term: max(generation.words.frequencies(term)) for term in others}
    weighed = (others[term] * inverse_document_frequency(count, len(generation.words)) for term, count in known.items())
    return max(sum(rarity.values()), sum(weighed))


def _scores(
    generation: Generation,
    vector: np.ndarray,
    rows: Sequence[int],
    words: InWords,
    near: Nearness | None,
    settings: Settings,
) -> dict[int, float]:
    """Row -> its log-odds (kb.fusion.calibrated). Which words stand there counts where it is not known how near others are."""
    unit_cosines, static_cosines = generation.best_unit_cosines(rows, vector)
    held, said = np.zeros(len(rows)), np.zeros(len(rows))
    if near is not None and words.asked is not None:
        said = near.shares(words.asked)
    else:
        standing = generation.words.standing(list(words.rarity), rows)
        held = np.array([sum(words.rarity[term] for term in standing.get(row, ())) for row in rows]) / words.total
    bm25 = dict(words.ranked)
    scores = calibrated(
        generation.dense.vectors(rows) @ vector,
        unit_cosines,
        static_cosines,
        np.array([bm25.get(row, 0.0) for row in rows]) / words.total,
        held,
        said,
        (
            settings.weight_passage,
            settings.weight_unit,
            settings.weight_static,
            settings.weight_words,
            settings.weight_held,
            settings.weight_said,
        ),
    )
    return dict(zip(rows, scores.tolist(), strict=True))


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
    return looked_at_again(ranked, scores), seen


def _hits(
    generation: Generation,
    words: InWords,
    vectors: tuple[np.ndarray, np.ndarray],
    ranked: Sequence[tuple[int, float]],
    dense_rows: list[int],
    words_rows: list[int],
    seen: Seen,
) -> dict[str, Any]:
    """The fields of Found that hang on the ranked passages."""
    vector, aspect = vectors
    rows = [row for row, _ in ranked]
    entries = generation.catalogue.entries(rows)
    matched = generation.words.standing(list(words.rarity), rows)
    cosines = generation.dense.vectors(rows) @ vector
    dense_rank = {row: rank for rank, row in enumerate(dense_rows, 1)}
    words_rank = {row: rank for rank, row in enumerate(words_rows, 1)}
    hits, near = [], generation.unit_cosines(rows, vector)
    near_aspect = near if aspect is vector else generation.unit_cosines(rows, aspect)
    for rank, ((row, score), entry, cosine) in enumerate(zip(ranked, entries, cosines, strict=True), 1):
        ranks = dense_rank.get(row), words_rank.get(row)
        judged = seen.get(row, (None, None))
        hits.append(Hit(rank, score, entry.passage, row, float(cosine), *ranks, matched.get(row, ()), *judged))
    hashes = {entry.passage.source: entry.content_hash for entry in entries}
    return {
        "hits": tuple(hits),
        "unit_cosines": tuple(own for own, _ in near),
        "static_cosines": tuple(static for _, static in near),
        "aspect_cosines": tuple(own for own, _ in near_aspect),
        "content_hashes": hashes,
    }


def said_of(generation: Generation, rows: Sequence[int], asked: AskedWords | None) -> tuple[np.ndarray, ...]:
    """As Found.said, for the passages at rows."""
    if asked is None or generation.said is None or not rows:
        return ()
    near = generation.said.near(rows, asked)
    return tuple(near.of_units(place) for place in range(len(rows)))


def inverse_document_frequency(frequency: int, passages: int) -> float:
    """log(1 + (N - n + 0.5) / (n + 0.5)): Robertson & Zaragoza (2009), with Lucene's + 1 that keeps it above 0."""
    return float(np.log(1.0 + (passages - frequency + 0.5) / (frequency + 0.5)))
