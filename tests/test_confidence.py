"""Whether the base answers a question, judged by what was found."""

from dataclasses import replace

import pytest
from found import found

from kb.choice import candidates
from kb.confidence import Evidence, aspect_of, confidence, evidence
from kb.question import analyse
from kb.question.roles import asked_about

FOUND = Evidence(0.0, 0.5, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, False)


@pytest.mark.parametrize(
    ("question", "aspect"),
    [
        ("How much does an optometrist in Canada earn?", "How much does an in earn?"),
        ("What does Netflix pay AI research scientists?", "What does pay ?"),
        ("how do I explain a gap in my CV", "how do I explain a gap in my"),
        ("Data engineer?", "Data engineer?"),
        ("What does CPCS stand for?", "What does CPCS stand for?"),
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
    ("question", "occupation"),
    [
        ("What does an astronaut earn?", "astronaut"),
        ("how much does a hotel concierge make", "hotel concierge"),
        ("How do I become a notary in Scotland?", "notary"),
        ("What skills does a bodyguard need?", "bodyguard"),
        ("priest salary", "priest"),
        ("police constable starting salary uk", "police constable"),
        ("average hourly wage", None),
        ("starting grade and salary of a patent examiner coming from teaching", "patent examiner"),
        ("Is diplomat a good job?", "diplomat"),
        ("is being a lifeguard a good summer job", "lifeguard"),
        ("Is a degree still a good idea?", None),
        ("What are the hours of a notary?", "notary"),
        ("What do people earn in Kent?", None),
        ("net salary", None),
        ("entry level salary", None),
        ("How much does one charge?", None),
        ("What do I do?", None),
    ],
)
def test_what_stands_where_an_occupation_stands_is_one(question: str, occupation: str | None) -> None:
    assert [question[start:end] for start, end in asked_about(question)] == ([occupation] if occupation else [])


def missing_roles(question: str, *articles: tuple[str, str]) -> float:
    """That feature of a question, where these titles with a sentence each were found."""
    of = found(question, *((title, (), [(sentence, 0.8)]) for title, sentence in articles))
    read, text = analyse(question), dict((f"{n}.md", f"{title}\n{sentence}") for n, (title, sentence) in enumerate(articles))
    return evidence(of, read, candidates(of, read, 6), text.__getitem__).missing_roles


def test_an_occupation_is_missing_where_its_noun_is_or_the_word_that_tells_it_from_others() -> None:
    assert missing_roles("What does a nurse earn?", ("Baker", "A baker earns 30,000 pounds.")) > 0.3
    network = "Engineers earn 50,000 dollars, and a network of friends helps."
    assert missing_roles("What does a network engineer earn?", ("Pay", network)) > 0.3
    assert not missing_roles("What does a network engineer earn?", ("Pay", "Network engineers earn 50,000 dollars."))
    assert not missing_roles("What does a retained firefighter earn?", ("Pay", "Firefighters earn 40,000 pounds."))
    assert not missing_roles("What does a senior nurse earn?", ("Pay", "Nurses earn 40,000 pounds."))


def test_an_occupation_that_a_story_aims_at_must_be_there_and_of_two_that_are_compared_each_somewhere() -> None:
    aimed = "I'm 34 and bored of my shop. I want to work as a tiler. Where do I start?"
    assert missing_roles(aimed, ("Baker", "Start at a bakery.")) > 0.3
    assert not missing_roles(aimed, ("Tiler", "Tilers start as apprentices."))
    two = ("Baker", "A baker starts at four."), ("Nurse", "A nurse starts at six.")
    assert not missing_roles("Baker or nurse, who starts earlier?", *two)


def test_what_somebody_is_need_not_be_there_when_something_else_is_to_be_become() -> None:
    baker = ("Baker", "A baker starts at a bakery.")
    for changing in ("I am a nurse and want to become a baker, where do I start?", "Can a nurse become a baker?"):
        assert not missing_roles(changing, baker)
    assert missing_roles("I am a baker and want to become a nurse, where do I start?", baker) > 0.2
    assert missing_roles("I am a nurse, what should I earn?", baker) > 0.3


@pytest.mark.parametrize(
    "asks_for_more",
    [
        "What does a radiographer do?",  # an occupation
        "What does a concierge do?",  # an occupation that no list knows
        "What does a nurse do in Canada?",  # a place
        "What does a nurse do at Netflix?",  # an employer
        "What did a nurse do in 1987?",  # a year
        "What does a nurse do with FORTRAN?",  # a name
    ],
)
def test_the_same_question_about_what_stands_nowhere_is_less_probable(base, asks_for_more: str) -> None:
    assert base.answer(asks_for_more).confidence < base.answer("What does a nurse do?").confidence


def test_days_and_everyday_abbreviations_are_no_names_that_could_be_missing(base) -> None:
    plain = base.answer("What does a nurse do?").confidence
    for also in ("What does a nurse do on Thursdays?", "What does a nurse do with PCs?"):
        assert base.answer(also).confidence > plain - 0.15


def test_what_a_story_mentions_beside_its_question_need_not_stand_in_the_article(base) -> None:
    story = "I'm 34, I live in Toronto and I worked at Netflix for six years. What does a nurse do?"
    assert base.answer(story).confidence > base.answer("What does a nurse do at Netflix in Toronto?").confidence + 0.2


def test_words_that_an_article_lacks_count_where_its_words_are_far_in_meaning_too() -> None:
    question = analyse("Do rangers get a clothing allowance?")
    for cosine, missing in ((0.6, 0.0), (0.1, 0.3)):
        of = found(question.text, ("Rangers", (), [("Rangers get a house.", cosine)]))
        seen = evidence(of, question, candidates(of, question, 6), lambda source: "Rangers get a house.")
        assert seen.missing_words == pytest.approx(missing)
