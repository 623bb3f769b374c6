"""Articles -> passages -> vectors: taken from the index where it has them, from the cache where that knows them, else made."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from kb.catalogue import Copy, Kept, Made
from kb.duplicates import find_folds, find_sayings, passages_beyond
from kb.encoder import Encoder, count_tokens, dimension, encode_all, encode_spans, load_encoder, static_of
from kb.everyday import QUESTIONS
from kb.nearest_words import said_by
from kb.passages import context_line, cut, embedded_text, unit_by_itself, unit_with_lead
from kb.publish import Content
from kb.readers.boilerplate import repeated_boilerplate, without_boilerplate
from kb.records import Article, Passage
from kb.settings import Settings
from kb.static_vectors import StaticVectors
from kb.store import Generation, Identity
from kb.vector_cache import VectorCache, key_of
from kb.weights import find_model

Progress = Callable[[str, int, int], None]  # stage, done, total
EMBED_AT_ONCE = 256  # passages between two notes of progress and two writes of the cache


class LazyEncoder:
    """The encoder that settings name, loaded when it is first asked for more than its name: most builds change nothing."""

    fingerprint: str
    static: StaticVectors | None

    def __init__(self, settings: Settings, cache: Path) -> None:
        self._settings, self._cache = settings, cache
        self._loaded: Encoder | None = None
        self._loading: Future[Encoder] | None = None

    def begin_loading(self) -> None:
        """Load it now in a thread beside; who needs it first waits for it, or hears then why it cannot be."""
        if self._loaded is not None or self._loading is not None:
            return
        beside = ThreadPoolExecutor(1, "career-kb-model")
        self._loading = beside.submit(self._load_now)
        beside.shutdown(wait=False)

    def _load_now(self) -> Encoder:
        return load_encoder(self._settings, self._cache, for_many=True)

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        return self._load().encode(texts)

    def _load(self) -> Encoder:
        if self._loaded is None:
            self._loaded = self._loading.result() if self._loading else self._load_now()
            self.fingerprint, self.static = self._loaded.fingerprint, getattr(self._loaded, "static", None)
        return self._loaded

    def __getattr__(self, name: str) -> Any:
        if name in ("fingerprint", "static"):
            files = find_model(self._settings)
            self.fingerprint, self.static = files.fingerprint, StaticVectors(files)
            return self.fingerprint if name == "fingerprint" else self.static
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self._load(), name)  # what an encoder may offer beyond the protocol


def begin_loading(encoder: Encoder) -> None:
    """Let an encoder that is not loaded yet load beside what else is done."""
    begin = getattr(encoder, "begin_loading", None)
    if begin is not None:
        begin()


def identity_of(encoder: Encoder, settings: Settings, before: Identity | None = None) -> Identity:
    """What an index made by this encoder with these settings is. before: an index's, which may know the vectors' length."""
    known = before is not None and before.fingerprint == encoder.fingerprint
    dim = before.dim if before is not None and known else dimension(encoder)
    static = static_of(encoder)
    return Identity(
        model=settings.model or "all-MiniLM-L6-v2",
        fingerprint=encoder.fingerprint,
        dim=dim,
        passage_words=settings.passage_words,
        passage_max_tokens=settings.passage_max_tokens,
        static="" if static is None else static.version,
    )


@dataclass(frozen=True, slots=True)
class _Job:
    """One passage to embed. text: what the encoder sees; context: characters of it that are title and headings.

    alone: each unit behind title and headings; by_itself: behind its heading, for its static vector.
    """

    key: bytes
    text: str
    context: int
    spans: list[tuple[int, int]]
    alone: list[str]
    title: str
    by_itself: list[str]


@dataclass(frozen=True, slots=True)
class Embedded:
    """A passage's vector (dim,), and its units' (n, width): their own, and behind them their static ones. float16.

    title: (components,), where the title of its article points; of none without static vectors.
    """

    vector: np.ndarray
    units: np.ndarray
    title: np.ndarray


@dataclass(frozen=True, slots=True)
class Piece:
    """A passage on its way into the index: it stands at a row of the generation before, or else is a job."""

    passage: Passage
    row: int = -1
    job: _Job | None = None


def content_of(
    kept: Sequence[Kept],
    copies: Mapping[str, Copy],
    before: Generation | None,
    identity: Identity,
    cache: Path,
    encoder: Encoder,
    settings: Settings,
    tell: Progress,
) -> tuple[Content, int]:
    """All that a generation of these articles holds, and how many passages went through the model for it.

    An article that is cut as it was is neither cut, tokenised nor embedded again; before: the generation to take it from. Of a
    copy only what its original does not say goes in, and nothing of what the articles of a folder repeat at their edges.
    """
    repeated = find_repeated(kept, copies)
    articles = without_repeated(kept, repeated)
    recipes = recipes_of(kept, articles, copies)
    standing = _standing(before, identity, recipes)
    pieces_of: dict[str, list[Piece]] = {}
    for source in sorted(articles, key=lambda source: source in copies):  # originals first
        if source in standing:
            pieces_of[source] = standing[source]
        elif source in copies:
            original = copies[source].original
            own = [] if equal_texts(articles, source, original) else cut_pieces(articles[source], identity, encoder, settings)
            theirs = [piece.passage for piece in pieces_of[original]]
            beyond = passages_beyond([piece.passage for piece in own], articles[source].text, theirs, articles[original].text)
            pieces_of[source] = [piece for piece in own if piece.passage in beyond]
        else:
            pieces_of[source] = cut_pieces(articles[source], identity, encoder, settings)
    pieces = [piece for each in kept for piece in pieces_of[each.source]]
    passages = [piece.passage for piece in pieces]
    found, embedded = embed_pieces([piece.job for piece in pieces if piece.job is not None], cache, identity, encoder, tell)
    vectors, units, titles = gathered(pieces, before, found, identity.dim)
    sayings = find_sayings(passages)
    made = Made(recipes, copies, find_folds(passages, copies, sayings), sayings, repeated)
    basis = None if (static := static_of(encoder)) is None else static.basis
    said = None if static is None else said_by(passages, static)
    return Content(kept, passages, vectors, units, titles, said, made, _everyday(before, identity, encoder), basis), embedded


def _everyday(before: Generation | None, identity: Identity, encoder: Encoder) -> np.ndarray:
    """The vectors of kb.everyday's questions: those of the generation before where its encoder was the same."""
    if before is not None and before.everyday is not None and before.identity == identity:
        return before.everyday
    return encoder.encode(QUESTIONS)


