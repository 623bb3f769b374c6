"""What is added to a composed answer: the other side, that quotes differ, what is and is not said about a figure."""

from datetime import date

import pytest

from kb.base import KnowledgeBase
from kb.build import build_index
from kb.disagree import Disagreement
from kb.question import analyse
from kb.records import Answer, Citation
from kb.remarks import _matters, remarked
from kb.vocabulary import Understood

ARTICLES = {
    "farrier.md": "---\ntitle: Farrier\ndate: 2025\nroles: [Farrier]\n---\n\nA farrier needs a licence.\n\n## Pay\n\n"
    "A farrier earns £31,000 a year.\n",
    "notes.md": "---\ntitle: Notes on horseshoes\ndate: 2021\nroles: [Farrier]\n---\n\nA farrier does not need a licence.\n",
    "smith.md": "---\ntitle: Blacksmith\n---\n\nA blacksmith does not need a licence.\n",
}


@pytest.fixture
def base(tmp_path, encoder):
    for name, text in ARTICLES.items():
        (tmp_path / "articles").mkdir(exist_ok=True)
        (tmp_path / "articles" / name).write_text(text, encoding="utf-8")
    build_index([tmp_path / "articles"], tmp_path / "index", encoder=encoder)
    with KnowledgeBase.open(tmp_path / "index", encoder=encoder) as base:
        yield base


def composed(base: KnowledgeBase, question: str, quote: str, source: str) -> tuple[Answer, object]:
    """An answer that quotes one sentence, and what retrieval found, as compose would hand them over."""
    words = base._asking.in_words(Understood(question), 10, _no_filters())
    found = base._asking.retrieve(words, base.encoder.encode([question])[0])
    hit = next(hit for hit in found.hits if hit.passage.source == source and quote in hit.passage.text)
    start = hit.passage.start + hit.passage.text.index(quote)
    passage = hit.passage
    citation = Citation(
        1, source, passage.title, passage.heading, quote, start, start + len(quote), passage.date, passage.date_origin,
        found.content_hashes[source], hit.rank,
    )  # fmt: skip
    return Answer(question, question, f"{quote} [1]", False, 0.9, 0.0, (citation,), found.hits), found


def _no_filters():
    from kb.records import Filters

    return Filters()


def test_a_unit_that_says_otherwise_is_quoted_too_dated_and_attributed(base):
    question = "Does a farrier need a licence?"
    answer, found = composed(base, question, "A farrier needs a licence.", "farrier.md")
    said = remarked(answer, analyse(question), found)
    assert [c.quote for c in said.citations] == ["A farrier needs a licence.", "A farrier does not need a licence."]
    assert said.text.endswith("These differ: [1] (Farrier, 2025) and [2] (Notes on horseshoes, 2021).")
    for citation in said.citations:
        assert base.article(citation.source).text[citation.start : citation.end] == citation.quote
        assert base.article(citation.source).content_hash == citation.content_hash
    assert said.citations[:1] == answer.citations and "blacksmith" not in said.text


def test_one_voice_against_a_quote_is_enough_and_one_line_says_that_they_differ(tmp_path, encoder):
    articles = {
        "a.md": "A farrier needs a licence.",
        "b.md": "A farrier does not need a licence.",
        "c.md": "Farriers need no licence.",
    }
    for name, text in articles.items():
        (tmp_path / name).write_text(f"# Farrier {name[0]}\n\n{text}\n", encoding="utf-8")
    build_index([tmp_path], tmp_path / "index", encoder=encoder)
    with KnowledgeBase.open(tmp_path / "index", encoder=encoder) as base:
        question = "Does a farrier need a licence?"
        answer, found = composed(base, question, "A farrier needs a licence.", "a.md")
        said = remarked(answer, analyse(question), found)
    assert len(said.citations) == 2 and said.text.count("These differ") == 1


def test_what_differs_is_told_matter_by_matter_and_side_by_side():
    def pairs(kind: str, *places: tuple[int, int]) -> list[Disagreement]:
        return [Disagreement(kind, *both, "") for both in places]

    assert _matters(pairs("need", (0, 2), (0, 3), (1, 3))) == [[[0, 1], [2, 3]]]
    assert _matters(pairs("need", (0, 2), (1, 3))) == [[[0], [2]], [[1], [3]]]
    assert _matters(pairs("figure", (0, 1), (0, 2), (1, 2))) == [[[0], [1], [2]]]
    assert _matters([*pairs("need", (1, 2)), *pairs("figure", (0, 2))]) == [[[0], [2]], [[1], [2]]]


def test_a_quote_about_another_occupation_than_the_one_asked_about_is_no_side(base):
    question = "Does a farrier need a licence?"
    answer, found = composed(base, question, "A blacksmith does not need a licence.", "smith.md")
    assert remarked(answer, analyse(question), found) is answer


def test_what_is_not_asked_about_is_not_dragged_in(base):
    question = "What does a farrier earn?"
    answer, found = composed(base, question, "A farrier earns £31,000 a year.", "farrier.md")
    assert remarked(answer, analyse(question), found).citations == answer.citations


def test_an_amount_says_what_is_stated_and_what_is_not(base):
    question = "What does a farrier earn?"
    answer, found = composed(base, question, "A farrier earns £31,000 a year.", "farrier.md")
    said = remarked(answer, analyse(question), found, today=date(2026, 11, 22))
    assert said.notes == ("[1] Farrier; pounds sterling a year; article dated 2025; not stated: region, level",)
    later = remarked(answer, analyse(question), found, today=date(2029, 11, 22))
    assert later.notes == (
        "[1] Farrier; pounds sterling a year; article dated 2025, more than 3 years ago; not stated: region, level",
    )


def test_a_decline_stays_as_it_is(base):
    question = "Does a farrier need a licence?"
    _, found = composed(base, question, "A farrier needs a licence.", "farrier.md")
    declined = Answer(question, question, "The knowledge base does not cover this.", True, 0.1, 0.0, hits=found.hits)
    assert remarked(declined, analyse(question), found) is declined


def test_the_note_is_about_the_amount_that_was_asked_for(base, tmp_path, encoder):
    (tmp_path / "more").mkdir()
    text = "# Astronomer\n\nA stipend in Britain was £18,622 in 2023. A postdoc in Germany earned about 4,200 euros a month.\n"
    (tmp_path / "more" / "a.md").write_text(text, encoding="utf-8")
    build_index([tmp_path / "more"], tmp_path / "other", encoder=encoder)
    with KnowledgeBase.open(tmp_path / "other", encoder=encoder) as other:
        quote = text.split("\n\n")[1].strip()
        question = "What does a postdoc in Germany earn?"
        answer, found = composed(other, question, quote, "a.md")
        said = remarked(answer, analyse(question), found, today=date(2026, 11, 22))
        assert [note for note in said.notes if note.startswith("[1] euros a month; Germany")]
