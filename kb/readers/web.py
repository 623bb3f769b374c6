"""A web address -> Article. Off unless asked for (`--allow-url`): this is the only module that makes a request.

    article = read_url("https://example.org/how-to-become-a-baker")

Only public addresses are ever connected to. The host is resolved once, every address it has must be public by the list below
(the standard library's `is_global` of Python 3.11.7 lets 192.0.0.192, 64:ff9b::/96, 2002::/16 and multicast pass), and the
connection goes to the checked address, so that a name cannot point elsewhere a moment later. Redirects are followed by hand, each
checked anew.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from queue import Empty, SimpleQueue
from typing import Any

import httpx

from kb.errors import ArticleError
from kb.reading import assemble, draft_of, sniffed
from kb.records import Article, Draft

PORTS = {"http": 80, "https": 443}
MAX_REDIRECTS = 5
MAX_BYTES = 10_000_000  # of a page, unpacked
SECONDS = 15.0  # for everything, looking up names and redirects included
KINDS: Mapping[str, str] = {  # content type -> module in kb.readers
    "text/html": "html",
    "application/xhtml+xml": "html",
    "text/plain": "text",
    "text/markdown": "markdown",
    "application/pdf": "pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
}
NOT_PUBLIC = tuple(  # IANA special-purpose registries, 2026
    ip_network(block)
    for block in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24",
        "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        "2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20",
    )
)  # fmt: skip
PUBLIC_IPV6 = ip_network(
    "2000::/3"
)  # all that is handed out; ::1, fc00::/7, fe80::/10, mapped and translated addresses are not in it

Resolve = Callable[[str, int], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Page:
    """What a server answered. url: the last address after redirects."""

    url: str
    content_type: str
    charset: str
    data: bytes


def read_url(url: str) -> Article:
    """The article at a web address, its source the address as given. Raises ArticleError with the reason."""
    page = fetch(url)
    kind = KINDS.get(page.content_type)
    if kind is None:
        raise ArticleError(f"the server sends {page.content_type or 'no content type'}, which is not read")
    draft = draft_of(page.data, sniffed(page.data, kind), page.charset)
    return assemble(Draft(draft.fragments, {**draft.meta, "url": page.url}, draft.date_origin), url)


def is_public(address: str) -> bool:
    """Whether an IP address is one that anybody on the internet could be asked at."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(parsed, IPv6Address) and parsed not in PUBLIC_IPV6:
        return False
    return not any(parsed in block for block in NOT_PUBLIC if isinstance(parsed, IPv4Address) == (block.version == 4))


def resolve(host: str, port: int) -> list[str]:
    """The host's addresses, as the system knows them."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise ArticleError(f"the host {host} cannot be found") from error
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def fetch(url: str, *, resolve: Resolve = resolve, transport: httpx.BaseTransport | None = None) -> Page:
    """The page at url, following redirects. transport: stands in for the network in tests; addresses are checked all the same."""
    deadline = time.monotonic() + SECONDS
    with httpx.Client(transport=transport, trust_env=False, follow_redirects=False) as client:
        for _ in range(MAX_REDIRECTS + 1):
            answer = _get(client, url, resolve, deadline)
            if isinstance(answer, Page):
                return answer
            url = answer
    raise ArticleError(f"it redirects more than {MAX_REDIRECTS} times")


def checked(url: str, resolve: Resolve = resolve) -> tuple[httpx.URL, str]:
    """(url, the address to connect to). Raises ArticleError for whatever is not a plain public web address."""
    try:
        parsed = httpx.URL(url)
        host, port = parsed.host, parsed.port or PORTS.get(parsed.scheme, 0)
    except (httpx.InvalidURL, ValueError, UnicodeError) as error:
        raise ArticleError("it is no web address") from error
    if parsed.scheme not in PORTS or not host:
        raise ArticleError("it is no web address: only http:// and https:// are read")
    if port not in PORTS.values():
        raise ArticleError(f"port {port} is not read, only {' and '.join(map(str, PORTS.values()))}")
    if parsed.userinfo:
        raise ArticleError("an address with a user name in it is not read")
    addresses = resolve(host, port)
    if not addresses or not all(is_public(address) for address in addresses):
        raise ArticleError(f"the host {host} is not a public one. Only public addresses are read")
    return parsed, addresses[0]


def _in_time(resolve: Resolve, deadline: float) -> Resolve:
    """resolve, given up at the deadline: the system's own look-up of a name waits for dead name servers as long as it likes."""

    def bounded(host: str, port: int) -> Sequence[str]:
        found: SimpleQueue[Sequence[str] | ArticleError] = SimpleQueue()

        def look_up() -> None:
            try:
                found.put(resolve(host, port))
            except ArticleError as error:
                found.put(error)

        threading.Thread(target=look_up, daemon=True).start()  # one that nobody waits for any more ends by itself
        try:
            answer = found.get(timeout=max(0.0, deadline - time.monotonic()))
        except Empty:
            raise ArticleError(f"it takes longer than {SECONDS:g} seconds: the host {host} is not found in that time") from None
        if isinstance(answer, ArticleError):
            raise answer
        return answer

    return bounded


