"""kb.beir: a retrieval set is read, becomes a base word for word, and is ranked by document."""

import json

import pytest

from kb.beir import as_markdown, base_of, load_retrieval_set, rank_documents
from kb.errors import KBError
from kb.reading import read_article
from kb.settings import Settings

AWKWARD = "* not a list\n# not a heading\n    not code <b>5 < 6</b> & [no](link)"
DOCUMENTS = [
    {"_id": "doc/1", "title": "Bread", "text": "A baker makes bread before dawn.\n\nBread rises twice."},
    {"_id": "doc 2", "title": "", "text": f"A welder joins metal. {AWKWARD}"},
    {"_id": "3", "title": "Ships: masters & mates", "text": "Captains sail ships over the sea."},
    {"_id": "4", "title": "", "text": " ... "},
]


def write_set(folder, queries, qrels):
    (folder / "qrels").mkdir(parents=True)
    (folder / "corpus.jsonl").write_text("\n".join(map(json.dumps, DOCUMENTS)), encoding="utf-8")
    (folder / "queries.jsonl").write_text("\n".join(map(json.dumps, queries)), encoding="utf-8")
    rows = ["query-id\tcorpus-id\tscore", *("\t".join(map(str, row)) for row in qrels)]
    (folder / "qrels" / "test.tsv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return folder


@pytest.fixture
def small_set(tmp_path):
    queries = [{"_id": "a", "text": "who makes bread"}, {"_id": "b", "text": "who joins metal"},
               {"_id": "c", "text": "never judged"}, {"_id": "d", "text": "zymurgy in Quito", "answerable": False}]  # fmt: skip
    return write_set(tmp_path / "set", queries, [("a", "doc/1", 2), ("a", "3", 0), ("b", "doc 2", 1)])


def test_only_queries_that_are_judged_or_marked_unanswerable_are_kept(small_set):
    given = load_retrieval_set(small_set)
    assert dict(given.queries) == {"a": "who makes bread", "b": "who joins metal", "d": "zymurgy in Quito"}
    assert given.relevance == {"a": {"doc/1": 2, "3": 0}, "b": {"doc 2": 1}}
    assert given.unanswerable == {"d"}


@pytest.mark.parametrize("document", DOCUMENTS[:3], ids=lambda document: document["_id"])
def test_a_document_reads_back_word_for_word_whatever_marks_it_carries(document, tmp_path):
    path = tmp_path / "x.md"
    path.write_text(as_markdown(document["title"], document["text"]), encoding="utf-8")
    article = read_article(path, "x.md")
    assert " ".join(article.text.split()).endswith(" ".join(document["text"].split()))
    if document["title"]:
        assert article.title == document["title"]


def test_documents_come_in_the_order_of_their_best_passage_under_their_own_ids(small_set, encoder):
    given = load_retrieval_set(small_set)
    with base_of(given, Settings(), encoder) as (base, document_of):
        assert sorted(document_of.values()) == ["3", "doc 2", "doc/1"]  # the one without a word is left out
        run = rank_documents(base, document_of, {"a": "who makes bread", "b": "who joins metal"})
    assert {query: max(scores, key=scores.get) for query, scores in run.items()} == {"a": "doc/1", "b": "doc 2"}
    assert sorted(run["a"].values(), reverse=True) == [1 / rank for rank in range(1, len(run["a"]) + 1)]


def test_a_query_longer_than_a_question_may_be_is_ranked_all_the_same(tmp_path, encoder):
    long = "who makes bread " * 200
    given = load_retrieval_set(write_set(tmp_path / "set", [{"_id": "a", "text": long}], [("a", "doc/1", 1)]))
    assert len(long) > Settings().max_question_chars
    with base_of(given, Settings(), encoder) as (base, document_of):
        assert next(iter(rank_documents(base, document_of, given.queries)["a"])) == "doc/1"


def test_what_is_wrong_with_a_set_is_said_with_file_and_line(tmp_path):
    with pytest.raises(KBError, match=r"cannot read .*corpus\.jsonl: No such file.* A BEIR set holds"):
        load_retrieval_set(tmp_path)
    folder = write_set(tmp_path / "x", [{"_id": "a", "text": "q"}], [("a", "3")])
    with pytest.raises(KBError, match=r"test\.tsv, line 2: wants query-id, corpus-id and score"):
        load_retrieval_set(folder)
    folder = write_set(tmp_path / "w", [{"_id": "a", "text": "q"}], [("a", "3", "good")])
    with pytest.raises(KBError, match=r"test\.tsv, line 2: a score is a whole number, not 'good'"):
        load_retrieval_set(folder)
    folder = write_set(tmp_path / "y", [{"_id": "a"}], [("a", "3", 1)])
    with pytest.raises(KBError, match=r"queries\.jsonl, line 1: wants a JSON object with _id and text"):
        load_retrieval_set(folder)
    folder = write_set(tmp_path / "z", [{"_id": "a", "text": "q"}], [("b", "3", 1)])
    with pytest.raises(KBError, match="no query of .* is judged in"):
        load_retrieval_set(folder)
