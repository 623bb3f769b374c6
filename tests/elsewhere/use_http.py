"""The installed page, asked over HTTP: its routes fuzzed against their own description, and gradio's client beside them."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from gradio_client import Client

INDEX = Path(os.environ["SHARED"], "index")
KEY = "0123456789abcdef0123456789"
QUESTION = "Do I need a PhD to become a machine learning researcher?"
# a request that breaks the description by its length alone may be refused for its length; the others are the fuzzer's own
RULES = """
[checks.negative_data_rejection]
expected-statuses = [400, 401, 404, 405, 413, 422]
"""


def served() -> tuple[subprocess.Popen[str], str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    line = [sys.executable, "-m", "kb", "chat", "--port", str(port), "--index", str(INDEX)]
    page = subprocess.Popen(line, stdout=subprocess.PIPE, text=True, env={**os.environ, "KB_API_KEY": KEY})
    assert page.stdout and "is open" in page.stdout.readline()
    address = f"http://127.0.0.1:{port}"
    for _ in range(100):
        try:
            urllib.request.urlopen(f"{address}/healthz", timeout=10).close()
            return page, address
        except OSError:
            time.sleep(0.2)
    raise AssertionError("the page did not come up")


def an_answer(address: str) -> None:
    body = json.dumps({"question": QUESTION, "id": 7}).encode()
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(f"{address}/api/answer", body, headers), timeout=60) as response:
        answer = json.load(response)
    assert answer["id"] == 7 and answer["citations"] and not answer["abstained"]
    through_gradio = Client(address, verbose=False).predict(QUESTION, api_name="/answer")
    assert through_gradio["answer"] == answer["answer"]


def fuzzed(address: str) -> None:
    Path("schemathesis.toml").write_text(RULES)
    line = [sys.executable, "-m", "schemathesis.cli", "run", f"{address}/api/openapi.json", "-H", f"Authorization: Bearer {KEY}"]
    done = subprocess.run([*line, "--max-examples", "40", "--seed", "7"], capture_output=True, text=True, timeout=500)
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
    found = re.search(r"(\d+) generated, (\d+) passed", done.stdout)
    assert found and int(found[1]) > 300, done.stdout[-2000:]
    print(f"    {found[1]} requests, {found[2]} as described")


if __name__ == "__main__":
    page, address = served()
    try:
        an_answer(address)
        fuzzed(address)
    finally:
        page.terminate()
        page.wait(30)
