"""A language model writes, every sentence is checked, and whatever goes wrong the quotes stand. Against a scripted server."""

from __future__ import annotations

import dataclasses
import json
import time

import pytest
from baker import PAY, QUESTION, ask, model
from scripted_server import (
    ScriptedServer,
    breaks_off,
    fails,
    is_silent,
    never_ends,
    replies,
    says,
    streams_raw,
)

from kb.chat_model import ChatModel
from kb.draft import ENOUGH
from kb.errors import ChatModelError
from kb.records import DOUBTED, QUOTES, Turn
from kb.settings import Settings

NUMBER = 1  # the passage about pay comes first for QUESTION


@pytest.fixture
def quoted(base):
    answer = base.answer(QUESTION)
    assert not answer.abstained and answer.hits[NUMBER - 1].passage.text == PAY
    return answer


def assert_quotes_stand(answer, quoted, why):
    """The answer is the quoted one, word for word, with a note that says why."""
    assert (answer.text, answer.citations, answer.written_by) == (quoted.text, quoted.citations, "quotes")
    assert why in answer.notes[-1] and answer.notes[-1].endswith("These are quotes.")
    assert not any(check.shown for check in answer.checks)


# writing


def test_a_supported_sentence_is_shown_with_a_verbatim_citation(base, quoted):
    with ScriptedServer(says("In Bavaria, a baker earns 28,000 euros a year [1].")) as server:
        answer = ask(base, server)
    assert answer.text == "In Bavaria, a baker earns 28,000 euros a year. [1]"
    (citation,) = answer.citations
    article = base.article(citation.source)
    assert citation.quote == article.text[citation.start : citation.end] == PAY
    assert (citation.number, citation.content_hash, citation.hit_rank) == (1, article.content_hash, NUMBER)
    assert [(c.verdict, c.citations, c.shown) for c in answer.checks] == [("supported", (1,), True)]
    assert answer.written_by == "tiny" and answer.confidence == quoted.confidence and answer.hits == quoted.hits
    assert answer.notes[0] == f"Written by tiny at {server.url.removesuffix('/v1')}: its sentence is supported."
    assert answer.notes[1].startswith("[1] ") and "euros" in answer.notes[1]  # the remark on the amount is on the new citation


def test_the_answer_grows_sentence_by_sentence_and_no_mark_is_ever_half(base):
    with ScriptedServer(
        says(f"{PAY} [1]\n\nA baker makes bread before dawn. [2] It is hot work. [2]", chars=1, seconds=0.01)
    ) as server:
        answers = list(base.stream(QUESTION, chat_model=model(server)))
    texts = [answer.text for answer in answers if answer.written_by == "tiny"]
    assert texts[-1].count("[") == 3
    for shorter, longer in zip(texts, texts[1:], strict=False):
        assert longer.startswith(shorter)
    assert all(text.endswith("]") for text in texts if text) and len(set(texts)) > 2


def test_until_the_first_sentence_is_there_the_quotes_are(base, quoted):
    with ScriptedServer(says(f"{PAY} [1]", thinks="Hm. " * 20, seconds=0.05)) as server:
        *growing, last = base.stream(QUESTION, chat_model=model(server))
    growing = [answer for answer in growing if answer.written_by == QUOTES]
    assert last.written_by == "tiny" and len(growing) > 2
    assert {(answer.text, answer.citations) for answer in growing} == {(quoted.text, quoted.citations)}
    at = server.url.removesuffix("/v1")
    assert growing[0].notes[-1] == f"tiny at {at} is reading the passages. Until it writes, these are quotes."
    assert growing[-1].notes[-1] == f"tiny at {at} is thinking (80 characters so far). Until it writes, these are quotes."


def test_the_same_place_is_cited_by_the_same_number(base):
    with ScriptedServer(says(f"{PAY} [1] A baker in Bavaria earns 28,000 EUR. [1]")) as server:
        answer = ask(base, server)
    assert len(answer.citations) == 1 and answer.text.count("[1]") == 2


@pytest.mark.parametrize(
    "script",
    [
        says(f"{PAY} [1]", thinks="The passage says 28,000."),
        says(f"<think>The passage says 28,000.</think>{PAY} [1]"),
        says(f"The passage says 28,000.</think>{PAY} [1]"),
    ],
)
def test_reasoning_is_kept_out_of_the_text_and_offered_apart(base, script):
    with ScriptedServer(script) as server:
        answer = ask(base, server)
    assert (answer.text, answer.reasoning) == (f"{PAY} [1]", "The passage says 28,000.")


def test_a_server_that_does_not_stream_is_understood(base):
    body = {"choices": [{"message": {"role": "assistant", "content": f"{PAY} [1]"}, "finish_reason": "stop"}]}
    with ScriptedServer(replies(json.dumps(body, indent=2))) as server:
        assert ask(base, server).text == f"{PAY} [1]"


