"""The panel beside the chat goes with the conversation: it shows the first source of the last answer, and disturbs nobody."""

import time

import pytest
from asking import ask, expect

SHIFTS = """window.shift = 0; new PerformanceObserver(list => { for (const e of list.getEntries())
  if (!e.hadRecentInput) window.shift += e.value; }).observe({type: 'layout-shift'})"""


def title(page):
    return page.locator("#kb-panel .kb-title")


def test_the_first_source_of_each_answer_is_shown_without_a_jump_and_the_focus_stays(page):
    page.evaluate(SHIFTS)
    ask(page, "What is the pay?")
    expect(title(page)).to_have_text("What a data engineer does")
    expect(page.locator("#kb-panel .kb-steps")).to_contain_text("Citation 1 of 2")
    expect(page.locator("#chat a.kb-cite.kb-current")).to_have_text("[1]")
    page.get_by_role("button", name="Next citation").click()
    expect(title(page)).to_have_text("Salary talks")
    expect(title(page)).to_be_focused()
    ask(page, "How do I start?")
    expect(page.locator("#kb-panel .kb-path")).to_have_text("How to start")
    expect(page.locator("#kb-panel mark").last).to_have_text("Learn SQL well.")
    expect(page.locator("#kb-ask textarea")).to_be_focused()
    assert page.evaluate("window.shift") < 0.1


def test_of_a_question_it_declines_it_says_that_there_is_no_source(page):
    ask(page, "What is the pay?")
    expect(title(page)).to_have_text("What a data engineer does")
    ask(page, "What is the capital of France?")
    expect(page.locator("#kb-panel")).to_contain_text("does not cover the last question, so there is no source to show")
    expect(page.locator("#kb-panel mark")).to_have_count(0)
    expect(page.locator("#kb-ask textarea")).to_be_focused()


def test_it_goes_back_with_the_conversation(page):
    ask(page, "What is the pay?")
    ask(page, "How do I start?")
    expect(page.locator("#kb-panel .kb-path")).to_have_text("How to start")
    page.get_by_role("button", name="Take question and answer back").last.click()
    expect(page.locator("#kb-panel .kb-path")).to_have_text("Role › Pay")
    page.reload()
    expect(page.locator("#kb-panel .kb-path")).to_have_text("Role › Pay")
    page.get_by_role("button", name="New conversation").first.click()
    expect(title(page)).to_have_text("Where answers come from")
    expect(page.locator("#kb-ask textarea")).to_be_focused()


def test_who_opened_another_of_the_answers_sources_keeps_it(page):
    ask(page, "What is the pay?")
    page.click("#chat a.kb-cite >> nth=1")
    expect(title(page)).to_have_text("Salary talks")
    page.evaluate("sessionStorage.setItem('mark', JSON.parse(localStorage.getItem('career-kb'))[0].at)")
    page.get_by_role("button", name="Ask again").click()
    page.wait_for_function("JSON.parse(localStorage.getItem('career-kb'))[0].at != sessionStorage.getItem('mark')")
    page.get_by_role("button", name="This helped").click()
    expect(title(page)).to_have_text("Salary talks")


@pytest.mark.parametrize("page", [{"viewport": {"width": 390, "height": 844}}], indirect=True)
def test_on_a_phone_no_source_opens_by_itself(page):
    ask(page, "What is the pay?")
    expect(page.locator("#kb-side")).to_be_hidden()
    page.click("#chat a.kb-cite >> nth=1")
    expect(title(page)).to_have_text("Salary talks")


def test_what_a_page_still_loading_brings_late_does_not_take_the_source_away(serve, open_tab, monkeypatch):
    from web_fake import FakeBase

    def slow(base):
        time.sleep(1.2)
        return []

    monkeypatch.setattr("kb.web.page.example_questions", slow)
    server = serve(FakeBase())
    try:
        page = open_tab(server.url)
        page.fill("#kb-ask textarea", "What is the capital of France?")
        page.keyboard.press("Enter")
        expect(page.locator("#kb-panel .kb-notice")).to_be_visible()
        page.wait_for_timeout(1500)
        expect(page.locator("#kb-panel .kb-notice")).to_be_visible()
    finally:
        server.close()
