"""Questions within a question, and the passages they and whole sections bring along."""

from __future__ import annotations

import pytest

from kb.base import KnowledgeBase
from kb.build import build_index
from kb.question import analyse
from kb.records import Passage
from kb.settings import Settings
from kb.subquestions import facet, names, subquestions_of


@pytest.mark.parametrize(
    ("question", "within"),
    [
        ("tankers or cruise, which has better leave?", ("Tankers: which has better leave", "cruise: which has better leave")),
        ("Which pays more, a surveyor or an ecologist?", ("surveyor: Which pays more", "ecologist: Which pays more")),
        ("data engineer vs data scientist", ("Data engineer", "data scientist")),
        ("promotion speed Meta vs Google", ("Meta: Promotion speed", "Google: Promotion speed")),
        (
            "What does a nurse earn and how many hours do they work?",
            ("What does a nurse earn", "How many hours do nurses work?"),
        ),
        (
            "What are the salary and the duties of a nurse?",
            ("What is the salary of a nurse", "What is the duties of a nurse"),
        ),
        ("When do I apply to become a nurse, and what's the fitness test?",
         ("When do I apply to become a nurse", "what's the fitness test (nurse)?")),
        ("What are the skills and tools of a nurse?", ()),
        ("What does a nurse earn?", ()),
        ("I'm a nurse and I'm tired. Should I stay, and what could I do else?", ()),
    ],
)
def test_each_side_and_each_part_is_asked_by_itself(question, within):
    assert subquestions_of(analyse(question)) == within


def _passage(*heading: str, title: str = "Nurse") -> Passage:
    return Passage("a.md", title, heading, "", 0, 0)


def test_headings_that_differ_by_the_sides_names_are_one_facet():
    sides = ("nurse", "baker")
    assert facet(_passage("Pay of nurses"), sides) == facet(_passage("Pay of a baker", title="Baker"), sides) == {"pay"}
    assert facet(_passage("Nurse"), sides) == facet(_passage(), sides) == frozenset()


def test_a_side_is_named_by_most_of_its_words():
    assert names("data engineers", "A data engineer builds pipelines")
    assert not names("data engineer", "A data scientist draws conclusions")


TEMPLATE = "# {0}\n\n## Work\n\nA {1} works a lot.\n\n## Pay a year\n\n£{2} starter\n\n## Place\n\nYou could work in {3}.\n"
PARTS = "# Cook\n\n## How to stand out\n\n" + "".join(
    f"### {n}. {name}\n\n{text}\n\n"
    for n, (name, text) in enumerate(
        [("Stand in for others", "Offer to stand in when others are ill and go out."),
         ("Stand up early", "To stand out, go to the market before the others."),
         ("Sharpen", "Knives want care."), ("Taste", "Salt at the end."), ("Ask", "Bring a notebook.")], 1
    )
)  # fmt: skip


@pytest.fixture
def base(tmp_path, encoder):
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "florist.md").write_text(TEMPLATE.format("Florist", "florist", "17,500", "shops"), encoding="utf-8")
    (folder / "ecologist.md").write_text(TEMPLATE.format("Ecologist", "ecologist", "23,000", "fields"), encoding="utf-8")
    (folder / "cook.md").write_text(PARTS, encoding="utf-8")
    build_index([folder], tmp_path / "index", encoder=encoder)
    with KnowledgeBase.open(tmp_path / "index", encoder=encoder) as base:
        yield base


def _found(base: KnowledgeBase, question: str):
    from kb.records import Filters
    from kb.vocabulary import Understood

    return base._asking.find(Understood(question), analyse(question), Filters())


def test_what_was_found_for_a_side_has_its_place_among_the_hits_of_the_whole(base):
    found = _found(base, "florist or ecologist, which pays more?")
    assert [each.question.text for each in found.subquestions] == ["Florist: which pays more", "ecologist: which pays more"]
    assert [hit.rank for hit in found.hits] == list(range(1, len(found.hits) + 1))
    for each in found.subquestions:
        for hit in each.found.hits:
            assert found.hits[hit.rank - 1].passage == hit.passage
        assert any("starter" in hit.passage.text for hit in each.found.hits)
    assert len(found.unit_cosines) == len(found.aspect_cosines) == len(found.hits)


def test_a_section_of_which_parts_were_found_brings_the_others(tmp_path, base):
    base.settings = type(base.settings)(top_k=3)
    found = _found(base, "How do I stand out to others?")
    parts = [hit.passage.heading[-1] for hit in found.hits if hit.passage.source == "cook.md"]
    assert sorted(parts) == ["1. Stand in for others", "2. Stand up early", "3. Sharpen", "4. Taste", "5. Ask"]
    behind = [hit for hit in found.hits if hit.rank > 3]
    assert [hit.passage.start for hit in behind] == sorted(hit.passage.start for hit in behind)
    assert all(len(cosines) == len(hit.passage.units) for hit, cosines in zip(found.hits, found.unit_cosines, strict=True))


def test_what_says_that_it_is_needed_comes_along_wherever_it_stands(tmp_path, encoder):
    folder = tmp_path / "needs"
    folder.mkdir()
    (folder / "a.md").write_text("# Interview\n\nA diploma is not necessary to become a dyer, says a dyer.\n", encoding="utf-8")
    (folder / "b.md").write_text("# Guide\n\n## Education\n\n- Typically requires a diploma in chemistry\n", encoding="utf-8")
    for n in range(12):
        text = f"# Dyer {n}\n\nTo become a dyer number {n} do I need time, need a vat, need water to become one.\n"
        (folder / f"c{n}.md").write_text(text, encoding="utf-8")
    build_index([folder], tmp_path / "index", encoder=encoder)
    with KnowledgeBase.open(tmp_path / "index", encoder=encoder) as base:
        found = _found(base, "Do I need a diploma to become a dyer?")
        assert "b.md" in {hit.passage.source for hit in found.hits}
        assert set(found.content_hashes) == {hit.passage.source for hit in found.hits}
        answer = base.answer("Do I need a diploma to become a dyer?")
        assert all(any(c.hit_rank == hit.rank for hit in answer.hits) for c in answer.citations)


def test_a_list_that_goes_on_in_other_passages_comes_whole(tmp_path, encoder):
    folder = tmp_path / "long"
    folder.mkdir()
    items = [f"Skill{n}: " + " ".join(f"word{n}x{m}" for m in range(30)) for n in range(14)]
    (folder / "a.md").write_text("# Cook\n\nA cook has these skills:\n\n- " + "\n- ".join(items) + "\n", encoding="utf-8")
    for n in range(9):
        (folder / f"b{n}.md").write_text(f"# Town {n}\n\nThe skills of town {n} are few.\n", encoding="utf-8")
    build_index([folder], tmp_path / "index", encoder=encoder)
    with KnowledgeBase.open(tmp_path / "index", encoder=encoder, settings=Settings(answer_threshold=0.0)) as base:
        answer = base.answer("Which skills has a cook?")
        assert len(base.passages("a.md")) > 2
        assert all(f"- Skill{n} …" in answer.text for n in range(14))
        text = base.article("a.md").text
        assert all(text[c.start : c.end] == c.quote for c in answer.citations if c.source == "a.md")
