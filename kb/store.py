"""The index folder: generations that never change, and `CURRENT`, the name of the one in use.

    index/CURRENT                 "gen-000002"
    index/gen-000002/manifest.json    identity of model and cutting, counts, SHA-256 of every other file
                     catalogue.sqlite vectors.faiss units.npy unit_starts.npy words/
                     later/           in a large index, what was put in place of parts of these since
    index/LOCK                    held while writing
    index/vectors-cache.sqlite    vectors by text; losing it costs time only

A build writes a whole new generation beside the old one, syncs it, and replaces `CURRENT` by one rename: a reader sees the old
state or the new one, never something between. A reader checks every file against the manifest once, when it opens, and falls
back to the previous generation, saying so, when the newest is damaged. Of a large file it looks first whether anything wrote to
it since its checksum was made (another size, time or inode), and computes the checksum only then.

An edit of a large index is written beside what stands: a new generation takes over the files of the one before by hard links,
and what changed goes into the folder later/, until that has grown to a share of the whole and everything is written anew.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from kb.catalogue import Catalogue, Kept, Made
from kb.catalogue_file import amend_catalogue, write_catalogue
from kb.dense import Dense, LayeredDense, open_dense, write_dense
from kb.errors import IndexDamaged, IndexIncompatible, IndexMissing, StoreError
from kb.home import ingest_command
from kb.lexical import TantivyWords, amend_words, open_words, write_words
from kb.passages import context_line
from kb.records import Passage
from kb.settings import Settings
from kb.units import UnitVectors, write_units

log = logging.getLogger(__name__)

FORMAT = 5  # of the generation folder; raised when an older reader could not read it rightly
READABLE = (4, 5)  # 4 knows no folder later/, and cannot be amended
_NAME = re.compile(r"gen-[0-9]{6,12}")
TRUSTED_FROM = 32_000_000  # bytes of a file that is read to check it only if something wrote to it; SHA-256 takes .02 s for them
LATER = "later"  # the folder of what was put in place of parts of a generation
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
    made: Made


@dataclass(frozen=True, slots=True)
class Amendment:
    """A few articles that take the place of others in a generation. gone: numbers of those that leave it.

    passages[i] and vectors[i] belong together and lie at the i-th row behind those that the generation has; the rows in made are
    those. words: word -> how many passages more hold it.
    """

    gone: Sequence[int]
    kept: Sequence[Kept]
    passages: Sequence[Passage]
    vectors: np.ndarray
    unit_vectors: np.ndarray
    made: Made
    words: Mapping[str, int]


@dataclass(slots=True)
class Generation:
    """A published generation, opened and verified. folds: row -> first row of the passages that say the same."""

    name: str
    folder: Path
    manifest: Mapping[str, Any]
    catalogue: Catalogue
    dense: Dense
    words: TantivyWords
    units: UnitVectors
    folds: Mapping[int, int]

    @property
    def rows(self) -> int:
        """How many rows there are; in an amended generation not every row has a passage any more."""
        return self.units.rows

    def unit_vectors(self, row: int) -> np.ndarray:
        """(units of the passage at row, dim) float32, in the units' order."""
        return self.units.of(row).astype(np.float32)

    def best_unit_cosines(self, rows: Sequence[int], vector: np.ndarray) -> np.ndarray:
        """(len(rows),) float32: the cosine of vector with the closest unit of each row's passage; every passage has a unit."""
        if not len(rows):
            return np.zeros(0, dtype=np.float32)
        own = [self.units.of(row) for row in rows]
        cosines = np.concatenate(own).astype(np.float32) @ vector
        firsts = np.cumsum([0, *(len(some) for some in own[:-1])])
        best: np.ndarray = np.maximum.reduceat(cosines, firsts)
        return best

    def same_as(self, other: Generation) -> bool:
        """Whether the two hold the same under the same name."""
        return (self.name, self.manifest["content_sha256"]) == (other.name, other.manifest["content_sha256"])

    @property
    def identity(self) -> Identity:
        return Identity(**self.manifest["identity"])

    def close(self) -> None:
        self.catalogue.close()


