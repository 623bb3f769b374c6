"""An answer while a language model writes it: its sentences with their verdicts, made into an Answer at any moment.

Sentences that their passages support get verbatim citations, others are marked or dropped; when too few are supported, the
quoted answer stands.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from kb.claims import LEAD_IN, SUPPORTED, ClaimChecker, Verdict
from kb.encoder import Encoder
from kb.evidence import Evidence, Proof
from kb.prompt import NO_ANSWER
from kb.prose import Prose, Sentence, Thoughts
from kb.records import Answer, Article, Check, Citation, Hit, doubted

Unsupported = Literal["mark", "drop"]  # what becomes of a sentence that no passage supports

ENOUGH = 0.5  # share of claims that must be supported, or the quotes are the better answer
MOST_REPEATS = 5  # of one sentence; small models get caught in loops
REPETITION = "repetition"  # our own reason to finish, beside the protocol's
CUT_SHORT = {
    "length": "The model was stopped by its length limit; the sentence it was in is left out.",
    "content_filter": "The model was stopped by its server's content filter; the sentence it was in is left out.",
    REPETITION: "The model began to repeat itself and was stopped; what it repeated is left out.",
}
EMPTY = {
    "length": " It spent all its tokens on reasoning: raise llm_answer_tokens.",
    "content_filter": " Its server's content filter stopped it.",
}


@dataclass(frozen=True, slots=True)
class Writer:
    """Who writes: a model's name, its server's address fit to be shown, and what becomes of what nothing supports."""

    name: str
    address: str
    unsupported: Unsupported = "mark"

    @property
    def at(self) -> str:
        """For a person: "qwen3:8b at http://127.0.0.1:11434"."""
        return f"{self.name} at {self.address}"


@dataclass
class Draft:
    """An answer while it is being written: sentences with their verdicts, in order, and what the model thought."""

    writer: Writer
    question: str
    quoted: Answer
    encoder: Encoder
    started: float
    sources: list[tuple[Hit, Article]] = field(default_factory=list)
    judged: list[tuple[Sentence, Verdict]] = field(default_factory=list)
    reasoning: str = ""
    finish: str = ""
    done: bool = False

    def begin(self, sources: list[tuple[Hit, Article]]) -> None:
        """Start from nothing, with these passages numbered from 1."""
        self.sources, self.judged, self.reasoning, self.finish = sources, [], "", ""
        self._thoughts, self._prose = Thoughts(), Prose()
        self._said: Counter[tuple[str, tuple[int, ...]]] = Counter()
        evidence = [Evidence(number, hit.passage, article.text, self.encoder) for number, (hit, article) in enumerate(sources, 1)]
        self._checker = ClaimChecker(evidence, self.encoder, question=self.question)

    def take(self, text: str, thought: str, finish: str) -> None:
        """Add a piece of the reply; what it completes is checked at once."""
        self.reasoning += thought
        self.finish = finish or self.finish
        for kind, piece in self._thoughts.feed(text, final=bool(finish)):
            if kind == "text":
                self._judge(self._prose.feed(piece))
            elif kind == "thought":
                self.reasoning += piece
            else:
                self.reasoning += "".join(f"{s.before}{s.text}" for s, _ in self.judged) + self._prose.rest()
                self.judged, self._prose = [], Prose()
                self._said.clear()
        if finish:
            self._judge([] if finish in CUT_SHORT else self._prose.end())

    def _judge(self, sentences: Sequence[Sentence]) -> None:
        for sentence in sentences:
            if self._said[sentence.text, sentence.cites] == MOST_REPEATS:
                self.finish, self.judged = REPETITION, _once(self.judged)
                return
            self._said[sentence.text, sentence.cites] += 1
            self.judged.append((sentence, self._checker.check(sentence)))

    def answer(self) -> Answer:
        """What can be shown now: the quotes, until a sentence is there."""
        text, citations, checks = _compose(self.judged, self.sources, self.writer.unsupported)
        if not text:
            doing = f"thinking ({len(self.reasoning):,} characters so far)" if self.reasoning else "reading the passages"
            return self._with(notes=(*self.quoted.notes, f"{self.writer.at} is {doing}. Until it writes, these are quotes."))
        notes = (*self._notes(), f"{self.writer.at} is writing.")
        return self._with(text=text, citations=citations, checks=checks, notes=notes, written_by=self.writer.name)

    def finished(self) -> Answer:
        """The complete answer, or the quoted one when too little of the reply is supported."""
        self.done = True
        text, citations, checks = _compose(self.judged, self.sources, self.writer.unsupported)
        claims = [verdict for _, verdict in self.judged if verdict.verdict != LEAD_IN]
        supported = sum(verdict.verdict == SUPPORTED for verdict in claims)
        if not claims:
            return self.given_up(f"{self.writer.name} wrote nothing.{EMPTY.get(self.finish, '')}")
        if any(sentence.text.rstrip(".").upper() == NO_ANSWER for sentence, _ in self.judged):
            return self.given_up(f"{self.writer.name} found no answer in the passages.")
        if supported < ENOUGH * len(claims):
            few = "nothing" if not supported else f"only {supported} of {len(claims)} sentences"
            return self.given_up(f"The passages support {few} of what {self.writer.name} wrote.")
        notes = [*self._notes(), f"Written by {self.writer.at}: {_counted(supported, len(claims), self.writer.unsupported)}"]
        if self.finish in CUT_SHORT:
            notes.append(CUT_SHORT[self.finish])
        return self._with(text=text, citations=citations, checks=checks, notes=tuple(notes), written_by=self.writer.name)

    def _notes(self) -> list[str]:
        """The quoted answer's notes, but for those on its own citations, whose numbers mean others here."""
        return [note for note in self.quoted.notes if not re.search(r"\[\d+\]", note)]

    def given_up(self, why: str) -> Answer:
        """The quoted answer, with a line that says why the model's is not there."""
        stop = "" if why.endswith((".", "?", "!")) else "."
        checks = tuple(Check(s.text, (), verdict.verdict, False) for s, verdict in self.judged)
        return self._with(notes=(*self.quoted.notes, f"{why}{stop} These are quotes."), checks=checks)

    def _with(self, **changes: object) -> Answer:
        seconds = self.quoted.seconds + time.perf_counter() - self.started
        return replace(self.quoted, reasoning=self.reasoning.strip(), seconds=seconds, **changes)  # type: ignore[arg-type]


