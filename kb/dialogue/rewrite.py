"""The stand-alone question, from a question that leans on a thread.

Where the words make plain how, the new question is the old one with a part exchanged (another place, occupation, level) or the
new one with its pronoun replaced; otherwise the old question follows in brackets: "Why (do I need a PhD for research)?"
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from kb.dialogue import leaning
from kb.dialogue.exchange import (
    PREPOSITION,
    as_question,
    capital,
    circumstance,
    fix_articles,
    replaced,
    swap,
    swap_role,
    swap_thing,
    with_determiner,
    with_level,
    with_phrase,
    with_place,
)
from kb.dialogue.offers import BARE, YES, picked
from kb.dialogue.subject import About, about
from kb.language import language_of
from kb.question import NO_QUESTION, Question, analyse, content_terms
from kb.question.lexicon import ADJECTIVES, ATTRIBUTES
from kb.question.roles import is_role_word, plural, singular, with_article

_TO_DO = "\0"  # stands for the action of the old question
LONGEST_STORY = 30  # words of a story that are repeated as they stand; longer ones by their key words
LONGEST_LEANING = 40  # words; a longer question says itself what it is about
Found = tuple[str, str]  # the new question, the reason


@dataclass(frozen=True, slots=True)
class Thread:
    """What the conversation is about so far. question: the last one, stand-alone; anchor: what goes into brackets (about: of it).

    sides: of the last comparison, kept while later questions name one of them.
    """

    question: str = ""
    anchor: str = ""
    about: About | None = None
    sides: tuple[str, ...] = ()


def follow(thread: Thread, resolved: str, subjects: Sequence[str] = ()) -> Thread:
    """The thread after a resolved question; small talk, attacks and noise leave it as it was."""
    read = analyse(resolved)
    if read.kind in NO_QUESTION:
        return thread
    bracket = re.search(r" \(([^()]+)\)\W*$", resolved)
    anchor = bracket[1] if bracket else _anchor(read)
    found = about(anchor, subjects)
    sides = found.sides or tuple(side for side in thread.sides if any(s.lower() in resolved.lower() for s in thread.sides))
    return Thread(resolved, anchor, found, sides)


def _anchor(read: Question) -> str:
    """The question as it goes into brackets; a story comes along whole when short, by its key words when long."""
    if len(read.text.split()) <= LONGEST_STORY:
        whole = read.text if read.kind == "situation" else read.core
        return re.sub(r"[.!?]+\s+", "; ", whole).rstrip("?!. ").replace("(", "").replace(")", "")
    return ", ".join((*read.terms[:8], *read.situation[:8]))


_MEANT = re.compile(  # "that's not what I meant, I mean the tools"
    r"(?:(?:no|nope|sorry|not that|(?:that's|that is|this is) not (?:what i (?:meant|asked|wanted)|it)|wrong)[\s,.;:!-]+)*"
    r"(?:but |rather )?i(?:'m| am| was)? (?:mean|meant|asking|asked|wanted)(?: to (?:say|ask|know))?(?: (?:about|for))? "
    r"(?P<rest>.+)",
    re.I,
)


def rewrite(text: str, thread: Thread, offers: Sequence[str], subjects: Sequence[str] = ()) -> Found | None:
    """The stand-alone question and the reason; None when the question stands alone already."""
    if (taken := _taken_up(text, thread, offers)) is not None:
        return taken
    if not thread.question or thread.about is None or len(text.split()) > LONGEST_LEANING:
        return None
    if {language_of(text), language_of(thread.question)} == {"de", "en"}:
        return None  # the two in one sentence are a question in neither
    if meant := _MEANT.fullmatch(text):
        text = f"what about {meant['rest']}"
    body, joined, lead = leaning.opening(text)
    if not body or BARE.fullmatch(text) or (analyse(text).kind in NO_QUESTION and not leaning.MORE.fullmatch(body)):
        return None
    asked = Asked(body, bool(joined), bool(lead), about(body, subjects))
    for rule in (_more, _side, _between_sides, _another, _pronoun, _attribute):
        if (found := rule(asked, thread, thread.about)) is not None:
            return found
    return None


@dataclass(frozen=True, slots=True)
class Asked:
    """The new question, opening removed."""

    body: str
    joined: bool
    what_about: bool
    about: About


# --- the rules, in the order they are tried -------------------------------------------------------------------------------------


def _taken_up(text: str, thread: Thread, offers: Sequence[str]) -> Found | None:
    """ "yes" to an offered question, "the second one" of several."""
    if not offers:
        return None
    if (index := picked(text, len(offers))) is not None and not thread.sides:
        return as_question(offers[index]), "the offered question"
    return (as_question(offers[0]), "the offered question") if YES.fullmatch(text) else None


def _more(asked: Asked, thread: Thread, old: About) -> Found | None:
    """ "why?", "tell me more", "any examples?": the old question, in brackets."""
    if leaning.MORE.fullmatch(asked.body) or leaning.WHAT_NOW.search(asked.body):
        return _in_brackets(asked.body, thread), "more about the last question"
    return None


_OTHER = re.compile(
    r"\b(?:the )?(?P<which>other(?: one)?|latter|former|first(?: one)?|second(?: one)?|last one|"
    r"third(?: one)?)\b",
    re.I,
)


def _side(asked: Asked, thread: Thread, old: About) -> Found | None:
    """ "the other one", "the latter", "what does the former earn?": one of the two that were compared."""
    match = _OTHER.search(asked.body)
    if not match or len(thread.sides) < 2 or not _ENDS_PHRASE.match(asked.body[match.end() :]):
        return None
    which = match["which"].lower().split()[0]
    if not match.group().lower().startswith("the ") and not leaning.is_fragment(asked.body) and which not in {"former", "latter"}:
        return None
    if which == "other":
        named = [side for side in thread.sides if singular(side).lower() in thread.question.lower()]
        left = [side for side in thread.sides if side not in named]
        if len(left) != 1 or len(named) != 1:
            return None
        side = left[0]
        if leaning.is_fragment(asked.body):
            new = re.sub(re.escape(named[0]), lambda _: side, thread.question, flags=re.I)
            return fix_articles(new), "the other of the two"
    else:
        index = picked(which, len(thread.sides))
        if index is None:
            return None
        side = thread.sides[index]
    name = with_article(side) if is_role_word(singular(side).lower().split()[-1]) else side
    if leaning.is_fragment(asked.body):
        return as_question(f"What about {name}"), "one of the two"
    return as_question(asked.body[: match.start()] + name + asked.body[match.end() :]), "one of the two"


_ENDS_PHRASE = re.compile(r"\W*$|\s+(?:earn|earns|pay|pays|do|does|is|need|work|in|at|for|take|cost|better|have|has)\b", re.I)
_CHOOSES = re.compile(  # "which" with its verb at once, or words that only make sense of two
    r"^which(?: one)? (?:is|are|was|has|have|do|does|did|would|should|can|will|pays?|earns?|makes?|takes?|costs?|gets?|needs?|"
    r"offers?|one)\b|^which(?: one)?$|"
    r"\b(?:either|neither|both|of the two|of them|the two|between them|which one)\b",
    re.I,
)
_RANKS = re.compile(
    r"^(?:what|who|are|is|do|does)\b.*\b(?:better|best|worse|easier|harder|more|most|less|faster|safer|cheaper|longer|higher|"
    r"similar|different)\b",
    re.I,
)
_DIFFERENCE = re.compile(
    r"^(?:what(?:'s| is| are) )?(?:the )?(?:main |key |biggest )?differences?(?: between (?:them|the two|"
    r"these|those))?$",
    re.I,
)


def _between_sides(asked: Asked, thread: Thread, old: About) -> Found | None:
    """ "which pays better?", "what's the difference?" after a comparison: its sides are named again."""
    if len(thread.sides) < 2 or asked.about.sides or asked.about.roles or asked.about.names:
        return None
    if _DIFFERENCE.match(asked.body):
        return as_question(f"What is the difference between {' and '.join(thread.sides)}"), "between the two compared"
    ranks = _RANKS.search(asked.body) and not asked.about.things and leaning.asks_mere_attribute(asked.body)
    if (_CHOOSES.search(asked.body) or ranks) and " than " not in asked.body:
        return f"{capital(asked.body)}: {' or '.join(thread.sides)}?", "between the two compared"
    return None


def _another(asked: Asked, thread: Thread, old: About) -> Found | None:
    """A fragment: the old question with another place, occupation, level, circumstance; or an attribute of its subject."""
    body = asked.body
    if noun := leaning.elliptic_noun(body):
        if noun.split()[-1].lower() in ADJECTIVES:
            return _in_brackets(body, thread), "about the last question"
        body = noun
    elif leaning.is_wh_fragment(body) or re.match(r"(?:what )?if\b", body, re.I) and _leans_by_if(asked):
        return _in_brackets(body, thread), "about the last question"
    elif not leaning.is_fragment(body) or not asked.joined and not asked.what_about and _names_its_subject(asked):
        return None
    new = about(body)
    whole = re.sub(r"^(?:in|at|for|the|an?) ", "", body)
    if re.match(r"(?:more|less|better|worse|compared|as opposed|unlike|like)\b", body, re.I):
        return _in_brackets(body, thread), "about the last question"
    if re.match(r"(?:the )?(?:top|bottom)\b", body, re.I):
        return as_question(f"{old.text} for the {re.sub('^the ', '', body)}"), "same question, another circumstance"
    if re.search(
        r"\b(?:ago|now|today|nowadays|part-time|full-time|abroad|remotely|online|later)$|^(?:last|next|"
        r"this) ",
        body,
        re.I,
    ):
        return as_question(f"{old.text} {body}"), "same question, another circumstance"
    if level := leaning.only_level(body):
        return as_question(with_level(old, singular(level))), "same question, another level"
    if new.places and new.words(new.places[-1]) == whole:
        return as_question(with_place(old, new.words(new.places[-1]))), "same question, another place"
    if PREPOSITION.match(body):
        return as_question(with_phrase(old, body)), "same question, another circumstance"
    if leaning.asks_mere_attribute(body):
        return _of_subject(asked, thread, old), "about the same subject"
    if asked.about.roles and (swapped := swap_role(old, body)):
        return as_question(swapped), "same question, another occupation"
    is_name = whole[:1].isupper() and (asked.joined or asked.what_about) and not asked.about.roles
    if old.names and (is_name or new.names and new.words(new.names[-1]) == whole):
        return as_question(fix_articles(swap(old.text, old.names[-1], whole))), "same question, another name"
    if (
        new.things
        and not re.match(
            r"(?:more|less|compared|any|another|\d|top|"
            r"the top)\b",
            body,
            re.I,
        )
        and (swapped := swap_thing(old, body))
    ):
        return as_question(swapped), "same question about something else"
    return _in_brackets(body, thread), "about the last question"


def _pronoun(asked: Asked, thread: Thread, old: About) -> Found | None:
    """ "how much do they earn?": the pronoun replaced where it can mean one thing only, else the old question in brackets."""
    match = leaning.pronoun(asked.body)
    if match is None:
        return None
    outsiders = re.search(r"\b(?:they|their)\b (?:\w+ )?(?:ask|pay|want|offer|expect|require|look)\b", asked.body, re.I)
    if match.lastgroup in {"they", "their"} and asked.about.names and (outsiders or not old.role) and not old.listed_thing:
        return None  # "What do they ask at Amazon?" says itself who
    if match.group().lower() == "they" and re.search(r"\byou(?:r|rs)?\b", asked.body, re.I):
        return _in_brackets(asked.body, thread), "about the last question"  # "do they check your health": not the occupation
    if match.group().lower() == "them" and re.search(
        r"\b(?:questions|requirements|skills|certificates|certifications|steps|"
        r"exams|tools|courses)\b",
        old.text,
    ):
        return _in_brackets(asked.body, thread), "about the last question"
    if match.lastgroup == "they" and old.listed_thing:
        return _in_brackets(replaced(asked.body, match, f"the {old.listed.lower()}"), thread), "what it refers to"
    meaning = _meaning(match, asked, old)
    if meaning == _TO_DO:
        return as_question(f"{replaced(asked.body, match, 'it')} to {old.action}"), "what it refers to"
    if meaning:
        new = replaced(asked.body, match, meaning)
        return as_question(new + circumstance(new, old)), "what it refers to"
    return _in_brackets(asked.body, thread), "about the last question"


def _attribute(asked: Asked, thread: Thread, old: About) -> Found | None:
    """ "Do I need a degree?": no subject of its own, so that of the old question."""
    if re.search(r"[\"“]", asked.body):
        return None
    if (
        leaning.NEEDS.match(asked.body)
        and not (asked.about.roles or asked.about.names or asked.about.places)
        and (old.role or old.action)
    ):
        return _in_brackets(asked.body, thread), "about the last question"
    if not leaning.asks_mere_attribute(asked.body):
        named = " ".join(asked.about.words(span) for span in asked.about.places).lower()
        few = len([term for term in content_terms(asked.body) if term not in named]) <= 1 and len(asked.body.split()) <= 8
        if few and not asked.about.things and not asked.about.names and leaning.is_wh_start(asked.body):
            return _in_brackets(asked.body, thread), "about the last question"
        return None
    return _of_subject(asked, thread, old), "about the same subject"


_OWN_NOUN = re.compile(r"\b(?:an?|my) (?:\w+ )?(?:" + "|".join(sorted(ATTRIBUTES)) + r")\b", re.I)


def _meaning(match: re.Match[str], asked: Asked, old: About) -> str:
    """What the pronoun means, as words to put in its place; "" when it could mean several things."""
    kind = match.lastgroup
    role = old.role
    own_noun = (
        _OWN_NOUN.search(re.sub(re.escape(role), "", old.text)) if role else None
    )  # "a licence", "a portfolio": may be meant as well
    alone = role and len(old.things) <= 1 and not old.listed_thing and not own_noun
    before, after = asked.body[: match.start()], asked.body[match.end() :]
    if kind in {"it", "that"} and old.action and re.search(r"\b(?:take|takes|cost|costs)\W*$", before + " " + after, re.I):
        return _TO_DO
    if (
        kind in {"they", "their"}
        and role
        and (alone or (old.roles and old.things and old.roles[0] == old.things[0]))
        and not old.listed_thing
    ):
        return plural(role) + ("'" if kind == "their" else "")
    if kind == "he" and alone:
        return with_article(singular(role))
    if kind in {"one", "that"} and role and re.search(r"\b(?:become|becoming|be)\s*$", before, re.I):
        return with_article(singular(role))
    if kind == "one":
        counted = re.findall(r"\ban? (?:\w+ )?\w+", old.text)
        plain = old.thing and not role and all(old.thing in phrase for phrase in counted[:1]) and len(counted) <= 1
        return with_determiner(old, old.things[0]) if plain else ""
    if kind == "that" and alone and re.match(r"\s+different\b", after):
        return with_article(singular(role))
    if kind == "it" and alone and not old.action:
        return f"being {with_article(singular(role))}"
    fits = (
        old.thing
        and not role
        and (singular(old.thing) != old.thing or kind == "it" or bool(re.search(rf"\ban? {re.escape(old.thing)}", old.text)))
    )
    if (
        kind in {"it", "they"}
        and fits
        and not old.action_is_more
        and not (kind == "it" and _OWN_NOUN.search(old.text.replace(old.thing, "")))
    ):
        return with_determiner(old, old.things[0])
    if kind == "there":
        if old.places:
            return f"in {old.words(old.places[-1])}"
        if old.names:
            return f"at {old.words(old.names[-1])}"
        return f"in {old.thing}" if old.thing and not role else ""
    return ""


def _of_subject(asked: Asked, thread: Thread, old: About) -> str:
    """The question for the old question's occupation or thing; in brackets where that is not one."""
    personal = re.search(r"\b(?:i|we|you|one)\b", asked.body, re.I)
    body = f"What about {asked.body}" if asked.what_about and re.match(r"(?:the|my|an?)\b", asked.body, re.I) else asked.body
    if role := old.role:
        link = "as" if personal else "for"
        return as_question(f"{body} {link} {with_article(role)}{circumstance(asked.body, old)}")
    if old.thing and not old.action and leaning.is_fragment(asked.body):
        return as_question(f"{body} of {old.thing}")
    return _in_brackets(asked.body, thread)


