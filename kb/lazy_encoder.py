"""The encoder that settings name, loaded beside what else a build does, and only when something must be encoded."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from kb.encoder import Encoder, Vectors, begin, count_tokens, load_encoder
from kb.engine import Recipe, load_tokenizer, token_counts
from kb.settings import Settings
from kb.static_vectors import StaticVectors
from kb.weights import ModelFiles, find_model


class LazyEncoder:
    """An Encoder that is loaded when it is first asked to encode: most builds change nothing.

    Its name is known before that; of the shipped model also how many tokens a text has, and the static vectors.
    """

    fingerprint: str
    static: StaticVectors

    def __init__(self, settings: Settings, cache: Path) -> None:
        self._settings, self._cache = settings, cache
        self._lock = Lock()
        self._loading: Future[Encoder] | None = None

    def begin_loading(self) -> Future[Encoder]:
        """Load it now in a thread beside; who needs it first waits for it, or hears then why it cannot be."""
        with self._lock:
            if self._loading is None:
                beside = ThreadPoolExecutor(1, "career-kb-model")
                self._loading = beside.submit(load_encoder, self._settings, self._cache, for_many=True)
                beside.shutdown(wait=False)
            return self._loading

    def _loaded(self) -> Encoder:
        return self.begin_loading().result()

    @cached_property
    def _files(self) -> ModelFiles:
        return find_model(self._settings)

    @cached_property
    def _tokenizer(self) -> Any:
        return load_tokenizer(Recipe.read(self._files).tokenizer)

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        return self._loaded().encode(texts)

    def begin(self, texts: Sequence[str]) -> Vectors:
        return begin(self._loaded(), texts)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        if not self._files.shipped:
            return count_tokens(self._loaded(), texts)
        return token_counts(self._tokenizer, texts)

    def __getattr__(self, name: str) -> Any:
        if name == "fingerprint":
            self.fingerprint = self._files.fingerprint
            return self.fingerprint
        if name == "static":
            self.static = StaticVectors(self._files, self._tokenizer if self._files.shipped else None)
            return self.static
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self._loaded(), name)  # what an encoder may offer beyond the protocol


def begin_loading(encoder: Encoder) -> None:
    """Let an encoder that is not loaded yet load beside what else is done."""
    beginning = getattr(encoder, "begin_loading", None)
    if beginning is not None:
        beginning()
