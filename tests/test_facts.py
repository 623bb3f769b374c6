"""Quantities and names: what a sentence states must stand in what it cites."""

from __future__ import annotations

import pytest

from kb.facts import Vocabulary, capitalised_inside, names, quantities, states


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("$30-40k, up 5 percent", [(30_000, "money", "usd"), (40_000, "money", "usd"), (5, "percent", "")]),
        ("between 30,000 and 40,000 EUR", [(30_000, "money", "eur"), (40_000, "money", "eur")]),
        ("€1.5m, USD 30k, £2 million", [(1_500_000, "money", "eur"), (30_000, "money", "usd"), (2_000_000, "money", "gbp")]),
        ("300,000 US dollars", [(300_000, "money", "usd")]),
        ("twenty-five per cent of a hundred people", [(25, "percent", ""), (100, "plain", "")]),
        ("3 to 5 years, a 12-month plan", [(3, "plain", "year"), (5, "plain", "year"), (12, "plain", "month")]),
        ("two full years", [(2, "plain", "year")]),
        ("half of them", [(50, "percent", "")]),
        ("GPT-4, L5 and C++17 are names; mid-2025 is a year", [(2025, "plain", "")]),
        ("one reason", []),
        ("no numbers", []),
    ],
)  # fmt: skip
def test_quantities_are_read_with_scale_currency_and_unit(text, found):
    assert [(q.value, q.kind, q.unit) for q in quantities(text)] == found


@pytest.mark.parametrize(
    ("claim", "source", "stated"),
    [
        ("30k", "30,000", True),
        ("60%", "60 percent", True),
        ("five years", "5 years", True),
        ("$30,000", "USD 30,000", True),
        ("$30,000", "EUR 30,000", False),
        ("$30,000", "30,000", False),
        ("30,000", "USD 30,000", True),
        ("5%", "5 years", False),
        ("two hours", "two minutes", False),
        ("two hours", "two or three lines", False),
        ("$900 a month", "$900 a year", False),
        ("$900", "$900 a year", True),
        ("in 2021", "in 2022", False),
        ("half", "50 %", True),
        ("3", "30", False),
    ],
)
def test_a_quantity_is_stated_only_with_its_own_value_currency_and_unit(claim, source, stated):
    assert all(states(q, quantities(source), source) for q in quantities(claim)) is stated


def test_a_bare_number_takes_the_currency_that_its_table_header_gives():
    header = "Region | Pay (EUR)"
    assert states(quantities("41,000 euros")[0], quantities("41,000"), header)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("At Google, a Staff Engineer uses SQL.", ["Google", "Staff", "Engineer", "SQL"]),
        ("Goldman Sachs pays well in the UK.", ["Goldman", "Sachs", "UK"]),
        ("Employers ask for proof; Meta's team knows C++.", ["Meta's", "C++"]),
        ("Spotify pays more.", ["Spotify"]),
        ("Nurses earn more.", []),
        ("I'm sure.", []),
    ],
)
def test_names_are_told_from_ordinary_capitals(text, found):
    assert names(text) == found


def test_a_first_word_is_a_name_if_it_is_known_as_one():
    known = capitalised_inside("We met at Roche last year.")
    assert (names("Roche and others"), names("Roche and others", known)) == ([], ["Roche"])


@pytest.mark.parametrize(
    ("text", "word", "named"),
    [
        ("engineers of machine learning", "ML", True),
        ("the UK market", "Kingdom", True),
        ("Google's teams", "Google", True),
        ("the National Health Service", "NHS", True),
        ("data engineers", "Engineer", True),
        ("an ATS reads it", "ATS-friendly", True),
        ("Meta pays", "Google", False),
        ("many little words", "ML", False),
    ],
)
def test_a_name_is_found_in_another_form_but_not_in_another_word(text, word, named):
    assert Vocabulary.of(text).names(word) is named
