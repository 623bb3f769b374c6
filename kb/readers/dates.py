"""Dates as people write them -> "YYYY", "YYYY-MM" or "YYYY-MM-DD"."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Mapping

from kb.records import DateOrigin, Draft, Fragment

MONTHS = {name: number for number, names in enumerate(
    ("jan january", "feb february", "mar march", "apr april", "may", "jun june", "jul july", "aug august",
     "sep sept september", "oct october", "nov november", "dec december"), start=1) for name in names.split()}  # fmt: skip
FIRST_YEAR, LAST_YEAR = 1900, 2199  # anything else in four digits is an amount

_MONTH = r"(?P<month>" + "|".join(sorted(MONTHS, key=len, reverse=True)) + r")\b\.?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>(?:19|20|21)\d\d)"
_FORMS = tuple(
    re.compile(rf"(?<![\w.]){form}(?![\w])", re.IGNORECASE)
    for form in (
        rf"{_YEAR}[-/.](?P<month>\d{{1,2}})[-/.]{_DAY}(?=T\d|\b)(?:[T ]\d\d:\d\d[\d:.]*(?:Z| ?[+-]\d\d:?\d\d)?)?",  # 2022-03-15
        rf"{_MONTH}\s+{_DAY},?\s+{_YEAR}",  # March 15, 2022
        rf"{_DAY}\s+(?:of\s+)?{_MONTH},?\s+{_YEAR}",  # 15 March 2022
        rf"{_MONTH},?\s+{_YEAR}",  # March 2022
        rf"{_YEAR}[-/](?P<month>\d{{1,2}})",  # 2022-03
        r"(?P<a>\d{1,2})[/.](?P<b>\d{1,2})[/.]" + _YEAR,  # 15/03/2022, 03/15/2022
        rf"{_YEAR}(?P<month>\d\d)(?P<day>\d\d)",  # 20220315
        _YEAR,
    )
)
_WEEKDAY = re.compile(r"^(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?,?\s+", re.IGNORECASE)
_LABEL = re.compile(
    r"\b(?:published|posted|updated|written|last (?:updated|modified|reviewed|revised)|date|publication date|reviewed)"
    r"(?:\s+(?:on|in))?\s*[:\u2013\u2014-]?\s+(?:on\s+)?",
    re.IGNORECASE,
)
_BY_LINE = re.compile(r"(?:published|posted|updated|written|by|text|words)\b.{0,120}$", re.IGNORECASE)
KEYS = (  # of front matter and page metadata, best first: when it was published, else when it was changed
    "date", "published", "date_published", "datepublished", "publish_date", "published_at", "pubdate", "created",
    "updated", "last_updated", "last_update", "lastmod", "modified", "date_modified", "last_modified",
)  # fmt: skip
LOOKED_AT = 12  # fragments at either end of an article where a by-line or an imprint stands


def dated(fragments: Iterable[Fragment], meta: Mapping[str, object], origin: DateOrigin) -> Draft:
    """A Draft whose meta["date"] is the article's date in ISO form: from meta (then of this origin), else from the text."""
    blocks = tuple(fragments)
    for key in KEYS:
        value = meta.get(key)
        if date := iso_date(value.get("date") if isinstance(value, Mapping) else value):
            return Draft(blocks, {**meta, "date": date}, origin)
    rest = {key: value for key, value in meta.items() if key != "date"}
    if date := date_in_text(blocks):
        return Draft(blocks, {**rest, "date": date}, "text")
    return Draft(blocks, rest)


def iso_date(value: object) -> str:
    """value as "YYYY[-MM[-DD]]", "" when it is not one date.

    iso_date("March 15 2022") == "2022-03-15"; iso_date("03/04/2022") == "2022" (day and month cannot be told apart).
    """
    if isinstance(value, datetime.date):
        return value.isoformat()[:10]
    text = _WEEKDAY.sub("", " ".join(str(value).split())) if value is not None else ""
    if len(text) > 60:
        return ""
    for form in _FORMS:
        if match := form.match(text):
            rest = text[match.end() :].strip(" .,")
            if not rest or re.fullmatch(r"(?:at\s+)?\d{1,2}:\d\d.*|[A-Z][a-z]*T?\s?\d.*|UTC|GMT", rest):
                return _checked(match)
    return ""


def date_in_text(fragments: Iterable[Fragment]) -> str:
    """The date the text itself gives for the article, "" for none.

    Only what is plainly the article's own date counts: one with a label ("Updated 3 May 2023") or alone in its line, near the
    beginning or the end. "Salaries in 2024" is a fact in the article, not its date.
    """
    blocks = list(fragments)
    ends = blocks if len(blocks) <= 2 * LOOKED_AT else [*blocks[:LOOKED_AT], *blocks[-LOOKED_AT:]]
    for fragment in ends:
        if len(fragment.text) > 200:
            continue
        for line in fragment.text.split("\n"):
            for label in _LABEL.finditer(line):
                for form in _FORMS[:-1]:
                    if (match := form.match(line, label.end())) and (date := _checked(match)):
                        return date
            if _BY_LINE.match(line) and len(iso := _date_at_end(line)) > 4:
                return iso
            for part in re.split(r"\s*[|·•]\s*", line):
                if any(mark in part for mark in " -/.") and fragment.kind != "heading" and len(iso := iso_date(part)) > 4:
                    return iso
    return ""


def _date_at_end(line: str) -> str:
    """The date that ends a line, "" for none."""
    for form in _FORMS[:-1]:
        for match in form.finditer(line):
            if not line[match.end() :].strip(" .)"):
                return _checked(match)
    return ""


def _checked(match: re.Match[str]) -> str:
    """The match as an ISO date, cut back to what is certain; "" when no such day exists."""
    found = match.groupdict()
    year = int(found["year"])
    if "a" in found:
        first, second = int(found["a"]), int(found["b"])
        if first <= 12 and second <= 12 and first != second:
            return f"{year:04d}"
        day, month = (first, second) if second <= 12 else (second, first)
    else:
        name = found.get("month")
        month = (MONTHS.get(name.lower()) or int(name)) if name and not name.isdigit() else int(name or 0)
        day = int(found.get("day") or 0)
    try:
        datetime.date(year, month or 1, day or 1)
    except ValueError:
        return ""
    return f"{year:04d}" + (f"-{month:02d}" if month else "") + (f"-{day:02d}" if day else "")
