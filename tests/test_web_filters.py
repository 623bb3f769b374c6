from datetime import date

import pytest
from web_fake import DATA, TALKS, FakeBase, make_article

from kb.records import Filters
from kb.web.examples import candidates, example_questions
from kb.web.filters import Choices, choices_of, described, labelled, read_filters

TODAY = date(2026, 11, 22)
CHOICES = Choices(("data", "pay"), ("data engineer",), ("US", "worldwide"))


def article(name, *, roles=(), region="", topics=(), headings=()):
    sections = [((heading,), [("paragraph", "Text.")]) for heading in headings] or [((), [("paragraph", "Text.")])]
    return make_article(f"{name}.md", name, sections, roles=roles, region=region, topics=topics)


def test_choices_come_from_the_articles_the_commonest_first():
    articles = [
        article("a", roles=("ML engineer / MLE", "data analyst"), region="worldwide, with US figures"),
        article("b", roles=("ML engineer / machine learning engineer",), region="US"),
        article("c", region="worldwide, figures for US and New Zealand"),
    ]
    assert choices_of(articles, {"pay": 1, "data": 3, "cv": 1}) == Choices(
        ("data", "cv", "pay"), ("ML engineer", "data analyst"), ("US", "worldwide", "New Zealand")
    )
    assert choices_of([], {}) == Choices()


def test_a_role_is_offered_once_whatever_its_case_and_under_whichever_of_its_names():
    articles = [
        article("a", roles=("Machine learning engineer / ML engineer", "Data scientist")),
        article("b", roles=("ML engineer / machine learning engineer", "data scientist")),
        article("c", roles=("ML engineer", "data scientist")),
    ]
    assert choices_of(articles, {}).roles == ("ML engineer", "data scientist")


def test_what_was_chosen_becomes_filters():
    assert read_filters(["pay", "data"], ["data engineer"], "US", "2", CHOICES, TODAY) == Filters(
        ("data", "pay"), ("data engineer",), "US", "2024-11"
    )
    assert read_filters([], None, "", "", CHOICES, TODAY) == Filters()


@pytest.mark.parametrize("sent", [None, 7, "data", {"data": 1}, ["nothing of ours", 3, None, ["data"]], [[]]])
def test_what_was_not_offered_is_left_out(sent):
    assert read_filters(sent, sent, sent, sent, CHOICES, TODAY) == Filters()


def test_a_narrowed_search_says_so_in_the_readers_language():
    filters = Filters(("data", "pay"), (), "US", "2024-11")
    assert described(filters, "en") == "Searched only: data, pay · US · since November 2024"
    assert described(filters, "de") == "Nur gesucht in: data, pay · US · seit November 2024"
    assert described(Filters(), "en") == ""


def test_questions_to_begin_with_are_headings_of_different_topics_first():
    articles = [
        article("One", topics=("pay",), headings=("What does it pay in a year?", "And what else is there?")),
        article("Two", topics=("pay",), headings=("How much can I ask them for?",)),
        article("Three", topics=("cv",), headings=("No question here", "How long may a CV be today?")),
        article("A title that is long enough", topics=("cv",)),
        article("Four", topics=("x",), headings=("Short?",)),
    ]
    assert list(candidates(articles)) == [
        "What does it pay in a year?",
        "How long may a CV be today?",
        "How much can I ask them for?",
        "A title that is long enough",
    ]


def test_only_questions_that_the_base_answers_are_offered():
    answered = article("What steps do I take to start?")
    declined = article("Which horse will win the race?")
    assert example_questions(FakeBase([declined, answered])) == ["What steps do I take to start?"]
    assert example_questions(FakeBase([])) == []


def test_a_question_that_fails_is_not_offered():
    assert example_questions(FakeBase([article("Will you refuse me, or not?"), DATA, TALKS])) == []


def test_roles_are_shown_alike_however_their_articles_write_them():
    assert labelled(["software engineer", "Data scientist", "iOS developer", "ML engineer"]) == [
        ("Software engineer", "software engineer"),
        ("Data scientist", "Data scientist"),
        ("iOS developer", "iOS developer"),
        ("ML engineer", "ML engineer"),
    ]
