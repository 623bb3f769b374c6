"""Text, Markdown and HTML: encodings, emptiness, front matter, sizes, nesting, floods of mark-up."""

from __future__ import annotations

import codecs
import gzip
import random

from nasty.case import Case, file

CAFE = "A café in Zürich pays – about – 40 €.\n"
MARK = "The marker sentence stands here.\n"


def text_cases() -> list[Case]:
    return [*_encodings(), *_empty(), *_binary(), *_front_matter(), *_floods(), *_pages(), *_liars()]


def _encodings() -> list[Case]:
    def page(charset: str, text: str) -> bytes:
        return f'<html><head><meta charset="{charset}"></head><body><p>{text}</p></body></html>'.encode(charset)

    return [
        file("encodings/utf8.md", CAFE, "indexed", "café in Zürich pays – about – 40 €"),
        file("encodings/utf8-bom.txt", codecs.BOM_UTF8 + CAFE.encode(), "indexed", "A café"),
        file("encodings/utf16-le-bom.txt", CAFE.encode("utf-16"), "indexed", "café"),
        file("encodings/utf16-be-bom.md", codecs.BOM_UTF16_BE + CAFE.encode("utf-16-be"), "indexed", "café"),
        file("encodings/utf16-le.txt", CAFE.encode("utf-16-le"), "indexed", "café"),
        file("encodings/utf16-be.txt", CAFE.encode("utf-16-be"), "indexed", "café"),
        file("encodings/utf16-odd.txt", CAFE.encode("utf-16") + b"x", "indexed", "café"),
        file("encodings/utf32.txt", CAFE.encode("utf-32"), "indexed", "café"),
        file("encodings/cp1252.txt", CAFE.encode("cp1252"), "indexed", "pays – about – 40 €"),
        file("encodings/latin1.md", "Ein Bäcker verdient wenig.".encode("latin-1"), "indexed", "Bäcker"),
        file("encodings/mixed.txt", CAFE.encode() + CAFE.encode("cp1252"), "indexed", "A café"),
        file("encodings/cut-off.txt", (MARK + "Zürich, Zürich ü").encode()[:-1], "indexed", "marker sentence"),
        file("encodings/overlong.txt", MARK.encode() + b"\xc0\x80\xc1\x81", "indexed", "marker sentence"),
        file("encodings/surrogates.txt", MARK.encode() + b"\xed\xa0\x80\xed\xb0\x80", "indexed", "marker sentence"),
        file("encodings/some-nuls.txt", MARK.replace("marker", "mar\0ker").encode(), "indexed", "marker sentence"),
        file("encodings/holes-of-cp1252.txt", MARK.encode() + b"caf\xe9 \x81\x8d\x8f", "indexed", "café"),
        file("encodings/right-to-left.md", "שכר של אופה הוא נמוך.", "indexed", "שכר של אופה"),
        file("encodings/zero-width.md", "The\u200b mar\u200bker sentence\ufeff stands.", "indexed", "marker sentence stands"),
        file("encodings/bidi-tricks.md", "The \u202emarker\u202c sentence.", "indexed", "sentence"),
        file("encodings/old-mac.txt", MARK.replace("\n", "\r") * 2, "indexed", "marker sentence"),
        file(
            "encodings/line-separators.txt", "One.\u2028The marker sentence.\u2029Three.\x85Four.", "indexed", "marker sentence"
        ),
        file(
            "encodings/terminal-colours.txt",
            "\x1b[31mThe marker sentence\x1b[0m stands here in red.",
            "indexed",
            "marker sentence",
        ),
        file("encodings/emoji.md", "👩🏽‍🍳 bakes 🥖. The marker sentence.", "indexed", "👩🏽‍🍳 bakes"),
        file("encodings/decomposed.md", "Cafe\u0301 wages.", "indexed", "Café wages"),
        file("encodings/koi8.html", page("koi8-r", "Пекарь печёт хлеб."), "indexed", "Пекарь печёт"),
        file("encodings/shift-jis.html", page("shift_jis", "パン屋は朝が早い。"), "indexed", "パン屋"),
        file("encodings/gb18030.html", page("gb18030", "面包师起得很早。"), "indexed", "面包师"),
        file("encodings/declared-wrongly.html", b'<meta charset="utf-16"><p>' + CAFE.encode(), "indexed", "café"),
        file("encodings/declared-nonsense.html", b'<meta charset="x-none"><p>' + CAFE.encode("cp1252"), "indexed", "café"),
    ]


