"""Texts -> unit vectors. Two texts mean alike when the dot product of their vectors (their cosine) is high.

    class MyEncoder:                                   # an encoder of one's own
        fingerprint = "my-model 1"
        def encode(self, texts): return my_model(texts)    # (n, dim) float32, unit rows

What an encoder may offer beyond that, and what stands in where it does not, is behind functions, so that callers never ask which
encoder they hold: `count_tokens`, `max_tokens`, `begin` (to encode beside something else), `encode_all` (with progress, and
proven), `encode_spans`, `static_of`.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from kb.errors import EncoderError
from kb.settings import Settings
from kb.weights import ModelFiles, begin_finding

if TYPE_CHECKING:
    from kb.engine import Engine
    from kb.static_vectors import StaticVectors

log = logging.getLogger(__name__)

Progress = Callable[[int], None]
Vectors = Callable[[], np.ndarray]  # that waits for vectors which are being made; called again it gives the same

PRECISIONS = ("", "f32", "bf16", "f16", "int8")  # of the compiled engine; "" leaves it to the processor

ENCODE_SLICE = 1024  # texts between two progress reports: sorting by length within it costs < 1 % against sorting all


class Encoder(Protocol):
    """Turns texts into vectors. fingerprint: vectors of equal fingerprint are comparable, of others are not."""

    fingerprint: str

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """(len(texts), dim) float32, each row of length 1; the same text always gives the same row. No text gives (0, dim)."""
        ...


def load_encoder(settings: Settings, cache: Path | None = None, *, for_many: bool = False) -> Encoder:
    """The encoder that settings name. cache: a folder where what took time to prepare is kept for the next start.

    for_many: it will index, so it is made ready for many texts at a time rather than for a question; it takes both. Raises
    EncoderError when the model is missing, is not the original, or cannot be loaded; the message says what to do.
    """
    return begin_loading(settings, cache, for_many=for_many).encoder()


@dataclass(frozen=True, slots=True)
class Loading:
    """An encoder on its way. encoder() waits for it, or raises EncoderError; busy() says whether it would wait."""

    encoder: Callable[[], Encoder]
    busy: Callable[[], bool] = lambda: False


def begin_loading(settings: Settings, cache: Path | None = None, *, for_many: bool = False) -> Loading:
    """load_encoder(), begun: what is done until the encoder is asked for runs beside its compiling.

    What compiles neither needs the interpreter nor more than one core. Raises EncoderError as load_encoder does.
    """
    if settings.precision not in PRECISIONS:
        raise EncoderError(f"unknown precision {settings.precision!r}. Choose one of: {', '.join(PRECISIONS[1:])}, or none")
    files, prove = begin_finding(settings)

    def reference() -> Encoder:
        from kb.reference import SentenceTransformersEncoder

        return SentenceTransformersEncoder(files, settings.device)

    def instead(error: EncoderError) -> Encoder:
        prove()  # files that were damaged are said to be so
        log.warning("the compiled engine cannot run %s (%s): sentence-transformers runs it, several times slower",
                    files.name, error)  # fmt: skip
        return reference()

    if settings.device != "cpu":
        log.warning("device %s: sentence-transformers runs the model, not the compiled engine", settings.device)
        prove()
        return Loading(reference)
    try:
        engine = _engine(files, settings.precision, cache)
    except EncoderError as error:
        return Loading(partial(instead, error))
    except (LookupError, RuntimeError, TypeError, ValueError):
        prove()  # of damaged weights anything may come; that they are damaged says more
        raise
    compiling = engine.begin_ready(for_many=for_many)

    def loaded() -> Encoder:
        prove()
        try:
            engine.get_ready(for_many=for_many)
        except EncoderError as error:
            return instead(error)
        return engine

    return Loading(loaded, compiling.is_alive)


def _engine(files: ModelFiles, precision: str, cache: Path | None) -> Engine:
    """The compiled engine. The shipped model is built at once (tests hold it to the reference); any other is proven first."""
    from kb.engine import Engine
    from kb.int8 import int8_engine, is_fast_here, shipped_evening

    int8 = precision == "int8" or (not precision and is_fast_here())
    if not files.shipped:
        from kb.conversion import load_converted

        return load_converted(files, cache, precision="" if int8 else precision, int8=int8)
    if int8:
        return int8_engine(files, shipped_evening())
    from kb.bert import bert_graph

    return Engine(files, bert_graph(files), precision=precision)


def count_tokens(encoder: Encoder, texts: Sequence[str]) -> list[int]:
    """Tokens of each text in the model's own count, its start and end marks included and nothing cut off.

    An encoder without a count_tokens(texts) of its own is estimated from above: a token for every 3 characters, plus 2
    (all-MiniLM-L6-v2 takes 4 to 5 characters a token on English prose).
    """
    counter = getattr(encoder, "count_tokens", None)
    if counter is not None:
        return [int(count) for count in counter(texts)]
    return [math.ceil(len(text) / 3) + 2 for text in texts]


def begin(encoder: Encoder, texts: Sequence[str]) -> Vectors:
    """encoder.encode(texts), begun: what is done until the vectors are asked for runs beside it.

    An encoder without a begin(texts) of its own has encoded them when this returns. One that has it may be called by several
    threads at once.
    """
    own: Callable[[Sequence[str]], Vectors] | None = getattr(encoder, "begin", None)
    if own is not None:
        return own(texts)
    vectors = encoder.encode(texts)
    return lambda: vectors


def max_tokens(encoder: Encoder) -> int | None:
    """Tokens the encoder sees of a text, start and end marks included; None when it does not say (no max_tokens attribute)."""
    limit = getattr(encoder, "max_tokens", None)
    return None if limit is None else int(limit)


def dimension(encoder: Encoder) -> int:
    """Length of the encoder's vectors: its attribute dim, or that of one it makes."""
    known = getattr(encoder, "dim", None)
    return int(encoder.encode(["dimension"]).shape[1]) if known is None else int(known)


def static_of(encoder: Encoder) -> StaticVectors | None:
    """What the encoder's word vectors alone make of texts; None where it offers none (no attribute static, or no map for it)."""
    static: StaticVectors | None = getattr(encoder, "static", None)
    return static if static is not None and static.version else None


def encode_spans(
    encoder: Encoder, texts: Sequence[str], spans: Sequence[Sequence[tuple[int, int]]]
) -> tuple[np.ndarray, list[np.ndarray]]:
    """A vector for each text and for each of its spans (start, end) by characters: (n, dim) and n times (len(spans[i]), dim).

    An encoder with an encode_spans(texts, spans) of its own pools a span's vector from the text's own pass, so that it costs
    nothing and knows the text around it; for any other each span is encoded apart.
    """
    own = getattr(encoder, "encode_spans", None)
    if own is not None:
        vectors, units = own(texts, spans)
        return _proven(encoder, vectors, len(texts)), [
            _proven(encoder, some, len(wanted)) for some, wanted in zip(units, spans, strict=True)
        ]
    vectors = encode_all(encoder, texts)
    flat = encode_all(encoder, [text[start:end] for text, some in zip(texts, spans, strict=True) for start, end in some])
    ends = np.cumsum([len(some) for some in spans])
    return vectors, np.split(flat, ends[:-1]) if len(spans) else []


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
