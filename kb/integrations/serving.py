"""From `career-kb mcp` to a running MCP server: over stdio, or over HTTP at /mcp behind a key. Light until it serves."""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING, Any

from kb.errors import KBError
from kb.web.door import Door
from kb.web.keys import Keys

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from kb.base import KnowledgeBase

DESCRIPTION = (
    "Serve the base to an assistant by the Model Context Protocol: search, answer, open_article, list_topics and the articles as "
    'resources, all read-only. Without --http over stdio: {"command": "career-kb", "args": ["mcp", "--index", "/path/to/index"]}.'
)
MOST_BODY = 2**20  # bytes of a request


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """How the assistant reaches the server."""
    network = parser.add_argument_group("over HTTP")
    network.add_argument("--http", action="store_true", help="listen for HTTP instead of stdio")
    network.add_argument("--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)")
    network.add_argument("--port", type=int, default=8765, help="port to listen on (default: 8765)")
    network.add_argument("--api-key", action="append", metavar="KEY", help="asked of everyone; better set as KB_API_KEY")
    network.add_argument("--trusted-proxy", action="store_true", help="a proxy in front decides who comes in")
    network.add_argument("--allow-host", action="append", default=[], metavar="NAME", help="a further name it is reached under")


def serve(base: KnowledgeBase, options: argparse.Namespace) -> int:
    """Serve until the assistant leaves (stdio) or until interrupted (HTTP)."""
    try:
        from kb.integrations.mcp import create_server
    except ImportError as error:
        raise KBError(f"the MCP server needs the package mcp ({error}). Install it with: pip install 'career-kb[mcp]'") from error
    server = create_server(base)
    if not options.http:
        server.run("stdio")
        return 0
    keys = tuple(options.api_key or os.environ.get("KB_API_KEY", "").split())
    door = Door(options.host, options.port, "".join(keys), options.trusted_proxy, tuple(options.allow_host), keys)
    door.check("a key (--api-key or KB_API_KEY)")
    import uvicorn

    with door.listen() as listening:
        print(f"Career KB answers MCP at {door.address}/mcp (Ctrl+C ends it)", flush=True)
        uvicorn.run(http_app(server, door), fd=listening.fileno(), log_level="warning", server_header=False)
    return 0


def http_app(server: Any, door: Door) -> ASGIApp:
    """The server as an ASGI app without sessions: host names are checked, and the key where there is one."""
    from mcp.server.transport_security import TransportSecuritySettings

    names = door.allowed_hosts
    security = TransportSecuritySettings(
        enable_dns_rebinding_protection=names != ["*"],
        allowed_hosts=[*names, *(f"{name}:*" for name in names)],
        allowed_origins=[f"{scheme}://{name}:*" for scheme in ("http", "https") for name in names],
    )
    app: ASGIApp = server.streamable_http_app(
        stateless_http=True, json_response=True, transport_security=security, max_request_body_size=MOST_BODY
    )
    return Keys(app, door.keys) if door.keys else app
