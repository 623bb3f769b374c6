"""An OpenAI-compatible server that says what it is told to, or misbehaves as it is told to. For tests; also by hand:

    python tests/scripted_server.py --port 9000 --say "A baker earns 28,000 EUR a year in Bavaria [1]."

Each request takes the next of its scripts (the last one again and again) and is kept in `requests` for the test to look at.
"""

from __future__ import annotations

import argparse
import json
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Script = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """One request. A script writes its reply with these methods."""

    server: ScriptedServer
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}")
        with self.server.lock:
            self.server.requests.append({"path": self.path, "headers": dict(self.headers), "body": body})
            at = min(len(self.server.requests), len(self.server.scripts)) - 1
        try:
            self.server.scripts[at](self)
        except (BrokenPipeError, ConnectionResetError):
            self.server.left_early.set()
        self.close_connection = True

    def log_message(self, *arguments: object) -> None:
        """Quiet."""

    def reply(self, status: int, body: str | bytes = b"", kind: str = "application/json", **headers: str) -> None:
        """A whole reply at once."""
        raw = body.encode() if isinstance(body, str) else body
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(raw)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(raw)

    def begin_stream(self, kind: str = "text/event-stream") -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Connection", "close")
        self.end_headers()

    def raw(self, data: bytes) -> None:
        self.wfile.write(data)
        self.wfile.flush()

    def event(self, value: Any) -> None:
        self.raw(b"data: " + json.dumps(value).encode() + b"\n\n")

    def delta(self, finish: str | None = None, **delta: Any) -> None:
        self.event({"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})


class ScriptedServer(ThreadingHTTPServer):
    """`with ScriptedServer(says("...")) as server:` listens on a free port of this machine; server.url is its base address."""

    daemon_threads = True

    def __init__(self, *scripts: Script, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.scripts = scripts
        self.requests: list[dict[str, Any]] = []
        self.lock = threading.Lock()
        self.left_early = threading.Event()  # set when a client hung up before the reply was done
        self.url = f"http://127.0.0.1:{self.server_address[1]}/v1"

    def __enter__(self) -> ScriptedServer:
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()  # seconds within which it hears of its end
        return self

    def __exit__(self, *error: object) -> None:
        self.shutdown()
        self.server_close()

    def prompt(self, at: int = -1) -> str:
        """The last message of a request: passages and question."""
        return str(self.requests[at]["body"]["messages"][-1]["content"])


def says(text: str, *, chars: int = 7, seconds: float = 0.0, thinks: str = "", finish: str = "stop") -> Script:
    """Streams text in pieces of a few characters, a pause between them; thinks goes out first as reasoning_content."""

    def script(handler: Handler) -> None:
        handler.begin_stream()
        handler.delta(role="assistant", content="")
        for piece in _pieces(thinks, chars):
            handler.delta(reasoning_content=piece)
        for piece in _pieces(text, chars):
            handler.delta(content=piece)
            time.sleep(seconds)
        handler.delta(finish)
        handler.raw(b"data: [DONE]\n\n")

    return script


def _pieces(text: str, chars: int) -> Iterable[str]:
    return (text[at : at + chars] for at in range(0, len(text), chars))


def breaks_off(text: str) -> Script:
    """Streams text and hangs up without an end."""

    def script(handler: Handler) -> None:
        handler.begin_stream()
        for piece in _pieces(text, 7):
            handler.delta(content=piece)

    return script


def fails(status: int, message: str = "no", **headers: str) -> Script:
    """Replies with an error status and OpenAI's error shape."""
    return lambda handler: handler.reply(status, json.dumps({"error": {"message": message}}), **headers)


def replies(body: str | bytes, kind: str = "application/json") -> Script:
    """Replies with status 200 and this body, whatever it is."""
    return lambda handler: handler.reply(200, body, kind)


def streams_raw(*chunks: bytes) -> Script:
    """Streams these bytes as they are."""

    def script(handler: Handler) -> None:
        handler.begin_stream()
        for chunk in chunks:
            handler.raw(chunk)

    return script


def never_ends(piece: str = "word ", seconds: float = 0.0) -> Script:
    """Streams piece again and again until the client hangs up."""

    def script(handler: Handler) -> None:
        handler.begin_stream()
        while True:
            handler.delta(content=piece)
            time.sleep(seconds)

    return script


def is_silent(handler: Handler) -> None:
    """Begins a stream and then sends nothing but comments, until the client hangs up."""
    handler.begin_stream()
    while True:
        handler.raw(b": still here\n\n")
        time.sleep(0.05)


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve one script until interrupted."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--port", type=int, default=9000)
    parser.add_argument("--say", default="The passages do not say [1].")
    parser.add_argument("--think", default="")
    parser.add_argument("--seconds", type=float, default=0.05, help="between pieces")
    options = parser.parse_args(arguments)
    with ScriptedServer(says(options.say, seconds=options.seconds, thinks=options.think), port=options.port) as server:
        print(f"serving at {server.url}")
        threading.Event().wait()


if __name__ == "__main__":
    main()
