"""A reader run in a child process, so that a hostile file costs only so much time and memory, and never the process that asked.

One child serves file after file (starting one costs a second, most of it imports) and is replaced when it dies, is killed or has
grown. It is given bytes and answers with JSON; it opens no file and never sees the folder.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import signal
import struct
import subprocess
import sys
import threading
from importlib import import_module
from pathlib import Path
from typing import IO, Any

from kb.errors import ArticleError, NotAnArticle
from kb.records import Draft, Fragment

CPU_SECONDS = 30  # of processor time for one file; a PDF of 1,500 pages takes 2 to 10
WALL_SECONDS = 120.0  # by the clock, for what waits or for systems without processor limits
MEMORY_BYTES = 1_500_000_000  # of address space for the child; the largest real files need a third of it
GROWN_BYTES = 500_000_000  # a child that once held more is replaced, to give the memory back
TOO_SLOW = f"it takes more than {CPU_SECONDS} seconds to read. Is it damaged, or made to be so?"
TOO_BIG = f"it takes more than {MEMORY_BYTES // 1_000_000:,} MB of memory to read. Is it damaged, or made to be so?"

_HEADER = struct.Struct(">Q")
_OUT_OF_TIME = {-int(getattr(signal, "SIGXCPU", 0)) or None}


class Child:
    """The child process; `draft` is safe to call from several threads, which wait for each other."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0  # the process that started it: a fork must not share its pipes

    def draft(self, kind: str, data: bytes, charset: str = "") -> Draft:
        """What kb.readers.<kind> makes of data. Raises ArticleError, also when a bound was hit or the reader crashed."""
        with self._lock:
            process = self._living()
            overdue = threading.Event()

            def stop() -> None:
                overdue.set()
                process.kill()

            timer = threading.Timer(WALL_SECONDS, stop)
            timer.start()
            try:
                answer = _ask(process, json.dumps([kind, charset]).encode(), data)
            finally:
                timer.cancel()
            self._process = process if answer and not answer["last"] else None
            code = _end(process) if self._process is None else 0
        if answer is None:
            out_of_time = overdue.is_set() or code in _OUT_OF_TIME
            raise ArticleError(TOO_SLOW if out_of_time else "the reader crashed on it. Is it damaged?")
        if reason := answer.get("error"):
            raise (NotAnArticle if answer.get("skip") else ArticleError)(str(reason))
        return Draft(tuple(Fragment(*fields) for fields in answer["fragments"]), answer["meta"], answer["date_origin"])

    def close(self) -> None:
        if self._process is not None and self._owner == os.getpid():
            self._process.kill()
            _end(self._process)

    def _living(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._owner != os.getpid() or self._process.poll() is not None:
            self._process, self._owner = self._start(), os.getpid()
        return self._process

    def _start(self) -> subprocess.Popen[bytes]:
        home = str(Path(__file__).parents[2])
        path = os.pathsep.join([home, *filter(None, [os.environ.get("PYTHONPATH")])])
        return subprocess.Popen(
            [sys.executable, "-P", "-c", "from kb.readers.bounded import serve; serve()"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": path},
        )


CHILD = Child()
atexit.register(CHILD.close)


def _ask(process: subprocess.Popen[bytes], *parts: bytes) -> dict[str, Any] | None:
    """The child's answer, None when it died."""
    assert process.stdin and process.stdout
    try:
        for part in parts:
            process.stdin.write(_HEADER.pack(len(part)) + part)
        process.stdin.flush()
        answer: dict[str, Any] | None = json.loads(_read(process.stdout))
        return answer
    except (OSError, EOFError):
        return None


def _end(process: subprocess.Popen[bytes]) -> int:
    """The exit code of a child that has left or is about to; negative for a signal."""
    for pipe in (process.stdin, process.stdout):
        with contextlib.suppress(OSError):  # the other end may be gone
            if pipe:
                pipe.close()
    try:
        return process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def _read(pipe: IO[bytes]) -> bytes:
    header = pipe.read(_HEADER.size)
    if len(header) < _HEADER.size:
        raise EOFError
    (size,) = _HEADER.unpack(header)
    data = pipe.read(size)
    if len(data) < size:
        raise EOFError
    return data


def serve() -> None:
    """The child's life: a kind and a file in, a draft or a reason out, until the parent closes the pipe."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # libraries that print must not garble the answers
    _limit_memory()
    while True:
        try:
            kind, charset = json.loads(_read(sys.stdin.buffer))
            data = _read(sys.stdin.buffer)
        except EOFError:
            return
        _allow_more_time()
        answer = _answer(kind, data, charset)
        answer["last"] = peak_bytes() > GROWN_BYTES
        encoded = json.dumps(answer, default=str).encode()
        answers.write(_HEADER.pack(len(encoded)) + encoded)
        answers.flush()
        if answer["last"]:
            return


def _answer(kind: str, data: bytes, charset: str) -> dict[str, Any]:
    try:
        draft: Draft = import_module(f"kb.readers.{kind}").read(data, charset)
    except ArticleError as error:
        return {"error": str(error), "skip": isinstance(error, NotAnArticle)}
    except MemoryError:
        return {"error": TOO_BIG}
    except Exception as error:  # the outermost edge: a parser fed with hostile bytes raises whatever it likes
        return {"error": f"it is damaged, the reader cannot make sense of it ({type(error).__name__})"}
    fields = [(f.kind, f.text, f.level, f.page, f.mark) for f in draft.fragments]
    return {"fragments": fields, "meta": dict(draft.meta), "date_origin": draft.date_origin}


def peak_bytes() -> int:
    """The most memory this process has held since it began, 0 where the system does not say.

    subtle: Linux hands ru_maxrss on from the process that starts another: beside a page of 600 MB every child looks grown.
    """
    with contextlib.suppress(OSError, ValueError), open("/proc/self/status", "rb") as status:
        for line in status:
            if line.startswith(b"VmHWM:"):
                return int(line.split()[1]) * 1024
    return _counted_peak()


if sys.platform == "win32":  # no limits there but the clock

    def _limit_memory() -> None: ...

    def _allow_more_time() -> None: ...

    def _counted_peak() -> int:
        return 0

else:
    import resource

    def _limit_memory() -> None:
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        with contextlib.suppress(ValueError, OSError):  # macOS refuses; there the clock is the only bound
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, hard))

    def _allow_more_time() -> None:
        used = resource.getrusage(resource.RUSAGE_SELF)
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + CPU_SECONDS, hard))

    def _counted_peak() -> int:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
