"""Going on from an answer: stop, ask again, change, take back, copy, save, judge, narrow, keep."""

import json
import re
from pathlib import Path

import pytest
from asking import WHOLE, ask, expect

from kb.receipt import verify


def questions(page):
    return page.locator("#chat .kb-asked").all_inner_texts()


def clipboard(page):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    return page.evaluate("navigator.clipboard.readText()")


def test_an_answer_is_stopped_midway_and_can_be_asked_again(page, served):
    served.base.delay = 0.5
    try:
        page.fill("#kb-ask textarea", "How do I start?")
        page.keyboard.press("Enter")
        page.locator("#chat .kb-answer").wait_for()
        page.get_by_role("button", name="Stop").click()
        expect(page.locator("#chat .kb-stopped")).to_have_text("Stopped.")
        page.wait_for_timeout(800)
        assert "Write about it." not in page.locator("#chat .bot-row").inner_text()
    finally:
        served.base.delay = 0.01
    page.get_by_role("button", name="Ask again").click()
    expect(page.locator("#chat .kb-answer")).to_contain_text("Write about it.")
    expect(page.locator("#chat .kb-stopped")).to_have_count(0)
    assert questions(page) == ["How do I start?"]


def test_a_question_is_asked_again(page, served):
    ask(page, "What is the pay?")
    before = len(served.base.asked)
    page.evaluate("sessionStorage.setItem('mark', JSON.parse(localStorage.getItem('career-kb'))[0].at)")
    page.get_by_role("button", name="Ask again").click()
    page.wait_for_function("JSON.parse(localStorage.getItem('career-kb'))[0].at != sessionStorage.getItem('mark')")
    page.wait_for_function(WHOLE)
    assert [q for q, _, _ in served.base.asked[before:]] == ["What is the pay?"]
    assert questions(page) == ["What is the pay?"]


def test_an_earlier_question_is_changed_and_what_followed_is_replaced(page):
    ask(page, "What is the pay?")
    ask(page, "How do I start?")
    page.locator("#chat .user-row").first.hover()
    page.get_by_role("button", name="Change the question").first.click()
    expect(page.locator("#kb-ask textarea")).to_have_value("What is the pay?")
    expect(page.locator("#kb-ask textarea")).to_be_focused()
    expect(page.locator("#chat .user-row.kb-editing")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator("#kb-ask textarea")).to_have_value("")
    page.get_by_role("button", name="Change the question").first.click()
    expect(page.locator("#kb-ask textarea")).to_have_value("What is the pay?")
    page.fill("#kb-ask textarea", "What is the capital of France?")
    page.keyboard.press("Enter")
    expect(page.locator("#chat .kb-asked")).to_have_text(["What is the capital of France?"])
    expect(page.locator("#chat .bot-row")).to_have_count(1)
    expect(page.locator("#chat .kb-editing")).to_have_count(0)


def test_a_turn_is_taken_back_into_the_box(page):
    ask(page, "What is the pay?")
    ask(page, "How do I start?")
    page.get_by_role("button", name="Take question and answer back").last.click()
    expect(page.locator("#chat .kb-asked")).to_have_text(["What is the pay?"])
    expect(page.locator("#kb-ask textarea")).to_have_value("How do I start?")


def test_how_a_follow_up_was_understood_is_shown_and_can_be_undone(page, served):
    ask(page, "What is the pay?")
    ask(page, "and there ?")
    expect(page.locator("#chat .kb-understood")).to_contain_text("Understood as: and in Germany ?")
    before = len(served.base.asked)
    page.get_by_role("button", name="Ask it exactly as I wrote it").click()
    expect(page.locator("#chat .kb-understood")).to_have_count(0)
    expect(page.locator("#chat .bot-row").last).to_contain_text("does not cover this")
    assert served.base.asked[before:][0][:2] == ("and there ?", ())
    assert questions(page) == ["What is the pay?", "and there ?"]


