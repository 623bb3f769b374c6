"""Plain text -> its lines: bullets and numbers taken off, cells told apart, what was broken for width only joined again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from kb.readers.decoding import squeeze
from kb.readers.heading_shape import is_heading_shape
from kb.readers.scraped import Line, mended

WRAP_WIDTH = 120  # columns; text with longer lines was not wrapped by hand
ALIGNED_ROWS = 3  # lines at least, whose cells stand under each other, that make a table
LONGEST_ROW = 300  # characters
PROSE_CELL = 30  # characters; two columns whose usual cell is longer are columns of text

_BULLET = re.compile(r"^(?P<mark>[-*+•◦▪▫‣·–—●○■□✓✔➢►⁃]|[\uf0b7\uf0a7])\s+(?P<text>\S.*)$", re.DOTALL)
_NUMBER = re.compile(r"^(?P<mark>\(?(?P<number>\d{1,3}|[a-z])[.)])\s+(?P<text>\S.*)$", re.DOTALL)
_ATX = re.compile(r"^(#{1,6})\s+(\S.*?)\s*#*$")
_RULE = re.compile(r"^\s*(?:[-=_*~]\s*){3,}$")


_DEEPER = {"o": 4, "▪": 8, "§": 8, "\uf0a7": 8}  # how much further in Word's bullets stand whose indentation a copy loses
_CELLS = re.compile(r"\S+(?: \S+)*")  # of a line whose columns are set apart by two or more spaces
# dots that lead to a price; those that lead to a page's number stay
_LEADER = re.compile(r"(?<=\S) ?(?:\.{4,}+|…{2,}+|(?: \.){4,}+)(?=.*[^\d\s.])")
_STOP = re.compile(r"[.!?:;…][\"'”’)\]]*$")


def lines_of(body: str) -> list[Line]:
    return _joined(mended(_raw_lines(body)))


def _raw_lines(body: str) -> list[Line]:
    """The non-empty lines with their bullets taken off; a line underlined with === or --- is a heading."""
    lines: list[Line] = []
    gap = True
    raws = body.split("\n")
    aligned = _aligned(raws)
    for number, tabbed in enumerate(raws):
        raw = tabbed.expandtabs(4)
        text = squeeze(raw)
        if not text:
            gap = True
            continue
        if _RULE.match(raw):
            if lines and not gap and not lines[-1].mark and text[0] in "=-~" and is_heading_shape(lines[-1].text):
                lines[-1] = replace(lines[-1], head=1 if text[0] == "=" else 2)
            gap = True
            continue
        indent = len(raw) - len(raw.lstrip())
        if match := _ATX.match(text):
            lines.append(Line(match[2], gap, indent, head=len(match[1])))
        elif number in aligned:
            lines.append(Line(text, gap, indent, cells=aligned[number]))
        elif lines and lines[-1].mark and tabbed.lstrip()[:1] in _DEEPER and tabbed.lstrip()[1:2] == "\t":
            lines.append(Line(text[1:].lstrip(), gap, indent + _DEEPER[text[0]], text[0]))
        elif match := _BULLET.match(text) or _NUMBER.match(text):
            lines.append(Line(match["text"], gap, indent, match["mark"], match.groupdict().get("number") or ""))
        elif "\t" in tabbed.strip() and not text[0].isspace():
            lines.append(Line(text, gap, indent, cells=tuple(squeeze(cell) for cell in tabbed.split("\t"))))
        else:
            lines.append(Line(text, gap, indent))
        gap = False
    return lines


def _aligned(raws: Sequence[str]) -> dict[int, tuple[str, ...]]:
    """The cells of lines that are a table's rows: as many as in the lines beside it, each under or over its neighbours.

    The first may be a header, whose words need not begin where the cells below do, and which may have none over the first.
    """
    found: dict[int, tuple[str, ...]] = {}
    rows: list[tuple[int, list[re.Match[str]]]] = []
    for number, raw in enumerate([*raws, ""]):
        short = len(raw) <= LONGEST_ROW and "\t" not in raw and not _BULLET.match(raw.strip())
        cells = list(_CELLS.finditer(_LEADER.sub(_widened, raw))) if short else []
        if rows and len(cells) > 1 and _RULE.match(raw):
            continue  # "-----  -----" under the header
        if not rows or not _goes_below(rows, cells):
            if len(rows) >= ALIGNED_ROWS and not _is_prose(rows):
                found.update((at, tuple(squeeze(cell[0]) for cell in row)) for at, row in rows)
                if len(rows[0][1]) < len(rows[1][1]):
                    found[rows[0][0]] = ("", *found[rows[0][0]])
            rows = []
        if len(cells) > 1:
            rows.append((number, cells))
    return found


def _widened(leader: re.Match[str]) -> str:
    return " " * len(leader[0])


def _goes_below(rows: Sequence[tuple[int, Sequence[re.Match[str]]]], cells: Sequence[re.Match[str]]) -> bool:
    """Whether cells are the next row of a table that has these rows."""
    above = rows[-1][1]
    if len(rows) == 1 and len(above) >= 2 and len(cells) in (len(above), len(above) + 1):
        return all(map(_overlap, above[-len(cells) + 1 :], cells[1:]))
    return len(above) == len(cells) and all(map(_is_under, above[1:], cells[1:]))


def _is_under(above: re.Match[str], below: re.Match[str]) -> bool:
    return abs(above.start() - below.start()) <= 1 or abs(above.end() - below.end()) <= 1


def _overlap(above: re.Match[str], below: re.Match[str]) -> bool:
    return above.start() < below.end() and below.start() < above.end()


def _is_prose(rows: Sequence[tuple[int, Sequence[re.Match[str]]]]) -> bool:
    """Whether two columns are a page's columns of text."""
    lengths = sorted(len(cell[0]) for _, row in rows for cell in row)
    return len(rows[0][1]) == 2 and lengths[len(lengths) // 2] > PROSE_CELL


def _joined(lines: Sequence[Line]) -> list[Line]:
    """Lines that were broken for width only are one again."""
    width = _wrap_width(lines)
    joined: list[Line] = []
    length = 0  # of the last raw line put into joined[-1]
    for at, line in enumerate(lines):
        after = lines[at + 1] if at + 1 < len(lines) else None
        if joined and _continues(joined[-1], length, line, width) and not (width and _heads(joined[-1], line, after, width)):
            joined[-1] = replace(joined[-1], text=f"{joined[-1].text} {line.text}")
        else:
            joined.append(line)
        length = line.indent + len(line.text) + (len(line.mark) + 1 if line.mark else 0)
    return joined


def _wrap_width(lines: Sequence[Line]) -> int:
    """The column at which the text was wrapped, 0 when it was not.

    Most neighbours must be so that the next word did not fit: of all, or of those that break a sentence.
    """
    lengths = [line.indent + len(line.text) for line in lines]
    narrow = [length for length in lengths if length <= WRAP_WIDTH]
    if len(narrow) < 0.95 * len(lengths) or not narrow:
        return 0
    width = max(narrow)
    if width < 40:
        return 0
    pairs = [(a, b) for a, b in zip(lines, lines[1:], strict=False) if not b.gap and not b.mark]
    full = [_is_full(a.indent + len(a.text), b, width) for a, b in pairs]
    within = [
        is_full for is_full, (a, b) in zip(full, pairs, strict=True) if b.text[0].islower() and not _STOP.search(a.text[-9:])
    ]
    return width if sum(full) >= max(2, 0.5 * len(pairs)) or sum(within) >= max(3, 0.8 * len(within)) else 0


def _is_full(length: int, below: Line, width: int) -> bool:
    """Whether the first word of the line below would not have fit behind a line of this length."""
    return length + 1 + len(below.text.split()[0]) > width - 8


def _continues(above: Line, length: int, line: Line, width: int) -> bool:
    if line.gap or line.mark or line.head or above.head or line.cells or above.cells:
        return False
    if above.mark and line.indent > above.indent:
        return True
    if width and _is_full(length, line, width):
        return True
    return line.text[0].islower() and length >= 50 and (above.text[-1].isalpha() or above.text[-1] in ",-")


def _heads(above: Line, line: Line, after: Line | None, width: int) -> bool:
    """Whether a line that wrapped text has below a full line, without a blank one, is the heading of what follows it."""
    if after is None or not _STOP.search(above.text[-9:]) or above.text[-1] == ":" or not is_heading_shape(line.text):
        return False
    return not after.text[0].islower() and not _is_full(line.indent + len(line.text), after, width)
