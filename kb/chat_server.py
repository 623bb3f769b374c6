"""The wire: chat completions from any OpenAI-compatible server (Ollama, llama.cpp, vLLM, LM Studio, a hosted one) over httpx.

    for delta in ChatServer("http://127.0.0.1:11434/v1", "qwen3").stream(messages, max_tokens=500):
        print(delta.text, end="")

One request at a time, in a thread of its own with an event loop, so that the whole reply has one deadline and that closing the
iterator ends the request at once, even while nothing arrives. The key is sent in the Authorization header and shown nowhere.
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import httpx

from kb.chat_reply import Delta, Unreadable, message_of, read_reply
from kb.errors import ChatModelError
from kb.side_thread import iterated

log = logging.getLogger(__name__)

Message = Mapping[str, str]

CONNECT_SECONDS = 5.0  # a server on this machine or the next answers a connection in milliseconds
ATTEMPTS = 3  # the first and two more, as the openai client does (its max_retries is 2)
LONGEST_WAIT_SECONDS = 10.0  # a server that asks for a longer pause is given up: the quotes are already there
HEARTBEAT_SECONDS = 0.5  # how often a waiting reader is told that nothing came, so that it can be stopped
MAX_ERROR_BYTES = 20_000  # of an error reply that is read


class PromptTooLong(ChatModelError):
    """The server says that the prompt does not fit its window."""


class _TryAgain(Exception):
    """The server asked for patience. seconds: how long it asks to wait, None when it does not say."""

    def __init__(self, reason: str, seconds: float | None = None) -> None:
        super().__init__(reason)
        self.seconds = seconds


class ChatServer:
    """A model on a server. address: the server as a person may see it, without path or key."""

    def __init__(
        self, base_url: str, model: str, api_key: str = "", *, timeout_seconds: float = 120.0, backoff_seconds: float = 0.5
    ) -> None:
        """Raises ChatModelError for an address or a key that cannot be used; the message never shows the key."""
        self.url, self.address = endpoint(base_url)
        self.model = model
        self._key = _checked_key(api_key)
        self._timeout_seconds = timeout_seconds
        self._backoff_seconds = backoff_seconds
        self._dropped: set[str] = set()  # parameters that this server refused once

    def __repr__(self) -> str:
        return f"ChatServer({self.address!r}, {self.model!r})"

    def stream(self, messages: Sequence[Message], *, max_tokens: int, seconds: float | None = None) -> Iterator[Delta]:
        """The reply as it comes; one delta has a finish. An empty delta now and then says that nothing came.

        seconds: for the whole reply, never more than timeout_seconds. Raises ChatModelError when the server cannot be reached,
        refuses, garbles or cuts the reply, or takes too long, and PromptTooLong when the prompt does not fit. Closing the
        iterator closes the connection.
        """
        limit = min(seconds or self._timeout_seconds, self._timeout_seconds)

        async def converse(put: Callable[[Delta], None]) -> None:
            try:
                async with asyncio.timeout(limit):
                    await self._converse(messages, max_tokens, put)
            except TimeoutError as error:
                late = f"did not finish within {limit:g} s"
                raise self._error(f"{late}. Raise llm_timeout_seconds, or use a smaller model") from error

        for delta in iterated(converse, heartbeat_seconds=HEARTBEAT_SECONDS, name="chat model"):
            yield delta or Delta()

    async def _converse(self, messages: Sequence[Message], max_tokens: int, put: Callable[[Delta], None]) -> None:
        timeout = httpx.Timeout(self._timeout_seconds, connect=CONNECT_SECONDS)
        fresh = httpx.Limits(max_keepalive_connections=0)  # no attempt meets a connection that the server has just closed
        headers = {"Accept": "text/event-stream", **({"Authorization": f"Bearer {self._key}"} if self._key else {})}
        options: dict[str, Any] = {"trust_env": False, "follow_redirects": False}  # to no other address, by no other way
        async with httpx.AsyncClient(timeout=timeout, limits=fresh, headers=headers, **options) as client:
            for attempt in range(1, ATTEMPTS + 1):
                try:
                    await self._ask(client, messages, max_tokens, put)
                    return
                except _TryAgain as again:
                    wait = again.seconds
                    if wait is None:
                        wait = self._backoff_seconds * 2 ** (attempt - 1) * random.uniform(0.75, 1.25)
                    if attempt == ATTEMPTS or wait > LONGEST_WAIT_SECONDS:
                        raise self._error(f"{again}" + (f", {attempt} times" if attempt > 1 else "")) from again
                    log.info("%s %s; asking again in %.1f s", self.address, again, wait)
                    await asyncio.sleep(wait)

    async def _ask(
        self, client: httpx.AsyncClient, messages: Sequence[Message], max_tokens: int, put: Callable[[Delta], None]
    ) -> None:
        for _ in range(len(_OPTIONAL) + 1):
            try:
                async with client.stream("POST", self.url, json=self._payload(messages, max_tokens)) as response:
                    if response.status_code == 200:
                        async for delta in read_reply(response.aiter_bytes(), _kind(response)):
                            put(delta)
                        return
                    body = await _start_of(response)
                    if not self._adapted(response.status_code, body):
                        self._refuse(response, body)
            except Unreadable as error:
                raise self._error(self._harmless(str(error))) from error
            except httpx.ConnectTimeout as error:
                limit = f"did not answer within {CONNECT_SECONDS:g} s"
                raise self._error(f"{limit}. Is it running, and is llm_base_url right?") from error
            except httpx.ConnectError as error:
                raise self._error("cannot be reached. Is it running, and is llm_base_url right?") from error
            except httpx.HTTPError as error:
                raise self._error(f"broke off the reply ({type(error).__name__})") from error
        raise self._error("refuses the request whatever is left out of it")

    def _payload(self, messages: Sequence[Message], max_tokens: int) -> dict[str, Any]:
        told = [dict(message) for message in messages]
        if "system role" in self._dropped and told[0]["role"] == "system":  # Gemma's template knows no system
            told[1:2] = [{"role": "user", "content": f"{told[0]['content']}\n\n{told[1]['content']}"}]
            told = told[1:]
        payload: dict[str, Any] = {"model": self.model, "messages": told, "stream": True}
        if "temperature" not in self._dropped:
            payload["temperature"] = 0
        payload["max_completion_tokens" if "max_tokens" in self._dropped else "max_tokens"] = max_tokens
        return payload

    def _adapted(self, status: int, body: str) -> bool:
        """Whether the next try leaves out something that this server said it does not take (400 or 422, named in its reply)."""
        if status not in (400, 422):
            return False
        small = body.lower()
        named = [name for name in _OPTIONAL if name in small and name not in self._dropped and not _speaks_of_length(body)]
        self._dropped |= set(named[:1])
        return bool(named)

    def _refuse(self, response: httpx.Response, body: str) -> None:
        """Raise what a status other than 200 means."""
        status = response.status_code
        if status == 429:
            raise _TryAgain("asks to be left alone for a while (429)", _retry_after(response))
        if status >= 500:
            raise _TryAgain(f"failed ({status})", _retry_after(response))
        if status in (401, 403):
            raise self._error(f"does not accept the key ({status}). Set KB_LLM_API_KEY, or llm_api_key in the settings")
        if status == 404:
            what = f"has no model {self.model!r}, or nothing at this path (404)"
            raise self._error(f"{what}. Check llm_model, and that llm_base_url ends like .../v1")
        if status == 413 or _speaks_of_length(body):
            raise PromptTooLong(f"{self._who()} says that the prompt is too long. Lower llm_context_tokens to the model's window")
        if 300 <= status < 400:
            where = f"points to another address ({status}), which is not followed"
            raise self._error(f"{where}. Put the final address into llm_base_url")
        why = self._harmless(_message_in(body))
        raise self._error(f"refused the request ({status})" + (f": {why}" if why else ""))

    def _who(self) -> str:
        return f"the language-model server at {self.address}"

    def _error(self, what: str) -> ChatModelError:
        return ChatModelError(f"{self._who()} {what}")

    def _harmless(self, text: str) -> str:
        """Words that may be a server's own, fit to be shown: one line, printable, short, without the key."""
        text = "".join(char if char.isprintable() else " " for char in text)
        if self._key:
            text = text.replace(self._key, "***")
        return " ".join(text.split())[:200]


