"""What is no question to the base: small talk, attacks on the program, abuse, noise, errands, live listings.

Precision first: "How do I deal with an abusive manager?" and "How does one protect a system prompt?" are questions.
"""

from __future__ import annotations

import re
from typing import Literal

from kb.question.terms import STOP_WORDS

Outside = Literal["chat", "hostile", "garbled", "errand", "medical", "listings"]

CHAT = re.compile(
    r"(?:(?:"
    r"hi|hello|hey|hiya|howdy|greetings|good (?:morning|afternoon|evening|day|night)|yo|"
    r"thanks?(?: you| u)?|thx|ty|cheers|bye|goodbye|see you|ok(?:ay)?|cool|great|nice|perfect|wow|lol|haha|hm+|sorry|test|"
    r"testing|"
    r"yes|yep|yeah|no|nope|sure|please|"
    r"welcome|never ?mind|got it|i see|how are you(?: doing)?|how's it going|what's up|"
    r"who (?:are|made|built) you|what are you|are you (?:an? )?(?:real )?(?:bot|robot|human|person|machine|ai|real|there)|"
    r"what(?: else)? can you do|what do you (?:do|know)|can you help(?: me)?|help|"
    r"very|so|a lot|very much|so much|again|everyone|all|there|friend|mate|buddy|guys|folks|bot|for your help|for the (?:help|"
    r"answer|info)|today|"
    r"then|later|"
    r"(?:that|this|it)(?:'s| is| was| has been) (?:(?:very|really|so|quite) )?(?:helpful|useful|great|good|all|kind|it)"
    r")(?!\w)[\s,.!?:;)-]*)+",
    re.I,
)

_ATTACKS = [
    # orders to drop the rules, at the start of a sentence
    r"(?:^|[.!?:\n] ?)(?:please |now |ok |hey |and |then |just )*(?:ignore|disregard|forget|override|bypass)\b[^.?!]{0,40}"
    r"\b(?:instructions?|rules?|prompts?|above|guidelines|everything|told|restrictions|training)\b",
    # asking for what the program was told
    r"\b(?:print|show|reveal|repeat|output|display|leak|give me|tell me|what (?:is|are|was|were))(?: me)?(?: all)?(?: of)? your "
    r"(?:\w+ ){0,2}(?:instructions|prompt|rules|guidelines|system message)\b",
    r"\b(?:print|reveal|repeat|output|leak) (?:the |its )?(?:system|hidden|initial|secret) (?:prompt|message|instructions)\b",
    # another part to play
    r"(?:^|[.!?] ?)(?:from now on,? )?(?:please )?(?:you are now|pretend (?:that )?(?:you are|you're|to be)|act as (?:an?|if|"
    r"my|the)\b|role-?play as|"
    r"you must (?:now )?(?:obey|comply))",
    r"\bjailbreak (?:mode|yourself)|\bDAN mode\b|\bdo anything now\b",
    # words in the mouth of the program, or of what feeds it
    r"</?(?:context|system|user|assistant|instructions?|prompt|documents?)>|(?:^|[.!?>] ?)(?:SYSTEM|ASSISTANT|DEVELOPER) ?:",
    r"\b(?:answer|reply|respond)(?: to)? (?:every|all|any|each)(?: \w+)? (?:questions? |messages? )?(?:with|by saying)\b",
    # code where a question should be
    r"</?(?:script|iframe|img|svg|style)\b|javascript:|\bdrop table\b|\bunion select\b|\{\{.*\}\}|<\|.*\|>|\[/?INST\]",
]
_HOSTILE = re.compile("|".join(_ATTACKS), re.I)

_INSULT = (
    r"(?:stupid|useless|dumb|idiot(?:ic)?|moron|bastard|bitch|asshole|arsehole|cunt|retard(?:ed)?|worthless|pathetic|garbage|"
    r"trash|"
    r"shit|crap)"
)
_ABUSE = re.compile(
    r"^\W*(?:(?:go )?(?:fuck|screw|f[*]+k) (?:you|off|yourself|this)|shut (?:the \w+ )?up|(?:go )?kill yourself|go to hell|"
    rf"you(?:'re| are|r)?,? (?:\w+ ){{0,3}}{_INSULT}|i (?:hate|will kill|'ll kill) you|{_INSULT}\W*(?:bot|machine|ai|program|"
    rf"thing)?\W*$)",
    re.I,
)

