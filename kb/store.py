"""The index folder: generations that never change, and `CURRENT`, the name of the one in use.

    index/CURRENT                 "gen-000002"
    index/gen-000002/manifest.json    identity of model and cutting, counts, size and SHA-256 of every other file
                     catalogue.sqlite vectors.faiss units.npy unit_starts.npy words/
    index/LOCK                    held while writing
    index/vectors-cache.sqlite    vectors by text; losing it costs time only

A build writes a whole new generation beside the old one, syncs it, and replaces `CURRENT` by one rename: a reader sees the old
state or the new one, never something between. A reader checks every file against the manifest once, when it opens, and falls
back to the previous generation, saying so, when the newest is damaged.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from kb.catalogue import Catalogue, Kept, write_catalogue
from kb.dense import FlatDense, open_dense, write_dense
from kb.errors import IndexDamaged, IndexIncompatible, IndexMissing, StoreError
from kb.home import ingest_command
from kb.lexical import TantivyWords, open_words, write_words
from kb.passages import context_line
from kb.records import Passage
from kb.settings import Settings

log = logging.getLogger(__name__)

FORMAT = 1  # of the generation folder; raised when an older reader could not read it rightly
KEPT_GENERATIONS = 3  # the one in use, one to fall back to, one for a reader that is still between two questions


@dataclass(frozen=True, slots=True)
class Identity:
    """What must be equal for an index to be read or added to: the model's weights and how articles were cut."""

    model: str
    fingerprint: str
    dim: int
    passage_words: int
    passage_max_tokens: int


@dataclass(frozen=True, slots=True)
class Content:
    """All a generation holds. passages[i] and vectors[i] belong together; unit_vectors follow the passages' units in order."""

    kept: Sequence[Kept]
    passages: Sequence[Passage]
    vectors: np.ndarray
    unit_vectors: np.ndarray


@dataclass(slots=True)
class Generation:
    """A published generation, opened and verified."""

    name: str
    folder: Path
    manifest: Mapping[str, Any]
    catalogue: Catalogue
    dense: FlatDense
    words: TantivyWords
    units: np.ndarray
    unit_starts: np.ndarray

    def unit_vectors(self, row: int) -> np.ndarray:
        """(units of the passage at row, dim) float32, in the units' order."""
        return np.asarray(self.units[self.unit_starts[row] : self.unit_starts[row + 1]], dtype=np.float32)

    def best_unit_cosines(self, rows: Sequence[int], vector: np.ndarray) -> np.ndarray:
        """(len(rows),) float32: the cosine of vector with the closest unit of each row's passage; every passage has a unit."""
        if not len(rows):
            return np.zeros(0, dtype=np.float32)
        own = [self.units[self.unit_starts[row] : self.unit_starts[row + 1]] for row in rows]
        cosines = np.concatenate(own).astype(np.float32) @ vector
        firsts = np.cumsum([0, *(len(some) for some in own[:-1])])
        best: np.ndarray = np.maximum.reduceat(cosines, firsts)
        return best

    @property
    def identity(self) -> Identity:
        return Identity(**self.manifest["identity"])

    def close(self) -> None:
        self.catalogue.close()


