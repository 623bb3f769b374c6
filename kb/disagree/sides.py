"""Which side an item of a list takes, by its head ("For: ...", "Cons: ...") or by what it calls needed."""

from __future__ import annotations

import re
from collections.abc import Set

from kb.disagree import sentences
from kb.disagree.stands import stands

_FOR = re.compile(r"\W*(?:for|in favou?r|pros?|yes|advantages?|benefits)\b[^:]{0,60}:", re.IGNORECASE)
_AGAINST = re.compile(r"\W*(?:against|contra|cons?|no|disadvantages?|drawbacks)\b[^:]{0,60}:", re.IGNORECASE)


def side_of(text: str, needed: Set[str]) -> int:
    """Which side an item of a list takes: 1 for what is needed or spoken for, -1 against it, 0 for neither.

    needed: see asks_need; where nothing is, only the item's head tells.
    """
    if _FOR.match(text) or _AGAINST.match(text):
        return 1 if _FOR.match(text) else -1
    taken = (stand for part in sentences(text) for stand in stands(part)) if needed else ()
    return next((stand.sign for stand in taken if stand.kind == "need" and stand.of & needed), 0)
