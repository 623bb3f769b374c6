"""The base's own words: misspellings are corrected against them, abbreviations and other names of roles spelt out.

    learn(articles) ── at ingest ──> the catalogue      understand("recieve RSUs", catalogue) ── per question ──> Understood

A word is only ever corrected to one that stands in the base, and never when it is a word of English.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Protocol

from kb.language import language_of
from kb.lexical import analyse
from kb.records import Article
from kb.spelling import fold

if TYPE_CHECKING:
    from spellchecker import SpellChecker

MOST_EXPANSIONS = 3  # names added to one question; more would drown what was asked

# Openings that sound alike: "flebotomist", "sychologist", "nitting".
_ALIKE = (("ph", "f"), ("ps", "s"), ("kn", "n"), ("wr", "r"), ("c", "k"), ("c", "s"), ("g", "j"), ("sc", "s"), ("wh", "w"))

# What people write for a role or a thing of working life; read so where no article has the short form, and one the long.
USUAL = {
    "swe": "software engineer", "sde": "software engineer", "sre": "site reliability engineer",
    "mle": "machine learning engineer",
    "dba": "database administrator", "tpm": "technical program manager", "cna": "certified nursing assistant",
    "lpn": "licensed practical nurse", "hca": "healthcare assistant", "emt": "emergency medical technician",
    "slt": "speech and language therapist", "slp": "speech language pathologist", "cpa": "certified public accountant",
    "hgv": "heavy goods vehicle", "cdl": "commercial driver", "rsu": "restricted stock unit", "ote": "on-target earnings",
    "pto": "paid time off", "wfh": "work from home", "yoe": "years of experience", "ats": "applicant tracking system",
    "llm": "large language model", "nlp": "natural language processing", "pip": "performance improvement plan",
}  # fmt: skip

_SHORT = re.compile(r" \(([A-Z][A-Za-z&]{1,9})\)")
_LONG = re.compile(r"(?:[A-Za-z][\w'-]*[ -]){1,8}?[A-Za-z][\w'-]*$")
_BEFORE = 300  # characters before a short form in which its long one is looked for
_SHORT_LONG = re.compile(r"\b([A-Z][A-Z&]{1,9}) \(([A-Za-z][\w' -]{4,80})\)")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")


def learn(articles: Iterable[Article]) -> dict[str, list[str]]:
    """Name in lower case -> what else the base calls it: from "restricted stock unit (RSU)" and the roles' other names.

    >>> from kb.reading import assemble
    >>> from kb.records import Draft, Fragment
    >>> learn([assemble(Draft((Fragment("paragraph", "A restricted stock unit (RSU) is a promise."),)), "a.md")])
    {'restricted stock unit': ['RSU'], 'rsu': ['restricted stock unit']}
    """
    names: dict[str, list[str]] = {}
    for article in articles:
        for role in article.roles:
            called = [name.strip() for name in role.split("/") if name.strip()]
            for name in called:
                _add(names, name, [other for other in called if other != name])
        for short, long in abbreviations(article.text):
            _add(names, short, [long])
            _add(names, long, [short])
    return dict(sorted(names.items()))


def _add(names: dict[str, list[str]], name: str, others: list[str]) -> None:
    known = names.setdefault(name.casefold(), [])
    known += [other for other in others if other.casefold() not in {each.casefold() for each in known}]
    if not known:
        del names[name.casefold()]


def abbreviations(text: str) -> list[tuple[str, str]]:
    """(abbreviation, what it stands for) wherever text introduces one, each once, in order.

    Accepted only where the letters are the words' initials (after Schwartz & Hearst, "A simple algorithm for identifying
    abbreviation definitions in biomedical text", 2003).

    >>> abbreviations("paid in restricted stock units (RSUs)")
    [('RSUs', 'restricted stock units')]
    """
    found, end = [], 0
    for short in _SHORT.finditer(text):
        if long := _LONG.search(text[max(end, short.start() - _BEFORE) : short.start()]):
            found.append((short[1], _spelt(short[1], long[0])))
            end = short.end()
    found += [(m[1], _spelt(m[1], m[2])) for m in _SHORT_LONG.finditer(text)]
    return list(dict.fromkeys((short, long) for short, long in found if long))


def _spelt(short: str, words: str) -> str:
    """The last words whose initials make the abbreviation, "" when there are none."""
    letters = [letter.casefold() for letter in short.removesuffix("s") if letter.isalpha()]
    parts = words.split()
    small = {"of", "and", "in", "for", "the", "to", "on"}
    for start in range(len(parts) - 1, -1, -1):
        initials = [piece[0].casefold() for word in parts[start:] for piece in word.split("-") if piece]
        main = [piece[0].casefold() for word in parts[start:] for piece in word.split("-") if piece and word not in small]
        if letters in (initials, main) and len(letters) > 1:
            return " ".join(parts[start:])
    return ""


def count_words(texts: Iterable[str]) -> Counter[str]:
    """Word in lower case -> how many of the texts hold it; words of fewer than three letters are left out."""
    counted: Counter[str] = Counter()
    for text in texts:
        counted.update({match[0].casefold() for match in _WORD.finditer(text) if len(match[0]) > 2})
    return counted


@dataclass(frozen=True, slots=True)
class Understood:
    """A question in the base's words.

    text: with corrections; corrections: (as written, as understood); expansions: other names of what it names.
    """

    text: str
    corrections: tuple[tuple[str, str], ...] = ()
    expansions: tuple[str, ...] = ()

    @property
    def expanded(self) -> str:
        """The text with the other names behind it: what is embedded."""
        return f"{self.text} ({', '.join(self.expansions)})" if self.expansions else self.text


class Lexicon(Protocol):
    """What a base knows of words: catalogues offer it."""

    def passages_with(self, word: str) -> int: ...
    def words_like(self, word: str) -> list[tuple[str, int]]: ...
    def other_names(self, names: Sequence[str]) -> dict[str, list[str]]: ...


def is_english(word: str) -> bool:
    """Whether the word stands in a dictionary of 160,000 English words (pyspellchecker's, read once, in 0.2 s)."""
    return word in _english()


@cache
def _english() -> SpellChecker:
    from spellchecker import SpellChecker  # here as in _correction, since most questions hold no word that nobody knows

    return SpellChecker(language="en", distance=1)


def understand(
    question: str,
    lexicon: Lexicon,
    is_word: Callable[[str], bool],
    form_stands: Callable[[str], bool] = lambda word: False,
    phrase_stands: Callable[[str], bool] = lambda phrase: False,
) -> Understood:
    """Correct misspelt words and add other names.

    A word is corrected when no passage holds it, it has five letters or more, is not written as a name, is not known otherwise
    (is_word: the encoder has a token for it, or English has it), and a known word with the same first letter, or an opening that
    sounds alike ("flebotomist", counted as one edit), lies within one edit
    (two from seven letters on, three from ten; swapped neighbours count as one: optimal string alignment, Damerau 1964). Where
    another form of it stands in the base (form_stands), only a word of the same stem within two edits will do ("enginer" is
    "engineer"), and no other spelling of the same word ("behavioural"). Another ending is no misspelling: "welder" is not
    corrected to "welded". The nearest wins, then the commonest. An abbreviation of USUAL is spelt out where the base has the long
    form (phrase_stands) and not the short.
    """
    corrections = []
    text = question
    foreign = language_of(question) == "de" and not (lexicon.passages_with("und") and lexicon.passages_with("nicht"))
    for at, match in enumerate(_WORD.finditer(question)):
        word = match[0].casefold()
        if spelt := _usual(word, lexicon, phrase_stands):
            corrections.append((match[0], spelt))
            text = re.sub(rf"\b{re.escape(match[0])}\b", spelt, text, count=1)
            continue
        if foreign or len(word) < 5 or (match[0][0].isupper() and at) or lexicon.passages_with(word) or is_word(word):
            continue
        if (folded := fold(word)) != word and lexicon.passages_with(folded):
            continue  # British or American
        candidates = lexicon.words_like(word)
        edits = 1 if len(word) < 7 else 2 if len(word) < 10 else 3
        if form_stands(word):
            edits, stem = min(edits, 2), analyse(word)
            candidates = [(other, n) for other, n in candidates if other[:3] == word[:3] and analyse(other) == stem]
        best = _correction(word, candidates, edits) or _sounding_alike(word, lexicon, edits)
        if best:
            corrections.append((match[0], best))
            text = re.sub(rf"\b{re.escape(match[0])}\b", best, text, count=1)
    return Understood(text, tuple(corrections), tuple(_other_names(text, lexicon)))


def _correction(word: str, candidates: Iterable[tuple[str, int]], allowed: int) -> str:
    from rapidfuzz.distance import OSA

    near = [(other, n) for other, n in candidates if abs(len(other) - len(word)) <= allowed and not _another_ending(word, other)]
    scored = sorted((OSA.distance(word, other, score_cutoff=allowed), -count, other) for other, count in near)
    return scored[0][2] if scored and scored[0][0] <= allowed else ""


def _sounding_alike(word: str, lexicon: Lexicon, allowed: int) -> str:
    """The nearest known word that begins otherwise but sounds as if it began so, "" when there is none."""
    for one, other in (pair for written in _ALIKE for pair in (written, written[::-1])):
        if word.startswith(other) and not word.startswith(one):
            meant = one + word[len(other) :]
            candidates = [(known, n) for known, n in lexicon.words_like(meant) if known.startswith(one)]
            ending = [(known, n) for known, n in candidates if _another_ending(meant, known)]
            best = max(ending, key=lambda pair: pair[1])[0] if ending else _correction(meant, candidates, allowed - 1)
            if best:
                return best
    return ""


def _usual(word: str, lexicon: Lexicon, phrase_stands: Callable[[str], bool]) -> str:
    """What an abbreviation of USUAL stands for, "" where the base has it itself or does not have what it stands for."""
    short = word.removesuffix("s") if word.removesuffix("s") in USUAL else word
    spelt = USUAL.get(short, "")
    if not spelt or lexicon.passages_with(word) or lexicon.passages_with(short) or lexicon.other_names([word, short]):
        return ""
    return "" if not phrase_stands(spelt) else f"{spelt}s" if short != word else spelt


def _another_ending(word: str, other: str) -> bool:
    return word[:-1] in (other, other[:-1]) or word == other[:-1]


def _other_names(text: str, lexicon: Lexicon) -> list[str]:
    """Other names of what the question names, the longest name first."""
    words = [match[0].casefold() for match in _WORD.finditer(text)]
    spans = [(start, start + n) for n in range(min(6, len(words)), 0, -1) for start in range(len(words) - n + 1)]
    known = lexicon.other_names([" ".join(words[start:end]) for start, end in spans])
    found: list[str] = []
    taken: set[int] = set()
    for start, end in spans:
        others = known.get(" ".join(words[start:end]), [])
        if others and not taken & set(range(start, end)):
            taken |= set(range(start, end))
            found += [other for other in others if other.casefold() not in text.casefold()]
    return list(dict.fromkeys(found))[:MOST_EXPANSIONS]
