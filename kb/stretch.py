"""How far the quote of a sentence stretches: back to what it leans on, on to what it needs, never off within somebody's words.

    first = begins(found, c)                       where its section does, under a question; else at what it leans on
    last = ends(found, c, more)                    a bare one with the next, more of them where a list is asked for
    first, last = heard_out(found, hit, first, last)
"""

from __future__ import annotations

import re

from kb.choice import Candidate, opening_at, unit_text
from kb.passages import quotations, word_count
from kb.retrieval import Found

Place = tuple[int, int]  # of a unit: its hit's number from 0, its own in the passage

BARE_WORDS = 4  # of a sentence that is quoted with the next one ("The pay is poor.")
CURT_WORDS = 3  # of one that says nothing by itself ("No course.")
HEARD_WORDS = 70  # of a quote that is lengthened so as not to break off within quotation marks, or to begin where a section does

# Words that make a sentence lean on the one before it.
_LEANS = re.compile(
    r"(?:it|its|this|that|these|those|they|their|them|he|she|his|her|such|however|but|instead|otherwise|also|for example|"
    r"for instance|in addition|additionally|moreover|furthermore|therefore|thus|then|still|yet|both|another|the same|even so|so|"
    r"half|most|some|others?|neither|none|if not|if so)\b|(?:yes|no)\b(?=\W*(?:[.,:;!–-]|$))",
    re.IGNORECASE,
)
_SPEAKER = re.compile(r"[A-Z][A-Z.'’ -]*: ")


def unit_at(found: Found, place: Place) -> Candidate:
    """A unit that is quoted for the sake of another."""
    hit, at = place
    unit = found.hits[hit].passage.units[at]
    text = unit_text(found.hits[hit], unit)
    return Candidate(hit, at, unit, text, word_count(text), float("-inf"))


def is_bare(c: Candidate) -> bool:
    """Whether a sentence says little without the next one: a question, or a few words."""
    return c.unit.kind == "sentence" and (c.text.rstrip("\"'”’)").endswith("?") or c.words <= BARE_WORDS)


def leans(c: Candidate) -> bool:
    return c.unit.kind == "sentence" and bool(_LEANS.match(c.text))


def _leans_at(found: Found, hit: int, at: int) -> bool:
    return bool(_LEANS.match(unit_text(found.hits[hit], found.hits[hit].passage.units[at])))


def begins(found: Found, c: Candidate) -> int:
    """Where the quote of a sentence begins: where its section does, if a question is above it, for that is answered there; else
    up to two sentences before, if it leans on them or answers a question there."""
    units, first = found.hits[c.hit].passage.units, c.at
    if (opening := _answering(found, c)) >= 0:
        return opening
    while first and c.at - first < 2 and units[first - 1].kind == "sentence":
        answers = first == c.at and is_bare(c) and not is_question(found, c.hit, c.at) and is_question(found, c.hit, first - 1)
        if not answers and not _leans_at(found, c.hit, first):
            break
        first -= 1
    return first


def _answering(found: Found, c: Candidate) -> int:
    """Where the answer to the question in the heading above a sentence begins; -1 without one, or when it is too far off."""
    passage = found.hits[c.hit].passage
    opening = opening_at(found, c.hit) if passage.heading and passage.heading[-1].endswith("?") else -1
    if not 0 <= opening < c.at or any(unit.kind != "sentence" for unit in passage.units[opening : c.at]):
        return -1
    words = word_count(passage.text[passage.units[opening].start - passage.start : c.unit.end - passage.start])
    return opening if words <= HEARD_WORDS else -1


def ends(found: Found, c: Candidate, more: int) -> int:
    """Where the quote of a sentence ends: `more` sentences on, a bare one with one that says something, never at a question nor
    in another's words."""
    units, last = found.hits[c.hit].passage.units, c.at
    more = max(more, is_bare(c))
    while last + 1 < len(units) and units[last + 1].kind == "sentence":
        asks = is_question(found, c.hit, last)
        if not asks and _another_speaks(found, c.hit, last + 1):
            break
        if asks and _new_paragraph(found, c.hit, last + 1) and not _paragraph_asks(found, c.hit, last):
            break  # a question at the end of somebody's words is not answered by the next one's
        if not asks and (is_question(found, c.hit, last + 1) or last - c.at >= more):
            break
        last += 1
        more += asks and last == c.at + 1 and is_bare(unit_at(found, (c.hit, last)))  # "Is it dying? It was. Since 2010 ..."
    return last


def heard_out(found: Found, hit: int, first: int, last: int) -> tuple[int, int]:
    """first and last moved apart so that nothing is broken off within quotation marks, unless that would take too many words."""
    passage = found.hits[hit].passage
    spans = [(unit.start - passage.start, unit.end - passage.start) for unit in passage.units]
    for start, end in quotations(passage.text):
        heard = [at for at, (a, b) in enumerate(spans) if a < end and start < b]
        if not heard or heard[-1] < first or last < heard[0]:
            continue
        from_, to = min(first, heard[0]), max(last, heard[-1])
        sentences = all(unit.kind == "sentence" for unit in passage.units[from_ : to + 1])
        if sentences and word_count(passage.text[spans[from_][0] : spans[to][1]]) <= HEARD_WORDS:
            first, last = from_, to
    return first, last


def is_broken_off(found: Found, c: Candidate) -> bool:
    return heard_out(found, c.hit, c.at, c.at) != (c.at, c.at)


def is_question(found: Found, hit: int, at: int) -> bool:
    """Whether a unit is a question."""
    return unit_text(found.hits[hit], found.hits[hit].passage.units[at]).rstrip("\"'”’)").endswith("?")


def _new_paragraph(found: Found, hit: int, at: int) -> bool:
    passage = found.hits[hit].passage
    return at == 0 or "\n" in passage.text[passage.units[at - 1].end - passage.start : passage.units[at].start - passage.start]


def _another_speaks(found: Found, hit: int, at: int) -> bool:
    """Whether a unit begins a paragraph with who says it, as in a transcript: "HOST: ..."."""
    text = unit_text(found.hits[hit], found.hits[hit].passage.units[at])
    return bool(_SPEAKER.match(text)) and _new_paragraph(found, hit, at)


def _paragraph_asks(found: Found, hit: int, at: int) -> bool:
    """Whether all of a unit's paragraph up to the unit are questions, as in a list of questions and answers."""
    while is_question(found, hit, at):
        if _new_paragraph(found, hit, at):
            return True
        at -= 1
    return False
