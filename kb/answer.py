"""Question and hits -> an answer made of verbatim quotes, or "not in the knowledge base".

    hits ── candidates (quotable units, scored) ── choose (within a budget of words) ── widen (lists whole, sentences
    that lean on the one before) ── quotes (neighbours joined) ── written, article by article, each quote with its [n]
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kb.confidence import confidence, coverage, evidence
from kb.passages import word_count
from kb.records import Answer, Citation, Hit, Unit
from kb.retrieval import Found
from kb.settings import Settings

DECLINE = "The knowledge base does not cover this."

# Words that make a sentence lean on the one before it.
_LEANS = re.compile(
    r"(?:it|its|this|that|these|those|they|their|them|he|she|his|her|such|however|but|instead|otherwise|also|for example|"
    r"for instance|in addition|additionally|moreover|furthermore|therefore|thus|then|still|yet|both|another|the same|even so)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A quotable unit that could answer. hit: its hit's number from 0; at: its number in the passage; score: higher is better."""

    hit: int
    at: int
    unit: Unit
    text: str
    score: float


@dataclass(frozen=True, slots=True)
class Quote:
    """A run of neighbouring units of one passage that is quoted as a whole. units: their numbers in the passage."""

    hit: int
    units: tuple[int, ...]
    score: float


def compose(question: str, found: Found, settings: Settings) -> Answer:
    """The answer to a stand-alone question from what retrieval found."""
    probability = confidence(evidence(found))
    candidates = score_candidates(found, settings)
    if probability < settings.answer_threshold or not candidates:
        return _decline(question, found, probability)
    quotes = join(found, widen(found, choose(candidates, settings), settings))
    text, citations = write(found, quotes)
    return Answer(
        question=question,
        resolved_question=question,
        text=text,
        abstained=False,
        confidence=probability,
        seconds=0.0,
        citations=citations,
        hits=found.hits,
    )


def _decline(question: str, found: Found, probability: float) -> Answer:
    nearest = tuple(dict.fromkeys(hit.passage.title for hit in found.hits))[:3]
    covered = f" The nearest it covers: {'; '.join(nearest)}." if nearest else ""
    return Answer(
        question=question,
        resolved_question=question,
        text=DECLINE + covered,
        abstained=True,
        confidence=probability,
        seconds=0.0,
        hits=found.hits,
        nearest_topics=nearest,
    )


def score_candidates(found: Found, settings: Settings) -> list[Candidate]:
    """Every quotable unit of the first hits, best first, by meaning, by words and by its passage."""
    candidates = []
    for number, (hit, cosines) in enumerate(zip(found.hits[: settings.answer_hits], found.unit_cosines, strict=False)):
        headings = " ".join((hit.passage.title, *hit.passage.heading))
        for at, (unit, cosine) in enumerate(zip(hit.passage.units, cosines, strict=True)):
            if unit.no_answer:
                continue
            text = unit_text(hit, unit)
            covered = 0.7 * coverage(text, found.rarity) + 0.3 * coverage(f"{headings} {text}", found.rarity)
            place = 1.0 / (1.0 + number)
            score = float(cosine) + 0.35 * covered + 0.25 * hit.cosine + 0.15 * place
            candidates.append(Candidate(number, at, unit, text, score))
    return sorted(candidates, key=lambda c: (-c.score, c.hit, c.at))


def unit_text(hit: Hit, unit: Unit) -> str:
    """A unit's own words."""
    return hit.passage.text[unit.start - hit.passage.start : unit.end - hit.passage.start]


def choose(candidates: Sequence[Candidate], settings: Settings) -> list[Candidate]:
    """The best candidates that fit the budget of words, saying nothing twice."""
    chosen: list[Candidate] = []
    words = 0
    floor = candidates[0].score * 0.72
    for candidate in candidates:
        length = word_count(candidate.text)
        if candidate.score < floor or (chosen and words + length > settings.answer_words):
            continue
        if any(_says_the_same(candidate.text, other.text) for other in chosen):
            continue
        chosen.append(candidate)
        words += length
    return chosen


def _says_the_same(one: str, other: str) -> bool:
    a, b = set(one.casefold().split()), set(other.casefold().split())
    return len(a & b) > 0.75 * min(len(a), len(b))


