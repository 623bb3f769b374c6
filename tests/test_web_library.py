import json
import os
import threading
import time
from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import pytest
from test_web_panel import harmless
from web_fake import HOSTILE, NASTY, TALKS, FakeBase, make_article

from kb.build import build_index
from kb.errors import IndexBusy
from kb.settings import Settings
from kb.web import library
from kb.web.builder import Builder, Job, in_a_process
from kb.web.desk import Desk
from kb.web.door import Door
from kb.web.library import Library, Workshop
from kb.web.listing import MOST_ROWS, Row, article_html, found, job_html, list_html, plan_html
from kb.web.shelf import Planned, Shelf

TODAY = date(2026, 11, 22)
ROWS = [Row(TALKS, 3, "2026-11-01", True), Row(NASTY, 1)]


def request(*headers, signed_in=False, language="en"):
    """A gradio request as far as the library looks at one."""
    scope = {"headers": [(name.encode(), b"x") for name in headers], **({"kb_signed_in": True} if signed_in else {})}
    return SimpleNamespace(headers={"accept-language": language}, request=SimpleNamespace(scope=scope))


# ---------------------------------------------------------------- what is shown


def test_the_list_tells_date_origin_age_passages_and_last_change():
    shown = list_html(ROWS, today=TODAY, owner=True)
    assert (
        "2 articles" in shown
        and "3 February 2021 · 5 years old · date found in the text · 3 passages · changed 1 November 2026" in shown
    )
    seen = harmless(shown)
    assert [a["data-source"] for tag, a in seen.tags if a.get("data-kb") == "remove"] == [TALKS.source]
    assert 'data-kb="remove"' not in list_html(ROWS, today=TODAY, owner=False)


def test_an_article_is_found_by_the_words_of_its_title_topic_role_region_or_place():
    rows = [Row(replace(TALKS, roles=("ML engineer",), region="Kent"), 1), Row(NASTY, 1)]
    for words in ("salary", "TALKS  salary", "interviews", "ml engineer kent", "salary talks.md", "2021-02"):
        assert found(rows, words) == rows[:1], words
    assert found(rows, "") == rows and found(rows, "salary zymurgy") == []


def test_a_word_that_no_title_holds_finds_what_is_close_in_meaning(tab):
    shown = tab.search("how to haggle", request())
    assert "No title or topic holds these words. The closest in meaning:" in shown
    assert shown.index("Salary talks") < shown.index("What a data engineer does") and shown.count('data-kb="read"') == 2
    assert tab.search("nothing at all", request()).count('data-kb="read"') == 0
    assert tab.search({"no": "text"}, request()).count('data-kb="read"') == 4


def test_a_long_list_says_how_many_are_left_out():
    rows = [Row(make_article(f"{n}.md", f"Article {n}", []), 1) for n in range(MOST_ROWS + 7)]
    shown = list_html(rows, today=TODAY)
    assert shown.count('data-kb="read"') == MOST_ROWS and "and 7 more" in shown


def test_hostile_articles_names_and_reasons_do_nothing_in_the_library():
    harmless(article_html(NASTY, today=TODAY))
    planned = [Planned(HOSTILE, None, fate, HOSTILE, 3, HOSTILE) for fate in ("new", "changed", "same", "twin", "refused")]
    seen = harmless(plan_html(planned, 5))
    assert "1 new, 1 changed, 1 there already, 1 with a text that is there already, 1 that cannot be read" in seen.text
    assert HOSTILE in seen.text and f"the text of {HOSTILE}" in seen.text
    nothing, same = "There is nothing new to add.", [each for each in planned if each.fate == "same"]
    assert nothing not in seen.text and nothing in plan_html(same, 1) and nothing not in plan_html(same, 2)
    harmless(job_html(Job(False, error=HOSTILE)))
    harmless(job_html(Job(True, HOSTILE, 1, 2)))
    harmless(job_html(Job(False, report={"plan": {"new": HOSTILE}, "added": [HOSTILE], "errors": [[HOSTILE, HOSTILE]]})))


def test_what_a_job_brought_can_be_read_at_once():
    told = job_html(Job(False, report={"plan": {"new": 1}, "added": ["jobs/farrier.md"]}))
    assert 'data-kb="read" data-source="jobs/farrier.md">jobs/farrier.md</button>' in told
    assert "data-kb" not in job_html(Job(False, report={"plan": {"new": 0}}))


