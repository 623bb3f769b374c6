import string

import pytest

from kb.web.strings import WORDS, count, readers_language, say


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("language", [name for name in WORDS if name != "en"])
def test_every_language_says_everything_with_the_same_blanks(language):
    assert list(WORDS[language]) == list(WORDS["en"])
    assert {key: fields(text) for key, text in WORDS[language].items()} == {
        key: fields(text) for key, text in WORDS["en"].items()
    }
    assert [key for key, text in WORDS[language].items() if not text.strip()] == []


def test_german_is_not_english_left_standing():
    same = {key for key, text in WORDS["de"].items() if text == WORDS["en"][key]}
    assert same <= {"brand", "cite_title", "source_link", "filter_region", "part_no_region"}


def test_a_language_the_page_does_not_speak_gets_english():
    assert say("close", "fi") == "Close"
    assert say("close", "de") == "Schließen"
    with pytest.raises(KeyError, match="no_such_key"):
        say("no_such_key")


def test_one_and_many_are_told_apart():
    assert (count("quote", 1), count("quote", 3), count("quote", 0)) == ("1 quote", "3 quotes", "0 quotes")


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("en-GB,de;q=0.9", "en"),
        ("fr, de;q=0.1", "de"),
        ("de;q=0.2, en;q=0.7", "en"),
        ("", "en"),
        ("fr", "en"),
        ("de;q=abc, fr", "en"),
        (",,;q=;", "en"),
        ("*", "en"),
    ],
)
def test_the_browsers_first_language_that_we_speak_is_taken(header, language):
    assert readers_language({"accept-language": header}) == language
    assert readers_language(None) == "en"
