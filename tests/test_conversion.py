"""Engines of other models: built or traced once, proven against sentence-transformers, kept, and never trusted when damaged."""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kb import conversion
from kb.bert import NotABert, bert_graph
from kb.conversion import PROBES, load_converted
from kb.encoder import load_encoder
from kb.engine import Engine, NotCompilable
from kb.reference import SentenceTransformersEncoder
from kb.settings import Settings
from kb.weights import ModelFiles, find_model

SMALL = {
    "vocab_size": 30522,
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 64,
    "max_position_embeddings": 300,
    "initializer_range": 0.4,  # far from the usual 0.02, so that texts differ and a wrong layer shows
    "pad_token_id": 0,
}
QUIET = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
KINDS = {
    "bert": {**SMALL, **QUIET, "model_type": "bert"},
    "wide bert": {**SMALL, **QUIET, "model_type": "bert", "hidden_size": 128, "intermediate_size": 256},
    "bert with tanh gelu": {**SMALL, **QUIET, "model_type": "bert", "hidden_act": "gelu_new"},
    "xlm-roberta": {**SMALL, **QUIET, "model_type": "xlm-roberta", "max_position_embeddings": 301},
    "mpnet": {**SMALL, **QUIET, "model_type": "mpnet", "max_position_embeddings": 301},
}
TRACED = {"mpnet"}

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore:Converting a tensor")


