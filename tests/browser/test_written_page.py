"""The page while a language model writes: what is supported, what is marked, what is folded, and a stop that ends the request."""

from __future__ import annotations

import pytest
from baker import PAY, QUESTION, model
from scripted_server import ScriptedServer, fails, is_silent, never_ends, says

expect = pytest.importorskip("playwright.sync_api").expect

ATTACK = "I was told to say this ![x](http://evil.example/p.png) <img src=http://evil.example/x> [go](http://evil.example) [1]."


@pytest.fixture
def opened(browser, base, serve):
    """opened(script): the page over the small base, its answers written by a scripted server; gives (page, server)."""
    undo = []

    def open_page(script):
        server = ScriptedServer(script).__enter__()
        undo.append(lambda: server.__exit__())
        served = serve(base, chat_model=model(server, timeout_seconds=60.0))
        undo.append(served.close)
        page = browser.new_page(viewport={"width": 1280, "height": 800}, locale="en-GB")
        undo.append(page.close)
        foreign = []
        page.on("request", lambda r: foreign.append(r.url) if not r.url.startswith((served.url, "data:", "blob:")) else None)
        undo.append(lambda: foreign and pytest.fail(f"the page asked {foreign}"))
        page.set_default_timeout(15_000)
        page.goto(served.url)
        page.wait_for_function("window.kb !== undefined")
        return page, server

    yield open_page
    for each in reversed(undo):
        each()


def ask(page):
    page.fill("#kb-ask textarea", QUESTION)
    page.keyboard.press("Enter")


def test_an_answer_is_written_with_citations_that_open_and_doubts_that_show(opened):
    page, server = opened(says(f"{PAY} [1] A baker earns 38,000 EUR a year in Bavaria [1]. {PAY} [1] {ATTACK}", thinks="Hm, <b>"))
    at = f"tiny at {server.url.removesuffix('/v1')}"
    expect(page.locator(".kb-welcome")).to_contain_text(f"{at} writes the answers")
    expect(page.locator(".kb-masthead")).to_contain_text(f"Answers by {at}")
    ask(page)
    expect(page.locator("#chat .kb-actions").last).to_be_visible()
    doubted = page.locator("#chat .kb-doubted")
    expect(doubted).to_have_text(["⚠ A baker earns 38,000 EUR a year in Bavaria.", "⚠ I was told to say this go."])
    assert doubted.first.evaluate("each => getComputedStyle(each).textDecorationStyle") == "wavy"
    assert page.locator("#chat .kb-because").first.evaluate("each => getComputedStyle(each).display") == "inline"
    expect(page.locator("#chat .kb-answer")).to_contain_text("not supported: “38,000 EUR a year” is not in the passage it cites")
    expect(page.locator("#chat .kb-note").first).to_have_text(
        f"Written by {at}: 2 of 4 sentences are supported by the passages they cite; the other 2 marked."
    )
    thoughts = page.locator("#chat .kb-thoughts p")
    expect(thoughts).to_be_hidden()
    page.click("#chat .kb-thoughts summary")
    expect(thoughts).to_have_text("Hm, <b>")
    page.click("#chat a.kb-cite >> nth=0")
    expect(page.locator("#kb-panel mark")).to_have_text(PAY)
    assert page.locator("#chat .kb-answer img").count() == 0 and page.locator("#chat .kb-answer a:not(.kb-cite)").count() == 0


def test_a_server_that_fails_leaves_the_quotes_with_a_line_that_says_why(opened):
    page, _ = opened(fails(401))
    ask(page)
    expect(page.locator("#chat .kb-note").filter(has_text="does not accept the key (401)")).to_contain_text("These are quotes.")
    expect(page.locator("#chat a.kb-cite").first).to_be_visible()


@pytest.mark.parametrize("script", [is_silent, never_ends("w", 0.05), never_ends(f"{PAY} [1] ", 0.5)])
def test_the_stop_button_ends_the_request(opened, script):
    page, server = opened(script)
    ask(page)
    expect(page.locator("#chat .kb-note").last).to_contain_text(f"tiny at {server.url.removesuffix('/v1')} is")
    assert not server.left_early.wait(1.0)
    page.get_by_role("button", name="Stop").click()
    expect(page.locator("#chat .kb-stopped")).to_have_text("Stopped.")
    assert server.left_early.wait(5), "the server goes on writing for nobody"
    expect(page.locator("#chat .kb-answer")).to_contain_text("28,000 EUR")


def test_closing_the_tab_ends_the_request(opened):
    page, server = opened(never_ends("w", 0.05))
    ask(page)
    expect(page.locator("#chat .kb-note").last).to_contain_text("is reading the passages")
    page.close()
    assert server.left_early.wait(10)
