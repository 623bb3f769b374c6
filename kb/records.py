"""The records that modules pass on, from the file on disk to the cited answer. All frozen, all plain values.

    file ── reader ──> Draft(Fragment...) ── assemble ──> Article(Section(Block...))
         ── cut ──> Passage(Unit...) ── search ──> Hit ── compose ──> Answer(Citation...)

Offsets are character offsets into `Article.text`, start inclusive, end exclusive; whatever is quoted is exactly
`article.text[start:end]`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from kb.contract import AnswerDict, ArticleCard, ArticleDict, CitationDict, LeadDict, PassageDict, SectionDict

FragmentKind = Literal["heading", "paragraph", "item", "table_header", "table_row", "code"]
UnitKind = Literal["sentence", "item", "table_row"]
DateOrigin = Literal["front matter", "page metadata", "text", "unknown"]


@dataclass(frozen=True, slots=True)
class Fragment:
    """One heading, paragraph, list item or table row as a reader found it: clean text, no mark-up, no newline at its ends.

    level: 1-6 for a heading, nesting depth from 1 for an item, else 0. page: from 1, where the format has pages.
    A table row's cells are joined with " | ". A list item carries no bullet or number of its own unless the number
    means something ("Step 3: ..."). mark: the bullet or number an item has in the original ("-", "2."), "" for none; it
    stands in the article's text before the item, outside the item's block, so that a whole list reads as the original does.
    """

    kind: FragmentKind
    text: str
    level: int = 0
    page: int | None = None
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """What a reader makes of a file: fragments in reading order and whatever the file says about itself.

    meta holds front matter or page metadata under lower-case keys (title, date, updated, topics, roles, region, level,
    sources, url, ...), values as read; date_origin says where meta["date"] was found.
    """

    fragments: tuple[Fragment, ...]
    meta: Mapping[str, object] = field(default_factory=dict)
    date_origin: DateOrigin = "unknown"


@dataclass(frozen=True, slots=True)
class Block:
    """A fragment's place in the article's text."""

    kind: FragmentKind
    start: int
    end: int
    level: int = 0
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """What stands under one heading, up to the next. heading: the path from the outermost, () before the first heading.

    start and end span the body (the heading's own line excluded); blocks lie inside, in order, none of kind "heading".
    """

    heading: tuple[str, ...]
    start: int
    end: int
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Article:
    """An article as the base knows it: clean text and its structure.

    source: path relative to the ingested folder with forward slashes, or the web address.
    content_hash: SHA-256 hex of the text. date: "YYYY", "YYYY-MM" or "YYYY-MM-DD", "" when unknown.
    url: an http(s) address where the original can be read, "" when none is known.
    roles: each role with its other names after " / " ("ML engineer / machine learning engineer").
    """

    source: str
    title: str
    text: str
    sections: tuple[Section, ...]
    content_hash: str
    date: str = ""
    date_origin: DateOrigin = "unknown"
    topics: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    region: str = ""
    level: str = ""
    url: str = ""

    def card(self) -> ArticleCard:
        """What the article is about, without its text, as plain values."""
        return {
            "source": self.source,
            "title": self.title,
            "date": self.date,
            "date_origin": self.date_origin,
            "topics": list(self.topics),
            "roles": list(self.roles),
            "region": self.region,
            "level": self.level,
            "url": self.url,
            "content_hash": self.content_hash,
            "characters": len(self.text),
        }

    def to_dict(self) -> ArticleDict:
        """The card, the text and its sections, as plain values."""
        sections: list[SectionDict] = [
            {"heading": list(section.heading), "start": section.start, "end": section.end} for section in self.sections
        ]
        return {**self.card(), "text": self.text, "sections": sections}


@dataclass(frozen=True, slots=True)
class Unit:
    """The smallest thing an answer quotes: a sentence, a list item or a table row.

    lead_start and lead_end span what the unit leans on and is shown with it (a list's lead-in for an item, the header
    row for a table row); both are -1 when it stands alone. no_answer marks template placeholders ("{{salary}}") and
    lead-ins with nothing behind them: findable, never quoted. page: where it begins, None where the original has no pages.
    """

    kind: UnitKind
    start: int
    end: int
    lead_start: int = -1
    lead_end: int = -1
    no_answer: bool = False
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """A run of an article's text under one heading, small enough for the encoder's window.

    Invariant: article.text[start:end] == text. units lie inside [start, end) in order (their leads may lie before it).
    """

    source: str
    title: str
    heading: tuple[str, ...]
    text: str
    start: int
    end: int
    units: tuple[Unit, ...] = ()
    page: int | None = None
    date: str = ""
    date_origin: DateOrigin = "unknown"
    topics: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    region: str = ""
    url: str = ""

    def text_of(self, unit: Unit) -> str:
        """A unit's own words."""
        return self.text[unit.start - self.start : unit.end - self.start]

    def lead_of(self, unit: Unit) -> str:
        """The lead-in or header row that a unit leans on, "" where it stands alone or the lead is in another passage."""
        if not self.start <= unit.lead_start < unit.lead_end <= self.end:
            return ""
        return self.text[unit.lead_start - self.start : unit.lead_end - self.start]


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage found for a question. rank from 1; score: fused, higher is better, comparable within one search only.

    cosine in [-1, 1] between the question and the passage. dense_rank and words_rank from 1, None where that ranker
    did not return it. matched_terms: the question's terms that the passage holds. row: its row in the index. cross_score: what a
    cross-encoder gave it, higher is better, and fused_rank its rank before that, from 1; None where none looked at it.
    """

    rank: int
    score: float
    passage: Passage
    row: int
    cosine: float
    dense_rank: int | None = None
    words_rank: int | None = None
    matched_terms: tuple[str, ...] = ()
    cross_score: float | None = None
    fused_rank: int | None = None

    def reference(self) -> str:
        """Where it stands, for a person: "Nurse › Pay (nurse.md:310-402, 2024-05)"."""
        passage = self.passage
        return _reference(passage.title, passage.heading, passage.source, passage.start, passage.end, passage.page, passage.date)

    def to_dict(self) -> PassageDict:
        """The contract's passage (kb/contract.py): plain values, ready for JSON."""
        passage = self.passage
        return {
            "rank": self.rank,
            "score": round(self.score, 6),
            "source": passage.source,
            "title": passage.title,
            "heading": list(passage.heading),
            "text": passage.text,
            "start": passage.start,
            "end": passage.end,
            "page": passage.page,
            "date": passage.date,
            "cosine": round(self.cosine, 6),
            "dense_rank": self.dense_rank,
            "words_rank": self.words_rank,
            "matched_terms": list(self.matched_terms),
            "date_origin": passage.date_origin,
            "url": passage.url,
            "cross_score": self.cross_score,
            "fused_rank": self.fused_rank,
        }


@dataclass(frozen=True, slots=True)
class Citation:
    """A verbatim quote and its place. number: the [n] in the answer's text, from 1.

    quote == article.text[start:end]; lead == article.text[lead_start:lead_end] where the quote leans on a lead-in or a
    header row ("" and -1 else). content_hash: of the article when it was quoted. hit_rank: the hit the quote is from.
    """

    number: int
    source: str
    title: str
    heading: tuple[str, ...]
    quote: str
    start: int
    end: int
    date: str
    date_origin: DateOrigin
    content_hash: str
    hit_rank: int
    lead: str = ""
    lead_start: int = -1
    lead_end: int = -1
    page: int | None = None
    url: str = ""

    def reference(self) -> str:
        """Where it stands, for a person: "Nurse › Pay (nurse.pdf:310-342, page 2, 2024-05)"."""
        return _reference(self.title, self.heading, self.source, self.start, self.end, self.page, self.date)

    def to_dict(self) -> CitationDict:
        """The contract's citation; "lead" is None for a quote that stands alone."""
        lead: LeadDict | None = None
        if self.lead:
            lead = {"quote": self.lead, "start": self.lead_start, "end": self.lead_end}
        return {
            "number": self.number,
            "source": self.source,
            "title": self.title,
            "heading": list(self.heading),
            "quote": self.quote,
            "start": self.start,
            "end": self.end,
            "date": self.date,
            "date_origin": self.date_origin,
            "page": self.page,
            "url": self.url,
            "content_hash": self.content_hash,
            "lead": lead,
        }


@dataclass(frozen=True, slots=True)
class Check:
    """What became of one sentence a language model wrote. verdict: "supported", "lead-in" (claims nothing), or why it is neither.

    citations: the numbers in the answer's text that prove it, () when nothing does. shown: whether the text holds the sentence.
    """

    sentence: str
    citations: tuple[int, ...]
    verdict: str
    shown: bool


QUOTES = "quotes"  # what Answer.written_by says where no language model wrote
DOUBTED = "⚠"  # stands before a sentence of Answer.text that a language model wrote and no passage supports: see doubted


def doubted(sentence: str, why: str) -> str:
    """How Answer.text holds a sentence that a language model wrote and no passage supports.

    >>> doubted("Pay is high.", "it cites nothing")
    '⚠ *Pay is high.* (not supported: it cites nothing)'
    """
    return f"{DOUBTED} *{sentence}* (not supported: {why})"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the base says to a question: text for a person with [n] marks, and the proof behind every mark.

    text: Markdown; every [n] is a citation's number. confidence in [0, 1]: the calibrated probability that the base
    answers the question. abstained: the text says that the base does not cover the question, and citations is empty.
    nearest_topics: what is covered, nearest first (when abstained). followups: questions the base does answer.
    missing: sides of a comparison or parts of the question that the base does not hold, as asked; the text says so too.
    written_by: "quotes", or the language model's name. notes: lines for the reader about how the answer was made.
    seconds: wall-clock time from question to answer. generation: the index generation that answered. reasoning: what a
    language model thought before it wrote; unchecked, never part of the text, to be shown folded or not at all.
    """

    question: str
    resolved_question: str
    text: str
    abstained: bool
    confidence: float
    seconds: float
    citations: tuple[Citation, ...] = ()
    hits: tuple[Hit, ...] = ()
    nearest_topics: tuple[str, ...] = ()
    followups: tuple[str, ...] = ()
    written_by: str = QUOTES
    notes: tuple[str, ...] = ()
    checks: tuple[Check, ...] = ()
    generation: str = ""
    reasoning: str = ""
    missing: tuple[str, ...] = ()

    def to_dict(self, id: Any = None) -> AnswerDict:
        """The contract's answer; id is the caller's own and comes back unchanged."""
        return {
            "id": id,
            "question": self.question,
            "resolved_question": self.resolved_question,
            "answer": self.text,
            "abstained": self.abstained,
            "confidence": round(self.confidence, 4),
            "seconds": round(self.seconds, 4),
            "citations": [citation.to_dict() for citation in self.citations],
            "passages": [hit.to_dict() for hit in self.hits],
            "nearest_topics": list(self.nearest_topics),
            "missing": list(self.missing),
            "followups": list(self.followups),
            "written_by": self.written_by,
            "notes": list(self.notes),
            "generation": self.generation,
            "checks": [
                {"sentence": each.sentence, "citations": list(each.citations), "verdict": each.verdict, "shown": each.shown}
                for each in self.checks
            ],
        }

    def to_json(self, id: Any = None, *, indent: int | None = None) -> str:
        """to_dict() as JSON text: one line unless indented, letters of every script as they are."""
        return json.dumps(self.to_dict(id), ensure_ascii=False, indent=indent)


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of a conversation, as untrusted as its sender."""

    role: Literal["user", "assistant"]
    content: str


History = Sequence[Turn | Mapping[str, str]]  # a conversation, oldest first; a mapping has "role" and "content"


@dataclass(frozen=True, slots=True)
class Filters:
    """Only passages of articles that fit; an empty field does not restrict. newer_than: "YYYY", "YYYY-MM" or "YYYY-MM-DD"."""

    topics: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    region: str = ""
    newer_than: str = ""
    sources: tuple[str, ...] = ()


def _reference(
    title: str, heading: tuple[str, ...], source: str, start: int, end: int, page: int | None, date: str
) -> str:
    place = " › ".join(dict.fromkeys((title, *heading)))
    where = [f"{source}:{start}-{end}", "" if page is None else f"page {page}", date]
    return f"{place} ({', '.join(filter(None, where))})"
