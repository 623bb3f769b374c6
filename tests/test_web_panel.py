import re
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from web_fake import DATA, HOSTILE, NASTY, TALKS, FakeBase, cite, make_article

from kb.answer import OUTSIDE
from kb.web.dates import age, date_origin, written_date
from kb.web.markup import escape, marked, safe_url
from kb.web.messages import answer_html, message_html
from kb.web.panel import around, notice_html, passage_html, span_html, welcome_html
from kb.web.places import Place, read_place, write_place
from kb.web.strings import say

TODAY = date(2026, 11, 22)
BASE = FakeBase()
VOID = {"br", "img", "hr", "input"}


class Seen(HTMLParser):
    """The elements and text of a piece of HTML, and whether every element is closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.open: list[str] = []
        self.balanced = True
        self.feed(text)
        self.close()
        self.balanced = self.balanced and not self.open

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in VOID:
            self.balanced = self.balanced and bool(self.open) and self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def harmless(text: str) -> Seen:
    """Asserts that HTML of ours holds nothing that runs, loads or leads anywhere but to citations and web pages."""
    seen = Seen(text)
    assert seen.balanced, text
    for tag, attributes in seen.tags:
        assert tag not in {"script", "img", "iframe", "object", "form", "style", "svg", "input", "base", "meta", "link"}, tag
        assert not [name for name in attributes if name.startswith("on") or name in {"style", "src", "srcdoc"}], attributes
        if tag == "a":
            assert re.match(r"#cite-|#as-written|https?://", attributes["href"] or ""), attributes
    return seen


# ---------------------------------------------------------------- answers


def test_a_mark_becomes_a_link_to_its_citation():
    citation = cite(TALKS, "Ask for a range first.", 1)
    seen = harmless(answer_html("Ask for a range first. [1]", [citation]))
    [(_, link)] = [each for each in seen.tags if each[0] == "a"]
    assert read_place(link["href"]) == Place.of(citation)
    assert link["title"] == "Salary talks – interviews/salary talks.md"
    assert seen.text == "Ask for a range first. [1]"


def test_a_mark_without_a_citation_and_an_escaped_one_stay_text():
    seen = harmless(answer_html(r"As \[1\] said, see [7] and [1].", [cite(TALKS, "Practise aloud.", 1)]))
    assert seen.text == "As [1] said, see [7] and [1]."
    assert len([tag for tag, _ in seen.tags if tag == "a"]) == 1


def test_lists_tables_and_emphasis_are_drawn():
    text = "**Yes**, and:\n\n- one [1]\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |"
    seen = harmless(answer_html(text, [cite(TALKS, "Practise aloud.", 1)]))
    assert [tag for tag, _ in seen.tags] == [
        "p",
        "strong",
        "ul",
        "li",
        "a",
        "span",
        "span",
        "li",
        "table",
        "thead",
        "tr",
        "th",
        "th",
        "tbody",
        "tr",
        "td",
        "td",
    ]


def test_subjects_and_marks_below_a_table_are_drawn_in_their_own_way():
    marked = cite(TALKS, "Practise aloud.", 1)
    shown = answer_html("**Salary talks**\n\n**Yes**, and [1]\n\n| a |\n|---|\n| b |\n\n[1]\n\n**a** b **c**", [marked])
    assert [attributes.get("class") for tag, attributes in harmless(shown).tags if tag == "p"] == [
        "kb-subject",
        None,
        "kb-marks",
        None,
    ]
    sides = answer_html("**Data scientist**\n\n**Data jobs › Day**\n\nAsk.\n\n**Engineer**\n\n**Build jobs**\n\nBuild.", [])
    assert [attributes.get("class") for tag, attributes in harmless(sides).tags if tag == "p"] == [
        *["kb-subject kb-side-of", "kb-subject", None] * 2
    ]
    above, lacking = say("line_above", "de", marks="[1]"), say("line_not_held", "de", what="nurse")
    bare = f"**Certificate**\n\n{above}\n\n**Nurse**\n\n{lacking}\n\n**Pay**\n\nMuch."
    assert [attributes.get("class") for tag, attributes in harmless(answer_html(bare, [marked], "de")).tags if tag == "p"] == [
        *("kb-subject kb-side-of", None, "kb-subject kb-side-of", None, "kb-subject", None)
    ]


def test_an_answer_stands_on_one_line_so_that_no_markdown_reader_touches_it_again():
    assert "\n" not in answer_html("a\n\nb\nc\n\n    code\n\n```\nfence\n```", [])


@given(st.text(max_size=200))
def test_no_text_of_an_answer_becomes_markup_that_acts(text):
    harmless(answer_html(text, [cite(NASTY, HOSTILE, 1)]))


@pytest.mark.parametrize(
    "wrap", ["{}", "**{}**", "- {}", "> {}", "# {}", "| {} |\n|---|\n| {} |", "[1]: {}", "[a]({})", "![a]({})", "<{}>", "`{}`"]
)
def test_hostile_text_in_an_answer_stays_text(wrap):
    harmless(answer_html(wrap.format(*[HOSTILE] * wrap.count("{}")), [cite(NASTY, HOSTILE, 1)]))


def without_buttons(message: str) -> str:
    """The text of a message; that it is harmless is asserted as well."""
    harmless(message)
    return Seen(message.partition('<div class="kb-actions">')[0] + "</div>").text


def test_a_message_says_how_the_question_was_understood_and_what_the_answer_rests_on():
    *_, answer = BASE.stream("What is the pay?")
    follow_up = replace(answer, resolved_question="What is the pay of a data engineer?", notes=("Sources differ.",))
    text = without_buttons(message_html(follow_up, note="Searched only: data"))
    assert text.startswith("Understood as: What is the pay of a data engineer? · Ask it exactly as I wrote it")
    assert text.endswith("[2]Sources differ.Searched only: data2 quotes from 2 articles, written 2021–2024 · 0.01 s")


def test_every_button_of_a_message_has_a_name_in_the_readers_language():
    *_, answer = BASE.stream("What is the pay?")
    for language, names in (("en", {"Ask again", "This helped"}), ("de", {"Noch einmal fragen", "Das hat geholfen"})):
        titles = {a["title"] for tag, a in Seen(message_html(answer, language=language)).tags if tag == "button"}
        assert names < titles and len(titles) == 7


def test_a_growing_message_has_no_foot_yet():
    *_, answer = BASE.stream("What is the pay?")
    assert "kb-foot" not in message_html(answer, done=False)
    assert "kb-foot" in message_html(answer)


def test_a_declined_question_names_what_is_covered_each_to_be_opened():
    *_, answer = BASE.stream("What is the capital of France?")
    shown = message_html(answer, language="de")
    assert without_buttons(shown) == "Das deckt die Wissensbasis nicht ab.Was sie in der Nähe abdeckt:datapay"
    assert re.findall(r'class="kb-nearby">(\w+)<', shown) == ["data", "pay"]
    named = replace(answer, text=f"{answer.text} The nearest it covers: data; pay.")
    assert message_html(named, language="de") == shown, "named once"
    assert message_html(named) == message_html(answer)


def test_a_decline_for_another_reason_names_nothing_that_is_near():
    *_, answer = BASE.stream("What is the capital of France?")
    for said in OUTSIDE.values():
        assert "kb-near" not in message_html(replace(answer, text=said))


def test_how_a_question_was_understood_is_said_as_text():
    *_, answer = BASE.stream("What is the pay?")
    shown = message_html(replace(answer, resolved_question="<b>{what}</b>"))
    assert 'Understood as: <span class="kb-resolved">&lt;b&gt;{what}&lt;/b&gt;</span>' in shown


def test_the_numbers_in_a_note_open_their_citations():
    *_, answer = BASE.stream("What is the pay?")
    shown = message_html(replace(answer, notes=("[1], [2] euros a year; from 2024", "<b> [9]")), language="de")
    notes = re.findall(r'<p class="kb-note">(.*?)</p>', shown)
    assert [len(re.findall("#cite-", note)) for note in notes] == [2, 0] and notes[1] == "&lt;b&gt; [9]"
    assert "Euro im Jahr; von 2024" in notes[0]


# ---------------------------------------------------------------- dates


@pytest.mark.parametrize(
    ("text", "language", "shown"),
    [
        ("2024-05-03", "en", "3 May 2024"),
        ("2024-05-03", "de", "3. Mai 2024"),
        ("2024-05", "en", "May 2024"),
        ("2024", "en", "2024"),
        ("", "en", "Undated"),
        ("2024-13", "en", "2024"),
        ("2024-xx", "en", "2024"),
    ],
)
def test_dates_are_written_out(text, language, shown):
    assert written_date(text, language) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2026-11-22", "this month"),
        ("2026-11-23", "dated ahead"),
        ("2026-10-23", "this month"),
        ("2026-10-22", "a month old"),
        ("2026-02", "9 months old"),
        ("2025-11", "a year old"),
        ("2025-12", "11 months old"),
        ("2021-02-03", "5 years old"),
        ("2024", "2 years old"),
        ("2026", "4 months old"),
        ("2027", "dated ahead"),
        ("", ""),
        ("soon", ""),
    ],
)
def test_ages_are_told_in_whole_months_then_years(text, shown):
    assert age(text, TODAY) == shown


# ---------------------------------------------------------------- an article's text


@given(text=st.text(max_size=40), spans=st.lists(st.tuples(st.integers(-5, 45), st.integers(-5, 45)), max_size=4), data=st.data())
def test_marks_cover_exactly_their_spans_and_the_text_is_whole(text, spans, data):
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    shown = Seen(marked(text, start, end, spans))
    assert shown.text.replace("\r", "\n") == Seen(escape(text[start:end])).text.replace("\r", "\n")
    inside = "".join(escape(text[i]) for i in range(start, end) if any(a <= i < b for a, b in spans))
    assert "".join(re.findall(r"<mark>(.*?)</mark>", marked(text, start, end, spans), re.DOTALL)) == inside


def test_a_whole_article_shows_its_headings_lists_and_tables_once():
    seen = harmless(span_html(DATA, 0, len(DATA.text)))
    headings = [tag for tag, _ in seen.tags if tag.startswith("h")]
    assert headings == ["h3", "h4", "h3"]
    assert seen.text == DATA.text.replace("\n", "").replace(" | ", "")
    assert [tag for tag, _ in seen.tags if tag in {"table", "ul", "th", "td", "li"}] == [
        "table",
        *["th"] * 3,
        *["td"] * 6,
        "ul",
        *["li"] * 3,
    ]


def test_a_panel_marks_the_quote_and_what_it_leans_on():
    place = Place.of(cite(DATA, "Germany | 55,000 to 80,000 EUR | 2024", 1, "Region | Range | Year"))
    page = passage_html(DATA, BASE.passages(DATA.source), place, today=TODAY)
    harmless(page)
    assert re.findall("<mark>(.*?)</mark>", page) == ["Region", "Range", "Year", "Germany", "55,000 to 80,000 EUR", "2024"]
    assert "United States" in page and "builds the pipelines" not in page
    assert "Role › Pay" in page and "May 2024</span> · <span>2 years old</span> · <span>date given by the article</span>" in page
    assert '<a href="https://example.org/data-engineer" target="_blank" rel="noopener noreferrer">Original</a>' in page


def test_the_whole_article_keeps_the_marks():
    place = Place.of(cite(DATA, "Learn SQL well.", 1, "Three steps help:"))
    page = passage_html(DATA, BASE.passages(DATA.source), place, today=TODAY, whole=True)
    assert re.findall("<mark>(.*?)</mark>", page) == ["Three steps help:", "Learn SQL well."]
    assert "builds the pipelines" in page


def test_the_panel_leads_to_the_answers_other_citations():
    places = [
        write_place(Place.of(cite(TALKS, quote, n))) for n, quote in enumerate(("Ask for a range first.", "Practise aloud."), 1)
    ]
    first = passage_html(TALKS, BASE.passages(TALKS.source), read_place(places[0]), [*places, "rubbish", places[0]], today=TODAY)
    buttons = [
        a for tag, a in Seen(first).tags if tag == "button" and a.get("aria-label") in {"Previous citation", "Next citation"}
    ]
    assert [("disabled" in a, a["data-place"]) for a in buttons] == [(True, ""), (False, places[1])]
    assert "Citation 1 of 2" in first
    alone = passage_html(TALKS, BASE.passages(TALKS.source), read_place(places[0]), [places[0]], today=TODAY)
    assert "Citation 1" not in alone


def test_a_changed_article_is_shown_without_marks_and_says_so():
    place = Place.of(replace(cite(TALKS, "Practise aloud.", 1), content_hash="0" * 64))
    page = passage_html(TALKS, BASE.passages(TALKS.source), place, today=TODAY)
    assert "<mark>" not in page and "has changed since the answer" in page and "Never name a number" in page


def test_a_place_beyond_the_article_marks_nothing():
    page = passage_html(TALKS, BASE.passages(TALKS.source), Place(TALKS.source, 5, 10**6), today=TODAY)
    assert "<mark>" not in page and "Practise aloud." in page


def test_hostile_articles_do_nothing_in_the_panel():
    place = Place.of(cite(NASTY, f"Nasty sentence {HOSTILE} ends here.", 1))
    for whole in (False, True):
        seen = harmless(passage_html(NASTY, BASE.passages(NASTY.source), place, [write_place(place)], today=TODAY, whole=whole))
        assert HOSTILE in seen.text
        assert not [a for tag, a in seen.tags if tag == "a"], "a javascript: address is no link"
    harmless(welcome_html(BASE.topics(), 3, NASTY.date))
    harmless(notice_html("gone"))


def test_the_span_around_a_quote_holds_its_passage_and_its_lead_in():
    passages = BASE.passages(DATA.source)
    place = Place.of(cite(DATA, "Learn SQL well.", 1, "Three steps help:"))
    assert around(place, passages) == (passages[2].start, passages[2].end)
    assert around(place, ()) == (place.lead_start, place.end)


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "//evil.example", "http://", "ftp://a.b", "", " https://a.b", "https://<x"]
)
def test_only_web_addresses_are_links(url):
    assert not safe_url(url)
    assert safe_url("https://example.org/a") and safe_url("http://example.org")


def test_direction_overrides_and_control_characters_are_taken_out():
    assert escape("a\u202eb\x00c\nd<&\"'") == "a b c\nd&lt;&amp;&quot;&#x27;"


def test_an_article_without_sections_is_shown_as_text():
    bare = replace(make_article("a.txt", "A", [((), [("paragraph", "One. Two.")])]), sections=())
    assert span_html(bare, 0, 4, [(0, 4)]) == "<p><mark>One.</mark></p>"


def test_where_a_date_is_from_is_said_in_words_or_not_at_all():
    origins = ("front matter", "page metadata", "text", "unknown", "something newer")
    assert [bool(date_origin(origin, language)) for origin in origins for language in ("en", "de")] == [True] * 6 + [False] * 4


def test_the_first_page_says_which_language_the_articles_are_in_when_the_page_speaks_another():
    assert "Die Artikel sind auf Englisch" in welcome_html({}, 3, "", "de", "en")
    assert "Artikel sind auf" not in welcome_html({}, 3, "", "de", "de") + welcome_html({}, 3, "", "de", "")
    assert "ask in" not in welcome_html({}, 3, "", "en", "en")
