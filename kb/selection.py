"""Which of the likely units are quoted together: within a budget of words, lists whole, what leans with what it leans on."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from functools import cache

from kb.choice import Candidate, candidates, coverage, is_of_one, lead_text, occupations_above, occupations_of, stems, unit_text
from kb.disagree import roles_of
from kb.disagree.sides import announces_sides, side_of
from kb.disagree.stands import asks_need
from kb.lexical import analyse
from kb.passages import breaks_off, is_lead_in, word_count
from kb.question import Question
from kb.question.lexicon import VERBS
from kb.question.roles import roles_in
from kb.quotes import Quote, head_of, join
from kb.retrieval import Found
from kb.settings import Settings
from kb.stretch import CURT_WORDS, Place, begins, ends, heard_out, is_bare, is_broken_off, is_question, leans, unit_at

HEADING_COVERS = 0.75  # share of the question's words, weighed by rarity, that a heading holds when its section is asked for
STRAYS = 2.0  # log-odds behind the best from which on a unit elsewhere must hold a word of what is asked
HEADED = 0.66  # share of a long list's items that must have a head for the heads to stand for them
ROWS_FOR_ALL = 0.5  # share of a short table's rows that are quoted from which on all are
SECTION_PARTS = 3  # parts of a section that make it a list

_ORDINAL = re.compile(
    r"(?:first|second|third|fourth|fifth|sixth|last|final)(?:ly)?(?:,| of all\b| comes?\b| is\b| you\b| step\b)", re.IGNORECASE
)
_NUMBERED = re.compile(r"(?:step\s*)?\d{1,2}\s*[.:)–-]", re.IGNORECASE)


def section_asked_for(question: Question, found: Found) -> tuple[int, ...]:
    """The hits, in reading order, under a heading that holds the question's words, where a list or steps are asked for.

    "How do I stand out?" is answered by the parts of "How to stand out": their own headings are the list. () unless three or more
    parts of the section were found.
    """
    if not is_listed(question):
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


def parts_of(section: Sequence[int], question: Question, found: Found, settings: Settings) -> list[Quote]:
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

    Where a list is asked for, the first one may take settings.answer_list_words beyond what stands already. Stops early once the
    chosen ones hold settings.answer_mass of the probability.
    """
    by_place = {(c.hit, c.at): c for c in likeliest}
    chosen: dict[Place, Candidate] = {}
    words, mass, whole_lists = 0, 0.0, 0
    focus = focus_of(found, question)
    occupations = occupations_of(question, found)
    both_sides: set[str] = set()  # articles of which both sides are quoted
    for c in likeliest:
        if chosen and (mass >= settings.answer_mass or c.probability < settings.answer_least):
            break
        mass += c.probability
        if chosen and (_strays(found, c, likeliest[0], focus) or _is_of_another(found, c, likeliest[0], occupations)):
            continue
        if (c.hit, c.at) in chosen or any(says_no_more(c.text, other.text) for other in chosen.values()):
            continue
        sided = _two_sided(found, question, c, settings.answer_list_words)
        if sided and found.hits[c.hit].passage.source in both_sides:
            continue
        wanted = sided or _needed(found, question, c, list(chosen), settings)
        added = [by_place.get(place) or unit_at(found, place) for place in wanted if place not in chosen]
        if not sided and sum(each.words for each in added) > settings.answer_list_words:
            added = [_briefly(each) for each in added]
        if not added:
            continue
        length = sum(each.words for each in added)
        is_list = (is_listed(question) or bool(sided)) and len(added) > 1 and all(each.unit.kind != "sentence" for each in added)
        room = settings.answer_list_words + (0 if whole_lists else words) if is_list else budget
        if chosen and words + length > room:
            added, length = [c], c.words
            if words + length > budget or leans(c) or is_lead_in(c.text) or is_bare(c) or is_broken_off(found, c):
                continue
        whole_lists += is_list
        for place, other in list(chosen.items()):  # what the longer one says as well
            if other.unit.kind == "sentence" and any(says_no_more(other.text, each.text) for each in added):
                words -= chosen.pop(place).words
        chosen |= {(each.hit, each.at): each for each in added}
        words += length
        both_sides |= {found.hits[c.hit].passage.source} if sided and len(added) > 1 else set()
    chosen |= {(each.hit, each.at): each for each in _missing_rows(found, list(chosen), settings)}
    return list(chosen.values())


