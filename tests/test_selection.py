"""Which units are quoted together."""

from __future__ import annotations

from dataclasses import replace

import pytest
from found import found

from kb.choice import candidates
from kb.question import analyse
from kb.quotes import Quote, head_of, join, write
from kb.records import Passage
from kb.selection import says_no_more, select
from kb.settings import Settings

SETTINGS = Settings()


def chosen(question: str, *given, budget: int = 90) -> list[str]:
    read = analyse(question)
    of = found(question, *given)
    return [c.text for c in select(of, read, candidates(of, read, 6), budget, SETTINGS)]


def test_what_says_more_takes_the_place_of_what_says_less():
    short = "The cycle has five distinct tasks."
    long = "The cycle has five distinct tasks: asking, planning, drawing, building and selling."
    assert chosen("tasks of the cycle", ("One", (), [(short, 0.8)]), ("Two", (), [(long, 0.75)])) == [long]
    assert chosen("tasks of the cycle", ("Two", (), [(long, 0.8)]), ("One", (), [(short, 0.75)])) == [long]


def test_other_figures_are_something_else():
    assert not says_no_more("Junior nurse, median, 31,000 pounds a year", "Senior nurse, median, 52,000 pounds a year")
    assert says_no_more("A nurse earns 31,000 pounds.", "In Kent a nurse earns 31,000 pounds a year.")


@pytest.mark.parametrize(("lead", "many"), [("Sources disagree about ovens of stone:", 3), ("Bakers like ovens of stone:", 1)])
def test_of_a_list_on_which_sources_disagree_no_side_stands_alone(lead, many):
    items = [(lead, 0.1), ("the guild praises an oven of stone", 0.9), ("the union does not", 0.1), ("the town is silent", 0.1)]
    assert len(chosen("Is an oven of stone any good?", ("Baker", (), items))) == many


def test_a_list_that_is_asked_for_comes_whole_though_the_budget_is_used_up():
    talk = "Tools matter to bakers in many ways " + "and so on " * 38 + "."
    items = [("A baker has these tools:", 0.62), ("an oven", 0.6), ("a peel", 0.6), ("a scale", 0.6)]
    quoted = chosen("Which tools does a baker have?", ("Talk", (), [(talk, 0.7)]), ("Baker", (), items))
    assert [text for text in quoted if text != talk] == ["an oven", "a peel", "a scale"]


def test_a_sentence_that_its_list_goes_on_with_is_quoted_above_the_list():
    of = found("Who should not come to be a baker?", ("Baker", (), [("You should not come to be a baker if you", 0.9),
               ("hate heat.", 0.1), ("sleep late.", 0.1)]))  # fmt: skip
    passage = of.hits[0].passage
    lead, *items = passage.units
    units = (lead, *(replace(each, kind="item", lead_start=lead.start, lead_end=lead.end) for each in items))
    of = replace(of, hits=(replace(of.hits[0], passage=replace(passage, units=units)),))
    read = analyse("Who should not come to be a baker?")
    quoted = join(of, select(of, read, candidates(of, read, 6), 90, SETTINGS))
    assert write(of, quoted, 0)[0] == "**Baker**\n\nYou should not come to be a baker if you\n\n- hate heat.\n- sleep late. [1]"


def test_an_item_of_a_list_that_is_not_asked_for_stands_alone():
    items = [("A baker has these tools:", 0.1), ("an oven of stone", 0.9), ("a peel", 0.1), ("a scale", 0.1)]
    assert chosen("Is there an oven of stone?", ("Baker", (), items)) == ["an oven of stone"]


def test_a_lead_in_is_not_a_quote_of_its_own():
    signs = [("Signs build up over months.", 0.8), ("These are the signs:", 0.3), ("tiredness", 0.3), ("dread", 0.3)]
    assert chosen("List the signs that build up over months", ("Burnout", (), signs)) == [
        "Signs build up over months.", "tiredness", "dread",
    ]  # fmt: skip


def test_a_question_or_a_fragment_in_an_article_is_quoted_with_what_follows_or_not_at_all():
    asked = [("Which languages help a notary?", 0.8), ("Spanish and Polish do most.", 0.3), ("The office is cold.", 0.1)]
    assert chosen("Which languages help a notary?", ("Notary", (), asked))[:2] == [asked[0][0], asked[1][0]]
    curt = [("The hours are long here.", 0.3), ("No languages.", 0.8)]
    assert chosen("Do languages help a notary?", ("Notary", (), curt)) == ["The hours are long here."]


NAMES = ("Communication", "Collaboration", "Adaptability", "Empathy", "Patience", "Planning", "Writing", "Drawing")
SKILLS = [f"{name}: to do {name.lower()} things with great care in each and every part of work that is there" for name in NAMES]


