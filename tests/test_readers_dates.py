from __future__ import annotations

import datetime
import time

import pytest

from kb.readers.dates import date_in_text, dated, iso_date, unread_date
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


def test_a_date_counts_as_given_and_unread_only_when_no_key_of_the_front_matter_gives_one() -> None:
    assert unread_date({"date": "next spring", "lastmod": "TBD"}) == "next spring"
    assert unread_date({"date": {"date": "  some\nday "}}) == "some day"
    assert [unread_date(meta) for meta in ({"date": "spring", "lastmod": "2023"}, {"date": ""}, {"title": "x"})] == ["", "", ""]


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("Last updated: 4 May 2022", "2022-05-04"),
        ("By Jane Roe | March 3, 2021 | 5 min read", "2021-03-03"),
        ("Published by the Guild, January 2024", "2024-01"),
        ("by Marisol, support worker, written in March 2021", "2021-03"),
        ("3 March 2021", "2021-03-03"),
        ("Aviation College, Tulsa. Edition of May 2024. For students.", "2024-05"),
        ("Published by the Guild, Leeds, November 2024. 203 replies came from four countries.", "2024-11"),
        ("Compiled by a study circle, July 2024. Free to share.", "2024-07"),
        ("Printed at the St. James Press, Leeds, in March 2020.", "2020-03"),
        ("The leaflet is free. This guide was last revised in June 2022.", "2022-06"),
        ("Second edition, revised March 2021", "2021-03"),
        ("Third edition, 2019", "2019"),
        ("Pay in brief: 2024/25 edition", "2024"),
        ("Version 2.1 (3 March 2023)", "2023-03-03"),
        ("Issue 14, Spring 2024", "2024"),
        ("Date of issue: 4 May 2022", "2022-05-04"),
        ("As of January 2024.", "2024-01"),
        ("Stand: Mai 2023", "2023-05"),
        ("3. Auflage, Oktober 2021", "2021-10"),
        ("Zuletzt aktualisiert am 12. Januar 2024", "2024-01-12"),
        ("Salaries rose in March 2021, and again in 2022.", ""),
        ("2021", ""),
        ("Published in March 2021, the report says that pay fell.", ""),
        ("Revised in May 2021, the law asks for a licence.", ""),
        ("Wages were last reviewed in April 2024.", ""),
        ("Updated wage tables were agreed in March 2024.", ""),
        ("Application closing date 31 May 2024", ""),
        ("Next review: March 2026", ""),
        ("Edition valid until 3 May 2025", ""),
        ("As of March 2024, the wage is 12 euros.", ""),
        ("In the 1998 edition of the handbook the pay was lower.", ""),
        ("The survey was posted on a forum.", ""),
        ("Salary Ranges (US Market, 2024)", ""),
    ],
)
def test_only_what_is_plainly_the_articles_own_date_is_taken_from_its_text(text: str, date: str) -> None:
    assert date_in_text([Fragment("paragraph", text), Fragment("paragraph", "Bakers bake.")]) == date


def test_an_imprint_in_a_long_paragraph_is_found_and_a_month_in_its_prose_is_not() -> None:
    prose = "The rates of March 2019 were lower than those of May 2020, and nobody expects them to fall again soon. " * 3
    assert date_in_text([Fragment("paragraph", prose)]) == ""
    assert date_in_text([Fragment("paragraph", f"{prose}Compiled by the Guild, Leeds, June 2021.")]) == "2021-06"


def test_months_in_a_table_are_no_date_of_the_article_but_a_labelled_row_is() -> None:
    rows = [Fragment("table_header", "Month | Pay"), Fragment("table_row", "March 2023 | 2,000 EUR")]
    assert date_in_text(rows) == ""
    assert date_in_text([*rows, Fragment("table_row", "Last updated | 4 May 2022")]) == "2022-05-04"


def test_a_hostile_imprint_costs_little() -> None:
    blocks = [Fragment("paragraph", text * 20_000) for text in ("| ", "Aaa. ", "2019 ", "Edition 1 ", "published by (")]
    start = time.process_time()
    assert date_in_text(blocks * 5) == ""
    assert time.process_time() - start < 2  # about 0.1


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


@pytest.mark.parametrize(
    ("line", "date"),
    [
        ("Created: August 12, 2022 3:41 PM", "2022-08-12"),
        ("Last edited time: @March 4, 2023 9:12 AM", "2023-03-04"),
        ("Vol. 4, No. 2, March 2022", "2022-03"),
        ("Guild of Embalmers, revised June 3, 2021", "2021-06-03"),
        ("For porters, pay was revised in June 2021", ""),
        ("Created in March 2022 by the guild, the post is new.", ""),
    ],
)
def test_what_notion_and_journals_write_is_their_date(line: str, date: str) -> None:
    assert date_in_text([Fragment("paragraph", line), Fragment("paragraph", "Text.")]) == date
