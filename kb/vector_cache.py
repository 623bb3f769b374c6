"""Vectors by text: what was embedded once is never embedded again, in any file. Losing the cache costs time only.

Whatever happens to the file, nothing wrong comes out of it and no build fails for it: each entry carries its checksum, a damaged
file is begun anew, and a disk that takes no more is said once.
"""

from __future__ import annotations

import hashlib
import logging
import shutil
import sqlite3
import zlib
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np

log = logging.getLogger(__name__)

_SCHEMA = "CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vectors BLOB NOT NULL) WITHOUT ROWID"
_CHECKSUM = 4  # bytes of CRC-32 behind an entry's vectors; SQLite itself does not notice a flipped bit in them


def key_of(fingerprint: str, text: str, spans: Sequence[tuple[int, int]] = ()) -> bytes:
    """The cache key of a text, and of the spans inside it whose vectors are kept beside its own."""
    digest = hashlib.sha256(f"{fingerprint}\0{len(text)}\0{text}".encode("utf-8", "surrogatepass"))
    digest.update(repr(list(spans)).encode())
    return digest.digest()


class VectorCache:
    """A SQLite file of half-precision vectors: key -> (n, dim) float16, the text's own first, then its spans'."""

    def __init__(self, path: Path, dim: int) -> None:
        self._path, self._dim = path, dim
        self._connection = _open(path)

    def get(self, keys: Sequence[bytes]) -> dict[bytes, np.ndarray]:
        """What is known of these keys."""
        found: dict[bytes, np.ndarray] = {}
        try:
            for at in range(0, len(keys), 500):
                some = list(keys[at : at + 500])
                marks = ",".join("?" * len(some))
                for key, blob in self._connection.execute(f"SELECT key, vectors FROM vectors WHERE key IN ({marks})", some):
                    if (vectors := self._unpacked(key, blob)) is not None:
                        found[key] = vectors
        except sqlite3.DatabaseError as error:
            self._begin_anew(error)
        return found

    def _unpacked(self, key: bytes, blob: bytes) -> np.ndarray | None:
        data, checksum = blob[:-_CHECKSUM], blob[-_CHECKSUM:]
        if not data or len(data) % (2 * self._dim) or _checksum(key, data) != checksum:
            return None
        return np.frombuffer(data, dtype=np.float16).reshape(-1, self._dim)

    def put(self, vectors: dict[bytes, np.ndarray]) -> None:
        """Keep these; they are on the disk when this returns, if the disk takes them."""
        packed = ((key, np.ascontiguousarray(value, dtype=np.float16).tobytes()) for key, value in vectors.items())
        rows = [(key, data + _checksum(key, data)) for key, data in packed]
        try:
            with self._connection:
                self._connection.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", rows)
        except sqlite3.OperationalError as error:  # the disk is full, or fails
            log.warning("cannot keep vectors in %s (%s): they will be made again the next time", self._path, error)
            self.close()
            self._connection = _in_memory()
        except sqlite3.DatabaseError as error:
            self._begin_anew(error)

    def _begin_anew(self, error: sqlite3.Error) -> None:
        self.close()
        _throw_away(self._path, error)
        self._connection = _open(self._path)

    def close(self) -> None:
        with suppress(sqlite3.Error):  # a checkpoint that the disk refuses: the log beside the file keeps it
            self._connection.close()


def _checksum(key: bytes, data: bytes) -> bytes:
    return zlib.crc32(data, zlib.crc32(key)).to_bytes(_CHECKSUM, "little")


def _open(path: Path) -> sqlite3.Connection:
    """The cache at path; a damaged one is thrown away and begun anew; one in memory where the disk allows none."""
    error: sqlite3.Error | None = None
    for _ in range(2):
        connection = None
        try:
            connection = sqlite3.connect(path, timeout=30)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute(_SCHEMA)
            connection.execute("SELECT key, vectors FROM vectors LIMIT 1").fetchone()
            return connection
        except sqlite3.Error as caught:
            error = caught
            if connection is not None:
                connection.close()
            _throw_away(path, caught)
    log.warning("no vectors can be kept in %s (%s)", path, error)
    return _in_memory()


def _in_memory() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    connection.execute(_SCHEMA)
    return connection


def _throw_away(path: Path, error: sqlite3.Error) -> None:
    log.warning("%s is damaged (%s): begun anew, so text is embedded again", path, error)
    for suffix in ("", "-wal", "-shm", "-journal"):
        beside = path.with_name(path.name + suffix)
        with suppress(OSError):
            if beside.is_dir() and not beside.is_symlink():
                shutil.rmtree(beside)
            else:
                beside.unlink(missing_ok=True)
