from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kb.readers.heading_shape import is_heading_shape, is_title_case
from kb.readers.lists import untangle
from kb.readers.text import fragments, read
from kb.records import Fragment


def shape(text: str) -> list[tuple[str, int, str]]:
    return [(fragment.kind, fragment.level, fragment.text) for fragment in fragments(text)]


SCRAPED = """\
How to Become a Baker: Skills and Pay
Bakers make bread and cakes, mostly at night, and it is physical work. This guide says what it takes and pays.
What Does a Baker Do?
A baker prepares dough and bakes it. Duties include:
Weighing flour and water.
Kneading the dough.
This work needs an early start.
Core Skills
You need these skills:
1. Working With Dough
Feeling when it is ready.
Shaping loaves by hand.
2. Working With People
Serving early customers.
"""


def test_headings_without_mark_up_and_items_without_bullets_are_recognised() -> None:
    assert shape(SCRAPED) == [
        ("heading", 1, "How to Become a Baker: Skills and Pay"),
        (
            "paragraph",
            0,
            "Bakers make bread and cakes, mostly at night, and it is physical work. This guide says what it takes and pays.",
        ),
        ("heading", 2, "What Does a Baker Do?"),
        ("paragraph", 0, "A baker prepares dough and bakes it. Duties include:"),
        ("item", 1, "Weighing flour and water."),
        ("item", 1, "Kneading the dough."),
        ("paragraph", 0, "This work needs an early start."),
        ("heading", 2, "Core Skills"),
        ("paragraph", 0, "You need these skills:"),
        ("heading", 3, "1. Working With Dough"),
        ("item", 1, "Feeling when it is ready."),
        ("item", 1, "Shaping loaves by hand."),
        ("heading", 3, "2. Working With People"),
        ("paragraph", 0, "Serving early customers."),
    ]


def test_roman_numbered_headings_keep_their_words() -> None:
    text = "Intro that says something.\n\nI \u2003 What does a baker do?\n\nBakes.\n\nII \u2003 What does it pay?\n\nLittle."
    assert [f.text for f in fragments(text) if f.kind == "heading"] == ["I What does a baker do?", "II What does it pay?"]


def test_a_numbered_list_is_a_list_and_its_numbers_are_marks() -> None:
    found = fragments("How to start\n\n1. Find a bakery.\n2. Ask for a trial day.\n3. Get up early.\n")
    assert [(f.kind, f.mark, f.text) for f in found] == [
        ("heading", "", "How to start"),
        ("item", "1.", "Find a bakery."),
        ("item", "2.", "Ask for a trial day."),
        ("item", "3.", "Get up early."),
    ]


def test_a_lead_in_with_nothing_behind_it_takes_no_paragraph_for_its_list() -> None:
    text = (
        "Bakers do many tasks. This includes:\n\nAlthough it is not listed, some bakers also run the shop and keep the books.\n"
    )
    assert [kind for kind, _, _ in shape(text)] == ["paragraph", "paragraph"]


def test_hard_wrapped_lines_are_one_paragraph_again() -> None:
    text = (
        "Bakers start work in the middle of the night, because bread has to be on the\n"
        "shelves when the first customers come. Most of them are done by noon, and\n"
        "many like having the afternoon to themselves, at least in the summer months.\n"
        "\n"
        "The pay is low.\n"
    )
    assert shape(text) == [
        (
            "paragraph",
            0,
            "Bakers start work in the middle of the night, because bread has to be on the shelves when the first customers come."
            " Most of them are done by noon, and many like having the afternoon to themselves, at least in the summer months.",
        ),
        ("paragraph", 0, "The pay is low."),
    ]


def test_a_bullets_second_line_belongs_to_it() -> None:
    assert shape("Tools:\n\n- an oven that is\n  hot\n- a scale\n") == [
        ("paragraph", 0, "Tools:"),
        ("item", 1, "an oven that is hot"),
        ("item", 1, "a scale"),
    ]


def test_nested_bullets_have_their_level() -> None:
    assert [level for _, level, _ in shape("- a\n  - b\n    - c\n- d\n")] == [1, 2, 3, 1]


def test_tables_of_contents_and_back_to_top_are_dropped() -> None:
    text = "Table of Contents\n\nDuties\nPay\n\nDuties\n\nBakers bake.\n\nPay\n\nIt is low.\n\n↑ Back to top\n"
    assert [text for _, _, text in shape(text)] == ["Duties", "Bakers bake.", "Pay", "It is low."]


