"""How fast, how true and how heavy each way of encoding is, in one interleaved run.

    python benchmarks/encoding.py                        # about 4 minutes on 2 cores
    python benchmarks/encoding.py --rounds 7 --json out.json

Bulk and questions are measured in rounds that visit every way in turn, since a machine that others use is faster one minute and
slower the next: believe the ratios to sentence-transformers, not the absolutes. Start and memory are those of fresh processes.
Texts: the passages of the shipped articles, as the index holds them.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from kb.bert import bert_graph
from kb.encoder import Encoder, load_encoder
from kb.engine import Engine
from kb.int8 import int8_engine, shipped_evening
from kb.passages import cut, embedded_text
from kb.reading import find_articles, read_article
from kb.reference import SentenceTransformersEncoder
from kb.settings import SHIPPED_ARTICLES, Settings
from kb.weights import find_model

FILES = find_model(Settings())
WAYS: dict[str, Callable[[], Encoder]] = {
    "sentence-transformers": lambda: SentenceTransformersEncoder(FILES),
    "engine": lambda: load_encoder(Settings()),
    "engine, bfloat16": lambda: Engine(FILES, bert_graph(FILES)),
    "engine, float32": lambda: Engine(FILES, bert_graph(FILES), precision="f32"),
    "engine, 8-bit, else float32": lambda: int8_engine(FILES, shipped_evening(), precision="f32"),
}
QUESTIONS = (
    "What does a data engineer do day to day?",
    "Do I need a PhD for machine learning?",
    "How do I ask for a higher salary?",
    "one page or two?",
    "I'm 35, a teacher, and want to learn to code. Where do I start?",
)
_FRESH = """
import sys, time
started = time.perf_counter()
sys.path.insert(0, {root!r})
from benchmarks.encoding import WAYS, resident_mb
encoder = WAYS[{way!r}]()
encoder.encode(["What does a data engineer do day to day?"])
ready = time.perf_counter() - started
rest = resident_mb()
encoder.encode(open({texts!r}, encoding="utf-8").read().split("\\0"))
print(ready, rest, resident_mb())
"""
_FRESH_ENGINE = _FRESH.replace(
    "from benchmarks.encoding import WAYS, resident_mb\nencoder = WAYS[{way!r}]()",
    "from kb.encoder import load_encoder\nfrom kb.settings import Settings\n"
    "def resident_mb(): return int(open('/proc/self/statm').read().split()[1]) * 4096 / 2**20\n"
    "encoder = load_encoder(Settings())",
)


def resident_mb() -> float:
    """Memory that this process holds now, in MB (Linux)."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 2**20


def passages() -> list[str]:
    """The shipped articles' passages as the index encodes them."""
    encoder = WAYS["engine"]()
    assert isinstance(encoder, Engine)
    texts = []
    for source, path in find_articles(SHIPPED_ARTICLES):
        article = read_article(path, source)
        texts += [embedded_text(passage, article.text) for passage in cut(article, Settings(), encoder.count_tokens)]
    return texts


def seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def top_ten(vectors: np.ndarray, reference: np.ndarray) -> float:
    """Share of each text's ten nearest others that both sets of vectors agree on."""
    tens = [np.argsort(-(some @ some.T - 2 * np.eye(len(some))), axis=1)[:, :10] for some in (vectors, reference)]
    return float(np.mean([len(set(a) & set(b)) / 10 for a, b in zip(*tens, strict=True)]))


def measure(texts: list[str], rounds: int) -> dict[str, dict[str, float]]:
    """What one run shows of every way, by name of the figure."""
    encoders = {name: make() for name, make in WAYS.items()}
    vectors = {name: encoder.encode(texts[:64]) for name, encoder in encoders.items()}  # also warms them up
    bulk: dict[str, list[float]] = {name: [] for name in encoders}
    asked: dict[str, list[float]] = {name: [] for name in encoders}
    for number in range(rounds):
        for name, encoder in encoders.items():
            bulk[name].append(seconds(lambda encoder=encoder: encoder.encode(texts)))  # type: ignore[misc]
            asked[name] += [
                seconds(lambda encoder=encoder, question=question: encoder.encode([question]))  # type: ignore[misc]
                for question in QUESTIONS * 4
            ]
        print(f"round {number + 1}: " + ", ".join(f"{name} {len(texts) / bulk[name][-1]:.1f}/s" for name in bulk), flush=True)
    vectors = {name: encoder.encode(texts) for name, encoder in encoders.items()}
    true = vectors["sentence-transformers"]
    found = {}
    for name in encoders:
        cosines = np.sum(vectors[name] * true, axis=1)
        found[name] = {
            "passages/s": len(texts) / median(bulk[name]),
            "ratio": median(a / b for a, b in zip(bulk["sentence-transformers"], bulk[name], strict=True)),
            "question p50 ms": 1000 * median(asked[name]),
            "question p99 ms": 1000 * float(np.percentile(asked[name], 99)),
            "cosine mean": float(cosines.mean()),
            "cosine min": float(cosines.min()),
            "same top 10": top_ten(vectors[name], true),
        }
    return found


def fresh(texts: list[str], folder: Path, runs: int) -> dict[str, dict[str, float]]:
    """Start and memory of sentence-transformers and of the engine, each in processes of its own, in turn."""
    path = folder / "benchmark-texts.tmp"
    path.write_text("\0".join(texts[:200]), encoding="utf-8")
    root = str(Path(__file__).resolve().parent.parent)
    codes = {"sentence-transformers": _FRESH, "engine": _FRESH_ENGINE}
    seen: dict[str, list[list[float]]] = {name: [] for name in codes}
    try:
        for _ in range(runs):
            for name, code in codes.items():
                command = [sys.executable, "-c", code.format(root=root, way=name, texts=str(path))]
                out = subprocess.run(command, capture_output=True, text=True, check=True, cwd=root).stdout
                seen[name].append([float(part) for part in out.split()])
    finally:
        path.unlink()
    names = ("ready after start s", "resident MB", "resident MB after 200 passages")
    return {name: dict(zip(names, np.median(rows, axis=0).tolist(), strict=True)) for name, rows in seen.items()}


def table(found: dict[str, dict[str, float]]) -> str:
    """Markdown, one row a way."""
    columns = list(dict.fromkeys(figure for figures in found.values() for figure in figures))
    lines = ["| | " + " | ".join(columns) + " |", "|---" * (len(columns) + 1) + "|"]
    for name, figures in found.items():
        cells = [_short(figures[column]) if column in figures else "" for column in columns]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _short(value: float) -> str:
    if 0.9 < value < 1.0:
        return f"{value:.5f}"
    return f"{value:.2f}" if value < 20 else f"{value:.0f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--passages", type=int, default=300, help="at most so many")
    parser.add_argument("--json", type=Path, help="write the figures there too")
    arguments = parser.parse_args()
    texts = passages()[: arguments.passages]
    print(f"{len(texts)} passages, {np.mean(WAYS['engine']().count_tokens(texts)):.0f} tokens each on average", flush=True)  # type: ignore[attr-defined]
    found = measure(texts, arguments.rounds)
    for name, figures in fresh(texts, Path.cwd(), 3).items():
        found[name] |= figures
    print(table(found))
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
