"""The door of the page, as a person starts it: one clear line and exit code 1 where it cannot open."""

import subprocess
import sys
from pathlib import Path

import pytest

from kb.errors import IndexDamaged, IndexMissing
from kb.web import serve

ROOT = Path(__file__).parent.parent


@pytest.fixture
def quiet(monkeypatch):
    for name in ("KB_PASSWORD", "KB_HOST", "KB_PORT"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["--host", "0.0.0.0"], "chat_app: --host 0.0.0.0 opens the base to the network: set a password"),
        (["--port", "99999"], "chat_app: setting port has to be from 0 to 65535, got 99999"),
        (["--host", "host.invalid", "--trusted-proxy"], "chat_app: cannot listen on host.invalid, port"),
        (["--settings", "no-such.toml"], "chat_app: cannot read settings from no-such.toml"),
        (["--port", "0", "--llm-base-url", "http://127.0.0.1:1"], "chat_app: llm_base_url is set, but llm_model is empty"),
        (["--port", "0", "--llm-base-url", "localhost:1", "--llm-model", "m"], "chat_app: llm_base_url must be like http://"),
    ],
)
def test_what_cannot_be_opened_is_told_in_one_line(arguments, line, capsys, quiet):
    assert serve.main(arguments) == 1
    told = capsys.readouterr().err
    assert told.startswith(line) and told.count("\n") == 1


def test_port_0_takes_any_and_says_which(monkeypatch, quiet):
    opened = []
    monkeypatch.setattr(serve, "serve", lambda door, listening, options, settings: opened.append(door))
    assert serve.main(["--port", "0"]) == 0
    assert opened[0].port > 0 and opened[0].address == f"http://127.0.0.1:{opened[0].port}"


def test_a_damaged_index_is_told_in_one_line(monkeypatch, capsys, quiet, tmp_path):
    def damaged(folder, settings):
        raise IndexDamaged(f"{folder}/gen-1/vectors.npy differs from its checksum. Build it anew with: python ingest.py")

    monkeypatch.setattr(serve, "open_base", damaged)
    monkeypatch.setattr(serve, "serve", lambda door, listening, options, settings: damaged(options.index, settings))
    assert serve.main(["--port", "0", "--index", str(tmp_path)]) == 1
    assert capsys.readouterr().err.startswith(f"chat_app: {tmp_path}/gen-1/vectors.npy differs from its checksum.")


def test_a_missing_index_is_built_from_the_shipped_articles_once(monkeypatch, tmp_path, capsys):
    import kb.base
    import kb.build

    calls = []

    class Base:
        @classmethod
        def open(cls, folder, *, settings):
            calls.append(("open", folder))
            if len(calls) == 1:
                raise IndexMissing("no index")
            return "the base"

    monkeypatch.setattr(kb.base, "KnowledgeBase", Base)
    monkeypatch.setattr(kb.build, "build_index", lambda sources, folder, **rest: calls.append(("build", sources, folder)))
    assert serve.open_base(tmp_path, serve.Settings()) == "the base"
    assert calls == [("open", tmp_path), ("build", [serve.SHIPPED_ARTICLES], tmp_path), ("open", tmp_path)]
    assert "building it from the shipped articles" in capsys.readouterr().err


def test_asking_for_help_loads_nothing_heavy():
    watch = "import sys, runpy\nsys.argv=['chat_app.py','--help']\ntry: runpy.run_path('chat_app.py', run_name='__main__')\n"
    watch += "except SystemExit: print(sorted({'gradio','torch','faiss','openvino','fastapi'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", watch], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.stdout.splitlines()[-1] == "[]", done.stderr
