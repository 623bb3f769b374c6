"""Rebuilding the index: plan (pure: what is new, changed, renamed, gone), then do, then publish in one step.

files ── read ──> articles ── plan ──> cut ──> passages ── embed what is new ──> publish
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
from filelock import FileLock, Timeout

from kb.catalogue import Kept
from kb.encoder import Encoder, count_tokens, encode_all, load_encoder
from kb.errors import ArticleError, IndexBusy, IndexIncompatible, IndexMissing, NotAnArticle, StoreError
from kb.home import ingest_command
from kb.passages import context_line, cut, embedded_text, unit_with_lead
from kb.reading import article_of, file_bytes, find_articles
from kb.records import Article, Passage
from kb.settings import Settings
from kb.store import Content, Generation, Identity, current_name, open_generation, publish
from kb.vector_cache import VectorCache, key_of

log = logging.getLogger(__name__)

Progress = Callable[[str, int, int], None]  # stage, done, total
EMBED_AT_ONCE = 256  # passages between two notes of progress and two writes of the cache


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file."""

    source: str
    outcome: Literal["indexed", "skipped", "error"]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a build changes, by source. renamed: (old, new)."""

    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()
    gone: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()

    def __str__(self) -> str:
        renamed = f" >{len(self.renamed)}" if self.renamed else ""
        return f"+{len(self.new)} ~{len(self.changed)} -{len(self.gone)}{renamed}"

    @property
    def empty(self) -> bool:
        return not (self.new or self.changed or self.renamed or self.gone)


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did. embedded: passages that went through the model; seconds: wall-clock time of the whole build."""

    plan: Plan
    outcomes: tuple[Outcome, ...]
    generation: str
    articles: int
    passages: int
    embedded: int
    seconds: float

    @property
    def errors(self) -> list[Outcome]:
        return [each for each in self.outcomes if each.outcome == "error"]


@dataclass(slots=True)
class _Read:
    """Articles as read from the sources, and what became of every file."""

    kept: list[Kept] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)


def build_index(
    sources: Sequence[str | Path],
    folder: str | Path,
    *,
    settings: Settings | None = None,
    encoder: Encoder | None = None,
    progress: Progress | None = None,
    rebuild: bool = False,
    wait_seconds: float = 60,
) -> BuildReport:
    """Make the index in folder hold what the sources (folders or files) hold now, and publish it in one atomic step.

    Each source folder is mirrored by itself: its new, edited, renamed and deleted files are found by content; what other folders
    brought stays. A file that cannot be read is reported and never stops the others. rebuild forgets what the index held before.
    progress is called with (stage, done, total), stage one of "reading", "embedding", "publishing". Raises ArticleError when a
    source does not exist or no article can be read at all, IndexBusy when another build holds the lock for wait_seconds,
    IndexIncompatible when the index was made with another model and rebuild is not asked for.
    """
    started = time.perf_counter()
    settings = settings or Settings()
    folder = Path(folder)
    roots = [_root(Path(source)) for source in sources]
    tell = progress or (lambda stage, done, total: None)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"cannot make the index folder {folder}: {error.strerror}") from error
    try:
        with FileLock(folder / "LOCK", timeout=wait_seconds):
            return _build(roots, folder, settings, encoder, tell, rebuild, started)
    except Timeout:
        raise IndexBusy(f"another ingest is writing {folder}/ (waited {wait_seconds:g} s). Try again when it is done") from None
    except PermissionError as error:
        raise StoreError(f"cannot write to the index folder {folder}: {error.strerror}") from error