_OPTIONAL = ("temperature", "max_tokens", "system role")
_TOO_LONG = ("context length", "context_length", "context size", "context window", "too long", "too many tokens", "exceed")


def _speaks_of_length(body: str) -> bool:
    small = body.lower()
    return any(words in small for words in _TOO_LONG)


def endpoint(base_url: str) -> tuple[str, str]:
    """The address that is asked, and the server as a person may see it.

    >>> endpoint("http://localhost:11434")
    ('http://localhost:11434/v1/chat/completions', 'http://localhost:11434')

    "/v1" is added where no path is given. Raises ChatModelError for an address that is no http(s) one, or that holds a user
    name, a password or a query, where a key could stand and be shown.
    """
    try:
        parts = urlsplit(base_url.strip())
        port = parts.port
    except ValueError as error:
        raise ChatModelError("llm_base_url is no web address. Give one like http://localhost:11434/v1") from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ChatModelError(f"llm_base_url must be like http://localhost:11434/v1, got one of scheme {parts.scheme!r}")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ChatModelError("llm_base_url must hold no user name, password, query or fragment. Put the key into KB_LLM_API_KEY")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    address = f"{parts.scheme}://{host}" + (f":{port}" if port else "")
    path = parts.path.rstrip("/").removesuffix("/chat/completions") or "/v1"
    return f"{address}{path}/chat/completions", address


def _checked_key(key: str) -> str:
    """The key without white space around it. Raises ChatModelError, without showing it, when it cannot be sent in a header."""
    key = key.strip()
    if not (key.isascii() and key.isprintable()):
        raise ChatModelError("llm_api_key holds a character that cannot be sent. Copy it again, without line breaks")
    return key


async def _start_of(response: httpx.Response) -> str:
    body = b""
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > MAX_ERROR_BYTES:
            break
    return body[:MAX_ERROR_BYTES].decode("utf-8", "replace")


def _message_in(body: str) -> str:
    try:
        return message_of(json.loads(body))
    except (ValueError, RecursionError):
        return ""


def _kind(response: httpx.Response) -> str:
    """The content type, without its parameters: "text/event-stream"."""
    return str(response.headers.get("content-type", "")).split(";")[0].strip().lower()


def _retry_after(response: httpx.Response) -> float | None:
    """Seconds that the server asks to wait; None when it does not say so in seconds."""
    try:
        return max(0.0, float(response.headers["retry-after"]))
    except (KeyError, ValueError):
        return None
