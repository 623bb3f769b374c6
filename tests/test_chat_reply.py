"""A reply is read the same however it is cut into chunks, and whatever is no reply says what it is instead."""

from __future__ import annotations

import asyncio
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.chat_reply import Delta, Unreadable, message_of, read_reply

STREAM = "text/event-stream"
REPLY = (
    'data: {"choices": [{"delta": {"role": "assistant", "content": ""}}]}\r\n\r\n'
    ': a comment\n\ndata: {"choices": [{"delta": {"reasoning_content": "hm "}}]}\n\n'
    'event: x\nid: 7\ndata:{"choices": [{"delta": {"content": "Brot\u2028für é "}}]}\n\n'
    'data: {"choices":\ndata: [{"delta": {"content": [{"type": "text", "text": "alle"}, {"thinking": "ok"}]}}]}\r\r'
    'data: {"choices": []}\n\ndata: {"choices": [{"delta": {}, "finish_reason": "length"}]}\n\ndata: [DONE]\n\n'
).encode()
DELTAS = [Delta(thought="hm "), Delta("Brot\u2028für é "), Delta("alle", "ok"), Delta(finish="length"), Delta()]


def read(raw: bytes, kind: str = STREAM, size: int = 1_000_000) -> list[Delta]:
    async def chunks():
        for at in range(0, len(raw), size):
            yield raw[at : at + size]

    async def collect():
        return [delta async for delta in read_reply(chunks(), kind)]

    return asyncio.run(collect())


@given(st.integers(1, 400))
@settings(max_examples=30, deadline=None)
def test_a_reply_says_the_same_however_it_is_cut_into_chunks(size):
    assert read(REPLY, size=size) == DELTAS


def test_a_reply_that_does_not_stream_is_one_delta():
    body = {"choices": [{"message": {"content": "Bread.", "reasoning": "hm"}, "finish_reason": "stop"}], "usage": {}}
    assert read(json.dumps(body, indent=1).encode(), "application/json") == [Delta("Bread.", "hm", "stop")]


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["choices", "delta", "message", "content", "reasoning", "finish_reason", "text", "error"]), inner
    ),
    max_leaves=12,
)


@given(st.lists(values, max_size=4))
@settings(max_examples=200, deadline=None)
def test_whatever_json_comes_it_is_deltas_or_unreadable(events):
    raw = "".join(f"data: {json.dumps(event)}\n\n" for event in events).encode()
    for kind, body in ((STREAM, raw), ("application/json", json.dumps(events[:1]).encode())):
        try:
            found = read(body, kind)
        except Unreadable:
            continue
        assert sum(bool(delta.finish) for delta in found) == 1


@given(st.binary(max_size=200), st.sampled_from([STREAM, "application/json", ""]))
@settings(max_examples=200, deadline=None)
def test_whatever_bytes_come_they_are_unreadable(raw, kind):
    with pytest.raises(Unreadable):
        read(raw, kind)


@pytest.mark.parametrize(
    ("error", "message"),
    [
        ({"error": {"message": "no"}}, "no"),
        ({"error": "no"}, "no"),
        ({"message": "no"}, "no"),
        ({"detail": "no"}, "no"),
        ({"error": {"code": 7}}, ""),
        ([], ""),
        (None, ""),
    ],
)
def test_the_message_of_an_error_is_found_in_the_usual_shapes(error, message):
    assert message_of(error) == message
