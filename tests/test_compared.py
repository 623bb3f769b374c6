"""Two things side by side, and a question in parts, with what is missing said to be missing."""

from __future__ import annotations

from dataclasses import replace

from found import Given, found

from kb.choice import candidates
from kb.compared import _Side, _stacked, in_parts, is_of_others, side_by_side
from kb.question import analyse
from kb.quotes import Quote
from kb.retrieval import Found, Subquestion
from kb.settings import Settings

SETTINGS = Settings(answer_threshold=0.01)
NURSE: Given = ("Nurse", ("Pay of nurses",), [("A nurse earns 31,000 pounds.", 0.6)])
BAKER: Given = ("Baker", ("Pay of bakers",), [("A baker earns 28,000 pounds.", 0.6)])
HOURS: Given = ("Baker", ("Hours",), [("Bakers start at three.", 0.55)])


def compare(question: str, *given: Given):
    read = analyse(question)
    of = found(question, *given)
    return side_by_side(read, of, candidates(of, read, 6), SETTINGS)


def test_sides_share_a_row_where_their_headings_say_the_same_of_each():
    compared = compare("Is a nurse or a baker better?", NURSE, BAKER)
    assert compared.text == (
        "|  | Nurse | Baker |\n| --- | --- | --- |\n"
        "| Pay of nurses | A nurse earns 31,000 pounds. [1] | A baker earns 28,000 pounds. [2] |\n"
        "| Source | Nurse | Baker |"
    )
    assert [c.quote for c in compared.citations] == ["A nurse earns 31,000 pounds.", "A baker earns 28,000 pounds."]
    assert compared.missing == ()


def test_a_side_that_nothing_names_is_missing():
    compared = compare("Is a nurse or an astronaut better?", NURSE, HOURS)
    assert "| A nurse earns 31,000 pounds. [1] | not in the knowledge base |" in compared.text
    assert compared.missing == ("astronaut",) and "three" not in compared.text


def test_what_names_both_sides_stands_above_them():
    text = "A nurse heals people; a baker feeds people."
    compared = compare("Is a nurse or a baker better?", ("Both", (), [(text, 0.7)]), NURSE, BAKER)
    assert compared.text.startswith(f"**Both**\n\n{text} [1]\n\n|  | Nurse | Baker |")
    assert sum(c.quote == text for c in compared.citations) == 1


def test_lists_and_long_quotes_stand_one_below_the_other():
    tools: Given = ("Baker", ("Tools",), [("A baker has these tools:", 0.6), ("an oven", 0.6), ("a peel", 0.6)])
    compared = compare("Is a nurse or a baker better?", NURSE, tools)
    assert compared.text.startswith("**Nurse**\n\n**Nurse › Pay of nurses**") and "**Baker**" in compared.text
    assert "- an oven\n- a peel" in compared.text


def test_a_side_whose_quote_stands_above_already_says_where():
    of = found("Is a nurse or a baker better?", ("Early jobs", (), [("Nurses and bakers both start before dawn.", 0.7)]))
    text, citations = _stacked([_Side(name, of, [Quote(0, (0,), 0)]) for name in ("nurse", "baker")], ())
    assert text.endswith("before dawn. [1]\n\n**Baker**\n\nAs quoted above: [1].") and len(citations) == 1


def test_what_a_longer_quote_of_one_side_holds_is_not_quoted_again_for_the_other():
    told = [("Nurses start before dawn.", 0.7), ("Bakers start earlier.", 0.7), ("Both nap.", 0.7)]
    of = found("Is a nurse or a baker better?", ("Early jobs", (), told))
    quotes = {"nurse": Quote(0, (0, 1, 2), 0), "baker": Quote(0, (1,), 0)}
    text, citations = _stacked([_Side(name, of, [quote]) for name, quote in quotes.items()], ())
    assert text.endswith("Both nap. [1]\n\n**Baker**\n\nAs quoted above: [1].") and len(citations) == 1


def test_a_pay_comparison_quotes_amounts_where_there_are_any():
    pay = [("A baker earns £28,000.", 0.5)]
    compared = compare("Who earns more, a nurse or a baker?", ("Nurse", (), [("A nurse earns £31,000.", 0.5)]),
                       ("Baker", (), pay), ("Baker", (), [("A baker earns respect and more.", 0.9)]))  # fmt: skip
    assert "£28,000" in compared.text and "£31,000" in compared.text and "respect" not in compared.text


def _subquestion(whole: Found, question: str, *hits: int) -> Subquestion:
    """What was found for a part: some of the hits of the whole."""
    own = replace(
        whole,
        hits=tuple(whole.hits[n] for n in hits),
        unit_cosines=tuple(whole.unit_cosines[n] for n in hits),
        static_cosines=tuple(whole.static_cosines[n] for n in hits),
        aspect_cosines=tuple(whole.aspect_cosines[n] for n in hits),
    )
    return Subquestion(analyse(question), own)


