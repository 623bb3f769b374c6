"""Twelve articles, two and two about the same, that were written to disagree: an answer quotes both of them."""

import json
from pathlib import Path

import pytest

from kb.base import KnowledgeBase
from kb.build import build_index

HERE = Path(__file__).parent
ASKED = [json.loads(line) for line in (HERE / "differing.jsonl").read_text(encoding="utf-8").splitlines()]
BOTH = 26  # of the 31 questions; 25 when written, 19 before figures got another voice


@pytest.fixture(scope="module")
def told(tmp_path_factory) -> dict[str, str]:
    index = tmp_path_factory.mktemp("differing") / "index"
    build_index([HERE / "differing"], index)
    with KnowledgeBase.open(index) as base:
        return {asked["question"]: base.answer(asked["question"]).text.casefold() for asked in ASKED}


def test_articles_that_disagree_are_both_quoted(told: dict[str, str]) -> None:
    def says(question: str, side: list[str]) -> bool:
        return any(words.casefold() in told[question] for words in side)

    missed = [each["question"] for each in ASKED if not all(says(each["question"], each[side]) for side in ("one", "other"))]
    assert len(missed) <= len(ASKED) - BOTH, missed
