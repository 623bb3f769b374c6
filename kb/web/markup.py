"""The last step before text of an article becomes HTML: escaping, marking, and which addresses may be links. Pure."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

Span = tuple[int, int]

_DISGUISE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def escape(text: str) -> str:
    """text as HTML text or a quoted attribute; control characters and direction overrides, which disguise it, become blanks."""
    return html.escape(_DISGUISE.sub(" ", text), quote=True)


def marked(text: str, start: int, end: int, marks: Sequence[Span]) -> str:
    """text[start:end] escaped, with <mark> around whatever of it lies in marks (which may overlap and reach outside)."""
    spans = sorted((max(a, start), min(b, end)) for a, b in marks if a < end and b > start and a < b)
    out, at = [], start
    for a, b in spans:
        a = max(a, at)
        if a >= b:
            continue
        out += [escape(text[at:a]), "<mark>", escape(text[a:b]), "</mark>"]
        at = b
    return "".join([*out, escape(text[at:end])])


def safe_url(url: str) -> bool:
    """True for an http or https address with a host; anything else is never made a link."""
    return re.match(r"https?://[^\s/\"'<>]+", url) is not None
