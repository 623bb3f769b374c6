"""Markdown, and what is left of MDX, Docusaurus, Hugo and Jekyll in it -> Draft.

A heading is a heading; so is a short line that is nothing but bold. A question marked in either way is a heading and its answer
the paragraph below; a line "Q: ..." stays a paragraph, followed by its answer's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from html import unescape
from typing import TYPE_CHECKING

from kb.errors import ArticleError
from kb.readers import text as plain
from kb.readers.dates import dated
from kb.readers.decoding import decode, squeeze, squeeze_lines
from kb.readers.front_matter import split_front_matter
from kb.readers.heading_shape import is_heading_shape
from kb.readers.lists import untangle
from kb.readers.tree import flatten_superscripts, fragments_of, headed_by_leads, is_lead, superscript
from kb.records import Draft, Fragment

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

MAX_NESTING = 60  # quotes and lists within each other; people stop at four
TAGS = (  # of HTML; a word in angle brackets that is none of them is somebody's placeholder
    " a abbr address article aside b bdi bdo big blockquote body br button caption center cite code col colgroup data dd del"
    " details dfn div dl dt em figcaption figure font footer form h1 h2 h3 h4 h5 h6 head header hr html i iframe img input ins"
    " kbd label li link main mark meta nav object ol p path picture pre q s samp script section small source span strike strong"
    " style sub summary sup svg table tbody td template tfoot th thead time title tr u ul var video wbr "
)

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_IMPORT = re.compile(r"^(?:import\s+(?:[\w*{][^'\"\n;]{0,300}?\bfrom\s+)?['\"][^'\"\n]+['\"];?[ \t]*)+$")
_OPEN_IMPORT = re.compile(r"^import\s*(?:\w+\s*,\s*)?\{[^}]*$")
_END_OF_IMPORT = re.compile(r"\bfrom\s*['\"]")
_EXPORT = re.compile(r"^export\s+(?:default|const|let|function|async)\b")
_END_OF_EXPORT = re.compile(r"(?!)")  # nothing but an empty line
_LINE_NOISE = re.compile(r"^\s*(?:\[\[?_?toc_?\]?\]|\{:?\s*toc\s*\}|\{:[^}\n]*\}|\\newpage|\\pagebreak)\s*$", re.IGNORECASE)
_ADMONITION = re.compile(r"^\s*:{3,}\s*\{?[\w-]*\}?(?:\[(?P<label>[^\]\n]*)\])?[ \t]*(?P<title>[^\n{]*)")
_CALLOUT = re.compile(r"^(?P<quote>\s*(?:>\s*)+)\[!\w[\w-]*(?:\|[^\]\n]*)?\][+-]?[ \t]*(?P<title>.*)$")  # GitHub's, Obsidian's
_CONTENTS = re.compile(r"^[ \t]*(?:[-*+]|1\.)[ \t].*\n[ \t]*\{:[^}\n]*\btoc\b[^}\n]*\}", re.I | re.MULTILINE)  # kramdown's
_WIKI_EMBED = re.compile(r"!\[\[[^\[\]\n]{1,300}\]\]")
_WIKI_LINK = re.compile(r"\[\[(?!(?:insert|your|tbd|todo)\b)(?:[^\[\]|\n]{1,200}\|)?([^\[\]|\n]{1,200})\]\]", re.IGNORECASE)
_MARKED = re.compile(r"==(?=\S)([^=\n]{1,500})(?<=\S)==")
_BLOCK_ID = re.compile(r"\s\^(?=[\w-]*[a-z])[\w-]{1,40}$", re.MULTILINE)
_QUERIES = {"dataview", "dataviewjs", "tasks", "query", "toc", "button"}  # fenced, of Obsidian's machinery
_DEFINITION = re.compile(r"(?<=\n): ")
_TEMPLATE_TAG = re.compile(r"\{\{[<%].{0,300}?[>%]\}\}|\{%.{0,300}?%\}")  # Hugo, Jekyll; {{salary}} stays: a hole in the text
_COMMENT = re.compile(r"%%[^%\n]{1,500}%%")  # Obsidian's; outside fenced code
_HEADING_ID = re.compile(r"\s*\{#[\w:.-]+\}\s*$")
_FOOTNOTE = re.compile(r"\[\^[^\]\s]{1,40}\]:?")
_TASK = re.compile(r"^\[[ xX]\]\s+")
_TAG = re.compile(r"</?([A-Za-z][\w.-]{0,60})(?:\s[^<>]{0,2000}|/)?>|<[!?][^<>]{0,2000}>")
_CANONICAL = re.compile(r"""<link\b[^<>]{0,200}\brel=["']?canonical\b[^<>]{0,200}\bhref=["']?(https?://[^"'\s<>]+)""", re.I)
_LABEL = re.compile(r"^(?::\s|[•●▪◦‣✓✔➢]\s|(?:Q|A|Question|Answer)\s?\d*\s*[:.]\s|[A-Z][\w'’/&() -]{1,30}:\s)")
_BLANKED = (
    ("\n%%\n", "\n%%\n"),
    ("<!--", "-->"),
    ("{/*", "*/}"),
    ("<head>", "</head>"),
    ("<script", "</script>"),
    ("<style", "</style>"),
)


def read(data: bytes, charset: str = "") -> Draft:
    meta, body = split_front_matter(decode(data, charset))
    canonical = _CANONICAL.search(body)
    if canonical and not any(key in meta for key in ("url", "canonical", "canonical_url", "source_url")):
        meta = {**meta, "url": canonical[1]}
    return dated(fragments(body), meta, "front matter")


def fragments(body: str) -> list[Fragment]:
    """The fragments of Markdown text without front matter.

    Text without a single heading or blank line between its lines is not Markdown, whatever its name: it is read as plain text.
    """
    body = without_remnants(body)
    found = _Walk().over(_parser().parse(body))
    if not any(fragment.kind in {"heading", "table_header", "code"} for fragment in found):
        as_text = plain.fragments(body)
        if sum(fragment.kind == "heading" for fragment in as_text) >= 2:
            return [replace(fragment, text=inline(fragment.text)) for fragment in as_text if inline(fragment.text)]
    return untangle(found)


def inline(text: str) -> str:
    """A line's words without its mark-up: inline("a **bold** [link](https://x.example)") == "a bold link"."""
    return squeeze_lines(_inline_text(_parser().parseInline(text)[0].children or ()))


