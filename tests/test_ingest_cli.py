"""`ingest` as a shell user runs it: what it prints, writes and exits with."""

from __future__ import annotations

import json
import threading

import pytest
from filelock import FileLock

from kb import ingest_cli
from kb.base import KnowledgeBase
from kb.cli import main


@pytest.fixture
def index(tmp_path, encoder, monkeypatch):
    import kb.build
    import kb.lazy_encoder

    for module in (kb.build, kb.lazy_encoder):
        monkeypatch.setattr(module, "LazyEncoder", lambda settings, cache: encoder)
    return tmp_path / "index"


def run(capsys, *arguments):
    code = main(["ingest", *(str(argument) for argument in arguments)])
    out = capsys.readouterr()
    return code, out.out, out.err


def test_the_report_says_what_became_of_every_file(articles, index, tmp_path, capsys):
    (articles / "sub").mkdir()
    (articles / "sub" / "empty.md").write_text("", encoding="utf-8")
    (articles / "photo.png").write_bytes(b"\x89PNG")
    code, out, _ = run(capsys, articles, "--index", index, "--report", tmp_path / "report.json")
    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert code == 1 and list(report) == ["articles", "counts", "seconds"] and report["seconds"] > 0
    assert report["articles"]["nurse.md"] == {"outcome": "indexed", "reason": ""}
    assert report["articles"]["sub/empty.md"] == {"outcome": "error", "reason": "it is empty"}
    assert report["articles"]["photo.png"]["outcome"] == "skipped" and report["articles"]["photo.png"]["reason"]
    counts = report["counts"]
    assert (counts["indexed"], counts["skipped"], counts["error"], counts["new"], counts["articles"]) == (3, 1, 1, 3, 3)


def test_a_date_that_cannot_be_read_is_a_warning_each_time_and_the_article_is_kept(articles, index, tmp_path, capsys):
    (articles / "cook.md").write_text("---\ntitle: Cook\ndate: next spring\n---\nA cook cooks.\n", encoding="utf-8")
    reason = "its front matter's date 'next spring' cannot be read, so it is undated. Write it as 2024-06-30, 2024-06 or 2024"
    for embedded in (7, 0):
        code, out, err = run(capsys, articles, "--index", index, "--report", tmp_path / "report.json")
        assert code == 0 and f"4 articles, 7 passages ({embedded} embedded)" in out
        assert err.splitlines()[-1] == f"warning: 'cook.md': {reason}"
        report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
        assert report["articles"]["cook.md"] == {"outcome": "indexed", "reason": reason}


def test_the_report_is_written_when_nothing_could_be_read(index, tmp_path, capsys):
    (tmp_path / "empty.md").write_text("", encoding="utf-8")
    code, _, err = run(capsys, tmp_path / "empty.md", "--index", index, "--report", tmp_path / "report.json")
    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert code == 1 and "nothing in" in err
    assert report["articles"] == {"empty.md": {"outcome": "error", "reason": "it is empty"}} and report["counts"]["error"] == 1


def test_a_report_that_cannot_be_written_is_one_clear_line(articles, index, tmp_path, capsys):
    code, _, err = run(capsys, articles, "--index", index, "--report", tmp_path / "no" / "report.json")
    assert code == 1 and "cannot write the report" in err and "Traceback" not in err


def test_a_dry_run_prints_the_plan_with_names_and_makes_nothing(articles, index, capsys):
    code, out, _ = run(capsys, articles, "--index", index, "--dry-run")
    assert code == 0 and not index.exists()
    assert out.splitlines() == ["+ baker.md", "+ nurse.md", "+ welder.txt", "+3 ~0 -0 (dry run: nothing was changed)"]


def test_list_shows_every_article_under_its_folder(articles, index, capsys):
    run(capsys, articles, "--index", index)
    code, out, _ = run(capsys, "--list", "--index", index)
    assert code == 0 and out.splitlines() == [
        str(articles),
        "  baker.md\tBaker\t2023\t2 passages",
        "  nurse.md\tNurse\t2024-05-01\t3 passages",
        "  welder.txt\tWelder\tundated\t1 passages",
    ]


def test_remove_takes_articles_out_and_says_that_they_come_back(articles, index, encoder, capsys):
    run(capsys, articles, "--index", index)
    code, out, err = run(capsys, "--index", index, "--remove", "baker.md", "nurse.md")
    assert code == 0 and "+0 ~0 -2; 1 articles" in out and "brings them back" in err
    assert [each.source for each in KnowledgeBase.open(index, encoder=encoder).articles()] == ["welder.txt"]
    code, _, err = run(capsys, "--index", index, "--remove", "baker.md")
    assert code == 1 and "no article and no ingested folder 'baker.md'" in err


