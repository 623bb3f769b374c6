"""Streamed text becomes whole sentences with their citations, however it is cut into pieces."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.prose import LONGEST_SENTENCE_CHARS, Prose, Sentence, Thoughts, clean

REPLY = """## Pay

**Base** is about $30k [1]. It varies by city【2†source】. Dr. Wu asked. [3, 4] See ![](http://evil/a.png) [this](http://x) [1-3].

- First item (passage 2)
- Second item [^4]
1. Step one [1](http://foo.example).
| a | b |
|---|---|
| 1 | 2 [2] |
Last, e.g. this [1"""

SENTENCES = [
    Sentence("", "Pay", (), True),
    Sentence("\n\n", "Base is about $30k.", (1,)),
    Sentence(" ", "It varies by city.", (2,)),
    Sentence(" ", "Dr. Wu asked.", (3, 4)),
    Sentence(" ", "See this.", (1, 2, 3)),
    Sentence("\n\n- ", "First item", (2,)),
    Sentence("\n- ", "Second item", (4,)),
    Sentence("\n1. ", "Step one.", (1,)),
    Sentence("\n- ", "a | b", ()),
    Sentence("\n- ", "1 | 2", (2,)),
    Sentence("\n", "Last, e.g. this", ()),
]


def cut(text: str, sizes: list[int]) -> list[Sentence]:
    prose, found, at = Prose(), [], 0
    for size in [*sizes, len(text)]:
        found += prose.feed(text[at : at + size])
        at += size
    return found + prose.end()


def test_a_reply_in_one_piece_becomes_sentences_with_their_passage_numbers():
    assert cut(REPLY, []) == SENTENCES


@settings(max_examples=200, deadline=None)
@given(st.lists(st.integers(1, 9), max_size=120))
def test_however_a_reply_is_cut_the_sentences_are_the_same(sizes):
    assert cut(REPLY, sizes) == SENTENCES


def test_no_half_written_mark_leaves_before_it_is_whole():
    prose = Prose()
    for piece in ("Pay is high [1", ", 2", "] and", " rising. ", "【", "3"):
        assert prose.feed(piece) == []
    assert prose.feed("】 Next") == [Sentence("", "Pay is high and rising.", (1, 2, 3))]


@pytest.mark.parametrize(
    ("mark", "numbers"),
    [
        ("[1]", (1,)), ("[1][3]", (1, 3)), ("[1, 3]", (1, 3)), ("[1; 3]", (1, 3)), ("[1 and 3]", (1, 3)), ("[2-4]", (2, 3, 4)),
        ("[2–4]", (2, 3, 4)),
        ("【5】", (5,)), ("【5†L1-L3】", (5,)), ("[^2]", (2,)), ("[Passage 2]", (2,)), ("[passages 1 and 2]", (1, 2)),
        ("(passage 2)", (2,)),
        ("(see source 3)", (3,)), ("[ 7 ]", (7,)), ("［8］", (8,)), ("[99]", (99,)), ("[2024]", ()), ("[sic]", ()), ("(2)", ()),
    ],
)  # fmt: skip
def test_each_way_to_write_a_citation_is_read(mark, numbers):
    assert cut(f"Nurses earn more {mark}.", [])[0].cites == numbers


def test_a_mark_after_the_full_stop_belongs_to_the_sentence_before_it():
    assert [s.cites for s in cut("One is so. [1] Two is so. [2]\n\nThree is so.[3]", [])] == [(1,), (2,), (3,)]


def test_nothing_that_a_browser_would_fetch_or_run_is_left():
    dirty = 'See ![p](http://evil.example/?q=1) <img src=x onerror="go()"> <script>x</script> [here](javascript:go)'
    text = clean(f"{dirty} https://evil.example/a now\u202e\x07")
    assert text == "See x here (address left out) now"
    assert not set(text) & set("<>[]")


def test_a_sentence_without_end_is_cut_where_it_is_too_long():
    found = Prose().feed("word " * 1000)
    assert found and len(found[0].text) > LONGEST_SENTENCE_CHARS


def test_code_fences_and_rules_are_dropped():
    assert [s.text for s in cut("```\nNurses work.\n```\n---\nBakers work.", [])] == ["Nurses work.", "Bakers work."]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(1, 5), max_size=40))
def test_thoughts_are_set_apart_wherever_the_tags_are_cut(sizes):
    text, thoughts, at = "<think>5 < 6, so yes</think>Nurses <b> care.", Thoughts(), 0
    found = {"text": "", "thought": ""}
    for size in [*sizes, len(text)]:
        for kind, piece in thoughts.feed(text[at : at + size], final=at + size >= len(text)):
            found[kind] += piece
        at += size
    assert found == {"text": "Nurses <b> care.", "thought": "5 < 6, so yes"}


def test_a_closing_tag_alone_says_that_all_before_it_was_thought():
    assert Thoughts().feed("Let me see.</think>Yes.") == [("text", "Let me see."), ("was thought", ""), ("text", "Yes.")]


@pytest.mark.parametrize("text", [" " * 20_000, "[" * 20_000, "[1, " * 5_000, "[1] " * 5_000, "\n" * 20_000, "](" * 10_000])
def test_endless_rubbish_one_character_at_a_time_costs_little_and_leaves_nothing_behind(text):
    prose, started = Prose(), time.process_time()
    for char in text:
        prose.feed(char)
        assert len(prose.rest()) <= LONGEST_SENTENCE_CHARS * 1.1
    prose.end()
    assert prose.rest() == "" and time.process_time() - started < 5.0


@pytest.mark.parametrize(
    ("written", "text", "cites"),
    [
        ("According to passage 2, pay is high.", "Pay is high.", (2,)),
        ("As stated in [2, 3], pay is high [1].", "Pay is high.", (2, 3, 1)),
        ("- Based on the passages 1 and 4, pay is high.", "Pay is high.", (1, 4)),
        ("Passage 2 says that pay is high.", "Pay is high.", (2,)),
        ("[2] also notes that pay is high.", "Pay is high.", (2,)),
        ("In 2024, pay was high [1].", "In 2024, pay was high.", (1,)),
        ("According to Kent, pay is high [1].", "According to Kent, pay is high.", (1,)),
    ],
)
def test_a_passage_named_in_words_is_a_citation_and_its_number_is_not_shown(written, text, cites):
    (sentence,) = cut(written, [])
    assert (sentence.text, sentence.cites) == (text, cites)
