"""Ways of adding articles beside choosing files: a folder, dropped files, a web address; and that strangers have none of them."""

import pytest
from test_web_library import DONE, Script
from web_fake import TALKS, FakeBase

from kb.settings import Settings
from kb.web.builder import Builder
from kb.web.library import Workshop
from kb.web.shelf import Shelf

expect = pytest.importorskip("playwright.sync_api").expect

DROP = """text => { const data = new DataTransfer();
  data.items.add(new File([text], 'dropped.md', {type: 'text/markdown'}));
  return data; }"""


@pytest.fixture(scope="module")
def owned(tmp_path_factory, serve):
    """A library whose builds are scripted: the server, and what its builder was asked."""
    folder = tmp_path_factory.mktemp("owned")
    script = Script({"stage": "reading", "done": 0, "total": 1}, DONE)
    builder = Builder(folder / "index", Settings(), allow_url=True, lines=script)
    served = serve(FakeBase(), workshop=Workshop(Shelf(folder / "shelf"), builder))
    yield served, script, folder
    served.close()


@pytest.fixture
def library(owned, browser):
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
    page = context.new_page()
    page.set_default_timeout(10_000)
    page.goto(owned[0].url)
    page.wait_for_function("window.kb !== undefined")
    page.get_by_role("tab", name="Library").click()
    page.get_by_role("button", name="Add, remove, rebuild").click()
    yield page
    context.close()


def test_a_folder_is_planned_file_by_file_and_a_dropped_file_too(library, owned):
    folder = owned[2] / "mine"
    (folder / "deep").mkdir(parents=True)
    (folder / "welder.md").write_text("# Welder\n\nA welder joins metal.\n", encoding="utf-8")
    (folder / "deep" / "miller.md").write_text("# Miller\n\nA miller grinds corn.\n", encoding="utf-8")
    with library.expect_file_chooser() as chooser:
        library.get_by_role("button", name="Choose a whole folder").click()
    chooser.value.set_files(str(folder))
    expect(library.locator("#kb-planned")).to_contain_text("2 new")
    assert sorted(library.locator("#kb-planned li b").all_inner_texts()) == ["miller.md", "welder.md"]
    data = library.evaluate_handle(DROP, "# Tanner\n\nA tanner makes leather.\n")
    zone = library.locator("#kb-files button[aria-dropeffect]")
    for event in ("dragenter", "dragover", "drop"):
        zone.dispatch_event(event, {"dataTransfer": data})
    expect(library.locator("#kb-planned")).to_contain_text("3 new")
    expect(library.locator("#kb-planned")).to_contain_text("dropped.md")


def test_an_address_is_planned_and_then_built_from(library, owned, monkeypatch):
    monkeypatch.setattr("kb.readers.web.read_url", lambda url: TALKS)
    library.get_by_label("Web address of an article").fill("https://example.org/talks")
    library.get_by_role("button", name="Fetch it").click()
    expect(library.locator("#kb-planned")).to_contain_text("Salary talks")
    assert owned[1].asked == [], "nothing is built before the plan is applied"
    library.get_by_role("button", name="Discard").click()
    expect(library.locator("#kb-planned .kb-plan")).to_have_count(0)


def test_who_is_not_the_owner_reads_and_finds_but_has_nothing_to_change_with(owned, browser):
    context = browser.new_context(locale="en-GB", extra_http_headers={"x-forwarded-for": "192.0.2.7"})
    page = context.new_page()
    page.goto(owned[0].url)
    page.wait_for_function("window.kb !== undefined")
    page.get_by_role("tab", name="Library").click()
    expect(page.locator("#kb-listed .kb-articles > li")).to_have_count(4)
    expect(page.get_by_role("button", name="Add, remove, rebuild")).to_be_hidden()
    assert page.locator("#kb-files:visible, #kb-apply:visible, [data-kb=remove]:visible").count() == 0
    context.close()
