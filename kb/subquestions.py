"""Subquestions: the questions within a question; and passages that an answer needs beyond the first hits.

    subquestions_of("What does a nurse earn, and how long is the training?")
        -> ("What does a nurse earn", "how long is the training for a nurse")
    subquestions_of("Tankers or cruise, which has better leave?")
        -> ("Tankers: which has better leave", "cruise: which has better leave")

Each is searched for by itself, so that every side of a comparison and every part of a question has passages of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence, Set
from dataclasses import replace
from functools import lru_cache

import numpy as np

from kb.catalogue_rows import Entry
from kb.dialogue import resolve
from kb.disagree import sentences
from kb.disagree.stands import need_stems, stands
from kb.lexical import analyse as analyse_words
from kb.lexical import terms
from kb.question import MEASURES, Question, analyse
from kb.question.roles import roles_in
from kb.records import Hit, Passage, Turn
from kb.retrieval import Found, Subquestion, said_of
from kb.store import Generation

MOST_SUBQUESTIONS = 3  # sides or parts that are searched for by themselves; each costs an embedding and a search
PARTS_BEFORE, PARTS_AFTER = 12, 24  # passages around a hit in which further parts of its section are looked for
NAMED = 0.6  # share of a side's words that must stand in a text that names it
MOST_MATCHED = 4  # sections of one side brought in because another has them
NEED_ROWS, MOST_NEEDS = 24, 6  # passages read that speak of what may be needed, and brought in
NEED_WEIGHT = 0.5  # of a word like "required" against a word of what is required, in the words search
MOST_PARTS = 12  # passages brought in as further parts
LIST_AROUND = 2  # passages around a hit in which its list may go on
PARTS_FOUND = 2  # parts of a section among the hits, from which on the others are looked for

_JOINS = (
    r"(?:\s*,)?\s*(?:\b(?:and|or|vs?\.?|versus|than|from|with|to|over|rather than|instead of|compared (?:to|with)|between)\b)?\s*"
)
_PAID = re.compile(
    r"\b(?:pay|pays|paid|salar(?:y|ies)|wages?|earn(?:s|ed|ings?)?|money|(?:makes?|gets?|starts? on) (?:more|less|most))\b", re.I
)
_OR_ELSE = re.compile(  # "or do I need a teacher": two answers to one question
    r"\bor (?:also )?(?:how|what|is|are|do|does|can|should|will|must)\b", re.I
)
_BARE = re.compile(r"^[\s,:;.?!-]+|[\s,:;.?!-]+$")


def subquestions_of(question: Question) -> tuple[str, ...]:
    """The questions within a question, each standing alone: one a side compared, else one a part; () for neither."""
    if 1 < len(question.sides) <= MOST_SUBQUESTIONS:
        about = _without(question.core, question.sides)
        return tuple(f"{side}: {about}" if about else side for side in question.sides)
    if 1 < len(question.parts) <= MOST_SUBQUESTIONS and question.kind != "situation" and not _OR_ELSE.search(question.core):
        first, *others = question.parts
        return (first, *(_of_the_same(part, first, resolve(part, [Turn("user", first)]).question) for part in others))
    return ()


def _of_the_same(part: str, first: str, resolved: str) -> str:
    """A further part as resolved; one that names nobody is asked of whom the first one names: "what's the test (ranger)"."""
    roles = [first[start:end] for start, end in roles_in(first)]
    if resolved != part or len(roles) != 1 or roles_in(part):
        return resolved
    return f"{part.rstrip(' ?')} ({roles[0]})?"


def _without(core: str, sides: Sequence[str]) -> str:
    """What is asked about the sides: "which has better leave" of "tankers or cruise, which has better leave?"."""
    for side in sorted(sides, key=len, reverse=True):
        core = re.sub(rf"{_JOINS}(?:\b(?:an?|the)\s+)?\b{re.escape(side)}(?!\w)", " ", core, flags=re.I)
    return _BARE.sub("", " ".join(core.split()))


def _read(question: str) -> Question:
    """The question read; "nurse: which is better paid" wants an amount."""
    read = analyse(question)
    if read.wants in MEASURES or not _PAID.search(question):
        return read
    return replace(read, kind="figure", wants="amount")


def with_subquestions(generation: Generation, found: Found, questions: Sequence[str], others: Sequence[Found]) -> Found:
    """What was found for the whole question, with what was found for its subquestions; each passage is one hit with one rank.

    others: what was found for each of the questions. Hits that only they have stand behind the whole question's own.
    """
    ranks = {hit.row: hit.rank for hit in found.hits}
    hits, units = list(found.hits), list(found.unit_cosines)
    statics, aspects = list(found.static_cosines), list(found.aspect_cosines)
    subquestions = []
    for question, other in zip(questions, others, strict=True):
        for number, hit in enumerate(other.hits):
            if hit.row not in ranks:
                ranks[hit.row] = len(hits) + 1
                hits.append(replace(hit, rank=ranks[hit.row], score=min(hit.score, found.hits[-1].score)))
                units.append(other.unit_cosines[number])
                statics.append(other.static_cosines[number])
                aspects.append(other.aspect_cosines[number])
        renumbered = tuple(replace(hit, rank=ranks[hit.row]) for hit in other.hits)
        subquestions.append(Subquestion(_read(question), replace(other, hits=renumbered)))
    hashes = {source: digest for each in (*others, found) for source, digest in each.content_hashes.items()}
    more = said_of(generation, [hit.row for hit in hits[len(found.hits) :]], found.asked)
    return replace(
        found,
        hits=tuple(hits),
        unit_cosines=tuple(units),
        static_cosines=tuple(statics),
        aspect_cosines=tuple(aspects),
        said=(*found.said, *more),
        content_hashes=hashes,
        subquestions=tuple(subquestions),
    )


def facet(passage: Passage, sides: Sequence[str]) -> frozenset[str]:
    """What a heading speaks of without the sides' names: "Pay of nurses" and "Pay of bakers" are one; empty for a title."""
    heading = passage.heading[-1] if passage.heading else ""
    names = {term for side in sides for term in analyse_words(side)}
    return frozenset(terms(heading)) - names - set(analyse_words(passage.title))


