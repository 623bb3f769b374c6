import re
import time

import pytest
from starlette.testclient import TestClient
from web_fake import FakeBase

from kb.errors import IndexDamaged, KBError
from kb.web import app as web_app
from kb.web.app import create_app
from kb.web.desk import Desk
from kb.web.door import Door


@pytest.fixture(scope="module")
def client():
    with TestClient(create_app(Desk(FakeBase())), base_url="http://127.0.0.1:7860") as opened:
        yield opened


# ---------------------------------------------------------------- who may come in


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "::", "example.org"])
def test_the_page_does_not_open_to_the_network_without_a_password_or_a_proxy(host):
    with pytest.raises(KBError, match=f"--host {re.escape(host)} opens the base to the network: set a password"):
        Door(host=host).check()
    Door(host=host, password="x").check()
    Door(host=host, trusted_proxy=True).check()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_the_own_machine_needs_no_password(host):
    Door(host=host).check()
    assert (
        Door(host=host).private
        and not Door(host=host, trusted_proxy=True).private
        and not Door(host=host, hosts=("kb.example",)).private
    )


def test_only_known_host_names_are_answered():
    assert Door().allowed_hosts == ["localhost", "127.0.0.1", "[::1]"]
    assert Door(host="10.0.0.5", password="x", hosts=("kb.example",)).allowed_hosts[-2:] == ["10.0.0.5", "kb.example"]
    assert Door(host="0.0.0.0", password="x").allowed_hosts == ["*"]


def test_a_taken_port_is_one_clear_line():
    told = r"cannot listen on 127.0.0.1, port \d+: something listens there already. Choose another with --port"
    with Door(port=0).listen() as taken, pytest.raises(KBError, match=told):
        Door(port=taken.getsockname()[1]).listen()
    with pytest.raises(KBError, match="port 70000"):
        Door(port=70000).listen()


# ---------------------------------------------------------------- headers, hosts, origins


def test_every_answer_carries_the_policy(client):
    for path in ("/", "/healthz", "/config", "/no-such-page"):
        headers = client.get(path).headers
        assert "default-src 'self'" in headers["content-security-policy"] and "http" not in headers["content-security-policy"], (
            path
        )
        assert (headers["x-content-type-options"], headers["referrer-policy"]) == ("nosniff", "same-origin")


def test_another_host_name_is_refused(client):
    refused = client.get("/", headers={"host": "evil.example"})
    assert refused.status_code == 400 and refused.text.endswith("Start it with --allow-host NAME to reach it under another one")
    assert client.get("/", headers={"host": ""}).status_code == client.get("/", headers={"host": "a b"}).status_code == 400
    assert client.get("/healthz", headers={"host": "localhost:7860"}).status_code == 200


def test_no_other_site_is_let_in(client):
    for origin in ("http://evil.example", "null", "http://127.0.0.1:9999"):
        assert "access-control-allow-origin" not in client.get("/config", headers={"origin": origin}).headers
        refused = client.post("/gradio_api/queue/join", json={}, headers={"origin": origin})
        told = f"another site's page may not do this (from {origin})"
        assert (refused.status_code, refused.json()) == (403, {"detail": told}), origin
    allowed = client.post("/gradio_api/queue/join", json={}, headers={"origin": "http://127.0.0.1:7860"})
    assert allowed.status_code != 403


@pytest.mark.parametrize(
    "path",
    ["/etc/passwd", "kb/settings.py", "../kb/settings.py", "/work", "http://127.0.0.1:7860/healthz", "https://evil.example/x"],
)
def test_no_file_of_the_machine_is_handed_out(client, path):
    assert client.get(f"/gradio_api/file={path}", follow_redirects=False).status_code in {403, 404}


def test_no_event_is_offered_as_an_endpoint_only_what_was_made_for_programs(client):
    info = client.get("/gradio_api/info").json()
    assert (set(info["named_endpoints"]), info["unnamed_endpoints"]) == ({"/search", "/answer"}, {})


