"""PDF and Word documents: damaged, encrypted, bombs, loops."""

from __future__ import annotations

import io
import random
import struct
import zipfile
import zlib

from docx_writer import docx, paragraph
from pdf_writer import page, pdf

from nasty.case import Case, file

MARK = "The marker sentence stands here."
WHOLE = pdf([page("# Baker", MARK)])


def document_cases() -> list[Case]:
    return [*_pdfs(), *_words()]


def _pdfs() -> list[Case]:
    return [
        file("pdf/whole.pdf", WHOLE, "indexed", MARK),
        file("pdf/encrypted.pdf", _encrypted("secret"), "error", "encrypted"),
        file("pdf/encrypted-for-the-owner-only.pdf", _encrypted(""), "indexed", MARK),
        file("pdf/cut-off.pdf", WHOLE[: len(WHOLE) // 2], "error", "damaged"),
        file("pdf/cut-off-at-the-end.pdf", WHOLE[:-60], "error", "damaged"),
        file("pdf/header-only.pdf", b"%PDF-1.7\n", "error", "damaged"),
        file("pdf/nothing.pdf", b"", "error", "damaged"),
        file("pdf/wrong-start.pdf", WHOLE.replace(b"startxref\n", b"startxref\n9"), "indexed", MARK),
        file("pdf/no-pages.pdf", pdf([]), "error", "no pages"),
        file("pdf/blank-pages.pdf", pdf([[], [], []]), "error", "pages are pictures"),
        file("pdf/pages-in-a-circle.pdf", _raw(b"<< /Type /Pages /Kids [2 0 R] /Count 1 >>"), "error", ""),
        file("pdf/parents-in-a-circle.pdf", _raw(b"<< /Type /Pages /Kids [3 0 R] /Count 1 /Parent 3 0 R >>"), "error", ""),
        file("pdf/count-lies.pdf", WHOLE.replace(b"/Count 1 ", b"/Count 999999999 "), "indexed", MARK),
        file("pdf/tables-in-a-circle.pdf", _table_loop(), "error", ""),
        file("pdf/bomb.pdf", _bomb(), "error", ""),
        file("pdf/form-in-a-circle.pdf", _form_loop(), "error", ""),
        file("pdf/nested-arrays.pdf", _raw(b"[" * 20_000 + b"]" * 20_000), "error", ""),
        file(
            "pdf/script.pdf",
            WHOLE.replace(b"/Pages 2 0 R", b"/Pages 2 0 R /OpenAction << /S /JavaScript /JS (app.alert(1)) >>"),
            "indexed",
            MARK,
        ),
        file("pdf/noise-after-header.pdf", b"%PDF-1.4\n" + random.Random(1).randbytes(50_000), "error", "damaged"),
        file("pdf/thousand-pages.pdf", pdf([page(f"{MARK} On page {i}.") for i in range(1000)]), "indexed", MARK),
        file(
            "pdf/tiny-letters.pdf", pdf([[(72, 700, 0.0, "regular", MARK), (72, 600, -5, "regular", "Below.")]]), "indexed", MARK
        ),
        file("pdf/far-off-the-page.pdf", pdf([[(-1e9, 1e12, 11, "regular", MARK)]]), "indexed", MARK),
        file("pdf/garbled-table.pdf", WHOLE.replace(b" 00000 n", b" 0x0z0 n"), "indexed", MARK),
    ]


def _encrypted(password: str) -> bytes:
    import pypdf

    writer = pypdf.PdfWriter(clone_from=io.BytesIO(WHOLE))
    writer.encrypt(password, owner_password="owner", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _raw(*objects: bytes) -> bytes:
    """A PDF whose second object and on are given; the first is its catalogue."""
    data = b"%PDF-1.4\n"
    places = []
    for number, body in enumerate((b"<< /Type /Catalog /Pages 2 0 R >>", *objects), start=1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    start = len(data)
    data += b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(places) + 1, table)
    return data + b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(places) + 1, start)


def _table_loop() -> bytes:
    """A cross-reference table whose /Prev points at itself, and whose catalogue is missing."""
    data = b"%PDF-1.4\n"
    start = len(data)
    return data + b"xref\n0 1\n0000000000 65535 f \ntrailer\n<< /Size 1 /Root 1 0 R /Prev %d >>\nstartxref\n%d\n%%%%EOF\n" % (
        start,
        start,
    )


def _bomb() -> bytes:
    """200 MB of content packed into 200 KB."""
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(b" " * 1_000_000) for _ in range(200)) + packer.flush()
    return _raw(
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R >>",
        b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(packed), packed),
    )


