"""The page behind its door: which hosts and origins are served, what a browser may load, and the routes beside gradio's.

browser ── hosts ── headers ── origins ──┬── /healthz /metrics /kb/* /api/*
                                         └── gradio
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

# subtle: gradio looks at these when it is imported; without them it asks api.gradio.app and huggingface.co at start
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ.setdefault("GRADIO_RUN_HISTORY", "False")
# and it sums up all its past events in a data frame after every single one, for a monitoring page that is off here
os.environ["GRADIO_ANALYTICS_CACHE_FREQUENCY"] = str(10**9)
os.environ["GRADIO_ANALYTICS_MAX_EVENTS"] = "1"

import gradio as gr
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kb.web.api import create_api
from kb.web.desk import Desk
from kb.web.door import Door
from kb.web.events import AT_ONCE
from kb.web.keys import Keys
from kb.web.library import Workshop
from kb.web.login import Login
from kb.web.page import build_page, theme, words
from kb.web.said import ENGLISH_LINES
from kb.web.strings import WORDS

HERE = Path(__file__).parent / "assets"
ON_PAGE = {language: {key: text for key, text in words.items() if key not in ENGLISH_LINES} for language, words in WORDS.items()}
PARTS = "ground waiting kept thread unasked texts side history messages pressed drawn hooks".split()  # in this order


def page_script() -> str:
    """What gradio does not do by itself, as one script: its words, then the parts in assets/page/ in one closure.

    Citations open beside the chat, focus follows, the small buttons under messages work, and conversations are kept in the
    browser. Text is only ever set as text; HTML comes from the server alone, escaped there.
    """
    parts = "\n".join((HERE / "page" / f"{part}.js").read_text(encoding="utf-8") for part in PARTS)
    return f"window.kbWords = {json.dumps(ON_PAGE)};\nwindow.kb ||= (() => {{\n'use strict';\n{parts}\nreturn hooks;\n}})();\n"


ASSETS = {
    "page.css": ((HERE / "page.css").read_text(encoding="utf-8"), "text/css"),
    "page.js": (page_script(), "text/javascript"),
}
MAX_UPLOAD = "20mb"  # a file; gradio answers 413 above it
QUEUE = 64  # people waiting for an answer; the next one is told that the page is busy

# 'unsafe-inline' and 'unsafe-eval' are gradio's need (it evaluates templates); everything else stays on this host
POLICY = "; ".join(
    [
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "form-action 'self'",
        "frame-ancestors 'self'",
        "base-uri 'self'",
        "object-src 'none'",
    ]
)
HEADERS = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),  # subtle: under no-referrer a browser sends our own forms with "Origin: null"
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
)


class Headers:
    """Adds HEADERS to every response. Pure ASGI: starlette's BaseHTTPMiddleware would buffer the event stream."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *HEADERS]
            await send(message)

        await self.app(scope, receive, with_headers if scope["type"] == "http" else send)


class OwnHead:
    """Puts our style and script into the head of gradio's page, so that both are there before anything is drawn.

    Gradio's own ways come later (`head`) or rewrite the style's selectors (`css`); the page would jump when they take effect.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        at = {name: f"kb/{name}?{sha256(text.encode()).hexdigest()[:12]}" for name, (text, _) in ASSETS.items()}
        self.head = (
            f'<link rel="stylesheet" href="{at["page.css"]}"><script src="{at["page.js"]}" defer></script></head>'.encode()
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != "/" or scope["method"] != "GET":
            return await self.app(scope, receive, send)
        start: Message = {}
        body = bytearray()

        async def held(message: Message) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
                return
            if message["type"] != "http.response.body":
                return await send(message)
            body.extend(message.get("body", b""))
            if message.get("more_body"):
                return
            page = bytes(body).replace(b"</head>", self.head, 1)
            others = [(name, value) for name, value in start["headers"] if name.lower() != b"content-length"]
            await send({**start, "headers": [*others, (b"content-length", str(len(page)).encode())]})
            await send({"type": "http.response.body", "body": page})

        return await self.app(scope, receive, held)


class KnownHosts:
    """Refuses a request for a name that the page was not started under, which stops DNS rebinding, and says what to do."""

    def __init__(self, app: ASGIApp, names: list[str]) -> None:
        self.app = app
        self.check = TrustedHostMiddleware(_known, names, www_redirect=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.check(scope, receive, _unsaid)
        if scope.pop("kb_known", False):
            return await self.app(scope, receive, send)
        told = "the page is not known under this name. Start it with --allow-host NAME to reach it under another one"
        return await PlainTextResponse(told, 400)(scope, receive, send)


async def _known(scope: Scope, receive: Receive, send: Send) -> None:
    scope["kb_known"] = True


async def _unsaid(message: Message) -> None:
    """For the bare "Invalid host header", in whose place KnownHosts says more."""


class SameOrigin:
    """Refuses what another site's page sends (a form, a script): an Origin that is not the Host being asked gets 403."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in {"GET", "HEAD", "OPTIONS"}:
            headers = {name: value for name, value in scope["headers"] if name in {b"origin", b"host"}}
            origin = headers.get(b"origin", b"")
            if origin and origin.split(b"://")[-1] != headers.get(b"host", b""):
                told = f"another site's page may not do this (from {origin.decode('latin-1')[:100]})"
                refusal = JSONResponse({"detail": told}, 403)  # which is how gradio's page shows it
                return await refusal(scope, receive, send)
        return await self.app(scope, receive, send)