def _empty() -> list[Case]:
    return [
        file("empty/nothing.md", b"", "error", "empty"),
        file("empty/nothing.txt", b"", "error", "empty"),
        file("empty/nothing.html", b"", "error", "empty"),
        file("empty/white-space.txt", b" \r\n\t\n \x0c", "error", "empty"),
        file("empty/bom.md", codecs.BOM_UTF8, "error", "no text"),
        file("empty/only-nuls.txt", b"\0" * 5000, "error", "NUL"),
        file("empty/front-matter.md", "---\ntitle: Nothing else\n---\n", "error", "no text"),
        file("empty/comment.md", "<!-- to be written -->\n", "error", "no text"),
        file("empty/imports.mdx", "import A from './a';\n\n<A />\n", "error", "no text"),
        file("empty/picture.md", "![only a picture](a.png)\n", "error", "no text"),
        file("empty/headings.md", "# Pay\n\n## In Kent\n\n## In Leeds\n", "error", "nothing in it but headings"),
        file("empty/script.html", "<html><body><div id=root></div><script>render()</script></body></html>", "error", "no text"),
        file("empty/contents.txt", "TABLE OF CONTENTS\n\n", "error", "no text"),
    ]


def _binary() -> list[Case]:
    noise = random.Random(7).randbytes(20_000)
    return [
        file("binary/picture.md", b"\x89PNG\r\n\x1a\n" + noise, "error", "not text"),
        file("binary/program.txt", b"\x7fELF\x02\x01\x01" + bytes(9) + noise, "error", "not text"),
        file("binary/noise.md", noise, "error", "not text"),
        file("binary/noise-without-suffix", noise, "error", "not text"),
        file("binary/packed.txt", gzip.compress(MARK.encode() * 5000), "error", "not text"),
        file("binary/database.txt", b"SQLite format 3\0" + bytes(4096) + noise, "error", "not text"),
        file("binary/picture.html", b"\xff\xd8\xff\xe0" + noise, "error", "not text"),
        file("binary/photo.jpg", b"\xff\xd8\xff\xe0" + noise, "skipped", ".jpg"),
        file("binary/style.css", "body {}", "skipped", ".css"),
        file("binary/data.json", "{}", "skipped", ".json"),
    ]


def _front_matter() -> list[Case]:
    laughs = "a: &a [x, x]\n" + "".join(f"{chr(98 + i)}: &{chr(98 + i)} [*{chr(97 + i)}, *{chr(97 + i)}]\n" for i in range(20))

    def head(name: str, yaml: str, outcome: str = "indexed", holds: str = "marker sentence") -> Case:
        return file(f"front-matter/{name}.md", f"---\n{yaml}\n---\n{MARK}", outcome, holds)  # type: ignore[arg-type]

    return [
        head("aliases", "a: &x 1\nb: *x", "error", "anchors or aliases"),
        head("billion-laughs", laughs, "error", "anchors or aliases"),
        head("python-object", "a: !!python/object/apply:os.system [touch owned]", "error", "YAML tag"),
        head("custom-tag", "a: !include /etc/passwd", "error", "YAML tag"),
        head("megabytes", "a: " + "x" * 1_500_000, "error", "front matter has"),
        head("deep-flow", "a: " + "[" * 5_000, "error", "nested deeper"),
        head("deep-closed", "a: " + "[" * 500 + "]" * 500, "error", "nested deeper"),
        head("deep-block", "\n".join(" " * i + "a:" for i in range(100)), "error", "nested deeper"),
        head("tabs", "title:\tTabbed\n\tdate: 2022"),
        head("colon-in-title", "title: Bakers: what for\ndate: 2022"),
        head("twice-the-same-key", "title: One\ntitle: Two"),
        head("a-list", "- a\n- b"),
        head("numbers-for-keys", "1: a\n2.5: b\n? [x]\n: c"),
        head("no-such-day", "date: 2022-02-30"),
        head("year-99999", "date: 99999-01-01"),
        head("title-is-a-list", "title: [a, b]\ntopics: {x: y}"),
        head("odd-values", "title: ''\ntopics: [1, null, [x]]\nroles: ~\nurl: javascript:alert(1)"),
        head("nuls", "title: a\0b"),
        head("quotes-left-open", 'title: "never closed'),
        head("merge-key", "<<: {title: Merged}\ndate: 2022"),
        file("front-matter/unclosed.md", f"---\ntitle: Never closed\n\n{MARK}", "indexed", "marker sentence"),
        file("front-matter/several-documents.md", f"---\na: 1\n---\nb: 2\n---\n{MARK}", "indexed", "marker sentence"),
        file("front-matter/broken-toml.md", f"+++\ntitle = \n+++\n{MARK}", "indexed", "marker sentence"),
        file("front-matter/in-text.txt", f"---\ntitle: A text\n---\n{MARK}", "indexed", "marker sentence"),
    ]


