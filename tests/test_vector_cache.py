"""The cache of vectors: keeps what it is given, hands out nothing wrong, and never stops a build."""

from __future__ import annotations

import sqlite3

import numpy as np
import pytest

from kb.vector_cache import VectorCache, key_of

DIM = 8


def vectors(n: int, seed: int = 0) -> dict[bytes, np.ndarray]:
    draw = np.random.default_rng(seed)
    return {key_of("model", f"text {i}"): draw.normal(size=(1 + i % 3, DIM)).astype(np.float16) for i in range(n)}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "cache.sqlite"


def filled(path, n=40):
    cache = VectorCache(path, DIM)
    cache.put(vectors(n))
    cache.close()


def test_what_was_kept_comes_back_bit_for_bit(path):
    filled(path)
    found = VectorCache(path, DIM).get([*vectors(40), key_of("model", "unknown")])
    assert found.keys() == vectors(40).keys()
    assert all(np.array_equal(found[key], value) for key, value in vectors(40).items())


def test_a_key_hangs_on_model_text_and_spans():
    keys = {key_of("a", "text"), key_of("b", "text"), key_of("a", "tex"), key_of("a", "text", [(0, 2)])}
    assert len(keys) == 4


@pytest.mark.parametrize("place", range(24))
def test_a_flipped_bit_gives_nothing_wrong(path, place):
    filled(path, 200)
    data = bytearray(path.read_bytes())
    at = len(data) * (2 * place + 1) // 48
    data[at] ^= 1 << place % 8
    path.write_bytes(data)
    cache, true = VectorCache(path, DIM), vectors(200)
    found = cache.get(list(true))
    assert all(np.array_equal(value, true[key]) for key, value in found.items())
    cache.put(true)
    assert cache.get(list(true)).keys() == true.keys()


@pytest.mark.parametrize("state", ["not a database", "empty", "cut", "a folder", "another table"])
def test_a_broken_file_is_begun_anew(path, state, caplog):
    filled(path)
    data = path.read_bytes()
    path.unlink()
    if state == "a folder":
        (path / "x").mkdir(parents=True)
    elif state == "another table":
        with sqlite3.connect(path) as other:
            other.execute("CREATE TABLE vectors (something INTEGER)")
        other.close()
    else:
        path.write_bytes({"not a database": b"no" * 999, "empty": b"", "cut": data[: len(data) // 2]}[state])
    cache = VectorCache(path, DIM)
    assert cache.get(list(vectors(40))) == {} or state == "cut"
    cache.put(vectors(40))
    cache.close()
    assert len(VectorCache(path, DIM).get(list(vectors(40)))) == 40


def test_where_nothing_can_be_kept_it_keeps_in_memory(tmp_path, caplog):
    cache = VectorCache(tmp_path / "no such folder" / "cache.sqlite", DIM)
    cache.put(vectors(3))
    assert len(cache.get(list(vectors(3)))) == 3 and "no vectors can be kept" in caplog.text
