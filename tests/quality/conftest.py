"""The question sets asked once with the shipped model, for the floors."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kb.base import KnowledgeBase
from kb.build import build_index
from kb.encoder import load_encoder
from kb.evaluate import Report, evaluate_questions
from kb.question_set import load_questions
from kb.settings import SHIPPED_ARTICLES, Settings

HERE = Path(__file__).parent
SETS = {"other professions": (HERE / "questions.jsonl", HERE / "articles"), "shipped": (HERE / "shipped.jsonl", SHIPPED_ARTICLES)}


@pytest.fixture(scope="session")
def reports(tmp_path_factory) -> dict[str, Report]:
    """A report for each set, with the default settings and the model of the wheel."""
    encoder = load_encoder(Settings())
    made = {}
    for name, (questions, articles) in SETS.items():
        index = tmp_path_factory.mktemp("quality") / "index"
        build_index([articles], index, encoder=encoder)
        with KnowledgeBase.open(index, encoder=encoder) as base:
            made[name] = evaluate_questions(base, load_questions(questions), name=name)
    return made


@pytest.fixture(scope="session")
def shipped(tmp_path_factory) -> Iterator[KnowledgeBase]:
    """The shipped articles, with the default settings and the model of the wheel."""
    index = tmp_path_factory.mktemp("shipped") / "index"
    build_index([SHIPPED_ARTICLES], index)
    with KnowledgeBase.open(index) as base:
        yield base