def test_a_list_too_long_for_an_answer_is_shown_by_the_heads_of_its_items():
    of = found("List the soft skills", ("Skills", (), [("Soft skills are these:", 0.8), *((text, 0.6) for text in SKILLS)]))
    read = analyse("List the soft skills")
    picked = select(of, read, candidates(of, read, 6), 90, SETTINGS)
    assert [c.text for c in picked] == SKILLS and all(c.brief and c.words == 1 for c in picked)
    text, citations = write(of, join(of, picked), 0)
    assert "- Communication …\n- Collaboration …" in text and text.endswith("- Drawing … [1]")
    assert citations[0].quote == "\n".join(SKILLS) and citations[0].lead == "Soft skills are these:"


def test_the_likeliest_quote_stands_first_in_its_section():
    units = [("Bakers pay no fee.", 0.6), ("Ovens are old.", 0.1), ("A baker earns 31,000 pounds.", 0.7)]
    of = found("What does a baker earn?", ("Baker", ("Pay",), units))
    _, citations = write(of, [Quote(0, (2,), 0), Quote(0, (0,), 1)], 0)
    assert [c.quote for c in citations] == ["A baker earns 31,000 pounds.", "Bakers pay no fee."]


def test_the_section_of_the_likeliest_quote_stands_first_in_its_article():
    pay, fees = ("Baker", ("Pay",), [("A baker earns 31,000.", 0.7)]), ("Baker", ("Fees",), [("Bakers pay no fee.", 0.6)])
    of = found("What does a baker earn?", pay, fees)
    places = zip(of.hits, (99, 0), strict=True)  # "Fees" stands before "Pay"
    hits = tuple(replace(hit, passage=_moved(hit.passage, start)) for hit, start in places)
    text, _ = write(replace(of, hits=hits), [Quote(0, (0,), 0), Quote(1, (0,), 1)], 0)
    assert text == "**Baker › Pay**\n\nA baker earns 31,000. [1]\n\n**Fees**\n\nBakers pay no fee. [2]"


def _moved(passage: Passage, start: int) -> Passage:
    units = tuple(replace(unit, start=unit.start + start, end=unit.end + start) for unit in passage.units)
    return replace(passage, source="0.md", start=start, end=start + len(passage.text), units=units)


def test_items_of_one_list_keep_their_order_though_the_last_is_the_likeliest():
    items = [("The way in has these steps:", 0.1), ("ask", 0.5), ("wait", 0.1), ("sign on as a baker", 0.9)]
    of = found("When do I sign on as a baker?", ("Baker", (), items))
    _, citations = write(of, [Quote(0, (3,), 0), Quote(0, (1,), 1)], 0)
    assert [c.quote for c in citations] == ["ask", "sign on as a baker"]


def test_items_that_are_left_out_of_a_list_are_marked_under_their_lead_in():
    items = [("There are three ways in:", 0.1), ("ask", 0.1), ("sign on as a baker", 0.9), ("wait", 0.1)]
    of = found("When do I sign on as a baker?", ("Baker", (), items))
    text, _ = write(of, [Quote(0, (2,), 0)], 0)
    assert text == "**Baker**\n\nThere are three ways in:\n\n- …\n- sign on as a baker [1]\n- …"
    text, _ = write(of, [Quote(0, (1,), 0), Quote(0, (3,), 1)], 0)
    assert text == "**Baker**\n\nThere are three ways in:\n\n- ask [1]\n- …\n\n- wait [2]"
    text, _ = write(of, [Quote(0, (1, 2, 3), 0)], 0)
    assert "…" not in text


def test_a_curt_answer_to_a_question_in_an_article_is_quoted_with_what_follows():
    asked = [("Is baking a dying trade?", 0.9), ("It was.", 0.2), ("Since 2010 the courses are full.", 0.1), ("Ovens cool.", 0.1)]
    assert chosen("Is baking a dying trade?", ("Baker", (), asked)) == [text for text, _ in asked[:3]]


def test_a_short_sentence_is_not_lengthened_by_what_another_speaker_says():
    talk = [("Go to sea early.", 0.9), ("HOST: Thank you for that.", 0.1)]
    assert chosen("Should one go to sea early?", ("Pilot", (), talk)) == ["Go to sea early."]
    assert chosen("Should one go to sea early?", ("Pilot", (), [talk[0], ("Thank you for that.", 0.1)])) == [
        "Go to sea early.", "Thank you for that.",
    ]  # fmt: skip


