"""A BERT whose matrix products run in 8-bit integers, on a processor made for them.

Weights become whole numbers from -127 to 127 with a step for every 192 input channels of a row (GROUPS); a product's input is
rounded the same way as it comes, token by token (OpenVINO's dynamic quantization). Before that, channels with large inputs and
small weights are evened out: x / s times w * s with s = max|x|^a / max|w|^(1 - a) per channel, as SmoothQuant does (Xiao et al.
2022, arXiv 2211.10438, formula 4); here s is rounded to a power of two, so that dividing loses nothing.

Mean cosine to float32 is .9994 to .9995 and the worst .997 on each of 150 passages, 80 abstracts, 150 questions and 120 pieces of
other articles (on which the constants below were chosen), in .7 of bfloat16's time. Rounding the weights takes 0.02 s at each
start; it is saved by arranging a quarter of their bytes for the processor. One step for a whole row (.9991), inputs rounded to
one grid fixed beforehand (.9990) and no evening (.9988) are less true and hardly faster.
"""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from kb.bert import PARTS, BertBuilder, NotABert
from kb.engine import Engine, Recipe, load_tokenizer
from kb.runtime import openvino
from kb.settings import Settings
from kb.weights import ModelFiles, find_model

GROUPS = (192, 128, 64)  # channels that share a step: the first that divides both widths. 64: .9997, a tenth slower
ALPHA = 0.65  # the share of the unevenness that the weights take over; .5 and .75 are less true by 1e-5 to 1e-4
# What evening looks at. A paragraph does: whatever is read, the same channels tower (.9995 with 200 tokens as with 73).
TEXT = (
    "How do I become a data engineer? Pay in 2024: 41,000 EUR (Bavaria), £31,000 (Kent); $127,750 on average. - Apply to a "
    "school. - Pass the exam. - Wait for an answer 😀 Ärztin in Zürich, médecin à Genève, 数据科学家, инженер. A welder joins "
    "metal, checks the seam, and starts again with the next piece until the shift is over."
)
SHIPPED = Path(__file__).with_name("int8_evening.json")  # of the shipped model, made by `python -m kb.int8`

Evening = Mapping[str, Sequence[int]]  # product behind a norm -> binary logarithm of s, per input channel


@cache
def is_fast_here() -> bool:
    """Whether this processor multiplies and adds 8-bit integers in one instruction (AVX-VNNI, AVX-512 VNNI, AMX)."""
    if platform.machine().lower() not in ("x86_64", "amd64"):
        return False
    try:
        return "vnni" in Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:  # not Linux. Every processor with bfloat16 has one of them
        return "BF16" in openvino().Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")


def int8_engine(files: ModelFiles, evening: Evening, *, precision: str = "") -> Engine:
    """The engine for files, products in 8-bit integers and what lies between them in precision, by default the processor's own.

    Raises NotABert when such a graph cannot be made of them.
    """
    builder = _Int8Builder(files, evening)
    return Engine(files, builder.model(), precision=precision, group=builder.group)


def shipped_evening() -> Evening:
    """That of the shipped model, from a file: the same on every machine, and nobody waits for it."""
    evening: Evening = json.loads(SHIPPED.read_text(encoding="utf-8"))
    return evening


