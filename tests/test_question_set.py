"""kb.question_set: reading a set, finding gold in an article's text, judging hits, quotes and answers."""

import json
from pathlib import Path

import pytest

from kb.errors import KBError
from kb.question_set import Asked, Gold, Words, as_read, bears, gold_places, is_good, judge, load_questions, says
from kb.records import Answer, Citation, Hit, Passage, Turn

NURSE = "Nurse\n\nAt a glance\n\nStarting pay: £31,050\n\nYou sit down when you can. You stand when you must."
GOLD = Gold("nurse.md", "starting pay – £31,050")


def passage(text, source="nurse.md", article=NURSE):
    start = article.index(text) if text in article else 0
    return Passage(source=source, title="Nurse", heading=(), text=text, start=start, end=start + len(text))


def hit(rank, text, source="nurse.md"):
    return Hit(rank=rank, score=1.0 / rank, passage=passage(text, source), row=rank, cosine=0.5)


def citation(quote, source="nurse.md", lead=""):
    at, lead_at = NURSE.find(quote), NURSE.find(lead) if lead else -1
    lead_end = lead_at + len(lead) if lead else -1
    return Citation(1, source, "Nurse", (), quote, at, at + len(quote), "", "unknown", "", 1, lead, lead_at, lead_end)


def answer(text, *citations, abstained=False):
    return Answer("q", "q", text, abstained=abstained, confidence=0.5, seconds=0.1, citations=tuple(citations))


@pytest.fixture
def places():
    return gold_places([GOLD], {"nurse.md": NURSE}.get)


def test_a_quote_is_found_whatever_its_case_dashes_and_spacing(places):
    assert [NURSE[start:end] for start, end in places[GOLD]] == ["Starting pay: £31,050"]


def test_words_are_found_only_whole_and_at_every_place():
    text = Words.of("Pay rises. Prepay rises; pay rises again")
    assert text.places(Words.of("pay rises")) == [(0, 9), (25, 34)]
    assert text.places(Words.of("pay rise")) == []
    assert text.places(Words.of("?!")) == []


def test_a_passage_is_good_from_half_of_the_gold_quote_on(places):
    assert is_good(hit(1, "At a glance\n\nStarting pay: £31,050"), places)
    assert is_good(hit(1, "ting pay: £31,050"), places)
    assert not is_good(hit(1, "£31,050\n\nYou sit"), places)


def test_a_passage_of_another_article_is_good_only_with_the_very_words(places):
    assert is_good(hit(1, "It says: starting pay £31,050!", source="copy.md"), places)
    assert not is_good(hit(1, "Starting pay: £31,051", source="copy.md"), places)


def test_a_quote_bears_on_the_gold_by_its_place_or_its_lead_or_its_words(places):
    assert bears(citation("Starting pay: £31,050"), places)
    assert bears(citation("You sit down when you can.", lead="Starting pay: £31,050"), places)
    assert not bears(citation("You sit down when you can."), places)
    assert not bears(citation("Starting pay", source="other.md"), places)


def test_what_is_expected_is_looked_for_as_a_person_reads_it():
    table = "| a | b |\n|---|---|\n| 1\\. x | y |"
    read = as_read(f"**Pay**\n\n- Starting pay: £31,050 [1]\n- it’s *paid*  monthly [[2]](#cite-2)\n\n{table}")
    assert read == "Pay Starting pay: £31,050 it's paid monthly | a | b | | 1. x | y |"
    assert says(read, "IT'S PAID monthly")


@pytest.mark.parametrize(("text", "wanted", "is_said"), [
    ("about 14 per cent", "14", True), ("in 141 cases", "14", False), ("14.5 hours", "14", False), ("costs £1,414", "14", False),
    ("it was 14.", "14", True), ("£31,050 a year", "31,050", True),
])  # fmt: skip
def test_a_number_is_said_only_whole(text, wanted, is_said):
    assert says(as_read(text), wanted) is is_said


def test_an_answer_is_judged_by_rank_content_words_and_quotes(places):
    asked = Asked("1", "pay?", "figure", True, (GOLD,), (("31,050", "31 050"), ("nights",)))
    quotes = citation("Starting pay: £31,050"), citation("You sit down when you can.")
    said = answer("Starting pay: £31,050 [1]\n\nYou sit down when you can. [2]", *quotes)
    judged = judge(asked, said, [hit(1, "You sit down"), hit(2, "Starting pay: £31,050")], places)
    assert (judged.found_rank, judged.content, judged.words, judged.bearing) == (2, (1, 2), 9, (1, 2))
    assert not judged.says_it


def test_a_refusal_says_nothing_even_if_its_words_happen_to_match(places):
    asked = Asked("1", "pay?", "figure", True, (GOLD,), (("pay",),))
    judged = judge(asked, answer("Not in the knowledge base: pay.", abstained=True), [], places)
    assert (judged.content, judged.says_it, judged.found_rank) == ((0, 1), False, None)


def test_a_set_is_read_in_order_with_its_history_and_split(tmp_path):
    lines = [
        {"id": 1, "question": "and Wales?", "gold": [{"source": "a.md", "quote": "x y"}], "must": [["x"]], "split": "dev",
         "history": [{"role": "user", "content": "pay in Scotland?"}, {"role": "assistant", "content": "much"}]},
        {"id": "2", "question": "hello", "answerable": False, "split": "held"},
    ]  # fmt: skip
    (tmp_path / "questions.jsonl").write_text("\n".join(map(json.dumps, lines)) + "\n\n")
    one, two = load_questions(tmp_path)
    assert (one.id, one.history[0]) == ("1", Turn("user", "pay in Scotland?"))
    assert (one.gold, one.must) == ((Gold("a.md", "x y"),), (("x",),))
    assert (two.answerable, two.gold) == (False, ())
    assert [asked.id for asked in load_questions(tmp_path / "questions.jsonl", split="held")] == ["2"]


def test_a_broken_line_is_named(tmp_path):
    (tmp_path / "questions.jsonl").write_text('{"id": "1", "question": "x"}\n{"id": "2"}\n')
    with pytest.raises(KBError, match=r"questions\.jsonl, line 2: not a question of a set: KeyError\('question'\)"):
        load_questions(tmp_path)
    with pytest.raises(KBError, match="no questions in .* with split 'dev'"):
        (tmp_path / "questions.jsonl").write_text('{"id": "1", "question": "x"}\n')
        load_questions(tmp_path, split="dev")
    with pytest.raises(KBError, match="cannot read "):
        load_questions(tmp_path / "gone.jsonl")


def test_a_set_may_hold_what_unicode_calls_a_lines_end_and_has_to_be_utf8(tmp_path):
    file = tmp_path / "questions.jsonl"
    file.write_bytes('\ufeff{"id": 1, "question": "What is\u2028pay?"}\r\n'.encode())
    assert [asked.text for asked in load_questions(file)] == ["What is\u2028pay?"]
    file.write_bytes(b'{"id": 1, "question": "caf\xe9"}')
    with pytest.raises(KBError, match=r"questions.jsonl: it is not UTF-8 \(invalid continuation byte at byte 26\)"):
        load_questions(file)


def test_the_lines_shown_in_the_documentation_are_a_set(tmp_path):
    page = (Path(__file__).resolve().parent.parent / "docs" / "measuring.md").read_text(encoding="utf-8")
    (tmp_path / "set.jsonl").write_text(page.split("```json\n")[1].split("```")[0], encoding="utf-8")
    figure, followup, outside = load_questions(tmp_path / "set.jsonl")
    assert (figure.must, followup.history[0].role, outside.answerable) == ((("31,050", "31.050"),), "user", False)
