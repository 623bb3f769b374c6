"""Occupations that the shipped articles do not tell about, asked about as people ask: their neighbours' answers are none."""

import pytest

OCCUPATIONS = """
lawyer, plumber, airline pilot, electrician, graphic designer, pharmacist, dentist, chef, journalist, civil engineer,
veterinarian, police officer, librarian, carpenter, hairdresser, real estate agent, sales manager, network engineer, cloud
architect, web designer, bodyguard, notary, beekeeper, tour guide, train driver, sound engineer, optician, florist,
goldsmith, undertaker, crane operator, hotel manager
"""
ASKED = [
    "What does a {} earn?",
    "How do I become a {}?",
    "What skills does a {} need?",
    "What does a {} do all day?",
    "Do I need a degree to become a {}?",
    "{} salary",
    "I want to work as a {}. Where do I start?",
]
FROM = ["nurse", "chef", "soldier", "truck driver", "teacher", "accountant", "lawyer", "barista", "plumber", "musician"]
INTO = ["data engineer", "data analyst", "data scientist", "machine learning engineer", "research scientist"]
CHANGING = [
    "I am a {} and want to become a {}, where do I start?",
    "I'm a {}, how do I become a {}?",
    "As a {}, how can I become a {}?",
    "I was a {} and I'd like to be a {}, what should I learn first?",
    "I work as a {} and want to become a {}. What are the steps?",
]
DECLINED = ANSWERED = 0.9  # of them


@pytest.fixture(scope="module")
def answered(shipped) -> dict[str, bool]:
    names = [name.strip() for name in OCCUPATIONS.replace("\n", " ").split(",")]
    questions = [ASKED[at % len(ASKED)].format(name) for at, name in enumerate(names)]
    return {question: not shipped.answer(question).abstained for question in questions}


def test_what_is_asked_about_an_occupation_without_an_article_is_declined(answered) -> None:
    assert sum(answered.values()) <= (1 - DECLINED) * len(answered), [question for question, yes in answered.items() if yes]


def test_the_same_is_answered_about_one_that_has_an_article(shipped) -> None:
    assert not any(shipped.answer(each.format("data engineer")).abstained for each in ASKED)


def test_what_somebody_comes_from_need_have_no_article(shipped) -> None:
    pairs = [(one, INTO[at % len(INTO)], at + by) for at, one in enumerate(FROM) for by in (0, 1)]
    asked = [CHANGING[at % len(CHANGING)].format(one, other) for one, other, at in pairs]
    declined = [question for question in asked if shipped.answer(question).abstained]
    assert len(declined) <= (1 - ANSWERED) * len(asked), declined


def test_what_somebody_wants_to_become_must_have_one(shipped) -> None:
    unknown = ["midwife", "airline pilot", "dentist", "goldsmith", "train driver"]
    asked = [CHANGING[at % len(CHANGING)].format(one, unknown[at % 5]) for at, one in enumerate(["data engineer", *FROM])]
    answered = [question for question in asked if not shipped.answer(question).abstained]
    assert len(answered) <= (1 - DECLINED) * len(asked), answered
