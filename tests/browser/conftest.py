"""A page over the hand-made base, and a browser to drive it. Nothing of ours may ask another host: every test checks that."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

ROOT = Path(__file__).parents[2]
CHROMIUM = Path("/usr/bin/chromium")
WIDE = {"width": 1280, "height": 800}
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
]  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """These tests come last: while the browser is driven its loop counts as running, and no other test could start its own."""
    mine = [item for item in items if Path(__file__).parent in item.path.parents]
    for item in mine:
        item.add_marker("browser")
    items.sort(key=lambda item: item in mine)


def _missing(reason: str) -> None:
    if os.environ.get("CI", "").lower() == "true":
        pytest.fail(f"{reason}, and CI=true asks for the browser tests")
    pytest.skip(f"{reason}: the browser tests need it (Debian: apt-get install chromium)")


@pytest.fixture(scope="session")
def browser() -> Iterator[object]:
    if not CHROMIUM.exists():
        _missing(f"there is no {CHROMIUM}")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        _missing("playwright is not installed")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield opened
        opened.close()


class Served:
    """A page served in a thread: its address, its desk and its base."""

    def __init__(
        self, base: object, *, chat_model: object = None, workshop: object = None, port: int = 0, **door: object
    ) -> None:
        import uvicorn

        from kb.web.app import create_app
        from kb.web.desk import Desk
        from kb.web.door import Door

        if not port:
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                port = free.getsockname()[1]
        self.base, self.desk = base, Desk(base, chat_model=chat_model)  # type: ignore[arg-type]
        self.door = Door(port=port, **door)  # type: ignore[arg-type]
        self.url = self.door.address
        self.server = uvicorn.Server(
            uvicorn.Config(create_app(self.desk, self.door, workshop), host="127.0.0.1", port=port, log_level="error")  # type: ignore[arg-type]
        )
        self.thread = threading.Thread(target=self.server.run, daemon=True)
        self.thread.start()
        for _ in range(200):
            if self.server.started:
                return
            time.sleep(0.05)
        raise RuntimeError("the page did not start")

    def close(self) -> None:
        self.server.should_exit = self.server.force_exit = True
        self.thread.join(10)


@pytest.fixture(scope="session")
def served() -> Iterator[Served]:
    from web_fake import FakeBase

    page = Served(FakeBase(delay=0.01))
    yield page
    page.close()


class Tab:
    """A page that is open and ready, and what it did that it must not: asking another host, a script that fails."""

    def __init__(self, browser: object, url: str, **options: object) -> None:
        self.url, self.foreign, self.errors = url, [], []  # type: ignore[var-annotated]
        self.context = browser.new_context(**{"viewport": WIDE, "locale": "en-GB", **options})  # type: ignore[attr-defined]
        self.page = self.context.new_page()
        self.page.on("request", lambda r: None if r.url.startswith((url, "data:", "blob:")) else self.foreign.append(r.url))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.set_default_timeout(10_000)
        self.page.goto(url)
        self.page.wait_for_selector("#kb-ask textarea")
        self.page.wait_for_function("window.kb !== undefined")

    def clear(self) -> None:
        """As it was when it was opened: another tab of it would take two seconds."""
        self.page.locator("#kb-ask .stop-button").wait_for(state="hidden")
        self.page.set_viewport_size(WIDE)
        self.page.get_by_role("tab", name="Ask").click()
        self.page.evaluate("localStorage.clear(); sessionStorage.clear()")
        self.page.get_by_role("button", name="New conversation").first.click()
        self.page.locator("#chat .example").first.wait_for()
        self.page.locator("#kb-panel .kb-first").wait_for()

    def check(self) -> None:
        assert self.foreign == [], "the page asked another host"
        assert self.errors == [], "a script of the page failed"


@pytest.fixture(scope="session")
def spare() -> Iterator[list[Tab]]:
    """The tab that tests with nothing special use one after the other, if it is open."""
    tabs: list[Tab] = []
    yield tabs
    for tab in tabs:
        tab.context.close()


@pytest.fixture
def open_tab(browser) -> Iterator[Callable[[str], object]]:
    """Opens the page of a server that a test started itself, by its address."""
    tabs: list[Tab] = []

    def opened(url: str) -> object:
        tabs.append(Tab(browser, url))
        return tabs[-1].page

    yield opened
    for tab in tabs:
        tab.context.close()


@pytest.fixture
def page(browser, served, request, spare) -> Iterator[object]:
    """The page, open and ready. Parametrize indirectly with options of a browser context (viewport, color_scheme, locale).

    A test marked `alters` leaves the page other than it was in a way that "New conversation" does not mend.
    """
    options = dict(getattr(request, "param", {}))
    size = options.pop("viewport", WIDE) if set(options) == {"viewport"} else None  # any page can have another size
    tab = spare.pop() if spare and not options else Tab(browser, served.url, **options)
    if size is not None:
        tab.page.set_viewport_size(size)
    yield tab.page
    try:
        tab.check()
        again = not options and not request.node.get_closest_marker("alters") and not request.session.testsfailed
        if again and tab.page.url.rstrip("/") == served.url:
            tab.clear()
            spare.append(tab)
    finally:
        if tab not in spare:
            tab.context.close()


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


@pytest.fixture(scope="session")
def line(tmp_path_factory) -> Iterator[SimpleNamespace]:
    """The whole line with nothing faked: two articles, an index and a page made by the commands of the README. url, folder."""
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
    command = [sys.executable, "chat_app.py", "--index", index, "--port", port, "--articles", str(folder / "articles-added")]
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
    yield SimpleNamespace(url=url[0], folder=folder)
    opened.terminate()
    opened.wait(20)


@pytest.fixture(scope="session")
def serve() -> type[Served]:
    """Serves a page over a base: serve(base, password=...)."""
    return Served
