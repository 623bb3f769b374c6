"""Every word of ours on the page, in every language it speaks: a file for each (`english`, `german`).

The browser's language decides: gradio's own labels follow it through `gr.I18n(**WORDS)`, what the server renders through `say`.
A key missing in a language falls back to English; a test keeps German complete. Articles and answers stay in the language they
were written in.
"""

from __future__ import annotations

from collections.abc import Mapping

from kb.web.english import ENGLISH
from kb.web.german import GERMAN
from kb.web.said import ENGLISH_LINES, GERMAN_LINES

WORDS: dict[str, dict[str, str]] = {"en": {**ENGLISH, **ENGLISH_LINES}, "de": {**GERMAN, **GERMAN_LINES}}


def say(key: str, language: str = "en", /, **values: object) -> str:
    """The text under key, `{name}` filled in from values. Raises KeyError for a key English does not have."""
    return WORDS.get(language, WORDS["en"]).get(key, WORDS["en"][key]).format(**values)


def count(key: str, n: int, language: str = "en") -> str:
    """`1 quote`, `3 quotes`: key names the pair key_one, key_many."""
    return say(f"{key}_one", language) if n == 1 else say(f"{key}_many", language, n=n)


def readers_language(headers: Mapping[str, str] | None) -> str:
    """The first language of an Accept-Language header that the page speaks, English where none is.

    >>> readers_language({"accept-language": "fr-CH, de;q=0.8, en;q=0.5"})
    'de'
    """
    wanted = []
    for place, item in enumerate((headers or {}).get("accept-language", "")[:200].split(",")):
        tag, _, weight = item.strip().partition(";q=")
        try:
            wanted.append((-float(weight or 1), place, tag.lower().split("-")[0]))
        except ValueError:
            continue
    return next((tag for _, _, tag in sorted(wanted) if tag in WORDS), "en")
