"""Questions the assistant offered at the end of its last message, and the words that take one up."""

from __future__ import annotations

import re

_OFFER = re.compile(
    r"^(?:would you like|do you want|shall i|should i|want|may i|can i)(?: me)?(?: to)?(?: also)? (?:know|hear|see|learn|"
    r"tell you|show you|read|explain)"
    r"(?: more)?(?: about)?(?: to you)?,? ",
    re.I,
)
_BULLET = re.compile(r"^\s*(?:[-*•]|\d+[.)])\s+")
_QUESTION = re.compile(r"(?:^|(?<=[.!:]\s))[^.!?:\n]{6,200}\?")
YES = re.compile(
    r"(?:(?:yes|yep|yeah|yup|sure|ok(?:ay)?|please|of course|absolutely|definitely|go ahead|do it|sounds good|why not|gladly|"
    r"that would be (?:great|nice|good)|"
    r"please do|i would|i do|go on|tell me)[\s,.!]*)+",
    re.I,
)
BARE = re.compile(
    r"(?:(?:yes|yep|yeah|yup|no|nope|nah|sure|please|not really|no thanks?|"
    r"no thank you)[\s,.!?]*)+",
    re.I,
)  # says nothing by itself
_ORDINALS = {
    "first": 0, "1st": 0, "1": 0, "one": 0, "former": 0,
    "second": 1, "2nd": 1, "2": 1, "two": 1, "latter": -1,
    "third": 2, "3rd": 2, "3": 2, "three": 2, "last": -1,
}  # fmt: skip
_PICK = re.compile(
    r"(?:(?:yes|ok|sure|please|tell me(?: more)? about|what about|and|answer|show me)[\s,]+)*(?:the |number |no\.? |question |"
    r"option |#)*"
    r"(?P<n>first|second|third|last|former|latter|1st|2nd|3rd|[123]|one|two|three)(?: (?:one|question|"
    r"option))?(?:,? please)?[.!?]*",
    re.I,
)


def offered(message: str) -> tuple[str, ...]:
    """Questions offered at the message's end, as questions of the user's own; questions inside quotes are not offers."""
    found: list[str] = []
    for line in reversed(message.strip().splitlines()[-8:]):
        plain = _BULLET.sub("", line).strip(" *_")
        if not plain:
            continue
        if line.lstrip().startswith(">") or re.search(r"\[\d+\]", line):
            break
        here = [_as_own(q.strip(" *_-•")) for q in _QUESTION.findall(re.sub(r"[“\"][^”\"]*[”\"]", "", plain))]
        if not here:
            if found:
                break
            continue
        found = here + found
    return tuple(found)


def picked(text: str, count: int) -> int | None:
    """Which of count things "the second one" or "the last" picks, from 0; None when the text picks nothing."""
    match = _PICK.fullmatch(text)
    if match is None or not count:
        return None
    index = _ORDINALS[match["n"].lower()]
    return index % count if index < count else None


def _as_own(question: str) -> str:
    """ "Would you like to know what a chef earns?" -> "What a chef earns?" """
    own = _OFFER.sub("", question).strip()
    return own[:1].upper() + own[1:]
