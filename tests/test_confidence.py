"""Whether the base answers a question, judged by what was found."""

from dataclasses import replace

import pytest

from kb.confidence import Evidence, aspect_of, confidence
from kb.question import analyse

FOUND = Evidence(0.0, 0.5, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, False)


@pytest.mark.parametrize(
    ("question", "aspect"),
    [
        ("How much does an optometrist in Canada earn?", "How much does an in earn?"),
        ("What does Netflix pay AI research scientists?", "What does pay ?"),
        ("how do I explain a gap in my CV", "how do I explain a gap in my"),
        ("Data engineer?", "Data engineer?"),
    ],
)
def test_the_aspect_is_what_is_asked_about_the_names(question: str, aspect: str) -> None:
    assert aspect_of(analyse(question)) == aspect


@pytest.mark.parametrize(("feature", "value"), [("aspect", 0.1), ("far", 0.2), ("everyday", 0.2)])
def test_the_farther_what_was_found_the_less_probable_the_answer(feature: str, value: float) -> None:
    assert confidence(replace(FOUND, **{feature: value})) < confidence(FOUND)


@pytest.mark.parametrize("feature", [name for name in Evidence.__slots__ if name.startswith(("missing_", "lacks_"))])
def test_whatever_is_missing_speaks_against_an_answer(feature: str) -> None:
    assert confidence(replace(FOUND, **{feature: 1.0})) < confidence(FOUND)


@pytest.mark.parametrize(
    "asks_for_more",
    [
        "What does a radiographer do?",  # an occupation
        "What does a nurse do in Canada?",  # a place
        "What does a nurse do at Netflix?",  # an employer
        "What did a nurse do in 1987?",  # a year
        "What does a nurse do with FORTRAN?",  # a name
        "What does a nurse do about volcanoes and submarines?",  # other words
    ],
)
def test_the_same_question_about_what_stands_nowhere_is_less_probable(base, asks_for_more: str) -> None:
    assert base.answer(asks_for_more).confidence < base.answer("What does a nurse do?").confidence


def test_days_and_everyday_abbreviations_are_no_names_that_could_be_missing(base) -> None:
    plain = base.answer("What does a nurse do?").confidence
    for also in ("What does a nurse do on Thursdays?", "What does a nurse do with PCs?"):
        assert base.answer(also).confidence > plain - 0.15


def test_what_a_story_mentions_beside_its_question_need_not_stand_in_the_article(base) -> None:
    story = "I'm 34, I live in Toronto and I worked at Netflix for six years. I am tired of it. What does a nurse do?"
    assert base.answer(story).confidence > base.answer("What does a nurse do at Netflix in Toronto?").confidence + 0.2
