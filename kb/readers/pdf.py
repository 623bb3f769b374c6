"""PDF -> Draft: lines joined into paragraphs, words hyphenated at a line's end whole again, headers and page numbers gone.

A PDF knows letters and places, no paragraphs. Size and weight of the letters tell headings, places tell where a paragraph ends,
and a line is taken as broken for want of room when the next line's first word would not have fit into it. A paragraph that runs
on over a page break has the page on which it begins.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from kb.errors import ArticleError
from kb.readers.dates import date_in_text, dated
from kb.readers.decoding import clean, squeeze
from kb.readers.lists import untangle
from kb.readers.text import is_heading_shape
from kb.records import Draft, Fragment, FragmentKind

MAX_CHARS = 10_000_000  # of text, as for a text file
EDGE_LINES = 2  # lines at the top and at the bottom of a page among which running headers are looked for
MARGIN = 0.07  # of the page's height, where a lone number is a page number
BIGGER = 1.12  # times the body's letters, to be a heading
LEADING = 1.65  # times the letters' size, the largest distance between two lines of a paragraph
FEW_LINES = 5  # on a page, that say too little about where its lines end
SLACK = 0.08  # of a line's length, by which its printed width is misjudged
INDENT = 1.2  # times the letters' size, by which an item without a bullet is set in
UNREADABLE = 0.3  # share of private-use characters above which the fonts do not say what they show

GAP = 0.9  # times the letters' size, between two cells of a table's row; a word space has a third of it
LONGEST_CELL = 60  # characters; more is prose
ALIGNED = 2.5  # times the letters' size, by which a cell may miss its column's beginning

Piece = tuple[str, float, float, float, str]  # text, x, y, size, name of the font
_LIGATURES = {ord(one): many for one, many in zip("ﬀﬁﬂﬃﬄﬅﬆ", ("ff", "fi", "fl", "ffi", "ffl", "ft", "st"), strict=True)}
_BOLD = re.compile(r"bold|black|heavy|semib", re.IGNORECASE)
_MONOSPACED = re.compile(r"mono|courier|consol|typewriter|cmtt|menlo", re.IGNORECASE)
_BULLET = re.compile(r"^(?P<mark>[-*•◦▪▫‣·–●○■□✓➢►⁃\uf0b7\uf0a7]|\(?\d{1,3}[.)])\s+(?P<text>\S.*)$")
_PAGE_NUMBER = re.compile(r"^\W*(?:page|seite)?\W*(?:\d{1,4}|[ivxl]{1,6})\W*(?:(?:of|von|/)\W*\d{1,4})?\W*$", re.IGNORECASE)
_PRINTED = re.compile(r"^\d{1,2}/\d{1,2}/\d{2,4}, \d{1,2}:\d\d|^(?:https?|file)://\S+\s+\d+/\d+$")
_NO_TITLE = re.compile(
    r"^(?:microsoft word - .*|untitled.*|document\d*|.*\.(?:docx?|pdf|html?|tex|indd|txt)|https?://.*|about:blank)$",
    re.IGNORECASE,
)
_BROWSERS = re.compile(r"skia|chrom|firefox|mozilla|wkhtml|safari", re.IGNORECASE)
_KEPT_HYPHEN = re.compile(
    r"(?:\b(?:self|well|non|co|ex|post|pre|anti|cross|high|low|long|short|full|part|up)|-\w+)-$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Line:
    """A printed line. x and y in points from the page's lower left corner; edge: it stands in the page's margin.

    cells: (x, text) of its parts where wide gaps set them apart, else one.
    """

    text: str
    page: int
    x: float
    y: float
    size: float
    bold: bool
    cells: tuple[tuple[float, str], ...] = ()
    edge: bool = False


def read(data: bytes, charset: str = "") -> Draft:
    from pypdf.errors import DependencyError, PyPdfError

    try:
        reader = _opened(data)
        lines = _without_running(_lines(reader))
        meta = _meta(reader)
    except (DependencyError, NotImplementedError) as error:
        raise ArticleError("it is encrypted in a way that is not read. Save it without protection") from error
    except (PyPdfError, ValueError, LookupError, TypeError, AttributeError, OSError, RecursionError) as error:
        raise ArticleError(f"it is damaged or no PDF: {squeeze(str(error))[:200] or type(error).__name__}") from error
    found = untangle(_fragments(lines))
    if date := date_in_text(found):  # of more worth than the time somebody saved the file
        return Draft(tuple(found), {**meta, "date": date}, "text")
    return dated(found, meta, "page metadata")


def _opened(data: bytes) -> Any:
    import pypdf

    reader = pypdf.PdfReader(io.BytesIO(data))
    if reader.is_encrypted and not reader.decrypt(""):
        raise ArticleError("it is encrypted. Save it without a password")
    if not len(reader.pages):
        raise ArticleError("it has no pages")
    return reader


def _meta(reader: Any) -> dict[str, object]:
    """Title and date among the document's properties."""
    info = {str(key): str(value) for key, value in (reader.metadata or {}).items()}
    meta: dict[str, object] = {}
    title = squeeze(clean(info.get("/Title", "")))
    if title and not _NO_TITLE.match(title):
        meta["title"] = title
    if not _BROWSERS.search(info.get("/Producer", "") + info.get("/Creator", "")):  # there it is the time of printing
        meta["date"] = info.get("/CreationDate", "").removeprefix("D:")[:8]
    return meta