def test_a_list_that_fits_is_shown_in_full():
    of = found("List the soft skills", ("Skills", (), [("Soft skills are these:", 0.8), *((text, 0.6) for text in SKILLS[:4])]))
    read = analyse("List the soft skills")
    assert not any(c.brief for c in select(of, read, candidates(of, read, 6), 90, SETTINGS))


@pytest.mark.parametrize(
    ("item", "head"),
    [
        ("Communication: the ability to convey", "Communication"),
        ("Research Director – oversees projects", "Research Director"),
        ("An oven", ""),
        ("Meet at 10:30 sharp", ""),
        ("well-paid work", ""),
    ],
)
def test_an_item_s_head_stands_before_its_colon_or_dash(item, head):
    assert head_of(item) == head


def test_sentences_that_count_off_are_a_list():
    told = [("Bakers have it easy.", 0.2), ("First, weigh the flour.", 0.6), ("Use a scale.", 0.3), ("Second, add water.", 0.3),
            ("Finally, knead.", 0.3), ("Eat.", 0.1)]  # fmt: skip
    assert chosen("How do I make bread?", ("Bread", (), told)) == [
        "First, weigh the flour.", "Use a scale.", "Second, add water.", "Finally, knead.",
    ]  # fmt: skip


def test_an_answer_in_an_article_of_questions_brings_its_question_and_stops_at_the_next():
    asked = [("Who keeps the register?", 0.3), ("The office.", 0.8), ("Which languages help?", 0.2), ("Mostly Spanish.", 0.1)]
    assert sorted(chosen("who keeps register office", ("Notary", (), asked))[:2]) == ["The office.", "Who keeps the register?"]
    listed = [("Which languages help a notary?", 0.8), ("Spanish does the most.", 0.5), ("What are mobile notaries?", 0.1)]
    quoted = chosen("Which languages help a notary?", ("Notary", (), listed), budget=12)
    assert quoted == [listed[0][0], listed[1][0]]


def test_a_yes_leans_on_its_question():
    asked = [("Do I need insurance as a notary?", 0.3), ("Yes: at least one million of cover, plus fidelity cover.", 0.8)]
    assert set(chosen("insurance cover of a notary", ("Notary", (), asked))) == {text for text, _ in asked}


def test_another_article_s_unit_without_a_word_of_the_question_strays():
    diver = ("Diver", (), [("A diver earns 1,450 pounds a day.", 0.8)])
    assert chosen("What does a diver earn?", diver, ("Lifts", (), [("Fourth year of all: 26,000.", 0.85)])) == [diver[2][0][0]]
    assert len(chosen("What does a diver earn?", diver, ("Lifts", (), [("Lift engineers earn 26,000.", 0.95)]))) == 2


def test_a_unit_of_another_section_strays_where_neither_it_nor_its_heading_holds_what_is_asked():
    pay = ("Diver", ("Pay",), [("A diver earns 1,450 pounds a day.", 0.8)])
    of = found("What pay does a diver get?", pay, ("Diver", ("Boats",), [("Boats leave at six.", 1.0)]))
    same = replace(of.hits[1], passage=replace(of.hits[1].passage, source=of.hits[0].passage.source))
    for heading, quoted in ((("Boats",), 1), (("More about pay",), 2)):
        hits = (of.hits[0], replace(same, passage=replace(same.passage, heading=heading)))
        asked, listed = analyse("What pay does a diver get?"), replace(of, hits=hits)
        likeliest = candidates(listed, asked, 6)
        first, second = likeliest
        behind = [replace(first, probability=0.5), replace(second, log_odds=first.log_odds - 2.5, probability=0.2)]
        assert len(select(listed, asked, behind, 90, replace(SETTINGS, answer_mass=1.0))) == quoted


def test_what_stands_under_another_occupation_is_not_quoted_beside_what_stands_under_the_one_asked_about():
    engineer = ("Data engineer", ("Pay",), [("The median is 52,000.", 0.8)])
    scientist = [("The median is 61,000.", 0.95)]
    asked = "What does a data engineer earn?"
    assert chosen(asked, engineer, ("Data scientist", ("Pay",), scientist)) == ["The median is 52,000."]
    assert len(chosen(asked, engineer, ("Pay in Kent", (), scientist))) == 2
    assert len(chosen(asked, engineer, ("Data scientist", (), [("A data engineer earns 61,000.", 0.75)]))) == 2


POSITIONS = [
    ("Voices on a licence:", 0.1),
    ("For a licence: the guild says that bakers need a licence.", 0.9),
    ("In between: the league keeps out of it.", 0.1),
    ("Against a licence: the union says that bakers do not need a licence.", 0.1),
]