def test_an_emptied_folder_is_refused_in_one_line_that_names_the_way_out(articles, index, capsys):
    run(capsys, articles, "--index", index)
    for path in articles.iterdir():
        path.unlink()
    code, _, err = run(capsys, articles, "--index", index)
    assert code == 1 and err.splitlines()[-1].endswith(f"If they should go: python ingest.py --remove {articles} --index {index}")


def test_another_ingest_under_way_is_exit_code_75(articles, index, capsys):
    index.mkdir()
    with FileLock(index / "LOCK"):
        code, _, err = run(capsys, articles, "--index", index, "--wait", "0.1")
    assert code == 75 and "another ingest is writing" in err


@pytest.mark.parametrize(
    "arguments",
    [("--list", "folder"), ("--remove", "a.md", "--rebuild"), ("--watch", "https://example.org"), ("--dry-run", "--list")],
)
def test_options_that_do_not_go_together_are_refused(index, capsys, arguments):
    with pytest.raises(SystemExit) as error:
        run(capsys, *arguments, "--index", index)
    assert error.value.code == 2


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("", "--index", "x"), "argument FOLDER_OR_FILE: it is empty"),
        (("--index", ""), "argument --index: it is empty"),
        (("--wait", "nan"), "argument --wait: invalid seconds value: 'nan'"),
        (("--wait", "-5"), "argument --wait: invalid seconds value: '-5'"),
    ],
)
def test_an_argument_that_names_nothing_is_refused_before_anything_is_read(capsys, arguments, told):
    with pytest.raises(SystemExit) as error:
        run(capsys, *arguments)
    assert error.value.code == 2 and told in capsys.readouterr().err


def test_an_index_folder_that_is_a_file_is_called_one(articles, tmp_path, capsys):
    (tmp_path / "file").write_text("x")
    told = f"career-kb: cannot write to the index folder {tmp_path / 'file'}: it is a file\n"
    assert run(capsys, articles, "--index", tmp_path / "file")[::2] == (1, told)
    code, _, err = run(capsys, "--list", "--index", tmp_path / "file")
    assert (code, err) == (1, f"career-kb: {tmp_path / 'file'} is a file, not the folder of an index\n")


def test_names_cannot_forge_lines_of_the_plan(articles, index, capsys):
    (articles / "a\n- nurse.md").write_text("Fisher\n\nA fisher catches cod.", encoding="utf-8")
    _, out, _ = run(capsys, articles, "--index", index, "--dry-run")
    assert len(out.splitlines()) == 5 and "- nurse.md" not in out.splitlines()


def test_watch_follows_the_folder_says_what_is_wrong_once_and_goes_on(articles, index, encoder, capsys, monkeypatch):
    def ticks(paths):
        yield  # the first look
        (articles / "empty.md").write_text("", encoding="utf-8")
        yield
        yield  # nothing new: nothing is said again
        (articles / "baker.md").write_text("A baker bakes rye bread.", encoding="utf-8")
        yield
        raise KeyboardInterrupt

    monkeypatch.setattr("kb.watch.ticks", ticks)
    code, out, err = run(capsys, articles, "--index", index, "--watch")
    assert code == 0 and [line.split(";")[0] for line in out.splitlines()] == [f"{index}: +3 ~0 -0", f"{index}: +0 ~1 -0"]
    assert err.count("error: 'empty.md'") == 1 and err.endswith("no longer following\n")


def test_watch_by_either_clock_or_system_notices_a_change(tmp_path, monkeypatch):
    from kb import watch

    monkeypatch.setattr(watch, "QUIET_MS", 50)
    monkeypatch.setattr(watch, "LEAST_SECONDS", 0.01)
    assert next(watch.ticks([tmp_path], by_clock=True)) is None
    for by_clock in (True, False):
        ticks = watch.ticks([tmp_path], by_clock=by_clock)
        next(ticks)
        timer = threading.Timer(0.3, lambda: (tmp_path / "new.md").write_text("new", encoding="utf-8"))
        timer.start()
        next(ticks)
        timer.join()


def test_print_report_counts_what_could_not_be_read(articles, index, capsys):
    (articles / "empty.md").write_text("", encoding="utf-8")
    code, out, err = run(capsys, articles, "--index", index)
    assert code == ingest_cli.EXIT_ERROR and "3 articles, 1 could not be read, 6 passages (6 embedded)" in out
    assert err.splitlines()[-1] == "error: 'empty.md': it is empty"
