"""What the tests of crashes and faults share: a forge of processes that ingest, and articles that say which edition they are of.

Every article of a folder carries the same edition number, so a state between two is seen by two numbers, a step back by a lower.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kb.base import KnowledgeBase
from kb.records import Article

HERE = Path(__file__).resolve().parent
TRADES = ("baker", "mason", "nurse", "roofer", "sailor", "welder")


@contextmanager
def quick_folder() -> Iterator[Path]:
    """A folder in memory where there is such a thing: kills and made faults do not care for the disk, and syncing takes long."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(prefix="kb-tests-", dir=memory if os.access(memory, os.W_OK) else None) as folder:
        yield Path(folder)


def write_edition(articles: Path, edition: int) -> None:
    """Write the folder's articles, all of this edition."""
    articles.mkdir(exist_ok=True)
    for number, trade in enumerate(TRADES):
        said = " ".join(f"A {trade} learns skill {number * 10 + skill} of the trade by practice." for skill in range(12))
        text = f"# {trade.title()}\n\nThis is edition {edition} of what a {trade} does.\n\n## Skills\n\n{said}\n"
        (articles / f"{trade}.md").write_text(text, encoding="utf-8")


def write_ballast(articles: Path) -> None:
    """Write an article that never changes, of so many passages that an edition is a small edit of the whole."""
    parts = [f"## Knot {number}\n\nKnot {number} holds {number * 3} kg of rope and hemp.\n" for number in range(200)]
    articles.mkdir(exist_ok=True)
    (articles / "ballast.md").write_text("# Knots\n\n" + "\n".join(parts), encoding="utf-8")


@contextmanager
def first_edition() -> Iterator[tuple[Path, Path]]:
    """The articles' first edition with its ballast, and a place for an index, in a quick folder."""
    with quick_folder() as home:
        write_ballast(home / "articles")
        write_edition(home / "articles", 1)
        yield home / "articles", home / "index"


def edition_in(articles: Sequence[Article]) -> int:
    """The edition that articles are of; fails the test when they are of two, or one is missing."""
    editions = {int(match[1]) for article in articles if (match := re.search(r"edition (\d+)", article.text))}
    trades = sum(article.source != "ballast.md" for article in articles)
    assert trades == len(TRADES) and len(editions) == 1, f"torn: {sorted(editions)}"
    return editions.pop()


def edition_of(base: KnowledgeBase) -> int:
    """The edition that a base holds, which nobody moves on meanwhile; fails the test when a search finds another."""
    edition = edition_in(base.articles())
    hit = base.search("Which edition of what a mason does is this?", 1)[0]
    assert f"edition {edition} of" in base.article(hit.passage.source).text
    assert base.article(hit.passage.source).text[hit.passage.start : hit.passage.end] == hit.passage.text
    return edition


def compiled_faults(folder: Path) -> Path | None:
    """The library that makes calls fail, compiled into folder; None where there is no C compiler, or no Linux."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None or sys.platform != "linux":
        return None
    library = folder / "faults.so"
    done = subprocess.run(
        [compiler, "-O1", "-shared", "-fPIC", "-o", str(library), str(HERE / "faults.c"), "-ldl"], capture_output=True, text=True
    )
    return library if done.returncode == 0 else None


class Forge:
    """A process that forks ingests on demand; see forge.py."""

    def __init__(self, articles: Path, index: Path, preload: Path | None = None, *, amend_from: int | None = None) -> None:
        self.articles, self.index = articles, index
        root = HERE.parent.parent
        env = {**os.environ, "PYTHONPATH": f"{root}:{root / 'tests'}", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        if amend_from is not None:
            env["KB_TESTS_AMEND_FROM"] = str(amend_from)
        if preload is not None:
            env["LD_PRELOAD"] = str(preload)
        self._process = subprocess.Popen(
            [sys.executable, str(HERE / "forge.py")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env
        )

    def ingest(self, fault: tuple[int, int] | None = None, signal: tuple[int, float] | None = None) -> dict[str, Any]:
        """An ingest in a process of its own, to its end: {"code", "said"}. signal: its number, and seconds until it is sent."""
        asked = {"articles": str(self.articles), "index": str(self.index), "fault": fault, "signal": signal}
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, "the forge has died"
        return json.loads(line)

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=30)
