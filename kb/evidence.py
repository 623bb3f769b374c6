"""A passage taken apart, so that a sentence can be held against it: units, clauses, terms, quantities, names, vectors."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from kb.encoder import Encoder
from kb.facts import Quantity, Vocabulary, capitalised_inside, quantities
from kb.records import Passage, Unit
from kb.wording import content, forbids, stems_of

_CONJUNCTION = r"(?:and|but|while|whereas|because|so|which|who|although|though|since|as|provided|not|yet|unless)"
_COARSE = re.compile(rf"\s*[;:—–]\s+|\s*,\s+(?={_CONJUNCTION}\b)|\s+(?=(?:but|while|whereas|because|although|unless)\b)", re.I)
_FINE = re.compile(
    rf"\s*,\s+(?=\S+\s+\S+\s+\S+\s+\S+)|\s*[;:—–]\s+|\s*,\s+(?=(?:{_CONJUNCTION}|or)\b)"
    r"|\s+(?=(?:but|while|whereas|because|although|unless)\b)|\s+and\s+(?=\S+\s+\S+\s+\S+\s+\S+)",
    re.I,
)
_OPENING = re.compile(r"^(?:and|but|so|or)\s+", re.I)
_SHORT = 4  # words; a clause with fewer joins its neighbour
_LONGEST_RUN = 3  # neighbouring units that may back a clause together


def clauses(text: str) -> list[str]:
    """text in clauses of at least four words (fewer beside a semicolon), cut at punctuation and conjunctions; at least one.

    >>> clauses("Pay is high in Kent, and the hours are long")
    ['Pay is high in Kent', 'the hours are long']
    """
    found: list[str] = []
    for sentence in text.split("; "):
        begun = len(found)
        for part in _FINE.split(sentence):
            part = _OPENING.sub("", part.strip(" ,.;"))
            if part and len(found) > begun and min(len(part.split()), len(found[-1].split())) < _SHORT:
                found[-1] += f", {part}"
            elif part:
                found.append(part)
    return found or [text]


def statements(text: str) -> list[str]:
    """text in coarser parts than clauses: lists stay whole, so that a negation still reaches all it denies."""
    return [part for part in _COARSE.split(text) if len(part.split()) > 2] or [text]


@dataclass(frozen=True)
class Proof:
    """A unit as evidence. text: its own words; lead: what it leans on, "" if nothing. at: its number in the passage; context: the
    words of the passage's title, headings and date."""

    passage: int
    at: int
    unit: Unit
    text: str
    lead: str
    context: str

    @cached_property
    def whole(self) -> str:
        return f"{self.lead}\n{self.text}" if self.lead else self.text

    @cached_property
    def terms(self) -> frozenset[str]:
        return frozenset(content(self.whole))

    @cached_property
    def context_terms(self) -> frozenset[str]:
        return frozenset(content(self.context))

    @cached_property
    def pieces(self) -> list[str]:
        """Its clauses; for a table row its cells, each with row's and column's name; for an item each with the lead-in."""
        if self.unit.kind == "table_row":
            cells, heads = self.text.split(" | "), self.lead.split(" | ")
            if len(cells) == len(heads):
                return [f"{cells[0]} {head} {cell}" for head, cell in zip(heads, cells, strict=True)][1:] or [self.text]
            return [self.text]
        lead = f"{self.lead}\n" if self.unit.kind == "item" and self.lead else ""
        return [lead + clause for clause in clauses(self.text)]

    @cached_property
    def denied_by_lead(self) -> frozenset[str]:
        """Its terms, if it is an item of a list of things not to do."""
        return frozenset(content(self.text)) if self.lead and forbids(self.lead) else frozenset()


@dataclass(frozen=True)
class Evidence:
    """A passage that the model was given as number `number`, ready to be held against sentences; parts are made when needed."""

    number: int
    passage: Passage
    article_text: str
    encoder: Encoder = field(repr=False)

    @cached_property
    def proofs(self) -> list[Proof]:
        return [
            Proof(
                self.number,
                at,
                unit,
                self.article_text[unit.start : unit.end],
                self.article_text[unit.lead_start : unit.lead_end] if unit.lead_start >= 0 else "",
                self.context,
            )
            for at, unit in enumerate(self.passage.units)
        ]

    @cached_property
    def heading(self) -> str:
        """The words right above the passage: its last heading, or the title."""
        return self.passage.heading[-1] if self.passage.heading else self.passage.title

    @cached_property
    def context(self) -> str:
        """What the passage's place says: title, headings, date."""
        return " ".join((self.passage.title, *self.passage.heading, self.passage.date))

    @cached_property
    def everything(self) -> str:
        leads = "\n".join(dict.fromkeys(proof.lead for proof in self.proofs if proof.lead))
        return f"{self.passage.text}\n{leads}\n{self.context}"

    @cached_property
    def quantities(self) -> list[Quantity]:
        return quantities(self.everything)

    @cached_property
    def vocabulary(self) -> Vocabulary:
        return Vocabulary.of(self.everything)

    @cached_property
    def names(self) -> set[str]:
        return capitalised_inside(self.passage.text)

    @cached_property
    def context_terms(self) -> frozenset[str]:
        return frozenset(content(self.context))

    @cached_property
    def terms(self) -> frozenset[str]:
        return frozenset(content(self.everything))

    @cached_property
    def runs(self) -> list[tuple[Proof, ...]]:
        """Every one, two or three neighbouring units: what a clause may be backed by."""
        many = range(len(self.proofs))
        return [tuple(self.proofs[at : at + n]) for n in range(1, _LONGEST_RUN + 1) for at in many if at + n <= len(self.proofs)]

    @cached_property
    def run_terms(self) -> list[frozenset[str]]:
        return [stems_of(proof.whole for proof in run) | self.context_terms for run in self.runs]

    @cached_property
    def run_vectors(self) -> np.ndarray:
        """(2 x runs, dim): each run alone, then each under its heading."""
        texts = [run_text(run) for run in self.runs]
        under = [f"{self.heading}: {text}" for text in texts]
        return np.asarray(self.encoder.encode([*texts, *under]))

    def cosines(self, vectors: np.ndarray) -> np.ndarray:
        """(runs, n): of each run with each of n vectors, the better of alone and under its heading."""
        both = self.run_vectors @ vectors.T
        return np.asarray(np.maximum(both[: len(self.runs)], both[len(self.runs) :]))


def run_text(run: Sequence[Proof]) -> str:
    """A run's words, its first unit's lead-in included."""
    return "\n".join([*([run[0].lead] if run[0].lead else []), *(proof.text for proof in run)])
