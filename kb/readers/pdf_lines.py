"""The printed lines of a PDF's pages, with their place, size and weight; running headers and page numbers are gone."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from kb.errors import ArticleError
from kb.readers.decoding import clean, squeeze

MAX_CHARS = 10_000_000  # of text, as for a text file
EDGE_LINES = 2  # lines at the top and at the bottom of a page among which running headers are looked for
MARGIN = 0.07  # of the page's height, where a lone number is a page number
BIGGER = 1.12  # times the body's letters, to be a heading
LEADING = 1.65  # times the letters' size, the largest distance between two lines of a paragraph
SAME_HEIGHT = 2.0  # points, within which lines stand beside each other
TABLE_LEADING = 3.0  # times the letters' size, the largest distance between two rows of a table
GAP = 0.9  # times the letters' size, between two cells of a table's row; a word space has a third of it
LONGEST_CELL = 60  # characters; more is prose
LONGEST_WORD = 100  # characters at a line's end in which its last word is looked for
UNREADABLE = 0.3  # share of private-use characters above which the fonts do not say what they show

Piece = tuple[str, float, float, float, str]  # text, x, y, size, name of the font
_LIGATURES = {ord(one): many for one, many in zip("ﬀﬁﬂﬃﬄﬅﬆ", ("ff", "fi", "fl", "ffi", "ffl", "ft", "st"), strict=True)}
_LIGATURES |= {0x7F: "•", 0x95: "•"}  # codes of no letter, which WinAnsi shows as bullets (PDF 32000-1, D.2), as ReportLab has it
_BOLD = re.compile(r"bold|black|heavy|semib", re.IGNORECASE)
_MONOSPACED = re.compile(r"mono|courier|consol|typewriter|cmtt|menlo", re.IGNORECASE)
_PAGE_NUMBER = re.compile(
    r"^[^\w$€£¥₹]*(?:page|seite)?\W*(?:\d{1,4}|[ivxl]{1,6})[^\w%$€£¥₹]*(?:(?:of|von|/)\W*\d{1,4})?[^\w%$€£¥₹]*$", re.IGNORECASE
)
_KEPT_HYPHEN = re.compile(
    r"(?:\b(?:self|well|non|co|ex|post|pre|anti|cross|high|low|long|short|full|part|up)|-\w+)-$", re.IGNORECASE
)
_PRINTED = re.compile(r"^\d{1,2}/\d{1,2}/\d{2,4}, \d{1,2}:\d\d|^(?:https?|file)://\S+\s+\d+/\d+$")


@dataclass(frozen=True, slots=True)
class Line:
    """A printed line. x and y in points from the page's lower left corner; edge: it stands in the page's margin.

    cells: (x, text) of its parts where wide gaps set them apart, else one. parts: the lines that it was joined from, if any.
    """

    text: str
    page: int
    x: float
    y: float
    size: float
    bold: bool
    cells: tuple[tuple[float, str], ...] = ()
    edge: bool = False
    parts: tuple[Line, ...] = ()


def lines_of(reader: Any) -> list[Line]:
    lines: list[Line] = []
    chars = 0
    for number, page in enumerate(reader.pages, start=1):
        height = float(page.mediabox.height) or 1.0
        bottom = float(page.mediabox.bottom)
        for line in _on_page(page, number):
            at = (line.y - bottom) / height
            lines.append(replace(line, edge=not MARGIN < at < 1 - MARGIN))
            chars += len(line.text)
        if chars > MAX_CHARS:
            raise ArticleError(f"it holds more than {MAX_CHARS:,} characters of text. Split it")
    if not chars:
        raise ArticleError("there is no text in it: its pages are pictures. Let a text recognition (OCR) run over it first")
    if sum("\ue000" <= char <= "\uf8ff" or char == "\ufffd" for line in lines for char in line.text) > UNREADABLE * chars:
        raise ArticleError("its fonts do not say which letters they show. Let a text recognition (OCR) run over it first")
    return lines


def _on_page(page: Any, number: int) -> list[Line]:
    """A page's lines in the order they were written."""
    pieces: list[Piece] = []

    def visit(text: str, cm: Sequence[float], tm: Sequence[float], font: Any, size: float) -> None:
        x = tm[4] * cm[0] + tm[5] * cm[2] + cm[4]
        y = tm[4] * cm[1] + tm[5] * cm[3] + cm[5]
        scale = abs((tm[0] * tm[3] - tm[1] * tm[2]) * (cm[0] * cm[3] - cm[1] * cm[2])) ** 0.5
        pieces.append((text, x, y, size * scale, str((font or {}).get("/BaseFont", ""))))

    page.extract_text(visitor_text=visit)
    lines: list[Line] = []
    parts: list[Piece] = []
    for text, x, y, size, font in pieces:
        first, *rest = text.split("\n")
        parts.append((first, x, y, size, font))
        for part in rest:
            lines += _line(parts, number)
            parts = [(part, x, y, size, font)]
    return lines + _line(parts, number)


def _line(parts: Sequence[Piece], page: int) -> list[Line]:
    text = squeeze(clean("".join(part[0] for part in parts).translate(_LIGATURES)))
    if not text:
        return []
    inked = [part for part in parts if part[0].strip()]
    size = max(inked, key=lambda part: len(part[0]))[3]
    bold = sum(len(part[0]) for part in inked if _BOLD.search(part[4])) > 0.9 * sum(len(part[0]) for part in inked)
    return [Line(text, page, inked[0][1], inked[0][2], round(size, 1), bold, _cells(inked))]


