"""Tables among the rows of a PDF's lines: cells that stand in columns, row below row.

Neighbouring rows (`pdf_rows`) whose cells begin, end or have their middle at the same places make a group (`_groups`); what is
prose, a list or a table of contents after all is left as lines (`_is_table`).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from kb.readers.pdf_lines import LEADING, LONGEST_CELL, Line, printed_width, rejoined
from kb.readers.pdf_rows import MARK, MOST_CELLS, SLACK, STOP, Piece, Row, rows_of
from kb.records import Fragment

ROWS_APART = 4.5  # times the letters' size, the largest distance between two rows
FURTHER = 2  # times the distance between a table's rows so far, the largest to its next row
ALIGNED = 2.5  # times the letters' size, by which a cell may miss its column's beginning, middle or end
WIDE = 1.5  # times the letters' size, a gap that no word space is taken for
SHORT = 40  # characters of a cell that names what its row is about
LONGEST_ROW = 2_000  # characters, as in a page
_BULLETED = re.compile(r"^[-*•◦▪▫‣·–●○■□✓➢►⁃\uf0b7\uf0a7]\s")
_SPEAKER = re.compile(r"^[QAF]\s?[.:]$")
_LEADERS = re.compile(r"(?:[.·_]\s?){5}|…\s?…")
_YEAR = re.compile(r"\b(?:19|20)\d\d(?:[/–-]\d\d)?\b")
_AMOUNT = re.compile(r"^[~≈<>+−(-]*\s*(?:[$€£₹¥]|[A-Z]{2,3}[$ ]?)?\s*\d")
_OPEN = re.compile(r"(?:[,(/&-]|\b(?:and|or|of|the|an?|in|for|to|per|with|und|oder|der|die|das))$")


@dataclass(frozen=True, slots=True)
class Table:
    """The rows that the lines from start to end (not included) make."""

    start: int
    end: int
    rows: tuple[Fragment, ...]


def with_tables(lines: Sequence[Line], vocabulary: Counter[str]) -> list[Line | Table]:
    """lines with those that make a table in its place; joined lines that make none are what they were."""
    flow: list[Line | Table] = []
    at = 0
    for table in _tables(rows_of(lines), vocabulary):
        for line in lines[at : table.start]:
            flow += _apart(line)
        flow.append(table)
        at = table.end
    for line in lines[at:]:
        flow += _apart(line)
    return flow


def _apart(line: Line) -> Sequence[Line]:
    """The lines of which one was joined."""
    return line.parts or (line,)


def _tables(rows: Sequence[Row], vocabulary: Counter[str]) -> Iterator[Table]:
    for group in _groups(rows):
        columns = _columns(max(group, key=lambda row: len(row.cells)))
        lines = _without_wraps(group, columns)
        texts = [_texts(row, columns, vocabulary) for row in lines]
        if not _is_table(lines, texts):
            continue
        head = _has_header(lines, texts)
        found = [
            Fragment("table_header" if head and i == 0 else "table_row", " | ".join(cells).strip(), page=row.page)
            for i, (row, cells) in enumerate(zip(lines, texts, strict=True))
            if not (i and cells == texts[0] and row.page > lines[i - 1].page)  # its header again on the next page
        ]
        yield Table(group[0].cells[0][0].at, group[-1].cells[-1][-1].at + 1, tuple(found))


def _groups(rows: Sequence[Row]) -> Iterator[list[Row]]:
    """Runs of at least two rows whose cells stand in the same columns."""
    group: list[Row] = []
    widest: Row | None = None  # the row of the group that has the most cells
    apart = 0.0  # the largest distance between its rows
    waiting: list[Row] = []  # a lone cell below the group: it counts if the group goes on below it
    for row in rows:
        last = waiting[-1] if waiting else group[-1] if group else None
        is_row = _may_be_row(row)
        down = last.bottom - row.top if last and last.page == row.page else 0.0
        near = last is not None and _follows(last, row) and (not apart or down <= FURTHER * apart)
        if near and last and widest and not is_row and not waiting and _may_be_lone(row, last) and _fits(row, _columns(widest)):
            waiting.append(row)
            continue
        if near and widest and is_row and not _begins_anew(group, row) and _same_columns(widest, row):
            group += [*waiting, row]
            apart = max(apart, down)
            widest, waiting = max(widest, row, key=lambda each: len(each.cells)), []
            continue
        if sum(len(each.cells) > 1 for each in group) > 1:
            yield group
        group, widest, waiting = ([row], row, []) if is_row else ([], None, [])
        apart = 0.0
    if sum(len(each.cells) > 1 for each in group) > 1:
        yield group


def _may_be_row(row: Row) -> bool:
    """Whether there is a height at which all of several cells have a line, or lines around it, and one of them is short."""
    if not 2 <= len(row.cells) <= MOST_CELLS or min(sum(len(piece.text) for piece in cell) for cell in row.cells) > LONGEST_CELL:
        return False
    if any(_LEADERS.search(piece.text) for cell in row.cells for piece in cell):
        return False
    return max(cell[-1].y for cell in row.cells) <= min(cell[0].y for cell in row.cells) + 0.6 * row.size


def _follows(above: Row, row: Row) -> bool:
    """Whether row stands below above, near enough for the same table, or is the next page's first."""
    if row.page != above.page:
        return row.page == above.page + 1
    return 0.5 * row.size < above.bottom - row.top <= ROWS_APART * row.size


