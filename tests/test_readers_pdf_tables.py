from __future__ import annotations

import time
from collections import Counter

import pytest
from pdf_writer import Text, page, pdf

from kb.readers.pdf import read
from kb.readers.pdf_lines import Line
from kb.readers.pdf_rows import MOST_CELLS, with_cells_joined
from kb.readers.pdf_tables import with_tables

PROSE = "Helpers carry the iron for three years before they gather glass, and the furnace is lit at five in the morning. "


def line(x: float, y: float, text: str, *, bold: bool = False, page: int = 1, size: float = 10) -> Line:
    return Line(text, page, x, y, size, bold)


def grid(rows: list[list[str]], *, xs: tuple[float, ...] = (72, 220, 340), top: float = 700, pitch: float = 18) -> list[Line]:
    """Each cell a line of its own, as some programs write them; an empty text is not written."""
    return [line(x, top - pitch * i, text) for i, row in enumerate(rows) for x, text in zip(xs, row, strict=False) if text]


def flow(lines: list[Line]) -> list[str]:
    """The rows of tables as their text, "=" before a header; other lines as they are."""
    found: list[str] = []
    for part in with_tables(with_cells_joined(lines), Counter()):
        if isinstance(part, Line):
            found.append(part.text)
        else:
            found += [("=" if row.kind == "table_header" else "") + row.text for row in part.rows]
    return found


PAY = [["Airline", "Pay, 2024", "Top"], ["Regional", "$23.50 an hour", "$38"], ["Cargo", "$31.00 an hour", "$66"]]
PAY_ROWS = ["=Airline | Pay, 2024 | Top", "Regional | $23.50 an hour | $38", "Cargo | $31.00 an hour | $66"]


def test_cells_written_one_by_one_are_rows_under_their_header() -> None:
    around = [line(72, 740, PROSE), line(72, 640, "Nobody begins at a major.")]
    assert flow([around[0], *grid(PAY), around[1]]) == [around[0].text, *PAY_ROWS, around[1].text]


def test_numbers_set_to_the_right_and_centred_headers_stand_in_their_columns() -> None:
    lines = [line(72, 700, "Town"), line(190, 700, "People in the town"), line(300, 700, "Towers")]
    for i, (town, people, towers) in enumerate([("Bonn", "330,579", "9"), ("Ulm", "7", "120"), ("Jena", "1,000", "4")]):
        y = 682 - 18 * i
        lines += [line(72, y, town), line(270 - 5.5 * len(people), y, people), line(330 - 5.5 * len(towers), y, towers)]
    assert flow(lines) == ["=Town | People in the town | Towers", "Bonn | 330,579 | 9", "Ulm | 7 | 120", "Jena | 1,000 | 4"]


STEPS = [
    (["Step"], ["What happens"], ["Cost"]),
    (
        ["Trial day in", "the bakery"],
        ["A day in the bakery, paid by the", "hour and without any promise, in", "the night"],
        ["40 EUR"],
    ),
    (["Contract"], ["Signed with the guild"], ["12 EUR"]),
]


@pytest.mark.parametrize("where", [0.0, 0.5, 1.0])
def test_a_cell_that_wraps_belongs_to_its_row_wherever_the_others_stand_beside_it(where: float) -> None:
    lines, top = [], 700.0
    for row in STEPS:
        height = max(map(len, row))
        for x, cell in zip((72, 170, 400), row, strict=True):
            down = where * (height - len(cell))
            lines += [line(x, top - 12 * (down + i), text) for i, text in enumerate(cell)]
        top -= 12 * height + 6
    assert flow(lines) == [
        "=Step | What happens | Cost",
        "Trial day in the bakery | A day in the bakery, paid by the hour and without any promise, in the night | 40 EUR",
        "Contract | Signed with the guild | 12 EUR",
    ]


