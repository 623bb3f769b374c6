"""Rebuilding while others ask: one build at a time, in a process of its own at low priority, watched from here.

A process, because encoding keeps every core busy and Python's lock with it: questions go on being answered from the published
state, and the page moves to the new one when it is there.
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from kb.errors import IndexBusy
from kb.settings import Settings

log = logging.getLogger(__name__)

Lines = Callable[[Mapping[str, Any]], Iterator[Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class Job:
    """How a build goes. stage: what it is doing, with done of total; report or error: what came of it, once it ended.

    report: {"plan": {"new": n, "changed": n, "renamed": n, "gone": n}, "errors": [[source, reason], ...], "articles", "passages",
    "embedded", "seconds", "generation"}.
    """

    running: bool = True
    stage: str = ""
    done: int = 0
    total: int = 0
    report: Mapping[str, Any] | None = None
    error: str = ""


@dataclass(slots=True)
class Builder:
    """Starts builds of one index and tells how they go. `job` is None until the first one."""

    folder: Path
    settings: Settings
    allow_url: bool = False
    lines: Lines = field(default_factory=lambda: in_a_process)
    job: Job | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def start(
        self, sources: Sequence[str | Path] = (), *, remove: Sequence[str] = (), then: Callable[[], object] = lambda: None
    ) -> None:
        """Begin to make the index hold what these folders and addresses hold, or to take articles (their sources) out of it.

        `then` is called when it has ended. Raises IndexBusy while another build is under way.
        """
        with self._lock:
            if self.job is not None and self.job.running:
                raise IndexBusy("a rebuild is under way already. Wait until it is done")
            self.job = Job()
        asked = {
            "sources": [str(source) for source in sources],
            "remove": list(remove),
            "allow_url": self.allow_url,
            "folder": str(self.folder),
            "settings": asdict(self.settings),
        }
        threading.Thread(target=self._follow, args=(asked, then), daemon=True, name="kb-build").start()

    def _follow(self, asked: Mapping[str, Any], then: Callable[[], object]) -> None:
        job = Job()
        try:
            for line in self.lines(asked):
                known = {k: line[k] for k in ("stage", "done", "total", "report", "error") if k in line}
                job = self.job = replace(job, **known)
            if job.report is None and not job.error:
                job = replace(job, error="the build ended without a word")
        except OSError as error:
            job = replace(job, error=f"the build could not be started: {error}")
        finally:
            then()
            self.job = replace(job, running=False)


def in_a_process(asked: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Runs kb.web.rebuild in a process and yields what it says, line by line."""
    command = [sys.executable, "-m", "kb.web.rebuild"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as child:
        assert child.stdin is not None and child.stdout is not None
        child.stdin.write(json.dumps(asked))
        child.stdin.close()
        for line in child.stdout:
            try:
                said = json.loads(line)
            except ValueError:
                continue  # a library that prints
            if isinstance(said, dict):
                yield said
    if child.returncode:
        yield {"error": f"the build ended with code {child.returncode}"}