def without_remnants(body: str) -> str:
    """body without what is meant for a site's generator: imports, comments, <head>, [toc], admonition fences; code stays."""
    body = _CONTENTS.sub("", body)
    for opening, closing in _BLANKED:
        body = _without_between(body, opening, closing)
    kept: list[str] = []
    fence = ""
    statement: re.Pattern[str] | None = None  # what ends the import or export that the walk is within
    for line in body.split("\n"):
        if match := _FENCE.match(line):
            if not fence:
                fence = match[1]
            elif match[1].startswith(fence) and not line.strip().strip(fence[0]):
                fence = ""
        elif statement:
            statement = None if statement.search(line) or not line.strip() else statement
            line = ""
        elif not fence:
            statement = _END_OF_IMPORT if _OPEN_IMPORT.match(line) else _END_OF_EXPORT if _EXPORT.match(line) else None
            line = "" if statement else _without_remnant(line)
        kept.append(line)
    return "\n".join(kept)


def _without_remnant(line: str) -> str:
    if _IMPORT.match(line) or _LINE_NOISE.match(line):
        return ""
    if admonition := _ADMONITION.match(line):
        return f"\n{(admonition['label'] or admonition['title'] or '').strip()}\n"
    if callout := _CALLOUT.match(line):
        return f"{callout['quote']}{callout['title']}\n{callout['quote'].rstrip()}"
    return _COMMENT.sub("", _TEMPLATE_TAG.sub("", line))