def test_a_part_of_which_no_word_stands_in_the_article_is_missing_and_named():
    question = analyse("What does a baker earn and which uniform do they have?")
    whole = found(question.text, BAKER, HOURS)
    parts = _subquestion(whole, "What does a baker earn", 0), _subquestion(whole, "Which uniform do bakers have?", 1)
    whole = replace(whole, subquestions=parts)
    compared = in_parts(question, whole, SETTINGS, lambda source: "A baker earns 28,000 pounds. Bakers start at three.")
    assert compared.missing == ("which uniform do they have",)
    assert compared.text.endswith("\n\nNot in the knowledge base: which uniform do they have.")
    assert [c.quote for c in compared.citations] == ["A baker earns 28,000 pounds."]


def test_both_parts_are_quoted_from_what_was_found_for_each():
    question = analyse("What does a baker earn and what are the hours of a baker?")
    whole = found(question.text, BAKER, HOURS)
    parts = _subquestion(whole, "What does a baker earn", 0), _subquestion(whole, "What are the hours of a baker?", 1)
    whole = replace(whole, subquestions=parts)
    compared = in_parts(question, whole, SETTINGS, lambda source: "Hours: bakers start at three.")
    assert [c.quote for c in compared.citations] == ["A baker earns 28,000 pounds.", "Bakers start at three."]
    assert compared.missing == () and 0.0 < compared.certain < 1.0


def test_a_question_of_one_part_is_left_to_others():
    question = analyse("What does a baker earn?")
    assert in_parts(question, found(question.text, BAKER), SETTINGS, lambda source: "") is None


def test_a_question_of_which_no_part_is_held_is_declined():
    question = analyse("What does a baker earn and how many hours do they work?")
    whole = found(question.text, BAKER, HOURS)
    parts = _subquestion(whole, "What does a baker earn", 0), _subquestion(whole, "How many hours do bakers work?", 1)
    whole = replace(whole, subquestions=parts)
    assert in_parts(question, whole, Settings(answer_threshold=0.999), lambda source: "") is None


def test_what_has_no_other_words_must_stand_in_the_article():
    question = analyse("What does a baker earn and how many hours do they work?")
    whole = found(question.text, BAKER, HOURS)
    parts = _subquestion(whole, "What does a baker earn", 0), _subquestion(whole, "How many hours do bakers work?", 1)
    whole = replace(whole, subquestions=parts)
    assert in_parts(question, whole, SETTINGS, lambda source: "Bakers earn money.").missing == ("how many hours do they work",)
    assert in_parts(question, whole, SETTINGS, lambda source: "Bakers work long hours.").missing == ()


def test_what_is_missing_of_a_story_or_of_a_demand_is_not_said():
    for part in ("give me everything", "my wife is a baker and she cries. Is there a bakery where she is home at noon"):
        question = replace(analyse("What does a baker earn?"), parts=("What does a baker earn", part))
        whole = found(question.text, BAKER, HOURS)
        parts = _subquestion(whole, "What does a baker earn", 0), _subquestion(whole, f"{part} uniform?", 1)
        whole = replace(whole, subquestions=parts)
        compared = in_parts(question, whole, SETTINGS, lambda source: "A baker earns 28,000 pounds.")
        assert compared.missing == () and "Not in the knowledge base" not in compared.text


def test_what_speaks_of_another_occupation_is_of_no_side_though_its_words_are_those_of_one():
    wrong: Given = ("Jobs compared", ("Which data job pays most?",), [("Research scientists earn most: 165,000 dollars.", 0.8)])
    analyst: Given = ("Data scientist", ("Pay",), [("Data scientists earn 112,000 dollars.", 0.6)])
    engineer: Given = ("Data engineer", ("Pay",), [("Data engineers earn 98,000 dollars.", 0.6)])
    compared = compare("Compare data scientist and data engineer pay", wrong, analyst, engineer)
    assert [c.quote for c in compared.citations] == [analyst[2][0][0], engineer[2][0][0]]


def test_what_stands_under_a_sides_heading_is_of_it_whatever_occupation_it_names():
    assert is_of_others("nurse", "Bakers earn 60,000 pounds.") and not is_of_others("nurse", "A head nurse earns more.")
    under: Given = ("Wards", ("Nurse",), [("Teachers on a ward earn 60,000 pounds.", 0.7)])
    assert "Teachers on a ward" in compare("Is a nurse or a baker better paid?", under, BAKER).text


def test_a_side_that_only_a_quote_of_both_speaks_of_is_not_called_missing():
    both: Given = ("Both", (), [("A nurse heals people; a healer tells stories to people.", 0.7)])
    compared = compare("Is a nurse or a healer better?", both, NURSE)
    assert compared.text.startswith("**Both**") and "31,000" in compared.text
    assert "ot in the knowledge base" not in compared.text and compared.missing == ()
