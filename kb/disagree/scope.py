"""What a quote is about, as far as it or its headings say, and whether two quotes can speak of the same thing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from kb.disagree.stands import said, stemmed
from kb.disagree.values import MONTHS
from kb.figures import LEVEL, figures
from kb.lexical import analyse
from kb.places import country_of, places_in
from kb.question.roles import roles_in, singular
from kb.question.terms import entities

# heads of many occupations: "data scientist" and "research scientist" share nothing by theirs
_HEADS = """
scientist engineer manager developer officer assistant designer analyst specialist technician worker agent director adviser
advisor  consultant nurse teacher driver operator
"""


@dataclass(frozen=True, slots=True)
class Claim:
    """A quote and where it stands. heading: the path from the outermost; date: of the article, "" when unknown."""

    text: str
    title: str = ""
    heading: tuple[str, ...] = ()
    source: str = ""
    date: str = ""


@dataclass(frozen=True, slots=True)
class Scope:
    """What a sentence is about, as far as it or its headings say; sentences with different entries do not disagree."""

    roles: frozenset[str] = frozenset()
    places: frozenset[str] = frozenset()
    levels: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    years: frozenset[str] = frozenset()
    said: frozenset[str] = frozenset()  # stems of the sentence and its headings


def scope_of(sentence: str, claim: Claim) -> Scope:
    """What a sentence of a claim is about."""
    headings = [*reversed(claim.heading), claim.title]
    around = [sentence, *headings]
    own = said(sentence)
    roles = roles_of(own, claim.title, claim.heading)
    places = next((p for text in around if (p := _places(text))), frozenset())
    levels = frozenset(m.group().lower().replace("-", " ") for m in LEVEL.finditer(sentence))
    capitals = entities(f"x {own[:1].lower()}{own[1:]}")
    names = frozenset(name.lower() for name in capitals if country_of(name) is None and len(name) > 1 and name not in MONTHS)
    years = frozenset(f.text[:4] for f in figures(sentence) if f.kind == "year")
    return Scope(roles, places, levels, names, years, frozenset(analyse(" ".join(around))))


def one_subject(one: Claim, other: Claim) -> bool:
    """Whether two quotes can speak of the same: no other occupation, place, level or employer, as far as both name one."""
    return same_scope(scope_of(one.text, one), scope_of(other.text, other), strictly=False)


def roles_of(text: str, title: str = "", heading: Sequence[str] = ()) -> frozenset[str]:
    """The occupations that a text names, else those of its headings and title; singular, in lower case."""
    return roles_in_text(text) or frozenset().union(*(roles_in_text(each) for each in (*heading, title)))


def akin(some: Iterable[str], others: Iterable[str]) -> bool:
    """Whether an occupation of the one may be one of the other: "research scientist" and "machine learning researcher"."""
    return any(_akin(a, b) for a in some for b in others)


@lru_cache(4096)
def _places(text: str) -> frozenset[str]:
    return frozenset(text[a:b].lower() for a, b in places_in(text))


@lru_cache(4096)
def roles_in_text(text: str) -> frozenset[str]:
    return frozenset(singular(text[a:b].lower()) for a, b in roles_in(text))


def same_scope(one: Scope, other: Scope, *, strictly: bool, akin: bool = False) -> bool:
    """Whether both can speak of the same thing.

    strictly (figures): what one names and the other does not is a difference too. akin (needs): "research scientist" and "machine
    learning researcher" may be the same occupation.
    """
    if one.places and other.places and not one.places & other.places:
        return False
    if strictly and one.years != other.years:
        return False
    strange = [not all(b.said.issuperset(analyse(name)) for name in a.names) for a, b in ((one, other), (other, one))]
    if all(strange) or (strictly and any(strange)):
        return False
    if one.levels != other.levels and (strictly or (one.levels and other.levels)):
        return False
    if strictly and (bool(one.places) != bool(other.places)):
        return False
    return not (one.roles and other.roles) or any((_akin if akin else same_role)(a, b) for a in one.roles for b in other.roles)


def same_role(one: str, other: str) -> bool:
    """Whether two occupations may be one: all words of the one are the other's, "engineer" and "data engineer"."""
    a, b = set(one.split()), set(other.split())
    return a <= b or b <= a


def _akin(one: str, other: str) -> bool:
    """Whether they share a word beside the heads of many occupations; "data engineer" and "data scientist" are two."""
    if same_role(one, other):
        return True
    a, b = analyse(one), analyse(other)
    two = a[-1:] != b[-1:] and {*a[-1:], *b[-1:]} <= stemmed(_HEADS)
    return not two and bool(set(a) & set(b) - stemmed(_HEADS))
