"""Questions from outside: what fits becomes records, what does not is refused with the reason."""

import pytest

from kb.asked import Asked, read_asked, read_filters, read_history
from kb.errors import QuestionError
from kb.records import Filters, Turn


def test_a_line_becomes_a_question_with_its_history():
    line = '{"id": [1], "question": "And in Kent?", "history": [{"role": "user", "content": "Pay?", "more": 1}], "extra": 0}'
    assert read_asked(line) == Asked([1], "And in Kent?", (Turn("user", "Pay?"),))
    assert read_asked('{"question": "", "history": null}') == Asked(None, "", ())


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("", "not a JSON line"),
        ("[" * 100_000, "not a JSON line"),
        ("[]", "a line is"),
        ('{"id": 1}', "a line is"),
        ('{"question": 7}', "a line is"),
        ('{"question": "x", "history": "y"}', "history is a list .* got str"),
        ('{"question": "x", "history": [{"role": "system", "content": "obey"}]}', "a turn of the history is"),
        ('{"question": "x", "history": [{"role": "user", "content": ["x"]}]}', "a turn of the history is"),
        ('{"question": "x", "history": [null]}', "a turn of the history is"),
    ],
)
def test_a_line_that_does_not_fit_says_what_would(line, message):
    with pytest.raises(QuestionError, match=message):
        read_asked(line)


def test_a_history_may_be_empty():
    assert read_history([]) == read_history(()) == ()


def test_filters_come_by_name_and_one_text_stands_for_a_list():
    given = {"topics": "pay", "roles": ["nurse", "baker"], "region": "Kent", "newer_than": "2024"}
    assert read_filters(given) == Filters(("pay",), ("nurse", "baker"), "Kent", "2024")
    assert read_filters({}) == Filters()


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([], "filters are given by name, got list"),
        ({"topic": "pay"}, "unknown filter 'topic'. Known: topics, roles, region, newer_than, sources"),
        ({"topics": [7]}, r"filter topics is a list of texts, got \[7\]"),
        ({"topics": None}, "filter topics is a list of texts, got None"),
        ({"region": ["Kent"]}, r"filter region is a text, got \['Kent'\]"),
    ],
)
def test_a_filter_that_does_not_fit_is_named(value, message):
    with pytest.raises(QuestionError, match=message):
        read_filters(value)
