from __future__ import annotations

import pytest
from pdf_writer import Text, page, pdf

from kb.errors import ArticleError
from kb.readers.pdf import read
from kb.readers.pdf_lines import printed_width
from kb.records import Fragment


def shape(data: bytes) -> list[tuple[int | None, str, int, str]]:
    return [(f.page, f.kind, f.level, f.text) for f in read(data).fragments]


def test_lines_are_joined_and_hyphenated_words_whole_again() -> None:
    data = pdf([page(
        "# What a baker does",
        "Bakers start their work in the middle of the night, because the inter-",
        "national customers of the well-known bakery by the railway station of a",
        "large town expect their bread at five. Most of them are done by noon.",
        "",
        "",
        "Another paragraph stands here. An apprenticeship takes three full years,",
        "and the self-",
        "employed earn more than the international average.",
    )])  # fmt: skip
    assert shape(data) == [
        (1, "heading", 1, "What a baker does"),
        (
            1,
            "paragraph",
            0,
            "Bakers start their work in the middle of the night, because the international customers of the well-known bakery by"
            " the railway station of a large town expect their bread at five. Most of them are done by noon.",
        ),
        (1, "paragraph", 0, "Another paragraph stands here. An apprenticeship takes three full years, and the self-"),
        (1, "paragraph", 0, "employed earn more than the international average."),
    ]


FILLER = [
    "Every line on this page is filled up to its right edge with words, so that",
    "the page is known to be as wide as it really is and the next line is joined.",
]


def book(pages: int) -> bytes:
    return pdf([
        [
            (72, 810, 9, "regular", "The Baker's Handbook"),
            *page(f"# Chapter {number}", *FILLER, f"This is what chapter {number} says and it ends here."),
            (290, 30, 9, "regular", f"Page {number} of {pages}"),
        ]
        for number in range(1, pages + 1)
    ])  # fmt: skip


def test_running_headers_and_page_numbers_are_gone_and_every_block_knows_its_page() -> None:
    found = shape(book(3))
    assert [(number, text) for number, kind, _, text in found if kind == "heading"] == [
        (1, "Chapter 1"), (2, "Chapter 2"), (3, "Chapter 3")
    ]  # fmt: skip
    assert not any("Handbook" in text or "Page" in text for _, _, _, text in found)
    assert [number for number, kind, _, _ in found if kind == "paragraph"] == [1, 2, 3]


def test_a_paragraph_that_runs_over_the_page_break_is_one_and_has_the_first_page() -> None:
    first = page(*FILLER, "A sentence begins on the first page of this little book and then it goes on", top=200)
    second = page("on the second page, where it ends.", "", "", "A new paragraph.")
    texts = shape(pdf([first, second]))
    assert texts[0][0] == 1 and texts[0][3].endswith("then it goes on on the second page, where it ends.")
    assert texts[1] == (2, "paragraph", 0, "A new paragraph.")


def test_bullets_numbers_and_indents_make_items() -> None:
    lines = page("Duties of a baker are the following ones:")
    lines += [
        (80, 740, 11, "regular", "• mixing dough"),
        (100, 726, 11, "regular", "• by hand"),
        (80, 712, 11, "regular", "• baking"),
    ]
    found = read(pdf([lines])).fragments
    assert [(f.kind, f.level, f.mark, f.text) for f in found] == [
        ("paragraph", 0, "", "Duties of a baker are the following ones:"),
        ("item", 1, "•", "mixing dough"),
        ("item", 2, "•", "by hand"),
        ("item", 1, "•", "baking"),
    ]


def test_lines_whose_cells_stand_in_columns_are_a_table() -> None:
    cells = [("Town", "Level", "Pay"), ("Bonn", "junior", "30,000 EUR"), ("Ulm", "senior", "41,000 EUR")]
    rows = [(72 + 120 * j, 700 - 16 * i, 11, "regular", cell) for i, row in enumerate(cells) for j, cell in enumerate(row)]
    found = shape(pdf([[*page("Pay differs from town to town, as the following table shows."), *rows]]))
    assert found[1:] == [
        (1, "table_header", 0, "Town | Level | Pay"),
        (1, "table_row", 0, "Bonn | junior | 30,000 EUR"),
        (1, "table_row", 0, "Ulm | senior | 41,000 EUR"),
    ]


def test_a_cell_beside_several_rows_is_said_in_each() -> None:
    def row(y: float, *cells: str, first: float = 72) -> list[Text]:
        return [(first + 110 * i, y, 11, "regular", text) for i, text in enumerate(cells)]

    table = [*row(700, "Place", "Rank", "Monthly pay"), *row(670, "Murano"), *row(680, "Helper", "1,400 EUR", first=182)]
    table += [*row(660, "Master", "3,900 EUR", first=182), *row(640, "Brno", "all", "2,000 EUR"), *row(600, "Bohemia")]
    table += [line for i in range(3) for line in row(620 - 20 * i, f"Rank {i}", f"{i + 1},100 EUR", first=182)]
    assert [(kind, text) for _, kind, _, text in shape(pdf([page("# Pay") + table]))] == [
        ("heading", "Pay"),
        ("table_header", "Place | Rank | Monthly pay"),
        ("table_row", "Murano | Helper | 1,400 EUR"),
        ("table_row", "Murano | Master | 3,900 EUR"),
        ("table_row", "Brno | all | 2,000 EUR"),
        ("table_row", "Bohemia | Rank 0 | 1,100 EUR"),
        ("table_row", "Bohemia | Rank 1 | 2,100 EUR"),
        ("table_row", "Bohemia | Rank 2 | 3,100 EUR"),
    ]


