"""What the base says of its own accord, as the modules that say it write it, in another language."""

import re
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from web_fake import DATA, TALKS, FakeBase, cite

from kb.answer import DECLINE, OUTSIDE
from kb.compared import NO_CELL, NOT_HELD, QUOTED_ABOVE
from kb.draft import CUT_SHORT, EMPTY, Writer, _counted
from kb.errors import ArticleError, NothingToSearch
from kb.figures import describe, figures
from kb.reading import read_article
from kb.records import Filters, doubted
from kb.remarks import _line
from kb.web.chat import ask
from kb.web.desk import Desk
from kb.web.lines import is_of, known, reworded, reworded_text
from kb.web.messages import answer_html, message_html
from kb.web.said import ENGLISH_LINES, GERMAN_LINES
from kb.web.strings import say

AT = Writer("tiny", "http://127.0.0.1:11434").at
*_, PAY = FakeBase().stream("What is the pay?")


def lines_of_the_base():
    """Lines, each from the constant or the function that writes it."""
    yield from OUTSIDE.values()
    yield DECLINE
    yield f"{DECLINE} The nearest it covers: Pay; Who pays? (2024)."
    yield NOT_HELD.format(what="nurse")
    yield QUOTED_ABOVE.format(marks="[1] [2]")
    sides = [cite(DATA, "Learn SQL well.", 1), replace(cite(TALKS, "Practise aloud.", 2), date="")]
    yield _line([sides[:1], sides[1:]])
    yield _line([sides[::-1], sides[:1]])
    yield from (
        f"Written by {AT}: {_counted(*counts)}" for counts in ((1, 1, "mark"), (3, 3, "mark"), (2, 5, "mark"), (2, 5, "drop"))
    )
    yield from CUT_SHORT.values()
    yield from (f"tiny wrote nothing.{empty} These are quotes." for empty in ("", *EMPTY.values()))
    yield doubted("x", "it cites nothing").split("* ")[1]


@pytest.mark.parametrize("line", list(lines_of_the_base()))
def test_every_line_of_ours_is_said_in_german_with_what_it_names(line):
    said = reworded(line, "de")
    assert said != line and reworded(line, "en") == line
    assert not re.search(r"\b(?:the|is|are|and|it|to|was|not|undated)\b", said.replace("Who pays?", ""), re.I), said
    for name in re.findall(r"\[\d+\]|nurse|tiny at \S+\d|Who pays\? \(2024\)", line):
        assert name in said


@pytest.mark.parametrize(
    ("line", "german"),
    [
        (
            f"{AT} is reading the passages. Until it writes, these are quotes.",
            f"{AT} liest die Stellen. Bis dahin stehen hier Zitate.",
        ),
        (f"{AT} is writing.", f"{AT} schreibt."),
        ("Read “scientst” as “scientist”.", "„scientst“ als „scientist“ gelesen."),
        ("tiny found no answer in the passages. These are quotes.", "tiny fand in den Stellen keine Antwort. Dies sind Zitate."),
        ("the key is not accepted (401). These are quotes.", "the key is not accepted (401). Dies sind Zitate."),
        (
            "These differ: [1] (Pay and more, 2025) and [3] (Talks, undated).",
            "Diese unterscheiden sich: [1] (Pay and more, 2025) und [3] (Talks, ohne Datum).",
        ),
        (
            "These differ: [1] (Talks, undated), [2], [4] (Pay, undated) and [3] (Talks, undated).",
            "Diese unterscheiden sich: [1] (Talks, ohne Datum), [2], [4] (Pay, ohne Datum) und [3] (Talks, ohne Datum).",
        ),
        ("A line that nobody of ours wrote.", "A line that nobody of ours wrote."),
    ],
)
def test_how_a_line_is_said_in_german(line, german):
    assert reworded(line, "de") == german


