"""In an environment that holds the wheel and what it brings: the commands, from a folder that knows nothing of the project."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from importlib.metadata import files, version
from pathlib import Path

HOME_INDEX = Path(os.environ["HOME"], ".local/share/career-kb/index")
QUESTION = "Do I need a PhD to become a machine learning researcher?"


def run(*arguments: str, code: int = 0, **options: object) -> str:
    done = subprocess.run(["career-kb", *arguments], capture_output=True, text=True, timeout=300, **options)
    assert done.returncode == code, f"career-kb {arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout + (done.stderr if code else "")


def the_wheel_brings_the_articles_the_types_and_the_page() -> None:
    names = {str(file) for file in files("career-kb")}
    page = {"kb/web/assets/page.css", "kb/web/assets/page/hooks.js"}
    assert {"kb/py.typed", *page, "kb/articles/degrees/phd-for-machine-learning.md"} <= names
    assert not [name for name in names if name.startswith(("tests/", "benchmarks/", "index/")) or name == "chat_app.py"]
    import kb

    assert Path(kb.__file__).is_relative_to(sys.prefix) and kb.__version__ == version("career-kb")


def help_teaches_and_what_is_missing_is_told() -> None:
    assert "career-kb ingest my-articles/" in run("--help") and "(default here: " in " ".join(run("search", "--help").split())
    told = run("answer", QUESTION, code=1)
    assert f"no index in {HOME_INDEX}/. Build one with: career-kb ingest --index {HOME_INDEX}" in told and told.count("\n") == 1


def without_an_index_folder_the_users_own_is_used() -> None:
    assert str(HOME_INDEX) in run("ingest") and (HOME_INDEX / "CURRENT").is_file() and not Path("index").exists()
    answer = json.loads(run("answer", QUESTION, "--json"))
    assert not answer["abstained"] and answer["citations"][0]["source"].startswith("degrees/")
    code = "import sys, json; from kb import KnowledgeBase; base = KnowledgeBase.open()\n"
    code += "c = json.load(sys.stdin)['citations'][0]; assert base.article(c['source']).text[c['start']:c['end']] == c['quote']\n"
    code += "print(sorted({'torch', 'sentence_transformers', 'transformers', 'gradio'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], input=json.dumps(answer), capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
    shutil.copytree(HOME_INDEX, Path(os.environ["SHARED"], "index"), dirs_exist_ok=True)


def an_index_in_the_folder_goes_first() -> None:
    Path("notes").mkdir()
    Path("notes/farrier.md").write_text("# Farrier\n\nA farrier shoes horses.\n\n## Pay\n\nA farrier earns 40 EUR a horse.\n")
    run("ingest", "notes", "--index", "index")
    [hit] = json.loads(run("search", "What does a farrier earn?", "-k", "1", "--json"))["passages"]
    assert (hit["source"], hit["heading"]) == ("farrier.md", ["Pay"])
    lines = '{"id": 1, "question": "Who shoes horses?"}\n{"id": 2, "question": ""}\n'
    answers = run("answer", "--batch", "-", code=1, input=lines).splitlines()
    assert [json.loads(line)["id"] for line in answers] == [1, 2] and "the question is empty" in answers[1]
    head = subprocess.run("career-kb search horses | head -1", shell=True, capture_output=True, text=True, timeout=60)
    assert head.stdout.startswith("1. Farrier") and head.stderr == ""


def an_index_is_rebuilt_from_code_with_progress() -> None:
    code = """
from kb import KnowledgeBase, build_index
seen = []
with KnowledgeBase.open("index") as base:
    with open("notes/cooper.md", "w") as file:
        file.write("# Cooper\\n\\nA cooper makes barrels.\\n")
    report = build_index(["notes"], "index", progress=lambda stage, done, total: seen.append((stage, done, total)))
    assert (report.plan.new, report.plan.unchanged) == (("cooper.md",), ("farrier.md",)), report
    assert seen[0] == ("reading", 0, 2) and seen[-1] == ("publishing", 1, 1), seen
    assert base.refresh() and base.search("Who makes barrels?", 1)[0].passage.source == "cooper.md"
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)


def the_page_is_served_and_stops_when_told() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    page = subprocess.Popen(["career-kb", "chat", "--port", str(port)], stdout=subprocess.PIPE, text=True)
    try:
        assert f"Career KB is open at http://127.0.0.1:{port}" in (page.stdout.readline() if page.stdout else "")
        for _ in range(60):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=10) as response:
                    assert json.load(response) == {"ok": True, "generation": "gen-000002"}
                break
            except ConnectionError:
                time.sleep(0.5)
        page.send_signal(signal.SIGINT)
        assert page.wait(30) == 0
    finally:
        page.kill()


if __name__ == "__main__":
    the_wheel_brings_the_articles_the_types_and_the_page()
    help_teaches_and_what_is_missing_is_told()
    without_an_index_folder_the_users_own_is_used()
    an_index_in_the_folder_goes_first()
    an_index_is_rebuilt_from_code_with_progress()
    the_page_is_served_and_stops_when_told()
