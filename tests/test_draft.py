"""An answer while a language model writes it: at every moment what may be shown, and at the end the quotes where too little is
supported."""

from __future__ import annotations

import time

import pytest

from kb.draft import ENOUGH, MOST_REPEATS, Draft, Writer
from kb.encoder import count_tokens
from kb.passages import cut
from kb.reading import read_article
from kb.records import Answer, Hit
from kb.settings import Settings

ARTICLE = """---
title: Nurse
date: 2024-05-01
---

Nurses in Kent earn 31,000 GBP a year. Nurses wash hands before they touch a patient. Night work is paid better than day work.
"""
PAY = "Nurses in Kent earn 31,000 GBP a year [1]. "
HANDS = "Nurses wash hands before they touch a patient [1]. "
LIE = "Nurses in Kent earn 99,000 GBP a year [1]. "


@pytest.fixture
def draft(tmp_path, encoder):
    """A draft over one passage of one article, begun; `unsupported` as given."""

    def begun(unsupported: str = "mark") -> Draft:
        path = tmp_path / "nurse.md"
        path.write_text(ARTICLE, encoding="utf-8")
        article = read_article(path, "nurse.md")
        (passage,) = cut(article, Settings(), lambda texts: count_tokens(encoder, texts))
        notes = ("Read “nurze” as “nurse”.", "[1] US dollars; from 2019")
        quoted = Answer("Q?", "Q?", "Quotes. [1]", False, 0.9, 0.5, notes=notes)
        made = Draft(Writer("model-1", "http://127.0.0.1:1", unsupported), "Q?", quoted, encoder, time.perf_counter())
        made.begin([(Hit(3, 1.0, passage, 0, 0.5), article)])
        return made

    return begun


def test_until_the_first_sentence_is_whole_the_quotes_are_shown_with_what_the_model_does(draft):
    made = draft()
    assert made.answer().text == "Quotes. [1]"
    assert made.answer().notes[-1] == "model-1 at http://127.0.0.1:1 is reading the passages. Until it writes, these are quotes."
    made.take("", "Let me think.", "")
    assert "is thinking (13 characters so far)" in made.answer().notes[-1] and made.answer().reasoning == "Let me think."
    made.take("Nurses in Kent earn 31,0", "", "")
    assert made.answer().text == "Quotes. [1]"


def test_a_sentence_is_shown_with_a_verbatim_citation_once_it_is_whole(draft):
    made = draft()
    made.take(PAY + "Nur", "", "")
    growing = made.answer()
    assert growing.text == "Nurses in Kent earn 31,000 GBP a year. [1]"
    assert [c.quote for c in growing.citations] == ["Nurses in Kent earn 31,000 GBP a year."]
    assert growing.citations[0].hit_rank == 3 and growing.written_by == "model-1"
    assert growing.notes[-1] == "model-1 at http://127.0.0.1:1 is writing."
    assert "[1] US dollars; from 2019" not in growing.notes and "Read “nurze” as “nurse”." in growing.notes


def test_the_finished_answer_counts_what_is_supported(draft):
    made = draft()
    made.take(PAY + HANDS + LIE, "", "stop")
    done = made.finished()
    assert made.done and done.text.startswith("Nurses in Kent earn 31,000 GBP a year. [1] Nurses wash hands")
    assert "⚠ *Nurses in Kent earn 99,000 GBP a year.* (not supported: " in done.text
    assert done.notes[-1].endswith("2 of 3 sentences are supported by the passages they cite; the other 1 marked.")
    assert [check.shown for check in done.checks] == [True, True, True]
    assert [check.citations for check in done.checks] == [(1,), (2,), ()]
    assert done.seconds >= 0.5


def test_unsupported_sentences_may_be_left_out_and_are_recorded(draft):
    made = draft("drop")
    made.take(PAY + LIE + HANDS, "", "stop")
    done = made.finished()
    assert "99,000" not in done.text and done.text.count("[") == 2
    assert [check.shown for check in done.checks] == [True, False, True]
    assert "the other 1 left out" in done.notes[-1]


def test_with_too_little_supported_the_quotes_stand_and_a_line_says_why(draft):
    made = draft()
    made.take(PAY + LIE + LIE.replace("99", "98"), "", "stop")
    assert ENOUGH > 1 / 3
    done = made.finished()
    assert done.text == "Quotes. [1]" and done.written_by == "quotes"
    assert done.notes[-1] == "The passages support only 1 of 3 sentences of what model-1 wrote. These are quotes."
    assert len(done.checks) == 3 and not any(check.shown for check in done.checks)


@pytest.mark.parametrize(
    ("reply", "finish", "why"),
    [
        ("", "stop", "model-1 wrote nothing. These are quotes."),
        ("", "length", "model-1 wrote nothing. It spent all its tokens on reasoning: raise llm_answer_tokens. These are quotes."),
        ("", "content_filter", "model-1 wrote nothing. Its server's content filter stopped it. These are quotes."),
        ("NO ANSWER.", "stop", "model-1 found no answer in the passages. These are quotes."),
        (LIE, "stop", "The passages support nothing of what model-1 wrote. These are quotes."),
    ],
)
def test_a_reply_that_answers_nothing_says_why(draft, reply, finish, why):
    made = draft()
    made.take(reply, "", finish)
    assert made.finished().notes[-1] == why


def test_a_reply_cut_short_loses_the_sentence_it_was_in_and_says_so(draft):
    made = draft()
    made.take(PAY + "Nurses wash han", "", "length")
    done = made.finished()
    assert done.text == "Nurses in Kent earn 31,000 GBP a year. [1]"
    assert done.notes[-1] == "The model was stopped by its length limit; the sentence it was in is left out."


def test_a_sentence_repeated_too_often_ends_the_reply_and_stands_once(draft):
    made = draft()
    for _ in range(MOST_REPEATS + 2):
        made.take(PAY, "", "")
    made.take("X", "", "")
    assert made.finish == "repetition"
    done = made.finished()
    assert done.text == "Nurses in Kent earn 31,000 GBP a year. [1]"
    assert "began to repeat itself" in done.notes[-1]


def test_what_stands_before_a_closing_thought_mark_was_thought(draft):
    made = draft()
    made.take(LIE + "So I should say.</think>" + PAY, "", "stop")
    done = made.finished()
    assert done.text == "Nurses in Kent earn 31,000 GBP a year. [1]"
    assert "99,000" in done.reasoning


def test_the_same_place_keeps_its_number_and_another_gets_the_next(draft):
    made = draft()
    made.take(PAY + HANDS + "In Kent nurses earn 31,000 GBP a year [1]. ", "", "stop")
    done = made.finished()
    assert [c.number for c in done.citations] == [1, 2]
    assert [check.citations for check in done.checks] == [(1,), (2,), (1,)]


def test_a_new_beginning_forgets_what_was_written(draft):
    made = draft()
    made.take(PAY, "thought", "stop")
    made.begin(made.sources)
    assert made.answer().text == "Quotes. [1]" and made.answer().reasoning == ""


def test_a_lead_in_stands_only_with_what_it_introduces(draft):
    made = draft("drop")
    made.take("Nurses wash hands:\n\n- " + HANDS + "\n- " + PAY + "\n\nNurses in Kent earn:\n\n- " + LIE, "", "stop")
    done = made.finished()
    assert "Nurses wash hands:" in done.text and "Nurses in Kent earn:" not in done.text
