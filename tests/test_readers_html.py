from __future__ import annotations

import pytest

from kb.errors import ArticleError
from kb.readers import html, mhtml
from kb.readers.tree import fragments_of, superscript

PAGE = """<!DOCTYPE html>
<!-- saved from url=(0029)https://career.example/baker -->
<html><head><meta charset="utf-8"><title>What does a baker do all night long? | Career Weekly</title>
<meta property="og:site_name" content="Career Weekly">
<script type="application/ld+json">{"@graph": [{"@type": "Article", "datePublished": "2023-05-04T10:00:00+00:00"}]}</script>
</head><body>
<nav><ul><li><a href="/">Home</a></li><li><a href="/jobs">All jobs</a></li></ul></nav>
<div class="cookie-banner"><p>We use cookies to make this page better for you and for us.</p></div>
<main><h1>What does a baker do all night long?</h1>
<p>Bakers make <b>bread</b> and cakes<sup><a href="#n1">1</a></sup>. A large bakery makes 10<sup>3</sup> loaves
an hour.</p>
<h2>Duties</h2><p>Duties include:</p>
<ul><li>mixing dough<ul><li>by hand</li></ul></li><li><p>baking</p><p>It is hot.</p></li></ul>
<h2><div>Pay</div></h2>
<table><tr><th>Town</th><th>Pay</th></tr><tr><td>Bonn</td><td>30,000 EUR</td></tr></table>
<details><summary>Do I need a degree?</summary><p>No, but three<br>years of training.</p></details>
<p><strong>Is the work hard?</strong></p><p>Yes, at &lt;four&gt; in the morning.</p>
<pre>flour  1
water  2</pre>
</main>
<aside><h2>Related</h2><p>Ten other jobs that you may like if you have read this page to its end.</p></aside>
<footer>Copyright 2024 Career Weekly</footer><script>alert(1)</script>
</body></html>"""


def shape(page: str) -> list[tuple[str, int, str]]:
    return [(f.kind, f.level, f.text) for f in html.read(page.encode()).fragments]


def test_a_page_gives_its_article_and_nothing_else() -> None:
    assert shape(PAGE) == [
        ("heading", 1, "What does a baker do all night long?"),
        ("paragraph", 0, "Bakers make bread and cakes. A large bakery makes 10^3 loaves an hour."),
        ("heading", 2, "Duties"),
        ("paragraph", 0, "Duties include:"),
        ("item", 1, "mixing dough"),
        ("item", 2, "by hand"),
        ("item", 1, "baking\nIt is hot."),
        ("heading", 2, "Pay"),
        ("table_header", 0, "Town | Pay"),
        ("table_row", 0, "Bonn | 30,000 EUR"),
        ("heading", 3, "Do I need a degree?"),
        ("paragraph", 0, "No, but three\nyears of training."),
        ("heading", 3, "Is the work hard?"),
        ("paragraph", 0, "Yes, at <four> in the morning."),
        ("code", 0, "flour  1\nwater  2"),
    ]


def test_title_date_and_address_are_what_the_page_says() -> None:
    draft = html.read(PAGE.encode())
    assert dict(draft.meta) == {
        "title": "What does a baker do all night long?",
        "date": "2023-05-04",
        "url": "https://career.example/baker",
    }
    assert draft.date_origin == "page metadata"


@pytest.mark.parametrize(
    ("head", "date"),
    [
        ('<meta property="article:published_time" content="2021-02-03T00:00:00Z">', "2021-02-03"),
        ('<meta itemprop="datePublished" content="3 February 2021">', "2021-02-03"),
        ('<script type="application/ld+json">{"dateModified": "2020-01-02"}</script>', "2020-01-02"),
        ('<script type="application/ld+json">{"datePublished": </script>', ""),
        ("<meta name='description' content='2021-02-03'>", ""),
    ],
)
def test_a_pages_date_is_read_from_its_metadata_only_where_it_says_so(head: str, date: str) -> None:
    draft = html.read(f"<html><head>{head}</head><body><p>Bakers bake.</p></body></html>".encode())
    assert draft.meta.get("date", "") == date


def test_a_date_in_the_text_is_called_one() -> None:
    draft = html.read(b"<html><body><p>Last updated: 4 May 2022</p><p>Bakers bake bread and cakes.</p></body></html>")
    assert (draft.meta["date"], draft.date_origin) == ("2022-05-04", "text")