def _cells(parts: Sequence[Piece]) -> tuple[tuple[float, str], ...]:
    cells: list[tuple[float, str]] = []
    end = 0.0
    for text, x, _, size, font in parts:
        words = squeeze(clean(text.translate(_LIGATURES)))
        if cells and x - end < GAP * size:
            cells[-1] = (cells[-1][0], squeeze(f"{cells[-1][1]}{text.translate(_LIGATURES)}"))
        else:
            cells.append((x, words))
        end = x + size * (0.6 * len(words) if _MONOSPACED.search(font) else printed_width(words))
    return tuple(cells)


def printed_width(text: str) -> float:
    """About how wide text is printed, in the letters' size; a proportional font's averages."""
    return sum(
        0.28 if char in "iljtfrI.,;:'|!()[]- " else 0.83 if char in "mwMW" else 0.66 if char.isupper() else 0.5 for char in text
    )


def with_spanning_cells(lines: Sequence[Line]) -> list[Line]:
    """lines with a cell that a table centres beside several rows at the beginning of each of these rows.

    It is printed as a line of its own: below a row that begins at the same place, halfway down rows that begin further right.
    """
    spread: list[Line] = []
    at = 0
    while at < len(lines):
        cell, rows = lines[at], _rows_beside(lines, at)
        at += 1
        if not rows or not spread or len(spread[-1].cells) < 2 or abs(spread[-1].x - cell.x) > cell.size:
            spread.append(cell)
            continue
        for row in rows:
            cells = ((cell.x, cell.text), *row.cells)
            parts = (*((cell,) if row is rows[0] else ()), *(row.parts or (row,)))
            spread.append(replace(row, text=f"{cell.text} {row.text}", x=cell.x, cells=cells, parts=parts))
        at += len(rows)
    return spread


def _rows_beside(lines: Sequence[Line], at: int) -> Sequence[Line]:
    """The rows of which the line at this place is the first cell; none for most lines."""
    cell, end = lines[at], at + 1
    if len(cell.cells) != 1 or len(cell.text) > LONGEST_CELL:
        return ()
    while end < len(lines) and len(lines[end].cells) > 1 and lines[end].x > cell.x + cell.size and lines[end].page == cell.page:
        end += 1
    rows = lines[at + 1 : end]
    centred = len(rows) > 1 and abs((rows[0].y + rows[-1].y) / 2 - cell.y) < 0.5 * cell.size
    return rows if centred else ()


def without_running(lines: Sequence[Line]) -> list[Line]:
    """lines without running headers and footers (the same but for digits on many pages) and page numbers."""
    pages: dict[int, list[Line]] = {}
    for line in lines:
        pages.setdefault(line.page, []).append(line)
    edges: set[int] = set()
    rows: set[int] = set()
    for on_page in pages.values():
        by_height = sorted(on_page, key=lambda line: line.y)
        edges |= {id(line) for line in [*by_height[:EDGE_LINES], *by_height[-EDGE_LINES:]]}
        rows |= _in_table(by_height)
    seen = Counter(key for on_page in pages.values() for key in {_running_key(line) for line in on_page if id(line) in edges})
    often = max(2, 0.4 * len(pages))
    body = body_size(lines)
    kept = [
        line
        for line in lines
        if id(line) in rows
        or not (id(line) in edges and line.size <= BIGGER * body and len(pages) > 1 and seen[_running_key(line)] >= often)
        and not ((line.edge or id(line) in edges and len(pages) > 1) and _PAGE_NUMBER.match(line.text))
        and not (line.edge and _PRINTED.match(line.text))
    ]
    return kept if _chars(kept) >= 0.5 * _chars(lines) else list(lines)  # where pages are alike, that is what the document says


def _in_table(by_height: Sequence[Line]) -> set[int]:
    """Ids of a page's lines that belong to a table's rows: cells beside each other, over or under as many of the next row."""
    rows: list[list[Line]] = []
    for line in by_height:
        if rows and line.y - rows[-1][0].y <= SAME_HEIGHT:
            rows[-1].append(line)
        else:
            rows.append([line])
    spans = [sorted(_span(cell, line) for line in row for cell in line.cells or ((line.x, line.text),)) for row in rows]
    found: set[int] = set()
    for (below, above), (lower, upper) in zip(pairwise(rows), pairwise(spans), strict=True):
        near = above[0].y - below[0].y <= TABLE_LEADING * below[0].size and abs(above[0].size - below[0].size) < 0.5
        if near and len(lower) == len(upper) > 1 and all(a < d and c < b for (a, b), (c, d) in zip(lower, upper, strict=True)):
            found |= {id(line) for line in (*below, *above)}
    return found


def _span(cell: tuple[float, str], line: Line) -> tuple[float, float]:
    return cell[0], cell[0] + printed_width(cell[1]) * line.size


def _running_key(line: Line) -> str:
    return f"{round(line.y / 4)} {re.sub(r'[0-9]+', '#', line.text.casefold())}"


def rejoined(text: str, more: str, vocabulary: Counter[str]) -> str:
    """Two lines as one; a hyphen at the end goes where the word is hyphenated for want of room only."""
    tail = text[-LONGEST_WORD:]
    if not re.search(r"\w[-\u2010\u00ad]$", tail) or not more[0].isalpha():
        return f"{text} {more}"
    stem, rest = re.search(r"([\w-]*\w)[-\u2010\u00ad]$", tail)[1], re.match(r"\w+", more)[0]  # type: ignore[index]
    whole, kept = vocabulary[f"{stem}{rest}".casefold()], vocabulary[f"{stem}-{rest}".casefold()]
    if more[0].isupper() or kept > whole or (not whole and _KEPT_HYPHEN.search(tail)):
        return text + more
    return text[:-1] + more


def body_size(lines: Sequence[Line]) -> float:
    """The size that most of the letters have."""
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[line.size] += len(line.text)
    return sizes.most_common(1)[0][0]


def _chars(lines: Iterable[Line]) -> int:
    return sum(len(line.text) for line in lines)
