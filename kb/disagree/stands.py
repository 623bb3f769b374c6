"""What one clause takes a stand on: what is needed, what is advised, which way something goes, what is stated or denied."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal

from kb.lexical import analyse, terms

DisagreementKind = Literal["need", "advice", "direction", "statement", "figure"]


@dataclass(frozen=True, slots=True)
class Stand:
    """What one clause says. sign: +1 or -1. of: what is needed, advised, compared or stated, as stems; rest: the other stems."""

    kind: DisagreementKind
    sign: int
    of: frozenset[str]
    rest: frozenset[str] = frozenset()
    left: frozenset[str] = frozenset()


# words that say nothing about what is needed by whom
_EMPTY = """
start begin work working get got getting become becoming hire hired job jobs career position role candidate applicant
applicants people person  employer employers company companies agency agencies typically usually often generally normally
always usual today now days still many most some  must need needs needed require required requirement necessary essential
compulsory mandatory obligatory optional expected obligation obliged  have has hold obtain own take takes earn earns pay
pays paid make makes receive receives long time year years about around currently  should could would can cannot may might
be able recommend recommended advise advised best idea good bad mistake waste avoid never do does not no  longer shorter
more less fewer higher lower harder easier faster slower keep really also just even only first
"""


@cache
def stemmed(words: str) -> frozenset[str]:
    """The stems of a list of words."""
    return frozenset(analyse(words))


PHD = re.compile(r"\b(?:Ph\.? ?D|PHD)(?:['’]?s\b|\b\.?(?= [a-z]|,|;|$)|\b)")  # stemmers know no "Ph.D." or "PHDs"
_NOT = r"(?:not|n't|never|no longer|hardly|rarely|neither|seldom)"
_NEEDED = (
    r"(?:required|needed|necessary|essential|compulsory|mandatory|obligatory|a must|indispensable|a requirement|"
    r"a prerequisite|vital)"
)
_NEED_RULES: tuple[tuple[int, re.Pattern[str]], ...] = tuple(
    (sign, re.compile(pattern, re.I))
    for sign, pattern in (
        (-1, r"\bit is (?:not|no longer) necessary for (?P<rest>.+?) to (?P<of>.+)"),
        (
            -1,
            rf"\b(?:calls?|called|considers?|deems?|finds?) (?P<of>.+?) (?:\w+ly )?(?:unnecessary|optional|"
            rf"{_NOT} {_NEEDED})(?P<rest>.*)",
        ),
        (+1, rf"\b(?:calls?|called|considers?|deems?|finds?) (?P<of>.+?) (?:\w+ly )?{_NEEDED}(?P<rest>.*)"),
        (-1, rf"\bno (?P<of>[^,.]+?) (?:is|are|was|were) (?:\w+ )?{_NEEDED}(?P<rest>.*)"),
        (-1, rf"^(?P<of>.+?)(?: (?:is|are|was|were|be)|'s) (?:\w+ )?{_NOT} (?:\w+ )?{_NEEDED}(?P<rest>.*)"),
        (-1, rf"^(?P<of>.+?) (?:is|are|was|were)n't (?:\w+ )?{_NEEDED}(?P<rest>.*)"),
        (
            -1,
            r"^(?P<of>.+?) (?:is|are) (?:now |purely |entirely |usually )?(?:optional|unnecessary|voluntary|not a (?:must|"
            r"requirement))(?P<rest>.*)",
        ),
        (
            -1,
            rf"^(?P<rest>.*?)\b(?:do|does|did|will|would)(?: {_NOT}|n't) (?:\w+ )?(?:need|require|have)(?: to)?(?: have| hold|"
            rf" obtain| get)? (?P<of>.+)",
        ),
        (
            -1,
            r"^(?P<rest>.*?)\b(?:rarely|seldom|hardly|never|no longer) (?:needs?|requires?|have to have|has to have) (?P<of>.+)",
        ),
        (-1, r"^(?P<rest>)(?:nobody|no one|no (?:employer|client|agency|studio|firm)) (?:ever )?ask(?:s|ed) for (?P<of>.+)"),
        (-1, r"^(?P<rest>.*?)\b(?:need not|needn't)(?: have| be| hold)? (?P<of>.+)"),
        (-1, r"^(?P<rest>.*?)\b(?:has|have) no (?:obligation|need) (?:to have|to hold|to be|for|to) (?P<of>.+)"),
        (-1, r"^(?P<rest>.*?)\b(?:never|nobody|no one) (?:has |have )?(?:ever )?asked (?:(?:me|us|him|her|them) )?(?:for|to see) "
             r"(?P<of>.+)"),
        (+1, rf"^(?P<rest>.*?\b(?:cannot|can't|couldn't|(?:can|could|may|will|would) {_NOT}|won't|wouldn't|nobody|no one)\b.*?)"
             r"\bwithout (?P<of>.+)"),
        (-1, r"^(?P<rest>.*?\b(?:can|may|could)\b.*?)\b(?:do )?without (?P<of>.+)"),
        (+1, r"^(?P<rest>)(?:.*\b(?:most|nearly all|almost all|all|the majority|\d+)\b)(?: of (?:\w+ ){1,3}?| \w+)? (?:ask|asked)"
             r" for (?:.*\bor an? )?(?P<of>.+)"),
        (+1, rf"^(?P<of>.+?)(?: (?:is|are|was|were|be)|'s) (?:\w+ )?{_NEEDED}(?P<rest>.*)"),
        (
            +1,
            r"^(?P<rest>.*?)\b(?:must|have to|has to|need to|needs to|will need to|are obliged to|is obliged to)(?: have| hold|"
            r" obtain| be| own| submit)* (?P<of>.+)",
        ),
        (+1, r"^(?P<rest>.*?)\b(?:need|needs|require|requires|will need|demand|insist on|insists on) (?P<of>.+)"),
    )
)
_MAY_NEED = re.compile(  # no rule above fits a text without one of these
    r"need|requi|necessary|essential|compulsory|mandatory|obligat|obliged|must|optional|unnecessary|voluntary|have to|"
    r"has to|without|demand|"
    r"insist|indispensable|vital|no obligation|nobody|no one|asks? for|asked",
    re.I,
)
_PRAISED = r"(?:a (?:good|great|smart|wise) idea|worth(?: \w+ing)?|recommended|advisable|best|wise|a good way|sensible|smart)"
_BLAMED = (
    r"(?:a (?:bad|poor) idea|a mistake|a waste of (?:money|time)|inadvisable|unwise|not worth|pointless|ill-advised|wrong|"
    r"risky)"
)
_ADVICE_RULES: tuple[tuple[int, re.Pattern[str]], ...] = tuple(
    (sign, re.compile(pattern, re.I))
    for sign, pattern in (
        (-1, r"^(?:please )?(?:do not|don't|never|avoid|refrain from|stay away from) (?P<of>.+)"),
        (-1, r"^(?:you|we|one|candidates|applicants) (?:should not|shouldn't|should never|ought not to|must not|"
             r"mustn't) (?P<of>.+)"),
        (-1, r"\b(?:we|i|experts|recruiters) (?:advise|recommend|warn) against (?P<of>.+)"),
        (-1, rf"^(?P<of>[\w-]+ing .+?) is (?:{_BLAMED}|{_NOT} (?:\w+ )?{_PRAISED})"),
        (-1, rf"^it is (?:{_BLAMED}|{_NOT} {_PRAISED}) to (?P<of>.+)"),
        (+1, r"^(?:you|we|one|candidates|applicants) (?:should|ought to)(?: always)? (?P<of>.+)"),
        (+1, r"\b(?:we|i|experts|recruiters) (?:recommend|advise|suggest)(?: to)? (?P<of>.+)"),
        (+1, rf"^(?P<of>[\w-]+ing .+?) is (?:\w+ )?{_PRAISED}"),
        (+1, rf"^it is {_PRAISED} to (?P<of>.+)"),
        (+1, r"^(?:always )?(?P<of>(?!(?:the|an?|it|this|that|there|in|on|at|for|with|if|when|most|many|some|all|they|he|she|"
             r"no|not|your|our|my|its|their)\b)"
             r"[A-Z]?[a-z-]*[a-rt-z] (?:(?:an?|the|your|as|to|with|by|up|early|for|within|on|in|out|off|down|every|more|at)\b|"
             r"\w+s\b).*)"),
    )
)  # fmt: skip
_UP_DOWN = (
    (r"longer|more time|more years", r"shorter|less time|fewer years|less long"),
    (r"harder|more difficult|tougher", r"easier|less difficult|simpler"),
    (r"more slowly|slower", r"faster|more quickly|quicker|sooner"),
    (r"(?:is|are|was|were|will be|keeps?|been) (?:rising|growing|increasing)|rises?|grows?|will (?:rise|grow|increase)|"
     r"increases?|rose|grew|going up",
     r"(?:is|are|was|were|will be|keeps?|been) (?:falling|shrinking|declining|decreasing)|falls?|shrinks?|will (?:fall|shrink|"
     r"decline|decrease)|decreases?|declines?|fell|going down"),
    (r"more|higher|better paid|larger|bigger", r"less|lower|fewer|worse paid|smaller"),
    (r"better", r"worse"),
)  # fmt: skip
_DIRECTIONS = [(re.compile(rf"\b(?:{up})\b", re.I), re.compile(rf"\b(?:{down})\b", re.I)) for up, down in _UP_DOWN]
_OPPOSITES = {
    "possible": "impossible", "paid": "unpaid", "common": "rare", "likely": "unlikely", "legal": "illegal", "safe": "dangerous",
    "allowed": "forbidden", "usual": "unusual", "important": "unimportant", "easy": "hard", "often": "seldom", "always": "never",
    "realistic": "unrealistic", "taxable": "tax-free",
}  # fmt: skip
NEGATION = re.compile(rf"\b(?:cannot|can't|won't|{_NOT})\b(?! only)|n't\b|\bno\b(?! (?:one|longer))|\bno longer\b", re.I)
_REPORTED = re.compile(
    r"\b(?:says?|said|states?|stated|argues?|argued|writes?|wrote|adds?|added|finds?|found|reports?|reported|thinks?|believes?|"
    r"notes?|noted)\b"
    r"[^,;]{0,60}?\bthat,? (?P<said>.+)",
    re.I,
)
_CALLS = re.compile(r"^.*?\b(?:calls?|called|considers?|deems?) ")
_TWO_SIDED = re.compile(r"\bnot only\b|\bwhether\b|\bdisagree\b|\bif not\b|\bnot all\b|\bnot every|\bnot necessarily\b|\?", re.I)


def stands(sentence: str) -> Iterator[Stand]:
    """Every stand a clause takes; none for questions and for what is said with reserve ("not only", "not all")."""
    text = said(sentence)
    if not text or _TWO_SIDED.search(sentence):
        return
    for sign, pattern in _NEED_RULES if _MAY_NEED.search(text) else ():
        if match := pattern.search(text):
            of, rest = _object(match["of"], before=match.start("of") < match.start("rest")), stems(match["rest"])
            if of:
                yield Stand("need", sign, of, rest | (stems(match["of"]) - of))
            break
    for sign, pattern in _ADVICE_RULES:
        if match := pattern.search(text):
            yield Stand("advice", sign, frozenset(terms(match["of"])), left=frozenset(analyse(match["of"])[:1]))
            break
    for number, (up, down) in enumerate(_DIRECTIONS):
        ups, downs = up.search(text), down.search(text)
        if bool(ups) != bool(downs):
            match = ups or downs
            assert match is not None
            left, _, right = text.partition(" than ")
            yield Stand(
                "direction", 1 if ups else -1, frozenset({f"#{number}"}), stems(text.replace(match.group(), " ")), stems(left)
            )
            break
    yield Stand("statement", -1 if NEGATION.search(text) else 1, frozenset(terms(NEGATION.sub(" ", text))))


_ASKS_NEED = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        rf"^(?:so |and |but )?(?:is|are|isn't|aren't|was|were) (?P<of>.+?) (?:(?:really|still|absolutely|even) )*{_NEEDED}\b",
        r"\b(?:do|does|will|would|must|should|did)(?:n't)? .*?\b(?:need|require|have to have|have to hold)"
        r"(?: to (?:have|hold|get|own|do|be|become|train as))? (?P<of>.+)",
        r"\b(?:must|have|has) (?:i|you|we|one|they|candidates|applicants) (?:have|hold|get|own|be|to be) (?P<of>.+)",
        r"\b(?:do|does|will|would) .*?\bhave to (?:be|become|train as) (?P<of>.+)",
        r"^(?:can|could|may) .*\bwithout (?P<of>.+)",
    )
)


_DERIVED = {"certifi": "certif", "qualifi": "qualif", "regist": "registr"}  # stems of "certified" and of "certificate"


def asks_need(question: str) -> frozenset[str]:
    """What a question asks the need of, as stems; empty where it asks something else.

    >>> sorted(asks_need("Do I need a degree to become a nurse?"))
    ['degre']
    """
    text = PHD.sub("PhD", question).rstrip(" ?.!")
    match = next((found for pattern in _ASKS_NEED if (found := pattern.search(text))), None)
    if not match:
        return frozenset()
    either = match["of"].split(" or ")  # "a diploma or a certificate"
    asked = frozenset().union(*(_object(one, before=False) for one in either[:2] if one.strip()))
    return asked | {other for stem, other in _DERIVED.items() if stem in asked}


def said(sentence: str) -> str:
    """The sentence without whose words they are: "For a PhD: the guide (2024) says that a PhD is ..." -> "a PhD is ..."."""
    text = re.sub(r"^[^:|]{1,60}: (?=\S+ \S+ \S)", "", sentence.strip().rstrip(".!"))
    if reported := _REPORTED.search(text):
        return reported["said"]
    return _CALLS.sub("calls ", text)


def _object(text: str, *, before: bool) -> frozenset[str]:
    """What is needed: the stems up to where the purpose begins ("a degree | to work as ..."). before: text stands before the
    verb."""
    text = re.split(r"\b(?:that|while|where)\b|[,:;|]", text.strip())[-1 if before else 0]
    head = re.split(
        r"\b(?:to|in order|for|by|before|if|when|as|at|these|because|so|and|or|who|"
        r"which)\b",
        text.strip(),
        maxsplit=1,
        flags=re.I,
    )
    return stems(head[0]) or stems(text)


def stems(text: str) -> frozenset[str]:
    return frozenset(terms(text)) - stemmed(_EMPTY)


def need_stems() -> frozenset[str]:
    """Stems of the words that say that something is needed."""
    return stemmed("need requires required requirement necessary mandatory must essential")


@cache
def opposites() -> frozenset[tuple[str, str]]:
    """Pairs of stems that deny each other: ("paid", "unpaid")."""
    return frozenset((x, y) for a, b in _OPPOSITES.items() for x in analyse(a) for y in analyse(b))