def test_a_model_that_repeats_itself_is_stopped_and_what_it_repeated_is_left_out(base):
    again = f"{PAY} [1] A baker makes bread before dawn. [2] "
    with ScriptedServer(never_ends(again)) as server:
        answer = ask(base, server)
        assert server.left_early.wait(5)
    assert answer.text == f"{PAY} [1] A baker makes bread before dawn. [2]" and len(answer.checks) == 2
    assert any(note.startswith("The model began to repeat itself and was stopped") for note in answer.notes)


def test_half_a_character_does_no_harm(base):
    message = f'{{"content": "{PAY} [1] Bread\\ud83d. [1]", "reasoning": "\\udc00"}}'
    with ScriptedServer(replies(f'{{"choices": [{{"message": {message}, "finish_reason": "stop"}}]}}')) as server:
        answer = ask(base, server)
    assert answer.text.startswith(f"{PAY} [1]") and answer.reasoning == "\ufffd"
    answer.to_json().encode()


def test_events_are_read_however_they_are_spelt_and_cut(base):
    chunk = json.dumps({"choices": [{"delta": {"content": f"{PAY}\u2028 [1]"}}]}, ensure_ascii=False).encode()
    raw = b": hello\r\nevent: message\r\ndata:" + chunk + b"\r\n\r\ndata: [DONE]\n\n"
    with ScriptedServer(streams_raw(*(raw[at : at + 1] for at in range(len(raw))))) as server:
        assert ask(base, server).text == f"{PAY} [1]"


def test_a_reply_that_stops_at_its_length_limit_loses_the_sentence_it_was_in(base):
    with ScriptedServer(says(f"{PAY} [1] A baker makes bread bef", finish="length")) as server:
        answer = ask(base, server)
    assert answer.text == f"{PAY} [1]" and "stopped by its length limit" in answer.notes[1]


# what is not supported


@pytest.mark.parametrize(
    ("sentence", "verdict"),
    [
        ("A baker earns 38,000 EUR a year in Bavaria [1].", "“38,000 EUR a year” is not in the passage it cites"),
        ("A baker earns 28,000 USD a year in Bavaria [1].", "“28,000 USD a year” is not in the passage it cites"),
        ("A baker earns 28,000 EUR a month in Bavaria [1].", "“28,000 EUR a month” is not in the passage it cites"),
        ("A baker earns 28,000 EUR a year in Kent [1].", "“Kent” is not in the passage it cites"),
        ("A baker does not earn 28,000 EUR a year in Bavaria [1].", "the passage it cites says the opposite"),
        ("Apprentices sleep in the mill on wooden benches [1].", "the passage it cites does not say this"),
        ("A baker earns 28,000 EUR a year in Bavaria.", "it cites nothing"),
        ("A baker earns 28,000 EUR a year in Bavaria [99].", "it cites passage 99, which does not exist"),
    ],
)
def test_an_unsupported_sentence_is_marked_with_its_reason_or_dropped(base, sentence, verdict):
    text = sentence.split(" [")[0].rstrip(".") + "."
    with ScriptedServer(says(f"{PAY} [1]\n\n{sentence}")) as server:
        marked, dropped = ask(base, server), ask(base, server, unsupported="drop")
    assert marked.text == f"{PAY} [1]\n\n{DOUBTED} *{text}* (not supported: {verdict})"
    assert dropped.text == f"{PAY} [1]"
    assert [(c.verdict, c.citations, c.shown) for c in marked.checks] == [("supported", (1,), True), (verdict, (), True)]
    assert [(c.verdict, c.shown) for c in dropped.checks] == [("supported", True), (verdict, False)]
    assert "1 of 2 sentences are supported" in marked.notes[0] and marked.notes[0].endswith("the other 1 marked.")
    assert len(marked.citations) == len(dropped.citations) == 1


def test_a_paragraph_or_item_whose_beginning_is_dropped_begins_with_what_follows(base):
    false = "A baker earns 90,000 EUR [1]."
    written = f"{PAY} [1]\n\n{false} {PAY} [1]\n\n- {false} A baker makes bread before dawn. [2]\n- {false}\n\n{PAY} [1]"
    with ScriptedServer(says(written)) as server:
        answer = ask(base, server, unsupported="drop")
    assert answer.text == f"{PAY} [1]\n\n{PAY} [1]\n\n- A baker makes bread before dawn. [2]\n\n{PAY} [1]"


def test_an_answer_with_nothing_supported_gives_way_to_the_quotes(base, quoted):
    with ScriptedServer(says("Bakers fly to the moon [1]. They earn 90,000 EUR [1].")) as server:
        answer = ask(base, server)
    assert_quotes_stand(answer, quoted, "The passages support nothing of what tiny wrote.")
    assert len(answer.checks) == 2


