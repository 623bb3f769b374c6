"""A Word document out of paragraphs, written as its zip: enough to know exactly what it says."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from html import escape

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
TYPES = """<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/>
<Override PartName="/word/document.xml"
 ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>"""
RELS = """<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
 Target="word/document.xml"/></Relationships>"""
STYLES = """<?xml version="1.0"?><w:styles xmlns:w="{W}">{styles}</w:styles>"""


def paragraph(text: str, style: str = "", *, bold: bool = False, points: int = 0, centred: bool = False) -> str:
    properties = (f'<w:pStyle w:val="{style}"/>' if style else "") + ('<w:jc w:val="center"/>' if centred else "")
    properties = f"<w:pPr>{properties}</w:pPr>" if properties else ""
    looks = ("<w:b/>" if bold else "") + (f'<w:sz w:val="{2 * points}"/>' if points else "")
    run = f"<w:rPr>{looks}</w:rPr>" if looks else ""
    return f"<w:p>{properties}<w:r>{run}<w:t>{escape(text)}</w:t></w:r></w:p>"


def table(rows: Sequence[Sequence[str]]) -> str:
    def cells(row: Sequence[str]) -> str:
        return "".join(f"<w:tc>{paragraph(cell)}</w:tc>" for cell in row)

    header = "<w:trPr><w:tblHeader/></w:trPr>"
    return "<w:tbl>" + "".join(f"<w:tr>{header if i == 0 else ''}{cells(row)}</w:tr>" for i, row in enumerate(rows)) + "</w:tbl>"


def docx(body: str, *, core: str = "", extra: Mapping[str, bytes] | None = None) -> bytes:
    """A .docx whose document holds body (see paragraph and table); core: the inner XML of its properties."""
    names = ("Title", "Heading 1", "Heading 2", "List Bullet", "List Bullet 2", "List Number")
    styles = "".join(
        f'<w:style w:type="paragraph" w:styleId="{name.replace(" ", "")}"><w:name w:val="{name}"/></w:style>' for name in names
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", TYPES)
        archive.writestr("_rels/.rels", RELS)
        archive.writestr(
            "word/document.xml", f'<?xml version="1.0"?><w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>'
        )
        archive.writestr("word/styles.xml", STYLES.format(W=W, styles=styles))
        if core:
            archive.writestr(
                "docProps/core.xml",
                '<?xml version="1.0"?><cp:coreProperties xmlns:dc="d" xmlns:dcterms="t" xmlns:cp="c">'
                + core
                + "</cp:coreProperties>",
            )
        for name, data in (extra or {}).items():
            archive.writestr(name, data)
    return out.getvalue()
