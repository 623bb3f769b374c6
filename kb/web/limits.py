"""How much a program may ask for: the size of a request, questions a minute, answers at once."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_CALLERS = 4096  # remembered at once, the one that was quiet longest is forgotten first


class SmallBodies:
    """ASGI middleware: a body of more than `most` bytes is answered with 413, before it is parsed."""

    def __init__(self, app: ASGIApp, most: int) -> None:
        self.app = app
        self.most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        body = b""
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > self.most:
                return await JSONResponse({"error": f"at most {self.most:,} bytes are read"}, 413)(scope, receive, send)
        held: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def replay() -> Message:
            return held.pop() if held else await receive()

        return await self.app(scope, replay, send)


class PerMinute:
    """A bucket for each caller that holds `allowed` questions and fills again within a minute."""

    def __init__(self, allowed: int) -> None:
        self.allowed = allowed
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()  # caller -> (questions left, when that was counted)

    def seconds_to_wait(self, caller: str) -> float:
        """Counts one question; 0 when it may be asked, else the seconds after which it may."""
        now = time.monotonic()
        left, counted = self._left.pop(caller, (float(self.allowed), now))
        left = min(float(self.allowed), left + (now - counted) * self.allowed / 60)
        wait = 0.0 if left >= 1 else (1 - left) * 60 / self.allowed
        self._left[caller] = (left if wait else left - 1, now)
        while len(self._left) > MOST_CALLERS:
            self._left.popitem(last=False)
        return wait


class Busy(Exception):
    """As many wait as may."""


class Turnstile:
    """At most `at_once` go through at a time, at most `waiting` stand before it; the next one is told that it is Busy."""

    def __init__(self, at_once: int, waiting: int) -> None:
        self._places = anyio.Semaphore(at_once)
        self._most = at_once + waiting
        self._here = 0

    @asynccontextmanager
    async def passing(self) -> AsyncIterator[None]:
        if self._here >= self._most:
            raise Busy
        self._here += 1
        try:
            async with self._places:
                yield
        finally:
            self._here -= 1
