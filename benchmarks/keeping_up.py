"""What it costs to bring an index up to date: nothing changed, one paragraph edited, one file renamed, ten articles new.

    python benchmarks/keeping_up.py                        # about 5 minutes on 2 cores, most of it the first ingest
    python benchmarks/keeping_up.py --passages 1000 --rounds 5 --json out.json

Each figure is that of the whole command `python -m kb ingest FOLDER`, as one waits for it: starting Python, reading, embedding,
syncing, publishing. The articles are put together at random, from a fixed seed, out of the sentences of the shipped articles.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from kb.passages import sentences, word_count  # noqa: E402
from kb.reading import find_articles, read_article  # noqa: E402
from kb.settings import SHIPPED_ARTICLES, Settings  # noqa: E402

SECTIONS = 10  # of an article; each makes one passage


class Writer:
    """Writes articles of SECTIONS passages into a folder, each another one."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.draw, self.written = folder, random.Random(20261122), 0
        self.sentences = [sentence for source, path in find_articles(SHIPPED_ARTICLES) for sentence in _sentences(path, source)]
        folder.mkdir()

    def paragraph(self) -> str:
        """Sentences for one passage of the usual length."""
        chosen: list[str] = []
        while word_count(" ".join(chosen)) < 0.8 * Settings().passage_words:
            chosen.append(self.draw.choice(self.sentences))
        return " ".join(chosen)

    def article(self) -> Path:
        self.written += 1
        sections = [f"## Part {number}\n\n{self.paragraph()}\n" for number in range(1, SECTIONS + 1)]
        path = self.folder / f"article-{self.written:04}.md"
        path.write_text(f"# Collected advice {self.written}\n\n" + "\n".join(sections), encoding="utf-8")
        return path

    def edit(self) -> None:
        """A sentence more in one paragraph of one article."""
        path = self.draw.choice(sorted(self.folder.glob("*.md")))
        lines = path.read_text(encoding="utf-8").split("\n")
        at = self.draw.choice([at for at, line in enumerate(lines) if line and not line.startswith("#")])
        lines[at] += f" {self.draw.choice(self.sentences)}"
        path.write_text("\n".join(lines), encoding="utf-8")

    def rename(self) -> None:
        path = self.draw.choice(sorted(self.folder.glob("*.md")))
        path.rename(path.with_stem(f"{path.stem}-renamed"))

    def ten_more(self) -> None:
        for _ in range(10):
            self.article()

    def nothing(self) -> None:
        """What is most often done."""


def _sentences(path: Path, source: str) -> list[str]:
    text = read_article(path, source).text
    found = [" ".join(text[a:b].split()) for a, b in sentences(text)]
    return [sentence for sentence in found if sentence[0].isupper() and sentence.endswith(".") and word_count(sentence) > 5]


def ingest(articles: Path, index: Path) -> tuple[float, int, int]:
    """(seconds, passages embedded, passages there are) of the whole command."""
    report = index.with_name("report.json")
    command = [sys.executable, "-m", "kb", "ingest", str(articles), "--index", str(index), "--report", str(report)]
    started = time.perf_counter()
    done = subprocess.run(command, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True)
    seconds = time.perf_counter() - started
    assert done.returncode == 0, done.stderr
    counts = json.loads(report.read_text(encoding="utf-8"))["counts"]
    return seconds, counts["embedded"], counts["passages"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--passages", type=int, default=3_000, help="in the base (default: 3000)")
    parser.add_argument("--rounds", type=int, default=3, help="of each change (default: 3)")
    parser.add_argument("--json", type=Path, help="write the figures here too")
    options = parser.parse_args()
    told: dict[str, dict[str, object]] = {}

    def tell(what: str, runs: list[tuple[float, int, int]]) -> None:
        seconds = sorted(run[0] for run in runs)
        embedded = sorted({run[1] for run in runs})
        told[what] = {"seconds": seconds, "embedded": embedded, "passages": runs[-1][2]}
        shown = " to ".join(str(number) for number in dict.fromkeys((embedded[0], embedded[-1])))
        print(f"| {what} | {shown} | {median(seconds):.1f} ({seconds[0]:.1f} to {seconds[-1]:.1f}) |", flush=True)

    with tempfile.TemporaryDirectory() as home:
        writer, index = Writer(Path(home, "articles")), Path(home, "index")
        for _ in range(round(options.passages / SECTIONS)):
            writer.article()
        print("| change | passages embedded | seconds, median (least to most) |\n|---|---|---|")
        tell("first ingest", [ingest(writer.folder, index)])
        changes: dict[str, Callable[[], None]] = {
            "nothing": writer.nothing,
            "one paragraph edited": writer.edit,
            "one file renamed": writer.rename,
            "ten new articles": writer.ten_more,
        }
        for what, change in changes.items():
            runs = []
            for _ in range(options.rounds):
                change()
                runs.append(ingest(writer.folder, index))
            tell(what, runs)
    if options.json is not None:
        options.json.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
