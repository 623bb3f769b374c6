"""Which quotable units answer a question: every unit of the first hits gets log-odds of being the one.

The model is conditional logistic regression (McFadden 1974) over plain features, fitted on labelled questions over several
bases of articles, each base judged by a model fitted on the others (docs/quality.md, "Choosing what to quote").
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from math import exp

import numpy as np

from kb.disagree import roles_of, same_role
from kb.lexical import analyse, terms
from kb.passages import word_count
from kb.question import Question
from kb.question.roles import blanked, come_from, roles_in, singular
from kb.records import Hit, Passage, Unit
from kb.retrieval import Found

# Log-odds per unit of each feature.
MEANING = 7.1  # cosine of the question with the unit
ITSELF = 4.2  # cosine of the question with what the unit says by itself (kb.static_vectors)
ASPECT = 4.0  # cosine of what is asked about the question's names (kb.confidence) with the unit
PASSAGE = 0.45  # log-odds of the unit's passage against the best passage
SAID = 6.7  # share of the question's words, weighed by rarity, that unit, lead, headings and title say (kb.nearest_words)
STANDING = 1.6  # where nearness of words is not known: share of the terms that stand in the unit or its lead
HEADED = 2.7  # the same, in the unit, its lead, headings and title
KIND = 0.78  # the unit holds the kind of thing asked for (+1), or lacks it (-1)
ELSEWHERE = -1.86  # the innermost heading that names an occupation names none of those asked about, or no heading names any
NEAR_NAME = ELSEWHERE  # once more among quotes: that heading names an occupation that shares a word with one asked about
OPENS = 1.82  # the unit, no table row, opens its section: times how far the section's heading is the question (`_heads`)
DEFINES = 3.04  # of a question for a meaning: the unit begins with what is to be explained, or opens its section and speaks of it
OTHER_NAMES = -4.9  # "Also called: ..." names what was asked about and says nothing of it; fitted as the others

WARNS = OTHER_NAMES  # of a question for what to do: the unit's heading or lead-in says what not to do; as far behind

LONGEST_TERM = 3  # words of a question that is nothing but a term
_WORD = re.compile(r"[^\W_]+")
_POSSESSIVE = re.compile(r"['’]")
_OTHER_NAMES = re.compile(r"\b(?:also (?:called|known as)|(?:alternative|other) (?:job )?(?:titles|names))\b", re.I)
_ASKS_NAMES = re.compile(r"\b(?:called|titles?|names?|known as|term|synonyms?)\b", re.I)
_ASKS_TO_DO = re.compile(
    r"\b(?:(?:what|which|who|where|when|how)\b.*\b(?:should|ought|must|supposed to)|how to|what to|tips|advice|"
    r"how (?:do|can|could) (?:i|you|we|one|somebody)|what do i)\b",
    re.I,
)  # "Should I put a photo on it?" may well be answered by what to leave out
_NOT_TO_DO = re.compile(
    r"\b(?:avoid\w*|omit\w*|leav\w+ (?:\w+ ){0,4}out|(?:do|should|must) (?:\w+ )?not|(?:do|should|must)n['’]t|not to|skip|"
    r"mistakes|pitfalls)\b",
    re.I,
)

_UNIT_OF_MONEY = (
    r"k\b|%|per cent|percent|euros?\b|pounds?\b|dollars?\b|pence\b|cents?\b|rupees?\b|francs?\b|crowns?\b|kron\w+|"
    r"thousand|million|lakhs?\b|crores?\b|"
    r"(?:an?|per) (?:hour|day|night|shift|week|month|year|mile|word|page|lesson|session|head|match|game)\b"
)
_CURRENCY = r"(?:usd|gbp|eur|chf|cad|aud|nzd|inr|sgd|hkd|jpy|cny|sek|nok|dkk|pln|czk|zar|brl|mxn|aed|ngn|kes|rs\.?|kr\.?)"
_AMOUNT = re.compile(
    rf"[$£€¥₹]\s?\d|\b(?:lakh|crore)s?\b|\b{_CURRENCY}\s?\d|\b\d[\d,.']*\s?(?:{_CURRENCY}\b|{_UNIT_OF_MONEY})|"
    r"\b\d{1,3}(?:[,.' ]\d{3})+\b",
    re.I,
)
_NUMBER = re.compile(
    r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen|"
    r"(?:twen|thir|for|fif|six|seven|eigh|nine)ty|half|third|quarter|dozen|hundred)\b",
    re.I,
)
_TIME = re.compile(r"\b(?:year|month|week|day|hour|minute|night|term|semester)s?\b", re.I)
_A_WHILE = re.compile(r"\b(?:takes?|took|lasts?|within|several|few|couple of) (?:\w+ ){0,2}(?:years|months|weeks|days)\b", re.I)
_DATE = re.compile(
    r"\b(?:19|20)\d\d\b|\b(?:january|february|march|april|may|june|july|august|september|october|november|december)\b|"
    r"\b(?:spring|summer|autumn|winter|christmas|easter|midnight|noon|(?:mon|tues|wednes|thurs|fri|satur|sun)days?)\b|"
    r"\b\d+ ?[ap]\.?m\b",
    re.I,
)
_REASON = re.compile(r"\b(?:because|since|so that|reasons?|due to|as a result|therefore|that is why)\b", re.I)
_VERDICT = re.compile(r"\b(?:not|no|yes|need|needs|required|must|never|always|can|only|optional|enough|\w+n't)\b", re.I)
_NAME = re.compile(r"(?<=[a-z,;:(] )[A-Z]\w+")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A unit that could answer. hit: its hit's number from 0; at: its number in the passage.

    log_odds: against the other candidates; probability: of being the unit sought, if one of the candidates is.
    brief: only its head is shown ("Communication" of "Communication: the ability to ..."), words counts that.
    """

    hit: int
    at: int
    unit: Unit
    text: str
    words: int
    log_odds: float
    probability: float = 0.0
    brief: bool = False


