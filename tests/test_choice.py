"""Which units are likely: a model of plain features, and what only lists other names."""

from __future__ import annotations

import pytest
from found import found

from kb.choice import (
    ASPECT,
    ELSEWHERE,
    HEADED,
    ITSELF,
    KIND,
    MEANING,
    OTHER_NAMES,
    PASSAGE,
    WORDS,
    candidates,
    coverage,
    fits,
    preferred,
)
from kb.question import analyse

NAMES = ("Crime scene investigator", (), [("Also called: scenes of crime officer, CSI.", 0.68)])
WORK = ("Crime scene investigator", ("Work",), [("They photograph the scene.", 0.61)])


def test_a_unit_s_log_odds_are_the_weighted_sum_of_its_features():
    question = analyse("What does a nurse earn?")
    given = found("nurse earn", ("Nurse", (), [("Hello there.", 0.5)]), ("Pay", (), [("A nurse gets $20.", 0.4)]))
    odds = {c.text: c.log_odds for c in candidates(given, question, 6)}
    near = MEANING + ITSELF + ASPECT
    assert odds["Hello there."] == pytest.approx(near * 0.5 + HEADED * 0.5 - KIND)  # its title says "Nurse"
    assert odds["A nurse gets $20."] == pytest.approx(near * 0.4 - PASSAGE + (WORDS + HEADED) * 0.5 + KIND + ELSEWHERE)


def test_of_equal_units_the_one_under_the_occupation_asked_about_is_likelier():
    pay = "The median is $20."
    given = found("data engineer earn", ("Data scientist", (), [(pay, 0.5)]), ("Pay", ("Data engineers",), [(pay, 0.5)]))

    def ahead(question: str) -> float:
        odds = {c.hit: c.log_odds for c in candidates(given, analyse(question), 6)}
        return odds[1] - odds[0]

    assert ahead("What does a data engineer earn?") - ahead("What is the median?") == pytest.approx(-ELSEWHERE)


def test_probabilities_sum_to_one_and_the_likeliest_comes_first():
    listed = candidates(found("scene", NAMES, WORK), analyse("What happens at a scene?"), 6)
    assert sum(c.probability for c in listed) == pytest.approx(1.0)
    assert [c.probability for c in listed] == sorted((c.probability for c in listed), reverse=True)


def test_other_names_come_behind_what_is_done():
    question = analyse("What does a CSI do at a scene?")
    likeliest = candidates(found("csi scene", NAMES, WORK), question, 6)
    assert likeliest[0].text.startswith("Also called")
    chosen = preferred(question, likeliest)
    assert [c.text for c in chosen][0] == "They photograph the scene."
    assert chosen[1].log_odds == pytest.approx(likeliest[0].log_odds + OTHER_NAMES)
    assert sum(c.probability for c in chosen) == pytest.approx(1.0)


def test_other_names_stay_first_where_names_are_asked_for():
    question = analyse("What else is a CSI called?")
    likeliest = candidates(found("csi", NAMES, WORK), question, 6)
    assert preferred(question, likeliest) == likeliest


def test_coverage_weighs_words_by_their_rarity():
    assert coverage("The salary of welders", {"welder": 3.0, "ohio": 1.0}) == pytest.approx(0.75)
    assert coverage("anything", {}) == 0.0


@pytest.mark.parametrize(
    ("wanted", "text", "fit"),
    [
        ("amount", "Nurses get £31,000.", 1.0),
        ("amount", "Nurses are tired.", -1.0),
        ("amount", "A nurse had GBP 31,000 in 2024.", 1.0),
        ("amount", "Paid 12 an hour, 15 on Sundays.", 1.0),
        ("amount", "In 2024 nurses were tired.", -1.0),
        ("date", "Apply in the autumn.", 1.0),
        ("date", "Orders go in by 11 pm.", 1.0),
        ("date", "Apply online.", -1.0),
        ("duration", "It takes three years.", 1.0),
        ("duration", "It takes 3 exams.", -1.0),
        ("reason", "They leave because of shifts.", 1.0),
        ("text", "Anything.", 0.0),
    ],
)
def test_a_unit_fits_when_it_holds_the_kind_of_thing_asked_for(wanted, text, fit):
    assert fits(wanted, text) == fit
