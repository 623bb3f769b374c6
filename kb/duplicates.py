"""Articles that say the same: recognised by content, searched once, still listed.

    copies = find_copies(kept, 0.8)          # source -> the article that it repeats
    new = passages_beyond(own, text, theirs, their_text)     # of a copy, what the original does not say: that stays searchable
    folds = find_folds(...)                  # passages of which a search returns only the best

Resemblance of two texts: the share of runs of three words that they have in common, of all that either has (A. Broder, "On the
resemblance and containment of documents", SEQUENCES 1997). Candidates are found by MinHash signatures in bands, then measured
exactly. Two articles on one template are no copies of each other: their titles tell them apart, and a copy's passage with another
figure, name or negation is a statement of its own.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from kb.catalogue import Copy, Kept
from kb.reading import title_of_name
from kb.records import Passage

SHINGLE = 3  # words; with 5, one edit in fifty words already halves the margin (docs/ingest.md, "Copies")
BANDS, ROWS = 20, 5  # a pair of resemblance .8 shares a band with probability .9996, one of .25 with .02
SAME_WORDS = 25  # a passage this long that stands word for word in two articles is one text, whatever their titles
NEARLY = 0.8  # of two passages' words in common, from which they count as two versions of one text (docs/ingest.md, "Copies")

_WORD = re.compile(r"\w+(?:[.,'’]\w+)*[+#%]*|[€£$¥₹]")
_COPY_MARKS = frozenset("copy kopie copie copia of duplicate final draft new old backup bak v".split())
_NEGATIONS = frozenset("not no never without neither nor none nobody nothing cannot unless except nicht kein nie ohne".split())
# multiply-shift hashing: M. Dietzfelbinger et al., "A reliable randomized algorithm for the closest-pair problem", 1997
_DRAWN = np.random.default_rng(20240501).integers(0, 1 << 63, size=(2, BANDS * ROWS), dtype=np.uint64) | np.uint64(1)


def shingles(text: str) -> np.ndarray:
    """(n,) uint64, sorted, each once: the hashes of text's runs of SHINGLE words, case and punctuation aside."""
    words = np.array([zlib.crc32(word.encode("utf-8", "replace")) for word in _words(text)], dtype=np.uint64)
    if len(words) < SHINGLE:
        words = np.concatenate([words, np.zeros(SHINGLE - len(words), dtype=np.uint64)])
    hashes = np.zeros(len(words) - SHINGLE + 1, dtype=np.uint64)
    for at in range(SHINGLE):
        hashes = (hashes ^ words[at : len(words) - SHINGLE + 1 + at]) * np.uint64(0x9E3779B97F4A7C15)
        hashes ^= hashes >> np.uint64(29)
    return np.unique(hashes)


def signature(text: str) -> bytes:
    """A text's MinHash signature: two texts' signatures agree in a place with the probability of their resemblance."""
    own = shingles(text) >> np.uint64(32)  # so that products fit
    lowest = np.full(BANDS * ROWS, np.iinfo(np.uint64).max, dtype=np.uint64)
    for at in range(0, len(own), 4096):
        hashed = own[at : at + 4096, None] * _DRAWN[0] + _DRAWN[1]  # modulo 2^64, the upper half counts
        lowest = np.minimum(lowest, hashed.min(axis=0))
    return (lowest >> np.uint64(32)).astype("<u4").tobytes()


def resemblance(one: np.ndarray, other: np.ndarray) -> float:
    """Shingles in common by shingles in all, in [0, 1]."""
    common = len(np.intersect1d(one, other, assume_unique=True))
    return common / (len(one) + len(other) - common)


def find_copies(kept: Sequence[Kept], least: float) -> dict[str, Copy]:
    """Source -> what it repeats, for every article that resembles one of a fitting title by least or more.

    The newest of them is the original; among equals that whose name shows no sign of copying, then the shortest name.
    None when least is 0.
    """
    if least <= 0:
        return {}
    copies: dict[str, Copy] = {}
    by_band: dict[tuple[int, bytes], list[Kept]] = defaultdict(list)
    known: dict[str, np.ndarray] = {}

    def own(each: Kept) -> np.ndarray:
        return known.setdefault(each.source, shingles(each.article.text))

    for each in sorted(kept, key=_originality):
        bands = list(_bands(each.signature))
        candidates = {other.source: other for band in bands for other in by_band[band] if _titles_fit(each, other)}
        shares = {source: resemblance(own(each), own(other)) for source, other in candidates.items()}
        best = max(shares, key=lambda source: shares[source], default="")
        if best and shares[best] >= least:
            copies[each.source] = Copy(best, shares[best])
            continue
        for band in bands:
            by_band[band].append(each)
    return copies


def _bands(signed: bytes) -> Iterator[tuple[int, bytes]]:
    width = 4 * ROWS
    return ((band, signed[band * width : (band + 1) * width]) for band in range(BANDS))