def names(side: str, text: str) -> bool:
    """Whether a text names a side of a comparison: NAMED of its words stand in it."""
    named = frozenset(analyse_words(side))
    return bool(named) and len(named & _words(text)) >= NAMED * len(named)


@lru_cache(4096)
def _words(text: str) -> frozenset[str]:
    return frozenset(analyse_words(text))


def matched(generation: Generation, sides: Sequence[str], others: Sequence[Found], aspects: Iterable[np.ndarray]) -> list[Found]:
    """What was found for each side, with those sections of its article that the other sides have too: pay beside pay."""
    about = [{facet(hit.passage, sides) for hit in other.hits} - {frozenset()} for other in others]
    grown = []
    for n, (side, other, aspect) in enumerate(zip(sides, others, aspects, strict=True)):
        wanted = {key for m, keys in enumerate(about) if m != n for key in keys}
        own = next((hit for hit in other.hits if names(side, hit.passage.title)), None)
        known = {hit.row for hit in other.hits}
        rows = [] if own is None else range(max(0, own.row - PARTS_AFTER), min(generation.rows, own.row + PARTS_AFTER))
        around = generation.catalogue.entries([row for row in rows if row not in known])
        article = [entry for entry in around if own and entry.passage.source == own.passage.source]
        more = [entry for entry in article if facet(entry.passage, sides) in wanted]
        grown.append(_with_more(generation, other, more[:MOST_MATCHED], aspect))
    return grown


def _with_more(generation: Generation, found: Found, more: Sequence[Entry], aspect: np.ndarray) -> Found:
    """What was found, with further passages behind the hits."""
    if not more:
        return found
    rows = [entry.row for entry in more]
    units, aspects = generation.unit_cosines(rows, found.vector), generation.unit_cosines(rows, aspect)
    near, near_aspect = ([cosines.of(place) for place in range(len(rows))] for cosines in (units, aspects))
    lowest, many = found.hits[-1].score, len(found.hits)
    hits = [Hit(many + n, lowest, entry.passage, entry.row, 0.0) for n, entry in enumerate(more, 1)]
    hashes = {entry.passage.source: entry.content_hash for entry in more}
    return replace(
        found,
        hits=(*found.hits, *hits),
        unit_cosines=(*found.unit_cosines, *(own for own, _ in near)),
        static_cosines=(*found.static_cosines, *(static for _, static in near)),
        aspect_cosines=(*found.aspect_cosines, *(own for own, _ in near_aspect)),
        said=(*found.said, *said_of(generation, rows, found.asked)),
        content_hashes={**hashes, **found.content_hashes},
    )


def with_needs(
    generation: Generation, found: Found, needed: Set[str], aspect: np.ndarray, articles: Sequence[int] | None
) -> Found:
    """What was found, with passages that say that the thing asked about (`asks_need`) is needed, or that it is not.

    "Do I need a PhD?" is answered by the words "requires a Ph.D." too, wherever the rankings put them. articles: see
    Words.search.
    """
    known = {hit.row for hit in found.hits}
    weights = dict.fromkeys(need_stems(), NEED_WEIGHT) | dict.fromkeys(needed, 1.0)
    rows = [row for row, _ in generation.words.search(weights, NEED_ROWS, articles) if row not in known]
    more = []
    for entry in generation.catalogue.entries(rows):
        taken = (stand for sentence in sentences(entry.passage.text) for stand in stands(sentence))
        if any(stand.kind == "need" and stand.of & needed for stand in taken):
            more.append(entry)
    return _with_more(generation, found, more[:MOST_NEEDS], aspect)


def with_parts(generation: Generation, found: Found, aspect: np.ndarray) -> Found:
    """What was found, with further parts of sections of which several were found, in reading order behind the other hits.

    "How to stand out" has five parts under headings of their own: where two of them are hits, the other three come along. So do
    the rest of a list of which one passage was found.
    """
    seen: dict[tuple[str, tuple[str, ...]], dict[tuple[str, ...], Hit]] = {}
    for hit in found.hits:
        heading = hit.passage.heading
        for depth in range(1, len(heading)):
            seen.setdefault((hit.passage.source, heading[:depth]), {}).setdefault(heading, hit)
    sections = {key: [hit.row for hit in parts.values()] for key, parts in seen.items() if len(parts) >= PARTS_FOUND}
    near = {row for rows in sections.values() for row in range(min(rows) - PARTS_BEFORE, max(rows) + PARTS_AFTER)}
    near |= {row for hit in found.hits for row in range(hit.row - LIST_AROUND, hit.row + LIST_AROUND + 1)}
    rows = sorted(near & set(range(generation.rows)) - {hit.row for hit in found.hits})
    lists = {(hit.passage.source, unit.lead_start) for hit in found.hits for unit in hit.passage.units if unit.lead_start >= 0}
    lists |= {(hit.passage.source, unit.start) for hit in found.hits for unit in hit.passage.units[-1:]}
    more = []
    for entry in generation.catalogue.entries(rows):
        passage = entry.passage
        goes_on = any((passage.source, unit.lead_start) in lists for unit in passage.units if unit.kind == "item")
        if goes_on or any((passage.source, passage.heading[:depth]) in sections for depth in range(1, len(passage.heading))):
            more.append(entry)
    return _with_more(generation, found, more[:MOST_PARTS], aspect)
