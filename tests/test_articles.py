"""The shipped articles: what every file under kb/articles must be, whoever wrote it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
ARTICLES = ROOT / "kb" / "articles"
SAMPLES = next((up / "shared" / "samples" for up in ROOT.parents if (up / "shared" / "samples").is_dir()), None)

# The closed list. A new topic is added here and in docs/writing-articles.md, in one change.
TOPICS = {
    *("roles", "degrees", "research", "pay", "outlook", "skills", "portfolio", "cv", "interviews", "negotiation", "switching"),
    *("first-job", "growth", "management", "freelancing", "abroad", "wellbeing", "ethics"),
}
LEVELS = {"any", "entry", "mid", "senior", "lead"}
KEYS = {"title", "date", "updated", "topics", "roles", "region", "level", "sources", "license"}
SOURCE_KEYS = {"title", "publisher", "date", "url"}
SHORTEST, LONGEST = 600, 1_400  # words of a body: long enough to be worth opening, short enough to be checked by one person
RUN_OF_WORDS = 8  # as many words in a row as a text may not share with somebody else's

PATHS = sorted(path for path in ARTICLES.rglob("*.md") if path.name != "README.md")
each_article = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.relative_to(ARTICLES).as_posix())


@cache
def parts(path: Path) -> tuple[dict[str, object], str]:
    """An article's front matter and its body."""
    text = path.read_text(encoding="utf-8")
    assert text.startswith("---\n"), "the first line must be ---"
    head, mark, body = text[4:].partition("\n---\n")
    assert mark, "the front matter is not closed by a line ---"
    meta = yaml.safe_load(head)
    assert isinstance(meta, dict), "the front matter is not a mapping"
    return meta, body


def blocks(body: str) -> list[str]:
    """What blank lines divide: headings, paragraphs, whole lists, whole tables."""
    return [block.strip("\n") for block in re.split(r"\n\s*\n", body) if block.strip()]


def words(text: str) -> list[str]:
    """Lower-case words and numbers; apostrophes are dropped, so that punctuation does not hide a copy."""
    return re.findall(r"[a-z0-9]+", re.sub(r"['’]", "", text.lower()))


def runs(text: str, length: int = RUN_OF_WORDS) -> list[str]:
    """Every run of so many words, in order of appearance."""
    row = words(text)
    return [" ".join(row[i : i + length]) for i in range(len(row) - length + 1)]


@cache
def sample_runs() -> dict[str, str]:
    """Each run of words in the sample articles, and the file that has it."""
    files = [path for path in SAMPLES.rglob("*.*") if path.name != "README.md"] if SAMPLES else []
    return {run: path.name for path in files for run in runs(path.read_text(encoding="utf-8"))}


def links(body: str) -> Iterator[str]:
    """Targets of Markdown links."""
    for match in re.finditer(r"\[[^\]]*\]\(([^)\s]+)\)", body):
        yield match[1]


def anchors(body: str) -> set[str]:
    """The fragment names that the headings of a body can be linked by."""
    return {"-".join(words(heading)) for heading in re.findall(r"^#+ (.+)$", body, flags=re.M)}


def test_there_are_articles() -> None:
    assert PATHS, f"no articles under {ARTICLES}"


@each_article
def test_the_front_matter_is_complete_and_valid(path: Path) -> None:
    meta, _ = parts(path)
    assert set(meta) == KEYS
    title, topics, roles, region = meta["title"], meta["topics"], meta["roles"], meta["region"]
    assert isinstance(title, str) and title and title == title.strip()
    assert isinstance(meta["date"], date) and isinstance(meta["updated"], date), "dates are written YYYY-MM-DD, without quotes"
    assert meta["date"] <= meta["updated"]
    assert isinstance(topics, list) and topics and set(topics) <= TOPICS and len(set(topics)) == len(topics)
    assert isinstance(roles, list)
    for role in roles:
        names = role.split(" / ")
        assert all(name and name == name.strip() for name in names) and len(set(names)) == len(names), role
    assert isinstance(region, str) and region
    assert meta["level"] in LEVELS
    assert meta["license"] == "CC-BY-4.0"


@each_article
def test_every_source_says_its_title_its_publisher_and_its_date_or_none(path: Path) -> None:
    sources = parts(path)[0]["sources"]
    assert isinstance(sources, list)
    for source in sources:
        assert {"title", "publisher"} <= set(source) <= SOURCE_KEYS, source
        assert all(str(value).strip() for value in source.values()), source
        assert re.search(r"\b(1[89]|20)\d\d\b|undated", str(source.get("date", "undated"))), f"no year: {source['date']!r}"
        if "url" in source:
            address = urlsplit(source["url"])
            assert address.scheme in {"http", "https"} and address.hostname, source["url"]


@each_article
def test_an_article_lies_in_the_folder_of_one_of_its_topics(path: Path) -> None:
    topics = parts(path)[0]["topics"]
    folder, name = path.relative_to(ARTICLES).parts
    assert isinstance(topics, list) and folder in topics
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*\.md", name)


