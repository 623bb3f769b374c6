"""The index folder: published whole or not at all, verified when opened."""

from __future__ import annotations

import json
import os
import shutil
import sys
from itertools import count

import numpy as np
import pytest

from kb import catalogue
from kb.build import build_index
from kb.current import current_name, generations
from kb.errors import IndexDamaged, IndexIncompatible, IndexMissing, StoreError
from kb.passages import context_line, unit_with_lead
from kb.publish import _words_beside
from kb.settings import Settings
from kb.store import manifest_text, open_generation


@pytest.fixture
def index(articles, tmp_path, encoder):
    build_index([articles], tmp_path / "index", encoder=encoder)
    return tmp_path / "index"


@pytest.fixture
def two(index, articles, encoder):
    """An index with two generations."""
    (articles / "fisher.txt").write_text("Fisher\n\nA fisher catches cod at sea.", encoding="utf-8")
    build_index([articles], index, encoder=encoder)
    return index


def files(folder):
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.endswith(".lock"))


def test_row_i_is_the_same_passage_in_vectors_words_and_catalogue(index, encoder):
    generation = open_generation(index, Settings())
    rows = list(range(len(generation.dense)))
    entries = generation.catalogue.entries(rows)
    assert len(entries) == len(generation.words) == len(rows) == generation.manifest["passages"]
    for row, entry in zip(rows, entries, strict=True):
        text = generation.catalogue.article(entry.passage.source).text
        assert text[entry.passage.start : entry.passage.end] == entry.passage.text
        inputs = [f"{context_line(entry.passage)}\n{unit_with_lead(unit, text)}" for unit in entry.passage.units]
        assert np.allclose(generation.unit_vectors(row), encoder.encode(inputs), atol=1e-2)
        assert generation.dense.search(generation.dense.vectors([row])[0], 1)[0][0] == row


@pytest.mark.parametrize("most", [0, 1, 2, 1000])
def test_passages_read_before_are_the_same_again_however_few_are_kept(index, monkeypatch, most):
    monkeypatch.setattr(catalogue, "KEPT_ENTRIES", most)
    opened = open_generation(index, Settings()).catalogue
    fresh = {entry.row: entry for entry in opened.every_entry()}
    for rows in ([0], [2, 0, 1], [1, 99, 0, 1], [], [2]):
        assert opened.entries(rows) == [fresh[row] for row in rows if row in fresh]
        assert len(opened._kept) <= most


def test_a_closed_catalogue_keeps_nothing(index):
    opened = open_generation(index, Settings()).catalogue
    assert opened.entries([0])
    opened.close()
    with pytest.raises(StoreError, match="closed"):
        opened.entries([0])


@pytest.mark.skipif(sys.platform != "linux", reason="what is synced is known by its number alone; Linux says which path that is")
def test_every_file_and_folder_of_a_generation_is_synced_before_it_is_in_use(articles, tmp_path, encoder, monkeypatch):
    done, sync, replace = [], os.fsync, os.replace
    monkeypatch.setattr(os, "fsync", lambda handle: (sync(handle), done.append(os.readlink(f"/proc/self/fd/{handle}"))))
    monkeypatch.setattr(os, "replace", lambda old, new: (done.append("in use"), replace(old, new)))
    build_index([articles], tmp_path / "index", encoder=encoder)
    generation = tmp_path / "index" / "gen-000001"
    synced = {path.partition(".tmp-")[2].partition("/")[2] for path in done[: done.index("in use")] if "gen-000001.tmp-" in path}
    everything = {path for path in generation.rglob("*") if not path.name.endswith(".lock")} | {generation}
    assert synced == {path.relative_to(generation).as_posix().removeprefix(".") for path in everything}


def test_a_build_that_is_stopped_waits_for_no_more_words(tmp_path):
    endless = ((row, 0, "Nurse", "A nurse cares.") for row in count())
    with pytest.raises(KeyboardInterrupt), _words_beside(endless, tmp_path / "words"):
        raise KeyboardInterrupt
    assert next(endless)[0] < 1_000_000


def test_no_index_names_the_command_that_builds_one(tmp_path):
    with pytest.raises(IndexMissing, match="Build one with: python ingest.py"):
        open_generation(tmp_path / "nowhere", Settings())


def test_building_twice_gives_the_same_content(articles, tmp_path, encoder):
    for name in ("one", "two"):
        build_index([articles], tmp_path / name, encoder=encoder)
    manifests = [json.loads((tmp_path / name / "gen-000001" / "manifest.json").read_text()) for name in ("one", "two")]
    assert manifests[0]["content_sha256"] == manifests[1]["content_sha256"]


def test_a_damaged_only_generation_is_a_clear_error(index):
    (index / "gen-000001" / "units.npy").unlink()
    with pytest.raises(IndexDamaged, match=r"units\.npy is missing"):
        open_generation(index, Settings())


def test_another_format_is_refused_with_the_remedy(index):
    path = index / "gen-000001" / "manifest.json"
    manifest = json.loads(path.read_text())
    del manifest["manifest_sha256"]
    manifest["format"] = 99
    path.write_text(manifest_text(manifest))
    with pytest.raises(IndexIncompatible, match=r"format 99, this version reads \d.*python ingest.py --rebuild --index"):
        open_generation(index, Settings())


def test_only_the_last_three_generations_are_kept(index, articles, encoder):
    for number in range(4):
        (articles / "baker.md").write_text(f"Baker number {number} bakes bread.", encoding="utf-8")
        build_index([articles], index, encoder=encoder)
    assert generations(index) == ["gen-000003", "gen-000004", "gen-000005"]
    assert current_name(index) == "gen-000005"


@pytest.mark.parametrize("changed", [True, False], ids=["changed", "unchanged"])
def test_what_an_interrupted_build_left_is_cleared_also_by_one_that_has_nothing_to_write(index, articles, encoder, changed):
    for number in range(2):
        (articles / "baker.md").write_text(f"Baker number {number} bakes bread.", encoding="utf-8")
        build_index([articles], index, encoder=encoder)
    shutil.copytree(index / "gen-000003", index / "gen-000000")  # one that it had no time to remove
    (index / "gen-000000.tmp-1").mkdir()
    (index / "gen-000004.tmp-1").mkdir()
    (index / "CURRENT.tmp-1").write_text("gen-000002")
    if changed:
        (articles / "baker.md").write_text("A baker bakes rye bread.", encoding="utf-8")
    build_index([articles], index, encoder=encoder)
    assert not list(index.glob("*.tmp-*"))
    assert len(generations(index)) == 3 and current_name(index) == ("gen-000004" if changed else "gen-000003")
