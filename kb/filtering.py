"""Which articles pass filters, and what to say when none does."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from difflib import get_close_matches

from kb.errors import NothingToSearch, QuestionError
from kb.places import standing
from kb.records import Filters

MOST_NAMED = 8  # values of a field that are named when a filter asks for one that no article has

A_DATE = (  # a year, a month or a day that is in a calendar; 29 February in any year
    r"[1-9][0-9]{3}(-(0[1-9]|1[0-2]))?|[1-9][0-9]{3}-"
    r"((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|[12][0-9]))"
)
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Labels:
    """What filters look at in an article. roles: each with its other names after "/"."""

    source: str
    topics: tuple[str, ...]
    roles: tuple[str, ...]
    region: str
    date: str


def check_filters(filters: Filters) -> None:
    """Raises QuestionError for a date that is none, and for a text where a list of texts belongs (its letters would be read)."""
    for name in ("topics", "roles", "sources"):
        if isinstance(getattr(filters, name), str):
            raise QuestionError(f"filter {name} is a list of texts, got {getattr(filters, name)!r}")
    if filters.newer_than and not re.fullmatch(A_DATE, filters.newer_than):
        raise QuestionError(f"a date is written 2024, 2024-06 or 2024-06-30, got {filters.newer_than!r}")


def passes(article: Labels, filters: Filters) -> bool:
    """Whether an article fits every field that is not empty; topics, roles and sources by any one of those given."""
    return (
        (not filters.topics or bool(_folded(article.topics) & _folded(filters.topics)))
        and (not filters.roles or bool(_names(article.roles) & _names(filters.roles)))
        and (not filters.region or _is_about(article.region, filters.region))
        and (not filters.newer_than or article.date >= filters.newer_than)
        and (not filters.sources or article.source in filters.sources)
    )


def _is_about(region: str, wanted: str) -> bool:
    """Whether the region's words hold the wanted one's, or it lies in the country that is wanted.

    >>> _is_about("Australia", "US"), _is_about("worldwide, with US figures", "us"), _is_about("Ohio", "United States")
    (False, True, True)
    """
    words = _WORD.findall(wanted.casefold())
    return f" {' '.join(words)} " in f" {' '.join(_WORD.findall(region.casefold()))} " or any(standing([wanted], region))


def _folded(names: Iterable[str]) -> set[str]:
    return {name.strip().casefold() for name in names}


def _names(roles: Iterable[str]) -> set[str]:
    return _folded(name for role in roles for name in role.split("/"))


def nothing_passes(articles: Sequence[Labels], filters: Filters) -> NothingToSearch:
    """The error for filters that exclude every article: what was asked, and what there is in fields that do so by themselves."""
    given = {"topics": ", ".join(filters.topics), "roles": ", ".join(filters.roles), "region": filters.region}
    given |= {"newer than": filters.newer_than, "sources": ", ".join(filters.sources)}
    asked = "; ".join(f"{name} {value}" for name, value in given.items() if value)
    alone = [
        each.name
        for each in fields(Filters)
        if getattr(filters, each.name)
        and not any(passes(article, replace(Filters(), **{each.name: getattr(filters, each.name)})) for article in articles)
    ]
    told = " ".join(_there_is(articles, filters, name) for name in alone) or "Each alone would leave some: loosen one of them"
    return NothingToSearch(f"no article passes the filters ({asked}). {told}")


def _there_is(articles: Sequence[Labels], filters: Filters, name: str) -> str:
    """What the articles have in a field of the filters."""
    if name == "newer_than":
        newest = max((article.date for article in articles), default="")
        return f"The newest is of {newest}." if newest else "None has a date."
    if name == "sources":
        known = [article.source for article in articles]
        near = [*dict.fromkeys(near for wanted in filters.sources for near in get_close_matches(wanted, known, 3, 0.4))]
        return f"Sources are named like {', '.join((near or known)[:3])}."
    if name == "region":
        counted = Counter(article.region for article in articles if article.region)
    else:
        values = ((role.split("/")[0].strip() for role in a.roles) if name == "roles" else a.topics for a in articles)
        counted = Counter(value for own in values for value in own)
    if not counted:
        return f"No article names {'a region' if name == 'region' else name}."
    shown = [value for value, _ in sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))[:MOST_NAMED]]
    more = f" and {len(counted) - MOST_NAMED} more" if len(counted) > MOST_NAMED else ""
    what = "Regions" if name == "region" else name.capitalize()
    return f"{what} here: {'; '.join(shown)}{more}."