def test_an_answer_is_copied_with_its_sources_and_as_a_link(page, served, browser):
    ask(page, "What is the pay?")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy the answer with its sources").click()
    expect(page.locator("#kb-status")).to_have_text("Copied")
    text = clipboard(page)
    assert "Ask for a range first. [2]" in text and "<" not in text
    assert "[2] “Ask for a range first.” Salary talks, 2021-02-03, interviews/salary talks.md" in text
    assert (
        "[1] “Germany | 55,000 to 80,000 EUR | 2024” What a data engineer does › Role › Pay, 2024-05, https://example.org/data-engineer"
        in text
    )
    page.get_by_role("button", name="Copy a link that asks this question").click()
    page.wait_for_timeout(200)
    link = clipboard(page)
    assert link == f"{served.url}/?q=What%20is%20the%20pay%3F"
    page.goto(link)
    expect(page.locator("#chat .kb-asked")).to_have_text(["What is the pay?"])
    expect(page.locator("#chat .kb-foot")).to_contain_text("2 quotes from 2 articles")
    before = len(served.base.asked)
    page.reload()
    expect(page.locator("#chat .kb-asked")).to_have_text(["What is the pay?"])
    assert page.url == f"{served.url}/" and len(served.base.asked) == before, "shown again, not asked again"


def test_a_hostile_link_asks_its_question_as_text(page, served):
    page.goto(f"{served.url}/?q=%3Cimg%20src%3Dx%20onerror%3Dwindow.PWNED%3D1%3E%20pay")
    expect(page.locator("#chat .kb-asked")).to_have_text(["<img src=x onerror=window.PWNED=1> pay"])
    page.wait_for_timeout(200)
    assert page.evaluate("window.PWNED") is None


def test_an_answer_is_saved_as_a_receipt_that_can_be_verified(page, served):
    ask(page, "How do I start?")
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save the answer as a JSON receipt").click()
    assert saved.value.suggested_filename == "how-do-i-start.json"
    receipt = json.loads(Path(saved.value.path()).read_text(encoding="utf-8"))
    assert receipt["question"] == "How do I start?" and receipt["generation"] == "gen-1"
    assert [(c["number"], c["quote"]) for c in receipt["citations"]][0] == (1, "Learn SQL well.")
    assert verify(receipt, {article.source: article for article in served.base.articles()}) == []


def test_an_answer_is_judged_with_a_reason_that_stays(page, served):
    ask(page, "What is the pay?")
    page.get_by_role("button", name="Something is wrong").click()
    page.get_by_role("button", name="Outdated").click()
    expect(page.get_by_role("button", name="Something is wrong")).to_have_attribute("aria-pressed", "true")
    page.wait_for_timeout(300)
    note = served.desk.notes[-1]
    assert (note.question, note.verdict) == ("What is the pay?", "outdated")
    assert note.sources == ("data/data-engineer.md", "interviews/salary talks.md")
    page.reload()
    expect(page.get_by_role("button", name="Something is wrong")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="This helped").click()
    expect(page.get_by_role("button", name="This helped")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("button", name="Something is wrong")).to_have_attribute("aria-pressed", "false")


@pytest.mark.alters
def test_the_search_is_narrowed_without_a_dropdown(page, served):
    page.get_by_role("button", name="Narrow the search").click()
    page.get_by_label("data", exact=True).check()
    page.get_by_label("Europe").check()
    page.get_by_label("in the last 5 years").check()
    ask(page, "What is the pay?")
    filters = served.base.asked[-1][2]
    assert (filters.topics, filters.region) == (("data",), "Europe") and re.fullmatch(r"\d{4}-\d{2}", filters.newer_than)
    expect(page.locator("#chat .kb-note")).to_contain_text("Searched only: data · Europe · since")
    assert page.locator("select, [role=listbox], [role=combobox]").count() == 0


