"""The map: every article a point, the question and what its answer cites on it, readable in both colours."""

import pytest

expect = pytest.importorskip("playwright.sync_api").expect


@pytest.mark.parametrize("page", [{}, {"color_scheme": "dark"}], indirect=True)
def test_the_articles_the_question_and_its_citations_are_on_the_map(page, served):
    page.fill("#kb-ask textarea", "What is the pay?")
    page.keyboard.press("Enter")
    page.locator("#chat .bot-row .kb-actions").wait_for()
    page.get_by_role("tab", name="Map").click()
    marks = page.locator("#kb-map .role-mark path")
    expect(marks).to_have_count(len(served.base.articles()) + 1)
    labels = [mark.get_attribute("aria-label") for mark in marks.all()]
    assert sum("cited in the answer" in label for label in labels) == 2 and sum("your question" in label for label in labels) == 1
    expect(page.locator(".kb-legend li")).to_contain_text(["cited in the answer", "your question"])
    expect(page.locator("#kb-near")).to_contain_text("Closest to “What is the pay?” in meaning")
    frame, left = page.locator("#kb-map"), min(mark.bounding_box()["x"] for mark in marks.all())
    assert left - frame.bounding_box()["x"] < 90, "no margin is kept for labels that are not there"
    page.locator("#kb-near .kb-chat-name").first.click()
    expect(page.locator("#kb-reader .kb-title")).to_have_text("Salary talks")


def test_a_point_tells_what_it_is_and_opens_its_article(page, served):
    page.get_by_role("tab", name="Map").click()
    point = page.locator("#kb-map .role-mark path").first
    point.wait_for()
    point.hover()
    tip = page.locator("#vg-tooltip-element")
    expect(tip.locator("h2")).not_to_be_empty()
    title = tip.locator("h2").inner_text()
    assert not any(cell.is_visible() for cell in tip.locator(".key").all()), "a column's name says nothing to a reader"
    assert not tip.locator("tr").first.is_visible(), "nor does a point's place"
    point.click()
    expect(page.locator("#kb-reader .kb-title")).to_have_text(title)


def test_coverage_ages_and_what_was_asked_in_vain_are_shown(page, served):
    page.fill("#kb-ask textarea", "Who won the horse race <b>yesterday</b>?")
    page.keyboard.press("Enter")
    page.locator("#chat .bot-row .kb-actions").wait_for()
    page.get_by_role("tab", name="Map").click()
    expect(page.locator("#kb-coverage .role-mark path").first).to_be_visible()
    expect(page.locator("#kb-years")).to_contain_text("2021")
    asked = page.locator("#kb-vain").get_by_role("button", name="Who won the horse race <b>yesterday</b>?")
    asked.click()
    expect(page.locator("#kb-ask textarea")).to_have_value("Who won the horse race <b>yesterday</b>?")
    expect(page.locator("#kb-ask textarea")).to_be_focused()


def test_a_topic_of_the_first_page_leads_to_its_articles(page):
    page.locator("#kb-panel").get_by_role("button", name="interviews").click()
    expect(page.locator("#kb-listed .kb-articles > li > .kb-chat-name")).to_have_text(["Salary talks"])
