"""How probable it is that the base answers a question: a logistic model over four plain features of what was found.

Fitted by maximum likelihood on labelled questions over four bases of articles, each base judged by a model fitted on the
others (docs/quality.md, "An honest no"). Two dozen further features (gaps between ranks, rarity and specificity of missing words,
question length, ...) were tried the same way and left out: none helped on bases that the model had not seen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass
from math import exp

from kb.choice import Candidate
from kb.lexical import analyse, terms
from kb.question import Question
from kb.question.roles import roles_in
from kb.retrieval import Found

WEIGHTS = (0.224, -2.41, -1.3, -1.67)  # of the four features of Evidence, in log-odds
BIAS = -0.05


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for and against an answer. Shares are in [0, 1].

    log_odds: the likeliest quotable unit's, by meaning, words and kind (kb.choice). missing_names: share of the question's names
    (employers, people) that stand nowhere in the best hit's article; unknown_names: nowhere in the base. unknown_roles: share of
    the words for an occupation that stand nowhere in the base.
    """

    log_odds: float
    missing_names: float
    unknown_names: float
    unknown_roles: float


def evidence(found: Found, question: Question, likeliest: Sequence[Candidate], article_text: Callable[[str], str]) -> Evidence:
    """The features of one question; there is at least one candidate. article_text gives title and text of a source."""
    names = {term for name in question.entities for term in analyse(name)}
    roles = {term for start, end in roles_in(question.text) for term in terms(question.text[start:end])}
    stands = set(analyse(article_text(found.hits[0].passage.source))) if names else set()
    unknown = set(found.unknown)
    return Evidence(
        log_odds=likeliest[0].log_odds,
        missing_names=_share(names, names - stands),
        unknown_names=_share(names, names & unknown),
        unknown_roles=_share(roles, roles & unknown),
    )


def _share(all_of: set[str], some: set[str]) -> float:
    return len(some) / len(all_of) if all_of else 0.0


def confidence(given: Evidence) -> float:
    """Probability in [0, 1] that the base answers: the logistic function of the weighted features."""
    total = BIAS + sum(weight * value for weight, value in zip(WEIGHTS, astuple(given), strict=True))
    return 1.0 / (1.0 + exp(-total))
