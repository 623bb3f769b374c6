"""What a reader can narrow the search by: the choices a base offers, and what was chosen, read back from the browser. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from kb.records import Article, Filters
from kb.web.dates import written_date
from kb.web.strings import say

MOST_TOPICS = 24
MOST_ROLES = 16
YEARS = (1, 2, 5)

_REGION = re.compile(r"\b(?:worldwide|[A-Z][A-Za-z]+(?: [A-Z][a-z]+)*)\b")  # "worldwide, with US figures" -> worldwide, US


@dataclass(frozen=True, slots=True)
class Choices:
    """What can be chosen, the commonest first. A role stands under its first name ("ML engineer / MLE" -> "ML engineer")."""

    topics: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()


def choices_of(articles: Iterable[Article], topics: Mapping[str, int]) -> Choices:
    """The choices a base offers."""
    roles: Counter[str] = Counter()
    regions: Counter[str] = Counter()
    for article in articles:
        roles.update({role.split("/")[0].strip() for role in article.roles})
        regions.update(set(_REGION.findall(article.region)))
    return Choices(_ranked(topics)[:MOST_TOPICS], _ranked(roles)[:MOST_ROLES], _ranked(regions))


def _ranked(counted: Mapping[str, int]) -> tuple[str, ...]:
    return tuple(sorted((name for name in counted if name), key=lambda name: (-counted[name], name)))


def read_filters(topics: object, roles: object, region: object, years: object, choices: Choices, today: date) -> Filters:
    """The filters out of what the browser sent; whatever is not one of the choices is left out."""
    return Filters(
        topics=_known(topics, choices.topics),
        roles=_known(roles, choices.roles),
        region=region if isinstance(region, str) and region in choices.regions else "",
        newer_than=f"{today.year - int(years):04d}-{today.month:02d}" if years in (*YEARS, *map(str, YEARS)) else "",  # type: ignore[call-overload]
    )


def _known(chosen: object, offered: Sequence[str]) -> tuple[str, ...]:
    return tuple(name for name in offered if name in chosen) if isinstance(chosen, list) else ()


def described(filters: Filters, language: str) -> str:
    """`Searched only: data, pay · US · since November 2024`, "" without filters."""
    parts = [", ".join(filters.topics), ", ".join(filters.roles), filters.region]
    if filters.newer_than:
        parts.append(say("filter_since", language, date=written_date(filters.newer_than, language)))
    return say("filtered", language, what=" · ".join(filter(None, parts))) if any(parts) else ""
