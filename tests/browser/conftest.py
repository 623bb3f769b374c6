"""A page over the hand-made base, and a browser to drive it. Nothing of ours may ask another host: every test checks that."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
]  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("browser")


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

    def __init__(self, base: object, **door: object) -> None:
        import uvicorn

        from kb.web.app import create_app
        from kb.web.desk import Desk
        from kb.web.door import Door

        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.base, self.desk = base, Desk(base)  # type: ignore[arg-type]
        self.door = Door(port=port, **door)  # type: ignore[arg-type]
        self.url = self.door.address
        self.server = uvicorn.Server(
            uvicorn.Config(create_app(self.desk, self.door), host="127.0.0.1", port=port, log_level="error")
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


@pytest.fixture
def page(browser, served, request) -> Iterator[object]:
    """The page, open and ready. Parametrize indirectly with options of a browser context (viewport, color_scheme, locale)."""
    context = browser.new_context(
        **{"viewport": {"width": 1280, "height": 800}, "locale": "en-GB", **getattr(request, "param", {})}
    )
    opened = context.new_page()
    foreign: list[str] = []
    errors: list[str] = []
    opened.on("request", lambda r: foreign.append(r.url) if not r.url.startswith((served.url, "data:", "blob:")) else None)
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.set_default_timeout(10_000)
    opened.goto(served.url)
    opened.wait_for_selector("#kb-ask textarea")
    opened.wait_for_function("window.kb !== undefined")
    yield opened
    context.close()
    assert foreign == [], "the page asked another host"
    assert errors == [], "a script of the page failed"