def widen(found: Found, chosen: Sequence[Candidate], settings: Settings) -> list[Candidate]:
    """The chosen units with what they need beside them: the sentence they lean on, the rest of a short list."""
    units: dict[tuple[int, int], Candidate] = {(c.hit, c.at): c for c in chosen}
    for c in chosen:
        passage = found.hits[c.hit].passage
        if c.at and c.unit.kind == "sentence" and _LEANS.match(c.text) and not passage.units[c.at - 1].no_answer:
            _add(units, found, c, c.at - 1)
        if c.unit.kind == "item":
            for at, unit in enumerate(passage.units):
                if unit.kind == "item" and unit.lead_start == c.unit.lead_start and abs(at - c.at) <= settings.answer_list_items:
                    _add(units, found, c, at)
    return sorted(units.values(), key=lambda c: (c.hit, c.at))


def _add(units: dict[tuple[int, int], Candidate], found: Found, beside: Candidate, at: int) -> None:
    hit = found.hits[beside.hit]
    unit = hit.passage.units[at]
    if not unit.no_answer:
        units.setdefault((beside.hit, at), Candidate(beside.hit, at, unit, unit_text(hit, unit), beside.score))


def join(found: Found, chosen: Iterable[Candidate]) -> list[Quote]:
    """Neighbouring units of a passage as one quote each, best quote first."""
    quotes: list[Quote] = []
    for c in chosen:
        last = quotes[-1] if quotes else None
        if last and last.hit == c.hit and last.units[-1] == c.at - 1:
            quotes[-1] = Quote(c.hit, (*last.units, c.at), max(last.score, c.score))
        else:
            quotes.append(Quote(c.hit, (c.at,), c.score))
    return sorted(quotes, key=lambda quote: -quote.score)


def write(found: Found, quotes: Sequence[Quote]) -> tuple[str, tuple[Citation, ...]]:
    """The text a person reads, and the citations its [n] marks stand for: one paragraph per heading, its subject in bold."""
    order = list(dict.fromkeys(_place(found, quote) for quote in quotes))
    citations: list[Citation] = []
    parts = []
    for key in order:
        own = [quote for quote in quotes if _place(found, quote) == key]
        lines = []
        for quote in sorted(own, key=lambda q: found.hits[q.hit].passage.units[q.units[0]].start):
            citation = _cite(found, quote, len(citations) + 1)
            citations.append(citation)
            lines.append(_shown(found, quote, citation))
        parts.append(f"**{_subject(found.hits[own[0].hit])}**\n\n" + "\n\n".join(lines))
    return "\n\n".join(parts), tuple(citations)


def _place(found: Found, quote: Quote) -> tuple[str, tuple[str, ...]]:
    passage = found.hits[quote.hit].passage
    return passage.source, passage.heading


def _subject(hit: Hit) -> str:
    """Whose words these are and what about: title, last heading, year."""
    passage = hit.passage
    parts = [passage.title, *passage.heading[-1:]]
    label = " › ".join(dict.fromkeys(parts))
    return f"{label} ({passage.date[:4]})" if passage.date else label


def _cite(found: Found, quote: Quote, number: int) -> Citation:
    hit = found.hits[quote.hit]
    passage = hit.passage
    first, last = passage.units[quote.units[0]], passage.units[quote.units[-1]]
    inside = first.lead_start >= 0 and passage.start <= first.lead_start and first.lead_end <= passage.end
    lead = (first.lead_start, first.lead_end) if inside else (-1, -1)
    return Citation(
        number=number,
        source=passage.source,
        title=passage.title,
        heading=passage.heading,
        quote=passage.text[first.start - passage.start : last.end - passage.start],
        start=first.start,
        end=last.end,
        date=passage.date,
        date_origin=passage.date_origin,
        content_hash=found.content_hashes[passage.source],
        hit_rank=hit.rank,
        lead=passage.text[lead[0] - passage.start : lead[1] - passage.start] if inside else "",
        lead_start=lead[0],
        lead_end=lead[1],
        page=passage.page,
        url=passage.url,
    )


def _shown(found: Found, quote: Quote, citation: Citation) -> str:
    """The quote as Markdown with its mark: sentences as they stand, items as a list under their lead-in, rows as a table."""
    hit = found.hits[quote.hit]
    units = [hit.passage.units[at] for at in quote.units]
    mark = f"[{citation.number}]"
    if units[0].kind == "item":
        lines = [f"- {_plain(unit_text(hit, unit))}" for unit in units]
        lead = f"{_plain(citation.lead)}\n\n" if citation.lead else ""
        return f"{lead}{chr(10).join(lines)} {mark}"
    if units[0].kind == "table_row":
        lead = f"{_plain(citation.lead)}\n" if citation.lead else ""
        return lead + "\n".join(_plain(unit_text(hit, unit)) for unit in units) + f" {mark}"
    return f"{_plain(citation.quote)} {mark}"


def _plain(text: str) -> str:
    """One line of the article's words."""
    return " ".join(text.split())
