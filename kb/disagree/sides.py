"""Which side an item of a list takes, by its head ("For: ...", "Cons: ...") or by what it calls needed; or its lead-in says that
it takes one."""

from __future__ import annotations

import re
from collections.abc import Set

from kb.disagree import sentences
from kb.disagree.stands import stands

_FOR = re.compile(r"\W*(?:for|in favou?r|pros?|yes|advantages?|benefits)\b[^:]{0,60}:", re.IGNORECASE)
_AGAINST = re.compile(r"\W*(?:against|contra|cons?|no|disadvantages?|drawbacks)\b[^:]{0,60}:", re.IGNORECASE)

_ANNOUNCED = re.compile(
    r"\b(?:disagree\w*|disputed|contested|divided|contradict\w*|opinions differ|sources differ|take these positions|"
    r"for and against|both ways|(?:both|two|different|opposite) (?:directions|sides|camps)|pros and cons|"
    r"advantages and (?:drawbacks|disadvantages))\b",
    re.IGNORECASE,
)


def announces_sides(lead: str) -> bool:
    """Whether a lead-in says that what it leads in takes different sides: "Sources disagree about cover letters:"."""
    return bool(_ANNOUNCED.search(lead))


def side_of(text: str, needed: Set[str]) -> int:
    """Which side an item of a list takes: 1 for what is needed or spoken for, -1 against it, 0 for neither.

    needed: see asks_need; where nothing is, only the item's head tells.
    """
    if _FOR.match(text) or _AGAINST.match(text):
        return 1 if _FOR.match(text) else -1
    taken = (stand for part in sentences(text) for stand in stands(part)) if needed else ()
    return next((stand.sign for stand in taken if stand.kind == "need" and stand.of & needed), 0)