def candidates(found: Found, question: Question, hits: int) -> list[Candidate]:
    """Every quotable unit of the first hits, the likeliest first; their probabilities sum to 1."""
    scored = []
    spans = () if question.sides else roles_in(question.core)  # of a comparison each side has its own
    named = stems(" ".join(question.core[start:end] for start, end in spans))
    occupations = occupations_of(question, found)
    explained, asked = to_explain(question), frozenset(terms(question.text))
    for number, hit in enumerate(found.hits[:hits]):
        heads = stems(" ".join((hit.passage.title, *hit.passage.heading)))
        above = occupations_above(hit.passage)
        elsewhere = bool(occupations) and not is_of_one(above, occupations)
        opening, headed = opening_at(found, number), _heads(hit.passage, found.rarity, asked)
        said = _said(found, number, heads, named)
        for at, unit in enumerate(hit.passage.units):
            if unit.no_answer:
                continue
            text = unit_text(hit, unit)
            odds = (
                MEANING * float(found.unit_cosines[number][at])
                + ITSELF * float(found.static_cosines[number][at])
                + ASPECT * float(found.aspect_cosines[number][at])
                + PASSAGE * (hit.score - found.hits[0].score)
                + said[at]
                + KIND * fits(question.wants, text)
                + ELSEWHERE * elsewhere
                + OPENS * headed * (at == opening and not (elsewhere and above))
                + DEFINES * (begins_with(explained, text) or (at == opening and headed == 1 and speaks_of(explained, text)))
            )
            scored.append(Candidate(number, at, unit, text, word_count(text), odds))
    return weighed(sorted(scored, key=lambda c: (-c.log_odds, c.hit, c.at)))


def _said(found: Found, number: int, heads: frozenset[str], named: frozenset[str]) -> list[float]:
    """For each unit of a hit its log-odds by how much of the question it says. heads: terms of title and headings above it.

    named: terms of the occupation asked about, which its other names say as well.
    """
    hit, others = found.hits[number], found.other_names if named else ()
    if found.asked is not None:
        near = found.said[number]
        if others:
            near = near.copy()
            saying = [_says(others, stands | heads) for stands in _standing(hit)]
            near[np.ix_(saying, [term in named for term in found.asked.terms])] = 1
        said: list[float] = (SAID * near @ found.asked.weights).tolist()
        return said
    odds = []
    for stands in _standing(hit):
        own, both = (some | named if _says(others, some) else some for some in (stands, stands | heads))
        odds.append(STANDING * _held(own, found.rarity) + HEADED * _held(both, found.rarity))
    return odds


