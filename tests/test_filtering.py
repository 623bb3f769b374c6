"""Filters: which articles pass, what cannot be a filter, and what is said when none passes."""

from __future__ import annotations

import pytest

from kb.errors import NothingToSearch, QuestionError
from kb.filtering import Labels, check_filters, nothing_passes, passes
from kb.records import Filters

NURSE = Labels("jobs/nurse.md", ("health", "pay"), ("Nurse / registered nurse",), "worldwide, with US figures", "2024-05")
GUIDE = Labels("jobs/guide.md", ("travel",), (), "Australia", "2023")
BARE = Labels("notes/bare.txt", (), (), "", "")
ALL = (NURSE, GUIDE, BARE)


def passing(**fields: object) -> list[str]:
    return [article.source.split("/")[1] for article in ALL if passes(article, Filters(**fields))]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("region", "sources"),
    [
        ("US", ["nurse.md"]),  # and not Australia, whose letters hold it
        ("us", ["nurse.md"]),
        ("United States", ["nurse.md"]),
        ("Australia", ["guide.md"]),
        ("worldwide", ["nurse.md"]),
        ("Kent", []),
    ],
)
def test_a_region_is_met_by_whole_words_or_by_the_country_it_lies_in(region: str, sources: list[str]):
    assert passing(region=region) == sources


def test_topics_roles_and_sources_are_met_by_any_one_whatever_the_case():
    assert passing(topics=("HEALTH", "travel")) == ["nurse.md", "guide.md"]
    assert passing(roles=("Registered Nurse",)) == ["nurse.md"]
    assert passing(sources=("jobs/guide.md", "notes/bare.txt")) == ["guide.md", "bare.txt"]
    assert passing() == ["nurse.md", "guide.md", "bare.txt"]


def test_an_undated_article_is_newer_than_nothing():
    assert passing(newer_than="2023") == ["nurse.md", "guide.md"]
    assert passing(newer_than="2024") == ["nurse.md"]


NO_DATES = ["1/5/2024", "24", "2024-13", "2024-02-30", "2024-6", "last year", "2024-01-01T00:00", "0000", "٢٠٢٤"]


@pytest.mark.parametrize("date", ["2024", "2024-06", "2024-06-30", "2024-02-29", "1999-12-31"])
def test_a_year_a_month_and_a_day_are_dates(date: str):
    check_filters(Filters(newer_than=date))


@pytest.mark.parametrize("date", NO_DATES)
def test_a_date_that_is_none_is_refused_not_compared_as_text(date: str):
    with pytest.raises(QuestionError, match="a date is written 2024, 2024-06 or 2024-06-30, got"):
        check_filters(Filters(newer_than=date))


def test_a_text_where_a_list_belongs_is_refused_not_read_letter_by_letter():
    with pytest.raises(QuestionError, match="filter topics is a list of texts, got 'pay'"):
        check_filters(Filters(topics="pay"))  # type: ignore[arg-type]
    check_filters(Filters(("pay",), ("nurse",), "US", "2024-02-29", ("a.md",)))


@pytest.mark.parametrize(
    ("filters", "told"),
    [
        (Filters(topics=("finance",)), "no article passes the filters (topics finance). Topics here: health; pay; travel."),
        (Filters(roles=("baker",)), "no article passes the filters (roles baker). Roles here: Nurse."),
        (Filters(region="Kent"), "(region Kent). Regions here: Australia; worldwide, with US figures."),
        (Filters(newer_than="2025"), "(newer than 2025). The newest is of 2024-05."),
        (Filters(sources=("nurse.md",)), "(sources nurse.md). Sources are named like jobs/nurse.md"),
        (Filters(("travel",), ("nurse",)), "(topics travel; roles nurse). Each alone would leave some: loosen one of them"),
        (Filters(("travel",), ("baker",)), "(topics travel; roles baker). Roles here: Nurse."),
    ],
)
def test_filters_that_exclude_everything_say_what_there_is(filters: Filters, told: str):
    error = nothing_passes(ALL, filters)
    assert isinstance(error, NothingToSearch) and told in str(error)


def test_articles_without_any_labels_say_so():
    assert str(nothing_passes((BARE,), Filters(topics=("pay",)))).endswith("No article names topics.")
    assert str(nothing_passes((BARE,), Filters(region="US"))).endswith("No article names a region.")
    assert str(nothing_passes((BARE,), Filters(newer_than="2020"))).endswith("None has a date.")


def test_of_many_values_the_commonest_are_named():
    many = [Labels(f"{n}.md", (f"t{n:02}", "common"), (), "", "") for n in range(20)]
    told = str(nothing_passes(many, Filters(topics=("x",))))
    assert told.endswith("Topics here: common; t00; t01; t02; t03; t04; t05; t06 and 13 more.")
