"""Words of a question: content terms, names and numbers."""

from __future__ import annotations

import re
from collections.abc import Set

_STOP_WORDS = """
a about above after again all also am an and any anybody anyone anything are aren't as at be because been before being
between both but by can can't cannot could couldn't did didn't do does doesn't doing don't done down during each either else
ever every few for from further get gets getting give given go goes going got had has hasn't have haven't having he he'd
he'll he's her here hers him his how how's however i i'd i'll i'm i've if in into is isn't it it's its itself just kind let
let's like lot lots made make makes many may maybe me might mine more most much must my myself need needs never no nor not of
off often ok on once one only onto or other others ought our ours out over own per perhaps please quite rather really same
shall she she'd she's should shouldn't since so some somebody someone something sort still such tell than thank thanks that
that's the their theirs them then there there's these they they'd they'll they're they've thing things this those through to
too under until up upon us use used using usually very via was wasn't we we'd we'll we're we've well were weren't what what's
when when's where where's whether which while who who's whom whose why why's will with within without won't would wouldn't
yes yet you you'd you'll you're you've your yours yourself know want wants wanted wondering wonder think help advice question
explain describe list name
"""
STOP_WORDS = frozenset(_STOP_WORDS.split())
NAMES_LIKE_STOP_WORDS = frozenset({"IT", "US"})  # written in capitals they are a field of work and a country

WORD = re.compile(r"\.?[^\W_][\w+#]*(?:[-'.&/][^\W_][\w+#]*)*[+#]*")
NUMBER = re.compile(r"(?<![\w.])\d+(?:[.,]\d+)*(?!\w)")
SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
_NAME = re.compile(r"(?<![\w'])[A-Z](?:[\w&+#.'-]*[\w+#])?(?: (?:of |de |van |von |& )?[A-Z](?:[\w&+#'-]*[\w+#])?\b)*")
LONGEST_KNOWN = 5  # words of a known name; longer ones are found by their parts


def tidy(question: str) -> str:
    """One line: control characters go, white space becomes one space, the curly apostrophe a straight one."""
    return " ".join("".join(c if c.isprintable() else " " for c in question).split()).replace("’", "'")


def content_terms(text: str) -> tuple[str, ...]:
    """Content words, lower case, in order, each once.

    Names that look like small words stay when written as names: "R", "C++", "IT", "US" give r, c++, it, us.
    """
    found: dict[str, None] = {}
    shouted = text.isupper()
    for word in WORD.findall(text):
        low = word.lower().removesuffix("'s")
        if low in STOP_WORDS and (shouted or word not in NAMES_LIKE_STOP_WORDS):
            continue
        if len(low) > 1 or word.isupper() or low.isdigit():
            found[low] = None
    return tuple(found)


def entities(text: str, known: Set[str] = frozenset()) -> tuple[str, ...]:
    """Names, as written: runs of capitalised words (a sentence's first only when it is no plain word), known names."""
    found: dict[str, None] = {}
    starts = {0} | {m.end() for m in SENTENCE_END.finditer(text)}
    for match in _NAME.finditer(text):
        name = match.group()
        if match.start() in starts:
            first, _, rest = name.partition(" ")
            if first.lower() in STOP_WORDS or (first[1:].islower() and first.casefold() not in known) or len(first) == 1:
                name = rest
        if name and (name.lower() not in STOP_WORDS or name in NAMES_LIKE_STOP_WORDS):
            found[name.removesuffix("'s")] = None
    if known:
        for name in _known_names(text, known):
            if not any(name.casefold() in other.casefold() for other in found):
                found[name] = None
    return tuple(found)


def _known_names(text: str, known: Set[str]) -> list[str]:
    """The longest known name starting at each word."""
    words = [(m.start(), m.end()) for m in WORD.finditer(text)]
    found = []
    for i, (start, _) in enumerate(words):
        for j in range(min(len(words), i + LONGEST_KNOWN) - 1, i - 1, -1):
            name = text[start : words[j][1]].removesuffix("'s")
            if name.casefold() in known:
                found.append(name)
                break
    return found
