"""The compiled engine: agrees with sentence-transformers, gives a text one vector, needs no torch, tells nobody."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.bert import NotABert, bert_graph
from kb.encoder import load_encoder
from kb.engine import BATCH_TEXTS, BATCH_TOKENS, PAD_TO, Engine, NotCompilable, Recipe, batches, clean
from kb.errors import EncoderError
from kb.int8 import _Int8Builder, find_evening, int8_engine, shipped_evening
from kb.reference import SentenceTransformersEncoder
from kb.settings import SHIPPED_ARTICLES, Settings
from kb.weights import ModelFiles, find_model, read_tensors

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def files() -> ModelFiles:
    return find_model(Settings())


@pytest.fixture(scope="module", params=["own precision", "8-bit integers"])
def engine(files: ModelFiles, request: pytest.FixtureRequest) -> Engine:
    return int8_engine(files, shipped_evening()) if request.param == "8-bit integers" else Engine(files, bert_graph(files))


@pytest.fixture(scope="module")
def reference(files: ModelFiles) -> SentenceTransformersEncoder:
    return SentenceTransformersEncoder(files)


@pytest.fixture(scope="module")
def texts() -> list[str]:
    """Passages of the shipped articles, from one word to more than the model's window, and the odd cases."""
    words = " ".join(path.read_text(encoding="utf-8") for path in sorted(SHIPPED_ARTICLES.rglob("*.md"))[:8]).split()
    sizes = [1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 110, 130, 144, 233, 400]
    starts = np.cumsum([0, *sizes * 2])
    passages = [" ".join(words[a:b]) for a, b in zip(starts, starts[1:], strict=False) if words[a:b]]
    assert len(passages) == 30
    return [*passages, "", " \n\t ", "😀 👩‍🔬", "数据科学家的工资", "a" * 300, "Ärztin, née café", "\x00\u200b", "pay \ud800"]


@pytest.fixture(scope="module")
def expected(reference: SentenceTransformersEncoder, texts: list[str]) -> np.ndarray:
    return reference.encode(texts)


def test_vectors_agree_with_sentence_transformers(engine: Engine, texts: list[str], expected: np.ndarray) -> None:
    cosines = np.sum(engine.encode(texts) * expected, axis=1)
    assert cosines.mean() >= 0.999
    assert cosines.min() >= 0.995


def test_vectors_agree_with_sentence_transformers_where_the_processor_has_no_bfloat16(
    files: ModelFiles, texts: list[str], expected: np.ndarray
) -> None:
    plain = Engine(files, bert_graph(files), precision="f32")
    assert plain.precision == "f32"
    np.testing.assert_allclose(plain.encode(texts), expected, atol=2e-5)