WORDS = "Helpers carry the iron for three years before they gather glass, and the furnace is lit at five in the morning. "


def set_in(width: float, text: str) -> list[str]:
    """text in lines of about this width at 11 points."""
    lines = [""]
    for word in text.split():
        if printed_width(f"{lines[-1]} {word}") * 11 > width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


@pytest.mark.parametrize("columns", [2, 3])
def test_columns_are_read_one_after_the_other_and_their_lines_joined(columns: int) -> None:
    width = 480 / columns
    abstract = page(*set_in(450, WORDS * 4), x=60, top=780)
    texts, expected = [], [" ".join((WORDS * 4).split())]
    for column in range(columns):
        paragraphs = [f"Part {column}{part}. " + WORDS * 3 for part in "abc"]
        lines = [line for text in paragraphs for line in (*set_in(width - 20, text), "")]
        texts += page(*lines, x=60 + column * width, top=690)
        expected += [" ".join(text.split()) for text in paragraphs]
    found = read(pdf([abstract + texts])).fragments
    assert [(each.kind, each.text) for each in found] == [("paragraph", text) for text in expected]


def test_lines_set_in_are_no_column() -> None:
    lines = page(*set_in(450, WORDS * 6), x=60, top=780) + page(*set_in(400, WORDS * 6), x=100, top=600)
    assert [each.text for each in read(pdf([lines])).fragments] == [" ".join((WORDS * 6).split())] * 2


def test_sizes_and_weight_tell_the_levels_of_headings() -> None:
    text = [(72, 760 - 40 * i, size, font, words) for i, (size, font, words) in enumerate([
        (24, "bold", "Baker"), (16, "bold", "Pay"), (11, "bold", "In Bonn"), (11, "regular", "It is low in Bonn, as is known."),
        (16, "bold", "Outlook"), (11, "regular", "It is good for those who like to get up early every day."),
    ])]  # fmt: skip
    assert [(level, words) for _, kind, level, words in shape(pdf([text])) if kind == "heading"] == [
        (1, "Baker"), (2, "Pay"), (3, "In Bonn"), (2, "Outlook")
    ]  # fmt: skip


def test_title_and_date_come_from_the_documents_properties() -> None:
    draft = read(
        pdf([page("Bakers bake.")], {"Title": "All about bakers", "CreationDate": "D:20220315101500Z", "Producer": "TeX"})
    )
    assert (draft.meta["title"], draft.meta["date"], draft.date_origin) == ("All about bakers", "2022-03-15", "page metadata")


def test_the_time_of_printing_a_web_page_is_not_its_date() -> None:
    draft = read(
        pdf([page("Bakers bake.")], {"Title": "x.html", "CreationDate": "D:20220315101500Z", "Producer": "Skia/PDF m120"})
    )
    assert "title" not in draft.meta and draft.date_origin == "unknown"


def test_a_date_in_the_text_counts_for_more_than_the_time_of_saving() -> None:
    draft = read(
        pdf([page("Published by the Bakers' Guild, January 2021", "", "", "Bakers bake.")], {"CreationDate": "D:20220315"})
    )
    assert (draft.meta["date"], draft.date_origin) == ("2021-01", "text")


def test_an_imprint_in_the_running_footer_dates_the_document() -> None:
    footer = "Edition of May 2021 | Page "
    words = [f"This is what chapter {name} says, and it ends here." for name in ("one", "two", "three")]
    pages = [[*page(f"# {said[13:24]}", *FILLER, said), (72, 30, 9, "regular", f"{footer}{n}")] for n, said in enumerate(words)]
    draft = read(pdf(pages, {"CreationDate": "D:20220315"}))
    assert (draft.meta["date"], draft.date_origin) == ("2021-05", "text")
    assert not any("Edition" in fragment.text for fragment in draft.fragments)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (pdf([[]]), "pages are pictures"),
        (b"%PDF-1.4\nnothing more", "damaged or no PDF"),
        (b"not a pdf at all", "damaged or no PDF"),
        (pdf([]), "no pages"),
    ],
)
def test_a_pdf_that_cannot_be_read_says_why(data: bytes, reason: str) -> None:
    with pytest.raises(ArticleError, match=reason):
        read(data)


def test_a_pdf_whose_cross_reference_table_lies_is_repaired() -> None:
    data = pdf([page("Bakers bake bread.")])
    start = data.rindex(b"startxref\n") + len(b"startxref\n")
    assert shape(data[:start] + b"7\n%%EOF\n")[0][3] == "Bakers bake bread."


def test_ligatures_are_letters() -> None:
    assert Fragment("paragraph", "first flour", page=1) == read(pdf([page("first flour")])).fragments[0]


def test_a_bullet_written_by_a_code_of_no_letter_is_a_bullet() -> None:
    written = pdf([page("# Pay", "~ Trainee: 1,980 EUR a month", "~ Observer: 2,640 EUR a month")]).replace(b"(~ ", b"(\x7f ")
    assert [(f.kind, f.mark, f.text) for f in read(written).fragments][1:] == [
        ("item", "•", "Trainee: 1,980 EUR a month"),
        ("item", "•", "Observer: 2,640 EUR a month"),
    ]
