"""Occupations named in a text: found by known names and by their endings, with the words before that belong to them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import dropwhile, takewhile

from kb.question.lexicon import ADJECTIVES, IRREGULAR_PLURALS, NOT_ROLES, ROLE_WORDS, VERBS
from kb.question.terms import STOP_WORDS, WORD

Span = tuple[int, int]

_AGENT = re.compile(r"[a-z-]{2,}(?:er|or|ist|ian)s?|[a-z-]*(?:men|women|man|woman)", re.I)
_PHRASES = re.compile(
    r"\b(?:chief of staff|head of \w+|scrum masters?|product owners?|staff engineers?|"
    r"public servants?)\b",
    re.I,
)
_NOUN = r"(?P<noun>[a-z][a-z'-]*(?: [a-z][a-z'-]*){0,3}?)"
_HOW = r"(?: (?:actually|typically|usually|normally))?"
_END = r"(?= (?:in|at|on|for|without|with|when|after|if|and|or|as|by|from|is|was)\b|[?.,!;:]|$)"
_WHICH_PAY = "(?:average|typical|starting|median|annual|monthly|yearly|hourly)"
_BECOME = r"(?:become|becoming|be|work as|working as|train as|train to be|job as|career as|qualify as)"
_ASKED_ABOUT = tuple(  # whoever earns, needs skills or is to be become is an occupation, known or not
    re.compile(pattern, re.I)
    for pattern in (
        rf"\bwhat (?:do|does|would|can|could|should) (?:an? |the )?{_NOUN}{_HOW} "
        r"(?:earn|make|get|do|take home|start on|charge)\b",
        rf"\bhow (?:much|well) (?:do|does|would|can|could|is|are|should) (?:an? |the )?{_NOUN}{_HOW} "
        r"(?:earn|make|get|charge|take home|paid)\b",
        r"\b(?:skills?|qualifications?|tools?|degrees?|training|certificates?|education|software|languages?|traits|hours) "
        rf"(?:do|does|would|should|must) an? {_NOUN}{_HOW} (?:need|use|have|require|work)\b",
        rf"\b(?:hours|duties|tasks|salary|pay|wages?|earnings|path|ladder|life|day|job|work|role|skills) of an? {_NOUN}{_END}",
        rf"^(?:{_WHICH_PAY} )?(?!{_WHICH_PAY}\b){_NOUN} (?:{_WHICH_PAY} )?(?:salary|salaries|wages?)\b",
        rf"\bis (?:being |working as )?(?:an? )?{_NOUN} (?:still )?an? (?:[\w-]+ ){{1,3}}?(?:job|career|profession|living)\b",
        rf"\b{_BECOME} an? {_NOUN}{_END}",
    )
)
_GOAL = re.compile(
    r"\b(?:i(?:['’]d| would| really)?|and|but|so|now) (?:want|like|love|hope|plan|dream|wish|decided|am going)(?: of)?(?: to)? "
    rf"{_BECOME} an? {_NOUN}{_END}",
    re.I,
)
_ELSE = r"(?= (?:but|who|now|thinking|looking|hoping|trying|wanting)\b)"
_BE = r"i(?:['’]?m| am| was|['’]ve been| have been| used to be)(?: currently| now| just| still| already)?"
_COME_FROM = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        rf"\b{_BE} (?:(?:working|employed) as )?an? {_NOUN}(?:{_END}|{_ELSE})",
        rf"\bi(?:['’]ve| have)?(?: currently| now| still)? work(?:ed|ing)? as an? {_NOUN}{_END}",
        rf"^as an? {_NOUN}(?=,| (?:how|can|could|should|what|where)\b)",
        rf"\bfrom (?:being |working as )?(?:an? )?{_NOUN} (?:in)?to\b",
        rf"\b(?:can|could|do|does|would|should) (?:an? )?{_NOUN} (?:become|switch|move|turn|retrain|change|go into|get into)\b",
    )
)
_MOVES = re.compile(r"\b(?:become|becoming|(?:switch|move|get|go|break|change|turn|retrain)(?:ing)? (?:over )?(?:in)?to)\b", re.I)
_NOBODY = frozenset(
    "people person someone somebody anyone one job work career company firm employer women men way net gross minimum maximum "
    "expected desired annual monthly base basic remote entry level grade".split()
)
LONGEST_LEFT = 3  # words before an occupation's noun that belong to it: "air traffic controller"


def roles_in(text: str, subjects: Sequence[str] = ()) -> tuple[Span, ...]:
    """Where occupations are named: known names first, then by their endings, with the words before that belong to them."""
    found: list[Span] = [match.span() for match in _PHRASES.finditer(text)]
    if subjects:
        found += _known(text, tuple(subjects))
    words = list(WORD.finditer(text))
    for i, match in enumerate(words):
        word = match.group().lower().removesuffix("'s")
        if overlap(match.span(), found) or not is_role_word(word):
            continue
        if word in {"manager", "managers"} and i and words[i - 1].group().lower() in {"my", "hiring", "your", "a", "the"}:
            continue
        start = match.start()
        for before in words[max(0, i - LONGEST_LEFT) : i][::-1]:
            low = before.group().lower()
            if not belongs(low) or text[before.end() : start] not in {" ", "-"}:
                break
            start = before.start()
        found.append((start, match.end() - (2 if match.group().endswith("'s") else 0)))
    return tuple(sorted(found))


def asked_about(text: str) -> tuple[Span, ...]:
    """What stands where an occupation stands: "concierge" in "What does a concierge earn?", though no list knows it.

    >>> [text[a:b] for text in ["How do I become an astronaut?"] for a, b in asked_about(text)]
    ['astronaut']
    """
    return _nouns(text, _ASKED_ABOUT)


def aimed_at(text: str) -> tuple[Span, ...]:
    """The occupation that somebody who tells a story says to aim at.

    >>> [text[a:b] for text in ["I want to work as a tiler. Where do I start?"] for a, b in aimed_at(text)]
    ['tiler']
    """
    return _nouns(text, (_GOAL,))


def come_from(text: str) -> tuple[Span, ...]:
    """What somebody is or was who asks about becoming something else; nothing when nothing else is asked about.

    >>> [text[a:b] for text in ["I'm a chef, how do I become a data engineer?"] for a, b in come_from(text)]
    ['chef']
    >>> come_from("I'm a chef, how much should I earn?")
    ()
    """
    spans = _nouns(text, _COME_FROM)
    ahead = blanked(text, spans)
    return spans if roles_in(ahead) or asked_about(ahead) or _MOVES.search(ahead) else ()


def blanked(text: str, spans: Iterable[Span]) -> str:
    """The text with spaces in place of spans."""
    for start, end in spans:
        text = text[:start] + " " * (end - start) + text[end:]
    return text


def _nouns(text: str, patterns: Sequence[re.Pattern[str]]) -> tuple[Span, ...]:
    spans = []
    for match in (found for pattern in patterns for found in pattern.finditer(text)):
        words = [(word.group().lower(), word.span()) for word in WORD.finditer(text, *match.span("noun"))]
        named = list(takewhile(lambda word: belongs(word[0]), dropwhile(lambda word: not belongs(word[0]), words)))
        while len(named) > 1 and named[-1][0].endswith("ing") and is_role_word(named[-2][0]):
            named.pop()  # "a patent examiner coming from teaching"
        if named and not {named[-1][0], singular(named[-1][0])} & _NOBODY:
            spans.append((named[0][1][0], named[-1][1][1]))
    return tuple(sorted(spans))


def is_role_word(word: str) -> bool:
    """Whether the word (lower case) names an occupation by itself."""
    if word in NOT_ROLES or word.removesuffix("s") in NOT_ROLES or word in VERBS or word in STOP_WORDS:
        return False
    return word in ROLE_WORDS or bool(_AGENT.fullmatch(word))


def plural(role: str) -> str:
    """ "data engineer" -> "data engineers"; a plural stays."""
    *before, last = role.split(" ")
    low = last.lower()
    if low in IRREGULAR_PLURALS:
        return " ".join([*before, IRREGULAR_PLURALS[low]])
    if low.endswith("s") or low in IRREGULAR_PLURALS.values():
        return role
    if low.endswith("y") and low[-2:-1] not in {"a", "e", "o", "u"}:
        return role[:-1] + "ies"
    if " of " in f" {role} ":
        head, rest = role.split(" of ", 1)
        return f"{plural(head)} of {rest}"
    return role + ("es" if low.endswith(("ch", "sh", "x")) else "s")


def singular(role: str) -> str:
    """ "data engineers" -> "data engineer"; a singular stays."""
    *before, last = role.split(" ")
    for one, many in IRREGULAR_PLURALS.items():
        if last.lower() == many:
            return " ".join([*before, one])
    if last.lower().endswith("ies"):
        return role[:-3] + "y"
    return role[:-1] if last.lower().endswith("s") and not last.lower().endswith("ss") and len(last) > 3 else role


def with_article(noun: str) -> str:
    """ "actuary" -> "an actuary"; a plural, a name or a phrase with its own article stays."""
    first = noun.split(" ")[0]
    if first.lower() in {"a", "an", "the", "my", "your", "our"} or singular(noun) != noun or noun.split(" ")[-1][:1].isupper():
        return noun
    return f"{article(noun)} {noun}"


def article(noun: str) -> str:
    """ "an" before a vowel's sound ("an MBA", "an actuary", "a university"), else "a"."""
    first = noun.split(" ")[0]
    if first[:2].isupper() and len(first) > 1:
        return "an" if first[0] in "AEFHILMNORSX" else "a"
    return "an" if first[:1].lower() in "aeio" or re.match(r"u(?!ni|se|sa|k|s\b)", first, re.I) else "a"


def belongs(low: str) -> bool:
    """Whether a word (lower case) can belong to the name of a thing: no stop word, verb or loose adjective."""
    return low not in STOP_WORDS and low not in VERBS and low not in ADJECTIVES and low.replace("-", "").isalpha()


def overlap(span: Span, others: Sequence[Span]) -> bool:
    return any(span[0] < end and start < span[1] for start, end in others)


@lru_cache(maxsize=4)
def _names(subjects: tuple[str, ...]) -> tuple[frozenset[str], int]:
    names = {part.strip().casefold() for subject in subjects for part in subject.split(" / ")}
    names |= {plural(name) for name in names}
    return frozenset(names - {""}), max((len(name.split()) for name in names), default=0)


def _known(text: str, subjects: tuple[str, ...]) -> list[Span]:
    names, longest = _names(subjects)
    words = [m.span() for m in WORD.finditer(text)]
    found: list[Span] = []
    for i, (start, _) in enumerate(words):
        if found and start < found[-1][1]:
            continue
        for end in [words[j - 1][1] for j in range(min(len(words), i + longest), i, -1)]:
            if text[start:end].casefold() in names:
                found.append((start, end))
                break
    return found
