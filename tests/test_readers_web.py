from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator

import httpx
import pytest

from kb.errors import ArticleError
from kb.readers import web
from kb.readers.web import checked, fetch, is_public, read_url

PAGE = "<html><head><title>Baker</title></head><body><h1>Baker</h1><p>Bakers bake bread and cakes.</p></body></html>"
NAMES = {"bread.example": ["93.184.216.34"], "two.example": ["93.184.216.34", "10.0.0.1"], "inside.example": ["192.168.1.1"]}


def resolve(host: str, port: int) -> list[str]:
    return NAMES.get(host) or [host]


def serving(answer: Callable[[httpx.Request], httpx.Response]) -> httpx.MockTransport:
    return httpx.MockTransport(answer)


NOT_PUBLIC = [
    "0.0.0.0", "10.1.2.3", "100.64.0.1", "127.0.0.1", "127.1.2.3", "169.254.169.254", "172.16.0.1", "192.0.0.192", "192.0.2.1",
    "192.88.99.1", "192.168.0.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.1.1.1", "240.0.0.1",
    "255.255.255.255",
    "::", "::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "64:ff9b::7f00:1", "64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1",
    "2002:7f00:1::", "3fff::1", "fc00::1", "fe80::1%eth0", "fec0::1", "ff02::1", "not an address", "",
]  # fmt: skip


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_addresses_that_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.216.34", "1.1.1.1", "2606:4700:4700::1111", "2a00:1450:4001::200e"])
def test_addresses_that_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "host",
    ["2130706433", "0x7f000001", "127.1", "0177.0.0.1", "①②⑦.⓪.⓪.①", "localhost", "127.0.0.1.", "[::1]", "[::ffff:7f00:1]"],
)
def test_every_spelling_of_this_machine_is_refused_by_its_address(host: str) -> None:
    with pytest.raises(ArticleError, match="not a public one|cannot be found|no web address"):
        checked(f"http://{host}/")


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("ftp://bread.example/a", "only http"),
        ("file:///etc/passwd", "no web address"),
        ("javascript:alert(1)", "no web address"),
        ("bread.example/a", "no web address"),
        ("http://", "no web address"),
        ("http://bread.example:8080/", "port 8080"),
        ("http://bread.example:22/", "port 22"),
        ("http://me:secret@bread.example/", "user name"),
        ("http://two.example/", "not a public one"),
        ("http://inside.example/", "not a public one"),
        ("http://169.254.169.254/latest/meta-data/", "not a public one"),
        ("http://[::1]/", "not a public one"),
        ("http://bread.example/\x00", "no web address"),
    ],
)
def test_what_is_no_plain_public_address_is_refused_unasked(url: str, reason: str) -> None:
    def never(request: httpx.Request) -> httpx.Response:
        raise AssertionError("a request was made")

    with pytest.raises(ArticleError, match=reason):
        fetch(url, resolve=resolve, transport=serving(never))


def test_the_connection_goes_to_the_checked_address_under_the_hosts_name() -> None:
    asked = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append((request.url.host, request.headers["Host"], request.extensions["sni_hostname"]))
        return httpx.Response(200, headers={"Content-Type": "text/html; charset=utf-8"}, text=PAGE)

    page = fetch("https://bread.example/a#b", resolve=resolve, transport=serving(answer))
    assert asked == [("93.184.216.34", "bread.example", "bread.example")]
    assert (page.content_type, page.charset, page.data) == ("text/html", "utf-8", PAGE.encode())


def test_a_name_is_resolved_once_a_request_so_that_it_cannot_change_its_mind() -> None:
    answers = iter([["93.184.216.34"], ["127.0.0.1"]])
    asked = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.host)
        return httpx.Response(200, headers={"Content-Type": "text/html"}, text=PAGE)

    fetch("http://rebinding.example/", resolve=lambda host, port: next(answers), transport=serving(answer))
    assert asked == ["93.184.216.34"]


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("http://inside.example/", "not a public one"),
        ("http://127.0.0.1/", "not a public one"),
        ("//169.254.169.254/latest", "not a public one"),
        ("file:///etc/passwd", "no web address"),
        ("http://bread.example:6379/", "port 6379"),
        ("/again", "redirects more than 5 times"),
    ],
)
def test_every_redirect_is_checked_anew(location: str, reason: str) -> None:
    asked = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.host)
        return httpx.Response(302, headers={"Location": location})

    with pytest.raises(ArticleError, match=reason):
        fetch("http://bread.example/", resolve=resolve, transport=serving(answer))
    assert set(asked) == {"93.184.216.34"}


