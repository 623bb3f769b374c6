"""Which language a text is written in, by its commonest words: English or German, the two that the page speaks."""

from __future__ import annotations

import re
from collections.abc import Iterable

COMMON = {  # words that no text does without, and that the other language does not have
    "en": "a an the and or of to is are do does did i my you your what how why which who it this that with for from have has can "
    "should not",
    "de": "der die das den dem ein eine einen einem einer und oder von zu ist sind ich mein meine sie ihr ihre was wie warum "
    "welche wer es dies mit für aus habe hat haben kann soll sollte nicht brauche muss wird werde man bei auf",
}
_SETS = {language: frozenset(words.split()) for language, words in COMMON.items()}
_WORD = re.compile(r"[^\W\d_]+")
SAMPLE_CHARS = 2_000  # of an article
SAMPLE = 50  # articles


def language_of(text: str) -> str:
    """ "en" or "de", whichever has more of its common words in the text; "" when neither has.

    >>> language_of("Brauche ich einen Doktor?"), language_of("Do I need a PhD?"), language_of("data scientist Berlin")
    ('de', 'en', '')
    """
    words = [word.lower() for word in _WORD.findall(text)]
    counted = {language: sum(word in common for word in words) for language, common in _SETS.items()}
    most = max(counted, key=lambda language: counted[language])
    return most if counted[most] > min(counted.values()) else ""


def language_of_texts(texts: Iterable[str]) -> str:
    """The language that all of the first texts are written in, "" where they are of several or of none that is known."""
    found = {language_of(text[:SAMPLE_CHARS]) for text, _ in zip(texts, range(SAMPLE), strict=False)}
    return found.pop() if len(found) == 1 else ""
