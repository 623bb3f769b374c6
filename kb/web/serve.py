"""From the command line to an open page: reads the arguments, opens the base (building it first when there is none), listens.

Whatever can be refused is refused before anything heavy loads; then the base opens in a thread while gradio is imported.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from kb.console import LANGUAGE_MODEL, add_cross_encoder, add_index, add_language_model, chat_model_of, overlaid
from kb.errors import IndexMissing, KBError
from kb.settings import SHIPPED_ARTICLES, Settings
from kb.web.door import Door

if TYPE_CHECKING:
    from kb.base import KnowledgeBase

DESCRIPTION = "Ask the career knowledge base in the browser."


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when the page was closed in order, 1 when it could not be opened, with the reason in one line."""
    parser = argparse.ArgumentParser(prog="chat_app.py", description=DESCRIPTION)
    add_arguments(parser)
    return run(parser.parse_args(arguments), "chat_app")


def run(options: argparse.Namespace, program: str) -> int:
    """main() for arguments already read; program is named before an error's line."""
    try:
        settings = _settings(options)
        keys = tuple(options.api_key or os.environ.get("KB_API_KEY", "").split())
        door = Door(settings.host, settings.port, options.password, options.trusted_proxy, tuple(options.allow_host), keys)
        door.check()
        with door.listen() as listening:
            door = replace(door, port=listening.getsockname()[1])  # which differs where port 0 asked for any
            serve(door, listening.fileno(), options, settings)
    except KBError as error:
        print(f"{program}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(file=sys.stderr)
    return 0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What can be said about where the page listens and what it shows."""
    add_index(parser, "; built when there is none")
    add = parser.add_argument
    add("--host", help="address to listen on (default: 127.0.0.1)")
    add("--port", type=int, help="port to listen on (default: 7860)")
    add("--model", metavar="NAME_OR_PATH", help="a sentence-transformers model (default: the one in the wheel)")
    add("--articles", type=Path, metavar="DIR", help="keeps articles added in the page (default: articles beside the index)")
    add("--allow-url", action="store_true", help="the owner may add web pages; nothing is fetched otherwise")
    add("--settings", type=Path, metavar="FILE.toml", help="settings from a file; KB_* variables go before it")
    add_cross_encoder(parser)
    add_language_model(parser)
    network = parser.add_argument_group("on a network")
    add = network.add_argument
    add("--password", default=os.environ.get("KB_PASSWORD", ""), help="asked of everyone; better set as KB_PASSWORD")
    add("--api-key", action="append", metavar="KEY", help="asked of programs at /api; repeatable; better set as KB_API_KEY")
    add("--trusted-proxy", action="store_true", help="a proxy in front decides who comes in")
    add("--allow-host", action="append", default=[], metavar="NAME", help="a further name the page is reached under; repeatable")


def _settings(options: argparse.Namespace) -> Settings:
    return overlaid(Settings.load(options.settings), options, ("host", "port", "model", "cross_encoder", *LANGUAGE_MODEL))


def serve(door: Door, listening: int, options: argparse.Namespace, settings: Settings) -> None:
    """Answers on the listening socket (its file descriptor) until interrupted."""
    chat_model = chat_model_of(settings)
    with ThreadPoolExecutor(1) as beside:
        opening = beside.submit(open_base, options.index, settings)
        import uvicorn

        from kb.gaps import gap_log
        from kb.web.app import create_app
        from kb.web.builder import Builder
        from kb.web.desk import Desk
        from kb.web.library import Workshop
        from kb.web.shelf import Shelf

        articles = options.articles or options.index.resolve().parent / "articles"
        workshop = Workshop(Shelf(articles), Builder(options.index, settings, options.allow_url))
        gaps = gap_log(options.index) if settings.log_gaps and door.private else None
        desk = Desk(opening.result(), chat_model=chat_model, gaps=gaps)
        app = create_app(desk, door, workshop)
    desk.watch()
    print(f"Career KB is open at {door.address} (Ctrl+C closes it)", flush=True)
    if chat_model is not None:
        print(f"{chat_model.writer.at} writes: each question and the passages found for it are sent there", flush=True)
    uvicorn.run(app, fd=listening, log_level="warning", proxy_headers=door.trusted_proxy, server_header=False)


def open_base(folder: Path, settings: Settings) -> KnowledgeBase:
    """The base in folder, built from the shipped articles first when there is none."""
    from kb.base import KnowledgeBase

    try:
        return KnowledgeBase.open(folder, settings=settings)
    except IndexMissing:
        from kb.build import build_index
        from kb.progress import shown_progress

        print(f"no index in {folder}/ yet: building it from the shipped articles", file=sys.stderr)
        with shown_progress() as progress:
            build_index([SHIPPED_ARTICLES], folder, settings=settings, progress=progress)
        return KnowledgeBase.open(folder, settings=settings)
