"""Bytes -> text, whatever program wrote them.

The order is byte-order mark, UTF-16 by its NULs, strict UTF-8, the declared charset, and at last line by line UTF-8 or cp1252.
No statistical guessing: charset-normalizer 3.5.2 took valid UTF-8 with right-to-left text for mac_iceland.
"""

from __future__ import annotations

import codecs
import re
import unicodedata

from kb.errors import ArticleError

BOMS = (  # UTF-32 before UTF-16: its little-endian mark begins with UTF-16's
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Python's own codecs, which no page is written in: one of them turns \x3c into a tag's bracket, another hides tags (UTF-7)
NO_CHARSETS = frozenset({"utf-7", "unicode-escape", "raw-unicode-escape", "punycode", "idna", "undefined"})
SAMPLE = 1 << 16  # bytes looked at to tell text from binary
BINARY_SHARE = 0.02  # of control characters; text with stray NULs or escapes stays far below, programs and pictures far above

_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f]")  # all but tab, newlines and form feed
_INVISIBLE = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u200b\u2060\ufeff\ufffe\uffff\ud800-\udfff]")
_NEWLINES = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_SPACES = re.compile(r"[^\S\n]+")


def decode(data: bytes, charset: str = "") -> str:
    """data as clean text: newlines are \\n, characters composed (NFC), nothing invisible but spaces. Raises ArticleError.

    charset: what the page or server declared, "" for nothing.
    """
    if not data.strip(b"\0 \t\r\n\f\v"):
        raise ArticleError("it is empty" if not data.strip(b" \t\r\n\f\v") else "it holds nothing but NUL bytes")
    text = _decoded(data, charset)
    sample = text[:SAMPLE]
    if len(_CONTROLS.findall(sample)) > max(2, BINARY_SHARE * len(sample)):
        raise ArticleError("it is not text: too many control characters. Is it a program, a picture or a damaged file?")
    return clean(text)


def clean(text: str) -> str:
    """text with one kind of newline, composed characters, and no control, zero-width or half (surrogate) characters."""
    return unicodedata.normalize("NFC", _INVISIBLE.sub("", _NEWLINES.sub("\n", text)))


def squeeze(text: str) -> str:
    """One line: every run of white space is one space."""
    return " ".join(text.split())


def squeeze_lines(text: str) -> str:
    """Every run of white space within a line is one space; empty lines are gone."""
    return "\n".join(line for raw in text.split("\n") if (line := _SPACES.sub(" ", raw).strip()))


def _decoded(data: bytes, charset: str) -> str:
    for bom, name in BOMS:
        if data.startswith(bom):
            return data[len(bom) :].decode(name, "replace")
    if name := _utf16(data[:SAMPLE]):
        return data.decode(name, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        cut = error.start >= len(data) - 3 and error.reason == "unexpected end of data"
        if cut and not data[: error.start].isascii():  # UTF-8 so far, and cut off within its last character
            return data[: error.start].decode("utf-8")
    try:
        if charset and _is_told(codecs.lookup(charset).name):
            return data.decode(charset)
    except (LookupError, UnicodeError, ValueError):
        pass  # a wrong or unknown declaration says nothing
    return "".join(_line(line) for line in data.splitlines(keepends=True))


def _is_told(codec: str) -> bool:
    """Whether a declared codec says how bytes are to be read that are no UTF-8; Latin-1 and ASCII stand for cp1252."""
    return codec not in {"utf-8", "iso8859-1", "ascii"} and codec.replace("_", "-") not in NO_CHARSETS


def _utf16(sample: bytes) -> str:
    """The UTF-16 flavour that puts a NUL beside most characters, "" when neither does."""
    if b"\0" not in sample or len(sample) < 4:
        return ""
    half = len(sample) // 2
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if odd > 0.4 * half and even < 0.1 * half:
        return "utf-16-le"
    return "utf-16-be" if even > 0.4 * half and odd < 0.1 * half else ""


def _line(line: bytes) -> str:
    """A line of a file of mixed encodings. Windows-1252 has five holes; there Latin-1 says at least something."""
    for name in ("utf-8", "cp1252"):
        try:
            return line.decode(name)
        except UnicodeDecodeError:
            continue
    return line.decode("latin-1")
