"""What a heading looks like, and what a title in title case, whatever the format."""

from __future__ import annotations

import re

HEADING_WORDS = 14  # at most; longer lines are sentences
SMALL_WORDS = (  # that a title in title case leaves small
    " a an the and or but nor for of in on at to from by with without as vs vs. via per into onto over under about between is are"
    " was be do does did your you it its that than how what "
)

_RUN_TOGETHER = re.compile(r"[a-z][A-Z]")  # "YearUnitBaseNightsTotal" was a table's header
SENTENCE_BREAK = re.compile(r"[.!?][\"”’)]*\s+[A-Z]")
ABBREVIATION = re.compile(r"\b(?:vs|e\.g|i\.e|etc|Dr|Mr|Ms|Mrs|St|No|U\.S|U\.K|Ph\.D|[A-Z])\.\s+")


def is_heading_shape(text: str) -> bool:
    """Whether text could be a heading: short, one line, no sentence's end (a question's is allowed), not begun in lower case."""
    text = text.strip()
    words = text.split()
    if not 1 <= len(words) <= HEADING_WORDS or len(text) > 120 or "\n" in text or "://" in text:
        return False
    if not any(char.isalpha() for char in text) or (text[0].islower() and not text[:2].istitle() and not text[1:2].isupper()):
        return False
    if len(words) == 1 and len(_RUN_TOGETHER.findall(text)) >= 3:
        return False
    if "...." in text or text[-1] in ".,;:!…&/>|}" or text[0] in "<>{|`" or "{{" in text or "@" in text:
        return False
    return not SENTENCE_BREAK.search(ABBREVIATION.sub("", re.sub(r"^\d+(\.\d+)*\.\s+", "", text)))


def is_title_case(text: str) -> bool:
    """Whether all words that carry meaning begin with a capital or a digit: "What Does a Data Engineer Do?"."""
    words = [word.strip("\"'“”‘’()[]:,?!") for word in text.split()]
    heavy = [word for word in words if word and word[0].isalnum() and f" {word.lower()} " not in SMALL_WORDS]
    return bool(heavy) and all(word[0].isupper() or word[0].isdigit() for word in heavy)
