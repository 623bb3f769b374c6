"""A tree of HTML elements -> fragments. Used for web pages, for DOCX (through mammoth) and for HTML inside Markdown.

Goes over the tree without recursion, so that 30,000 nested elements are read like any others. A question in <summary> or <dt>, or
in a paragraph that is all bold, is a heading and its answer what follows; other short bold paragraphs are headings too, and so is
a bold line between two blocks. In an interview, whose questions are bold, what the interviewer only says is a heading as well.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from kb.readers.decoding import clean, squeeze
from kb.readers.heading_shape import is_heading_shape
from kb.records import Fragment

BLOCKS = (  # elements that begin and end a block of text
    " address article aside blockquote body caption center dd details dialog div dl dt fieldset figcaption figure footer form"
    " h1 h2 h3 h4 h5 h6 header hr html legend li main menu nav ol p pre section summary table tbody td tfoot th thead tr ul "
)
SILENT = (  # elements whose content is not the article's words
    " audio button canvas embed head iframe img input map math meter noscript object option picture progress script select style"
    " svg template textarea title track video "
)
HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
TITLES = {"summary", "dt", "p", "div", "b", "strong"}  # elements whose text may be a heading by its looks
LISTS = {"ul", "ol", "menu"}
LONGEST_ROW = 2_000  # characters of a table's row; longer ones lay out a page
MOST_SPANNED = 20  # columns with a cell over several rows; and such a cell's text is repeated up to so many characters
LONGEST_SPANNED = 200
QUESTION_WORDS = 30  # at most, of a bold paragraph that asks; "You were a sous chef at a two-star place. Why leave?"
HEADER_ROWS = 2  # below a header that only words above figures give away; in a table of two columns, one more
CAPITALS = range(2, 11)  # words of a paragraph all in capitals that is a heading
BROKEN_AT = 50  # characters of a line at least, behind which a <br> only broke it for width
DEFINITION_WORDS = 60  # at most, of one that stands in a row with its term
LEADS = 3  # paragraphs at least that begin with a bold sentence, for those to be headings
LEAD_WORDS = range(2, 13)  # of such a sentence
INTERVIEW = 3  # bold questions at least, for bold sentences to be the interviewer's too

_FOOTNOTE_MARK = re.compile(r"[\s\[(]*(?:\d{1,3}|[*†‡§]|[a-z]|citation needed|edit)[\s\])]*")
_BASE = re.compile(r"(?:\d|\)|\b[a-zA-Z])\s?$")  # what can be raised to a power: 10, (a+b), n
_FIGURE = re.compile(  # at the beginning of a cell
    r"[\s~<>≈+−-]*(?:\d|[$£€¥₹]|[A-Z]{3}\s?\d|(?:about|from|up to|ca\.)\s\W?\d)", re.IGNORECASE
)
_NEW_LINE = "\n"
_BREAK = "\v"  # of a <br>; no such character is left in clean text


def fragments_of(tree: Any, skip: Callable[[Any], bool] = lambda element: False) -> list[Fragment]:
    """The fragments of an lxml tree, in document order. skip says which elements to leave out with everything in them."""
    return _Walk(skip).over(tree)


def is_lead(text: str) -> bool:
    """Whether bold text at the head of a paragraph is a sentence of its own, not a label or the paragraph's first words."""
    return text[-1:] in {".", "?", "!"} and len(text.split()) in LEAD_WORDS


def headed_by_leads(found: Sequence[Fragment], leads: Mapping[int, tuple[str, int]]) -> list[Fragment]:
    """found, the bold sentences that paragraphs begin with as headings of their own, where there are as many as LEADS.

    leads: place in found -> the sentence, its level as a heading.
    """
    made: list[Fragment] = []
    for at, fragment in enumerate(found):
        lead, level = leads.get(at, ("", 0)) if len(leads) >= LEADS else ("", 0)
        rest = fragment.text[len(lead) :].lstrip()
        if lead and fragment.kind == "paragraph" and fragment.text.startswith(lead):
            made += [Fragment("heading", lead, level), *([replace(fragment, text=rest)] if rest else [])]
        else:
            made.append(fragment)
    return made


def flatten_superscripts(tree: Any) -> None:
    """Makes every <sup> of the tree plain text, see `superscript`."""
    for element in list(tree.iter("sup")):
        previous, parent = element.getprevious(), element.getparent()
        before = (previous.tail if previous is not None else parent.text if parent is not None else "") or ""
        text = superscript(before, "".join(element.itertext()), linked=element.find(".//a") is not None or _inside_link(element))
        tail = element.tail
        element.clear()
        element.tag, element.text, element.tail = "span", text, tail


