"""The machine-readable contract: the shapes that the command line, HTTP, MCP and to_dict() share. Typing only, no code.

A key is added, never removed and never given another meaning. Offsets are characters of the article's text, start inclusive,
end exclusive; dates are "YYYY", "YYYY-MM" or "YYYY-MM-DD", "" when unknown.
"""

from __future__ import annotations

from typing import Any, Literal

from typing_extensions import TypedDict  # pydantic, which makes JSON schemas of these, wants it before Python 3.12


class LeadDict(TypedDict):
    """What a quote leans on and is shown with: a list's lead-in or a table's header row."""

    quote: str
    start: int
    end: int


class CitationDict(TypedDict):
    """A verbatim quote and its place. number: the [n] in the answer; content_hash: SHA-256 hex of the article's text then."""

    number: int
    source: str
    title: str
    heading: list[str]
    quote: str
    start: int
    end: int
    date: str
    date_origin: str
    page: int | None
    url: str
    content_hash: str
    lead: LeadDict | None


class PassageDict(TypedDict):
    """A passage found for a question. rank from 1; score: higher is better, comparable within one search only; cosine in [-1, 1].

    dense_rank and words_rank: its rank by meaning and by words, null where that ranker did not return it. cross_score: what a
    cross-encoder gave it, of any scale, and fused_rank its rank before that; null where none looked at it.
    """

    rank: int
    score: float
    source: str
    title: str
    heading: list[str]
    text: str
    start: int
    end: int
    page: int | None
    date: str
    cosine: float
    dense_rank: int | None
    words_rank: int | None
    matched_terms: list[str]
    date_origin: str
    url: str
    cross_score: float | None
    fused_rank: int | None


class CheckDict(TypedDict):
    """What became of a sentence a language model wrote. verdict: "supported", "lead-in", or why it is neither."""

    sentence: str
    citations: list[int]
    verdict: str
    shown: bool


class TurnDict(TypedDict):
    """One message of a conversation."""

    role: Literal["user", "assistant"]
    content: str


class QuotedAnswerDict(TypedDict):
    """What the base says. answer: Markdown whose [n] are the citations' numbers; id: the caller's own.

    confidence in [0, 1]: the calibrated probability that the base answers the question; abstained: it does not cover the
    question, and citations is empty.
    """

    id: Any
    question: str
    resolved_question: str
    answer: str
    abstained: bool
    confidence: float
    seconds: float
    citations: list[CitationDict]
    nearest_topics: list[str]
    missing: list[str]
    followups: list[str]
    written_by: str
    notes: list[str]
    generation: str
    checks: list[CheckDict]


class AnswerDict(QuotedAnswerDict):
    """An answer together with the passages that were found for the question, best first."""

    passages: list[PassageDict]


class ArticleCard(TypedDict):
    """What an article is about. characters: length of its text; roles: each with its other names after " / "."""

    source: str
    title: str
    date: str
    date_origin: str
    topics: list[str]
    roles: list[str]
    region: str
    level: str
    url: str
    content_hash: str
    characters: int


class SectionDict(TypedDict):
    """What stands under one heading. heading: the path from the outermost, [] before the first heading."""

    heading: list[str]
    start: int
    end: int


class ArticleDict(ArticleCard):
    """An article with its text, which every citation's start and end point into."""

    text: str
    sections: list[SectionDict]