@pytest.fixture(scope="session")
def make(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., ModelFiles]:
    """A sentence-transformers folder with random weights of the kind asked for."""

    def made(kind: str, pooling: str = "mean") -> ModelFiles:
        import torch
        from transformers import AutoConfig, AutoModel

        folder = tmp_path_factory.mktemp("models") / kind.replace(" ", "-")
        shipped = find_model(Settings()).folder
        shutil.copytree(shipped, folder, ignore=shutil.ignore_patterns("*.safetensors", "config.json"))
        torch.manual_seed(3)
        AutoModel.from_config(AutoConfig.for_model(**KINDS[kind])).save_pretrained(folder)
        (folder / "1_Pooling" / "config.json").write_text(json.dumps({"word_embedding_dimension": 32, "pooling_mode": pooling}))
        plain = {"tokenizer_class": "PreTrainedTokenizerFast", "pad_token": "[PAD]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
        (folder / "tokenizer_config.json").write_text(json.dumps({**plain, "model_max_length": 512}))
        return find_model(Settings(model=str(folder)))

    return made


@pytest.fixture(scope="session")
def mpnet(make: Callable[..., ModelFiles]) -> ModelFiles:
    return make("mpnet")


@pytest.fixture(scope="module")
def made(mpnet: ModelFiles, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, np.ndarray]:
    """A cache in which mpnet's engine is kept, for tests to copy, and its vectors of PROBES as it was made."""
    cache = tmp_path_factory.mktemp("kept") / "cache"
    return cache, load_converted(mpnet, cache).encode(PROBES)


@pytest.fixture
def kept(made: tuple[Path, np.ndarray], tmp_path: Path) -> Path:
    """A cache of one's own in which mpnet's engine is kept."""
    return shutil.copytree(made[0], tmp_path / "cache")


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_model_agrees_with_sentence_transformers(
    kind: str, make: Callable[..., ModelFiles], tmp_path: Path
) -> None:
    files = make(kind)
    texts = [*PROBES, "one two three", "word " * 200]
    expected = SentenceTransformersEncoder(files).encode(texts)
    assert expected[1] @ expected[3] < 0.98  # the texts do differ
    for _ in ("made", "kept"):
        np.testing.assert_allclose(load_converted(files, tmp_path, precision="f32").encode(texts), expected, atol=5e-5)
    (home,) = tmp_path.iterdir()
    kept = sorted(path.name for path in home.iterdir())
    assert kept == (["model.bin", "model.xml", "record.json"] if kind in TRACED else ["record.json"])


@pytest.mark.parametrize("pooling", ["cls", "max", "mean_sqrt_len_tokens"])
def test_every_pooling_agrees_with_sentence_transformers(pooling: str, make: Callable[..., ModelFiles]) -> None:
    files = make("bert", pooling)
    engine = Engine(files, bert_graph(files), precision="f32")
    np.testing.assert_allclose(engine.encode(PROBES), SentenceTransformersEncoder(files).encode(PROBES), atol=5e-5)


def test_an_engine_that_is_kept_needs_no_sentence_transformers(
    mpnet: ModelFiles, made: tuple[Path, np.ndarray], kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversion, "SentenceTransformersEncoder", lambda *_: pytest.fail("was loaded again"))
    assert np.array_equal(load_converted(mpnet, kept).encode(PROBES), made[1])


def _cut(home: Path) -> None:
    path = home / "model.bin"
    path.write_bytes(path.read_bytes()[:1000])


def _garble(home: Path) -> None:
    path = home / "model.xml"
    path.write_text(path.read_text().replace("MatMul", "Multiply", 1))


def _lose(home: Path) -> None:
    (home / "model.bin").unlink()


def _no_record(home: Path) -> None:
    (home / "record.json").write_text("{")


def _edit(**changes: Any) -> Callable[[Path], None]:
    def edit(home: Path) -> None:
        record = json.loads((home / "record.json").read_text())
        (home / "record.json").write_text(json.dumps(record | changes))

    return edit


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (_cut, "model.bin does not match its checksum"),
        (_garble, "model.xml does not match its checksum"),
        (_lose, "is damaged"),
        (_no_record, "is damaged"),
        (_edit(files=["model.xml"]), "is damaged"),
        (_edit(openvino="2019.1"), "of another model or version"),
        (_edit(fingerprint="another"), "of another model or version"),
        (_edit(format=1), "of another model or version"),
    ],
)
def test_an_engine_file_that_cannot_be_trusted_is_made_anew(
    damage: Callable[[Path], None],
    said: str,
    mpnet: ModelFiles,
    made: tuple[Path, np.ndarray],
    kept: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    (home,) = kept.iterdir()
    damage(home)
    assert np.array_equal(load_converted(mpnet, kept).encode(PROBES), made[1])
    assert said in caplog.text and "making it anew" in caplog.text
    caplog.clear()
    load_converted(mpnet, kept)
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


def test_a_bert_is_run_in_eight_bit_integers_where_it_is_as_true_so(
    make: Callable[..., ModelFiles], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wide = make("wide bert")
    first = load_converted(wide, tmp_path, int8=True)
    cosines = np.sum(first.encode(PROBES) * SentenceTransformersEncoder(wide).encode(PROBES), axis=1)
    assert first.precision == "int8" and cosines.min() >= conversion.WORST_COSINE
    assert load_converted(wide, tmp_path).precision != "int8"
    monkeypatch.setattr(conversion, "SentenceTransformersEncoder", lambda *_: pytest.fail("was loaded again"))
    assert np.array_equal(load_converted(wide, tmp_path, int8=True).encode(PROBES), first.encode(PROBES))


@pytest.mark.parametrize(("kind", "why"), [("bert", "its widths (32, 64) are not divided"), ("wide bert", "its vectors differ")])
def test_a_bert_that_is_not_as_true_in_eight_bit_integers_is_run_in_the_processors_precision(
    kind: str,
    why: str,
    make: Callable[..., ModelFiles],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    if kind == "wide bert":
        crooked = {site: [-6 * (number % 2) for number in range(128)] for site in conversion.find_evening(make(kind))}
        monkeypatch.setattr(conversion, "find_evening", lambda files: crooked)
    assert load_converted(make(kind), tmp_path, int8=True).precision != "int8"
    assert f"is not run in 8-bit integers: {why}" in caplog.text


def test_a_cache_that_cannot_be_written_costs_a_warning_only(
    mpnet: ModelFiles, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("in the way")
    load_converted(mpnet, tmp_path / "file").encode(PROBES)
    assert "cannot be kept in" in caplog.text


def test_an_engine_that_does_not_agree_is_refused_and_sentence_transformers_takes_over(
    mpnet: ModelFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    other = conversion._trace

    def wrong(model: Any, folder: Path) -> Any:
        model[0].auto_model.embeddings.LayerNorm.weight.data *= -1
        graph = other(model, folder)
        model[0].auto_model.embeddings.LayerNorm.weight.data *= -1
        return graph

    monkeypatch.setattr(conversion, "_trace", wrong)
    with pytest.raises(NotCompilable, match=r"vectors differ from sentence-transformers' \(mean cosine"):
        load_converted(mpnet, tmp_path)
    assert list(tmp_path.iterdir()) == []
    encoder = load_encoder(Settings(model=str(mpnet.folder)), tmp_path)
    assert isinstance(encoder, SentenceTransformersEncoder)
    assert "sentence-transformers runs it, several times slower" in caplog.text


def test_a_model_that_is_no_bert_is_named(mpnet: ModelFiles) -> None:
    with pytest.raises(NotABert, match="model_type is 'mpnet'"):
        bert_graph(mpnet)
