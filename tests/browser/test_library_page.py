"""The library: the list, an article, and what its owner changes while another person goes on asking. A real index."""

import pytest
from asking import ask, expect

WELDER = (
    "# What a welder earns\n\nA welder in Norway earns 480,000 kroner a year, as of 2025. <img src=x onerror=window.PWNED=1>\n"
)


@pytest.fixture
def library(browser, line):
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
    page = context.new_page()
    page.set_default_timeout(15_000)
    page.goto(line.url)
    page.wait_for_function("window.kb !== undefined")
    page.get_by_role("tab", name="Library").click()
    page.locator("#kb-listed .kb-articles").wait_for()
    yield page
    assert page.evaluate("window.PWNED") is None
    context.close()


def titles(page):
    return page.locator("#kb-listed .kb-articles > li > .kb-chat-name").all_inner_texts()


def drop(page, *files):
    if not page.locator("#kb-files").is_visible():
        page.get_by_role("button", name="Add, remove, rebuild").click()
    page.locator("#kb-files input[type=file]").set_input_files(
        [{"name": n, "mimeType": "text/markdown", "buffer": b} for n, b in files]
    )


def told(page, question):
    page.get_by_role("tab", name="Ask").click()
    ask(page, question)
    return page.locator("#chat .bot-row").last


def test_the_articles_are_listed_found_and_opened(library):
    assert titles(library) == ["Talking about salary", "What a data engineer does"]
    expect(library.locator("#kb-listed .kb-articles > li").nth(1)).to_contain_text("1 May 2024")
    expect(library.locator("#kb-listed .kb-articles > li").nth(1)).to_contain_text("3 passages")
    library.get_by_label("Find an article").fill("salary")
    expect(library.locator("#kb-listed .kb-chat-name")).to_have_text(["Talking about salary"])
    library.get_by_role("button", name="Talking about salary").press("Enter")
    expect(library.locator("#kb-reader .kb-title")).to_have_text("Talking about salary")
    expect(library.locator("#kb-reader .kb-title")).to_be_focused()
    expect(library.locator("#kb-reader")).to_contain_text("Never name a number before there is an offer.")


def test_an_article_is_added_asked_about_by_somebody_else_and_removed(library, line, browser):
    other = browser.new_context(locale="en-GB").new_page()
    other.goto(line.url)
    other.wait_for_function("window.kb !== undefined")
    expect(told(other, "What does a welder in Norway earn?")).not_to_contain_text("480,000")

    drop(library, ("../Welder <b>.MD", WELDER.encode()), ("empty.md", b""), ("tool.md", bytes(range(256)) * 8))
    expect(library.locator("#kb-planned")).to_contain_text("1 new, 2 that cannot be read")
    expect(library.locator("#kb-planned li").first).to_contain_text("Welder b.md")
    assert not (line.folder / "articles-added").exists(), "nothing is written before the plan is applied"
    library.get_by_role("button", name="Add what is new and changed").click()
    expect(told(other, "Should I name a number first?")).to_contain_text("Never name a number before there is an offer.")
    expect(library.locator("#kb-job")).to_contain_text("1 new, 0 changed", timeout=60_000)
    assert titles(library) == ["Talking about salary", "What a data engineer does", "What a welder earns"]
    assert [p.name for p in (line.folder / "articles-added").iterdir()] == ["Welder b.md"]
    expect(told(other, "What does a welder in Norway earn?")).to_contain_text("480,000 kroner")

    library.get_by_role("button", name="Remove", exact=True).click()
    library.get_by_role("button", name="Really remove?").click()
    expect(library.locator("#kb-job")).to_contain_text("1 gone", timeout=60_000)
    assert titles(library) == ["Talking about salary", "What a data engineer does"]
    assert list((line.folder / "articles-added").iterdir()) == []
    other.context.close()


def test_what_is_there_already_is_said_and_a_discarded_plan_changes_nothing(library, line):
    drop(library, ("copy.md", (line.folder / "articles" / "salary talks.md").read_bytes()))
    expect(library.locator("#kb-planned")).to_contain_text("the text of salary talks.md")
    expect(library.locator("#kb-planned [role=status]")).to_contain_text("There is nothing new to add.")
    expect(library.get_by_role("button", name="Add what is new and changed")).to_have_count(0)
    library.get_by_role("button", name="Discard").click()
    expect(library.locator("#kb-planned .kb-plan")).to_have_count(0)
    expect(library.get_by_role("button", name="Discard")).to_have_count(0)


def test_the_folders_are_read_again(library, line):
    (line.folder / "articles" / "late.md").write_text(
        "# Late\n\nA late riser can still become a night nurse.\n", encoding="utf-8"
    )
    library.get_by_role("button", name="Add, remove, rebuild").click()
    library.get_by_role("button", name="Read all folders again").click()
    expect(library.get_by_role("button", name="Late", exact=True)).to_be_visible(timeout=60_000)
    (line.folder / "articles" / "late.md").unlink()
    library.get_by_role("button", name="Read all folders again").click()
    expect(library.get_by_role("button", name="Late")).to_have_count(0, timeout=60_000)