def _may_be_lone(row: Row, above: Row) -> bool:
    """Whether a row of one cell may stand in a table: a group's name, a row that says no more, a cell's second line."""
    text = " ".join(piece.text for piece in row.cells[0])
    plain = len(row.cells) == 1 and len(row.cells[0]) <= 2 and len(text) <= LONGEST_CELL and not STOP.search(text)
    alike = abs(row.size - above.size) <= 0.08 * above.size and (above.bold or not row.bold)
    return plain and alike and row.page == above.page


def _begins_anew(group: Sequence[Row], row: Row) -> bool:
    """Whether a row is the header of another table: bold under rows that are not; a bold sum is none."""
    above_is_head = group[-1].bold and not _has_amounts(group[-1])
    if not row.bold or above_is_head or _has_amounts(row):
        return False
    return row.page == group[-1].page or [cell[0].text for cell in row.cells] != [cell[0].text for cell in group[0].cells]


def _has_amounts(row: Row) -> bool:
    return any(_AMOUNT.match(cell[0].text) for cell in row.cells)


def _columns(row: Row) -> list[tuple[float, float]]:
    """Where a row's cells begin and end."""
    return [(min(piece.x for piece in cell), max(piece.end for piece in cell)) for cell in row.cells]


def _same_columns(one: Row, other: Row) -> bool:
    """Whether two rows have the same columns; either may leave some of the other's empty."""
    less, more = (other, one) if len(other.cells) <= len(one.cells) else (one, other)
    return _fits(less, _columns(more))


def _fits(row: Row, columns: Sequence[tuple[float, float]]) -> bool:
    places = [_place(cell, columns) for cell in row.cells]
    if any(place is None for place in places):
        return False
    return all(a < b for a, b in pairwise([place for place in places if place is not None]))


def _place(cell: Sequence[Piece], columns: Sequence[tuple[float, float]]) -> int | None:
    """The column to which a cell is aligned at its beginning, middle or end; None for none of them."""
    x, end, size = min(piece.x for piece in cell), max(piece.end for piece in cell), cell[0].size

    def off(column: tuple[float, float]) -> float:
        return min(abs(x - column[0]), abs(end - column[1]), abs(x + end - column[0] - column[1]) / 2)

    place = min(range(len(columns)), key=lambda i: off(columns[i]))
    return place if off(columns[place]) <= ALIGNED * size else None


def _texts(row: Row, columns: Sequence[tuple[float, float]], vocabulary: Counter[str]) -> list[str]:
    """The row's text in each column."""
    texts = [""] * len(columns)
    for cell in row.cells:
        text = cell[0].text
        for piece in cell[1:]:
            text = rejoined(text, piece.text, vocabulary)
        texts[_place(cell, columns) or 0] = text
    return texts


def _without_wraps(group: Sequence[Row], columns: Sequence[tuple[float, float]]) -> list[Row]:
    """group with the second lines of cells in the row to which they belong, where a table is written line by line.

    Such a line leaves cells empty or is a header's, is near the one above, and either rows are further apart or it goes on in
    the middle of a phrase.
    """
    apart = sorted(above.bottom - row.top for above, row in pairwise(group) if above.page == row.page)
    rows = [group[0]]
    for row in group[1:]:
        above = rows[-1]
        down = above.bottom - row.top
        near = above.page == row.page and down <= LEADING * row.size
        less_than_others = near and len(apart) - bisect_right(apart, 1.25 * down) >= 0.3 * len(apart)
        if near and _completes(above, row, columns, less_than_others, is_head=len(rows) == 1):
            rows[-1] = _merged(above, row, columns)
        else:
            rows.append(row)
    return rows


def _completes(above: Row, row: Row, columns: Sequence[tuple[float, float]], nearer: bool, is_head: bool) -> bool:
    texts = {_place(cell, columns): cell[-1].text for cell in above.cells}
    mine = [(texts.get(_place(cell, columns), ""), cell[0].text) for cell in row.cells]
    if any(_AMOUNT.match(text) or not upper for upper, text in mine):
        return False
    if len(mine) == len(columns):
        return nearer and is_head and above.bold == row.bold and not any(re.search(r"\d", text) for text in texts.values())
    return nearer or all(text[:1].islower() or _OPEN.search(upper) for upper, text in mine)


