"""How one wording relates to another: same thing, opposite thing, denied thing. Word lists and scopes, no model.

Everything works on stems (kb.lexical.analyse), so that "employers" and "employer" are one word. The lists hold everyday English
and the words of working life; a word they do not know simply finds no synonym.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from functools import cache, lru_cache

from kb.facts import Quantity, quantities
from kb.lexical import STOP_WORDS, analyse

_SYNONYMS = """
write wrote written / take took taken / keep kept / leave left / find found / lead led / hold held / win won / buy
bought / teach taught / speak spoke / pay paid / choose chose chosen / grow grew / rise rose / fall fell / know knew /
stop end ended / salary pay paid earnings earn wage income compensation remuneration / phd doctorate doctoral / cv
résumé resume / job role post position / company firm employer organisation business / applicant candidate / people
person human somebody someone anybody / need require required necessary must mandatory demand oblige ask / typically
usually normally generally commonly mostly often mainly chiefly / recommend advise suggest / show demonstrate prove /
use employ utilise / begin start began begun launch / large big great / say state write report tell note / argue claim
/ hard difficult / easy simple / rare uncommon seldom / increase rise grow raise / decrease fall drop cut reduce lower
/ approximately about roughly around nearly almost / more over above exceed / less under below / optional unnecessary
/ forbid ban prohibit / choose pick select prefer / list name include comprise / contain hold carry / important
crucial key essential / allow let permit / paper publication / law legislation / mistake error / reject refuse decline
/ accept take / avoid omit exclude leave / keep retain / explain justify defend / single one / finish complete /
summary profile / united us usa america american / kingdom uk british britain / average mean / year annual yearly /
month monthly / bachelor undergraduate / talk speak / quick fast / get obtain receive / help aid assist / method
approach technique / goal aim objective / build create develop make / test check verify / buy purchase / lead head /
change alter / fix repair / judge measure assess evaluate / study course class / outcome result / figure number /
helpful useful
"""
_OPPOSITES = """
rose fell / fast slow / faster slower slowly / quick slow / quickly slowly / more less fewer / most least few / high
low / higher lower / highest lowest / increase decrease / rise fall / grow shrink / raise cut lower reduce / above
below / over under / before after / first last / early late / earlier later / begin end / start finish end / always
never sometimes / often rarely seldom / usually rarely / typically rarely / common rare uncommon / many few / all none
some / required optional preferred / necessary unnecessary optional / easy hard difficult / easier harder / strong
weak / stronger weaker / strongest weakest / best worst poor weak / better worse poorer / good bad poor / well badly
poorly / large small / long short / longer shorter / old new / oldest newest / older younger newer / senior junior /
accept refuse reject decline / allow forbid ban prohibit / include exclude omit / advantage disadvantage / add remove
/ success failure / win lose / gain loss / public private hidden / minimum maximum / up down / inside outside / open
closed / possible impossible / likely unlikely / narrow broad wide / overestimate underestimate / agree disagree /
real invented hypothetical / true false / join leave / buy sell / hire fire / men women / male female / primary
secondary / double halve / away towards / same different / everything nothing / legal illegal / paid unpaid / full
part / afterwards before beforehand
"""
_COMPARATIVES = "more less fewer / higher lower / better worse / older younger / longer shorter / stronger weaker / earlier later"
_LIGHT = """
put take taken took make made get give gives go goes come comes find found say says said tell think thinks see use
used using one case cases way ways thing things lot place kind part also long provided other another others already
still even now then anything something everything everyone someone anyone such about usually often typically normally
generally mostly mainly chiefly really quite rather well good able want wants like keep keeps kept need needs needed
must let lets mean means meant include includes including example instance according article guide source figure call
called so far once first may might main small several various certain both each every any some many much few little
they them their which who what when where how why because since while although though whereas unless if than begin
begins began start starts end ends turn turns become becomes became do does did done saying later soon today person
people given cannot against during without within across among along roughly
"""
_PIVOTS = (("than",), ("above", "ahead of", "before", "prior to"), ("below", "behind", "after"), ("rather than", "instead of"))
_STRONG = re.compile(
    r"\b(?:always|never|must|all|every|everywhere|everyone|everybody|nobody|none|automatically|legally|guarantee\w*|requires?|required"
    r"|mandatory|banned|illegal|unlimited|immediately|entirely|completely|exclusively)\b",
    re.I,
)
_AS_STRONG = {
    "never": "no not none",
    "nobody": "no none not",
    "none": "no not never",
    "everyone": "all every everybody everything",
    "everybody": "all every everyone",
    "all": "every each both any whole",
    "every": "each all any",
    "must": "need needs require requires required oblige obliges should has have owes",
    "require": "must need needs obliges demand demands ask asks asked wants expected condition",
    "requires": "require must need needs obliges demands asks wants expected",
    "required": "require must need needs demands mandatory necessary usual typically asked",
}

_CUE = re.compile(
    r"\b(?:not|no|never|none|nobody|no one|nor|neither|without|cannot|unable|leav\w+ (?:\w+ ){0,4}out"
    r"|left out|instead of|rather than|nothing(?= (?:vest|replac|chang|becom|happen|requir)))\b|n['’]t\b",
    re.I,
)
_FORBIDS = re.compile(r"\b(?:leave (?:\w+ ){0,4}out|avoid|omit|do not|don['’]t|never|must not|should not)\b", re.I)
_SCOPE_ENDS = frozenset(
    "but and or because although while whereas unless if when that which who than except so provided as you we they it he "
    "she".split()
)
_AUXILIARIES = frozenset("are is was were will can could may might must should has have had does do did".split())
_PASSED_OVER = frozenset(
    "a an any to been be in of for on at by with your their its even longer just really very this the it that do does have "
    "has".split()
)
_WORD = re.compile(r"\d+(?:[.,]\d+)+|[\w'’%-]+(?:[.&][^\W_]+)*|[,;:.()]")  # 2.5 and U.S are one word, as in kb.lexical
_SCOPE_STEMS = 2  # content words that a negation reaches: "not a bad reaction to being stuck" denies "bad reaction"


def _groups(lines: str) -> list[list[str]]:
    return [[stem(word) for word in group.split()] for group in lines.split("/") if group.strip()]


@lru_cache(4096)
def stem(word: str) -> str:
    """A single word's stem."""
    found = analyse(word)
    return found[0] if found else word.lower()


