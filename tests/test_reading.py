from __future__ import annotations

import hashlib
import os
import socket
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.errors import ArticleError, NotAnArticle
from kb.reading import assemble, date_warning, find_articles, read_article
from kb.records import Article, Draft, Fragment

SAMPLES = Path(__file__).parents[1] / ".." / "shared" / "samples"


def check_invariants(article: Article) -> None:
    """What every article of every format owes: blocks lie in order inside their sections, sections in order inside the text."""
    at = 0
    for section in article.sections:
        assert at <= section.start <= section.end <= len(article.text)
        at = section.start
        for block in section.blocks:
            assert at <= block.start < block.end <= section.end
            assert block.kind != "heading"
            quote = article.text[block.start : block.end]
            assert quote == quote.strip() or block.kind == "code"
            at = block.end
        at = section.end
        assert all(name == " ".join(name.split()) and name for name in section.heading)
    assert article.content_hash == hashlib.sha256(article.text.encode()).hexdigest()
    assert article.title == " ".join(article.title.split()) and article.title


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


DRAFT = Draft(
    (
        Fragment("heading", "Data engineer", 1),
        Fragment("paragraph", "Builds what others query."),
        Fragment("heading", "Pay", 2),
        Fragment("paragraph", "Pay differs:"),
        Fragment("item", "Berlin: 60,000 EUR", 1, mark="-"),
        Fragment("item", "with five years: 75,000 EUR", 2, mark="*"),
        Fragment("table_header", "Level | Pay"),
        Fragment("table_row", "Senior | 90,000 EUR"),
        Fragment("heading", "Outlook", 2),
        Fragment("heading", "In Europe", 3),
        Fragment("paragraph", "Growing.", page=2),
    )
)


def test_fragments_become_one_text_with_bullets_headings_and_blank_lines() -> None:
    assert assemble(DRAFT, "data-engineer.md").text == (
        "Data engineer\n\nBuilds what others query.\n\nPay\n\nPay differs:\n\n"
        "- Berlin: 60,000 EUR\n  * with five years: 75,000 EUR\n\n"
        "Level | Pay\nSenior | 90,000 EUR\n\nOutlook\n\nIn Europe\n\nGrowing."
    )


def test_every_block_spans_its_fragments_text_without_the_bullet() -> None:
    article = assemble(DRAFT, "data-engineer.md")
    check_invariants(article)
    quotes = [article.text[block.start : block.end] for section in article.sections for block in section.blocks]
    assert quotes == [fragment.text for fragment in DRAFT.fragments if fragment.kind != "heading"]


def test_sections_know_their_heading_path_and_the_title_is_not_repeated_in_it() -> None:
    article = assemble(DRAFT, "data-engineer.md")
    assert article.title == "Data engineer"
    assert [section.heading for section in article.sections] == [(), ("Pay",), ("Outlook",), ("Outlook", "In Europe")]
    assert [len(section.blocks) for section in article.sections] == [1, 5, 0, 1]


def test_a_blocks_page_and_level_are_kept() -> None:
    article = assemble(DRAFT, "data-engineer.md")
    assert article.sections[-1].blocks[0].page == 2
    assert [block.level for block in article.sections[1].blocks] == [0, 1, 2, 0, 0]


@pytest.mark.parametrize(
    ("meta", "source", "title"),
    [
        ({"title": "From the front matter"}, "a.md", "From the front matter"),
        ({}, "roles/2021-04-12-ml-researcher_role.txt", "ML researcher role"),
        ({}, "ux%20designer.md", "UX designer"),
        ({"title": ["not", "a", "title"]}, "phd.md", "PhD"),
        ({"title": "long " * 100}, "long.md", ("long " * 60).strip()),
    ],
)
def test_the_title_is_what_the_file_calls_itself_else_its_name_made_readable(
    meta: dict[str, object], source: str, title: str
) -> None:
    assert assemble(Draft((Fragment("paragraph", "Text."),), meta), source).title == title


