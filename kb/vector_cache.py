"""Vectors by text: what was embedded once is never embedded again, in any file. Losing the cache costs time only."""

from __future__ import annotations

import hashlib
import logging
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import numpy as np

log = logging.getLogger(__name__)

_SCHEMA = "CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vectors BLOB NOT NULL) WITHOUT ROWID"


def key_of(fingerprint: str, text: str, spans: Sequence[tuple[int, int]] = ()) -> bytes:
    """The cache key of a text, and of the spans inside it whose vectors are kept beside its own."""
    digest = hashlib.sha256(f"{fingerprint}\0{len(text)}\0{text}".encode("utf-8", "surrogatepass"))
    digest.update(repr(list(spans)).encode())
    return digest.digest()


class VectorCache:
    """A SQLite file of half-precision vectors: key -> (n, dim) float16, the text's own first, then its spans'."""

    def __init__(self, path: Path, dim: int) -> None:
        self._dim = dim
        self._connection = _open(path)

    def get(self, keys: Sequence[bytes]) -> dict[bytes, np.ndarray]:
        """What is known of these keys."""
        found: dict[bytes, np.ndarray] = {}
        for at in range(0, len(keys), 500):
            some = list(keys[at : at + 500])
            rows = self._connection.execute(f"SELECT key, vectors FROM vectors WHERE key IN ({','.join('?' * len(some))})", some)
            for key, blob in rows:
                if blob and len(blob) % (2 * self._dim) == 0:
                    found[key] = np.frombuffer(blob, dtype=np.float16).reshape(-1, self._dim)
        return found

    def put(self, vectors: dict[bytes, np.ndarray]) -> None:
        """Keep these; they are on the disk when this returns."""
        rows = ((key, np.ascontiguousarray(value, dtype=np.float16).tobytes()) for key, value in vectors.items())
        with self._connection:
            self._connection.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", rows)

    def close(self) -> None:
        self._connection.close()


def _open(path: Path) -> sqlite3.Connection:
    """The cache at path; a damaged one is thrown away and begun anew."""
    for _ in range(2):
        connection = sqlite3.connect(path, timeout=30)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute(_SCHEMA)
            connection.execute("SELECT count(*) FROM (SELECT key FROM vectors LIMIT 1)").fetchone()
            return connection
        except sqlite3.DatabaseError as error:
            connection.close()
            log.warning("%s is damaged (%s): begun anew, so this build embeds every passage again", path, error)
            for suffix in ("", "-wal", "-shm"):
                path.with_name(path.name + suffix).unlink(missing_ok=True)
    return sqlite3.connect(":memory:")
