from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.errors import ArticleError
from kb.readers.decoding import clean, decode

TEXT = "Café – 40 €, naïve “quotes”"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
def test_text_is_read_in_the_encodings_people_have(encoding: str) -> None:
    assert decode((TEXT * 3).encode(encoding)) == TEXT * 3


@pytest.mark.parametrize("text", ["שלום עולם", "नमस्ते दुनिया", "a\u200cb\u200dc", "日本語の文章"])
def test_valid_utf8_is_never_taken_for_anything_else(text: str) -> None:
    assert decode(text.encode()) == text


def test_a_declared_charset_counts_after_utf8() -> None:
    assert decode("Пекарь".encode("koi8-r"), "koi8-r") == "Пекарь"
    assert decode("Пекарь".encode(), "koi8-r") == "Пекарь"
    assert decode("Café".encode("cp1252"), "no-such-charset") == "Café"


@pytest.mark.parametrize("charset", ["unicode_escape", "raw-unicode-escape", "utf-7", "punycode", "idna", "undefined"])
def test_a_codec_of_python_that_no_page_is_written_in_is_not_used(charset: str) -> None:
    assert decode(b"caf\xe9 \\x3cscript\\x3e +ADw-b+AD4-", charset) == "café \\x3cscript\\x3e +ADw-b+AD4-"


def test_lines_of_different_encodings_are_each_read_in_their_own() -> None:
    assert decode("Café\n".encode() + "Café\n".encode("cp1252")) == "Café\nCafé\n"


def test_a_file_cut_off_within_a_character_loses_that_character_only() -> None:
    assert decode("Café, café".encode()[:-1]) == "Café, caf"


def test_newlines_are_one_kind_and_invisible_characters_gone() -> None:
    assert decode("a\r\nb\rc\u2028d\x00e\u00adf\ufeffg".encode()) == "a\nb\nc\ndefg"
    assert clean("e\u0301\ud800x") == "éx"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b" \r\n\t", "empty"),
        (b"\0" * 100, "nothing but NUL"),
        (bytes(range(256)) * 10, "not text"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(32)) * 20, "not text"),
    ],
)
def test_what_is_no_text_says_so(data: bytes, reason: str) -> None:
    with pytest.raises(ArticleError, match=reason):
        decode(data)


@given(st.binary(max_size=400), st.sampled_from(["", "utf-8", "utf-16", "shift_jis", "idna", "rot13", "base64"]))
def test_any_bytes_give_clean_text_or_an_article_error(data: bytes, charset: str) -> None:
    try:
        text = decode(data, charset)
    except ArticleError:
        return
    text.encode("utf-8")
    assert "\r" not in text and "\0" not in text
