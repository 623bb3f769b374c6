"""Chosen units -> quotes with their citations, and the text a person reads.

    join   neighbouring units of a passage become one quote
    write  place by place under its heading: sentences as they stand, items under their lead-in, rows under their header
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass

from kb.choice import Candidate, lead_text, unit_text
from kb.records import Citation, Hit, Unit
from kb.retrieval import Found

ROWS_BETWEEN = 2  # of a table, shown along with the rows before and behind them
LEFT_OUT = "- …\n"  # stands for the items of a list, between lead-in and quote or behind it, that are not quoted


@dataclass(frozen=True, slots=True)
class Quote:
    """A run of neighbouring units of one passage that is quoted as a whole. units: their numbers in the passage.

    brief: of items only the heads are shown; the citation holds all their words.
    """

    hit: int
    units: tuple[int, ...]
    rank: int
    brief: bool = False


def join(found: Found, chosen: Iterable[Candidate]) -> list[Quote]:
    """Neighbouring units of a passage as one quote each, in the order their likeliest units were chosen.

    A sentence that stands above the quote of what it leads in is none of its own.
    """
    listed = list(chosen)
    above = {(found.hits[c.hit].passage.source, c.unit.lead_start) for c in listed if lead_text(found.hits[c.hit], c.unit)}
    listed = [c for c in listed if (found.hits[c.hit].passage.source, c.unit.start) not in above]
    order = {(c.hit, c.at): rank for rank, c in enumerate(listed)}
    brief = {(c.hit, c.at) for c in listed if c.brief}
    quotes: list[Quote] = []
    for hit, at in sorted(order):
        last = quotes[-1] if quotes else None
        units = found.hits[hit].passage.units
        alike = last is not None and units[at].kind == units[at - 1].kind and ((hit, at) in brief) == last.brief
        if last and alike and last.hit == hit and (last.units[-1] == at - 1 or _same_table(found, hit, last.units[-1], at)):
            between = range(last.units[-1] + 1, at + 1)
            quotes[-1] = Quote(hit, (*last.units, *between), min(last.rank, order[hit, at]), last.brief)
        else:
            quotes.append(Quote(hit, (at,), order[hit, at], (hit, at) in brief))
    return sorted(quotes, key=lambda quote: quote.rank)


def _same_table(found: Found, hit: int, one: int, other: int) -> bool:
    """Whether two rows of a table have only a few rows between them; these are shown as well."""
    rows = found.hits[hit].passage.units[one : other + 1]
    between = all(unit.kind == "table_row" and not unit.no_answer and unit.lead_start == rows[0].lead_start for unit in rows)
    return between and other - one <= ROWS_BETWEEN + 1


def write(
    found: Found, quotes: Sequence[Quote], before: int, skip: Sequence[Citation] = (), titled: Set[str] = frozenset()
) -> tuple[str, tuple[Citation, ...]]:
    """The text a person reads and the citations its [n] marks stand for: the likeliest quote, or the list or table that it is
    of, then what else is quoted of its section, then the rest of the article, then the other articles, each in reading order.

    Each part has its subject in bold: the article's title once, then only the heading. before: how many citations the answer has
    already; skip: quotes that stand in it already; titled: sources whose title was said.
    """
    citations: list[Citation] = []
    parts: list[str] = []
    told = set(titled)
    for place in _in_reading_order(found, quotes):
        own = [quote for quote in quotes if _place(found, quote) == place]
        own.sort(key=lambda quote: (not _is_of_one(found, quote, quotes[0]), _first(found, quote).start))
        lines: list[str] = []
        for quote in own:
            citation = cite(found, quote, before + len(citations) + 1)
            if any(holds(c, citation) for c in skip):
                continue
            citations.append(citation)
            led = bool(lines) and citations[-2].lead == citation.lead
            shown = _shown(found, quote, citation, quotes, led=led)
            if led and citation.lead and _first(found, quote).kind == "table_row":
                rows, marks = lines.pop().rsplit("\n\n", 1)
                more, mark = shown.rsplit("\n\n", 1)
                shown = f"{rows}\n{more}\n\n{marks} {mark}"  # one table, not the same header again
            lines.append(shown)
        if lines:
            parts.append(f"**{_subject(found.hits[own[0].hit], place[0] in told)}**\n\n" + "\n\n".join(lines))
            told.add(place[0])
    return "\n\n".join(parts), tuple(citations)


def holds(one: Citation, other: Citation) -> bool:
    """Whether one quote is the other or has it within."""
    return one.source == other.source and one.start <= other.start and other.end <= one.end


def _first(found: Found, quote: Quote) -> Unit:
    return found.hits[quote.hit].passage.units[quote.units[0]]


def _is_of_one(found: Found, quote: Quote, other: Quote) -> bool:
    """Whether two quotes are the same, or of the same list or table."""
    a, b = _first(found, quote), _first(found, other)
    return quote == other or (a.lead_start == b.lead_start >= 0 and _place(found, quote) == _place(found, other))


def _place(found: Found, quote: Quote) -> tuple[str, tuple[str, ...]]:
    passage = found.hits[quote.hit].passage
    return passage.source, passage.heading


def _in_reading_order(found: Found, quotes: Sequence[Quote]) -> list[tuple[str, tuple[str, ...]]]:
    """The places quoted: articles by their likeliest quote; of each the place of that quote first, then from its start on."""
    articles = list(dict.fromkeys(_place(found, quote)[0] for quote in quotes))
    starts: dict[tuple[str, tuple[str, ...]], int] = {}
    for quote in quotes:
        place, start = _place(found, quote), found.hits[quote.hit].passage.start
        starts[place] = min(start, starts.get(place, start))
    likeliest = {_place(found, quote)[0]: _place(found, quote) for quote in reversed(quotes)}
    return sorted(starts, key=lambda place: (articles.index(place[0]), place != likeliest[place[0]], starts[place]))


def _subject(hit: Hit, titled: bool) -> str:
    """Whose words these are and what about: title, last heading, year; only the heading where the title was said."""
    passage = hit.passage
    if titled and passage.heading:
        return one_line(passage.heading[-1])
    label = " › ".join(one_line(part) for part in dict.fromkeys((passage.title, *passage.heading[-1:])))
    return f"{label} ({passage.date[:4]})" if passage.date else label


def cite(found: Found, quote: Quote, number: int) -> Citation:
    """The citation of a quote."""
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


def _shown(found: Found, quote: Quote, citation: Citation, quotes: Sequence[Quote], *, led: bool) -> str:
    """The quote as Markdown with its mark: sentences as they stand, items as a list under their lead-in, rows as a table.

    led: the same lead-in stands above already. quotes: all that are shown; "- …" stands for the items of a list that are not.
    """
    hit = found.hits[quote.hit]
    texts = [one_line(unit_text(hit, hit.passage.units[at])) for at in quote.units]
    mark = f"[{citation.number}]"
    kind = _first(found, quote).kind
    if kind == "item":
        lead = f"{one_line(citation.lead)}\n\n" if citation.lead and not led else ""
        if quote.brief:
            texts = [f"{head} …" if (head := head_of(text)) else text for text in texts]
        before, behind = (_left_out(found, quote, quotes, at) for at in (quote.units[0] - 1, quote.units[-1] + 1))
        above, below = LEFT_OUT * (before and bool(lead)), LEFT_OUT * (behind and bool(citation.lead))
        return f"{lead}{above}" + "\n".join(f"- {text}" for text in texts) + f" {mark}" + f"\n{below}".rstrip()
    if kind == "table_row" and citation.lead:
        lines = [[cell.strip() for cell in line.split("|")] for line in (one_line(citation.lead), *texts)]
        columns = max(map(len, lines))  # subtle: it is shown as a table only where all lines have equally many cells
        lines = [[*line, *[""] * (columns - len(line))] for line in lines]
        lines = lines[1:] if led else [lines[0], ["---"] * columns, *lines[1:]]
        return "\n".join(f"| {' | '.join(line)} |" for line in lines) + f"\n\n{mark}"
    return f"{' '.join(texts)} {mark}"


def _left_out(found: Found, quote: Quote, quotes: Sequence[Quote], at: int) -> bool:
    """Whether the unit at `at` is a further item of a quote's list that no quote holds."""
    units = found.hits[quote.hit].passage.units
    if not 0 <= at < len(units) or units[at].no_answer or units[at].lead_start != units[quote.units[0]].lead_start:
        return False
    return units[at].kind == "item" and not any(each.hit == quote.hit and at in each.units for each in quotes)


def shown(found: Found, quote: Quote) -> str:
    """A quote's own words on one line, without its lead."""
    hit = found.hits[quote.hit]
    return " ".join(one_line(unit_text(hit, hit.passage.units[at])) for at in quote.units)


_HEAD = re.compile(r"(?P<head>[^:–—\n]{2,60}?)(?::|\s[–—-])\s+\S")


def head_of(item: str) -> str:
    """What an item names before it explains it: "Communication" of "Communication: the ability to ..."; else ""."""
    match = _HEAD.match(item)
    return match["head"] if match else ""


def one_line(text: str) -> str:
    """An article's words on one line."""
    return " ".join(text.split())