def _inside_link(element: Any) -> bool:
    parent = element.getparent()
    return parent is not None and parent.tag == "a"


def superscript(before: str, raised: str, *, linked: bool = False) -> str:
    """How raised text reads in a line: a power after ^ (10^3, so that no figure changes), a footnote's mark not at all."""
    if not linked and _BASE.search(before) and re.fullmatch(r"[-−]?\d{1,3}|[a-z]", raised.strip()):
        return f"^{raised.strip()}"
    return "" if _FOOTNOTE_MARK.fullmatch(raised) else raised


class _Walk:
    """Collects words up to a block's end and makes a fragment of them, of the kind its surroundings say."""

    def __init__(self, skip: Callable[[Any], bool]) -> None:
        self.skip = skip
        self.found: list[Fragment] = []
        self.words: list[str] = []  # of the block being read
        self.heading = 0  # level of the heading being read
        self.level = 1  # of the last real heading
        self.code = False
        self.lists = 0
        self.new_item = False
        self.item: int | None = None  # index in found of the item that a further paragraph continues
        self.rows: list[list[_Cell] | None] = []  # of the table rows being read; None for one that only lays out the page
        self.spanning: dict[Any, dict[int, tuple[int, str]]] = {}  # group of rows -> column -> (rows to come, text)
        self.tables: list[int] = []  # of the tables being read, where in found each begins
        self.bold_rows: set[int] = set()  # places in found of rows all in bold
        self.term = ""  # of a definition list, whose definition is being read
        self.leads: dict[int, tuple[str, int]] = {}  # see headed_by_leads
        self.asked = 0  # bold paragraphs that ask
        self.told: dict[int, int] = {}  # place in found of a short bold paragraph that does not -> its level as a heading

    def over(self, tree: Any) -> list[Fragment]:
        from lxml import etree

        walker = etree.iterwalk(tree, events=("start", "end"))
        for event, element in walker:
            tag = element.tag if isinstance(element.tag, str) else ""
            silent = not tag or f" {tag} " in SILENT or _is_anchor(tag, element) or self.skip(element)
            if event == "start" and silent:
                walker.skip_subtree()
            elif event == "start":
                self._start(tag, element)
                self.words.append(element.text or "")
            else:
                if not silent:
                    self._end(tag, element)
                if element is not tree:
                    self.words.append(element.tail or "")
        self._flush()
        for at, level in self.told.items() if self.asked >= INTERVIEW else ():
            self.found[at] = Fragment("heading", squeeze(self.found[at].text), level)
        return headed_by_leads(self.found, self.leads)

    def _start(self, tag: str, element: Any) -> None:
        if f" {tag} " in BLOCKS:
            self._flush()
        if tag in HEADINGS:
            self.heading = int(tag[1])
        elif tag == "pre":
            self.code = True
        elif tag in LISTS:
            self.lists += 1
            self.item = None
        elif tag == "li":
            self.new_item, self.item = True, None
        elif tag == "dt":
            self.term = ""
        elif tag == "br":
            self.words.append(_BREAK)
        elif tag == "table":
            self.tables.append(len(self.found))
        elif tag == "tr":
            self.rows.append(None if _lays_out(element, bool(self.spanning.get(element.getparent()))) else [])

    def _end(self, tag: str, element: Any) -> None:
        if tag in {"td", "th"} and self.rows and self.rows[-1] is not None:
            self.rows[-1].append(_Cell(squeeze(self._text()), _span(element, "rowspan"), _span(element, "colspan")))
            self.words = []
        elif tag == "tr" and self.rows:
            self._row(element)
        elif tag in {"b", "strong"} and not self.heading and not self.rows and not self.lists and _begins(element):
            self._lead()
        elif tag == "dt" and not self.rows and not self.lists and _is_term(element) and not self._text().endswith("?"):
            self.term, self.words = squeeze(self._text()), []
        elif tag == "dd" and self.term and (definition := squeeze(self._text())):
            self._add(Fragment("table_row", f"{self.term} | {definition}"))
        elif tag in TITLES and not self.heading and not self.rows and self._is_heading(tag, element):
            self.heading = min(self.level + 1, 6)
            self._flush()
            self.heading = 0
        elif tag == "p" and not self.heading and not self.rows and not self.lists and self._is_said(element):
            self.told[len(self.found)] = min(self.level + 1, 6)
            self._flush()
        elif f" {tag} " in BLOCKS:
            self._flush()
        if tag == "table" and self.tables:
            self._head_table(self.tables.pop())
        if tag in HEADINGS:
            self.level, self.heading = int(tag[1]), 0
        elif tag == "pre":
            self.code = False
        elif tag in LISTS:
            self.lists -= 1
            self.item = None
        elif tag == "li":
            self.new_item = False

    def _lead(self) -> None:
        if is_lead(text := squeeze(self._text())):
            self.leads[len(self.found)] = (text, min(self.level + 1, 6))

    def _is_heading(self, tag: str, element: Any) -> bool:
        text = self._text()
        if tag in {"b", "strong"}:
            return not self.lists and is_heading_shape(text) and _is_line(element)
        if tag in {"p", "div"}:
            if self.lists or (tag == "div" and _holds_blocks(element)):
                return False
            if tag == "p" and text.isupper() and len(text.split()) in CAPITALS:
                return is_heading_shape(text)
            if not _all_bold(element):
                return False
            asks = text.endswith("?") and "\n" not in text and len(text.split()) <= QUESTION_WORDS
            self.asked += asks
            return asks or is_heading_shape(text)
        return "\n" not in text and (text.endswith("?") or is_heading_shape(text))

    def _is_said(self, element: Any) -> bool:
        """Whether a paragraph is a short bold sentence that asks nothing: "Describe an ordinary Tuesday." """
        text = self._text()
        return 0 < len(text.split()) <= QUESTION_WORDS and "\n" not in text and text[-1] in ".!…" and _all_bold(element)

    def _text(self) -> str:
        lines = clean("".join(self.words).replace("\n", " ").replace(_BREAK, "\n")).split("\n")
        joined = ""
        for line in filter(None, map(squeeze, lines)):
            broken = line[0].islower() and (joined[-1:] == "," or (len(joined) >= BROKEN_AT and joined[-1:].isalpha()))
            joined = f"{joined}{' ' if broken else _NEW_LINE}{line}" if joined else line
        return joined

    def _flush(self) -> None:
        """Makes a fragment of the words read so far, unless they belong to a table's cell or to code, or there are none."""
        if self.rows and self.rows[-1] is not None:
            self.words.append(" ")
            return
        if self.code:
            text = clean("".join(self.words).replace(_BREAK, "\n")).strip("\n").rstrip()
            self._add(Fragment("code", text) if text.strip() else None)
            return
        text = self._text()
        if not text:
            self._add(None)
        elif self.heading:
            self._add(Fragment("heading", squeeze(text), self.heading))
        elif not self.lists:
            self._add(Fragment("paragraph", text))
        elif self.new_item or self.item is None:
            self._add(Fragment("item", text, self.lists))
            self.new_item, self.item = False, len(self.found) - 1
        else:
            fragment = self.found[self.item]
            self.found[self.item] = replace(fragment, text=f"{fragment.text}\n{text}")
            self.words = []

    def _add(self, fragment: Fragment | None) -> None:
        self.words = []
        if fragment:
            self.found.append(fragment)
            self.item = None

    def _row(self, element: Any) -> None:
        cells = self.rows.pop()
        if cells is None:
            self._flush()
        else:
            texts = self._with_spanning(element.getparent(), cells)
            names = {child.tag for child in element if child.tag in {"td", "th"}}
            header = names == {"th"} or (element.getparent() is not None and element.getparent().tag == "thead")
            if any(cell.text for cell in cells):
                if names == {"td"} and all(_all_bold(cell) for cell in element if "".join(cell.itertext()).strip()):
                    self.bold_rows.add(len(self.found))
                self._add(Fragment("table_header" if header else "table_row", " | ".join(texts).strip()))
        self.words = []

    def _head_table(self, start: int) -> None:
        """Makes the first row of a table without a header its header, where it alone is bold or has words above figures."""
        rows = self.found[start:]
        rows = rows[: next((at for at, row in enumerate(rows) if not row.kind.startswith("table")), len(rows))]
        if len(rows) > HEADER_ROWS and all(row.kind == "table_row" for row in rows) and "|" in rows[0].text:
            bold = start in self.bold_rows and start + 1 not in self.bold_rows
            if bold or _words_above_figures([row.text.split("|") for row in rows]):
                self.found[start] = replace(rows[0], kind="table_header")

    def _with_spanning(self, group: Any, cells: Sequence[_Cell]) -> list[str]:
        """A row's texts, among them those of cells that reach down from the rows above: each row says what it is about."""
        above = self.spanning.setdefault(group, {})
        below: dict[int, tuple[int, str]] = {}
        texts: list[str] = []
        column, waiting = 0, list(reversed(cells))
        while waiting or column in above:
            if column in above:
                rows, text = above.pop(column)
                texts.append(text)
                wide = 1
            else:
                cell = waiting.pop()
                rows, text, wide = cell.rows, cell.text, cell.columns
                texts.append(text)
            if rows > 1 and len(text) <= LONGEST_SPANNED and len(below) < MOST_SPANNED:
                below[column] = (rows - 1, text)
            column += wide
        self.spanning[group] = {**{at: (rows - 1, text) for at, (rows, text) in above.items() if rows > 1}, **below}
        return texts


