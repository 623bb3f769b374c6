"""Word documents (.docx) -> Draft, through mammoth's HTML. The zip is looked over first: mammoth unpacks whatever it is given."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from xml.parsers.expat import ExpatError

from kb.errors import ArticleError
from kb.readers.dates import date_in_text, dated, iso_date
from kb.readers.decoding import clean, squeeze
from kb.readers.lists import untangle
from kb.readers.tree import flatten_superscripts, fragments_of
from kb.records import Draft

MAX_UNPACKED = 50_000_000  # bytes of all parts that are read; a 400 MB bomb kept mammoth busy for more than a minute
MAX_RATIO = 200  # unpacked to packed bytes of one part; text reaches 20, XML that is all mark-up 100
MAX_PARTS = 5_000
TEMPLATE_DATE = "2013-12-23"  # python-docx writes its template's date into every file

_STYLES = """
p[style-name='Title'] => h1:fresh
p[style-name='Subtitle'] => p:fresh
p[style-name='List Bullet'] => ul > li:fresh
p[style-name='List Bullet 2'] => ul|ol > li > ul > li:fresh
p[style-name='List Bullet 3'] => ul|ol > li > ul|ol > li > ul > li:fresh
p[style-name='List Number'] => ol > li:fresh
p[style-name='List Number 2'] => ul|ol > li > ol > li:fresh
"""
_ENTITIES = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)  # looked for without NULs: a part may be UTF-16
_CORE = re.compile(r"<(?:dc|dcterms):(title|created|modified)\b[^>]*>([^<]{1,500})<")


def read(data: bytes, charset: str = "") -> Draft:
    import mammoth
    from lxml import html as lxml_html

    from kb.readers.docx_headings import with_headings

    meta = _checked(data)
    try:
        page = mammoth.convert_to_html(
            io.BytesIO(data),
            style_map=_STYLES,
            transform_document=with_headings,
            convert_image=mammoth.images.img_element(lambda image: {}),
            include_embedded_style_map=False,
        ).value
    except (LookupError, ValueError, AttributeError, OSError, zipfile.BadZipFile, RecursionError) as error:
        raise ArticleError(f"it is no Word document that can be read ({squeeze(str(error))[:200]})") from error
    except ExpatError as error:
        raise ArticleError(f"a part of it is broken XML ({error})") from error
    tree = lxml_html.fragment_fromstring(page, create_parent="body")
    flatten_superscripts(tree)
    found = untangle(fragments_of(tree))
    if date := date_in_text(found):  # of more worth than the time somebody saved the file
        return Draft(tuple(found), {**meta, "date": date}, "text")
    return dated(found, meta, "page metadata")


def _checked(data: bytes) -> dict[str, object]:
    """The document's title and date. Raises ArticleError when its zip is broken, a bomb, or no Word document's."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _refuse_bombs(archive.infolist())
            names = set(archive.namelist())
            if "word/document.xml" not in names and not any(name.startswith("word/document") for name in names):
                raise ArticleError(
                    "it is no Word document" + (", but an OpenDocument text. Save it as .docx" if "mimetype" in names else "")
                )
            for part in archive.infolist():
                if part.filename.endswith((".xml", ".rels")) and _ENTITIES.search(archive.read(part).replace(b"\0", b"")):
                    raise ArticleError("one of its parts declares XML entities, which no word processor writes. It is not read")
            core = archive.read("docProps/core.xml").decode("utf-8", "replace") if "docProps/core.xml" in names else ""
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, OSError, EOFError, ValueError) as error:
        encrypted = isinstance(error, RuntimeError) and "password" in str(error)
        raise ArticleError(
            "it is encrypted. Save it without a password" if encrypted else f"its zip is damaged ({error})"
        ) from error
    properties = {name: squeeze(clean(text)) for name, text in _CORE.findall(core)}
    dates = [date for name in ("created", "modified") if (date := iso_date(properties.get(name))) and date != TEMPLATE_DATE]
    meta: dict[str, object] = {"date": dates[0]} if dates else {}
    return {**meta, "title": properties["title"]} if properties.get("title") else meta


def _refuse_bombs(parts: list[zipfile.ZipInfo]) -> None:
    if len(parts) > MAX_PARTS:
        raise ArticleError(f"its zip has {len(parts):,} parts; at most {MAX_PARTS:,} are read")
    unpacked = sum(part.file_size for part in parts)
    if unpacked > MAX_UNPACKED:
        raise ArticleError(
            f"it unpacks to {unpacked / 1e6:,.0f} MB; at most {MAX_UNPACKED / 1e6:.0f} MB are read. Is it a zip bomb?"
        )
    for part in parts:
        if part.file_size > MAX_RATIO * max(part.compress_size, 1) and part.file_size > 1_000_000:
            raise ArticleError(f"a part of it is packed {part.file_size // max(part.compress_size, 1):,} to 1. Is it a zip bomb?")
