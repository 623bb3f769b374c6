"""Writing a generation: whole, or as an edit of the one before; proven, synced, and put in use by one rename.

    publish(folder, content, identity, settings)               # everything anew
    publish_amended(folder, before, amendment, settings)       # a few articles in place of others, at the cost of those few

What the folder holds stands in kb/store.py.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from itertools import takewhile
from pathlib import Path
from threading import Event
from typing import Any, TypeVar

import numpy as np

from kb.catalogue import Kept, Made
from kb.catalogue_file import amend_catalogue, write_catalogue
from kb.chart import amend_chart, write_chart
from kb.current import GENERATION_NAME, current_name, generations, number_of
from kb.dense import write_dense
from kb.errors import IndexDamaged, IndexMissing, StoreError
from kb.everyday import write_everyday
from kb.lexical import amend_words, write_words
from kb.nearest_words import Said, write_said
from kb.passages import context_line
from kb.records import Passage
from kb.settings import Settings
from kb.store import FORMAT, LATER, Generation, Identity, file_digest, manifest_text, opened_in, stamp_of
from kb.units import write_basis, write_titles, write_units

log = logging.getLogger(__name__)
T = TypeVar("T")
WordsRow = tuple[int, int, str, str]  # row, article number, headings, text

TRUSTED_FROM = 32_000_000  # bytes of a file that is read to check it only if something wrote to it; SHA-256 takes .02 s for them
KEPT_GENERATIONS = 3  # the one in use, one to fall back to, one for a reader that is still between two questions


@dataclass(frozen=True, slots=True)
class Content:
    """All a generation holds. passages[i], vectors[i], titles[i] belong together; unit_vectors follow the units of the passages.

    titles: (n, components), where the titles of the passages' articles point; None without static vectors. everyday: the
    vectors of kb.everyday's questions; None leaves them out. basis: (dim, components), of the static vectors that stand behind
    the units' own; None where there are none.
    """

    kept: Sequence[Kept]
    passages: Sequence[Passage]
    vectors: np.ndarray
    unit_vectors: np.ndarray
    titles: np.ndarray | None
    said: Said | None
    made: Made
    everyday: np.ndarray | None = None
    basis: np.ndarray | None = None


@dataclass(frozen=True, slots=True)
class Amendment:
    """A few articles that take the place of others in a generation. gone: numbers of those that leave it.

    passages[i], vectors[i] and titles[i] belong together and lie at the i-th row behind those that the generation has; the rows
    in made are those. titles: None without static vectors. words: word -> how many passages more hold it.
    """

    gone: Sequence[int]
    kept: Sequence[Kept]
    passages: Sequence[Passage]
    vectors: np.ndarray
    unit_vectors: np.ndarray
    titles: np.ndarray | None
    said: Said | None
    made: Made
    words: Mapping[str, int]


def publish(folder: Path, content: Content, identity: Identity, settings: Settings) -> str:
    """Write a whole new generation and make it the one in use; returns its name. The caller holds the lock.

    Everything is synced before CURRENT is replaced; a crash at any moment leaves the old state in use. Raises StoreError,
    with the old state in use, when the disk is full or fails.
    """
    return _published(folder, settings, lambda draft, name: _write(draft, name, content, identity))


def publish_amended(folder: Path, before: Generation, amendment: Amendment, settings: Settings) -> str:
    """As publish, for a generation that is the one before but for an amendment; it costs what the amendment is large."""
    return _published(folder, settings, lambda draft, name: _write_amended(draft, name, before, amendment))


def _published(folder: Path, settings: Settings, write: Callable[[Path, str], dict[str, Any]]) -> str:
    try:
        name = f"gen-{_last_number(folder) + 1:06d}"
        draft = folder / f"{name}.tmp-{os.getpid()}"
        try:
            draft.mkdir()
            opened_in(draft, write(draft, name), settings).close()  # prove the new before touching the old
            os.rename(draft, folder / name)
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise
        _sync(folder)
        _point(folder, name)
    except (OSError, sqlite3.Error, IndexDamaged) as error:
        raise StoreError(f"cannot write the index in {folder}/: {error}. What was there is still in use") from error
    _clear_old(folder, name)
    return name


def _point(folder: Path, name: str) -> None:
    """Make name the generation in use."""
    pointer = folder / f"CURRENT.tmp-{os.getpid()}"
    try:
        pointer.write_text(name + "\n", encoding="ascii")
        _sync(pointer)
        if (folder / "CURRENT").is_dir():
            _remove(folder / "CURRENT")  # not ours, and it names nothing
        os.replace(pointer, folder / "CURRENT")
    except BaseException:
        _remove(pointer)
        raise
    try:
        _sync(folder)
    except OSError as error:
        log.warning("%s is in use, but after a power cut the one before may be: %s", name, error)


def _last_number(folder: Path) -> int:
    """The highest number that any generation has, whole or not: a name is never used for two contents."""
    return max((number_of(path.name) for path in folder.glob("gen-*") if GENERATION_NAME.match(path.name)), default=0)


def clear_leavings(folder: Path) -> None:
    """Remove what an interrupted build left: its drafts, and the old that it had no time to remove. The caller holds the lock."""
    for path in folder.glob("*.tmp-*"):
        _remove(path)
    with suppress(IndexMissing, IndexDamaged):
        _clear_old(folder, current_name(folder))


def _clear_old(folder: Path, current: str) -> None:
    """Remove all generations but the last few up to current. A reader that has one open keeps reading it."""
    for old in [name for name in generations(folder) if number_of(name) <= number_of(current)][:-KEPT_GENERATIONS]:
        away = folder / f"{old}.tmp-{os.getpid()}"
        with suppress(OSError):  # it stays for the next build: Windows renames no folder that somebody reads from
            os.rename(folder / old, away)
            _remove(away)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink(missing_ok=True)


def _write(draft: Path, name: str, content: Content, identity: Identity) -> dict[str, Any]:
    """Write and sync the files of the generation called name, the manifest last; returns the manifest."""
    numbers = {each.source: number for number, each in enumerate(content.kept)}
    with _words_beside(_rows_of_words(content.passages, numbers, 0), draft / "words") as words:
        write_catalogue(draft / "catalogue.sqlite", content.kept, content.passages, content.made)
        write_units(content.unit_vectors, [len(passage.units) for passage in content.passages], draft)
        if content.everyday is not None:
            write_everyday(content.everyday, draft)
        if content.basis is not None and content.titles is not None:
            write_basis(content.basis, draft)
            write_titles(content.titles, draft)
        if content.said is not None:
            write_said(content.said, draft)
        write_chart(draft, content.vectors, [numbers[passage.source] for passage in content.passages], len(content.kept))
        try:
            dense = write_dense(content.vectors, draft / "vectors.faiss", content.unit_vectors[:, : identity.dim])
            words.result()
        except (RuntimeError, ValueError) as error:  # what FAISS and tantivy raise when the disk fails
            raise OSError(str(error)) from error
    digests, stamps = _synced(draft, {}, {})
    manifest: dict[str, Any] = {
        "format": FORMAT,
        "generation": name,
        "identity": asdict(identity),
        "articles": len(content.kept),
        "passages": len(content.passages),
        "rows": len(content.passages),
        "units": len(content.unit_vectors),
        "next_number": len(content.kept),
        "dense": dense,
        "content_sha256": _content_digest(content, [digests["vectors.faiss"], digests["units.npy"]]),
        "files": digests,
        "stamps": stamps,
    }
    return _written_manifest(draft, manifest)


@contextmanager
def _words_beside(rows: Iterator[WordsRow], folder: Path) -> Iterator[Future[None]]:
    """write_words in a thread beside: most of its time is tantivy's own and the disk's. Left early, it takes no more rows."""
    left = Event()
    with ThreadPoolExecutor(1, "career-kb-words") as beside:
        try:
            yield beside.submit(write_words, takewhile(lambda _: not left.is_set(), rows), folder)
        finally:
            left.set()


def _write_amended(draft: Path, name: str, before: Generation, amendment: Amendment) -> dict[str, Any]:
    """Write and sync the files of the generation called name: those of the one before, and what the amendment changes."""
    was, kept, passages = before.manifest, amendment.kept, amendment.passages
    first_row, first_number, later = before.rows, int(was["next_number"]), draft / LATER
    for path in was["files"]:
        if not path.startswith(f"{LATER}/"):
            _take_over(before.folder / path, draft / path)
    later.mkdir()
    if LATER in was:
        shutil.copyfile(before.folder / LATER / "catalogue.sqlite", later / "catalogue.sqlite")
    amend_catalogue(later / "catalogue.sqlite", amendment.gone, kept, passages, amendment.made, amendment.words,
                    first_number=first_number, first_row=first_row)  # fmt: skip
    start = first_row - int(was[LATER]["rows"] if LATER in was else 0)
    rows = range(start, first_row)
    units = [before.units.of(row) for row in rows]
    counts = [len(own) for own in units] + [len(passage.units) for passage in passages]
    write_units(np.concatenate([*units, amendment.unit_vectors]), counts, later)
    if before.basis is not None:
        new = np.zeros((0, before.basis.shape[1]), dtype=np.float16) if amendment.titles is None else amendment.titles
        write_titles(np.concatenate([before.units.titles_of(rows), new]), later)
    if before.said is not None and amendment.said is not None:
        write_said(before.said.of(rows).with_more(amendment.said), later)
    numbers = {each.source: number for number, each in enumerate(kept, first_number)}
    if before.chart is not None:
        own = [numbers[passage.source] - first_number for passage in passages]
        amend_chart(later, before.chart, amendment.vectors, own, len(kept))
    try:
        write_dense(np.concatenate([before.dense.vectors(rows), amendment.vectors]), later / "vectors.faiss")
        amend_words(_rows_of_words(passages, numbers, first_row), amendment.gone, draft / "words")
    except (RuntimeError, ValueError) as error:  # what FAISS and tantivy raise when the disk fails
        raise OSError(str(error)) from error
    digests, stamps = _synced(draft, was["files"], was.get("stamps", {}))
    changed = json.dumps([was["content_sha256"], *(digests[f"{LATER}/{each}"] for each in ("vectors.faiss", "units.npy"))])
    sources = "\0".join(f"{each.source}\0{each.article.content_hash}" for each in kept)
    staying = int(was["passages"]) - len(before.catalogue.rows_of(amendment.gone))
    manifest = {
        **was,
        "format": FORMAT,
        "generation": name,
        "articles": int(was["articles"]) - len(amendment.gone) + len(kept),
        "passages": staying + len(passages),
        "rows": first_row + len(passages),
        "units": int(was["units"]) + len(amendment.unit_vectors),
        "next_number": first_number + len(kept),
        LATER: {"rows": len(rows) + len(passages)},
        "content_sha256": hashlib.sha256(f"{changed}\0{list(amendment.gone)}\0{sources}".encode()).hexdigest(),
        "files": digests,
        "stamps": stamps,
    }
    return _written_manifest(draft, manifest)


def _take_over(path: Path, copy: Path) -> None:
    """Let a file stand in another folder too: by a hard link, or as a copy where the disk knows none."""
    copy.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(path, copy)
    except OSError:
        shutil.copy2(path, copy)


def _rows_of_words(passages: Sequence[Passage], numbers: Mapping[str, int], first_row: int) -> Iterator[WordsRow]:
    return ((row, numbers[p.source], context_line(p), p.text) for row, p in enumerate(passages, first_row))


def _synced(
    draft: Path, known: Mapping[str, str], stamped: Mapping[str, Sequence[int]]
) -> tuple[dict[str, str], dict[str, list[int]]]:
    """Sync every file in draft: its checksum by name, and the stamps of the large ones.

    known: checksums of files that were taken over; those stamped as they are now are not read again.
    """
    files = sorted(path for path in draft.rglob("*") if path.is_file() and not path.name.endswith(".lock"))
    seen = {path.relative_to(draft).as_posix(): stamp_of(path) for path in files}
    taken = {name: known[name] for name, stamp in seen.items() if name in known and stamped.get(name) == stamp}
    new = [name for name in seen if name not in taken]
    digests = taken | dict(zip(new, _each_beside(_synced_digest, [draft / name for name in new]), strict=True))
    return {name: digests[name] for name in seen}, {name: stamp for name, stamp in seen.items() if stamp[0] >= TRUSTED_FROM}


def _synced_digest(path: Path) -> str:
    _sync(path)
    return file_digest(path)


def _each_beside(do: Callable[[Path], T], paths: Sequence[Path]) -> list[T]:
    """do(path) of each, several side by side: a disk that is asked to sync many files at once does it in few strokes."""
    with ThreadPoolExecutor(8, "career-kb-sync") as beside:
        return list(beside.map(do, paths))


def _written_manifest(draft: Path, manifest: dict[str, Any]) -> dict[str, Any]:
    (draft / "manifest.json").write_bytes(manifest_text(manifest).encode())
    _each_beside(_sync, [draft / "manifest.json", *(each for each in draft.iterdir() if each.is_dir()), draft])
    return manifest


def _content_digest(content: Content, vectors: Sequence[str]) -> str:
    """One hash of all that is asked: equal input gives an equal digest, whatever the clock, the machine or the order of files.

    vectors: digests of the files of vectors.
    """
    digest = hashlib.sha256("\0".join(vectors).encode())
    for each in content.kept:
        digest.update(f"{each.source}\0{each.article.content_hash}\0".encode())
    for passage in content.passages:
        digest.update(f"{passage.source}\0{passage.start}\0{passage.end}\0".encode())
    return digest.hexdigest()


def _sync(path: Path) -> None:
    """Wait until a file's bytes or a folder's names are on the disk."""
    if os.name == "nt" and path.is_dir():
        return  # Windows has no such call for folders; its renames are journalled
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
