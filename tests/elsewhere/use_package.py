"""In an environment without torch, gradio or sentence-transformers: a copied index opens, is searched and answers."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import multiprocessing
import os
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HEAVY = ("torch", "transformers", "sentence_transformers", "gradio", "fastapi", "pandas", "openvino_telemetry")
QUESTION = "Do I need a PhD to become a machine learning researcher?"


def copied_index() -> Path:
    """The index that another environment made, in a folder of our own that nobody may write to."""
    shutil.copytree(Path(os.environ["SHARED"], "index"), "served")
    for path in [Path("served"), *Path("served").rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    return Path("served")


def five_lines() -> None:
    from kb import KnowledgeBase

    with KnowledgeBase.open("served") as base:
        for hit in base.search(QUESTION, k=3):
            print(f"{hit.score:6.2f}  {hit.passage.title} › {' › '.join(hit.passage.heading)}")


def every_way_of_asking_agrees() -> None:
    from kb import Filters, KnowledgeBase

    base = KnowledgeBase.open("served")
    answer = base.answer(QUESTION)
    assert answer.citations and not answer.abstained
    for citation in answer.citations:
        assert base.article(citation.source).text[citation.start : citation.end] == citation.quote
    *_, last = base.stream(QUESTION)
    assert last.text == answer.text == asyncio.run(base.aanswer(QUESTION)).text
    assert json.loads(answer.to_json(7))["id"] == 7
    hits = base.search(QUESTION, 3)
    assert hits == asyncio.run(base.asearch(QUESTION, 3)) == base.search_many([QUESTION, "pay"], 3)[0]
    only = base.search("pay", filters=Filters(topics=("negotiation",)))
    assert only and all("negotiation" in hit.passage.topics for hit in only)
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda _: base.answer(QUESTION).text, range(24))) == {answer.text}
    base.close()


def first_source(question: str) -> str:
    from kb import KnowledgeBase

    return KnowledgeBase.open("served").search(question, 1)[0].passage.source


def processes_share_a_folder() -> None:
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        assert set(pool.map(first_source, [QUESTION] * 4)) == {first_source(QUESTION)}


if __name__ == "__main__":
    there = [name for name in HEAVY if importlib.util.find_spec(name) and name != "openvino_telemetry"]
    assert not there, f"not a light environment: {there}"
    copied_index()
    five_lines()
    every_way_of_asking_agrees()
    processes_share_a_folder()
    loaded = [name for name in HEAVY if name in sys.modules]
    assert not loaded, loaded
