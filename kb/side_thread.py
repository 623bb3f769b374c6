"""An asynchronous producer as a plain iterator that can be left at any moment, also while nothing comes."""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

T = TypeVar("T")
Produce = Callable[[Callable[[T], None]], Coroutine[Any, Any, None]]

PATIENCE_SECONDS = 1.0  # what cannot be cancelled (the look-up of a name) is left to end by itself


@dataclass(frozen=True, slots=True)
class _End:
    """The producer is done. error: what it raised, None if nothing."""

    error: BaseException | None


def iterated(produce: Produce[T], *, heartbeat_seconds: float, name: str) -> Iterator[T | None]:
    """What produce(put) puts, as it comes, and None whenever nothing came for a while. Raises what produce raises.

    produce runs in a thread of that name, with an event loop of its own. Closing the iterator cancels it and waits for its end;
    a reader that is told None now and then can be closed even while the producer waits for somebody else.
    """
    arrived: queue.SimpleQueue[T | _End] = queue.SimpleQueue()
    started = threading.Event()
    cancel: list[Callable[[], object]] = []

    async def main() -> None:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None
        cancel.append(lambda: loop.call_soon_threadsafe(task.cancel))
        started.set()
        await produce(arrived.put)

    def run() -> None:
        end = _End(None)
        try:
            asyncio.run(main())
        except BaseException as error:  # the outermost edge of the thread: whatever it is, the reader must hear of it
            end = _End(error)
        arrived.put(end)
        started.set()

    thread = threading.Thread(target=run, name=name, daemon=True)
    thread.start()
    started.wait()
    try:
        while True:
            try:
                got = arrived.get(timeout=heartbeat_seconds)
            except queue.Empty:
                yield None
                continue
            if isinstance(got, _End):
                if got.error is not None:
                    raise got.error
                return
            yield got
    finally:
        for each in cancel:
            with contextlib.suppress(RuntimeError):  # the loop is closed already: the producer has ended
                each()
        thread.join(PATIENCE_SECONDS)
