"""Plain text -> Draft: headings, lists and paragraphs recognised by their shape alone.

Text comes hard-wrapped (lines joined again), as one line a paragraph with blank lines between, or as one line a paragraph without
any, the way it is scraped off a page. A heading is a short line that ends no sentence and stands above something; the evidence
asked for is stronger where no blank line sets it apart. Items lose their bullets (see `Fragment.mark`); lines below a lead-in
("Duties include:") or a heading that are each one short sentence are items too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from kb.readers.dates import dated
from kb.readers.decoding import decode
from kb.readers.front_matter import split_front_matter
from kb.readers.heading_shape import ABBREVIATION, SENTENCE_BREAK, is_heading_shape, is_title_case
from kb.readers.lists import untangle
from kb.readers.scraped import Line, Speakers, untimed
from kb.readers.text_lines import lines_of
from kb.records import Draft, Fragment, FragmentKind

PASTED_WORDS = 10  # at most, of a heading in text without blank lines
LONGEST_LIST = 40  # lines without bullets above which its lead-in is looked for
LABEL_WORDS = 6  # at most, of a heading that only its place at the head of a block gives away
ITEM_WORDS = 30  # at most, of an item that no bullet marks
INTRO_WORDS = 18  # at least, of the paragraph that opens a main section after a summing-up
GENERIC = {  # headings that begin an article and name nothing
    "overview", "introduction", "summary", "conclusion", "abstract", "background", "contents", "about", "preface", "foreword",
    "key takeaways", "takeaways", "tl;dr", "about this article", "final thoughts", "executive summary", "q&a", "faq",
}  # fmt: skip
TOP_LEVEL = re.compile(
    r"(?:in )?conclusions?|final thoughts|summary|faqs?|frequently asked questions|references|sources|appendix", re.IGNORECASE
)

_NUMBERED_HEADING = re.compile(
    r"^(?:\d{1,2}(?:\.\d{1,2}){0,3}[.)]?|[IVX]{1,5}[.)]?|(?:Step|Part|Chapter|Section)\s+\w{1,6}[.:]?)\s+\S"
)
_CONTENTS = re.compile(r"^(?:table of contents|contents|on this page|in this article)\s*:?$|^\[\[?_?toc_?\]?\]$", re.IGNORECASE)
_NOISE = re.compile(r"^\W*(?:back to (?:the )?top|skip to (?:main )?content|share this (?:article|post|page))\W*$", re.IGNORECASE)
_NOT_HEADING = re.compile(  # by-lines, captions, credits
    r"^(?:from|to|cc|sent|subject|date):\s"
    r"|^(?:by\s|written by|published|posted|(?:last )?updated|(?:photo|image|source|credit)s?\s?:|(?:figure|fig\.|table)\s?\d)"
    r"|\W*\d{1,2}\.?\s[A-Z][a-zä]{2,8}\.?,?\s(?:19|20)\d\d\b[\d:,.\s]*(?:[ap]m)?$"  # a date
    r"|.*\bincludes?\s[^,]+,\s",  # a list told in a sentence
    re.IGNORECASE,
)
_LETTER = re.compile(r"\A\s*(?:(?:from|to|cc|sent|date|subject|reply-to|x-[\w-]+):.*\n){2,}", re.IGNORECASE)
_STOP = re.compile(r"[.!?:…][\"'”’)\]]*$")
_ASKS = re.compile(r"(?:How|What|Where|Why|When|Who|Which)\b|Conclusion|Summary")  # no item of a list of things begins so
_CLOSER = re.compile(
    r"^(?:This|These|Those|In (?:summary|conclusion|short)|Overall|To sum up|Ultimately|By \w+ing|Whether|While)\b"
)


def read(data: bytes, charset: str = "") -> Draft:
    meta, body = split_front_matter(decode(data, charset))
    return dated(fragments(body), meta or _letter_head(body), "front matter")


def _letter_head(body: str) -> dict[str, object]:
    """Title and date of a text that is an e-mail, by the lines at its head; {} for others."""
    head = _LETTER.match(body)
    named = {name.lower(): value.strip() for name, value in re.findall(r"([\w-]+):[ \t]*(.*)", head[0])} if head else {}
    if not named.get("subject"):
        return {}
    subject = re.sub(r"^(?:(?:re|fwd?|aw|wg):\s*)+", "", named["subject"], flags=re.IGNORECASE)
    return {"title": subject, "date": named.get("date") or named.get("sent")}


def fragments(body: str) -> list[Fragment]:
    """The fragments of plain text without front matter."""
    lines = without_contents(lines_of(body))
    kinds = _kinds(lines)
    found = [_fragment(*each) for each in zip(lines, kinds, _levels(lines, kinds), strict=True)]
    return under_lead_ins(untangle(found))


def without_contents(lines: Sequence[Line]) -> list[Line]:
    """lines without tables of contents (their entries stand again below), "Back to top" and the like."""
    kept: list[Line] = []
    later: dict[str, int] = {}
    for line in lines:
        later[_key(line.text)] = later.get(_key(line.text), 0) + 1
    in_contents = False
    for line in lines:
        key = _key(line.text)
        later[key] -= 1
        if _CONTENTS.match(line.text):
            in_contents = True
        elif in_contents and later[key] > 0:
            continue
        elif not _NOISE.match(line.text):
            in_contents = False
            kept.append(line)
    return kept


def _key(text: str) -> str:
    return re.sub(r"^[\W\d]+|[\W\d]+$", "", text.casefold())


def _kinds(lines: Sequence[Line]) -> list[FragmentKind]:
    kinds: list[FragmentKind] = ["item" if line.mark else "heading" if line.head else "paragraph" for line in lines]
    spaced = sum(line.gap for line in lines) > 0.3 * len(lines)
    pasted = not spaced and _ends_sentences(lines)
    speakers = Speakers.of(lines)
    for index, line in enumerate(lines):
        spoken = bool(speakers.turn(line))
        if (
            speakers.is_question(line)
            or (line.plain and not spoken or line.mark)
            and (_is_heading(lines, index, spaced) or pasted and _heads_pasted(lines, index))
        ):
            kinds[index] = "heading"
    _table_rows(lines, kinds)
    _numbered_items_back(lines, kinds)
    _stacked_short_lines(lines, kinds)
    _unmarked_items(lines, kinds)
    return kinds


def _is_heading(lines: Sequence[Line], index: int, spaced: bool) -> bool:
    line = lines[index]
    below = lines[index + 1] if index + 1 < len(lines) else None
    if below is None or (line.mark and not line.number) or line.number.isalpha() or not is_heading_shape(line.text):
        return False
    if _NOT_HEADING.match(line.text):
        return False
    if line.mark:
        alone = line.gap and below.gap and not below.mark
        return not below.number and line.indent == 0 and (alone or is_title_case(line.text) or below.words > ITEM_WORDS)
    if index == 0 and (below.gap or below.text.startswith(("by ", "By "))):
        return True
    set_apart = line.gap and (below.gap or bool(below.mark))
    if _NUMBERED_HEADING.match(line.text) and (line.gap or not spaced):
        return True
    if line.text.isupper() and line.words <= 10:
        return line.gap or not spaced
    if spaced and _opens_block(lines, index):
        return True
    if spaced and not line.gap:
        return line.words <= 8 and is_title_case(line.text) and below.words > 12 and not below.gap
    if is_title_case(line.text):
        return True
    return (set_apart and line.words <= 10) or (below.words > 20 and line.words <= 10) or line.text.endswith("?")


def _ends_sentences(lines: Sequence[Line]) -> bool:
    """Whether most lines longer than a heading end as sentences do, so that a short one that does not stands out."""
    ends = [
        _stops(line)
        for line in lines[1:]
        if line.plain and (line.words > PASTED_WORDS or _is_sentence(line))
    ]
    return len(ends) >= 2 and 3 * sum(ends) >= 2 * len(ends)


def _heads_pasted(lines: Sequence[Line], index: int) -> bool:
    """Whether a line heads what follows it, in text without blank lines: it is short, ends no sentence, and one follows.

    So does a line above such a heading when a sentence stands before it ("The hard parts", "Is it dangerous?").
    """
    line, below = lines[index], lines[index + 1] if index + 1 < len(lines) else None
    if below is None or not _could_head(line):
        return False
    if line.number:
        return line.number.isdigit() and _is_sentence(below)
    if index == 0 or below.mark or below.cells:
        return True
    if _is_sentence(below):
        return not _led(lines, index) or lines[index - 1].text[0].islower() or bool(_ASKS.match(line.text))
    return (
        _is_sentence(lines[index - 1])
        and lines[index - 1].text[-1] != ":"
        and _could_head(below)
        and index + 2 < len(lines)
        and _is_sentence(lines[index + 2])
    )


def _could_head(line: Line) -> bool:
    shaped = line.words <= PASTED_WORDS and is_heading_shape(line.text) and not _NOT_HEADING.match(line.text)
    return shaped and (line.plain or bool(line.number)) and " · " not in line.text


def _is_sentence(line: Line) -> bool:
    return line.plain and line.words >= 4 and _stops(line) and not is_heading_shape(line.text)


def _stops(line: Line) -> bool:
    return bool(_STOP.search(line.text[-9:]))


def _led(lines: Sequence[Line], index: int) -> bool:
    """Whether the line stands in a list without bullets below a lead-in."""
    for line in reversed(lines[max(0, index - LONGEST_LIST) : index]):
        if _stops(line):
            return line.text.endswith(":")
    return False


def _opens_block(lines: Sequence[Line], index: int) -> bool:
    """Whether the line stands at the head of a block between blank lines, alone or under one other, and a sentence follows."""
    start = index if lines[index].gap or index == 0 else index - 1
    if not (lines[start].gap or start == 0):
        return False
    end = start
    while end < min(start + 2, len(lines)) and _is_label(lines[end]) and (end == start or not lines[end].gap):
        end += 1
    if not index < end < len(lines) or lines[end].gap:
        return False
    return lines[end].text.endswith(":") or (lines[end].words > 2 and lines[end].text[-1] in ".!")


def _is_label(line: Line) -> bool:
    shaped = line.words <= LABEL_WORDS and is_heading_shape(line.text) and not _NOT_HEADING.match(line.text)
    return shaped and line.plain and not re.search(r"\d\d|[:?]|\bsays$", line.text)


def _table_rows(lines: Sequence[Line], kinds: list[FragmentKind]) -> None:
    """Lines that tabs divide into as many cells as their neighbour are a table's rows; the first without a figure is its head."""
    for index, line in enumerate(lines):
        beside = [len(lines[i].cells) for i in (index - 1, index + 1) if 0 <= i < len(lines)]
        if line.cells and len(line.cells) in beside:
            first = index == 0 or len(lines[index - 1].cells) != len(line.cells)
            names = not line.cells[0] or not re.search(r"\d", line.text)
            kinds[index] = "table_header" if first and names else "table_row"


