"""Figures in a text, and what is said about them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.figures import beside, describe, figures

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("text", "low", "high", "bound", "currency", "period"),
    [
        ("The median is $127,750.", 127_750, 127_750, "", "$", ""),
        ("295,000 to 440,000 USD", 295_000, 440_000, "", "USD", ""),
        ("Expect £32k a year.", 32_000, 32_000, "", "GBP", "year"),
        ("30.000 EUR pro Jahr", 30_000, 30_000, "", "EUR", "year"),
        ("CHF 95'000", 95_000, 95_000, "", "CHF", ""),
        ("₹12 lakh per annum", 1_200_000, 1_200_000, "", "INR", "year"),
        ("a package of 12 LPA", 1_200_000, 1_200_000, "", "INR", "year"),
        ("over $320,000", 320_000, 320_000, "from", "$", ""),
        ("up to €70k", 70_000, 70_000, "up to", "EUR", ""),
        ("$285,000+", 285_000, 285_000, "from", "$", ""),
        ("$20-25/hr", 20, 25, "", "$", "hour"),
        ("an hourly rate of $42.50", 42.5, 42.5, "", "$", "hour"),
        ("between $80k and $120k", 80_000, 120_000, "", "$", ""),
        ("80-100k €", 80_000, 100_000, "", "EUR", ""),
        ("€3.500 monthly", 3_500, 3_500, "", "EUR", "month"),
        ("12,50 EUR", 12.5, 12.5, "", "EUR", ""),
        ("1.5 million dollars", 1_500_000, 1_500_000, "", "$", ""),
        ("kr 450 000 a year", 450_000, 450_000, "", "kr", "year"),
        ("AU$95,000 p.a.", 95_000, 95_000, "", "AUD", "year"),
        ("£250 per day", 250, 250, "", "GBP", "day"),
        ("Typical salary range: 30,000 to 40,000", 30_000, 40_000, "", "", ""),
        ("Salary: 55k–70k", 55_000, 70_000, "", "", ""),
    ],
)
def test_an_amount_is_read_as_written(text, low, high, bound, currency, period):
    (found,) = [figure for figure in figures(text) if figure.kind == "amount"]
    assert (found.low, found.high, found.bound, found.currency, found.period) == (low, high, bound, currency, period)
    assert text[found.start : found.end] == found.text


@pytest.mark.parametrize(
    ("text", "kind", "low", "high", "unit"),
    [
        ("About 47 percent are hired.", "percentage", 47, 47, "%"),
        ("a bonus of 10 to 20 % of salary", "percentage", 10, 20, "%"),
        ("One in four leaves.", "percentage", 25, 25, "%"),
        ("It takes two to three years.", "time", 2, 3, "year"),
        ("a four-year degree", "time", 4, 4, "year"),
        ("You look after between six and eight people.", "count", 6, 8, "people"),
        ("Acme holds four interviews.", "count", 4, 4, "interview"),
        ("Keep it to one page.", "count", 1, 1, "page"),
        ("a town of 30,000 people", "count", 30_000, 30_000, "people"),
        ("Figures of 2023/24.", "year", 2023, 2023, ""),
    ],
)
def test_other_figures_are_read_with_their_unit(text, kind, low, high, unit):
    (found,) = figures(text)
    assert (found.kind, found.low, found.high, found.unit) == (kind, low, high, unit)


@pytest.mark.parametrize("text", ["", "No figure here.", "Python 3.11 and C++17", "See section 4.2 and [1]", "B2B and 3D"])
def test_text_without_figures_has_no_amount(text):
    assert not [figure for figure in figures(text) if figure.kind in {"amount", "percentage", "time"}]


def test_a_bare_number_is_an_amount_only_where_pay_is_spoken_of():
    assert [figure.kind for figure in figures("30,000 to 40,000")] == []
    assert [figure.kind for figure in figures("30,000 to 40,000", about_money=True)] == ["amount"]


def test_a_figure_says_what_is_stated_and_what_is_not():
    sentence = "Senior engineers in Texas earn $120k to $150k a year."
    said = describe(
        figures(sentence)[0], sentence, title="Pay", article_date="2025-02", roles=("software engineer",), today=TODAY
    )
    assert (said.currency, said.period, said.region, said.level.lower(), said.dated) == (
        "US dollars",
        "year",
        "Texas",
        "senior",
        "2025-02",
    )
    assert said.missing == ("whose",) and not said.old
    bare = describe(
        figures("At Netflix they earn over $320,000.")[0], "At Netflix they earn over $320,000.", title="Pay", today=TODAY
    )
    assert bare.whose == "Netflix" and bare.missing == ("period", "region", "level", "year")
    assert bare.line() == "Netflix; dollars (of which country is not stated); not stated: period, region, level, year"


def test_the_heading_and_the_article_may_say_what_the_sentence_does_not():
    said = describe(
        figures("Typical range: £30,000 to £40,000")[0],
        "Typical range: £30,000 to £40,000",
        heading=("Pay", "Junior, in Leeds"),
        title="Data analyst",
        roles=("data analyst / BI analyst",),
        today=TODAY,
    )
    assert (said.whose, said.level.lower(), said.region) == ("data analyst", "junior", "Leeds")


@pytest.mark.parametrize(
    ("sentence", "article_date", "old"),
    [
        ("In 2021 they earned £30,000.", "2026-01", True),
        ("They earn £30,000.", "2023-11-21", True),
        ("They earn £30,000.", "2023-11-23", False),
        ("They earn £30,000.", "2023", False),
        ("They earn £30,000.", "2022", True),
        ("They earn £30,000.", "", False),
    ],
)
def test_figures_older_than_three_years_are_flagged(sentence, article_date, old):
    figure = next(f for f in figures(sentence) if f.kind == "amount")
    assert describe(figure, sentence, article_date=article_date, today=TODAY).old is old


@given(st.text(max_size=200))
def test_any_text_gives_figures_at_their_place_in_order(text):
    found = figures(text)
    assert all(text[f.start : f.end] == f.text and f.low <= f.high or f.bound for f in found)
    assert all(a.end <= b.start for a, b in zip(found, found[1:], strict=False))


@given(st.integers(1000, 9_999_999))
def test_a_whole_number_is_read_back_in_every_notation(value):
    for text in (f"${value:,}", f"{value:,} USD".replace(",", "."), f"CHF {value:,}".replace(",", "'"), f"£{value}"):
        assert figures(text)[0].low == value, text


def test_a_row_takes_currency_and_period_from_its_cells_and_its_header():
    row, header = "Senior data engineer | 92,000 | GBP", "Level | Pay a year | Currency"
    said = describe(figures(row, about_money=True)[0], row, heading=("Pay", header), title="Data engineer", today=TODAY)
    assert (said.currency, said.period, said.level.lower()) == ("pounds sterling", "year", "senior")
    salary = "£17,500 starter"
    assert describe(figures(salary)[0], salary, heading=("Average salary (a year)",), today=TODAY).period == "year"


def test_each_amount_of_a_sentence_has_its_own_level():
    sentence = "You are paid £28,265 as a trainee in 2024, £37,675 when competent."
    first, second = (f for f in figures(sentence) if f.kind == "amount")
    assert (describe(first, sentence, today=TODAY).level, describe(second, sentence, today=TODAY).level) == ("trainee", "")
    assert beside(second, sentence) == "£37,675 when competent."
    assert beside(figures("A trainee gets £28,265.")[0], "A trainee gets £28,265.") == "A trainee gets £28,265."


def test_a_header_with_a_column_for_each_says_that_there_are_several():
    row = "M1 | £31,650 | £38,766"
    said = describe(figures(row)[0], row, heading=("Pay | England | London | Wales", "Junior | Senior"), today=TODAY)
    assert (said.region, said.level) == ("several regions", "several levels")


@pytest.mark.parametrize(
    ("sentence", "whose"),
    [
        ("Data scientists had a median wage of USD 112,590.", ""),
        ("In figures of the Bureau of Labor it was $140,910.", ""),
        ("The Institute for Apprenticeships gives £43,283.", ""),
        ("Acme pays £43,283.", "Acme"),
        ("Those who work for Acme get £43,283.", "Acme"),
    ],
)
def test_who_counts_is_not_who_pays(sentence, whose):
    assert describe(next(f for f in figures(sentence) if f.kind == "amount"), sentence, today=TODAY).whose == whose


def test_the_end_of_a_word_is_no_currency():
    (share,) = figures("Of the employers 58 per cent ring a referee.")
    assert (share.kind, share.low, share.currency) == ("percentage", 58.0, "")
    assert figures("It costs Rs 580 here.")[0].currency == "INR"
