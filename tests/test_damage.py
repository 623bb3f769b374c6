"""Damage to a published generation: every kind is noticed, none crashes, the generation before answers, a rebuild mends it."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
from world import BAKER, NURSE, WELDER, BagOfWords

from kb.base import KnowledgeBase
from kb.build import build_index, plan_build
from kb.errors import IndexDamaged, IndexIncompatible, StoreError
from kb.settings import Settings
from kb.store import manifest_text, open_generation

OLD, NEW = "gen-000001", "gen-000002"
FILES = [
    "manifest.json", "catalogue.sqlite", "vectors.faiss", "units.npy", "unit_starts.npy", "map.npy", "map_axes.npy",
    "everyday-*.npy",
    "words/meta.json", "words/.managed.json", "words/*.fast", "words/*.fieldnorm", "words/*.idx", "words/*.pos", "words/*.store",
    "words/*.term",
]  # fmt: skip
KINDS = [
    "first bit", "middle bit", "last bit", "cut in half", "cut by a byte", "a byte longer", "empty", "a zero page",
    "missing", "of the generation before", "a folder", "a link that leads nowhere",
]  # fmt: skip


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Path:
    """A folder with articles and an index of two generations."""
    home = tmp_path_factory.mktemp("whole")
    (home / "articles").mkdir()
    for name, text in {"nurse.md": NURSE, "baker.md": BAKER, "welder.txt": WELDER}.items():
        (home / "articles" / name).write_text(text, encoding="utf-8")
    build_index([home / "articles"], home / "index", encoder=BagOfWords())
    (home / "articles" / "fisher.txt").write_text("Fisher\n\nA fisher catches cod at sea.", encoding="utf-8")
    build_index([home / "articles"], home / "index", encoder=BagOfWords())
    return home


@pytest.fixture
def index(whole, tmp_path) -> Path:
    shutil.copytree(whole / "index", tmp_path / "index", symlinks=True)
    return tmp_path / "index"


def test_every_file_of_a_generation_is_among_those_damaged_here(index):
    files = {path for path in (index / NEW).rglob("*") if path.is_file() and not path.name.endswith(".lock")}
    assert files == {path for pattern in FILES for path in (index / NEW).glob(pattern)}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("pattern", FILES)
def test_damage_to_a_file_is_noticed_and_the_generation_before_answers(index, pattern, kind, caplog):
    path = next((index / NEW).glob(pattern))
    before = next((index / OLD).glob(pattern)).read_bytes()
    if kind == "of the generation before" and before == path.read_bytes():
        pytest.skip("both generations have the same")
    damage(path, kind, before)
    answers_from_the_one_before(index, caplog)


def damage(path: Path, kind: str, before: bytes) -> None:
    data = path.read_bytes()
    path.unlink()
    if kind == "missing":
        return
    if kind == "a folder":
        path.mkdir()
        return
    if kind.startswith("a link"):
        path.symlink_to("nowhere")
        return
    middle = len(data) // 2 // 4096 * 4096
    zeroed = data[:middle] + b"\0" * 4096 + data[middle + 4096 :]
    path.write_bytes(
        {
            "first bit": bytes([data[0] ^ 1]) + data[1:],
            "middle bit": data[: len(data) // 2] + bytes([data[len(data) // 2] ^ 16]) + data[len(data) // 2 + 1 :],
            "last bit": data[:-1] + bytes([data[-1] ^ 128]),
            "cut in half": data[: len(data) // 2],
            "cut by a byte": data[:-1],
            "a byte longer": data + b"\0",
            "empty": b"",
            "a zero page": zeroed,
            "of the generation before": before,
        }[kind]
    )


def answers_from_the_one_before(index: Path, caplog) -> None:
    with KnowledgeBase.open(index, encoder=BagOfWords()) as base:
        assert base.generation == OLD
        assert base.search("Who joins metal?", 1)[0].passage.source == "welder.txt"
        assert "fisher.txt" not in {article.source for article in base.articles()}
    assert f"Answering from {OLD}, the one before. Build it anew with: " in caplog.text


@pytest.mark.parametrize(
    "edit",
    [
        {"identity": None}, {"identity": {"model": "x"}}, {"identity": "text"}, {"articles": None}, {"articles": 3},
        {"passages": 6}, {"passages": "many"}, {"generation": "gen-000001"}, {"units": 0}, {"files": None}, {"files": ["a"]},
        {"files": {}, "articles": 2}, {"format": None},
        {"files": {"../../etc/passwd": "0"}},
    ],
    ids=str,
)  # fmt: skip
def test_an_edited_manifest_is_noticed_even_with_a_checksum_of_its_own(index, edit, caplog):
    path = index / NEW / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    del manifest["manifest_sha256"]
    manifest = {name: value for name, value in {**manifest, **edit}.items() if value is not None}
    path.write_text(manifest_text(manifest), encoding="utf-8")
    answers_from_the_one_before(index, caplog)


@pytest.mark.parametrize("text", ["[]", "null", "7", '{"files": {}}', "{", "[" * 100_000])
def test_a_manifest_that_is_none_is_noticed(index, text, caplog):
    (index / NEW / "manifest.json").write_text(text, encoding="utf-8")
    answers_from_the_one_before(index, caplog)


@pytest.mark.parametrize(
    "content", [b"gen-000009\n", b"../gen-000002\n", b"", b"\xff\xfe\0", b"gen-2", b"x" * 9999, None, "a folder"]
)
def test_a_broken_current_is_noticed_and_the_newest_sound_generation_answers(index, content, caplog):
    (index / "CURRENT").unlink()
    if content == "a folder":
        (index / "CURRENT").mkdir()
    elif content is not None:
        (index / "CURRENT").write_bytes(content)
    with KnowledgeBase.open(index, encoder=BagOfWords()) as base:
        assert base.generation == NEW
    assert "Build it anew with: " in caplog.text


@pytest.mark.parametrize("kind", ["missing", "empty", "a file", "all files of the one before"])
def test_a_broken_generation_folder_is_noticed(index, kind, caplog):
    shutil.rmtree(index / NEW)
    if kind == "empty":
        (index / NEW).mkdir()
    elif kind == "a file":
        (index / NEW).write_text("gone")
    elif kind.startswith("all"):
        shutil.copytree(index / OLD, index / NEW)
    answers_from_the_one_before(index, caplog)


def test_when_no_generation_is_whole_the_error_names_the_remedy(index):
    for name in (OLD, NEW):
        (index / name / "units.npy").unlink()
    with pytest.raises(IndexDamaged, match=r"units\.npy is missing.*ingest.py --rebuild --index"):
        open_generation(index, Settings())
    with pytest.raises(IndexDamaged, match="--rebuild"):
        plan_build([index.parent], index)


def test_an_older_layout_is_named_with_the_remedy_and_never_a_crash(index, whole):
    """As an index of the version before: a file fewer, and another format in a manifest that is sound in itself."""
    for name in (OLD, NEW):
        path = index / name / "manifest.json"
        manifest = json.loads(path.read_text(encoding="utf-8"))
        del manifest["manifest_sha256"], manifest["files"]["unit_starts.npy"]
        manifest["format"] = 1
        path.write_text(manifest_text(manifest), encoding="utf-8")
        (index / name / "unit_starts.npy").unlink()
    refused = "has format 1, this version reads .* --rebuild"
    with pytest.raises(IndexIncompatible, match=refused):
        open_generation(index, Settings())
    with pytest.raises(IndexIncompatible, match=refused):
        build_index([whole / "articles"], index, encoder=BagOfWords())
    mended(index, whole)


BREAK = {
    "CURRENT is a folder": lambda index: (os.remove(index / "CURRENT"), (index / "CURRENT" / "x").mkdir(parents=True)),
    "CURRENT names nothing": lambda index: (index / "CURRENT").write_text("nonsense"),
    "every manifest is gone": lambda index: [path.unlink() for path in index.glob("gen-*/manifest.json")],
    "every catalogue is empty": lambda index: [path.write_bytes(b"") for path in index.glob("gen-*/catalogue.sqlite")],
    "the next generation is a file": lambda index: (index / "gen-000003").write_text("in the way"),
    "the last number is taken": lambda index: (index / "gen-999998").mkdir(),
    "the cache is a folder": lambda index: (os.remove(index / "vectors-cache.sqlite"), (index / "vectors-cache.sqlite").mkdir()),
    "the cache is broken": lambda index: (index / "vectors-cache.sqlite").write_bytes(b"\0" * 5000),
    "leavings of a dead build": lambda index: (
        (index / "gen-000003.tmp-1" / "words").mkdir(parents=True), (index / "CURRENT.tmp-1").mkdir()
    ),
    "links that lead nowhere": lambda index: (os.remove(index / "CURRENT"), (index / "CURRENT").symlink_to("nowhere")),
}  # fmt: skip


@pytest.mark.parametrize("what", BREAK)
def test_a_rebuild_works_whatever_is_broken(index, whole, what):
    BREAK[what](index)
    mended(index, whole)


def mended(index: Path, whole: Path) -> None:
    report = build_index([whole / "articles"], index, encoder=BagOfWords(), rebuild=True)
    with KnowledgeBase.open(index, encoder=BagOfWords()) as base:
        assert base.generation == report.generation and len(base.articles()) == 4
    assert build_index([whole / "articles"], index, encoder=BagOfWords()).plan.empty


@pytest.mark.parametrize("damaged", ["units.npy", "CURRENT"])
def test_an_ingest_that_finds_the_newest_damaged_publishes_a_sound_one(index, whole, damaged):
    if damaged == "CURRENT":
        (index / "CURRENT").write_bytes(b"")
    else:
        (index / NEW / damaged).unlink()
    report = build_index([whole / "articles"], index, encoder=BagOfWords())
    assert report.generation == "gen-000003" and report.articles == 4
    assert open_generation(index, Settings()).name == "gen-000003"


def test_an_ingest_of_just_what_the_generation_before_held_is_published_too(articles, tmp_path):
    index = tmp_path / "index"
    build_index([articles], index, encoder=BagOfWords())
    (articles / "fisher.txt").write_text("Fisher\n\nA fisher catches cod at sea.", encoding="utf-8")
    build_index([articles], index, encoder=BagOfWords())
    (articles / "fisher.txt").unlink()
    (index / NEW / "units.npy").unlink()
    assert build_index([articles], index, encoder=BagOfWords()).generation == "gen-000003"
    assert open_generation(index, Settings()).name == "gen-000003"


def test_an_index_folder_that_is_a_file_is_a_clear_error(tmp_path, whole):
    (tmp_path / "index").write_text("a file")
    with pytest.raises(StoreError, match="cannot write to the index folder"):
        build_index([whole / "articles"], tmp_path / "index", encoder=BagOfWords())
