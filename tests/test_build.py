"""Builds: the folder is mirrored by content, known text is never embedded twice, a bad file stops nobody."""

from __future__ import annotations

import os

import pytest
from filelock import FileLock

from kb.base import KnowledgeBase
from kb.build import build_index
from kb.errors import ArticleError, IndexBusy, IndexIncompatible


@pytest.fixture
def index(tmp_path):
    return tmp_path / "index"


def build(articles, index, encoder, **more):
    return build_index([articles], index, encoder=encoder, **more)


def test_a_first_build_reports_what_it_did(articles, index, encoder):
    report = build(articles, index, encoder)
    assert report.plan.new == ("baker.md", "nurse.md", "welder.txt")
    assert (report.articles, report.passages, report.embedded) == (3, 6, 6)
    assert [outcome.outcome for outcome in report.outcomes] == ["indexed"] * 3


def test_nothing_changed_embeds_nothing_and_publishes_nothing(articles, index, encoder):
    first = build(articles, index, encoder)
    again = build(articles, index, encoder)
    assert again.plan.empty and again.embedded == 0 and again.generation == first.generation


def test_an_edit_embeds_only_the_passage_it_touched(articles, index, encoder):
    build(articles, index, encoder)
    path = articles / "nurse.md"
    path.write_text(path.read_text(encoding="utf-8").replace("31,000 GBP", "33,000 GBP"), encoding="utf-8")
    report = build(articles, index, encoder)
    assert report.plan.changed == ("nurse.md",) and report.embedded == 1


def test_a_rename_embeds_nothing(articles, index, encoder):
    build(articles, index, encoder)
    (articles / "baker.md").rename(articles / "bread.md")
    report = build(articles, index, encoder)
    assert report.plan.renamed == (("baker.md", "bread.md"),) and report.embedded == 0
    assert KnowledgeBase.open(index, encoder=encoder).article("bread.md").title == "Baker"


def test_a_deleted_file_is_gone_and_its_text_comes_back_without_embedding(articles, index, encoder):
    build(articles, index, encoder)
    text = (articles / "baker.md").read_text(encoding="utf-8")
    (articles / "baker.md").unlink()
    assert build(articles, index, encoder).plan.gone == ("baker.md",)
    (articles / "baker.md").write_text(text, encoding="utf-8")
    report = build(articles, index, encoder)
    assert report.plan.new == ("baker.md",) and report.embedded == 0


def test_each_folder_is_mirrored_by_itself(articles, index, encoder, tmp_path):
    build(articles, index, encoder)
    other = tmp_path / "other"
    other.mkdir()
    (other / "fisher.txt").write_text("Fisher\n\nA fisher catches cod.", encoding="utf-8")
    report = build(other, index, encoder)
    assert report.plan.new == ("fisher.txt",) and report.plan.gone == () and report.articles == 4


def test_a_bad_file_is_named_with_its_reason_and_the_rest_goes_on(articles, index, encoder):
    (articles / "empty.md").write_text("", encoding="utf-8")
    report = build(articles, index, encoder)
    assert [(error.source, bool(error.reason)) for error in report.errors] == [("empty.md", True)]
    assert report.articles == 3


def test_an_empty_folder_never_deletes_a_working_index(articles, index, encoder, tmp_path):
    build(articles, index, encoder)
    for path in articles.iterdir():
        path.unlink()
    with pytest.raises(ArticleError, match="no articles in"):
        build(articles, index, encoder)
    assert len(KnowledgeBase.open(index, encoder=encoder).articles()) == 3


def test_a_missing_source_is_named(index, encoder, tmp_path):
    with pytest.raises(ArticleError, match="no such file or folder: .*nowhere"):
        build_index([tmp_path / "nowhere"], index, encoder=encoder)


def test_another_model_is_refused_until_a_rebuild_is_asked_for(articles, index, encoder):
    build(articles, index, encoder)
    other = type(encoder)(fingerprint="another")
    with pytest.raises(IndexIncompatible, match="python ingest.py --rebuild"):
        build(articles, index, other)
    assert build(articles, index, other, rebuild=True).embedded == 6


def test_a_second_ingest_waits_and_then_says_that_another_is_writing(articles, index, encoder):
    index.mkdir()
    with FileLock(index / "LOCK"), pytest.raises(IndexBusy, match="another ingest is writing"):
        build(articles, index, encoder, wait_seconds=0.1)


def test_a_damaged_cache_costs_time_and_nothing_else(articles, index, encoder):
    build(articles, index, encoder)
    for path in index.glob("vectors-cache.sqlite*"):
        path.write_bytes(b"not a database" * 100)
    (articles / "baker.md").write_text("A baker bakes rye bread.", encoding="utf-8")
    assert build(articles, index, encoder).embedded == 5


def test_progress_tells_stage_done_and_total(articles, index, encoder):
    seen = []
    build(articles, index, encoder, progress=lambda *step: seen.append(step))
    assert ("reading", 3, 3) in seen and ("embedding", 6, 6) in seen and seen[-1] == ("publishing", 1, 1)


def test_links_and_pipes_are_reported_unopened_and_pictures_are_skipped(articles, index, encoder, tmp_path):
    (tmp_path / "secret.md").write_text("# Secret\n\nNobody may read this.\n", encoding="utf-8")
    (articles / "out.md").symlink_to(tmp_path / "secret.md")
    os.mkfifo(articles / "pipe.md")
    (articles / "photo.png").write_bytes(b"\x89PNG")
    report = build(articles, index, encoder)
    said = {each.source: (each.outcome, each.reason) for each in report.outcomes if each.outcome != "indexed"}
    assert said == {
        "out.md": ("error", "it is a link that leads out of the folder. Nothing outside is read; copy the file into the folder"),
        "pipe.md": ("error", "it is a pipe, not a file"),
        "photo.png": ("skipped", ".png files are no articles"),
    }
    assert report.articles == 3