class Gate:
    """Shuts what the page does not use of gradio's own routes, and lets only the owner upload.

    A deep link writes a session's values to disk, a proxy fetches for whoever asks.
    """

    SHUT = ("/gradio_api/deep_link", "/gradio_api/proxy=", "/proxy=", "/gradio_api/dev", "/gradio_api/vibe")
    OWNERS = ("/gradio_api/upload", "/upload")

    def __init__(self, app: ASGIApp, door: Door) -> None:
        self.app = app
        self.door = door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if path.startswith(self.SHUT):
            return await PlainTextResponse("not here", 404)(scope, receive, send)
        if path.startswith(self.OWNERS) and not self.door.is_owner(scope):
            return await PlainTextResponse("only the owner of this knowledge base can add files", 403)(scope, receive, send)
        return await self.app(scope, receive, send)


def add_routes(app: FastAPI, desk: Desk) -> None:
    """What is served beside gradio's own: for whoever runs the page, and the page's script."""

    @app.get("/healthz")
    def healthz() -> JSONResponse:
        return JSONResponse({"ok": True, "generation": desk.base.generation})

    @app.get("/metrics")
    def metrics() -> PlainTextResponse:
        return PlainTextResponse(desk.metrics(), media_type="text/plain; version=0.0.4")

    for name, (text, kind) in ASSETS.items():
        app.add_api_route(f"/kb/{name}", _asset(text, kind), methods=["GET"])


def _asset(text: str, kind: str) -> Callable[[], Response]:
    return lambda: Response(text, media_type=kind, headers={"cache-control": "public, max-age=31536000, immutable"})


def create_routes(desk: Desk, door: Door = Door()) -> FastAPI:  # noqa: B008 - frozen
    """The app without its page: security outermost, then our routes."""
    door.check()
    app = FastAPI(title="Career KB", docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(OwnHead)
    app.add_middleware(Gate, door=door)  # added early, so innermost: host, origin and password are checked before
    if door.password:
        app.add_middleware(Login, password=door.password)
    if door.keys:
        app.add_middleware(Keys, keys=door.keys, prefix="/api", others=bool(door.password))
    app.add_middleware(SameOrigin)
    app.add_middleware(CORSMiddleware, allow_origins=[])  # its presence switches gradio's own any-origin answer off
    app.add_middleware(KnownHosts, names=door.allowed_hosts)
    app.add_middleware(Headers)
    add_routes(app, desk)
    app.mount("/api", create_api(desk, door))

    @app.exception_handler(404)
    def unknown(request: Request, error: Exception) -> JSONResponse:
        return JSONResponse({"error": "there is nothing here"}, 404)

    return app


def create_app(desk: Desk, door: Door = Door(), workshop: Workshop | None = None) -> FastAPI:  # noqa: B008 - frozen
    """The whole app: security outermost, our routes, then gradio at /."""
    app = create_routes(desk, door)
    page = build_page(desk, door, workshop)
    page.queue(max_size=QUEUE, default_concurrency_limit=AT_ONCE)
    gr.mount_gradio_app(
        app,
        page,
        path="/",
        run_history=False,
        footer_links=[],
        enable_monitoring=False,
        show_error=False,
        max_file_size=MAX_UPLOAD,
        ssr_mode=False,
        pwa=False,
        theme=theme(),
        i18n=words,
    )
    return app
