"""What is asked or written while the server is away, or too busy, is kept, and the page says in plain words what happened."""

import httpx
import pytest

expect = pytest.importorskip("playwright.sync_api").expect


@pytest.fixture
def own(serve, browser):
    """own(locale=...): a server of its own and a page of it; gives (server, page, what starts the server again)."""
    from web_fake import FakeBase

    servers, contexts = [], []

    def start(port=0):
        servers.append(serve(FakeBase(delay=0.01), port=port))
        return servers[-1]

    def open_page(**options):
        server = start()
        contexts.append(browser.new_context(**{"locale": "en-GB", **options}))
        page = contexts[-1].new_page()
        page.goto(server.url)
        page.wait_for_function("window.kb !== undefined")
        page.locator("#chat .example").first.wait_for()
        return server, page, lambda: start(port=server.door.port)

    yield open_page
    for context in contexts:
        context.close()
    for server in servers:
        server.close()


def ask(page, question):
    page.fill("#kb-ask textarea", question)
    page.keyboard.press("Enter")


def test_a_question_asked_while_the_server_is_down_is_back_in_the_box_when_it_is_up(own):
    server, page, again = own()
    server.close()
    ask(page, "What is the pay?")
    expect(page.locator(".toast-body")).to_contain_text("What you ask or write meanwhile is kept.")
    again()
    expect(page.locator("#kb-lost")).to_have_text(
        "Your last question was not answered: the server was out of reach. It is back in the box.", timeout=60_000
    )
    expect(page.locator("#kb-ask textarea")).to_have_value("What is the pay?")
    expect(page.locator("#kb-ask textarea")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#chat .kb-foot")).to_contain_text("2 quotes")
    expect(page.locator("#kb-lost")).to_have_count(0)
    expect(page.locator("#kb-ask textarea")).to_have_value("")
    page.reload()
    expect(page.locator("#chat .kb-asked")).to_have_text(["What is the pay?"])
    expect(page.locator("#kb-lost")).to_have_count(0)


def test_a_question_whose_answer_broke_off_comes_back_after_the_conversation_so_far(own):
    server, page, again = own()
    ask(page, "What is the pay?")
    expect(page.locator("#chat .kb-foot")).to_have_count(1)
    server.base.delay = 2.0
    ask(page, "How do I start?")
    expect(page.locator("#chat .bot-row")).to_have_count(2)
    expect(page.locator("#kb-ask textarea")).to_have_value("")
    server.close()
    expect(page.locator("#kb-lost")).to_have_text(
        "Your last question was not answered: the connection broke. It is back in the box.", timeout=60_000
    )
    expect(page.locator(".toast-body")).to_contain_text("Trying again every two seconds.")
    page.locator("#kb-ask textarea").press_sequentially(" And in Oslo?")
    again()
    expect(page.locator(".toast-body")).to_have_count(0, timeout=60_000)
    expect(page.locator("#chat .kb-asked")).to_have_text(["What is the pay?"])
    expect(page.locator("#kb-ask textarea")).to_have_value("How do I start? And in Oslo?")


def test_what_was_only_written_is_kept_without_a_word(own):
    server, page, again = own()
    page.fill("#kb-ask textarea", "Half a quest")
    page.reload()
    expect(page.locator("#kb-ask textarea")).to_have_value("Half a quest")
    expect(page.locator("#kb-lost")).to_have_count(0)


def test_who_asks_when_too_many_wait_is_told_so_and_keeps_the_question(own, monkeypatch):
    monkeypatch.setattr("kb.web.app.QUEUE", 1)
    monkeypatch.setattr("kb.web.events.AT_ONCE", 1)
    server, page, _ = own(locale="de-DE")
    server.base.delay = 2.0
    parts = httpx.get(f"{server.url}/config").json()
    box = next(part["id"] for part in parts["components"] if part["props"].get("elem_id") == "kb-ask")
    event = next(e for e in parts["dependencies"] if [box, "submit"] in [list(target) for target in e["targets"]])
    for session in ("first", "second"):  # one is answered, the other waits
        data = ["How do I start?", [], "", -1, *[None] * (len(event["inputs"]) - 4)]
        joining = {"data": data, "fn_index": event["id"], "session_hash": session}
        assert httpx.post(f"{server.url}/gradio_api/queue/join", json=joining).status_code == 200
        page.wait_for_timeout(300)
    ask(page, "How do I start?")
    expect(page.locator(".toast-body")).to_contain_text("Gerade fragen viele Leute.")
    expect(page.locator(".toast-body")).to_contain_text("Einen Augenblick")
    expect(page.locator("#kb-ask textarea")).to_have_value("How do I start?")
