"""An article cut into passages, and the quotable units inside them.

    Article ── sections ── blocks ──> atoms (sentences, items, rows) ── pack ──> Passage(Unit...)

A passage never crosses a heading. Within a section, whole blocks stay together where they fit; a list or table too long for one
passage continues in the next, and its items keep their lead-in, its rows their header.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import ceil

from kb.records import Article, Block, Passage, Section, Unit
from kb.settings import Settings

CONTEXT_CHARS = 480  # of title and heading path embedded with a passage: half the window; real ones stay below 250
LEAD_CHARS = 600  # of a table's header that goes with its rows; one longer would fill the window by itself
CHARS_PER_TOKEN = 16  # at most, in a passage: prose has 4 to 6

TokenCounter = Callable[[Sequence[str]], list[int]]

_ABBREVIATIONS = frozenset(
    "mr mrs ms dr prof sr jr st vs etc e.g i.e eg ie cf al approx dept est fig figs inc ltd co corp no nos vol pp p ed eds min "
    "max avg jan feb mar apr jun jul aug sep sept oct nov dec mon tue wed thu fri u.s u.k u.n e.u d.c ph.d m.sc b.sc b.a m.a m.d "
    "a.m p.m bzw usw ca nr str z.b d.h".split()
)
_SENTENCE_END = re.compile(r"[.!?…。！？]+[\"'”“’)\]»«]*(?=\s|$)|\n")
_QUOTED = 400  # characters; all but one of 55 quotations of several sentences in the shipped articles have 59 words or less
_QUOTATION = re.compile(  # closed, on one line, no longer than that: an open or stray mark holds nothing together
    r"""
    “[^“”\n]{1,N}” | „[^„“”\n]{1,N}[“”] | «[^«»\n]{1,N}» | (?<![^\s(\[—–-])»(?=\S)[^«»\n]{1,N}«
    | (?<![^\s(\[—–-])"(?=\S)[^"\n]{1,N}(?<=\S)"(?!\w)
    | ‘(?:[^‘’\n]|’(?=\w)){1,N}’(?!\w)
    | (?<![^\s(\[—–-])'(?=\w)(?:[^'\n]|(?<=\w)'(?=\w)){1,N}(?<=[.!?,…])'(?!\w)
    """.replace("N", str(_QUOTED)),
    re.VERBOSE,
)
_STARTS_SENTENCE = re.compile(r"[\s\"'“„‘‚(\[«]*[^\Wa-zß-ÿ_]|[\s\"'“„‘‚(\[«]*[$£€¥₹#*–—-]")
_COUNTED = re.compile(r"(?:^|(?<=[.!?:;\n])\s*)(?:step|part|phase|stage|chapter|rule|tip|lesson)$", re.I)
_WORD = re.compile(r"\w+(?:[.'’-]\w+)*")
_PRESENTS = (
    r"(?:covers?|explores?|explains?|discuss(?:es)?|breaks?|walks?|looks?|shows?|shares?|answers?|outlines?|lists?|goes?|takes?)"
)
_SIGNPOST = re.compile(  # a sentence that speaks of its article, not of the subject: never an answer
    rf"""
      \W*in\s(?:this|our|today['’]s)\s(?:article|guide|blog(?:\spost)?|section|video|episode|page|tutorial),?\s
        (?:we|i)(?:['’]ll|\swill|['’]?\s?a?re\sgoing\sto|['’]m\sgoing\sto)?\s{_PRESENTS}\b[^.!?]*[.!?]?
    | \W*this\s(?:article|guide|blog\spost|tutorial)\s(?:will\s)?{_PRESENTS}\b[^.!?]*[.!?]?
    | \W*(?:keep\sreading|read\son|scroll\sdown)\b[^.!?]*[.!?]?
    | \W*(?:(?:so|now|ready\?)[,\s]+)*let['’]?s\s
        (?:get\s(?:started|into\sit|to\sit)|(?:dive|dig|jump)\s(?:right\s)?in(?:to)?|begin|take\sa\s(?:closer\s)?look)\b[^.!?]*[.!?]?
    | \W*(?:got|have)\s(?:any\s)?questions\?\W* | \W*we(?:['’]ve\sgot|\shave)\s(?:the\s)?answers[.!]?\W*
    """,
    re.I | re.VERBOSE,
)
_PLACEHOLDER = re.compile(
    r"\{\{[^{}]*\}\}|\$[a-z_]+\$|\[(?:insert|your|tbd|todo)\b[^\]]*\]|<(?:insert|your)\b[^>]*>|\blorem ipsum\b", re.I
)


def sentences(text: str) -> list[tuple[int, int]]:
    """Where each sentence of text starts and ends, without white space at its edges; every other character is in one.

    >>> [("Dr. Wu earns $1.5m. Ask her!"[a:b]) for a, b in sentences("Dr. Wu earns $1.5m. Ask her!")]
    ['Dr. Wu earns $1.5m.', 'Ask her!']

    No sentence ends inside a quotation behind which it goes on: 'They ask "Why us? Why now?" early.' is one.
    Where the quotation ends its sentence ('A script is: "I have an offer. Can you match it?"') its sentences stand apart.
    """
    found, start, small = [], 0, text.islower()  # a text without a capital: small letters start its sentences too
    spoken = quotations(text)[::-1]  # the next one last
    for match in _SENTENCE_END.finditer(text):
        while spoken and spoken[-1][1] < match.end():
            spoken.pop()
        if match[0] != "\n" and not _ends_sentence(text, match, small):
            continue
        if spoken and _is_within(text, match, *spoken[-1]):
            continue
        found.append((start, match.end()))
        start = match.end()
    found.append((start, len(text)))
    return [span for span in (_strip(text, a, b) for a, b in found) if span[0] < span[1]]


def quotations(text: str) -> list[tuple[int, int]]:
    """Where what stands in quotation marks starts and ends, marks included; what is open, stray or very long is none.

    >>> [("Say “Not yet. Ask me in May.” Then go."[a:b]) for a, b in quotations("Say “Not yet. Ask me in May.” Then go.")]
    ['“Not yet. Ask me in May.”']
    """
    return [match.span() for match in _QUOTATION.finditer(text)]


def _ends_sentence(text: str, mark: re.Match[str], small: bool) -> bool:
    """Whether this full stop ends a sentence: not after an abbreviation, initial or list number, nor before a small letter."""
    after = text[mark.end() : mark.end() + 8]
    if after.strip() and not small and not _STARTS_SENTENCE.match(after) and not after.lstrip()[:1].isdigit():
        return False
    if not mark[0].startswith(".") or len(mark[0].rstrip("\"'”“’)]»«")) > 1:
        return True
    word = re.search(r"[\w.]*$", text[max(0, mark.start() - 12) : mark.start()])
    before = word[0] if word else ""
    if before.lower() in _ABBREVIATIONS and before.lower() not in {"etc", "no", "us", "u.s", "u.k", "co", "inc", "ltd"}:
        return False
    if before.lower() in {"no", "nos"} and after.lstrip()[:1].isdigit():
        return False
    if len(before) == 1 and before.isupper() and before != "I":  # an initial: "J. Smith"
        return False
    if before.isdigit() and len(before) <= 2:  # "1. First", "Step 2. Then"
        ahead = _COUNTED.sub("", text[max(0, mark.start() - 40) : mark.start() - len(before)].rstrip()).rstrip()
        return bool(ahead) and ahead[-1] not in ".!?:;\n"
    return True


def _is_within(text: str, mark: re.Match[str], start: int, end: int) -> bool:
    """Whether the mark lies within the quotation from start to end, and the sentence goes on behind that."""
    after = text[end : end + 8]
    if not start < mark.start() or not mark.end() < end or not after.strip() or after[0] in ".!?…\n":
        return False
    whole = bool(re.search(r"[.!?…。！？][\"'”’“»«]*$", text[start:end]))
    return not (whole and after[0].isspace() and (_STARTS_SENTENCE.match(after) or after.lstrip()[:1].isdigit()))


def _strip(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


@lru_cache(256)
def word_count(text: str) -> int:
    """Words in text, counted as runs of letters and digits."""
    return sum(1 for _ in _WORD.finditer(text))


def is_lead_in(text: str) -> bool:
    """Whether text only introduces what should follow it: "This includes:"."""
    return text.rstrip().endswith((":", "："))


def breaks_off(text: str) -> bool:
    """Whether text ends in the middle of a sentence, as before a list that goes on with it: "Do not come if you"."""
    return text.rstrip()[-1:].isalnum() or text.rstrip().endswith((",", "-", "–", "—"))


def embedded_text(passage: Passage, article_text: str) -> str:
    """What the encoder sees for a passage: title and heading path, the lead of a list or table it continues, its own text."""
    lead = ""
    if passage.units and 0 <= passage.units[0].lead_start < passage.start:
        lead = article_text[passage.units[0].lead_start : passage.units[0].lead_end] + "\n"
    return f"{context_line(passage)}\n{lead}{passage.text}"


def unit_with_lead(unit: Unit, article_text: str) -> str:
    """A unit's words behind those it leans on: "Region | Pay Kent | 31,000 GBP"."""
    lead = article_text[unit.lead_start : unit.lead_end] + " " if unit.lead_start >= 0 else ""
    return lead + article_text[unit.start : unit.end]


def unit_by_itself(passage: Passage, unit: Unit, article_text: str) -> str:
    """A unit, and the lead it has, behind the heading it stands under (the title where there is none), nothing else around it."""
    return f"{passage.heading[-1] if passage.heading else passage.title}\n{unit_with_lead(unit, article_text)}"


def context_line(passage: Passage) -> str:
    """Title and heading path without repetition: "Research scientist pay > Netflix".

    A line longer than CONTEXT_CHARS would leave the passage itself no room in the encoder's window: each part is cut then.
    """
    parts = [passage.title]
    for heading in passage.heading:
        if heading.casefold() != parts[-1].casefold():
            parts.append(heading)
    parts = [part for part in parts if part]
    if sum(map(len, parts)) > CONTEXT_CHARS:
        parts = [part[: CONTEXT_CHARS // len(parts)].rstrip() for part in parts]
    return " > ".join(parts)


@dataclass(frozen=True, slots=True)
class _Atom:
    """A unit before packing. block: its block's number in the section; words: its length."""

    unit: Unit
    block: int
    group: int
    words: int
    page: int | None


def cut(article: Article, settings: Settings, count: TokenCounter) -> list[Passage]:
    """The article's passages in reading order; count gives tokens per text by the encoder's tokenizer.

    Each passage holds about settings.passage_words words and at most settings.passage_max_tokens tokens together with its
    title and heading path, so that nothing is cut off when it is embedded. Sections with no text of their own give none.
    """
    passages = []
    for section in article.sections:
        atoms = _atoms(article.text, section)
        for run in _pack(atoms, settings.passage_words):
            for fitting in _fit(article, section, run, settings.passage_max_tokens, count):
                passages.append(_passage(article, section, fitting))
    return passages


def _atoms(text: str, section: Section) -> list[_Atom]:
    """The section's smallest quotable pieces in order: sentences, items, rows.

    Items know their lead-in (the item above them, for those of a list within a list), rows their header.
    """
    atoms: list[_Atom] = []
    lead, header, group = (-1, -1), (-1, -1), 0
    above: list[Block] = []  # the items that the next one may stand under, the outermost first
    for number, block in enumerate(section.blocks):
        if block.kind == "heading":
            continue
        if block.kind in ("table_header", "table_row"):
            before = section.blocks[number - 1].kind if number else "heading"
            if block.kind == "table_header" or before not in ("table_header", "table_row"):
                group += 1
                header = (block.start, block.end) if block.kind == "table_header" else (-1, -1)
            own = header if block.kind == "table_row" and header[1] - header[0] <= LEAD_CHARS else (-1, -1)
            silent = block.kind == "table_header"
            atoms.append(_atom(text, block, "table_row", block.start, block.end, own, number, group, silent))
        elif block.kind == "item":
            if number == 0 or section.blocks[number - 1].kind != "item":
                group += 1
                lead = _lead_in(text, section.blocks[number - 1]) if number else (-1, -1)
                above = []
                if lead != (-1, -1) and atoms:  # the lead-in belongs to the list's group
                    atoms[-1] = _regroup(atoms[-1], group)
            above = [item for item in above if item.level < block.level]
            own = (above[-1].start, above[-1].end) if above else lead
            after = section.blocks[number + 1] if number + 1 < len(section.blocks) else None
            leads = after is not None and after.kind == "item" and after.level > block.level
            dangling = is_lead_in(text[block.start : block.end]) and not leads
            atoms.append(_atom(text, block, "item", block.start, block.end, own, number, group, dangling))
            above.append(block)
        else:
            group += 1
            following = section.blocks[number + 1].kind if number + 1 < len(section.blocks) else "heading"
            followed = following in ("item", "table_header", "table_row", "code")
            spans = sentences(text[block.start : block.end])
            for at, (start, end) in enumerate((block.start + a, block.start + b) for a, b in spans):
                dangling = is_lead_in(text[start:end]) and not (followed and at == len(spans) - 1)
                atoms.append(_atom(text, block, "sentence", start, end, (-1, -1), number, group, dangling))
    return atoms


def _atom(
    text: str, block: Block, kind: str, start: int, end: int, lead: tuple[int, int], number: int, group: int, silent: bool
) -> _Atom:
    quoted = text[start:end]
    signpost = kind == "sentence" and bool(_SIGNPOST.fullmatch(quoted))
    no_answer = silent or signpost or bool(_PLACEHOLDER.search(quoted)) or not _WORD.search(quoted)
    unit = Unit(kind, start, end, *lead, no_answer=no_answer, page=block.page)  # type: ignore[arg-type]
    return _Atom(unit, number, group, word_count(quoted), block.page)


def _regroup(atom: _Atom, group: int) -> _Atom:
    return _Atom(atom.unit, atom.block, group, atom.words, atom.page)


def _lead_in(text: str, before: Block) -> tuple[int, int]:
    """The last sentence of the block before a list, if it introduces the list."""
    if before.kind != "paragraph":
        return (-1, -1)
    spans = sentences(text[before.start : before.end])
    if not spans:
        return (-1, -1)
    start, end = spans[-1]
    last = text[before.start + start : before.start + end]
    introduces = is_lead_in(last) or breaks_off(last) or (len(spans) == 1 and word_count(last) <= 12)
    return (before.start + start, before.start + end) if introduces else (-1, -1)


def _pack(atoms: list[_Atom], target: int) -> Iterator[list[_Atom]]:
    """Atoms in runs of about target words, even in length, cut between groups rather than inside them where that costs little."""
    total = sum(atom.words for atom in atoms)
    if not atoms:
        return
    runs = max(1, ceil(total / (target * 1.25)))  # a section of up to 1.25 targets stays whole
    share = total / runs
    run: list[_Atom] = []
    filled = 0
    for at, atom in enumerate(atoms):
        run.append(atom)
        filled += atom.words
        rest = atoms[at + 1 :]
        if not rest:
            break
        ends_group = rest[0].group != atom.group
        # subtle: a run may close early, from 70 % of its share, if a group ends there; inside a group only when it is full
        if filled >= share or (ends_group and filled >= 0.7 * share):
            if not ends_group and _group_ends_soon(rest, atom.group, target * 1.4 - filled):
                continue
            yield run
            run, filled = [], 0
    if run:
        yield run


def _group_ends_soon(rest: list[_Atom], group: int, room: float) -> bool:
    words = 0
    for atom in rest:
        if atom.group != group:
            return True
        words += atom.words
        if words > room:
            return False
    return True


def _fit(article: Article, section: Section, run: list[_Atom], limit: int, count: TokenCounter) -> Iterator[list[_Atom]]:
    """The run, or halves of it until each fits the encoder's window; an atom too long by itself is cut between words.

    What a tokenizer takes for one unknown word (a picture in base64, a megabyte of one letter) is a token, and yet too long.
    """
    chars = run[-1].unit.end - run[0].unit.start
    if chars <= CHARS_PER_TOKEN * limit and count([embedded_text(_passage(article, section, run), article.text)])[0] <= limit:
        yield run
    elif len(run) > 1:
        half = len(run) // 2
        yield from _fit(article, section, run[:half], limit, count)
        yield from _fit(article, section, run[half:], limit, count)
    else:
        pieces = _halves(article.text, run[0])
        if len(pieces) == 1:
            yield run  # nowhere to cut, or a title alone fills the window: the encoder windows it
        for piece in pieces if len(pieces) > 1 else ():
            yield from _fit(article, section, [piece], limit, count)


def _halves(text: str, atom: _Atom) -> list[_Atom]:
    """A long atom in two, at the white space nearest its middle; hard in the middle if it has none."""
    start, end = atom.unit.start, atom.unit.end
    middle = (start + end) // 2
    if end - start < 80:
        return [atom]
    spaces = [at for at in (text.rfind(" ", start, middle), text.find(" ", middle, end)) if start < at < end]
    at = min(spaces, key=lambda place: abs(place - middle)) if spaces else middle
    lead = (atom.unit.lead_start, atom.unit.lead_end) if atom.unit.kind == "table_row" else (-1, -1)
    halves = []
    for a, b in (_strip(text, start, at), _strip(text, at, end)):
        if a < b:
            unit = Unit(atom.unit.kind, a, b, *lead, no_answer=atom.unit.no_answer, page=atom.page)
            halves.append(_Atom(unit, atom.block, atom.group, word_count(text[a:b]), atom.page))
    return halves


def _passage(article: Article, section: Section, run: list[_Atom]) -> Passage:
    start, end = run[0].unit.start, run[-1].unit.end
    return Passage(
        source=article.source,
        title=article.title,
        heading=section.heading,
        text=article.text[start:end],
        start=start,
        end=end,
        units=tuple(atom.unit for atom in run),
        page=run[0].page,
        date=article.date,
        date_origin=article.date_origin,
        topics=article.topics,
        roles=article.roles,
        region=article.region,
        url=article.url,
    )
