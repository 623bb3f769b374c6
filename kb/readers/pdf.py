"""PDF -> Draft: its printed lines (`pdf_lines`), the tables among them (`pdf_rows`, `pdf_tables`), the rest (`pdf_layout`)."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from typing import Any

from kb.errors import ArticleError
from kb.readers.dates import date_in_text, dated
from kb.readers.decoding import clean, squeeze
from kb.readers.lists import untangle
from kb.readers.pdf_layout import fragments
from kb.readers.pdf_lines import Line, lines_of, with_spanning_cells, without_running
from kb.readers.pdf_rows import with_cells_joined
from kb.records import Draft, Fragment

_NO_TITLE = re.compile(
    r"^(?:microsoft word - .*|untitled.*|\(?anonymous\)?|document\d*|.*\.(?:docx?|pdf|html?|tex|indd|txt)|https?://.*|about:blank)$",
    re.IGNORECASE,
)
_BROWSERS = re.compile(r"skia|chrom|firefox|mozilla|wkhtml|safari", re.IGNORECASE)


def read(data: bytes, charset: str = "") -> Draft:
    from pypdf.errors import DependencyError, PyPdfError

    try:
        reader = _opened(data)
        printed = lines_of(reader)
        kept = without_running(printed)
        lines = with_spanning_cells(with_cells_joined(kept))
        meta = _meta(reader)
    except (DependencyError, NotImplementedError) as error:
        raise ArticleError("it is encrypted in a way that is not read. Save it without protection") from error
    except (PyPdfError, ValueError, LookupError, TypeError, AttributeError, OSError, RecursionError) as error:
        raise ArticleError(f"it is damaged or no PDF: {squeeze(str(error))[:200] or type(error).__name__}") from error
    found = untangle(fragments(lines))
    if date := date_in_text(found) or date_in_text(
        _running(printed, kept)
    ):  # of more worth than the time somebody saved the file
        return Draft(tuple(found), {**meta, "date": date}, "text")
    return dated(found, meta, "page metadata")


def _running(printed: Sequence[Line], kept: Sequence[Line]) -> list[Fragment]:
    """The different running headers and footers, where an imprint may stand ("Edition of May 2024") though it is no text."""
    stays = {id(line) for line in kept}
    return [Fragment("paragraph", text) for text in dict.fromkeys(line.text for line in printed if id(line) not in stays)]


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
