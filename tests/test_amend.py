"""An edit of a large index: written beside what stands, and it answers as an index built anew would."""

from __future__ import annotations

import json
import os
import shutil

import numpy as np
import pytest
from world import BagOfWords

from kb import publish
from kb.base import KnowledgeBase
from kb.build import build_index, remove_articles
from kb.errors import IndexDamaged, StoreError
from kb.records import Filters
from kb.settings import Settings
from kb.store import open_generation

LARGE = Settings(amend_from=10)
TRADES = "weaver cooper tanner fuller glazier mason thatcher potter saddler chandler miller turner joiner slater".split()
ADVERB = "carefully slowly gladly rarely daily twice early late alone often seldom never always soon".split()


def text_of(number: int, edition: int = 0) -> str:
    trade, how = TRADES[number % len(TRADES)], ADVERB[(number // 3 + edition) % len(ADVERB)]
    said = f"A {trade} of town {number} works {how} on piece {number * 7 + edition} before market day number {number % 5}."
    more = " ".join(f"Order {number * 31 + at + edition} asks the {trade} for item {at * number}." for at in range(6))
    front = f"---\ntopics: [{trade}]\nroles: [{trade} / master {trade}]\n---\n"
    return f"{front}# {trade.title()} {number}\n\n## Day\n\n{said}\n\n{more}\n"


@pytest.fixture
def large(tmp_path, monkeypatch):
    """A folder of sixty articles and their index, which LARGE takes for a large one; every file in it is trusted."""
    monkeypatch.setattr(publish, "TRUSTED_FROM", 1)
    folder = tmp_path / "articles"
    for number in range(60):
        path = folder / f"{number % 3}" / f"{number:03d}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text_of(number), encoding="utf-8")
    build_index([folder], tmp_path / "index", encoder=BagOfWords(), settings=LARGE)
    return folder


def manifest(index):
    generation = (index / "CURRENT").read_text().strip()
    return json.loads((index / generation / "manifest.json").read_text())


def state(index):
    """All that an index says, whatever the rows and numbers are."""
    generation = open_generation(index, Settings())
    catalogue = generation.catalogue
    entries = {(entry.passage.source, entry.passage.start): entry for entry in catalogue.every_entry()}
    place = {entry.row: key for key, entry in entries.items()}
    groups: dict[int, set] = {}
    for row, key in place.items():
        groups.setdefault(generation.folds.get(row, row), set()).add(key)
    vectors = {key: generation.dense.vectors([entry.row])[0] for key, entry in entries.items()}
    units = {key: generation.unit_vectors(entry.row) for key, entry in entries.items()}
    words = {word: catalogue.passages_with(word) for word in (*TRADES, *ADVERB, "town", "market")}
    filtered = {trade: sorted(place[row][0] for row in catalogue.rows_of(catalogue.allowed(Filters(topics=(trade,)))))
                for trade in catalogue.topics()}  # fmt: skip
    searched = {}
    for question in ("Which weaver works rarely?", "item 42 for the tanner", "market day"):
        with KnowledgeBase.open(index, encoder=BagOfWords()) as base:
            searched[question] = {(hit.passage.source, hit.passage.start): hit.cosine for hit in base.search(question, 200)}
    return {
        "passages": {key: entry.passage for key, entry in entries.items()},
        "vectors": vectors, "units": units, "words": words, "filtered": filtered, "searched": searched,
        "folds": {frozenset(group) for group in groups.values() if len(group) > 1},
        "kept": catalogue.kept(), "copies": catalogue.copies(), "counts": catalogue.counts(),
        "topics": set(catalogue.topics().items()),
        "roles": catalogue.roles(), "names": catalogue.other_names(["master weaver", "weaver"]), "roots": catalogue.roots(),
    }  # fmt: skip


def assert_as_built_anew(folder, index, tmp_path):
    shutil.rmtree(tmp_path / "anew", ignore_errors=True)
    build_index([folder], tmp_path / "anew", encoder=BagOfWords(), settings=LARGE)
    amended, anew = state(index), state(tmp_path / "anew")
    for name in ("vectors", "units"):
        own, other = amended.pop(name), anew.pop(name)
        assert own.keys() == other.keys() and all(np.array_equal(own[key], other[key]) for key in own), name
    own, other = amended.pop("searched"), anew.pop("searched")
    for question, found in own.items():
        assert found == pytest.approx(other[question]), question
    assert amended == anew


def test_edited_new_and_deleted_files_are_written_beside_what_stands(large, tmp_path):
    index = tmp_path / "index"
    (large / "0" / "003.md").write_text(text_of(3, edition=5), encoding="utf-8")
    (large / "1" / "900.md").write_text(text_of(900), encoding="utf-8")
    (large / "2" / "005.md").unlink()
    report = build_index([large], index, encoder=BagOfWords(), settings=LARGE)
    assert str(report.plan) == "+1 ~1 -1" and report.articles == 60
    assert manifest(index)["later"]["rows"] == 2
    first, second = (index / name / "vectors.faiss" for name in ("gen-000001", "gen-000002"))
    assert os.stat(first).st_ino == os.stat(second).st_ino
    assert_as_built_anew(large, index, tmp_path)


def test_answers_look_around_a_hit_past_rows_that_have_no_passage_any_more(large, tmp_path):
    (large / "0" / "003.md").write_text(text_of(3, edition=5), encoding="utf-8")
    (large / "2" / "005.md").unlink()
    build_index([large], tmp_path / "index", encoder=BagOfWords(), settings=LARGE)
    with KnowledgeBase.open(tmp_path / "index", encoder=BagOfWords()) as base:
        assert base.answer("How do I become a weaver of town, step by step?").hits
        assert base.answer("What is the difference between a fuller and a mason?").hits


def test_edit_after_edit_goes_into_the_same_folder_and_then_everything_is_written_anew(large, tmp_path):
    index = tmp_path / "index"
    rows = []
    for edition in range(1, 6):
        for number in (7, 8):
            path = large / f"{number % 3}" / f"{number:03d}.md"
            path.write_text(text_of(number, edition), encoding="utf-8")
        build_index([large], index, encoder=BagOfWords(), settings=LARGE)
        rows.append(manifest(index).get("later", {}).get("rows", 0))
        assert_as_built_anew(large, index, tmp_path)
    assert rows == [2, 4, 6, 0, 2]


def test_a_few_files_given_by_name_are_looked_at_alone(large, tmp_path, monkeypatch):
    index = tmp_path / "index"
    edited, new = large / "0" / "003.md", large / "0" / "new.md"
    edited.write_text(text_of(3, edition=5), encoding="utf-8")
    new.write_text(text_of(901), encoding="utf-8")
    monkeypatch.setattr("kb.catalogue.Catalogue.kept", lambda self: pytest.fail("all articles were read"))
    report = build_index([edited, new], index, encoder=BagOfWords(), settings=LARGE)
    monkeypatch.undo()
    assert str(report.plan) == "+1 ~1 -0" and report.articles == 61
    assert_as_built_anew(large, index, tmp_path)


def test_an_edit_that_changes_nothing_publishes_nothing(large, tmp_path):
    report = build_index([large / "0" / "003.md"], tmp_path / "index", encoder=BagOfWords(), settings=LARGE)
    assert report.plan.empty and report.generation == "gen-000001" and report.articles == 60


def test_copies_that_an_edit_makes_and_unmakes_are_found(large, tmp_path):
    index = tmp_path / "index"
    copy = text_of(4) + "\nOnly the copy says that a lantern hangs by the door.\n"
    (large / "1" / "004 copy.md").write_text(copy, encoding="utf-8")
    report = build_index([large], index, encoder=BagOfWords(), settings=LARGE)
    assert report.outcomes[[each.source for each in report.outcomes].index("1/004 copy.md")].outcome == "skipped"
    assert_as_built_anew(large, index, tmp_path)
    (large / "1" / "004.md").unlink()  # its copy now stands for itself
    build_index([large], index, encoder=BagOfWords(), settings=LARGE)
    assert "later" in manifest(index)
    assert_as_built_anew(large, index, tmp_path)


def test_what_a_folder_begins_to_repeat_is_left_out_everywhere(large, tmp_path):
    index = tmp_path / "index"
    folder = large / "letters"
    folder.mkdir()
    for number in range(5):
        text = text_of(100 + number) + "\nWrite to the guild for the winter list.\n"
        (folder / f"{number}.md").write_text(text, encoding="utf-8")
    build_index([large], index, encoder=BagOfWords(), settings=LARGE)
    assert_as_built_anew(large, index, tmp_path)


def test_the_same_passage_in_a_new_article_is_found_once(large, tmp_path):
    index = tmp_path / "index"
    long = "The guild keeps one ledger in which each of its members signs on the first morning of a year, in ink, before two"
    long += " others who can read and write well."
    for number in (10, 20):
        path = large / f"{number % 3}" / f"{number:03d}.md"
        path.write_text(text_of(number) + f"\n## Ledger\n\n{long}\n", encoding="utf-8")
        build_index([large], index, encoder=BagOfWords(), settings=LARGE)
        assert "later" in manifest(index)
        assert_as_built_anew(large, index, tmp_path)
    with KnowledgeBase.open(index, encoder=BagOfWords()) as base:
        assert sum("ledger" in hit.passage.text for hit in base.search("guild ledger signs ink", 50)) == 1


def test_articles_are_removed_from_a_large_index_without_writing_it_anew(large, tmp_path):
    report = remove_articles(["0/003.md"], tmp_path / "index", encoder=BagOfWords(), settings=LARGE)
    assert report.articles == 59 and manifest(tmp_path / "index")["later"]["rows"] == 0
    (large / "0" / "003.md").unlink()
    assert_as_built_anew(large, tmp_path / "index", tmp_path)


def test_a_generation_lives_on_when_those_it_took_files_over_from_are_cleared(large, tmp_path):
    index = tmp_path / "index"
    for edition in range(1, 5):
        (large / "0" / "003.md").write_text(text_of(3, edition), encoding="utf-8")
        build_index([large], index, encoder=BagOfWords(), settings=LARGE)
    assert not (index / "gen-000001").exists()
    assert_as_built_anew(large, index, tmp_path)


FILES = ["vectors.faiss", "units.npy", "later/vectors.faiss", "later/catalogue.sqlite", "words/meta.json"]


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_something_wrote_to_is_noticed_also_where_it_is_trusted(large, tmp_path, name):
    index = tmp_path / "index"
    (large / "0" / "003.md").write_text(text_of(3, 1), encoding="utf-8")
    build_index([large], index, encoder=BagOfWords(), settings=LARGE)
    path = index / manifest(index)["generation"] / name
    data = path.read_bytes()
    path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    shutil.rmtree(index / "gen-000001")
    with pytest.raises(IndexDamaged, match="does not match its checksum"):
        open_generation(index, Settings())


def test_an_index_that_was_copied_is_read_whole_and_opens(large, tmp_path):
    (large / "0" / "003.md").write_text(text_of(3, 1), encoding="utf-8")
    build_index([large], tmp_path / "index", encoder=BagOfWords(), settings=LARGE)
    shutil.copytree(tmp_path / "index", tmp_path / "moved")
    assert state(tmp_path / "moved")["counts"] == state(tmp_path / "index")["counts"]


def test_on_a_disk_without_hard_links_files_are_copied(large, tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError("no hard links here")

    monkeypatch.setattr(os, "link", refuse)
    (large / "0" / "003.md").write_text(text_of(3, 1), encoding="utf-8")
    build_index([large], tmp_path / "index", encoder=BagOfWords(), settings=LARGE)
    assert "later" in manifest(tmp_path / "index")
    assert_as_built_anew(large, tmp_path / "index", tmp_path)


def test_a_fault_at_any_call_leaves_the_old_state_in_use_or_brings_the_new(large, tmp_path, monkeypatch):
    index, path = tmp_path / "index", large / "0" / "003.md"
    refused = published = calls = 0

    def faulty(call, at):
        def counted(*args, **more):
            nonlocal calls
            calls += 1
            if calls == at:
                raise OSError(28, "no space left")
            return call(*args, **more)

        return counted

    while True:
        path.write_text(text_of(3, refused + published + 1), encoding="utf-8")
        was, calls = manifest(index)["generation"], 0
        with monkeypatch.context() as patched:
            for name in ("fsync", "rename", "replace", "mkdir"):
                patched.setattr(os, name, faulty(getattr(os, name), refused + published + 1))
            try:
                build_index([path], index, encoder=BagOfWords(), settings=LARGE)
                published += 1
            except StoreError:
                assert manifest(index)["generation"] == was and not list(index.glob("*.tmp-*"))
                refused += 1
        if calls < refused + published:
            break
    assert refused > 15
    assert_as_built_anew(large, index, tmp_path)
