"""The printed lines of a PDF as rows of cells, so that tables can be found among them.

A PDF has no tables, only letters at places. What programs that write tables have in common: one row is written after the other, a
row's cells from left to right, and of a cell with several lines one line after the other:

    Trial day     A day in the bakery,       Trial day | A day in the bakery, paid | 40 EUR
                  paid                   ->
    Contract      Signed with the guild      Contract | Signed with the guild | none

Columns of prose are written one after the other, so that their lines stand in no row.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from kb.readers.pdf_lines import LEADING, Line, printed_width

MOST_CELLS = 30  # in a row; and so many printed lines in a cell at most:
MOST_LINES = 8
FAR = 2.2  # times the letters' size, the largest distance between two lines of one cell
SLACK = 0.12  # of a text's length, by which its printed width is misjudged
MARK_WIDTH = 4  # times the letters' size, the largest distance from a bullet to its item
MARK = re.compile(r"^(?:[-*•◦▪▫‣·–●○■□✓➢►⁃\uf0b7\uf0a7]|\(?(?:\d{1,3}|[a-z])[.)])$")
STOP = re.compile(r"[.!?:][\"”’)]*$")


@dataclass(frozen=True, slots=True)
class Piece:
    """A cell's printed line. x, end: from where to where, the end about; at: the index of the Line it belongs to.

    inner: it was written in one go with the cell before, so that only the width of the gap between tells them apart.
    """

    text: str
    x: float
    end: float
    y: float
    size: float
    bold: bool
    at: int
    inner: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """cells from left to right, each its printed lines from top to bottom; most rows of a document are one cell of prose."""

    cells: tuple[tuple[Piece, ...], ...]
    page: int

    @property
    def top(self) -> float:
        return max(cell[0].y for cell in self.cells)

    @property
    def bottom(self) -> float:
        return min(cell[-1].y for cell in self.cells)

    @property
    def size(self) -> float:
        return max(self.cells[0][0].size, 1.0)

    @property
    def bold(self) -> bool:
        return all(piece.bold for cell in self.cells for piece in cell)


def with_cells_joined(lines: Sequence[Line]) -> list[Line]:
    """lines, those that stand side by side as one line with cells; `parts` has what they were."""
    found: list[Line] = []
    for line in lines:
        last = found[-1] if found else None
        if last and _is_mark_of(last, line):
            found[-1] = replace(line, text=f"{last.text} {line.text}", x=last.x, cells=(), parts=())
            continue
        if last and last.page == line.page and abs(last.y - line.y) <= 0.2 * line.size and len(last.cells) < MOST_CELLS:
            x, text = last.cells[-1] if last.cells else (last.x, last.text)
            if _is_right_of(x, x + printed_width(text) * last.size, line.x, last.size):
                found[-1] = _side_by_side(last, line)
                continue
        found.append(line)
    return found


def _is_mark_of(mark: Line, line: Line) -> bool:
    """Whether mark is nothing but the bullet or number of the item that line begins, be it of another size."""
    near = mark.page == line.page and 0 < line.x - mark.x <= MARK_WIDTH * line.size and abs(mark.y - line.y) <= 0.5 * line.size
    return near and not mark.parts and len(line.cells) < 2 and bool(MARK.match(mark.text))


def _side_by_side(left: Line, right: Line) -> Line:
    return replace(
        left,
        text=f"{left.text} {right.text}",
        bold=left.bold and right.bold,
        cells=(*(left.cells or ((left.x, left.text),)), *(right.cells or ((right.x, right.text),))),
        parts=(*(left.parts or (left,)), right),
    )


def _is_right_of(x: float, end: float, begin: float, size: float) -> bool:
    """Whether what begins at begin stands behind a text from x to end, whose width is misjudged a little."""
    return begin > x + 0.5 * size and begin >= end - SLACK * (end - x)


def rows_of(lines: Sequence[Line]) -> list[Row]:
    """All lines as rows, each of neighbouring lines."""
    rows: list[Row] = []
    for at, line in enumerate(lines):
        pieces = _pieces(line, at)
        taken = _taken(rows, pieces, line.page) if len(pieces) <= MOST_CELLS else None
        if taken:
            rows[-1:] = taken
        else:
            rows.append(Row(tuple((piece,) for piece in pieces), line.page))
    return rows


def _pieces(line: Line, at: int) -> list[Piece]:
    cells = line.cells or ((line.x, line.text),)
    begins = {part.x for part in line.parts} | {cells[0][0]}
    return [
        Piece(text, x, x + printed_width(text) * line.size, line.y, line.size, line.bold, at, x not in begins)
        for x, text in cells
    ]


def _taken(rows: Sequence[Row], pieces: Sequence[Piece], page: int) -> list[Row]:
    """The last row with a line's pieces, and before it what turned out to stand above the row; [] when they go elsewhere."""
    if not rows or rows[-1].page != page or len(rows[-1].cells) + len(pieces) > MOST_CELLS:
        return []
    before = rows[-2] if len(rows) > 1 and rows[-2].page == page else None
    floor = before.bottom if before and before.bottom > rows[-1].top else float("inf")
    cells = list(rows[-1].cells)
    above: tuple[Piece, ...] = ()
    for piece in pieces:
        if piece is pieces[0] and _wraps(cells, piece):
            cells[-1] = (*cells[-1], piece)
            continue
        kept = _own_lines(cells[-1], piece) if len(cells) == 1 else cells[-1]
        if not kept or not _is_beside([*cells[:-1], kept], piece, floor):
            return []
        above = above or cells[-1][: len(cells[-1]) - len(kept)]
        cells[-1:] = [kept, (piece,)]
    return [*([Row((above,), page)] if above else []), Row(tuple(cells), page)]


def _wraps(cells: Sequence[tuple[Piece, ...]], piece: Piece) -> bool:
    """Whether piece is the next line of the last cell."""
    above, first = cells[-1][-1], cells[-1][0]
    down = above.y - piece.y
    if not 0.2 * piece.size < down <= (LEADING if len(cells) == 1 else FAR) * above.size or len(cells[-1]) >= MOST_LINES:
        return False
    if abs(above.size - piece.size) > 0.08 * above.size or above.bold != piece.bold:
        return False
    near = 0.8 * piece.size
    middle = abs(above.x + above.end - piece.x - piece.end) / 2
    return abs(first.x - piece.x) <= near or middle <= near or abs(above.end - piece.end) <= near


def _own_lines(cell: tuple[Piece, ...], beside: Piece) -> tuple[Piece, ...]:
    """The lines of a row's first cell that belong to it, now that its second begins; the others are a paragraph above."""
    kept = cell
    for i, piece in enumerate(cell):
        ends = i + 1 < len(cell) and STOP.search(piece.text) and not cell[i + 1].text[:1].islower()
        if ends or not _is_right_of(piece.x, piece.end, beside.x, piece.size):
            kept = cell[i + 1 :]
    if len(kept) == len(cell):
        return cell
    return tuple(piece for piece in kept if piece.y <= beside.y + 0.5 * beside.size)


def _is_beside(cells: Sequence[tuple[Piece, ...]], piece: Piece, floor: float) -> bool:
    """Whether piece begins the row's next cell. floor: the height at which the row above ends."""
    size = piece.size
    if not all(_is_right_of(own.x, own.end, piece.x, size) and abs(own.size - size) <= 0.3 * size for own in cells[-1]):
        return False
    top, bottom = max(cell[0].y for cell in cells), min(cell[-1].y for cell in cells)
    return bottom - 0.3 * size <= piece.y <= min(top + MOST_LINES * FAR * size, floor - 0.8 * size)