def test_a_closing_sentence_run_into_the_last_bullet_is_a_paragraph() -> None:
    found = fragments(
        "Duties include:\n- Mixing dough\n- Baking bread In summary, a baker does more than most of the customers ever see.\n"
    )
    assert [(f.kind, f.text) for f in found] == [
        ("paragraph", "Duties include:"),
        ("item", "Mixing dough"),
        ("item", "Baking bread"),
        ("paragraph", "In summary, a baker does more than most of the customers ever see."),
    ]


def test_an_item_that_only_mentions_such_words_stays_whole() -> None:
    items = [
        Fragment("item", "Read The Bread Book and the two that follow it", 1, mark="-"),
        Fragment("item", "Ask what These Days costs in the shop around the corner", 1, mark="-"),
    ]
    assert untangle(items) == items


def test_flattened_groups_are_nested_again() -> None:
    text = "Needs:\n- Education\n- Two years of school\n- A trial day\n- Soft Skills\n- Patience with dough\n"
    assert [(level, words) for kind, level, words in shape(text) if kind == "item"] == [
        (1, "Education"), (2, "Two years of school"), (2, "A trial day"), (1, "Soft Skills"), (2, "Patience with dough")
    ]  # fmt: skip


def test_a_list_of_capitalised_names_is_not_taken_for_groups() -> None:
    text = "Schools:\n- Paris Baking School\n- Berlin Bread Academy\n- Vienna Institute\n"
    assert [level for kind, level, _ in shape(text) if kind == "item"] == [1, 1, 1]


FAMILY = """\
Overview
Bakers make bread, and there are quite a lot of them in every town and village, big or small, rich or poor.
Salary Ranges (Germany, 2024)
Pay differs between regions and between employers a good deal. Here is an overview of pay in 2024:
Head Baker
- Average: 40,000 EUR
- Range: 35,000 to 48,000 EUR
Pastry Cook
- Average: 33,000 EUR
- Top of the range: 39,000 EUR These figures show that bakers can live on their pay in most parts of the country.
Industry Trends
The trade is changing in many ways, and the following trends shape what bakers do from one year to the next:
- Fewer bakeries
- Larger bakeries
"""


def test_headings_after_a_lead_in_lie_under_its_heading_until_the_summing_up() -> None:
    assert [(level, text) for kind, level, text in shape(FAMILY) if kind == "heading"] == [
        (2, "Overview"),
        (2, "Salary Ranges (Germany, 2024)"),
        (3, "Head Baker"),
        (3, "Pastry Cook"),
        (2, "Industry Trends"),
    ]


def test_a_markdown_heading_or_an_underline_in_plain_text_is_a_heading() -> None:
    assert shape("Bakers\n======\n\nThey bake.\n\n## Pay\n\nLow.\n")[0] == ("heading", 1, "Bakers")
    assert ("heading", 2, "Pay") in shape("Bakers\n======\n\nThey bake.\n\n## Pay\n\nLow.\n")


def test_questions_and_answers_stay_paragraphs_in_order() -> None:
    text = "Q: Do I need a degree?\nA: No, but two years of training.\n\nQ: Is the pay good?\nA: Not at first.\n"
    assert [words for _, _, words in shape(text)] == [
        "Q: Do I need a degree?", "A: No, but two years of training.", "Q: Is the pay good?", "A: Not at first."
    ]  # fmt: skip


def test_heading_shapes() -> None:
    assert is_heading_shape("What Does a Data Engineer Do?")
    assert is_heading_shape("Salary Ranges (US Market, 2024)")
    assert is_heading_shape("1. Machine Learning vs. Statistics")
    assert not is_heading_shape("Duties include:")
    assert not is_heading_shape("Bakers bake. They also sell.")
    assert not is_heading_shape("and so on")
    assert is_title_case("Academia vs. Industry") and not is_title_case("Academia against industry")


def test_front_matter_in_a_text_file_is_read_too() -> None:
    draft = read(b"---\ntitle: Bakers\ndate: 3 May 2021\n---\nThey bake.\n")
    assert draft.meta["title"] == "Bakers"
    assert (draft.meta["date"], draft.date_origin) == ("2021-05-03", "front matter")


