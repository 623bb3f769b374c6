"""Does the cited passage say what the sentence says? Facts by rule, content by calibrated evidence.

A sentence that a language model wrote is checked in this order; the first check that fails is its verdict:

    cites        it carries at least one citation mark
    exists       each mark names a passage that the model was given
    quantities   each number, amount, year and percentage stands in a cited passage, with the same currency or unit of time
    names        each name stands in a cited passage
    content      its words and its meaning are backed clause by clause, it neither denies nor reverses what it cites, and it does
                 not hand one subject's words or numbers to another: a logistic model of the features in `Measures`, fitted on
                 the calibration half of tests/quality/claims.jsonl (benchmarks/claims.py; docs/language-model.md has the results)

Pure but for the encoder: equal input, equal verdict.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np

from kb.contradiction import binding, denial, displaced, opposite, ordered, other_subject, reversal, strength
from kb.encoder import Encoder
from kb.evidence import Evidence, Proof, clauses
from kb.facts import name_key, names, quantities, states
from kb.prose import Sentence
from kb.wording import content, denied, share, too_strong

SUPPORTED = "supported"
LEAD_IN = "lead-in"

# Fitted by: python -m benchmarks.claims --fit (class-balanced logistic regression, weights >= 0; CHANGELOG 0.1)
BIAS = -2.60
WEIGHTS = {
    "words": 1.79,
    "clause_words": 0.94,
    "cosine": 1.96,
    "denial": 3.80,
    "opposite": 4.60,
    "strength": 2.57,
    "reversal": 3.45,
    "displaced": 7.86,
    "binding": 3.51,
    "subject": 2.58,
}
THRESHOLD = 0.38  # marks 7 in 100 supported calibration sentences, in cross-validation by article
BOUND = 0.95  # a number that fits another place this much worse or less is where it belongs
LONGER_RUN = 0.15  # what a unit more must add to a proof's score, so that citations stay short
_LEAD_IN_TERMS = 8  # content terms; a longer line claims something


@dataclass(frozen=True, slots=True)
class Measures:
    """How well cited passages back a sentence. Of the first three more is better; the others are 0, or below where they speak
    against it.

    words: share of its terms in the cited passages. clause_words: share of its worst-backed clause's terms in the best run of
    units. cosine: to the nearest run. denial, opposite, strength, reversal: it denies, or is an opposite of, or is stronger than,
    or compares the other way round than the best-matching unit. displaced: it repeats a clause nearly word for word, but for a
    word from elsewhere in the passage. binding: a number keeps other company in the source. subject: the rest of the sentence is
    told of another subject there. (kb.contradiction has them all.)
    """

    words: float = 1.0
    clause_words: float = 1.0
    cosine: float = 0.0
    denial: float = 0.0
    opposite: float = 0.0
    strength: float = 0.0
    reversal: float = 0.0
    displaced: float = 0.0
    binding: float = 0.0
    subject: float = 0.0

    @property
    def support(self) -> float:
        """Calibrated probability that the passages back the sentence."""
        score = BIAS + sum(WEIGHTS[name] * value for name, value in asdict(self).items())
        return 1.0 / (1.0 + math.exp(-score))

    @property
    def reason(self) -> str:
        """Why the sentence is not backed, by what weighs most against it."""
        against = {name: -WEIGHTS[name] * value for name, value in asdict(self).items() if value < 0}
        worst = max(against, key=against.__getitem__, default="")
        if worst and against[worst] > 0.5:
            if worst in ("denial", "opposite", "reversal"):
                return "the passage it cites says the opposite"
            if worst == "strength":
                return "the passage it cites does not say it so strongly"
            return "the passage it cites says it of something else"
        return "the passage it cites does not say this"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a sentence. verdict: "supported", "lead-in", or why not. support: probability in [0, 1]. proofs: the runs of
    units that back it, best first for its first clause; () unless supported."""

    verdict: str
    support: float = 0.0
    proofs: tuple[tuple[Proof, ...], ...] = ()