def test_topics_come_from_the_file_else_from_its_folder() -> None:
    text = (Fragment("paragraph", "Text."),)
    assert assemble(Draft(text, {"topics": ["pay", "degree"]}), "a/b.md").topics == ("pay", "degree")
    assert assemble(Draft(text, {"tags": "pay, degree"}), "a/b.md").topics == ("pay", "degree")
    assert assemble(Draft(text), "career-change/b.md").topics == ("career change",)
    assert assemble(Draft(text), "b.md").topics == ()


def test_only_a_web_address_is_an_url() -> None:
    text = (Fragment("paragraph", "Text."),)
    assert assemble(Draft(text, {"url": "https://example.org/a"}), "a.md").url == "https://example.org/a"
    assert assemble(Draft(text, {"url": "javascript:alert(1)"}), "a.md").url == ""


def test_an_article_without_text_is_an_error() -> None:
    with pytest.raises(ArticleError, match="no text"):
        assemble(Draft((Fragment("paragraph", "  \n"),)), "a.md")


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp", "Zs")), min_size=1, max_size=8)
LINES = st.lists(WORDS, min_size=1, max_size=6).map(" ".join)
FRAGMENTS = st.builds(
    Fragment,
    st.sampled_from(["heading", "paragraph", "item", "table_header", "table_row", "code"]),
    LINES,
    st.integers(1, 6),
    st.none() | st.integers(1, 9),
    st.sampled_from(["", "-", "2."]),
)


@given(st.lists(FRAGMENTS, min_size=1, max_size=20), LINES)
def test_whatever_a_reader_gives_every_fragment_stands_in_the_text_where_its_block_says(
    found: list[Fragment], title: str
) -> None:
    article = assemble(Draft(tuple(found), {"title": title}), "a.md")
    check_invariants(article)
    quotes = [article.text[block.start : block.end] for section in article.sections for block in section.blocks]
    assert quotes == [fragment.text for fragment in found if fragment.kind != "heading"]
    at = 0
    for fragment in found:
        at = article.text.index(fragment.text, at) + len(fragment.text)


def test_articles_are_found_in_the_order_of_their_names_with_forward_slashes(tmp_path: Path) -> None:
    for name in ("b.md", "a/z.txt", "a/b/c.md", "A.md", "ü.md"):
        write(tmp_path, name, "Text.")
    found = list(find_articles(tmp_path))
    assert [source for source, _ in found] == ["A.md", "a/b/c.md", "a/z.txt", "b.md", "ü.md"]
    assert all(path == tmp_path / source for source, path in found)


def test_a_single_file_is_its_own_folder(tmp_path: Path) -> None:
    path = write(tmp_path, "one.md", "# One\n\nText.")
    assert list(find_articles(path)) == [("one.md", path)]
    assert read_article(path, "one.md").title == "One"


def test_hidden_folders_and_a_saved_pages_pictures_are_not_entered(tmp_path: Path) -> None:
    for name in (".git/config", "page.html", "page_files/frame.html", "other_files/a.md", ".notes.md"):
        write(tmp_path, name, "Text.")
    assert [source for source, _ in find_articles(tmp_path)] == [".notes.md", "other_files/a.md", "page.html"]
    with pytest.raises(NotAnArticle, match="hidden"):
        read_article(tmp_path / ".notes.md", ".notes.md")


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ArticleError, match="does not exist"):
        list(find_articles(tmp_path / "nowhere"))


def test_links_are_never_followed(tmp_path: Path) -> None:
    folder = tmp_path / "kb"
    write(tmp_path, "secret.md", "Secret.")
    write(folder, "real.md", "Text.")
    (folder / "inside.md").symlink_to("real.md")
    (folder / "outside.md").symlink_to(tmp_path / "secret.md")
    (folder / "folder").symlink_to(tmp_path)
    (folder / "nowhere.md").symlink_to("gone.md")
    (folder / "loop.md").symlink_to("loop.md")
    reasons = {}
    for source, path in find_articles(folder):
        if source != "real.md":
            with pytest.raises(ArticleError) as caught:
                read_article(path, source)
            reasons[source] = (type(caught.value), str(caught.value).split(".")[0].split(";")[0])
    assert reasons == {
        "inside.md": (NotAnArticle, "a link to another place in the folder"),
        "outside.md": (ArticleError, "it is a link that leads out of the folder"),
        "folder": (ArticleError, "it is a link that leads out of the folder"),
        "nowhere.md": (ArticleError, "it is a link that leads nowhere"),
        "loop.md": (ArticleError, "it is a link that leads in a circle"),
    }