def _without_between(text: str, opening: str, closing: str) -> str:
    """text without the stretches between two marks, outside fenced code; linear however often a mark stands there alone."""
    lower = text.lower()
    if opening not in lower or len(lower) != len(text):
        return text
    fenced = _fenced_spans(text)
    kept, at = [], 0
    skip = len(opening) - 1 if opening == closing else 0
    while (start := lower.find(opening, at)) >= 0 and (end := lower.find(closing, start + skip)) >= 0:
        inside = next((b for a, b in fenced if a <= start < b), None)
        kept.append(text[at : start if inside is None else inside])
        at = end + len(closing) if inside is None else inside
    return "".join([*kept, text[at:]])


def _fenced_spans(text: str) -> list[tuple[int, int]]:
    spans, at, opened, fence = [], 0, 0, ""
    for line in text.splitlines(keepends=True):
        if match := _FENCE.match(line):
            if not fence:
                opened, fence = at, match[1]
            elif match[1].startswith(fence) and not line.strip().strip(fence[0]):
                spans.append((opened, at + len(line)))
                fence = ""
        at += len(line)
    return [*spans, (opened, len(text))] if fence else spans


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": True, "maxNesting": MAX_NESTING}).enable(["table", "strikethrough"])


class _Walk:
    """Goes over markdown-it's tokens once and collects fragments."""

    def __init__(self) -> None:
        self.found: list[Fragment] = []
        self.lists = 0  # lists the walk is within
        self.quotes = 0
        self.mark = ""  # of the list item whose first line is still to come
        self.item: int | None = None  # index in found of the item that a further paragraph continues
        self.level = 1  # of the last real heading, under which a bold line's heading lies
        self.leads: dict[int, tuple[str, int]] = {}  # see headed_by_leads
        self.cells: list[str] = []
        self.in_head = False

    def over(self, tokens: Sequence[Token]) -> list[Fragment]:
        for before, token in zip([None, *tokens], tokens, strict=False):
            match token.type:
                case "bullet_list_open" | "ordered_list_open":
                    self.lists += 1
                    self.item = None
                case "bullet_list_close" | "ordered_list_close":
                    self.lists -= 1
                    self.item = None
                case "blockquote_open":
                    self.quotes += 1
                case "blockquote_close":
                    self.quotes -= 1
                case "list_item_open":
                    self.mark = (token.info + token.markup) or "-"
                    self.item = None
                case "thead_open" | "thead_close":
                    self.in_head = token.type == "thead_open"
                case "tr_open":
                    self.cells = []
                case "tr_close":
                    self._row()
                case "fence" | "code_block":
                    asks = token.info.strip().partition(" ")[0] in _QUERIES
                    if (code := token.content.strip("\n").rstrip()) and not asks:
                        self._add(Fragment("code", code))
                case "html_block":
                    self._html(token.content)
                case "inline" if before is not None:
                    self._line(token, before)
        return headed_by_leads(self.found, self.leads)

    def _line(self, token: Token, before: Token) -> None:
        text = squeeze_lines(_inline_text(token.children or ()))
        if before.type in {"th_open", "td_open"}:
            self.cells.append(squeeze(text))
        elif not text:
            return
        elif before.type == "heading_open" and not self.quotes and not self.lists:
            self.level = int(before.tag[1])
            if title := _HEADING_ID.sub("", squeeze(text)):
                self._add(Fragment("heading", title, self.level))
        elif self.lists:
            self._item(text)
        elif not self.quotes and _is_bold_heading(token.children or (), text):
            self._add(Fragment("heading", squeeze(text), min(self.level + 1, 6)))
        else:
            if "\n: " in text and not self.quotes:
                term, *definitions = _DEFINITION.split(text)
                for definition in definitions:
                    self._add(Fragment("table_row", f"{squeeze(term)} | {squeeze(definition)}"))
                return
            if not self.quotes and is_lead(lead := _bold_lead(token.children or ())):
                self.leads[len(self.found)] = (lead, min(self.level + 1, 6))
            self._add(Fragment("paragraph", text))

    def _item(self, text: str) -> None:
        """An item's first paragraph is the item; the next ones, up to a nested list, are further lines of it."""
        if self.mark or self.item is None:
            self._add(Fragment("item", _TASK.sub("", text), self.lists, mark=self.mark))
            self.mark, self.item = "", len(self.found) - 1
        else:
            fragment = self.found[self.item]
            self.found[self.item] = replace(fragment, text=f"{fragment.text}\n{text}")

    def _row(self) -> None:
        if any(self.cells):
            self._add(Fragment("table_header" if self.in_head else "table_row", " | ".join(self.cells).strip()))

    def _html(self, content: str) -> None:
        """A block of raw HTML: its headings, paragraphs, items and table rows."""
        if not squeeze(unescape(_TAG.sub("", content))):
            return
        from kb.readers.html import parse

        try:
            tree = parse(content)
        except ArticleError:
            return  # mark-up without a word in it
        flatten_superscripts(tree)
        for fragment in fragments_of(tree):
            if self.lists:
                self._item(fragment.text)
            else:
                self._add(fragment)

    def _add(self, fragment: Fragment) -> None:
        self.found.append(fragment)
        self.item = None


