"""Amounts, percentages, lengths of time, counts and years, as English and its neighbours write them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from kb.question.terms import STOP_WORDS

FigureKind = Literal["amount", "percentage", "time", "count", "year"]
Bound = Literal["", "from", "up to", "about"]


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure and its place. text == source[start:end]; low <= high are its value, equal unless it is a range.

    bound: "from" for "over $320,000" (high is not known), "up to", "about". currency: an ISO code, "$", "kr" or "" (not stated);
    period: "hour" ... "year" for a rate. unit: what a time or a count is measured in, singular ("year", "interview").
    """

    kind: FigureKind
    text: str
    start: int
    end: int
    low: float
    high: float
    bound: Bound = ""
    currency: str = ""
    period: str = ""
    unit: str = ""


# --- numbers -------------------------------------------------------------------------------------------------------------------

WORDS = {
    "half": 0.5, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "eighteen": 18, "twenty": 20,
    "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90, "hundred": 100, "dozen": 12,
}  # fmt: skip
_SCALES = {
    "k": 1e3, "thousand": 1e3, "tsd": 1e3, "m": 1e6, "mn": 1e6, "mio": 1e6, "million": 1e6, "bn": 1e9, "billion": 1e9,
    "lakh": 1e5, "lakhs": 1e5, "lac": 1e5, "lpa": 1e5, "crore": 1e7, "crores": 1e7,
}  # fmt: skip
_MARKS = {
    "us$": "USD", "a$": "AUD", "au$": "AUD", "c$": "CAD", "ca$": "CAD", "nz$": "NZD", "hk$": "HKD", "s$": "SGD", "r$": "BRL",
    "$": "$",
    "£": "GBP", "€": "EUR", "₹": "INR", "¥": "JPY", "₩": "KRW", "₽": "RUB", "zł": "PLN", "kr": "kr", "fr.": "CHF", "rs.": "INR",
    "rs": "INR", "dollar": "$", "dollars": "$", "cent": "cents", "cents": "cents", "pence": "pence",
    "us dollar": "USD", "us dollars": "USD", "pound": "GBP", "pounds": "GBP",
    "quid": "GBP", "euro": "EUR", "euros": "EUR", "franc": "CHF", "francs": "CHF", "swiss francs": "CHF", "rupees": "INR",
    "lpa": "INR", "yen": "JPY", "kronor": "SEK", "zloty": "PLN", "rand": "ZAR", "reais": "BRL", "canadian dollars": "CAD",
    "australian dollars": "AUD",
}  # fmt: skip
_HUNDREDTHS = {"cent": "", "cents": "", "pence": "pound"}  # cents of which currency is not stated
_CODES = """
USD EUR GBP CHF CAD AUD NZD INR JPY CNY SGD HKD SEK NOK DKK PLN CZK HUF BRL MXN ZAR ILS KRW TRY AED RUB RON
"""
_CURRENCIES = _MARKS | {code.lower(): code for code in _CODES.split()}

