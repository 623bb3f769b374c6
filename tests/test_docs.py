"""The pages of docs/ do what they say: their blocks run, their links lead somewhere, their tables are complete."""

from __future__ import annotations

import doctest
import http.client
import importlib
import importlib.util
import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import threading
import time
from dataclasses import fields
from pathlib import Path

import pytest
from scripted_server import ScriptedServer, says

from kb.build import build_index
from kb.cli import _parser
from kb.settings import SHIPPED_ARTICLES, Settings

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
EXAMPLES = sorted(path for path in (ROOT / "kb").rglob("*.py") if "\n    >>> " in path.read_text(encoding="utf-8"))
RUN = ("README", "start", "answers", "embed", "configure")
FRAMEWORKS = {"langchain": "langchain_core", "llama_index": "llama_index", "haystack": "haystack"}


def blocks(page: str, kind: str) -> list[str]:
    path = ROOT / "README.md" if page == "README" else ROOT / "docs" / f"{page}.md"
    return re.findall(rf"^```{kind}\n(.*?)^```", path.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def desk(tmp_path_factory) -> Path:
    """A folder to follow the pages in: index/ with some of the shipped articles, my-articles/, and `career-kb` on the path."""
    folder = tmp_path_factory.mktemp("docs")
    for topic in ("degrees", "negotiation"):
        shutil.copytree(SHIPPED_ARTICLES / topic, folder / "shipped" / topic)
    build_index([folder / "shipped"], folder / "index")
    (folder / "my-articles").mkdir()
    (folder / "my-articles" / "farrier.md").write_text("# Farrier\n\nA farrier shoes horses.\n")
    (folder / "bin").mkdir()
    command = folder / "bin" / "career-kb"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m kb "$@"\n')
    command.chmod(0o755)
    (folder / "bin" / "python").symlink_to(sys.executable)
    return folder


@pytest.fixture(scope="module")
def environment(desk) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KB_")}
    return {**kept, "PATH": f"{desk / 'bin'}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT), "HOME": str(desk)}


@pytest.fixture(scope="module")
def port(desk) -> int:
    """The routes below /api, served from index/."""
    import uvicorn

    from kb.base import KnowledgeBase
    from kb.web.app import create_routes
    from kb.web.desk import Desk
    from kb.web.door import Door

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    app = create_routes(Desk(KnowledgeBase.open(desk / "index")), Door(port=port))
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    for _ in range(200):
        if server.started:
            break
        time.sleep(0.05)
    yield port
    server.should_exit = True
    thread.join(10)


@pytest.mark.parametrize(("page", "at"), [(page, at) for page in RUN for at in range(len(blocks(page, "sh")))])
def test_what_is_typed_works(page, at, desk, environment, request):
    block = blocks(page, "sh")[at]
    if "curl " in block and shutil.which("curl") is None:
        return ask_without_curl(block, request.getfixturevalue("port"))
    if "localhost:7860" in block:
        block = block.replace("localhost:7860", f"127.0.0.1:{request.getfixturevalue('port')}")
    if page in {"README", "start"} and at == 0:
        block = re.sub(r"^career-kb ingest", "career-kb ingest shipped", block)  # the others are read by other tests
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", block], cwd=desk, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() or ">" in block


def ask_without_curl(block: str, port: int) -> None:
    for line in block.splitlines():
        words = shlex.split(line)
        address = next(word for word in words if word.startswith("localhost:7860"))
        body = words[words.index("-d") + 1] if "-d" in words else None
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        connection.request(
            "POST" if body else "GET", address[len("localhost:7860") :], body, {"Content-Type": "application/json"}
        )
        assert connection.getresponse().status == 200, line


@pytest.mark.parametrize("page", [page for page in RUN if blocks(page, "python")])
def test_what_is_programmed_works(page, desk, monkeypatch):
    monkeypatch.chdir(desk)
    names: dict[str, object] = {}
    for block in blocks(page, "python"):
        framework = re.search(r"kb\.integrations\.(\w+)", block)
        if framework and importlib.util.find_spec(FRAMEWORKS[framework[1]]) is None:
            continue  # tests/elsewhere/use_docs.py runs it where the framework is
        exec(block, names)


def test_what_is_programmed_for_a_language_model_works(desk, monkeypatch, capsys):
    monkeypatch.chdir(desk)
    [block] = blocks("language-model", "python")
    with ScriptedServer(says("The passages do not say.")) as server:
        exec(block.replace("http://localhost:11434", server.url), {})
        assert len(server.requests) == 1 and "These are quotes." in capsys.readouterr().out


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.parent.name}/{page.stem}")
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        assert target.startswith("https://") or (page.parent / target).exists(), target


def test_every_page_is_listed():
    listed = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    assert [page.name for page in PAGES if page.name != "README.md" and f"]({page.name})" not in listed] == []


def test_every_setting_is_listed_with_its_default():
    told: dict[str, str] = {}
    for row in (ROOT / "docs" / "configure.md").read_text(encoding="utf-8").splitlines():
        cells = row.split("|")
        if row.startswith("| `"):
            told |= dict(zip(re.findall(r"`(\w+)`", cells[1]), re.findall(r"`([^`]*)`", cells[2]), strict=True))
    assert told == {
        each.name: json.dumps(each.default) if isinstance(each.default, str) else str(each.default) for each in fields(Settings)
    }


def test_every_module_named_is_there():
    text = (ROOT / "docs" / "how-it-works.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`kb\.(\w+)`", text))
    assert len(named) > 10 and [name for name in named if importlib.util.find_spec(f"kb.{name}") is None] == []


def test_every_module_stands_in_one_row_of_the_table():
    text = (ROOT / "docs" / "how-it-works.md").read_text(encoding="utf-8").split("## The modules")[1]
    rows = [line for line in text.splitlines() if line.startswith("| ") and "`" in line.split("|")[2]]
    placed = [name for row in rows for name in re.findall(r"`(\w+)/?`", row.split("|")[2])]
    there = {path.stem for path in (ROOT / "kb").iterdir() if path.suffix == ".py" or (path / "__init__.py").is_file()}
    assert sorted(placed) == sorted(there - {"__init__", "__main__"})


def test_every_command_of_a_deployment_is_understood():
    pages = "\n".join(
        each.read_text(encoding="utf-8") for each in (ROOT / "docs" / "deploy.md", ROOT / "deploy" / "Containerfile")
    )
    commands = re.findall(r"career-kb ((?:chat|mcp|ingest)\b[^`\n]*)", pages)
    assert len(commands) >= 4
    for command in commands:
        _parser().parse_args(shlex.split(command))
    [words] = [json.loads(line[4:]) for line in pages.splitlines() if line.startswith("CMD [")]
    assert words[0] == "career-kb" and _parser().parse_args(words[1:]).host == "0.0.0.0"


def test_the_assistants_configuration_is_json_that_starts_the_server():
    [block] = blocks("embed", "json")
    [server] = json.loads(block)["mcpServers"].values()
    assert server["command"] == "career-kb" and _parser().parse_args(server["args"]).http is False


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_in_a_docstring_is_true(path: Path) -> None:
    module = importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    assert doctest.testmod(module, optionflags=doctest.NORMALIZE_WHITESPACE).failed == 0