@dataclass(frozen=True, slots=True)
class _Cell:
    """rows, columns: how many it covers."""

    text: str
    rows: int = 1
    columns: int = 1


def _span(cell: Any, name: str) -> int:
    """How many rows or columns a cell covers; rowspan="0" is all that follow."""
    value = (cell.get(name) or "1").strip()
    number = int(value) if value.isdecimal() and len(value) < 6 else 1
    return min(number or (1_000 if name == "rowspan" else 1), 1_000)


def _is_anchor(tag: str, element: Any) -> bool:
    """Whether an element is the little sign beside a heading that links to it."""
    return tag == "a" and len(element) == 0 and (element.text or "").strip() in {"\u00b6", "\u00a7", "#", "\U0001f517"}


def _lays_out(row: Any, spanned: bool) -> bool:
    """Whether a table row holds blocks of its own, as on pages whose columns are a table. spanned: cells above reach into it."""
    if any(row.find(f".//{tag}") is not None for tag in ("table", "h1", "h2", "h3")):
        return True
    return len(row) < (1 if spanned else 2) or len(row.xpath("string()")) > LONGEST_ROW


def _all_bold(element: Any) -> bool:
    """Whether all text of a paragraph is bold, in one run or in several."""
    within = [element]
    found = False
    while within:
        each = within.pop()
        for text, child in [(each.text, None), *((child.tail, child) for child in each)]:
            if (text or "").strip():
                return False
            if child is not None and child.tag in {"b", "strong"}:
                found = found or bool("".join(child.itertext()).strip())
            elif child is not None and isinstance(child.tag, str):
                within.append(child)
    return found


