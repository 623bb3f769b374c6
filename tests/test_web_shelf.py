import os

import pytest
from hypothesis import given
from hypothesis import strategies as st
from web_fake import TALKS

from kb.errors import ArticleError, KBError
from kb.reading import read_article
from kb.web.shelf import MOST_FILES, Planned, Shelf, plan_address, plan_upload, safe_name, uploaded

NOTE = "# Pay\n\nA baker earns 28,000 EUR.\n"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("notes.md", "notes.md"),
        ("Notes on Pay (2024).MD", "Notes on Pay (2024).md"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        (".hidden.md", "hidden.md"),
        ("-rf.md", "rf.md"),
        ("..%2f..%2fa.md", "2f..2fa.md"),
        ("a\u202egpj.md", "agpj.md"),
        ("x\x00\n.md", "x.md"),
        ("<img src=x onerror=alert(1)>.md", "img srcx onerroralert(1).md"),
        ("", "article"),
        ("...", "article"),
        (".md", "article.md"),
        ("Gehälter.txt", "Gehälter.txt"),
        ("a" * 500 + ".md", "a" * 120 + ".md"),
        ("con:aux?.md", "conaux.md"),
    ],
)
def test_a_name_from_a_browser_is_made_harmless(given, kept):
    assert safe_name(given) == kept


@given(st.text(max_size=300))
def test_no_name_leads_out_of_the_folder_or_hides(name):
    kept = safe_name(name)
    assert kept and "/" not in kept and "\\" not in kept and kept[0] not in ".- " and len(kept) <= 131
    assert kept.isprintable() and safe_name(kept) == kept


# ---------------------------------------------------------------- what gradio says was uploaded


def test_only_files_of_the_upload_folder_are_taken(tmp_path):
    inside, outside = tmp_path / "up", tmp_path / "secret.md"
    (inside / "abc").mkdir(parents=True)
    (inside / "abc" / "a.md").write_text(NOTE)
    outside.write_text("secret")
    os.symlink(outside, inside / "link.md")
    sent = [
        {"path": str(inside / "abc" / "a.md"), "orig_name": "../a.md", "url": "http://169.254.169.254/"},
        {"path": str(outside)},
        {"path": str(inside / "link.md")},
        {"path": str(inside / ".." / "secret.md")},
        {"path": "/etc/passwd"},
        {"path": "http://127.0.0.1/"},
        {"path": 7},
        {"path": "x\x00y"},
        {"path": str(inside / "abc")},
        "text",
        None,
        [],
    ]
    assert uploaded(sent, inside) == [("../a.md", inside / "abc" / "a.md")]
    assert uploaded(sent[0], inside) == [("../a.md", inside / "abc" / "a.md")]
    assert uploaded(None, inside) == uploaded("x", inside) == []


# ---------------------------------------------------------------- the plan


def files(tmp_path, **texts):
    tmp_path.mkdir(exist_ok=True)
    made = []
    for name, text in texts.items():
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        made.append((name.replace("_", "."), path.rename(path.with_suffix("." + name.rsplit("_", 1)[-1]))))
    return made


def test_a_plan_says_what_each_file_would_do(tmp_path):
    chosen = files(tmp_path, pay_md=NOTE, again_md=NOTE, empty_md="", tool_exe="MZ", new_txt="Another text about careers.")
    old = read_article(chosen[0][1], "old.md").content_hash
    fates = [(p.name, p.fate, p.reason) for p in plan_upload(chosen, {}, {})]
    assert fates[0] == ("pay.md", "new", "") and fates[1] == ("again.md", "twin", "pay.md")
    assert fates[2][:2] == ("empty.md", "refused") and fates[2][2]
    assert fates[3] == ("tool.exe", "refused", "files ending in '.exe' are not read") and fates[4][:2] == ("new.txt", "new")
    [first, *_] = plan_upload(chosen, {"pay.md": old}, {"pay.md": old})
    assert (first.fate, first.title, first.words) == ("same", "Pay", 6)
    [first, *_] = plan_upload(chosen, {"pay.md": "0"}, {"pay.md": "0"})
    assert first.fate == "changed"
    [first, *_] = plan_upload(chosen, {"roles/pay.md": old}, {})
    assert (first.fate, first.reason) == ("twin", "roles/pay.md")
    [first, *_] = plan_upload(chosen, {"pay.md": "0"}, {})
    assert (first.fate, first.reason) == ("refused", "an article of another folder has this name: rename the file")


def test_an_upload_has_a_most(tmp_path):
    [(name, path)] = files(tmp_path, a_md=NOTE)
    planned = list(plan_upload([(f"{n}.exe", path) for n in range(MOST_FILES + 2)], {}, {}))
    assert [p.reason for p in planned[-2:]] == [f"one upload takes up to {MOST_FILES} files"] * 2


# ---------------------------------------------------------------- the folder


def test_new_and_changed_files_are_kept_and_the_others_are_not(tmp_path):
    chosen = files(tmp_path / "up", pay_md=NOTE, empty_md="")
    shelf = Shelf(tmp_path / "shelf")
    assert shelf.put(list(plan_upload(chosen, {}, {}))) == ["pay.md"]
    assert [p.name for p in (tmp_path / "shelf").iterdir()] == ["pay.md"]
    assert (tmp_path / "shelf" / "pay.md").read_text() == NOTE
    assert shelf.holds(str((tmp_path / "shelf").resolve())) and not shelf.holds(str(tmp_path))


def test_a_folder_that_cannot_be_written_says_so(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(KBError, match="cannot write to .*file"):
        Shelf(tmp_path / "file").put([Planned("a.md", tmp_path / "file", "new")])


@pytest.mark.parametrize("source", ["../secret.md", "/etc/passwd", "", ".", "link.md", "sub/a.md", "no-such.md", "a.md\x00"])
def test_only_a_file_of_the_folder_is_removed(tmp_path, source):
    (tmp_path / "shelf" / "sub").mkdir(parents=True)
    (tmp_path / "secret.md").write_text("x")
    (tmp_path / "shelf" / "sub" / "a.md").write_text("x")
    os.symlink(tmp_path / "secret.md", tmp_path / "shelf" / "link.md")
    with pytest.raises(KBError, match="it can be removed where it was ingested from"):
        Shelf(tmp_path / "shelf").remove(source)
    assert (tmp_path / "secret.md").exists() and (tmp_path / "shelf" / "sub" / "a.md").exists()


def test_a_kept_file_is_removed(tmp_path):
    (tmp_path / "a.md").write_text(NOTE)
    Shelf(tmp_path).remove("a.md")
    assert list(tmp_path.iterdir()) == []


# ---------------------------------------------------------------- a web page


def test_a_page_is_planned_like_a_file():
    address = "https://example.org/talks"
    read = {address: TALKS}.__getitem__
    digest = TALKS.content_hash
    assert plan_address(address, read, {}) == Planned(address, None, "new", "Salary talks", 14)
    assert plan_address(address, read, {address: "0"}).fate == "changed"
    assert plan_address(address, read, {address: digest}).fate == "same"
    assert plan_address(address, read, {"a.md": digest}) == Planned(address, None, "twin", "Salary talks", 14, "a.md")

    def refuse(address):
        raise ArticleError("the host is not a public one")

    assert plan_address(address, refuse, {}) == Planned(address, None, "refused", reason="the host is not a public one")
