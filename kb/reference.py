"""The reference: the model as sentence-transformers runs it. Slow to import, but it runs on every device and with every model."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from threading import Lock
from typing import Any

import numpy as np

from kb.engine import clean, cut_warning
from kb.errors import EncoderError
from kb.static_vectors import StaticVectors
from kb.weights import ModelFiles

log = logging.getLogger(__name__)


class SentenceTransformersEncoder:
    """An Encoder: the fall-back where the engine cannot run, and what the engine is held against.

    Any number of threads may call it; they take turns, for whether the tokenizer cuts a text off is one setting for all of them.
    """

    def __init__(self, files: ModelFiles, device: str = "cpu") -> None:
        try:
            from safetensors import SafetensorError
            from sentence_transformers import SentenceTransformer
            from transformers.utils import logging as chatter
        except ImportError as error:
            raise EncoderError(f"sentence-transformers cannot be imported: {error}. pip install sentence-transformers") from error
        chatter.disable_progress_bar()  # type: ignore[no-untyped-call]
        try:
            self.model: Any = SentenceTransformer(str(files.folder), device=device, local_files_only=True)
        except (OSError, ValueError, RuntimeError, AssertionError, KeyError, SafetensorError) as error:
            what = f"{files.name} from {files.folder} on device {device!r}"
            raise EncoderError(f"cannot load {what}: {error}. Try --device cpu, or install the model again") from error
        self._turn = Lock()
        self.fingerprint = files.fingerprint
        self.static = StaticVectors(files)
        self.max_tokens: int | None = self.model.get_max_seq_length()

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """(n, dim) float32 unit rows. A text longer than max_tokens counts by its beginning, and that is logged."""
        if not texts:
            return np.zeros((0, self.model.get_embedding_dimension()), dtype=np.float32)
        cleaned = [clean(text) for text in texts]
        if self.max_tokens is not None:
            cut_warning(log, sum(count > self.max_tokens for count in self.count_tokens(texts)), len(texts), self.max_tokens)
        with self._turn:
            vectors = self.model.encode(cleaned, batch_size=32, normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(vectors, dtype=np.float32)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, marks included, nothing cut off."""
        if not texts:
            return []
        with self._turn:
            encoded = self.model.tokenizer([clean(text) for text in texts], truncation=False, padding=False, verbose=False)
        return [len(ids) for ids in encoded["input_ids"]]