def _numbered_items_back(lines: Sequence[Line], kinds: list[FragmentKind]) -> None:
    """Numbered headings come in families; a lone "1." or one among plain numbered items is an item."""
    numbered = [i for i, line in enumerate(lines) if line.number.isdigit()]
    heads = [i for i in numbered if kinds[i] == "heading"]
    items = [i for i in numbered if kinds[i] == "item" and lines[i].indent == 0]
    if len({lines[i].number for i in heads}) < 2 or len(items) > 2 * len(heads):
        for i in heads:
            kinds[i] = "item"


def _stacked_short_lines(lines: Sequence[Line], kinds: list[FragmentKind]) -> None:
    """Three or more heading-like lines directly under each other are a list; the first may head it, the last what follows."""
    index = 0
    while index < len(lines):
        end = index
        while end < len(lines) and kinds[end] == "heading" and not (lines[end].mark or lines[end].head):
            end += 1
            if end < len(lines) and lines[end].gap:
                break
        if end - index >= 3:
            led = index > 0 and lines[index - 1].text.endswith(":")
            heads_next = end < len(lines) and kinds[end] != "heading" and not lines[end].gap
            for i in range(index + (not led), end - heads_next):
                kinds[i] = "item"
        index = max(end, index + 1)


def _unmarked_items(lines: Sequence[Line], kinds: list[FragmentKind]) -> None:
    """Runs of two or more one-sentence lines, without blank lines, under a lead-in or a heading are items.

    A run whose lines have no full stop ends before one that has: that closes the list.
    """
    index = 1
    while index < len(lines):
        leads = kinds[index - 1] == "heading" or lines[index - 1].text.endswith(":")
        end = index
        while leads and end < len(lines) and kinds[end] == "paragraph" and _is_item_like(lines[end]):
            if end - index >= 2 and _stops(lines[end]) and not _stops(lines[end - 1]):
                break
            end += 1
        if end - index >= 2:
            kinds[index:end] = ["item"] * (end - index)
        index = max(end, index + 1)