def _once(judged: Sequence[tuple[Sentence, Verdict]]) -> list[tuple[Sentence, Verdict]]:
    """The first of each sentence."""
    first: dict[tuple[str, tuple[int, ...]], tuple[Sentence, Verdict]] = {}
    for sentence, verdict in judged:
        first.setdefault((sentence.text, sentence.cites), (sentence, verdict))
    return list(first.values())


def _counted(supported: int, claims: int, unsupported: str) -> str:
    if supported == claims:
        return f"all {claims} sentences are supported by the passages they cite." if claims > 1 else "its sentence is supported."
    done = "marked" if unsupported == "mark" else "left out"
    return f"{supported} of {claims} sentences are supported by the passages they cite; the other {claims - supported} {done}."


def _compose(
    judged: Sequence[tuple[Sentence, Verdict]], sources: Sequence[tuple[Hit, Article]], unsupported: Unsupported
) -> tuple[str, tuple[Citation, ...], tuple[Check, ...]]:
    """The text of the sentences that may be shown, its citations numbered from 1 in order of mention, and a check for each."""
    citations: dict[tuple[str, int, int], Citation] = {}
    text, checks, broken = "", [], ""
    for at, (sentence, verdict) in enumerate(judged):
        shown, body = True, sentence.text
        numbers: tuple[int, ...] = ()
        if verdict.verdict == SUPPORTED:
            numbers = _cite(verdict.proofs, sources, citations)
            body = f"{sentence.text} " + "".join(f"[{number}]" for number in numbers)
        elif verdict.verdict == LEAD_IN:
            shown = _introduces(judged[at + 1 :], unsupported)
        elif unsupported == "mark":
            body = doubted(sentence.text, verdict.verdict)
        else:
            shown = False
        checks.append(Check(sentence.text, numbers, verdict.verdict, shown))
        before = sentence.before if "\n" in sentence.before else broken or sentence.before
        broken = "" if shown else before  # a paragraph or item that begins with what is left out begins with what follows
        if shown:
            text += (before if text else before.lstrip()) + body
    return text, tuple(citations.values()), tuple(checks)


def _introduces(following: Sequence[tuple[Sentence, Verdict]], unsupported: str) -> bool:
    """Whether something is shown under a lead-in before the next one; a lead-in that ends the text so far is kept."""
    under: list[bool] = []
    for sentence, verdict in following:
        if sentence.heading or (under and sentence.before == "\n\n"):  # the next heading or paragraph
            break
        under.append(verdict.verdict == SUPPORTED or unsupported == "mark")
    return any(under) or not following


def _cite(
    proofs: Sequence[tuple[Proof, ...]], sources: Sequence[tuple[Hit, Article]], citations: dict[tuple[str, int, int], Citation]
) -> tuple[int, ...]:
    """The numbers of the citations that the runs of units become; a place cited before keeps its number."""
    numbers = []
    for run in proofs:
        hit, article = sources[run[0].passage - 1]
        passage, first = hit.passage, run[0].unit
        start, end = first.start, run[-1].unit.end
        citation = citations.get((passage.source, start, end)) or Citation(
            number=len(citations) + 1,
            source=passage.source,
            title=passage.title,
            heading=passage.heading,
            quote=article.text[start:end],
            start=start,
            end=end,
            date=passage.date,
            date_origin=passage.date_origin,
            content_hash=article.content_hash,
            hit_rank=hit.rank,
            lead=run[0].lead,
            lead_start=first.lead_start,
            lead_end=first.lead_end,
            page=first.page,
            url=passage.url,
        )
        citations[passage.source, start, end] = citation
        numbers.append(citation.number)
    return tuple(dict.fromkeys(numbers))
