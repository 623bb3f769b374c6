"""The whole line with nothing faked: articles on disk, `python ingest.py`, `python chat_app.py`, a question in the browser."""

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

expect = pytest.importorskip("playwright.sync_api").expect
ROOT = Path(__file__).parents[2]

BAKER = """---
title: What a data engineer does
date: 2024-05-01
topics: [data]
---
# What a data engineer does

A data engineer builds and runs the pipelines that bring data to the analysts of a company.

## Pay of a data engineer

A data engineer in Germany earns between 55,000 and 80,000 euros a year, as of 2024.

## How to become a data engineer

To become a data engineer, learn SQL first. <img src=x onerror="window.PWNED=1"> Then build one pipeline from end to end.
"""
TALKS = """---
title: Talking about salary
date: 2021-02-03
topics: [pay]
---
# Talking about salary

Ask the recruiter for the salary range before you name a number. Never name a number before there is an offer.
"""


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """A page over an index of two articles, both made by the commands of the README."""
    folder = tmp_path_factory.mktemp("line")
    (folder / "articles").mkdir()
    (folder / "articles" / "data-engineer.md").write_text(BAKER, encoding="utf-8")
    (folder / "articles" / "salary talks.md").write_text(TALKS, encoding="utf-8")
    index = str(folder / "index")
    subprocess.run([sys.executable, "ingest.py", str(folder / "articles"), "--index", index], cwd=ROOT, check=True, timeout=300)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    env = {k: v for k, v in os.environ.items() if not k.startswith("KB_")}
    command = [sys.executable, "chat_app.py", "--index", index, "--port", port]
    opened = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env=env)
    line = opened.stdout.readline()
    url = re.search(r"http://127\.0\.0\.1:\d+", line)
    assert url, f"chat_app.py said {line!r}"
    for _ in range(100):
        try:
            urllib.request.urlopen(url[0] + "/healthz", timeout=5)
            break
        except OSError:
            time.sleep(0.1)
    yield url[0]
    opened.terminate()
    opened.wait(20)


def test_a_question_is_answered_from_an_article_on_disk_and_its_source_opens(browser, address):
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
    page = context.new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address)
    page.fill("#kb-ask textarea", "What does a data engineer earn in Germany?")
    page.keyboard.press("Enter")
    expect(page.locator("#chat .kb-answer")).to_contain_text("55,000 and 80,000 euros", timeout=30_000)
    page.locator("#chat .kb-foot").wait_for()
    page.locator("#chat a.kb-cite").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#kb-panel .kb-title")).to_have_text("What a data engineer does")
    expect(page.locator("#kb-panel mark").first).to_be_visible()
    expect(page.locator("#kb-panel .kb-dateline")).to_contain_text("1 May 2024")
    page.get_by_role("button", name="Read the whole article").click()
    expect(page.locator("#kb-panel")).to_contain_text("build one pipeline from end to end")
    assert page.evaluate("window.PWNED") is None
    assert [url for url in asked if not url.startswith((address, "data:", "blob:"))] == []
    page.fill("#kb-ask textarea", "What is the capital of France?")
    page.keyboard.press("Enter")
    expect(page.locator("#chat .kb-answer").last).to_contain_text("does not cover this", timeout=30_000)
    assert page.locator("#chat [data-testid=bot]").last.locator("a.kb-cite").count() == 0
    context.close()
