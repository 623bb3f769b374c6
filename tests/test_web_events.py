import json

import pytest
from web_fake import DATA, HOSTILE, TALKS, FakeBase, cite

from kb.receipt import verify
from kb.records import Filters
from kb.web.chat import plain
from kb.web.desk import Desk
from kb.web.events import Talk, open_place
from kb.web.places import Place, write_place


class Request:
    headers = {"accept-language": "en"}


class Event:
    def __init__(self, data):
        self._data = data


@pytest.fixture
def talk():
    return Talk(Desk(FakeBase()))


def asked(talk, question, sent=(), edited=-1, scope=(None, None, None, None), ticket="t1"):
    return list(talk.submit(question, list(sent), ticket, edited, *scope, Request()))


def shown(value):
    return [plain(message["content"]) for message in value if message["role"] == "user"]


def test_the_first_state_frees_the_box_and_the_last_brings_the_record(talk):
    states = asked(talk, "How do I start?")
    assert states[0][0]["value"] == "" and states[0][0]["stop_btn"] is True and states[-1][0]["stop_btn"] is False
    assert [option["value"] for option in states[-1][1][-1]["options"]] == ["How do I start?", "What is the pay?"]
    record = states[-1][3]
    assert (record["turn"], record["question"]) == (0, "How do I start?")
    assert record["messages"] == [{k: v for k, v in m.items() if k != "options"} for m in states[-1][1]]
    kept = json.loads(record["receipt"])
    assert kept["citations"][0]["quote"] == "Learn SQL well."
    assert verify(kept, {article.source: article for article in talk.desk.base.articles()}) == []
    json.dumps(record)


@pytest.mark.parametrize(("ticket", "kept"), [("t7", "t7"), ("x" * 900, "x" * 64), (None, ""), ({"a": 1}, ""), (7, "")])
def test_a_record_names_the_question_it_is_of(talk, ticket, kept):
    assert asked(talk, "How do I start?", ticket=ticket)[-1][3]["ticket"] == kept


def test_changing_a_question_drops_what_followed(talk):
    sent = asked(talk, "How do I start?", asked(talk, "What is the pay?")[-1][1])[-1][1]
    assert shown(asked(talk, "Capital?", sent, edited=0)[-1][1]) == ["Capital?"]
    assert shown(asked(talk, "Capital?", sent, edited=1)[-1][1]) == ["What is the pay?", "Capital?"]
    for wrong in (-1, 2, "0", None, [0]):
        assert len(shown(asked(talk, "Capital?", sent, edited=wrong)[-1][1])) == 3


def test_a_turn_is_asked_again_as_it_was_and_what_followed_goes(talk):
    sent = asked(talk, "How do I start?", asked(talk, "What is the pay?")[-1][1])[-1][1]
    *_, last = talk.again(sent, "t2", None, None, None, None, Event({"turn": 0}), Request())
    assert shown(last[1]) == ["What is the pay?"] and (last[3]["turn"], last[3]["ticket"]) == (0, "t2")


@pytest.mark.parametrize(
    "data", [None, [], "x", {}, {"turn": None}, {"turn": True}, {"turn": 9}, {"turn": -1}, {"turn": "0"}, {"turn": 0.5}]
)
def test_a_turn_that_is_not_there_changes_nothing(talk, data):
    sent = asked(talk, "What is the pay?")[-1][1]
    [only] = talk.again(sent, "t2", None, None, None, None, Event(data), Request())
    assert all(value["__type__"] == "update" for value in only[:3]) and only[3]["refused"] is True
    assert talk.undo(sent, Event(data))[1]["__type__"] == "update"


def test_a_turn_taken_back_returns_to_the_box(talk):
    sent = asked(talk, HOSTILE, asked(talk, "What is the pay?")[-1][1])[-1][1]
    box, value, edited, record = talk.undo(sent, Event({"turn": 1}))
    assert (box["value"], shown(value), edited, record["kept"]) == (HOSTILE, ["What is the pay?"], -1, 1)


