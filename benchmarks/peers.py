"""Career KB beside the libraries people would use instead: same model, same passages, every step in a fresh process.

    python benchmarks/peers.py --cache DIR                       # installs five environments there (8 GB), then about 30 minutes
    python benchmarks/peers.py --cache DIR --passages 3000 --rounds 5 --json benchmarks/measured/peers.json

Measured in rounds that visit every library in turn; what counts are the ratios to LangChain within a round, of which the median
is given. Career KB starts from article files: it reads and cuts them, indexes words and embeds each sentence too, while the
others are handed the passages it cut. So is "Career KB, bare", its encoder with a plain FAISS index, which does what they do.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
import venv
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.corpus import write_articles
from benchmarks.machine import machine
from kb.encoder import count_tokens, load_encoder
from kb.passages import cut, embedded_text
from kb.reading import find_articles, read_article
from kb.settings import Settings
from kb.weights import find_model

ROOT = Path(__file__).resolve().parent.parent
OURS, BARE = "Career KB", "Career KB, bare"
REFERENCE = "LangChain"  # every ratio is to this one
PACKAGES = {
    "LangChain": ["langchain-community", "langchain-huggingface", "sentence-transformers", "faiss-cpu"],
    "LlamaIndex": ["llama-index-core", "llama-index-embeddings-huggingface", "llama-index-vector-stores-faiss", "faiss-cpu"],
    "Haystack": ["haystack-ai", "sentence-transformers-haystack"],
    "txtai": ["txtai"],
    "Chroma": ["chromadb", "sentence-transformers"],
}
QUESTIONS = [
    "What does a data engineer do day to day?",
    "Do I need a PhD to work in machine learning research?",
    "How do I negotiate a job offer?",
    "Which certificates help a career changer?",
    "How long should a CV be?",
    "What should I ask at the end of an interview?",
    "How much does a machine learning engineer earn?",
    "Is a bootcamp enough to get hired?",
    "How do I move from academia to industry?",
    "What is the difference between a data analyst and a data scientist?",
]
ADDED = 10  # articles


def install(name: str, cache: Path) -> Path:
    """The Python of the library's environment, made when it is not there yet."""
    home = cache / name.lower()
    python = home / "bin" / "python"
    if not (home / "installed").exists():
        print(f"installing {name} into {home}", flush=True)
        shutil.rmtree(home, ignore_errors=True)
        venv.create(home, with_pip=True)
        wanted = ["-c", str(ROOT / "constraints.txt"), *PACKAGES[name]]
        subprocess.run([python, "-m", "pip", "install", "-q", *wanted], check=True)
        (home / "installed").touch()
    return python


