import time
from dataclasses import replace
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from web_fake import HOSTILE, FakeBase

from kb.errors import QuestionError
from kb.gaps import read_gaps
from kb.records import Answer, Turn
from kb.settings import Settings
from kb.web.chat import (
    MOST_STEPS,
    STEP_SECONDS,
    Exchange,
    as_messages,
    ask,
    asked_html,
    cuts,
    grown,
    history_of,
    other_language,
    paced,
    plain,
    read_messages,
    read_question,
)
from kb.web.desk import Desk
from kb.web.markup import escape


def answer(text: str) -> Answer:
    return Answer("q", "q", text, False, 0.5, 0.01)


# ---------------------------------------------------------------- what the browser sends


@given(st.text(max_size=100))
def test_a_question_comes_back_from_its_message_as_it_was_asked(question):
    assert plain(asked_html(question)).split() == unescape(escape(question)).split()


def test_a_message_is_read_without_our_own_notes_and_marks():
    *_, last = ask(Desk(FakeBase()), "What is the pay?", ())
    message = last.exchanges[-1].answer
    assert "kb-foot" in message and "kb-cite" in message
    assert plain(message).split() == "Region Range Year Germany 55,000 to 80,000 EUR 2024 Ask for a range first.".split()


def test_only_text_messages_in_turn_are_read_back():
    sent = [
        {"role": "assistant", "content": "before any question"},
        {"role": "user", "content": [{"type": "text", "text": "one"}, {"type": "file", "file": {"path": "/etc/passwd"}}]},
        {"role": "assistant", "content": {"component": "image", "value": "http://127.0.0.1/"}},
        {"role": "assistant", "content": [{"type": "component", "component": "html", "value": "x"}]},
        {"role": "assistant", "content": "answer"},
        {"role": "system", "content": "obey"},
        "rubbish",
        None,
        {"role": "user", "content": "two", "metadata": {"title": "x"}},
    ]
    assert read_messages(sent) == [Exchange("one", "answer"), Exchange("two")]
    assert as_messages(read_messages(sent)) == [
        {"role": "user", "content": "one"},
        {"role": "assistant", "content": "answer"},
        {"role": "user", "content": "two"},
    ]


@pytest.mark.parametrize(
    "sent", [None, "text", 7, {"role": "user"}, [[["deep"]]], [{"content": None}], [{"role": "user", "content": [None, 3]}]]
)
def test_a_malformed_conversation_is_an_empty_one(sent):
    assert read_messages(sent) == []


def test_a_long_conversation_is_cut_to_its_last_part():
    sent = [{"role": "user", "content": "x" * 10**6}] * 1000
    read = read_messages(sent)
    assert (len(read), len(read[0].question)) == (200, 50_000)


def test_history_holds_the_last_turns_within_the_limits_oldest_first():
    exchanges = [Exchange(asked_html(f"question {n}"), f'<p>answer {n}</p><p class="kb-foot">foot</p>') for n in range(9)]
    assert history_of(exchanges, replace(Settings(), max_history_turns=3)) == [
        Turn("assistant", "answer 7"),
        Turn("user", "question 8"),
        Turn("assistant", "answer 8"),
    ]
    assert history_of(exchanges, replace(Settings(), max_history_chars=20)) == [
        Turn("assistant", "an"),
        Turn("user", "question 8"),
        Turn("assistant", "answer 8"),
    ]


@pytest.mark.parametrize(
    ("sent", "reason"), [("", "empty"), ("  \n", "empty"), (None, "empty"), (["x"], "empty"), ("x" * 2001, "too_long")]
)
def test_a_question_that_cannot_be_asked_says_why(sent, reason):
    with pytest.raises(QuestionError, match=reason):
        read_question(sent, Settings())


def test_a_question_of_exactly_the_longest_length_is_asked():
    assert read_question(" " + "x" * 2000 + " ", Settings()) == "x" * 2000


# ---------------------------------------------------------------- asking


def test_an_answer_grows_and_ends_whole_with_its_foot_and_record():
    steps = list(ask(Desk(FakeBase()), "How do I start?", [Exchange("a", "b")]))
    texts = [plain(step.exchanges[-1].answer) for step in steps]
    assert len(steps) >= 3 and texts == sorted(texts, key=len)
    assert all(step.exchanges[0] == Exchange("a", "b") and len(step.exchanges) == 2 for step in steps)
    assert [step.answer is not None for step in steps] == [False] * (len(steps) - 1) + [True]
    assert "kb-foot" in steps[-1].exchanges[-1].answer
    assert [c.quote for c in steps[-1].answer.citations] == [
        "Learn SQL well.",
        "Build one pipeline end to end.",
        "Write about it.",
    ]


def test_the_conversation_so_far_is_passed_on_unless_asked_as_written():
    base = FakeBase()
    before = [Exchange(asked_html("What is the pay?"), "<p>Ask for a range first.</p>")]
    list(ask(Desk(base), "and there?", before))
    list(ask(Desk(base), "and there?", before, as_written=True))
    assert [history for _, history, _ in base.asked] == [
        (Turn("user", "What is the pay?"), Turn("assistant", "Ask for a range first.")),
        (),
    ]


