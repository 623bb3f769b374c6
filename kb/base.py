"""The knowledge base: open it, search it, ask it."""

from __future__ import annotations

import ctypes
import logging
import os
import threading
import time
import weakref
from collections.abc import Iterator, Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

import numpy as np

from kb.current import current_name, is_in_use, state_of
from kb.encoder import Encoder, Loading, begin_loading, load_encoder
from kb.errors import EncoderError, IndexDamaged, IndexIncompatible, StoreError
from kb.home import default_index, ingest_command
from kb.records import Answer, Article, Filters, History, Hit, Passage
from kb.settings import Settings

if TYPE_CHECKING:  # what only opens an index is fetched while the model is compiled
    from kb.asking import Asking
    from kb.chart import ArticleMap
    from kb.chat_model import ChatModel
    from kb.cross_encoder import CrossEncoder
    from kb.store import Generation

_LOOK_AGAIN = 60.0  # seconds until a state that could not be moved to is tried anew: what is being copied may be whole then
# modules that a search takes and then, in pieces, an answer: importing them takes a tenth of a second
_FETCHED = tuple(f"kb.{name}" for name in "searching passages question figures dialogue disagree subquestions asking".split())
log = logging.getLogger(__name__)

_open_bases: weakref.WeakSet[KnowledgeBase] = weakref.WeakSet()  # which a forked process finds in its memory and cannot use