def test_nothing_in_the_page_names_another_host_to_load_from(client):
    text = client.get("/").text
    loaded = re.findall(r"<(?:script|link|img|iframe)[^>]*(?:src|href)=\"([^\"]+)\"", text)
    assert loaded and [url for url in loaded if re.match(r"(https?:)?//", url)] == []


# ---------------------------------------------------------------- for whoever runs it


def test_health_and_metrics_tell_how_it_goes():
    desk = Desk(FakeBase())
    for question in ("What is the pay?", "Capital of France?"):
        *_, answer = desk.base.stream(question)
        desk.count(answer, 0.07)
    with TestClient(create_app(desk), base_url="http://localhost") as client:
        assert client.get("/healthz").json() == {"ok": True, "generation": "gen-1"}
        text = client.get("/metrics").text
    values = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    assert values["kb_questions_total"] == "2" and values["kb_declined_total"] == "1" and values["kb_failed_total"] == "0"
    assert values['kb_answer_seconds_bucket{le="0.05"}'] == "0" and values['kb_answer_seconds_bucket{le="0.1"}'] == "2"
    assert values['kb_answer_seconds_bucket{le="+Inf"}'] == values["kb_answer_seconds_count"] == "2"
    assert values['kb_generation{name="gen-1"}'] == "1"


class Moving(FakeBase):
    """Has a newer state at every look but the second, which is damaged."""

    looks = 0

    def refresh(self):
        self.looks += 1
        if self.looks == 2:
            raise IndexDamaged("the new state is torn")
        self.generation = f"gen-{self.looks + 1}"
        return True


def test_the_desk_moves_to_a_newer_state_and_stays_where_it_is_when_that_is_damaged(caplog):
    desk = Desk(Moving())
    seen = [desk.base.generation]
    for _ in range(3):
        desk.look()
        seen.append(desk.base.generation)
    assert seen == ["gen-1", "gen-2", "gen-2", "gen-4"]
    assert "staying with gen-2: the new state is torn" in caplog.text


def test_the_desk_looks_by_itself_until_it_is_told_to_stop():
    desk = Desk(Moving())
    stop = desk.watch(0.005)
    for _ in range(500):
        if desk.base.looks > 3:
            break
        time.sleep(0.005)
    stop()
    time.sleep(0.05)
    looks = desk.base.looks
    time.sleep(0.05)
    assert looks > 3 and desk.base.looks == looks


def test_what_is_derived_from_the_base_is_made_once_for_each_state():
    desk = Desk(Moving())
    made = []
    for _ in range(2):
        desk.cached("name", lambda base: made.append(base.generation))
    desk.look()
    desk.cached("name", lambda base: made.append(base.generation))
    assert made == ["gen-1", "gen-2"]


def test_what_the_page_does_not_use_of_gradio_is_shut(client):
    for path in ("/gradio_api/deep_link?session_hash=x", "/gradio_api/proxy=http://127.0.0.1/", "/proxy=http://127.0.0.1/"):
        assert (client.get(path).status_code, client.get(path).text) == (404, "not here"), path


def test_only_the_owner_uploads():
    files = {"files": ("a.md", b"# A")}
    with TestClient(create_app(Desk(FakeBase())), base_url="http://127.0.0.1:7860") as own:
        assert own.post("/gradio_api/upload", files=files).status_code == 200
        refused = own.post("/gradio_api/upload", files=files, headers={"x-forwarded-for": "10.0.0.1"})
        assert (refused.status_code, refused.text) == (403, "only the owner of this knowledge base can add files")
    proxied = Door(trusted_proxy=True, hosts=("kb.example",))
    with TestClient(create_app(Desk(FakeBase()), proxied), base_url="http://kb.example") as other:
        assert other.post("/gradio_api/upload", files=files).status_code == 403


def test_every_part_of_the_pages_script_is_in_it_and_no_part_is_long():
    there = {path.stem: path.read_text(encoding="utf-8") for path in (web_app.HERE / "page").glob("*.js")}
    assert sorted(there) == sorted(web_app.PARTS)
    script = web_app.page_script()
    assert [script.index(there[part]) for part in web_app.PARTS] == sorted(script.index(text) for text in there.values())
    assert max(len(text.splitlines()) for text in there.values()) <= 150
