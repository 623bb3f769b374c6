"""The 171 coverage questions: gold quotes stand in the articles, and the mix is what docs/coverage.md promises."""

from __future__ import annotations

import json
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from kb.question_set import load_questions, words_of
from kb.reading import read_article
from kb.records import Article

ROOT = Path(__file__).resolve().parent.parent
ARTICLES = ROOT / "kb" / "articles"
FILE = ROOT / "tests" / "quality" / "coverage.jsonl"
LINES = [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()]


@cache
def article(source: str) -> Article:
    return read_article(ARTICLES / source, source)


def test_there_are_171_questions_of_which_37_lie_outside() -> None:
    assert len(load_questions(FILE)) == 171
    assert Counter(line["answerable"] for line in LINES) == {True: 134, False: 37}
    assert len({line["id"] for line in LINES}) == len({line["question"] for line in LINES}) == 171


def test_a_question_is_outside_exactly_when_it_has_no_gold() -> None:
    assert [line["id"] for line in LINES if line["answerable"] != bool(line["gold"])] == []
    assert [line["id"] for line in LINES if (line["topic"] == "outside") == line["answerable"]] == []


@pytest.mark.parametrize("line", [line for line in LINES if line["gold"]], ids=lambda line: line["id"])
def test_every_gold_quote_stands_in_its_article(line: dict[str, list[dict[str, str]]]) -> None:
    for gold in line["gold"]:
        assert words_of(article(gold["source"]).text).places(words_of(gold["quote"])), gold
