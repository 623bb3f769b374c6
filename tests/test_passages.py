"""Passages and units: where they lie, what they hold, and that nothing is lost."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.passages import cut, embedded_text, sentences, word_count
from kb.reading import assemble
from kb.records import Article, Draft, Fragment
from kb.settings import Settings


def tokens(texts):
    return [len(text.split()) + 2 for text in texts]


def article(*fragments: tuple, title: str = "Nurse") -> Article:
    return assemble(Draft(tuple(Fragment(*fragment) for fragment in fragments), {"title": title}), "nurse.md")


def unit_texts(passage, text):
    return [text[unit.start : unit.end] for unit in passage.units]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Dr. Wu earns $1.5m. Ask her!", ["Dr. Wu earns $1.5m.", "Ask her!"]),
        ("She has a Ph.D. in physics. So what?", ["She has a Ph.D. in physics.", "So what?"]),
        ("Tools, e.g. Git, help. J. Doe agrees.", ["Tools, e.g. Git, help.", "J. Doe agrees."]),
        ("It rose 3.5 % in the U.S. Pay fell.", ["It rose 3.5 % in the U.S.", "Pay fell."]),
        ('"Why?" she asked. Nobody knew…', ['"Why?" she asked.', "Nobody knew…"]),
        ("One line\nand another", ["One line", "and another"]),
        ("iOS developers use Xcode. iOS is closed.", ["iOS developers use Xcode. iOS is closed."]),
        ("Step 1. Read it. 2. Write it.", ["Step 1. Read it.", "2. Write it."]),
        # a quotation in a sentence that goes on behind it
        ('They ask "Why us? Why now?" early on. Be ready.', ['They ask "Why us? Why now?" early on.', "Be ready."]),
        ('"Why us? Why now?" is asked early. Be ready.', ['"Why us? Why now?" is asked early.', "Be ready."]),
        ('"Stop. Think," she said. He did.', ['"Stop. Think," she said.', "He did."]),
        ("It says “We build. We run.” and means it. True.", ["It says “We build. We run.” and means it.", "True."]),
        ("Erst „Warum wir? Warum jetzt?“ fragen. Dann nicht.", ["Erst „Warum wir? Warum jetzt?“ fragen.", "Dann nicht."]),
        ("Seile reißen. „Nie ohne Helm“, sagt sie.", ["Seile reißen.", "„Nie ohne Helm“, sagt sie."]),
        ("Sie fragt: „Warum wir?“ Das ist üblich.", ["Sie fragt: „Warum wir?“", "Das ist üblich."]),
        ("Elle dit « Venez. Parlez. » à tous. Oui.", ["Elle dit « Venez. Parlez. » à tous.", "Oui."]),
        ("He wrote ‘It’s late. I’m out.’ on it. Later he came.", ["He wrote ‘It’s late. I’m out.’ on it.", "Later he came."]),
        ("He wrote 'It's late. I'm out.' on it. Later he came.", ["He wrote 'It's late. I'm out.' on it.", "Later he came."]),
        ('Both ("Why us? Why now?") come up. Yes.', ['Both ("Why us? Why now?") come up.', "Yes."]),
        # one that ends its sentence, or is a sentence or more by itself, is divided as any text
        ('A script is: "I have an offer. Match it?" Wait.', ['A script is: "I have an offer.', 'Match it?"', "Wait."]),
        ('She left. "I was tired. I had enough." So she says.', ["She left.", '"I was tired.', 'I had enough."', "So she says."]),
        # marks that open nothing, close nothing or miss their partner hold nothing together
        ('He said "go. He left. Later "stop" was said. End.', ['He said "go.', "He left.", 'Later "stop" was said.', "End."]),
        ('It is 12" wide. It weighs 3 kg. The lid is 5" high.', ['It is 12" wide.', "It weighs 3 kg.", 'The lid is 5" high.']),
        ("The nurses' pay rose. The bakers' fell. So it is.", ["The nurses' pay rose.", "The bakers' fell.", "So it is."]),
        ("In the '90s pay rose. It fell. See bakers' pay.", ["In the '90s pay rose.", "It fell.", "See bakers' pay."]),
        ("She said “go. Then she left. All was well.", ["She said “go.", "Then she left.", "All was well."]),
        ("", []),
        ("   ", []),
    ],
)
def test_a_text_has_these_sentences(text, expected):
    assert [text[start:end] for start, end in sentences(text)] == expected


def test_marks_far_apart_hold_nothing_together():
    text = 'They say "' + "Pay rises. " * 60 + 'It does." in the end.'
    assert len(sentences(text)) == 61


@given(st.one_of(st.text(max_size=300), st.text("ab A.?!\"'“”„«»‘’\n", max_size=300)))
def test_every_visible_character_is_in_exactly_one_sentence(text):
    spans = sentences(text)
    assert all(a[1] <= b[0] for a, b in zip(spans, spans[1:], strict=False))
    assert "".join("".join(text[a:b].split()) for a, b in spans) == "".join(text.split())


def test_a_passage_never_crosses_a_heading_and_knows_its_path():
    made = article(
        ("heading", "Work", 1), ("paragraph", "A nurse cares."), ("heading", "Pay", 2), ("paragraph", "Pay is 30,000 EUR."),
    )  # fmt: skip
    assert [(p.heading, p.text) for p in cut(made, Settings(), tokens)] == [
        (("Work",), "A nurse cares."),
        (("Work", "Pay"), "Pay is 30,000 EUR."),
    ]


def test_items_keep_their_lead_in_and_rows_their_header():
    made = article(
        ("paragraph", "Training takes two steps:"), ("item", "Apply.", 1), ("item", "Pass.", 1),
        ("table_header", "Region | Pay"), ("table_row", "Kent | 31,000 GBP"),
    )  # fmt: skip
    units = [unit for passage in cut(made, Settings(), tokens) for unit in passage.units]
    leads = {made.text[u.start : u.end]: made.text[u.lead_start : u.lead_end] for u in units if u.lead_start >= 0}
    assert leads == {
        "Apply.": "Training takes two steps:",
        "Pass.": "Training takes two steps:",
        "Kent | 31,000 GBP": "Region | Pay",
    }


def test_a_sentence_that_a_list_goes_on_with_is_its_lead_in_without_a_colon():
    made = article(("paragraph", "An honest list. Do not come if you"), ("item", "hate rain,", 1), ("item", "sleep late.", 1))
    units = [unit for passage in cut(made, Settings(), tokens) for unit in passage.units]
    leads = {made.text[u.start : u.end]: made.text[u.lead_start : u.lead_end] for u in units if u.lead_start >= 0}
    assert leads == {"hate rain,": "Do not come if you", "sleep late.": "Do not come if you"}
    made = article(("paragraph", "An honest list. Here it is."), ("item", "hate rain,", 1), ("item", "sleep late.", 1))
    assert {unit.lead_start for passage in cut(made, Settings(), tokens) for unit in passage.units} == {-1}


def test_a_list_cut_in_two_is_embedded_with_its_lead_in():
    items = [("item", f"Tool number {n} is used every single day by somebody.", 1) for n in range(30)]
    made = article(("paragraph", "A nurse uses these tools:"), *items)
    passages = cut(made, Settings(passage_words=60), tokens)
    assert len(passages) > 2
    assert all("A nurse uses these tools:" in embedded_text(passage, made.text) for passage in passages)


def test_placeholders_and_dangling_lead_ins_are_no_answers():
    made = article(("paragraph", "A nurse earns {{salary}}. She works nights."), ("paragraph", "The duties include:"))
    marks = {made.text[u.start : u.end]: u.no_answer for p in cut(made, Settings(), tokens) for u in p.units}
    assert marks == {"A nurse earns {{salary}}.": True, "She works nights.": False, "The duties include:": True}


def test_a_table_header_wider_than_the_window_is_not_repeated_with_every_row():
    cells = " | ".join(f"c{n}" for n in range(3_000))
    made = article(("table_header", cells), *[("table_row", cells)] * 20)
    asked = []

    def counted(texts):
        asked.extend(texts)
        return tokens(texts)

    passages = cut(made, Settings(), counted)
    assert {unit.lead_start for passage in passages for unit in passage.units} == {-1}
    assert sum(map(len, asked)) < 100 * len(made.text)  # it was two thousand times the text


def test_a_title_longer_than_the_window_leaves_a_passage_its_room():
    made = article(("heading", "Pay " * 500, 2), ("paragraph", "A nurse earns 38,000 EUR. " * 30), title="Nurse " * 50)
    whole = [embedded_text(passage, made.text) for passage in cut(made, Settings(), tokens)]
    assert all(len(text) < 1_500 and text.startswith("Nurse Nurse") and "> Pay Pay" in text for text in whole)
    assert sum(text.count("38,000") for text in whole) == 30


def test_what_a_tokenizer_takes_for_one_word_is_cut_as_well():
    blob = "A nurse earns " + "x" * 100_000 + " a year."
    made = article(("paragraph", blob))
    assert max(len(passage.text) for passage in cut(made, Settings(), tokens)) <= 16 * Settings().passage_max_tokens


def test_no_passage_is_longer_than_the_window():
    made = article(("paragraph", "word " * 900 + "."), ("paragraph", "Short one."))
    assert max(tokens([embedded_text(p, made.text) for p in cut(made, Settings(passage_max_tokens=120), tokens)])) <= 120


fragments = st.lists(
    st.one_of(
        st.builds(lambda t, n: ("heading", t, n), st.text("abc é", min_size=1).filter(str.strip), st.integers(1, 6)),
        st.builds(lambda t: ("paragraph", t), st.text("abc .?!:\t{}1,", min_size=1, max_size=400).filter(str.strip)),
        st.builds(lambda t, n: ("item", t, n), st.text("ab c.", min_size=1, max_size=80).filter(str.strip), st.integers(1, 3)),
        st.builds(lambda t: ("table_header", t), st.text("ab |", min_size=1, max_size=40).filter(str.strip)),
        st.builds(lambda t: ("table_row", t), st.text("ab |1", min_size=1, max_size=40).filter(str.strip)),
    ),
    min_size=1,
    max_size=25,
)


@settings(max_examples=150, deadline=None)
@given(fragments, st.integers(5, 60))
def test_offsets_hold_and_no_word_is_lost(made, passage_words):
    made = article(*[(kind, text.strip(), *rest) for kind, text, *rest in made])
    passages = cut(made, Settings(passage_words=passage_words, passage_max_tokens=80), tokens)
    assert all(made.text[p.start : p.end] == p.text for p in passages)
    assert all(p.start <= u.start < u.end <= p.end for p in passages for u in p.units)
    assert all(a.end <= b.start for a, b in zip(passages, passages[1:], strict=False))
    bodies = sum(word_count(made.text[b.start : b.end]) for s in made.sections for b in s.blocks if b.kind != "heading")
    assert sum(word_count(made.text[u.start : u.end]) for p in passages for u in p.units) >= bodies


def test_a_sentence_that_only_speaks_of_its_article_is_no_answer():
    said = [
        "In this article we'll break down all you need to know.",
        "In this article I argue that nurses need no degree.",
        "Got questions?",
        "Let's dive in!",
        "Let's face it, nights are long.",
        "This guide covers pay and hours.",
        "This guide dog earns nothing.",
        "Keep reading to find out more.",
    ]
    made = article(("paragraph", " ".join(said)))
    units = [unit for passage in cut(made, Settings(), tokens) for unit in passage.units]
    assert [made.text[u.start : u.end] for u in units if not u.no_answer] == [said[1], said[4], said[6]]


def test_a_passage_gives_a_unit_and_what_it_leans_on_where_that_is_its_own():
    given = article(("paragraph", "You need:"), ("item", "a saw", 1), ("item", "a plane", 1))
    [whole] = cut(given, Settings(), tokens)
    lead, *items = whole.units
    assert [(whole.lead_of(unit), whole.text_of(unit)) for unit in items] == [("You need:", "a saw"), ("You need:", "a plane")]
    assert (whole.lead_of(lead), whole.text_of(lead)) == ("", "You need:")
    rest = replace(whole, text=whole.text[lead.end - whole.start :], start=lead.end)
    assert [(rest.lead_of(unit), rest.text_of(unit)) for unit in items] == [("", "a saw"), ("", "a plane")]