def _merged(above: Row, row: Row, columns: Sequence[tuple[float, float]]) -> Row:
    more = {_place(cell, columns): cell for cell in row.cells}
    return replace(above, cells=tuple((*cell, *more.get(_place(cell, columns), ())) for cell in above.cells))


def _is_table(rows: Sequence[Row], texts: Sequence[Sequence[str]]) -> bool:
    """Whether rows in columns are a table, and no list, table of contents or columns of prose written line by line."""
    if sum(len(row.cells) > 1 for row in rows) < 2:
        return False
    if len(texts[0]) == 2 and (_is_list([row[0] for row in texts]) or _are_pages([row[1] for row in texts]) or _is_talk(texts)):
        return False
    if sum(bool(_BULLETED.match(row[0])) for row in texts) >= 0.5 * len(texts):
        return False
    if (
        any(text[:1] in {",", ";", ".", ":", ")"} for row in texts for text in row if text)
        or max(map(_chars, texts)) > LONGEST_ROW
    ):
        return False
    columns = list(zip(*texts, strict=True))
    wide = [any(len(text) > LONGEST_CELL for text in column) for column in columns]
    named = [sum(0 < len(text) <= SHORT for text in column) >= 0.7 * sum(map(bool, column)) for column in columns]
    if any(wide) and (sum(wide) > 0.5 * len(columns) or not any(named)):
        return False
    return sum(_runs_on(column) for column in columns) < 2 and _has_gaps(rows)


def _has_gaps(rows: Sequence[Row]) -> bool:
    """Whether the gaps between cells written in one go are no word spaces of misjudged width.

    Either most of them are wide, or the cells behind them begin or end at the very same place in three rows or more.
    """
    behind: dict[int, list[tuple[Piece, Piece]]] = {}
    for row in rows:
        for i, (left, right) in enumerate(pairwise(row.cells)):
            if right[0].inner:
                behind.setdefault(i, []).append((left[-1], right[0]))
    for pairs in behind.values():
        wide = sum(right.x - left.end >= WIDE * right.size + SLACK * (left.end - left.x) for left, right in pairs)
        begins, ends, size = [right.x for _, right in pairs], [right.end for _, right in pairs], pairs[0][1].size
        exact = max(begins) - min(begins) <= 0.3 * size or max(ends) - min(ends) <= 0.6 * size
        long = any(len(piece.text) > LONGEST_CELL for pair in pairs for piece in pair)
        if not (wide >= 0.5 * len(pairs) and (exact or not long)) and not (exact and not long and len(pairs) > 2):
            return False
    return True


def _is_list(first: Sequence[str]) -> bool:
    """Whether the first column holds bullets, the letters of question and answer, or nothing but numbers in sequence."""
    if all(text.isdecimal() and len(text) <= 3 for text in first):
        return all(int(b) == int(a) + 1 for a, b in pairwise(first))
    return sum(bool(MARK.match(text) or _SPEAKER.match(text)) for text in first) >= 0.5 * len(first)


def _is_talk(texts: Sequence[Sequence[str]]) -> bool:
    """Whether the rows are an interview's: a name with a colon and what is said, in whole sentences."""
    return sum(name.endswith(":") and bool(STOP.search(said)) for name, said in texts) >= 0.5 * len(texts)


def _are_pages(last: Sequence[str]) -> bool:
    """Whether the last column holds nothing but numbers in order, no heading above them: a table of contents."""
    if not all(text.isdecimal() and len(text) <= 4 for text in last):
        return False
    return all(int(a) <= int(b) for a, b in pairwise(last))


def _chars(texts: Sequence[str]) -> int:
    return sum(map(len, texts))


def _runs_on(column: Sequence[str]) -> bool:
    """Whether a column's texts are the lines of a paragraph: full ones, of which many go on in the middle of a sentence."""
    widths = [printed_width(text) for text in column]
    full = [text for text, width in zip(column, widths, strict=True) if width >= 0.75 * max(widths) and len(text) >= 15]
    on = sum(bool(a) and bool(b) and b[0].islower() and not STOP.search(a) for a, b in pairwise(column))
    return len(full) >= 0.6 * len(column) and on >= 0.4 * (len(column) - 1)


def _has_header(rows: Sequence[Row], texts: Sequence[Sequence[str]]) -> bool:
    """Whether the first row names the columns: the only one in bold, or words above figures."""
    if rows[0].bold and not rows[1].bold:
        return True
    first = [_YEAR.sub("", text) for text in texts[0]]
    if texts[0][0].endswith(":") or any(_AMOUNT.match(text) for text in first):
        return False
    told = _AMOUNT.match if any(re.search(r"\d", text) for text in first) else re.compile(r".*\d", re.DOTALL).match
    below = list(zip(*texts[1:], strict=True))[1:]
    return any(sum(bool(told(text)) for text in column) >= 0.5 * max(1, sum(map(bool, column))) for column in below)
