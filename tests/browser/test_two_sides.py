"""Answers that set things side by side, over a real index: a comparison by its subjects, and articles that say the opposite."""

import pytest
from asking import ask, expect
from world import BagOfWords

from kb.base import KnowledgeBase
from kb.build import build_index

NEVER = "# Talking about pay\n\nNever name a salary number before you have an offer.\n"
ALWAYS = "# Pay talks\n\nAlways name a salary number first, before you have an offer.\n"


@pytest.fixture
def opened(browser, serve, articles, tmp_path):
    (articles / "never.md").write_text(NEVER, encoding="utf-8")
    (articles / "always.md").write_text(ALWAYS, encoding="utf-8")
    build_index([articles], tmp_path / "index", encoder=BagOfWords())
    with KnowledgeBase.open(tmp_path / "index", encoder=BagOfWords()) as base:
        served = serve(base)
        context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
        page = context.new_page()
        page.goto(served.url)
        page.wait_for_function("window.kb !== undefined")
        yield page
        context.close()
        served.close()


def test_a_comparison_sets_its_subjects_apart_and_contradicting_articles_are_both_shown(opened):
    ask(opened, "baker vs nurse")
    expect(opened.locator("#chat .kb-side-of")).to_have_text(["Baker", "Nurse"])
    expect(opened.locator("#chat .kb-answer")).to_contain_text("28,000 EUR a year in Bavaria")
    opened.locator("#chat a.kb-cite").last.click()
    expect(opened.locator("#kb-panel .kb-title")).to_have_text("Nurse")

    opened.get_by_role("button", name="New conversation").first.click()
    expect(opened.locator("#chat .kb-asked")).to_have_count(0)
    ask(opened, "Should I name a salary number before I have an offer?")
    answer = opened.locator("#chat .kb-answer")
    expect(answer).to_contain_text("Never name a salary number")
    expect(answer).to_contain_text("Always name a salary number first")
    expect(answer).to_contain_text("These differ:")
    seen = set()
    for at in (0, 1):
        opened.locator("#chat a.kb-cite").nth(at).click()
        expect(opened.locator("#kb-panel .kb-steps")).to_contain_text(f"Citation {at + 1} of 2")
        seen.add(opened.locator("#kb-panel .kb-title").inner_text())
    assert seen == {"Talking about pay", "Pay talks"}