def _standing(hit: Hit) -> list[frozenset[str]]:
    """The terms that stand in each unit of a hit or in its lead."""
    return [stems(f"{lead_text(hit, unit)} {unit_text(hit, unit)}") for unit in hit.passage.units]


def _says(others: Sequence[str], standing: Set[str]) -> bool:
    """Whether an other name stands among terms: "ML engineer"."""
    return any(stems(other) <= standing for other in others)


def occupations_of(question: Question, found: Found) -> frozenset[str]:
    """The occupations that a question asks about, with what else the base calls them; none of a comparison."""
    if question.sides or not (spans := roles_in(question.core)):
        return frozenset()
    return frozenset(name.lower() for name in found.other_names) | {singular(question.core[a:b].lower()) for a, b in spans}


def occupations_above(passage: Passage) -> frozenset[str]:
    """The occupations that the innermost heading names that names any, the title last; of a way from one to another the goal.

    "How long does it take to go from analyst to data scientist?" is no matter of analysts.
    """
    return next((named for heading in (*reversed(passage.heading), passage.title) if (named := _goals(heading))), frozenset())


@lru_cache(4096)
def _goals(heading: str) -> frozenset[str]:
    return roles_of(blanked(heading, come_from(heading)))


def _is_of_near_name(passage: Passage, text: str, asked: Set[str]) -> bool:
    """Whether a unit stands under another occupation that shares a word with one asked about, and names none of these itself:
    of a research engineer, where it is asked about a research scientist."""
    above = occupations_above(passage)
    if not asked or is_of_one(above, asked) or not any(set(a.split()) & set(b.split()) for a in above for b in asked):
        return False
    said = f" {' '.join(analyse(text))} "
    return not any(f" {' '.join(analyse(name))} " in said for name in asked)


def is_of_one(some: Set[str], others: Set[str]) -> bool:
    """Whether an occupation of the one may be one of the other: "engineer" and "data engineer"."""
    return any(same_role(one, other) for one in some for other in others)


def _heads(passage: Passage, rarity: Mapping[str, float], asked: Set[str]) -> float:
    """How far a section's heading is the question, in [0, 1]: the share of its terms there, by rarity, times the heading's in it.

    "What is burnout?" is headed by "What is burnout?" and not so much by "What causes burnout?".
    """
    heading = passage.heading[-1] if passage.heading else passage.title
    named = terms(heading)
    return _held(stems(heading), rarity) * sum(term in asked for term in named) / len(named) if named else 0.0


def opening_at(found: Found, number: int) -> int:
    """Which sentence or item of a hit's passage opens its section, as far as the section was found; -1 when none does."""
    passage = found.hits[number].passage
    for hit in found.hits:
        other = hit.passage
        if other.source == passage.source and other.heading == passage.heading and other.start < passage.start:
            return -1
    first = next((at for at, unit in enumerate(passage.units) if not unit.no_answer), -1)
    return -1 if first < 0 or passage.units[first].kind == "table_row" else first


def to_explain(question: Question) -> tuple[str, ...]:
    """The terms of what a question for a meaning, or one that is nothing but a term, wants explained; () for other questions.

    >>> from kb.question import analyse
    >>> to_explain(analyse("What does garden leave mean?"))
    ('garden', 'leav')
    """
    if question.wants != "meaning" and not _is_bare_term(question):
        return ()
    return tuple(term for term in terms(question.core) if term not in explaining())


def _is_bare_term(question: Question) -> bool:
    words = question.core.split()
    return question.wants == "text" and len(words) <= LONGEST_TERM and len(terms(question.core)) == len(words)


@cache
def explaining() -> frozenset[str]:
    """Stems of the words that only ask what something means."""
    return frozenset(analyse("mean meaning means meant definition define stand stands explain abbreviation acronym term word"))


