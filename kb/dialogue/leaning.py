"""How a question leans on what was said before: by a pronoun, as a fragment, or by asking for an attribute of nothing.

Each test looks at the question alone and answers False when in doubt: a question that stands alone must not be touched.
"""

from __future__ import annotations

import re

from kb.dialogue.subject import LEVEL, about
from kb.question import STOP_WORDS, content_terms
from kb.question.lexicon import ADJECTIVES, ATTRIBUTES, RANKS, VERBS
from kb.question.terms import WORD

SMALL_TALK = re.compile(
    r"^(?:(?:thanks?(?: you)?(?: a lot| so much| very much)?|thx|ok(?:ay)?|i see|great|cool|nice|hm+|interesting|got it|"
    r"alright|right|wow|good|yes|no|sure|perfect)"
    r"\s*[,.!:;]+\s*|(?:ok(?:ay)?|thanks) (?=and |but |so |what |how |in |for ))+",
    re.I,
)
JOINED = re.compile(r"^(?:and|but|or|so|also|then|plus)\b[\s,]*", re.I)
WHAT_ABOUT = re.compile(r"^(?:what|how) about\s+|^same (?:question |thing )?for\s+|^how is it for\s+", re.I)
TRAILING = re.compile(
    r"[\s,]+(?:too|then|as well|instead|please|though|maybe|exactly|either|again|at least|at all|anyway|"
    r"in general|on average|roughly|i mean|by the way|btw)$",
    re.I,
)

MORE = re.compile(
    r"(?:(?:can|could|would) you )?(?:(?:please )?(?:tell me |say |give me |explain )?(?:a bit |some |any |it |that |this )*"
    r"(?:more(?: details?| about (?:it|that|this))?|details?|(?:in|for) (?:more )?detail|further|go on|continue|"
    r"elaborate(?: on that)?)|why(?: is that| so| not| exactly)?|how(?: so| come| exactly)?|really|"
    r"are you (?:sure|certain)|(?:for|any|some|an|another|give me an|give me some|show me an)? ?(?:examples?|instances?)|"
    r"such as|like what|like which|"
    r"what else|anything else|who|when|where|what for|according to whom|says who|sources?|(?:give|show|write) me (?:a|an|"
    r"some) (?:\w+ )?(?:templates?|samples?|scripts?|checklists?|summary|outline)|which ones?|how much|how many|how long|"
    r"how often|what do you mean|meaning)"
    r"(?: please| then| exactly)?",
    re.I,
)
WHAT_NOW = re.compile(r"(?:^|[.!] )(?:so )?(?:what now|what then|now what|and then)$", re.I)
NEEDS = re.compile(  # what one needs is needed for something
    r"(?:do|would|will|should) (?:i|we|you) (?:really |also )?need (?:(?:an?|any|some|to have an?) )?[\w-]+(?: [\w-]+)?$|"
    r"(?:what|which|how much|how many)(?: [\w-]+){1,2} (?:do|would|will|should) (?:i|we|you) need$",
    re.I,
)
_FINITE = re.compile(
    r"\b(?:is|are|was|were|am|do|does|did|can|could|should|would|will|may|might|must|have|has|had|shall|isn't|aren't|don't|"
    r"doesn't|can't|'s|i'm|i've|it's|"
    r"what's|who's|there's)\b|\bto (?!(?:be|an?|the|my|big|small)\b)[a-z]+\b(?! \w+ing)",
    re.I,
)
_IMPERATIVE = re.compile(
    r"^(?:please )?(?:tell|list|name|give|compare|explain|describe|show|define|find|write|help|"
    r"summari[sz]e|recommend|suggest)\b",
    re.I,
)
_WH = re.compile(r"^(?:(?:in|at|for|to|from|with|by|on|of) )?(?:who|whom|whose|what|which|when|where|why|how)\b", re.I)
_ELLIPTIC_VERB = re.compile(
    r"^(?:do|does|did|can|could|should|would|will|is|are|must|may)\s+(?P<np>(?:an? |"
    r"the )?[\w-]+(?: [\w-]+)?)$",
    re.I,
)
_WH_FRAGMENT = re.compile(
    r"^(?:(?:in|at|for|to|from|with|by|on|of) )?(?:whom|whose|(?:which|what|whose|how many|how much)(?: [\w-]+){1,2}|"
    r"which)$",
    re.I,
)
LONGEST_FRAGMENT = 8  # words

