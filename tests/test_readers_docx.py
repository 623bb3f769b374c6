from __future__ import annotations

import zipfile
from io import BytesIO

import pytest
from docx_writer import docx, paragraph, table

from kb.errors import ArticleError
from kb.readers.docx import read

BODY = (
    paragraph("Baker", "Title")
    + paragraph("Bakers bake bread & cakes.")
    + paragraph("Duties", "Heading1")
    + paragraph("Duties include:")
    + paragraph("mixing", "ListBullet")
    + paragraph("by hand", "ListBullet2")
    + paragraph("baking", "ListBullet")
    + paragraph("Do I need a degree?", bold=True)
    + paragraph("No.")
    + table([["Town", "Pay"], ["Bonn", "30,000 EUR"]])
)


def test_a_word_document_keeps_headings_lists_and_tables() -> None:
    assert [(f.kind, f.level, f.text) for f in read(docx(BODY)).fragments] == [
        ("heading", 1, "Baker"),
        ("paragraph", 0, "Bakers bake bread & cakes."),
        ("heading", 1, "Duties"),
        ("paragraph", 0, "Duties include:"),
        ("item", 1, "mixing"),
        ("item", 2, "by hand"),
        ("item", 1, "baking"),
        ("heading", 2, "Do I need a degree?"),
        ("paragraph", 0, "No."),
        ("table_header", 0, "Town | Pay"),
        ("table_row", 0, "Bonn | 30,000 EUR"),
    ]


def test_title_and_date_come_from_the_documents_properties() -> None:
    core = "<dc:title>All about bakers</dc:title><dcterms:created>2022-03-15T10:00:00Z</dcterms:created>"
    draft = read(docx(BODY, core=core))
    assert (draft.meta["title"], draft.meta["date"], draft.date_origin) == ("All about bakers", "2022-03-15", "page metadata")


def test_the_date_of_python_docxs_template_says_nothing() -> None:
    assert read(docx(BODY, core="<dcterms:created>2013-12-23T23:15:00Z</dcterms:created>")).date_origin == "unknown"


def test_a_date_the_document_states_counts_for_more_than_the_time_it_was_made() -> None:
    core = "<dcterms:created>2022-03-15T10:00:00Z</dcterms:created>"
    draft = read(
        docx(paragraph("Bakers bake.") + paragraph("Compiled by the Guild, Leeds, July 2020. Free to share."), core=core)
    )
    assert (draft.meta["date"], draft.date_origin) == ("2020-07", "text")


def bomb(size: int) -> bytes:
    return docx(BODY, extra={"word/media.xml": b"\0" * size})


def broken_zip() -> bytes:
    return docx(BODY)[:-200]


def broken_stream() -> bytes:
    data = bytearray(docx(BODY))
    at = data.index(b"word/document.xml") + len("word/document.xml")
    data[at : at + 40] = b"\xff" * 40
    return bytes(data)


def without_document() -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (bomb(60_000_000), "unpacks to 60 MB; at most 50 MB"),
        (bomb(20_000_000), "to 1. Is it a zip bomb"),
        (broken_zip(), "its zip is damaged"),
        (broken_stream(), "its zip is damaged"),
        (without_document(), "no Word document"),
        (docx(BODY, extra={"word/a.xml": b'<!DOCTYPE x [<!ENTITY y "z">]><x/>'}), "declares XML entities"),
        (b"PK\x03\x04 nonsense", "its zip is damaged"),
    ],
)  # fmt: skip
def test_a_document_that_is_not_read_says_why(data: bytes, reason: str) -> None:
    with pytest.raises(ArticleError, match=reason):
        read(data)


def test_larger_letters_are_headings_where_no_style_says_so() -> None:
    body = (
        paragraph("Embalmer: what the work is", bold=True, points=20)
        + paragraph("The work", points=14)
        + paragraph("An embalmer preserves and presents the dead, about six a week in a usual year.")
        + paragraph("Through a funeral home", bold=True)
        + paragraph("Most begin as drivers, and carry for a year before they touch anybody.")
        + paragraph("Pay", points=14)
        + paragraph("Little.")
    )
    assert [(f.level, f.text) for f in read(docx(body)).fragments if f.kind == "heading"] == [
        (1, "Embalmer: what the work is"),
        (2, "The work"),
        (3, "Through a funeral home"),
        (2, "Pay"),
    ]


def test_a_first_line_centred_in_bold_is_the_title() -> None:
    body = paragraph("Embalmer", bold=True, centred=True) + paragraph("The work", bold=True) + paragraph("It is quiet work.")
    assert [(f.level, f.text) for f in read(docx(body)).fragments if f.kind == "heading"] == [(1, "Embalmer"), (2, "The work")]


def test_styles_say_which_paragraphs_are_headings_where_there_are_any() -> None:
    body = paragraph("Pay", "Heading1") + paragraph("Little", points=30) + paragraph("It is little that one earns with it.")
    assert [f.text for f in read(docx(body)).fragments if f.kind == "heading"] == ["Pay"]
