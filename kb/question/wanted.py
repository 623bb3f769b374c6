"""The kind of thing that would answer a question: an amount, a person, steps, a verdict, ...

One rule per entry of the table, first match wins; a rule looks at the first words, or at a pattern that leaves no doubt.
"""

from __future__ import annotations

import re
from typing import Literal

Wanted = Literal[
    "amount", "number", "percentage", "duration", "date", "place", "person", "organisation", "reason", "steps", "items",
    "choice", "verdict", "meaning", "text", "nothing",
]  # fmt: skip

MEASURES: frozenset[Wanted] = frozenset({"amount", "number", "percentage", "duration"})

_PAY = (
    r"(?:salar(?:y|ies)|wages?|pay|compensation|remuneration|incomes?|earnings|stipends?|tuition|fees?|costs?|price|bonus(?:es)?|"
    r"equity grant|(?:hourly|day|daily|going|freelance) rate)"
)
_EARN = r"(?:earns?|makes?|gets?|be paid|get paid|paid|charge|offer|cost|ask for|worth|pay|give|save|spend)"
_IS = r"(?:'s| is| are| was| were| would be)"
_AUX = (
    r"(?:is|are|am|was|were|do|does|did|can|could|should|would|will|shall|may|must|has|have|isn't|aren't|don't|doesn't|can't|"
    r"won't|shouldn't|wouldn't)"
)
_PLURAL = (  # by the ending; the words with that ending that are none
    r"(?!(?:process|is|was|does|business|class|happens|distinguishes|makes|news|focus|status|access|success|stress|progress|"
    r"this|its|"
    r"as)\b)[a-z-]{2,}[^s\W]s"
)
_DOING = (  # verbs that ask for a way to do something
    r"(?:become|get|find|apply|prepare|switch|move|start|enter|train|qualify|learn|negotiate|write|build|protect|handle|deal|"
    r"choose|"
    r"improve|land|break|transition|reach|make|ask|answer|use)"
)
_TOPIC_ONLY = r"(?: (?:for|to|of|in|on|as|at|when) .*)?\??$"

