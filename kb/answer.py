"""Question and hits -> an answer made of verbatim quotes, or "not in the knowledge base".

    hits ── candidates (kb.choice) ── select (within a budget of words; lists whole, what leans with what it leans on)
         ── quotes (neighbours joined) ── written, place by place, each quote with its [n]
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from kb.choice import Candidate, candidates, coverage, lead_text, unit_text
from kb.confidence import confidence, evidence
from kb.lexical import analyse
from kb.passages import is_lead_in, word_count
from kb.question import Question
from kb.records import Answer, Citation, Hit
from kb.retrieval import Found
from kb.settings import Settings

DECLINE = "The knowledge base does not cover this."
NO_SIDE = "Not in the knowledge base: {side}."
OUTSIDE = {
    "chat": "Hello! Ask about careers: a role, how to become one, pay, interviews, a CV.",
    "hostile": "That cannot be answered here. Ask about careers: a role, how to become one, pay, interviews, a CV.",
    "errand": "That is nothing for a career knowledge base. Ask about a role, how to become one, pay, interviews, a CV.",
    "medical": "That is a question for a doctor or a pharmacist, and in an emergency for the emergency number where you are.",
    "listings": "No article knows what is open today: job boards and employers' own pages do. Ask how to get such a job.",
    "garbled": "That could not be read as a question. Ask about careers: a role, how to become one, pay, interviews, a CV.",
}

HEADING_COVERS = 0.75  # share of the question's words, weighed by rarity, that a heading holds when its section is asked for
SECTION_PARTS = 3  # parts of a section that make it a list

# Words that make a sentence lean on the one before it.
_LEANS = re.compile(
    r"(?:it|its|this|that|these|those|they|their|them|he|she|his|her|such|however|but|instead|otherwise|also|for example|"
    r"for instance|in addition|additionally|moreover|furthermore|therefore|thus|then|still|yet|both|another|the same|even so|so|"
    r"half|most|some|others?|neither|none|if not|if so)\b",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"(?:step\s*)?\d{1,2}\s*[.:)–-]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Quote:
    """A run of neighbouring units of one passage that is quoted as a whole. units: their numbers in the passage."""

    hit: int
    units: tuple[int, ...]
    rank: int


def compose(question: Question, found: Found, settings: Settings, article_text: Callable[[str], str]) -> Answer:
    """The answer to a stand-alone question from what retrieval found. article_text gives title and text of a source."""
    if question.kind in OUTSIDE:
        return _decline(question, found, 0.0, OUTSIDE[question.kind])
    likeliest = candidates(found, question, settings.answer_hits)
    probability = confidence(evidence(found, question, likeliest[0], article_text)) if likeliest else 0.0
    if probability < settings.answer_threshold:
        nearest = _nearest(found)
        covered = f" The nearest it covers: {'; '.join(nearest)}." if nearest else ""
        return _decline(question, found, probability, DECLINE + covered)
    if question.sides:
        text, citations = _compare(question, found, likeliest, settings)
    elif section := section_asked_for(question, found):
        text, citations = write(found, _parts_of(section, question, found, settings), 0)
    else:
        text, citations = write(found, join(found, select(found, question, likeliest, settings.answer_words, settings)), 0)
    return _answer(question, found, probability, text, abstained=False, citations=citations)


def _decline(question: Question, found: Found, probability: float, text: str) -> Answer:
    return _answer(question, found, probability, text, abstained=True, nearest=_nearest(found))


def _nearest(found: Found) -> tuple[str, ...]:
    return tuple(dict.fromkeys(hit.passage.title for hit in found.hits))[:3]


def _answer(
    question: Question,
    found: Found,
    probability: float,
    text: str,
    *,
    abstained: bool,
    citations: tuple[Citation, ...] = (),
    nearest: tuple[str, ...] = (),
) -> Answer:
    return Answer(
        question=question.text,
        resolved_question=question.text,
        text=text,
        abstained=abstained,
        confidence=probability,
        seconds=0.0,
        citations=citations,
        hits=found.hits,
        nearest_topics=nearest,
    )


def section_asked_for(question: Question, found: Found) -> tuple[int, ...]:
    """The hits, in reading order, under a heading that holds the question's words, where a list or steps are asked for.

    "How do I stand out?" is answered by the parts of "How to stand out": their own headings are the list. () unless three or more
    parts of the section were found.
    """
    if question.wants not in ("items", "steps") and question.kind != "list":
        return ()
    sections: dict[tuple[str, tuple[str, ...]], list[int]] = {}
    for number, hit in enumerate(found.hits):
        heading = hit.passage.heading
        for depth in range(1, len(heading)):
            if coverage(heading[depth - 1], found.rarity) >= HEADING_COVERS:
                sections.setdefault((hit.passage.source, heading[:depth]), []).append(number)
    parts = {key: hits for key, hits in sections.items() if len({found.hits[n].passage.heading for n in hits}) >= SECTION_PARTS}
    if not parts:
        return ()
    best = min(parts.values(), key=lambda hits: hits[0])
    return tuple(sorted(best, key=lambda number: found.hits[number].passage.start))


def _parts_of(section: Sequence[int], question: Question, found: Found, settings: Settings) -> list[Quote]:
    """The first quotable unit of each part of the section, as far as the budget of words goes."""
    first: dict[int, Candidate] = {}
    for c in sorted(candidates(found, question, len(found.hits)), key=lambda c: c.at):
        if c.hit in section and not is_lead_in(c.text):
            first.setdefault(c.hit, c)
    chosen: list[Candidate] = []
    words = 0
    for number in section:
        if number in first and (not chosen or words + first[number].words <= settings.answer_list_words):
            chosen.append(first[number])
            words += first[number].words
    return join(found, chosen)


def select(found: Found, question: Question, likeliest: Sequence[Candidate], budget: int, settings: Settings) -> list[Candidate]:
    """The likeliest units within a budget of words, each with what it needs beside it, nothing said twice; the likeliest first.

    Stops early once the chosen ones hold settings.answer_mass of the probability.
    """
    by_place = {(c.hit, c.at): c for c in likeliest}
    chosen: dict[tuple[int, int], Candidate] = {}
    words, mass = 0, 0.0
    for c in likeliest:
        if chosen and (mass >= settings.answer_mass or c.probability < settings.answer_least):
            break
        mass += c.probability
        if (c.hit, c.at) in chosen or any(says_the_same(c.text, other.text) for other in chosen.values()):
            continue
        wanted = _needed(found, question, c, list(chosen), settings)
        added = [by_place[place] for place in wanted if place in by_place and place not in chosen]
        if not added:
            continue
        length = sum(each.words for each in added)
        if chosen and words + length > budget:
            added, length = [c], c.words
            if words + length > budget or _leans(c) or is_lead_in(c.text):
                continue
        chosen |= {(each.hit, each.at): each for each in added}
        words += length
    return list(chosen.values())


def _needed(
    found: Found, question: Question, c: Candidate, chosen: Sequence[tuple[int, int]], settings: Settings
) -> list[tuple[int, int]]:
    """Places of the units that are quoted when c is: itself, what it leads in or leans on, the rest of a list that is asked for.

    A lead-in with nothing behind it in its passage needs nothing: it is not quoted.
    """
    units = found.hits[c.hit].passage.units
    if is_lead_in(c.text):
        led = [at for at in range(c.at + 1, len(units)) if units[at].lead_start == c.unit.start]
        return _window(found, c, led, settings.answer_list_words)  # the lead-in is shown above what it leads in
    group = [at for at in range(len(units)) if _same_list(found, c, at)]
    listed = question.wants in ("items", "steps") or question.kind == "list"
    if len(group) > 1 and (listed or any((c.hit, at) in chosen for at in group)):
        return _window(found, c, group, settings.answer_list_words)
    if c.unit.kind != "sentence":
        return [(c.hit, c.at)]
    first, last = c.at, c.at
    while first and c.at - first < 2 and units[first - 1].kind == "sentence" and _leans_at(found, c.hit, first):
        first -= 1
    more = settings.answer_list_sentences if listed else 0
    while last + 1 < len(units) and last - c.at < more and units[last + 1].kind == "sentence":
        last += 1
    return [(c.hit, at) for at in (c.at, *range(first, c.at), *range(c.at + 1, last + 1))]


def _same_list(found: Found, c: Candidate, at: int) -> bool:
    unit = found.hits[c.hit].passage.units[at]
    if c.unit.kind == "item":
        return unit.kind == "item" and unit.lead_start == c.unit.lead_start
    return bool(_NUMBERED.match(c.text) and _NUMBERED.match(unit_text(found.hits[c.hit], unit)))


def _window(found: Found, c: Candidate, group: list[int], most: int) -> list[tuple[int, int]]:
    """The list's places from its start, or those around c when it is longer than most words."""
    lengths = {at: word_count(unit_text(found.hits[c.hit], found.hits[c.hit].passage.units[at])) for at in group}
    while sum(lengths[at] for at in group) > most and len(group) > 1:
        near_end = c.at - group[0] > group[-1] - c.at
        group = group[1:] if near_end and group[0] != c.at else group[:-1]
    return [(c.hit, at) for at in group]