_CLAUSE = re.compile(
    r"[,;:.!?]\s|\s(?:that|and|but|if|when|because|so|while|after|before|who|which|or|since|unless|although|"
    r"where|as)\s",
    re.I,
)
_GENERIC = (
    r"(?:people|jobs?|roles?|careers?|fields?|compan(?:y|ies)|ones?|positions?|professions?|courses?|skills?|exams?|tests?|"
    r"certificates?|certifications?|"
    r"industr(?:y|ies)|kinds?|sorts?|degrees?|places?|employers?|licen[cs]es?|work|firms?|tools?|questions?|routes?|paths?|"
    r"options?|steps?|things?|areas?|"
    r"countr(?:y|ies)|cit(?:y|ies)|workers?|professionals?|programm?es?|schools?|cases?|numbers?|figures?|salar(?:y|ies))"
)
_AUX = r"(?:is|are|was|were|do|does|did|can|could|should|would|will|may|might|must|has|have|had)"
_PREP = r"(?:about|for|of|like|with|in|to|than|at|on|from|by|after|before|without|into|under|between)"
_PRONOUN = re.compile(
    rf"\b(?:(?P<they>they|them|(?:those|these) {_GENERIC})|(?P<their>their)|(?P<he>he|she|him)|(?P<it>it)|(?P<its>its)|"
    rf"(?P<these>these|those)|"
    rf"(?P<generic>(?:this|that|such an?|such) {_GENERIC})|(?P<there>there)|(?P<one>one)|(?P<that>that|this))\b",
    re.I,
)
# what may stand before and after a pronoun that could as well be another word
_BEFORE = {
    "these": re.compile(rf"(?:^|\b(?:{_AUX}|{_PREP}|all|which|what))\s*$", re.I),
    "there": re.compile(
        r"(?<!\bhi )(?<!\bhey )(?<!\bhello )(?<!\bdoes )(?<!\bdo )(?<!^)(?<!\bis )(?<!\bare )(?<!\bwas )(?<!\bwere )(?<!\bbe )"
        r"(?<!'s )$",
        re.I,
    ),
    "one": re.compile(
        r"\b(?:get|find|use|become|need|have|choose|write|make|hire|buy|join|does|do|cost|want|for|and|getting|becoming|"
        r"finding)\s*$",
        re.I,
    ),
    "that": re.compile(
        rf"(?:^|\b(?:{_AUX}|{_PREP}|how's|what's|why's|isn't|decides?|study|doing|become|learn|get|use|find|know|say|handle|"
        rf"explain|apply|try|read|"
        r"check|see|avoid))\s*$",
        re.I,
    ),
}
_AFTER = {
    "these": re.compile(rf"\W*$|\s+\w+$|\s+(?:{_AUX}|pay|need|work|in|at|for|from|cost|take|best|most)\b", re.I),
    "there": re.compile(rf"(?!\s+(?:{_AUX}|any|an?|be)\b|'s)", re.I),
    "one": re.compile(
        r"\W*$|\s+(?:cost|take|need|look|work|pay|contain|in|as|at|for|with|without|online|abroad|first|"
        r"from)\b",
        re.I,
    ),
    "that": re.compile(
        rf"\W*$|[?!.,]|\s+(?:{_AUX}|takes?|costs?|means?|pays?|works?|different|better|worse|true|possible|enough|common|"
        rf"normal|usual|realistic|required|"
        r"necessary|includes?|more|less|the same|an?|at|in|for|with|compared?|hard|easy|legal|part-time|full-time|online|"
        r"remotely|"
        r"abroad|alone|myself|now|later|too|as|without|by|on|when|if)\b",
        re.I,
    ),
}
_EMPTY_IT = re.compile(
    r"\bhow [\w-]+ (?:is|was|would) it (?:be )?(?:for .+? )?to\b|"
    rf"\b{_AUX}(?:n't)? it (?:be |not |ever |still |really |actually |also )?(?:(?:so|too|very|that|quite|more|even|"
    rf"as) )?[\w-]+ (?:it )?(?:for .+? )?(?:to|that|if|when|whether|\w+ing)\b|"
    r"\bit(?:'s| is| was| will be| would be| be| may be| can be| could be| might be) (?:(?:so|too|very|not|more|quite|still|"
    r"really) )*[\w-]+ (?:for .+? )?(?:to|that|if|when|whether)\b|"
    r"\b(?:is|was|be) it (?:time|true|just|only|about|like to|the case)\b|\bit(?:'s| is) (?:time|true|the case|said|known|"
    r"like to)\b|\bwhat(?:'s| is) it like\b|"
    r"\b(?:does|do|did|would|will|can|could|should) it (?:usually |normally |typically |really |ever |actually )?(?:take|cost|"
    r"help|make sense|hurt|pay|matter)\b(?= .*\b(?:to|if|that|whether|when|which|how|where|what)\b)|"
    r"\bit takes?\b(?= .*\bto\b)|\bworth it\b|\bmake it\b|\bit depends\b|\bis it (?:worth|any good|no use) \w+ing\b|\b(?:find|"
    r"make|makes|finds) it \w+ to\b|\btake it\b|"
    r"\bin it for\b",
    re.I,
)


