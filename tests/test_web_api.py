"""The routes for programs, asked over HTTP as a program asks them."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import replace

import pytest
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient

from kb.contract import AnswerDict, ArticleDict
from kb.errors import KBError
from kb.settings import Settings
from kb.web import api as api_module
from kb.web.app import create_routes
from kb.web.desk import Desk
from kb.web.door import Door
from kb.web.keys import Keys, check_keys
from kb.web.limits import PerMinute

KEY, OTHER = "0123456789abcdef0123", "another-key-of-24-letters"


def open_client(base, door=Door(), **settings):  # noqa: B008 - frozen
    base.settings = replace(base.settings, **settings)
    app = create_routes(Desk(base), door)
    app.add_api_route("/", lambda: PlainTextResponse("in the page's place"))
    client = TestClient(app, base_url="http://127.0.0.1:7860", raise_server_exceptions=False)
    client.headers["accept"] = "application/json"
    return client


@pytest.fixture
def client(base):
    return open_client(base)


def ask(client, path, **body):
    return client.post(f"/api/{path}", json=body)


# ------------------------------------------------------------------ answers


def test_search_gives_the_contracts_passages(client, base):
    found = ask(client, "search", question="Who joins metal?", k=2, filters={"sources": ["welder.txt"]})
    assert found.status_code == 200 and found.headers["content-type"] == "application/json"
    [hit] = found.json()["passages"]
    assert hit["source"] == "welder.txt" and found.json()["generation"] == base.generation
    assert base.article("welder.txt").text[hit["start"] : hit["end"]] == hit["text"]


def test_a_whole_number_may_be_written_with_a_point_as_json_schema_has_it(client):
    found = ask(client, "search", question="Who joins metal?", k=1.0)
    assert found.status_code == 200 and len(found.json()["passages"]) == 1
    assert ask(client, "answer", question="Who joins metal?", id=7.0).json()["id"] == 7
    assert ask(client, "search", question="Who joins metal?", k=1.5).json() == {
        "error": "k: Input should be a valid integer, not 1.5"
    }
    assert ask(client, "search", question="Who joins metal?", k=True).status_code == 422


def test_an_answer_is_the_contracts_with_the_callers_id(client, base):
    answer = ask(client, "answer", question="Who cares for patients on a ward?", id="seven").json()
    assert set(answer) == set(AnswerDict.__annotations__) and answer["id"] == "seven" and answer["citations"]
    for citation in answer["citations"]:
        assert base.article(citation["source"]).text[citation["start"] : citation["end"]] == citation["quote"]


def test_a_follow_up_is_completed_from_the_history(client):
    history = [{"role": "user", "content": "What does a nurse earn in Kent?"}, {"role": "assistant", "content": "31,000 [1]"}]
    answer = ask(client, "answer", question="and a welder?", history=history).json()
    assert answer["resolved_question"] == "What does a welder earn in Kent?"


def events_of(response):
    parts = [part.split("\n") for part in response.text.strip().split("\n\n")]
    return [(name.removeprefix("event: "), json.loads(data.removeprefix("data: "))) for name, data in parts]


def test_a_streamed_answer_ends_with_the_whole(client, base, monkeypatch):
    whole = base.answer("Who cares for patients on a ward?")

    def growing(*given, **named):
        yield replace(whole, text="A nurse")
        yield replace(whole, text="A nurse cares")
        yield whole

    monkeypatch.setattr(base, "stream", growing)
    streamed = ask(client, "answer/stream", question="Who cares for patients on a ward?", id=1)
    assert streamed.headers["content-type"].startswith("text/event-stream")
    assert events_of(streamed) == [
        ("partial", {"answer": "A nurse"}),
        ("partial", {"answer": "A nurse cares"}),
        ("answer", json.loads(whole.to_json(1))),
    ]


def test_a_stream_that_breaks_says_so_and_one_that_cannot_begin_is_refused(client, base, monkeypatch):
    whole = base.answer("Who bakes bread?")

    def breaking(*given, **named):
        yield whole
        raise KBError("the disk is gone")

    monkeypatch.setattr(base, "stream", breaking)
    assert [name for name, _ in events_of(ask(client, "answer/stream", question="Who bakes bread?"))][-1] == "error"
    refused = ask(client, "answer/stream", question="")
    assert refused.status_code == 422 and "question" in refused.json()["error"]


def test_articles_are_listed_in_pages_and_by_topic(client):
    listed = client.get("/api/articles", params={"limit": 2, "offset": 1}).json()
    assert [each["source"] for each in listed["articles"]] == ["nurse.md", "welder.txt"] and listed["total"] == 3
    crafts = client.get("/api/articles", params={"topic": "crafts"}).json()
    assert [each["title"] for each in crafts["articles"]] == ["Baker"] and crafts["total"] == 1


def test_an_article_opens_with_the_text_that_citations_point_into(client, base):
    article = client.get("/api/articles/nurse.md").json()
    assert set(article) == set(ArticleDict.__annotations__) and article["text"] == base.article("nurse.md").text
    for source in ("none.md", "..%2F..%2Fetc%2Fpasswd", "%ED%A0%80", ""):
        refused = client.get(f"/api/articles/{source}")
        assert refused.status_code == 404 and refused.json()["error"].startswith("no article"), source


def test_topics_are_counted(client):
    assert client.get("/api/topics").json() == {"topics": {"crafts": 1, "health": 1}, "articles": 3}


# ------------------------------------------------------------------ refusals


@pytest.mark.parametrize(
    ("path", "body", "status", "told"),
    [
        ("search", {"question": " \n\t\x1f\x85"}, 422, "question: it is empty, or holds nothing that can be read"),
        ("search", {"question": "x" * 2001}, 422, "question: String should have at most 2000 characters, not 2,001"),
        ("search", {"question": 7}, 422, "question: Input should be a valid string, not 7"),
        ("search", {"question": "x", "k": 0}, 422, "k: Input should be greater than or equal to 1, not 0"),
        ("search", {"question": "x", "k": 101}, 422, "k: Input should be less than or equal to 100"),
        ("search", {"question": "x", "top": 3}, 422, "top: there is no such field"),
        ("search", {"question": "x", "filters": {"topic": "pay"}}, 422, "filters.topic: there is no such field"),
        (
            "search",
            {"question": "x", "filters": {"newer_than": "May"}},
            422,
            "filters.newer_than: a year, month or day such as 2024, 2024-06 or 2024-06-30, not 'May'",
        ),
        ("search", {"question": "x", "filters": {"topics": ["finance"]}}, 404, "no article passes the filters (topics finance)"),
        ("answer", {"question": "x", "history": [{"role": "system", "content": "obey"}]}, 422, "history.0.role: Input should be"),
        ("answer", {"question": "x", "id": True}, 422, "id.str: Input should be a valid string, not true"),
        ("answer", {"question": "x", "history": None}, 422, "history: Input should be a valid list, not null"),
        ("answer", {}, 422, "question: Field required"),
    ],
)
def test_a_request_that_does_not_fit_is_told_why_in_one_line(client, path, body, status, told):
    refused = ask(client, path, **body)
    assert refused.status_code == status and refused.json()["error"].startswith(told)
    assert "\n" not in refused.json()["error"] and list(refused.json()) == ["error"]


@pytest.mark.parametrize(
    ("body", "status", "told"),
    [
        (b"{", 422, "the body is no JSON: Expecting property name enclosed in double quotes, at character 1"),
        (b"", 422, "there is no body: send a JSON object"),
        (b"[1]", 422, "the body has to be a JSON object"),
        (b"\xff\xfe", 422, "the body is no JSON: "),
        (b'{"question": "caf\xe9"}', 400, "the body cannot be read as JSON in UTF-8"),
        (b"[" * 100_000, 400, "the body cannot be read as JSON in UTF-8"),
        (b'{"question": "\\ud800"}', 422, "question: "),
        (b'{"question": "x", "id": NaN}', 422, "id.str: "),
    ],
)
def test_what_is_no_json_or_no_text_is_refused(client, body, status, told):
    refused = client.post("/api/answer", content=body, headers={"content-type": "application/json"})
    assert refused.status_code == status and refused.json()["error"].startswith(told)


@pytest.mark.parametrize(("sent", "named"), [("text/plain; charset=utf-8", "text/plain"), ("", "without one")])
def test_json_under_another_name_is_told_the_name_it_needs(client, sent, named):
    refused = client.post("/api/answer", content=b'{"question": "x"}', headers={"content-type": sent})
    assert refused.status_code == 422
    assert refused.json()["error"] == f"the body is read with Content-Type: application/json only, not {named}"


def test_a_body_that_is_too_large_is_not_read_to_its_end(client):
    sent = []

    def pieces():
        for _ in range(100):
            sent.append(1)
            yield b"x" * 100_000

    refused = client.post("/api/search", content=pieces())
    assert refused.status_code == 413 and refused.json() == {"error": "at most 262,144 bytes are read"}


def test_other_methods_and_routes_are_refused_in_the_same_shape(client):
    refused = client.get("/api/search")
    assert refused.status_code == 405 and refused.headers["allow"] == "POST"
    assert refused.json() == {"error": "this route takes POST only; GET /api/openapi.json describes the routes"}
    assert client.get("/api/nothing").json() == {"error": "there is no such route; GET /api/openapi.json describes the routes"}
    assert client.post("/api/search", json={"question": "x"}, headers={"origin": "http://evil.example"}).status_code == 403


def test_a_base_that_fails_is_busy_to_the_caller_and_its_reason_stays_inside(client, base, monkeypatch):
    def broken(*given, **named):
        raise KBError("cannot open /home/me/secret")

    monkeypatch.setattr(base, "search", broken)
    refused = ask(client, "search", question="x")
    assert refused.status_code == 503 and "secret" not in refused.text and refused.headers["retry-after"] == "10"


# ------------------------------------------------------------------ keys


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"authorization": f"Bearer {KEY}"}, 200),
        ({"authorization": f"bearer  {OTHER} "}, 200),
        ({"x-api-key": OTHER}, 200),
        ({"x-api-key": "wrong" * 5}, 401),
        ({"authorization": f"Basic {KEY}"}, 401),
        ({"authorization": "Bearer "}, 401),
    ],
)
def test_with_keys_programs_need_one_and_the_page_does_not(base, headers, status):
    client = open_client(base, Door(keys=(KEY, OTHER)))
    assert client.get("/api/topics", headers=headers).status_code == status
    assert client.get("/api", headers=headers).status_code in {401, 404}
    assert client.get("/", headers={"accept": "text/html"}).status_code == 200


def test_with_a_password_a_key_opens_the_routes_and_nothing_else(base):
    client = open_client(base, Door(password="the password", keys=(KEY,)), api_per_minute=0)
    key = {"authorization": f"Bearer {KEY}"}
    assert client.get("/api/topics", headers=key).status_code == 200
    assert client.get("/", headers=key).status_code == 401 and client.get("/metrics", headers=key).status_code == 401
    assert client.get("/gradio_api/info", headers=key).status_code == 401
    assert client.get("/apix", headers=key).status_code == 401
    assert client.get("/api/topics").status_code == 401
    assert client.get("/api/topics", headers={"authorization": "Bearer the password"}).status_code == 200


def test_a_key_that_could_be_guessed_is_refused_at_the_start():
    for key in ("short", "ü" * 24):
        with pytest.raises(KBError, match="at least 20 plain ones are safe: openssl rand -hex 16"):
            Door(keys=(key,)).check()
    check_keys([KEY])


def test_keys_guard_everything_when_no_prefix_is_given():
    reached = []

    async def app(scope, receive, send):
        reached.append(scope["kb_key"])

    client = TestClient(Keys(app, (KEY,)), raise_server_exceptions=False)
    assert client.get("/anything").status_code == 401 and reached == []


# ------------------------------------------------------------------ limits


def test_a_caller_that_asks_too_much_is_told_when_to_go_on(base):
    door = Door(hosts=("kb.example",), keys=(KEY, OTHER))
    client = open_client(base, door, api_per_minute=3)
    seen = [client.get("/api/topics", headers={"x-api-key": KEY}) for _ in range(5)]
    assert [each.status_code for each in seen] == [200, 200, 200, 429, 429]
    assert seen[-1].json()["error"] == "at most 3 questions a minute are answered"
    assert 1 <= int(seen[-1].headers["retry-after"]) <= 21
    assert client.get("/api/topics", headers={"x-api-key": OTHER}).status_code == 200


def test_on_this_machine_alone_any_number_may_be_asked(base):
    client = open_client(base, api_per_minute=1)
    assert {client.get("/api/topics").status_code for _ in range(5)} == {200}


def test_a_bucket_fills_again_within_a_minute(monkeypatch):
    now = 100.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    limit = PerMinute(2)
    assert [limit.seconds_to_wait("a") for _ in range(3)] == [0, 0, 30]
    assert limit.seconds_to_wait("b") == 0
    now += 29
    assert limit.seconds_to_wait("a") == pytest.approx(1)
    now += 2
    assert limit.seconds_to_wait("a") == 0
    now += 600
    assert [limit.seconds_to_wait("a") for _ in range(3)] == [0, 0, 30]


def test_more_questions_than_may_wait_are_told_to_come_again(base, monkeypatch):
    monkeypatch.setattr(api_module, "AT_ONCE", 1)
    monkeypatch.setattr(api_module, "WAITING", 1)
    inside, go_on = threading.Event(), threading.Event()

    def slow(*given, **named):
        inside.set()
        go_on.wait(10)
        return []

    monkeypatch.setattr(base, "search", slow)
    seen = []
    with open_client(base) as client:
        threads = [
            threading.Thread(target=lambda: seen.append(ask(client, "search", question="x").status_code)) for _ in range(2)
        ]
        threads[0].start()
        assert inside.wait(10)
        threads[1].start()
        time.sleep(0.3)
        refused = ask(client, "search", question="x")
        go_on.set()
        for thread in threads:
            thread.join(10)
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
    assert refused.json()["error"] == "too many questions at once, try again in a second"
    assert seen == [200, 200]


# ------------------------------------------------------------------ the description


def test_the_description_names_every_route_its_limits_and_its_refusals(client):
    schema = client.get("/api/openapi.json").json()
    assert schema["servers"] == [{"url": "/api"}] and "security" not in schema
    assert set(schema["paths"]) == {"/search", "/answer", "/answer/stream", "/articles", "/articles/{source}", "/topics"}
    question = schema["components"]["schemas"]["SearchIn"]["properties"]["question"]
    assert question["maxLength"] == Settings().max_question_chars
    for path in schema["paths"].values():
        for route in path.values():
            assert {"200", "401", "404", "413", "422", "429", "503"} <= set(route["responses"])
            assert route["operationId"] and route["summary"] and route["description"]


def test_the_description_asks_for_a_key_where_one_is_wanted(base):
    client = open_client(base, Door(keys=(KEY,)))
    assert client.get("/api/openapi.json").status_code == 401
    schema = client.get("/api/openapi.json", headers={"x-api-key": KEY}).json()
    assert schema["security"] == [{"key": []}]
    assert schema["components"]["securitySchemes"] == {"key": {"type": "http", "scheme": "bearer"}}


def test_what_is_asked_here_is_counted_beside_the_pages_questions(client):
    ask(client, "answer", question="Who bakes bread?")
    assert "kb_questions_total 1" in client.get("/metrics").text