def _get(client: httpx.Client, url: str, resolve: Resolve, deadline: float) -> Page | str:
    """The page, or the address it redirects to."""
    target, address = checked(url, _in_time(resolve, deadline))
    headers = {
        "Host": target.netloc.decode("ascii"),
        "Accept-Encoding": "identity",
        "User-Agent": "career-kb",
        "Accept": ", ".join(KINDS),
    }
    cut = _Cut(deadline)
    request = client.build_request(
        "GET",
        target.copy_with(host=address, fragment=None),
        headers=headers,
        timeout=max(0.1, deadline - time.monotonic()),
        extensions={"sni_hostname": target.host, "trace": cut.watch},
    )
    try:
        with cut:
            response = client.send(request, stream=True)
            try:
                if response.is_redirect:
                    return str(target.join(response.headers["Location"]))
                if response.status_code != 200:
                    raise ArticleError(f"the server answers {response.status_code} {response.reason_phrase}".rstrip())
                return Page(str(target), *_content_type(response), _body(response, deadline))
            finally:
                response.close()
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError, ValueError) as error:
        if time.monotonic() >= deadline:
            raise ArticleError(f"it takes longer than {SECONDS:g} seconds") from error
        raise ArticleError(f"it cannot be fetched: {str(error)[:200] or type(error).__name__}") from error


def _content_type(response: httpx.Response) -> tuple[str, str]:
    return response.headers.get("Content-Type", "").partition(";")[0].strip().lower(), response.charset_encoding or ""


def _body(response: httpx.Response, deadline: float) -> bytes:
    parts: list[bytes] = []
    size = 0
    for part in response.iter_bytes():
        parts.append(part)
        size += len(part)
        if size > MAX_BYTES:
            raise ArticleError(f"it is larger than {MAX_BYTES / 1e6:g} MB")
        if time.monotonic() >= deadline:
            break
    if time.monotonic() >= deadline:  # subtle: a connection shut at the deadline looks like a page that ended there
        raise ArticleError(f"it takes longer than {SECONDS:g} seconds")
    return b"".join(parts)


class _Cut:
    """Shuts the connection at the deadline. A server that sends a byte now and then would outlive any timeout of single reads."""

    def __init__(self, deadline: float) -> None:
        self.timer = threading.Timer(max(0.0, deadline - time.monotonic()), self._shut)
        self.timer.daemon = True
        self.sockets: list[socket.socket] = []

    def watch(self, event: str, info: Mapping[str, Any]) -> None:
        """httpcore tells of each connection it makes."""
        if event == "connection.connect_tcp.complete":
            self.sockets.append(info["return_value"].get_extra_info("socket"))

    def __enter__(self) -> None:
        self.timer.start()

    def __exit__(self, *_: object) -> None:
        self.timer.cancel()

    def _shut(self) -> None:
        for connection in self.sockets:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
