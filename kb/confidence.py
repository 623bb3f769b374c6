"""How probable it is that the base answers a question: a logistic model over plain features of what retrieval found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple, dataclass, fields
from math import exp

from kb.lexical import analyse
from kb.retrieval import Found


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for an answer. Cosines in [-1, 1], shares in [0, 1].

    passage: the best passage's cosine. unit: the best quotable unit's. second: the fifth-best passage's (how much the best one
    stands out). coverage: share of the question's terms, weighed by rarity, that stand in the best covering hit with its
    headings. unknown: share of the question's terms, weighed by rarity, that stand nowhere in the base.
    """

    passage: float
    unit: float
    fifth: float
    coverage: float
    unknown: float


WEIGHTS: Mapping[str, float] = {"passage": 5.0, "unit": 5.0, "fifth": 0.0, "coverage": 3.0, "unknown": -2.0}
BIAS = -5.2


def evidence(found: Found) -> Evidence:
    """The features of one question's hits."""
    if not found.hits:
        return Evidence(0.0, 0.0, 0.0, 0.0, 1.0)
    cosines = sorted((hit.cosine for hit in found.hits), reverse=True)
    units = [float(own.max()) for own in found.unit_cosines if len(own)]
    total = sum(found.rarity.values()) or 1.0
    covered = [sum(found.rarity[term] for term in hit.matched_terms) / total for hit in found.hits[:5]]
    unknown = sum(found.rarity[term] for term in found.unknown) / total
    return Evidence(cosines[0], max(units, default=0.0), cosines[min(4, len(cosines) - 1)], max(covered), unknown)


def confidence(given: Evidence) -> float:
    """Probability in [0, 1] that the base answers, from the logistic model."""
    total = BIAS + sum(WEIGHTS[field.name] * value for field, value in zip(fields(given), astuple(given), strict=True))
    return 1.0 / (1.0 + exp(-total))


def coverage(text: str, rarity: Mapping[str, float]) -> float:
    """Share in [0, 1] of the question's terms, weighed by rarity, that stand in text."""
    stands = set(analyse(text))
    total = sum(rarity.values())
    return sum(value for term, value in rarity.items() if term in stands) / total if total else 0.0
