"""Searching a generation: a question's way from its text to the passages found.

What a search takes and no more, so that whoever only searches waits for nothing else; kb.asking goes on from here to the answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kb.cross_encoder import CrossEncoder
from kb.encoder import Encoder, begin, count_tokens, static_of
from kb.errors import QuestionError
from kb.lexical import terms
from kb.records import Filters, Hit
from kb.retrieval import Found, InWords, check_question, in_words, phrase_stands, retrieve
from kb.settings import Settings
from kb.store import Generation
from kb.vocabulary import Understood, is_english, understand


@dataclass(frozen=True, slots=True)
class Searching:
    """A generation with what it takes to search it. encoder: the one that made it."""

    generation: Generation
    encoder: Encoder
    settings: Settings
    cross_encoder: CrossEncoder | None = None

    def search_many(self, questions: Sequence[str], k: int | None, filters: Filters) -> list[list[Hit]]:
        """As KnowledgeBase.search_many."""
        k = self.settings.top_k if k is None else k
        if k < 1:
            raise QuestionError(f"k is the number of hits wanted, at least 1, got {k}")
        understood = [self.understand(check_question(question, self.settings)) for question in questions]
        if not understood:
            return []
        vectors = begin(self.encoder, [each.expanded for each in understood])
        words = [self.in_words(each, k, filters) for each in understood]
        return [list(self.retrieve(w, vector).hits) for w, vector in zip(words, vectors(), strict=True)]

    def understand(self, question: str) -> Understood:
        """The question with misspellings corrected and other names of what it names, unless the settings say otherwise."""
        generation = self.generation
        if not self.settings.correct_spelling:
            return Understood(question)

        def is_word(word: str) -> bool:
            return count_tokens(self.encoder, [word])[0] <= 3 or is_english(word)  # one piece between the start and end marks

        def form_stands(word: str) -> bool:
            return any(max(generation.words.frequencies(term)) for term in terms(word))

        return understand(question, generation.catalogue, is_word, form_stands, lambda phrase: phrase_stands(generation, phrase))

    def in_words(self, asked: Understood, k: int, filters: Filters) -> InWords:
        """What the question's words find (kb.retrieval). k: how many passages are wanted."""
        return in_words(self.generation, asked.text, k, self.settings, filters, asked.expansions, static_of(self.encoder))

    def retrieve(self, words: InWords, vector: np.ndarray, aspect: np.ndarray | None = None) -> Found:
        """The passages that bear most on the question. vector: of its text; aspect: of what it asks about its subject."""
        return retrieve(self.generation, words, vector, self.settings, aspect, self.cross_encoder)
