"""kb.audit: what is wrong with a base is found without labels."""

import datetime
from dataclasses import replace

import pytest

from kb.audit import INVENTED, OUTSIDE, Audit, audit, duplicates, heading_question, near_misses
from kb.base import KnowledgeBase
from kb.build import build_index
from kb.records import Article, Passage

TODAY = datetime.date(2026, 11, 1)


@pytest.fixture
def damaged(articles, tmp_path, encoder) -> KnowledgeBase:
    """The three articles with a copy under another name, a placeholder page and a second page of the same title."""
    (articles / "copy.md").write_text((articles / "baker.md").read_text().replace("title: Baker", "title: Pastry cook"))
    (articles / "blank.md").write_text("---\ntitle: Sailor\ndate: 2019-06\n---\n\n## Pay\n\n{{salary}}\n")
    build_index([articles], tmp_path / "damaged", encoder=encoder)
    return KnowledgeBase.open(tmp_path / "damaged", encoder=encoder)


@pytest.fixture
def found(damaged) -> Audit:
    return audit(damaged, today=TODAY)


def test_titles_and_headings_lead_where_they_stand(found):
    titles, headings = found.known
    assert (titles.what, titles.tried, titles.among_five) == ("titles", 5, 1.0)
    assert headings.what == "headings" and headings.tried == 5  # Nurse 2, Baker 1, Pastry cook 1, Sailor 1
    assert headings.among_five > 0.5 and 0 < headings.mrr <= 1


def test_copied_passages_are_paired_once(found):
    assert {frozenset(place.split(" ›")[0].split(" (")[0] for place in pair) for pair in found.duplicates} == {
        frozenset({"baker.md", "copy.md"})
    }
    assert len(set(found.duplicates)) == len(found.duplicates)


def test_undated_and_old_articles_and_pages_with_nothing_to_say_are_named(found):
    assert found.undated == ("welder.txt",)
    assert found.old == ("blank.md",)  # nurse.md is of May 2024, baker.md of the year 2023
    assert [place.split(" ")[0] for place in found.wordless] == ["blank.md"]


def test_topics_are_counted_and_thin_ones_marked(found):
    assert [(topic, articles) for topic, articles, _, _ in found.topics] == [("(none)", 2), ("crafts", 2), ("health", 1)]
    lines = found.lines()
    assert any(line.split()[:2] == ["health", "1"] and line.endswith("thin: one article") for line in lines)
    assert any(line.startswith("Undated articles: 1 (20 %)") for line in lines)


def test_other_fields_and_invented_names_are_asked_about(damaged, found):
    assert 0 <= found.declined <= 1 and 0 <= found.near_declined <= 1
    asked = set(OUTSIDE) | set(near_misses(damaged.articles()))
    assert set(found.answered) <= asked
    assert len(found.answered) == round((1 - found.declined) * len(OUTSIDE) + (1 - found.near_declined) * 2 * len(INVENTED))


def test_an_invented_name_that_an_article_knows_is_left_out(damaged):
    questions = near_misses(damaged.articles())
    assert len(questions) == 2 * len(INVENTED) and any("Nurse" in question for question in questions)
    assert not any("Pastry" in question or "Sailor" in question for question in questions), "no roles, though titles"
    known = [article for article in damaged.articles() if article.source == "welder.txt"]
    known = [type(known[0])(known[0].source, known[0].title, "Quellmark pays welders.", (), "")]
    assert not any("Quellmark" in question for question in near_misses(known))


def test_where_no_article_names_a_role_short_titles_stand_for_roles_and_headlines_do_not():
    titles = ["Lift engineer", "Chalk to claims: why I left teaching to be a patent examiner", "Ten things nobody tells you"]
    bare = [Article(f"{n}.md", title, "Text.", (), "") for n, title in enumerate(titles)]
    assert "What does Quellmark pay a Lift engineer?" in near_misses(bare)
    assert not any("Chalk" in question or "Ten" in question for question in near_misses(bare))
    assert "What does Quellmark pay a person?" in near_misses(bare[1:])


def test_of_many_topics_the_largest_are_listed(found):
    topics = tuple((f"t{n}", 3 if n < 2 else 1, 4, 500) for n in range(30))
    lines = replace(found, topics=topics).lines()
    assert lines[-1] == "  … and 10 more, 10 of them with one article"
    assert sum("thin: one article" in line for line in lines) == 18


def passage(text, heading=(), title="", source="a.md"):
    return Passage(source=source, title=title, heading=heading, text=text, start=0, end=len(text))


def test_near_duplicates_are_found_by_their_shingles():
    words = [f"w{i}" for i in range(60)]
    one, near = " ".join(words), " ".join([*words[:-3], "x", "y", "z"])
    far = " ".join([*words[:30], *(f"v{i}" for i in range(30))])
    texts = [passage(one), passage("too short"), passage(far), passage(near), passage("too short")]
    # near shares 53 of 59 shingles: 53 / 59 = .90; far shares 26: 26 / 86 = .30; under five words nothing is said
    assert [(a.text, b.text) for a, b in duplicates(texts)] == [(one, near)]


def test_a_heading_is_asked_with_its_title_unless_it_names_it():
    assert heading_question(passage("x", ("Pay",), "What does a nurse do?")) == "What does a nurse do?: Pay"
    assert heading_question(passage("x", ("Pay of a nurse",), "Nurse")) == "Pay of a nurse"


def test_equal_bases_give_equal_audits(damaged, found):
    assert audit(damaged, today=TODAY) == found


def test_a_small_limit_tries_a_sample(damaged):
    assert [known.tried for known in audit(damaged, limit=2, today=TODAY).known] == [2, 2]
