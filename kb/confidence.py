"""How probable it is that the base answers a question: a logistic model over eleven plain features of what was found.

Fitted by maximum likelihood on labelled questions over several bases of articles, each base judged by a model fitted on the
others (docs/quality.md, "An honest no"; `python -m benchmarks.refusals` fits it again). Eight dozen further features (gaps
between ranks, rarity of missing words, how near the article's words come to each missing one, whether another article fits what
is asked better, question length, ...) were tried in the same way and left out: none helped on bases that no model had seen.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence, Set
from dataclasses import astuple, dataclass
from functools import lru_cache
from math import exp

from kb.choice import Candidate, explaining, fits, stems
from kb.lexical import analyse, terms
from kb.places import country_of, places_in, standing
from kb.question import Question
from kb.question.lexicon import COMMON_ABBREVIATIONS, GENERIC_ROLES, LEVELS, NO_NAMES
from kb.question.roles import aimed_at, asked_about, blanked, come_from, roles_in
from kb.records import Passage
from kb.retrieval import Found

WEIGHTS = (  # log-odds per unit of each feature, in the order of Evidence's fields
    -16.54,  # far
    1.77,  # aspect
    -2.23,  # missing_abbreviations
    -3.95,  # missing_names
    -4.5,  # missing_places
    -7.7,  # missing_roles
    -5.0,  # missing_dates
    -4.01,  # missing_words
    -2.37,  # lacks_kind
    -12.57,  # everyday
    1.28,  # story
)
BIAS = 3.04
NEAR = 0.35  # cosine of question and passage above which it no longer matters how near: tried from .3 to .5
ASPECT_NEAR = 0.4  # the same for the cosine of unit and aspect, where words are missing: tried from .35 to .6
ABBREVIATION_LETTERS = 5  # capitals up to this many are an abbreviation more often than an employer's name
MEASURED = frozenset({"amount", "number", "percentage", "duration", "date"})  # kinds that one sees a quote to hold or to lack
NEARER = 0.1  # in cosine: how much nearer the base must be than any everyday question, for those to count nothing
MIXED = 0.9  # share of a story's letters in its asking part from which on telling and asking are one sentence
OPENING = 300  # characters of an article that say whose account it is: title, byline, the one who is interviewed
_MONTH = r"January|February|March|April|May|June|July|August|September|October|November|December"
_DATE = re.compile(rf"\b(?:(?:{_MONTH}) )?(?:19|20)\d\d\b", re.I)
_ABBREVIATION = re.compile(rf"(?=.*[A-Z])[A-Z0-9&-]{{1,{ABBREVIATION_LETTERS}}}s?")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for and against an answer; shares are in [0, 1], 0.0 where the question names nothing of the kind.

    "The unit" is the likeliest quotable one, "the article" is the unit's, "the opening" its first OPENING characters.

    far                     how much the question's cosine with its best passage falls short of NEAR, times the share of its
                            words, weighed by rarity, that the passage lacks: far in meaning and in words
    aspect                  cosine of the unit with what is asked about the question's names (`aspect_of`)
    missing_abbreviations   share of the abbreviations asked about that the article lacks
    missing_names           share of employers, people, products and codes that the unit's passage and the opening lack
    missing_places          share of the places that the article does not speak of
    missing_roles           share that occupations not named have in the rarity of all words asked: the mean of two shares, not
                            named in passage and opening, and not in the article either. An occupation is also what stands where
                            one would (`asked_about`), or what a story aims at (`aimed_at`)
    missing_dates           share of years, or months of a year, that the article lacks
    missing_words           share, by rarity, of all other words that the article lacks, times how much aspect falls short of
                            ASPECT_NEAR: what an article says in other words is near in meaning all the same
    lacks_kind              probability that the unit sought is without the figure or date that is wanted
    everyday                how much nearer the question is to one of everyday life (kb.everyday) than to anything found, plus
                            NEARER; 0 where that is negative
    story                   the question tells a situation; then only what its asking part names counts
    """

    far: float
    aspect: float
    missing_abbreviations: float
    missing_names: float
    missing_places: float
    missing_roles: float
    missing_dates: float
    missing_words: float
    lacks_kind: float
    everyday: float
    story: bool


def aspect_of(question: Question) -> str:
    """What is asked about whatever is named: the question without occupations, places and names; all of it when no word of
    meaning is left, as of "What does CPCS stand for?".

    >>> from kb.question import analyse
    >>> aspect_of(analyse("How much does an optometrist in Canada earn?"))
    'How much does an in earn?'
    """
    text = question.text
    spans = [*roles_in(text), *places_in(text)]
    spans += [match.span() for name in question.entities for match in re.finditer(re.escape(name), text)]
    text = blanked(text, spans)
    left = set(terms(text)) - explaining()
    return " ".join(text.split()) if left else question.text


