"""Questions to ask next: made from the headings around what an answer quotes, so that the base has something to say to them.

    suggest("What does a farrier earn?", quoted, sections)   -> ("How do I become a farrier?", "What are the hours of a farrier?")

A heading that is a question is taken as it stands, or completed with the occupation it leaves unsaid; a plain one ("Pay",
"Getting in") becomes the question people ask about it. A heading that fits neither is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kb.dialogue import resolve
from kb.lexical import terms
from kb.question import NO_QUESTION, analyse
from kb.question.roles import plural, roles_in, singular, with_article
from kb.records import Citation, Passage, Turn

MOST = 3  # questions offered
_FEWEST, _MOST_WORDS = 3, 16  # words of a heading that is offered as a question
_VAGUE_TERMS = 2  # "Can I work abroad?": up to so many content words leave open what it is about
_LONGEST_SUBJECT = 6  # words
_LONGEST_ACRONYM = 5  # letters; longer capitals shout

# what a plain heading is about -> the question; {a} "a farrier", {s} "farriers"
_TEMPLATES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(rf"(?:the |your |typical |average )?(?:{pattern})(?: (?:and|in|for|of|by|at) .*)?", re.I), question)
    for pattern, question in (
        (r"pay|salar(?:y|ies)|earnings|wages|what (?:you|they) earn|compensation|income", "What does {a} earn?"),
        (r"(?:key |required |main )?skills", "What skills does {a} need?"),
        (
            r"day to day|a (?:typical )?day|typical day|duties|responsibilities|tasks|the work|the job|what (?:you|they) do",
            "What does {a} do?",
        ),
        (r"how to become one|becoming one|getting in|getting started|routes?(?: in)?|training|steps|education|"
         r"qualifications", "How do I become {a}?"),
        (r"(?:job |career )?(?:outlook|demand|prospects|market)|future", "What is the outlook for {s}?"),
        (r"(?:working )?(?:hours|schedule)|shifts", "What are the working hours of {a}?"),
        (r"(?:career )?(?:progression|path|advancement|levels)|promotion", "What is the career path of {a}?"),
        (r"downsides|drawbacks|challenges|disadvantages", "What are the downsides of being {a}?"),
        (r"(?:tools|software)(?: used)?", "What tools does {a} use?"),
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Offer:
    """A question and the section it was made from."""

    question: str
    source: str
    heading: tuple[str, ...]


def suggest(asked: str, citations: Sequence[Citation], passages: Iterable[Passage]) -> tuple[Offer, ...]:
    """Up to MOST questions, nearest first; none that was asked already.

    asked: the stand-alone question. passages: of the cited articles, in reading order; one with nothing to quote offers nothing.
    Sections are taken from the most cited article on: those behind the quotes first, then those before.
    """
    quoted = {(c.source, c.heading) for c in citations}
    by_source: dict[str, dict[tuple[str, ...], Passage]] = {}
    for passage in passages:
        if any(not unit.no_answer for unit in passage.units):
            by_source.setdefault(passage.source, {}).setdefault(passage.heading, passage)
    known = [frozenset(terms(asked))]
    found: list[Offer] = []
    for source in dict.fromkeys(c.source for c in citations):
        headings = list(by_source.get(source, {}))
        last = max((i for i, heading in enumerate(headings) if (source, heading) in quoted), default=-1)
        for heading in headings[last + 1 :] + headings[: last + 1]:
            if len(found) == MOST:
                return tuple(found)
            question = _question(by_source[source][heading]) if (source, heading) not in quoted else ""
            words = frozenset(terms(question))
            if question and not any(_same(words, other) for other in known):
                known.append(words)
                found.append(Offer(question, source, heading))
    return tuple(found)


def _question(passage: Passage) -> str:
    """The question a section answers, standing alone; "" when its heading makes none."""
    heading = _NUMBERED.sub("", " ".join(passage.heading[-1].split())) if passage.heading else ""
    role = _role(passage)
    if heading.endswith("?"):
        return _completed(heading, role, passage.title)
    for pattern, question in _TEMPLATES if role else ():
        if pattern.fullmatch(heading.rstrip(":. ")):
            return question.format(a=with_article(role), s=plural(role))
    return ""


_NUMBERED = re.compile(r"^\W*(?:(?:[IVX]+|\d+)[.):]?\s+)?")


def _role(passage: Passage) -> str:
    """The occupation an article is about: the first it names itself, else the one its title begins with; "" for neither."""
    if passage.roles:
        return _small(singular(passage.roles[0].split(" / ")[0]))
    found = roles_in(passage.title)
    return _small(singular(passage.title[: found[0][1]])) if found and not found[0][0] else ""


def _completed(heading: str, role: str, title: str) -> str:
    """A heading that is a question, with the subject it leaves unsaid; "" when none can be added."""
    read = analyse(heading)
    if not _FEWEST <= len(heading.split()) <= _MOST_WORDS or read.kind in NO_QUESTION:
        return ""
    resolved = resolve(heading, [Turn("user", f"What does {with_article(role)} do?" if role else f"What is {title}?")])
    if resolved.changed:
        return resolved.question if role and "(" not in resolved.question else ""
    subject = role or title
    named = set(terms(subject)) & set(terms(heading))
    if named or len(read.terms) > _VAGUE_TERMS or read.kind in {"definition", "comparison"}:
        return heading
    return f"{heading.rstrip('? ')} ({subject})?" if len(subject.split()) <= _LONGEST_SUBJECT else ""


def _small(role: str) -> str:
    """ "Farrier" -> "farrier", "PRISON OFFICER" -> "prison officer"; "ML engineer" and "UX designer" stay."""
    if role.isupper() and len(role) > _LONGEST_ACRONYM:
        return role.lower()
    return role if role[1:2].isupper() else role[:1].lower() + role[1:]


def _same(one: frozenset[str], other: frozenset[str]) -> bool:
    return bool(one) and (one <= other or len(one & other) >= 0.8 * max(len(one), len(other)))