@cache
def _light() -> frozenset[str]:
    return frozenset(stem(word) for word in _LIGHT.split()) | STOP_WORDS | frozenset(analyse(" ".join(STOP_WORDS)))


@cache
def _meanings() -> dict[str, frozenset[int]]:
    meanings: dict[str, frozenset[int]] = {}
    for number, group in enumerate(_groups(_SYNONYMS)):
        for word in group:
            meanings[word] = meanings.get(word, frozenset()) | {number}
    return meanings


@cache
def _opposites(lines: str) -> dict[str, frozenset[str]]:
    """Stem -> the stems it is opposed to. A line's first word is opposed to each of the others."""
    opposites: dict[str, frozenset[str]] = {}
    for first, *others in _groups(lines):
        for other in others:
            if other != first:
                opposites[first] = opposites.get(first, frozenset()) | {other}
                opposites[other] = opposites.get(other, frozenset()) | {first}
    return opposites


@lru_cache(1 << 16)
def alike(a: str, b: str) -> bool:
    """Whether two stems mean the same: equal, synonyms, or one with up to three letters more (stay, stayer)."""
    if a == b:
        return True
    short, long = sorted((a, b), key=len)
    if len(short) >= 4 and len(long) - len(short) <= 3 and long.startswith(short) and not a.startswith("#"):
        return True
    meanings = _meanings()
    return bool(meanings.get(a, frozenset()) & meanings.get(b, frozenset()))


def holds(stems: Collection[str], wanted: str) -> bool:
    """Whether wanted or something alike is among stems."""
    return wanted in stems or any(alike(wanted, other) for other in stems)


def share(wanted: Collection[str], stems: Collection[str]) -> float:
    """Share of wanted that stems hold, in [0, 1]; 1 when nothing is wanted."""
    return sum(holds(stems, each) for each in wanted) / len(wanted) if wanted else 1.0


def synonym_key(word: str) -> str:
    """The same string for synonyms, so that sequences of stems can be aligned."""
    found = _meanings().get(word)
    return f"={min(found)}" if found else word


def quantity_key(quantity: Quantity) -> str:
    """A quantity as a term: "#30000", "#5%"."""
    return f"#{quantity.value:g}{'%' if quantity.kind == 'percent' else ''}"


_LIMITS = frozenset("always all every everyone everybody necessarily".split())


@lru_cache(4096)
def content(text: str) -> tuple[str, ...]:
    """The terms of text that carry meaning, in order: stems without function words and light verbs, quantities as "#30000".

    >>> content("Employers pay $30k to nurses")
    ('employ', 'pay', '#30000', 'nurs')
    """
    out: list[str] = []
    at = 0
    for quantity in quantities(text):
        out += _stems(text[at : quantity.start])
        out.append(quantity_key(quantity))
        at = max(at, quantity.start + len(quantity.shown))
    return tuple(out + _stems(text[at:]))


def _stems(text: str) -> list[str]:
    return [each for each in analyse(text) if each not in _light()]


