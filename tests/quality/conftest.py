"""The question sets asked once with the shipped model, for the floors."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kb.base import KnowledgeBase
from kb.build import build_index
from kb.encoder import Encoder, load_encoder
from kb.evaluate import Report, evaluate_questions
from kb.question_set import load_questions
from kb.settings import SHIPPED_ARTICLES, Settings

HERE = Path(__file__).parent
SETS = {"other professions": (HERE / "questions.jsonl", HERE / "articles"), "shipped": (HERE / "shipped.jsonl", SHIPPED_ARTICLES)}


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    """The model of the wheel."""
    return load_encoder(Settings())


@pytest.fixture(scope="session")
def indexes(tmp_path_factory, encoder) -> dict[str, Path]:
    """An index of each set's articles, with the default settings."""
    made = {name: tmp_path_factory.mktemp("quality") / "index" for name in SETS}
    for name, (_, articles) in SETS.items():
        build_index([articles], made[name], encoder=encoder)
    return made


@pytest.fixture(scope="session")
def reports(indexes, encoder) -> dict[str, Report]:
    """A report for each set."""
    made = {}
    for name, (questions, _) in SETS.items():
        with KnowledgeBase.open(indexes[name], encoder=encoder) as base:
            made[name] = evaluate_questions(base, load_questions(questions), name=name)
    return made


@pytest.fixture(scope="session")
def shipped(indexes) -> Iterator[KnowledgeBase]:
    """The shipped articles, opened as anybody opens them."""
    with KnowledgeBase.open(indexes["shipped"]) as base:
        yield base