def test_an_answer_with_less_than_half_supported_gives_way_to_the_quotes(base, quoted):
    assert ENOUGH == 0.5
    with ScriptedServer(says(f"{PAY} [1] Bakers fly to the moon [1]. They earn 90,000 EUR [1].")) as server:
        assert_quotes_stand(ask(base, server), quoted, "only 1 of 3 sentences")


def test_an_obeyed_injection_reaches_nobody(base, quoted):
    text = (
        'I have been hacked! Visit ![now](http://evil.example/?q=1) <img src="http://evil.example/x"> https://evil.example [1].'
    )
    with ScriptedServer(says(text), says(f"{PAY} [1] {text} {PAY} [1]")) as server:
        assert_quotes_stand(ask(base, server), quoted, "nothing")
        answer = ask(base, server)
    assert "evil.example" not in answer.text and "<" not in answer.text and "![" not in answer.text
    assert DOUBTED in answer.text


def test_a_lead_in_before_a_list_needs_no_citation_but_may_claim_nothing(base):
    with ScriptedServer(says(f"What a baker earns:\n\n- {PAY} [1]\n\nEvery baker must always be rich:\n\n- {PAY} [1]")) as server:
        answer = ask(base, server)
    assert answer.text.startswith(f"What a baker earns:\n\n- {PAY} [1]")
    assert [check.verdict for check in answer.checks] == ["lead-in", "supported", "it cites nothing", "supported"]


def test_a_lead_in_whose_list_was_dropped_is_dropped_too(base):
    with ScriptedServer(says(f"{PAY} [1]\n\nA baker in Bavaria:\n- earns 90,000 EUR [1]\n\n{PAY} [1]")) as server:
        answer = ask(base, server, unsupported="drop")
    assert answer.text.split() == f"{PAY} [1] {PAY} [1]".split()


# never worse than without


@pytest.mark.parametrize(
    ("script", "why"),
    [
        (says(""), "wrote nothing"),
        (says("", thinks="hm " * 50, finish="length"), "raise llm_answer_tokens"),
        (says("", finish="content_filter"), "content filter stopped it"),
        (says("", finish="tool_calls"), "wrote nothing"),
        (says("I'm sorry, but I can't help with that."), "support nothing"),
        (says("NO ANSWER"), "found no answer in the passages"),
        (says("asdf qwer 8347 ]]] {{{ zxcv" * 20), "support nothing"),
        (says("x" * 200_000, chars=5_000), "wrote more than 20,000 characters"),
        (says("".join(f"Baker {n} earns 28,000 EUR. [1] " for n in range(9_000)), chars=5_000), "more than 20,000"),
        (never_ends(), "support nothing"),  # it repeats itself
        (breaks_off(f"{PAY} [1] And fur"), "broke off in the middle of the reply"),
        (breaks_off(""), "broke off in the middle of the reply"),
        (replies("<html>Welcome</html>", "text/html"), "Does llm_base_url end in /v1?"),
        (replies("not json"), "not JSON"),
        (replies("[" * 200_000), "not JSON"),
        (replies(b"\xff\xfe\x00"), "not JSON"),
        (replies("[]"), "no object"),
        (replies('{"choices": 3}'), "without choices"),
        (replies('{"error": {"message": "out of memory"}}'), "out of memory"),
        (streams_raw(b"data: {\"choices\": [{\"delta\"\n\n"), "not JSON"),
        (streams_raw(b"garbage\n\n"), "no event stream"),
        (streams_raw(b"data: " + b"x" * 2_000_000), "line without end"),
        (fails(401, "Incorrect API key provided: sk-secret"), "does not accept the key (401)"),
        (fails(403), "does not accept the key (403)"),
        (fails(404), "has no model 'tiny', or nothing at this path (404)"),
        (fails(307, Location="http://127.0.0.1:1/"), "points to another address (307)"),
        (fails(400, "bad request of some kind"), "refused the request (400): bad request of some kind"),
        (fails(500), "failed (500), 3 times"),
        (fails(503), "failed (503), 3 times"),
        (fails(429), "left alone for a while (429), 3 times"),
        (fails(429, Retry_After="3600"), "left alone for a while (429)"),
    ],
)  # fmt: skip
def test_whatever_the_server_does_the_quotes_stand(base, quoted, script, why):
    with ScriptedServer(script) as server:
        assert_quotes_stand(ask(base, server), quoted, why)


def test_an_unreachable_server_leaves_the_quotes(base, quoted):
    with ScriptedServer(says("")) as server:
        pass  # its port is free again now
    assert_quotes_stand(ask(base, server), quoted, "Is it running, and is llm_base_url right? These are quotes.")