@each_article
def test_an_article_is_neither_a_note_nor_a_book(path: Path) -> None:
    assert SHORTEST <= len(parts(path)[1].split()) <= LONGEST


@each_article
def test_headings_start_below_the_title_and_skip_no_level(path: Path) -> None:
    meta, body = parts(path)
    headings = [block.partition(" ") for block in blocks(body) if block.startswith("#")]
    if headings[0][0] == "#":  # the title may stand once more over the body, as a page shows it
        assert headings.pop(0)[2] == meta["title"]
    depths = [len(mark) for mark, _, _ in headings]
    assert len(depths) >= 3
    assert depths[0] == 2 and min(depths) == 2, "headings start at ##"
    assert all(deeper - before <= 1 for before, deeper in zip(depths, depths[1:], strict=False))


@each_article
def test_no_heading_and_no_lead_in_stands_empty(path: Path) -> None:
    row = blocks(parts(path)[1])
    for block, following in zip(row, [*row[1:], ""], strict=True):
        if block.startswith("#"):
            deeper = following.startswith("#") and len(following.split()[0]) > len(block.split()[0])
            assert following and (deeper or not following.startswith("#")), f"nothing stands under {block!r}"
        elif block.endswith(":") and not block.startswith(("-", "*", "|")):
            assert re.match(r"[-*>|]|1\. ", following), f"nothing follows the lead-in {block!r}"
        assert not re.search(r"\{\{|\bTODO\b|\bTBD\b", block), block


@each_article
def test_every_list_has_a_lead_in(path: Path) -> None:
    """A list is quoted with the sentence before it; under a bare heading it has none."""
    row = blocks(parts(path)[1])
    for before, block in zip(["", *row], row, strict=False):
        if re.match(r"[-*] |1\. ", block):
            assert before.endswith(":") and len(words(before)) > 3, f"this list has no lead-in: {block.splitlines()[0]}"
        else:
            assert not re.search(r"^([-*]|\d+\.) ", block, flags=re.M), f"a blank line is missing before the list in: {block}"


@each_article
def test_a_table_has_a_header_and_rows_of_equal_width(path: Path) -> None:
    for table in re.findall(r"(?:^\|.*\|\n?)+", parts(path)[1], flags=re.M):
        rows = [row.strip("|").split("|") for row in table.strip().splitlines()]
        assert len(rows) >= 3 and all(re.fullmatch(r"\s*:?-+:?\s*", cell) for cell in rows[1]), table
        assert len({len(row) for row in rows}) == 1, table
        assert all(cell.strip() for row in rows for cell in row), f"an empty cell says nothing: {table}"


@each_article
def test_links_inside_the_base_resolve(path: Path) -> None:
    for link in links(parts(path)[1]):
        address = urlsplit(link)
        if address.scheme:
            assert address.scheme == "https", link
            continue
        target = (path.parent / address.path).resolve() if address.path else path
        assert target in PATHS, f"{link} leads nowhere"
        assert not address.fragment or address.fragment in anchors(parts(target)[1]), f"{link}: no such heading"


@pytest.mark.skipif(SAMPLES is None, reason="the sample articles are not beside this checkout")
@each_article
def test_the_words_are_our_own(path: Path) -> None:
    theirs = sample_runs()
    assert len(theirs) > 10_000, "the samples were not read"
    assert [f"{theirs[run]}: {run}" for run in runs(path.read_text(encoding="utf-8")) if run in theirs] == []


def test_titles_are_unique() -> None:
    titles = [str(parts(path)[0]["title"]).casefold() for path in PATHS]
    assert sorted(set(titles)) == sorted(titles)


def test_no_sentence_stands_in_two_articles() -> None:
    """Look-alikes compete when the base is asked, so each thing is said in one home."""
    home: dict[str, Path] = {}
    twice: list[str] = []
    for path in PATHS:
        for run in runs(re.sub(r"\[[^\]]*\]\([^)\s]*\)", "", parts(path)[1]), 14):
            if home.setdefault(run, path) != path:
                twice.append(f"{path.name} and {home[run].name}: {run}")
    assert twice == []


def test_the_closed_list_of_topics_is_written_down_for_writers() -> None:
    guide = (ROOT / "docs" / "writing-articles.md").read_text(encoding="utf-8")
    listed = re.search(r"^Topics: (.+?)\.", guide, flags=re.M | re.S)
    assert listed and set(re.findall(r"`([^`]+)`", listed[1])) == TOPICS


def test_a_copied_sentence_is_caught_whatever_its_punctuation_and_a_shorter_run_is_not() -> None:
    theirs = set(runs("Don't send the same letter to every employer, ever."))
    assert [run for run in runs("One hears: “dont send the same letter… to EVERY employer”.") if run in theirs] == [
        "dont send the same letter to every employer"
    ]
    assert not theirs & set(runs("We say: don't send the same letter to every firm."))
