"""Builds: the folder is mirrored by content, known text is never embedded twice, a bad file stops nobody."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest
from filelock import FileLock

from kb.base import KnowledgeBase
from kb.build import build_index, plan_build, remove_articles
from kb.errors import ArticleError, EncoderError, IndexBusy, IndexIncompatible, NothingToIndex, StoreError
from kb.reading import assemble
from kb.records import Draft, Fragment
from kb.settings import Settings
from kb.store import open_generation


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


@pytest.mark.parametrize("kind", [str, Path])
def test_a_single_source_need_not_be_put_into_a_list(kind, articles, index, encoder):
    assert plan_build(kind(articles), index).plan.new == ("baker.md", "nurse.md", "welder.txt")
    assert build_index(kind(articles), index, encoder=encoder).articles == 3


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
    (other / "fisher.txt").unlink()
    (other / "miller.txt").write_text("Miller\n\nA miller grinds corn.", encoding="utf-8")
    report = build(other, index, encoder)
    assert (report.plan.new, report.plan.gone, report.articles) == (("miller.txt",), ("fisher.txt",), 4)


def test_two_folders_with_equal_file_names_both_live_and_keep_their_names(index, encoder, tmp_path):
    for folder, job in (("north", "whaler"), ("south", "diver")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "pay.md").write_text(f"# Pay\n\nA {job} earns well.", encoding="utf-8")
    build(tmp_path / "north", index, encoder)
    assert build(tmp_path / "south", index, encoder).plan.new == ("south/pay.md",)
    again = build_index([tmp_path / "south", tmp_path / "north"], index, encoder=encoder)
    assert again.plan.empty and [each.source for each in again.outcomes] == ["pay.md", "south/pay.md"]
    (tmp_path / "north" / "pay.md").write_text("# Pay\n\nA whaler earns little.", encoding="utf-8")
    assert build(tmp_path / "north", index, encoder).plan.changed == ("pay.md",)
    base = KnowledgeBase.open(index, encoder=encoder)
    assert [base.article(name).text.split()[-1] for name in ("pay.md", "south/pay.md")] == ["little.", "well."]


def test_a_part_of_a_mirrored_folder_is_looked_at_by_itself(articles, index, encoder):
    (articles / "sea").mkdir()
    (articles / "sea" / "fisher.txt").write_text("Fisher\n\nA fisher catches cod.", encoding="utf-8")
    build(articles, index, encoder)
    (articles / "sea" / "fisher.txt").write_text("Fisher\n\nA fisher catches eel.", encoding="utf-8")
    (articles / "baker.md").write_text("A baker bakes rye bread.", encoding="utf-8")
    assert build(articles / "sea", index, encoder).plan.changed == ("sea/fisher.txt",)
    assert build(articles / "baker.md", index, encoder).plan.changed == ("baker.md",)
    assert build(articles, index, encoder).plan.empty


def test_a_folder_around_a_mirrored_one_takes_its_articles_over(articles, index, encoder):
    build(articles, index, encoder)
    report = build(articles.parent, index, encoder)
    names = ("baker.md", "nurse.md", "welder.txt")
    assert report.plan.renamed == tuple((name, f"articles/{name}") for name in names)
    assert (report.embedded, report.articles, len(report.outcomes)) == (0, 3, 3), "the index, which lies there too, is left out"


def test_a_moved_folder_goes_on_under_its_old_names(articles, index, encoder, tmp_path):
    build(articles, index, encoder)
    articles.rename(tmp_path / "elsewhere")
    (tmp_path / "elsewhere" / "baker.md").write_text("A baker bakes rye bread.", encoding="utf-8")
    report = build(tmp_path / "elsewhere", index, encoder)
    assert (report.plan.changed, report.plan.new, report.articles) == (("baker.md",), (), 3)
    assert "taken for the same folder, moved" in report.notes[0]


def test_other_cutting_settings_cut_everything_anew_and_lose_no_folder(articles, index, encoder, tmp_path):
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "fisher.txt").write_text("Fisher\n\nA fisher catches cod. " * 30, encoding="utf-8")
    build_index([articles, tmp_path / "other"], index, encoder=encoder)
    report = build(articles, index, encoder, settings=Settings(passage_words=20))
    assert report.plan.empty and (report.articles, report.passages) == (4, 14)
    assert build(articles, index, encoder, settings=Settings(passage_words=20)).generation == report.generation


def test_a_change_of_the_code_that_reads_and_cuts_reads_and_cuts_anew(articles, index, encoder, monkeypatch):
    import kb.mirror

    first = build(articles, index, encoder)
    monkeypatch.setattr(kb.mirror, "code_version", lambda: "another")
    report = build(articles, index, encoder)
    assert report.plan.empty and report.embedded == 0 and report.generation != first.generation
    assert build(articles, index, encoder).generation == report.generation


def test_what_did_not_change_is_not_parsed_cut_or_embedded_again(articles, index, encoder, monkeypatch):
    import kb.embed
    import kb.mirror

    parsed, were_cut = [], []
    read, cut = kb.mirror.article_of, kb.embed.cut
    monkeypatch.setattr(kb.mirror, "article_of", lambda data, source: parsed.append(source) or read(data, source))
    monkeypatch.setattr(kb.embed, "cut", lambda article, *more: were_cut.append(article.source) or cut(article, *more))
    build(articles, index, encoder)
    assert parsed == were_cut == ["baker.md", "nurse.md", "welder.txt"]
    parsed.clear(), were_cut.clear(), encoder.encoded.clear()
    (articles / "baker.md").write_text("A baker bakes rye bread.", encoding="utf-8")
    build(articles, index, encoder)
    assert parsed == were_cut == ["baker.md"] and len(encoder.encoded) == 2, "a passage, and its one sentence"
    parsed.clear(), were_cut.clear(), encoder.encoded.clear()
    build(articles, index, encoder)
    assert parsed == were_cut == encoder.encoded == []


def test_a_changed_index_holds_what_a_fresh_one_would(articles, index, encoder, tmp_path):
    build(articles, index, encoder)
    (articles / "baker.md").write_text("A baker bakes rye bread.", encoding="utf-8")
    (articles / "welder.txt").rename(articles / "a-welder.txt")
    build(articles, index, encoder)
    build(articles, tmp_path / "fresh", encoder)
    one, other = (open_generation(folder, Settings()).manifest for folder in (index, tmp_path / "fresh"))
    assert one["content_sha256"] == other["content_sha256"]


def test_a_bad_file_is_named_with_its_reason_and_the_rest_goes_on(articles, index, encoder):
    (articles / "empty.md").write_text("", encoding="utf-8")
    report = build(articles, index, encoder)
    assert [(error.source, bool(error.reason)) for error in report.errors] == [("empty.md", True)]
    assert report.articles == 3


def test_an_empty_folder_never_deletes_a_working_index(articles, index, encoder, tmp_path):
    build(articles, index, encoder)
    for path in articles.iterdir():
        path.unlink()
    with pytest.raises(NothingToIndex, match="no articles in .* any more; the index keeps the 3 .* --remove"):
        build(articles, index, encoder)
    articles.rmdir()
    with pytest.raises(ArticleError, match="is not there any more; the index keeps the 3 articles .* --remove"):
        build(articles, index, encoder)
    assert len(KnowledgeBase.open(index, encoder=encoder).articles()) == 3


def test_an_emptied_folder_among_others_stops_the_build(articles, index, encoder, tmp_path):
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "fisher.txt").write_text("Fisher\n\nA fisher catches cod.", encoding="utf-8")
    build_index([articles, tmp_path / "other"], index, encoder=encoder)
    (tmp_path / "other" / "fisher.txt").unlink()
    with pytest.raises(NothingToIndex, match=r"no articles in .*other any more; the index keeps the 1"):
        build_index([articles, tmp_path / "other"], index, encoder=encoder)


def test_what_cannot_be_looked_at_is_not_taken_for_deleted(articles, index, encoder, monkeypatch):
    import kb.mirror

    (articles / "sea").mkdir()
    (articles / "sea" / "fisher.txt").write_text("Fisher\n\nA fisher catches cod.", encoding="utf-8")
    build(articles, index, encoder)
    read, find = kb.mirror.file_bytes, kb.mirror.find_articles

    def denied(path, source):
        if source in ("baker.md", "sea"):
            raise ArticleError("no permission to read it") from PermissionError(13, "denied")
        return read(path, source)

    def found(root):  # as find_articles does with a folder that it cannot open
        return [("sea", articles / "sea") if source.startswith("sea/") else (source, path) for source, path in find(root)]

    monkeypatch.setattr(kb.mirror, "file_bytes", denied)
    monkeypatch.setattr(kb.mirror, "find_articles", found)
    report = build(articles, index, encoder)
    kept = "no permission to read it; the index keeps what was read before"
    assert [(each.source, each.reason) for each in report.errors] == [("baker.md", kept), ("sea", kept)]
    assert report.plan.empty and report.articles == 4


def test_an_article_whose_file_holds_none_any_more_is_gone(articles, index, encoder):
    build(articles, index, encoder)
    (articles / "baker.md").write_text("", encoding="utf-8")
    report = build(articles, index, encoder)
    assert report.plan.gone == ("baker.md",) and [error.source for error in report.errors] == ["baker.md"]


def test_a_dry_run_names_what_would_change_and_changes_nothing(articles, index, encoder, tmp_path):
    assert str(plan_build([articles], tmp_path / "none").plan) == "+3 ~0 -0"
    assert not (tmp_path / "none").exists()
    build(articles, index, encoder)
    (articles / "baker.md").write_text("A baker bakes rye bread.", encoding="utf-8")
    (articles / "nurse.md").unlink()
    (articles / "welder.txt").rename(articles / "a-welder.txt")
    (articles / "fisher.txt").write_text("Fisher\n\nA fisher catches cod.", encoding="utf-8")
    before = {path: path.stat().st_mtime_ns for path in index.rglob("*")}
    plan = plan_build([articles], index).plan
    assert list(plan.lines()) == ["+ fisher.txt", "~ baker.md", "> welder.txt -> a-welder.txt", "- nurse.md"]
    assert {path: path.stat().st_mtime_ns for path in index.rglob("*")} == before
    assert build(articles, index, encoder).plan == plan


def test_articles_are_removed_by_name_and_folders_by_path(articles, index, encoder, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    (other / "fisher.txt").write_text("Fisher\n\nA fisher catches cod.", encoding="utf-8")
    build_index([articles, other], index, encoder=encoder)
    encoder.encoded.clear()
    report = remove_articles(["baker.md"], index, encoder=encoder)
    assert report.plan.gone == ("baker.md",) and report.articles == 3 and "brings them back" in report.notes[0]
    (other / "fisher.txt").unlink()
    other.rmdir()
    report = remove_articles([str(other)], index, encoder=encoder)
    assert report.plan.gone == ("fisher.txt",) and report.notes == () and encoder.encoded == []
    assert [each.source for each in KnowledgeBase.open(index, encoder=encoder).articles()] == ["nurse.md", "welder.txt"]
    with pytest.raises(StoreError, match="no article and no ingested folder 'butcher.md' in .* --list"):
        remove_articles(["butcher.md"], index, encoder=encoder)
    with pytest.raises(StoreError, match="nothing would be left"):
        remove_articles([str(articles)], index, encoder=encoder)


def test_a_web_address_is_read_only_when_allowed(articles, index, encoder, monkeypatch):
    import kb.readers.web

    address = "https://example.org/fisher"
    page = assemble(Draft((Fragment("paragraph", "A fisher catches cod."),), {"title": "Fisher"}), address)
    monkeypatch.setattr(kb.readers.web, "read_url", lambda url: page)
    with pytest.raises(ArticleError, match="is a web address. Those are only read with --allow-url"):
        build_index([articles, address], index, encoder=encoder)
    assert build_index([articles, address], index, encoder=encoder, allow_url=True).articles == 4
    assert build(articles, index, encoder).plan.empty, "an address stays until it is removed"

    def unreachable(url):
        raise ArticleError("the host example.org cannot be found")

    monkeypatch.setattr(kb.readers.web, "read_url", unreachable)
    report = build_index([address], index, encoder=encoder, allow_url=True)
    assert report.articles == 4 and report.errors[0].reason.endswith("the index keeps what was read before")
    assert remove_articles([address], index, encoder=encoder).plan.gone == (address,)


def test_pipes_and_links_are_reported_and_never_opened(articles, index, encoder):
    os.mkfifo(articles / "pipe.md")
    (articles / "link.md").symlink_to("/etc/passwd")
    (articles / "photo.png").write_bytes(b"\x89PNG")
    report = build(articles, index, encoder)
    found = {each.source: each.outcome for each in report.outcomes if each.outcome != "indexed"}
    assert found == {"pipe.md": "error", "link.md": "error", "photo.png": "skipped"}


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
    assert build(articles, index, encoder).embedded == 1, "the rest is taken from the index itself"
    assert build(articles, index, encoder, rebuild=True).embedded == 4, "the cache goes on with what it was given since"


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


def test_the_model_is_loaded_once_beside_the_reading_and_what_fails_there_is_heard(articles, index, encoder, monkeypatch):
    loads = []

    def load(settings, cache, *, for_many):
        loads.append((for_many, threading.current_thread() is threading.main_thread()))
        if len(loads) > 1:
            raise EncoderError("no such model")
        return encoder

    monkeypatch.setattr("kb.lazy_encoder.load_encoder", load)
    files = SimpleNamespace(fingerprint=encoder.fingerprint, shipped=False)
    monkeypatch.setattr("kb.lazy_encoder.find_model", lambda settings: files)
    build_index([articles], index)
    assert loads == [(True, False)]
    with pytest.raises(EncoderError, match="no such model"):
        build_index([articles], index.with_name("other"))


def test_what_is_added_loads_the_model_beside_the_reading_too_and_a_build_that_changes_nothing_does_not(
    articles, index, encoder, monkeypatch
):
    loads = []

    def load(settings, cache, *, for_many):
        loads.append(threading.current_thread() is threading.main_thread())
        return encoder

    monkeypatch.setattr("kb.lazy_encoder.load_encoder", load)
    files = SimpleNamespace(fingerprint=encoder.fingerprint, shipped=False)
    monkeypatch.setattr("kb.lazy_encoder.find_model", lambda settings: files)
    build(articles, index, encoder)
    (articles / "broken.pdf").write_bytes(b"%PDF-1.4 and nothing more")
    assert build_index([articles], index).plan.empty and loads == []
    (articles / "welder.md").write_text("# Welder\n\nA welder joins metal.\n", encoding="utf-8")
    assert build_index([articles], index).plan.new == ("welder.md",)
    assert loads == [False]
