"""A page's tree, what it shows by style and script written as mark-up: bold text, titles, and the questions that open an answer.

    <span class="c2">How you get in</span>, .c2{font-weight:700}            ->  <b>How you get in</b>
    <button aria-controls="a1">Is it hard?</button><div id="a1" hidden>     ->  <summary>Is it hard?</summary><div id="a1">

Google Docs and Word write bold text as classes, and the lists of questions that unfold when one presses them are buttons above
hidden blocks: a reader of the page sees headings and answers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from kb.readers.decoding import squeeze
from kb.readers.heading_shape import is_heading_shape

MAX_STYLE = 300_000  # characters of a page's style sheets that are looked at
ANSWER_WORDS = 3  # at least, of a block that a button shows

_RULE = re.compile(r"((?:[\w.#>,: -]){1,300})\{([^{}]{0,2000})\}")
_BOLD = re.compile(r"font-weight\s*:\s*(?:bold|[6-9]00)", re.IGNORECASE)
_PLAIN = re.compile(r"font-weight\s*:\s*(?:normal|400)", re.IGNORECASE)
_UNFOLDS = re.compile(r"accordion|collaps|faq|question|toggle|expand|disclosure", re.IGNORECASE)
_ASKING = re.compile(
    r"(?:^|[\s_-])(?:faq|accordion|toggle|collaps\w*)[\w-]*(?:question|title|header|heading|trigger|toggle|button)"
    r"|(?:^|\s)question(?:$|[\s_-])",
    re.IGNORECASE,
)
_TITLE = {"title", "msotitle"}  # classes of the paragraph that Google Docs and Word write a document's title as
_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6", "summary", "dt"}
_MACHINERY = {"nav", "header", "footer", "form", "aside"}


def undisguise(tree: Any) -> None:
    """Changes the tree in place; texts and their order stay."""
    _mark_bold(tree)
    _mark_titles(tree)
    named = {name: element for element in tree.iter() if isinstance(element.tag, str) and (name := element.get("id"))}
    for element in list(tree.iter("button", "div", "span", "a", "figure", "cite", "details")):
        if element.tag == "figure":
            _as_block(element)
        elif element.tag == "details":
            _unfold(element)
        elif element.tag == "cite":
            quoting = element.getparent() is not None and element.getparent().tag == "blockquote"
            element.tag = "p" if quoting else "em"  # trafilatura leaves out who is quoted
        elif asked := _asked(element, named):
            element.tag = "span" if asked != "summary" else asked
            for block in _answers(element, named):
                for name in ("hidden", "aria-hidden", "style"):
                    block.attrib.pop(name, None)


def _mark_bold(tree: Any) -> None:
    """Makes spans <b> that the page's styles show in bold, and <b> a span that they do not."""
    bold: set[str] = set()
    for style in tree.iter("style"):
        for selectors, rules in _RULE.findall((style.text or "")[:MAX_STYLE]):
            if _BOLD.search(rules):
                bold |= {part.strip()[1:] for part in selectors.split(",") if re.fullmatch(r"\s*\.[\w-]+\s*", part)}
    for element in list(tree.iter("span", "b", "strong")):
        style = element.get("style") or ""
        if element.tag != "span":
            if _PLAIN.search(style):
                element.tag = "span"
        elif _BOLD.search(style) or bold.intersection((element.get("class") or "").split()):
            element.tag = "b"


def _mark_titles(tree: Any) -> None:
    if tree.find(".//h1") is not None:
        return
    for element in tree.iter("p"):
        if _TITLE.intersection((element.get("class") or "").lower().split()) and "".join(element.itertext()).strip():
            element.tag = "h1"
            return


def _unfold(details: Any) -> None:
    """Makes what is folded a block of the page: trafilatura leaves it out, and text that stands in it by itself."""
    details.tag = "div"
    summary = details.find("./summary")
    if summary is None or not (summary.tail or "").strip():
        return
    paragraph = details.makeelement("p", {})
    paragraph.text, summary.tail = summary.tail, None
    while (inline := summary.getnext()) is not None and inline.tag in {"a", "b", "br", "em", "i", "span", "strong"}:
        paragraph.append(inline)
    summary.addnext(paragraph)


def _as_block(figure: Any) -> None:
    """A figure without a picture is a block of text, as Notion's boxes and captioned tables are."""
    if not any(figure.find(f".//{tag}") is not None for tag in ("img", "picture", "svg", "video", "iframe")):
        figure.tag = "div"
        for caption in figure.findall(".//figcaption"):
            caption.tag = "p"


def _asked(element: Any, named: Mapping[str, Any]) -> str:
    """"summary" for what is pressed to read an answer, "text" for a button within a heading, "" for anything else."""
    button = element.tag == "button"
    kind = f"{element.get('class') or ''} {element.get('data-toggle') or ''} {element.get('data-bs-toggle') or ''}"
    unfolds = any(element.get(name) is not None for name in ("aria-expanded", "aria-controls", "data-toggle", "data-bs-toggle"))
    if not (button or unfolds or _ASKING.search(kind)):
        return ""
    above = [parent.tag for parent in element.iterancestors() if isinstance(parent.tag, str)]
    if _MACHINERY.intersection(above):
        return ""
    if _HEADINGS.intersection(above):
        return "text" if button or unfolds else ""
    text = squeeze("".join(element.itertext()))
    if not is_heading_shape(text) or any(child.tag in {"p", "div", "ul", "table"} for child in element):
        return ""
    opens = text.endswith("?") or (button and unfolds and bool(_UNFOLDS.search(kind)))
    return "summary" if opens and _answers(element, named) else ""


def _answers(element: Any, named: Mapping[str, Any]) -> list[Any]:
    """The block that what is pressed shows: the one it names, or what stands behind it or its heading; none without words."""
    shown = element.get("aria-controls") or element.get("data-target") or element.get("data-bs-target") or ""
    found = named.get(shown.lstrip("#"))
    holder = element
    while found is None and holder is not None and holder.tag not in {"body", "main", "article", "li"}:
        found = holder.getnext()
        if (holder.tail or "").strip():
            break
        holder = holder.getparent()
    return [found] if found is not None and _has_words(found) else []


def _has_words(block: Any) -> bool:
    words = 0
    for text in block.itertext():
        words += len(text.split())
        if words >= ANSWER_WORDS:
            return True
    return False