class KnowledgeBase:
    """An opened index that answers questions, with quotes that stand in its articles at the offsets they name.

    Any number of threads may ask one base at once, and any number of processes may open one index, also while it is rebuilt;
    an open base never changes under a question. A forked process opens the index anew by itself at its first question.

        with KnowledgeBase.open("index") as base:
            for hit in base.search("Do I need a PhD?", k=3):
                print(hit.score, hit.passage.title, hit.passage.text)
    """

    def __init__(
        self,
        folder: Path,
        generation: Generation,
        encoder: Encoder,
        settings: Settings,
        *,
        own_encoder: bool = False,
        cross_encoder: CrossEncoder | None = None,
        own_cross_encoder: bool = False,
        seen: tuple[int, ...] = (),
    ) -> None:
        self._folder = folder
        self._opened: Generation | None = generation
        self._seen = seen  # the state of the folder that was looked at last
        self._look_again = float("inf")  # on the monotonic clock: when that state is worth another look
        self._changing = threading.Lock()
        self._looked = time.monotonic()
        self._forked = False
        self._own_encoder = own_encoder  # loaded here, so it can be loaded again
        self._own_cross_encoder = own_cross_encoder
        self.encoder = encoder
        self.cross_encoder = cross_encoder
        self.settings = settings
        _open_bases.add(self)

    @classmethod
    def open(
        cls,
        folder: str | Path | None = None,
        *,
        settings: Settings | None = None,
        encoder: Encoder | None = None,
        cross_encoder: CrossEncoder | None = None,
    ) -> KnowledgeBase:
        """Open the index in folder (without one: where the commands have theirs) with the model it was made with.

        encoder: what made the index, when that is not settings.model. cross_encoder: gives the first passages of every search a
        second look; without one, that of settings.cross_encoder, if any. Raises IndexMissing when there is none, IndexDamaged
        when no generation is whole, IndexIncompatible when the encoder is not the one that made it, EncoderError when a model
        cannot be loaded.
        """
        settings, folder = settings or Settings(), default_index() if folder is None else Path(folder)
        seen = state_of(folder)  # before it is opened: what is published meanwhile is noticed
        given = encoder
        generation, encoder = _read(folder, settings, given)
        if encoder.fingerprint != generation.identity.fingerprint:
            generation.close()
            raise IndexIncompatible(
                f"the index in {folder}/ was made with {generation.identity.model}, not {settings.model or 'all-MiniLM-L6-v2'}. "
                f"Ask with that model (--model), or build it anew with: {ingest_command(folder, '--rebuild')}"
            )
        from kb.cross_encoder import load_cross_encoder

        own = {"own_encoder": given is None, "own_cross_encoder": cross_encoder is None}
        try:
            cross_encoder = load_cross_encoder(settings) if cross_encoder is None else cross_encoder
        except EncoderError:
            generation.close()
            raise
        return cls(folder, generation, encoder, settings, cross_encoder=cross_encoder, seen=seen, **own)

    def search(self, question: str, k: int | None = None, *, filters: Filters = Filters()) -> list[Hit]:
        """The k passages that bear most on the question, best first (settings.top_k when k is not given).

        Raises QuestionError for an empty or over-long question, for k < 1, and for filters that exclude every article.
        """
        return self.search_many([question], k, filters=filters)[0]

    def search_many(self, questions: Sequence[str], k: int | None = None, *, filters: Filters = Filters()) -> list[list[Hit]]:
        """search() for many questions; their vectors are made in one batch."""
        from kb.searching import Searching  # here as kb.asking below, since open() fetches both while the model loads

        generation = self._generation
        # subtle: the words index takes no number above 64 bits
        wanted = k if k is None else min(k, max(1, generation.rows))
        return Searching(generation, self.encoder, self.settings, self.cross_encoder).search_many(questions, wanted, filters)

    def answer(
        self,
        question: str,
        history: History = (),
        *,
        filters: Filters = Filters(),
        chat_model: ChatModel | None = None,
    ) -> Answer:
        """What the base says to the question: verbatim quotes with citations, or that it does not cover this.

        history: the conversation so far, oldest first; a follow-up question is completed from it. chat_model writes the answer
        as prose instead, every sentence of it checked. Raises QuestionError as search does.
        """
        *_, last = self.stream(question, history, filters=filters, chat_model=chat_model)
        return last

    def stream(
        self,
        question: str,
        history: History = (),
        *,
        filters: Filters = Filters(),
        chat_model: ChatModel | None = None,
    ) -> Iterator[Answer]:
        """answer(), as it grows; the last one is complete."""
        return self._asking.stream(question, history, filters, chat_model)

    async def asearch(self, question: str, k: int | None = None, *, filters: Filters = Filters()) -> list[Hit]:
        """search() without blocking the event loop."""
        from asyncio import to_thread

        return await to_thread(self.search, question, k, filters=filters)

    async def aanswer(
        self, question: str, history: History = (), *, filters: Filters = Filters(), chat_model: ChatModel | None = None
    ) -> Answer:
        """answer() without blocking the event loop."""
        from asyncio import to_thread

        return await to_thread(self.answer, question, history, filters=filters, chat_model=chat_model)

    @property
    def _asking(self) -> Asking:
        from kb.asking import Asking

        return Asking(self._generation, self.encoder, self.settings, self.cross_encoder)

    @property
    def _generation(self) -> Generation:
        if self._forked:
            self._open_after_fork()
        if self._opened is None:
            raise StoreError("this knowledge base is closed. Open it again with KnowledgeBase.open")
        return self._opened

    def _open_after_fork(self) -> None:
        """Open the same index anew: of the engine and of FAISS a forked process has the memory but not the threads."""
        import faiss

        from kb.cross_encoder import load_cross_encoder
        from kb.store import open_generation

        with self._changing:
            if self._forked and self._opened is not None:
                faiss.omp_set_num_threads(1)  # subtle: GNU OpenMP waits forever for the parent's threads when it wants several
                self._opened = open_generation(self._folder, self.settings)
                if self._own_encoder:
                    self.encoder = load_encoder(self.settings, self._folder)
                if self._own_cross_encoder:
                    self.cross_encoder = load_cross_encoder(self.settings, forked=True)
            self._forked = False

    @property
    def folder(self) -> Path:
        """The index folder."""
        return self._folder

    @property
    def generation(self) -> str:
        """Name of the generation that answers ("gen-000007")."""
        return self._generation.name

    def articles(self) -> list[Article]:
        """All articles, by source."""
        return self._generation.catalogue.articles()

    def article(self, source: str) -> Article:
        """One article. Raises QuestionError when the base has none of that source."""
        return self._generation.catalogue.article(source)

    def passages(self, source: str) -> list[Passage]:
        """An article's passages in reading order."""
        return [entry.passage for entry in self._generation.catalogue.entries_of(source)]

    def topics(self) -> dict[str, int]:
        """Topic -> number of articles that carry it, the commonest first."""
        return self._generation.catalogue.topics()

    def passage_counts(self) -> dict[str, int]:
        """Source -> number of its passages."""
        return {source: len(rows) for source, rows in self._generation.catalogue.rows_by_source().items()}

    def roots(self) -> dict[str, str]:
        """Source -> the folder (or file) it was ingested from, as an absolute path of the machine that built the index."""
        return self._generation.catalogue.roots()

    def article_vectors(self) -> tuple[tuple[str, ...], np.ndarray]:
        """What each article is about: sources, and (n, dim) float32 unit rows, the mean direction of each one's passages."""
        generation = self._generation
        rows = generation.catalogue.rows_by_source()
        means = [generation.dense.vectors(own).mean(axis=0) for own in rows.values()]
        vectors = np.array(means, dtype=np.float32).reshape(len(means), generation.dense.dim)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        unit: np.ndarray = vectors / np.maximum(lengths, 1e-6)
        return tuple(rows), unit

    def article_map(self) -> ArticleMap:
        """Where each article lies by meaning, in two dimensions: as the index has it, or made now where it has none."""
        generation = self._generation
        if generation.chart is not None:
            return generation.chart.of(generation.catalogue.every_number())
        from kb.chart import ArticleMap, project

        sources, vectors = self.article_vectors()
        axes = project(vectors)
        return ArticleMap(sources, axes.place(vectors), axes)

    def refresh(self, *, every: float = 0.0) -> bool:
        """Move to the newest generation if there is one; questions under way end on the old. Returns whether it moved.

        every: look at most once in so many seconds, and never wait for another thread that looks; then it may be called before
        each question.
        """
        opened, now = self._generation, time.monotonic()
        if every and now - self._looked < every:
            return False
        if not self._changing.acquire(blocking=not every):
            return False
        try:
            self._looked = now
            return self._move_on(self._opened or opened)
        finally:
            self._changing.release()

    def _move_on(self, opened: Generation) -> bool:
        """refresh() for the thread that holds the lock. A state of the folder that was looked at is not looked at again soon."""
        from kb.store import open_generation

        state, now = state_of(self._folder), time.monotonic()
        if state == self._seen and now < self._look_again:
            return False
        self._seen, self._look_again = state, now + _LOOK_AGAIN
        try:
            newer = open_generation(self._folder, self.settings)
        except StoreError as error:
            log.warning("stays with %s: %s", opened.name, error)
            return False
        if newer.identity.fingerprint != self.encoder.fingerprint:
            log.warning("stays with %s: %s was made with another model. Open it anew", opened.name, newer.name)
        elif is_in_use(self._folder, newer.name):  # else it stands in for a damaged one
            self._look_again = float("inf")
            if self._opened is not None and not newer.same_as(opened):
                self._opened = newer  # subtle: the old one is closed by the garbage collector, when its last question is done
                return True
        newer.close()
        return False

    def close(self) -> None:
        """Close the index's files; asking after that raises StoreError. Closing twice does no harm."""
        opened, self._opened = self._opened, None
        if opened is not None:
            opened.close()

    def __enter__(self) -> KnowledgeBase:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


def _read(folder: Path, settings: Settings, encoder: Encoder | None) -> tuple[Generation, Encoder]:
    """The generation in use and the encoder: the one given, or that of the settings, loaded while the generation is opened."""
    if encoder is None:
        with suppress(IndexDamaged):  # an older generation may stand in. But no model is waited for to say that there is no index
            current_name(folder)
        loading = begin_loading(settings, folder)
    else:
        given = encoder
        loading = Loading(lambda: given)
    from kb.store import open_generation  # fetched while the model is compiled

    generation = open_generation(folder, settings)
    for module in _FETCHED:  # on the core that is left; what is not had when the model is, comes with the first answer
        if not loading.busy():
            break
        import_module(module)
    try:
        return generation, loading.encoder()
    except EncoderError:
        generation.close()
        raise


def _mark_as_forked() -> None:
    for base in _open_bases:
        base._forked = True
        # subtle: the engine waits for its threads when it is freed, and they stayed with the parent; so it never is
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(base.encoder))
        base._changing = threading.Lock()  # the parent's may have been held


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_mark_as_forked)
