"""A passage taken apart: clauses, statements, units with their leads, runs of units, and their vectors."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.encoder import count_tokens
from kb.evidence import Evidence, Proof, clauses, run_text, statements
from kb.passages import cut
from kb.reading import read_article
from kb.settings import Settings

ARTICLE = """---
title: Nurses
date: 2024-05-01
---

Nurses care. They work nights. They wash hands. They go home.

## Pay in Europe

| Region | Pay |
|---|---|
| Bavaria | 41,000 EUR |
| Kent | 31,000 GBP |

## At home

Leave these out of the ward:

- rings and watches, because they catch on gloves
- food
"""


@pytest.fixture
def evidence(tmp_path, encoder) -> list[Evidence]:
    path = tmp_path / "a.md"
    path.write_text(ARTICLE, encoding="utf-8")
    article = read_article(path, "a.md")
    passages = cut(article, Settings(), lambda texts: count_tokens(encoder, texts))
    assert [passage.heading for passage in passages] == [(), ("Pay in Europe",), ("At home",)]
    return [Evidence(number, passage, article.text, encoder) for number, passage in enumerate(passages, 1)]


def test_clauses_are_cut_at_conjunctions_and_short_ones_joined():
    assert clauses("Pay is high in Kent, and the hours are long") == ["Pay is high in Kent", "the hours are long"]
    assert clauses("Nobody rests on Sundays in spring or summer") == ["Nobody rests on Sundays in spring or summer"]
    assert clauses("Stress passes; burnout stays.") == ["Stress passes", "burnout stays"]


def test_statements_keep_lists_whole_where_clauses_cut_them():
    text = "Bring no rings, no watches, no food that smells of onions, but do bring a pen"
    assert statements(text) == ["Bring no rings, no watches, no food that smells of onions", "but do bring a pen"]
    assert clauses(text) == ["Bring no rings, no watches", "no food that smells of onions", "do bring a pen"]
    assert statements("Yes.") == ["Yes."]


@given(st.text(alphabet="abc ,;:.—andbut", max_size=120))
def test_clauses_and_statements_lose_no_word(text):
    words, kept = (set(re.findall(r"\w+", each)) for each in (text, " ".join(clauses(text))))
    assert words - {"and", "but", "so", "or"} <= kept
    assert statements(text) and clauses(text)


def test_a_unit_knows_its_lead_and_its_place(evidence):
    ring = evidence[2].proofs[1]
    assert (ring.text, ring.lead) == ("rings and watches, because they catch on gloves", "Leave these out of the ward:")
    assert ring.whole == "Leave these out of the ward:\nrings and watches, because they catch on gloves"
    assert ring.context == "Nurses At home 2024-05-01" and ring.passage == 3 and ring.at == 1
    assert "glove" in ring.terms and "ward" in ring.terms and "nurs" in ring.context_terms


def test_an_item_under_a_lead_that_forbids_is_denied_by_it(evidence):
    lead, ring, food = evidence[2].proofs
    assert food.denied_by_lead == {"food"} and "ring" in ring.denied_by_lead
    assert lead.denied_by_lead == evidence[0].proofs[0].denied_by_lead == frozenset()


def test_a_row_s_pieces_carry_row_and_column_and_an_item_s_its_lead(evidence):
    rows = [proof for proof in evidence[1].proofs if proof.text.startswith("Kent")]
    assert rows[0].pieces == ["Kent Pay 31,000 GBP"]
    food = evidence[2].proofs[2]
    assert food.pieces == ["Leave these out of the ward:\nfood"]


def test_a_row_without_a_fitting_header_is_one_piece(evidence):
    row = evidence[1].proofs[-1]
    torn = Proof(2, 1, row.unit, "Kent | 31,000 GBP | more", "Region | Pay", "")
    assert torn.pieces == ["Kent | 31,000 GBP | more"]


def test_runs_are_neighbours_up_to_three_and_begin_with_their_lead(evidence):
    texts = [run_text(run) for run in evidence[0].runs]
    assert texts[:4] == ["Nurses care.", "They work nights.", "They wash hands.", "They go home."]
    assert "Nurses care.\nThey work nights.\nThey wash hands." in texts and len(texts) == 4 + 3 + 2
    assert run_text(evidence[2].runs[2]) == "Leave these out of the ward:\nfood"


def test_everything_holds_what_a_number_or_a_name_may_be_looked_for_in(evidence):
    pay = evidence[1]
    assert {(q.value, q.unit) for q in pay.quantities} >= {(41000.0, "eur"), (31000.0, "gbp")}
    assert pay.vocabulary.names("Bavaria") and pay.vocabulary.names("Europe") and not pay.vocabulary.names("Ohio")
    assert pay.heading == "Pay in Europe" and evidence[0].heading == "Nurses"
    assert "Kent" in pay.everything and "2024-05-01" in pay.everything


def test_a_run_s_cosine_is_the_better_of_alone_and_under_its_heading(evidence, encoder):
    pay = evidence[1]
    wanted = encoder.encode(["Pay in Europe:", "Kent"])
    cosines = pay.cosines(wanted)
    assert cosines.shape == (len(pay.runs), 2)
    alone = encoder.encode([run_text(run) for run in pay.runs]) @ wanted.T
    under = encoder.encode([f"Pay in Europe: {run_text(run)}" for run in pay.runs]) @ wanted.T
    np.testing.assert_allclose(cosines, np.maximum(alone, under), rtol=1e-6)
    assert (cosines[:, 0] > alone[:, 0]).all()
