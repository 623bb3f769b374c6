"""From every format to a quote that is found again in the original, read there by other means than the reader's."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pypdf
import pytest
from docx_writer import docx, paragraph, table
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html as lxml_html
from pdf_writer import page, pdf
from test_reading import check_invariants

from kb.errors import ArticleError
from kb.readers.markdown import fragments
from kb.reading import article_of, find_articles, read_article
from kb.records import Article

LONG = (
    "Bakers start work in the middle of the night, because bread has to be on the shelves",
    "when the first customers come, and most of them are done by noon on ordinary days.",
)
HEAD = "What a baker does and earns"

MARKDOWN = f"""---
title: {HEAD}
date: 3 May 2021
---

# {HEAD}

{LONG[0]}
{LONG[1]} More is [written](https://x.example/a) in **bold** letters.

## Duties

Duties include:

- mixing dough
  - by hand
- baking

1. First steps.
2. Then more.

| Town | Pay |
|---|---|
| Bonn | 30,000 EUR |

Also called: bread maker
"""
TEXT = f"""{HEAD}

{LONG[0]} {LONG[1]}

Duties

Duties include:
- mixing dough
- baking

Also called: bread maker
"""
HTML = f"""<html><head><title>{HEAD}</title><meta property="article:published_time" content="2021-05-03"></head><body>
<nav><a href="/">Home</a></nav><main><h1>{HEAD}</h1><p>{LONG[0]}
{LONG[1]}</p><h2>Duties</h2><p>Duties include:</p><ul><li>mixing dough</li><li>baking</li></ul>
<table><tr><th>Town</th><th>Pay</th></tr><tr><td>Bonn</td><td>30,000 EUR</td></tr></table></main></body></html>"""
DOCX = docx(
    paragraph(HEAD, "Title") + paragraph(" ".join(LONG)) + paragraph("Duties", "Heading1") + paragraph("Duties include:")
    + paragraph("mixing dough", "ListBullet") + table([["Town", "Pay"], ["Bonn", "30,000 EUR"]])
)  # fmt: skip
PDF = pdf([
    page(f"# {HEAD}", *LONG, "", "", "# Duties", "Duties include:", "• mixing dough", "• baking"),
    page("# Pay", "In Bonn a baker earns 30,000 EUR a year, in Ulm a few thousand more."),
])  # fmt: skip


def words(text: str) -> str:
    return " ".join(text.split())


def unmarked(data: bytes) -> str:
    """Markdown without its mark-up, by a few regular expressions of its own."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", data.decode())
    return re.sub(r"\*\*|^\| | \|$", "", text, flags=re.MULTILINE)


def page_text(data: bytes) -> str:
    cells = re.sub(r"</t[hd]><t[hd]>", " | ", data.decode())
    return str(lxml_html.document_fromstring(cells.replace("><", "> <")).text_content())


def document_text(data: bytes) -> str:
    xml = zipfile.ZipFile(io.BytesIO(data)).read("word/document.xml").decode()
    rows = re.sub(r"</w:tc><w:tc>", " | ", xml)
    return re.sub(r"<[^>]+>", "", re.sub(r"</w:p>", " ", rows)).replace("  |", " |")


def printed_text(data: bytes) -> str:
    return " ".join(each.extract_text() for each in pypdf.PdfReader(io.BytesIO(data)).pages)


FORMATS: dict[str, tuple[bytes, Callable[[bytes], str]]] = {
    "baker.md": (MARKDOWN.encode(), unmarked),
    "baker.txt": (TEXT.encode(), bytes.decode),
    "baker.html": (HTML.encode(), page_text),
    "baker.docx": (DOCX, document_text),
    "baker.pdf": (PDF, printed_text),
}


@pytest.fixture(params=FORMATS)
def original(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Article, str]:
    """(article, the original's words read by other means)."""
    data, text_of = FORMATS[request.param]
    (tmp_path / request.param).write_bytes(data)
    ((source, path),) = find_articles(tmp_path)
    return read_article(path, source), words(text_of(data))


def test_every_quote_of_every_format_is_found_in_the_original(original: tuple[Article, str]) -> None:
    article, text = original
    check_invariants(article)
    quotes = [article.text[block.start : block.end] for section in article.sections for block in section.blocks]
    assert len(quotes) >= 4
    assert [quote for quote in quotes if words(quote) not in text] == []
    assert words(" ".join(LONG)) in words(article.text)


