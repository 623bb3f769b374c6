"""Receipts: made from an answer, checked against the articles, and every kind of tampering noticed."""

import copy
import json
from dataclasses import replace

import pytest

from kb.errors import QuestionError
from kb.receipt import SCHEMA, digest, read_receipt, receipt, verify
from kb.records import Answer, Article, Citation

TEXT = "Pay\n\nGrade | Euro\nJunior | 30,000\nA baker earns more at night.\n"
ARTICLE = Article("bread/baker.md", "Baker", TEXT, (), content_hash="a" * 64)


def cite(number: int, quote: str, lead: str = "") -> Citation:
    start = TEXT.index(quote)
    lead_start = TEXT.index(lead) if lead else -1
    lead_end = lead_start + len(lead) if lead else -1
    return Citation(
        number, "bread/baker.md", "Baker", ("Pay",), quote, start, start + len(quote), "2025", "front matter", "a" * 64, 1,
        lead, lead_start, lead_end,
    )  # fmt: skip


ANSWER = Answer(
    "and a baker?",
    "What does a baker earn?",
    "Grade | Euro\nJunior | 30,000 [1]\n\nA baker earns more at night. [2]",
    False,
    0.91234,
    0.1,
    (cite(1, "Junior | 30,000", "Grade | Euro"), cite(2, "A baker earns more at night.")),
)


def test_a_receipt_survives_json_and_is_verified():
    data = json.loads(json.dumps(receipt(ANSWER)))
    assert data["schema"] == SCHEMA and data["resolved_question"] == "What does a baker earn?" and data["confidence"] == 0.9123
    assert verify(read_receipt(json.dumps(data)), {"bread/baker.md": ARTICLE}) == []
    assert verify(data, lambda source: ARTICLE if source == "bread/baker.md" else None) == []


def test_an_answer_without_quotes_has_a_receipt_too():
    declined = replace(ANSWER, text="The knowledge base does not cover this.", abstained=True, citations=())
    assert verify(receipt(declined), {}) == []


def altered(change, *, sealed: bool) -> dict:
    data = copy.deepcopy(receipt(ANSWER))
    change(data)
    return data | {"digest": digest(data)} if sealed else data


@pytest.mark.parametrize(
    ("change", "problem", "number"),
    [
        (lambda d: d["citations"][0].update(quote="Junior | 90,000"), "quote differs", 1),
        (lambda d: d["citations"][1].update(start=d["citations"][1]["start"] + 1), "quote differs", 2),
        (lambda d: d["citations"][0]["lead"].update(quote="Grade | Yen!"), "quote differs", 1),
        (lambda d: d["citations"][1].update(quote="", start=0, end=0), "quote differs", 2),
        (lambda d: d["citations"][0].update(start=-5), "malformed", 1),
        (lambda d: d["citations"][0].update(start=True), "malformed", 1),
        (lambda d: d["citations"][0].update(lead="Grade"), "malformed", 1),
        (lambda d: d["citations"][0].update(source="other.md"), "unknown article", 1),
        (lambda d: d.update(citations={"number": 1}), "malformed", None),
        (lambda d: d["citations"].pop(), "no such citation", 2),
        (lambda d: d.update(answer="Junior | 30,000 [1]"), "unmarked", 2),
    ],
)
def test_whatever_is_changed_is_found_even_when_the_digest_was_made_anew(change, problem, number):
    (finding,) = verify(altered(change, sealed=True), {"bread/baker.md": ARTICLE})
    assert (finding.problem, finding.number, finding.grave) == (problem, number, True)


def test_a_change_of_the_words_around_the_quotes_breaks_the_digest():
    findings = verify(altered(lambda d: d.update(question="Is bread free?"), sealed=False), {"bread/baker.md": ARTICLE})
    assert [finding.problem for finding in findings] == ["altered"]


@pytest.mark.parametrize(
    ("text", "problem", "grave", "message"),
    [
        (TEXT + "More.", "article changed", False, "still stands at its place"),
        ("New. " + TEXT, "article changed", False, "now stands at"),
        (TEXT.replace("night", "dawn").replace("30,000", "31,000"), "quote gone", True, "no longer holds the quote"),
    ],
)
def test_a_changed_article_is_told_apart_from_a_quote_that_is_gone(text, problem, grave, message):
    findings = verify(receipt(ANSWER), {"bread/baker.md": replace(ARTICLE, text=text, content_hash="b" * 64)})
    assert {(finding.problem, finding.grave) for finding in findings if "lead" not in finding.message} == {(problem, grave)}
    assert all(message in finding.message for finding in findings if "lead" not in finding.message)


def test_a_mark_that_an_article_holds_itself_is_no_stray_mark():
    text = "See [7] for more."
    article = Article("x.md", "X", text, (), content_hash="c" * 64)
    citation = replace(cite(1, "Pay"), source="x.md", quote=text, start=0, end=len(text), content_hash="c" * 64)
    assert verify(receipt(replace(ANSWER, text=f"{text} [1]", citations=(citation,))), {"x.md": article}) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("no json", "not a receipt"),
        ("[]", 'no "schema"'),
        ('{"schema": "career-kb-receipt/9"}', "this version reads 'career-kb-receipt/1'"),
        ("[" * 100_000, "not a receipt"),
        (" " * 5_000_001, "at most 5,000,000"),
    ],
)
def test_what_is_no_receipt_says_why(text, message):
    with pytest.raises(QuestionError, match=message):
        read_receipt(text)
