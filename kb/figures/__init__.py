"""Amounts, percentages, lengths of time, counts and years in a text; what the text says about them and what it leaves open.

    figures("Senior engineers in Texas earn $120k to $150k a year.")
        -> (Figure("amount", "$120k to $150k a year", low=120000, high=150000, currency="$", period="year"),)
    describe(figure, sentence, article_date="2025-02").line()
        -> "US dollars a year; senior; Texas; article dated 2025-02; not stated: whose"

No model: numbers as they are written ("30.000 EUR", "CHF 95'000", "12 lakh", "over $320,000", "one in nine").
"""

from kb.figures.numbers import MONEY_WORDS, Figure, FigureKind, figures
from kb.figures.said import LEVEL, OLD_AFTER_YEARS, Described, beside, describe

__all__ = ["LEVEL", "MONEY_WORDS", "OLD_AFTER_YEARS", "Described", "Figure", "FigureKind", "beside", "describe", "figures"]