def folder_of(each: Kept) -> tuple[str, str]:
    """(root, folder): the articles beside it, which may repeat the same at their edges."""
    return each.root, each.source.rpartition("/")[0]


def find_repeated(kept: Sequence[Kept], copies: Mapping[str, Copy]) -> dict[tuple[str, str], frozenset[str]]:
    """(root, folder) -> what its articles repeat at their edges. Copies do not count, or they would leave nothing."""
    folders: dict[tuple[str, str], list[Article]] = {}
    for each in kept:
        if each.source not in copies:
            folders.setdefault(folder_of(each), []).append(each.article)
    found = {place: repeated_boilerplate(own) for place, own in folders.items()}
    return {place: repeated for place, repeated in found.items() if repeated}


def without_repeated(kept: Sequence[Kept], repeated: Mapping[tuple[str, str], frozenset[str]]) -> dict[str, Article]:
    """Source -> article without what the folders of its root repeat."""
    by_root: dict[str, frozenset[str]] = {}
    for (root, _), some in repeated.items():
        by_root[root] = by_root.get(root, frozenset()) | some
    return {each.source: without_boilerplate(each.article, by_root.get(each.root, frozenset())) for each in kept}


def recipes_of(kept: Sequence[Kept], articles: Mapping[str, Article], copies: Mapping[str, Copy]) -> dict[str, str]:
    """Source -> a hash of all that its passages hang on: equal recipes, equal passages."""
    own = {
        each.source: hashlib.sha256(f"{each.made}\n{articles[each.source]!r}".encode("utf-8", "surrogatepass")).hexdigest()
        for each in kept
    }
    of_copies = {source: f"{own[source]} beyond {own[copy.original]}" for source, copy in copies.items()}
    return {**own, **of_copies}


def equal_texts(articles: Mapping[str, Article], one: str, other: str) -> bool:
    return articles[one].content_hash == articles[other].content_hash


def _standing(before: Generation | None, identity: Identity, recipes: Mapping[str, str]) -> dict[str, list[Piece]]:
    """Source -> its pieces, for every article whose recipe is the one that the generation before was made by."""
    if before is None or before.identity != identity:
        return {}
    same = {source for source, recipe in before.catalogue.recipes().items() if recipes.get(source) == recipe}
    standing: dict[str, list[Piece]] = {source: [] for source in same}
    for entry in before.catalogue.every_entry():
        if entry.passage.source in same:
            standing[entry.passage.source].append(Piece(entry.passage, entry.row))
    return standing


def cut_pieces(article: Article, identity: Identity, encoder: Encoder, settings: Settings) -> list[Piece]:
    passages = cut(article, settings, lambda some: count_tokens(encoder, some))
    return [Piece(passage, job=_job(passage, article.text, identity.fingerprint)) for passage in passages]


def _job(passage: Passage, article_text: str, fingerprint: str) -> _Job:
    text, context = embedded_text(passage, article_text), context_line(passage)
    shift = len(text) - len(passage.text) - passage.start
    spans = [(unit.start + shift, unit.end + shift) for unit in passage.units]
    alone = [f"{context}\n{unit_with_lead(unit, article_text)}" for unit in passage.units]
    by_itself = [unit_by_itself(passage, unit, article_text) for unit in passage.units]
    return _Job(key_of(fingerprint, text, spans), text, len(context), spans, alone, passage.title, by_itself)