def opening(text: str) -> tuple[str, str, str]:
    """The question without its opening: (what is left, the joining word, "what about" or ""), marks at the end removed."""
    body = SMALL_TALK.sub("", text).strip() or text
    joined = JOINED.match(body)
    if joined:
        body = body[joined.end() :] or body
    what_about = WHAT_ABOUT.match(body)
    if what_about:
        body = body[what_about.end() :]
    body = body.rstrip("?!. ")
    while TRAILING.search(body):
        body = TRAILING.sub("", body)
    return body, joined.group().strip(" ,").lower() if joined else "", "what about" if what_about else ""


def is_fragment(body: str) -> bool:
    """Whether the words form no sentence: "in Germany", "the salary", "with ten years of experience"."""
    return (
        0 < len(body.split()) <= LONGEST_FRAGMENT
        and not _FINITE.search(body)
        and not _WH.match(body)
        and not _IMPERATIVE.match(body)
        and not re.search(r"\b(?:i|we|you|they|he|she|it)\b|\b(?:what|whom?|which)$", body, re.I)
    )


def is_wh_fragment(body: str) -> bool:
    """ "in which states", "how many projects", "for whom": a question word and its noun, no verb."""
    return bool(_WH_FRAGMENT.match(body)) and not any(word in VERBS for word in body.lower().split())


def elliptic_noun(body: str) -> str:
    """The noun of "do dancers" and "can midwives" ("" for a whole question)."""
    match = _ELLIPTIC_VERB.match(body)
    return (
        match["np"]
        if match
        and about(match["np"]).things
        and not re.match(
            r"(?:it|that|this|there|they|these|those|he|she|"
            r"one|i|we|you)\b",
            match["np"],
            re.I,
        )
        else ""
    )


def pronoun(body: str) -> re.Match[str] | None:
    """The first pronoun whose meaning is not in the question itself; None when there is none."""
    empty = [match.span() for match in _EMPTY_IT.finditer(body)]
    for match in _PRONOUN.finditer(body):
        if match.lastgroup == "it" and (match.group() == "IT" or any(a <= match.start() < b for a, b in empty)):
            continue
        kind = match.lastgroup or ""
        if kind == "these" and re.search(r"\bof\s*$", body[: match.start()]) and not re.match(r" days\b", body[match.end() :]):
            return match
        if (
            kind == "that"
            and re.search(r"\b(?:from|than|to|as)\s*$", body[: match.start()])
            and re.match(
                r" (?:of|on|in|for|"
                r"at)\b",
                body[match.end() :],
            )
        ):
            continue  # "different from that on a swept wing" says itself what it means
        if kind == "generic" and match.group().lower().startswith("th"):
            kind = "that" if _BEFORE["that"].search(body[: match.start()]) else ""
            if kind and not _bound(body, match):
                return match
            continue
        if kind in _BEFORE and not (_BEFORE[kind].search(body[: match.start()]) and _AFTER[kind].match(body[match.end() :])):
            continue
        if match.lastgroup == "there" and about(body).places:
            continue
        if not _bound(body, match):
            return match
    return None


def _bound(body: str, match: re.Match[str]) -> bool:
    """Whether the question says what the pronoun means: named in an earlier clause or, for a possessive, anywhere before it."""
    start = match.start()
    clauses = [m.end() for m in _CLAUSE.finditer(body[:start])]
    earlier = body[: clauses[-1]] if clauses else ""
    if content_terms(earlier):
        return True
    if match.lastgroup in {"their", "its"}:
        return bool(about(body[:start]).things)
    return bool(re.search(r"[:,]\s*[\"“'‘]|[\"“]", body[match.end() :]))


_GIVEN = re.compile(  # what one speaks of with "the" only where it is known of which
    r"\bthe (courses?|school|academy|college|programmes?|programs?|class(?:es)?|apprenticeship|placement|probation|uniform"
    r"|kit)\b(?! of)",
    re.I,
)


def asks_mere_attribute(body: str) -> bool:
    """Whether all the question names are attributes ("What qualifications are required?"): it has no subject of its own."""
    found = about(body)
    if found.names or found.roles or re.search(r"\b(?:my|our|your)\b", body, re.I):
        return False
    inside = [body[a:b].lower() for a, b in found.places]
    given = {match[1].lower() for match in _GIVEN.finditer(body)}
    terms = [t for t in content_terms(body) if not any(t in place.split() for place in inside) and t not in given]
    if not terms and given:
        return True
    return bool(terms) and all(t in ATTRIBUTES or t in ADJECTIVES or t in RANKS or t.isdigit() for t in terms)


def only_level(body: str) -> str:
    """The level a fragment names and nothing else: "a senior one", "seniors"; "" otherwise."""
    words = [
        w
        for w in WORD.findall(body.lower())
        if w not in STOP_WORDS and w not in {"one", "ones", "people", "level", "position", "role"}
    ]
    return words[0] if len(words) == 1 and LEVEL.fullmatch(words[0]) else ""


def is_wh_start(body: str) -> bool:
    return bool(_WH.match(body))
