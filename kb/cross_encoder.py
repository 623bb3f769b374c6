"""A second look at the first passages by a model that reads question and passage together; off unless a model is given.

    class MyCrossEncoder:                                       # one of one's own
        def predict(self, pairs): return my_model(pairs)        # pairs: [(question, passage)]; a number each, higher is better
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from kb.engine import clean
from kb.errors import EncoderError
from kb.settings import Settings
from kb.weights import find_cross_encoder

log = logging.getLogger(__name__)


class CrossEncoder(Protocol):
    """Scores pairs of a question and a passage. Any number of threads may call it at once."""

    def predict(self, pairs: Sequence[tuple[str, str]]) -> Any:
        """(len(pairs),) numbers, of any scale, higher is better; NaN for a pair that it cannot judge."""
        ...


def load_cross_encoder(settings: Settings, *, forked: bool = False) -> CrossEncoder | None:
    """The cross-encoder that settings name; None, and nothing of it imported, when they name none.

    forked: in a forked process, where only one thread can be counted on. Raises EncoderError when it is not there, is not a
    cross-encoder or cannot be loaded; the message says what to do.
    """
    if not settings.cross_encoder.strip():
        return None
    return SentenceTransformersCrossEncoder(find_cross_encoder(settings), settings.device, forked=forked)


class SentenceTransformersCrossEncoder:
    """A CrossEncoder in a folder, run by sentence-transformers: weights from safetensors, no code of the folder's own."""

    def __init__(self, folder: Path, device: str = "cpu", *, forked: bool = False) -> None:
        _check_kind(folder)
        try:
            import torch
            from safetensors import SafetensorError
            from sentence_transformers import CrossEncoder as Model
            from transformers.utils import logging as chatter
        except ImportError as error:
            raise EncoderError(
                f"a cross-encoder needs torch and sentence-transformers ({error}). "
                "Install them with: pip install sentence-transformers, or take the setting cross_encoder away"
            ) from error
        if forked:
            torch.set_num_threads(1)  # subtle: OpenMP's threads stayed with the parent; torch's own data loaders do the same
        chatter.disable_progress_bar()  # type: ignore[no-untyped-call]
        try:
            safe = {"use_safetensors": True}
            self._model: Any = Model(str(folder), device=device, local_files_only=True, model_kwargs=safe)
        except (OSError, ValueError, RuntimeError, AssertionError, KeyError, SafetensorError) as error:
            what = f"the cross-encoder in {folder} on device {device!r}"
            raise EncoderError(f"cannot load {what}: {error}. Try --device cpu, or save the model again") from error
        if self._model.num_labels != 1:
            raise EncoderError(
                f"the model in {folder} gives {self._model.num_labels} numbers for a pair, not one: it tells classes apart. "
                "Give a cross-encoder trained to rank passages, like cross-encoder/ms-marco-MiniLM-L6-v2"
            )
        self._one_at_a_time = threading.Lock()  # subtle: the tokenizer changes its own padding, so two threads collide in it

    def predict(self, pairs: Sequence[tuple[str, str]]) -> np.ndarray:
        """(len(pairs),) float32; a passage longer than the model takes counts by its beginning."""
        cleaned = [(clean(question), clean(passage)) for question, passage in pairs]
        with self._one_at_a_time:
            return np.asarray(self._model.predict(cleaned, batch_size=32, show_progress_bar=False), dtype=np.float32)


def _check_kind(folder: Path) -> None:
    """Refuse what is no cross-encoder: sentence-transformers would put a head of random numbers on it, and go on."""
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        about = folder / "config_sentence_transformers.json"
        kind = json.loads(about.read_text(encoding="utf-8")).get("model_type", "") if about.is_file() else ""
        architectures = [str(each) for each in config.get("architectures") or ()]
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise EncoderError(f"no model that can be read in {folder}: {error}. Give the folder of a saved cross-encoder") from error
    if kind != "CrossEncoder" and not any(each.endswith("ForSequenceClassification") for each in architectures):
        found = ", ".join(architectures) or "no architecture named"
        raise EncoderError(
            f"the model in {folder} is not a cross-encoder ({found}; expected ...ForSequenceClassification). "
            "What makes vectors goes into the setting model"
        )


def scores_of(cross_encoder: CrossEncoder, question: str, passages: Sequence[str]) -> np.ndarray:
    """(len(passages),) float64, NaN where it gave no finite one. Raises EncoderError unless it is one for each."""
    if not passages:
        return np.zeros(0)
    name = type(cross_encoder).__name__
    try:
        given = np.array(cross_encoder.predict([(question, passage) for passage in passages]), dtype=np.float64)
    except (TypeError, ValueError, RuntimeError) as error:
        raise EncoderError(f"cross-encoder {name} failed on {len(passages)} passages: {error}") from error
    if given.shape == (len(passages), 1):
        given = given[:, 0]
    if given.shape != (len(passages),):
        raise EncoderError(f"cross-encoder {name} returned shape {given.shape}; expected ({len(passages)},), one for each pair")
    given[~np.isfinite(given)] = np.nan
    if missing := int(np.isnan(given).sum()):
        log.warning("cross-encoder %s gave no number for %d of %d passages; they keep their places", name, missing, len(passages))
    return given
