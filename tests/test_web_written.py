"""The page with a language model behind it: who writes, what is checked, and what a person sees while it is written."""

from __future__ import annotations

import re
import threading
import time

import pytest
from baker import PAY, QUESTION, model
from scripted_server import ScriptedServer, fails, is_silent, never_ends, says
from web_fake import HOSTILE

from kb.web.chat import MOST_STEPS, ask, plain
from kb.web.desk import Desk
from kb.web.page import build_page


@pytest.fixture
def desk_of(base):
    """A desk whose answers a scripted server writes: desk_of(server, unsupported="drop")."""

    def make(server, **options):
        return Desk(base, chat_model=model(server, **options))

    return make


def html(step):
    return step.exchanges[-1].answer


def test_the_page_says_who_writes_and_where_questions_go(desk_of):
    with ScriptedServer(says("")) as server:
        for unsupported, fate in (("mark", "marked ⚠"), ("drop", "left out")):
            shown = str(build_page(desk_of(server, unsupported=unsupported)).get_config_file())
            at = f"tiny at {server.url.removesuffix('/v1')}"
            assert f"Answers by {at}, each sentence checked" in shown
            assert f"{at} writes the answers: your questions and the passages found for them are sent there." in shown
            assert f"{fate} where the article does not say it" in shown


def test_without_a_language_model_the_page_says_that_it_quotes(base):
    shown = str(build_page(Desk(base)).get_config_file())
    assert "Answers in the articles&#x27; own words" in shown and "checked against" not in shown


def test_a_written_answer_shows_its_citations_its_doubts_and_its_writer(desk_of):
    written = says(f"{PAY} [1] A baker earns 38,000 EUR a year in Bavaria [1].", thinks="Look at <b>[1]</b>.")
    with ScriptedServer(written) as server:
        *_, last = ask(desk_of(server), QUESTION, ())
    shown = html(last)
    assert re.search(r'28,000 EUR a year in Bavaria\. <a class="kb-cite" href="#cite-', shown)
    doubted = '<em class="kb-doubted">⚠ A baker earns 38,000 EUR a year in Bavaria.</em> <span class="kb-because">(not supported'
    assert f"{doubted}: “38,000 EUR a year” is not in the passage it cites)</span>" in shown
    assert "1 of 2 sentences are supported by the passages they cite; the other 1 marked." in shown
    assert '<details class="kb-thoughts"><summary>' in shown and "<p>Look at &lt;b&gt;[1]&lt;/b&gt;.</p>" in shown
    assert plain(shown).split() == PAY.split(), "what goes on as the conversation holds nothing that is not supported"
    assert last.answer.written_by == "tiny" and [check.verdict == "supported" for check in last.answer.checks] == [True, False]


def test_while_it_is_written_the_page_says_so_and_shows_the_quotes_until_then(desk_of):
    with ScriptedServer(says(f"{PAY} [1]\n\nA baker makes bread before dawn. [2]", thinks="hm " * 9, seconds=0.03)) as server:
        first, *_, last = ask(desk_of(server), QUESTION, ())
    assert "is reading the passages. Until it writes, these are quotes." in html(first) and "28,000 EUR" in html(first)
    assert "kb-actions" not in html(first) and "is reading" not in html(last) and "bread before dawn" in html(last)


@pytest.mark.parametrize("script", [fails(401), fails(500), says("Bakers fly to the moon [1]."), says("")])
def test_when_the_model_fails_the_page_shows_the_quotes_and_says_why(desk_of, base, script, caplog):
    *_, quoted = ask(Desk(base), QUESTION, ())
    with ScriptedServer(script) as server:
        *_, last = ask(desk_of(server), QUESTION, ())
    assert plain(html(last)) == plain(html(quoted)) and "These are quotes." in html(last)
    assert "the quotes stand" in caplog.text, "for whoever runs the page"


def test_hostile_words_of_a_model_stay_words(desk_of):
    text = f"{PAY} [1] {PAY} [1] {HOSTILE} [1]. <form><input> [a](javascript:x) [1]."
    with ScriptedServer(says(text, thinks=HOSTILE)) as server:
        *_, last = ask(desk_of(server), QUESTION, ())
    shown = html(last)
    tags = set(re.findall(r"<([a-z]+)", shown))
    assert tags <= {"div", "p", "a", "span", "em", "button", "details", "summary", "br", "strong"}
    assert 'href="javascript' not in shown and "<img" not in shown and "onerror=&quot;" in shown


def test_a_slow_answer_goes_on_being_shown_at_a_slow_pace(desk_of):
    text = "".join(f"- A baker{' in Bavaria' * n} earns 28,000 EUR. [1]\n" for n in range(1, 26))
    with ScriptedServer(says(text, chars=40, seconds=0.03)) as server:
        started = time.monotonic()
        steps = list(ask(desk_of(server, timeout_seconds=60.0), QUESTION, ()))
        spent = time.monotonic() - started
    assert len(steps) <= MOST_STEPS + 2 * spent + 1
    assert "is writing." in html(steps[-2]) and html(steps[-2]).count("28,000") > 12, "the end was seen growing too"


@pytest.mark.parametrize("script", [is_silent, never_ends("w", 0.05)])
def test_whoever_leaves_ends_the_request_and_no_thread_is_left(desk_of, script):
    with ScriptedServer(script) as server:
        steps = ask(desk_of(server, timeout_seconds=60.0), QUESTION, ())
        next(steps), next(steps)
        steps.close()
        assert server.left_early.wait(3)
    assert not [thread for thread in threading.enumerate() if thread.name == "chat model"]