def _form_loop() -> bytes:
    """A form that draws itself."""
    draw = b"<< /Length 6 >>\nstream\n/X Do \nendstream"
    form = b"<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X 5 0 R >> >> " + draw[3:]
    return _raw(
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R /Resources << /XObject << /X 5 0 R >> >> >>",
        draw,
        form,
    )


def _words() -> list[Case]:
    body = paragraph("Baker", "Heading1") + paragraph(MARK)
    whole = docx(body)
    xxe = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY y SYSTEM "file:///etc/passwd">]><x>&y;</x>'
    return [
        file("word/whole.docx", whole, "indexed", MARK),
        file("word/cut-off.docx", whole[:-300], "error", "zip is damaged"),
        file("word/bomb.docx", docx(body, extra={"word/b.xml": b"\0" * 60_000_000}), "error", "zip bomb"),
        file("word/dense.docx", docx(body, extra={"word/b.xml": b"\0" * 9_000_000}), "error", "zip bomb"),
        file("word/lying-size.docx", _lying_size(), "error", ""),
        file("word/external-entity.docx", docx(body, extra={"word/e.xml": xxe}), "error", "declares XML entities"),
        file(
            "word/entity-in-utf16.docx",
            docx(body, extra={"word/e.xml": xxe.decode().encode("utf-16")}),
            "error",
            "declares XML entities",
        ),
        file("word/many-parts.docx", docx(body, extra={f"word/p{i}.xml": b"<x/>" for i in range(6_000)}), "error", "6,0"),
        file("word/encrypted-part.docx", _encrypted_part(whole), "error", "encrypted"),
        file("word/no-document.docx", _zip({"[Content_Types].xml": b"<Types/>"}), "error", "no Word document"),
        file("word/open-document.docx", _zip({"mimetype": b"application/vnd.oasis.opendocument.text"}), "error", "OpenDocument"),
        file("word/climbing-names.docx", docx(body, extra={"../../../owned.txt": b"x", "/etc/owned": b"x"}), "indexed", MARK),
        file("word/broken-xml.docx", _zip({**_parts(whole), "word/document.xml": b"<w:document><w:body>"}), "error", ""),
        file("word/empty.docx", docx(""), "error", "no text"),
        file("word/nothing.docx", b"", "error", "zip is damaged"),
        file("word/deep.docx", docx("<w:p>" * 3_000 + paragraph(MARK) + "</w:p>" * 3_000), "error", ""),
        file(
            "word/long-table.docx",
            docx("<w:tbl>" + "<w:tr><w:tc><w:p/></w:tc></w:tr>" * 10_000 + "</w:tbl>" + body),
            "indexed",
            MARK,
        ),
        file(
            "word/outside-link.docx",
            docx(body + '<w:hyperlink w:anchor="x">' + paragraph("x") + "</w:hyperlink>"),
            "indexed",
            MARK,
        ),
    ]


def _zip(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return out.getvalue()


def _parts(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _lying_size() -> bytes:
    """A part of 30 MB whose directory entry says 10 bytes."""
    data = bytearray(_zip({**_parts(docx(paragraph(MARK))), "word/z.xml": b"\0" * 30_000_000}))
    entry = data.rindex(b"PK\x01\x02")
    struct.pack_into("<I", data, entry + 24, 10)
    return bytes(data)


def _encrypted_part(whole: bytes) -> bytes:
    """Every part is marked as encrypted."""
    data = bytearray(whole)
    for magic, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(magic)
        while at >= 0:
            data[at + offset] |= 1
            at = data.find(magic, at + 4)
    return bytes(data)
