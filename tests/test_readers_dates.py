from __future__ import annotations

import datetime

import pytest

from kb.readers.dates import date_in_text, dated, iso_date
from kb.records import Fragment


@pytest.mark.parametrize(
    ("written", "iso"),
    [
        ("March 15 2022", "2022-03-15"),
        ("March 15th, 2022", "2022-03-15"),
        ("15 March 2022", "2022-03-15"),
        ("Tue, 15 Mar 2022", "2022-03-15"),
        ("Sept. 2021", "2021-09"),
        ("2022-03-15", "2022-03-15"),
        ("2022/3/5", "2022-03-05"),
        ("2022-03-15T10:11:12+01:00", "2022-03-15"),
        ("2022-03-15 10:11", "2022-03-15"),
        ("20220315", "2022-03-15"),
        ("2022-03", "2022-03"),
        ("2022", "2022"),
        (2022, "2022"),
        ("15/03/2022", "2022-03-15"),
        ("03/15/2022", "2022-03-15"),
        ("03/04/2022", "2022"),
        ("04/04/2022", "2022-04-04"),
        (datetime.date(2022, 3, 15), "2022-03-15"),
        ("2022-02-30", ""),
        ("March 45 2022", ""),
        ("2022-13", ""),
        ("TBD", ""),
        ("12000", ""),
        ("between 2019 and 2022", ""),
        (None, ""),
        ("", ""),
        (["2022"], ""),
    ],
)
def test_dates_as_people_write_them(written: object, iso: str) -> None:
    assert iso_date(written) == iso


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("Last updated: 4 May 2022", "2022-05-04"),
        ("By Jane Roe | March 3, 2021 | 5 min read", "2021-03-03"),
        ("Published by the Guild, January 2024", "2024-01"),
        ("by Marisol, support worker, written in March 2021", "2021-03"),
        ("3 March 2021", "2021-03-03"),
        ("Salaries rose in March 2021, and again in 2022.", ""),
        ("2021", ""),
        ("The survey was posted on a forum.", ""),
        ("Salary Ranges (US Market, 2024)", ""),
    ],
)
def test_only_what_is_plainly_the_articles_own_date_is_taken_from_its_text(text: str, date: str) -> None:
    assert date_in_text([Fragment("paragraph", text), Fragment("paragraph", "Bakers bake.")]) == date


def test_a_date_in_the_middle_of_a_long_article_is_not_its_own() -> None:
    around = [Fragment("paragraph", "Bakers bake.")] * 20
    assert date_in_text([*around, Fragment("paragraph", "Updated: 4 May 2022"), *around]) == ""


def test_the_date_of_publication_comes_before_that_of_a_change() -> None:
    draft = dated([], {"updated": "2023-01-01", "date": "2020-01-01"}, "front matter")
    assert (draft.meta["date"], draft.date_origin) == ("2020-01-01", "front matter")
    assert dated([], {"updated": "2023-01-01", "date": "soon"}, "front matter").meta["date"] == "2023-01-01"
    assert dated([], {"last_update": {"date": "2023-01-02"}}, "front matter").meta["date"] == "2023-01-02"


def test_a_date_nobody_gave_is_unknown() -> None:
    draft = dated([Fragment("paragraph", "Bakers bake.")], {"date": "soon"}, "front matter")
    assert ("date" in draft.meta, draft.date_origin) == (False, "unknown")
