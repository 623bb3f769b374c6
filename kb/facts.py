"""The checkable facts in a text: quantities and names. What a sentence states must stand in the text that it cites.

quantities("about $30-40k in 2024")  -> 30,000 USD, 40,000 USD, 2024
names("At Google, a Staff Engineer") -> Google, Staff, Engineer
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Set
from dataclasses import dataclass, replace

from kb.lexical import STOP_WORDS, analyse

_CURRENCIES = {
    "us$": "usd", "$": "usd", "usd": "usd", "dollar": "usd", "dollars": "usd", "€": "eur", "eur": "eur", "euro": "eur",
    "euros": "eur", "£": "gbp", "gbp": "gbp", "pound": "gbp", "pounds": "gbp", "¥": "jpy", "jpy": "jpy", "yen": "jpy", "₹": "inr",
    "inr": "inr", "rupees": "inr", "chf": "chf", "francs": "chf", "cad": "cad", "ca$": "cad", "c$": "cad", "aud": "aud",
    "au$": "aud", "a$": "aud", "sgd": "sgd", "s$": "sgd",
}  # fmt: skip
_SCALES = {"k": 1e3, "thousand": 1e3, "m": 1e6, "mn": 1e6, "million": 1e6, "millions": 1e6, "bn": 1e9, "b": 1e9, "billion": 1e9,
           "hundred": 1e2, "dozen": 12.0, "lakh": 1e5, "crore": 1e7}  # fmt: skip
_UNITS = {"hour": "hour", "hr": "hour", "day": "day", "week": "week", "month": "month", "year": "year", "yr": "year",
          "minute": "minute", "min": "minute", "second": "second", "sec": "second"}  # fmt: skip
_RATES = {"hour": "hour", "hourly": "hour", "day": "day", "daily": "day", "week": "week", "weekly": "week", "month": "month",
          "monthly": "month", "year": "year", "annum": "year", "yearly": "year", "annually": "year"}  # fmt: skip
_SMALL = {word: float(value) for value, word in enumerate(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen "
    "nineteen".split())}  # fmt: skip
_PARTS = {"half": (50.0, "percent"), "twice": (2.0, "plain"), "double": (2.0, "plain"), "triple": (3.0, "plain")}
_TENS = {word: 10.0 * (at + 2) for at, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split())}

_PRE = r"(?:US\$|CA\$|AU\$|[ACS]\$|[$€£¥₹]|\b(?:USD|EUR|GBP|CHF|CAD|AUD|INR|JPY|SGD))"
_POST = r"(?:(?:US|American)\s)?(?:USD|EUR|GBP|CHF|CAD|AUD|INR|JPY|SGD|dollars?|euros?|pounds?|yen|rupees|francs)\b|[€£¥₹]"
_DIGITS = r"\d{1,3}(?:[,'’ \u00a0\u202f]\d{3})+(?!\d)(?:\.\d+)?|\d+(?:[.,]\d+)?"
_WORDS = rf"(?:{'|'.join(_TENS)})(?:[- ](?:{'|'.join(list(_SMALL)[1:10])}))?|{'|'.join(reversed(list(_SMALL)))}"
_QUANTITY = re.compile(
    rf"(?:(?P<pre>{_PRE})\s?|(?<![\w.,+#]))(?:(?P<digits>{_DIGITS})|(?P<words>(?:{_WORDS})(?!\w)|(?=(?:hundred|dozen)\b))|\b(?P<part>half|twice|double|triple)\b)"
    r"(?:[\s-]?(?P<scale>(?:k|m|mn|bn|b|hundred|thousand|dozen|millions?|billion|lakh|crore)\b))?\+?"
    rf"(?:\s?(?P<percent>%|per\s?cent\b|percentage\spoints?\b|pct\b)|\s?(?P<post>{_POST})"
    r"|[\s-]?(?:(?!and|or|to|in|of|a|the|per)[a-z]+\s){0,2}?(?P<unit>(?:hour|hr|day|week|month|year|yr|minute|min|second|sec)s?\b)(?!-old))?"
    r"(?:\s?(?:a|an|per|each|/)\s?(?P<rate>hour|day|week|month|year|annum)\b|\s(?P<adverb>hourly|daily|weekly|monthly|yearly|annually)\b)?",
    re.I,
)
_RANGE_BETWEEN = re.compile(r"\s*(?:[-–—]|to|and|or)\s*$", re.I)
_NAME_BEFORE = re.compile(r"(?<![A-Za-z])(?!(?:Mid|Pre|Post|Late|Early)-)[A-Z][\w.]*-$")  # GPT-4


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with what it counts. value: scaled (30k is 30,000). kind: "plain", "percent" or "money".

    unit: a currency ("usd") for money, else a unit of time ("year"), or "" where none is given. rate: "a month" is "month".
    start: its place in the text. shown: as written.
    """

    value: float
    kind: str
    unit: str
    start: int
    shown: str
    rate: str = ""


