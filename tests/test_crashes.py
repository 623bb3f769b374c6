"""kill -9 at random moments of an ingest, a reader asking all the while: no torn read, no step back, the next ingest works."""

from __future__ import annotations

import logging
import os
import random
import signal
import sys
import threading
import time

import pytest
from crashing import Forge, edition_of, first_edition, write_edition
from world import BagOfWords

from kb.base import KnowledgeBase
from kb.current import generations

KILLS = int(os.environ.get("KB_KILLS") or (50 if os.environ.get("CI") else 8))  # 200 and more before a release


@pytest.fixture
def places():
    with first_edition() as places:
        yield places


pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="forks its ingests")


class Reader(threading.Thread):
    """Asks without pause: an open base that moves on by itself, and every few questions one that is opened anew."""

    def __init__(self, index):
        super().__init__(daemon=True)
        self.index, self.stop = index, threading.Event()
        self.asked, self.moved, self.wrong = 0, 0, []

    def run(self):
        last, base = 0, KnowledgeBase.open(self.index, encoder=BagOfWords())
        while not self.stop.is_set():
            try:
                self.moved += base.refresh()
                if self.asked % 10 == 9:
                    base.close()
                    base = KnowledgeBase.open(self.index, encoder=BagOfWords())
                edition = edition_of(base)
                if edition < last:
                    self.wrong.append(f"stepped back from edition {last} to {edition}")
                last = edition
            except BaseException as error:
                self.wrong.append(repr(error))
            self.asked += 1
            time.sleep(0.005)  # there are others on this machine, the ingest among them


@pytest.mark.parametrize("amend_from", [None, 0], ids=["written anew", "amended"])
def test_kill_9_at_any_moment_leaves_a_whole_state_and_the_next_ingest_works(places, caplog, amend_from):
    caplog.set_level(logging.WARNING)
    (articles, index), draw = places, random.Random(os.urandom(8))
    forge = Forge(articles, index, amend_from=amend_from)
    assert forge.ingest()["code"] == 0
    reader = Reader(index)
    reader.start()
    killed, edition, usual = 0, 1, []
    while killed < (KILLS + 1) // 2:
        edition += 1
        write_edition(articles, edition)
        started = time.monotonic()
        if edition % 8 == 0 or len(usual) < 2:  # one that is left in peace, to know how long it takes and that it works
            ended = forge.ingest()
            usual.append(time.monotonic() - started)
            assert ended["code"] == 0, ended["said"]
        else:
            after = draw.uniform(0, 1.1 * sorted(usual)[len(usual) // 2])
            killed += forge.ingest(signal=(signal.SIGKILL, after))["code"] == -signal.SIGKILL
    ended = forge.ingest()
    reader.stop.set()
    reader.join(30)
    forge.close()
    assert reader.wrong == [] and reader.asked > killed and reader.moved > 0
    assert "Answering from" not in caplog.text, "a reader met a damaged generation"
    assert ended["code"] == 0, ended["said"]
    with KnowledgeBase.open(index, encoder=BagOfWords()) as base:
        assert edition_of(base) == edition and len(generations(index)) <= 3
    assert not list(index.glob("*.tmp-*")), "nothing of a dead ingest is left"


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_ctrl_c_in_the_middle_leaves_the_old_state_and_the_next_ingest_works(places, encoder):
    articles, index = places
    forge = Forge(articles, index)
    assert forge.ingest()["code"] == 0
    for pause in (0.0, 0.02, 0.05, 0.1):
        write_edition(articles, 2)
        ended = forge.ingest(signal=(signal.SIGINT, pause))
        assert ended["code"] in (0, 3) and ("KeyboardInterrupt" in ended["said"]) == (ended["code"] == 3), ended["said"]
        with KnowledgeBase.open(index, encoder=encoder) as base:
            assert edition_of(base) in (1, 2)
    assert forge.ingest()["code"] == 0
    forge.close()
    with KnowledgeBase.open(index, encoder=encoder) as base:
        assert edition_of(base) == 2
