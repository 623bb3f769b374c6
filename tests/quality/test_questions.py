"""The question sets: every gold quote stands verbatim in its article, and what a good answer must say stands there too.

    questions.jsonl  over articles/, small articles of other professions      python -m kb evaluate tests/quality
    shipped.jsonl    over kb/articles                                          python -m kb evaluate tests/quality/shipped.jsonl
"""

from collections import Counter
from functools import lru_cache
from pathlib import Path

import pytest

from kb.lexical import terms
from kb.question_set import as_read, load_questions, says
from kb.reading import read_article
from kb.settings import SHIPPED_ARTICLES

HERE = Path(__file__).parent
SETS = {"other professions": (HERE / "questions.jsonl", HERE / "articles"), "shipped": (HERE / "shipped.jsonl", SHIPPED_ARTICLES)}
KINDS = {"fact", "howto", "list", "comparison", "followup", "paraphrase", "misspelt", "conflict", "figure", "situation",
         "definition", "unanswerable", "offtopic"}  # fmt: skip
ASKED = [pytest.param(asked, folder, id=asked.id) for file, folder in SETS.values() for asked in load_questions(file)]


@lru_cache
def text_of(folder: Path, source: str) -> str:
    return " ".join(read_article(folder / source, source).text.split())


@pytest.mark.parametrize(("asked", "folder"), ASKED)
def test_gold_stands_verbatim_and_holds_what_must_be_said(asked, folder):
    assert asked.answerable == bool(asked.gold) == (asked.kind not in ("unanswerable", "offtopic"))
    assert bool(asked.must) == asked.answerable
    for gold in asked.gold:
        assert " ".join(gold.quote.split()) in text_of(folder, gold.source)
    there = as_read(" ".join(text_of(folder, gold.source) for gold in asked.gold))
    for alternatives in asked.must:
        assert any(says(there, wanted) for wanted in alternatives)


def test_a_paraphrase_shares_no_content_word_with_its_answer():
    shared = {}
    for asked, _ in (param.values for param in ASKED):
        if asked.kind == "paraphrase":
            said = set(terms(" ".join(gold.quote for gold in asked.gold)))
            shared[asked.text] = set(terms(asked.text)) & said
    assert {text: words for text, words in shared.items() if words} == {}


@pytest.mark.parametrize("name", SETS)
def test_a_set_has_every_kind_of_question_and_no_question_twice(name):
    questions = load_questions(SETS[name][0])
    assert {asked.kind for asked in questions} == KINDS
    assert [id for id, count in Counter(asked.id for asked in questions).items() if count > 1] == []
    assert len({(asked.text, asked.history) for asked in questions}) == len(questions)


def test_there_are_at_least_120_questions_and_every_own_article_is_asked_about():
    own, shipped = (load_questions(file) for file, _ in SETS.values())
    assert len(own) + len(shipped) >= 120
    asked_about = {gold.source for asked in own for gold in asked.gold}
    assert asked_about == {path.name for path in (HERE / "articles").iterdir()}
