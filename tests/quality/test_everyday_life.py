"""Questions of everyday life asked of the shipped articles; none of them stands in kb.everyday."""

import pytest

from kb.everyday import QUESTIONS

ASKED = [
    "how do I cook lentils",
    "which sofa is the most comfortable",
    "my fridge is leaking water",
    "what is the tallest mountain in Europe",
    "how do I get candle wax off a table",
    "who discovered penicillin",
]


@pytest.mark.parametrize("question", ASKED)
def test_questions_of_everyday_life_are_declined(shipped, question: str) -> None:
    assert question not in QUESTIONS
    assert shipped.answer(question).abstained
