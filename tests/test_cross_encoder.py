"""A cross-encoder: off unless given, by path or as an object; its order stands, and what it cannot judge keeps its place."""

from __future__ import annotations

import json
import math
import os
import shutil
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from world import BagOfWords

from kb.base import KnowledgeBase
from kb.cli import main
from kb.cross_encoder import load_cross_encoder, scores_of
from kb.errors import EncoderError
from kb.fusion import reordered
from kb.settings import Settings
from kb.weights import find_model

QUESTION = "What does a nurse earn?"


class Oracle:
    """Knows the passage that answers: the one with its words. Keeps what it was asked."""

    def __init__(self, words: str, otherwise: float = 0.0) -> None:
        self.words, self.otherwise = words, otherwise
        self.asked: list[tuple[str, str]] = []

    def predict(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        self.asked += pairs
        return [1.0 if self.words in passage else self.otherwise for _, passage in pairs]


class Fixed:
    def __init__(self, given: object) -> None:
        self.given = given

    def predict(self, pairs: Sequence[tuple[str, str]]) -> object:
        if isinstance(self.given, Exception):
            raise self.given
        return self.given


def save(folder: Path, labels: int) -> Path:
    """A BERT of one layer with random weights and the real tokenizer, as transformers saves one."""
    import torch
    from transformers import AutoTokenizer, BertConfig, BertForSequenceClassification

    torch.manual_seed(5)
    shape = {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 8}
    config = BertConfig(vocab_size=30522, max_position_embeddings=64, num_labels=labels, initializer_range=1.0, **shape)
    BertForSequenceClassification(config).save_pretrained(folder)
    AutoTokenizer.from_pretrained(find_model(Settings()).folder).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save(tmp_path_factory.mktemp("models") / "tiny", 1)


def test_the_scores_of_the_places_stay_and_the_passages_move():
    ranked = [(7, 3.0), (5, 2.0), (9, 1.0), (4, 0.5)]
    assert reordered(ranked, [0.1, 0.9, 0.5]) == [(5, 3.0), (9, 2.0), (7, 1.0), (4, 0.5)]
    assert reordered(ranked, [1, 1, 1, 1]) == ranked
    assert reordered(ranked, []) == ranked
    assert reordered([], []) == []


def test_what_has_no_number_keeps_its_place_and_the_others_are_ordered_around_it():
    ranked = [(1, 4.0), (2, 3.0), (3, 2.0), (4, 1.0)]
    assert reordered(ranked, [0.1, math.nan, 0.3, 0.2]) == [(3, 4.0), (2, 3.0), (4, 2.0), (1, 1.0)]
    assert reordered(ranked, [math.nan] * 4) == ranked


def test_without_one_nothing_is_reordered(base: KnowledgeBase):
    assert base.cross_encoder is None
    assert {(hit.cross_score, hit.fused_rank) for hit in base.search(QUESTION)} == {(None, None)}


def test_its_order_stands_in_searches_and_answers(base: KnowledgeBase):
    plain = base.search(QUESTION)
    last = plain[-1]
    base.cross_encoder = oracle = Oracle(last.passage.text)
    hits = base.search(QUESTION)
    assert [hit.row for hit in hits] == [last.row, *(hit.row for hit in plain[:-1])]
    assert [hit.score for hit in hits] == [hit.score for hit in plain], "the scores of the places stay"
    assert (hits[0].cross_score, hits[0].fused_rank, hits[1].cross_score, hits[1].fused_rank) == (1.0, len(plain), 0.0, 1)
    assert (hits[0].cosine, hits[0].dense_rank) == (last.cosine, last.dense_rank), "what the rankers found is still told"
    assert oracle.asked[0][0] == "What does a nurse earn?"
    assert all(hit.passage.title in text for hit, (_, text) in zip(plain, oracle.asked, strict=True)), "it reads the title too"
    assert base.search(QUESTION, 1)[0].row == last.row, "also from behind the hits that are returned"
    assert base.answer(QUESTION).hits[0].row == last.row


def test_only_the_first_are_looked_at(base: KnowledgeBase):
    plain = base.search(QUESTION)
    base.settings = Settings(cross_encoder_hits=2)
    base.cross_encoder = oracle = Oracle(plain[1].passage.text)
    assert [hit.row for hit in base.search(QUESTION)] == [plain[n].row for n in (1, 0, *range(2, len(plain)))]
    assert len(oracle.asked) == 2
    assert [hit.fused_rank for hit in base.search(QUESTION)][2:] == [None] * (len(plain) - 2)


@pytest.mark.parametrize("nothing", [math.nan, math.inf, -math.inf])
def test_scores_that_are_no_numbers_leave_the_order_and_are_told(
    base: KnowledgeBase, nothing: float, caplog: pytest.LogCaptureFixture
):
    plain = base.search(QUESTION)
    base.cross_encoder = Oracle("no such words", nothing)
    hits = base.search(QUESTION)
    assert [(hit.row, hit.score) for hit in hits] == [(hit.row, hit.score) for hit in plain]
    assert [hit.to_dict()["cross_score"] for hit in hits] == [None] * len(plain)
    assert f"cross-encoder Oracle gave no number for {len(plain)} of {len(plain)} passages" in caplog.text
    json.dumps([hit.to_dict() for hit in hits], allow_nan=False)


def test_one_that_gives_something_else_than_a_number_each_is_refused():
    assert scores_of(Fixed([[0.5], [0.25]]), "q", ["a", "b"]).tolist() == [0.5, 0.25]
    with pytest.raises(EncoderError, match=r"cross-encoder Fixed returned shape \(3,\); expected \(2,\)"):
        scores_of(Fixed([1, 2, 3]), "q", ["a", "b"])
    with pytest.raises(EncoderError, match=r"returned shape \(2, 3\)"):
        scores_of(Fixed(np.zeros((2, 3))), "q", ["a", "b"])
    with pytest.raises(EncoderError, match="cross-encoder Fixed failed on 2 passages: out of memory"):
        scores_of(Fixed(RuntimeError("out of memory")), "q", ["a", "b"])
    assert scores_of(Fixed(None), "q", []).shape == (0,), "with no passages it is not asked"


def test_one_is_plugged_in_by_path(tiny: Path, base: KnowledgeBase, encoder: BagOfWords):
    plain = base.search(QUESTION)
    settings = Settings(cross_encoder=str(tiny))
    with KnowledgeBase.open(base.folder, settings=settings, encoder=encoder) as again:
        hits = again.search(QUESTION)
        assert {hit.row for hit in hits} == {hit.row for hit in plain}
        scores = [hit.cross_score for hit in hits]
        assert scores == sorted(scores, reverse=True) and len(set(scores)) > 1, "the order is its own"
        assert sorted(hit.fused_rank for hit in hits) == list(range(1, len(plain) + 1))
        with ThreadPoolExecutor(4) as pool:
            found = list(pool.map(again.search, [QUESTION, QUESTION + " And where? " * 20] * 8))
        assert [[hit.row for hit in each] for each in found[::2]] == [[hit.row for hit in hits]] * 8


def test_in_a_forked_process_it_is_loaded_anew(tiny: Path, base: KnowledgeBase, encoder: BagOfWords):
    with KnowledgeBase.open(base.folder, settings=Settings(cross_encoder=str(tiny)), encoder=encoder) as parent:
        expected = [hit.row for hit in parent.search(QUESTION)]
        if (child := os.fork()) == 0:
            os._exit(0 if [hit.row for hit in parent.search(QUESTION)] == expected else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_the_commands_and_the_page_take_one_by_option_variable_or_file(
    tiny: Path, articles: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    index = str(tmp_path / "real")
    assert main(["ingest", str(articles), "--index", index]) == 0
    ask = ["search", QUESTION, "--index", index, "--explain", "-k", "1"]
    capsys.readouterr()
    assert main(ask) == 0
    assert "cross-encoder" not in capsys.readouterr().out
    assert main([*ask, "--cross-encoder", str(tiny)]) == 0
    told = capsys.readouterr().out
    assert ", fused rank " in told and ", cross-encoder 0." in told
    monkeypatch.setenv("KB_CROSS_ENCODER", str(tiny))
    assert main(ask) == 0
    assert capsys.readouterr().out == told
    monkeypatch.delenv("KB_CROSS_ENCODER")
    (tmp_path / "kb.toml").write_text(f"cross_encoder = {str(tiny)!r}\n")
    assert main([*ask, "--settings", str(tmp_path / "kb.toml")]) == 0
    assert capsys.readouterr().out == told
    assert main([*ask, "--cross-encoder", "nobody/nothing"]) == 1
    assert "no model 'nobody/nothing': neither a folder nor in the local hub cache" in capsys.readouterr().err

    import argparse

    from kb.web.serve import _settings, add_arguments

    parser = argparse.ArgumentParser()
    add_arguments(parser)
    assert _settings(parser.parse_args(["--cross-encoder", str(tiny)])).cross_encoder == str(tiny)
    assert _settings(parser.parse_args(["--settings", str(tmp_path / "kb.toml")])).cross_encoder == str(tiny)
    assert _settings(parser.parse_args([])).cross_encoder == ""


def test_what_is_no_cross_encoder_is_refused_with_what_it_is(tiny: Path, tmp_path: Path):
    def refused(folder: Path | str) -> str:
        with pytest.raises(EncoderError) as caught:
            load_cross_encoder(Settings(cross_encoder=str(folder)))
        return str(caught.value)

    assert "is not a cross-encoder (BertModel; expected ...ForSequenceClassification)" in refused(find_model(Settings()).folder)
    assert "gives 3 numbers for a pair, not one" in refused(save(tmp_path / "classes", 3))
    assert "no model.safetensors in" in refused(tmp_path)
    shutil.copytree(tiny, tmp_path / "half")
    (tmp_path / "half" / "tokenizer.json").write_text("{}")
    assert "cannot load the cross-encoder in" in refused(tmp_path / "half")
    (tmp_path / "half" / "config.json").write_text("[]")
    assert "no model that can be read in" in refused(tmp_path / "half")
    shutil.copytree(tiny, tmp_path / "cut")
    with (tmp_path / "cut" / "model.safetensors").open("r+b") as file:
        file.truncate(1000)
    assert "cannot load the cross-encoder in" in refused(tmp_path / "cut")


def test_without_torch_it_says_what_to_install(tiny: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(EncoderError, match="a cross-encoder needs torch and sentence-transformers .*pip install"):
        load_cross_encoder(Settings(cross_encoder=str(tiny)))


def test_an_index_that_was_opened_is_closed_when_its_cross_encoder_is_not_there(base: KnowledgeBase, encoder: BagOfWords):
    with pytest.raises(EncoderError, match="no model 'nobody/nothing'"):
        KnowledgeBase.open(base.folder, settings=Settings(cross_encoder="nobody/nothing"), encoder=encoder)
    with KnowledgeBase.open(base.folder, encoder=encoder) as again:
        assert again.search(QUESTION, 1)