_SIGN = (
    r"(?:US\$|AU?\$|CA?\$|NZ\$|HK\$|S\$|R\$|[$£€₹¥₩₽]|"
    r"(?<![A-Za-z])(?:USD|EUR|GBP|CHF|CAD|AUD|NZD|INR|JPY|SGD|SEK|NOK|DKK|PLN|Rs\.?|Fr\.|kr)(?![A-Za-z]))"
)
_AFTER = (
    r"(?:US dollars?|Canadian dollars|Australian dollars|Swiss francs|dollars?|pounds?(?! of)|euros?|francs?|rupees|yen|kronor|"
    r"zloty|rand|reais|quid|zł|"
    r"kr(?![a-z])|[€£$₽]|cents?\b|pence\b|LPA(?![A-Za-z])|(?:USD|EUR|GBP|CHF|CAD|AUD|NZD|INR|JPY|CNY|SGD|HKD|SEK|NOK|DKK|"
    r"PLN|CZK|HUF|BRL|MXN|"
    r"ZAR|ILS|KRW|TRY|AED|RON)(?![A-Za-z]))"
)
_DIGITS = r"\d{1,3}(?:[,.'’\u00a0\u202f]\d{2,3})+(?:[.,]\d{1,2})?(?!\d)|\d{1,3}(?: \d{3})+(?!\d)|\d+(?:[.,]\d+)?"
_WORD_NUMBER = "|".join(sorted(WORDS, key=len, reverse=True))
_SCALE = r"(?:\s?(?:k|K|M|m|mn|bn|Mio|million|billion|thousand|lakhs?|lac|crores?|LPA|Tsd)(?![A-Za-z]))"
_TO = r"\s*(?:-|–|—|to|and|until|bis)\s*"
_BOUND = (
    r"(?:(?P<from>over|more than|above|at least|upwards of|starting at|starting from|from|minimum of|no less than|exceeding|"
    r"a minimum of|at minimum)|"
    r"(?P<upto>up to|under|less than|below|at most|no more than|a maximum of|maximum of|not more than)|"
    r"(?P<about>about|around|roughly|approximately|some|circa|nearly|almost|close to|an average of|on average|~|≈|c\.))"
)
_PERIODS = {
    "hour": r"(?:per|an|each|a|/|the)\s?(?:hour|hr|h)\b|hourly|/\s?hr?\b|p\.h\.",
    "day": r"(?:per|a|each|/)\s?day\b|daily|day rate",
    "week": r"(?:per|a|each|/)\s?(?:week|wk)\b|weekly",
    "month": r"(?:per|a|each|/)\s?(?:month|mo)\b|monthly|im monat|pro monat|par mois",
    "year": r"(?:per|a|each|/)\s?(?:year|yr|annum)\b|annually|annual|yearly|pro jahr|im jahr|par an|p\.a\.|\bpa\b|per annum|LPA",
}
PERIOD = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in _PERIODS.items()), re.I)
_AMOUNT = re.compile(
    rf"(?:{_BOUND}\s+)?(?P<sign>{_SIGN})\s?(?P<low>{_DIGITS})(?P<scale>{_SCALE})?(?P<plus>\+)?"
    rf"(?:{_TO}(?:{_SIGN})?\s?(?P<high>{_DIGITS})(?P<scale2>{_SCALE})?)?(?P<plus2>\+)?(?:\s?(?P<code>(?:USD|CAD|AUD|NZD|SGD|"
    rf"HKD)(?![A-Za-z])))?",
    re.I,
)
_AMOUNT_AFTER = re.compile(
    rf"(?:{_BOUND}\s+)?(?<![\w.,$£€₹])(?P<low>{_DIGITS})(?P<scale>{_SCALE})?(?:{_TO}(?P<high>{_DIGITS})(?P<scale2>{_SCALE})?)?(?P<plus>\+)?\s?(?P<code>{_AFTER})"
    rf"",
    re.I,
)
_BARE = re.compile(  # no currency: large, or with a "k"; an amount only where the words around speak of pay
    rf"(?:{_BOUND}\s+)?(?<![\w.,$£€₹])(?P<low>\d{{1,3}}(?:[,.'’]\d{{3}})+|\d{{2,3}}\s?[kK](?![a-z])|\d{{5,6}})(?P<plus>\+)?"
    rf"(?:{_TO}(?P<high>\d{{1,3}}(?:[,.'’]\d{{3}})+|\d{{2,3}}\s?[kK](?![a-z])|\d{{5,6}}))?(?![\w%.,]*\d)",
)
MONEY_WORDS = re.compile(
    r"\b(?:pay|paid|salar(?:y|ies)|wages?|earn(?:s|ed|ings?)?|compensation|income|bonus(?:es)?|fees?|"
    r"costs?|price|range|budget|stipend|rate)\b",
    re.I,
)
_PERCENT = re.compile(
    rf"(?:{_BOUND}\s+)?(?<![\w.,])(?P<low>\d+(?:[.,]\d+)?)(?:\s?%)?(?:{_TO}(?P<high>\d+(?:[.,]\d+)?))?\s?(?:%|"
    rf"percent(?:age points)?\b|per cent\b)",
    re.I,
)
_ONE_IN = re.compile(
    rf"\b(?P<part>one|two|three|four|nine|\d+) (?:in|out of)(?: every)? (?P<whole>{_WORD_NUMBER}|"
    rf"\d+)\b(?! \w+ (?:years|months))",
    re.I,
)
_TIME_UNITS = r"(?:years?|yrs?|months?|weeks?|days?|hours?|hrs?|minutes?|mins?)"
_NUMBER = rf"(?:\d+(?:[.,]\d+)?|{_WORD_NUMBER})"
_TIME = re.compile(
    rf"(?:{_BOUND}\s+)?(?<![\w.,$£€₹])(?P<low>{_NUMBER})(?:(?:\s*(?:-|–|—)\s*|\s+(?:to|or|"
    rf"and)\s+)(?P<high>{_NUMBER}))?(?P<plus>\+)?[\s-]+(?:full |more |whole )?(?P<unit>{_TIME_UNITS})\b",
    re.I,
)
_COUNT = re.compile(
    rf"(?:{_BOUND}\s+)?(?<![\w.,$£€₹/-])(?P<low>\d{{1,3}}(?:,\d{{3}})+|{_NUMBER})(?:(?:\s*(?:-|–|—)\s*|\s+(?:to|or|"
    rf"and)\s+)(?P<high>{_NUMBER}))?(?P<plus>\+)?[\s-]+"
    r"(?P<unit>(?:(?!of\b|in\b|to\b|or\b|and\b|for\b|is\b|per\b|a\b|the\b)[a-z]{2,}[\s-]){0,2}?[a-z]{3,})\b",
    re.I,
)
_YEAR = re.compile(r"(?<![\w.,$£€-])(?:(?:19[5-9]\d|20[0-4]\d)(?:\s?[/–-]\s?(?:\d{2}|20\d{2}))?)(?![\w%]|[.,]\d)")
_NEAR = 28  # characters after a figure where its period may stand