@given(st.text(st.sampled_from("aB .:?-*1\n\t•Iué"), max_size=300))
def test_no_word_is_ever_lost_or_changed(text: str) -> None:
    words = lambda line: "".join(char for char in line if char.isalpha())  # noqa: E731
    assert words("".join(fragment.mark + fragment.text for fragment in fragments(text))) == words(text)


def test_lines_divided_by_tabs_are_a_table() -> None:
    assert shape("Pay by town:\n\nTown\tPay\nBonn\t30,000 EUR\nUlm\t41,000 EUR\n") == [
        ("paragraph", 0, "Pay by town:"),
        ("table_header", 0, "Town | Pay"),
        ("table_row", 0, "Bonn | 30,000 EUR"),
        ("table_row", 0, "Ulm | 41,000 EUR"),
    ]


def test_by_lines_and_captions_are_no_headings() -> None:
    text = "Baking for a Living\n\nBy Jane Roe, 3 March 2021\n\nBakers bake.\n\nFigure 1: The Oven\n\nThe oven is hot.\n"
    assert [words for kind, _, words in shape(text) if kind == "heading"] == ["Baking for a Living"]


STEPS = """\
How to Become a Baker

Method 1
Learning the Trade

1
Ring on a Tuesday, when shops are quiet. Offer a day for nothing.

2
Sign up for an apprenticeship. It lasts three years.
"""


def test_a_number_on_a_line_of_its_own_counts_the_step_below_it() -> None:
    found = fragments(STEPS)
    assert [(f.kind, f.mark, f.text) for f in found] == [
        ("heading", "", "How to Become a Baker"),
        ("heading", "", "Method 1: Learning the Trade"),
        ("item", "1.", "Ring on a Tuesday, when shops are quiet. Offer a day for nothing."),
        ("item", "2.", "Sign up for an apprenticeship. It lasts three years."),
    ]


def test_a_number_that_begins_no_series_stays_a_line() -> None:
    assert ("paragraph", 0, "12") in shape("Bakers\n\nThey bake all night.\n\n12\nThat is how many of us there are.\n")


def test_a_range_over_three_lines_is_one_line() -> None:
    assert ("paragraph", 0, "£29,907 Starter to £48,231 Experienced") in shape(
        "Police officer\n\nAverage salary (a year)\n£29,907 Starter\nto\n£48,231 Experienced\n\nOther\nNo.\n"
    )


def test_a_short_line_over_a_sentence_heads_its_block() -> None:
    text = "Baker\n\nOther routes\nThe city runs a course.\n\nWhat it takes\nSkills and knowledge\nYou'll need:\npatience\n"
    assert [words for kind, _, words in shape(text) if kind == "heading"] == [
        "Baker", "Other routes", "What it takes", "Skills and knowledge"
    ]  # fmt: skip


TALK = """\
The Crumb Podcast

[00:00:04] HOST: Welcome back. Ines bakes in Stroud. This is the show about bread.

[00:00:25] HOST: And now?

[00:00:26] INES: Now I bake. Is it hard? Yes.

[00:00:58] HOST: So let's do what everybody waits for. What did it cost?

[00:01:00] INES: Forty thousand.

[00:01:15] HOST: When did it pay?

[00:01:18] INES: Year Three.
"""


def test_in_a_transcript_the_interviewers_questions_are_headings_and_nothing_else_is() -> None:
    assert shape(TALK) == [
        ("heading", 1, "The Crumb Podcast"),
        ("paragraph", 0, "HOST: Welcome back. Ines bakes in Stroud. This is the show about bread."),
        ("heading", 2, "HOST: And now?"),
        ("paragraph", 0, "INES: Now I bake. Is it hard? Yes."),
        ("heading", 2, "HOST: So let's do what everybody waits for. What did it cost?"),
        ("paragraph", 0, "INES: Forty thousand."),
        ("heading", 2, "HOST: When did it pay?"),
        ("paragraph", 0, "INES: Year Three."),
    ]


def test_words_run_together_are_no_heading() -> None:
    assert not is_heading_shape("YearUnitBaseNightsTotal") and is_heading_shape("LinkedIn") and is_heading_shape("DevOps")