@pytest.mark.parametrize(
    ("title", "h1", "expected"),
    [
        ("How to bake | Bread Weekly", "How to bake", "How to bake"),
        ("How to bake bread at home - Bread Weekly", "Bread Weekly", "How to bake bread at home"),
        ("How to bake", "", "How to bake"),
        ("", "How to bake", "How to bake"),
    ],
)
def test_the_sites_name_is_no_part_of_the_title(title: str, h1: str, expected: str) -> None:
    page = f"<html><head><title>{title}</title></head><body><h1>{h1}</h1><p>Bakers bake.</p></body></html>"
    assert html.read(page.encode()).meta["title"] == expected


def test_a_section_called_like_a_button_is_a_section() -> None:
    page = (
        '<html><body><h1>Baker</h1><section id="social-skills"><h2>Social skills<a href="#x">¶</a></h2><p>Be kind.</p></section>'
    )
    assert shape(page) == [("heading", 1, "Baker"), ("heading", 2, "Social skills"), ("paragraph", 0, "Be kind.")]


def test_an_article_element_without_a_heading_is_read() -> None:
    assert shape("<html><body><main><p>Bakers bake bread.</p></main></body></html>") == [("paragraph", 0, "Bakers bake bread.")]


def test_a_fragment_without_html_or_body_is_read() -> None:
    assert shape("<h2>Pay</h2><p>It is low.</p>") == [("heading", 2, "Pay"), ("paragraph", 0, "It is low.")]


def test_a_section_that_trafilatura_loses_is_kept() -> None:
    faq = "".join(f"<h3>Question {i}?</h3><ul><li>{'answer words ' * 8}{i}</li></ul>" for i in range(4))
    page = f"<html><body><main><h1>Baker</h1><p>{'Bakers bake bread. ' * 30}</p>{faq}</main></body></html>"
    assert [text for kind, _, text in shape(page) if kind == "heading"][1:] == [f"Question {i}?" for i in range(4)]


def test_xhtml_with_a_doctype_is_read_and_entities_are_not_expanded() -> None:
    page = (
        '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE html [<!ENTITY x SYSTEM "file:///etc/passwd">]>\n'
        '<html xmlns="http://www.w3.org/1999/xhtml"><body><p>Bakers bake &x; bread.</p></body></html>'
    )
    texts = " ".join(text for _, _, text in shape(page))
    assert "Bakers bake" in texts and "root:" not in texts


def test_the_declared_charset_counts_where_the_bytes_are_no_utf8() -> None:
    page = '<html><head><meta charset="windows-1251"></head><body><p>Пекарь печёт хлеб.</p></body></html>'.encode("cp1251")
    assert html.read(page).fragments[0].text == "Пекарь печёт хлеб."


def test_thirty_thousand_nested_elements_are_read() -> None:
    page = "<html><body>" + "<div>" * 30_000 + "<p>The marker sentence.</p>" + "</div>" * 30_000 + "</body></html>"
    assert "The marker sentence." in [text for _, _, text in shape(page)]


def rows_of(table: str) -> list[tuple[str, str]]:
    found = html.read(f"<h1>Pay</h1><p>What glass workers earn in two regions.</p><table>{table}</table>".encode()).fragments
    return [(each.kind, each.text) for each in found if each.kind not in {"heading", "paragraph"}]


def test_a_cell_over_several_rows_is_said_in_each() -> None:
    assert rows_of(
        "<tr><th>Place</th><th>Rank</th><th>Pay</th></tr>"
        "<tr><td rowspan=2>Murano</td><td>Helper</td><td rowspan=4>monthly</td></tr><tr><td>Master</td></tr>"
        "<tr><td rowspan='2'>Bohemia</td><td>Helper</td></tr><tr><td>Master</td></tr>"
        "<tr><td>Other</td><td>all</td><td>1</td></tr>"
    ) == [
        ("table_header", "Place | Rank | Pay"),
        ("table_row", "Murano | Helper | monthly"),
        ("table_row", "Murano | Master | monthly"),
        ("table_row", "Bohemia | Helper | monthly"),
        ("table_row", "Bohemia | Master | monthly"),
        ("table_row", "Other | all | 1"),
    ]