def test_a_page_is_read_after_redirects_and_knows_where_it_was_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/old":
            return httpx.Response(301, headers={"Location": "https://bread.example/new"})
        return httpx.Response(200, headers={"Content-Type": "text/html"}, text=PAGE)

    real = web.fetch
    monkeypatch.setattr(web, "fetch", lambda url: real(url, resolve=resolve, transport=serving(answer)))
    article = read_url("http://bread.example/old")
    assert (article.source, article.url, article.title) == ("http://bread.example/old", "https://bread.example/new", "Baker")
    assert article.text == "Baker\n\nBakers bake bread and cakes."
    assert article.topics == ()


@pytest.mark.parametrize(
    ("response", "reason"),
    [
        (httpx.Response(404), "answers 404 Not Found"),
        (httpx.Response(200, headers={"Content-Type": "image/png"}, content=b"x"), "sends image/png"),
        (httpx.Response(200, content=b"x"), "no content type"),
        (httpx.Response(200, headers={"Content-Type": "text/html"}, content=b""), "empty"),
        (httpx.Response(200, headers={"Content-Type": "text/html"}, content=b"a" * 10_000_001), "larger than 10 MB"),
        (httpx.Response(302, headers={"Location": "http://[broken"}), "not a public one"),
    ],
)
def test_an_answer_that_is_no_article_says_why(monkeypatch: pytest.MonkeyPatch, response: httpx.Response, reason: str) -> None:
    real = web.fetch
    monkeypatch.setattr(web, "fetch", lambda url: real(url, resolve=resolve, transport=serving(lambda request: response)))
    with pytest.raises(ArticleError, match=reason):
        read_url("http://bread.example/")


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Callable[[socket.socket], None]], str]]:
    """Starts a real server on this machine that the guard is told to take for a public one."""
    monkeypatch.setattr(web, "is_public", lambda address: address == "127.0.0.1")
    listening: list[socket.socket] = []

    def start(serve: Callable[[socket.socket], None]) -> str:
        listener = socket.create_server(("127.0.0.1", 0))
        listening.append(listener)

        def run() -> None:
            try:
                while True:
                    connection, _ = listener.accept()
                    with connection:
                        connection.recv(65_536)
                        serve(connection)
            except OSError:
                return

        threading.Thread(target=run, daemon=True).start()
        port = listener.getsockname()[1]
        monkeypatch.setattr(web, "PORTS", {"http": port, "https": 443})
        return f"http://127.0.0.1:{port}/"

    yield start
    for listener in listening:
        listener.close()


def test_a_real_server_is_asked_and_read(server: Callable[[Callable[[socket.socket], None]], str]) -> None:
    body = PAGE.encode()
    url = server(
        lambda c: c.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
    )
    assert read_url(url).title == "Baker"


@pytest.mark.parametrize("start", [b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"])
def test_a_server_that_drips_is_cut_off_at_the_deadline(
    server: Callable[[Callable[[socket.socket], None]], str], monkeypatch: pytest.MonkeyPatch, start: bytes
) -> None:
    monkeypatch.setattr(web, "SECONDS", 1.5)

    def drip(connection: socket.socket) -> None:
        connection.sendall(start)
        for _ in range(100):
            connection.sendall(b"X-A: b\r\n")
            time.sleep(0.2)

    url = server(drip)
    started = time.monotonic()
    with pytest.raises(ArticleError, match="longer than 1.5 seconds"):
        fetch(url)
    assert time.monotonic() - started < 6


@pytest.mark.parametrize("asked_before", [0, 2])
def test_a_name_that_nobody_answers_for_is_given_up_at_the_deadline(monkeypatch: pytest.MonkeyPatch, asked_before: int) -> None:
    monkeypatch.setattr(web, "SECONDS", 0.5)
    asked, over = [], threading.Event()

    def slow(host: str, port: int) -> list[str]:
        asked.append(host)
        if len(asked) > asked_before:
            over.wait(30)
        return resolve(host, port)

    def onward(request: httpx.Request) -> httpx.Response:
        return httpx.Response(302, headers={"Location": "http://bread.example/more"})

    started = time.monotonic()
    with pytest.raises(ArticleError, match="longer than 0.5 seconds: the host bread.example is not found in that time"):
        fetch("http://bread.example/", resolve=slow, transport=serving(onward))
    over.set()
    assert time.monotonic() - started < 10 and len(asked) == asked_before + 1


def test_a_proxy_in_the_environment_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    page = fetch(
        "http://bread.example/",
        resolve=resolve,
        transport=serving(lambda request: httpx.Response(200, headers={"Content-Type": "text/plain"}, text="Bakers bake.")),
    )
    assert page.data == b"Bakers bake."