def figures(text: str, *, about_money: bool = False) -> tuple[Figure, ...]:
    """All figures, in order, none overlapping another.

    about_money: the heading speaks of pay, so that "30,000 to 40,000" without a currency is an amount. Where two readings
    overlap, an amount wins over a percentage, a length of time, a year, a count.
    """
    found: list[Figure] = []
    for candidate in _all(text, about_money):
        if not any(candidate.start < other.end and other.start < candidate.end for other in found):
            found.append(candidate)
    return tuple(sorted(found, key=lambda figure: figure.start))


def _all(text: str, about_money: bool) -> Iterator[Figure]:
    if not re.search(rf"\d|\b(?:{_WORD_NUMBER})\b", text, re.I):
        return
    for pattern in (_AMOUNT, _AMOUNT_AFTER):
        for match in pattern.finditer(text):
            yield _amount(text, match)
    for match in _BARE.finditer(text):
        if about_money or MONEY_WORDS.search(text[max(0, match.start() - 80) : match.end() + 40]):
            yield _amount(text, match)
    for match in _PERCENT.finditer(text):
        yield _plain("percentage", match, "%")
    for match in _ONE_IN.finditer(text):
        share = 100 * _value(match["part"]) / max(_value(match["whole"]), 1.0)
        yield Figure("percentage", match.group(), *match.span(), share, share, "", unit="%")
    for match in _TIME.finditer(text):
        yield _timed(text, match)
    for match in _YEAR.finditer(text):
        year = float(match.group()[:4])
        yield Figure("year", match.group(), *match.span(), year, year)
    for match in _COUNT.finditer(text):
        unit = _singular(match["unit"].split()[-1].lower())
        if unit not in STOP_WORDS and unit not in _NO_UNITS:
            yield _plain("count", match, unit)


_NOT_COUNTED = """
hundred thousand million billion dozen per cent percent time way thing day january february march april may june july august
september october november december and are was were has have had can will would should
"""
_NO_UNITS = frozenset(_NOT_COUNTED.split())