def denied(text: str, *, flatly: bool = False) -> list[list[str]]:
    """What each negation in text denies: the first stems of content that follow it.

    flatly: without "not always" and "not all", which limit more than they deny.

    >>> denied("A PhD is not strictly necessary, but it helps.")
    [['strict', 'necessari']]
    """
    words = list(_WORD.finditer(text))
    scopes = []
    for cue in _CUE.finditer(text):
        following = [word[0] for word in words if word.start() >= cue.end()]
        if not (flatly and following and following[0].lower() in _LIMITS):
            scopes.append(_scope(cue, following))
    return [scope for scope in scopes if scope]


def _scope(cue: re.Match[str], following: list[str]) -> list[str]:
    if "only" in [word.lower() for word in following[:3]] or (following and following[0].lower() == "longer"):
        return []  # "not only", "instead of looking only at" and "no longer" deny nothing
    scope = [each for each in analyse(" ".join(cue[0].split()[1:-1])) if each not in STOP_WORDS] if " " in cue[0] else []
    for word in following:
        small = word.lower()
        if word in ",;:.()":
            break
        if small in _PASSED_OVER:
            continue
        if small in _SCOPE_ENDS or (small in _AUXILIARIES and cue[0].lower() in ("not", "n't", "n’t")):
            if scope:
                break
            continue
        scope += [each for each in analyse(word) if each not in STOP_WORDS]
        if len(scope) >= _SCOPE_STEMS:
            break
    return scope


def affirmed(text: str) -> frozenset[str]:
    """Stems that stand in text outside the reach of any negation."""
    inside = [each for scope in denied(text) for each in scope]
    left = list(analyse(text))
    for each in inside:
        if each in left:
            left.remove(each)
    return frozenset(left) - STOP_WORDS


def forbids(lead: str) -> bool:
    """Whether a lead-in denies the list under it: "Leave these out of a CV:"."""
    return bool(_FORBIDS.search(lead))


def opposed(claim: str, evidence: str) -> list[str]:
    """Stems of claim whose opposite stands in evidence while they themselves do not, and claim has no word for that opposite."""
    own, other = set(analyse(claim)), set(analyse(evidence))
    if unmade := _unmade(claim, evidence):
        return unmade
    table, compared = _opposites(_OPPOSITES), _opposites(_COMPARATIVES)
    return sorted(
        each
        for each in own - other
        if each not in compared
        and not holds(other, each)
        and any(against in other and not holds(own, against) for against in table.get(each, ()))
    )


def _unmade(claim: str, evidence: str) -> list[str]:
    """Words that stand with un-, in- or non- in one of the texts and only without it in the other: trained, untrained."""
    own, other = set(re.findall(r"\w+", claim.lower())), set(re.findall(r"\w+", evidence.lower()))
    return sorted(
        word
        for mine, theirs in ((own, other), (other, own))
        for word in mine
        for prefix in ("un", "in", "non")
        if len(word) > 3 and prefix + word in theirs and prefix + word not in mine and word not in theirs and not denied(claim)
    )


def turned(claim: str, *evidence: str) -> bool:
    """Whether claim compares the other way round than evidence: sides exchanged, or "more" for "less", but not both.

    evidence: the closest clause first; comparatives are looked up in that one, sides in all.
    """
    own, other = set(analyse(claim)), set(analyse(evidence[0]))
    table = _opposites(_COMPARATIVES)
    flipped = any(each in table and table[each] & other and each not in other for each in own)
    pairs = [(mine, theirs) for text in evidence for theirs in _sides(text) for mine in _sides(claim) if mine[0] == theirs[0]]
    return flipped != any(_exchanged(mine[1:], theirs[1:]) for mine, theirs in pairs)


def _sides(text: str) -> list[tuple[int, frozenset[str], frozenset[str]]]:
    """What stands before and after each word of comparison: (kind of word, terms before, terms after)."""
    found = []
    for kind, words in enumerate(_PIVOTS):
        for word in words:
            if match := re.search(rf"\b{word}\b", text, re.I):
                found.append((kind, frozenset(content(text[: match.start()])), frozenset(content(text[match.end() :]))))
    return found


def _exchanged(mine: tuple[frozenset[str], ...], theirs: tuple[frozenset[str], ...]) -> bool:
    (a, b), (x, y) = mine, theirs
    a, b, x, y = a - b, b - a, x - y, y - x
    return bool(a & y) and bool(b & x)


def too_strong(claim: str, evidence: str) -> list[str]:
    """Words of claim that say always, only, must, ... where evidence has nothing of that strength. Denied words do not count."""
    own = {each for scope in denied(claim) for each in scope}
    words = set(re.findall(r"\w+", evidence.lower()))
    stems = set(analyse(evidence))
    found = []
    for match in _STRONG.finditer(claim):
        word = match[0].lower()
        enough = {word, *_AS_STRONG.get(word, "").split()}
        if not enough & words and stem(word) not in stems and stem(word) not in own:
            found.append(word)
    return found


def stems_of(texts: Iterable[str]) -> frozenset[str]:
    """All content terms of several texts."""
    return frozenset(each for text in texts for each in content(text))