def test_a_cell_over_the_rest_of_its_group_ends_with_it_and_cells_over_columns_move_the_others() -> None:
    assert rows_of(
        "<thead><tr><th rowspan=2>Place</th><th colspan=2>Pay</th></tr><tr><th>from</th><th>to</th></tr></thead>"
        "<tbody><tr><td rowspan=0>Murano</td><td>1</td><td>2</td></tr><tr><td>3</td><td>4</td></tr></tbody>"
        "<tbody><tr><td colspan=2>Bohemia, about</td><td rowspan=2>5</td></tr><tr><td>Brno</td><td>6</td></tr></tbody>"
    ) == [
        ("table_header", "Place | Pay"),
        ("table_header", "Place | from | to"),
        ("table_row", "Murano | 1 | 2"),
        ("table_row", "Murano | 3 | 4"),
        ("table_row", "Bohemia, about | 5"),
        ("table_row", "Brno | 6 | 5"),
    ]


def test_spans_made_to_do_harm_cost_nothing() -> None:
    wide = "".join(f"<td rowspan=65000>cell {i}</td>" for i in range(1_000))
    rows = rows_of(f"<tr><td>a</td><td rowspan='-1'>b</td></tr><tr><td rowspan=99999999999>c</td><td colspan=x>d</td></tr>"
                   f"<tr>{wide}</tr>" + "<tr><td>x</td><td>y</td></tr>" * 500)  # fmt: skip
    assert rows[:2] == [("table_row", "a | b"), ("table_row", "c | d")]
    assert sum(len(text) for _, text in rows) < 500_000


def test_a_table_that_lays_out_the_page_is_no_table() -> None:
    page = "<table><tr><td><h2>Menu</h2></td><td><h2>Pay</h2><p>It is low.</p></td></tr></table>"
    assert shape(page) == [("heading", 2, "Menu"), ("heading", 2, "Pay"), ("paragraph", 0, "It is low.")]


@pytest.mark.parametrize(
    ("before", "raised", "linked", "reads"),
    [
        ("10", "3", False, "^3"),
        ("O(n", "2", False, "^2"),
        ("the 1", "st", False, "st"),
        ("bread", "1", False, ""),
        ("40", "1", True, ""),
        ("bread", "[2]", True, ""),
    ],
)
def test_powers_keep_their_value_and_footnote_marks_go(before: str, raised: str, linked: bool, reads: str) -> None:
    assert superscript(before, raised, linked=linked) == reads


def test_a_page_saved_as_one_file_is_read() -> None:
    saved = (
        "From: <Saved by Blink>\r\nSnapshot-Content-Location: https://career.example/baker\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/related; type="text/html"; boundary="b"\r\n\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n'
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
        "<html><body><h1>Baker</h1><p>Caf=C3=A9 bread is =\r\nbaked.</p></body></html>\r\n--b--\r\n"
    )
    draft = mhtml.read(saved.encode())
    assert [f.text for f in draft.fragments] == ["Baker", "Café bread is baked."]
    assert draft.meta["url"] == "https://career.example/baker"


def test_a_saved_page_without_a_page_is_an_error() -> None:
    with pytest.raises(ArticleError, match="no page in it"):
        mhtml.read(b"MIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\nHello\r\n")


def test_a_bold_line_between_two_blocks_is_a_heading() -> None:
    page = (
        "<body><h1>A day at sea</h1><p>The boat leaves at four in the morning, whatever the weather.</p>"
        "<b>The money</b><p>A <b>share</b> of the catch.</p>"
        "<p><strong>Getting in</strong><br>Walk along the docks in the last week of May.</p>"
        "<div><b>Mo</b> says: come in June, when the boats are in the harbour</div></body>"
    )
    assert shape(page)[2:] == [
        ("heading", 2, "The money"),
        ("paragraph", 0, "A share of the catch."),
        ("heading", 2, "Getting in"),
        ("paragraph", 0, "Walk along the docks in the last week of May."),
        ("paragraph", 0, "Mo says: come in June, when the boats are in the harbour"),
    ]


INTERVIEW = (
    "<body><h1>Cooking at home</h1><p><b>You ran a kitchen of twenty. Why leave?</b></p><p>My knees were done for.</p>"
    "<p><b>Describe an ordinary Tuesday.</b></p><p>The market at eight.</p><p><b>What does it pay?</b></p><p>Enough.</p>"
    "<p><b>Would you go back?</b></p><p>Never.</p></body>"
)


def test_in_an_interview_all_that_the_interviewer_says_is_a_heading() -> None:
    assert [text for kind, _, text in shape(INTERVIEW) if kind == "heading"] == [
        "Cooking at home",
        "You ran a kitchen of twenty. Why leave?",
        "Describe an ordinary Tuesday.",
        "What does it pay?",
        "Would you go back?",
    ]


