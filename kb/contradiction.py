"""What speaks against a sentence although its words stand in the passage it cites: denied, reversed, or said of something else.

Each function returns how strongly, 0.0 when nothing does; the weights that turn this into a verdict are fitted (kb.claims).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

from kb.evidence import Proof, clauses, statements
from kb.facts import Quantity, quantities, states
from kb.wording import affirmed, alike, content, denied, holds, opposed, quantity_key, share, synonym_key, too_strong, turned

_ALIGNED = 0.4  # share of a clause's terms in a unit from which their wording is compared
_NEARLY_ALIGNED = 0.35  # units from here on may still confirm a denial
_AS_GOOD = 0.15  # units within this of the best-matching one may contradict
_TOUCHED = 0.2  # units that hold this share of a clause's terms may lend it a word like "everyone"
_COPIED = 0.5  # share of a clause's terms in the same order from which it counts as a near copy
_POSITION = re.compile(r"[,;:)\n]|\b(?:and|but|while|whereas)\b|[\w+#&.'’-]*[\w+#]|%")
_OF_CONTEXT = 0.2  # words that title and headings repeat everywhere tell numbers apart this much


def ordered(text: str) -> tuple[str, ...]:
    """content(text), each term once."""
    return tuple(dict.fromkeys(content(text)))


def _aligned(text: str, proofs: Sequence[Proof]) -> list[tuple[float, Proof]]:
    """Each unit with the share of text's terms that it holds, its title and headings counted in."""
    terms = ordered(text)
    return [(share(terms, proof.terms | proof.context_terms), proof) for proof in proofs]


def nearest(text: str, proofs: Sequence[Proof]) -> tuple[float, Proof]:
    """The unit that holds most of text's terms, the first among equals."""
    return max(_aligned(text, proofs), key=lambda pair: pair[0])


def denial(text: str, proofs: Sequence[Proof], headings: Sequence[str]) -> float:
    """Whether text denies what the cited units affirm, or affirms what they deny: the share of terms in common, or 0."""
    worst = 0.0
    for part in statements(text):
        aligned = [(held, proof) for held, proof in _aligned(part, proofs) if held >= _NEARLY_ALIGNED] if content(part) else []
        best = max((held for held, _ in aligned), default=0.0)
        if best >= _ALIGNED and _denies(part, aligned, best, headings):
            worst = max(worst, best)
    return worst


def _denies(part: str, aligned: Sequence[tuple[float, Proof]], best: float, headings: Sequence[str]) -> bool:
    refused = [(held, _flat(denied(proof.whole)) | proof.denied_by_lead, affirmed(proof.whole)) for held, proof in aligned]
    refused += [(0.0, _flat(denied(heading)), frozenset()) for heading in headings]
    own = affirmed(part)
    agreed = False
    for scope in denied(part, flatly=True):
        if any(holds(no, each) for each in scope for _, no, _ in refused):
            agreed = True
        elif any(each in yes for each in scope for held, _, yes in refused if held >= best - _AS_GOOD):
            return True
    if agreed:
        return False
    mine = _flat(denied(part))
    return any(
        holds(own - mine, each) and not any(each in yes for _, _, yes in refused)
        for held, proof in aligned
        if held >= best - 0.05
        for scope in denied(proof.whole)
        if not any(holds(mine, each) for each in scope)
        for each in scope
    )


def _flat(scopes: Sequence[Sequence[str]]) -> frozenset[str]:
    return frozenset(each for scope in scopes for each in scope)


def opposite(text: str, proofs: Sequence[Proof]) -> float:
    """Whether a clause holds the opposite of a word of the unit it matches best: the share of terms in common, or 0."""
    worst = 0.0
    for clause in clauses(text):
        held, proof = nearest(clause, proofs)
        if held >= _ALIGNED and opposed(clause, proof.whole):
            worst = max(worst, held)
    return worst


def strength(text: str, proofs: Sequence[Proof]) -> float:
    """1.0 if a clause says always, only, must, ... and the unit it matches best says nothing so strong."""
    for clause in clauses(text):
        proof = nearest(clause, proofs)[1]
        terms = ordered(clause)
        also = " ".join(each.whole for each in proofs if share(terms, each.terms) >= _TOUCHED)
        if too_strong(clause, f"{proof.whole} {proof.context} {also}"):
            return 1.0
    return 0.0


def reversal(text: str, proofs: Sequence[Proof]) -> float:
    """1.0 if a clause compares the other way round than the unit, or the clause in it, that it matches best."""
    for clause in clauses(text):
        held, proof = nearest(clause, proofs)
        if held < _ALIGNED:
            continue
        terms = ordered(clause)
        pieces = [piece for each in proofs for piece in each.pieces]
        closest = max(pieces, key=lambda piece: share(terms, frozenset(content(piece))))
        if turned(clause, closest, proof.whole):
            return 1.0
    return 0.0


def displaced(text: str, proofs: Sequence[Proof], everything: frozenset[str]) -> float:
    """How far beyond half a clause copies one of the source with a word exchanged for one from elsewhere in the passage; else 0.

    "Industry gives more freedom" where the source says "Academia gives more freedom; industry gives more stability".
    """
    worst = 0.0
    pieces = [content(piece) for proof in proofs for piece in proof.pieces]
    for clause in clauses(text):
        own = content(clause)
        if len(own) < 3:
            continue
        found = [_exchange(own, piece, everything) for piece in pieces]
        copied, moved = max(found, key=lambda pair: (round(pair[0], 2), not pair[1]))
        if moved:
            worst = max(worst, copied - _COPIED)
    return worst


