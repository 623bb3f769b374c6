"""The compiled encoder: the tokenizers library, an OpenVINO graph, pooling in numpy. Neither torch nor transformers.

    texts ── tokens ── batches of equal padded length ── graph ── mean of the tokens ── unit vectors

The graph is compiled in two ways, each when it is first needed: for a few texts, which one thread encodes, and for many, of which
two batches run side by side. A text is padded to the next multiple of 8 tokens and shares a batch only with texts of
that same length, so its vector is the same bit for bit whatever it is encoded with (measured: batches of 1, 4 and 16, one thread
or two; padding it further moves the vector by 1e-5 in cosine). What precision the processor computes in is its own: bfloat16
where it has it, else float32.
"""

from __future__ import annotations

import json
import logging
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any

import numpy as np

from kb.errors import EncoderError
from kb.runtime import openvino
from kb.weights import ModelFiles, release_pages

if TYPE_CHECKING:
    from kb.static_vectors import StaticVectors

log = logging.getLogger(__name__)

USUAL_TOKENS = 16  # of three in four questions of tests/quality, padding included
PAD_TO = 8  # tokens. 8 wastes 2 % on passages of 190 tokens, 16 wastes 4 %; each of the 32 lengths costs about 5 ms once
BATCH_TOKENS = 1024  # tokens a batch aims at: on 2 cores 512 to 2,048 are equal, 6,144 is 7 % slower (benchmarks/encoding.py)
BATCH_TEXTS = 64
STREAMS = 2  # batches side by side, of half the threads each; two of one thread beat one of two by a fifth in bulk
WAITING = 2  # batches that wait behind those, so that no thread idles while a finished one is read
FEW_TOKENS = BATCH_TOKENS  # up to so many, padding included, texts are few
# In bfloat16 a question takes 3.0 ms on one thread and 2.1 on two when nothing else runs; but when other programs keep both
# cores busy, one thread waits for the other, and an answer takes 100 ms instead of 70. (As one of STREAMS it takes 3.6.)
FEW_THREADS = 1
MOST_CHARS_A_TOKEN = 64  # a longer text is cut to this many times the window before it is tokenized; English takes 4 to 5

Span = tuple[int, int]
Pool = Callable[[np.ndarray], np.ndarray]
Vectors = Callable[[], np.ndarray]  # that waits for vectors which are being made; called again it gives the same

_POOLS: dict[str, Pool] = {
    "mean": lambda tokens: tokens.mean(axis=0),
    "mean_sqrt_len_tokens": lambda tokens: tokens.mean(axis=0),  # the mean but for its length, and that is made 1
    "cls": lambda tokens: tokens[0].copy(),
    "max": lambda tokens: tokens.max(axis=0),
}
_OLD_POOLING = {
    "pooling_mode_cls_token": "cls",
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_max_tokens": "max",
    "pooling_mode_mean_sqrt_len_tokens": "mean_sqrt_len_tokens",
    "pooling_mode_weightedmean_tokens": "weightedmean",
    "pooling_mode_lasttoken": "lasttoken",
}


class NotCompilable(EncoderError):
    """The model does something besides tokens -> transformer -> pooling that the engine does not do; the message names it."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a sentence-transformers folder says is done around the transformer."""

    pooling: str
    max_tokens: int
    tokenizer: Path

    @classmethod
    def read(cls, files: ModelFiles) -> Recipe:
        """Raises NotCompilable naming the first step that the engine does not do."""
        folder = files.folder
        modules = _json(folder / "modules.json", [])
        kinds = [str(module.get("type", "")).rsplit(".", 1)[-1] for module in modules]
        if modules and (kinds[:2] != ["Transformer", "Pooling"] or kinds[2:] not in ([], ["Normalize"])):
            raise NotCompilable(f"its modules are {', '.join(kinds)}")
        home = folder / str(modules[0].get("path", "")) if modules else folder
        pooling = _pooling(_json(folder / str(modules[1].get("path", "")) / "config.json", {})) if modules else "mean"
        extras = _json(folder / "config_sentence_transformers.json", {})
        if extras.get("default_prompt_name"):
            raise NotCompilable(f"it puts a prompt before texts ({extras['default_prompt_name']!r})")
        around = _json(home / "sentence_bert_config.json", {})
        if around.get("do_lower_case"):
            raise NotCompilable("it lower-cases texts outside its tokenizer")
        tokenizer = home / "tokenizer.json"
        if not tokenizer.is_file():
            raise NotCompilable("it has no tokenizer.json")
        return cls(pooling, _window(home, around), tokenizer)


