"""One way of writing for what is written in several, so that words meet: British and American, "Ph.D.", "doctorate" and "PhD".

    fold("She specialised in labour law, holds a Ph.D. and sent two CVs.")
        -> "She specialized in labor law, holds a PhD and sent two CV."

Used on both sides, on what is indexed and on what is asked, never on what is shown: a rule may fold more than it is meant to
("exercise" too becomes "exercize"), as long as two words of different meaning do not meet. The pairs are those of Oxford's
"British and American spelling": -ise/-ize, -yse/-yze, -our/-or, -re/-er, -ogue/-og, doubled l, -ence/-ense, -gement/-gment.
"""

from __future__ import annotations

import re
from functools import lru_cache

_SUSPECT = re.compile(  # a word that a rule may change; a first look that passes over most words
    r"\b(?:(?:[A-Za-z]{1,2}\.)+[A-Za-z]{1,2}\b\.?|[A-Z]{2,6}s\b|[Cc]urriculum [Vv]itae\b|[Rr][ée]sum[ée]s?\b|"
    r"[Dd]octora(?:tes?|l)\b|[Pp]h[Dd]s\b|[^\W\d_]+?(?:"
    r"[iy]s(?:e[ds]?|ers?|ing|ations?|ational)|our(?:s|ed|ing|ful|able|ites?|al|less|hood)?|[bt]res?|ogues?|"
    r"ll(?:ed|ing|[eo]rs?)|en[cs]es?|rogrammes?|udgements?)\b)"
)
_RULES = tuple(
    (re.compile(pattern), to)
    for pattern, to in (
        (r"^([A-Z]{2,6})s$", r"\1"),
        (r"^(?:[Cc]urriculum [Vv]itae|[Rr][ée]sum[ée]s?)$", "CV"),
        (r"^(?:[Dd]octora(?:tes?|l)|[Pp]h[Dd]s)$", "PhD"),  # stemmed as they are, they would meet doctors
        (r"(?<=[A-Za-z][a-z]{2})is(?=(?:e[ds]?|ers?|ing|ations?|ational)$)", "iz"),
        (r"(?<=[A-Za-z][a-z])ys(?=(?:e[ds]?|ers?|ing)$)", "yz"),
        (r"(?<=[A-Za-z][a-z]{2})our(?=(?:s|ed|ing|ful|able|ite|ites|al|less|hood)?$)", "or"),
        (r"(?<=[A-Za-z][a-z])([bt])re(s?)$", r"\1er\2"),
        (r"(?<=[A-Za-z][a-z])ogue(?=s?$)", "og"),
        (r"(?<=[A-Za-z][a-z]{2}[aeo])ll(?=(?:ed|ing|ers?|ors?)$)", "l"),
        (r"(?<=lic|def|off|ret)en[cs]e", "ense"),
        (r"(?<=rogram)me(?=s?$)", ""),
        (r"(?<=ud)gement", "gment"),
    )
)


def fold(text: str) -> str:
    """The text with every word in one of its spellings. Offsets change; words without another spelling stay as they are."""
    return _SUSPECT.sub(lambda match: _one(match[0]), text)


@lru_cache(2**16)
def _one(word: str) -> str:
    if "." in word:
        return word.replace(".", "")
    for pattern, to in _RULES:
        folded = pattern.sub(to, word)
        if folded != word:
            return folded
    return word
