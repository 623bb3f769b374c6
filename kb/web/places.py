"""A citation's place as a link fragment, so that any citation can be opened again without the server remembering it.

    #cite-1204.1320.1000.1040.3f2a9c01.software/data%20engineer.md
          start end lead       article's source
                    start end  hash

The fragment comes back from the browser and is as untrusted as anything from there: `read_place` takes only this form.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote

from kb.records import Citation

HASH_CHARS = 8  # enough to notice that an article changed; not a security boundary
MAX_SOURCE_CHARS = 2000

_FORM = re.compile(r"(?:#?cite-)?(\d{1,9})\.(\d{1,9})\.(-1|\d{1,9})\.(-1|\d{1,9})\.([0-9a-f]{0,8})\.([^\s#]{1,6000})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a quote stands: article.text[start:end], and the lead-in it leans on (-1, -1 when it stands alone).

    content_hash: the first HASH_CHARS hex digits of the article's hash when it was quoted, "" when not known.
    """

    source: str
    start: int
    end: int
    lead_start: int = -1
    lead_end: int = -1
    content_hash: str = ""

    @classmethod
    def of(cls, citation: Citation) -> Place:
        return cls(
            citation.source,
            citation.start,
            citation.end,
            citation.lead_start,
            citation.lead_end,
            citation.content_hash[:HASH_CHARS].lower(),
        )

    @property
    def marks(self) -> tuple[tuple[int, int], ...]:
        """The spans to mark, the quote first."""
        return ((self.start, self.end), (self.lead_start, self.lead_end)) if self.lead_start >= 0 else ((self.start, self.end),)


def write_place(place: Place) -> str:
    """place as the text after "#cite-"; only letters, digits and "-._~/%" occur in it."""
    digits = f"{place.start}.{place.end}.{place.lead_start}.{place.lead_end}"
    return f"{digits}.{place.content_hash[:HASH_CHARS].lower()}.{quote(place.source, safe='/')}"


def read_place(text: object) -> Place | None:
    """The place a fragment names, None where it is not of the form above."""
    found = _FORM.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        return None
    start, end, lead_start, lead_end = (int(found[n]) for n in range(1, 5))
    source = unquote(found[6], errors="replace")
    if start > end or (lead_start < 0) != (lead_end < 0) or lead_start > lead_end or len(source) > MAX_SOURCE_CHARS:
        return None
    return Place(source, start, end, lead_start, lead_end, found[5])