def test_a_date_and_a_sentence_that_lists_are_no_headings() -> None:
    text = "Baker\n\n19 Jul 2021, 08:58\n\nBakers bake all night.\n\nTitles include pastry cook, oven hand\n\nThey sell.\n"
    assert [words for kind, _, words in shape(text) if kind == "heading"] == ["Baker"]


def test_headings_in_sentence_case_are_found_in_text_without_blank_lines() -> None:
    text = """Working as a ferry deckhand
A guide by those who do it
What the work is
Deckhands moor the ship, load cars and clean. Most of it is out of doors.
What you need
- a medical certificate
- steel-toed boots
You will also need these:
Sea survival certificate
Passport and visa
The three papers together cost about 420 pounds and last for five years.
The hard parts
Is it cold?
It is. Two pairs of gloves are not enough in January on the northern routes.
"""
    found = shape(text)
    assert [(level, name) for kind, level, name in found if kind == "heading"] == [
        (1, "Working as a ferry deckhand"),
        (2, "What the work is"),
        (2, "What you need"),
        (2, "The hard parts"),
        (2, "Is it cold?"),
    ]
    assert ("item", 1, "Passport and visa") in found
    assert ("paragraph", 0, "The three papers together cost about 420 pounds and last for five years.") in found


def test_a_heading_between_wrapped_paragraphs_without_blank_lines_stays_by_itself() -> None:
    text = """Cheesemaker
What the work is
A cheesemaker turns milk into curd, presses it, salts it and looks after
the wheels for weeks or years. The day begins at four, when the milk is
brought, and it ends when the vat decides, which nobody can tell before.
Pay and hours
A head cheesemaker of a small dairy earns between 52,000 and 61,000 a
year, and often a flat comes with it.
"""
    found = shape(text)
    assert [name for kind, _, name in found if kind == "heading"] == ["Cheesemaker", "What the work is", "Pay and hours"]
    assert found[-1][2].endswith("between 52,000 and 61,000 a year, and often a flat comes with it.")


def test_columns_set_apart_by_spaces_or_dots_are_a_table_with_its_header() -> None:
    text = """Rates a visit:

                  Leeds    Cardiff
Trainee           12.10      11.85
Driver, year 3    15.05      14.45

Open fire ....... 65 EUR
Wood burner ..... 70 EUR
Nest ............ 150 EUR
"""
    assert shape(text) == [
        ("paragraph", 0, "Rates a visit:"),
        ("table_header", 0, "| Leeds | Cardiff"),
        ("table_row", 0, "Trainee | 12.10 | 11.85"),
        ("table_row", 0, "Driver, year 3 | 15.05 | 14.45"),
        ("table_row", 0, "Open fire | 65 EUR"),
        ("table_row", 0, "Wood burner | 70 EUR"),
        ("table_row", 0, "Nest | 150 EUR"),
    ]


def test_two_columns_of_prose_are_no_table() -> None:
    row = "the day begins at four and the milk comes     by then the vat has been scrubbed twice over"
    assert all(kind != "table_row" for kind, _, _ in shape("\n".join([row] * 4)))


def test_numbered_lines_alone_between_paragraphs_are_headings() -> None:
    text = "Guide\n\n1. What medics do\n\nThey answer calls.\n\n1.1 On the road\n\nTwo a crew.\n\n2. Training\n\nThree years.\n"
    assert [(level, name) for kind, level, name in shape(text) if kind == "heading"] == [
        (1, "Guide"),
        (2, "1. What medics do"),
        (3, "1.1 On the road"),
        (2, "2. Training"),
    ]


def test_words_inner_bullets_are_items_a_level_deeper() -> None:
    assert shape("Duties:\n\n•\tCare before birth:\no\tvisits\no\ttests\n•\tCare in labour\n")[1:] == [
        ("item", 1, "Care before birth:"),
        ("item", 2, "visits"),
        ("item", 2, "tests"),
        ("item", 1, "Care in labour"),
    ]


def test_an_e_mail_is_called_by_its_subject_and_dated_by_its_date() -> None:
    head = b"From: Greta\nDate: Tue, 3 May 2022 10:11:00 +0100\nSubject: Re: Working as an interpreter\n"
    draft = read(head + b"\nHi,\n\nit pays 120 a day.\n")
    assert (draft.meta["title"], draft.meta["date"]) == ("Working as an interpreter", "2022-05-03")
    assert all(fragment.kind == "paragraph" for fragment in draft.fragments)