def quantities(text: str) -> list[Quantity]:
    """Every quantity in text, in order; in a range the first number takes the scale and unit of the second.

    >>> [(q.value, q.kind, q.unit) for q in quantities("$30-40k after two years, up 5 percent")]
    [(30000.0, 'money', 'usd'), (40000.0, 'money', 'usd'), (2.0, 'plain', 'year'), (5.0, 'percent', '')]
    """
    found: list[tuple[Quantity, float]] = []
    last_end = -1
    for match in _QUANTITY.finditer(text):
        if (quantity := _quantity(text, match)) is None:
            continue
        scale = _SCALES.get((match["scale"] or "").lower().strip("- "), 1.0)
        if found and _RANGE_BETWEEN.fullmatch(text[last_end : match.start()]):
            found[-1], quantity = _joined(*found[-1], quantity, scale)
        found.append((quantity, scale))
        last_end = match.end()
    return [quantity for quantity, _ in found]


def _joined(first: Quantity, first_scale: float, second: Quantity, scale: float) -> tuple[tuple[Quantity, float], Quantity]:
    """Both ends of a range, each with the scale and unit that only the other carries: "$30-40k", "3 to 5 years"."""
    value = first.value * scale if first_scale == 1.0 and scale > 1.0 and first.value < 1000 else first.value
    if first.kind == "plain" and first.unit == "":
        first = replace(first, kind=second.kind, unit=second.unit)
    elif second.kind == "plain" and second.unit == "":
        second = replace(second, kind=first.kind, unit=first.unit)
    return (replace(first, value=value), scale), second


def _quantity(text: str, match: re.Match[str]) -> Quantity | None:
    scale_word = (match["scale"] or "").lower().strip("- ")
    if match["digits"]:
        if _NAME_BEFORE.search(text[max(0, match.start() - 20) : match.start()]):
            return None  # part of a name
        value = _value(match["digits"])
    elif match["part"]:
        value, kind = _PARTS[match["part"].lower()]
        return Quantity(value, kind, "", match.start(), match["part"])
    else:
        value = _worded(match["words"])
        if value == 1.0 and not scale_word and not match["percent"]:
            return None  # "one" is rarely a number
    value *= _SCALES.get(scale_word, 1.0)
    currency = _CURRENCIES.get(re.sub(r"^(?:us|american)\s", "", (match["pre"] or match["post"] or "").lower()), "")
    unit = _UNITS.get((match["unit"] or "").lower().rstrip("s"), "")
    kind = "percent" if match["percent"] else "money" if currency else "plain"
    rate = _RATES.get((match["rate"] or match["adverb"] or "").lower(), "")
    return Quantity(value, kind, currency or unit, match.start(), match[0].strip(), rate)


def _value(digits: str) -> float:
    if re.fullmatch(r"\d{1,3}(?:[,'’ \u00a0\u202f]\d{3})+(?:\.\d+)?", digits):
        return float(re.sub(r"[,'’ \u00a0\u202f]", "", digits))
    return float(digits.replace(",", "."))


def _worded(words: str) -> float:
    if not words:
        return 1.0  # "a hundred", "a dozen"
    tens, _, ones = words.lower().replace("-", " ").partition(" ")
    return _TENS.get(tens, _SMALL.get(tens, 0.0)) + _SMALL.get(ones, 0.0)


def states(quantity: Quantity, evidence: Iterable[Quantity], context: str = "") -> bool:
    """Whether one of the evidence's quantities is this one: equal value, and no other currency, percent sign or unit of time.

    context: heading, lead-in or table header of the evidence, which may carry the unit for bare numbers ("Share (%)", "EUR").
    """
    return any(_same(quantity, other, context) for other in evidence)


def _same(a: Quantity, b: Quantity, context: str) -> bool:
    if abs(a.value - b.value) > 1e-9 * max(1.0, abs(a.value)):
        return False
    if a.rate and b.rate and a.rate != b.rate:
        return False
    if a.kind != b.kind and "plain" not in (a.kind, b.kind):
        return False
    if a.kind == "percent" and b.kind == "plain":
        return "%" in context or "percent" in context.lower() or "share" in context.lower()
    if a.kind == "money" and b.kind == "plain":
        words = re.findall(r"[a-z]+\$?|[$€£¥₹]", context.lower())
        return b.unit == "" and a.unit in {_CURRENCIES.get(word, "") for word in words}
    if a.kind == "plain" and b.kind == "percent":
        return a.unit == ""
    return not a.unit or a.unit == b.unit or (not b.unit and a.unit in context.lower())


_TOKEN = re.compile(r"(?:[A-Za-zÀ-ɏ0-9]|(?<!\w)\.(?=[A-Z]))(?:[\w+#&’'./-]*[\w+#])?")
_OPENS = re.compile(r"(?:^|[.!?:…]|[\"“‘(\[|/•])[\s\"“‘(\[*]*$")
_DOTTED = re.compile(r"(?:[A-Za-z]\.){2,}[A-Za-z]?")
_ACTS = frozenset(  # after a singular first word that the source does not hold, they make that word a name: "Pfizer advises"
    "is was has had does did will can may pays paid says said told found gives gave reports argues advises offers uses requires "
    "asks wants recommends claims earns needs sells states writes wrote suggests shows makes made".split()
)
_NO_NAME_ENDS = ("s", "ing", "ly", "ed")
_NOT_NAMES = frozenset("i i'm i'd i've i'll ok".split())