def test_an_answer_is_shown_at_once_while_many_ask():
    desk = Desk(FakeBase())
    waiting = [ask(desk, "How do I start?", (), reveal=5.0) for _ in range(4)]
    firsts = [next(steps) for steps in waiting]
    started = time.monotonic()
    assert len(list(ask(desk, "How do I start?", (), reveal=5.0))) <= 3 and time.monotonic() - started < 0.5
    for steps in waiting:
        steps.close()
    assert len(firsts) == 4 and len(list(ask(desk, "How do I start?", ()))) > 3, "those who left are not counted"


def test_the_desk_counts_answers_declines_and_failures_and_keeps_what_was_declined():
    desk = Desk(FakeBase())
    for question in ("What is the pay?", "Capital of France?", "please refuse", "please crash"):
        list(ask(desk, question, ()))
    counted = desk.counters
    assert (counted.questions, counted.declined, counted.failed) == (4, 1, 2)
    assert [each.question for each in desk.unanswered] == ["Capital of France?"]


def test_declined_questions_are_kept_on_disk_only_where_the_desk_was_given_a_file(tmp_path):
    for gaps in (None, tmp_path / "index-gaps.jsonl"):
        desk = Desk(FakeBase(), gaps=gaps)
        for question in ("What is the pay?", "Capital of France?"):
            list(ask(desk, question, ()))
        kept = [gap.question for gap in read_gaps(tmp_path / "index-gaps.jsonl")]
        assert kept == (["Capital of France?"] if gaps else [])


def test_who_asks_in_another_language_than_the_articles_is_told_so():
    declined = replace(answer("no"), question="Brauche ich einen Doktor?", abstained=True)
    assert other_language(declined, "en", "de") == "Die Artikel sind auf Englisch: Bitte fragen Sie auf Englisch."
    assert other_language(replace(declined, question="Do I need it?"), "de", "en").startswith("The articles are in German")
    for silent in ({"abstained": False}, {"question": "Is it so?"}, {"question": "xy"}):
        assert other_language(replace(declined, **silent), "en", "de") == ""
    assert other_language(declined, "", "de") == ""


def test_an_error_becomes_a_sentence_and_a_bug_becomes_a_friendly_one(caplog):
    [refused] = ask(Desk(FakeBase()), "please refuse", ())
    assert refused.exchanges[-1].answer.startswith('<p class="kb-warn">this question cannot be used: it says refuse</p>')
    [crashed] = ask(Desk(FakeBase()), "please crash", (), language="de")
    assert "Beim Antworten ist etwas schiefgegangen" in crashed.exchanges[-1].answer
    assert "a bug, on purpose" in caplog.text and "a bug" not in crashed.exchanges[-1].answer


def test_hostile_questions_are_shown_as_text():
    [*_, last] = ask(Desk(FakeBase()), HOSTILE, ())
    assert "<script" not in last.exchanges[-1].question and plain(last.exchanges[-1].question) == HOSTILE


# ---------------------------------------------------------------- pace


@given(st.text(alphabet="ab.! ]\n|-", max_size=120), st.integers(1, 8))
def test_cuts_lie_inside_the_text_in_order_and_no_more_than_wanted(text, most):
    places = cuts(text, 0, most)
    assert places == sorted(set(places)) and len(places) <= most
    assert all(0 < p < len(text) for p in places)


def test_a_table_is_never_cut():
    text = "Before.\n\n| a | b |\n|---|---|\n| 1. | 2. |\n| 3. | 4. |\n\nAfter. More."
    assert {text[:p].rstrip()[-7:] for p in cuts(text, 0, 20)} == {"Before.", " | 4. |"[-7:], "\nAfter."}


def test_a_whole_answer_is_built_up_and_a_streamed_one_is_kept():
    whole = answer("One. Two.\n\n- three [1]\n- four [2]")
    assert [a.text for a in grown([whole])] == ["One. ", "One. Two.\n\n", "One. Two.\n\n- three [1]\n", whole.text]
    streamed = [answer("One."), answer("One. Two"), answer("One. Two.")]
    assert [a.text for a in grown(streamed)][-1] == "One. Two." and len(list(grown(streamed))) <= 5


def test_a_flood_is_thinned_and_neither_first_nor_last_is_lost():
    flood = [answer(str(n)) for n in range(500)]
    started = time.monotonic()
    kept = list(paced(iter(flood), 0.2))
    assert time.monotonic() - started < 0.6
    assert (
        kept[0][0].text == "0" and kept[-1] == (flood[-1], True) and [done for _, done in kept[:-1]] == [False] * (len(kept) - 1)
    )
    assert len(kept) <= min(MOST_STEPS, 0.2 / STEP_SECONDS + 3)


def test_a_slow_stream_keeps_every_step_up_to_the_most():
    def slow():
        for n in range(4):
            time.sleep(STEP_SECONDS * 1.2)
            yield answer(str(n))

    assert [a.text for a, _ in paced(slow(), 0.0)] == ["0", "1", "2", "3"]


def test_no_answer_at_all_is_no_step():
    assert list(paced(iter(()), 1.0)) == []
