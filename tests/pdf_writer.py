"""A PDF of text lines at given places, written by hand: enough to know exactly what a page says and where."""

from __future__ import annotations

from collections.abc import Sequence

FONTS = {"regular": "Helvetica", "bold": "Helvetica-Bold", "mono": "Courier"}
Text = tuple[float, float, float, str, str]  # x, y, size, font, text


def pdf(pages: Sequence[Sequence[Text]], info: dict[str, str] | None = None) -> bytes:
    """A PDF with these texts; text in Latin-1."""
    names = {name: f"/F{i}" for i, name in enumerate(FONTS, start=1)}
    bodies = [b"<< /Type /Catalog /Pages 2 0 R >>"]
    first_page = 3 + len(FONTS) + 1
    kids = " ".join(f"{first_page + 2 * i} 0 R" for i in range(len(pages)))
    bodies.append(f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode())
    for font in FONTS.values():
        bodies.append(f"<< /Type /Font /Subtype /Type1 /BaseFont /{font} /Encoding /WinAnsiEncoding >>".encode())
    entries = " ".join(f"/{key} ({value})" for key, value in (info or {}).items())
    bodies.append(f"<< {entries} >>".encode("latin-1"))
    fonts = " ".join(f"{name} {3 + i} 0 R" for i, name in enumerate(names.values()))
    for i, texts in enumerate(pages):
        content = b"".join(_shown(x, y, size, names[font], text) for x, y, size, font, text in texts)
        bodies.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << {fonts} >> >> "
            f"/Contents {first_page + 2 * i + 1} 0 R >>".encode()
        )
        bodies.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content))
    return _file(bodies, info_number=3 + len(FONTS))


def page(*lines: str, size: float = 11, x: float = 72, top: float = 760, leading: float = 14) -> list[Text]:
    """Lines one below the other; "# " makes a bold heading of 18 points, an empty line a gap."""
    texts: list[Text] = []
    y = top
    for line in lines:
        if line.startswith("# "):
            y -= leading
            texts.append((x, y, 18, "bold", line[2:]))
            y -= leading
        elif line:
            texts.append((x, y, size, "regular", line))
        y -= leading
    return texts


def _shown(x: float, y: float, size: float, font: str, text: str) -> bytes:
    escaped = text.encode("cp1252").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
    return b"BT %s %g Tf %g %g Td (%s) Tj ET\n" % (font.encode(), size, x, y, escaped)


def _file(bodies: Sequence[bytes], info_number: int) -> bytes:
    data = bytearray(b"%PDF-1.4\n")
    places = []
    for number, body in enumerate(bodies, start=1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(data)
    data += b"xref\n0 %d\n0000000000 65535 f \n" % (len(bodies) + 1)
    data += b"".join(b"%010d 00000 n \n" % place for place in places)
    data += b"trailer\n<< /Size %d /Root 1 0 R /Info %d 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(bodies) + 1, info_number, start)
    return bytes(data)
