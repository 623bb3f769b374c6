"""Which units are likely: a model of plain features, and what only lists other names."""

from __future__ import annotations

from dataclasses import replace

import pytest
from found import found

from kb.choice import (
    ASPECT,
    DEFINES,
    ELSEWHERE,
    HEADED,
    ITSELF,
    KIND,
    MEANING,
    NEAR_NAME,
    OPENS,
    OTHER_NAMES,
    PASSAGE,
    STANDING,
    begins_with,
    candidates,
    coverage,
    fits,
    preferred,
)
from kb.question import analyse

NAMES = ("Crime scene investigator", (), [("Also called: scenes of crime officer, CSI.", 0.68)])
WORK = ("Crime scene investigator", ("Work",), [("They photograph the scene.", 0.61)])


def test_a_unit_s_log_odds_are_the_weighted_sum_of_its_features():
    question = analyse("What does a nurse earn?")
    given = found("nurse earn", ("Nurse", (), [("Hello there.", 0.5)]), ("Pay", (), [("A nurse gets $20.", 0.4)]))
    odds = {c.text: c.log_odds for c in candidates(given, question, 6)}
    near = MEANING + ITSELF + ASPECT
    named = (HEADED + OPENS) * 0.5  # its title says "Nurse", one of two words asked
    assert odds["Hello there."] == pytest.approx(near * 0.5 + named - KIND)
    assert odds["A nurse gets $20."] == pytest.approx(near * 0.4 - PASSAGE + (STANDING + HEADED) * 0.5 + KIND + ELSEWHERE)


def test_of_equal_units_the_one_under_the_occupation_asked_about_is_likelier():
    pay = "The median is $20."
    places = ("Data scientist", ()), ("Pay", ("Data engineers",))
    given = found("data engineer earn", *((*place, [("Of 2024.", 0.1), (pay, 0.5)]) for place in places))

    def ahead(question: str) -> float:
        odds = {c.hit: c.log_odds for c in candidates(given, analyse(question), 6) if c.text == pay}
        return odds[1] - odds[0]

    assert ahead("What does a data engineer earn?") - ahead("What is the median?") == pytest.approx(-ELSEWHERE)


def test_another_name_of_the_occupation_asked_about_counts_as_its_own():
    told = [("Good morning.", 0.5), ("It is work.", 0.5)]
    given = found("ml engineer", ("Machine learning engineer", (), told), ("MLOps engineer", (), told))
    question = analyse("How does an ML engineer work?")
    before = {c.hit: c.log_odds for c in candidates(given, question, 6) if c.at}
    now = {c.hit: c.log_odds for c in candidates(replace(given, other_names=("Machine learning engineer",)), question, 6) if c.at}
    assert now[0] - before[0] == pytest.approx(HEADED / 2 - ELSEWHERE)  # "engineer" stood there already
    assert now[1] == before[1]


def test_of_two_headings_the_inner_one_says_whose_section_it_is():
    pay = [("Of 2024.", 0.1), ("The median is $20.", 0.5)]
    places = ("Data engineer", ("Data scientists' pay",)), ("Data engineer", ("Pay",))
    given = found("data engineer earn", *((*place, pay) for place in places))
    odds = {c.hit: c.log_odds for c in candidates(given, analyse("What does a data engineer earn?"), 6) if c.at}
    assert odds[0] - odds[1] == pytest.approx(ELSEWHERE + PASSAGE)


def test_what_opens_the_section_that_is_asked_for_is_likelier():
    of = ("It was thought of in 1974.", 0.5), ("It is a frame.", 0.5)
    given = found("star method", ("Talks", ("The STAR method",), [*of]), ("Talks", ("Who uses the STAR method",), [*of]))
    odds = {(c.hit, c.at): c.log_odds for c in candidates(given, analyse("Tell me about the STAR method"), 6)}
    assert odds[0, 0] - odds[0, 1] == pytest.approx(OPENS)
    assert odds[1, 0] - odds[1, 1] == pytest.approx(OPENS * 2 / 3)  # "uses" is not asked about
    rows = found("star method", ("Talks", ("The STAR method",), [*of]), kind="table_row")
    assert len({c.log_odds for c in candidates(rows, analyse("Tell me about the STAR method"), 6)}) == 1