def _build(
    roots: list[Path], folder: Path, settings: Settings, encoder: Encoder | None, tell: Progress, rebuild: bool, started: float
) -> BuildReport:
    encoder = encoder or load_encoder(settings, folder)
    identity = identity_of(encoder, settings)
    before = None if rebuild else _standing(folder, settings, identity)
    known = before.catalogue.kept() if before else []
    read = _read_all(roots, known, tell)
    kept, plan = plan_changes(known, read.kept, {str(root) for root in roots})
    if not kept:
        raise ArticleError(_nothing_to_index(roots, read.outcomes))
    if before and plan.empty:
        articles, passages = before.catalogue.counts()
        return BuildReport(plan, tuple(read.outcomes), before.name, articles, passages, 0, time.perf_counter() - started)
    content, embedded = _embed(kept, folder, encoder, identity, settings, tell)
    tell("publishing", 0, 1)
    name = publish(folder, content, identity)
    tell("publishing", 1, 1)
    seconds = time.perf_counter() - started
    return BuildReport(plan, tuple(read.outcomes), name, len(kept), len(content.passages), embedded, seconds)


def _root(source: Path) -> Path:
    if not source.exists():
        raise ArticleError(f"no such file or folder: {source}")
    return source.resolve()


def identity_of(encoder: Encoder, settings: Settings) -> Identity:
    """What an index made by this encoder with these settings is."""
    return Identity(
        model=settings.model or "all-MiniLM-L6-v2",
        fingerprint=encoder.fingerprint,
        dim=int(encoder.encode(["dimension"]).shape[1]),
        passage_words=settings.passage_words,
        passage_max_tokens=settings.passage_max_tokens,
    )


def _standing(folder: Path, settings: Settings, identity: Identity) -> Generation | None:
    """The generation that this build starts from, if there is one that is sound."""
    try:
        current_name(folder)
    except IndexMissing:
        return None
    generation = open_generation(folder, settings)
    if generation.identity.fingerprint != identity.fingerprint or generation.identity.dim != identity.dim:
        raise IndexIncompatible(
            f"the index in {folder}/ was made with {generation.identity.model}, not with {identity.model}. "
            f"Start it anew with: {ingest_command(folder, '--rebuild')}"
        )
    return generation if generation.identity == identity else None


def _read_all(roots: list[Path], known: Sequence[Kept], tell: Progress) -> _Read:
    """Every article under the roots; a file whose bytes are known is not parsed again."""
    files = [(root, source, path) for root in roots for source, path in _files(root)]
    by_hash = {(each.root, each.file_hash): each.article for each in known}
    read = _Read()
    taken: set[str] = set()
    for at, (root, source, path) in enumerate(files):
        tell("reading", at, len(files))
        name = source if source not in taken else f"{root.name}/{source}"
        try:
            data = file_bytes(path, source)
            file_hash = hashlib.sha256(data).hexdigest()
            article = _known(by_hash.get((str(root), file_hash)), name) or article_of(data, name)
        except NotAnArticle as error:
            read.outcomes.append(Outcome(source, "skipped", str(error)))
            continue
        except ArticleError as error:
            read.outcomes.append(Outcome(source, "error", str(error)))
            continue
        taken.add(name)
        read.kept.append(Kept(article, str(root), file_hash))
        read.outcomes.append(Outcome(source, "indexed"))
    tell("reading", len(files), len(files))
    return read


def _files(root: Path) -> Iterable[tuple[str, Path]]:
    return [(root.name, root)] if root.is_file() else find_articles(root)


def _known(article: Article | None, source: str) -> Article | None:
    """The article as it stands under this name; a title made from another file's name is not reused."""
    return article if article is not None and article.source == source else None


def plan_changes(known: Sequence[Kept], read: Sequence[Kept], roots: set[str]) -> tuple[list[Kept], Plan]:
    """What the index should hold, sorted by source, and how that differs from what it holds. Pure.

    known: what the index holds, from all folders. read: what the folders in roots hold now.
    """
    mine = {each.article.source: each for each in known if each.root in roots}
    now = {each.article.source: each for each in read}
    others = [each for each in known if each.root not in roots and each.article.source not in now]
    appeared = [source for source in now if source not in mine]
    vanished = [source for source in mine if source not in now]
    by_content = {mine[source].article.content_hash: source for source in reversed(vanished)}
    renamed = []
    for source in list(appeared):
        old = by_content.pop(now[source].article.content_hash, None)
        if old is not None:
            renamed.append((old, source))
            appeared.remove(source)
            vanished.remove(old)
    stayed = [source for source in now if source in mine]
    changed = [source for source in stayed if now[source].article != mine[source].article]
    plan = Plan(
        new=tuple(sorted(appeared)),
        changed=tuple(sorted(changed)),
        renamed=tuple(sorted(renamed)),
        gone=tuple(sorted(vanished)),
        unchanged=tuple(sorted(source for source in stayed if source not in set(changed))),
    )
    return sorted([*others, *read], key=lambda each: each.article.source), plan


