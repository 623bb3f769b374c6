"""Asking a generation: from a question to the answer made of the passages found (kb.searching)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kb.answer import compose
from kb.confidence import aspect_of
from kb.dialogue import resolve
from kb.disagree.stands import asks_need
from kb.encoder import begin
from kb.engine import clean
from kb.followups import suggest
from kb.question import Question, analyse
from kb.records import Answer, Filters, History
from kb.remarks import remarked
from kb.retrieval import Found, check_question
from kb.searching import Searching
from kb.selection import is_listed
from kb.subquestions import matched, subquestions_of, with_needs, with_parts, with_subquestions
from kb.vocabulary import Understood

if TYPE_CHECKING:
    from kb.chat_model import ChatModel

# passages looked through for what to ask next: around the first that an answer cites, mostly behind
FOLLOWUP_PLACES, FOLLOWUP_BEFORE, FOLLOWUP_AFTER = 2, 8, 20


@dataclass(frozen=True, slots=True)
class Asking(Searching):
    """A generation with what it takes to ask it."""

    def stream(self, question: str, history: History, filters: Filters, chat_model: ChatModel | None) -> Iterator[Answer]:
        """As KnowledgeBase.stream."""
        started = time.perf_counter()
        generation, asked = self.generation, check_question(question, self.settings)
        restated = chat_model.rewrite(asked, history) if chat_model is not None and chat_model.rewrites and history else None
        if restated:
            asked = clean(restated)
        elif history:
            asked = clean(resolve(asked, history, subjects=generation.catalogue.roles(), settings=self.settings).question)
        understood = self.understand(asked)
        analysed = analyse(understood.text)
        found = self.find(understood, analysed, filters)

        def complete(prose: Answer) -> Answer:
            prose = self._with_hits(remarked(prose, analysed, found), found)
            return replace(prose, followups=self._followups(prose))

        composed = compose(analysed, found, self.settings, generation.catalogue.title_and_text)
        answer = self._with_hits(remarked(composed, analysed, found), found)
        answer = replace(
            answer,
            question=clean(question),
            resolved_question=understood.text,
            notes=(*answer.notes, *(f"Read “{written}” as “{read}”." for written, read in understood.corrections)),
            generation=generation.name,
        )
        if chat_model is None:
            seconds = time.perf_counter() - started
            yield replace(answer, seconds=seconds)
            started = time.perf_counter()  # what whoever reads the answer does meanwhile is not its time
            followups = self._followups(answer)
            yield replace(answer, followups=followups, seconds=seconds + time.perf_counter() - started)
            return
        yield from chat_model.write(
            understood.text,
            answer.hits,
            history,
            encoder=self.encoder,
            quoted=replace(answer, followups=self._followups(answer), seconds=time.perf_counter() - started),
            article=generation.catalogue.article,
            complete=complete,
        )

    def _followups(self, answer: Answer) -> tuple[str, ...]:
        """Questions that the passages around those it cites go on to answer."""
        generation = self.generation
        cited = [hit.row for hit in answer.hits if any(citation.hit_rank == hit.rank for citation in answer.citations)]
        last = generation.rows
        around = [range(max(0, at - FOLLOWUP_BEFORE), min(last, at + FOLLOWUP_AFTER)) for at in cited[:FOLLOWUP_PLACES]]
        rows = {row for near in around for row in near}
        passages = [entry.passage for entry in generation.catalogue.entries(sorted(rows))]
        return tuple(offer.question for offer in suggest(answer.resolved_question, answer.citations, passages))

    def find(self, understood: Understood, analysed: Question, filters: Filters) -> Found:
        """What an answer is made from: the hits, those of the subquestions, and further parts of the hits' sections."""
        generation, within = self.generation, subquestions_of(analysed)
        aspects = [aspect_of(analysed), *(aspect_of(analyse(each)) for each in within)]
        making = begin(self.encoder, [understood.expanded, *within, *aspects])
        few, many = self.settings.answer_hits, self.settings.top_k
        words = [self.in_words(understood, many, filters), *(self.in_words(Understood(each), few, filters) for each in within)]
        vectors = making()
        found, *others = (self.retrieve(each, vectors[n], vectors[len(words) + n]) for n, each in enumerate(words))
        found = replace(found, other_names=understood.expansions)
        if within:
            if analysed.sides:
                others = matched(generation, analysed.sides, others, vectors[len(words) + 1 :])
            return with_subquestions(self.generation, found, within, others)
        if needed := asks_need(analysed.core):
            return with_needs(generation, found, needed, vectors[1], generation.catalogue.allowed(filters))
        return with_parts(generation, found, vectors[1]) if is_listed(analysed) else found

    def _with_hits(self, answer: Answer, found: Found) -> Answer:
        """The answer with the hits of a search, and those behind them that it quotes from."""
        cited = {citation.hit_rank for citation in answer.citations}
        return replace(answer, hits=tuple(hit for hit in found.hits if hit.rank <= self.settings.top_k or hit.rank in cited))
