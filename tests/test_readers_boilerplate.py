from __future__ import annotations

from kb.readers.boilerplate import repeated_boilerplate, without_boilerplate
from kb.reading import assemble
from kb.records import Article, Draft, Fragment


def article(name: str, *texts: str) -> Article:
    return assemble(Draft(tuple(Fragment("paragraph", text) for text in texts), {"title": name}), f"jobs/{name}.md")


JOBS = [article(f"job{i}", "Subscribe to our weekly letter!", f"Job {i} is about {i} things.", "It pays well.") for i in range(5)]


def test_a_block_at_the_edge_of_most_articles_of_a_folder_is_boilerplate() -> None:
    assert repeated_boilerplate(JOBS) == {"subscribe to our weekly letter!", "it pays well."}
    assert repeated_boilerplate(JOBS[:3]) == frozenset()


def test_articles_of_another_folder_do_not_count() -> None:
    others = [assemble(Draft((Fragment("paragraph", f"Text {i}."),)), f"other/{i}.md") for i in range(20)]
    assert "it pays well." in repeated_boilerplate([*JOBS, *others])


def test_what_articles_on_one_template_say_in_their_middle_stays() -> None:
    middle = [
        article(f"job{i}", *[f"Word {i} {j}." for j in range(9)], "Same.", *[f"More {i} {j}." for j in range(9)])
        for i in range(5)
    ]
    assert repeated_boilerplate(middle) == frozenset()


def test_boilerplate_leaves_the_sections_and_neither_text_nor_offsets_change() -> None:
    cleaned = without_boilerplate(JOBS[0], frozenset({"subscribe to our weekly letter!"}))
    assert cleaned.text == JOBS[0].text and cleaned.content_hash == JOBS[0].content_hash
    assert [cleaned.text[b.start : b.end] for b in cleaned.sections[0].blocks] == ["Job 0 is about 0 things.", "It pays well."]
    assert cleaned.text[cleaned.sections[0].start :].startswith("Job 0")


def test_an_article_that_would_be_left_empty_stays_whole() -> None:
    only = article("only", "Same.")
    assert without_boilerplate(only, frozenset({"same."})) == only