def _amount(text: str, match: re.Match[str]) -> Figure:
    groups = match.groupdict()
    code = (groups.get("code") or groups.get("sign") or "").lower()
    if code == "lpa":  # lakh per annum
        groups |= {"scale": "lakh", "scale2": "lakh"}
    scale, scale2 = _scale(groups.get("scale")), _scale(groups.get("scale2"))
    high = _value(match["high"], code) if match["high"] else None
    low = _value(match["low"], code)
    if high is not None:
        high *= scale2
        low *= scale if scale != 1 else (scale2 if low * scale2 <= high else 1)
    else:
        low *= scale
    if code in _HUNDREDTHS:
        low, high, code = low / 100, high and high / 100, _HUNDREDTHS[code]
    period, end = _period(text, match)
    bound = _bound(match)
    currency = _CURRENCIES.get(code, "")
    high = low if high is None else high
    return Figure("amount", text[match.start() : end], match.start(), end, low, high, bound, currency, period)


def _plain(kind: FigureKind, match: re.Match[str], unit: str) -> Figure:
    low = _value(match["low"])
    high = _value(match["high"]) if match.groupdict().get("high") else low
    return Figure(kind, match.group(), *match.span(), min(low, high), max(low, high), _bound(match), unit=unit)


def _timed(text: str, match: re.Match[str]) -> Figure:
    unit = _singular(match["unit"].lower())
    unit = {"yr": "year", "hr": "hour", "min": "minute"}.get(unit, unit)
    plain = _plain("time", match, unit)
    after = PERIOD.match(text[match.end() :].lstrip(" ,"))
    return replace(plain, period=after.lastgroup or "" if after else "")


def _bound(match: re.Match[str]) -> Bound:
    groups = match.groupdict()
    if groups.get("from") or groups.get("plus") or groups.get("plus2"):
        return "from" if not groups.get("high") else ""
    if groups.get("upto"):
        return "up to"
    return "about" if groups.get("about") else ""


def _period(text: str, match: re.Match[str]) -> tuple[str, int]:
    """The period of an amount and where the figure with it ends: "a year" right behind, or "hourly" shortly before."""
    behind = re.match(r"\s?(?:[a-z]{3,8} )?", text[match.end() :], re.I)
    for skip in (re.match(r"\s?", text[match.end() :]), behind):
        at = match.end() + (skip.end() if skip else 0)
        found = PERIOD.match(text, at)
        if found and found.end() - match.end() <= _NEAR:
            return found.lastgroup or "", found.end()
    before = [m for m in PERIOD.finditer(text[max(0, match.start() - 45) : match.start()])]
    if "lpa" in match.group().lower():
        return "year", match.end()
    return (before[-1].lastgroup or "" if before else ""), match.end()


def _scale(mark: str | None) -> float:
    return _SCALES.get((mark or "").strip().lower(), 1.0)


def _value(number: str, currency: str = "") -> float:
    """ "127,750" -> 127750, "30.000" -> 30000, "95'000" -> 95000, "12,50" -> 12.5, "two" -> 2, "80k" -> 80000.

    One group of exactly three digits after a dot is thousands unless what stands before it is 0; after any other mark too.
    """
    text = number.strip().lower()
    if text in WORDS:
        return float(WORDS[text])
    scale = 1.0
    if text.endswith("k"):
        text, scale = text[:-1].strip(), 1e3
    text = re.sub(r"[\s'’\u00a0\u202f]", "", text)
    last = max(text.rfind(","), text.rfind("."))
    if last >= 0:
        tail = text[last + 1 :]
        whole = re.sub(r"[.,]", "", text[:last])
        thousands = len(tail) == 3 and whole not in {"", "0"}
        text = whole + tail if thousands else f"{whole}.{tail}"
    return float(text) * scale


def _singular(unit: str) -> str:
    if unit.endswith("ies") and len(unit) > 4:
        return unit[:-3] + "y"
    return unit[:-1] if unit.endswith("s") and not unit.endswith("ss") else unit
