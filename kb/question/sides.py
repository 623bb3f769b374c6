"""The two (or more) things a question compares.

"Should I be an electrician rather than a plumber?"      -> ("electrician", "plumber")
"What's the difference between a CV and a resume?"       -> ("CV", "resume")
"Frontend or backend developer: which is easier?"        -> ("Frontend developer", "backend developer")
"How do I ask for a raise or promotion?"                 -> ()   an "or" that offers no choice
"""

from __future__ import annotations

import re

from kb.question.terms import SENTENCE_END

_ARTICLE = re.compile(r"^(?:(?:a|an|the|my|some|being|becoming|to be|to become|either|both|more|it|of|as)\s+)+", re.I)
_FRAME = re.compile(
    r"^.*?\b(?:should|would|shall|can|could|do|does|did|is|are|was|will)\b(?:n't)?\s+(?:(?:i|we|you|one|they|it|there|people|"
    r"someone|employers|recruiters)\s+)?"
    r"(?:(?:really|rather|better|smarter|wiser|safer|easier|still|want to|need to|have to|prefer(?: to)?|recommend|suggest|"
    r"worth|need|want)\s+)*",
    re.I,
)
_VERB = re.compile(
    r"^(?:(?:to|be|become|choose|pick|select|learn|study|take|work as|work in|work for|work at|hire|get|do|use|have|join|"
    r"go for|go into|go to|aim for|opt for|accept|"
    r"pursue|consider|prefer|apply for|apply to|specialise in|specialize in|train as|retrain as|start as|start with|focus on|"
    r"need|want|apply as|"
    r"(?:it )?(?:better|easier|harder|more \w+|older|younger|safer|faster|cheaper))\s+)+",
    re.I,
)
_TAIL = re.compile(
    r"(?:(?<!look)(?<!apply)(?<!wait)(?<!ask)\s+for|\s+(?:in|at|when|if|as|with|on|before|after|during|first|better|best|more|"
    r"pays?|earns?|make|get|which|whats|what|who|differences?|that|to|because|since|given|"
    r"enough|worth|required|needed|necessary|salary|pay|career-wise|is|are|does|do|would|will|has|have|easier|harder|regarding|"
    r"concerning|about|a better|"
    r"the better|the only|the best|the most))\b.*$",
    re.I,
)
_SUBJECT = re.compile(
    r"^(?:should|can|could|must|would|does|do|did|will)\s+(?:(?:my|the|an?|your|our|most|all)\s+)?(?:\w+\s+){1,3}?(?:be|have|"
    r"use|take|need|want|"
    r"require|prefer|get|include|start with|list)\s+(?=\w)",
    re.I,
)
_WHICH = re.compile(
    r"^(?:which|what|who)\s+(?:is|are|pays?|earns?|makes?|would be)\s+(?:a |the )?(?:more \w+|less \w+|more|"
    r"most|less|\w+er|best|\w+est)[,:]?\s+",
    re.I,
)
_NO_THING = re.compile(
    r"^(?:what|which|who|how|why|when|where|not|that|this|these|any|it|in terms of|due|is|are|do|does|have|"
    r"has|used)\b|\band$|^(?:me|us|you|him|her|them|myself)$",
    re.I,
)
_END = re.compile(r"[?!;]|[,:.]\s|\s+-+\s|\s+\(|[.,:]$")
_VERSUS_PATTERN = r"^(?P<a>.+)\s+(?:vs?\.?|versus|compared (?:to|with)|in comparison (?:to|with)|as opposed to)\s+(?P<b>.+)"
_PAIR = [
    re.compile(pattern, re.I)
    for pattern in (
        r"\b(?:differen(?:ce|ces|t)|distinction|choice|choose|choosing|decide|deciding|comparison|compare|similarities|"
        r"trade-?offs?|torn|overlap)\b(?:\s+\w+){0,3}?"
        r"\s+between\s+(?P<a>.+?)\s+(?:and|or|vs\.?)\s+(?P<b>.+)",
        r"\bbetween\s+(?P<a>.+?)\s+and\s+(?P<b>.+?),?\s+(?:which|what|who)\b",
        r"^(?P<a>[^:,?]+?)\s+and\s+(?P<b>[^:,?]+?)[:,]\s+(?:which|who|what|how do they)\b",
        r"^(?:compare|comparing|contrast)\s+[\w' ]+?\s+(?:of|between|for)\s+(?P<a>.+?)\s+(?:and|with|to|vs\.?|"
        r"versus)\s+(?P<b>.+)",
        r"^(?:compare|comparing|contrast|weigh)\s+(?P<a>.+?)\s+(?:and|with|to|vs\.?|versus|against)\s+(?P<b>.+)",
        r"\b(?:distinguishes|separates|sets apart)\s+(?P<a>.+?)\s+(?:from|and)\s+(?P<b>.+)",
        r"\bhow\s+(?:does|do|is|are)\s+(?P<a>.+?)\s+(?:differ(?:s|ent)?|distinct)\s+(?:from|to|than)\s+(?P<b>.+)",
        r"\b(?:is|are)\s+(?P<a>[^?]+?)\s+(?:different|distinct)\s+from\s+(?P<b>.+)",
        _VERSUS_PATTERN,
        r"\b(?:is|are|does|do|can|will|would)\s+(?P<a>[^?]+?)\s+(?:(?:pay|earn|make|be|a|any|much|really)\s+)*"
        r"(?:worth )?(?:better|worse|harder|easier|safer|cheaper|faster|more|less)(?:\s+\w+)?\s+than\s+(?P<b>.+)",
        r"^(?P<a>.+?)\s+(?:rather than|instead of)\s+(?P<b>.+)",
        r"\b(?:choose|pick|prefer|take|hire|favou?r|recommend)\s+(?P<a>.+?)\s+over\s+(?P<b>.+)",
    )
]
_VERSUS = next(pattern for pattern in _PAIR if pattern.pattern == _VERSUS_PATTERN)
_FURTHER = re.compile(r",\s|\s+(?:vs?\.?|versus)\s+", re.I)  # "MIG vs TIG vs stick"
_OR = re.compile(r"\s+or\s+", re.I)
_NO_CHOICE = re.compile(
    r"\s+or\s+(?:not|so|something|more|less|else|anything|any|even|other|another|whatever|without|later|above|below|at least|"
    r"fewer|similar|both|neither|"
    r"are|do|does|did|how|what|when|where|why|who|am|should|can|was|have)\b",
    re.I,
)
_OFFERS = re.compile(
    r"^(?:so |and |but )?(?:should|would|shall|is|are|do|does|did|was|better|whether)\b|"
    r"\b(?:which|what|who)\b[^?]{0,30}\b(?:better|best|easier|harder|pays?|earns?|more|faster|safer|first|should|cheaper)\b",
    re.I,
)
_LISTED = re.compile(r"[:,]\s*(?P<list>[^:?]+\sor\s[^:?,]+)\?*$")  # "What is better for finance: CFA or MBA?"
_VERBAL_START = re.compile(
    r"^(?:how|why|where|when|can|could|who|tell|list|give|name|explain|i|we|my|what (?:is|are|do|does|"
    r"to|happens|if|would))\b",
    re.I,
)
_AGENT = re.compile(
    r"(?:er|or|ist|ian|ant|ent|eer|man|woman|nurse|chef|coach|pilot|clerk|judge|vet|cook|guard|tech|lead|"
    r"fellow|analyst)s?$",
    re.I,
)
_AFTER_CHOICE = re.compile(r"[?!;:.]\s|,\s+(?=which|what|who|if|when|and|given)|\s+-+\s|\s+\(", re.I)
LONGEST_BARE_CHOICE = 12  # words of a question that is nothing but "X or Y"
LONGEST_SIDE = 8  # words; what is longer is a clause, not a thing compared