def test_a_whole_list_is_quoted_as_it_stands_in_the_original(original: tuple[Article, str]) -> None:
    article, text = original
    blocks = next(section.blocks for section in article.sections if section.heading[-1:] == ("Duties",))
    items = [block for block in blocks if block.kind == "item"]
    assert words(article.text[blocks[0].start : items[-1].end]) in text


def test_title_and_headings_are_the_same_whatever_the_format(original: tuple[Article, str]) -> None:
    article, _ = original
    assert article.title == HEAD
    assert [section.heading for section in article.sections][:2] == [(), ("Duties",)]


def test_a_quote_from_a_pdf_stands_on_the_page_it_names(tmp_path: Path) -> None:
    (tmp_path / "baker.pdf").write_bytes(PDF)
    article = read_article(tmp_path / "baker.pdf", "baker.pdf")
    pages = [words(each.extract_text()) for each in pypdf.PdfReader(io.BytesIO(PDF)).pages]
    for section in article.sections:
        for block in section.blocks:
            assert block.page is not None
            assert words(article.text[block.start : block.end]) in pages[block.page - 1]
    pay = article.sections[-1]
    assert (pay.heading, pay.blocks[0].page) == (("Pay",), 2)


CUTS = st.tuples(
    st.floats(0, 1), st.integers(0, 60), st.sampled_from([b"", b"\0", b"<", b">", b"<!--", b"\xff", b"\n---\n", b"[" * 40])
)


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=30, deadline=None)
@given(cuts=st.lists(CUTS, min_size=1, max_size=6))
def test_a_damaged_file_is_read_or_refused_with_a_reason(name: str, cuts: list[tuple[float, int, bytes]]) -> None:
    data, _ = FORMATS[name]
    for place, length, other in cuts:
        at = int(place * len(data))
        data = data[:at] + other + data[at + length :]
    try:
        article = article_of(data, name)
    except ArticleError as error:
        assert 8 <= len(str(error)) <= 300 and "\n" not in str(error)
    else:
        check_invariants(article)


WORD = st.text(st.characters(codec="utf-8", categories=("Ll",)), min_size=2, max_size=7)
LINE = st.lists(WORD, min_size=2, max_size=8).map(" ".join)


@st.composite
def documents(draw: st.DrawFn) -> tuple[str, list[tuple[str, int, str]]]:
    """(Markdown, the fragments it must give): headings, paragraphs with mark-up, nested lists, tables, code."""
    parts, expected = [], []
    parts.append("# start")
    expected.append(("heading", 1, "start"))
    for _ in range(draw(st.integers(1, 8))):
        line = draw(LINE)
        kind = draw(st.sampled_from(["heading", "paragraph", "link", "list", "nested", "table", "code"]))
        if kind == "heading":
            level = draw(st.integers(1, 6))
            parts.append(f"{'#' * level} {line}")
            expected.append(("heading", level, line))
        elif kind == "paragraph":
            first, *rest = line.split()
            parts.append(f"**{first}**\n" + " ".join(rest) + " done")
            expected.append(("paragraph", 0, f"{line} done"))
        elif kind == "link":
            parts.append(f"See [{line}](https://x.example/y) _there_.")
            expected.append(("paragraph", 0, f"See {line} there."))
        elif kind == "list":
            parts.append(f"lead in\n\n- {line}\n- other {line}")
            expected += [("paragraph", 0, "lead in"), ("item", 1, line), ("item", 1, f"other {line}")]
        elif kind == "nested":
            parts.append(f"lead in\n\n- {line}\n  - inner {line}\n    - innermost\n- last")
            expected += [("paragraph", 0, "lead in"), ("item", 1, line), ("item", 2, f"inner {line}"), ("item", 3, "innermost")]
            expected.append(("item", 1, "last"))
        elif kind == "table":
            parts.append(f"| a | {line} |\n|---|---|\n| 1 | `{line}` |")
            expected += [("table_header", 0, f"a | {line}"), ("table_row", 0, f"1 | {line}")]
        else:
            parts.append(f"```\n{line}\n  indented\n```")
            expected.append(("code", 0, f"{line}\n  indented"))
    return "\n\n".join(parts) + "\n", expected


@given(documents())
def test_generated_markdown_gives_back_the_document_it_was_made_from(document: tuple[str, list[tuple[str, int, str]]]) -> None:
    source, expected = document
    assert [(f.kind, f.level, f.text) for f in fragments(source)] == expected
