"""What a sentence, its headings and its article say about a figure, and what they leave open."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from kb.figures.numbers import MONEY_WORDS, PERIOD, Figure, figures
from kb.places import country_of, places_in
from kb.question.terms import entities

OLD_AFTER_YEARS = 3  # pay and prices move on: older ones are flagged

CURRENCY_NAMES = {
    "USD": "US dollars", "EUR": "euros", "GBP": "pounds sterling", "CHF": "Swiss francs", "CAD": "Canadian dollars",
    "AUD": "Australian dollars", "INR": "Indian rupees", "JPY": "yen",
}  # fmt: skip
_COUNTRY_DOLLARS = {"US": "USD", "CA": "CAD", "AU": "AUD", "NZ": "NZD", "SG": "SGD", "HK": "HKD"}

LEVEL = re.compile(
    r"\b(?:entry[- ]level|mid[- ]level|mid[- ]career|junior|senior|principal|distinguished|staff(?= \w+er\b)|lead(?= \w+)|"
    r"chief|head|newly qualified|"
    r"graduates?|new grads?|interns?|trainees?|apprentices?|beginners?|experienced|starting|at the start|first[- ]year|"
    r"(?:band|grade|level|tier) \d+\w?|[LEM]\d\b|IC\d|top \d+ ?%|bottom \d+ ?%|median|"
    r"(?:after |with )?(?:\d+|one|two|three|five|ten|twenty)(?:\s?(?:-|to)\s?\d+)?\+? years(?:' | of )experience|after (?:\d+|"
    r"one|two|three|five|ten) years)(?!\w)",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Described:
    """What is said about a figure, "" where it is not. missing: which of currency, period, region, level, year, whose are
    not said.

    year: as stated beside the figure, else "" (then dated gives the article's own date). old: the year, or else the
    article's date, lies more than OLD_AFTER_YEARS back.
    """

    figure: Figure
    currency: str
    period: str
    region: str
    level: str
    year: str
    dated: str
    whose: str
    old: bool
    missing: tuple[str, ...]

    def line(self) -> str:
        """One line for the reader: "web developer; US dollars a year; from 2019, more than 3 years ago; not stated: region"."""
        per = f"{'an' if self.period == 'hour' else 'a'} {self.period}" if self.period else ""
        unit = " ".join(part for part in (self.currency, per) if part)
        stated = [part for part in (self.whose, unit, self.level.lower(), self.region) if part]
        when = self.year or self.dated
        if when:
            of = f"from {when}" if self.year else f"article dated {when}"
            stated.append(f"{of}, more than {OLD_AFTER_YEARS} years ago" if self.old else of)
        if self.missing:
            stated.append(f"not stated: {', '.join(self.missing)}")
        return "; ".join(stated)


def describe(
    figure: Figure,
    sentence: str,
    *,
    heading: Sequence[str] = (),
    title: str = "",
    article_date: str = "",
    region: str = "",
    roles: Sequence[str] = (),
    today: date | None = None,
) -> Described:
    """What the sentence, its headings and its article say about the figure.

    sentence: the quote that holds the figure. article_date: "YYYY[-MM[-DD]]" or "". region, roles: the article's own.
    """
    around = [sentence, *reversed(heading), title]
    place = _place(sentence) or next((found for text in around[1:] if (found := _only(_places(text), "regions"))), "") or region
    own = LEVEL.search(beside(figure, sentence))
    above = (_only([m.group() for m in LEVEL.finditer(text)], "levels") for text in around[1:])
    stated_level = own.group() if own else next(filter(None, above), "")
    years = [year for text in (sentence, *reversed(heading)) for year in _years(text)]
    year = years[-1] if years else ""
    employer = next((name for text in around if (name := _employer(text))), "")
    said_here = " ".join(around).lower()
    named = [role for role in roles if any(name.lower() in said_here for name in role.split(" / "))]
    role = named[0].split(" / ")[0] if named else ""
    whose = ", ".join(part for part in (role, employer) if part)
    currency = _currency_name(figure.currency or _code(around), place)
    period = figure.period or next((found for text in around[1:] if (found := _period(text))), "")
    money = figure.kind == "amount"
    said = {
        "currency": bool(currency) or not money,
        "period": bool(period) or not money,
        "region": bool(place) or not money,
        "level": bool(stated_level) or not money,
        "whose": bool(whose) or not MONEY_WORDS.search(title) or not money,
        "year": bool(year or article_date),
    }
    return Described(
        figure, currency, period, place, stated_level, year, article_date, whose,
        _is_old(year or article_date, today or date.today()),
        tuple(name for name, known in said.items() if not known),
    )  # fmt: skip


def beside(figure: Figure, sentence: str) -> str:
    """The part of a sentence that a figure stands in, where the sentence has several amounts: each has its own level."""
    if sum(other.kind == "amount" for other in figures(sentence)) < 2:
        return sentence
    marks = [0, *(match.end() for match in _CUT.finditer(sentence)), len(sentence)]
    at = sentence.find(figure.text)
    return next((sentence[a:b] for a, b in zip(marks, marks[1:], strict=False) if a <= at < b), sentence)


_CUT = re.compile(r",\s+|;\s+|\s+and\s+|\s+then\s+|\.\s+|\s\|\s")


def _code(texts: Sequence[str]) -> str:
    """The currency a row or its header names apart from the amount: "52,000 | GBP"; "" unless there is just one."""
    for text in texts:
        found = set(_CODE.findall(text))
        if found:
            return found.pop() if len(found) == 1 else ""
    return ""


_CODE = re.compile(rf"\b(?:{'|'.join(CURRENCY_NAMES)})\b")


def _period(text: str) -> str:
    """The period that a heading or a header names: "Average salary (a year)"; "" unless there is just one."""
    found = {match.lastgroup or "" for match in PERIOD.finditer(text)}
    return found.pop() if len(found) == 1 else ""


def _years(text: str) -> list[str]:
    """Years a figure may be of: not those that only bound a change ("since 2021", "by 2030")."""
    return [f.text for f in figures(text) if f.kind == "year" and not _BOUNDS.search(text[: f.start])]


_BOUNDS = re.compile(r"\b(?:since|by|until|till|before|after|compared with|than in)\s+(?:\w+ )?$", re.I)


def _places(text: str) -> list[str]:
    return [text[start:end] for start, end in places_in(text)]


def _place(text: str) -> str:
    return next(reversed(_places(text)), "")


def _only(found: Sequence[str], what: str) -> str:
    """What a heading or a header names, where it names one; of a table with a column each it says that there are several."""
    different = {each.lower() for each in found}
    return "" if not found else found[-1] if len(different) == 1 else f"several {what}"


_EMPLOYER = re.compile(
    r"\b(?:[Aa]t|[Ww]ith|(?<=work )for|(?<=working )for|employed by) (?:the )?([A-Z][\w&.'-]+(?: [A-Z][\w&.'-]+)*)|"
    r"^([A-Z][\w&.'-]+(?: [A-Z][\w&.'-]+)*) (?:pays|paid|offers)\b"
)


def _employer(text: str) -> str:
    """An organisation named as the one that pays: "at Acme", "Acme pays"; no place, month or plain word."""
    for match in _EMPLOYER.finditer(text):
        name = match[1] or match[2]
        if (
            country_of(name) is None
            and not _CODE.search(name)
            and name in entities(f"x {name}")
            and not re.fullmatch(
                r"(?:[A-Z][a-z]+(?:uary|ember|ober|"
                r"ril|ust|y|ne)|I|A)",
                name,
            )
        ):
            return name.rstrip(".")
    return ""


def _currency_name(code: str, place: str) -> str:
    """ "US dollars" for "$" beside a US place; "$, which dollars is not stated" where nothing says whose."""
    if code == "$":
        own = _COUNTRY_DOLLARS.get(country_of(place) or "") if place else None
        return CURRENCY_NAMES.get(own, own) if own else "dollars (of which country is not stated)"
    if code == "kr":
        return "kroner or kronor (of which country is not stated)"
    return CURRENCY_NAMES.get(code, code)


def _is_old(when: str, today: date) -> bool:
    """Whether a "YYYY[-MM[-DD]]" lies more than OLD_AFTER_YEARS before today; unknown parts count as the latest."""
    match = re.match(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?", when)
    if not match:
        return False
    year, month, day = int(match[1]), int(match[2] or 12), int(match[3] or 28)
    return (year + OLD_AFTER_YEARS, month, day) < (today.year, today.month, today.day)
