"""What a careful reader adds to an answer: that quotes differ, and what is said and not said about its figures.

    remarked(answer, question, found)   # the answer, with the other side quoted beside it and a note on each amount

Works on a composed answer; every added word is a quote with its citation, or a plain line of ours that claims nothing.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import replace
from datetime import date

from kb.choice import coverage, unit_text
from kb.disagree import Claim, Disagreement, akin, find, roles_of, sentences
from kb.disagree.stands import Stand, stands
from kb.figures import MONEY_WORDS, Figure, beside, describe, figures
from kb.lexical import terms
from kb.passages import sentences as split_sentences
from kb.question import Question
from kb.quotes import Quote, write
from kb.records import Answer, Citation
from kb.retrieval import Found

MOST_ADDED = 2  # quotes brought in because they say otherwise
MOST_COMPARED = 8  # units not quoted that are compared with the quotes, the closest in meaning first: about 4 ms
MOST_HITS = 10  # hits all of whose near units are compared
LEAST_COSINE = 0.45  # with the question; what is farther off is about something else
MOST_FIGURES = 4  # amounts that get a note


def remarked(answer: Answer, question: Question, found: Found, *, today: date | None = None) -> Answer:
    """The answer with its remarks; a decline, and an answer with nothing to remark, comes back as it is."""
    if answer.abstained or not answer.citations:
        return answer
    answer = _with_other_side(answer, question, found)
    notes = _figure_notes(answer, question, found, today) if question.wants == "amount" else ()
    return replace(answer, notes=(*answer.notes, *notes)) if notes else answer


# --- quotes that differ --------------------------------------------------------------------------------


def _with_other_side(answer: Answer, question: Question, found: Found) -> Answer:
    """Says which quotes differ; a unit of the hits that contradicts one of them is quoted as well, one for each quote.

    Of figures every other one is: three sources that give three are three voices.
    """
    cited = [Claim(f"{c.lead}\n{c.quote}" if c.lead else c.quote, c.title, c.heading, c.source, c.date) for c in answer.citations]
    others = _not_quoted(answer, question, found)
    claims = cited + [claim for claim, _ in others]
    named = roles_of(question.core)
    strange = {n for n, claim in enumerate(cited) if not _may_be_of(named, claim)}
    pairs = [d for d in find(claims, question, first=len(cited)) if _bears_on(d, question) and d.first not in strange]
    pairs = [d for d in pairs if d.second not in strange]
    text, citations = answer.text, answer.citations
    numbers = {place: citation.number for place, citation in enumerate(answer.citations)}
    told: list[Disagreement] = []  # those both of whose claims are quoted
    for pair in pairs:
        if pair.second not in numbers:
            opposed = pair.kind != "figure" and any(d.kind == pair.kind and pair.first in (d.first, d.second) for d in told)
            if opposed or len(numbers) - len(cited) == MOST_ADDED:
                continue
            titled = frozenset(citation.source for citation in citations)
            part, new = write(found, [others[pair.second - len(cited)][1]], len(citations), titled=titled)
            if not new:
                continue
            numbers[pair.second] = new[0].number
            text, citations = f"{text}\n\n{part}", citations + new
        told.append(pair)
    if not told:
        return answer
    by_number = {citation.number: citation for citation in citations}
    lines = [_line([[by_number[numbers[place]] for place in side] for side in sides]) for sides in _matters(told)]
    return replace(answer, text="\n\n".join((text, *dict.fromkeys(lines))), citations=citations)


def _matters(pairs: Sequence[Disagreement]) -> list[list[list[int]]]:
    """What differs, matter by matter: the sides of each, as the places of their claims.

    Pairs of one kind that share a claim are one matter; where its claims are not of two sides, each is a side.
    """
    matters: list[list[Disagreement]] = []
    for pair in pairs:
        joined = [m for m in matters if any(pair.kind == d.kind and {pair.first, pair.second} & {d.first, d.second} for d in m)]
        matters = [m for m in matters if m not in joined] + [[d for m in joined for d in m] + [pair]]
    return sorted((_sides(matter) for matter in matters), key=lambda sides: sides[0][0])


def _sides(matter: Sequence[Disagreement]) -> list[list[int]]:
    """The places of one matter's claims in two sides, or each by itself where there are no two."""
    side = {min(d.first for d in matter): 0}
    while new := {
        b: 1 - side[a] for d in matter for a, b in ((d.first, d.second), (d.second, d.first)) if a in side and b not in side
    }:
        side |= new
    places = sorted(side)
    if any(side[d.first] == side[d.second] for d in matter):
        return [[place] for place in places]
    return [[place for place in places if side[place] == which] for which in (0, 1)]


def _line(sides: Sequence[Sequence[Citation]]) -> str:
    """ "These differ: [1] (Translation rates, 2025) and [3], [4] (Notes on translating, 2021)." """
    return f"These differ: {' and '.join(_side(side) for side in sides)}."


