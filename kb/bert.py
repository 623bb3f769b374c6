"""A BERT as an OpenVINO graph, built from its safetensors file: no torch, no conversion, nothing kept on disk.

    input_ids, attention_mask  (batch, tokens) int64
      └─ word + position + type embedding ─ norm ─┬─ layers x (attention + norm, feed-forward + norm) ─┐
    tokens (batch, tokens, dim) float32 <──────────────────────────────────────────────────────────────┘

The arithmetic is that of Devlin et al. 2018 (arXiv 1810.04805) as transformers' BertModel does it; a test compares both on
models with random weights. BERT proper and the RoBERTa family (which counts positions from the padding id on) are built here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np

from kb.errors import EncoderError
from kb.runtime import openvino
from kb.weights import ModelFiles, read_tensors

_ROBERTA = ("roberta", "xlm-roberta", "camembert")
_GELU = {"gelu": "erf", "gelu_new": "tanh", "gelu_pytorch_tanh": "tanh"}
_WORDS = "embeddings.word_embeddings.weight"
PARTS = ("query", "key", "value")
_MASKED = -30000.0  # added to the score of a padding token: e**-30000 is 0, and bfloat16 holds it


class NotABert(EncoderError):
    """The model is of a kind that is not built here; the message names what differs."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What config.json says of a BERT."""

    layers: int
    heads: int
    width: int
    epsilon: float
    gelu: str
    first_position: int
    max_positions: int

    @property
    def query_scale(self) -> float:
        """1 / sqrt(d) for heads of d channels."""
        return float((self.width // self.heads) ** -0.5)

    @classmethod
    def read(cls, files: ModelFiles) -> Shape:
        """From the model's config.json. Raises NotABert naming the first thing that this module does not build."""
        path = files.weights[0].parent / "config.json"
        try:
            config: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise EncoderError(f"cannot read {path}: {error}. Install the model again") from error
        kind = config.get("model_type")
        if kind != "bert" and kind not in _ROBERTA:
            raise NotABert(f"model_type is {kind!r}")
        if (act := config.get("hidden_act", "gelu")) not in _GELU:
            raise NotABert(f"hidden_act is {act!r}")
        if (how := config.get("position_embedding_type", "absolute")) != "absolute":
            raise NotABert(f"position_embedding_type is {how!r}")
        if config.get("is_decoder") or config.get("add_cross_attention"):
            raise NotABert("it is a decoder")
        first = int(config.get("pad_token_id", 1)) + 1 if kind in _ROBERTA else 0
        try:
            return cls(
                layers=int(config["num_hidden_layers"]),
                heads=int(config["num_attention_heads"]),
                width=int(config["hidden_size"]),
                epsilon=float(config.get("layer_norm_eps", 1e-12)),
                gelu=_GELU[act],
                first_position=first,
                max_positions=int(config["max_position_embeddings"]) - first,
            )
        except (KeyError, TypeError, ValueError) as error:
            raise NotABert(f"config.json gives no usable {error}") from error


def bert_graph(files: ModelFiles) -> Any:
    """The openvino.Model of files. Raises NotABert when its kind, or a tensor of it, is not one that is built here."""
    return BertBuilder(files).model()


class BertBuilder:
    """One graph under construction; every method adds the nodes of one formula."""

    def __init__(self, files: ModelFiles) -> None:
        self.shape = Shape.read(files)
        self.tensors: Mapping[str, np.ndarray] = read_tensors(files.weights)
        prefix = next((name.removesuffix(_WORDS) for name in self.tensors if name.endswith(_WORDS)), None)
        if prefix is None:
            raise NotABert(f"no {_WORDS} among its tensors")
        self.prefix = prefix
        self.ov: ModuleType = openvino()
        self.op: Any = self.ov.opset13
        self._known: dict[tuple[str, tuple[int, ...], bytes], Any] = {}

    def model(self) -> Any:
        op = self.op
        ids = op.parameter([-1, -1], np.int64, name="input_ids")
        mask = op.parameter([-1, -1], np.int64, name="attention_mask")
        present = op.convert(mask, np.float32)
        bias = op.multiply(op.subtract(present, self.number(1.0)), self.number(-_MASKED))  # 0 or _MASKED
        bias = op.unsqueeze(bias, self._integers([1, 2]))  # (batch, 1 head, 1 query, tokens)
        x = self._embed(ids)
        for layer in range(self.shape.layers):
            x = self._layer(x, bias, f"encoder.layer.{layer}")
        for port, name in ((ids, "input_ids"), (mask, "attention_mask")):
            port.output(0).set_names({name})
        x.output(0).set_names({"tokens"})
        return self.ov.Model([x], [ids, mask], "bert")

    def _embed(self, ids: Any) -> Any:
        """Word, position and type embedding of each token, normalized. Every token is of type 0: there is one text."""
        op, first = self.op, self.shape.first_position
        words = op.gather(self.weight(_WORDS), ids, self._integer(0))
        table = self.tensor("embeddings.position_embeddings.weight") + self.tensor("embeddings.token_type_embeddings.weight")[0]
        count = op.gather(op.shape_of(ids, "i64"), self._integers([1]), self._integer(0))
        positions = op.slice(self.constant(table[first:]), self._integers([0]), count, self._integers([1]), self._integers([0]))
        return self._norm(op.add(words, positions), "embeddings.LayerNorm")

    def _layer(self, x: Any, bias: Any, name: str) -> Any:
        """x -> norm(x + attention(x)) -> norm(. + feed_forward(.)): a post-norm transformer layer."""
        op = self.op
        attended = self.linear(self._attention(x, bias, f"{name}.attention.self"), f"{name}.attention.output.dense")
        x = self._norm(op.add(x, attended), f"{name}.attention.output.LayerNorm")
        return self._norm(op.add(x, self._feed_forward(x, name)), f"{name}.output.LayerNorm")

    def _feed_forward(self, x: Any, name: str) -> Any:
        """gelu(x w1^T + b1) w2^T + b2."""
        inner = self.op.gelu(self.linear(x, f"{name}.intermediate.dense"), self.shape.gelu)
        return self.linear(inner, f"{name}.output.dense")

    def _attention(self, x: Any, bias: Any, name: str) -> Any:
        """softmax(q k^T / sqrt(d) + bias) v for each head (Vaswani et al. 2017, formula 1)."""
        op = self.op
        query, key, value = self.heads(x, name)
        chances = op.softmax(op.add(op.matmul(query, key, False, True), bias), -1)
        mixed = op.transpose(op.matmul(chances, value, False, False), self._integers([0, 2, 1, 3]))
        return op.reshape(mixed, self._integers([0, 0, self.shape.width]), True)

    def heads(self, x: Any, name: str) -> tuple[Any, Any, Any]:
        """q / sqrt(d), k and v, each (batch, heads, tokens, d)."""
        query, key, value = (self.by_head(self.linear(x, f"{name}.{part}"), self.shape.heads) for part in PARTS)
        return self.op.multiply(query, self.number(self.shape.query_scale)), key, value

    def by_head(self, x: Any, heads: int) -> Any:
        """(batch, tokens, heads * d) -> (batch, heads, tokens, d)."""
        parts = self._integers([0, 0, heads, self.shape.width // self.shape.heads])
        return self.op.transpose(self.op.reshape(x, parts, True), self._integers([0, 2, 1, 3]))

    def linear(self, x: Any, name: str) -> Any:
        """x w^T + b."""
        return self.op.add(self.op.matmul(x, self.weight(f"{name}.weight"), False, True), self.weight(f"{name}.bias"))

    def _norm(self, x: Any, name: str) -> Any:
        """Mean 0 and variance 1 over the width, then scaled and shifted (Ba et al. 2016)."""
        op = self.op
        even = op.mvn(x, self._integers([-1]), True, self.shape.epsilon, "inside_sqrt")
        return op.add(op.multiply(even, self.weight(f"{name}.weight")), self.weight(f"{name}.bias"))

    def weight(self, name: str) -> Any:
        return self.constant(self.tensor(name))

    def tensor(self, name: str) -> np.ndarray:
        try:
            return self.tensors[self.prefix + name]
        except KeyError:
            raise NotABert(f"no {name} among its tensors") from None

    def constant(self, array: np.ndarray) -> Any:
        return self.op.constant(np.ascontiguousarray(array), shared_memory=True)  # shared: the file's own pages, not a copy

    def number(self, value: float) -> Any:
        return self._once(np.array(value, dtype=np.float32))

    def _integer(self, value: int) -> Any:
        return self._once(np.array(value, dtype=np.int64))

    def _integers(self, values: list[int]) -> Any:
        return self._once(np.array(values, dtype=np.int64))

    def _once(self, array: np.ndarray) -> Any:
        """A small constant, one node for all who take it: building and compiling take time for every node."""
        key = array.dtype.str, array.shape, array.tobytes()
        if key not in self._known:
            self._known[key] = self.op.constant(array)
        return self._known[key]