def test_a_job_is_told_in_words():
    assert job_html(None) == "" and plan_html([], 0) == ""
    assert "Learning what passages mean: 3 / 9" in job_html(Job(True, "embedding", 3, 9))
    report = {
        "plan": {"new": 2, "changed": 1, "renamed": 0, "gone": 4},
        "articles": 9,
        "passages": 50,
        "seconds": 1.5,
        "errors": [],
    }
    assert "Done in 1.5 s: 2 new, 1 changed, 0 renamed, 4 gone. The base now holds 9 articles in 50 passages." in job_html(
        Job(False, report=report)
    )
    assert "Nichts wurde geändert: kein Platz" in job_html(Job(False, error="kein Platz"), "de")


# ---------------------------------------------------------------- who is the owner


@pytest.mark.parametrize("header", ["forwarded", "x-forwarded-for", "x-forwarded-host", "via"])
def test_on_the_own_machine_everyone_is_the_owner_but_nobody_behind_a_proxy(header):
    assert Door().is_owner({"headers": []}) and not Door().is_owner({"headers": [(header.encode(), b"10.0.0.1")]})


def test_elsewhere_only_who_signed_in_is_the_owner():
    for door in (Door(host="0.0.0.0", password="x"), Door(trusted_proxy=True), Door(hosts=("kb.example",)), Door(password="x")):
        assert not door.is_owner({"headers": []}) and door.is_owner({"headers": [], "kb_signed_in": True})


# ---------------------------------------------------------------- changing


class Script:
    """Stands in for the process that builds: says what it is told to, and remembers what it was asked."""

    def __init__(self, *said, wait=None):
        self.said, self.wait, self.asked = said, wait, []

    def __call__(self, asked):
        self.asked.append(asked)
        yield from self.said
        if self.wait:
            self.wait.wait(5)


DONE = {"report": {"plan": {"new": 1}, "errors": [], "articles": 5, "passages": 9, "seconds": 0.1}}


@pytest.fixture
def tab(tmp_path, monkeypatch):
    monkeypatch.setattr(library, "get_upload_folder", lambda: str(tmp_path / "up"))
    monkeypatch.setattr(library, "WATCH_SECONDS", 0.01)
    (tmp_path / "up").mkdir()
    script = Script({"stage": "reading", "done": 0, "total": 1}, DONE)
    base = FakeBase()
    made = Library(Desk(base), Door(), Workshop(Shelf(tmp_path / "shelf"), Builder(tmp_path / "index", Settings(), lines=script)))
    made.script, made.base = script, base
    return made


def upload(tab, name, text):
    path = tab.workshop.shelf.folder.parent / "up" / name
    path.write_text(text)
    return {"path": str(path), "orig_name": name}


def test_what_is_uploaded_is_planned_first_then_kept_and_built(tab):
    sent = [upload(tab, "pay.md", "# Pay\n\nA baker earns 28,000 EUR."), upload(tab, "x.exe", "MZ")]
    *_, plan = tab.plan(sent, None, None, request())
    assert "1 new, 1 that cannot be read" in plan and not tab.workshop.shelf.folder.exists()
    *_, last = tab.apply(sent, None, "", "", request())
    assert (tab.workshop.shelf.folder / "pay.md").read_text().startswith("# Pay")
    assert tab.script.asked[0]["sources"] == [str(tab.workshop.shelf.folder)]
    assert "Done in 0.1 s" in last[0] and last[1:4] == ("", None, "") and "4 articles" in last[4]


def test_nothing_new_builds_nothing(tab):
    *_, last = tab.apply([], None, "", "", request())
    assert "There is nothing new to add." in last[0] and tab.script.asked == []


def test_nobody_but_the_owner_changes_anything(tab, monkeypatch):
    monkeypatch.setattr("kb.readers.web.read_url", lambda url: pytest.fail("fetched"))
    tab.workshop = replace(tab.workshop, builder=replace(tab.workshop.builder, allow_url=True))
    sent = [upload(tab, "pay.md", "# Pay\n\nA baker earns 28,000 EUR.")]
    stranger = request("x-forwarded-for")
    event = SimpleNamespace(_data={"source": "pay.md"})
    assert "Only the owner" in list(tab.plan(sent, None, "https://example.org", stranger))[0]
    for values in (
        tab.apply(sent, None, "https://example.org", "", stranger),
        tab.rebuild("", stranger),
        tab.remove("", event, stranger),
    ):
        [only] = values
        assert "Only the owner" in only[0]
    assert tab.script.asked == [] and not tab.workshop.shelf.folder.exists()
    shown = tab.arrive(stranger)
    assert shown[2]["visible"] is False and shown[3] == "" and tab.arrive(request())[2]["visible"] is True