def _side(side: Sequence[Citation]) -> str:
    """The quotes of one side, those of one article behind each other."""
    by_article: dict[str, list[Citation]] = {}
    for citation in side:
        by_article.setdefault(citation.source, []).append(citation)
    return ", ".join(f"{', '.join(f'[{c.number}]' for c in own)} ({_whose(own[0])})" for own in by_article.values())


def _whose(citation: Citation) -> str:
    title = " ".join(citation.title.split())
    return f"{title}, {citation.date[:4]}" if citation.date else f"{title}, undated"


def _not_quoted(answer: Answer, question: Question, found: Found) -> list[tuple[Claim, Quote]]:
    """Units near the question that the answer does not quote, the closest first.

    Of the hits behind the first ones only those that deny what a quote says of something the question names: that a degree is
    needed, for instance.
    """
    asked = frozenset(terms(question.core))
    named = roles_of(question.core)
    said = [stand for citation in answer.citations for stand in _stands(citation.quote)]
    taken = [(c.source, c.start, c.end) for c in answer.citations]
    near: list[tuple[float, Claim, Quote]] = []
    far: list[tuple[float, Claim, Quote]] = []
    for number, (hit, cosines) in enumerate(zip(found.hits, found.unit_cosines, strict=False)):
        passage = hit.passage
        for at, unit in enumerate(passage.units):
            inside = any(source == passage.source and unit.start < end and start < unit.end for source, start, end in taken)
            if unit.no_answer or inside or cosines[at] < LEAST_COSINE:
                continue
            text = unit_text(hit, unit)
            claim = Claim(text, passage.title, passage.heading, passage.source, passage.date)
            if not _may_be_of(named, claim):
                continue
            if hit.rank > MOST_HITS and not _opposed(_stands(text), said, asked):
                continue
            (near if hit.rank <= MOST_HITS else far).append((float(cosines[at]), claim, Quote(number, (at,), 0)))
    nearest = [sorted(each, key=lambda one: -one[0])[:MOST_COMPARED] for each in (near, far)]
    return [(claim, quote) for each in nearest for _, claim, quote in each]


def _may_be_of(named: Set[str], claim: Claim) -> bool:
    """Whether a claim may be about the occupations that the question names."""
    roles = roles_of(claim.text, claim.title, claim.heading) if named else ()
    return not roles or akin(roles, named)


def _stands(text: str) -> list[Stand]:
    """The plain stands a text takes: what is needed, what is advised."""
    return [stand for sentence in sentences(text) for stand in stands(sentence) if stand.kind in ("need", "advice")]


def _opposed(some: Sequence[Stand], others: Sequence[Stand], asked: frozenset[str]) -> bool:
    return any(a.kind == b.kind and a.sign != b.sign and a.of & b.of & asked for a in some for b in others)


def _bears_on(pair: Disagreement, question: Question) -> bool:
    """Whether what the two differ on is what was asked about."""
    return not pair.about or bool(set(pair.about.split()) & set(terms(question.core)))


# --- figures --------------------------------------------------------------------------------


def _figure_notes(answer: Answer, question: Question, found: Found, today: date | None) -> tuple[str, ...]:
    """One line for each quote with an amount: whose, currency, period, level, region, year, and what of it is not stated."""
    notes: dict[str, list[int]] = {}
    for citation in answer.citations:
        passage = next((hit.passage for hit in found.hits if hit.rank == citation.hit_rank), None)
        line, amount = _asked_amount(citation, found)
        if amount is None or passage is None:
            continue
        said = describe(
            amount,
            line,
            heading=(*citation.heading, citation.lead),
            title=citation.title,
            article_date=citation.date,
            region=passage.region,
            roles=passage.roles,
            today=today,
        )
        notes.setdefault(said.line(), []).append(citation.number)
    lines = [f"{', '.join(f'[{number}]' for number in numbers)} {line}" for line, numbers in notes.items()]
    return tuple(lines[:MOST_FIGURES])


def _asked_amount(citation: Citation, found: Found) -> tuple[str, Figure | None]:
    """The sentence, row or item of the quote that states an amount and holds most of the question's words, and its amount.

    Of several amounts in it the one whose words beside it are most asked for; the first among equals.
    """
    about_money = bool(MONEY_WORDS.search(" ".join((citation.title, *citation.heading, citation.lead))))
    told = [citation.quote[a:b] for a, b in split_sentences(citation.quote)]
    rated = []
    for place, line in enumerate(told):
        for amount in (f for f in figures(line, about_money=about_money) if f.kind == "amount"):
            rated.append((coverage(line, found.rarity), coverage(beside(amount, line), found.rarity), -place, line, amount))
    if not rated:
        return "", None
    *_, line, amount = max(rated, key=lambda each: each[:3])
    return line, amount