def test_of_a_section_in_two_passages_only_the_first_opens_it():
    passages = [("Talks", ("The STAR method",), [("It was thought of in 1974.", 0.5)])] * 2
    given = found("star method", *passages)
    first, second = (hit.passage for hit in given.hits)
    second = replace(second, source=first.source, start=first.end + 1, end=first.end + 1 + len(second.text))
    second = replace(second, units=(replace(second.units[0], start=second.start, end=second.end),))
    given = replace(given, hits=(given.hits[0], replace(given.hits[1], passage=second)))
    odds = {c.hit: c.log_odds for c in candidates(given, analyse("Tell me about the STAR method"), 6)}
    assert odds[0] - odds[1] == pytest.approx(OPENS + PASSAGE)


def test_a_meaning_is_looked_for_where_a_sentence_begins_with_the_word():
    units = [(text, 0.5) for text in ("A rule.", "**Vesting** is a schedule.", "A schedule is vesting.")]
    given = found("vesting", ("Shares", (), units))
    odds = {c.at: c.log_odds for c in candidates(given, analyse("What does vesting mean?"), 6)}
    assert odds[1] - odds[2] == pytest.approx(DEFINES)
    odds = {c.at: c.log_odds for c in candidates(given, analyse("vesting"), 6)}
    assert odds[1] - odds[2] == pytest.approx(DEFINES)  # nothing but the word
    odds = {c.at: c.log_odds for c in candidates(given, analyse("How do I ask about vesting?"), 6)}
    assert odds[1] == pytest.approx(odds[2])


@pytest.mark.parametrize(("heading", "sure"), [("What is vesting?", 1), ("Vesting", 1), ("What does vesting cost?", 0)])
def test_what_opens_the_section_of_a_word_and_speaks_of_it_explains_it(heading, sure):
    opening = "The law says that vesting is a schedule."
    given = found("vesting", ("Shares", (heading,), [(opening, 0.5)]), ("Bonds", (heading,), [("We know of that.", 0.5)]))
    odds = {c.hit: c.log_odds for c in candidates(given, analyse("What is vesting?"), 6)}
    said = odds[0] - odds[1] - PASSAGE - STANDING
    assert said == pytest.approx(DEFINES if sure else 0)


@pytest.mark.parametrize(
    ("text", "begins"),
    [
        ("The goldsmith makes rings.", True),
        ("- **Goldsmith**: makes rings", True),
        ("The goldsmiths' apprenticeship takes four years.", False),
        ("Ask a goldsmith.", False),
        ("", False),
    ],
)
def test_a_text_begins_with_what_is_to_be_explained_and_not_with_what_belongs_to_it(text, begins):
    assert begins_with(("goldsmith",), text) is begins
    assert not begins_with((), text)


def test_probabilities_sum_to_one_and_the_likeliest_comes_first():
    listed = candidates(found("scene", NAMES, WORK), analyse("What happens at a scene?"), 6)
    assert sum(c.probability for c in listed) == pytest.approx(1.0)
    assert [c.probability for c in listed] == sorted((c.probability for c in listed), reverse=True)


def test_other_names_come_behind_what_is_done():
    question = analyse("What does a CSI do at a scene?")
    likeliest = candidates(found("csi scene", NAMES, WORK), question, 6)
    assert likeliest[0].text.startswith("Also called")
    chosen = preferred(question, found("csi scene", NAMES, WORK), likeliest)
    assert [c.text for c in chosen][0] == "They photograph the scene."
    assert chosen[1].log_odds == pytest.approx(likeliest[0].log_odds + OTHER_NAMES)
    assert sum(c.probability for c in chosen) == pytest.approx(1.0)