def _inline_text(children: Sequence[Token]) -> str:
    """The words of inline tokens: links give their text, images nothing, <br> and a line that begins with a label a newline."""
    parts: list[str] = []
    raised = -1  # where in parts the superscript being read begins
    for number, token in enumerate(children):
        match token.type:
            case "text":
                parts.append(_FOOTNOTE.sub("", token.content))
            case "code_inline" | "text_special":
                parts.append(token.content)
            case "softbreak":
                ahead = "".join(child.content for child in children[number + 1 : number + 6])
                parts.append("\n" if _LABEL.match(ahead) else " ")
            case "hardbreak":
                parts.append("\n")
            case "html_inline":
                name = token.content.strip("</>").strip().lower()
                if name == "br":
                    parts.append("\n")
                elif token.content.lower() == "<sup>":
                    raised = len(parts)
                elif token.content.lower() == "</sup>" and raised >= 0:
                    parts[raised:] = [superscript("".join(parts[max(0, raised - 2) : raised]), "".join(parts[raised:]))]
                    raised = -1
                elif token.content == f"<{name}>" and f" {name} " not in TAGS:
                    parts.append(token.content)  # "<role>" is what somebody wrote, not mark-up
    return _without_wiki("".join(parts))


def _without_wiki(text: str) -> str:
    """text without the marks of a wiki: "[[Hawks|the hawks]] cost ==600 a day== ^rate" -> "the hawks cost 600 a day"."""
    if "[[" in text:
        text = _WIKI_LINK.sub(lambda link: link[1].partition("#")[0] or link[1].lstrip("#"), _WIKI_EMBED.sub("", text))
    return _BLOCK_ID.sub("", _MARKED.sub(r"\1", text)) if "==" in text or "^" in text else text


def _is_bold_heading(children: Sequence[Token], text: str) -> bool:
    """Whether a paragraph is one short bold line, the heading of people who do not use headings."""
    kept = [token for token in children if token.content.strip() or token.type.endswith(("_open", "_close"))]
    return (
        len(kept) >= 3
        and kept[0].type == "strong_open"
        and kept[-1].type == "strong_close"
        and sum(token.type == "strong_open" for token in kept) == 1
        and is_heading_shape(text)
    )


def _bold_lead(children: Sequence[Token]) -> str:
    """The bold text that a paragraph begins with, "" for none."""
    kept = [token for token in children if token.content.strip() or token.type.endswith(("_open", "_close"))]
    if not kept or kept[0].type != "strong_open":
        return ""
    end = next((at for at, token in enumerate(kept) if token.type == "strong_close"), 0)
    return squeeze(_inline_text(kept[:end]))
