"""Places named in a text."""

from kb.places import country_of, places_in, standing


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


def test_a_text_speaks_of_a_country_when_it_names_any_place_in_it_and_of_a_city_only_by_name() -> None:
    text = "Nurses in Leeds and Texas were asked."
    assert standing(["UK", "Leeds", "London", "France", "Scotland", "Canada"], text) == [True, True, False, False, False, False]
    assert standing(["U.S.", "United States"], text) == [True, True]


def test_north_is_no_place_and_north_carolina_is_one() -> None:
    assert named("up north, in North Carolina, worldwide") == ["North Carolina"]


def test_a_text_with_figures_of_a_countrys_statistics_office_speaks_of_the_country() -> None:
    assert standing(["America", "Texas"], "The Bureau of Labor Statistics gives a median of $38,930.") == [True, False]
