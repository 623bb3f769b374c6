"""What a question is about: its occupation, its sides, its things, its place, what it wants to do.

about("How do I become a librarian in Ohio?")
    -> About(role="librarian" at its span, place="Ohio", action="become a librarian in Ohio", things=("librarian",))
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from kb.places import places_in
from kb.question import STOP_WORDS
from kb.question.lexicon import ATTRIBUTES, LEVELS, VERBS
from kb.question.lexicon import words as _set
from kb.question.roles import Span, belongs, come_from, is_role_word, overlap, roles_in, singular
from kb.question.sides import sides_of
from kb.question.terms import WORD, entities

_ACTION = re.compile(
    r"^(?:so |and |but )?(?:how (?:do|can|could|should|would|might|does) (?:i|we|you|one|someone|people)|how (?:best )?to|"
    r"(?:should|can|could|may|must) (?:i|we|one))"
    r"\s+(?P<do>.+)$|\b(?:take|cost|need|hard|easy|possible|late|needed|required|like) to (?P<to>[a-z]+ .+)$",
    re.I,
)
_LISTED = re.compile(r"(?:in )?(?:which|what) (?P<things>(?:[a-z-]+ )?[a-z-]{3,}s)\b", re.I)
_PREPOSITIONS = _set("in at for with without on by as from after before during per under over to of since within about into")
_JOINS = _set("and or when if because that which who while than but")


@dataclass(frozen=True, slots=True)
class About:
    """What one stand-alone question is about. text: the question without its mark; spans are offsets into it.

    things: noun phrases that are no mere attribute ("salary"), occupations included, in order, without determiner. listed: the
    plural a "which"/"what" question asks for ("certificates").
    """

    text: str
    roles: tuple[Span, ...]
    sides: tuple[str, ...]
    things: tuple[Span, ...]
    places: tuple[Span, ...]
    names: tuple[Span, ...]
    action: str
    listed: str

    def words(self, span: Span) -> str:
        return self.text[span[0] : span[1]]

    @property
    def role(self) -> str:
        """The one occupation it is about, "" when there is none or more than one."""
        found = {singular(self.words(span)).lower(): self.words(span) for span in self.roles}
        return next(iter(found.values())) if len(found) == 1 else ""

    @property
    def listed_thing(self) -> bool:
        """Whether it asks for a list of things that are no attribute: "Which certificates ...", "Which companies ..."."""
        return bool(self.listed) and not is_role_word(self.listed.split()[-1].lower())

    @property
    def action_is_more(self) -> bool:
        """Whether what it wants to do says more than its one thing: "prepare for a phone screen"."""
        return len(self.action.split()) > 4

    @property
    def thing(self) -> str:
        """The one thing it is about, "" when there is none or more than one."""
        return self.words(self.things[0]) if len(self.things) == 1 else ""


def about(question: str, subjects: Sequence[str] = ()) -> About:
    """Read what the stand-alone question is about. subjects: known names of occupations and articles."""
    text = question.rstrip("?!. ")
    left = come_from(text)  # "I'm a chef, how do I become a data engineer?" is about data engineers
    roles = tuple(role for role in roles_in(text, subjects) if not overlap(role, left))
    places = tuple(places_in(text))
    names = tuple(
        (i, i + len(name))
        for name in entities(text)
        if (i := text.find(name)) >= 0 and not overlap((i, i + len(name)), (*places, *roles))
    )
    action = ""
    if match := _ACTION.search(text):
        action = match["do"] or match["to"]
    match = _LISTED.match(text)
    listed = match["things"] if match and match["things"].split()[0].lower() not in STOP_WORDS | VERBS else ""
    return About(text, roles, sides_of(text), _things(text, roles, (*places, *left)), places, names, action, listed)


def phrases(found: About) -> list[tuple[str, Span]]:
    """Prepositional phrases as (preposition, span of the whole): "in New York", "at Google", "with a degree"."""
    words = [m.span() for m in WORD.finditer(found.text)]
    out: list[tuple[str, Span]] = []
    for i, (start, end) in enumerate(words):
        prep = found.text[start:end].lower()
        if prep not in _PREPOSITIONS:
            continue
        stop = end
        for a, b in words[i + 1 :]:
            low = found.text[a:b].lower()
            named = overlap((a, b), (*found.places, *found.names, *found.roles))
            if found.text[stop:a] != " " or (not named and (low in _PREPOSITIONS or low in _JOINS or low in VERBS)):
                break
            stop = b
        if stop > end:
            out.append((prep, (start, stop)))
    return out


def _things(text: str, roles: Sequence[Span], others: Sequence[Span]) -> tuple[Span, ...]:
    """Noun phrases: runs of content words that are neither verbs nor mere attributes. others: spans that are none."""
    runs: list[Span] = []
    current: list[Span] = []
    words = [m.span() for m in WORD.finditer(text)]

    def close() -> None:
        if current and not all(text[a:b].lower().removesuffix("'s") in ATTRIBUTES for a, b in current):
            runs.append((current[0][0], current[-1][1]))
        current.clear()

    for span in words:
        low = text[span[0] : span[1]].lower()
        inside = overlap(span, roles)
        gap = text[current[-1][1] : span[0]] if current else " "
        if gap != " " or overlap(span, others) or not (inside or belongs(low)) or low.isdigit():
            close()
            if overlap(span, others) or not (inside or belongs(low)):
                continue
        current.append(span)
    close()
    return tuple(runs)


LEVEL = re.compile(r"\b(?:" + "|".join(sorted(LEVELS, key=len, reverse=True)) + r")\b", re.I)
