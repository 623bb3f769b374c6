"""Rebuilding the index: plan (pure: what is new, changed, renamed, gone), then do, then publish in one step.

    sources ── mirror ──> files ── read ──> articles ── plan ──> cut ──> passages ── embed what is new ──> publish
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from filelock import FileLock, Timeout

from kb.amend import amended, edit_between, is_large, known_around, may_be_amended
from kb.catalogue import Copy, Kept
from kb.current import is_in_use
from kb.duplicates import find_copies
from kb.embed import content_of, identity_of
from kb.encoder import Encoder
from kb.errors import IndexBusy, IndexIncompatible, IndexMissing, KBError, StoreError
from kb.home import ingest_command
from kb.lazy_encoder import LazyEncoder, begin_loading
from kb.mirror import Outcome, Progress, Scope, Seen, is_address, places_of, read_places, rerooted, scope_of, scopes_of
from kb.plan import Plan, nothing_to_index, plan_changes
from kb.publish import clear_leavings, publish, publish_amended
from kb.settings import Settings
from kb.store import Generation, Identity, open_generation

CACHE = "vectors-cache.sqlite"


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did. embedded: passages that went through the model; seconds: wall-clock time of the whole build.

    generation: the one in use after it, "" for none. notes: lines that the person who asked for it should see.
    """

    plan: Plan
    outcomes: tuple[Outcome, ...]
    generation: str
    articles: int
    passages: int
    embedded: int
    seconds: float
    notes: tuple[str, ...] = ()

    @property
    def errors(self) -> list[Outcome]:
        return [each for each in self.outcomes if each.outcome == "error"]


def build_index(
    sources: Sequence[str | Path] | str | Path,
    folder: str | Path,
    *,
    settings: Settings | None = None,
    encoder: Encoder | None = None,
    progress: Progress | None = None,
    rebuild: bool = False,
    wait_seconds: float = 60,
    allow_url: bool = False,
) -> BuildReport:
    """Make the index in folder hold what sources (folders, files, web addresses, or one) hold now, published in one atomic step.

    Each source folder is mirrored by itself: its new, edited, renamed and deleted files are found by content; what other folders
    brought stays. A file that cannot be read is reported and never stops the others. rebuild forgets what the index held before.
    progress is called with (stage, done, total), stage one of "reading", "embedding", "publishing". Web addresses are
    read only when allow_url. Raises ArticleError when a source does not exist, NothingToIndex when no article can be read at all
    or a folder that had some has none any more, IndexBusy when another build holds the lock for wait_seconds, IndexIncompatible
    when the index was made with another model and rebuild is not asked for, StoreError when the index cannot be written.
    """
    started = time.perf_counter()
    settings, folder, sources = settings or Settings(), Path(folder), _several(sources)
    tell = progress or _silent
    with _locked(folder, wait_seconds):
        before = None if rebuild else _standing(folder, settings)
        encoder = encoder or LazyEncoder(settings, folder)
        fresh = partial(begin_loading, encoder)  # the model is loaded while the articles are read
        if before is None:
            fresh()
        draft = _draft_near(sources, folder, before, settings, tell, fresh)
        made = draft and before and _amend(draft, before, folder, encoder, settings, tell)
        if not draft or not made:
            known = before.catalogue.kept() if before else []
            draft = _draft(sources, folder, known, tell, fresh, allow_url)
            made = _make(draft, before, folder, encoder, settings, tell)
        return draft.report(made, time.perf_counter() - started)


def _several(sources: Sequence[str | Path] | str | Path) -> Sequence[str | Path]:
    return [sources] if isinstance(sources, str | Path) else sources


def plan_build(
    sources: Sequence[str | Path] | str | Path,
    folder: str | Path,
    *,
    settings: Settings | None = None,
    progress: Progress | None = None,
    rebuild: bool = False,
    allow_url: bool = False,
) -> BuildReport:
    """What build_index would do; changes nothing, needs no model, raises as that does. passages: how many there are now."""
    started = time.perf_counter()
    settings, folder, sources = settings or Settings(), Path(folder), _several(sources)
    before = None if rebuild else _standing(folder, settings)
    known = before.catalogue.kept() if before else []
    draft = _draft(sources, folder, known, progress or _silent, lambda: None, allow_url)
    name, passages = (before.name, before.catalogue.counts()[1]) if before else ("", 0)
    copies = find_copies(draft.kept, settings.copy_resemblance)
    return draft.report(_Made(name, len(draft.kept), passages, 0, copies), time.perf_counter() - started)