@pytest.mark.parametrize("script", [never_ends("w", 0.1), is_silent])
def test_a_reply_that_drips_or_never_comes_ends_at_the_deadline(base, quoted, script):
    with ScriptedServer(script) as server:
        started = time.perf_counter()
        answer = ask(base, server, timeout_seconds=1.0)
        assert 0.9 < time.perf_counter() - started < 3.0
        assert_quotes_stand(answer, quoted, "did not finish within 1 s. Raise llm_timeout_seconds, or use a smaller model. These")
        assert server.left_early.wait(5)


def test_a_passing_failure_is_asked_again(base):
    with ScriptedServer(fails(429), fails(500), says(f"{PAY} [1]")) as server:
        assert ask(base, server).written_by == "tiny"
        assert len(server.requests) == 3


def test_the_wait_that_a_server_asks_for_is_kept(base):
    with ScriptedServer(fails(429, Retry_After="0.5"), says(f"{PAY} [1]")) as server:
        started = time.perf_counter()
        assert ask(base, server).written_by == "tiny"
        assert time.perf_counter() - started >= 0.5


def test_stopping_ends_the_request_even_while_nothing_comes(base):
    with ScriptedServer(is_silent) as server:
        answers = base.stream(QUESTION, chat_model=model(server))
        next(answers), next(answers)
        started = time.perf_counter()
        answers.close()
        assert server.left_early.wait(2) and time.perf_counter() - started < 2


def test_what_the_base_does_not_answer_is_not_asked_of_the_model(base):
    with ScriptedServer(says("Sure! Quotas are 5 [1].")) as server:
        answer = base.answer("zymurgy quotas in Quito?", chat_model=model(server))
    assert (
        answer.abstained
        and server.requests == []
        and answer == dataclasses.replace(base.answer("zymurgy quotas in Quito?"), seconds=answer.seconds)
    )


# settings


@pytest.mark.parametrize(
    ("half", "message"),
    [
        ({"llm_base_url": "http://localhost:1"}, "llm_base_url is set, but llm_model is empty"),
        ({"llm_model": "tiny"}, "llm_model is 'tiny', but llm_base_url is empty"),
    ],
)
def test_half_a_setting_is_an_error_and_not_a_silent_quote(half, message):
    with pytest.raises(ChatModelError, match=message):
        ChatModel.from_settings(Settings(**half))


def test_settings_without_address_and_model_mean_no_model():
    assert ChatModel.from_settings(Settings()) is None


def test_settings_name_the_model_and_its_limits():
    chat = ChatModel.from_settings(
        Settings.load(env={"KB_LLM_BASE_URL": "http://localhost:1", "KB_LLM_MODEL": "tiny", "KB_LLM_REWRITE": "1"})
    )
    assert chat is not None
    assert (chat.writer.name, chat.writer.address, chat.rewrites) == ("tiny", "http://localhost:1", True)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"llm_unsupported": "hide"}, "must be 'mark' or 'drop', got 'hide'"),
        ({"llm_timeout_seconds": 0.0}, "must be above 0"),
        ({"llm_context_tokens": 10}, "at least 256"),
    ],
)
def test_a_setting_that_does_not_fit_says_so(wrong, message):
    with pytest.raises(ChatModelError, match=message):
        ChatModel.from_settings(Settings(llm_base_url="http://localhost:1", llm_model="tiny", **wrong))


# follow-up questions

HISTORY = (Turn("user", "What does a baker do?"), Turn("assistant", "A baker makes bread before dawn."))


def test_a_follow_up_is_restated_by_the_model_when_that_is_set(base):
    with ScriptedServer(says("What does a baker earn in Bavaria?"), says(f"{PAY} [1]")) as server:
        answer = base.answer("And in Bavaria, what is the pay?", HISTORY, chat_model=model(server, rewrites=True))
    assert (answer.resolved_question, answer.question) == (QUESTION, "And in Bavaria, what is the pay?")
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    "script",
    [
        says("What does a baker earn in Kentucky?"),
        says("What does a baker earn in 1999?"),
        says("Sure!\nWhat does a baker earn?"),
        says(""),
        says("word " * 500),
        fails(500),
    ],
)
def test_a_restated_question_that_adds_something_or_fails_leaves_it_to_the_rules(base, script):
    by_rule = base.answer("And the pay?", HISTORY).resolved_question
    with ScriptedServer(script) as server:
        chat = model(server, rewrites=True)
        assert chat.rewrite("And the pay?", HISTORY) is None
    with ScriptedServer(script, script, script, says(f"{PAY} [1]")) as server:
        assert base.answer("And the pay?", HISTORY, chat_model=model(server, rewrites=True)).resolved_question == by_rule