def _leans(c: Candidate) -> bool:
    return c.unit.kind == "sentence" and bool(_LEANS.match(c.text))


def _leans_at(found: Found, hit: int, at: int) -> bool:
    return bool(_LEANS.match(unit_text(found.hits[hit], found.hits[hit].passage.units[at])))


def says_the_same(one: str, other: str) -> bool:
    """Whether two quotes share three quarters of the shorter one's words."""
    a, b = set(analyse(one)), set(analyse(other))
    return len(a & b) > 0.75 * min(len(a), len(b))


def _compare(
    question: Question, found: Found, likeliest: Sequence[Candidate], settings: Settings
) -> tuple[str, tuple[Citation, ...]]:
    """Each side's quotes under its name; a side that no candidate names is said to be missing."""
    parts: list[str] = []
    citations: tuple[Citation, ...] = ()
    budget = settings.answer_words // len(question.sides)
    for side in question.sides:
        others = [other for other in question.sides if other != side]
        own = [c for c in likeliest if _speaks_of(found, c, side)]
        alone = [c for c in own if not any(_speaks_of(found, c, other) for other in others)]
        quotes = join(found, select(found, question, alone or own, budget, settings)) if own else []
        text, cited = write(found, quotes, len(citations), skip=citations)
        parts.append(f"**{side[:1].upper()}{side[1:]}**\n\n{text or NO_SIDE.format(side=side)}")
        citations += cited
    return "\n\n".join(parts), citations


