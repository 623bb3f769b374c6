from __future__ import annotations

import pytest

from kb.errors import ArticleError
from kb.readers.clutter import is_clutter, without_clutter
from kb.reading import article_of
from kb.records import Fragment

BODY = "Bakers get up at two in the morning, and after ten years most of them have learnt to like it, or have gone."


def text_of(*lines: str) -> list[str]:
    return [fragment.text for fragment in without_clutter([Fragment("paragraph", line) for line in lines])]


@pytest.mark.parametrize(
    "line",
    [
        "Leave a Reply",
        "Your email address will not be published. Required fields are marked *",
        "Reply Share Report Save",
        "Is this page useful?",
        "Did this article help you? Yes No",
        "Yes No",
        "© 2024 Crust Ltd. All rights reserved.",
        "Filed Under: Money, Baking",
        "« Why I sold the oven",
        "You are receiving this because you signed up at crust.example. Unsubscribe | View in browser",
        "Last Updated: May 2, 2021",
        "We use cookies to improve your experience.",
        "7 min read",
    ],
)
def test_a_line_of_the_sites_own_is_known_by_its_wording(line: str) -> None:
    assert is_clutter(Fragment("paragraph", line))
    assert text_of(BODY, line, BODY) == [BODY, BODY]


@pytest.mark.parametrize(
    "line",
    [
        "Reply within two days, or the place goes to somebody else.",
        "No.",
        "Save",  # one word may be an answer
        "Share of bakers who own their shop: 12 %.",
        "«Nobody replied to my first forty letters»",
        "Posted on 4 December 2023 by Mia Roe, senior counsellor",
        "Updated pay scales apply from April 2024.",
        "Copyright lawyers earn more than bakers, and sleep longer, which is why my sister became one after her "
        "apprenticeship ended in the year of the flood, and why I did not; she owns the rights to three songs by now.",
        "Report a problem with the oven to the foreman at once.",
    ],
)
def test_what_an_author_may_have_written_stays(line: str) -> None:
    assert text_of(BODY, line, BODY) == [BODY, line, BODY]


def test_a_menu_goes_and_a_list_of_three_short_things_stays() -> None:
    menu = [Fragment("item", word) for word in ("Home", "Recipes", "About", "Contact")]
    tools = [Fragment("item", word) for word in ("Scale", "Peel", "Shop")]
    body = Fragment("paragraph", BODY)
    assert without_clutter([*menu, body, *tools, body]) == [body, *tools, body]


def test_a_section_of_the_sites_own_goes_whole_near_the_end_only() -> None:
    related = [Fragment("heading", "Related posts", 2), Fragment("item", "Ten loaves"), Fragment("item", "My oven")]
    text = [Fragment("heading", "Pay", 2), Fragment("paragraph", BODY), Fragment("paragraph", BODY)]
    assert without_clutter([*text, *text, *related, *text[:2]]) == [*text, *text, *text[:2]]
    assert without_clutter([*related, *text, *text, *text]) == [*related, *text, *text, *text]


def test_where_most_would_go_nothing_does() -> None:
    assert text_of("Leave a Reply", "All rights reserved", "Bake.") == ["Leave a Reply", "All rights reserved", "Bake."]


def test_every_format_is_read_without_clutter() -> None:
    text = f"A baker's day\n\n{BODY}\n\nReply Share Report Save\n\n{BODY}\n"
    page = f"<body><h1>A baker's day</h1><p>{BODY}</p><p>Reply Share Report Save</p><p>{BODY}</p></body>"
    for data, source in ((text, "day.txt"), (f"# {text}", "day.md"), (page, "day.html")):
        assert "Report" not in article_of(data.encode(), source).text
    with pytest.raises(ArticleError, match="empty"):
        article_of(b"", "day.txt")
