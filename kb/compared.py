"""Two things side by side, and a question in parts: what each side or part has, and which of them the base does not hold."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass, replace
from math import log

from kb.choice import Candidate, candidates, fits, lead_text, preferred, weighed
from kb.confidence import confidence, evidence
from kb.disagree import roles_of, same_role
from kb.lexical import analyse
from kb.passages import is_lead_in, sentences
from kb.question import MEASURES, Question, content_terms
from kb.question.lexicon import ATTRIBUTES, COMMON_ABBREVIATIONS, VERBS, words
from kb.quotes import Quote, cite, holds, join, one_line, shown, write
from kb.records import Citation
from kb.retrieval import Found, Subquestion
from kb.selection import select
from kb.settings import Settings
from kb.stretch import Place
from kb.subquestions import facet, names

NOT_HELD = "Not in the knowledge base: {what}."
QUOTED_ABOVE = "As quoted above: {marks}."
NO_CELL = "not in the knowledge base"
SIDE_MASS = 0.9  # probability that a side's quotes hold what was asked for, above which no more are added
MATCHED = 20.0  # how much a heading that the other sides have counts: log-odds log(1 + this x its probability there)
MOST_OF_BOTH = 2  # quotes that name all sides
OF_BOTH = 0.1  # probability from which on a quote that names all sides stands above them
LONGEST_MISSED = 15  # words of a part that is said to be missing
LONGEST_CELL = 45  # words of a quote in a cell; with a longer one, a list or a table, the sides stand one below the other


_QUESTION = re.compile(
    r"(?:and |but |or |also |then )*(?:(?:in|at|for|to|from|by|with|since) )?(?:who|whom|whose|what|which|when|where|why|how"
    r"|is|are|was|were|do|does|did|can|could|should|would|will|may|must|has|have|any|the|my|an?)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Compared:
    """Text and citations of an answer in several parts. missing: the sides or parts that the base does not hold, as asked.

    certain: how probable it is that the base answers the part it answers best; 0.0 where that was not looked at.
    """

    text: str
    citations: tuple[Citation, ...]
    missing: tuple[str, ...] = ()
    certain: float = 0.0


@dataclass(frozen=True, slots=True)
class _Side:
    name: str
    found: Found
    quotes: list[Quote]


def side_by_side(question: Question, found: Found, likeliest: Sequence[Candidate], settings: Settings) -> Compared:
    """What names all sides, then each side's own quotes: as a table by heading where they are short, else one below the other."""
    of_both = [c for c in likeliest if all(names(side, c.text) for side in question.sides) and not is_lead_in(c.text)]
    both = select(found, question, of_both[:MOST_OF_BOTH], settings.answer_words // 2, settings) if _is_likely(of_both) else []
    text, citations = write(found, join(found, both), 0)
    budget = settings.answer_words - sum(c.words for c in both)
    taken = {(c.hit, c.at) for c in both}
    each = _sides(question, found, likeliest, taken, budget // len(question.sides), replace(settings, answer_mass=SIDE_MASS))
    sides = [_Side(name, found, quotes) for name, quotes in zip(question.sides, each, strict=True)]
    missing = tuple(side.name for side in sides if not side.quotes)
    if both and len(missing) == len(sides):
        return Compared(text, citations)
    if all(side.quotes == sides[0].quotes != [] for side in sides):  # what speaks of all sides at once
        part, more = write(found, sides[0].quotes, len(citations), (), {c.source for c in citations})
        return Compared("\n\n".join(filter(None, (text, part))), citations + more)
    if both:  # what names all sides speaks of this one too, though nothing else does
        sides = [side for side in sides if side.quotes]
    part, more = (_table if _is_short(sides) else _stacked)(sides, citations)
    told = "" if not both else text + "\n\n"
    return Compared(told + part, citations + more, () if both else missing)


def _is_likely(listed: Sequence[Candidate]) -> bool:
    return bool(listed) and listed[0].probability >= OF_BOTH


def _sides(
    question: Question, found: Found, likeliest: Sequence[Candidate], taken: Set[Place], budget: int, settings: Settings
) -> list[list[Quote]]:
    """The quotes of each side, preferably under headings that the other sides have as well. taken: quoted already."""
    owned = [_own(question, found, likeliest, n, taken) for n in range(len(question.sides))]
    shares: list[dict[frozenset[str], float]] = []
    for own in owned:
        share: dict[frozenset[str], float] = {}
        for c in own:
            key = facet(found.hits[c.hit].passage, question.sides)
            share[key] = share.get(key, 0.0) + c.probability
        shares.append(share)
    sides = []
    for n, own in enumerate(owned):
        others = [share for m, share in enumerate(shares) if m != n]
        ranked = []
        for c in own:
            key = facet(found.hits[c.hit].passage, question.sides)
            both = min(share.get(key, 0.0) for share in others) if key else 0.0
            ranked.append(replace(c, log_odds=c.log_odds + log(1 + MATCHED * both)))
        ranked = weighed(sorted(ranked, key=lambda c: (-c.log_odds, c.hit, c.at)))
        chosen = select(found, question, ranked, budget, settings) if ranked else []
        sides.append(join(found, [c for c in chosen if (c.hit, c.at) not in taken]))
    return sides


def _own(question: Question, found: Found, likeliest: Sequence[Candidate], number: int, taken: Set[Place]) -> list[Candidate]:
    """What may be quoted for one side: what names it, by what is found for the whole question and for the side.

    Where an amount or another measure is asked for, only what holds one, if anything does.
    """
    side, wants = question.sides[number], question.wants
    lists = [[c for c in likeliest if _speaks_of(found, c, side)]]
    if number < len(found.subquestions):
        asked, of = found.subquestions[number].question, found.subquestions[number].found
        wants = wants if wants in MEASURES else asked.wants
        alone = placed(of, preferred(asked, of, candidates(of, asked, len(of.hits))))
        lists.append([c for c in alone if _speaks_of(found, c, side)])
    mixed: dict[Place, Candidate] = {}
    for listed in filter(None, lists):
        for c in weighed(listed):
            before = mixed[c.hit, c.at].probability if (c.hit, c.at) in mixed else 0.0
            mixed[c.hit, c.at] = replace(c, probability=before + c.probability)
    own = [replace(c, log_odds=log(c.probability)) for place, c in mixed.items() if place not in taken and c.probability > 0]
    fitting = [c for c in own if wants in MEASURES and fits(wants, c.text) > 0]
    own = sorted(fitting or own, key=lambda c: (-c.log_odds, c.hit, c.at))
    return weighed(own) if own else []


def _speaks_of(found: Found, c: Candidate, side: str) -> bool:
    passage = found.hits[c.hit].passage
    above = " ".join((*passage.heading, lead_text(found.hits[c.hit], c.unit)))
    if is_of_others(side, c.text):
        return names(side, above)
    return names(side, f"{passage.title} {above} {c.text}")


def is_of_others(side: str, text: str) -> bool:
    """Whether a text names occupations, and none that may be the side's: "Research scientists earn most" is of no engineer."""
    own, named = roles_of(side), roles_of(text)
    return bool(own and named) and not any(same_role(a, b) for a in own for b in named)


def _stacked(sides: Sequence[_Side], before: Sequence[Citation]) -> tuple[str, tuple[Citation, ...]]:
    """Each side's quotes under its name."""
    parts, citations = [], tuple(before)
    for side in sides:
        text, cited = write(side.found, side.quotes, len(citations), citations, {c.source for c in citations})
        again = [cite(side.found, quote, 0) for quote in side.quotes]
        seen = [c for c in citations if any(holds(c, o) or (c.source, c.start) == (o.source, o.start) for o in again)]
        see = [f"[{c.number}]" for c in seen]
        above = QUOTED_ABOVE.format(marks=" ".join(see)) if see else NOT_HELD.format(what=side.name)
        parts.append(f"**{_capital(side.name)}**\n\n{text or above}")
        citations += cited
    return "\n\n".join(parts), citations[len(before) :]


def _is_short(sides: Sequence[_Side]) -> bool:
    kinds = {side.found.hits[q.hit].passage.units[at].kind for side in sides for q in side.quotes for at in q.units}
    return kinds == {"sentence"} and all(
        len(shown(side.found, quote).split()) <= LONGEST_CELL for side in sides for quote in side.quotes
    )


def _table(sides: Sequence[_Side], before: Sequence[Citation]) -> tuple[str, tuple[Citation, ...]]:
    """A row for each heading that quotes stand under, a column for each side, the articles in the last row.

    Headings that say the same of another side ("Pay of nurses", "Pay of bakers") share a row, named by the first.
    """
    labels: dict[frozenset[str], str] = {}
    cells: dict[tuple[frozenset[str], str], list[str]] = {}
    sources: dict[str, dict[str, None]] = {side.name: {} for side in sides}
    citations = list(before)
    names_of = [side.name for side in sides]
    for side in sides:
        for quote in sorted(side.quotes, key=lambda quote: quote.rank):
            hit = side.found.hits[quote.hit]
            citation = cite(side.found, quote, len(citations) + 1)
            same = [c for c in citations if (c.source, c.start, c.end) == (citation.source, citation.start, citation.end)]
            citations += [] if same else [citation]
            key = facet(hit.passage, names_of)
            labels.setdefault(key, one_line(hit.passage.heading[-1]) if key else "")
            cells.setdefault((key, side.name), []).append(
                f"[{same[0].number}]" if same else _cell(f"{shown(side.found, quote)} [{citation.number}]")
            )
            year = f" ({hit.passage.date[:4]})" if hit.passage.date else ""
            sources[side.name][_cell(f"{one_line(hit.passage.title)}{year}")] = None
    if not cells:
        return "\n\n".join(NOT_HELD.format(what=side.name) for side in sides), ()
    lines = [["", *(_cell(_capital(side.name)) for side in sides)], ["---"] * (len(sides) + 1)]
    for key, label in labels.items():
        lines.append([_cell(label), *(" ".join(cells.get((key, side.name), [_gap(sources, side)])) for side in sides)])
    lines.append(["Source", *("; ".join(sources[side.name]) or NO_CELL for side in sides)])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines), tuple(citations[len(before) :])


def _gap(sources: dict[str, dict[str, None]], side: _Side) -> str:
    return "–" if sources[side.name] else NO_CELL


def _cell(text: str) -> str:
    return one_line(text).replace("|", "\\|")


def _capital(text: str) -> str:
    """With a capital, and an abbreviation in capitals, however it was typed.

    >>> _capital("ml engineer")
    'ML engineer'
    """
    first, *rest = text.split(" ")
    return " ".join([first.upper() if first in COMMON_ABBREVIATIONS else first[:1].upper() + first[1:], *rest])


def in_parts(question: Question, found: Found, settings: Settings, article_text: Callable[[str], str]) -> Compared | None:
    """Each part of a question from what was found for it, and the names of the parts that the base does not hold.

    None when it holds none of them, and for a question that is not in parts.
    """
    if question.sides or not question.parts or not found.subquestions:
        return None
    held: list[tuple[Question, list[Candidate]]] = []
    missing = []
    certain = 0.0
    for named, sub in zip(question.parts, found.subquestions, strict=True):
        others = [part for part in question.parts if part != named]
        likeliest = candidates(sub.found, sub.question, settings.answer_hits)
        probable = _holds(sub, named, others, likeliest, article_text) if likeliest else 0.0
        if probable < settings.answer_threshold:
            missing += [named] if _is_said_plainly(named) else []
        else:
            held.append((sub.question, preferred(sub.question, found, placed(sub.found, likeliest))))
            certain = max(certain, probable)
    if not held:
        return None
    chosen: dict[Place, Candidate] = {}
    for asked, likeliest in held:
        fresh = weighed([c for c in likeliest if (c.hit, c.at) not in chosen])
        each = select(found, asked, fresh, settings.answer_words // len(held), replace(settings, answer_mass=SIDE_MASS))
        chosen |= {(c.hit, c.at): c for c in each}
    text, citations = write(found, join(found, chosen.values()), 0)
    absent = [NOT_HELD.format(what=part if part[:2].isupper() else part[:1].lower() + part[1:]) for part in missing]
    return Compared("\n\n".join(filter(None, (text, *absent))), citations, tuple(missing), certain)


def _holds(
    sub: Subquestion, named: str, others: Sequence[str], likeliest: Sequence[Candidate], article_text: Callable[[str], str]
) -> float:
    """How probable it is that the base answers a part; 0.0 when most words of its own stand nowhere in the article.

    Words that are asked about any occupation (pay, training, ...) need not stand: articles put them in other words. Those that
    have no other words (hours, pension, exams, ...) must.
    """
    probable = confidence(evidence(sub.found, sub.question, likeliest, article_text))
    known = {term for part in others for term in content_terms(part)}
    own = [term for term in content_terms(named) if term not in known]
    plain = [term for term in own if term in _PLAIN]
    wanted = plain or [term for term in own if term not in ATTRIBUTES and term not in VERBS]
    stands = set(analyse(article_text(sub.found.hits[likeliest[0].hit].passage.source))) if wanted else set()
    standing = sum(any(stem in stands for stem in analyse(term)) for term in wanted)
    return probable if 2 * standing > len(wanted) or not wanted else 0.0


def _is_said_plainly(named: str) -> bool:
    """Whether a part is one short question: what is missing of a story or of "give me everything" is not for us to say."""
    return len(named.split()) <= LONGEST_MISSED and len(sentences(named)) == 1 and bool(_QUESTION.match(named))


_PLAIN = words("hours hour shifts shift overtime holidays holiday vacation pension exam exams test tests age portfolio interview")


def placed(found: Found, listed: Sequence[Candidate]) -> list[Candidate]:
    """Candidates of a question within the question, in their places among the hits of the whole."""
    return [replace(c, hit=found.hits[c.hit].rank - 1) for c in listed]