def versions(python: Path, name: str) -> str:
    code = f"import importlib.metadata as m; print(', '.join(f'{{p}} {{m.version(p)}}' for p in {PACKAGES[name][:1]!r}))"
    return subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def megabytes(folder: Path) -> float:
    """Size of what lies in folder, links not followed."""
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def run(python: Path, name: str, task: str, job: dict[str, Any], at: Path) -> dict[str, Any]:
    """Events of one worker by name, their "at" counted from the moment the process was started; "done" is its end."""
    path = at / "job.json"
    path.write_text(json.dumps(job), encoding="utf-8")
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "true", "ANONYMIZED_TELEMETRY": "False",
                   "HAYSTACK_TELEMETRY_ENABLED": "False"}  # fmt: skip
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # else ours alone is compiled at each start: pip compiled the others
    command = [str(python), str(ROOT / "benchmarks" / "peer_workers.py"), name, task, str(path)]
    started = time.time()
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    ended = time.time()
    if done.returncode:
        raise RuntimeError(f"{name} {task} failed:\n{done.stderr[-3000:]}")
    events = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{"event"')]
    return {**{event["event"]: {**event, "at": event["at"] - started} for event in events}, "done": ended - started}


def passages(folder: Path) -> list[str]:
    """The texts that Career KB embeds for the articles in folder."""
    encoder = load_encoder(Settings())
    texts = []
    for source, path in find_articles(folder):
        article = read_article(path, source)
        texts += [embedded_text(p, article.text) for p in cut(article, Settings(), lambda some: count_tokens(encoder, some))]
    return texts


def one_round(python: Path, name: str, job: dict[str, Any], more: dict[str, Any], at: Path) -> dict[str, float]:
    """Figures of one library: build, ask in a fresh process, add in a fresh process."""
    folder = Path(job["folder"])
    shutil.rmtree(folder, ignore_errors=True)
    built = run(python, name, "build", job, at)
    asked = run(python, name, "ask", job, at)
    added = run(python, name, "add", more, at)
    figures = {
        "build s": built["built"]["at"] - built["loaded"]["at"],
        "first answer s": asked["answered"]["at"],
        "question p50 ms": 1000 * median(asked["find"]["seconds"]),
        "resident MB": asked["find"]["resident"],
        "add s": added["done"],
        "disk MB": megabytes(folder),
    }
    if "answer" in asked:
        took = sorted(asked["answer"]["seconds"])
        figures |= {"answer p50 ms": 1000 * median(took), "answer p99 ms": 1000 * took[int(0.99 * len(took))]}
    return figures


def measure(cache: Path, count: int, rounds: int, others: Sequence[str]) -> Iterator[dict[str, Any]]:
    """What was found so far, after each round."""
    pythons = {OURS: Path(sys.executable), BARE: Path(sys.executable)} | {name: install(name, cache) for name in others}
    work = cache / "work"
    shutil.rmtree(work, ignore_errors=True)
    articles, fresh = work / "articles", work / "fresh"
    write_articles(articles, count)
    write_articles(fresh, ADDED * 10, seed=1)
    texts, new_texts = passages(articles), passages(fresh)
    model = str(find_model(Settings()).folder)
    print(f"{len(texts)} passages; {len(new_texts)} more are added", flush=True)
    found: dict[str, list[dict[str, float]]] = {name: [] for name in pythons}
    for number in range(rounds):
        for name, python in list(pythons.items()):
            job = {"model": model, "folder": str(work / "index"), "texts": texts, "questions": QUESTIONS}
            more = {**job, "texts": new_texts}
            if name == OURS:
                job["texts"] = [str(articles)]
                more["texts"] = [str(fresh)]
            try:
                figures = one_round(python, name, job, more, work)
            except RuntimeError as error:
                print(f"left out: {error}", flush=True)
                del pythons[name], found[name]
                continue
            figures["build passages/s"] = len(texts) / figures.pop("build s")
            found[name].append(figures)
            print(f"round {number + 1}, {name}: " + ", ".join(f"{k} {v:.1f}" for k, v in figures.items()), flush=True)
        yield {
            "machine": machine(),
            "passages": len(texts),
            "rounds": found,
            "versions": {name: versions(pythons[name], name) for name in found if name in PACKAGES},
            "environment MB": {name: megabytes(pythons[name].parent.parent) for name in found if name in PACKAGES},
        }


def ratios(found: dict[str, list[dict[str, float]]], to: str = REFERENCE) -> dict[str, dict[str, float]]:
    """Median over the rounds of each figure divided by that of the library `to` in the same round."""
    return {
        name: {
            figure: median(own[figure] / base[figure] for own, base in zip(rows, found[to], strict=True))
            for figure in rows[0]
            if figure in found[to][0]
        }
        for name, rows in found.items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cache", type=Path, required=True, help="where the libraries' environments and the work go")
    parser.add_argument("--passages", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", nargs="+", choices=PACKAGES, default=list(PACKAGES), help="LangChain, and of the others these")
    parser.add_argument("--json", type=Path, help="write the figures there")
    arguments = parser.parse_args()
    arguments.cache.mkdir(parents=True, exist_ok=True)
    others = list(dict.fromkeys([REFERENCE, *arguments.only]))
    result: dict[str, Any] = {}
    for result in measure(arguments.cache.resolve(), arguments.passages, arguments.rounds, others):
        if arguments.json:
            arguments.json.parent.mkdir(parents=True, exist_ok=True)
            arguments.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    for name, figures in ratios(result["rounds"]).items():
        print(f"{name:17}" + "  ".join(f"{figure} x{value:.2f}" for figure, value in figures.items()))


if __name__ == "__main__":
    main()