def test_a_folder_swapped_for_a_link_after_the_listing_is_noticed(tmp_path: Path) -> None:
    write(tmp_path, "outside/a.md", "Secret.")
    write(tmp_path, "kb/sub/a.md", "Text.")
    ((source, path),) = find_articles(tmp_path / "kb")
    path.unlink()
    path.parent.rmdir()
    path.parent.symlink_to(tmp_path / "outside")
    with pytest.raises(ArticleError, match="outside the folder"):
        read_article(path, source)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes on this system")
def test_pipes_and_sockets_are_reported_and_never_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(tmp_path / "pipe.md")
    monkeypatch.chdir(tmp_path)  # a socket's name may have 108 bytes
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket.md")
    for name, kind in (("pipe.md", "a pipe"), ("socket.md", "a socket")):
        with pytest.raises(ArticleError, match=kind):
            read_article(tmp_path / name, name)


def test_a_file_over_the_limit_is_refused_with_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "big.txt"
    path.write_bytes(b"a" * 10_000_001)
    with pytest.raises(ArticleError, match="too large: more than 10 MB"):
        read_article(path, "big.txt")


def test_a_picture_is_no_article(tmp_path: Path) -> None:
    path = write(tmp_path, "photo.png", "x")
    with pytest.raises(NotAnArticle, match="png"):
        read_article(path, "photo.png")


def test_the_date_in_a_file_name_is_the_pages_when_nothing_else_says(tmp_path: Path) -> None:
    path = write(tmp_path, "2021-04-12-pay.md", "Text.")
    article = read_article(path, path.name)
    assert (article.title, article.date, article.date_origin) == ("Pay", "2021-04-12", "page metadata")


def test_the_files_own_time_is_never_the_articles_date(tmp_path: Path) -> None:
    path = write(tmp_path, "pay.md", "Text.")
    article = read_article(path, path.name)
    assert (article.date, article.date_origin) == ("", "unknown")


@pytest.mark.skipif(not SAMPLES.exists(), reason="the sample articles are not here")
def test_all_samples_hold_the_invariants() -> None:
    read = [read_article(path, source) for source, path in find_articles(SAMPLES)]
    assert len(read) >= 17
    for article in read:
        check_invariants(article)


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("a.md", "---\ntitle: A\ndate: next spring\n---\nText.", "date 'next spring' cannot be read, so it is undated"),
        ("a.md", "---\ndate: 2022-02-30\n---\nText.\n\nUpdated 3 May 2023", "cannot be read, so it is dated 2023-05-03"),
        ("2021-04-12-a.md", "---\ndate: soon\n---\nText.", "'soon' cannot be read, so it is dated 2021-04-12"),
        ("a.txt", '+++\npublished = "TBD"\n+++\nText.', "'TBD' cannot be read"),
        ("a.md", "---\ndate: TBD\nupdated: 2023\n---\nText.", ""),
        ("a.md", "---\ndate: ''\n---\nText.", ""),
        ("a.md", "---\ntitle: A\n---\nText.", ""),
        ("a.md", "Text.\n\ndate: soon", ""),
    ],
)
def test_a_date_of_the_front_matter_that_cannot_be_read_is_told(tmp_path: Path, name: str, text: str, told: str) -> None:
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        path = tmp_path / name
        path.write_text(text, encoding=encoding)
        warning = date_warning(path.read_bytes(), read_article(path, name))
        assert told in warning and bool(told) == bool(warning), encoding