def test_a_question_that_cannot_be_asked_leaves_everything_as_it_is(talk, monkeypatch):
    told = []
    monkeypatch.setattr("kb.web.events.gr.Warning", lambda text, title: told.append(text))
    for question in ("", "x" * 2001, None, {"a": 1}):
        [state] = asked(talk, question)
        assert all(value["__type__"] == "update" and len(value) == 1 for value in state[:3]) and state[3]["refused"] is True
    assert told[0] == told[2] == told[3] == "Please type a question first." and told[1].startswith("That is 2001 characters.")


def test_filters_from_the_browser_reach_the_base(talk):
    asked(talk, "What is the pay?", scope=(["data", "no such topic"], [], "Europe", ""))
    assert talk.desk.base.asked[-1][2] == Filters(topics=("data",), region="Europe")


def test_a_stopped_answer_says_so_and_is_kept_without_a_receipt(talk):
    half = asked(talk, "How do I start?")[0][1]
    box, value, _, record = talk.stop(half, "t1", Request())
    assert box["stop_btn"] is False and "Stopped." in value[-1]["content"] and "kb-retry" in value[-1]["content"]
    assert (record["question"], record["ticket"]) == ("How do I start?", "t1") and "receipt" not in record
    assert talk.stop([], "t1", Request())[1] == []
    whole = asked(talk, "How do I start?")[-1][1]
    assert "Stopped." not in talk.stop(whole, "t1", Request())[1][-1]["content"]


def test_a_kept_conversation_opens_as_text_messages_only(talk):
    messages = [{"role": "user", "content": "hi"}, {"role": "assistant", "content": {"component": "image", "value": "http://x"}}]
    assert talk.open(Event({"messages": messages}))[1] == [{"role": "user", "content": "hi"}]
    assert talk.open(Event(None))[1] == []
    assert "value" not in talk.open(Event({"messages": messages}))[0], "what is being written in the box stays"


@pytest.mark.parametrize(
    "data",
    [None, {"question": 7, "verdict": "up"}, {"question": "q", "verdict": "rubbish"}, {"question": "q", "verdict": ["up"]}],
)
def test_a_verdict_that_is_none_is_not_kept(talk, data):
    talk.note(Event(data))
    assert list(talk.desk.notes) == []


def test_a_verdict_is_kept_within_limits(talk):
    talk.note(Event({"question": "q" * 1000, "verdict": "missing", "sources": ["a.md", 3, "b" * 900] * 20}))
    [note] = talk.desk.notes
    assert (len(note.question), note.verdict, len(note.sources), len(note.sources[1])) == (300, "missing", 20, 300)


# ---------------------------------------------------------------- opening a citation


def test_a_citation_opens_from_what_the_browser_sent():
    place = write_place(Place.of(cite(TALKS, "Practise aloud.", 1)))
    shown = open_place(Desk(FakeBase()), {"place": place, "siblings": [place, 7, None], "whole": "yes"}, language="en")
    assert "<mark>Practise aloud.</mark>" in shown and "Read the whole article" in shown


@pytest.mark.parametrize(
    ("why", "told"),
    [("first", "4 articles on 5 topics"), ("declined", "does not cover the last question"), ("none", "cites no article")],
)
def test_without_a_citation_the_panel_says_why_it_shows_none(why, told):
    shown = open_place(Desk(FakeBase()), {"nothing": why, "place": 7}, language="en")
    assert told in shown and 'data-here=""' in shown


@pytest.mark.parametrize(
    "sent",
    [None, "x", {}, {"place": 7}, {"nothing": [1]}, {"place": "#cite-../../etc"}, {"place": "1.2.-1.-1..a", "siblings": 9}],
)
def test_what_is_no_citation_says_so(sent):
    shown = open_place(Desk(FakeBase()), sent, language="en")
    assert "not a citation of this knowledge base" in shown or "no longer in the knowledge base" in shown


def test_an_article_that_was_removed_says_so_in_the_readers_language():
    place = write_place(Place.of(cite(DATA, "Learn SQL well.", 1)))
    assert "nicht mehr in der Wissensbasis" in open_place(Desk(FakeBase([TALKS])), {"place": place}, language="de")