def name_key(word: str) -> str:
    """A word as names are compared: small letters, no dots, no possessive.

    >>> name_key("Google's"), name_key("U.S.")
    ('google', 'us')
    """
    word = re.sub(r"[’']s?$", "", word.casefold().rstrip(".,"))
    return word.replace(".", "") if _DOTTED.fullmatch(word) or _DOTTED.fullmatch(word + ".") else word


def names(text: str, known: Set[str] = frozenset()) -> list[str]:
    """Words of text that name something, as written, in order: capitals inside a sentence, abbreviations, words with digits.

    known: name keys seen as names elsewhere; a sentence's first word is a name if it is among them, is spelt like no
    ordinary word (SQL, GitHub, L5), begins a run of capitalised words ("Goldman Sachs pays"), or acts or owns without
    an article ("Spotify pays", "Meta's team"; "Silence is" would be mistaken for one too, so ask about words that the source does
    not hold).
    """
    tokens = list(_TOKEN.finditer(text))
    found = []
    for at, token in enumerate(tokens):
        word = token[0]
        if name_key(word) in _NOT_NAMES or not _capital(word):
            continue
        opens = bool(_OPENS.search(text[: token.start()]))
        follows = tokens[at + 1][0] if at + 1 < len(tokens) else ""
        run = follows[:1].isupper() and text[token.end() : tokens[at + 1].start()] == " " and name_key(follows) not in _NOT_NAMES
        acts = len(word) > 2 and not word.endswith(_NO_NAME_ENDS) and (follows in _ACTS or follows.endswith("ed"))
        owns = bool(re.search(r"\w[’']s$", word))
        odd = _spelt_oddly(word) or ((acts or owns) and name_key(word) not in STOP_WORDS)
        if odd or not opens or name_key(word) in known or (run and word.lower() not in STOP_WORDS):
            found.append(word)
    return found


def _capital(word: str) -> bool:
    return any(char.isupper() for char in word)


def _spelt_oddly(word: str) -> bool:
    """SQL, GitHub, L5, R&D, C++: no ordinary word is spelt so, not even at the start of a sentence."""
    core = re.sub(r"[’']s?$", "", word)
    return any(char.isupper() for char in core[1:]) or (core[0].isupper() and bool(re.search(r"[\d+#&]", core)))


def capitalised_inside(text: str) -> set[str]:
    """Name keys of the words that stand with a capital inside a sentence of text: names, whatever opens a sentence elsewhere."""
    return {name_key(word) for word in names(text)}


_SHORT_FORMS = (
    ("ai", "artificial intelligence"),
    ("cv", "curriculum vitae"),
    ("eu", "european union"),
    ("hr", "human resources"),
    ("it", "information technology"),
    ("ml", "machine learning"),
    ("pm", "product manager"),
    ("qa", "quality assurance"),
    ("ui", "user interface"),
    ("uk", "united kingdom"),
    ("us", "united states"),
    ("ux", "user experience"),
    ("us", "american"),
    ("uk", "british"),
    ("eu", "european"),
)  # two letters stand for too many pairs of words to be read off their initials


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words of a text, in the shapes in which a name may be looked for: keys, stems, and initials of runs of words."""

    keys: frozenset[str]
    stems: frozenset[str]
    initials: str

    @classmethod
    def of(cls, text: str) -> Vocabulary:
        words = [token[0] for token in _TOKEN.finditer(text)]
        parts = {part for word in words for part in re.split(r"[-/’'&.]", word)}
        plain = f" {' '.join(name_key(word) for word in words)} "
        keys = {name_key(word) for word in {*words, *parts}}
        for short, long in _SHORT_FORMS:
            if short in keys or f" {long} " in plain:
                keys |= {short, *long.split()}
        initials = " ".join(part[0].casefold() for word in words for part in re.split(r"[-/]", word) if part)
        return cls(frozenset(keys), frozenset(analyse(text)), f" {initials} ")

    def names(self, word: str) -> bool:
        """Whether the text names word: as it stands, in another form (plural, possessive), or written out for an abbreviation.

        >>> Vocabulary.of("An engineer of machine learning").names("ML")
        True
        """
        key = name_key(word)
        if key in self.keys or (key.endswith("s") and key[:-1] in self.keys) or f"{key}s" in self.keys:
            return True
        parts = [part for part in re.split(r"[-/&]", re.sub(r"[’']s?$", "", word)) if _capital(part) or part[:1].isdigit()]
        if parts and all(name_key(part) in self.keys for part in parts):
            return True
        if word.isupper() and 3 <= len(key) <= 6 and f" {' '.join(key)} " in self.initials:
            return True
        stems = analyse(word)
        return bool(stems) and all(stem in self.stems for stem in stems) and not _spelt_oddly(word)
