"""Headings of a Word document that no style says: paragraphs in larger letters than most, and a first one centred in bold."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from mammoth.documents import Paragraph, Run, Text

from kb.readers.decoding import squeeze
from kb.readers.heading_shape import is_heading_shape

UNSAID = 11.0  # points, of letters whose size no run says
BIGGER = 1.12  # times the body's letters, to be a heading


def with_headings(document: Any) -> Any:
    """document, its paragraphs in larger letters as headings where no style says which are; the largest are the title's."""
    paragraphs = [child for child in document.children if isinstance(child, Paragraph)]
    if any(re.match("heading|title", (each.style_name or "").lower()) for each in paragraphs):
        return document
    sizes: Counter[float] = Counter()
    for each in paragraphs:
        for run in _runs(each):
            sizes[run.font_size or UNSAID] += len(_said(run))
    body = sizes.most_common(1)[0][0] if sizes else UNSAID
    looks = {id(each): _size(each) for each in paragraphs}
    ranks = sorted({size for size in looks.values() if size > BIGGER * body}, reverse=True)
    first = next((each for each in paragraphs if _said(each).strip()), None)
    centred = first is not None and first.alignment == "center" and all(run.is_bold for run in _runs(first) if _said(run).strip())

    def restyled(element: Any) -> Any:
        size = looks.get(id(element), 0.0)
        rank = ranks.index(size) + 1 if size in ranks else 1 if element is first and centred else 0
        if not rank or element.numbering is not None or not is_heading_shape(squeeze(_said(element))):
            return element
        return element.copy(style_id=f"Heading{min(rank, 6)}", style_name=f"Heading {min(rank, 6)}")

    return document.copy(children=[restyled(child) if isinstance(child, Paragraph) else child for child in document.children])


def _runs(paragraph: Any) -> list[Any]:
    return [child for child in paragraph.children if isinstance(child, Run)]


def _said(element: Any) -> str:
    if isinstance(element, Text):
        return str(element.value)
    return "".join(map(_said, getattr(element, "children", ())))


def _size(paragraph: Any) -> float:
    """The size of a paragraph's letters where all have the same and it is said, else 0."""
    sizes = {run.font_size or 0.0 for run in _runs(paragraph) if _said(run).strip()}
    return float(sizes.pop()) if len(sizes) == 1 and len(_runs(paragraph)) == len(paragraph.children) else 0.0
