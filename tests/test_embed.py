"""Embedding: the model works beside the cutting where the encoder can, and what comes out is the same either way."""

from __future__ import annotations

import threading

import numpy as np
import pytest

import kb.embed
from kb.build import build_index
from kb.embed import Embedding, cut_pieces, identity_of
from kb.encoder import load_encoder, static_of
from kb.errors import EncoderError
from kb.nearest_words import asked_words
from kb.reading import read_article
from kb.settings import Settings
from kb.store import open_generation
from tests.world import BagOfWords


class Beside(BagOfWords):
    """A bag of words that says it can encode beside what else is done. encoding: set when it first does."""

    def __init__(self) -> None:
        super().__init__()
        self.encoding, self.cut_meanwhile, self.threads = threading.Event(), False, set[str]()

    def begin(self, texts):
        vectors = self.encode(texts)
        return lambda: vectors

    def encode(self, texts):
        self.threads.add(threading.current_thread().name)
        self.encoding.set()
        return super().encode(texts)

    def count_tokens(self, texts):
        if any("Welders need" in text for text in texts):  # of the article that is cut last
            self.cut_meanwhile = self.encoding.wait(10)
        return [len(text.split()) + 2 for text in texts]


@pytest.fixture
def small_lots(monkeypatch):
    monkeypatch.setattr(kb.embed, "EMBED_AT_ONCE", 2)


def pieces_of(folder, encoder):
    """The pieces of the article about nurses."""
    settings = Settings()
    return cut_pieces(read_article(folder / "nurse.md", "nurse.md"), identity_of(encoder, settings), encoder, settings)


def embedding(tmp_path, encoder):
    return Embedding(tmp_path / "cache.sqlite", identity_of(encoder, Settings()), encoder)


def test_an_encoder_that_works_beside_has_begun_before_the_last_article_is_cut(articles, tmp_path, small_lots):
    encoder = Beside()
    build_index([articles], tmp_path / "index", encoder=encoder)
    assert encoder.cut_meanwhile
    assert all(name.startswith(("career-kb-embedding", "MainThread")) for name in encoder.threads) and len(encoder.threads) > 1


def test_any_other_encoder_is_only_ever_called_by_the_thread_that_builds(articles, tmp_path, small_lots, monkeypatch):
    monkeypatch.delattr(Beside, "begin")
    monkeypatch.setattr(Beside, "count_tokens", lambda self, texts: [len(text.split()) + 2 for text in texts])
    encoder = Beside()
    build_index([articles], tmp_path / "index", encoder=encoder)
    assert encoder.threads == {"MainThread"}


def test_beside_or_not_the_index_is_the_same(articles, tmp_path, small_lots):
    for name, encoder in (("plain", BagOfWords()), ("beside", Beside())):
        build_index([articles], tmp_path / name, encoder=encoder)
    plain, beside = (open_generation(tmp_path / name, Settings()) for name in ("plain", "beside"))
    assert plain.manifest["content_sha256"] == beside.manifest["content_sha256"]


def test_progress_goes_up_lot_by_lot_and_ends_at_the_whole(articles, tmp_path, small_lots):
    seen = []
    build_index([articles], tmp_path / "index", encoder=Beside(), progress=lambda *step: seen.append(step))
    assert [step for step in seen if step[0] == "embedding"] == [("embedding", done, 6) for done in (0, 2, 4, 6)]


def test_a_piece_that_comes_again_is_embedded_once_and_the_cache_knows_it_from_then_on(articles, tmp_path):
    encoder = Beside()
    pieces = pieces_of(articles, encoder)
    for embedded in (len(pieces), 0):
        with embedding(tmp_path, encoder) as under_way:
            under_way.add(pieces)
            under_way.add(pieces[:1])
            found, made = under_way.result(lambda *step: None)
        assert made == embedded and found.keys() == {piece.job.key for piece in pieces}


def test_what_fails_beside_is_heard_and_the_lots_behind_it_are_not_begun(articles, tmp_path, small_lots, monkeypatch):
    encoder, begun = Beside(), []

    def fail(texts):
        begun.append(texts)
        raise EncoderError("out of words")

    pieces = pieces_of(articles, encoder)
    monkeypatch.setattr(encoder, "encode", fail)
    with pytest.raises(EncoderError, match="out of words"), embedding(tmp_path, encoder) as under_way:
        under_way.add(pieces)
        under_way.result(lambda *step: None)
    assert 1 <= len(begun) <= 2, "the second may have begun before the first was heard of"


def test_who_is_stopped_waits_for_no_lot_that_was_not_begun(articles, tmp_path, small_lots, monkeypatch):
    encoder, going_on, begun = Beside(), threading.Event(), []

    def slow(texts):
        begun.append(texts)
        going_on.wait(10)
        return BagOfWords.encode(encoder, texts)

    pieces = pieces_of(articles, encoder)
    assert len(pieces) > 2, "so that a second lot waits"
    monkeypatch.setattr(encoder, "encode", slow)
    with pytest.raises(KeyboardInterrupt), embedding(tmp_path, encoder) as under_way:
        under_way.add(pieces)
        threading.Timer(0.2, going_on.set).start()
        raise KeyboardInterrupt
    assert len(begun) == 2, "of the one lot that was begun: the passages, and their units"


def test_what_stands_keeps_its_words_and_an_addition_reads_only_its_own(articles, tmp_path, monkeypatch):
    read = []
    said_by = kb.embed.said_by
    monkeypatch.setattr(kb.embed, "said_by", lambda passages, static: said_by(read.append(list(passages)) or read[-1], static))
    (later := tmp_path / "later").mkdir()
    (articles / "nurse.md").rename(later / "nurse.md")
    build_index([articles], tmp_path / "grown")
    build_index([later], tmp_path / "grown")
    assert {passage.source for passage in read[-1]} == {"nurse.md"}
    build_index([articles, later], tmp_path / "anew")
    grown, anew = (open_generation(tmp_path / name, Settings()) for name in ("grown", "anew"))
    assert grown.manifest["content_sha256"] == anew.manifest["content_sha256"]
    static = static_of(load_encoder(Settings()))
    asked = asked_words("What does a welder or a nurse need?", {"welder": 1.0, "nurs": 1.0, "need": 1.0}, static)
    rows = range(anew.rows)
    assert np.allclose(grown.said.near(rows, asked).lists, anew.said.near(rows, asked).lists, atol=1e-3)