def _floods() -> list[Case]:
    def flood(name: str, text: str, holds: str = "marker sentence") -> Case:
        return file(f"floods/{name}", f"{MARK}\n{text}\n\n{MARK}", "indexed", holds)

    return [
        flood("quotes.md", "> " * 8_000 + "deep"),
        flood("lists.md", "\n".join("  " * i + "- item" for i in range(800))),
        flood("list-on-one-line.md", "- " * 5_000 + "deep"),
        flood("brackets.md", "[" * 50_000),
        flood("closed-brackets.md", "[" * 20_000 + "a" + "]" * 20_000),
        flood("emphasis.md", "*a_ " * 20_000),
        flood("stars.md", "*" * 60_000 + "a" + "*" * 60_000),
        flood("backticks.md", " ".join("`" * i for i in range(1, 400))),
        flood("links.md", "[a](" * 20_000),
        flood("images.md", "![" * 20_000),
        flood("references.md", "\n".join(f"[r{i}]: https://x.example/{i}" for i in range(5_000))),
        flood("entities.md", "&amp;" * 30_000),
        flood("comments.md", "<!--" * 30_000),
        flood("tags.md", "<a " * 30_000),
        flood("template-tags.md", "{%" * 40_000),
        flood("admonitions.md", ":::tip\n" * 10_000),
        flood("headings.md", "\n\n".join(f"# Heading {i}" for i in range(5_000))),
        flood("table-rows.md", "| a | b |\n|---|---|\n" + "| 1 | 2 |\n" * 10_000),
        flood("table-columns.md", "|" + " a |" * 5_000 + "\n|" + "---|" * 5_000 + "\n|" + " b |" * 5_000),
        flood("open-fence.md", "text\n\n```\n" + "code\n" * 10_000, "marker sentence"),
        flood("escapes.md", "\\" * 100_000),
        flood("autolinks.md", "<https://x.example/" * 10_000),
        flood("short-lines.txt", "\n".join("Ab cd" for _ in range(100_000))),
        flood("bullets.txt", "\n".join("- item" for _ in range(50_000))),
        flood("indents.txt", "\n".join(" " * (i % 500) + "- item" for i in range(10_000))),
        flood("capitals.txt", "\n".join(f"HEADING {i}" for i in range(20_000))),
        flood("one-long-word.txt", "x" * 5_000_000),
        flood("one-long-line.txt", "word " * 1_000_000),
        flood("spaces.txt", " " * 4_000_000 + "x"),
        flood("full-stops.txt", ". " * 500_000),
        file("floods/eleven-megabytes.txt", b"word " * 2_200_001, "error", "too large: more than 10 MB"),
        file("floods/fifty-megabytes-on-one-line.md", b"word " * 10_000_000, "error", "too large: more than 10 MB"),
    ]