def _pooling(config: dict[str, Any]) -> str:
    asked = config.get("pooling_mode") or [name for old, name in _OLD_POOLING.items() if config.get(old)] or ["mean"]
    modes = [asked] if isinstance(asked, str) else list(asked)
    if len(modes) != 1 or modes[0] not in _POOLS:
        raise NotCompilable(f"its pooling is {'+'.join(map(str, modes))}")
    return str(modes[0])


def _window(home: Path, around: dict[str, Any]) -> int:
    """Tokens the model takes, marks included: what it says itself, within what its position table allows."""
    config = _json(home / "config.json", {})
    most = int(config.get("max_position_embeddings", 512))
    if config.get("model_type") in ("roberta", "xlm-roberta", "camembert", "mpnet"):
        most -= int(config.get("pad_token_id", 1)) + 1  # their positions start behind the padding id
    said = around.get("max_seq_length") or _json(home / "tokenizer_config.json", {}).get("model_max_length") or most
    return min(int(said), most)


def _json(path: Path, default: Any) -> Any:
    if not path.is_file():
        return default
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise EncoderError(f"cannot read {path}: {error}. Install the model again") from error


class Engine:
    """An Encoder that runs a graph with inputs input_ids and attention_mask and the output tokens (batch, tokens, dim).

    Any number of threads may call it at once. precision: "" for the processor's own choice, "f32", "bf16" or "f16". group: how
    many channels of a product's input are rounded with one step, where the graph's weights are 8-bit integers.
    """

    def __init__(self, files: ModelFiles, graph: Any, *, precision: str = "", group: int = 0) -> None:
        recipe = Recipe.read(files)
        self.fingerprint = files.fingerprint
        self._files = files
        self.max_tokens = recipe.max_tokens
        self._pool = _POOLS[recipe.pooling]
        self._recipe = recipe
        self.dim = int(graph.output(0).partial_shape[2].get_length())
        hint: dict[str, Any] = {"INFERENCE_PRECISION_HINT": precision} if precision else {}
        if group:
            hint["DYNAMIC_QUANTIZATION_GROUP_SIZE"] = group
        few = {"NUM_STREAMS": 1, "PERFORMANCE_HINT": "LATENCY", "INFERENCE_NUM_THREADS": FEW_THREADS}
        self._group = group
        self._few = _Compiled(files.name, graph, few | hint, at_once=1)
        many = {"NUM_STREAMS": STREAMS, "PERFORMANCE_HINT": "THROUGHPUT"}
        self._many = _Compiled(files.name, graph, many | hint, at_once=STREAMS + WAITING)

    def begin_ready(self, *, for_many: bool = False) -> Thread:
        """get_ready(), begun: the thread compiles and, for a few texts, encodes one of the usual length, so that the first
        question does not wait for what only that sets up. What fails there is said by get_ready()."""
        compiled, trial = (self._many, []) if for_many else (self._few, [0] * USUAL_TOKENS)
        thread = Thread(target=compiled.try_out, args=(trial,), name="career-kb-compile")
        thread.start()
        if self.static.version:
            self.static.get_ready()
        return thread

    @cached_property
    def _tokenizer(self) -> Any:
        return load_tokenizer(self._recipe.tokenizer)

    def get_ready(self, *, for_many: bool = False) -> None:
        """Compile now what a few texts take, or many; else the first call does. Raises EncoderError when it cannot be."""
        _ = self._tokenizer, (self._many if for_many else self._few).model

    @cached_property
    def static(self) -> StaticVectors:
        """What the model's word vectors alone make of a text."""
        from kb.static_vectors import StaticVectors

        return StaticVectors(self._files, self._tokenizer)

    @property
    def precision(self) -> str:
        """What the processor computes in: "f32", "bf16" or "f16"; "int8" where products are in 8-bit integers."""
        if self._group:
            return "int8"
        return str(self._few.model.get_property("INFERENCE_PRECISION_HINT").to_string())

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """(n, dim) float32 unit rows. A text longer than max_tokens counts by its beginning, and that is logged."""
        return self.begin(texts)()

    def begin(self, texts: Sequence[str]) -> Vectors:
        """encode(texts), begun: the engine computes while the caller does something else, until it asks for the vectors."""
        once = {text: place for place, text in enumerate(dict.fromkeys(texts))}
        vectors = self._begin(list(once))
        if len(once) == len(texts):
            return vectors
        return lambda: vectors()[[once[text] for text in texts]]  # often a question is also all that is asked about its names

    def _begin(self, texts: Sequence[str], compiled: _Compiled | None = None) -> Vectors:
        running = self._token_vectors([encoding.ids for encoding in self._tokens(texts)], compiled)

        @cache
        def vectors() -> np.ndarray:
            found = np.zeros((len(texts), self.dim), dtype=np.float32)
            for index, tokens in running:
                found[index] = _unit(self._pool(tokens))
            return found

        return vectors

    def _tokens(self, texts: Sequence[str]) -> list[Any]:
        """The tokens of each text. A single one is read here: for several, threads of the tokenizer's own are woken."""
        within = self._within_reach(texts)
        return [self._tokenizer.encode(within[0])] if len(within) == 1 else self._tokenizer.encode_batch_fast(within)

    def encode_spans(self, texts: Sequence[str], spans: Sequence[Sequence[Span]]) -> tuple[np.ndarray, list[np.ndarray]]:
        """encode(texts), and from the same pass a unit vector for each span (start, end) of each text, by characters.

        A span's vector is pooled from the tokens that start inside it, so it knows the text around it. A span that holds no
        token (blank, or beyond the window) is encoded apart. Returns (n, dim) and for each text (len(its spans), dim).
        """
        encodings = self._tokenizer.encode_batch(self._within_reach(texts))
        vectors = np.zeros((len(texts), self.dim), dtype=np.float32)
        units: list[np.ndarray] = [np.zeros((0, self.dim), dtype=np.float32)] * len(texts)
        apart: list[tuple[int, int]] = []
        for index, tokens in self._token_vectors([encoding.ids for encoding in encodings], self._many):
            vectors[index] = _unit(self._pool(tokens))
            starts = np.array([start if end > start else -1 for start, end in encodings[index].offsets[: len(tokens)]])
            bounds = np.array(spans[index], dtype=np.int64).reshape(-1, 2, 1)
            inside = (starts >= bounds[:, 0]) & (starts < bounds[:, 1])  # (spans, tokens)
            units[index] = _unit(inside.astype(np.float32) @ tokens)
            apart += [(index, number) for number in np.flatnonzero(~inside.any(axis=1)).tolist()]
        alone = self._begin([texts[index][slice(*spans[index][number])] for index, number in apart], self._many)()
        for (index, number), vector in zip(apart, alone, strict=True):
            units[index][number] = vector
        return vectors, units

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, marks included, nothing cut off."""
        return token_counts(self._tokenizer, texts)

    def _within_reach(self, texts: Sequence[str]) -> list[str]:
        """texts that the tokenizer takes, so short that a text of 10 MB costs no more than one that fills the window."""
        most = self.max_tokens * MOST_CHARS_A_TOKEN
        return [clean(text[:most]) for text in texts]

    def _token_vectors(self, ids: Sequence[Sequence[int]], compiled: _Compiled | None = None) -> Iterator[tuple[int, np.ndarray]]:
        """(index, (tokens, dim) float32) of every row of ids, longest first, begun; the array is good until the next step."""
        cut_warning(log, sum(len(row) > self.max_tokens for row in ids), len(ids), self.max_tokens)
        rows = [row if len(row) <= self.max_tokens else [*row[: self.max_tokens - 1], row[-1]] for row in ids]
        plan = batches([len(row) for row in rows], self.max_tokens)
        if compiled is None:
            compiled = self._few if sum(len(each.indices) * each.padded for each in plan) <= FEW_TOKENS else self._many
        outputs = compiled.run(plan, rows)
        return (
            (index, output[place, : len(rows[index])]) for batch, output in outputs for place, index in enumerate(batch.indices)
        )


class _Compiled:
    """A graph compiled in one way, when it is first used. at_once: how many batches it is handed before it is asked for one."""

    def __init__(self, name: str, graph: Any, config: dict[str, Any], *, at_once: int) -> None:
        self._name, self._graph, self._config, self._at_once = name, graph, config, at_once
        self._lock = Lock()
        self._model: Any = None
        self._settled = False

    @property
    def model(self) -> Any:
        with self._lock:
            if self._model is None:
                try:
                    self._model = openvino().Core().compile_model(self._graph, "CPU", self._config)
                except RuntimeError as error:
                    raise EncoderError(f"OpenVINO cannot compile {self._name} for this processor: {error}") from error
            return self._model

    def try_out(self, tokens: Sequence[int]) -> None:
        """Compile it and encode tokens, if there are any; what fails is left to whoever asks for the model."""
        with suppress(EncoderError, RuntimeError):
            plan = [Batch((0,), len(tokens))] if tokens else []
            _ = self.model, list(self.run(plan, [tokens]))

    def run(self, plan: Sequence[Batch], rows: Sequence[Sequence[int]]) -> Iterator[tuple[Batch, np.ndarray]]:
        """Each batch with its output (texts, tokens, dim), in the order of plan; the array is good until the next step.

        The first batches are under way when this returns.
        """
        requests = [self.model.create_infer_request() for _ in range(min(self._at_once, len(plan)))]
        for request, batch in zip(requests, plan, strict=False):
            _start(request, batch, rows)
        return self._outputs(requests, plan, rows)

    def _outputs(
        self, requests: Sequence[Any], plan: Sequence[Batch], rows: Sequence[Sequence[int]]
    ) -> Iterator[tuple[Batch, np.ndarray]]:
        for step, batch in enumerate(plan):
            request = requests[step % len(requests)]
            request.wait()
            yield batch, request.get_output_tensor(0).data
            if step + len(requests) < len(plan):
                _start(request, plan[step + len(requests)], rows)
        if plan and not self._settled:  # the first batch made the processor's own copies of the weights
            self._settled = True
            release_pages()


def load_tokenizer(path: Path) -> Any:
    """The tokenizer of a tokenizer.json, with neither truncation nor padding: the shipped file asks for both, at 128 tokens."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def token_counts(tokenizer: Any, texts: Sequence[str]) -> list[int]:
    """Tokens of each text, marks included, nothing cut off."""
    return [len(encoding.ids) for encoding in tokenizer.encode_batch_fast([clean(text) for text in texts])]