def _holds_blocks(element: Any) -> bool:
    return any(_is_block(inner) or inner.tag == "br" for inner in element.iterdescendants())


def _is_term(term: Any) -> bool:
    """Whether a <dt> has one short definition behind it, that fits into a row with it."""
    definition = term.getnext()
    if definition is None or definition.tag != "dd" or _holds_blocks(definition) or _holds_blocks(term):
        return False
    return 0 < len("".join(definition.itertext()).split()) <= DEFINITION_WORDS


def _is_line(element: Any) -> bool:
    """Whether bold text makes a line of its own: between two blocks, or before the first break of one."""
    previous, following, parent = element.getprevious(), element.getnext(), element.getparent()
    before = parent.text if previous is None and parent is not None else previous.tail if previous is not None else ""
    if (before or "").strip() or (element.tail or "").strip() or following is None:
        return False
    if following.tag == "br":
        return previous is None and parent is not None and parent.tag in {"p", "div"}
    return _is_block(following) and (previous is None or _is_block(previous)) and parent is not None and parent.tag != "p"


def _is_block(element: Any) -> bool:
    return isinstance(element.tag, str) and f" {element.tag} " in BLOCKS


def _words_above_figures(rows: Sequence[Sequence[str]]) -> bool:
    """Whether no cell of a table's first row is a figure and all below it are, in one of the later columns."""
    head, *below = rows
    if any(len(row) != len(head) for row in below) or any(map(_FIGURE.match, head)):
        return False
    if len(below) < HEADER_ROWS + (len(head) == 2):
        return False
    return any(all(_FIGURE.match(row[at]) for row in below) for at in range(1, len(head)))


def _begins(element: Any) -> bool:
    """Whether bold text stands at the head of a paragraph that goes on behind it."""
    parent = element.getparent()
    if parent is None or parent.tag != "p" or element.getprevious() is not None or (parent.text or "").strip():
        return False
    return bool((element.tail or "").strip())
