from __future__ import annotations

import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.errors import ArticleError
from kb.readers.front_matter import split_front_matter


def test_yaml_is_read_with_every_scalar_as_it_was_written() -> None:
    meta, body = split_front_matter("---\nTitle: Bakers\ndate: 2022-02-30\ndraft: no\ntags: [a, b]\n---\nText.\n")
    assert meta == {"title": "Bakers", "date": "2022-02-30", "draft": "no", "tags": ["a", "b"]}
    assert body == "\nText.\n"


def test_what_yaml_calls_nothing_is_not_there() -> None:
    meta, _ = split_front_matter("---\ntitle: null\nregion: ~\ntopics: [pay]\n---\nText.\n")
    assert meta == {"topics": ["pay"]}


def test_toml_is_read() -> None:
    meta, body = split_front_matter('+++\ntitle = "Bakers"\n[extra]\nx = 1\n+++\nText.')
    assert (meta["title"], body) == ("Bakers", "\nText.")


def test_a_slip_in_the_yaml_loses_only_what_is_unreadable() -> None:
    meta, _ = split_front_matter("---\ntitle: Bakers: what for\ntags: [a\ndate: 'March 3 2021'\n---\nText.")
    assert meta["title"] == "Bakers: what for"
    assert meta["date"] == "March 3 2021"


@pytest.mark.parametrize("text", ["Text.", "---\nText between rules.\n---\nMore.", "---\ntitle: never closed\n", "--- \n\n---\n"])
def test_what_is_no_front_matter_stays_text(text: str) -> None:
    meta, body = split_front_matter(text)
    assert meta == {}
    assert body.strip() in text


@pytest.mark.parametrize(
    ("head", "reason"),
    [
        ("a: &x 1\nb: *x", "anchors or aliases"),
        ("a: &a [x]\nb: [*a, *a]", "anchors or aliases"),
        ("a: !!python/name:os.system", "YAML tag"),
        ("a: !custom 1", "YAML tag"),
        ("a: b\n" * 20_000, "front matter has"),
        ("a: " + "{b: " * 30 + "1" + "}" * 30, "nested deeper"),
    ],
)
def test_what_only_an_attacker_writes_is_refused(head: str, reason: str) -> None:
    with pytest.raises(ArticleError, match=reason):
        split_front_matter(f"---\n{head}\n---\nText.")


@pytest.mark.parametrize(
    "head", ["a: " + "[" * 30_000, "- " * 30_000, "? " * 30_000, "{" * 60_000, '"' * 60_000, "a:\n" * 20_000]
)
def test_sixty_thousand_hostile_characters_take_under_a_second_or_two(head: str) -> None:
    started = time.process_time()
    with suppress(ArticleError):
        split_front_matter(f"---\n{head}\n---\nText.")
    assert time.process_time() - started < 2


@given(st.text(st.sampled_from("ab:-&*!{}[]'\"\n #|>?,"), max_size=80))
def test_any_block_gives_a_mapping_or_an_article_error(head: str) -> None:
    try:
        meta, body = split_front_matter(f"---\n{head}\n---\nText.")
    except ArticleError:
        return
    assert all(isinstance(key, str) for key in meta)
    assert body.endswith("Text.")
