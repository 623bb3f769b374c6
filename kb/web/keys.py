"""Keys for programs: `Authorization: Bearer KEY` or `X-API-Key: KEY`, asked where a person would be asked for a password."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from kb.errors import KBError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.types import ASGIApp, Receive, Scope, Send

SHORTEST = 20  # characters; a key is made by a machine, so that wrong guesses need no counting


def check_keys(keys: Iterable[str]) -> None:
    """Raises KBError when a key could be guessed."""
    for key in keys:
        if len(key) < SHORTEST or not key.isascii():
            raise KBError(f"a key has {len(key)} characters, at least {SHORTEST} plain ones are safe: openssl rand -hex 16")


class Keys:
    """ASGI middleware: below `prefix` a right key opens, and marks the request with `kb_key`, which key it was, from 0.

    Without one the request is refused, or goes on unmarked to `others`: the sign-in of people, who have a password.
    """

    def __init__(self, app: ASGIApp, keys: tuple[str, ...], prefix: str = "", *, others: bool = False) -> None:
        self.app = app
        self.keys = tuple(key.encode() for key in keys)
        self.prefix = prefix
        self.others = others

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and (scope["path"] + "/").startswith(self.prefix + "/"):
            found = [at for at, key in enumerate(self.keys) for sent in _sent(scope) if hmac.compare_digest(sent, key)]
            if found:
                scope["kb_key"] = found[0]
            elif not self.others:
                from starlette.responses import JSONResponse

                refusal = JSONResponse({"error": "send the key: Authorization: Bearer KEY"}, 401, {"www-authenticate": "Bearer"})
                return await refusal(scope, receive, send)
        return await self.app(scope, receive, send)


def _sent(scope: Scope) -> list[bytes]:
    sent = []
    for name, value in scope["headers"]:
        if name == b"x-api-key":
            sent.append(value.strip())
        elif name == b"authorization" and value[:7].lower() == b"bearer ":
            sent.append(value[7:].strip())
    return sent
