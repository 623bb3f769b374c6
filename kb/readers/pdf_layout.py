"""Printed lines -> fragments: paragraphs, headings, lists and tables.

A PDF knows letters and places, no paragraphs. Size and weight of the letters tell headings, places tell where a paragraph ends,
and a line is taken as broken for want of room when the next line's first word would not have fit into it. A paragraph that runs
on over a page break has the page on which it begins.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from kb.readers.pdf_lines import BIGGER, Line, body_size, printed_width
from kb.readers.text import is_heading_shape
from kb.records import Fragment, FragmentKind

LEADING = 1.65  # times the letters' size, the largest distance between two lines of a paragraph
FEW_LINES = 5  # on a page, that say too little about where its lines end
SLACK = 0.08  # of a line's length, by which its printed width is misjudged
INDENT = 1.2  # times the letters' size, by which an item without a bullet is set in
LONGEST_CELL = 60  # characters; more is prose
ALIGNED = 2.5  # times the letters' size, by which a cell may miss its column's beginning

_BULLET = re.compile(r"^(?P<mark>[-*•◦▪▫‣·–●○■□✓➢►⁃\uf0b7\uf0a7]|\(?\d{1,3}[.)])\s+(?P<text>\S.*)$")
_KEPT_HYPHEN = re.compile(
    r"(?:\b(?:self|well|non|co|ex|post|pre|anti|cross|high|low|long|short|full|part|up)|-\w+)-$", re.IGNORECASE
)


def fragments(lines: Sequence[Line]) -> list[Fragment]:
    if not lines:
        return []
    body = body_size(lines)
    ranks = _heading_ranks(lines, body)
    edges = _right_edges(lines, body)
    margin = _margin(lines, body)
    vocabulary = Counter(word for line in lines for word in re.findall(r"[\w-]+", line.text.casefold()))
    found: list[Fragment] = []
    above: Line | None = None
    rows = _table_rows(lines)
    for number, line in enumerate(lines):
        if number in rows:
            found.append(Fragment(*rows[number], page=line.page))
            above = None
            continue
        level = _level(line, ranks, body)
        last = found[-1] if found else None
        bullet = None if level else _BULLET.match(line.text)
        if last and above and _goes_on(above, line, last, level, edges[above.page]) and not bullet:
            kind = "paragraph" if last.kind == "item" and not last.mark and line.x < above.x - body / 2 else last.kind
            found[-1] = replace(
                last, kind=kind, level=last.level * (kind != "paragraph"), text=_joined(last.text, line.text, vocabulary)
            )
        elif level:
            found.append(Fragment("heading", line.text, level, line.page))
        elif bullet:
            found.append(Fragment("item", bullet["text"], round(line.x), line.page, bullet["mark"]))
        elif line.x > margin + INDENT * body and last and (last.kind != "paragraph" or last.text.endswith(":")):
            found.append(Fragment("item", line.text, round(line.x), line.page))
        else:
            found.append(Fragment("paragraph", line.text, page=line.page))
        above = line
    return _levelled(found, 0.75 * body)


def _right_edges(lines: Sequence[Line], body: float) -> dict[int, float]:
    """Where the text of each page ends on the right, about; of all pages for one with hardly any text."""
    widest = 0.0
    edges: dict[int, float] = {}
    counts = Counter(line.page for line in lines if line.size == body)
    for line in lines:
        if line.size == body:
            edges[line.page] = max(edges.get(line.page, 0.0), line.x + printed_width(line.text) * body)
            widest = max(widest, edges[line.page])
    return {line.page: edges[line.page] if counts[line.page] > FEW_LINES else widest for line in lines}


def _goes_on(above: Line, line: Line, last: Fragment, level: int, edge: float) -> bool:
    """Whether line is the rest of the block that above ends. edge: where full lines end."""
    if last.kind == "heading" or level:
        near = above.page == line.page and 0 < above.y - line.y < 1.8 * above.size
        return last.kind == "heading" and last.level == level and near and above.size == line.size
    if abs(above.size - line.size) > 0.08 * above.size or above.bold != line.bold:
        return False
    runs_on = line.text[0].islower() or above.text.endswith((",", "-"))
    if above.page != line.page or line.y > above.y:  # another page or column
        return runs_on and not re.search(r"[.!?:;][\"”’)]*$", above.text)
    if above.y - line.y > LEADING * above.size or line.x > above.x + 2 * INDENT * above.size:
        return False
    full = above.x + printed_width(f"{above.text} {line.text.split()[0]}") * above.size > edge - SLACK * (edge - above.x)
    return full or (above.text.endswith(",") and line.text[0].islower() and above.x <= line.x)


def _table_rows(lines: Sequence[Line]) -> dict[int, tuple[FragmentKind, str]]:
    """The rows of tables by their line's index: neighbouring lines whose cells begin at the same places."""
    rows: dict[int, tuple[FragmentKind, str]] = {}
    start = 0
    while start < len(lines):
        end = start
        while end < len(lines) and len(lines[end].cells) > 1 and lines[end].page == lines[start].page:
            end += 1
        table = lines[start:end]
        columns = [x for x, _ in max(table, key=lambda line: len(line.cells)).cells] if len(table) > 1 else []
        if columns and all(_fits(line, columns) for line in table) and not any(_is_prose(line) for line in table):
            texts = [_row(line, columns) for line in table]
            head = not re.search(r"\d", texts[0]) and any(re.search(r"\d", text) for text in texts[1:])
            head = head or (table[0].bold and not table[1].bold)
            for i, text in enumerate(texts):
                rows[start + i] = ("table_header" if head and i == 0 else "table_row", text)
        start = max(end, start + 1)
    return rows