def _is_item_like(line: Line) -> bool:
    one_sentence = not SENTENCE_BREAK.search(ABBREVIATION.sub("", line.text)) and not line.text.endswith((":", "?"))
    return not line.gap and line.words <= ITEM_WORDS and one_sentence and not _CLOSER.match(line.text)


def _levels(lines: Sequence[Line], kinds: Sequence[FragmentKind]) -> list[int]:
    """The level of each line: headings by mark-up, number and capitals, items by indentation."""
    levels = [0] * len(lines)
    heads = [i for i, kind in enumerate(kinds) if kind == "heading"]
    if heads and heads[0] == 0 and not lines[0].mark and lines[0].text.lower() not in GENERIC:
        levels[0] = 1
    numbered_below = any(not lines[i].number and not _depth(lines[i].text) for i in heads if not levels[i])
    capitals = [i for i in heads if lines[i].text.isupper() and len(lines[i].text) > 3]
    mixed = 0 < len(capitals) < len([i for i in heads if not levels[i]])
    for i in heads:
        if levels[i]:
            continue
        if lines[i].head:
            levels[i] = lines[i].head
        elif lines[i].number:
            levels[i] = 3 if numbered_below else 2
        else:
            levels[i] = 1 + max(1, _depth(lines[i].text)) + (mixed and i not in capitals)
    indents = sorted({line.indent for line, kind in zip(lines, kinds, strict=True) if kind == "item"})
    for i, kind in enumerate(kinds):
        if kind == "item":
            levels[i] = 1 + _nesting(lines[i].indent, indents)
    return levels


