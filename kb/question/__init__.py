"""What a question asks for, read off its words: its kind, what would answer it, both sides of a comparison, the part that asks.

    analyse("Should I be an electrician rather than a plumber?")
        -> Question(kind="comparison", wants="choice", sides=("electrician", "plumber"), terms=("electrician", "plumber"), ...)

Rules over the words, no model; pure, and about a tenth of a millisecond. A rule that does not fire leaves the question a "fact":
the reading is a hint for what to quote, never a reason to refuse, except for the kinds of NO_QUESTION.

    outside.py   small talk, attacks and noise       core.py    the asking part of a long story, separate questions
    wanted.py    the kind of thing that answers      sides.py   what is compared          terms.py   content words and names
    roles.py     occupations                         lexicon.py word lists of English
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, get_args

from kb.question.core import parts, split_core
from kb.question.outside import Outside, outside
from kb.question.sides import sides_of
from kb.question.terms import NUMBER, STOP_WORDS, content_terms, entities, tidy
from kb.question.wanted import MEASURES, Wanted, wanted

Asked = Literal[
    "fact", "steps", "list", "comparison", "definition", "figure", "yes_no", "situation", "person", "place", "date",
]  # fmt: skip
Kind = Asked | Outside

__all__ = ["MEASURES", "NO_QUESTION", "STOP_WORDS", "Kind", "Question", "Wanted", "analyse", "content_terms"]

KIND_OF: dict[Wanted, Kind] = {
    "amount": "figure", "number": "figure", "percentage": "figure", "duration": "figure", "date": "date", "place": "place",
    "person": "person", "steps": "steps", "items": "list", "verdict": "yes_no", "meaning": "definition",
}  # fmt: skip
NO_QUESTION: frozenset[Kind] = frozenset(get_args(Outside))  # nothing the base could answer


@dataclass(frozen=True, slots=True)
class Question:
    """A question, read.

    text: as asked, white space tidied. core: the part that asks, polite opening removed; for a long story the asking sentences.
    parts: the separate questions in it, () unless there are two or more. terms: content words of the core, lower case, in order,
    each once. situation: content words of the story around the core. entities: names, as written. numbers: as written. sides:
    the two (or more) things compared, as written, () otherwise.
    """

    text: str
    kind: Kind
    wants: Wanted
    core: str
    terms: tuple[str, ...] = ()
    situation: tuple[str, ...] = ()
    entities: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    sides: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()


def analyse(question: str, *, known: Set[str] = frozenset()) -> Question:
    """Read the question. known: case-folded names (employers, roles, places) that count as entities though written small."""
    return _analysed(question, frozenset(known))


@lru_cache(32)  # an answer reads its question, and each that it could go on with, about twice
def _analysed(question: str, known: frozenset[str]) -> Question:
    text = tidy(question)
    if (kind := outside(text)) is not None:
        return Question(text, kind, "nothing", text)
    core, story = split_core(text)
    sides = sides_of(core)
    wants = wanted(core)
    if sides and wants not in MEASURES:
        wants = "choice"
    terms = content_terms(core)
    situation = tuple(t for t in content_terms(story) if t not in terms)
    numbers = tuple(NUMBER.findall(text))
    return Question(
        text, _kind(sides, story, wants), wants, core, terms, situation, entities(text, known), numbers, sides, parts(core)
    )


def _kind(sides: tuple[str, ...], story: str, wants: Wanted) -> Kind:
    if sides:
        return "comparison"
    return "situation" if story else KIND_OF.get(wants, "fact")
