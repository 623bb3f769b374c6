"""The encoder that is loaded only when something must be encoded."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import kb.lazy_encoder
from kb.encoder import count_tokens, load_encoder, static_of
from kb.errors import EncoderError
from kb.lazy_encoder import LazyEncoder
from kb.settings import Settings

TEXTS = ["A welder joins metal.", "What does a nurse earn? \ud800", ""]


@pytest.fixture
def loads(monkeypatch):
    """For each load whether it was in the main thread."""
    seen = []

    def load(*arguments, **more):
        seen.append(threading.current_thread() is threading.main_thread())
        return load_encoder(*arguments, **more)

    monkeypatch.setattr(kb.lazy_encoder, "load_encoder", load)
    return seen


def test_its_name_its_tokens_and_its_static_vectors_need_no_model(tmp_path, loads):
    lazy, whole = LazyEncoder(Settings(), tmp_path), load_encoder(Settings())
    assert lazy.fingerprint == whole.fingerprint
    assert count_tokens(lazy, TEXTS) == count_tokens(whole, TEXTS)
    assert np.array_equal(static_of(lazy).of_words(TEXTS), static_of(whole).of_words(TEXTS))
    assert loads == []


def test_many_who_need_it_at_once_load_it_once_and_beside(tmp_path, loads):
    lazy = LazyEncoder(Settings(), tmp_path)
    with ThreadPoolExecutor(4) as beside:
        vectors = list(beside.map(lambda _: lazy.encode(TEXTS[:1]), range(4)))
    assert loads == [False] and all(np.array_equal(own, vectors[0]) for own in vectors)
    assert np.array_equal(lazy.begin(TEXTS[:1])(), vectors[0]) and lazy.dim == vectors[0].shape[1]


def test_a_model_that_cannot_be_loaded_is_said_by_whoever_needs_it(tmp_path, monkeypatch):
    def fail(*arguments, **more):
        raise EncoderError("no such model")

    monkeypatch.setattr(kb.lazy_encoder, "load_encoder", fail)
    lazy = LazyEncoder(Settings(), tmp_path)
    lazy.begin_loading()
    for _ in range(2):
        with pytest.raises(EncoderError, match="no such model"):
            lazy.encode(TEXTS)