def remove_articles(
    names: Sequence[str],
    folder: str | Path,
    *,
    settings: Settings | None = None,
    encoder: Encoder | None = None,
    wait_seconds: float = 60,
) -> BuildReport:
    """Take articles out of the index: each name is an article's source, or a folder or file that was ingested, there or not.

    What is still in its folder comes back with the next ingest of that folder. Raises StoreError for a name that the index does
    not know, and when nothing would be left; else as build_index does.
    """
    started = time.perf_counter()
    settings, folder = settings or Settings(), Path(folder)
    with _locked(folder, wait_seconds):
        before = open_generation(folder, settings)
        known = before.catalogue.kept()
        going = {each.source for name in names for each in _named(name, known, folder)}
        kept = [each for each in known if each.source not in going]
        if not kept:
            raise StoreError(f"nothing would be left in {folder}/. To start anew delete the folder, or ingest with --rebuild")
        back = sorted({each.root for each in known if each.source in going and _is_there(each)})
        notes = [f"still in {root}, so the next ingest of it brings them back unless they are moved away" for root in back]
        draft = _Draft(known, kept, Plan(gone=tuple(sorted(going))), Seen(), notes)
        made = _make(draft, before, folder, encoder or LazyEncoder(settings, folder), settings, _silent)
        return draft.report(made, time.perf_counter() - started)


def _silent(stage: str, done: int, total: int) -> None:
    """Nobody asked for progress."""


@dataclass(frozen=True, slots=True)
class _Made:
    """What a build made: the generation in use after it, and what is in that."""

    generation: str
    articles: int
    passages: int
    embedded: int
    copies: Mapping[str, Copy]


@dataclass(frozen=True, slots=True)
class _Draft:
    """What the index should hold, and how one got there. known: what it held; both without what lies far from the sources."""

    known: list[Kept]
    kept: list[Kept]
    plan: Plan
    seen: Seen
    notes: list[str]

    def report(self, made: _Made, seconds: float) -> BuildReport:
        skipped = {source: Outcome(source, "skipped", copy.reason) for source, copy in made.copies.items()}
        outcomes = tuple(skipped.get(each.source, each) if each.outcome == "indexed" else each for each in self.seen.outcomes)
        counts = (made.generation, made.articles, made.passages, made.embedded)
        return BuildReport(self.plan, outcomes, *counts, seconds, tuple(self.notes))


def _draft(
    sources: Sequence[str | Path], folder: Path, known: list[Kept], tell: Progress, fresh: Callable[[], None], allow_url: bool
) -> _Draft:
    scopes = scopes_of(sources, known, folder, allow_url=allow_url)
    placed, notes = rerooted(known, scopes)
    seen = read_places(places_of(scopes, placed, folder), placed, tell, fresh)
    kept, plan = plan_changes(placed, seen, scopes, folder)
    if not any(scope.covers(each) for scope in scopes for each in kept):
        raise nothing_to_index(scopes, seen)
    return _Draft(known, kept, plan, seen, notes)


def _draft_near(
    sources: Sequence[str | Path],
    folder: Path,
    before: Generation | None,
    settings: Settings,
    tell: Progress,
    fresh: Callable[[], None],
) -> _Draft | None:
    """The draft for a few files of a large index, without reading what it holds of others; None when that cannot be."""
    if before is None or not is_large(before, settings) or any(map(is_address, sources)):
        return None
    known = known_around(before.catalogue, [Path(source).resolve() for source in sources])
    return None if known is None else _draft(sources, folder, known, tell, fresh, allow_url=False)


def _make(
    draft: _Draft, before: Generation | None, folder: Path, encoder: Encoder, settings: Settings, tell: Progress
) -> _Made:
    """Publish these articles unless they are what stands."""
    if before is not None and (made := _amend(draft, before, folder, encoder, settings, tell)):
        return made
    identity = identity_of(encoder, settings, before.identity if before else None)
    copies = find_copies(draft.kept, settings.copy_resemblance)
    if before is not None:
        _refuse_another_model(before, identity, folder)
        same = (before.identity, draft.known, before.catalogue.copies()) == (identity, draft.kept, copies)
        if same and is_in_use(folder, before.name):
            return _Made(before.name, *before.catalogue.counts(), 0, copies)
    content, embedded = content_of(draft.kept, copies, before, identity, folder / CACHE, encoder, settings, tell)
    tell("publishing", 0, 1)
    name = publish(folder, content, identity, settings)
    tell("publishing", 1, 1)
    return _Made(name, len(content.kept), len(content.passages), embedded, copies)


