"""Whether the base answers a question, judged by what was found."""

import pytest

from kb.confidence import Evidence, aspect_of, confidence
from kb.question import analyse


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


def test_whatever_is_missing_speaks_against_an_answer() -> None:
    found = Evidence(10.0, 0.5, 0.0, 0.0, 0.0, 0.0)
    assert 0.5 < confidence(found) < 1.0
    for missing in (
        Evidence(10.0, 0.5, 1.0, 0.0, 0.0, 0.0),
        Evidence(10.0, 0.5, 0.0, 1.0, 0.0, 0.0),
        Evidence(10.0, 0.5, 0.0, 0.0, 1.0, 0.0),
        Evidence(10.0, 0.5, 0.0, 0.0, 0.0, 1.0),
        Evidence(5.0, 0.5, 0.0, 0.0, 0.0, 0.0),
        Evidence(10.0, 0.0, 0.0, 0.0, 0.0, 0.0),
    ):
        assert confidence(missing) < confidence(found)


def test_the_same_question_about_a_role_a_place_or_an_employer_that_stands_nowhere_is_less_probable(base) -> None:
    known = base.answer("What does a nurse do?").confidence
    assert base.answer("What does a radiographer do?").confidence < known
    assert base.answer("What does a nurse do in Canada?").confidence < known
    assert base.answer("What does a nurse do at Netflix?").confidence < known
