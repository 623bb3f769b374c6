"""How far the quote of a sentence stretches."""

from __future__ import annotations

import pytest
from found import found

from kb.choice import candidates
from kb.question import analyse
from kb.selection import select
from kb.settings import Settings
from kb.stretch import HEARD_WORDS

ASKED = "How many hours does a baker sleep?"
NEXT = "A baker sleeps five hours, and one more after lunch."


def quoted(heading: tuple[str, ...], *told: tuple[str, float]) -> list[str]:
    of, read = found(ASKED, ("Baker", heading, list(told))), analyse(ASKED)
    return [c.text for c in select(of, read, candidates(of, read, 6)[:1], 90, Settings())]


def test_what_answers_the_question_above_it_is_quoted_from_where_its_section_begins():
    told = ("Not well at all, as most of them say.", 0.1), ("Flour is in the air.", 0.1), (NEXT, 0.9)
    assert sorted(quoted(("Do bakers sleep?",), *told)) == sorted(text for text, _ in told)


@pytest.mark.parametrize("heading", [(), ("Sleep",)])
def test_without_a_question_above_it_a_sentence_stands_alone(heading):
    assert quoted(heading, ("Not well at all, as most of them say.", 0.1), (NEXT, 0.9)) == [NEXT]


def test_a_section_that_begins_too_far_above_is_not_quoted_from_there():
    long = "It depends on the oven, " + "and on the oven " * (HEARD_WORDS // 4) + "too."
    assert quoted(("Do bakers sleep?",), (long, 0.1), (NEXT, 0.9)) == [NEXT]


def test_items_between_keep_a_sentence_from_its_section_s_beginning():
    told = ("It depends:", 0.1), ("on the oven", 0.1), (NEXT, 0.9)
    assert quoted(("Do bakers sleep?",), *told) == [NEXT]