@pytest.mark.parametrize("fast", [True, False])
def test_products_are_in_eight_bit_integers_where_that_is_fast(fast: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kb.int8.is_fast_here", lambda: fast)
    own, rounded, plain = (load_encoder(Settings(precision=precision)) for precision in ("", "int8", "f32"))
    assert isinstance(own, Engine) and isinstance(rounded, Engine) and isinstance(plain, Engine)
    assert (own.precision == "int8", rounded.precision, plain.precision) == (fast, "int8", "f32")
    assert own.fingerprint == rounded.fingerprint == plain.fingerprint  # close enough to be compared with each other


def test_the_kept_evening_is_the_one_that_the_shipped_model_gives(files: ModelFiles) -> None:
    kept, found = shipped_evening(), find_evening(files)
    assert list(kept) == list(found)
    differ = np.abs(np.concatenate([np.subtract(kept[site], found[site]) for site in kept]))
    assert differ.max() <= 1 and differ.mean() < 0.01  # a processor that rounds otherwise may tip what lies on an edge


@pytest.mark.parametrize("wrong", [{}, {"encoder.layer.0.attention.self": [0, 0]}, {"encoder.layer.0.attention.self": "x"}])
def test_an_evening_of_another_model_is_named(wrong: dict[str, Any], files: ModelFiles) -> None:
    with pytest.raises(NotABert, match=r"its evening of encoder.layer.0.attention.self does not fit"):
        int8_engine(files, wrong)


def test_tokens_are_those_of_sentence_transformers(
    engine: Engine, reference: SentenceTransformersEncoder, texts: list[str]
) -> None:
    assert engine.count_tokens(texts) == reference.count_tokens(texts)
    assert engine.max_tokens == reference.max_tokens == 256


def test_a_text_gets_the_same_vector_bit_for_bit_alone_and_in_any_company(engine: Engine, texts: list[str]) -> None:
    together = engine.encode(texts)
    assert np.array_equal(together, np.concatenate([engine.encode([text]) for text in texts]))
    shuffled = np.random.default_rng(7).permutation(len(texts))
    assert np.array_equal(together[shuffled], engine.encode([texts[index] for index in shuffled]))


def test_a_text_gets_the_same_vector_bit_for_bit_among_few_and_among_many(
    engine: Engine, files: ModelFiles, texts: list[str]
) -> None:
    for each in (engine, Engine(files, bert_graph(files), precision="f32")):
        few = each.encode(texts)
        many, _ = each.encode_spans(texts, [[] for _ in texts])  # what indexes goes the way of many
        assert np.array_equal(few, many)


def test_the_weights_are_mapped_once_for_all_who_read_them(files: ModelFiles) -> None:
    one, other = read_tensors(files.weights), read_tensors(files.weights)
    assert one.keys() == other.keys() and all(np.shares_memory(one[name], other[name]) for name in one)


def test_the_weights_memory_is_given_back_once_the_engine_has_its_own() -> None:
    if not Path("/proc/self/smaps").exists():
        pytest.skip("how much of a mapped file is held in memory is read from Linux")
    done = subprocess.run([sys.executable, "-c", _HELD], capture_output=True, text=True, check=True, cwd=ROOT)
    first, later, same = done.stdout.split()
    for held in (first, later):  # kB, of 90,000
        assert int(held) < 50_000  # the words' table at most: from a file that is kept in large pages, a word brings 2 MB
    assert same == "True"


_HELD = """
import re
from kb.encoder import load_encoder
from kb.settings import Settings
def held():
    areas = re.split(r"^(?=[0-9a-f]+-)", open("/proc/self/smaps").read(), flags=re.M)
    return sum(int(re.search(r"Rss: +([0-9]+)", area)[1]) for area in areas if "model.safetensors" in area.split("\\n")[0])
encoder = load_encoder(Settings())
once = encoder.encode(["What does a nurse earn?"])
print(held())
again = encoder.encode(["What does a nurse earn?", "How long is the training, and who pays for it?"])
print(held(), (once[0] == again[0]).all())
"""


def test_texts_that_repeat_are_encoded_once_and_each_gets_its_row(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = engine.encode(["a nurse", "a welder"])
    seen: list[int] = []
    within = engine._within_reach
    monkeypatch.setattr(engine, "_within_reach", lambda texts: seen.append(len(texts)) or within(texts))
    assert np.array_equal(engine.encode(["a nurse", "a welder", "a nurse"]), vectors[[0, 1, 0]])
    assert seen == [2]


def test_many_threads_may_ask_at_once(engine: Engine, texts: list[str]) -> None:
    alone = engine.encode(texts)
    with ThreadPoolExecutor(6) as pool:
        for vectors in pool.map(engine.encode, [texts] * 6):
            assert np.array_equal(vectors, alone)


def test_vectors_begun_are_those_of_encode_whenever_they_are_asked_for_and_however_often(
    engine: Engine, texts: list[str]
) -> None:
    alone = engine.encode(texts)
    begun = [engine.begin(some) for some in (texts[:3], [*texts, *texts[:2]], [], texts[4:5])]
    engine.begin(texts)  # nobody asks for these
    for vectors, expected in zip(begun, (alone[:3], np.concatenate([alone, alone[:2]]), alone[:0], alone[4:5]), strict=True):
        assert np.array_equal(vectors(), expected) and np.array_equal(vectors(), expected)


def test_a_text_beyond_the_window_counts_by_its_beginning_and_that_is_logged(
    engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    window = "word " * 254
    vectors = engine.encode([window, window + "and much more"])
    assert np.array_equal(vectors[0], vectors[1])
    assert [record.message for record in caplog.records] == [
        "1 of 2 texts are longer than the 256 tokens the model reads: they count by their beginning"
    ]


def test_a_span_is_pooled_from_its_own_tokens_in_the_texts_pass(engine: Engine) -> None:
    text = "Pay: 41,000 EUR. Training takes three years in a school."
    vectors, units = engine.encode_spans([text, "nurse"], [[(0, 16), (17, len(text))], []])
    assert np.array_equal(vectors, engine.encode([text, "nurse"]))
    assert units[0].shape == (2, 384) and units[1].shape == (0, 384)
    np.testing.assert_allclose(np.linalg.norm(units[0], axis=1), 1.0, atol=1e-5)
    pay, training = engine.encode(["How much money?", "How long does school take?"])
    assert units[0][0] @ pay > units[0][1] @ pay
    assert units[0][1] @ training > units[0][0] @ training
    whole = engine.encode_spans([text], [[(0, len(text))]])[1][0][0]
    assert whole @ vectors[0] > 0.9  # all tokens but the two marks


def test_a_span_with_no_token_of_its_own_is_encoded_apart(engine: Engine) -> None:
    text = "word " * 400 + "The exam is in May."
    start = text.index("The exam")
    beyond, blank = engine.encode_spans([text], [[(start, len(text)), (4, 5)]])[1][0]
    assert np.array_equal(beyond, engine.encode(["The exam is in May."])[0])
    assert np.array_equal(blank, engine.encode([" "])[0])


def test_offsets_of_spans_count_characters_not_bytes(engine: Engine) -> None:
    text = "😀 Ärztin 数据. The exam is in May."
    start = text.index("The")
    span = engine.encode_spans([text], [[(start, len(text))]])[1][0][0]
    assert span @ engine.encode(["The exam is in May."])[0] > span @ engine.encode([text[:start]])[0] + 0.2


@settings(max_examples=200, deadline=None)
@given(st.lists(st.integers(2, 256), max_size=200))
def test_batches_hold_every_text_once_padded_by_less_than_a_step(lengths: list[int]) -> None:
    plan = batches(lengths, 256)
    assert sorted(index for batch in plan for index in batch.indices) == list(range(len(lengths)))
    for batch in plan:
        assert all(batch.padded - PAD_TO < lengths[index] <= batch.padded for index in batch.indices)
        assert len(batch.indices) == 1 or batch.padded * len(batch.indices) <= BATCH_TOKENS
        assert len(batch.indices) <= BATCH_TEXTS
    assert [batch.padded for batch in plan] == sorted((batch.padded for batch in plan), reverse=True)


@settings(max_examples=100, deadline=None)
@given(text=st.text(st.characters(exclude_categories=())))
def test_any_text_at_all_gives_a_unit_vector(engine: Engine, text: str) -> None:
    assert abs(np.linalg.norm(engine.encode([text])[0]) - 1.0) < 1e-5
    assert engine.count_tokens([text])[0] >= 2


def test_what_is_begun_has_compiled_for_questions_and_encoded_one(files: ModelFiles) -> None:
    engine, other = (Engine(files, bert_graph(files)) for _ in range(2))
    engine.begin_ready().join()
    assert engine._few._model is not None and engine._few._settled
    assert engine._many._model is None
    other.begin_ready(for_many=True).join()
    assert other._many._model is not None and other._few._model is None
    assert np.array_equal(engine.encode(["How do I become a nurse?"]), other.encode(["How do I become a nurse?"]))


def test_what_fails_beside_is_said_to_whoever_asks_for_it(files: ModelFiles) -> None:
    engine = Engine(files, bert_graph(files), precision="abacus")
    engine.begin_ready().join()
    with pytest.raises(EncoderError, match="OpenVINO cannot compile all-MiniLM-L6-v2"):
        engine.get_ready()


def test_a_graph_is_small_because_compiling_takes_time_for_every_node(files: ModelFiles) -> None:
    """Small constants are there once each; in 8-bit integers, query, key and value are one product."""
    plain, rounded = bert_graph(files), _Int8Builder(files, shipped_evening()).model()
    for graph in (plain, rounded):
        small = [node.data for node in graph.get_ops() if node.get_type_name() == "Constant" and node.data.size < 8]
        assert len(small) > 5
        assert len(small) == len({(values.dtype.str, values.shape, values.tobytes()) for values in small})
    products = [sum(node.get_type_name() == "MatMul" for node in graph.get_ops()) for graph in (plain, rounded)]
    assert products == [6 * 8, 6 * 6]


def test_lone_surrogates_are_replaced_one_for_one() -> None:
    assert clean("a\ud800b\udfffc") == "a\ufffdb\ufffdc"
    assert clean("née 😀") == "née 😀"


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("1_Pooling/config.json", {"pooling_mode_weightedmean_tokens": True}, "pooling is weightedmean"),
        ("1_Pooling/config.json", {"pooling_mode": ["cls", "mean"]}, r"pooling is cls\+mean"),
        ("config_sentence_transformers.json", {"default_prompt_name": "query"}, "puts a prompt before texts"),
        ("sentence_bert_config.json", {"do_lower_case": True}, "lower-cases texts"),
        ("modules.json", [{"type": "x.Transformer"}, {"type": "x.Pooling"}, {"type": "x.Dense"}], "Transformer, Pooling, Dense"),
        ("tokenizer.json", None, "no tokenizer.json"),
    ],
)
def test_a_model_that_does_more_than_the_engine_is_refused_by_name(
    name: str, content: object, complaint: str, files: ModelFiles, tmp_path: Path
) -> None:
    for path in files.folder.rglob("*.json"):
        copy = tmp_path / path.relative_to(files.folder)
        copy.parent.mkdir(exist_ok=True)
        copy.write_bytes(path.read_bytes())
    if content is None:
        (tmp_path / name).unlink()
    else:
        (tmp_path / name).write_text(json.dumps(content))
    with pytest.raises(NotCompilable, match=complaint):
        Recipe.read(ModelFiles("copy", tmp_path, files.weights, "", ""))


_ASK = """
import json, socket, sys
asked = []
socket.getaddrinfo = lambda *args, **_: asked.append(str(args)) or []
socket.socket.connect = lambda self, address: asked.append(str(address))
import multiprocessing
multiprocessing.Process.start = lambda self: asked.append("a process")
from kb.encoder import load_encoder
from kb.settings import Settings
load_encoder(Settings()).encode(["How do I become a nurse?"])
early = "openvino.tools.ovc" in sys.modules
from openvino import convert_model  # by whoever wants it, now
import openvino_telemetry as hers  # can be imported again by whoever wants it
del sys.modules["openvino_telemetry"]
names = ("torch", "transformers", "sentence_transformers", "gradio", "openvino")
print(json.dumps({"asked": asked, "early": early, "loaded": [name for name in names if name in sys.modules]}))
"""


def test_a_first_vector_needs_no_torch_and_tells_nobody(tmp_path: Path) -> None:
    """openvino sends telemetry when it is imported and leaves a client id under the home folder, unless it is stopped."""
    environment = {"HOME": str(tmp_path), "PATH": "", "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", _ASK], env=environment, capture_output=True, text=True, check=True, timeout=120)
    seen = json.loads(done.stdout)
    assert seen["loaded"] == ["openvino"]
    assert seen["asked"] == [] and not seen["early"]
    assert list(tmp_path.iterdir()) == []