def _missing_rows(found: Found, chosen: Sequence[Place], settings: Settings) -> list[Candidate]:
    """The rows that are not quoted of short tables of which half the rows are: two of the four letters of STAR tell nobody."""
    missing = []
    for hit in dict.fromkeys(hit for hit, _ in chosen):
        units = found.hits[hit].passage.units
        for start in {units[at].lead_start for one, at in chosen if one == hit and units[at].kind == "table_row"}:
            rows = [(hit, at) for at, unit in enumerate(units) if unit.kind == "table_row" and unit.lead_start == start]
            quoted = [place for place in rows if place in chosen]
            candidates = [unit_at(found, place) for place in rows]
            if 2 <= len(quoted) >= len(rows) * ROWS_FOR_ALL and sum(c.words for c in candidates) <= settings.answer_list_words:
                missing += [c for c, place in zip(candidates, rows, strict=True) if place not in chosen]
    return missing


def is_listed(question: Question) -> bool:
    """Whether a list or steps are asked for."""
    return question.wants in ("items", "steps") or question.kind == "list"


def _needed(found: Found, question: Question, c: Candidate, chosen: Sequence[Place], settings: Settings) -> list[Place]:
    """Places of the units that are quoted when c is: itself, what it leads in or leans on, the rest of a list that is asked for.

    A lead-in with nothing behind it in its passage needs nothing: it is not quoted.
    """
    units = found.hits[c.hit].passage.units
    if _leads(found, c.hit, c.at):
        return _led_in(found, c.hit, c.at, settings)  # the lead-in is shown above what it leads in
    listed = is_listed(question)
    group = [(c.hit, at) for at in range(len(units)) if _same_list(found, c, at, listed)]
    if listed and c.unit.kind == "sentence" and len(group) < 2:
        group = _counted_off(found, c)
    if len(group) > 1 and (listed or any(place in chosen for place in group)):
        whole = _with_the_rest(found, c, group) if listed else group
        return _window(found, (c.hit, c.at), whole, settings.answer_list_words)
    if c.unit.kind != "sentence":
        return [(c.hit, c.at)]
    first = begins(found, c)
    last = ends(found, c, settings.answer_list_sentences if listed else 0)
    first, last = heard_out(found, c.hit, first, last)
    if first == last and is_bare(c) and (c.words <= CURT_WORDS or is_question(found, c.hit, c.at)):
        return []
    around = (c.at, *range(first, c.at), *range(c.at + 1, last + 1))
    leads = [at for at in around if _leads(found, c.hit, at)]
    return [(c.hit, at) for at in around if at not in leads] + [p for at in leads for p in _led_in(found, c.hit, at, settings)]


def _two_sided(found: Found, question: Question, c: Candidate, most: int) -> list[Place]:
    """The items or rows with c, if they take both sides: "For: ..." and "Against: ...", needed and not needed, or what their
    lead-in says the sources disagree about; else nothing.

    All of them, or where these have more than most words, c and one that takes the other side; where no side can be told of one
    by itself, as many as go.
    """
    if c.unit.kind == "sentence" or c.unit.lead_start < 0:
        return []
    units = found.hits[c.hit].passage.units
    same = [(c.hit, at) for at, unit in enumerate(units) if unit.lead_start == c.unit.lead_start and not unit.no_answer]
    same = _with_the_rest(found, c, same)
    texts = {place: unit_text(found.hits[place[0]], found.hits[place[0]].passage.units[place[1]]) for place in same}
    needed = asks_need(question.core)
    sides = {place: side_of(text, needed) for place, text in texts.items()}
    told = {1, -1} <= set(sides.values())
    if not told and (len(same) < 2 or not announces_sides(lead_text(found.hits[c.hit], c.unit))):
        return []
    if not told:
        return _window(found, (c.hit, c.at), same, most)
    if sum(map(word_count, texts.values())) <= most:
        return same
    other = next(place for place in same if sides[place] == -(sides[c.hit, c.at] or 1))
    return sorted({(c.hit, c.at), other}, key=same.index)


def _strays(found: Found, c: Candidate, best: Candidate, focus: Mapping[str, float]) -> bool:
    """Whether a unit is clearly less likely than the best one, stands elsewhere and holds nothing of what is asked: of another
    article in its own words, of another section of the same one with its headings."""
    own, first = found.hits[c.hit].passage, found.hits[best.hit].passage
    if c.log_odds >= best.log_odds - STRAYS or (own.source, own.heading) == (first.source, first.heading):
        return False
    return not coverage(c.text if own.source != first.source else " ".join((*own.heading, c.text)), focus)


def _is_of_another(found: Found, c: Candidate, best: Candidate, asked: Set[str]) -> bool:
    """Whether a unit is about another occupation than those asked about, and the best one is not."""
    own, first = (occupations_above(found.hits[each.hit].passage) for each in (c, best))
    if not asked or not own or is_of_one(own, asked) or not is_of_one(first, asked):
        return False
    return not is_of_one(roles_of(c.text), asked)


