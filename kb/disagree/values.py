"""Whether two figures exclude each other: in one unit, with the slack that "about" and rounding leave; and days of the year."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from kb.figures import Figure

NEARLY = 0.1  # "about 52,000" fits what lies within a twentieth of it, either way
ROUNDED = 0.02  # 55,000 fits 54,800
_DAYS = {"day": 1.0, "week": 7.0, "month": 365.25 / 12, "year": 365.25}
MONTHS = tuple("January February March April May June July August September October November December".split())
_MONTH = "|".join(MONTHS)
DAY = re.compile(rf"\b(?:(\d{{1,2}})(?:st|nd|rd|th)? (?:of )?({_MONTH})|({_MONTH}) (\d{{1,2}})(?:st|nd|rd|th)?)\b")


def days_in(text: str) -> frozenset[tuple[str, str]]:
    """The days of the year that a text names, as (month, day)."""
    return frozenset((m[2] or m[3], m[1] or m[4]) for m in DAY.finditer(text))


def values_apart(one: Sequence[Figure], other: Sequence[Figure]) -> bool:
    """Whether two texts, of which these are the figures, give different values of one kind, each of them just one."""
    for a in one:
        for b in other:
            x, y = _in_days(a), _in_days(b)
            same = (x.kind, x.unit, x.period) == (y.kind, y.unit, y.period) and (
                a.currency == b.currency or not a.currency or not b.currency
            )
            alone = all(sum((f.kind, _in_days(f).unit) == (x.kind, x.unit) for f in each) == 1 for each in (one, other))
            if same and alone and _apart(x, y):
                return True
    return False


def _in_days(figure: Figure) -> Figure:
    """A length of time in days: 18 months and three years can be compared."""
    if figure.kind != "time" or figure.period or figure.unit not in _DAYS:
        return figure
    days = _DAYS[figure.unit]
    return replace(figure, low=figure.low * days, high=figure.high * days, unit="day")


def _apart(a: Figure, b: Figure) -> bool:
    """Whether no value fits both."""
    if a.bound == b.bound == "from" and a.kind in {"time", "count"}:
        return a.low != b.low  # two least ages, two least numbers of years
    (low_a, high_a), (low_b, high_b) = _interval(a), _interval(b)
    return high_a < low_b or high_b < low_a


def _interval(figure: Figure) -> tuple[float, float]:
    if figure.bound == "from":
        return figure.low, float("inf")
    if figure.bound == "up to":
        return 0.0, figure.high
    slack = NEARLY if figure.bound == "about" else ROUNDED if figure.low == figure.high else 0.0
    return figure.low * (1 - slack / 2), figure.high * (1 + slack / 2)