class ClaimChecker:
    """Checks sentences against the passages that the model was given, numbered from 1 in the order of evidence."""

    def __init__(self, evidence: Sequence[Evidence], encoder: Encoder, *, question: str = "") -> None:
        self._evidence = {each.number: each for each in evidence}
        self._encoder = encoder
        self._names = {key for each in evidence for key in each.names} | {name_key(name) for name in names(question)}
        self._question_terms = frozenset(content(question))

    def check(self, sentence: Sentence) -> Verdict:
        """The verdict on one sentence."""
        if sentence.heading and not sentence.cites and self._claims_nothing(sentence.text):
            return Verdict(LEAD_IN)
        if not sentence.cites:
            return Verdict("it cites nothing")
        if unknown := [number for number in sentence.cites if number not in self._evidence]:
            return Verdict(f"it cites passage {unknown[0]}, which does not exist")
        cited = [self._evidence[number] for number in sentence.cites]
        if missing := self.missing_facts(sentence.text, cited):
            return Verdict(f"“{missing[0]}” is not in the passage it cites")
        measures = self.measure(sentence.text, cited)
        if measures.support < THRESHOLD:
            return Verdict(measures.reason, measures.support)
        return Verdict(SUPPORTED, measures.support, self._proofs(sentence.text, cited))

    def _claims_nothing(self, text: str) -> bool:
        """A short heading or line before a list, without numbers, whose words all stand in the question or in one passage."""
        terms = content(text)
        if len(terms) > _LEAD_IN_TERMS or quantities(text) or too_strong(text, "") or denied(text):
            return False
        known = (self._question_terms, *(each.terms | self._question_terms for each in self._evidence.values()))
        return any(share(terms, stems) >= 0.99 for stems in known)

    def missing_facts(self, text: str, cited: Sequence[Evidence]) -> list[str]:
        """Quantities and names of text, as written, that no cited passage states."""
        stated = [quantity for each in cited for quantity in each.quantities]
        context = "\n".join(each.everything for each in cited)
        missing = [quantity.shown for quantity in quantities(text) if not states(quantity, stated, context)]
        known = self._names | {key for each in cited for key in each.names}
        return missing + [name for name in names(text, known) if not any(each.vocabulary.names(name) for each in cited)]

    def measure(self, text: str, cited: Sequence[Evidence]) -> Measures:
        """The features of text against the cited passages."""
        proofs = [proof for each in cited for proof in each.proofs]
        if not proofs or not content(text):
            return Measures(words=0.0, clause_words=0.0)
        everything = frozenset[str]().union(*(each.terms for each in cited))
        context = frozenset[str]().union(*(each.context_terms for each in cited))
        headings = [each.heading for each in cited]
        vector = np.asarray(self._encoder.encode([text]))
        return Measures(
            words=share(ordered(text), everything),
            clause_words=min(self._best_run(clause, cited) for clause in clauses(text)),
            cosine=float(max(each.cosines(vector).max() for each in cited)),
            denial=-denial(text, proofs, headings),
            opposite=-opposite(text, proofs),
            strength=-strength(text, proofs),
            reversal=-reversal(text, proofs),
            displaced=-displaced(text, proofs, everything),
            binding=min(0.0, binding(text, proofs, context, "\n".join(each.everything for each in cited)) - BOUND),
            subject=-other_subject(text, proofs, headings),
        )

    def _best_run(self, clause: str, cited: Sequence[Evidence]) -> float:
        """The largest share of the clause's terms that a run holds, a longer one counting less; 1 for a clause of one term."""
        terms = ordered(clause)
        if len(terms) < 2:
            return 1.0
        runs = [pair for each in cited for pair in zip(each.runs, each.run_terms, strict=True)]
        return max(share(terms, stems) - 0.03 * (len(run) - 1) for run, stems in runs)

    def _proofs(self, text: str, cited: Sequence[Evidence]) -> tuple[tuple[Proof, ...], ...]:
        """For each clause the run that backs it best, by words and meaning together; neighbours joined, in reading order."""
        parts = clauses(text)
        vectors = np.asarray(self._encoder.encode(parts))
        chosen: dict[tuple[int, int], Proof] = {}
        for part, vector in zip(parts, vectors, strict=True):
            terms = ordered(part)
            best: tuple[float, tuple[Proof, ...]] = (-1.0, ())
            for each in cited:
                for run, cosine in zip(each.runs, each.cosines(vector[None, :])[:, 0], strict=True):
                    held = share(terms, frozenset[str]().union(*(proof.terms for proof in run)))
                    value = held + float(cosine) - LONGER_RUN * (len(run) - 1)
                    if value > best[0] and not any(proof.unit.no_answer for proof in run):
                        best = (value, run)
            chosen |= {(proof.passage, proof.at): proof for proof in best[1]}
        return _joined([chosen[key] for key in sorted(chosen)])


def _joined(proofs: Sequence[Proof]) -> tuple[tuple[Proof, ...], ...]:
    """Neighbouring units of one passage as one run each."""
    runs: list[tuple[Proof, ...]] = []
    for proof in proofs:
        if runs and (runs[-1][-1].passage, runs[-1][-1].at + 1) == (proof.passage, proof.at):
            runs[-1] += (proof,)
        else:
            runs.append((proof,))
    return tuple(runs)