def test_other_names_stay_first_where_names_are_asked_for():
    question = analyse("What else is a CSI called?")
    likeliest = candidates(found("csi", NAMES, WORK), question, 6)
    assert preferred(question, found("csi scene", NAMES, WORK), likeliest) == likeliest


DO = ("Loaf", ("How many slices does a lunch box hold?",), [("Two slices fill a lunch box.", 0.5)])


@pytest.mark.parametrize(
    "dont",
    [
        ("Loaf", ("Which slices should I avoid in a lunch box?",), [("Some slices say nothing in a lunch box.", 0.7)]),
        ("Loaf", (), [("Leave these slices out of a lunch box:", 0.1), ("slices of cake from a lunch box", 0.7)]),
    ],
)
def test_what_not_to_do_comes_behind_where_it_is_asked_what_to_do(dont):
    def first(asked: str) -> str:
        of, question = found("slices lunch box", dont, DO), analyse(asked)
        return preferred(question, of, candidates(of, question, 6))[0].text

    assert first("What should be in a lunch box?") == DO[2][0][0]
    assert first("What should not be in a lunch box?") == dont[2][-1][0]
    assert first("Should slices be in a lunch box?") == dont[2][-1][0]
    assert first("Why is a lunch box so full of slices?") == dont[2][-1][0]


@pytest.mark.parametrize("heading", ["Does a data engineer need a degree?", "How do I go from data analyst to data engineer?"])
def test_what_stands_under_an_occupation_of_a_like_name_comes_behind(heading):
    asked = "Does a data analyst need a degree?"
    near = ("Engineers", (heading,), [("A degree is rarely needed.", 0.9), ("A data analyst needs no degree.", 0.5)])
    own = ("Data analyst", ("Degrees",), [("Most have one.", 0.6)])
    of, question = found(asked, near, own), analyse(asked)
    likeliest = candidates(of, question, 6)
    after = {(c.hit, c.at): c.log_odds for c in preferred(question, of, likeliest)}
    before = {(c.hit, c.at): c.log_odds for c in likeliest}
    lowered = {place: after[place] - odds for place, odds in before.items()}
    assert lowered == pytest.approx({(0, 0): NEAR_NAME, (0, 1): 0, (1, 0): 0})


def test_a_section_on_another_occupation_is_not_opened_for_the_one_asked_about():
    def gap(asked: str) -> float:
        told = ("Trades", ("Which tools does a baker use?",), [("An oven comes first.", 0.5), ("An oven comes first.", 0.5)])
        odds = {c.at: c.log_odds for c in candidates(found(asked, told), analyse(asked), 6)}
        return odds[0] - odds[1]

    assert gap("Which tools does a baker use?") == pytest.approx(OPENS)
    assert gap("Which tools does a welder use?") == 0


def test_coverage_weighs_words_by_their_rarity():
    assert coverage("The salary of welders", {"welder": 3.0, "ohio": 1.0}) == pytest.approx(0.75)
    assert coverage("anything", {}) == 0.0


@pytest.mark.parametrize(
    ("wanted", "text", "fit"),
    [
        ("amount", "Nurses get £31,000.", 1.0),
        ("amount", "Nurses are tired.", -1.0),
        ("amount", "A nurse had GBP 31,000 in 2024.", 1.0),
        ("amount", "Paid 12 an hour, 15 on Sundays.", 1.0),
        ("amount", "In 2024 nurses were tired.", -1.0),
        ("date", "Apply in the autumn.", 1.0),
        ("date", "Orders go in by 11 pm.", 1.0),
        ("date", "Apply online.", -1.0),
        ("duration", "It takes three years.", 1.0),
        ("duration", "It takes 3 exams.", -1.0),
        ("duration", "It takes months rather than years.", 1.0),
        ("duration", "It took me eighteen months.", 1.0),
        ("number", "Most stop at forty.", 1.0),
        ("reason", "They leave because of shifts.", 1.0),
        ("text", "Anything.", 0.0),
    ],
)
def test_a_unit_fits_when_it_holds_the_kind_of_thing_asked_for(wanted, text, fit):
    assert fits(wanted, text) == fit
