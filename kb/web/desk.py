"""Where the page keeps the open base: the newest state of it, what was asked of it, and how that went.

The base is opened once. Once a second the desk looks whether a newer generation was published and moves to it, so that whoever
rebuilds the base never interrupts whoever asks. Counters hold numbers only; the questions the base
could not answer are kept in memory, for its owner to see.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Protocol, TypeVar

import numpy as np

from kb.chart import ArticleMap
from kb.chat_model import ChatModel
from kb.encoder import Encoder
from kb.errors import KBError
from kb.gaps import Gap, Group, grouped, note, read_gaps
from kb.language import language_of_texts
from kb.records import Answer, Article, Filters, Hit, Passage, Turn
from kb.settings import Settings
from kb.web.filters import Choices, choices_of

T = TypeVar("T")
log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0  # reading one small file; a new state is seen this soon
REMEMBERED = 500  # declined questions, and notes of readers, kept in memory
MOST_GROUPED = 300  # questions: grouping compares each with each
VERDICTS = ("up", "down", "citation", "missing", "outdated")
BUCKETS = (0.05, 0.1, 0.3, 1.0, 3.0, 10.0)  # seconds, upper bounds of the latency histogram


class Base(Protocol):
    """What the page needs of a knowledge base; `kb.base.KnowledgeBase` is one."""

    settings: Settings
    encoder: Encoder

    @property
    def generation(self) -> str: ...
    def stream(
        self, question: str, history: Sequence[Turn] = (), *, filters: Filters = ..., chat_model: ChatModel | None = None
    ) -> Iterator[Answer]: ...
    def search(self, question: str, k: int | None = None, *, filters: Filters = ...) -> list[Hit]: ...
    def article(self, source: str) -> Article: ...
    def articles(self) -> list[Article]: ...
    def passages(self, source: str) -> list[Passage]: ...
    def topics(self) -> dict[str, int]: ...
    def passage_counts(self) -> dict[str, int]: ...
    def roots(self) -> dict[str, str]: ...
    def article_vectors(self) -> tuple[tuple[str, ...], np.ndarray]: ...
    def article_map(self) -> ArticleMap: ...
    def refresh(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A question the base declined, and when (seconds since the epoch)."""

    question: str
    asked: float


@dataclass(frozen=True, slots=True)
class Note:
    """What a reader thought of an answer: verdict one of VERDICTS, sources those it cited."""

    question: str
    verdict: str
    sources: tuple[str, ...]
    given: float


@dataclass(slots=True)
class Counters:
    """What /metrics shows. Latency: answers by the bucket they fall in, from question to complete answer."""

    questions: int = 0
    declined: int = 0
    failed: int = 0
    seconds: float = 0.0
    buckets: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS) + 1))