def _speaks_of(found: Found, c: Candidate, side: str) -> bool:
    passage = found.hits[c.hit].passage
    stands = set(analyse(" ".join((passage.title, *passage.heading, lead_text(found.hits[c.hit], c.unit), c.text))))
    named = set(analyse(side))
    return bool(named) and len(named & stands) >= 0.6 * len(named)


def join(found: Found, chosen: Iterable[Candidate]) -> list[Quote]:
    """Neighbouring units of a passage as one quote each, in the order their likeliest units were chosen."""
    order = {(c.hit, c.at): rank for rank, c in enumerate(chosen)}
    quotes: list[Quote] = []
    for hit, at in sorted(order):
        last = quotes[-1] if quotes else None
        units = found.hits[hit].passage.units
        if last and last.hit == hit and last.units[-1] == at - 1 and units[at].kind == units[at - 1].kind:
            quotes[-1] = Quote(hit, (*last.units, at), min(last.rank, order[hit, at]))
        else:
            quotes.append(Quote(hit, (at,), order[hit, at]))
    return sorted(quotes, key=lambda quote: quote.rank)


def write(
    found: Found, quotes: Sequence[Quote], before: int, skip: Sequence[Citation] = ()
) -> tuple[str, tuple[Citation, ...]]:
    """The text a person reads and the citations its [n] marks stand for: article by article, the likeliest first.

    Each part has its subject in bold: the article's title once, then only the heading. before: how many citations the answer has
    already; skip: quotes that stand in it already.
    """
    citations: list[Citation] = []
    parts = []
    titled: set[str] = set()
    for place in _in_reading_order(found, quotes):
        own = [quote for quote in quotes if _place(found, quote) == place]
        own.sort(key=lambda quote: found.hits[quote.hit].passage.units[quote.units[0]].start)
        lines = []
        for quote in own:
            citation = _cite(found, quote, before + len(citations) + 1)
            if any((citation.source, citation.start, citation.end) == (c.source, c.start, c.end) for c in skip):
                continue
            citations.append(citation)
            led = len(citations) > 1 and citations[-2].lead == citation.lead
            lines.append(_shown(found, quote, citation, led=led))
        if lines:
            parts.append(f"**{_subject(found.hits[own[0].hit], place[0] in titled)}**\n\n" + "\n\n".join(lines))
            titled.add(place[0])
    return "\n\n".join(parts), tuple(citations)