def test_conversations_are_kept_listed_renamed_opened_exported_and_deleted(page, served):
    ask(page, "What is the pay?")
    page.get_by_role("button", name="New conversation").first.click()
    expect(page.locator("#chat .kb-asked")).to_have_count(0)
    ask(page, "How do I start?")
    page.reload()
    expect(page.locator("#chat .kb-asked")).to_have_text(["How do I start?"])
    page.get_by_role("button", name="Conversations").click()
    expect(page.get_by_role("heading", name="Conversations")).to_be_focused()
    names = page.locator("#kb-history button.kb-chat-name")
    expect(names).to_have_text(["How do I start?", "What is the pay?"])
    page.locator("#kb-history li").nth(1).get_by_role("button", name="Rename").click()
    page.get_by_label("Name of the conversation").fill("Pay <b>bold</b>")
    page.keyboard.press("Enter")
    expect(names).to_have_text(["How do I start?", "Pay <b>bold</b>"])
    with page.expect_download() as saved:
        page.locator("#kb-history li").nth(1).get_by_role("button", name="Save as Markdown").click()
    text = Path(saved.value.path()).read_text(encoding="utf-8")
    assert text.startswith("# Pay <b>bold</b>\n\n## What is the pay?\n\n| Region | Range | Year |") and "- [2] “Ask for" in text
    with page.expect_download() as saved:
        page.locator("#kb-history li").nth(1).get_by_role("button", name="Save as JSON").click()
    kept = json.loads(Path(saved.value.path()).read_text(encoding="utf-8"))
    assert verify(kept["turns"][0]["receipt"], {article.source: article for article in served.base.articles()}) == []
    assert kept["title"] == "Pay <b>bold</b>" and kept["turns"][0]["receipt"]["citations"][1]["quote"] == "Ask for a range first."
    names.nth(1).click()
    expect(page.locator("#chat .kb-asked")).to_have_text(["What is the pay?"])
    page.click("#chat a.kb-cite >> nth=1")
    expect(page.locator("#kb-panel .kb-title")).to_have_text("Salary talks")
    expect(page.locator("#kb-panel mark")).to_have_text("Ask for a range first.")
    page.get_by_role("button", name="Conversations").click()
    remove = page.locator("#kb-history li").nth(1).get_by_role("button", name="Delete")
    remove.click()
    page.get_by_role("button", name="Really delete?").click()
    expect(names).to_have_text(["How do I start?"])
    expect(page.locator("#chat .kb-asked")).to_have_count(0)


def test_a_conversation_that_is_left_while_its_answer_comes_stays_left(page, served):
    served.base.delay = 0.3
    try:
        page.fill("#kb-ask textarea", "How do I start?")
        page.keyboard.press("Enter")
        page.locator("#chat .kb-answer").wait_for()
        page.get_by_role("button", name="New conversation").first.click()
        page.locator("#chat .example").first.wait_for()
        page.wait_for_timeout(1500)
    finally:
        served.base.delay = 0.01
    expect(page.locator("#chat .kb-asked")).to_have_count(0)
    expect(page.locator("#kb-panel .kb-title")).to_have_text("Where answers come from")
    ask(page, "What is the pay?")
    assert questions(page) == ["What is the pay?"]


LEAVE_AND_ASK = """async ([wait, question]) => {
    const press = (key) => box.dispatchEvent(new KeyboardEvent(key, {key: 'Enter', bubbles: true, cancelable: true}));
    document.querySelector('[data-kb=new]').click();
    await new Promise((done) => setTimeout(done, wait));
    const box = document.querySelector('#kb-ask textarea');
    box.value = question;
    box.dispatchEvent(new Event('input', {bubbles: true}));
    await new Promise((done) => setTimeout(done, 0));
    press('keydown'), press('keypress');
}"""