def test_a_bold_sentence_outside_an_interview_is_a_sentence() -> None:
    page = "<body><h1>Cooking</h1><p><b>Never pay an agency.</b></p><p>It is the employer who pays.</p></body>"
    assert ("paragraph", 0, "Never pay an agency.") in shape(page)


def rows(*lines: str) -> list[tuple[str, str]]:
    cells = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in line.split('|'))}</tr>" for line in lines)
    return [(fragment.kind, fragment.text) for fragment in fragments_of(html.parse(f"<table>{cells}</table>"))]


def test_words_above_figures_are_a_tables_header() -> None:
    assert rows("Rank|Under 2 years|Later", "Baker|£9|?", "Head baker|£14|?") == [
        ("table_header", "Rank | Under 2 years | Later"), ("table_row", "Baker | £9 | ?"), ("table_row", "Head baker | £14 | ?")
    ]  # fmt: skip


def test_a_first_row_that_alone_is_bold_is_a_tables_header() -> None:
    assert rows("<b>Town</b>|<p><strong>Oven</strong></p>", "Bonn|gas", "Ulm|wood")[0] == ("table_header", "Town | Oven")
    assert rows("<b>Town</b>|gas", "<b>Bonn</b>|gas", "<b>Ulm</b>|wood")[0] == ("table_row", "Town | gas")


def test_a_table_of_names_and_values_has_no_header() -> None:
    assert rows("Role|Baker", "Pay|£9", "Hours|40")[0] == ("table_row", "Role | Baker")
    assert rows("Start|7:00", "End|15:00", "Break|30 minutes", "Shifts|2")[0] == ("table_row", "Start | 7:00")


def test_bold_sentences_at_the_head_of_a_pages_paragraphs_are_headings_where_there_are_several() -> None:
    page = "<p><b>Is it full time?</b> Rarely.</p><p><strong>Who is in charge?</strong> Nobody.</p><p><b>The fees.</b> None.</p>"
    found = fragments_of(html.parse(f"<h1>Notary</h1>{page}<p><b>Mo</b> disagrees.</p>"))
    assert [(f.kind, f.level, f.text) for f in found[1:]] == [
        ("heading", 2, "Is it full time?"),
        ("paragraph", 0, "Rarely."),
        ("heading", 2, "Who is in charge?"),
        ("paragraph", 0, "Nobody."),
        ("heading", 2, "The fees."),
        ("paragraph", 0, "None."),
        ("paragraph", 0, "Mo disagrees."),
    ]


def test_terms_and_their_short_definitions_are_rows() -> None:
    page = """<html><body><main><h1>Facts</h1><p>These are the facts of the trade as its guild has them for the year.</p><dl>
<dt>Median pay</dt><dd>80,570 EUR</dd><dt>Tools</dt><dd>lever</dd><dd>fork</dd><dt>Is it loud?</dt><dd>Rarely.</dd></dl>
</main></body></html>"""
    assert shape(page)[2:] == [
        ("table_row", 0, "Median pay | 80,570 EUR"),
        ("table_row", 0, "Tools | lever"),
        ("table_row", 0, "Tools | fork"),
        ("heading", 2, "Is it loud?"),
        ("paragraph", 0, "Rarely."),
    ]


def test_bullets_that_were_typed_make_items_and_a_break_within_a_sentence_none() -> None:
    page = """<html><body><main><div><b>How to apply</b></div><div>Write a letter to the service,<br>by hand if you can.</div>
<div>- pass a medical</div><div>- spend two weeks on trial</div><p>You need<br>• boots<br>• a coat</p>
<p>Then go.</p><p>- alone</p></main></body></html>"""
    assert shape(page) == [
        ("heading", 2, "How to apply"),
        ("paragraph", 0, "Write a letter to the service, by hand if you can."),
        ("item", 1, "pass a medical"),
        ("item", 1, "spend two weeks on trial"),
        ("paragraph", 0, "You need"),
        ("item", 1, "boots"),
        ("item", 1, "a coat"),
        ("paragraph", 0, "Then go."),
        ("paragraph", 0, "- alone"),
    ]


def test_a_title_with_a_code_before_it_is_the_heading() -> None:
    page = "<html><head><title>49-9097.00 - Signal Repairers</title></head><body>"
    page += "<h1>Signal Repairers</h1><p>They mend.</p></body></html>"
    assert html.read(page.encode()).meta["title"] == "Signal Repairers"
