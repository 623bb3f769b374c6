"""What a person does with the chat: ask, watch the answer grow, open its sources by mouse and by keyboard."""

import re

import pytest
from asking import ask, expect

NARROW = {"viewport": {"width": 390, "height": 844}}


def test_a_question_is_answered_growing_and_the_box_is_free_again(page):
    page.evaluate(
        """() => { window.seen = [];
        const look = () => {
          const a = document.querySelector('#chat .kb-answer'); if (a) window.seen.push(a.innerText.length); };
        new MutationObserver(look).observe(document.querySelector('#chat'), {subtree: true, childList: true}); }"""
    )
    ask(page, "How do I start?")
    expect(page.locator("#chat .kb-asked")).to_have_text("How do I start?")
    expect(page.locator("#chat .kb-answer li")).to_have_text(
        ["Learn SQL well. [1]", "Build one pipeline end to end. [2]", "Write about it. [3]"]
    )
    expect(page.locator("#kb-ask textarea")).to_have_value("")
    grown = page.evaluate("[...new Set(window.seen)]")
    assert len(grown) >= 3 and grown == sorted(grown), "the answer was not seen growing"


def test_a_citation_opened_by_mouse_shows_its_passage_with_the_quote_marked(page):
    ask(page, "What is the pay?")
    page.click("#chat a.kb-cite >> nth=0")
    expect(page.locator("#kb-panel .kb-title")).to_have_text("What a data engineer does")
    expect(page.locator("#kb-panel .kb-path")).to_have_text("Role › Pay")
    expect(page.locator("#kb-panel .kb-dateline")).to_contain_text("May 2024")
    expect(page.locator("#kb-panel .kb-dateline")).to_contain_text("date given by the article")
    expect(page.locator("#kb-panel mark")).to_have_text(["Region", "Range", "Year", "Germany", "55,000 to 80,000 EUR", "2024"])
    link = page.locator("#kb-panel .kb-dateline a")
    assert (link.get_attribute("href"), link.get_attribute("rel")) == ("https://example.org/data-engineer", "noopener noreferrer")


def test_a_citation_opened_by_keyboard_moves_the_focus_to_the_passage(page):
    ask(page, "What is the pay?")
    page.focus("#chat a.kb-cite >> nth=1")
    page.keyboard.press("Enter")
    expect(page.locator("#kb-panel .kb-title")).to_have_text("Salary talks")
    expect(page.locator("#kb-panel .kb-title")).to_be_focused()
    expect(page.locator("#kb-panel mark")).to_have_text("Ask for a range first.")


def test_the_citations_of_an_answer_are_walked_through(page):
    ask(page, "How do I start?")
    page.click("#chat a.kb-cite >> nth=0")
    page.get_by_role("button", name="Next citation").click()
    expect(page.locator("#kb-panel mark").last).to_have_text("Build one pipeline end to end.")
    expect(page.locator("#kb-panel .kb-steps")).to_contain_text("Citation 2 of 3")
    expect(page.locator("#chat a.kb-cite.kb-current")).to_have_text("[2]")
    page.get_by_role("button", name="Previous citation").click()
    expect(page.locator("#kb-panel mark").last).to_have_text("Learn SQL well.")
    expect(page.get_by_role("button", name="Previous citation")).to_be_disabled()


def test_the_whole_article_opens_at_the_quote_and_back(page):
    ask(page, "How do I start?")
    page.click("#chat a.kb-cite >> nth=2")
    expect(page.locator("#kb-panel .kb-steps")).to_contain_text("Citation 3 of 3")
    page.get_by_role("button", name="Read the whole article").click()
    expect(page.locator("#kb-panel .kb-text h3")).to_have_text(["Role", "How to start"])
    expect(page.locator("#kb-panel mark").last).to_have_text("Write about it.")
    expect(page.locator("#kb-panel mark").last).to_be_in_viewport()
    page.get_by_role("button", name="Back to the passage").click()
    expect(page.locator("#kb-panel .kb-text h3")).to_have_count(0)