def test_a_note_on_an_amount_is_said_part_by_part_and_keeps_whose_it_is():
    amount = next(f for f in figures("Bakers earn 30,000 euros a year, the median.") if f.kind == "amount")
    old = describe(amount, "In 2019 bakers earn 30,000 euros a year, the median.", title="Pay", today=date(2026, 1, 1)).line()
    assert reworded(f"[1], [2] {old}", "de").startswith(
        "[1], [2] Euro im Jahr; Median; von 2019, mehr als 3 Jahre her; nicht angegeben: "
    )
    assert "Region" in reworded(f"[1] {old}", "de") and "wessen" in reworded(f"[1] {old}", "de")
    assert reworded("[1] baker, Acme; kr an hour; junior; Oslo; article dated 2026-11-22", "de") == (
        "[1] baker, Acme; kr an hour; junior; Oslo; Artikel vom 2026-11-22"
    )


def test_quotes_and_titles_of_an_answer_stay_as_they_were_written():
    quote = f"{DECLINE} [1]"
    table = f"|  | Pay | Source |\n| --- | --- | --- |\n| Pay | Source [1] | – |\n| Source | A | {NO_CELL} |"
    text = f"**Nurse**\n\n{NOT_HELD.format(what='nurse')}\n\n{quote}\n\n{table}"
    assert reworded_text(text, "de").split("\n\n") == [
        "**Nurse**",
        "Nicht in der Wissensbasis: nurse.",
        quote,
        table.replace("| Source | A | not in the knowledge base |", "| Quelle | A | nicht in der Wissensbasis |"),
    ]
    assert reworded_text(text, "en") == text


def test_what_nothing_supports_is_doubted_in_the_readers_language():
    shown = answer_html(doubted("Pay is high.", "“9 EUR” is not in the passage it cites"), (), "de")
    assert "(nicht belegt: „9 EUR“ steht nicht in der zitierten Stelle)" in shown


def test_a_whole_answer_on_a_german_page_has_its_notes_in_german():
    noted = replace(PAY, notes=("Read “pai” as “pay”.", "[1] euros a year; from 2024"), missing=("nurse",))
    shown = message_html(replace(noted, text=f"{PAY.text}\n\nNot in the knowledge base: nurse."), language="de")
    for said in (
        "„pai“ als „pay“ gelesen.",
        "Euro im Jahr; von 2024",
        "Nicht in der Wissensbasis: nurse.",
        "2 Zitate aus 2 Artikel",
    ):
        assert said in shown


def test_filters_that_leave_nothing_are_told_in_the_readers_words():
    class Nothing(FakeBase):
        def stream(self, *_args, **_rest):
            raise NothingToSearch("no article passes the filters")

    *_, last = ask(Desk(Nothing()), "What is the pay?", (), filters=Filters(topics=("data",), region="Europe"), language="de")
    assert "Hierin liegt kein Artikel: data · Europe." in last.exchanges[-1].answer


@pytest.mark.parametrize(
    ("name", "data", "key"),
    [
        ("a.md", b"", "file_empty"),
        ("b.md", b"# Pay\n\n## In Kent\n", "file_headings"),
        ("a.pdf", b"nope", "file_broken_pdf"),
        ("a.txt", bytes(range(32)) * 40, "file_binary"),
    ],
)
def test_why_a_file_is_refused_is_known(tmp_path, name, data, key):
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(ArticleError) as refused:
        read_article(path, name)
    found = known(str(refused.value), "file_")
    assert found is not None and found[0] == key and reworded(str(refused.value), "de") == say(key, "de", **found[1])


def test_every_line_has_its_german():
    assert list(GERMAN_LINES) == list(ENGLISH_LINES)
    assert is_of(f" {DECLINE} ", "line_declined") and not is_of("Pay is high.", "line_")


@given(st.text(max_size=200))
def test_no_text_breaks_it(text):
    assert isinstance(reworded(text, "de"), str) and reworded_text(text, "de").count("\n") == text.count("\n")