def roles_asked(question: Question) -> frozenset[str]:
    """The terms of the occupations that a question names."""
    return stems(" ".join(question.core[start:end] for start, end in roles_in(question.core)))


def focus_of(found: Found, question: Question) -> dict[str, float]:
    """What is asked beside the occupations: term -> rarity, without plain verbs; all terms where nothing else is left."""
    plain = roles_asked(question) | plain_verbs()
    return {term: rarity for term, rarity in found.rarity.items() if term not in plain} or found.rarity


@cache
def plain_verbs() -> frozenset[str]:
    return frozenset(analyse(" ".join(sorted(VERBS))))


def _counted_off(found: Found, c: Candidate) -> list[Place]:
    """The sentences from "First ..." to the last that counts on, if c is one of them or among them."""
    units = found.hits[c.hit].passage.units
    sentences = [at for at, unit in enumerate(units) if unit.kind == "sentence" and not unit.no_answer]
    marks = [at for at in sentences if _ORDINAL.match(unit_text(found.hits[c.hit], units[at]))]
    if len(marks) < 2 or not marks[0] <= c.at <= marks[-1]:
        return []
    return [(c.hit, at) for at in sentences if marks[0] <= at <= marks[-1]]


def _leads(found: Found, hit: int, at: int) -> bool:
    """Whether a unit only leads in what should follow: it ends with a colon, or in mid-sentence before its list."""
    units = found.hits[hit].passage.units
    text = unit_text(found.hits[hit], units[at])
    return is_lead_in(text) or (breaks_off(text) and any(unit.lead_start == units[at].start for unit in units[at + 1 :]))


def _led_in(found: Found, hit: int, at: int, settings: Settings) -> list[Place]:
    """What a lead-in leads in."""
    units = found.hits[hit].passage.units
    led = [(hit, n) for n in range(at + 1, len(units)) if units[n].lead_start == units[at].start]
    others = _elsewhere(found, hit, units[at].start) if led else []
    return _window(found, led[0], led + others, settings.answer_list_words) if led else []


def _with_the_rest(found: Found, c: Candidate, group: list[Place]) -> list[Place]:
    """The list with its parts in other passages, in reading order."""
    others = _elsewhere(found, c.hit, c.unit.lead_start) if c.unit.lead_start >= 0 and c.unit.kind == "item" else []
    return sorted(group + others, key=lambda place: found.hits[place[0]].passage.units[place[1]].start)


def _elsewhere(found: Found, hit: int, lead_start: int) -> list[Place]:
    """Items under the same lead-in in other passages of the article."""
    source = found.hits[hit].passage.source
    rest = [(n, each.passage) for n, each in enumerate(found.hits) if n != hit and each.passage.source == source]
    places = [(n, at) for n, passage in rest for at, unit in enumerate(passage.units) if unit.lead_start == lead_start]
    return sorted(
        (place for place in places if not found.hits[place[0]].passage.units[place[1]].no_answer),
        key=lambda place: found.hits[place[0]].passage.units[place[1]].start,
    )


def _briefly(c: Candidate) -> Candidate:
    head = head_of(c.text) if c.unit.kind == "item" else ""
    return replace(c, brief=True, words=word_count(head)) if head else c


def _same_list(found: Found, c: Candidate, at: int, listed: bool) -> bool:
    unit = found.hits[c.hit].passage.units[at]
    if c.unit.kind == "item" or (listed and c.unit.kind == "table_row"):
        return unit.kind == c.unit.kind and unit.lead_start == c.unit.lead_start and not unit.no_answer
    return bool(_NUMBERED.match(c.text) and _NUMBERED.match(unit_text(found.hits[c.hit], unit)))


def _window(found: Found, place: Place, group: list[Place], most: int) -> list[Place]:
    """The list's places from its start, or those around place when it (or, shown by heads, those) has more than most words."""
    texts = {p: unit_text(found.hits[p[0]], found.hits[p[0]].passage.units[p[1]]) for p in group}
    lengths = {p: word_count(text) for p, text in texts.items()}
    heads = [head_of(text) for text in texts.values()]
    if sum(lengths.values()) > most and sum(map(bool, heads)) >= HEADED * len(group):
        lengths = {p: word_count(head or texts[p]) for p, head in zip(texts, heads, strict=True)}
    while sum(lengths[p] for p in group) > most and len(group) > 1:
        near_end = group.index(place) > len(group) - 1 - group.index(place)
        group = group[1:] if near_end and group[0] != place else group[:-1]
    return group


def says_no_more(one: str, other: str) -> bool:
    """Whether the other says what one does: three quarters of one's words stand in it, and every number."""
    a, b = stems(one), stems(other)
    return len(a & b) > 0.75 * len(a) and not any(term[0].isdigit() for term in a - b)
