"""Several at once: two ingests lose no update, questions go on while generations change, a read-only index is served."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from crashing import Forge, edition_in, edition_of, quick_folder, write_edition
from world import ROOT, BagOfWords

from kb.base import KnowledgeBase
from kb.build import build_index
from kb.current import generations


@pytest.fixture
def home():
    with quick_folder() as folder:
        yield folder


def test_two_ingests_at_once_lose_no_update(home):
    """Four rounds of two processes, each with a folder of its own, into one index."""
    forges = []
    for name in ("north", "south"):
        (home / name).mkdir()
        forges.append(Forge(home / name, home / "index"))
    for edition in range(1, 5):
        for forge in forges:
            place = forge.articles.name
            text = f"# Diver\n\nA diver of the {place} dives to {edition} metres.\n"
            (forge.articles / f"{place}-{edition}.md").write_text(text, encoding="utf-8")
        with ThreadPoolExecutor(2) as pool:
            ended = list(pool.map(lambda forge: forge.ingest(), forges))
        assert [each["code"] for each in ended] == [0, 0], ended
        with KnowledgeBase.open(home / "index", encoder=BagOfWords()) as base:
            sources = {article.source for article in base.articles()}
        assert sources == {f"{place}-{each}.md" for place in ("north", "south") for each in range(1, edition + 1)}
    for forge in forges:
        forge.close()


def test_questions_go_on_while_generations_come_and_go(home):
    """Eight threads ask one base, two of them move it on, while the index is rebuilt twelve times."""
    articles, index = home / "articles", home / "index"
    write_edition(articles, 1)
    build_index([articles], index, encoder=BagOfWords())
    base, stop, wrong, asked, moved = KnowledgeBase.open(index, encoder=BagOfWords()), threading.Event(), [], [0], []

    def ask(number: int) -> None:
        last = 0
        while not stop.is_set():
            try:
                if number < 2 and base.refresh():
                    moved.append(base.generation)
                hits = base.search("What does a welder learn by practice?", 3)
                assert len(hits) == 3 and all(hit.passage.text for hit in hits)
                if number == 7:
                    edition = edition_in(base.articles())
                    wrong.extend([f"from {last} to {edition}"] if edition < last else [])
                    last = edition
            except BaseException as error:
                wrong.append(repr(error))
            asked[0] += 1
            time.sleep(0.002)

    threads = [threading.Thread(target=ask, args=(number,), daemon=True) for number in range(8)]
    for thread in threads:
        thread.start()
    for edition in range(2, 14):
        write_edition(articles, edition)
        build_index([articles], index, encoder=BagOfWords())
    time.sleep(0.1)
    stop.set()
    for thread in threads:
        thread.join(30)
    assert wrong == [] and asked[0] > 100
    base.refresh()
    assert edition_of(base) == 13 and base.generation == generations(index)[-1]
    assert moved == sorted(set(moved)), "moved on once for each generation, never back"
    base.close()


def test_a_base_that_is_not_refreshed_answers_from_a_generation_that_was_cleared(home):
    articles, index = home / "articles", home / "index"
    write_edition(articles, 1)
    build_index([articles], index, encoder=BagOfWords())
    base = KnowledgeBase.open(index, encoder=BagOfWords())
    for edition in range(2, 7):
        write_edition(articles, edition)
        build_index([articles], index, encoder=BagOfWords())
    assert base.generation not in generations(index)
    with ThreadPoolExecutor(8) as pool:  # threads that have not asked before
        assert set(pool.map(lambda _: edition_of(base), range(24))) == {1}
    assert base.refresh() and edition_of(base) == 6


def test_an_index_that_was_deleted_and_made_anew_is_moved_to(home):
    articles, index = home / "articles", home / "index"
    write_edition(articles, 1)
    build_index([articles], index, encoder=BagOfWords())
    base = KnowledgeBase.open(index, encoder=BagOfWords())
    shutil.rmtree(index)
    assert not base.refresh() and edition_of(base) == 1
    write_edition(articles, 2)
    build_index([articles], index, encoder=BagOfWords())
    assert base.generation == generations(index)[0] and base.refresh() and edition_of(base) == 2


def test_a_damaged_newer_generation_is_said_once_and_the_base_stays(home, caplog):
    articles, index = home / "articles", home / "index"
    for edition in (1, 2):
        write_edition(articles, edition)
        build_index([articles], index, encoder=BagOfWords())
    base = KnowledgeBase.open(index, encoder=BagOfWords())
    write_edition(articles, 3)
    build_index([articles], index, encoder=BagOfWords())
    (index / "gen-000003" / "units.npy").write_bytes(b"")
    assert [base.refresh() for _ in range(5)] == [False] * 5 and edition_of(base) == 2
    assert caplog.text.count("units.npy") == 1
    write_edition(articles, 4)
    build_index([articles], index, encoder=BagOfWords())
    assert base.refresh() and edition_of(base) == 4


SERVE = """
import json, os, sys
import faiss, numpy, tantivy, kb.retrieval, kb.answer, kb.dialogue, kb.build, kb.embed, kb.readers.markdown
from pathlib import Path
from world import BagOfWords
from kb.base import KnowledgeBase
from kb.errors import KBError
index, articles, warm = sys.argv[1:]
kb.build.build_index([articles], warm, encoder=BagOfWords())  # whatever Python loads on the way, nobody may not read
KnowledgeBase.open(warm, encoder=BagOfWords()).search("Who joins metal?", 1)
if os.geteuid() == 0:
    os.setegid(65534), os.seteuid(65534)  # nobody
before = sorted(str(path) for path in Path(index).rglob("*"))
with KnowledgeBase.open(index, encoder=BagOfWords()) as base:
    found = [hit.passage.source for hit in base.search("Who joins metal?", 1)]
try:
    said = kb.build.build_index([articles], index, encoder=BagOfWords()).generation
except KBError as error:
    said = f"{type(error).__name__}: {error}"
print(json.dumps({"found": found, "said": said, "same": before == sorted(str(path) for path in Path(index).rglob("*"))}))
"""


@pytest.mark.skipif(os.name == "nt", reason="permissions as Unix has them")
def test_a_read_only_index_is_served_and_an_ingest_into_it_says_why_not(home, articles):
    home.chmod(0o755)
    (home / "scratch").mkdir()
    (home / "scratch").chmod(0o777)
    index = home / "index"
    build_index([articles], index, encoder=BagOfWords())
    for path in sorted(index.rglob("*"), reverse=True):
        path.chmod(0o555 if path.is_dir() else 0o444)
    for lock in index.rglob("*.lock"):
        lock.unlink()
    index.chmod(0o555)
    env = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}", "TMPDIR": str(home / "scratch"), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", SERVE, str(index), str(articles), str(home / "warm")]
    seen = subprocess.run(command, capture_output=True, text=True, env=env)
    assert seen.returncode == 0, seen.stderr
    report = json.loads(seen.stdout)
    assert report["found"] == ["welder.txt"] and report["same"]
    assert report["said"].startswith("StoreError: cannot write to the index folder ")
    assert not list(Path(home / "scratch").iterdir()), "what was needed to read it is gone"
    for path in [index, *index.rglob("*")]:
        path.chmod(0o755)