def current_name(folder: Path) -> str:
    """The generation in use. Raises IndexMissing when there is none, StoreError when CURRENT cannot be read."""
    try:
        name = (folder / "CURRENT").read_text(encoding="ascii").strip()
    except FileNotFoundError:
        raise IndexMissing(f"no index in {folder}/. Build one with: {ingest_command(folder)}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise StoreError(f"cannot read {folder}/CURRENT: {error}") from error
    return name


def open_generation(folder: Path, settings: Settings) -> Generation:
    """Open the generation in use, or the newest sound one before it, with a warning.

    Raises IndexMissing, IndexDamaged or IndexIncompatible.
    """
    wanted = current_name(folder)
    try:
        return _open(folder / wanted, settings)
    except IndexDamaged as damage:
        for name in reversed(generations(folder)):
            if name < wanted:
                try:
                    found = _open(folder / name, settings)
                except StoreError:
                    continue
                remedy = ingest_command(folder, "--rebuild")
                log.warning("%s. Answering from %s, the one before. Build it anew with: %s", damage, name, remedy)
                return found
        raise


def generations(folder: Path) -> list[str]:
    """Names of the published generations, oldest first."""
    return sorted(path.name for path in folder.glob("gen-*") if path.is_dir() and path.name[4:].isdigit())


def _open(folder: Path, settings: Settings) -> Generation:
    manifest = _verified_manifest(folder)
    try:
        units = np.load(folder / "units.npy", mmap_mode="r", allow_pickle=False)
        starts = np.load(folder / "unit_starts.npy", mmap_mode="r", allow_pickle=False)
        dense = open_dense(folder / "vectors.faiss")
        words = open_words(folder / "words", heading_boost=settings.heading_boost)
    except (OSError, ValueError, RuntimeError) as error:
        raise IndexDamaged(f"{folder} cannot be opened: {error}") from error
    return Generation(folder.name, folder, manifest, Catalogue(folder / "catalogue.sqlite"), dense, words, units, starts)


def _verified_manifest(folder: Path) -> Mapping[str, Any]:
    """The manifest, after every file was found whole. Raises IndexDamaged naming the file, or IndexIncompatible."""
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        files, own = dict(manifest["files"]), manifest.pop("manifest_sha256")
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise IndexDamaged(f"{folder}/manifest.json is missing or damaged ({error})") from error
    if own != _digest_of(manifest):
        raise IndexDamaged(f"{folder}/manifest.json does not match its own checksum")
    if manifest["format"] != FORMAT:
        raise IndexIncompatible(
            f"{folder} has format {manifest['format']}, this version reads {FORMAT}. "
            f"Build it anew with: {ingest_command(folder.parent, '--rebuild')}"
        )
    for name, expected in files.items():
        try:
            seen = file_digest(folder / name)
        except OSError as error:
            raise IndexDamaged(f"{folder}/{name} is missing or unreadable ({error.strerror})") from error
        if seen != expected:
            raise IndexDamaged(f"{folder}/{name} does not match its checksum")
    return dict(manifest)


def file_digest(path: Path) -> str:
    """SHA-256 hex of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _digest_of(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def publish(folder: Path, content: Content, identity: Identity) -> str:
    """Write a whole new generation and make it the one in use; returns its name. The caller holds the lock.

    Everything is synced before CURRENT is replaced; a crash at any moment leaves the old state in use.
    """
    clear_orphans(folder)
    number = max((int(name[4:]) for name in generations(folder)), default=0) + 1
    name = f"gen-{number:06d}"
    draft = folder / f"{name}.tmp-{os.getpid()}"
    draft.mkdir()
    try:
        _write(draft, content, identity)
        os.rename(draft, folder / name)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    _sync(folder)
    pointer = folder / f"CURRENT.tmp-{os.getpid()}"
    pointer.write_text(name + "\n", encoding="ascii")
    _sync(pointer)
    os.replace(pointer, folder / "CURRENT")
    _sync(folder)
    for old in generations(folder)[:-KEPT_GENERATIONS]:
        shutil.rmtree(folder / old, ignore_errors=True)
    return name


def clear_orphans(folder: Path) -> None:
    """Remove what an interrupted build left behind. The caller holds the lock."""
    for path in folder.glob("*.tmp-*"):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def _write(draft: Path, content: Content, identity: Identity) -> None:
    numbers = {each.article.source: number for number, each in enumerate(content.kept)}
    write_catalogue(draft / "catalogue.sqlite", content.kept, content.passages)
    write_dense(content.vectors, draft / "vectors.faiss")
    np.save(draft / "units.npy", content.unit_vectors, allow_pickle=False)
    starts = np.cumsum([0, *(len(passage.units) for passage in content.passages)], dtype=np.int64)
    np.save(draft / "unit_starts.npy", starts, allow_pickle=False)
    rows = ((row, numbers[p.source], context_line(p), p.text) for row, p in enumerate(content.passages))
    write_words(rows, draft / "words")
    files = sorted(path for path in draft.rglob("*") if path.is_file() and not path.name.endswith(".lock"))
    for path in files:
        _sync(path)
    manifest: dict[str, Any] = {
        "format": FORMAT,
        "identity": asdict(identity),
        "articles": len(content.kept),
        "passages": len(content.passages),
        "units": len(content.unit_vectors),
        "content_sha256": _content_digest(content),
        "files": {path.relative_to(draft).as_posix(): file_digest(path) for path in files},
    }
    manifest["manifest_sha256"] = _digest_of(manifest)
    (draft / "manifest.json").write_text(json.dumps(manifest, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    _sync(draft / "manifest.json")
    _sync(draft / "words")
    _sync(draft)


def _content_digest(content: Content) -> str:
    """One hash of all that is asked: equal input gives an equal digest, whatever the clock, the machine or the order of files."""
    digest = hashlib.sha256()
    for each in content.kept:
        digest.update(f"{each.article.source}\0{each.article.content_hash}\0".encode())
    for passage in content.passages:
        digest.update(f"{passage.source}\0{passage.start}\0{passage.end}\0".encode())
    digest.update(np.ascontiguousarray(content.vectors, dtype=np.float16).tobytes())
    digest.update(np.ascontiguousarray(content.unit_vectors, dtype=np.float16).tobytes())
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
