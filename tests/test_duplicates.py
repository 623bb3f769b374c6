"""Copies are recognised by what they say, searched once, and never at the price of a figure, a name or a title."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from world import ROOT

from kb.base import KnowledgeBase
from kb.build import build_index, plan_build, remove_articles
from kb.catalogue import Copy, Kept
from kb.duplicates import find_copies, find_folds, nearly_the_same, passages_beyond, resemblance, shingles, signature
from kb.passages import cut
from kb.reading import article_of, find_articles, read_article
from kb.records import Filters
from kb.settings import Settings
from kb.store import open_generation

MASON = """---
title: Mason
date: 2022
---

A mason builds walls of stone and brick, by hand, for houses, bridges and garden walls, and repairs old ones.

## Training

The way there is an apprenticeship of three years with a firm, two days a week at a vocational school, and a test at the end.

## Pay

A mason earns 33,000 EUR a year in Bavaria once the apprenticeship is over, and somewhat more as the head of a team.
"""


def kept(source: str, text: str) -> Kept:
    article = article_of(text.encode(), source)
    return Kept(article, "/articles", source, str(hash(text)), "", signature(article.text))


def copies_of(*files: tuple[str, str]) -> dict[str, Copy]:
    return find_copies([kept(*file) for file in files], 0.8)


def words(n: int, seed: int) -> list[str]:
    draw = random.Random(seed)
    return ["".join(draw.choice("abcdefghij") for _ in range(5)) for _ in range(n)]


def test_resemblance_is_brodes_share_of_common_shingles():
    one, other = "a b c d e", "a b c d f"
    assert len(shingles(one)) == 3 and resemblance(shingles(one), shingles(other)) == 2 / 4
    assert resemblance(shingles("A, b! C."), shingles("a b c")) == 1.0, "case and punctuation do not count"
    assert resemblance(shingles("one two"), shingles("three")) == 0.0


@pytest.mark.parametrize("shift", [50, 200, 400])
def test_a_signature_agrees_as_often_as_the_texts_resemble_each_other(shift):
    every = words(1400, seed=shift)
    one, other = " ".join(every[:1000]), " ".join(every[shift : 1000 + shift])
    a, b = (np.frombuffer(signature(text), dtype="<u4") for text in (one, other))
    assert abs((a == b).mean() - resemblance(shingles(one), shingles(other))) < 0.15


def test_no_two_shipped_articles_are_taken_for_copies_and_edits_are():
    """The margin behind the default: articles of one hand stay far below it, a copy with an edit in every fifty words above."""
    folder = ROOT / "kb" / "articles"
    own = [Kept(a, "", s, s, "", signature(a.text)) for s, p in find_articles(folder) for a in [read_article(p, s)]]
    assert find_copies(own, 0.2) == {}
    draw = random.Random(1)
    for each in own[::6]:
        edited = [word + "x" * (draw.random() < 0.02) for word in each.article.text.split()]
        assert resemblance(shingles(each.article.text), shingles(" ".join(edited))) > 0.8


def test_the_same_text_under_several_names_has_one_original():
    found = copies_of(("mason-copy.md", MASON), ("mason.md", MASON), ("b/mason (1).md", MASON), ("copy of mason.md", MASON))
    assert found == {name: Copy("mason.md", 1.0) for name in ("mason-copy.md", "b/mason (1).md", "copy of mason.md")}


def test_the_newest_version_is_the_original():
    newer = MASON.replace("2022", "2024-03").replace("somewhat more", "a little more")
    assert set(copies_of(("a.md", MASON), ("later/a.md", newer))) == {"a.md"}


def test_articles_on_one_template_are_no_copies():
    roofer = MASON.replace("title: Mason", "title: Roofer")
    assert copies_of(("mason.md", MASON), ("roofer.md", roofer)) == {}
    years = [(f"pay-{year}.md", MASON.replace("title: Mason", f"title: Pay {year}")) for year in (2023, 2024)]
    assert copies_of(*years) == {}


def test_a_threshold_of_0_folds_nothing():
    assert find_copies([kept("a.md", MASON), kept("b.md", MASON)], 0) == {}


def test_of_a_copy_what_the_original_does_not_say_is_left():
    other = MASON.replace("33,000", "35,000") + "\n## Tools\n\nA mason needs a trowel.\n"
    original, copy = article_of(MASON.encode(), "a.md"), article_of(other.encode(), "b.md")
    passages = [cut(article, Settings(), lambda texts: [len(text.split()) for text in texts]) for article in (original, copy)]
    beyond = passages_beyond(passages[1], copy.text, passages[0], original.text)
    assert [passage.heading for passage in beyond] == [("Pay",), ("Tools",)]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Most bakers start work at four.", "Most bakers begin work at four.", True),
        ("Most bakers start at 4 o'clock.", "Most bakers start at 5 o'clock.", False),
        ("You need a licence to start there.", "You do not need a licence to start there.", False),
        ("A mason in Kent earns the most of all.", "A mason in Bern earns the most of all.", False),
        ("It takes three years of training.", "Bread is made before dawn.", False),
        ("It pays £ 30 for each of the days.", "It pays € 30 for each of the days.", False),
    ],
)
def test_versions_of_a_passage_differ_in_no_figure_name_or_negation(one, other, same):
    assert nearly_the_same(one, other) is nearly_the_same(other, one) is same


@pytest.fixture
def yard(tmp_path: Path) -> Path:
    folder = tmp_path / "yard"
    folder.mkdir()
    (folder / "mason.md").write_text(MASON, encoding="utf-8")
    (folder / "mason-copy.md").write_text(MASON, encoding="utf-8")
    (folder / "edited.md").write_text(MASON.replace("houses, bridges", "bridges, houses"), encoding="utf-8")
    return folder


def test_search_returns_a_text_once_and_the_report_names_its_original(yard, tmp_path, encoder):
    report = build_index([yard], tmp_path / "index", encoder=encoder)
    reasons = {each.source: (each.outcome, each.reason) for each in report.outcomes}
    assert reasons["mason.md"] == ("indexed", "")
    assert reasons["mason-copy.md"] == ("skipped", "the same text as mason.md")
    outcome, reason = reasons["edited.md"]
    assert outcome == "skipped" and reason.startswith("nearly the same text as mason.md (")
    base = KnowledgeBase.open(tmp_path / "index", encoder=encoder)
    assert [article.source for article in base.articles()] == ["edited.md", "mason-copy.md", "mason.md"], "all are still listed"
    hits = base.search("Who builds walls of stone and brick?")
    assert len(hits) == 3 and len({hit.passage.heading for hit in hits}) == 3
    assert len(base.passages("mason-copy.md")) == 0 and len(base.passages("edited.md")) == 1
    assert build_index([yard], tmp_path / "index", encoder=encoder).generation == report.generation


def test_a_dry_run_names_copies_too(yard, tmp_path):
    outcomes = {each.source: each.outcome for each in plan_build([yard], tmp_path / "index").outcomes}
    assert outcomes == {"mason.md": "indexed", "mason-copy.md": "skipped", "edited.md": "skipped"}


def test_a_filter_that_a_copy_passes_finds_the_original(yard, tmp_path, encoder):
    build_index([yard], tmp_path / "index", encoder=encoder)
    base = KnowledgeBase.open(tmp_path / "index", encoder=encoder)
    hits = base.search("Who builds walls?", filters=Filters(sources=("mason-copy.md",)))
    assert {hit.passage.source for hit in hits} == {"mason.md"}


def test_when_the_original_goes_a_copy_takes_its_place_without_embedding(yard, tmp_path, encoder):
    build_index([yard], tmp_path / "index", encoder=encoder)
    encoder.encoded.clear()
    report = remove_articles(["mason.md"], tmp_path / "index", encoder=encoder)
    assert report.embedded == 0 and encoder.encoded == []
    base = KnowledgeBase.open(tmp_path / "index", encoder=encoder)
    assert {hit.passage.source for hit in base.search("Who builds walls?")} == {"edited.md"}


def test_equal_long_passages_of_different_articles_are_folded_and_short_ones_stand_for_themselves(tmp_path, encoder):
    (tmp_path / "jobs").mkdir()
    long = "Send your letter, your curriculum vitae and two references to the office by the end of the month, " * 2
    for job in ("Mason", "Roofer"):
        text = f"---\ntitle: {job}\n---\n\n## Applying\n\n{long}\n\n## Pay\n\nTypically 30,000 to 40,000.\n"
        (tmp_path / "jobs" / f"{job}.md").write_text(text, encoding="utf-8")
    build_index([tmp_path / "jobs"], tmp_path / "index", encoder=encoder)
    base = KnowledgeBase.open(tmp_path / "index", encoder=encoder)
    hits = base.search("Roofer: where do I send my letter?")
    assert [hit.passage.heading for hit in hits].count(("Applying",)) == 1
    assert next(hit for hit in hits if hit.passage.heading == ("Applying",)).passage.title == "Roofer", "the better of the two"
    assert [hit.passage.heading for hit in hits].count(("Pay",)) == 2, "the title says whose pay it is"


def test_folds_name_the_first_row_of_each_kind():
    article = article_of(("# A\n\n" + "one two three four five six seven " * 5).encode(), "a.md")
    passage = cut(article, Settings(), lambda texts: [len(text.split()) for text in texts])[0]
    assert find_folds([passage, passage, passage], {}) == {0: 0, 1: 0, 2: 0}


def test_what_most_articles_of_a_folder_repeat_is_not_searched_and_copies_do_not_count(tmp_path, encoder):
    folder = tmp_path / "site"
    folder.mkdir()
    for number, job in enumerate(("mason", "roofer", "glazier", "painter")):
        text = f"Subscribe to our letter for more.\n\n{job.title()}s work outdoors in job {number}.\n"
        (folder / f"{job}.md").write_text(f"# {job.title()}\n\n{text}", encoding="utf-8")
    for number in range(5):
        (folder / f"again{number}.md").write_text(MASON, encoding="utf-8")
    build_index([folder], tmp_path / "index", encoder=encoder)
    generation = open_generation(tmp_path / "index", Settings())
    texts = [entry.passage.text for entry in generation.catalogue.every_entry()]
    assert not any("Subscribe" in text for text in texts) and sum("outdoors" in text for text in texts) == 4
    assert sum("builds walls" in text for text in texts) == 1
    assert "Subscribe" in generation.catalogue.article("mason.md").text, "the article itself stays whole"