@dataclass(frozen=True, slots=True)
class Batch:
    """Texts that run together: their indices and the one length they are padded to."""

    indices: tuple[int, ...]
    padded: int


def batches(lengths: Sequence[int], most: int) -> list[Batch]:
    """Every index once, in batches of one padded length, longest first so that the last batch is a short one.

    >>> batches([3, 30, 5], 256)
    [Batch(indices=(1,), padded=32), Batch(indices=(0, 2), padded=8)]
    """
    by_length: defaultdict[int, list[int]] = defaultdict(list)
    for index, length in enumerate(lengths):
        by_length[min(-(-length // PAD_TO) * PAD_TO, max(most, length))].append(index)
    plan: list[Batch] = []
    for padded in sorted(by_length, reverse=True):
        size = min(BATCH_TEXTS, max(1, BATCH_TOKENS // padded))
        same = by_length[padded]
        plan += [Batch(tuple(same[start : start + size]), padded) for start in range(0, len(same), size)]
    return plan


def _start(request: Any, batch: Batch, rows: Sequence[Sequence[int]]) -> None:
    """Let a request compute a batch: input_ids and attention_mask, (texts, padded) int64, padded with 0."""
    ids = np.zeros((len(batch.indices), batch.padded), dtype=np.int64)
    mask = np.zeros_like(ids)
    for place, index in enumerate(batch.indices):
        ids[place, : len(rows[index])] = rows[index]
        mask[place, : len(rows[index])] = 1
    tensor = openvino().Tensor  # handed over as one, a tenth of a millisecond is saved that openvino takes to look at arrays
    request.set_input_tensor(0, tensor(ids))
    request.set_input_tensor(1, tensor(mask))
    request.start_async()


def cut_warning(log: logging.Logger, too_long: int, of: int, max_tokens: int) -> None:
    """Says so when texts are longer than the model's window: what is beyond it is not in their vectors."""
    if too_long:
        log.warning("%d of %d texts are longer than the %d tokens the model reads: they count by their beginning",
                    too_long, of, max_tokens)  # fmt: skip


def _unit(vectors: np.ndarray) -> np.ndarray:
    """Each row of (..., dim) at length 1; one of zeros stays."""
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-30))


def clean(text: str) -> str:
    """text with lone surrogates, which no tokenizer takes, replaced one for one (so offsets stay) by U+FFFD."""
    try:
        text.encode("utf-8")
        return text
    except UnicodeEncodeError:
        return "".join("\ufffd" if "\ud800" <= char <= "\udfff" else char for char in text)
