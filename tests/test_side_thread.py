"""An asynchronous producer read as an iterator: in order, to its end, its error, or until the reader leaves."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from kb.side_thread import iterated


def threads():
    return [thread for thread in threading.enumerate() if thread.name == "test producer"]


def read(produce, heartbeat=5.0):
    return iterated(produce, heartbeat_seconds=heartbeat, name="test producer")


async def counts(put):
    for n in range(3):
        put(n)
        await asyncio.sleep(0)


async def waits(put):
    put("begun")
    try:
        await asyncio.sleep(60)
    finally:
        waits.left = time.monotonic()


def test_what_is_put_comes_out_in_order_and_no_thread_is_left():
    assert list(read(counts)) == [0, 1, 2] and threads() == []


def test_an_error_reaches_the_reader_after_what_came_before_it():
    async def fails(put):
        put(1)
        raise ValueError("on purpose")

    found = read(fails)
    assert next(found) == 1
    with pytest.raises(ValueError, match="on purpose"):
        next(found)
    assert threads() == []


def test_an_error_before_anything_reaches_the_reader():
    async def fails(put):
        raise ValueError("at once")

    with pytest.raises(ValueError, match="at once"):
        list(read(fails))


def test_nothing_for_a_while_is_none():
    found = read(waits, heartbeat=0.01)
    assert [next(found), next(found), next(found)] == ["begun", None, None]
    found.close()


def test_leaving_cancels_the_producer_and_waits_for_its_end():
    found = read(waits)
    assert next(found) == "begun"
    started = time.monotonic()
    found.close()
    assert waits.left >= started and time.monotonic() - started < 1.0 and threads() == []


def test_it_works_where_a_loop_runs_already():
    async def inside():
        return list(read(counts))

    assert asyncio.run(inside()) == [0, 1, 2]