def test_second_lines_written_row_after_row_belong_to_the_row_above() -> None:
    rows = [["Type of", "Starting", "Top of"], ["bakery", "pay", "scale"], ["Hotel with", "2,100", "2,900"], ["own kitchen"]]
    rows += [["Factory", "2,400", "3,100"]]
    heights = [700, 688, 668, 656, 636]
    lines = [line(x, y, text) for y, row in zip(heights, rows, strict=True) for x, text in zip((72, 200, 300), row, strict=False)]
    assert flow(lines) == ["=Type of bakery | Starting pay | Top of scale", "Hotel with own kitchen | 2,100 | 2,900",
                           "Factory | 2,400 | 3,100"]  # fmt: skip


def test_a_table_goes_on_over_a_page_break_and_its_repeated_header_is_said_once() -> None:
    more = [["Airline", "Pay, 2024", "Top"], ["Major", "$37.50 an hour", "$94"]]
    later = [line(each.x, each.y + 60, each.text, page=2) for each in grid(more)]
    assert flow([*grid(PAY), *later]) == [*PAY_ROWS, "Major | $37.50 an hour | $94"]
    alone = later[3:]  # a single row, its header on the page before
    assert flow([*grid(PAY), *alone]) == [*PAY_ROWS, "Major | $37.50 an hour | $94"]


def test_empty_cells_and_group_names_stay_in_the_table() -> None:
    rows = [["Place", "Rank", "Pay"], ["Full-time staff"], ["Murano", "Helper", "1,400"], ["Brno", "", "2,000"]]
    assert flow(grid(rows)) == ["=Place | Rank | Pay", "Full-time staff |  |", "Murano | Helper | 1,400", "Brno |  | 2,000"]


def test_a_bold_row_begins_a_table_of_its_own_and_a_bold_sum_does_not() -> None:
    lines = grid([*PAY, ["Sum", "$54.50", "$104"]])
    lines[-3:] = [line(each.x, each.y, each.text, bold=True) for each in lines[-3:]]
    header = [line(each.x, each.y - 72, each.text, bold=True) for each in grid([["Town", "Rent", "Size"]])]
    more = [line(each.x, each.y - 90, each.text) for each in grid([["Bonn", "900", "40"]])]
    assert flow([*lines, *header, *more]) == [*PAY_ROWS, "Sum | $54.50 | $104", "=Town | Rent | Size", "Bonn | 900 | 40"]


def test_a_form_or_a_list_further_down_is_no_part_of_a_table() -> None:
    form = [line(72, 610, "Name: ________"), line(220, 610, "Town: ________"), line(340, 610, "Date: ________")]
    tall = [line(each.x, each.y - 84, each.text) for each in grid([["mixing", "selling", "cleaning"]])]
    assert flow([*grid(PAY), *tall]) == [*PAY_ROWS, "mixing", "selling", "cleaning"]
    assert flow([*grid(PAY), *form]) == [*PAY_ROWS, *(each.text for each in form)]


def test_words_before_values_have_no_header() -> None:
    rows = [["Job title:", "Baker"], ["Pay:", "31,000 EUR"], ["Hours:", "38"]]
    assert flow(grid(rows)) == ["Job title: | Baker", "Pay: | 31,000 EUR", "Hours: | 38"]


LEFT = [
    "helpers carry the iron for three years, and",
    "they gather glass before the furnace is lit",
    "at five in the morning by a boy who sleeps",
]
RIGHT = [
    "the millers look after their stones, which",
    "turn slowly while the grain is dear to all",
    "of them in spring and cheap in the autumn",
]


@pytest.mark.parametrize(
    "rows",
    [
        [[a, "", b] for a, b in zip(LEFT, RIGHT, strict=True)],  # columns of prose, written line by line
        [["Introduction ........", "3"], ["Pay .................", "9"]],
        [["Introduction", ". . . . . . . .", "3"], ["Pay", ". . . . . . . .", "9"]],
        [["Introduction", "3"], ["Pay and hours", "9"], ["Outlook", "14"]],
        [["•", "mixing dough"], ["•", "baking"]],
        [["1", "mixing dough"], ["2", "baking"], ["3", "selling"]],
        [["Q:", "Do you like it?"], ["A:", "Yes, most of the time."]],
        [["ANNA:", "Do you like the night?"], ["BEN:", "I like it. Nobody talks."], ["ANNA:", "And the pay?"]],
        [["Bakers' Union", "", "Spring 2024"]],  # one row, as a header or footer
    ],
    ids=["prose", "leaders", "leaders apart", "contents", "bullets", "numbers", "questions", "interview", "running header"],
)
def test_what_only_looks_like_a_table_stays_lines(rows: list[list[str]]) -> None:
    texts = [text for row in rows for text in row if text]
    assert flow(grid(rows, pitch=14)) == texts


