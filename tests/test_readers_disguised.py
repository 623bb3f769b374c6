from __future__ import annotations

import pytest

from kb.readers import html

TEXT = "<p>A saleroom sells what nine houses in ten would throw away, and it takes a fifth of the price for that.</p>"


def shape(page: str) -> list[tuple[str, str]]:
    return [(f.kind, f.text) for f in html.read(page.encode()).fragments]


def test_bold_by_class_as_google_docs_writes_it_makes_headings_and_its_title_is_the_title() -> None:
    page = f"""<html><head><style>.c0{{font-weight:700;font-size:20pt}}.c1{{font-weight:400}}.c2{{font-weight:700}}
</style></head><body>
<p class="c4 title"><span class="c0">Auctioneer</span></p><p><span class="c1">{TEXT[3:-4]}</span></p>
<p class="c4"><span class="c2">How you </span><span class="c2">get in</span></p>
<p class="c4"><span class="c1">By the door.</span></p>
<p><b style="font-weight:normal">Not bold at all</b></p><p>Nor is this.</p>
<p><a href="#cmnt_ref1">[a]</a><span>Can we check this?</span></p></body></html>"""
    assert shape(page) == [
        ("heading", "Auctioneer"),
        ("paragraph", TEXT[3:-4]),
        ("heading", "How you get in"),
        ("paragraph", "By the door."),
        ("paragraph", "Not bold at all"),
        ("paragraph", "Nor is this."),
    ]


@pytest.mark.parametrize(
    "asked",
    [
        '<h3><button class="accordion-button" data-bs-toggle="collapse" data-bs-target="#a">Is it hard work?</button></h3>'
        '<div id="a" class="collapse">Furniture is, and there is no lift.</div>',
        '<div><button aria-expanded="false" aria-controls="a">Is it hard work?</button></div>'
        '<div id="a" hidden><p>Furniture is, and there is no lift.</p></div>',
        '<div class="faq-question">Is it hard work?</div><div style="display: none">Furniture is, and there is no lift.</div>',
        "<details><summary>Is it hard work?</summary>Furniture is, and there is no lift.</details>",
    ],
)
def test_a_question_that_is_pressed_heads_its_answer_be_it_hidden(asked: str) -> None:
    found = shape(f"<html><body><main><h1>Saleroom questions</h1>{TEXT}<section>{asked}</section></main></body></html>")
    assert found[2:] == [("heading", "Is it hard work?"), ("paragraph", "Furniture is, and there is no lift.")]


def test_what_a_menus_button_hides_stays_hidden() -> None:
    menu = (
        '<nav><button aria-expanded="false" aria-controls="m">Where next?</button>'
        '<div id="m" hidden>Ten more jobs for you</div></nav>'
    )
    assert shape(f"<html><body>{menu}<main><h1>Saleroom</h1>{TEXT}</main></body></html>") == [
        ("heading", "Saleroom"),
        ("paragraph", TEXT[3:-4]),
    ]


def test_a_box_without_a_picture_and_who_is_quoted_are_kept() -> None:
    page = f"""<html><body><main><h1>Saleroom</h1>{TEXT}<figure class="callout"><div>Porters start at seven sharp.</div></figure>
<blockquote><p>Nobody bids in the rain.</p><cite>Ama, porter</cite></blockquote></main></body></html>"""
    assert [text for _, text in shape(page)][2:] == ["Porters start at seven sharp.", "Nobody bids in the rain.", "Ama, porter"]


def test_the_words_of_a_page_builder_are_no_widgets_to_leave_out() -> None:
    box = '<div class="elementor-element elementor-widget elementor-widget-text-editor"><div>{}</div></div>'
    heading, end = box.format("<h1>Saleroom</h1>"), box.format("<p>Bring boots.</p>")
    page = f"<html><body><div>{heading}{box.format(TEXT)}{end}</div></body></html>"
    assert shape(page) == [("heading", "Saleroom"), ("paragraph", TEXT[3:-4]), ("paragraph", "Bring boots.")]
