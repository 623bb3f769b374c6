"""What a question is about: its occupation, its sides, its things, its place, what it wants to do.

about("How do I become a librarian in Ohio?")
    -> About(role="librarian" at its span, place="Ohio", action="become a librarian in Ohio", things=("librarian",))
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from kb.dialogue.lexicon import ADJECTIVES, ATTRIBUTES, IRREGULAR_PLURALS, LEVELS, NOT_ROLES, ROLE_WORDS, VERBS
from kb.places import places_in
from kb.question import STOP_WORDS
from kb.question.sides import sides_of
from kb.question.terms import WORD, entities

Span = tuple[int, int]

_AGENT = re.compile(r"[a-z-]{2,}(?:er|or|ist|ian)s?|[a-z-]*(?:men|women|man|woman)", re.I)
_PHRASES = re.compile(
    r"\b(?:chief of staff|head of \w+|scrum masters?|product owners?|staff engineers?|"
    r"public servants?)\b",
    re.I,
)
_ACTION = re.compile(
    r"^(?:so |and |but )?(?:how (?:do|can|could|should|would|might|does) (?:i|we|you|one|someone|people)|how (?:best )?to|"
    r"(?:should|can|could|may|must) (?:i|we|one))"
    r"\s+(?P<do>.+)$|\b(?:take|cost|need|hard|easy|possible|late|needed|required|like) to (?P<to>[a-z]+ .+)$",
    re.I,
)
_LISTED = re.compile(r"(?:in )?(?:which|what) (?P<things>(?:[a-z-]+ )?[a-z-]{3,}s)\b", re.I)
_PREPOSITIONS = frozenset(
    [
        "in",
        "at",
        "for",
        "with",
        "without",
        "on",
        "by",
        "as",
        "from",
        "after",
        "before",
        "during",
        "per",
        "under",
        "over",
        "to",
        "of",
        "since",
        "within",
        "about",
        "into",
    ]
)
_JOINS = frozenset(["and", "or", "when", "if", "because", "that", "which", "who", "while", "than", "but"])
LONGEST_LEFT = 3  # words before an occupation's noun that belong to it: "air traffic controller"


@dataclass(frozen=True, slots=True)
class About:
    """What one stand-alone question is about. text: the question without its mark; spans are offsets into it.

    things: noun phrases that are no mere attribute ("salary"), occupations included, in order, without determiner. listed: the
    plural a "which"/"what" question asks for ("certificates").
    """

    text: str
    roles: tuple[Span, ...]
    sides: tuple[str, ...]
    things: tuple[Span, ...]
    places: tuple[Span, ...]
    names: tuple[Span, ...]
    action: str
    listed: str

    def words(self, span: Span) -> str:
        return self.text[span[0] : span[1]]

    @property
    def role(self) -> str:
        """The one occupation it is about, "" when there is none or more than one."""
        found = {singular(self.words(span)).lower(): self.words(span) for span in self.roles}
        return next(iter(found.values())) if len(found) == 1 else ""

    @property
    def listed_thing(self) -> bool:
        """Whether it asks for a list of things that are no attribute: "Which certificates ...", "Which companies ..."."""
        return bool(self.listed) and not is_role_word(self.listed.split()[-1].lower())

    @property
    def action_is_more(self) -> bool:
        """Whether what it wants to do says more than its one thing: "prepare for a phone screen"."""
        return len(self.action.split()) > 4

    @property
    def thing(self) -> str:
        """The one thing it is about, "" when there is none or more than one."""
        return self.words(self.things[0]) if len(self.things) == 1 else ""


def about(question: str, subjects: Sequence[str] = ()) -> About:
    """Read what the stand-alone question is about. subjects: known names of occupations and articles."""
    text = question.rstrip("?!. ")
    roles = roles_in(text, subjects)
    places = tuple(places_in(text))
    names = tuple(
        (i, i + len(name))
        for name in entities(text)
        if (i := text.find(name)) >= 0 and not _overlap((i, i + len(name)), (*places, *roles))
    )
    action = ""
    if match := _ACTION.search(text):
        action = match["do"] or match["to"]
    match = _LISTED.match(text)
    listed = match["things"] if match and match["things"].split()[0].lower() not in STOP_WORDS | VERBS else ""
    return About(text, roles, sides_of(text), _things(text, roles, places), places, names, action, listed)


def roles_in(text: str, subjects: Sequence[str] = ()) -> tuple[Span, ...]:
    """Where occupations are named: known names first, then by their endings, with the words before that belong to them."""
    found: list[Span] = [match.span() for match in _PHRASES.finditer(text)]
    if subjects:
        found += _known(text, tuple(subjects))
    words = list(WORD.finditer(text))
    for i, match in enumerate(words):
        word = match.group().lower().removesuffix("'s")
        if _overlap(match.span(), found) or not is_role_word(word):
            continue
        if word in {"manager", "managers"} and i and words[i - 1].group().lower() in {"my", "hiring", "your", "a", "the"}:
            continue
        start = match.start()
        for before in words[max(0, i - LONGEST_LEFT) : i][::-1]:
            low = before.group().lower()
            if not _belongs(low) or text[before.end() : start] not in {" ", "-"}:
                break
            start = before.start()
        found.append((start, match.end() - (2 if match.group().endswith("'s") else 0)))
    return tuple(sorted(found))


def is_role_word(word: str) -> bool:
    """Whether the word (lower case) names an occupation by itself."""
    if word in NOT_ROLES or word in VERBS or word in STOP_WORDS:
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


def phrases(found: About) -> list[tuple[str, Span]]:
    """Prepositional phrases as (preposition, span of the whole): "in New York", "at Google", "with a degree"."""
    words = [m.span() for m in WORD.finditer(found.text)]
    out: list[tuple[str, Span]] = []
    for i, (start, end) in enumerate(words):
        prep = found.text[start:end].lower()
        if prep not in _PREPOSITIONS:
            continue
        stop = end
        for a, b in words[i + 1 :]:
            low = found.text[a:b].lower()
            named = _overlap((a, b), (*found.places, *found.names, *found.roles))
            if found.text[stop:a] != " " or (not named and (low in _PREPOSITIONS or low in _JOINS or low in VERBS)):
                break
            stop = b
        if stop > end:
            out.append((prep, (start, stop)))
    return out


def _belongs(low: str) -> bool:
    return low not in STOP_WORDS and low not in VERBS and low not in ADJECTIVES and low.replace("-", "").isalpha()


def _things(text: str, roles: Sequence[Span], places: Sequence[Span]) -> tuple[Span, ...]:
    """Noun phrases: runs of content words that are neither verbs nor mere attributes."""
    runs: list[Span] = []
    current: list[Span] = []
    words = [m.span() for m in WORD.finditer(text)]

    def close() -> None:
        if current and not all(text[a:b].lower().removesuffix("'s") in ATTRIBUTES for a, b in current):
            runs.append((current[0][0], current[-1][1]))
        current.clear()

    for span in words:
        low = text[span[0] : span[1]].lower()
        inside = _overlap(span, roles)
        gap = text[current[-1][1] : span[0]] if current else " "
        if gap != " " or _overlap(span, places) or not (inside or _belongs(low)) or low.isdigit():
            close()
            if _overlap(span, places) or not (inside or _belongs(low)):
                continue
        current.append(span)
    close()
    return tuple(runs)


def _overlap(span: Span, others: Sequence[Span]) -> bool:
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


LEVEL = re.compile(r"\b(?:" + "|".join(sorted(LEVELS, key=len, reverse=True)) + r")\b", re.I)