def current_name(folder: Path) -> str:
    """The generation in use. Raises IndexMissing when there is none, IndexDamaged when CURRENT does not name one."""
    try:
        name = (folder / "CURRENT").read_text(encoding="ascii").strip()
    except (FileNotFoundError, NotADirectoryError):
        if generations(folder):
            raise IndexDamaged(f"{folder}/CURRENT is missing") from None
        raise IndexMissing(f"no index in {folder}/. Build one with: {ingest_command(folder)}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise IndexDamaged(f"{folder}/CURRENT cannot be read: {error}") from error
    if not _NAME.fullmatch(name):
        raise IndexDamaged(f"{folder}/CURRENT holds {name[:40]!r}, which names no generation")
    return name


def state_of(folder: Path) -> tuple[int, ...]:
    """What changes whenever another generation is put in use, also when the folder was deleted and made anew; () for none."""
    try:
        seen = (folder / "CURRENT").stat()
    except OSError:
        return ()
    return seen.st_mtime_ns, seen.st_ino, seen.st_size


def is_in_use(folder: Path, name: str) -> bool:
    """Whether CURRENT names this generation: not so when it stands in for a damaged one."""
    try:
        return current_name(folder) == name
    except StoreError:
        return False


def open_generation(folder: Path, settings: Settings) -> Generation:
    """Open the generation in use, or the newest sound one before it, with a warning.

    Raises IndexMissing, IndexDamaged or IndexIncompatible; the message names the command that mends it.
    """
    found = _in_use(folder, settings)
    while isinstance(found, _Damage):
        again = _in_use(folder, settings)
        if isinstance(again, _Damage) and again.name == found.name:
            break
        found = again  # a newer one was published, and the one asked for cleared away, while it was being opened
    else:
        return found
    for name in reversed(generations(folder)):
        if not found.name or _number(name) < _number(found.name):
            with suppress(StoreError):
                older = _open(folder / name, settings)
                log.warning("%s. Answering from %s, the one before. %s", found.error, name, _remedy(folder))
                return older
    raise IndexDamaged(f"{found.error}. {_remedy(folder)}") from found.error


@dataclass(frozen=True, slots=True)
class _Damage:
    """Why the generation in use cannot be; name: "" when not even its name is known."""

    name: str
    error: IndexDamaged


def _in_use(folder: Path, settings: Settings) -> Generation | _Damage:
    name = ""
    try:
        name = current_name(folder)
        return _open(folder / name, settings)
    except IndexDamaged as error:
        return _Damage(name, error)


def _remedy(folder: Path) -> str:
    return f"Build it anew with: {ingest_command(folder, '--rebuild')}"


def generations(folder: Path) -> list[str]:
    """Names of the published generations, oldest first."""
    return sorted((path.name for path in folder.glob("gen-*") if _NAME.fullmatch(path.name) and path.is_dir()), key=_number)


def _number(name: str) -> int:
    return int(name.removeprefix("gen-").partition(".")[0])


def _open(folder: Path, settings: Settings) -> Generation:
    """The generation in folder, after every file was found whole. Raises IndexDamaged or IndexIncompatible."""
    return _opened(folder, _verified_manifest(folder), settings)


def _opened(folder: Path, manifest: Mapping[str, Any], settings: Settings) -> Generation:
    """The generation in folder, its parts of the lengths that the manifest says. Raises IndexDamaged."""
    try:
        later = [folder / LATER] if LATER in manifest else []
        units = UnitVectors([folder, *later])
        words = open_words(folder / "words", heading_boost=settings.heading_boost)
        catalogue = Catalogue(folder / "catalogue.sqlite", *(each / "catalogue.sqlite" for each in later))
        first = open_dense(folder / "vectors.faiss")
        dense = LayeredDense(first, open_dense(later[0] / "vectors.faiss"), catalogue.dead(units.rows)) if later else first
        folds = catalogue.folds()
        counted = (*catalogue.counts(), len(words), len(dense), units.rows, len(units))
    except (OSError, ValueError, RuntimeError, sqlite3.Error) as error:
        raise IndexDamaged(f"{folder} cannot be opened: {error}") from error
    rows = manifest.get("rows", manifest["passages"])
    expected = (manifest["articles"], manifest["passages"], manifest["passages"], rows, rows, manifest["units"])
    if counted != expected:
        raise IndexDamaged(f"{folder} holds {counted} articles, passages (twice), rows (twice), units; it should {expected}")
    return Generation(folder.name, folder, manifest, catalogue, dense, words, units, folds)


def _verified_manifest(folder: Path) -> Mapping[str, Any]:
    """The manifest, after every file was found whole. Raises IndexDamaged naming the file, or IndexIncompatible."""
    try:
        text = (folder / "manifest.json").read_text(encoding="utf-8")
        manifest = json.loads(text)
        del manifest["manifest_sha256"]
        if text != _manifest_text(manifest):
            raise IndexDamaged(f"{folder}/manifest.json does not match its own checksum")
        if manifest["format"] not in READABLE:
            raise IndexIncompatible(
                f"{folder} has format {manifest['format']}, this version reads {FORMAT}. {_remedy(folder.parent)}"
            )
        if manifest["generation"] != folder.name:
            raise IndexDamaged(f"{folder} holds another generation, {manifest['generation']}")
        Identity(**manifest["identity"])
        counts = {name: int(manifest[name]) for name in ("articles", "passages", "units")}
        files = {str(name): str(digest) for name, digest in manifest["files"].items()}
        stamps = {str(name): [int(part) for part in stamp] for name, stamp in manifest.get("stamps", {}).items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise IndexDamaged(f"{folder}/manifest.json is missing or damaged ({error})") from error
    for name, expected in files.items():
        try:
            if name in stamps and stamps[name] == _stamp(folder / name):
                continue
            seen = file_digest(folder / name)
        except OSError as error:
            raise IndexDamaged(f"{folder}/{name} is missing or unreadable ({error.strerror})") from error
        if seen != expected:
            raise IndexDamaged(f"{folder}/{name} does not match its checksum")
    return {**manifest, **counts}


def file_digest(path: Path) -> str:
    """SHA-256 hex of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _stamp(path: Path) -> list[int]:
    """What changes when something writes to a file: its size, time of writing (ns) and inode. A hard link has the same."""
    seen = path.stat()
    return [seen.st_size, seen.st_mtime_ns, seen.st_ino]


def _manifest_text(manifest: Mapping[str, Any]) -> str:
    """The manifest as its file holds it, byte for byte, its own checksum last."""
    own = hashlib.sha256(json.dumps(manifest, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
    return json.dumps({**manifest, "manifest_sha256": own}, indent=1, ensure_ascii=False) + "\n"


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
        clear_orphans(folder)
        name = f"gen-{_last_number(folder) + 1:06d}"
        draft = folder / f"{name}.tmp-{os.getpid()}"
        try:
            draft.mkdir()
            _opened(draft, write(draft, name), settings).close()  # prove the new before touching the old
            os.rename(draft, folder / name)
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise
        _sync(folder)
        _point(folder, name)
    except (OSError, sqlite3.Error, IndexDamaged) as error:
        raise StoreError(f"cannot write the index in {folder}/: {error}. What was there is still in use") from error
    clear_old(folder, name)
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
    return max((_number(path.name) for path in folder.glob("gen-*") if _NAME.match(path.name)), default=0)


def clear_orphans(folder: Path) -> None:
    """Remove what an interrupted build left behind. The caller holds the lock."""
    for path in folder.glob("*.tmp-*"):
        _remove(path)


def clear_old(folder: Path, current: str) -> None:
    """Remove all generations but the last few up to current. A reader that has one open keeps reading it."""
    for old in [name for name in generations(folder) if _number(name) <= _number(current)][:-KEPT_GENERATIONS]:
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
    write_catalogue(draft / "catalogue.sqlite", content.kept, content.passages, content.made)
    write_units(content.unit_vectors, [len(passage.units) for passage in content.passages], draft)
    try:
        dense = write_dense(content.vectors, draft / "vectors.faiss", content.unit_vectors)
        write_words(_rows_of_words(content.passages, numbers, 0), draft / "words")
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
    numbers = {each.source: number for number, each in enumerate(kept, first_number)}
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


def _rows_of_words(
    passages: Sequence[Passage], numbers: Mapping[str, int], first_row: int
) -> Iterator[tuple[int, int, str, str]]:
    return ((row, numbers[p.source], context_line(p), p.text) for row, p in enumerate(passages, first_row))


def _synced(
    draft: Path, known: Mapping[str, str], stamped: Mapping[str, Sequence[int]]
) -> tuple[dict[str, str], dict[str, list[int]]]:
    """Sync every file in draft: its checksum by name, and the stamps of the large ones.

    known: checksums of files that were taken over; those stamped as they are now are not read again.
    """
    files = sorted(path for path in draft.rglob("*") if path.is_file() and not path.name.endswith(".lock"))
    digests: dict[str, str] = {}
    stamps: dict[str, list[int]] = {}
    for path in files:
        name, stamp = path.relative_to(draft).as_posix(), _stamp(path)
        if name in known and stamped.get(name) == stamp:
            digests[name] = known[name]
        else:
            _sync(path)
            digests[name] = file_digest(path)
        if stamp[0] >= TRUSTED_FROM:
            stamps[name] = stamp
    return digests, stamps


def _written_manifest(draft: Path, manifest: dict[str, Any]) -> dict[str, Any]:
    (draft / "manifest.json").write_bytes(_manifest_text(manifest).encode())
    _sync(draft / "manifest.json")
    for path in (*(each for each in draft.iterdir() if each.is_dir()), draft):
        _sync(path)
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
