"""Articles -> passages -> vectors: taken from the index where it has them, from the cache where that knows them, else made.

    articles ── cut ──> pieces ── Embedding ──> vectors
                          └──── what hangs on no vector (words, sayings, static vectors) is made meanwhile
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import TracebackType

import numpy as np

from kb.catalogue import Copy, Kept, Made
from kb.duplicates import find_folds, find_sayings, passages_beyond
from kb.encoder import Encoder, count_tokens, dimension, encode_all, encode_spans, static_of
from kb.everyday import QUESTIONS
from kb.nearest_words import Said, said_by
from kb.passages import context_line, cut, embedded_text, unit_by_itself, unit_with_lead
from kb.publish import Content
from kb.readers.boilerplate import repeated_boilerplate, without_boilerplate
from kb.records import Article, Passage
from kb.settings import Settings
from kb.store import Generation, Identity
from kb.vector_cache import VectorCache, key_of

Progress = Callable[[str, int, int], None]  # stage, done, total
EMBED_AT_ONCE = 256  # passages between two notes of progress and two writes of the cache


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
    with Embedding(cache, identity, encoder) as embedding:
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
            embedding.add(pieces_of[source])
        embedding.begin_last()
        pieces = [piece for each in kept for piece in pieces_of[each.source]]
        passages = [piece.passage for piece in pieces]
        sayings = find_sayings(passages)
        made = Made(recipes, copies, find_folds(passages, copies, sayings), sayings, repeated)
        said, everyday = said_of(pieces, before, encoder), _everyday(before, identity, encoder)
        found, embedded = embedding.result(tell)
    vectors, units, titles = gathered(pieces, before, found, identity.dim)
    basis = None if (static := static_of(encoder)) is None else static.basis
    return Content(kept, passages, vectors, units, titles, said, made, everyday, basis), embedded


def said_of(pieces: Sequence[Piece], before: Generation | None, encoder: Encoder) -> Said | None:
    """The words of the pieces' passages with their vectors, of those that stand as they stand; None without static vectors."""
    if (static := static_of(encoder)) is None:
        return None
    new = said_by((piece.passage for piece in pieces if piece.row < 0), static)
    standing = [piece.row for piece in pieces if piece.row >= 0]
    if before is None or before.said is None or not standing:
        return new
    came = sorted(range(len(pieces)), key=lambda place: pieces[place].row < 0)  # those that stand first, then the new ones
    return before.said.of(standing).with_more(new).in_order(np.argsort(came).tolist())


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


@dataclass(frozen=True, slots=True)
class _Lot:
    """Jobs that go through the model together. known: what the cache knew, by key; made: waits for the others' vectors."""

    jobs: Sequence[_Job]
    known: dict[bytes, np.ndarray]
    missing: int
    made: Callable[[], dict[bytes, np.ndarray]]


class Embedding:
    """Pieces on their way through the model: the first ones are encoded while the others are still being cut.

        with Embedding(cache, identity, encoder) as embedding:
            embedding.add(pieces)                        # again and again
            embedding.begin_last()                       # no more will come
            found, embedded = embedding.result(tell)     # waits

    An encoder that works beside what else is done (it has a `begin`, see kb.encoder) does so in a thread; any other encodes in
    result(), in the caller's. What an error leaves behind is not begun any more.
    """

    def __init__(self, cache: Path, identity: Identity, encoder: Encoder) -> None:
        self._cache, self._identity, self._encoder = cache, identity, encoder
        self._known: VectorCache | None = None
        self._beside: ThreadPoolExecutor | None = None
        self._seen: set[bytes] = set()
        self._waiting: list[_Job] = []
        self._lots: list[_Lot] = []

    def __enter__(self) -> Embedding:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._beside is not None:
            self._beside.shutdown(cancel_futures=True)
        if self._known is not None:
            self._known.close()

    def add(self, pieces: Sequence[Piece]) -> None:
        """Embed these pieces' jobs; what has none, or came before, costs nothing."""
        for job in (piece.job for piece in pieces if piece.job is not None):
            if job.key not in self._seen:
                self._seen.add(job.key)
                self._waiting.append(job)
        while len(self._waiting) >= EMBED_AT_ONCE:
            self._begin()

    def begin_last(self) -> None:
        """Begin what still waits for more to be encoded with."""
        if self._waiting:
            self._begin()

    def _begin(self) -> None:
        jobs, self._waiting = self._waiting[:EMBED_AT_ONCE], self._waiting[EMBED_AT_ONCE:]
        if self._known is None:
            self._known = VectorCache(self._cache, self._identity.dim)
            if getattr(self._encoder, "begin", None) is not None:
                self._beside = ThreadPoolExecutor(1, "career-kb-embedding")
        known = self._known.get([job.key for job in jobs])
        missing = [job for job in jobs if job.key not in known]
        make = partial(_encode, self._encoder, missing)
        self._lots.append(_Lot(jobs, known, len(missing), make if self._beside is None else self._beside.submit(make).result))

    def result(self, tell: Progress) -> tuple[dict[bytes, Embedded], int]:
        """Key -> vectors for all jobs, from the cache where it knew them; and how many it did not know."""
        self.begin_last()
        if self._known is None:
            return {}, 0
        found: dict[bytes, Embedded] = {}
        done, total = 0, sum(lot.missing for lot in self._lots)
        for lot in self._lots:
            tell("embedding", done, total)
            statics = _static_vectors(lot.jobs, self._encoder)
            made = lot.made()
            self._known.put(made)
            vectors = lot.known | made
            found |= {job.key: _embedded(vectors[job.key], *static) for job, static in zip(lot.jobs, statics, strict=True)}
            done += lot.missing
        tell("embedding", total, total)
        return found, total


def _static_vectors(jobs: Sequence[_Job], encoder: Encoder) -> list[tuple[np.ndarray, np.ndarray]]:
    """For each job the static vectors of its units (units, components) and of its title (components,), float16.

    Without components where the encoder has no static vectors.
    """
    if (static := static_of(encoder)) is None:
        return [(np.zeros((len(job.by_itself), 0), dtype=np.float16), np.zeros(0, dtype=np.float16)) for job in jobs]
    names = {title: place for place, title in enumerate(dict.fromkeys(job.title for job in jobs))}
    many = encode_spans(encoder, list(names), [[]] * len(names))[0]  # as many texts are: no other graph is compiled
    titles, counts = static.of_titles(many)[[names[job.title] for job in jobs]], [len(job.by_itself) for job in jobs]
    own = static.encode([text for job in jobs for text in job.by_itself], titles.repeat(counts, axis=0)).astype(np.float16)
    return list(zip(np.split(own, np.cumsum(counts)[:-1]), titles.astype(np.float16), strict=True))


def _embedded(vectors: np.ndarray, static: np.ndarray, title: np.ndarray) -> Embedded:
    """vectors: the passage's, then its units'."""
    return Embedded(vectors[0].copy(), np.concatenate([vectors[1:], static], axis=1), title)


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
    if not jobs:
        return {}
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
