"""Words that are written in several ways meet."""

import pytest

from kb.lexical import analyse, terms
from kb.spelling import fold


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("organisation", "organization"),
        ("She specialises in analysing data", "She specializes in analyzing data"),
        ("labour, colours, behavioural, honourable", "labor, colors, behavioral, honorable"),
        ("centre and theatres", "center and theaters"),
        ("travelled, modelling, counsellors", "traveled, modeling, counselors"),
        ("a licence, the defence", "a license, the defense"),
        ("training programmes", "training programs"),
        ("a catalogue", "a catalog"),
        ("a Ph.D. in the U.S.", "a PhD in the US"),
        ("a B.Sc.", "a BSc"),
        ("a doctorate, doctoral studies, two PhDs", "a PhD, PhD studies, two Ph.D."),
        ("two CVs and three résumés", "two CV and three resumes"),
        ("judgement", "judgment"),
        ("Labour. Colour. Cruise.", "labour, colour, cruise"),
    ],
)
def test_two_spellings_give_the_same_terms(one: str, other: str) -> None:
    assert analyse(one) == analyse(other)


def test_words_of_different_meaning_stay_apart() -> None:
    apart = ("filled", "filed"), ("hour", "or"), ("four", "for"), ("tour", "tor"), ("seller", "seler"), ("doctorate", "doctor")
    for one, other in apart:
        assert terms(one) != terms(other) or not terms(other)


def test_nothing_else_is_touched() -> None:
    text = "C++, R&D and 127,750 dollars; a nurse's hours, e-mail: ask@example.org. The end."
    assert fold(text) == text


def test_folding_twice_is_folding_once() -> None:
    text = "Organisations analysed the labour of two Ph.D. programmes; CVs, résumés, centres, travelled, licences."
    assert fold(fold(text)) == fold(text)
