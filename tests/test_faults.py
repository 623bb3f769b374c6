"""A fault at each write, sync and rename of an ingest: the old index answers, the error is one line, the next ingest works."""

from __future__ import annotations

import errno
import json
import os
import random
import signal
import sys

import pytest
from crashing import Forge, compiled_faults, edition_of, first_edition, write_edition
from world import BagOfWords

from kb.base import KnowledgeBase
from kb.build import build_index
from kb.errors import StoreError
from kb.store import file_digest

EVERY = bool(os.environ.get("KB_FAULTS"))  # before a release: each call by itself, with every kind of fault
SHORT = -1  # a write that takes only half


@pytest.fixture
def places():
    with first_edition() as places:
        yield places


def edition_in(index):
    with KnowledgeBase.open(index, encoder=BagOfWords()) as base:
        return edition_of(base)


@pytest.fixture(scope="module")
def shim(tmp_path_factory):
    library = compiled_faults(tmp_path_factory.mktemp("shim"))
    if library is None:
        pytest.skip("needs Linux and a C compiler")
    return library


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO, errno.EROFS, SHORT], ids=["ENOSPC", "EIO", "EROFS", "short write"])
@pytest.mark.parametrize("amend_from", [None, 0], ids=["written anew", "amended"])
def test_a_fault_at_any_call_that_changes_a_file(places, shim, error, amend_from):
    if not EVERY and (error, amend_from) not in ((errno.ENOSPC, None), (SHORT, 0)):
        pytest.skip("the same calls with another error; with KB_FAULTS=1")
    articles, index = places
    forge = Forge(articles, index, preload=shim, amend_from=amend_from)
    assert forge.ingest()["code"] == 0
    edition, at, met, refused = 1, 1, 0, 0
    while True:
        write_edition(articles, edition + 1)
        ended = forge.ingest(fault=(at, error))
        assert ended["code"] in (0, 1), f"call {at}: {ended['said']}"
        seen, _, said = ended["said"].partition(" ")
        if int(seen) < at:
            break
        met += 1
        if ended["code"] == 1:
            refused += 1
            assert said.startswith("StoreError: cannot write ") and "\n" not in said, said
        found = edition_in(index)
        assert found in (edition, edition + 1), f"call {at}"
        assert spoilt(index) == [], f"call {at}"
        assert found == edition + 1 or ended["code"] == 1, f"call {at} failed, and the ingest says that it went well"
        edition = found
        at += 1 if EVERY else random.randint(1, 2 + at // 2)  # else many of the first, then ever fewer, others each time
    write_edition(articles, edition + 1)
    assert forge.ingest()["code"] == 0
    forge.close()
    assert edition_in(index) == edition + 1 and not list(index.glob("*.tmp-*"))
    assert met >= (100 if EVERY else 10)
    assert refused >= met // 3 or error == SHORT, "the faults did not reach the index"


def spoilt(index):
    """The files of any generation, the older ones too, that are not as their manifest says: an amended one shares files."""
    found = []
    for folder in index.glob("gen-*"):
        files = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["files"]
        found += [folder / name for name, digest in files.items() if file_digest(folder / name) != digest]
    return found


PYTHONS = ["fsync", "rename", "replace", "mkdir", "open"]


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO], ids=["ENOSPC", "EIO"])
@pytest.mark.parametrize("call", PYTHONS)
def test_a_fault_at_any_of_pythons_own_calls(places, monkeypatch, call, error):
    """The same where no C compiler is: the calls that the store makes itself, each failing once."""
    if error == errno.EIO and not EVERY:
        pytest.skip("the same calls as ENOSPC; with KB_FAULTS=1")
    articles, index = places
    build_index([articles], index, encoder=BagOfWords())
    edition, at = 1, 1
    while True:
        write_edition(articles, edition + 1)
        with monkeypatch.context() as patched:
            counted = fail(patched, call, at, error, index)
            try:
                build_index([articles], index, encoder=BagOfWords())
            except StoreError as refused:
                assert "\n" not in str(refused)
        if counted[0] < at:
            break
        found = edition_in(index)
        assert found in (edition, edition + 1)
        edition, at = found, at + 1
    assert edition_in(index) == edition + 1 and at > 1
    assert not list(index.glob("*.tmp-*"))


def fail(patched, call, at, error, index):
    """Make the at-th call under the index fail; returns the count as a list of one."""
    counted, real = [0], getattr(os, call)

    def failing(first, *more, **named):
        path = os.readlink(f"/proc/self/fd/{first}") if call == "fsync" and sys.platform == "linux" else str(first)
        changes = call != "open" or (more and more[0] & os.O_CREAT)
        if changes and (path.startswith(str(index)) or call == "fsync"):
            counted[0] += 1
            if counted[0] == at:
                raise OSError(error, os.strerror(error), path)
        return real(first, *more, **named)

    patched.setattr(os, call, failing)
    return counted


@pytest.mark.skipif(not hasattr(signal, "SIGXFSZ"), reason="needs limits on the size of files")
@pytest.mark.parametrize("limit", [0, 100, 4_000, 12_000, 40_000])
def test_a_disk_that_takes_no_more_leaves_the_old_index_answering(places, limit):
    import resource

    articles, index = places
    build_index([articles], index, encoder=BagOfWords())
    write_edition(articles, 2)
    was, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, was[1]))
        with pytest.raises(StoreError, match=r"cannot write .*index"):
            build_index([articles], index, encoder=BagOfWords())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, was)
        signal.signal(signal.SIGXFSZ, handler)
    assert edition_in(index) == 1 and not list(index.glob("*.tmp-*"))
    build_index([articles], index, encoder=BagOfWords())
    assert edition_in(index) == 2
