"""The engine for a model that is not the shipped one: made once with sentence-transformers' help, proven, kept, and loaded
ever after without torch.

    record.json whole and of this model and this OpenVINO? ──yes──> what is kept ──> Engine
            └─no─> sentence-transformers ── BERT's own builder, else traced ──> Engine ── agrees with it? ──> keep
                                                     └── in 8-bit integers ──> Engine ── agrees with it? ──> keep its evening

What is kept lies in cache/engine-<16 hex of the fingerprint>/: record.json, and where the graph was traced model.xml and
model.bin with their checksums in the record. A file that is cut, foreign or of another version is said to be so and made anew.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from kb.bert import NotABert, bert_graph
from kb.engine import Engine, NotCompilable, Recipe
from kb.errors import EncoderError
from kb.int8 import Evening, find_evening, int8_engine
from kb.reference import SentenceTransformersEncoder
from kb.runtime import openvino
from kb.weights import ModelFiles, sha256_of

log = logging.getLogger(__name__)

FORMAT = 2  # of the record; raise it when kept graphs of an earlier one must not be used
MEAN_COSINE, WORST_COSINE = 0.999, 0.995  # to the reference, on the probes below; the shipped model reaches 0.99998 and 0.9999

# Short and long, a list, figures, other scripts and nothing at all: the texts an engine has to agree on.
PROBES = (
    "",
    "How do I become a data engineer?",
    "nurse",
    "Pay in 2024: 41,000 EUR (Bavaria), £31,000 (Kent); $127,750 on average.",
    "- Apply to a school.\n- Pass the exam.\n- Wait for an answer 😀",
    "Ärztin in Zürich, médecin à Genève, 数据科学家, инженер",
    "A welder joins metal, checks the seam, and starts again with the next piece until the shift is over. " * 5,
)


@dataclass(frozen=True, slots=True)
class _Converted:
    """A model made ready: its graph; its evening when it is as true in 8-bit integers."""

    graph: Any
    evening: Evening | None


def load_converted(files: ModelFiles, cache: Path | None, *, precision: str = "", int8: bool = False) -> Engine:
    """The engine for files, from cache when it is there. Raises EncoderError naming what the engine cannot do.

    int8: in 8-bit integers, if its vectors were then found to be the reference's; else in the processor's own precision.
    """
    home = None if cache is None else cache / f"engine-{hashlib.sha256(files.fingerprint.encode()).hexdigest()[:16]}"
    converted = _kept(home, files) if home is not None else None
    if converted is None:
        Recipe.read(files)  # before torch is imported: raises when the model does something that no engine does
        log.info("preparing %s for this machine, once", files.name)
        converted = _convert(files, home)
    if int8 and converted.evening is not None:
        return int8_engine(files, converted.evening)
    return Engine(files, converted.graph, precision=precision)


def _convert(files: ModelFiles, home: Path | None) -> _Converted:
    reference = SentenceTransformersEncoder(files)
    with TemporaryDirectory(prefix="career-kb-") as folder:
        try:
            graph, evening = bert_graph(files), _evening(files, reference)
        except NotABert:
            graph, evening = _trace(reference.model, Path(folder)), None
        _prove(Engine(files, graph), reference)
        converted = _Converted(graph, evening)
        if home is not None:
            _keep(home, files, Path(folder), converted)
    return converted


def _evening(files: ModelFiles, reference: SentenceTransformersEncoder) -> Evening | None:
    """That of a BERT; None when its vectors in 8-bit integers are not the reference's."""
    try:
        evening = find_evening(files)
        _prove(int8_engine(files, evening), reference)
    except (NotABert, NotCompilable) as error:
        log.info("%s is not run in 8-bit integers: %s", files.name, error)
        return None
    return evening


def _prove(engine: Engine, reference: SentenceTransformersEncoder) -> None:
    """Raises NotCompilable when the engine's vectors of PROBES are not the reference's."""
    cosines = np.sum(engine.encode(PROBES) * reference.encode(PROBES), axis=1)
    if not (cosines.mean() >= MEAN_COSINE and cosines.min() >= WORST_COSINE):
        differ = f"(mean cosine {cosines.mean():.4f}, worst {cosines.min():.4f})"
        raise NotCompilable(f"its vectors differ from sentence-transformers' {differ}")


def _trace(model: Any, folder: Path) -> Any:
    """The openvino.Model of a SentenceTransformer's transformer, by running it once; written to folder and read back.

    Read back, because the graph in memory and the one on disk round differently in bfloat16 (1e-3 in a coordinate), and the
    next start uses the one on disk.
    """
    ov = openvino()
    from torch import nn, ones, ones_like

    class Tokens(nn.Module):
        def __init__(self, inner: Any) -> None:
            super().__init__()
            self.inner = inner

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:
            return self.inner(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state

    ids = ones((2, 16), dtype=int)  # type: ignore[call-overload]
    example = {"input_ids": ids, "attention_mask": ones_like(ids)}
    try:
        graph = ov.convert_model(Tokens(model[0].auto_model).eval(), example_input=example)
    except (RuntimeError, TypeError, ValueError, AttributeError, KeyError, NotImplementedError) as error:
        raise NotCompilable(f"OpenVINO cannot convert it: {str(error).splitlines()[0]}") from error
    ov.save_model(graph, str(folder / "model.xml"), compress_to_fp16=False)
    return _read_graph(folder)


def _read_graph(folder: Path) -> Any:
    core = openvino().Core()
    core.set_property({"ENABLE_MMAP": False})  # a file that is open cannot be replaced everywhere
    return core.read_model(str(folder / "model.xml"))


def _kept(home: Path, files: ModelFiles) -> _Converted | None:
    """What is kept in home; None, having said why, when there is nothing that can be used."""
    path = home / "record.json"
    if not path.is_file():
        return None
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        if (record["format"], record["fingerprint"], record["openvino"]) != (FORMAT, files.fingerprint, openvino().get_version()):
            log.warning("the engine kept in %s is of another model or version: making it anew", home)
            return None
        for name, sha256 in record["files"].items():
            if sha256_of([home / name]) != sha256:
                raise ValueError(f"{name} does not match its checksum")
        return _Converted(_read_graph(home) if record["files"] else bert_graph(files), record["evening"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RuntimeError, EncoderError) as error:
        log.warning("the engine kept in %s is damaged (%s): making it anew", home, error)
        return None


def _keep(home: Path, files: ModelFiles, made: Path, converted: _Converted) -> None:
    """Put the files in made, and last the record of them, into home. Only a warning when it cannot be done."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        sums = {path.name: sha256_of([path]) for path in sorted(made.iterdir())}
        record = {"format": FORMAT, "fingerprint": files.fingerprint, "openvino": openvino().get_version(), "files": sums}
        record["evening"] = converted.evening
        (made / "record.json").write_text(json.dumps(record, indent=1), encoding="utf-8")
        with TemporaryDirectory(dir=home, prefix="new-") as folder:
            for name in (*sums, "record.json"):  # copied beside its place, then renamed: whole or not there
                shutil.copyfile(made / name, Path(folder) / name)
                os.replace(Path(folder) / name, home / name)
    except OSError as error:
        log.warning("the engine cannot be kept in %s (%s): it will be made again at the next start", home, error)
