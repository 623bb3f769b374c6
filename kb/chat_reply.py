"""What a chat-completions reply says, as it arrives: bytes -> lines -> events -> deltas. Knows the format, not the connection.

    {"choices": [{"delta": {"content": "A bak"}, "finish_reason": null}]}          one event of a stream
    {"choices": [{"message": {"content": "A baker ..."}, "finish_reason": "stop"}]}    a reply that does not stream

Everything in it is untrusted: whatever is no such reply, is cut, or does not end raises Unreadable.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from typing import Any

MAX_TEXT_CHARS = 20_000  # about 3,000 words: no answer is that long
MAX_THOUGHT_CHARS = 200_000  # reasoning may be long; beyond this it will not end
MAX_LINE_BYTES = 1_000_000  # of one event

_LONE = re.compile("[\ud800-\udfff]")  # half a character, which JSON can spell and nothing can print
_DONE = {"choices": [{"finish_reason": "stop"}]}  # what [DONE] means where no finish_reason came


class Unreadable(Exception):
    """What the server did instead of replying, to be read after its name: "sent something that is not JSON"."""


@dataclass(frozen=True, slots=True)
class Delta:
    """A piece of a reply: text or thought (what a reasoning model thinks), or neither while the server is waited for.

    finish: why the reply ended ("stop", "length", "content_filter"), "" before that.
    """

    text: str = ""
    thought: str = ""
    finish: str = ""


async def read_reply(chunks: AsyncIterator[bytes], kind: str) -> AsyncIterator[Delta]:
    """The deltas of a reply, one of them with a finish. kind: its content type. Raises Unreadable."""
    if kind == "text/html":
        raise Unreadable("answered with a web page. Does llm_base_url end in /v1?")
    text = thought = 0
    finish = ""
    async for event in _events(chunks, kind):
        for delta in _deltas(event):
            text, thought = text + len(delta.text), thought + len(delta.thought)
            if text > MAX_TEXT_CHARS or thought > MAX_THOUGHT_CHARS:
                limit = MAX_TEXT_CHARS if text > MAX_TEXT_CHARS else MAX_THOUGHT_CHARS
                raise Unreadable(f"wrote more than {limit:,} characters and was stopped")
            yield replace(delta, finish="") if finish else delta
            finish = finish or delta.finish
    if not finish:
        raise Unreadable("broke off in the middle of the reply")


async def _events(chunks: AsyncIterator[bytes], kind: str) -> AsyncIterator[Any]:
    """The JSON values of the reply: one for a plain JSON reply, one for each event of a stream."""
    if kind == "application/json":
        yield _json(b"".join([line async for line in _lines(chunks)]))
        return
    data: list[bytes] = []
    async for line in _lines(chunks):
        if line.startswith(b"data:"):
            data.append(line[5:].removeprefix(b" "))
        elif line:
            if not line.startswith((b":", b"event:", b"id:", b"retry:")):
                raise Unreadable("sent something that is no event stream")
        elif data:
            whole, data = b"\n".join(data), []
            yield _DONE if whole.strip() == b"[DONE]" else _json(whole)


async def _lines(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The lines, without their ends, which may be LF, CRLF or CR. Not by httpx, which also cuts at U+2028 inside JSON."""
    waiting = b""
    async for chunk in chunks:
        waiting += chunk
        if len(waiting) > MAX_LINE_BYTES:
            raise Unreadable("sent a line without end")
        *lines, waiting = waiting.replace(b"\r\n", b"\n").split(b"\n")
        for line in lines:
            for part in line.removesuffix(b"\r").split(b"\r"):
                yield part
    if waiting:
        yield waiting
    yield b""


def _json(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise Unreadable("sent something that is not JSON") from error


def _deltas(event: Any) -> Iterator[Delta]:
    """What one event says; an event that says nothing gives nothing."""
    if not isinstance(event, dict):
        raise Unreadable("sent an event that is no object")
    if event.get("error"):
        why = message_of(event)
        raise Unreadable("reported an error in the middle of the reply" + (f": {why}" if why else ""))
    choices = event.get("choices")
    if not isinstance(choices, list):
        raise Unreadable("sent an event without choices")
    for choice in choices[:1]:
        if isinstance(choice, dict):
            yield from _delta(choice)


def _delta(choice: dict[str, Any]) -> Iterator[Delta]:
    """What a choice adds, if anything: {"delta": {"content", "reasoning_content" | "reasoning"}, "finish_reason"}."""
    told = choice.get("delta") or choice.get("message")
    told = told if isinstance(told, dict) else {}
    text, thought = _parts(told.get("content"))
    thought += next((told[key] for key in ("reasoning_content", "reasoning") if isinstance(told.get(key), str)), "")
    finish = choice.get("finish_reason")
    if text or thought or finish:
        yield Delta(_LONE.sub("\ufffd", text), _LONE.sub("\ufffd", thought), finish if isinstance(finish, str) else "")


def _parts(content: Any) -> tuple[str, str]:
    """(text, thought) of a content, which is a string, nothing, or a list of typed parts."""
    if isinstance(content, str):
        return content, ""
    text = thought = ""
    for part in content if isinstance(content, list) else ():
        if isinstance(part, dict) and isinstance(part.get("text"), str):
            text += part["text"]
        elif isinstance(part, dict) and isinstance(part.get("thinking"), str):
            thought += part["thinking"]
    return text, thought


def message_of(found: Any) -> str:
    """The message in an error reply, in any of the usual shapes; "" when there is none.

    >>> message_of({"error": {"message": "no such model"}}), message_of({"detail": "Not Found"})
    ('no such model', 'Not Found')
    """
    for key in ("error", "message", "detail"):
        if isinstance(found, dict) and key in found:
            found = found[key]
    return found if isinstance(found, str) else ""
