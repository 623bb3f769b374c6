"""How much of a question passages say: by the nearest word, from files of one layer or two."""

from __future__ import annotations

import numpy as np
import pytest

from kb import ragged
from kb.build import build_index
from kb.encoder import load_encoder, static_of
from kb.errors import IndexDamaged
from kb.nearest_words import SaidWords, asked_words, said_by, words_in, write_said
from kb.records import Passage, Unit
from kb.settings import SHIPPED_ARTICLES, Settings
from kb.store import open_generation, opened_in
from tests.world import BagOfWords

TEXTS = (
    "A bricklayer earns 31,000 pounds. The van is his own.",
    "Bakers rise at three. They need no degree.",
    "😀 😀. Nurses care for patients in hospitals.",
)


@pytest.fixture(scope="module")
def static():
    return static_of(load_encoder(Settings()))


def passage(text: str, title: str = "Trades", heading: tuple[str, ...] = ("Work",)) -> Passage:
    end = text.index(". ") + 1
    return Passage("a.md", title, heading, text, 0, len(text), (Unit("sentence", 0, end), Unit("sentence", end + 1, len(text))))


@pytest.fixture(params=["mapped", "read in place", "two layers"])
def said(request, tmp_path, monkeypatch, static):
    if request.param == "read in place":
        monkeypatch.setattr(ragged, "MAPPED_UP_TO", 0)
    parts = [TEXTS[:1], TEXTS[1:]] if request.param == "two layers" else [TEXTS]
    folders = [tmp_path / str(number) for number in range(len(parts))]
    for folder, part in zip(folders, parts, strict=True):
        folder.mkdir()
        write_said(said_by(map(passage, part), static), folder)
    return SaidWords(folders)


def asked(question: str, static):
    return asked_words(question, dict.fromkeys(["builder", "make", "salari", "bricklay", "degre", "patient"], 1.0), static)


def test_a_word_counts_once_and_in_one_spelling():
    words = words_in("Labour, labor: C++ and R&D at 127,750 €; CVs of the résumé!")
    assert words == ["labor", "c++", "and", "r&d", "at", "127,750", "cv", "of", "the"]
    assert words_in("x" * 1000) == ["x" * 60] and words_in(" \n😀\ud800") == []


def test_the_words_that_have_a_weight_are_asked(static):
    question = asked("What does the builder make, the builder?", static)
    assert question.terms == ("builder", "make") and question.weights.tolist() == [0.5, 0.5]
    assert question.vectors.shape == (2, static.components)
    assert asked("Why, oh why?", static) is None and asked("", static) is None


def test_a_text_says_a_question_by_its_nearest_words(said, static):
    near = said.near([0, 1, 2], asked("builder salary", static))
    shares = near.shares(asked("builder salary", static))
    assert shares.argmax() == 0 and shares.dtype == np.float32 and 0 <= shares.min() <= shares.max() <= 1
    whole = asked("bricklayer", static)
    assert said.near([0], whole).shares(whole)[0] == pytest.approx(1.0, abs=1e-3)


def test_each_row_gives_its_own_in_any_order(said, static):
    question = asked("degree patients", static)
    rows = [2, 0, 1, 1]
    near, alone = said.near(rows, question), [said.near([row], question) for row in rows]
    assert near.shares(question) == pytest.approx([float(each.shares(question)[0]) for each in alone])
    for place, each in enumerate(alone):
        assert near.of_units(place).shape == (2, 2)
        assert near.of_units(place) == pytest.approx(each.of_units(0))
    assert near.shares(question).argmax() == 0
    assert said.near([], question).shares(question).shape == (0,)


def test_what_stands_above_counts_for_every_unit(tmp_path, static):
    question = asked("bricklayer", static)
    write_said(said_by([passage(TEXTS[1]), passage(TEXTS[1], heading=("A bricklayer's day",))], static), tmp_path)
    below, above = (SaidWords([tmp_path]).near([row], question).of_units(0) for row in (0, 1))
    assert below.max() < 0.8 and above == pytest.approx(np.ones((2, 1)), abs=1e-3)


def test_a_text_without_words_is_near_to_none(said, static):
    wordless, nurses = said.near([2], asked("patients", static)).of_units(0)
    bare = said_by([passage(TEXTS[2], "", ())], static)
    assert bare.words[:4].tolist() == [0, 0, 0, 1]  # no heads, a unit of no words, and the nurses
    assert nurses == pytest.approx(1.0, abs=1e-3) and wordless < 0.8  # it has but what stands above it


def test_more_behind_the_last_layer_is_as_if_written_together(tmp_path, static):
    for name, texts in (("first", TEXTS[:2]), ("whole", TEXTS)):
        (tmp_path / name).mkdir()
        write_said(said_by(map(passage, texts), static), tmp_path / name)
    (tmp_path / "grown").mkdir()
    grown = SaidWords([tmp_path / "first"]).of(range(2)).with_more(said_by(map(passage, TEXTS[2:]), static))
    write_said(grown, tmp_path / "grown")
    whole = SaidWords([tmp_path / "whole"])
    assert len(grown.vectors) == len(np.load(tmp_path / "whole" / "word_vectors.npy")) and not grown.vectors[0].any()
    question = asked("builder salary degree patients", static)
    for row in range(3):
        own = SaidWords([tmp_path / "grown"]).near([row], question).of_units(0)
        assert own == pytest.approx(whole.near([row], question).of_units(0))


def test_what_passages_of_several_layers_say_is_taken_in_any_order_with_only_the_vectors_it_needs(said, tmp_path, static):
    taken = said.of([2, 0])
    write_said(taken, tmp_path)
    question = asked("builder salary degree patients", static)
    for place, row in enumerate([2, 0]):
        own = SaidWords([tmp_path]).near([place], question)
        assert own.lists == pytest.approx(said.near([row], question).lists)
    assert set(taken.words.tolist()) == set(range(len(taken.vectors))) and not taken.vectors[0].any()
    assert said.of([]).words.size == 0 and list(said.of([]).counts) == []


def test_an_index_holds_them_and_is_damaged_without(tmp_path):
    build_index([SHIPPED_ARTICLES / "roles" / "data-engineer.md"], tmp_path / "index")
    generation = open_generation(tmp_path / "index", Settings())
    generation.close()
    assert generation.said is not None and generation.said.rows == generation.rows
    write_said(said_by([passage(TEXTS[0])], static_of(load_encoder(Settings()))), generation.folder)
    with pytest.raises(IndexDamaged, match=r"the words of 1 passages; it should of \d+"):
        opened_in(generation.folder, generation.manifest, Settings())


def test_an_encoder_without_static_vectors_has_none(tmp_path):
    (tmp_path / "a.md").write_text("# Welder\n\nA welder joins metal. A welder earns 40,000 dollars.\n")
    build_index([tmp_path / "a.md"], tmp_path / "index", encoder=BagOfWords())
    generation = open_generation(tmp_path / "index", Settings())
    generation.close()
    assert generation.said is None and not (generation.folder / "said.npy").exists()