def _names_its_subject(asked: Asked) -> bool:
    """Whether a bare fragment is a question of its own: "nurse salary Canada", "resume tips", "plumber or electrician"."""
    found = asked.about
    if found.sides:
        return not PREPOSITION.match(asked.body)
    if PREPOSITION.match(asked.body) or re.match(r"(?:the|more|less|compared|same|another|any)\b", asked.body, re.I):
        return False
    if found.roles and found.words(found.roles[0]).lower() == re.sub("^an? ", "", asked.body.lower()):
        return False
    return len(content_terms(asked.body)) > 1 and not leaning.asks_mere_attribute(asked.body)


def _leans_by_if(asked: Asked) -> bool:
    """ "what if my manager says no", "if they refuse": short, and naming nothing but people everybody has."""
    things = {asked.body[a:b].lower() for a, b in asked.about.things}
    return len(asked.body.split()) <= 8 and things <= {
        "manager",
        "boss",
        "employer",
        "company",
        "recruiter",
        "interviewer",
        "offer",
    }


def _in_brackets(body: str, thread: Thread) -> str:
    anchor = thread.anchor
    first = anchor.split(" ")[0]
    if first[1:].islower() or len(first) == 1 and first != "I":
        anchor = anchor[0].lower() + anchor[1:]
    return f"{capital(body)} ({anchor})?"
