"""Notice that folders may have changed: by the system's word where watchfiles is installed, else by the clock.

    for _ in ticks(["articles"]):
        build_index(["articles"], "index")     # finds what changed by content, and does nothing when nothing did
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

log = logging.getLogger(__name__)

QUIET_MS = 1600  # of quiet before a burst of changes counts as over: a copied folder, an editor's save
SURE_SECONDS = 60.0  # a look even without a word: some network shares and containers report no changes
LEAST_SECONDS = 2.0  # between two looks by the clock
BUSY_SHARE = 0.05  # of one processor that looking by the clock may take


def ticks(paths: Sequence[Path], *, by_clock: bool = False) -> Iterator[None]:
    """A tick at once, and one whenever something under paths may have changed; endless.

    The caller looks between two ticks; by the clock, the pause grows with the time that a look takes. A path that vanishes is
    waited for.
    """
    try:
        if by_clock:
            raise ImportError
        from watchfiles import watch
    except ImportError:
        log.info("following by looking every few seconds; with pip install 'career-kb[watch]' changes are seen at once")
        yield from _by_clock()
    yield None
    while True:
        there = [path for path in paths if path.exists()]
        if len(there) == len(paths):
            for _ in watch(*there, debounce=QUIET_MS, rust_timeout=int(SURE_SECONDS * 1000), yield_on_timeout=True):
                yield None
                if not all(path.exists() for path in paths):
                    break
        else:
            time.sleep(LEAST_SECONDS)
            if all(path.exists() for path in paths):
                yield None


def _by_clock() -> Iterator[None]:
    while True:
        started = time.monotonic()
        yield None
        time.sleep(max(LEAST_SECONDS, (time.monotonic() - started) / BUSY_SHARE))