def _amend(
    draft: _Draft, before: Generation, folder: Path, encoder: Encoder, settings: Settings, tell: Progress
) -> _Made | None:
    """Publish what changes in a large index beside what stands; None when it has to be written anew."""
    identity, edit = identity_of(encoder, settings, before.identity), edit_between(draft.known, draft.kept)
    if edit.empty or not may_be_amended(before, identity, settings) or not is_in_use(folder, before.name):
        return None
    made = amended(before, edit, identity, folder / CACHE, encoder, settings, tell)
    if made is None:
        return None
    amendment, embedded = made
    tell("publishing", 0, 1)
    name = publish_amended(folder, before, amendment, settings)
    tell("publishing", 1, 1)
    articles = int(before.manifest["articles"]) - len(amendment.gone) + len(amendment.kept)
    rows = len(before.catalogue.rows_of(amendment.gone))
    passages = int(before.manifest["passages"]) - rows + len(amendment.passages)
    put = {each.source for each in amendment.kept}
    copies = {source: copy for source, copy in before.catalogue.copies().items() if source not in put}
    return _Made(name, articles, passages, embedded, {**copies, **amendment.made.copies})


def _refuse_another_model(before: Generation, identity: Identity, folder: Path) -> None:
    was = before.identity
    if (was.fingerprint, was.dim) != (identity.fingerprint, identity.dim):
        raise IndexIncompatible(
            f"the index in {folder}/ was made with {was.model}, not with {identity.model}. "
            f"Start it anew with: {ingest_command(folder, '--rebuild')}"
        )


def _standing(folder: Path, settings: Settings) -> Generation | None:
    """The generation that a build starts from, None when there is no index yet."""
    try:
        return open_generation(folder, settings)
    except IndexMissing:
        return None


@contextmanager
def _locked(folder: Path, wait_seconds: float) -> Iterator[None]:
    """Hold the index folder's lock; the folder is made when it is not there, and what a dead build left in it is cleared."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        held = FileLock(folder / "LOCK", timeout=wait_seconds).acquire()
    except Timeout:
        raise IndexBusy(f"another ingest is writing {folder}/ (waited {wait_seconds:g} s). Try again when it is done") from None
    except OSError as error:
        why = "it is a file" if folder.is_file() else error.strerror or error
        raise StoreError(f"cannot write to the index folder {folder}: {why}") from error
    with held:
        clear_leavings(folder)
        yield


def _named(name: str, known: Sequence[Kept], folder: Path) -> list[Kept]:
    """The articles that a name given to remove_articles means."""
    exact = [each for each in known if name in (each.source, each.root)]
    scope = Scope(name) if exact else scope_of(Path(name).resolve(), known)
    meant = exact or [each for each in known if scope.covers(each)]
    if not meant:
        raise StoreError(f"no article and no ingested folder {name!r} in {folder}/. See: {ingest_command(folder, '--list')}")
    return meant


def _is_there(each: Kept) -> bool:
    return Path(each.root).is_file() or Path(each.root, each.path).is_file()


def report_dict(outcomes: Sequence[Outcome], report: BuildReport | None, seconds: float) -> dict[str, object]:
    """The machine-readable report. report: None when the build could not be done."""
    kinds = [each.outcome for each in outcomes]
    counts: dict[str, int] = {kind: kinds.count(kind) for kind in ("indexed", "skipped", "error")}
    if report is not None:
        counts |= {kind: len(getattr(report.plan, kind)) for kind in ("new", "changed", "renamed", "gone", "unchanged")}
        counts |= {"articles": report.articles, "passages": report.passages, "embedded": report.embedded}
    return {
        "articles": {each.source: {"outcome": each.outcome, "reason": each.reason} for each in outcomes},
        "counts": counts,
        "seconds": round(seconds, 3),
    }


def write_report(path: Path, report: dict[str, object]) -> None:
    """Write a report as JSON, whole or not at all. Raises KBError when it cannot be written."""
    draft = path.with_name(f"{path.name}.tmp-{os.getpid()}")
    try:
        draft.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        os.replace(draft, path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise KBError(f"cannot write the report {path}: {error.strerror or error}") from error
