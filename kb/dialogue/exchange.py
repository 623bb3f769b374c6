"""The old question with one of its parts exchanged: a place, a level, an occupation, a thing, a phrase."""

from __future__ import annotations

import re

from kb.dialogue.subject import LEVEL, About, about, phrases
from kb.question.roles import Span, article, plural, singular

PREPOSITION = re.compile(
    r"^(?P<prep>in|at|for|with|without|on|by|as|from|after|before|during|per|under|over|to|of|since|"
    r"within)\b\s+",
    re.I,
)
_OPPOSITE = {"with": "without", "without": "with", "before": "after", "after": "before"}
_WHERE = frozenset({"in", "at", "for"})


def with_phrase(old: About, phrase: str) -> str:
    """The old question with its phrase of the same preposition exchanged; appended when it has none of the same sort."""
    prep = phrase.split(" ", 1)[0].lower()
    is_place = bool(about(phrase).places)
    found = phrases(old)
    if found and prep in _WHERE and prep not in {there for there, _ in found} and found[-1][0] in _WHERE and not is_place:
        start, end = found[-1][1]
        if re.match(r"\w+ an? ", phrase) and re.match(
            r"\w+ an? ", old.text[start:end]
        ):  # "at a law firm", "for a creative agency"
            return old.text[:start] + small(phrase) + old.text[end:]
    for there, (start, end) in reversed(found):
        if there in {prep, _OPPOSITE.get(prep)} and is_place == any(start <= a and b <= end for a, b in old.places):
            return old.text[:start] + (small(phrase) if start else phrase) + old.text[end:]
    return f"{old.text} {small(phrase)}"


def with_place(old: About, place: str) -> str:
    if old.places:
        return swap(old.text, old.places[-1], place)
    return f"{old.text} in {place}"


def with_level(old: About, level: str) -> str:
    found = list(LEVEL.finditer(old.text))
    if found:
        return fix_articles(swap(old.text, found[-1].span(), level))
    if old.roles:
        start = old.roles[0][0]
        return fix_articles(f"{old.text[:start]}{level} {old.text[start:]}")
    return f"{old.text} for {plural(level)}"


def swap_role(old: About, body: str) -> str:
    """The old question with its occupation exchanged for the body's; "" when it has none or several."""
    new = re.sub(r"^(?:an?|the|for|at) ", "", body)
    if not old.roles or len({singular(old.words(span)).lower() for span in old.roles}) > 1 or len(old.sides) > 1:
        return swap_thing(old, body) if not old.roles else ""
    text = old.text
    for span in reversed(old.roles):
        many = singular(old.words(span)) != old.words(span)
        text = swap(text, span, plural(new) if many else singular(new))
    return fix_articles(text)


def swap_thing(old: About, body: str) -> str:
    """The old question with its one thing exchanged (the subject where a yes-or-no question has more); "" when unclear."""
    if not old.things or len(old.sides) > 1:
        return ""
    subject_first = re.match(r"(?:is|are|do|does|can|will|should)\b", old.text, re.I) and old.things[0][0] < 12
    if len(old.things) > 1 and not subject_first:
        return ""
    new = re.sub(r"^(?:an?|the) ", "", body)
    return fix_articles(swap(old.text, old.things[0], new))


def swap(text: str, span: Span, new: str) -> str:
    return text[: span[0]] + new + text[span[1] :]


def fix_articles(text: str) -> str:
    """ "a electrician" -> "an electrician", "an PhD" -> "a PhD"."""
    return re.sub(r"\b([Aa])n? (?=([\w-]+))", lambda m: f"{m[1]}{article(m[2])[1:]} ", text)


def with_determiner(old: About, span: Span) -> str:
    """The thing with the article it had: "a cover letter", "the STAR method"."""
    match = re.search(r"\b(an?|the|my)\s+(?:\w+\s+)?$", old.text[: span[0]], re.I)
    return f"{match[1].lower()} {old.words(span)}" if match else old.words(span)


def replaced(body: str, match: re.Match[str], new: str) -> str:
    return re.sub(r"\s+", " ", body[: match.start()] + new + body[match.end() :])


def circumstance(new: str, old: About) -> str:
    """Place and employer of the old question, to append to the new one, where that names none."""
    found = about(new)
    if found.places or found.names:
        return ""
    named = (*old.places, *old.names)
    return "".join(
        f" {old.words(span)}"
        for prep, span in phrases(old)
        if prep in {"in", "at"} and any(span[0] <= a and b <= span[1] for a, b in named)
    )


def small(phrase: str) -> str:
    return phrase[:1].lower() + phrase[1:]


_ORDER = re.compile(r"(?:tell|list|name|give|explain|describe|compare) ", re.I)


def as_question(text: str) -> str:
    """The text as a sentence by itself: "what about pay" -> "What about pay?", "list the tools" -> "List the tools."."""
    return capital(text.rstrip("?!. ")) + ("." if _ORDER.match(text) else "?")


def capital(text: str) -> str:
    """The text with its first letter large."""
    return text[:1].upper() + text[1:]