def _originality(each: Kept) -> tuple[object, ...]:
    newest_first = tuple(-ord(char) for char in each.article.date)
    marks = len(_title_words(title_of_name(each.source)) & _COPY_MARKS)
    return (not each.article.date, newest_first, marks, len(each.source), each.source)


def _titles_fit(one: Kept, other: Kept) -> bool:
    """Whether the titles may stand over one text: no word in them tells two subjects apart. Those of equal files always may."""
    different = _title_words(one.article.title) ^ _title_words(other.article.title)
    return one.file_hash == other.file_hash or not any(map(_tells, different))


def _title_words(title: str) -> set[str]:
    return set(_words(title))


def _tells(word: str) -> bool:
    return word not in _COPY_MARKS and not re.fullmatch(r"v?\d{1,2}", word)


def passages_beyond(own: Sequence[Passage], text: str, originals: Sequence[Passage], original_text: str) -> list[Passage]:
    """Of a copy's passages those with a unit that the original does not have, word for word, under the same heading."""
    said = {line for passage in originals for line in _unit_lines(passage, original_text)}
    return [passage for passage in own if not said.issuperset(_unit_lines(passage, text))]


def _unit_lines(passage: Passage, text: str) -> set[tuple[str, ...]]:
    """Each unit's words behind the headings it stands under."""
    above = tuple(" ".join(_words(heading)) for heading in passage.heading)
    return {(*above, " ".join(_words(text[unit.start : unit.end]))) for unit in passage.units}


def saying(passage: Passage) -> int | None:
    """A hash of the passage's words, 63 bits, by which passages of the same words are found; None for a short passage."""
    words = _words(passage.text)
    if len(words) < SAME_WORDS:
        return None
    return int.from_bytes(hashlib.blake2b(" ".join(words).encode("utf-8", "replace"), digest_size=8).digest()) >> 1


def find_folds(
    passages: Sequence[Passage], copies: Mapping[str, Copy], sayings: Mapping[int, int] | None = None
) -> dict[int, int]:
    """Row -> first row of those that say the same; rows that nothing else repeats are left out.

    Two passages say the same when they are long and equal word for word, or, between a copy and its original, when they are
    versions of one text that differ in no figure, name or negation. sayings: row -> `saying` of its passage, when known.
    """
    first: dict[int, int] = {}
    by_words: dict[int, int] = {}
    of_source: dict[str, list[int]] = defaultdict(list)
    sayings = find_sayings(passages) if sayings is None else sayings
    for row, passage in enumerate(passages):
        of_source[passage.source].append(row)
        if row in sayings:
            _fold(first, by_words.setdefault(sayings[row], row), row)
    for source, copy in copies.items():
        for row in of_source[source]:
            for other in of_source[copy.original]:
                if passages[row].heading == passages[other].heading and nearly_the_same(passages[row].text, passages[other].text):
                    _fold(first, other, row)
    roots = {row: _first(first, row) for row in first}
    return {row: root for row, root in sorted(roots.items())}


def find_sayings(passages: Sequence[Passage], first_row: int = 0) -> dict[int, int]:
    """Row -> `saying`, of all passages long enough to have one."""
    numbered = ((row, saying(passage)) for row, passage in enumerate(passages, first_row))
    return {row: words for row, words in numbered if words is not None}


def _fold(first: dict[int, int], one: int, other: int) -> None:
    low, high = sorted((_first(first, one), _first(first, other)))
    if low != high:
        first[low], first[high] = low, low


def _first(first: Mapping[int, int], row: int) -> int:
    while first.get(row, row) != row:
        row = first[row]
    return row


def nearly_the_same(one: str, other: str) -> bool:
    """Whether two passages are versions of one text: most words in common, and no figure, name or negation in only one.

    >>> nearly_the_same("Most bakers start work at four.", "Most bakers begin work at four.")
    True
    >>> nearly_the_same("Most bakers start work at four.", "Most bakers start work at 5.")
    False
    """
    ours, theirs = Counter(_words(one)), Counter(_words(other))
    common = (ours & theirs).total()
    if 2 * common < NEARLY * (ours.total() + theirs.total()):
        return False
    different = (ours - theirs) | (theirs - ours)
    names = {word.casefold() for text in (one, other) for word in _inner_capitals(text)}
    return not any(word in names or word in _NEGATIONS or word.endswith("n't") or _has_figure(word) for word in different)


def _inner_capitals(text: str) -> Iterable[str]:
    """Words with a capital that do not begin a sentence or line: names, most of them."""
    return (match[0] for match in _WORD.finditer(text) if match[0] != match[0].lower() and _is_inner(text, match.start()))


def _is_inner(text: str, start: int) -> bool:
    before = text[:start].rstrip(" \t\"'“‘([")
    return bool(before) and before[-1] not in ".!?:;\n…-*•"


def _has_figure(word: str) -> bool:
    return any(char.isdigit() for char in word) or word in "€£$¥₹"


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())