_ERRAND = re.compile(
    r"^(?:please |can you |could you |will you |would you )*(?:"
    r"tell (?:me|us) (?:an?|another|some) (?:jokes?|stor(?:y|ies)|riddles?|fun facts?)|sing (?:me )?an? |convert [$£€]?\d|"
    r"translate (?:this|the following|[\"“'])|calculate [\d(]|what(?:'s| is) [\d(][\d .]*[-+*/x][\d .]*|solve (?:this|"
    r"the) (?:equation|riddle)|"
    r"write (?:me )?(?:an?|some) (?:poem|song|haiku|limerick|python|javascript|code|program)\b|remind me to |"
    r"set an? (?:alarm|timer)|"
    r"(?:what(?:'s| is| will)|how(?:'s| is)) the (?:weather|temperature)\b|will it (?:rain|snow)\b|what (?:time|day) is it\b|"
    r"(?:book|order|reserve|call|buy|send) (?:me |us )an? |"
    r"who won (?:the )?(?:.* )?(?:world cup|election|super bowl|match|game|race|cup|yesterday|last night|today|tonight)\b)",
    re.I,
)
_MEDICAL = re.compile(
    r"\b(?:what|which|how (?:much|many)|should i|can i)\b[^.?!]{0,40}"
    r"\b(?:pills?|tablets?|painkillers?|dos(?:e|es|age)|antibiotics)\b"
    r"[^.?!]{0,30}\b(?:take|safe|taking|use|swallow)\b|\bdos(?:e|age) of\b|"
    r"\bmy (?:chest|head|stomach|tummy|back|throat|tooth|ear) (?:hurts|aches|is (?:sore|burning))\b",
    re.I,
)
_LISTINGS = re.compile(  # what is open today: no article knows
    r"\b(?:hiring|recruiting|openings?|vacanc(?:y|ies)|internships?|positions?|apprenticeships?|jobs?)\b[^.?!]*"
    r"\b(?:right now|this (?:week|month)|today|at the moment|open now)\W*$|\bcurrent (?:job )?(?:openings|vacancies|job ads)\b",
    re.I,
)

_KEYBOARD_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm", "poiuytrewq", "lkjhgfdsa", "mnbvcxz")
_REAL_RUNS = frozenset({"erty", "prop", "rewe", "were"})  # keyboard neighbours that stand in real words: "property", "were"
_LETTERS = re.compile(r"[^\W\d_]+")
_REPEATED = re.compile(r"(.)\1\1\1")
_VOWEL = re.compile(r"[aeiouyàáâäåæèéêëìíîïòóôöøùúûü]")
_CONSONANTS = re.compile(r"[bcdfghjklmnpqrstvwxz]{6}")
LAST_LATIN = "ɏ"


def outside(text: str) -> Outside | None:
    """Which kind of non-question the tidied text is; None for a question."""
    if _HOSTILE.search(text) or _ABUSE.search(text):
        return "hostile"
    if CHAT.fullmatch(text):
        return "chat"
    if _MEDICAL.search(text):
        return "medical"
    if _LISTINGS.search(text):
        return "listings"
    if _ERRAND.search(text):
        return "errand"
    return "garbled" if is_garbled(text) else None


def is_garbled(text: str) -> bool:
    """Whether most letters stand in words that cannot be words: no vowel, a keyboard row, one letter over and over.

    Judges Latin script only; text without any letter is garbled.
    """
    words = _LETTERS.findall(text)
    latin = [word for word in words if word[0] <= LAST_LATIN]
    if not latin:
        return not words
    noise = sum(len(word) for word in latin if _is_noise(word))
    if not noise:
        return False
    real = sum(word.lower() in STOP_WORDS for word in latin)
    return noise * 2 > sum(map(len, latin)) and real * 3 <= len(latin)


def _is_noise(word: str) -> bool:
    low = word.lower()
    if len(low) < 4 or (word.isupper() and len(word) < 7):  # acronyms: CCNP, HTML
        return False
    runs = {low[i : i + 4] for i in range(len(low) - 3)} - _REAL_RUNS
    return bool(
        _REPEATED.search(low)
        or any(run in row for run in runs for row in _KEYBOARD_ROWS)
        or not _VOWEL.search(low)
        or _CONSONANTS.search(low)
    )