def begins_with(explained: Sequence[str], text: str) -> bool:
    """Whether the first words of a text that carry meaning are those to be explained: "**Vesting** is ...".

    What belongs to it is something else: "The goldsmiths' apprenticeship ...".
    """
    if not explained or set(terms(text)[: len(explained)]) != set(explained):
        return False
    left = set(explained)
    for word in _WORD.finditer(text):
        left -= set(analyse(word.group()))
        if not left:
            return not _POSSESSIVE.match(text, word.end())
    return True


def speaks_of(explained: Sequence[str], text: str) -> bool:
    """Whether a text holds all that is to be explained."""
    return bool(explained) and stems(text) >= set(explained)


def preferred(question: Question, found: Found, likeliest: Sequence[Candidate]) -> list[Candidate]:
    """The candidates as quotes, the best first: what only lists other names comes late, unless names are asked for, and what is
    not to be done, where it is asked what is ("What should be in a portfolio?"); what is of an occupation of a like name later.

    Apart from candidates(), whose first tells whether there is an answer at all.
    """
    names = bool(_ASKS_NAMES.search(question.text))
    to_do = bool(_ASKS_TO_DO.search(question.core)) and not _NOT_TO_DO.search(question.text)
    occupations = occupations_of(question, found)

    def odds(c: Candidate) -> float:
        late = OTHER_NAMES * (not names and bool(_OTHER_NAMES.search(c.text)))
        late += NEAR_NAME * _is_of_near_name(found.hits[c.hit].passage, c.text, occupations)
        return c.log_odds + late + WARNS * (to_do and _warns(found.hits[c.hit], c))

    scored = [replace(c, log_odds=odds(c)) for c in likeliest]
    return weighed(sorted(scored, key=lambda c: (-c.log_odds, c.hit, c.at)))


def _warns(hit: Hit, c: Candidate) -> bool:
    """Whether a unit says what not to do, by the last heading above it or its lead-in."""
    heading = hit.passage.heading[-1] if hit.passage.heading else ""
    return bool(_NOT_TO_DO.search(heading) or _NOT_TO_DO.search(lead_text(hit, c.unit)))


def weighed(scored: Sequence[Candidate]) -> list[Candidate]:
    """The candidates, the likeliest first, with probabilities that sum to 1 among them."""
    weights = [exp(c.log_odds - scored[0].log_odds) for c in scored]  # subtle: no number is too large for exp, the first is 1
    total = sum(weights)
    return [replace(c, probability=weight / total) for c, weight in zip(scored, weights, strict=True)]


def unit_text(hit: Hit, unit: Unit) -> str:
    """A unit's own words."""
    return hit.passage.text_of(unit)


def lead_text(hit: Hit, unit: Unit) -> str:
    """The lead-in or header row that a unit leans on, "" where there is none in its passage."""
    return hit.passage.lead_of(unit)


def coverage(text: str, rarity: Mapping[str, float]) -> float:
    """Share in [0, 1] of the question's terms, weighed by rarity, that stand in text."""
    return _held(stems(text), rarity)


@lru_cache(8192)
def stems(text: str) -> frozenset[str]:
    """The words of a text, analysed; kept, as the same units are found again and again."""
    return frozenset(analyse(text))


def _held(stands: Set[str], rarity: Mapping[str, float]) -> float:
    total = sum(rarity.values())
    return sum(value for term, value in rarity.items() if term in stands) / total if total else 0.0


def fits(wanted: str, text: str) -> float:
    """1.0 when text holds the kind of thing wanted, -1.0 when it does not, 0.0 when the kind cannot be told from the words."""
    patterns = {
        "amount": (_AMOUNT,),
        "number": (_NUMBER,),
        "percentage": (_NUMBER,),
        "duration": (_NUMBER, _TIME),
        "date": (_DATE,),
        "reason": (_REASON,),
        "verdict": (_VERDICT,),
        "person": (_NAME,),
        "organisation": (_NAME,),
        "place": (_NAME,),
    }.get(wanted)
    if patterns is None:
        return 0.0
    if wanted == "duration" and _A_WHILE.search(text):  # "takes months rather than years"
        return 1.0
    return 1.0 if all(pattern.search(text) for pattern in patterns) else -1.0