def embed_pieces(
    jobs: Sequence[_Job], cache: Path, identity: Identity, encoder: Encoder, tell: Progress
) -> tuple[dict[bytes, Embedded], int]:
    """Key -> vectors for all jobs, from the cache where it knows them; and how many it did not know."""
    if not jobs:
        return {}, 0
    known = VectorCache(cache, identity.dim)
    try:
        found = known.get([job.key for job in jobs])
        missing = list({job.key: job for job in jobs if job.key not in found}.values())
        for at in range(0, len(missing), EMBED_AT_ONCE):
            tell("embedding", at, len(missing))
            fresh = _encode(encoder, missing[at : at + EMBED_AT_ONCE])
            known.put(fresh)
            found.update(fresh)
        tell("embedding", len(missing), len(missing))
    finally:
        known.close()
    return with_static(jobs, found, encoder), len(missing)


def with_static(jobs: Sequence[_Job], found: Mapping[bytes, np.ndarray], encoder: Encoder) -> dict[bytes, Embedded]:
    """The vectors found, by key, with the units' static vectors behind their own where the encoder has such."""
    once = list({job.key: job for job in jobs}.values())
    units = [found[job.key][1:] for job in once]
    titles = [np.zeros(0, dtype=np.float16)] * len(once)
    if (static := static_of(encoder)) is not None:
        names = {title: place for place, title in enumerate(dict.fromkeys(job.title for job in once))}
        many = encode_spans(encoder, list(names), [[]] * len(names))[0]  # as many texts are: no other graph is compiled
        of_jobs, counts = static.of_titles(many)[[names[job.title] for job in once]], [len(job.by_itself) for job in once]
        own = static.encode([text for job in once for text in job.by_itself], of_jobs.repeat(counts, axis=0)).astype(np.float16)
        each = np.split(own, np.cumsum(counts)[:-1])
        units = [np.concatenate(pair, axis=1) for pair in zip(units, each, strict=True)]
        titles = list(of_jobs.astype(np.float16))
    found_of = zip(once, units, titles, strict=True)
    return {job.key: Embedded(found[job.key][0], some, title) for job, some, title in found_of}


def gathered(
    pieces: Sequence[Piece], before: Generation | None, found: Mapping[bytes, Embedded], dim: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """The passages' vectors (n, dim) float32, their units' (m, width) and their titles' (n, components), float16, in order.

    None instead of the titles' where there are no static vectors.
    """
    vectors = np.empty((len(pieces), dim), dtype=np.float32)
    standing = [at for at, piece in enumerate(pieces) if piece.row >= 0]
    if before is not None and standing:
        vectors[standing] = before.dense.vectors([pieces[at].row for at in standing])
    units, titles = [], []
    for at, piece in enumerate(pieces):
        if piece.job is not None:
            vectors[at] = found[piece.job.key].vector
            units.append(found[piece.job.key].units)
            titles.append(found[piece.job.key].title)
        elif before is not None:
            units.append(before.units.of(piece.row))
            if before.basis is not None:
                titles.append(before.units.titles_of([piece.row])[0])
    many = np.concatenate(units) if units else np.zeros((0, dim), dtype=np.float16)
    return vectors, many, np.array(titles) if titles and len(titles[0]) else None


def _encode(encoder: Encoder, jobs: Sequence[_Job]) -> dict[bytes, np.ndarray]:
    """Key -> the passage's vector, then one per unit, half precision.

    A unit's vector is the direction halfway between its own words and its passage's title and headings, both pooled from the
    passage's pass where the encoder can (`encode_spans`), at no cost; else the unit is encoded apart behind title and
    headings, which finds as well.
    """
    in_one_pass = getattr(encoder, "encode_spans", None)
    if in_one_pass is None:
        vectors = encode_all(encoder, [job.text for job in jobs])
        apart = encode_all(encoder, [text for job in jobs for text in job.alone])
        units = np.split(apart, np.cumsum([len(job.alone) for job in jobs])[:-1])
    else:
        vectors, pooled = in_one_pass([job.text for job in jobs], [[(0, job.context), *job.spans] for job in jobs])
        units = [_halfway(own[1:], own[0]) for own in pooled]
    return {
        job.key: np.concatenate([vector[None, :], own]).astype(np.float16)
        for job, vector, own in zip(jobs, vectors, units, strict=True)
    }


def _halfway(units: np.ndarray, context: np.ndarray) -> np.ndarray:
    """Unit vectors halfway between each row of units and context, all of length 1."""
    sums = units + context
    lengths = np.linalg.norm(sums, axis=1, keepdims=True)
    halfway: np.ndarray = sums / np.maximum(lengths, 1e-6)
    return halfway
