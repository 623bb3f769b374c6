"""How probable it is that the base answers a question: a logistic model over three plain features of what was found.

Fitted by maximum likelihood on labelled questions over four bases of articles, each base judged by a model fitted on the
others (docs/quality.md, "An honest no"). Two dozen further features (gaps between ranks, rarity and specificity of missing words,
question length, ...) were tried the same way and left out: none helped on bases that the model had not seen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass
from math import exp

from kb.choice import Candidate
from kb.lexical import analyse
from kb.question import Question
from kb.retrieval import Found

WEIGHTS = (0.206, -2.07, -1.83)  # of the three features of Evidence, in log-odds
BIAS = 0.05


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for and against an answer.

    log_odds: the likeliest quotable unit's, by meaning, words and kind (kb.choice). missing_names: share in [0, 1] of the
    question's names (employers, places, people) that stand nowhere in the best hit's article; unknown_names: nowhere in the base.
    """

    log_odds: float
    missing_names: float
    unknown_names: float


def evidence(found: Found, question: Question, likeliest: Sequence[Candidate], article_text: Callable[[str], str]) -> Evidence:
    """The features of one question; there is at least one candidate. article_text gives title and text of a source."""
    named = {term for name in question.entities for term in analyse(name)}
    if not named:
        return Evidence(likeliest[0].log_odds, 0.0, 0.0)
    stands = set(analyse(article_text(found.hits[0].passage.source)))
    return Evidence(
        log_odds=likeliest[0].log_odds,
        missing_names=sum(term not in stands for term in named) / len(named),
        unknown_names=sum(term in found.unknown for term in named) / len(named),
    )


def confidence(given: Evidence) -> float:
    """Probability in [0, 1] that the base answers: the logistic function of the weighted features."""
    total = BIAS + sum(weight * value for weight, value in zip(WEIGHTS, astuple(given), strict=True))
    return 1.0 / (1.0 + exp(-total))
