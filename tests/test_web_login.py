from base64 import b64encode

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route
from starlette.testclient import TestClient
from web_fake import FakeBase

from kb.web import login
from kb.web.app import create_app
from kb.web.desk import Desk
from kb.web.door import Door
from kb.web.login import COOKIE, Login

PASSWORD = "correct horse"
HTML = {"accept": "text/html"}


def inside(request):
    return PlainTextResponse(f"inside {request.scope.get('kb_signed_in')}")


@pytest.fixture
def client():
    app = Starlette(routes=[Route("/healthz", inside), Mount("/", inside_app)])
    app.add_middleware(Login, password=PASSWORD)
    return TestClient(app, base_url="http://kb.example", follow_redirects=False)


async def inside_app(scope, receive, send):
    from starlette.requests import Request

    await inside(Request(scope))(scope, receive, send)


def sign_in(client, password=PASSWORD, back="/"):
    return client.post("/login", params={"next": back}, data={"password": password})


def test_nothing_but_the_health_check_passes_without_the_password(client):
    for path in ("/gradio_api/queue/join", "/config", "/metrics", "/kb/page.js", "/healthz/../metrics", "/login/x"):
        assert client.get(path).status_code == 401, path
        assert client.post(path).status_code == 401, path
    assert client.get("/healthz").text == "inside None"


def test_a_person_is_sent_to_the_sign_in_and_back_to_what_they_asked(client):
    sent = client.get("/", params={"q": "what is the pay"}, headers=HTML)
    assert (sent.status_code, sent.headers["location"]) == (303, "/login?next=%2F%3Fq%3Dwhat%2Bis%2Bthe%2Bpay")
    assert 'type="password"' in client.get(sent.headers["location"]).text
    back = sign_in(client, back="/?q=what+is+the+pay")
    assert (back.status_code, back.headers["location"]) == (303, "/?q=what+is+the+pay")
    assert client.get("/config").text == "inside True"


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(client):
    header = sign_in(client).headers["set-cookie"].lower()
    assert "httponly" in header and "samesite=lax" in header and "secure" not in header
    secure = TestClient(client.app, base_url="https://kb.example", follow_redirects=False)
    assert "secure" in sign_in(secure).headers["set-cookie"].lower()


@pytest.mark.parametrize(
    "back", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "", "/\r\nx: y"]
)
def test_signing_in_never_leads_to_another_site(client, back):
    assert sign_in(client, back=back).headers["location"] == "/"


@pytest.mark.parametrize("ticket", ["", "x", "9999999999", "9999999999.", "9999999999.00", "1.2.3", "٩٩٩٩٩٩٩٩٩٩.é", ".", "-1.x"])
def test_a_made_up_ticket_is_refused(client, ticket):
    assert client.get("/config", headers={"cookie": f"{COOKIE}={ticket}".encode()}).status_code == 401


def test_a_ticket_ends(client, monkeypatch):
    sign_in(client)
    assert client.get("/config").status_code == 200
    now = login.time.time()
    monkeypatch.setattr(login.time, "time", lambda: now + login.SESSION_SECONDS + 1)
    assert client.get("/config").status_code == 401


def test_a_session_outlives_a_restart_and_ends_with_the_password():
    ticket = Login(None, PASSWORD).ticket()
    assert Login(None, PASSWORD).valid(ticket)
    assert not Login(None, "another").valid(ticket)


def test_programs_send_the_password_along(client):
    basic = b64encode(f"anyone:{PASSWORD}".encode()).decode()
    for header in (f"Bearer {PASSWORD}", f"Basic {basic}"):
        assert client.get("/config", headers={"authorization": header}).text == "inside True"
    for header in ("Bearer x", "Basic x", "Basic !!!", "Digest x", "Bearer", f"Basic {b64encode(b'nocolon').decode()}"):
        assert client.get("/config", headers={"authorization": header}).status_code == 401, header


def test_guessing_is_slowed_down_and_forgotten_after_a_minute(client, monkeypatch):
    clock = [1000.0]
    monkeypatch.setattr(login.time, "monotonic", lambda: clock[0])
    answers = [sign_in(client, "guess").status_code for _ in range(login.GUESSES + 1)]
    assert answers == [401] * login.GUESSES + [429]
    assert sign_in(client).status_code == 429, "the right password waits as well, or guessing would go on"
    assert client.get("/config", headers={"authorization": f"Bearer {PASSWORD}"}).status_code == 429
    clock[0] += login.GUESS_SECONDS + 1
    assert sign_in(client).status_code == 303


def test_a_huge_form_is_not_read(client):
    assert client.post("/login", content=b"password=" + b"x" * 10**6).status_code == 413


def test_signing_out_takes_the_cookie_away(client):
    sign_in(client)
    client.post("/logout")
    assert client.get("/config").status_code == 401


def test_the_real_page_stands_behind_it():
    door = Door(host="0.0.0.0", password=PASSWORD, hosts=("kb.example",))
    with TestClient(create_app(Desk(FakeBase()), door), base_url="http://kb.example", follow_redirects=False) as client:
        assert client.get("/", headers=HTML).headers["location"] == "/login?next=%2F"
        assert (
            client.get("/config").status_code
            == client.get("/metrics").status_code
            == client.get("/kb/page.js").status_code
            == 401
        )
        assert client.get("/", headers={**HTML, "host": "evil.example"}).status_code == 400
        assert "content-security-policy" in client.get("/login").headers
        refused = client.post("/login", data={"password": PASSWORD}, headers={"origin": "http://evil.example"})
        assert refused.status_code == 403
        sign_in(client)
        assert client.get("/config").json()["title"] == "Career KB"
