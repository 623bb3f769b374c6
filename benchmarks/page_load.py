"""How many people the page serves at once: python benchmarks/page_load.py http://127.0.0.1:7860 --users 50 --seconds 60

Each user asks over the page's own event stream as a browser does, gets the first source for the panel beside the chat, reads,
thinks, asks again. Printed: questions answered, turned away (busy), lost; seconds to the first words and to the whole answer
(median, 95th percentile, worst). The page must be open, best with nothing else running beside it.
"""

from __future__ import annotations

import argparse
import asyncio
import html
import json
import random
import re
import time
from dataclasses import dataclass, field
from typing import Any

import httpx

QUESTIONS = (
    "Do I need a PhD to become a machine learning researcher?",
    "What does a data engineer do?",
    "How do I prepare for a behavioural interview?",
    "What does an AI research scientist earn?",
    "data scientist or ML engineer?",
    "How long should my CV be?",
    "How do I negotiate an offer?",
    "What is the capital of France?",
)


@dataclass
class Tally:
    """What the users saw. first and whole: seconds from the question to the first words and to the whole answer."""

    first: list[float] = field(default_factory=list)
    whole: list[float] = field(default_factory=list)
    busy: int = 0
    lost: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Events:
    """Numbers of the events that ask and that show a source, and how many inputs asking has."""

    ask: int
    inputs: int
    cite: int


async def events(client: httpx.AsyncClient) -> Events:
    config = (await client.get("/config")).json()

    def event(part: str, name: str) -> dict[str, Any]:
        number = next(each["id"] for each in config["components"] if each["props"].get("elem_id") == part)
        return next(e for e in config["dependencies"] if any(list(target) == [number, name] for target in e["targets"]))

    asking = event("kb-ask", "submit")
    return Events(asking["id"], len(asking["inputs"]), event("kb-bridge", "cite")["id"])


async def show_source(client: httpx.AsyncClient, event: Events, session: str, answer: str, tally: Tally) -> None:
    """What the page asks for by itself after an answer."""
    places = [html.unescape(place) for place in re.findall(r'href=\\?"#cite-([^"\\]+)', answer)]
    wanted = {"place": places[0], "siblings": places} if places else {"nothing": "declined"}
    sent = {"data": [], "event_data": wanted, "fn_index": event.cite, "session_hash": session}
    shown = await client.post("/gradio_api/run/predict", json=sent)
    if shown.status_code != 200 or "kb-title" not in shown.text or (places and "<mark>" not in shown.text):
        tally.lost.append(f"no source: {shown.status_code} {shown.text[:120]}")


async def ask(client: httpx.AsyncClient, event: Events, question: str, tally: Tally) -> None:
    """One question, from Enter to the last word, and its first source."""
    session = f"{random.getrandbits(60):x}"
    data = [question, [], "", -1, *[None] * (event.inputs - 4)]
    started = time.perf_counter()
    joined = await client.post("/gradio_api/queue/join", json={"data": data, "fn_index": event.ask, "session_hash": session})
    if joined.status_code == 503:
        tally.busy += 1
        return
    joined.raise_for_status()
    first = None
    async with client.stream("GET", "/gradio_api/queue/data", params={"session_hash": session}) as stream:
        async for line in stream.aiter_lines():
            if not line.startswith("data:"):
                continue
            said = json.loads(line[5:])
            if first is None and said["msg"] in {"process_generating", "process_completed"} and "kb-answer" in line:
                first = time.perf_counter() - started
            if said["msg"] == "process_completed":
                if not said["success"] or first is None:
                    tally.lost.append(line[:200])
                    return
                tally.first.append(first)
                tally.whole.append(time.perf_counter() - started)
                return await show_source(client, event, session, line, tally)
    tally.lost.append("the stream ended before the answer did")


async def user(client: httpx.AsyncClient, event: Events, until: float, think: float, tally: Tally) -> None:
    await asyncio.sleep(random.uniform(0, think))
    while time.perf_counter() < until:
        try:
            await ask(client, event, random.choice(QUESTIONS), tally)
        except httpx.HTTPError as error:
            tally.lost.append(f"{type(error).__name__}: {error}")
        await asyncio.sleep(random.uniform(0.5, 1.5) * think)


def quantile(values: list[float], q: float) -> float:
    """The nearest-rank quantile."""
    ranked = sorted(values)
    return ranked[min(int(q * len(ranked)), len(ranked) - 1)] if ranked else float("nan")


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url")
    parser.add_argument("--users", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--think", type=float, default=5.0, help="seconds between an answer and the next question")
    options = parser.parse_args()
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=options.users)
    tally = Tally()
    async with httpx.AsyncClient(base_url=options.url, timeout=120, limits=limits, trust_env=False) as client:
        event = await events(client)
        await ask(client, event, QUESTIONS[0], Tally())
        until = time.perf_counter() + options.seconds
        await asyncio.gather(*(user(client, event, until, options.think, tally) for _ in range(options.users)))
    print(f"{options.users} users, {options.seconds:g} s, {options.think:g} s to think")
    print(f"answered {len(tally.whole)}, busy {tally.busy}, lost {len(tally.lost)}")
    for name, values in (("first words", tally.first), ("whole answer", tally.whole)):
        print(
            f"{name}: median {quantile(values, 0.5):.2f} s, p95 {quantile(values, 0.95):.2f} s, worst {quantile(values, 1):.2f} s"
        )
    for each in tally.lost[:3]:
        print("lost:", each)


if __name__ == "__main__":
    asyncio.run(main())