def _pages() -> list[Case]:
    def page(name: str, body: str, holds: str = "marker sentence") -> Case:
        return file(f"pages/{name}.html", f"<html><body>{body}<p>{MARK}</p></body></html>", "indexed", holds)

    entities = "".join(f'<!ENTITY e{i + 1} "&e{i};&e{i};&e{i};&e{i};">' for i in range(12))
    return [
        page("nested", "<div>" * 30_000),
        page("nested-inline", "<b><i>" * 5_000),
        page("nested-tables", "<table><tr><td>" * 400),
        page("nested-lists", "<ul><li>" * 500 + "x"),
        page("unclosed", "<b>" * 20_000 + "x"),
        page("attributes", "<p " + " ".join(f"a{i}=b" for i in range(20_000)) + ">x</p>"),
        page("long-attribute", f'<img src="data:image/png;base64,{"A" * 3_000_000}">'),
        page("entities", "&amp;&nbsp;&#x41;&bogus;" * 20_000),
        page("nuls", "<p>a\0b</p>"),
        page("script-words", "<script>var x = 'hidden words';</script><style>p{}</style><noscript>hidden too</noscript>"),
        page("hidden", "<p hidden>hidden</p><div style='display: none'>hidden</div><template>hidden</template>"),
        page("frames", "<iframe src='file:///etc/passwd'></iframe><object data='/etc/passwd'></object>"),
        page("hostile-links", '<a href="javascript:alert(1)">a link</a><img src=x onerror=alert(1)>'),
        page("base-and-refresh", '<base href="file:///"><meta http-equiv="refresh" content="0;url=http://127.0.0.1/">'),
        page("broken-tags", "<p<<div><<>p>x</ p><//b><!x><![CDATA[y]]>"),
        page("all-in-a-form", "<form><input value=x>"),
        page("rows", "<table>" + "<tr><td>a<td>b" * 5_000 + "</table>"),
        file(
            "pages/external-entity.xhtml",
            f'<?xml version="1.0"?><!DOCTYPE html [<!ENTITY x SYSTEM "file:///etc/passwd">]><html><body><p>&x; {MARK}</html>',
            "indexed",
            "marker sentence",
        ),
        file(
            "pages/billion-laughs.xhtml",
            f'<?xml version="1.0"?><!DOCTYPE html [<!ENTITY e0 "ha">{entities}]><html><body><p>&e12; {MARK}</p></body></html>',
            "indexed",
            "marker sentence",
        ),
        file("pages/not-closed-at-all.html", f"<html><body><h1>Baker<p>{MARK}", "indexed", "marker sentence"),
        file("pages/only-a-frameset.html", "<html><frameset><frame src='a.html'></frameset></html>", "error", "no text"),
        file("pages/single-file.mhtml", b"MIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\nx", "error", "no page"),
        file("pages/twenty-one-megabytes.html", b"<p>" + b"word " * 4_200_000, "error", "too large: more than 20 MB"),
    ]


def _liars() -> list[Case]:
    page = f"<!doctype html><html><body><h1>Baker</h1><p>{MARK}</p></body></html>"
    return [
        file("liars/page.txt", page, "indexed", "marker sentence"),
        file("liars/page.pdf", page, "indexed", "marker sentence"),
        file("liars/page.md", page, "indexed", "marker sentence"),
        file("liars/page-after-a-comment.txt", "<!-- saved --> \n" + page, "indexed", "marker sentence"),
        file("liars/markdown.txt", f"# Baker\n\nA **bold** word.\n\n## Pay\n\n{MARK}", "indexed", "A bold word"),
        file("liars/text.pdf", MARK, "error", "no PDF"),
        file("liars/text.docx", MARK, "error", "zip is damaged"),
        file("liars/rich-text.txt", "{\\rtf1\\ansi Hello}", "error", "rich text"),
        file("liars/old-word.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "error", "old format"),
        file("liars/old-word.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "error", "cannot be read"),
        file("liars/book.epub", b"PK\x03\x04", "error", "cannot be read"),
        file("liars/no-suffix", MARK, "indexed", "marker sentence"),
        file("liars/UPPER.MD", f"# Baker\n\n{MARK}", "indexed", "marker sentence"),
        file("liars/double.md.txt", MARK, "indexed", "marker sentence"),
    ]