def _place(found: Found, quote: Quote) -> tuple[str, tuple[str, ...]]:
    passage = found.hits[quote.hit].passage
    return passage.source, passage.heading


def _in_reading_order(found: Found, quotes: Sequence[Quote]) -> list[tuple[str, tuple[str, ...]]]:
    """The places quoted: articles by their likeliest quote, within an article from its start to its end."""
    articles = list(dict.fromkeys(_place(found, quote)[0] for quote in quotes))
    starts: dict[tuple[str, tuple[str, ...]], int] = {}
    for quote in quotes:
        place, start = _place(found, quote), found.hits[quote.hit].passage.start
        starts[place] = min(start, starts.get(place, start))
    return sorted(starts, key=lambda place: (articles.index(place[0]), starts[place]))


def _subject(hit: Hit, titled: bool) -> str:
    """Whose words these are and what about: title, last heading, year; only the heading where the title was said."""
    passage = hit.passage
    if titled and passage.heading:
        return _one_line(passage.heading[-1])
    label = " › ".join(_one_line(part) for part in dict.fromkeys((passage.title, *passage.heading[-1:])))
    return f"{label} ({passage.date[:4]})" if passage.date else label


def _cite(found: Found, quote: Quote, number: int) -> Citation:
    hit = found.hits[quote.hit]
    passage = hit.passage
    first, last = passage.units[quote.units[0]], passage.units[quote.units[-1]]
    lead = lead_text(hit, first)
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
        lead=lead,
        lead_start=first.lead_start if lead else -1,
        lead_end=first.lead_end if lead else -1,
        page=first.page,
        url=passage.url,
    )


def _shown(found: Found, quote: Quote, citation: Citation, *, led: bool) -> str:
    """The quote as Markdown with its mark: sentences as they stand, items as a list under their lead-in, rows as a table.

    led: the same lead-in stands above already.
    """
    hit = found.hits[quote.hit]
    texts = [_one_line(unit_text(hit, hit.passage.units[at])) for at in quote.units]
    mark = f"[{citation.number}]"
    kind = hit.passage.units[quote.units[0]].kind
    if kind == "item":
        lead = f"{_one_line(citation.lead)}\n\n" if citation.lead and not led else ""
        return lead + "\n".join(f"- {text}" for text in texts) + f" {mark}"
    if kind == "table_row" and citation.lead:
        header = _one_line(citation.lead)
        rule = " | ".join("---" for _ in header.split(" | "))
        return "\n".join(f"| {line} |" for line in (header, rule, *texts)) + f"\n\n{mark}"
    return f"{' '.join(texts)} {mark}"


def _one_line(text: str) -> str:
    """An article's words on one line."""
    return " ".join(text.split())
