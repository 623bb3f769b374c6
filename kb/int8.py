"""A BERT whose matrix products run in 8-bit integers: half as fast again as bfloat16, and a little less true (opt-in).

Each product's input is rounded to 256 steps between the least and greatest values that the texts below bring there, each row of
its weights to 255 steps. Channels with large inputs and small weights are evened out first: x / s times w * s with
s = max|x|^a / max|w|^(1 - a) per channel, as SmoothQuant does (Xiao et al. 2022, arXiv 2211.10438, formula 4). Behind the GELU
a few channels tower over the rest, and a grid that reached them would lose what the others say. There the grid ends where the
others do, and what those few hold beyond it goes past the rounding, as in LLM.int8() (Dettmers et al. 2022, arXiv 2208.07339):
mean cosine to float32 .9990, at worst .9979, on 150 passages and 80 abstracts (.9955 and .9919 with one grid for all).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from kb.bert import BertBuilder
from kb.conversion import PROBES
from kb.engine import Engine, Recipe, load_tokenizer
from kb.weights import ModelFiles

TOWERING = 4  # channels behind each GELU. Mean cosine on 120 cuts of other articles: 1 .9977, 2 .9984, 4 .9986, 8 .9984
BEYOND = 1.1  # times what the calibration texts bring to the others: so far the grid reaches
ALPHA = 0.65  # of .5, .65, .8 and .9 the best: mean cosine to float32 .99575 on 200 passages (.99529, .99555, .99551)
_AFTER_GELU = ".output.dense"  # but not attention.output.dense. Its input is not spread evenly around 0
_BEHIND_A_NORM = ("attention.self.query", "attention.self.key", "attention.self.value", "intermediate.dense")


@dataclass(frozen=True, slots=True)
class Seen:
    """What the calibration texts brought to a product: per channel its largest size, and its least and greatest value."""

    largest: np.ndarray
    least: np.ndarray
    greatest: np.ndarray


def int8_engine(files: ModelFiles) -> Engine:
    """The engine for files in 8-bit integers; its fingerprint says so, since its vectors are not quite the others'."""
    tokenizer = load_tokenizer(Recipe.read(files).tokenizer)
    engine = Engine(files, int8_graph(files, [tokenizer.encode(text).ids for text in PROBES]))
    engine.fingerprint += " int8"
    return engine


def int8_graph(files: ModelFiles, token_ids: Sequence[Sequence[int]]) -> Any:
    """The openvino.Model of files in 8-bit integers, calibrated on these texts. Raises NotABert as bert_graph does."""
    return _Int8Builder(files, _calibrate(files, token_ids)).model()


class _Watched(BertBuilder):
    """Remembers the input of every product."""

    def __init__(self, files: ModelFiles) -> None:
        super().__init__(files)
        self.inputs: dict[str, Any] = {}

    def linear(self, x: Any, name: str) -> Any:
        self.inputs[name] = x
        return super().linear(x, name)


def _calibrate(files: ModelFiles, token_ids: Sequence[Sequence[int]]) -> dict[str, Seen]:
    builder = _Watched(files)
    parameters = builder.model().get_parameters()
    watched = builder.ov.Model([node.output(0) for node in builder.inputs.values()], parameters, "watched")
    compiled = builder.ov.Core().compile_model(watched, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    values: dict[str, list[np.ndarray]] = {name: [] for name in builder.inputs}
    for ids in token_ids:
        row = np.array([ids], dtype=np.int64)
        for name, array in zip(values, compiled([row, np.ones_like(row)]).values(), strict=True):
            values[name].append(array[0].copy())
    rows = {name: np.concatenate(arrays) for name, arrays in values.items()}
    return {name: Seen(np.abs(all_).max(axis=0), all_.min(axis=0), all_.max(axis=0)) for name, all_ in rows.items()}


class _Int8Builder(BertBuilder):
    """Builds every product in 8-bit integers."""

    def __init__(self, files: ModelFiles, seen: dict[str, Seen]) -> None:
        super().__init__(files)
        self.seen = seen
        self._rounded: dict[str, Any] = {}  # query, key and value share one input

    def linear(self, x: Any, name: str) -> Any:
        op, weights = self.op, np.asarray(self.tensor(f"{name}.weight"), dtype=np.float32)
        scale = self._evening(name)
        site = name.rsplit(".", 1)[0] if ".self." in name else name
        if site not in self._rounded:
            self._rounded[site] = self._round(x, scale, name)
        evened = weights * scale
        steps = np.maximum(np.abs(evened).max(axis=1, keepdims=True), 1e-9) / np.float32(127)
        whole = np.rint(evened / steps).astype(np.int8)
        restored = op.multiply(op.convert(op.constant(whole), np.float32), op.constant(steps))
        return op.add(op.matmul(self._rounded[site], restored, False, True), self.weight(f"{name}.bias"))

    def _feed_forward(self, x: Any, name: str) -> Any:
        """As for any BERT; to it comes what the towering channels hold beyond the grid: relu(gelu(x w1^T + b1) - end) w2^T."""
        op, (first, second) = self.op, (f"{name}.intermediate.dense", f"{name}.output.dense")
        within = super()._feed_forward(x, name)
        end = self._end(second)
        towering = np.flatnonzero(self.seen[second].largest > end)
        if not len(towering):
            return within
        weights, bias = self.tensor(f"{first}.weight")[towering], self.tensor(f"{first}.bias")[towering]
        values = op.gelu(op.add(op.matmul(x, self.constant(weights), False, True), self.constant(bias)), self.shape.gelu)
        beyond = op.relu(op.subtract(values, self.number(end)))
        return op.add(within, op.matmul(beyond, self.constant(self.tensor(f"{second}.weight")[:, towering]), False, True))

    def _end(self, name: str) -> float:
        """Where the grid of a product behind the GELU ends."""
        largest = np.sort(self.seen[name].largest)
        return float(largest[-min(TOWERING + 1, len(largest))] * BEYOND)

    @staticmethod
    def _after_gelu(name: str) -> bool:
        return name.endswith(_AFTER_GELU) and "attention" not in name

    def _evening(self, name: str) -> np.ndarray:
        """s per input channel; 1 where there is no norm before, into whose weights the division disappears."""
        if not name.endswith(_BEHIND_A_NORM):
            return np.ones(self.tensor(f"{name}.weight").shape[1], dtype=np.float32)
        parts = [f"{name.rsplit('.', 1)[0]}.{part}" for part in ("query", "key", "value")] if ".self." in name else [name]
        weights = np.max([np.abs(self.tensor(f"{part}.weight")).max(axis=0) for part in parts], axis=0)
        scale: np.ndarray = self.seen[name].largest ** ALPHA / np.maximum(weights, 1e-5) ** (1 - ALPHA)
        return np.asarray(np.clip(scale, 1e-2, 1e3), dtype=np.float32)

    def _round(self, x: Any, scale: np.ndarray, name: str) -> Any:
        seen = self.seen[name]
        high = float((np.maximum(np.abs(seen.least), np.abs(seen.greatest)) / scale).max())
        low = -high * 128 / 127
        if self._after_gelu(name):
            low, high = float(seen.least.min()), self._end(name)
        if not np.all(scale == 1):
            x = self.op.divide(x, self.constant(scale))
        ends = [self.number(low), self.number(high)]
        return self.op.fake_quantize(x, *ends, *ends, 256)
