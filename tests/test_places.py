"""Places named in a text."""

from kb.places import country_of, places_in


def named(text: str) -> list[str]:
    return [text[start:end] for start, end in places_in(text)]


def test_the_longest_name_at_each_word_is_found_as_written() -> None:
    assert named("From New York to the U.S. capital, then the United Kingdom and Ho Chi Minh City.") == [
        "New York",
        "U.S.",
        "United Kingdom",
        "Ho Chi Minh City",
    ]


def test_small_words_are_no_places() -> None:
    assert named("tell us about it, eu and uk") == ["uk"]
    assert named("the US and the EU") == ["US", "EU"]


def test_the_country_of_a_place_is_known_and_a_larger_region_has_none() -> None:
    assert (country_of("Texas"), country_of("zürich"), country_of("Europe"), country_of("Narnia")) == ("US", "CH", "", None)
