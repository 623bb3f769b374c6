"""The whole line with nothing faked: articles on disk, `python ingest.py`, `python chat_app.py`, a question in the browser."""

import pytest

expect = pytest.importorskip("playwright.sync_api").expect


def test_a_question_is_answered_from_an_article_on_disk_and_its_source_opens(browser, line):
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
    page = context.new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(line.url)
    page.fill("#kb-ask textarea", "What does a data engineer earn in Germany?")
    page.keyboard.press("Enter")
    expect(page.locator("#chat .kb-answer")).to_contain_text("55,000 and 80,000 euros", timeout=30_000)
    page.locator("#chat .kb-foot").wait_for()
    page.locator("#chat a.kb-cite").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#kb-panel .kb-title")).to_have_text("What a data engineer does")
    expect(page.locator("#kb-panel mark").first).to_be_visible()
    expect(page.locator("#kb-panel .kb-dateline")).to_contain_text("1 May 2024")
    page.get_by_role("button", name="Read the whole article").click()
    expect(page.locator("#kb-panel")).to_contain_text("build one pipeline from end to end")
    assert page.evaluate("window.PWNED") is None
    assert [url for url in asked if not url.startswith((line.url, "data:", "blob:"))] == []
    page.fill("#kb-ask textarea", "What is the capital of France?")
    page.keyboard.press("Enter")
    expect(page.locator("#chat .kb-answer").last).to_contain_text("does not cover this", timeout=30_000)
    assert page.locator("#chat [data-testid=bot]").last.locator("a.kb-cite").count() == 0
    context.close()
