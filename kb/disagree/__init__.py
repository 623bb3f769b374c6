"""Quotes that say different things about one question: needed or not, advised or not, other figures for the same thing, ...

    find([Claim("Research scientists need a PhD.", ...), Claim("A PhD is not required for research scientists.", ...)])
        -> [Disagreement("need", 0, 1, "phd")]

Precision first: an answer that shows a quarrel where there is none misleads. Two quotes differ only if they speak of the same
thing (the same occupation, place, level, employer and year, as far as they say so) and take opposite stands on it. No model.

    scope.py   what a quote is about        stands.py   what a clause takes a stand on
    values.py  figures that exclude each other          sides.py    which side an item of a list takes
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import combinations

from kb.disagree.scope import Claim, Scope, akin, one_subject, roles_in_text, roles_of, same_role, same_scope, scope_of
from kb.disagree.stands import NEGATION, PHD, DisagreementKind, Stand, opposites, stands, stemmed
from kb.disagree.values import DAY, days_in, values_apart
from kb.figures import Figure, figures
from kb.lexical import analyse, terms
from kb.question import Question
from kb.question.terms import SENTENCE_END

__all__ = ["Claim", "Disagreement", "akin", "asking_stems", "find", "one_subject", "roles_of", "same_role", "sentences"]


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Two claims that differ; first < second are their places in the sequence. about: the words both speak of."""

    kind: DisagreementKind
    first: int
    second: int
    about: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What a question for a figure asks: the occupations, and the other words as stems."""

    roles: frozenset[str]
    words: frozenset[str]


@dataclass(frozen=True)
class Read:
    """One sentence of a claim, read; its scope only when a possible quarrel asks for it."""

    claim: int
    text: str
    of: Claim
    stands: tuple[Stand, ...]
    figures: tuple[Figure, ...]
    stems: frozenset[str]

    @cached_property
    def scope(self) -> Scope:
        return scope_of(self.text, self.of)

    @cached_property
    def days(self) -> frozenset[tuple[str, str]]:
        """Days of the year it names, as (month, day)."""
        return days_in(self.text)


def find(claims: Sequence[Claim], question: Question | None = None, *, first: int | None = None) -> list[Disagreement]:
    """Every pair of claims that differ, in order; one entry a pair, the plainest kind first (need, advice, direction, ...).

    first: how many of the claims are compared with all others; None for each of them.

    question: when it asks for a figure, claims of different articles that both bear on all of it are compared by their
    figures even where their words differ.
    """
    read = [[_read(number, sentence, claim) for sentence in sentences(claim.text)] for number, claim in enumerate(claims)]
    asked = _asked(question) if question is not None and question.wants in _FIGURES else None
    both = [_both_sides(sentences) for sentences in read]
    answers = _answering(claims, asked)
    quarrels: set[frozenset[str]] = set()  # pairs of articles whose figures differ already
    found = []
    for a, b in combinations(range(len(claims)), 2):
        if first is not None and a >= first:
            break
        between = frozenset((claims[a].source, claims[b].source))
        elsewhere = len(between) == 2 and {a, b} <= answers and between not in quarrels
        for one in read[a]:
            differ = next((d for other in read[b] if (d := _differ(one, other, asked if elsewhere else None))), None)
            if differ is not None and not any(differ.kind in told for told in (both[a], both[b])):
                found.append(differ)
                quarrels |= {between} if differ.kind == "figure" else set()
                break
    return found


def asking_stems() -> frozenset[str]:
    """Stems of the words that a question for a figure is made of, besides its subject."""
    return stemmed(_ASKED)


def _asked(question: Question) -> Asked:
    roles = roles_in_text(question.core)
    words = frozenset(terms(question.core)) - asking_stems() - {stem for role in roles for stem in analyse(role)}
    return Asked(roles, words)


def _answering(claims: Sequence[Claim], asked: Asked | None) -> set[int]:
    """The claims that hold as many words of what is asked as any other claim of their article: what a wedding costs, and not
    what its fair does, in an article whose title holds the other words."""
    if asked is None:
        return set()
    held = [len(asked.words.intersection(analyse(claim.text))) for claim in claims]
    most: dict[str, int] = {}
    for claim, many in zip(claims, held, strict=True):
        most[claim.source] = max(many, most.get(claim.source, 0))
    return {n for n, claim in enumerate(claims) if held[n] == most[claim.source]}


def _both_sides(sentences: Sequence[Read]) -> set[str]:
    """Kinds on which a claim itself takes both sides: it reports the quarrel and is no party to it."""
    pairs = [(one, other) for one, other in combinations([stand for read in sentences for stand in read.stands], 2)]
    return {one.kind for one, other in pairs if one.kind == other.kind == "need" and one.sign != other.sign and one.of & other.of}


def sentences(text: str) -> Iterator[str]:
    """Sentences and clauses that stand for themselves ("..., but a certificate is")."""
    for sentence in SENTENCE_END.split(PHD.sub("PhD", text)):
        yield from (part for part in re.split(r"[;\n]\s*|,? but |, although |, while ", sentence) if part.strip())


def _read(number: int, sentence: str, claim: Claim) -> Read:
    return Read(number, sentence, claim, *_parsed(sentence))


@lru_cache(4096)
def _parsed(sentence: str) -> tuple[tuple[Stand, ...], tuple[Figure, ...], frozenset[str]]:
    """Stands, figures and the other words of a sentence; the same passages are found again and again."""
    found = tuple(f for f in figures(sentence) if f.kind != "year")
    plain = sentence
    for figure in reversed(found):
        plain = plain[: figure.start] + " " + plain[figure.end :]
    return tuple(stands(sentence)), found, frozenset(terms(plain)) - stemmed(_LIGHT)


# --- two stands ------------------------------------------------------------


# verbs that only carry a figure: "takes four years", "earn 40,000", "is about 12 %"
_LIGHT = """
take takes took earn earns earned get gets got receive receives is are was there be have has pay pays make makes made amount
amounts lasts last long expect range ranges stand stands year years about around
"""
# what a question for a figure is made of besides its subject
_ASKED = """
how much many long often old earn earns make makes cost costs take takes pay pays paid get gets salary wage should average charge
charges fee fees price prices income left can could does do may one per
usual  typical typically going rate year month hour day week become train number kind sort much need needs be
share percentage percent proportion
"""
_FIGURES = frozenset({"amount", "number", "percentage", "duration"})


def _differ(one: Read, other: Read, asked: Asked | None) -> Disagreement | None:
    for kind, differ in (("need", _need), ("advice", _advice), ("direction", _direction), ("statement", _statement)):
        for a in (s for s in one.stands if s.kind == kind):
            for b in (s for s in other.stands if s.kind == kind):
                if differ(a, b) and same_scope(one.scope, other.scope, strictly=False, akin=a.kind == "need"):
                    about = " ".join(sorted((a.of & b.of) or (a.rest & b.rest)))
                    return Disagreement(a.kind, one.claim, other.claim, about)
    if one.of.source == other.of.source and one.scope.roles != other.scope.roles:
        return None  # one article that tells "scientist" from "research scientist" means two jobs
    of_the_same = _other_figures(one, other) and same_scope(one.scope, other.scope, strictly=True)
    if of_the_same:
        return Disagreement("figure", one.claim, other.claim, " ".join(sorted(one.stems & other.stems)))
    if asked is not None and values_apart(one.figures, other.figures) and _both_answer(one, other, asked):
        return Disagreement("figure", one.claim, other.claim, " ".join(sorted(asked.words)))
    return None


MOST_OF_ASKED = 0.6  # share of what is asked for that a quote must speak of, headings and title included, to answer it
LONG_REST = 3  # stems beside what is needed: up to here they name for whom; more is talk, and the occupations decide


def _need(a: Stand, b: Stand) -> bool:
    """Opposite signs on the same object, for the same people: what one side adds must not contradict what the other adds."""
    if a.sign == b.sign or not (a.of <= b.of or b.of <= a.of):
        return False
    short = max(len(a.rest), len(b.rest)) <= LONG_REST
    return not a.rest or not b.rest or not short or a.rest <= b.rest or b.rest <= a.rest


def _advice(a: Stand, b: Stand) -> bool:
    """Opposite signs on the same deed: the same verb first, and one side's words within the other's."""
    if a.sign == b.sign or a.left != b.left:
        return False
    return bool(a.of and b.of) and (a.of <= b.of or b.of <= a.of)


def _direction(a: Stand, b: Stand) -> bool:
    """ "X is longer than Y" against "X is shorter than Y", or against "Y is longer than X"."""
    if a.of != b.of or _alike(a.rest, b.rest) < 0.75:
        return False
    crossed = a.left != b.left and _alike(a.left, b.left) < 0.5
    return (a.sign != b.sign) != crossed


def _statement(a: Stand, b: Stand) -> bool:
    """The same words, one of them denied; or the same words but for a pair of opposites."""
    if a.sign != b.sign:
        return len(a.of) > 1 and _alike(a.of, b.of) >= 0.8
    only_a, only_b = a.of - b.of, b.of - a.of
    if len(only_a) != 1 or len(only_b) != 1 or not a.of & b.of:
        return False
    x, y = next(iter(only_a)), next(iter(only_b))
    return (x, y) in opposites() or (y, x) in opposites()


def _alike(a: frozenset[str], b: frozenset[str]) -> float:
    """Jaccard similarity in [0, 1]."""
    return len(a & b) / len(a | b) if a | b else 0.0


def _other_figures(one: Read, other: Read) -> bool:
    """One figure each of the same sort about the same words, and no value that fits both; or one day of the year each."""
    if not (one.figures and other.figures):
        return _other_days(one, other)
    table = " | " in one.text or " | " in other.text
    fewer, more = sorted((len(one.stems), len(other.stems)))
    within = not table and more <= 2 * fewer + 1 and (one.stems <= other.stems or other.stems <= one.stems)
    if not fewer or not (within or _alike(one.stems, other.stems) >= (1.0 if table else 0.6)):
        return _other_days(one, other)
    denied = bool(NEGATION.search(one.text)) != bool(NEGATION.search(other.text))
    return (not denied and values_apart(one.figures, other.figures)) or _other_days(one, other)


def _both_answer(one: Read, other: Read, asked: Asked) -> bool:
    """Whether both bear on most that is asked, with headings, of the same occupation, and give values that exclude each other.

    Of a known occupation nothing else need be asked, where the figures are of a period: pay a year.
    """
    a, b = (replace(each.scope, years=frozenset()) for each in (one, other))
    if one.scope.years and other.scope.years and one.scope.years != other.scope.years:
        return False
    of_roles = bool(asked.roles) and all(any(same_role(x, y) for x in asked.roles for y in each.roles) for each in (a, b))
    if not of_roles and (len(asked.words) < 2 or bool(a.roles) != bool(b.roles)):
        return False
    if not asked.words and not all(figure.period for each in (one, other) for figure in each.figures):
        return False
    heard = all(len(asked.words & each.said) >= MOST_OF_ASKED * len(asked.words) for each in (a, b))
    return heard and same_scope(a, b, strictly=True)


def _other_days(one: Read, other: Read) -> bool:
    """One day of the year each, not the same, and the same words around."""
    if len(one.days) != 1 or len(other.days) != 1 or one.days == other.days:
        return False
    around = [frozenset(terms(DAY.sub(" ", each.text))) for each in (one, other)]
    return bool(around[0]) and (around[0] <= around[1] or around[1] <= around[0])
