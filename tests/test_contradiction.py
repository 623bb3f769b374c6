"""What speaks against a sentence although its words stand in the passage it cites."""

from __future__ import annotations

import pytest

from kb.contradiction import binding, denial, displaced, nearest, opposite, ordered, other_subject, reversal, strength
from kb.evidence import Proof
from kb.records import Unit
from kb.wording import content, stems_of


def proofs(*texts: str, lead: str = "", kind: str = "sentence", context: str = "Nurses") -> list[Proof]:
    """Units of one passage, as evidence."""
    return [Proof(1, at, Unit(kind, at, at + len(text)), text, lead, context) for at, text in enumerate(texts)]


DEGREE = proofs("Nurses do not need a degree in Kent.", "Nurses wash hands before they touch a patient.")


def test_terms_are_counted_once_and_in_order():
    assert ordered("Nurses help nurses; bakers bake") == ("nurs", "help", "baker", "bake")


def test_the_nearest_unit_holds_most_of_the_terms_its_place_counted_in():
    held, proof = nearest("Nurses in Kent need a degree", DEGREE)
    assert proof is DEGREE[0] and held == 1.0
    held, proof = nearest("Patients are touched with washed hands", DEGREE)
    assert proof is DEGREE[1] and held == 1.0
    assert nearest("Bread rises", DEGREE) == (0.0, DEGREE[0])  # the first among equals


@pytest.mark.parametrize(
    ("text", "against"),
    [
        ("Nurses in Kent do not need a degree.", False),
        ("Nurses in Kent need a degree.", True),  # affirms what is denied
        ("Nurses do not wash hands before they touch a patient.", True),  # denies what is affirmed
        ("Nurses wash hands before they touch a patient.", False),
        ("Nurses do not always wash hands before they touch a patient.", False),  # limits, and does not deny
        ("Bread does not rise in Wales.", False),  # about something else
    ],
)
def test_a_denial_is_told_from_an_affirmation(text, against):
    assert (denial(text, DEGREE, ["Rules"]) > 0.0) is against


def test_a_heading_may_deny_what_the_sentence_denies():
    affirmed = proofs("A degree is a plus in Kent hospitals.")
    assert denial("A degree is not a plus in Kent hospitals.", affirmed, []) > 0.0
    assert denial("A degree is not a plus in Kent hospitals.", affirmed, ["Why a degree is not a plus"]) == 0.0


def test_items_under_a_lead_that_forbids_are_denied():
    rings = proofs("rings and watches", "gloves of thin rubber", lead="Leave these out of the ward:", kind="item")
    assert denial("Rings and watches are not worn on the ward.", rings, []) == 0.0
    assert rings[0].denied_by_lead == set(content("rings and watches"))


def test_the_opposite_of_a_word_counts_as_much_as_the_clause_is_held():
    night = proofs("Night work on wards is paid better than day work.", "Shifts start early in summer.")
    assert opposite("Shifts start late in summer", night) == pytest.approx(2 / 3)
    assert opposite("Shifts start early in summer", night) == 0.0
    assert opposite("Bread is late", night) == 0.0


def test_what_is_said_more_strongly_than_the_source_is_noticed():
    advice = proofs("You should ask for feedback after the interview.")
    assert strength("You must always ask for feedback after the interview.", advice) == 1.0
    assert strength("You should ask for feedback after the interview.", advice) == 0.0
    assert strength("You must ask for feedback.", proofs("You need to ask for feedback.")) == 0.0


def test_a_comparison_the_other_way_round_is_noticed():
    night = proofs("Night work is paid better than day work.")
    assert reversal("Day work is paid better than night work.", night) == 1.0
    assert reversal("Night work is paid better than day work.", night) == 0.0
    assert reversal("Day work is paid worse than night work.", night) == 0.0
    assert reversal("Bread is older than wine.", night) == 0.0


def test_a_word_moved_from_elsewhere_in_the_passage_is_noticed():
    sides = proofs("Academia gives more freedom to a researcher; industry gives more stability to a researcher.")
    everything = stems_of(proof.whole for proof in sides)
    assert displaced("Academia gives more stability to a researcher.", sides, everything) > 0.0
    assert displaced("Academia gives more freedom to a researcher.", sides, everything) == 0.0
    assert displaced("Academia gives more coffee to a researcher.", sides, everything) == 0.0  # not in the passage: words' affair


def test_what_fits_another_unit_better_than_the_one_of_its_subject():
    told = proofs("Sommeliers taste wine at noon.", "Dentists drill carious teeth under anaesthetic.", context="")
    assert other_subject("Sommeliers at noon drill carious teeth under anaesthetic.", told, []) > 0.0
    assert other_subject("Dentists carefully drill carious teeth under anaesthetic.", told, []) == 0.0
    assert other_subject("Sommeliers at noon drill carious teeth.", told, ["Sommeliers at noon"]) == 0.0


def test_numbers_must_keep_the_company_they_keep_in_the_source():
    men = proofs("Women who asked were held to the first offer in 38 percent of cases, men in 31 percent.", context="")
    right = binding("Women were held to the first offer in 38 percent of cases.", men, frozenset(), "")
    assert right == 1.0
    assert binding("For men it was 31 percent.", men, frozenset(), "") == 1.0
    assert binding("For men it was 38 percent.", men, frozenset(), "") < 0.95


def test_a_row_s_numbers_belong_to_their_columns():
    rows = proofs("Kent | 31,000 GBP | 28 days", "Wales | 29,000 GBP | 33 days", lead="Region | Pay | Holiday", kind="table_row")
    assert binding("In Kent the pay is 31,000 GBP.", rows, frozenset(), "GBP") == 1.0
    assert binding("In Wales the pay is 31,000 GBP.", rows, frozenset(), "GBP") < 0.95


def test_years_and_numbers_without_a_rival_are_not_judged():
    assert binding("In 2021 nurses struck.", proofs("In 2021 bakers struck, in 2022 nurses."), frozenset(), "") == 1.0
    assert binding("Nurses have 3 shifts.", proofs("There are 3 shifts."), frozenset(), "") == 1.0