class Desk:
    """The base as the page sees it. Safe to use from many threads."""

    def __init__(self, base: Base, *, chat_model: ChatModel | None = None, gaps: Path | None = None) -> None:
        """chat_model: what writes the answers, None for quotes.

        gaps: the file that keeps declined questions, None to keep none (always so while the page is open to others).
        """
        self._base = base
        self.chat_model = chat_model
        self._gaps = gaps
        self._lock = threading.Lock()
        self._asking = 0
        self.counters = Counters()
        self.unanswered: deque[Unanswered] = deque(maxlen=REMEMBERED)
        self.notes: deque[Note] = deque(maxlen=REMEMBERED)
        self._of_generation: dict[str, tuple[str, Any]] = {}
        self.started = time.time()

    @property
    def settings(self) -> Settings:
        return self._base.settings

    @property
    def writer(self) -> str:
        """The language model that answers and where, "" for none."""
        return self.chat_model.writer.at if self.chat_model is not None else ""

    @property
    def base(self) -> Base:
        """The base, in the newest state the desk knows of."""
        return self._base

    def look(self) -> None:
        """Move to a newer published state if there is one; questions under way end on the old."""
        try:
            if self._base.refresh():
                log.info("now answering from %s", self._base.generation)
        except KBError as error:  # a damaged new state: go on with the one that works
            log.warning("staying with %s: %s", self._base.generation, error)

    def watch(self, seconds: float = LOOK_SECONDS) -> Callable[[], None]:
        """Look every so many seconds, in a thread of its own, so that no question waits for it. Returns what stops it."""
        stop = threading.Event()

        def run() -> None:
            while not stop.wait(seconds):
                self.look()

        threading.Thread(target=run, daemon=True, name="kb-watch").start()
        return stop.set

    def cached(self, name: str, make: Callable[[Base], T]) -> T:
        """make(base), made once for each generation and kept until the next."""
        base = self.base
        known = self._of_generation.get(name)
        if known is None or known[0] != base.generation:
            known = self._of_generation[name] = (base.generation, make(base))
        return known[1]

    @property
    def articles_language(self) -> str:
        """The language of the articles, "" where they are of several or of another than the page knows."""
        return self.cached("articles_language", lambda base: language_of_texts(article.text for article in base.articles()))

    @property
    def choices(self) -> Choices:
        """What the search can be narrowed by."""
        return self.cached("choices", lambda base: choices_of(base.articles(), base.topics()))

    def take_note(self, question: object, verdict: object, sources: object) -> None:
        """Keeps a reader's verdict on an answer; what is not one is left out."""
        if isinstance(question, str) and verdict in VERDICTS and isinstance(verdict, str):
            cited = [s[:300] for s in sources if isinstance(s, str)][:20] if isinstance(sources, list) else []
            self.notes.append(Note(question[:300], verdict, tuple(cited), time.time()))

    @contextmanager
    def asking(self) -> Iterator[int]:
        """Around a question: gives how many others are under way."""
        with self._lock:
            others, self._asking = self._asking, self._asking + 1
        try:
            yield others
        finally:
            with self._lock:
                self._asking -= 1

    def count(self, answer: Answer, seconds: float) -> None:
        """Takes note of a complete answer."""
        with self._lock:
            self.counters.questions += 1
            self.counters.declined += answer.abstained
            self.counters.seconds += seconds
            self.counters.buckets[next((i for i, top in enumerate(BUCKETS) if seconds <= top), len(BUCKETS))] += 1
            if answer.abstained:
                self.unanswered.append(Unanswered(answer.question[:300], time.time()))
        if self._gaps is not None:
            note(answer, self._gaps)

    def vain(self) -> list[Group]:
        """What was asked in vain, questions that one article could answer together, the most asked first.

        From the log where there is one, else since the page was opened.
        """
        if self._gaps is not None:
            found = read_gaps(self._gaps)[-MOST_GROUPED:]
        else:
            found = [Gap(each.question, date.fromtimestamp(each.asked).isoformat(), 0.0) for each in list(self.unanswered)]
        return grouped(found[-MOST_GROUPED:], self.base.encoder.encode)

    def count_failure(self) -> None:
        with self._lock:
            self.counters.questions += 1
            self.counters.failed += 1

    def metrics(self) -> str:
        """The counters in Prometheus' text format (https://prometheus.io/docs/instrumenting/exposition_formats/)."""
        with self._lock:
            c, buckets = self.counters, list(self.counters.buckets)
        total, lines = 0, []
        for top, n in zip((*map(str, BUCKETS), "+Inf"), buckets, strict=True):
            total += n
            lines.append(f'kb_answer_seconds_bucket{{le="{top}"}} {total}')
        generation = self._base.generation.replace("\\", "\\\\").replace('"', '\\"')
        return "\n".join(
            [
                "# HELP kb_questions_total Questions asked.",
                "# TYPE kb_questions_total counter",
                f"kb_questions_total {c.questions}",
                "# HELP kb_declined_total Questions the knowledge base does not cover.",
                "# TYPE kb_declined_total counter",
                f"kb_declined_total {c.declined}",
                "# HELP kb_failed_total Questions that ended in an error.",
                "# TYPE kb_failed_total counter",
                f"kb_failed_total {c.failed}",
                "# HELP kb_answer_seconds From question to complete answer.",
                "# TYPE kb_answer_seconds histogram",
                *lines,
                f"kb_answer_seconds_sum {c.seconds:.6f}",
                f"kb_answer_seconds_count {total}",
                "# HELP kb_generation The published state that answers.",
                "# TYPE kb_generation gauge",
                f'kb_generation{{name="{generation}"}} 1',
                "",
            ]
        )