def find_evening(files: ModelFiles) -> Evening:
    """The evening of a model, from what TEXT brings to its products. Raises NotABert as bert_graph does."""
    builder = _Watched(files)
    parameters = builder.model().get_parameters()
    watched = builder.ov.Model([node.output(0) for node in builder.inputs.values()], parameters, "watched")
    compiled = builder.ov.Core().compile_model(watched, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    row = np.array([load_tokenizer(Recipe.read(files).tokenizer).encode(TEXT).ids], dtype=np.int64)
    inputs = [np.abs(values[0]).max(axis=0) for values in compiled([row, np.ones_like(row)]).values()]
    evening = {}
    for site, largest in zip(builder.inputs, inputs, strict=True):
        scale = np.maximum(largest, 1e-5) ** ALPHA / np.maximum(builder.largest_weights[site], 1e-5) ** (1 - ALPHA)
        evening[site] = np.rint(np.log2(np.clip(scale, 1e-2, 1e3))).astype(int).tolist()
    return evening


def _site(name: str) -> str | None:
    """What the product's input is evened as, when a norm comes before it; query, key and value share theirs."""
    if name.endswith((".self.query", ".self.key", ".self.value")):
        return name.rsplit(".", 1)[0]
    return name if name.endswith("intermediate.dense") else None


class _Watched(BertBuilder):
    """Remembers the input of every product behind a norm, and per input channel its largest weight."""

    def __init__(self, files: ModelFiles) -> None:
        super().__init__(files)
        self.inputs: dict[str, Any] = {}
        self.largest_weights: dict[str, np.ndarray] = {}

    def linear(self, x: Any, name: str) -> Any:
        if site := _site(name):
            self.inputs[site] = x
            largest = np.abs(self.tensor(f"{name}.weight")).max(axis=0)
            self.largest_weights[site] = np.maximum(largest, self.largest_weights.get(site, 0))
        return super().linear(x, name)


class _Int8Builder(BertBuilder):
    """Builds every product with a weight in 8-bit integers."""

    def __init__(self, files: ModelFiles, evening: Evening) -> None:
        super().__init__(files)
        self.evening = evening
        widths = (self.shape.width, len(self.tensor("encoder.layer.0.intermediate.dense.weight")))
        fitting = [group for group in GROUPS if not any(width % group for width in widths)]
        if not fitting:
            raise NotABert(f"its widths {widths} are not divided by any of {GROUPS}")
        self.group = fitting[0]

    def linear(self, x: Any, name: str) -> Any:
        scale, bias = self._scale(name), self.tensor(f"{name}.bias")
        return self._product(self._even(x, scale), [self._rounded(f"{name}.weight", scale)], [bias])

    def heads(self, x: Any, name: str) -> tuple[Any, Any, Any]:
        """As BertBuilder's. q, k and v are one product, whose input is rounded once, and q's steps and bias hold 1 / sqrt(d):
        a quarter less to compile, a sixteenth less to compute, as true."""
        op, scale = self.op, self._scale(f"{name}.query")
        query, *others = (self._rounded(f"{name}.{part}.weight", scale) for part in PARTS)
        query_bias, *biases = (self.tensor(f"{name}.{part}.bias") for part in PARTS)
        whole, steps = query
        shrink = np.float32(self.shape.query_scale)
        product = self._product(self._even(x, scale), [(whole, steps * shrink), *others], [query_bias * shrink, *biases])
        query, key, value = op.split(self.by_head(product, 3 * self.shape.heads), self._integer(1), 3).outputs()
        return query, key, value

    def _even(self, x: Any, scale: np.ndarray | None) -> Any:
        return x if scale is None else self.op.multiply(x, self.constant(1 / scale))  # exact: powers of two

    def _rounded(self, name: str, scale: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
        """A weight, evened, as whole numbers (rows, groups, channels of a group) int8, and their steps (rows, groups, 1)."""
        weights = np.asarray(self.tensor(name), dtype=np.float32)
        if scale is not None:
            weights = weights * scale
        rows, channels = weights.shape
        grouped = weights.reshape(rows, channels // self.group, self.group)
        largest = np.maximum(grouped.max(axis=2, keepdims=True), -grouped.min(axis=2, keepdims=True))
        steps = np.maximum(largest, 1e-9) / np.float32(127)
        whole = grouped / steps
        return np.rint(whole, out=whole).astype(np.int8), steps

    def _product(self, x: Any, rounded: Sequence[tuple[np.ndarray, np.ndarray]], biases: Sequence[np.ndarray]) -> Any:
        """x w^T + b, the rows of w and b those of all that are given, one behind the other."""
        op = self.op
        whole, steps = (np.concatenate(some) if len(some) > 1 else some[0] for some in zip(*rounded, strict=True))
        restored = op.multiply(op.convert(self.constant(whole), np.float32), self.constant(steps))
        restored = op.reshape(restored, self._integers([len(whole), -1]), False)
        return op.add(op.matmul(x, restored, False, True), self.constant(np.concatenate(biases)))

    def _scale(self, name: str) -> np.ndarray | None:
        """s per input channel, where the product's input is evened. Raises NotABert when the evening is not of this model."""
        site = _site(name)
        if site is None:
            return None
        channels = self.tensor(f"{name}.weight").shape[1]
        try:
            scale = np.exp2(np.array(self.evening[site], dtype=np.float32))
        except (KeyError, TypeError, ValueError):
            scale = np.zeros(0, dtype=np.float32)
        if scale.shape != (channels,) or not np.isfinite(scale).all():
            raise NotABert(f"its evening of {site} does not fit")
        return scale


if __name__ == "__main__":
    found = find_evening(find_model(Settings()))
    lines = [f"{json.dumps(site)}: {json.dumps(list(exponents))}" for site, exponents in found.items()]
    SHIPPED.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
