"""Dates as an article gives them ("2024", "2024-05", "2024-05-03") in words. Pure."""

from __future__ import annotations

import re
from datetime import date

from kb.web.strings import say


def written_date(text: str, language: str = "en") -> str:
    """`2024-05` as `May 2024`, `2024-05-03` as `3 May 2024`, `2024` as itself, and "" as "Undated"."""
    if not text:
        return say("date_unknown", language)
    year, *rest = text.split("-")
    months = say("months", language).split()
    if not rest or not rest[0].isdigit() or not 1 <= int(rest[0]) <= 12:
        return year
    month = months[int(rest[0]) - 1]
    day = f"{int(rest[1])}{'.' if language == 'de' else ''} " if len(rest) > 1 and rest[1].isdigit() else ""
    return f"{day}{month} {year}"


def age(text: str, today: date, language: str = "en") -> str:
    """How old a date is in words, "" when there is none: whole months, then whole years from 12 months on.

    A bare year counts from its July, so that it errs by at most half a year.
    """
    if not re.match(r"\d{4}", text):
        return ""
    parts = [int(p) for p in text.split("-") if p.isdigit()]
    year, month = parts[0], parts[1] if len(parts) > 1 else 7
    months = (today.year - year) * 12 + today.month - month - (len(parts) > 2 and today.day < parts[2])
    if months < 0:
        return "" if len(parts) == 1 and year == today.year else say("age_future", language)
    if months < 1:
        return say("age_new", language)
    if months < 12:
        return say("age_month", language) if months == 1 else say("age_months", language, n=months)
    years = months // 12
    return say("age_year", language) if years == 1 else say("age_years", language, n=years)


def date_origin(origin: str, language: str = "en") -> str:
    """Where an article's date was found, in words; "" for one whose origin is not known."""
    return say(f"from_{origin.replace(' ', '_')}", language) if origin in ("front matter", "page metadata", "text") else ""
