"""The part of a message that asks, and the separate questions in it."""

from __future__ import annotations

import re

from kb.question.outside import CHAT
from kb.question.terms import SENTENCE_END
from kb.question.wanted import MEASURES, wanted

_OPENER = re.compile(
    r"^(?:"
    r"(?:hi|hello|hey|dear \w+|good (?:morning|afternoon|evening)|greetings|ok(?:ay)?|thanks?(?: you)?|well|so|please|sorry|"
    r"excuse me|"
    r"quick question|question)(?: there| all| everyone| again| team)?\s*[,.!:;-]+\s*|"
    r"(?:hi|hello|hey)(?: there)?\s+|"
    r"(?:(?:and|so|but|ok) )?(?:can|could|would|will) you (?:please |maybe |kindly |possibly )?(?:tell|explain to|show|advise|"
    r"give|inform) (?:me|us)"
    r"(?: about| on)?,? |"
    r"please (?:tell|explain to|show|advise) (?:me|us)(?: about)? |"
    r"(?:i was |i am |i'm |just )+wondering(?: if you could tell me)?,? |"
    r"i(?:'d| would) (?:like|love) to (?:know|find out|understand|learn) |i want(?:ed)? to (?:know|find out|ask|understand) |"
    r"do you (?:happen to )?know |any idea |(?:can|could|may) i ask(?: you)?,? |please (?=explain|list|describe|compare|name|"
    r"give)"
    r")+",
    re.I,
)
_ASKS = re.compile(
    r"^(?:and |but |so |or |also )?(?:who|what|when|where|why|which|whose|whom|how|is|are|am|was|were|do|does|did|can|could|"
    r"should|would|will|"
    r"shall|may|must|has|have i|have you|any|what's|who's|how's|where's|isn't|aren't|don't|doesn't|shouldn't|wouldn't)\b|"
    r"\bi (?:do not|don't) know (?:how|what|whether|which|if|where)\b|\bi(?:'m| am) (?:not sure|unsure|wondering|asking)\b|"
    r"\bi wonder\b|"
    r"\bi need (?:advice|help|tips)\b|\bplease (?:help|advise)\b|\btell me\b|\bexplain\b|\b(?:any|some) (?:advice|tips|ideas|"
    r"suggestions)\b",
    re.I,
)
_TELLS = re.compile(
    r"\b(?:i'm|i am|i've|i have|i was|i had|i work(?:ed)?|i did|i got|i live|i studied|i finished|i left|i quit|i hold|i keep|"
    r"i feel|i like|"
    r"i want|i can only|i don't|i do not|my (?:\w+ ){0,2}(?:is|are|was|keeps?|has|had|says?|said|wants?|told|does))\b",
    re.I,
)
_PART = re.compile(
    r"\?\s+|[,;]?\s+(?:and|but|or|also)\s+(?=(?:also )?(?:(?:how|what|when|where|why|which|who)\b|"
    r"(?:is|are|do|does|did|can|could|should|will|would|must) (?:i|you|we|they|he|she|it|there|the|an?|that|this|one|people|"
    r"employers|my|your)\b))",
    re.I,
)
_TWO_FACETS = re.compile(
    r"^what(?:'s| is| are) (?:the )?(?P<a>[\w' -]{3,30}?),? and (?:the )?(?P<b>[\w' -]{3,30}?) (?P<of>(?:of|for|as|in|at|to) .+)",
    re.I,
)
LONG_SENTENCE_WORDS = 25  # a single sentence longer than this that tells about its writer is a story too


def without_opener(text: str) -> str:
    """Without "Hi, could you please tell me"; the text itself when nothing would be left."""
    return _OPENER.sub("", text).strip() or text


def split_core(text: str) -> tuple[str, str]:
    """The part that asks, and the story around it ("" when there is none).

    "I'm 35 and a teacher. Is it too late to code?" -> ("Is it too late to code?", "I'm 35 and a teacher.")
    A single long sentence that tells and asks stays whole and is its own story.
    """
    sentences = SENTENCE_END.split(text)
    asking = [s for s in sentences if s.endswith("?") or _ASKS.search(without_opener(s))]
    if not asking:
        asking = sentences[-1:] if len(sentences) > 1 and _TELLS.search(text) else sentences
    story = " ".join(s for s in sentences if s not in asking and not CHAT.fullmatch(s))
    if story and not _TELLS.search(story):
        return _capital(without_opener(text)), ""
    if not story and len(text.split()) > LONG_SENTENCE_WORDS and _TELLS.search(text):
        story = text
    return _capital(without_opener(" ".join(asking))), story


def parts(core: str) -> tuple[str, ...]:
    """The separate questions: "What does a nurse earn and how long is the training?" has two; () for fewer than two.

    So has "What are the salary and the hours of a nurse?": an amount and something else of one subject.
    """
    if facets := _TWO_FACETS.match(core):
        found = [f"What is the {facets[name]} {facets['of'].rstrip(' ?')}" for name in ("a", "b")]
        kinds = {wanted(part) for part in found}
        return tuple(found) if len(kinds) > 1 and kinds & MEASURES else ()
    found = [part.strip(" ?.,;") for part in _PART.split(core)]
    found = [part for part in found if len(part.split()) > 2]
    return tuple(found) if len(found) > 1 else ()


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
