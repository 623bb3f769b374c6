"""What something is, asked of the shipped articles and of other professions': the sentence that says it comes first."""

import json
from pathlib import Path

import pytest

from kb.base import KnowledgeBase

ASKED = [json.loads(line) for line in (Path(__file__).parent / "definitions.jsonl").read_text(encoding="utf-8").splitlines()]
FIRST, QUOTED = 29, 29  # of the 30, of which it holds all; 23 and 26 before what opens a section counted


@pytest.fixture(scope="module")
def quoted(indexes, encoder) -> dict[str, list[str]]:
    """What each question is answered with, quote by quote, each behind its lead-in."""
    told = {}
    for name in indexes:
        with KnowledgeBase.open(indexes[name], encoder=encoder) as base:
            for asked in (asked for asked in ASKED if asked["articles"] == name):
                told[asked["question"]] = [_plain(f"{c.lead} {c.quote}") for c in base.answer(asked["question"]).citations]
    return told


def _plain(text: str) -> str:
    return " ".join(text.replace("**", "").split())


def test_the_sentence_that_says_what_something_is_comes_first(quoted: dict[str, list[str]]) -> None:
    missed = [each["question"] for each in ASKED if not any(each["says"] in quote for quote in quoted[each["question"]][:1])]
    assert len(missed) <= len(ASKED) - FIRST, missed


def test_the_sentence_that_says_what_something_is_stands_in_the_answer(quoted: dict[str, list[str]]) -> None:
    missed = [each["question"] for each in ASKED if not any(each["says"] in quote for quote in quoted[each["question"]])]
    assert len(missed) <= len(ASKED) - QUOTED, missed