def _lines(reader: Any) -> list[Line]:
    lines: list[Line] = []
    chars = 0
    for number, page in enumerate(reader.pages, start=1):
        height = float(page.mediabox.height) or 1.0
        bottom = float(page.mediabox.bottom)
        for line in _lines_of(page, number):
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


def _lines_of(page: Any, number: int) -> list[Line]:
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
        end = x + size * (0.6 * len(words) if _MONOSPACED.search(font) else _width(words))
    return tuple(cells)


def _without_running(lines: Sequence[Line]) -> list[Line]:
    """lines without running headers and footers (the same but for digits on many pages) and page numbers."""
    pages: dict[int, list[Line]] = {}
    for line in lines:
        pages.setdefault(line.page, []).append(line)
    edges: set[int] = set()
    for on_page in pages.values():
        by_height = sorted(on_page, key=lambda line: line.y)
        edges |= {id(line) for line in [*by_height[:EDGE_LINES], *by_height[-EDGE_LINES:]]}
    seen = Counter(key for on_page in pages.values() for key in {_running_key(line) for line in on_page if id(line) in edges})
    often = max(2, 0.4 * len(pages))
    body = _body_size(lines)
    return [
        line
        for line in lines
        if not (id(line) in edges and line.size <= BIGGER * body and len(pages) > 1 and seen[_running_key(line)] >= often)
        and not ((line.edge or id(line) in edges and len(pages) > 1) and _PAGE_NUMBER.match(line.text))
        and not (line.edge and _PRINTED.match(line.text))
    ]


def _body_size(lines: Sequence[Line]) -> float:
    """The size that most of the letters have."""
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[line.size] += len(line.text)
    return sizes.most_common(1)[0][0]


def _running_key(line: Line) -> str:
    return f"{round(line.y / 4)} {re.sub(r'[0-9]+', '#', line.text.casefold())}"


def _fragments(lines: Sequence[Line]) -> list[Fragment]:
    if not lines:
        return []
    body = _body_size(lines)
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
            edges[line.page] = max(edges.get(line.page, 0.0), line.x + _width(line.text) * body)
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
    full = above.x + _width(f"{above.text} {line.text.split()[0]}") * above.size > edge - SLACK * (edge - above.x)
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


def _width(text: str) -> float:
    """About how wide text is printed, in the letters' size; a proportional font's averages."""
    return sum(
        0.28 if char in "iljtfrI.,;:'|!()[]- " else 0.83 if char in "mwMW" else 0.66 if char.isupper() else 0.5 for char in text
    )


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