def _nothing_to_index(roots: list[Path], outcomes: list[Outcome]) -> str:
    where = ", ".join(str(root) for root in roots)
    if not outcomes:
        return f"no articles in {where}. Put .md, .txt, .html, .pdf or .docx files there"
    return f"none of the {len(outcomes)} files in {where} could be read; the first: {outcomes[0].source}: {outcomes[0].reason}"


@dataclass(frozen=True, slots=True)
class _Job:
    """One passage to embed. text: what the encoder sees; context: characters of it that are title and headings."""

    key: bytes
    text: str
    context: int
    spans: list[tuple[int, int]]
    alone: list[str]


def _embed(
    kept: list[Kept], folder: Path, encoder: Encoder, identity: Identity, settings: Settings, tell: Progress
) -> tuple[Content, int]:
    """Cut every article and embed what the cache does not know; returns the content and how many passages were embedded."""
    passages, jobs = [], []
    for each in kept:
        for passage in cut(each.article, settings, lambda some: count_tokens(encoder, some)):
            passages.append(passage)
            jobs.append(_job(passage, each.article.text, identity.fingerprint))
    cache = VectorCache(folder / "vectors-cache.sqlite", identity.dim)
    try:
        found = cache.get([job.key for job in jobs])
        missing = list({job.key: job for job in jobs if job.key not in found}.values())
        for at in range(0, len(missing), EMBED_AT_ONCE):
            tell("embedding", at, len(missing))
            fresh = _encode(encoder, missing[at : at + EMBED_AT_ONCE])
            cache.put(fresh)
            found.update(fresh)
        tell("embedding", len(missing), len(missing))
    finally:
        cache.close()
    vectors = np.array([found[job.key][0] for job in jobs], dtype=np.float32).reshape(len(jobs), identity.dim)
    units = np.concatenate([found[job.key][1:] for job in jobs]) if jobs else np.zeros((0, identity.dim), dtype=np.float16)
    return Content(kept, passages, vectors, units), len(missing)


def _job(passage: Passage, article_text: str, fingerprint: str) -> _Job:
    text, context = embedded_text(passage, article_text), context_line(passage)
    shift = len(text) - len(passage.text) - passage.start
    spans = [(unit.start + shift, unit.end + shift) for unit in passage.units]
    alone = [f"{context}\n{unit_with_lead(unit, article_text)}" for unit in passage.units]
    return _Job(key_of(fingerprint, text, spans), text, len(context), spans, alone)


def _encode(encoder: Encoder, jobs: list[_Job]) -> dict[bytes, np.ndarray]:
    """Key -> the passage's vector, then one per unit, half precision.

    A unit's vector is the direction halfway between its own words and its passage's title and headings, both pooled from the
    passage's pass where the encoder can (`encode_spans`), at no cost; else the unit is encoded apart behind title and
    headings, which finds as well.
    """
    encode_spans = getattr(encoder, "encode_spans", None)
    if encode_spans is None:
        vectors = encode_all(encoder, [job.text for job in jobs])
        apart = encode_all(encoder, [text for job in jobs for text in job.alone])
        units = np.split(apart, np.cumsum([len(job.alone) for job in jobs])[:-1])
    else:
        vectors, pooled = encode_spans([job.text for job in jobs], [[(0, job.context), *job.spans] for job in jobs])
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
