"""What a base costs as it grows: built, opened, asked, edited, in memory and on disk.

    python -m benchmarks.scale --work DIR                              # 1,000 to 1,000,000 passages: 25 minutes, 15 GB of disk
    python -m benchmarks.scale --work DIR --sizes 1000,10000 --json benchmarks/measured/scale.json

Each step runs in a process of its own. The articles are made of the shipped ones' sentences and the vectors are perturbed ones
(benchmarks/synthetic.py), so building leaves out the model; asking and editing run it. Asked are the questions of tests/quality.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
SIZES = (1_000, 3_000, 10_000, 100_000, 1_000_000)
EDITED = 10  # articles


def resident_mb() -> float:
    """Memory that this process holds now, mapped files it has read included, in MB (Linux)."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * 4096 / 2**20


def own_mb() -> float:
    """Of that, what it alone holds: without the pages of mapped files, which the system takes back when it needs them."""
    fields = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines())
    return int(fields["RssAnon"].split()[0]) / 1024


def questions() -> list[str]:
    lines = (ROOT / "tests" / "quality" / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["question"] for line in lines if line.strip()]


def took(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def fastest(ask: Callable[[str], object], asked: list[str]) -> tuple[list[float], float]:
    """Seconds of each question, the fastest of three rounds, since what else runs on the machine only ever slows one down; and
    seconds of processor time that one took on average, of all cores together."""
    spent = time.process_time()
    rounds = [[took(lambda question=question: ask(question)) for question in asked] for _ in range(3)]  # type: ignore[misc]
    return [min(times) for times in zip(*rounds, strict=True)], (time.process_time() - spent) / (3 * len(asked))


def build(folder: Path, count: int) -> dict[str, Any]:
    """Publish a base of about count passages."""
    from benchmarks.synthetic import synthetic_content
    from kb.current import current_name
    from kb.embed import identity_of
    from kb.encoder import load_encoder
    from kb.publish import publish
    from kb.settings import Settings

    encoder = load_encoder(Settings())
    content = synthetic_content(count, folder.parent, encoder)
    folder.mkdir(parents=True, exist_ok=True)
    seconds = took(lambda: publish(folder, content, identity_of(encoder, Settings()), Settings()))
    (folder.parent / "synthetic-units.npy").unlink()
    generation = folder / current_name(folder)
    dense = json.loads((generation / "manifest.json").read_text(encoding="utf-8"))["dense"]
    size = sum(path.stat().st_size for path in generation.rglob("*") if path.is_file())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"passages": len(content.passages), "articles": len(content.kept), "publish s": seconds, "disk MB": size / 2**20,
            "build peak MB": peak, "dense": dense}  # fmt: skip


def ask(folder: Path, count: int) -> dict[str, Any]:
    """Open the base and ask it, in a process that has done nothing before."""
    from kb.base import KnowledgeBase
    from kb.encoder import load_encoder
    from kb.settings import Settings

    encoder = load_encoder(Settings())
    encoder.encode(["warm"])
    before, started = own_mb(), time.perf_counter()
    base = KnowledgeBase.open(folder, encoder=encoder)
    opened = time.perf_counter() - started
    asked = questions()
    first = took(lambda: base.search(asked[0]))
    for question in asked[::4]:
        base.search(question)
    searched, search_work = fastest(base.search, asked)
    answered, answer_work = fastest(base.answer, asked)
    vectors = encoder.encode(asked)
    dense = base._generation.dense
    by_meaning = [took(lambda vector=vector: dense.search(vector, 50)) for vector in vectors]  # type: ignore[misc]
    encoded, _ = fastest(lambda question: encoder.encode([question]), asked)
    return {
        "open s": opened,
        "first question ms": 1000 * first,
        "question p50 ms": 1000 * median(searched),
        "question p99 ms": 1000 * float(np.percentile(searched, 99)),
        "question processor ms": 1000 * search_work,
        "answer p50 ms": 1000 * median(answered),
        "answer p99 ms": 1000 * float(np.percentile(answered, 99)),
        "answer processor ms": 1000 * answer_work,
        "of it: vector of the question ms": 1000 * median(encoded),
        "of it: nearest vectors ms": 1000 * median(by_meaning),
        "dense only p50 ms": 1000 * (median(encoded) + median(by_meaning)),
        "resident MB": resident_mb(),
        "own MB": own_mb(),
        "own MB before opening": before,
    }


def edit(folder: Path, count: int) -> dict[str, Any]:
    """Put ten articles in place of others, with the model: read, cut, embedded, published."""
    from benchmarks.corpus import article_text, headings, quotable, shipped
    from kb.build import build_index
    from kb.encoder import load_encoder
    from kb.settings import Settings
    from kb.store import open_generation

    encoder = load_encoder(Settings())
    encoder.encode(["warm"])
    root = open_generation(folder, Settings()).catalogue.roots_of()[0]
    articles = shipped()
    sentences, titles = quotable(articles), headings(articles)
    changed = []
    for number in range(EDITED):
        path = Path(root, "0000", f"{number:07d}.md")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(article_text(number, sentences, titles, seed=int(time.time())), encoding="utf-8")
        changed.append(path)
    started, spent = time.perf_counter(), time.process_time()
    report = build_index(changed, folder, encoder=encoder)
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    spent = time.process_time() - spent
    found = {"edit s": seconds, "edit processor s": spent, "edit peak MB": peak}
    return {**found, "edited": str(report.plan), "embedded": report.embedded}


STEPS: dict[str, Callable[[Path, int], dict[str, Any]]] = {"build": build, "ask": ask, "edit": edit}


def run(step: str, folder: Path, count: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.scale", "--step", step, "--work", str(folder), "--sizes", str(count)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    if done.returncode:
        raise SystemExit(f"{step} at {count} failed:\n{done.stderr[-3000:]}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True, help="where the bases are made; what lies there is deleted")
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)))
    parser.add_argument("--json", type=Path, help="write the figures there, beside those of other sizes that stand in it")
    parser.add_argument("--keep", action="store_true", help="leave the bases there, and take those that are there")
    parser.add_argument("--step", choices=STEPS, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    sizes = [int(size) for size in arguments.sizes.split(",")]
    if arguments.step:
        print(json.dumps(STEPS[arguments.step](arguments.work, sizes[0])))
        return
    from benchmarks.machine import machine

    done: dict[int, dict[str, Any]] = {}
    for size in sizes:
        folder = arguments.work / f"index-{size}"
        built = folder / "built.json"
        if arguments.keep and built.exists():
            figures = json.loads(built.read_text(encoding="utf-8"))
        else:
            shutil.rmtree(folder, ignore_errors=True)
            figures = run("build", folder, size)
            built.write_text(json.dumps(figures), encoding="utf-8")
        figures |= run("ask", folder, size)
        figures |= min((run("edit", folder, size) for _ in range(3)), key=lambda found: float(found["edit s"]))
        if not arguments.keep:
            shutil.rmtree(folder)
        done[figures["passages"]] = figures
        print(json.dumps(figures), flush=True)
    if arguments.json:
        before = json.loads(arguments.json.read_text(encoding="utf-8"))["sizes"] if arguments.json.exists() else []
        sizes_done = {each["passages"]: each for each in before} | done
        result = {"machine": machine(), "sizes": [sizes_done[size] for size in sorted(sizes_done)]}
        arguments.json.parent.mkdir(parents=True, exist_ok=True)
        arguments.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
