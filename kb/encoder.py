"""Texts -> unit vectors. Two texts mean alike when the dot product of their vectors (their cosine) is high.

    class MyEncoder:                                   # an encoder of one's own
        fingerprint = "my-model 1"
        def encode(self, texts): return my_model(texts)    # (n, dim) float32, unit rows

What an encoder may offer beyond that, and what stands in where it does not, is behind three functions, so that callers never
ask which encoder they hold: `count_tokens`, `max_tokens`, `encode_all`.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from kb.errors import EncoderError
from kb.settings import Settings
from kb.weights import ModelFiles, find_model

log = logging.getLogger(__name__)

Progress = Callable[[int], None]

ENCODE_SLICE = 1024  # texts between two progress reports: sorting by length within it costs < 1 % against sorting all


class Encoder(Protocol):
    """Turns texts into vectors. fingerprint: vectors of equal fingerprint are comparable, of others are not."""

    fingerprint: str

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """(len(texts), dim) float32, each row of length 1; the same text always gives the same row. No text gives (0, dim)."""
        ...


def load_encoder(settings: Settings, cache: Path | None = None) -> Encoder:
    """The encoder that settings name. cache: a folder where what took time to prepare is kept for the next start.

    Raises EncoderError when the model is missing, is not the original, or cannot be loaded; the message says what to do.
    """
    return SentenceTransformersEncoder(find_model(settings), settings.device)


def count_tokens(encoder: Encoder, texts: Sequence[str]) -> list[int]:
    """Tokens of each text in the model's own count, its start and end marks included and nothing cut off.

    An encoder without a count_tokens(texts) of its own is estimated from above: a token for every 3 characters, plus 2
    (all-MiniLM-L6-v2 takes 4 to 5 characters a token on English prose).
    """
    counter = getattr(encoder, "count_tokens", None)
    if counter is not None:
        return [int(count) for count in counter(texts)]
    return [math.ceil(len(text) / 3) + 2 for text in texts]


def max_tokens(encoder: Encoder) -> int | None:
    """Tokens the encoder sees of a text, start and end marks included; None when it does not say (no max_tokens attribute)."""
    limit = getattr(encoder, "max_tokens", None)
    return None if limit is None else int(limit)


def encode_all(encoder: Encoder, texts: Sequence[str], progress: Progress | None = None) -> np.ndarray:
    """encoder.encode(texts), proven to be what the protocol promises; progress(done) is called as texts get done.

    Raises EncoderError when the encoder returns another shape, a NaN or a row that is not of length 1.
    """
    parts: list[np.ndarray] = []
    for start in range(0, max(len(texts), 1), ENCODE_SLICE):
        some = texts[start : start + ENCODE_SLICE]
        parts.append(_proven(encoder, encoder.encode(some), len(some)))
        if progress is not None:
            progress(start + len(some))
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def _proven(encoder: Encoder, vectors: np.ndarray, n: int) -> np.ndarray:
    vectors = np.asarray(vectors, dtype=np.float32)
    if vectors.ndim != 2 or len(vectors) != n:
        raise EncoderError(f"encoder {encoder.fingerprint!r} returned shape {vectors.shape} for {n} texts; expected ({n}, dim)")
    lengths = np.linalg.norm(vectors, axis=1)
    if n and not np.all(np.abs(lengths - 1.0) < 1e-3):  # also catches NaN: any comparison with NaN is False
        worst = int(np.argmax(~(np.abs(lengths - 1.0) < 1e-3)))
        raise EncoderError(
            f"encoder {encoder.fingerprint!r} returned a vector of length {lengths[worst]:.4g} for text {worst}; "
            "expected 1. Normalize its vectors"
        )
    return vectors


def clean(text: str) -> str:
    """text with lone surrogates, which no tokenizer takes, replaced one for one (so offsets stay) by U+FFFD."""
    try:
        text.encode("utf-8")
        return text
    except UnicodeEncodeError:
        return "".join("\ufffd" if "\ud800" <= char <= "\udfff" else char for char in text)


class SentenceTransformersEncoder:
    """The reference: the model run by sentence-transformers. Slow to import, at home on every device."""

    def __init__(self, files: ModelFiles, device: str = "cpu") -> None:
        try:
            from sentence_transformers import SentenceTransformer
            from transformers.utils import logging as chatter
        except ImportError as error:
            raise EncoderError(f"sentence-transformers cannot be imported: {error}. pip install sentence-transformers") from error
        chatter.disable_progress_bar()  # type: ignore[no-untyped-call]
        try:
            self._model: Any = SentenceTransformer(str(files.folder), device=device, local_files_only=True)
        except (OSError, ValueError, RuntimeError, AssertionError, KeyError) as error:
            what = f"{files.name} from {files.folder} on device {device!r}"
            raise EncoderError(f"cannot load {what}: {error}. Try --device cpu, or install the model again") from error
        self.fingerprint = files.fingerprint
        self.max_tokens: int | None = self._model.get_max_seq_length()

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """(n, dim) float32 unit rows. A text longer than max_tokens counts by its beginning."""
        if not texts:
            return np.zeros((0, self._model.get_embedding_dimension()), dtype=np.float32)
        cleaned = [clean(text) for text in texts]
        vectors = self._model.encode(cleaned, batch_size=32, normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(vectors, dtype=np.float32)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, marks included, nothing cut off."""
        if not texts:
            return []
        encoded = self._model.tokenizer([clean(text) for text in texts], truncation=False, padding=False, verbose=False)
        return [len(ids) for ids in encoded["input_ids"]]