def sides_of(core: str) -> tuple[str, ...]:
    """What the question compares, as written, articles and verbs removed; () when it compares nothing."""
    for sentence in SENTENCE_END.split(core):
        for pattern in _PAIR:
            if (match := pattern.search(sentence)) and (found := _pair(match["a"], match["b"])):
                return _bare(found) if pattern is _VERSUS else found
        if found := _choice(sentence):
            return found
    return ()


def _bare(pair: tuple[str, ...]) -> tuple[str, ...]:
    """Sides of a search as one types it: "promotion speed Meta vs Google" compares Meta with Google."""
    left, right = pair[0].split(), pair[-1].split()
    if len(pair) == 2 and len(right) == 1 and len(left) > 2 and not _AGENT.search(left[-1]) and not _AGENT.search(right[0]):
        return left[-1], right[0]
    return pair


def _choice(core: str) -> tuple[str, ...]:
    """Sides of "X or Y", where the "or" offers a choice rather than widening ("a raise or promotion")."""
    if len(_OR.findall(core)) != 1 or _NO_CHOICE.search(core):
        return ()
    listed = _LISTED.search(core)
    if listed and _OFFERS.search(core[: listed.start()]):
        offered = listed["list"]
    elif not _VERBAL_START.search(core) and (_OFFERS.search(core) or len(core.split()) <= LONGEST_BARE_CHOICE):
        offered = _AFTER_CHOICE.split(core.rstrip("?! "), maxsplit=1)[0]
    else:
        return ()
    left, *right = _OR.split(offered, maxsplit=1)
    left = _WHICH.sub("", _SUBJECT.sub("", left))
    return _pair(_FRAME.sub("", left) if _OFFERS.search(left) else left, right[0]) if right else ()


def _pair(left: str, right: str) -> tuple[str, ...]:
    """Both sides cleaned; () when one is empty, both are the same or one is a clause."""
    a, b = _clean(left.rsplit(": ", 1)[-1]), _clean(right, cut_tail=True)
    if " " not in b and (last := re.search(r"\b(?:as|by|in|with|on)\s+(?:an? )?([\w'-]+)$", a)):
        a = last[1]  # "send the CV as pdf or word"
    if not a or not b or a.lower() == b.lower() or _NO_THING.search(a) or _NO_THING.search(b):
        return ()
    if max(len(a.split()), len(b.split())) > LONGEST_SIDE:
        return ()
    more = [_clean(part) for part in _FURTHER.split(a) if part.strip()]
    if not all(re.search(r"[^\W\d]", side) for side in (*more, b)):
        return ()  # figures are no things
    return (*[_with_head(part, b) for part in more if part], b)


def _clean(side: str, *, cut_tail: bool = False) -> str:
    side = _END.split(side.strip(" ?!.\"'"), maxsplit=1)[0] if cut_tail else side.strip(" ?!.:\"'")
    side = _SUBJECT.sub("", side)
    side = _FRAME.sub("", side) if re.match(r"(?:should|would|shall|do|does|is|are)\b", side, re.I) else side
    side = _ARTICLE.sub("", _VERB.sub("", _ARTICLE.sub("", side)))
    return (_TAIL.sub("", side) if cut_tail else side).strip(" ,.?!\"'")


def _with_head(left: str, right: str) -> str:
    """ "Frontend" of "Frontend or backend developer" is a "Frontend developer"; a "nurse" is one already."""
    head = right.split()[-1]
    if " " in right and " " not in left and _AGENT.search(head) and not _AGENT.search(left):
        return f"{left} {head}"
    return left