def _depth(text: str) -> int:
    """1 for "2 Skills", 2 for "2.1 Python", 0 for a heading without a number."""
    match = re.match(r"^(\d{1,2}(?:\.\d{1,2})*)\.?\s", text)
    return match[1].count(".") + 1 if match else 0


def _nesting(indent: int, indents: Sequence[int]) -> int:
    """How many clearly smaller indents the text's items use; two columns are the least that means anything."""
    steps: list[int] = []
    for value in indents:
        if not steps or value >= steps[-1] + 2:
            steps.append(value)
    return max(i for i, step in enumerate(steps) if step <= indent)


def under_lead_ins(found: Sequence[Fragment]) -> list[Fragment]:
    """found, headings one level down after a lead-in directly followed by a heading ("Here is an overview of pay in 2024:").

    The family ends at a heading of a higher rank, or at one that follows a summing-up ("These figures show ...") and begins
    with a real paragraph of its own. Where nothing in the text ever ends such a family, nothing is moved.
    """
    levels = [fragment.level for fragment in found]
    above = family = ended = 0  # level of the heading above; of the headings being moved, 0 when none are; families ended
    for i, fragment in enumerate(found):
        if fragment.kind != "heading":
            continue
        level = fragment.level
        if family and (level < family or TOP_LEVEL.fullmatch(fragment.text) or _starts_anew(found, i)):
            family, ended = 0, ended + 1
        elif not family and level == above and found[i - 1].kind == "paragraph" and found[i - 1].text.endswith(":"):
            family = level
        levels[i] += level == family
        above = level
    return [replace(fragment, level=level) for fragment, level in zip(found, levels, strict=True)] if ended else list(found)


def _starts_anew(found: Sequence[Fragment], index: int) -> bool:
    """Whether the heading follows a paragraph that is no lead-in and begins with a paragraph of some length."""
    before, after = found[index - 1], found[index + 1] if index + 1 < len(found) else None
    summed_up = before.kind == "paragraph" and not before.text.endswith(":")
    return summed_up and after is not None and after.kind == "paragraph" and len(after.text.split()) >= INTRO_WORDS


def _fragment(line: Line, kind: FragmentKind, level: int) -> Fragment:
    mark = line.mark
    if kind == "heading":
        return Fragment("heading", f"{mark} {line.text}" if mark else untimed(line.text), level)
    if kind == "item":
        return Fragment("item", line.text, max(level, 1), mark=mark)
    return Fragment(kind, " | ".join(line.cells).strip() if kind.startswith("table") else untimed(line.text))
