from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from world import ROOT

from kb.errors import ArticleError
from kb.readers import bounded, html
from kb.readers.bounded import Child

PAGE = b"<html><body><h1>Baker</h1><p>Bakers bake bread.</p></body></html>"


@pytest.fixture
def child(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """A child that also finds readers made for the test in tmp_path/kb_test_readers."""
    child = Child()
    yield child
    child.close()


def reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str) -> str:
    """The kind of a reader that runs body; a namespace path lets kb.readers find it in the child."""
    package = tmp_path / "kb_hostile.py"
    package.write_text(f"import os, time\ndef read(data, charset=''):\n    {body}\n")
    site = tmp_path / "sitecustomize.py"
    site.write_text("import sys, kb_hostile; sys.modules['kb.readers.hostile'] = kb_hostile\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return "hostile"


def test_a_child_reads_what_the_reader_itself_would(child: Child) -> None:
    assert child.draft("html", PAGE) == html.read(PAGE)
    process = child._process
    assert child.draft("html", PAGE) == html.read(PAGE)
    assert child._process is process


def test_a_readers_reason_comes_through(child: Child) -> None:
    with pytest.raises(ArticleError, match="it is empty"):
        child.draft("text", b"")


def test_a_crash_is_an_article_error_and_the_next_file_is_read(
    child: Child, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = reader(tmp_path, monkeypatch, "os.abort()")
    with pytest.raises(ArticleError, match="crashed"):
        child.draft(kind, b"x")
    assert child.draft("html", PAGE).fragments


@pytest.mark.skipif(sys.platform == "win32", reason="no processor limit there")
def test_a_reader_that_never_ends_is_stopped_by_its_processor_time(
    child: Child, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = reader(tmp_path, monkeypatch, "import resource; resource.setrlimit(resource.RLIMIT_CPU, (2, 9))\n    while True: pass")
    with pytest.raises(ArticleError, match="more than 30 seconds"):
        child.draft(kind, b"x")


def test_a_reader_that_sleeps_is_stopped_by_the_clock(child: Child, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded, "WALL_SECONDS", 2.0)
    started = time.monotonic()
    with pytest.raises(ArticleError, match="more than 30 seconds"):
        child.draft(reader(tmp_path, monkeypatch, "time.sleep(600)"), b"x")
    assert time.monotonic() - started < 30


@pytest.mark.skipif(sys.platform != "linux", reason="address space is limited on Linux only")
def test_a_reader_that_wants_all_memory_is_stopped(child: Child, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ArticleError, match="1,500 MB of memory"):
        child.draft(reader(tmp_path, monkeypatch, "return bytearray(4_000_000_000)"), b"x")


def test_whatever_a_reader_raises_is_an_article_error(child: Child, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ArticleError, match="it is damaged, .* \\(ZeroDivisionError\\)"):
        child.draft(reader(tmp_path, monkeypatch, "1 / 0"), b"x")


def test_a_child_that_was_killed_while_idle_is_replaced(child: Child) -> None:
    child.draft("html", PAGE)
    assert child._process is not None
    os.kill(child._process.pid, 9)
    child._process.wait()
    assert child.draft("html", PAGE).fragments


BESIDE = """
from kb.readers.bounded import GROWN_BYTES, Child
ballast, child = b"x" * (GROWN_BYTES + 50_000_000), Child()
pages = [child.draft("html", b"<h1>Baker</h1><p>Bakers bake bread.</p>") and child._process for _ in range(2)]
assert pages[0] is not None and pages[0] is pages[1], pages
child.close()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux hands the peak of memory on")
def test_a_child_is_kept_however_large_the_process_that_started_it() -> None:
    done = subprocess.run([sys.executable, "-c", BESIDE], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr


def test_a_child_that_has_grown_leaves_after_its_answer(child: Child, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    body = "from kb.records import Draft; big = bytearray(520_000_000); return Draft(())"
    assert child.draft(reader(tmp_path, monkeypatch, body), b"x").fragments == ()
    assert child._process is None
    assert child.draft("html", PAGE).fragments


def test_threads_take_turns(child: Child) -> None:
    drafts = []
    threads = [threading.Thread(target=lambda: drafts.append(child.draft("html", PAGE))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert drafts == [html.read(PAGE)] * 4