def _exchange(own: Sequence[str], piece: Sequence[str], everything: frozenset[str]) -> tuple[float, bool]:
    """The share of own that stands in piece in the same order, and whether a term among them was exchanged for a moved one."""
    matcher = SequenceMatcher(None, [synonym_key(each) for each in own], [synonym_key(each) for each in piece], autojunk=False)
    steps = matcher.get_opcodes()
    copied = sum(step[2] - step[1] for step in steps if step[0] == "equal") / len(own)
    if copied < _COPIED:
        return copied, False
    for at, (step, a, b, x, y) in enumerate(steps):
        held_before = a == 0 or steps[at - 1][0] == "equal"
        held_after = b == len(own) or (at + 1 < len(steps) and steps[at + 1][0] == "equal")
        if step == "replace" and b - a <= 2 and y - x <= 3 and held_before and held_after:
            new = [each for each in own[a:b] if not holds(piece, each)]
            if any(holds(everything, each) for each in new):
                return copied, True
    return copied, False


def other_subject(text: str, proofs: Sequence[Proof], headings: Sequence[str]) -> float:
    """How much better the rest of text matches another unit than any with its first two terms; 0 if a heading has them."""
    terms = content(text)
    above = frozenset(content(" ".join(headings)))
    subject = [each for each in terms[:2] if not holds(above, each)]
    rest = [each for each in ordered(text) if each not in terms[:2] and not holds(above, each)]
    if not subject or len(rest) < 2:
        return 0.0
    shares = [(share(rest, proof.terms), any(holds(proof.terms, each) for each in subject)) for proof in proofs]
    own = [held for held, names_it in shares if names_it]
    return max(held for held, _ in shares) - max(own) if own else 0.0


def binding(text: str, proofs: Sequence[Proof], context: frozenset[str], everything: str) -> float:
    """How well the numbers of text keep the company they keep in the source, in [0, 1]; 1.0 when no other number fits better.

    For each quantity: the words beside it are looked for beside that quantity in the source, and beside others that it could be
    confused with; the score is the ratio of the two, at most 1. A word that stands beside several of them tells little.
    """
    source = [
        pair for proof in proofs for pair in _company("\n".join(proof.pieces) if proof.unit.kind == "table_row" else proof.whole)
    ]
    worst = 1.0
    for quantity, near in _company(text):
        same = [beside for each, beside in source if states(quantity, [each], everything)]
        rival = [beside for each, beside in source if _rivals(quantity, each) and not states(quantity, [each], everything)]
        if not same or not rival or _is_year(quantity):
            continue
        weights = {}
        for term, weight in near.items():
            shared = sum(1 for beside in (*same, *rival) if holds(beside, term) and _nearest_alike(beside, term) == 1.0)
            weights[term] = weight * (_OF_CONTEXT if term in context else 1.0) / max(1, shared)
        best = max(_fit(weights, beside) for beside in rival)
        if best > 0.0:
            worst = min(worst, max(_fit(weights, beside) for beside in same) / best)
    return worst


def _rivals(quantity: Quantity, other: Quantity) -> bool:
    """Whether two quantities can be confused: both amounts of money, percentages, times or plain counts."""
    return quantity.kind == other.kind and bool(quantity.unit) == bool(other.unit) and _is_year(quantity) == _is_year(other)


def _is_year(quantity: Quantity) -> bool:
    return quantity.kind == "plain" and quantity.value.is_integer() and 1900 <= quantity.value <= 2100


def _fit(wanted: dict[str, float], beside: dict[str, float]) -> float:
    return sum(weight * _nearest_alike(beside, term) for term, weight in wanted.items())


def _nearest_alike(beside: dict[str, float], wanted: str) -> float:
    return max((weight for term, weight in beside.items() if alike(term, wanted)), default=0.0)


def _company(text: str) -> list[tuple[Quantity, dict[str, float]]]:
    """Each quantity in text with the terms beside it: 1.0 up to the next punctuation or conjunction, half for each more."""
    placed: list[tuple[str, Quantity | None, int]] = []
    part = 0
    found = quantities(text)
    for match in _POSITION.finditer(text):
        inside = [each for each in found if each.start <= match.start() < each.start + len(each.shown)]
        if inside:
            if not placed or placed[-1][1] is not inside[0]:
                placed.append((quantity_key(inside[0]), inside[0], part))
        elif match[0] in ",;:)\n" or match[0].lower() in ("and", "but", "while", "whereas"):
            part += 1
        else:
            placed += [(term, None, part) for term in content(match[0])]
    return [(quantity, _beside(placed, quantity, at)) for _, quantity, at in placed if quantity is not None]


def _beside(placed: Sequence[tuple[str, Quantity | None, int]], quantity: Quantity, at: int) -> dict[str, float]:
    beside: dict[str, float] = {}
    for term, each, part in placed:
        if each is not quantity:
            beside[term] = max(beside.get(term, 0.0), 0.5 ** abs(part - at))
    return beside
