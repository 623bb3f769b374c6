"""Printed lines -> fragments: paragraphs, headings and lists; tables come from `pdf_tables`.

A PDF knows letters and places, no paragraphs. Size and weight of the letters tell headings, places tell where a paragraph ends,
and a line is taken as broken for want of room when the next line's first word would not have fit into it. A paragraph that runs
on over a page break has the page on which it begins.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from kb.readers.heading_shape import is_heading_shape
from kb.readers.pdf_lines import BIGGER, LEADING, Line, body_size, printed_width, rejoined
from kb.readers.pdf_tables import Table, with_tables
from kb.records import Fragment

ENOUGH = 200  # characters of prose that tell how large a document's letters are, its tables left aside
FEW_LINES = 5  # on a page, that say too little about where its lines end
SLACK = 0.08  # of a line's length, by which its printed width is misjudged
INDENT = 1.2  # times the letters' size, by which an item without a bullet is set in

_BULLET = re.compile(r"^(?P<mark>[-*•◦▪▫‣·–●○■□✓➢►⁃\uf0b7\uf0a7]|\(?\d{1,3}[.)])\s+(?P<text>\S.*)$")


def fragments(lines: Sequence[Line]) -> list[Fragment]:
    if not lines:
        return []
    vocabulary = Counter(word for line in lines for word in re.findall(r"[\w-]+", line.text.casefold()))
    flow = with_tables(lines, vocabulary)
    prose = [part for part in flow if isinstance(part, Line)]
    body = body_size(prose if sum(len(line.text) for line in prose) >= ENOUGH else lines)
    ranks = _heading_ranks(prose, body)
    columns = _columns(prose, body)
    found: list[Fragment] = []
    above: Line | None = None
    for line in flow:
        if isinstance(line, Table):
            found += line.rows
            above = None
            continue
        level, begin = _level(line, ranks, body), _column(line, columns[line.page]).begin
        last = found[-1] if found else None
        bullet = None if level else _BULLET.match(line.text)
        if last and above and not bullet and _goes_on(above, line, last, level, _edge(above, columns[above.page])):
            kind = "paragraph" if last.kind == "item" and not last.mark and line.x < above.x - body / 2 else last.kind
            found[-1] = replace(
                last, kind=kind, level=last.level * (kind != "paragraph"), text=rejoined(last.text, line.text, vocabulary)
            )
        elif level:
            found.append(Fragment("heading", line.text, level, line.page))
        elif bullet:
            found.append(Fragment("item", bullet["text"], round(line.x), line.page, bullet["mark"]))
        elif line.x > begin + INDENT * body and last and (last.kind != "paragraph" or last.text.endswith(":")):
            found.append(Fragment("item", line.text, round(line.x), line.page))
        else:
            found.append(Fragment("paragraph", line.text, page=line.page))
        above = line
    return _levelled(found, 0.75 * body)


@dataclass(frozen=True, slots=True)
class Column:
    """begin: the x at which its lines begin; edge: where full lines end, about; across: where those end that reach over it."""

    begin: float
    edge: float
    across: float


def _columns(lines: Sequence[Line], body: float) -> dict[int, list[Column]]:
    """The columns of text of each page, from left to right; one on most pages."""
    margin, edges = _margin(lines, body), _right_edges(lines, body)
    pages: dict[int, list[Line]] = {page: [] for page in edges}
    for line in lines:
        if line.size == body:
            pages[line.page].append(line)
    found: dict[int, list[Column]] = {}
    for page, own in pages.items():
        begins = _column_begins(own)
        if len(begins) < 2:
            found[page] = [Column(margin, edges[page], edges[page])]
            continue
        found[page] = []
        for begin, end in zip(begins, [*begins[1:], float("inf")], strict=True):
            reached = [_end(line) for line in own if begin - 2 <= line.x < end - 2]
            within = sorted(x for x in reached if x <= _past(begin, end))  # the last lines of wider paragraphs too
            found[page].append(Column(begin, within[len(within) * 9 // 10] if within else end, max(reached)))
    return found


def _column_begins(lines: Sequence[Line]) -> list[float]:
    """Where a page's columns begin: of the lines that stand beside those of the next one, nearly all end before it."""
    often = Counter(round(line.x) for line in lines)
    begins: list[float] = []
    for x in sorted(x for x in often if often[x] + often[x + 1] > FEW_LINES):
        heights = sorted(line.y for line in lines if line.x >= x - 2)
        beside = [line for line in lines if line.x < x - 2 and _has_near(heights, line.y, line.size / 2)]
        own = [line for line in beside if not begins or line.x >= begins[-1] - 2]
        before = sum(_end(line) <= _past(begins[-1], x) for line in own) if begins else 0
        if not begins or (len(own) > FEW_LINES and before >= 0.9 * len(own)):
            begins.append(float(x))
    return begins


def _has_near(heights: Sequence[float], y: float, distance: float) -> bool:
    at = bisect_left(heights, y - distance)
    return at < len(heights) and heights[at] <= y + distance


def _past(begin: float, end: float) -> float:
    """How far a line that ends before the next column may seem to reach, its width misjudged."""
    return end + SLACK * (end - begin)


def _end(line: Line) -> float:
    return line.x + printed_width(line.text) * line.size


def _column(line: Line, columns: Sequence[Column]) -> Column:
    return next((column for column in reversed(columns) if line.x >= column.begin - 2), columns[0])


def _edge(line: Line, columns: Sequence[Column]) -> float:
    """Where full lines end among those that this one belongs to."""
    own = _column(line, columns)
    return own.edge if _end(line) <= _past(own.begin, own.edge) else own.across


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