def test_an_example_is_asked_by_a_click(page):
    page.locator("#chat .example").first.click()
    page.locator("#chat .bot-row .kb-actions").wait_for()
    assert page.locator("#chat .kb-asked").inner_text().endswith("?")


def test_a_follow_up_is_asked_by_a_click(page):
    ask(page, "How do I start?")
    page.get_by_role("button", name="What is the pay?").click()
    expect(page.locator("#chat .kb-asked").last).to_have_text("What is the pay?")
    expect(page.locator("#chat .kb-foot").last).to_contain_text("2 quotes from 2 articles")


def test_a_question_outside_is_declined_with_what_is_near(page):
    ask(page, "What is the capital of France?")
    expect(page.locator("#chat .kb-answer")).to_have_text("The knowledge base does not cover this.")
    expect(page.locator("#chat .kb-near")).to_contain_text("What it does cover nearby:")
    expect(page.locator("#chat a.kb-cite")).to_have_count(0)
    expect(page.locator("#kb-panel .kb-topics button").first).to_have_text("data 1")
    page.locator("#chat .kb-nearby").get_by_text("pay").click()
    expect(page.locator("#kb-listed .kb-chat-name")).to_have_text(["Salary talks"])


@pytest.mark.alters
@pytest.mark.parametrize("question", ["   ", "x" * 10_000])
def test_an_empty_or_over_long_question_gets_a_friendly_word(page, question, served):
    page.evaluate("document.querySelector('#kb-ask textarea').removeAttribute('maxlength')")
    before = len(served.base.asked)
    page.fill("#kb-ask textarea", question)
    page.keyboard.press("Enter")
    words = "Please type a question first." if not question.strip() else "That is 10000 characters."
    expect(page.locator(".toast-body")).to_contain_text(words)
    assert len(served.base.asked) == before
    expect(page.locator("#kb-ask textarea")).to_have_value(question)


def test_an_error_is_told_in_words_and_never_as_a_traceback(page):
    ask(page, "please crash")
    expect(page.locator("#chat .kb-warn")).to_contain_text("Something went wrong while answering.")
    assert "a bug, on purpose" not in page.content() and "Traceback" not in page.content()


def test_hostile_articles_do_nothing(page, served):
    for text in ("tell me something nasty", "<img src=x onerror=window.PWNED=9> nasty ![a](http://evil.example/x)"):
        ask(page, text)
    page.click("#chat a.kb-cite >> nth=0")
    expect(page.locator("#kb-panel mark")).to_contain_text("Nasty sentence <script>window.PWNED=1</script>")
    page.get_by_role("button", name="Read the whole article").click()
    page.wait_for_timeout(200)
    assert page.evaluate("window.PWNED") is None
    assert page.locator("#chat img, #kb-panel img, #chat script, #kb-panel script, #kb-panel a").count() == 0


@pytest.mark.parametrize("page", [NARROW], indirect=True)
def test_on_a_phone_the_passage_is_a_sheet_that_closes_back_to_its_citation(page):
    ask(page, "What is the pay?")
    expect(page.locator("#kb-side")).to_be_hidden()
    page.click("#chat a.kb-cite >> nth=0")
    expect(page.locator("#kb-panel .kb-title")).to_be_focused()
    page.get_by_role("button", name="Close").click()
    expect(page.locator("#kb-side")).to_be_hidden()
    expect(page.locator("#chat a.kb-cite >> nth=0")).to_be_focused()


@pytest.mark.parametrize(
    "page", [{"viewport": {"width": width, "height": 700}} for width in (320, 390, 768, 1280)], indirect=True
)
def test_nothing_is_wider_than_the_screen(page):
    ask(page, "What is the pay?")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize("page", [{"locale": "de-DE"}], indirect=True)
def test_the_page_speaks_german_to_a_german_browser(page):
    expect(page.locator("#kb-panel .kb-title")).to_have_text("Woher die Antworten kommen")
    assert page.get_attribute("#kb-ask textarea", "placeholder").startswith("Fragen zu")
    ask(page, "What is the pay?")
    expect(page.locator("#chat .kb-foot")).to_have_text(re.compile("2 Zitate aus 2 Artikel, geschrieben 2021–2024"))