def evidence(found: Found, question: Question, scored: Sequence[Candidate], article_text: Callable[[str], str]) -> Evidence:
    """The features of one question. scored: quotable units, the likeliest first; article_text: source -> title and text."""
    likeliest, best = scored[0], found.hits[0]
    passage = found.hits[likeliest.hit].passage
    asking = _asking(question)
    places = _named(asking, places_in(asking))
    common = COMMON_ABBREVIATIONS | NO_NAMES
    names = [name for name in question.entities if name in asking and name.casefold() not in common]
    short = _terms(name for name in names if _is_abbreviation(name))
    called = _terms(name for name in names if country_of(name) is None and not _is_abbreviation(name))
    aimed = _named(question.text, aimed_at(question.text))
    places_terms, names_terms = _terms(places), _terms(names)
    occupations = _occupations(asking, aimed, names_terms, places_terms | _terms_of_list(LEVELS))
    roles = {term for occupation in occupations for term in occupation}
    article = article_text(passage.source)
    stands = _stems_of_article(article)
    asked = set(analyse(asking)) | _terms(aimed)
    missing = {term for term in asked if term not in stands}
    here = set(analyse(article[:OPENING])) | _standing_in(passage)
    near = [hit.passage for hit in found.hits] if question.sides else [passage]
    absent = _absent(occupations, [article[:OPENING], *map(_words_of, near)])
    others = asked - roles - names_terms - places_terms
    aspect = float(found.aspect_cosines[likeliest.hit][likeliest.at])
    nearest = max(best.cosine, *(float(cosines.max()) for cosines in found.unit_cosines if len(cosines)))
    return Evidence(
        far=max(0.0, NEAR - best.cosine) * _weighed(found.rarity.keys() - _standing_in(best.passage), found.rarity, found.rarity),
        aspect=aspect,
        missing_abbreviations=_share_outside(stands, short),
        missing_names=_share_outside(here, called),
        missing_places=_missing_places(places, article),
        missing_roles=(_weighed(absent & missing, asked, found.rarity) + _weighed(absent, asked, found.rarity)) / 2,
        missing_dates=_mean(date.casefold() not in article.casefold() for date in set(_DATE.findall(asking))),
        missing_words=_weighed(others & missing, others, found.rarity) * max(0.0, ASPECT_NEAR - aspect),
        lacks_kind=sum(c.probability for c in scored if fits(question.wants, c.text) < 0) if question.wants in MEASURED else 0.0,
        everyday=max(0.0, found.everyday - nearest + NEARER),
        story=bool(question.situation),
    )


def lacks_place(question: Question, article: str) -> bool:
    """Whether the question names a place that an article does not speak of. article: its title and text."""
    asking = _asking(question)
    return _missing_places(_named(asking, places_in(asking)), article) > 0


def _missing_places(places: Sequence[str], article: str) -> float:
    return _mean(not spoken for spoken in standing(places, article))


def _asking(question: Question) -> str:
    """Where names count: the question, without the occupation that its author comes from when it asks about another.

    Of a story the part that asks; nothing when telling and asking are one sentence.
    """
    if question.situation and len(question.core) >= MIXED * len(question.text):
        return ""
    text = question.core if question.situation else question.text
    return blanked(text, come_from(text))


def confidence(given: Evidence) -> float:
    """Probability in [0, 1] that the base answers: the logistic function of the weighted features."""
    total = BIAS + sum(weight * value for weight, value in zip(WEIGHTS, astuple(given), strict=True))
    return 1.0 / (1.0 + exp(-total))


def _is_abbreviation(name: str) -> bool:
    """Whether a name is one that an article may spell out; a code with digits (a visa, a form, a standard) it can only name."""
    return bool(_ABBREVIATION.fullmatch(name)) and not any(letter.isdigit() for letter in name)


def _named(text: str, spans: Iterable[tuple[int, int]]) -> list[str]:
    return [text[start:end] for start, end in spans]


def _occupations(asking: str, aimed: Sequence[str], names: Set[str], other: Set[str]) -> list[list[str]]:
    """The terms of each occupation that is asked about, without those of levels and places."""
    known = [analyse(role) for role in _named(asking, roles_in(asking))]
    placed = [[term for term in analyse(role) if term not in names] for role in (*_named(asking, asked_about(asking)), *aimed)]
    return [[term for term in role if term not in other] for role in (*known, *placed)]


def _absent(occupations: Collection[Sequence[str]], texts: Iterable[str]) -> set[str]:
    """The terms of the occupations that no text names: by their noun, or by it and the word before where many have that noun."""
    if not any(occupations):
        return set()
    spoken = [f" {' '.join(analyse(text))} " for text in texts]
    generic = _terms_of_list(GENERIC_ROLES)
    absent: set[str] = set()
    for role in occupations:
        noun = " ".join(role[-2:] if role and role[-1] in generic else role[-1:])
        if not any(f" {noun} " in text for text in spoken):
            absent |= set(role)
    return absent


def _words_of(passage: Passage) -> str:
    return "\n".join((passage.title, *passage.heading, passage.text))


def _standing_in(passage: Passage) -> frozenset[str]:
    return stems(_words_of(passage))


@lru_cache(256)
def _stems_of_article(article: str) -> frozenset[str]:
    """The words of an article, analysed; kept, as the same articles answer again and again."""
    return frozenset(analyse(article))


def _terms(names: Iterable[str]) -> set[str]:
    return {term for name in names for term in analyse(name)}


@lru_cache(2)
def _terms_of_list(words: frozenset[str]) -> frozenset[str]:
    """The terms of a list that stays as it is: made once, not for each question."""
    return frozenset(_terms(words))


def _share_outside(stands: Set[str], terms: Set[str]) -> float:
    return _mean(term not in stands for term in terms)


def _weighed(some: Iterable[str], of: Iterable[str], rarity: Mapping[str, float]) -> float:
    """Share of the terms in the rarity of all that they are part of."""
    total = sum(rarity.get(term, 0.0) for term in of)
    return sum(rarity.get(term, 0.0) for term in some) / total if total else 0.0


def _mean(yes: Iterable[bool]) -> float:
    counted: Sequence[bool] = list(yes)
    return sum(counted) / len(counted) if counted else 0.0