def test_columns_of_prose_indented_lines_and_headers_are_no_table() -> None:
    column = [line(60, 700 - 12 * i, text) for i, text in enumerate(LEFT * 4)]
    beside = [line(320, 700 - 12 * i, text) for i, text in enumerate(RIGHT * 4)]
    indented = [line(72 + 18 * (i % 3), 300 - 12 * i, f"item {i}") for i in range(9)]
    footer = [line(60, 30, "The Union"), line(500, 30, "page 1")]
    lines = [*footer, *column, *beside, *indented]
    assert flow(lines) == [each.text for each in lines]


def test_short_blocks_of_prose_side_by_side_are_no_row() -> None:
    lines = [line(72 + 250 * j, 700 - 12 * i, LEFT[i]) for j in range(2) for i in range(3)]
    below = [line(72 + 250 * j, 640 - 12 * i, RIGHT[i]) for j in range(2) for i in range(3)]
    assert flow([*lines, *below]) == [each.text for each in (*lines, *below)]


def test_words_set_in_several_fonts_are_no_cells() -> None:
    one = Line(
        "structure with element", 1, 72, 700, 10, False, ((72, "must be created with the function"), (232, "element() only"))
    )
    two = Line("the structure is", 1, 72, 688, 10, False, ((72, "or the structure is deleted and the"), (240, "ELEMENT set")))
    assert with_tables([one, two], Counter()) == [one, two]


def test_a_bullet_written_apart_stands_before_its_item() -> None:
    lines: list[Text] = page("Duties of a baker are the following ones:")
    for i, text in enumerate(("mixing dough", "baking")):
        lines += [(72, 730 - 14 * i, 12, "regular", f"{i + 1}."), (90, 731 - 14 * i, 11, "regular", text)]
    assert [(f.kind, f.mark, f.text) for f in read(pdf([lines])).fragments][1:] == [
        ("item", "1.", "mixing dough"),
        ("item", "2.", "baking"),
    ]


@pytest.mark.parametrize("columns", [1, 2, MOST_CELLS, MOST_CELLS + 1, 10_000])
def test_hostile_places_cost_time_in_proportion(columns: int) -> None:
    lines = [line(20 + 20 * (i % columns), -12.0 * (i // columns), "ab") for i in range(10_000)]
    start = time.process_time()
    assert " ".join(flow(lines)).count("ab") == len(lines)  # whatever it is taken for, no word is lost
    assert time.process_time() - start < 10  # 0.3 to 2


@pytest.mark.parametrize("columns", [2, 4])
def test_rows_at_the_edges_of_pages_are_neither_running_lines_nor_page_numbers(columns: int) -> None:
    header = ["Town", "Hours", "Fee", "Renewal"][:columns]
    rows = [[f"Town {n}", str(100 + n), f"${5 * n}", f"{n % 7} %"][:columns] for n in range(120)]
    pages = []
    for number in range(4):
        shown = [header, *rows[30 * number : 30 * number + 30]]
        texts = [
            (72.0 + 110 * at, 790 - 24.0 * down, 11, "regular", cell)
            for down, row in enumerate(shown)
            for at, cell in enumerate(row)
        ]
        pages.append([*texts, (72, 20, 8, "regular", "Fees of the towns"), (500, 20, 8, "regular", str(number + 1))])
    found = read(pdf(pages)).fragments
    assert [(f.kind, f.text) for f in found] == [
        ("table_header", " | ".join(header)),
        *(("table_row", " | ".join(row)) for row in rows),
    ]
