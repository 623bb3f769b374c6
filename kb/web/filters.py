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
    regions: Counter[str] = Counter()
    roles = []
    for article in articles:
        regions.update(set(_REGION.findall(article.region)))
        roles.append([[name.strip() for name in role.split("/")] for role in article.roles])
    return Choices(_ranked(topics)[:MOST_TOPICS], _role_names(roles)[:MOST_ROLES], _ranked(regions))


def _role_names(articles: Sequence[Sequence[Sequence[str]]]) -> tuple[str, ...]:
    """First names of roles, each for an article's list of roles with all their names; no two that find the same articles.

    A filter finds an article by any name of its roles, whatever the case: "ML engineer" stands for "Machine learning engineer /
    ML engineer" too.
    """
    known = Counter(name for roles in articles for name in {name.casefold() for role in roles for name in role})
    written = Counter(role[0] for roles in articles for role in roles)
    offered: dict[str, str] = {}
    for role in sorted((r for roles in articles for r in roles), key=lambda r: (-known[r[0].casefold()], -written[r[0]], r[0])):
        if not offered.keys() & {name.casefold() for name in role}:
            offered[role[0].casefold()] = role[0]
    return tuple(name for name in offered.values() if name)


def labelled(names: Iterable[str]) -> list[tuple[str, str]]:
    """(what is shown, the name): "software engineer" beside "Data scientist" with a capital too, "iOS developer" as it is."""
    return [(name[:1].upper() + name[1:] if name.partition(" ")[0].islower() else name, name) for name in names]


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
    what = narrowed(filters, language)
    return say("filtered", language, what=what) if what else ""


def narrowed(filters: Filters, language: str) -> str:
    """`data, pay · US · since November 2024`, "" without filters."""
    parts = [", ".join(filters.topics), ", ".join(filters.roles), filters.region]
    if filters.newer_than:
        parts.append(say("filter_since", language, date=written_date(filters.newer_than, language)))
    return " · ".join(filter(None, parts))
