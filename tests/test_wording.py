"""How one wording relates to another: the same, the opposite, the denied, the stronger; by lists and scopes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.facts import quantities
from kb.lexical import analyse
from kb.wording import (
    affirmed,
    alike,
    content,
    denied,
    forbids,
    holds,
    opposed,
    quantity_key,
    share,
    stem,
    stems_of,
    synonym_key,
    too_strong,
    turned,
)

TEXTS = st.text(alphabet="abcdefgh .,;:'’-0123456789€%", max_size=80) | st.sampled_from(
    ["Nobody must pay more than £30k.", "Don't leave these out: rings.", "not not never", "n't", "Pay rose by 5 percent, not 6."]
)


def test_content_holds_stems_and_quantities_in_order():
    assert content("Employers pay $30k to the nurses") == ("employ", "pay", "#30000", "nurs")


@pytest.mark.parametrize(
    ("text", "scopes"),
    [
        ("A PhD is not strictly necessary, but it helps.", [["strict", "necessari"]]),
        ("A CV carries no photo and no age.", [["photo"], ["age"]]),
        ("It is not only useful.", []),
        ("They no longer hire.", []),
        ("Neither side is better.", [["side", "better"]]),
        ("Shares that have not vested are lost.", [["vest"]]),
        ("You needn't apply twice.", [["appli", "twice"]]),
    ],
)
def test_a_negation_denies_what_follows_it_in_its_clause(text, scopes):
    assert denied(text) == scopes


@pytest.mark.parametrize(
    ("claim", "source", "against"),
    [
        ("Apply early.", "Apply late.", True),
        ("Apply early, not late.", "Apply late, not early.", False),  # both words in both: for `denied` to judge
        ("Most managers are trained.", "Most managers are untrained.", True),
        ("Managers are not trained.", "Managers are untrained.", False),
        ("The firm accepts hints.", "The firm takes hints.", False),
    ],
)
def test_a_word_is_opposed_when_only_its_opposite_stands_there(claim, source, against):
    assert bool(opposed(claim, source)) is against


@pytest.mark.parametrize(
    ("claim", "source", "against"),
    [
        ("Two readers help more than five.", "Two readers help more than five.", False),
        ("Five readers help more than two.", "Two readers help more than five.", True),
        ("Five readers help less than two.", "Two readers help more than five.", False),
        ("Two readers help less than five.", "Two readers help more than five.", True),
        ("Education goes above work.", "Work goes above education.", True),
    ],
)
def test_a_comparison_is_turned_by_its_sides_or_its_word_but_not_by_both(claim, source, against):
    assert turned(claim, source) is against


def test_a_word_is_too_strong_where_the_source_has_nothing_like_it():
    assert too_strong("You must always ask.", "You should ask.") == ["always"]
    assert too_strong("Everyone asks.", "All people ask.") == []


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("salary", "wages", True),
        ("pay", "paid", True),
        ("PhD", "doctorate", True),
        ("stay", "stayers", True),  # up to three letters more
        ("firm", "employer", True),
        ("cat", "category", False),  # too short to count as a beginning
        ("nurse", "baker", False),
        ("#30000", "#300000", False),  # a number is not the beginning of another
    ],
)
def test_two_words_are_alike_when_they_are_synonyms_or_one_begins_the_other(one, other, same):
    a, b = (each if each.startswith("#") else stem(each) for each in (one, other))
    assert alike(a, b) is alike(b, a) is same


def test_synonyms_have_one_key_and_other_words_their_own():
    assert synonym_key(stem("salary")) == synonym_key(stem("wages")) != synonym_key(stem("nurse"))
    assert synonym_key("zyx") == "zyx"


def test_the_share_of_what_is_wanted_counts_synonyms_and_is_whole_for_nothing():
    stems = content("The employer pays a wage")
    assert holds(stems, stem("salary")) and not holds(stems, stem("holiday"))
    assert share([stem("salary"), stem("holiday")], stems) == 0.5
    assert share([], stems) == 1.0


@pytest.mark.parametrize(("text", "key"), [("30k", "#30000"), ("5 percent", "#5%"), ("2.5 years", "#2.5")])
def test_a_quantity_is_a_term_of_its_value(text, key):
    assert quantity_key(quantities(text)[0]) == key


def test_light_words_carry_no_content():
    assert content("They usually take such things to be said") == ()
    assert stems_of(["Nurses care", "bakers bake"]) == {"nurs", "care", "baker", "bake"}


def test_what_is_flatly_denied_leaves_out_what_is_only_limited():
    assert denied("It is not always necessary.") == [["alway", "necessari"]]
    assert denied("It is not always necessary.", flatly=True) == []
    assert denied("It is not necessary.", flatly=True) == [["necessari"]]


def test_what_a_negation_reaches_is_not_affirmed():
    assert affirmed("A degree is not necessary, but a licence is") == {"degre", "licens"}
    assert affirmed("A degree is necessary") == {"degre", "necessari"}


@pytest.mark.parametrize(
    ("lead", "forbidden"),
    [
        ("Leave these out of a CV:", True),
        ("Avoid:", True),
        ("You should not bring:", True),
        ("Bring these:", False),
        ("Never mind the weather; bring:", True),  # a word list errs on this side
        ("What to leave at home, in order:", False),
    ],
)
def test_a_lead_in_forbids_what_stands_under_it(lead, forbidden):
    assert forbids(lead) is forbidden


def test_a_word_that_its_source_has_too_is_never_opposed():
    assert opposed("Pay is high in Kent.", "Pay is low in Kent.") == ["high"]
    assert opposed("Pay is high or low.", "Pay is low.") == []
    assert opposed("Pay is high.", "Pay is high for some and low for others.") == []


def test_comparatives_are_left_to_the_comparison():
    assert opposed("Nurses earn more than bakers.", "Nurses earn less than bakers.") == []
    assert turned("Nurses earn more than bakers.", "Nurses earn less than bakers.")


def test_strength_that_a_claim_denies_or_its_source_has_in_other_words_is_no_surplus():
    assert too_strong("A degree is not required.", "A degree helps.") == []
    assert too_strong("A degree is required.", "You need a degree.") == []
    assert too_strong("A degree is required.", "A degree helps.") == ["required"]
    assert too_strong("Nobody is hired.", "No graduates are hired.") == []


@given(TEXTS)
def test_no_text_speaks_against_itself(text):
    assert opposed(text, text) == []
    assert not turned(text, text)
    assert too_strong(text, text) == []


@given(TEXTS, TEXTS)
def test_what_is_denied_and_affirmed_are_terms_of_the_text(one, other):
    text = f"{one} {other}"
    stems = set(analyse(text))
    assert affirmed(text) <= stems and all(scope and set(scope) <= stems for scope in denied(text))
    assert 0.0 <= share(content(one), content(other)) <= 1.0