@pytest.mark.parametrize("milliseconds", [0, 40])
def test_a_question_asked_right_after_leaving_an_answer_under_way_carries_nothing_of_it(page, served, milliseconds):
    served.base.delay = 0.1
    try:
        page.fill("#kb-ask textarea", "How do I start?")
        page.keyboard.press("Enter")
        page.locator("#chat .kb-answer").wait_for()
        page.evaluate(LEAVE_AND_ASK, [milliseconds, "and the pay there ?"])
        expect(page.locator("#chat .kb-asked")).to_have_text(["and the pay there ?"])
        page.wait_for_function(WHOLE)
        page.wait_for_timeout(400)
    finally:
        served.base.delay = 0.01
    assert questions(page) == ["and the pay there ?"] and served.base.asked[-1][:2] == ("and the pay there ?", ())
    kept = page.evaluate("JSON.parse(localStorage.getItem('career-kb')).map((c) => c.turns.map((turn) => turn.question))")
    assert kept == [["and the pay there ?"]]
    expect(page.locator("#kb-ask textarea")).to_have_value("")


def test_while_an_answer_comes_no_other_is_asked_again(page, served):
    ask(page, "What is the pay?")
    before = len(served.base.asked)
    served.base.delay = 0.2
    try:
        page.fill("#kb-ask textarea", "How do I start?")
        page.keyboard.press("Enter")
        expect(page.locator("#chat .kb-asked")).to_have_count(2)
        page.get_by_role("button", name="Ask again").first.click()
        page.wait_for_function(WHOLE)
    finally:
        served.base.delay = 0.01
    assert [question for question, _, _ in served.base.asked[before:]] == ["How do I start?"]
    assert questions(page) == ["What is the pay?", "How do I start?"]


def test_a_page_loaded_anew_while_an_answer_comes_has_the_question_back_in_the_box(page, served):
    ask(page, "What is the pay?")
    served.base.delay = 0.3
    try:
        page.fill("#kb-ask textarea", "How do I start?")
        page.keyboard.press("Enter")
        page.locator("#chat .bot-row").nth(1).wait_for()
        page.reload()
        expect(page.locator("#kb-lost")).to_contain_text("not answered before the page was loaded anew")
    finally:
        served.base.delay = 0.01
    expect(page.locator("#kb-ask textarea")).to_have_value("How do I start?")
    expect(page.locator("#chat .kb-asked")).to_have_text(["What is the pay?"])


@pytest.mark.alters
def test_what_the_browser_kept_is_not_trusted(page, served):
    ask(page, "What is the pay?")
    page.evaluate(
        """() => { const kept = JSON.parse(localStorage.getItem('career-kb'));
        kept[0].title = '<img src=x onerror=window.PWNED=1>';
        kept[0].turns[0].messages = [{role: 'user', content: '<img src=x onerror=window.PWNED=2><iframe srcdoc=x></iframe>hi'},
          {role: 'assistant', content: {component: 'html', value: '<img src=x onerror=window.PWNED=4>'}},
          {role: 'assistant', content: [{type: 'text', text: '<a href="javascript:window.PWNED=5" class=kb-cite>x</a>'}]}];
        localStorage.setItem('career-kb', JSON.stringify(kept)); }"""
    )
    page.reload()
    expect(page.locator("#chat .user-row")).to_contain_text("hi")
    page.get_by_role("button", name="Conversations").click()
    page.wait_for_timeout(300)
    assert page.evaluate("window.PWNED") is None
    assert page.locator("#chat a[href^='javascript']").count() == 0


@pytest.mark.alters
def test_the_colours_are_changed_and_stay_changed(page):
    page.get_by_role("button", name="Dark colours").click()
    expect(page.locator("body")).to_have_class(re.compile("dark"))
    page.reload()
    page.wait_for_selector("#kb-ask textarea")
    expect(page.locator("body")).to_have_class(re.compile("dark"))
    expect(page.get_by_role("button", name="Light colours")).to_be_visible()