_RULES: tuple[tuple[Wanted, str], ...] = (
    ("meaning", r"^[Ww]hat(?:'s| is) the [A-Z][A-Za-z]*[A-Z]+\W*$|^[A-Z]{2,}s?\?$|\bstands? for\W*$"),
    ("meaning", rf"^what{_IS} (?:meant by|the (?:meaning|definition) of)\b"),
    ("percentage", r"^(?:what|which) (?:percentage|percent|share|proportion|fraction)\b"),
    ("percentage", rf"^how likely\b|^what{_IS} (?:\w+ ){{0,4}}(?:(?:acceptance|success|response|pass|unemployment|employment|"
                   rf"dropout|hit|good) rate|odds|chances)\b|^how (?:large|big) a (?:share|"
                   rf"proportion)"),
    ("percentage", r"^(?!how|why|what|which|when|where|who|should|is |are |do |does |can )[^?]*\b(?:acceptance|success|"
                   r"response|pass|unemployment|employment|dropout) rates?\b"),
    ("number", r"^how long (?:should|must|can|may|ought|is|are) (?:an? |the |my |your |one's )?(?:[\w'’-]+ ){0,3}?(?:cv|"
               r"résumé|resume|letter|essay|report|statement|profile|summary|portfolio|email|message|article|post|"
               r"paper|slide deck|pitch)s?(?: (?:to )?be)?\b(?! (?:take|last|course|apprenticeship|training|process))"),
    ("duration", r"^(?:for )?how long\b|^how (?:soon|fast|quickly)\b|^how much (?:notice|time|experience)\b"),
    ("duration", r"^how many (?:\w+ ){0,2}(?:years?|months?|weeks?|days?)\b(?! (?:per|a|each))"),
    ("amount", rf"^how much\b.*\b(?:{_PAY}|{_EARN}|money)\b|^how much\??$|^how (?:well )?(?:is|are) .*\bpaid\b"),
    ("amount", r"^how much (?:is|are|was|were|for) (?:an?|the|one|this|that)\b(?!.*\b(?:used|expected|needed|required|true|"
               r"different|involved|taught|known)\b)"),
    ("amount", rf"^what{_IS} (?:(?!difference|best|way|role|impact|effect)[\w'-]+ ){{0,4}}{_PAY}(?! (?:matching|negotiation|"
               rf"transparency|cut|gap|review|like))\b"),
    ("amount", rf"^what{_IS} .*\bdifference in {_PAY}\b"),
    ("amount", r"^what (?!do i )(?:do|does|did|can|could|will|would|should|might|may) .*\b(?:earn|make|cost|get paid|pay|"
               r"charge|start on|pay me|pay you)(?: (?:in|at|per|"
               r"for|as|on|with|after|a|to) .*)?\??$"),
    ("amount", rf"^how (?:big|high|large|low) (?:is|are|was|should) .*\b(?:{_PAY}|offer)\b"),
    ("amount", r"^(?:which|what|who) (?:\w+ ){0,1}(?:pays|earns|makes)\b (?:more|better|most|the most|less)\b"),
    ("amount", rf"^what {_PAY} (?:{_AUX})\b"),
    ("amount", r"^(?!why|how|in |where)[^?]*\b(?:who|which|what|would|does|do|will|can|than)\b[^?]*\b(?:earns?|pays?|makes?|"
               r"paid) (?:the )?(?:more|most)\b(?! (?:sense|difference))"),
    ("amount", r"^(?:do|does|is|are)\b.*\bor\b.*\b(?:earns?|paid|makes?|pays?)\b (?:more|better|less)\b"),
    ("amount", r"^(?!how|why|should|is|are|do|does|can)(?:[\w'-]+ ){0,6}(?:salary|salaries|wages?|compensation|"
               r"earnings)(?: (?:of|for|in|at|as) .*| [\w-]+)?\??$"),
    ("number", r"^how (?:many|old|often|frequently|far|tall|large|big)\b|"
               r"^(?:(?:at|by|from|until|till|up to|to|with) )?what age\b|^what (?:is|are) the (?:number|"
               r"minimum age|retirement age|age|size)\b"),
    ("reason", rf"^why\b|^how come\b|^for what reason|^what{_IS} the reasons?\b|^what causes\b"),
    ("organisation", r"^(?:which|what) (?:compan(?:y|ies)|employers?|firms?|organi[sz]ations?|agenc(?:y|ies)|body|"
                     r"universit(?:y|ies)|school|board|authority)\b"),
    ("person", r"^(?:to |from |with |by |for )?(?:who|whom|whose)\b"),
    ("place", r"^(?:from )?where\b|^(?:in |at )?(?:which|what) (?:cit(?:y|ies)|countr(?:y|ies)|states?|regions?|places?|"
              r"towns?)\b"),
    ("date", r"^(?:since |until )?when\b|^(?:in |on |by )?(?:what|which) (?:year|date|month|day|time)\b"),
    ("meaning", r"^(?:define|definition of|meaning of|explain (?:what|the term)|explain (?:the )?\w+ \w+\W*$)|\bwhat (?:does|"
                r"do) [\w .&/'-]{1,40} (?:mean|stand for)\b"),
    ("meaning", r"^what(?:'s| is| are) (?:an? )?(?!(?:the|my|your|it|there|some|good|better|best|typical|common|important|"
                r"required|considered|involved)\b)"
                r"(?!\w+'s typical)[\w.&/+#'-]+(?: (?!(?:day|like|required|needed|used|for|in|at|to|better|do|does|"
                r"expected)\b)[\w.&/+#'-]+){0,3}\??$"),
    ("steps", r"^what (?:should|can|could|must|do|would) (?:i|we|you|one|people|somebody|someone) (?:have to |need to )?do "
              r"(?:\w+ ){0,3}to\b"),
    ("steps", r"^(?:so |and |but )?how (?:do|can|could|should|would|must|might|did) (?:i|we|you|one|someone|somebody|people|"
              r"a person|they)\b"),
    ("steps", rf"^how (?:best )?to\b|^how (?:do|can|could|should|does|would) (?:[\w-]+ ){{1,5}}{_DOING}\b|\bsteps\b|"
              rf"\broadmap\b|\bstep[- ]by[- ]step\b"),
    ("steps", rf"^what{_IS} the (?:\w+ )?(?:best|right|fastest|quickest|easiest|usual|first|next) (?:way|steps?|path|route)\b|"
              rf"^(?:the )?(?:path|route|way) to |"
              r"^becoming an?\b"),
    ("items", r"^(?:could you |can you |please )?(?:list|name|enumerate|give (?:me )?(?:some |a few |\w+ )?(?:examples?|a list|"
              r"list|ideas|tips|reasons|ways))\b"),
    ("items", rf"^(?:in )?(?:what|which)(?:{_IS} the| are)? (?:(?!(?:for|of|in|at|to|do|does|with|on|"
              rf"about)\b)[a-z-]+ ){{0,3}}?(?:{_PLURAL})\b(?! (?:it|a|an|the|when|with|at|any|you|me|one)\b)"),
    ("items", r"\b(?:pros and cons|advantages and disadvantages|do'?s and don'?ts|checklist)\b|"
              r"^what do (?:[\w-]+ ){1,4}(?:look for|ask|expect|require|value)\b"),
    ("items", rf"^(?!how|why|should|is|are|do|does|can)(?:\w+ ){{0,3}}(?:tips|ideas|ways|questions|examples|mistakes|books|"
              rf"courses|"
              rf"resources|tools|skills|requirements|"
              rf"qualifications|certifications?){_TOPIC_ONLY}"),
    ("steps", r"^how (?:can|could|should|might) "),
    ("duration", r"\bhow long\b"),
    ("number", r"\bhow many\b"),
    (
        "amount",
        rf"^(?!(?:how|why|when|where|who|{_AUX}|tips|ways)\b)(?!what (?:do i|should i|to)\b)[^?]*\b(?:pay|wages?|salar(?:y|"
        rf"ies)|sal+[ae]ry|fees?|prices?|surcharge|"
        r"pay rates?|(?:weekend|night|hourly|daily|overtime) rates?|starting (?:pay|salary)|remuneration|takings)\b"
        r"(?! (?:negotiation|gap|transparency|rise|slip|cut|review|fixed))",
    ),
    (
        "items",
        rf"^(?!(?:how|why|when|where|who|what|which|{_AUX}|i|my|we)\b)(?:[a-z'-]+ ){{0,2}}{_PLURAL} "
        r"(?:of|for|in|to|that|an?|the|on|at|when|i|we|you|candidates|people|employers|are good)\b",
    ),
    ("items", r"\ball of them\b"),
    ("verdict", rf"^(?:so |and |but |or )?{_AUX}\b|^[^?]{{3,60}}[:,] (?:is|are|do|does|can|should) (?:it|i|they|that|this)\b|"
                rf"\bwhether\b"),
)  # fmt: skip
_COMPILED = tuple((kind, re.compile(pattern, 0 if "[A-Z]" in pattern else re.I)) for kind, pattern in _RULES)
_JOINED = re.compile(r"^(?:and|but|so|or|then|also|plus)\b[\s,]+(?=\S)", re.I)
_ASKS_FIRST = re.compile(
    rf"(?:(?:in|at|for|to|from|by|with|since) )?(?:who|whom|whose|what|which|when|where|why|how|"
    rf"{_AUX})(?:'s)?\b",
    re.I,
)
_ASKS_LATER = re.compile(
    r"(?:[.!?,:;]|\s-)\s+(?:and |so |but )?(?=(?:who|what|which|when|where|why|how|can i|should i|do i|is it|"
    r"could i)(?:'s)?\b)",
    re.I,
)


def wanted(core: str) -> Wanted:
    """The kind of thing that would answer the question: the first rule that fits, "text" when none does.

    "I was off work for two years, how do I explain it?" is judged by the clause that asks.
    """
    core = _JOINED.sub("", core)
    if not _ASKS_FIRST.match(core) and (clause := _ASKS_LATER.search(core)):
        core = core[clause.end() :]
    for kind, pattern in _COMPILED:
        if pattern.search(core):
            return kind
    return "text"
