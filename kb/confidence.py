"""How probable it is that the base answers a question: a logistic model over six plain features of what was found.

Fitted by maximum likelihood on labelled questions over four bases of articles, each base judged by a model fitted on the
others (docs/quality.md, "An honest no"). Three dozen further features (gaps between ranks, rarity of missing words, how near the
closest word of the article comes to each missing one, whether title or headings name the occupation, question length, ...) were
tried the same way and left out: none helped on bases that the model had not seen.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import astuple, dataclass
from math import exp

from kb.choice import Candidate
from kb.lexical import analyse
from kb.places import country_of, places_in, standing
from kb.question import Question
from kb.question.lexicon import COMMON_ABBREVIATIONS
from kb.question.roles import roles_in
from kb.retrieval import Found

WEIGHTS = (0.162, 4.18, -1.54, -1.66, -4.73, -1.65)  # of the features of Evidence, in their order, in log-odds
BIAS = -1.05
ACRONYM_LETTERS = 5  # capitals up to this many are an abbreviation more often than an employer's name


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for and against an answer; shares are in [0, 1], 0.0 where the question names nothing of the kind.

    log_odds: the likeliest quotable unit's, by meaning, words and kind (kb.choice). aspect: cosine of that unit with what is
    asked about the names (`aspect_of`). missing_names: share of the words of the question's names (employers, places,
    abbreviations) that stand nowhere in the unit's article; apart_names: of its employers', people's and products' names, in
    the unit's passage; missing_places: share of its places that the article does not speak of; unknown_roles: share of the words
    of its occupations that stand nowhere in the base.
    """

    log_odds: float
    aspect: float
    missing_names: float
    apart_names: float
    missing_places: float
    unknown_roles: float


def aspect_of(question: Question) -> str:
    """What is asked about whatever is named: the question without occupations, places and names; all of it when nothing is left.

    >>> aspect_of(analyse("How much does an optometrist in Canada earn?"))
    'How much does an in earn?'
    """
    text = question.text
    spans = [*roles_in(text), *places_in(text)]
    spans += [match.span() for name in question.entities for match in re.finditer(re.escape(name), text)]
    for start, end in spans:
        text = text[:start] + " " * (end - start) + text[end:]
    return " ".join(text.split()) if any(letter.isalpha() for letter in text) else question.text


def evidence(found: Found, question: Question, likeliest: Candidate, article_text: Callable[[str], str]) -> Evidence:
    """The features of one question. likeliest: the unit that most probably answers; article_text: source -> title and text."""
    passage = found.hits[likeliest.hit].passage
    places = [question.text[start:end] for start, end in places_in(question.text)]
    names = [name for name in question.entities if name.casefold() not in COMMON_ABBREVIATIONS]
    called = [name for name in names if country_of(name) is None and not _is_acronym(name)]
    article = article_text(passage.source) if names or places else ""
    around = " ".join((passage.title, *passage.heading, passage.text)) if called else ""
    unknown = set(found.unknown)
    return Evidence(
        log_odds=likeliest.log_odds,
        aspect=float(found.aspect_cosines[likeliest.hit][likeliest.at]),
        missing_names=_share_outside(set(analyse(article)), _terms(names)),
        apart_names=_share_outside(set(analyse(around)), _terms(called)),
        missing_places=_mean(not stands for stands in standing(places, article)),
        unknown_roles=_mean(term in unknown for term in _terms(question.text[a:b] for a, b in roles_in(question.text))),
    )


def confidence(given: Evidence) -> float:
    """Probability in [0, 1] that the base answers: the logistic function of the weighted features."""
    total = BIAS + sum(weight * value for weight, value in zip(WEIGHTS, astuple(given), strict=True))
    return 1.0 / (1.0 + exp(-total))


def _terms(names: Iterable[str]) -> set[str]:
    return {term for name in names for term in analyse(name)}


def _is_acronym(name: str) -> bool:
    return name.isupper() and len(name) <= ACRONYM_LETTERS


def _share_outside(stands: Set[str], terms: Set[str]) -> float:
    return _mean(term not in stands for term in terms)


def _mean(yes: Iterable[bool]) -> float:
    counted: Sequence[bool] = list(yes)
    return sum(counted) / len(counted) if counted else 0.0
