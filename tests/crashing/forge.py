"""A process that has everything imported and forks one ingest after another: `python forge.py`, a JSON line in for each.

    in:  {"articles": "...", "index": "...", "fault": [n, errno], "signal": [number, seconds]}     both optional
    out: {"code": ..., "said": "..."}

A child starts within milliseconds, where a fresh interpreter takes a second of imports. It ends with 0 when the ingest went well,
with 1 after an error that a person would see in one line, with 3 after any other.
"""

from __future__ import annotations

import ctypes
import json
import os
import sys
import time
import traceback

import faiss  # noqa: F401
import numpy  # noqa: F401
import tantivy  # noqa: F401
from world import BagOfWords

from kb.build import build_index
from kb.errors import KBError
from kb.reading import article_of
from kb.settings import Settings

SETTINGS = Settings(amend_from=int(os.environ.get("KB_TESTS_AMEND_FROM", Settings().amend_from)))


def main() -> None:
    article_of(b"# Warm\n\nWhat reading imports is imported before the first fork.\n", "warm.md")
    for line in sys.stdin:
        asked = json.loads(line)
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            said, code = run(asked)
            os.write(writing, said.encode()[-4000:])
            os._exit(code)
        os.close(writing)
        if asked.get("signal"):
            number, seconds = asked["signal"]
            time.sleep(seconds)
            os.kill(child, number)  # nobody has waited for it yet, so its number is its own, alive or dead
        with os.fdopen(reading, encoding="utf-8", errors="replace") as pipe:
            said = pipe.read()
        _, status = os.waitpid(child, 0)
        print(json.dumps({"code": os.waitstatus_to_exitcode(status), "said": said}), flush=True)


def run(asked: dict) -> tuple[str, int]:
    shim = ctypes.CDLL(None) if asked.get("fault") else None
    try:
        if shim is not None:
            shim.kb_arm(*asked["fault"], os.fsencode(asked["index"]))
        report = build_index([asked["articles"]], asked["index"], settings=SETTINGS, encoder=BagOfWords(), wait_seconds=30)
        said, code = report.generation, 0
    except KBError as error:
        said, code = f"{type(error).__name__}: {error}", 1
    except BaseException:
        said, code = traceback.format_exc(), 3
    if shim is not None:
        said = f"{shim.kb_seen()} {said}"
        shim.kb_arm(0, 0, b"")
    return said, code


if __name__ == "__main__":
    main()