def _is_prose(line: Line) -> bool:
    """Whether a line with gaps is ordinary text all the same, set in several fonts."""
    return bool(_BULLET.match(line.text)) or any(len(text) > LONGEST_CELL or text[:1] in ",;.:)(" for _, text in line.cells)


def _nearest(x: float, columns: Sequence[float]) -> int:
    return min(range(len(columns)), key=lambda i: abs(columns[i] - x))


def _fits(line: Line, columns: Sequence[float]) -> bool:
    places = [_nearest(x, columns) for x, _ in line.cells]
    near = all(abs(columns[i] - x) <= ALIGNED * line.size for i, (x, _) in zip(places, line.cells, strict=True))
    return near and len(set(places)) == len(places)


def _row(line: Line, columns: Sequence[float]) -> str:
    texts = {_nearest(x, columns): text for x, text in line.cells}
    return " | ".join(texts.get(i, "") for i in range(len(columns))).strip()


def _joined(text: str, more: str, vocabulary: Counter[str]) -> str:
    """Two lines as one; a hyphen at the end goes where the word is hyphenated for want of room only."""
    if not re.search(r"\w[-\u2010\u00ad]$", text) or not more[0].isalpha():
        return f"{text} {more}"
    stem, rest = re.search(r"([\w-]*\w)[-\u2010\u00ad]$", text)[1], re.match(r"\w+", more)[0]  # type: ignore[index]
    whole, kept = vocabulary[f"{stem}{rest}".casefold()], vocabulary[f"{stem}-{rest}".casefold()]
    if more[0].isupper() or kept > whole or (not whole and _KEPT_HYPHEN.search(text)):
        return text + more
    return text[:-1] + more


def _heading_ranks(lines: Iterable[Line], body: float) -> list[float]:
    """The sizes that headings use, largest first; sizes within 5 % of each other count as one."""
    ranks: list[float] = []
    for size in sorted({line.size for line in lines if line.size > BIGGER * body}, reverse=True):
        if not ranks or size < 0.95 * ranks[-1]:
            ranks.append(size)
    return ranks[:5]


def _level(line: Line, ranks: Sequence[float], body: float) -> int:
    """The heading level of a line, 0 for none."""
    if line.size > BIGGER * body:
        return next((i for i, size in enumerate(ranks, start=1) if line.size >= 0.95 * size), 0)
    return len(ranks) + 1 if line.bold and is_heading_shape(line.text) else 0


def _margin(lines: Sequence[Line], body: float) -> float:
    """The x at which the body's lines begin: the smallest that a tenth of them share."""
    begins = Counter(round(line.x) for line in lines if line.size == body)
    often = max(1, 0.1 * sum(begins.values()))
    return min((x for x, count in begins.items() if count >= often), default=min(begins, default=0))


def _levelled(found: Sequence[Fragment], step: float) -> list[Fragment]:
    """found with each item's x, its level so far, made a level: from 1 in every list, one more for each step to the right."""
    result: list[Fragment] = []
    begins: list[int] = []
    for fragment in found:
        if fragment.kind == "item":
            while len(begins) > 1 and fragment.level < begins[-1] - step:
                begins.pop()
            if not begins or fragment.level > begins[-1] + step:
                begins.append(fragment.level)
            fragment = replace(fragment, level=min(len(begins), 6))
        else:
            begins = []
        result.append(fragment)
    return result
