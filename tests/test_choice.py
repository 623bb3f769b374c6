"""Which units are likely: a model of four features, and what only lists other names."""

from __future__ import annotations

import pytest
from found import found

from kb.choice import KIND, MEANING, OTHER_NAMES, PASSAGE, WORDS, candidates, coverage, fits, preferred
from kb.question import analyse

NAMES = ("Crime scene investigator", (), [("Also called: scenes of crime officer, CSI.", 0.7)])
WORK = ("Crime scene investigator", ("Work",), [("They photograph the scene.", 0.6)])


def test_a_unit_s_log_odds_are_the_weighted_sum_of_its_features():
    question = analyse("What does a nurse earn?")
    given = found("nurse earn", ("Nurse", (), [("Hello there.", 0.5)]), ("Pay", (), [("A nurse gets $20.", 0.4)]))
    odds = {c.text: c.log_odds for c in candidates(given, question, 6)}
    assert odds["Hello there."] == pytest.approx(MEANING * 0.5 - KIND)
    assert odds["A nurse gets $20."] == pytest.approx(MEANING * 0.4 - PASSAGE + WORDS * 0.5 + KIND)


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
        ("duration", "It takes three years.", 1.0),
        ("duration", "It takes 3 exams.", -1.0),
        ("reason", "They leave because of shifts.", 1.0),
        ("text", "Anything.", 0.0),
    ],
)
def test_a_unit_fits_when_it_holds_the_kind_of_thing_asked_for(wanted, text, fit):
    assert fits(wanted, text) == fit
