"""The index folder: generations that never change, and `CURRENT`, the name of the one in use.

    index/CURRENT                 "gen-000002"
    index/gen-000002/manifest.json    identity of model and cutting, counts, SHA-256 of every other file
                     catalogue.sqlite vectors.faiss words/
                     units.npy unit_starts.npy  what an answer can quote; static_*.npy where it has static vectors (kb/units.py)
                     said*.npy word_vectors.npy  with static vectors: the words of passages (kb/nearest_words.py)
                     map.npy map_axes.npy  where the articles lie on the map (kb/chart.py); an index may lack them
                     everyday-*.npy   what the questions of everyday life mean (kb/everyday.py); an index may lack it
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
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from kb.catalogue import Catalogue
from kb.chart import POINTS, Chart, open_chart
from kb.current import current_name, generations, number_of
from kb.dense import Dense, LayeredDense, open_dense
from kb.errors import IndexDamaged, IndexIncompatible, StoreError
from kb.everyday import open_everyday
from kb.home import ingest_command
from kb.lexical import Words, open_words
from kb.nearest_words import SaidWords
from kb.settings import Settings
from kb.units import BASIS, UnitCosines, UnitVectors, as_float32, beyond_titles, open_basis

log = logging.getLogger(__name__)

FORMAT = 9  # of the generation folder; raised when an older reader could not read it rightly
LATER = "later"  # the folder of what was put in place of parts of a generation


@dataclass(frozen=True, slots=True)
class Identity:
    """What must be equal for an index to be read or added to: the model's weights and how articles were cut.

    static: version of the map that made the units' static vectors (kb.static_vectors), "" where they have none.
    """

    model: str
    fingerprint: str
    dim: int
    passage_words: int
    passage_max_tokens: int
    static: str = ""


@dataclass(slots=True)
class Generation:
    """A published generation, opened and verified.

    catalogue, dense, words, units: passages, their vectors, their words and the vectors of their units; row i is the same passage
    in all of them. folds: row -> first row of the passages that say the same.
    chart, everyday ((n, dim) float32, kb.everyday's vectors): None in an index that was written before there were any.
    basis ((dim, components) float32, see kb.units), said (kb.nearest_words): None without static vectors.
    """

    name: str
    folder: Path
    manifest: Mapping[str, Any]
    catalogue: Catalogue
    dense: Dense
    words: Words
    units: UnitVectors
    folds: Mapping[int, int]
    chart: Chart | None = None
    everyday: np.ndarray | None = None
    basis: np.ndarray | None = None
    said: SaidWords | None = None

    @property
    def rows(self) -> int:
        """How many rows there are; in an amended generation not every row has a passage any more."""
        return self.units.rows

    def unit_vectors(self, row: int) -> np.ndarray:
        """(units of the passage at row, dim) float32, in the units' order."""
        return as_float32(self.units.of(row)[:, : self.dense.dim])

    def unit_cosines(self, rows: Sequence[int], vector: np.ndarray) -> UnitCosines:
        """How near the units of the passages at rows are to a question's vector."""
        if not len(rows):
            return UnitCosines(np.zeros((2, 0), dtype=np.float32), np.zeros(1, dtype=np.int64))
        halves, counts = self.units.of_all(rows)
        units, dim = as_float32(halves), self.dense.dim
        own = units[:, :dim] @ vector
        static = own
        if self.basis is not None:
            titles = as_float32(self.units.titles_of(rows)).repeat(counts, axis=0)
            static = beyond_titles(units[:, dim:], titles, vector @ self.basis)
        return UnitCosines(np.stack([own, static]), np.cumsum([0, *counts]))

    def same_as(self, other: Generation) -> bool:
        """Whether the two hold the same under the same name."""
        return (self.name, self.manifest["content_sha256"]) == (other.name, other.manifest["content_sha256"])

    @property
    def identity(self) -> Identity:
        return Identity(**self.manifest["identity"])

    def close(self) -> None:
        self.catalogue.close()


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
        if not found.name or number_of(name) < number_of(found.name):
            with suppress(StoreError):
                older = _open(folder / name, settings)
                log.warning("%s. Answering from %s, the one before. %s", found.error, name, _remedy(folder))
                return older
    raise IndexDamaged(f"{found.error}. {_remedy(folder)}") from found.error


@dataclass(frozen=True, slots=True)
class _Damage:
    """Why the generation in use cannot be opened; name: "" when not even its name is known."""

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


def _open(folder: Path, settings: Settings) -> Generation:
    """The generation in folder, after every file was found whole. Raises IndexDamaged or IndexIncompatible."""
    return opened_in(folder, _verified_manifest(folder), settings)


def opened_in(folder: Path, manifest: Mapping[str, Any], settings: Settings) -> Generation:
    """The generation in folder, its parts as long as the manifest says. Raises IndexDamaged."""
    try:
        later = [folder / LATER] if LATER in manifest else []
        units = UnitVectors([folder, *later])
        words = open_words(folder / "words", heading_boost=settings.heading_boost)
        catalogue = Catalogue(folder / "catalogue.sqlite", *(each / "catalogue.sqlite" for each in later))
        first = open_dense(folder / "vectors.faiss")
        dense = LayeredDense(first, open_dense(later[0] / "vectors.faiss"), catalogue.dead(units.rows)) if later else first
        folds = catalogue.folds()
        numbers = manifest.get("next_number", manifest["articles"])
        chart = open_chart([folder, *later], numbers) if POINTS in manifest.get("files", {}) else None
        everyday = open_everyday(folder, manifest.get("files", {}))
        basis = open_basis(folder) if BASIS in manifest.get("files", {}) else None
        said = SaidWords([folder, *later]) if basis is not None else None
        width = first.dim + (0 if basis is None else basis.shape[1])
        counted = (*catalogue.counts(), len(words), len(dense), units.rows, len(units))
    except (OSError, ValueError, RuntimeError, sqlite3.Error) as error:
        raise IndexDamaged(f"{folder} cannot be opened: {error}") from error
    rows = manifest.get("rows", manifest["passages"])
    expected = (manifest["articles"], manifest["passages"], manifest["passages"], rows, rows, manifest["units"])
    if counted != expected:
        raise IndexDamaged(f"{folder} holds {counted} articles, passages (twice), rows (twice), units; it should {expected}")
    if units.width != width:
        raise IndexDamaged(f"{folder} holds units of {units.width} numbers; it should of {width}")
    if said is not None and said.rows != rows:
        raise IndexDamaged(f"{folder} holds the words of {said.rows} passages; it should of {rows}")
    return Generation(folder.name, folder, manifest, catalogue, dense, words, units, folds, chart, everyday, basis, said)


def _verified_manifest(folder: Path) -> Mapping[str, Any]:
    """The manifest, after every file was found whole. Raises IndexDamaged naming the file, or IndexIncompatible."""
    try:
        text = (folder / "manifest.json").read_text(encoding="utf-8")
        manifest = json.loads(text)
        del manifest["manifest_sha256"]
        if text != manifest_text(manifest):
            raise IndexDamaged(f"{folder}/manifest.json does not match its own checksum")
        if manifest["format"] != FORMAT:
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
            if name in stamps and stamps[name] == stamp_of(folder / name):
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


def stamp_of(path: Path) -> list[int]:
    """What changes when something writes to a file: its size, time of writing (ns) and inode. A hard link has the same."""
    seen = path.stat()
    return [seen.st_size, seen.st_mtime_ns, seen.st_ino]


def manifest_text(manifest: Mapping[str, Any]) -> str:
    """The manifest as its file holds it, byte for byte, its own checksum last."""
    own = hashlib.sha256(json.dumps(manifest, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
    return json.dumps({**manifest, "manifest_sha256": own}, indent=1, ensure_ascii=False) + "\n"