def test_of_a_list_that_takes_both_sides_both_are_quoted():
    lists = [text for text, _ in POSITIONS[1:]]
    assert sorted(chosen("Is a licence worth it?", ("Bakers", (), POSITIONS))) == sorted(lists)
    assert chosen("Is a licence worth it?", ("Bakers", (), [*POSITIONS[:3]])) == [lists[0]]
    plain = [POSITIONS[0], ("Bakers need a licence.", 0.9), ("Bakers do not need a licence.", 0.1)]
    assert len(chosen("Do bakers need a licence?", ("Trades", (), plain))) == 2
    assert len(chosen("Who asks bakers for a licence?", ("Trades", (), plain))) == 1


def test_of_a_long_list_that_takes_both_sides_one_of_each_is_quoted_in_full():
    talk = " and so on" * 25 + "."
    long = [POSITIONS[0], *((text.rstrip(".") + talk, cosine) for text, cosine in POSITIONS[1:])]
    assert sorted(chosen("Is a licence worth it?", ("Bakers", (), long), budget=40)) == sorted((long[1][0], long[3][0]))


@pytest.mark.parametrize(("near", "rows"), [((0.8, 0.7, 0.1, 0.1), 4), ((0.8, 0.1, 0.1, 0.1), 1)])
def test_a_short_table_of_which_half_is_quoted_is_quoted_whole(near, rows):
    letters = [(text, cosine) for text, cosine in zip(("Where", "Task", "Deed", "End"), near, strict=True)]
    of = found("What is the frame?", ("Frame", (), letters), kind="table_row")
    assert len(select(of, analyse("What is the frame?"), candidates(of, analyse("What is the frame?"), 6), 90, SETTINGS)) == rows


def test_rows_of_one_table_stand_under_one_header_and_every_line_has_as_many_cells():
    rows = [("Pay |", 0.2), ("Start | 20", 0.8), ("Middle | 30", 0.1), ("Top | 40", 0.7)]
    of = found("pay at the start and top", ("Ranger", (), rows), kind="table_row")
    passage = of.hits[0].passage
    units = tuple(replace(unit, lead_start=0, lead_end=5) if at else unit for at, unit in enumerate(passage.units))
    of = replace(of, hits=(replace(of.hits[0], passage=replace(passage, units=units)),))
    text, citations = write(of, [Quote(0, (1,), 0), Quote(0, (3,), 1)], 0)
    assert text.endswith("| Pay |  |\n| --- | --- |\n| Start | 20 |\n| Top | 40 |\n\n[1] [2]") and len(citations) == 2
    near = [c for c in candidates(of, analyse("pay"), 6) if c.at in (1, 3)]
    assert [quote.units for quote in join(of, near)] == [(1, 2, 3)]


def heard(question: str, said: list[tuple[str, float]], budget: int = 90) -> list[str]:
    """What is chosen from one paragraph."""
    of, read = found(question, ("Gap", (), said)), analyse(question)
    [hit] = of.hits
    paragraph = replace(hit.passage, text=hit.passage.text.replace("\n", " "))
    of = replace(of, hits=(replace(hit, passage=paragraph),))
    return [c.text for c in select(of, read, candidates(of, read, 6), budget, SETTINGS)]


def test_nothing_is_broken_off_within_quotation_marks():
    said = ['A script is: "I took four years for my children.', "In the last I passed the exam.", 'I am back since May."']
    for most in said:  # whichever of its sentences is the one
        meant = [("Practise the answer.", 0.1), *((each, 0.9 if each == most else 0.2) for each in said), ("Then stop.", 0.1)]
        assert set(heard("How do I explain the four years?", meant)) >= set(said)
    long = [("She says “" + "a lot of things " * 12 + "goes on.", 0.9), ("B" + "y and by " * 12 + "it ends.”", 0.2)]
    assert len(heard("What does she say?", long)) == 1


def test_what_would_be_broken_off_for_want_of_words_stays_out():
    said = [
        ("The four years are explained in three sentences, as calmly as you can.", 0.9),
        ("One says “The four years are explained by children.", 0.89),
        ("Now they are in school.”", 0.2),
    ]
    assert heard("Are the four years explained?", said, budget=22) == [said[0][0]]
    assert len(heard("Are the four years explained?", said, budget=30)) == 3


def test_what_stands_above_a_list_is_no_quote_of_its_own():
    of = found("ways to the oven", ("Baker", (), [("Three ways lead to the oven:", 0.8), ("school", 0.7), ("luck", 0.6)]))
    [quote] = join(of, candidates(of, analyse("ways to the oven"), 6))
    assert quote.units == (1, 2)