def test_nothing_is_fetched_unless_it_was_allowed(tab, monkeypatch):
    monkeypatch.setattr("kb.readers.web.read_url", lambda url: pytest.fail("fetched"))
    assert list(tab.plan(None, None, "https://example.org", request())) == [""]
    *_, last = tab.apply(None, None, "https://example.org", "", request())
    assert "There is nothing new to add." in last[0] and tab.script.asked == []


def test_an_allowed_address_is_planned_then_built_from(tab, monkeypatch):
    tab.workshop = replace(tab.workshop, builder=replace(tab.workshop.builder, allow_url=True))
    page = make_article("x", HOSTILE, [((), [("paragraph", "Text of a web page.")])])
    monkeypatch.setattr("kb.readers.web.read_url", lambda url: page)
    *_, plan = tab.plan(None, None, " https://example.org/talks ", request())
    assert "1 new" in plan and HOSTILE in harmless(plan).text
    list(tab.apply(None, None, "https://example.org/talks", "", request()))
    [asked] = tab.script.asked
    assert (asked["sources"], asked["allow_url"]) == (["https://example.org/talks"], True)


def test_an_article_is_removed_only_from_the_own_folder(tab):
    event = SimpleNamespace(_data={"source": TALKS.source})
    [refused] = tab.remove("", event, request())
    assert "it can be removed where it was ingested from" in refused[0] and tab.script.asked == []
    tab.workshop.shelf.folder.mkdir()
    (tab.workshop.shelf.folder / "a.md").write_text("x")
    assert tab.script.asked == []
    *_, last = tab.remove("", SimpleNamespace(_data={"source": "a.md"}), request())
    assert "Done in" in last[0] and not (tab.workshop.shelf.folder / "a.md").exists()
    assert (tab.script.asked[0]["remove"], tab.script.asked[0]["sources"]) == (["a.md"], [])


def test_a_rebuild_reads_the_folders_that_are_still_there(tab, tmp_path):
    (tmp_path / "kept").mkdir()
    tab.base.root = str(tmp_path / "kept")
    list(tab.rebuild("", request()))
    tab.base.root = "/no/longer/here"
    list(tab.rebuild("", request()))
    assert [asked["sources"] for asked in tab.script.asked] == [[str(tmp_path / "kept")], []]


def test_one_rebuild_at_a_time(tmp_path):
    gate = threading.Event()
    builder = Builder(tmp_path, Settings(), lines=Script({"stage": "reading"}, wait=gate))
    builder.start([tmp_path])
    with pytest.raises(IndexBusy, match="under way already"):
        builder.start([tmp_path])
    gate.set()
    for _ in range(500):
        if not builder.job.running:
            break
        time.sleep(0.01)
    assert builder.job.error == "the build ended without a word"


def test_the_process_that_builds_says_how_it_goes_and_why_it_cannot(tmp_path, monkeypatch):
    asked = {"sources": [str(tmp_path / "none")], "folder": str(tmp_path / "index"), "settings": {}}
    assert list(in_a_process(asked)) == [{"error": f"no such file or folder: {tmp_path / 'none'}"}]
    assert list(in_a_process({"sources": []}))[-1]["error"].startswith("the build ended with code")


def test_what_the_process_says_is_the_report(tmp_path, monkeypatch, capsys, encoder, articles):
    from kb.web import rebuild

    monkeypatch.setattr("kb.build.LazyEncoder", lambda *_: encoder)
    asked = {"sources": [str(articles)], "folder": str(tmp_path / "index"), "settings": {}}
    monkeypatch.setattr("sys.stdin", SimpleNamespace(read=lambda: json.dumps(asked)))
    monkeypatch.setattr(os, "nice", lambda n: n)
    assert rebuild.main() == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {line.get("stage") for line in lines} == {"reading", "embedding", "publishing", None}
    assert (lines[-1]["report"]["plan"]["new"], lines[-1]["report"]["articles"]) == (3, 3)
    assert build_index([articles], tmp_path / "index", encoder=encoder).plan.empty
