"""Files of every format -> `Article`: found in a folder, read by their format's reader, put together.

    for source, path in find_articles(folder):
        article = read_article(path, source)          # ArticleError says why not

A reader gives a `Draft`, fragments in reading order. `assemble` makes the article's clean text of them and remembers where each
stands: `article.text[block.start:block.end]` is the fragment's text. Paragraphs are a blank line apart, items and table rows
one newline; headings stand in the text too, as do an item's bullet or number where the original has one. Nothing outside the
folder is ever opened: links are not followed, pipes and devices not touched.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import stat
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path

from kb.errors import ArticleError, NotAnArticle
from kb.readers.bounded import CHILD
from kb.readers.clutter import without_clutter
from kb.readers.dates import iso_date, unread_date
from kb.readers.decoding import clean, decode, squeeze
from kb.readers.front_matter import split_front_matter
from kb.readers.text import GENERIC
from kb.records import Article, Block, Draft, Fragment, Section

MB = 1_000_000
READERS: Mapping[str, str] = {  # suffix -> module in kb.readers
    ".md": "markdown", ".markdown": "markdown", ".mdown": "markdown", ".mkd": "markdown", ".mdx": "markdown",
    ".txt": "text", ".text": "text", "": "text",
    ".html": "html", ".htm": "html", ".xhtml": "html", ".mhtml": "mhtml", ".mht": "mhtml",
    ".pdf": "pdf", ".docx": "docx",
}  # fmt: skip
OTHERS: Mapping[str, str] = {  # kinds of article that are not read, and what to do about them
    ".doc": "Word's old format", ".rtf": "rich text", ".odt": "OpenDocument", ".pages": "Apple Pages", ".epub": "e-books",
    ".rst": "reStructuredText", ".tex": "LaTeX", ".pptx": "slides", ".ppt": "slides", ".webarchive": "Safari's archives",
}  # fmt: skip
MAX_BYTES: Mapping[str, int] = {  # of one file; a novel has 1 MB of text
    "markdown": 10 * MB, "text": 10 * MB, "html": 20 * MB, "mhtml": 50 * MB, "pdf": 100 * MB, "docx": 50 * MB,
}  # fmt: skip
# Files up to this many bytes are read in this process, where the worst of them takes a few seconds; a child reads the others.
IN_PROCESS: Mapping[str, int] = {"markdown": 100_000, "text": 10 * MB}
MAX_LINE = 300  # characters of a title, topic or role
ACRONYMS = "AI ML UX UI CV HR QA PhD NLP LLM SQL API FAQ USA UK EU MBA SWE SRE DevOps CEO CTO"

_PAGE = re.compile(rb"<(?:!doctype\s+html|html[\s>])", re.IGNORECASE)
_HEADING = re.compile(rb"^#{1,6} \S", re.MULTILINE)
_TABLE = re.compile(rb"^\|? ?:?-{3,}:? ?\|[ :|-]*$", re.MULTILINE)
_NOTION_ID = re.compile(r"(?:%20|[ _-])[0-9a-f]{32}$")
_DATE_PREFIX = re.compile(r"^((?:19|20)\d\d-\d\d-\d\d)[-_ ]")


def find_articles(root: Path) -> Iterator[tuple[str, Path]]:
    """(source, path) of everything in root that could be an article, sorted by source; root may be a single file.

    What cannot be read comes too, so that `read_article` can say why: links, pipes, folders that cannot be opened, pictures.
    Hidden folders and the folder of pictures that a browser saves beside a page ("page_files") are not entered. A byte of a
    name that is no UTF-8 stands in the source as \\xNN. Raises ArticleError when root does not exist.
    """
    try:
        mode = os.stat(root).st_mode
    except OSError as error:
        raise ArticleError(f"{root}: {_why(error)}") from error
    if not stat.S_ISDIR(mode):
        yield _source(root.name), root.resolve()
        return
    yield from sorted(_walk(root))


def _walk(root: Path) -> Iterator[tuple[str, Path]]:
    waiting = [(root, "")]
    while waiting:
        folder, prefix = waiting.pop()
        try:
            with os.scandir(folder) as entries:
                children = list(entries)
        except OSError:
            yield prefix.rstrip("/") or ".", folder  # read_article says why it cannot be opened
            continue
        names = {child.name for child in children}
        for child in children:
            path, source = folder / child.name, prefix + _source(child.name)
            if not child.is_dir(follow_symlinks=False):
                yield source, path
            elif not _is_hidden(child.name) and not _is_page_folder(child.name, names):
                waiting.append((path, source + "/"))


def _source(name: str) -> str:
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def _is_hidden(name: str) -> bool:
    return name.startswith(".") and not name.startswith("..")  # "..%2fa.md" is an odd name, not a hidden file's


def _is_page_folder(name: str, beside: set[str]) -> bool:
    stem = next((name[: -len(end)] for end in ("_files", ".files", "-Dateien") if name.endswith(end)), "")
    return bool(stem) and not beside.isdisjoint({f"{stem}.html", f"{stem}.htm", f"{stem}.xhtml"})


def read_article(path: Path, source: str) -> Article:
    """The article in the file at path, known as source (see `find_articles`).

    Raises ArticleError, whose text is the reason alone, fit to stand behind the file's name; NotAnArticle when none was meant.
    """
    return article_of(file_bytes(path, source), source)


def article_of(data: bytes, source: str) -> Article:
    """The article in a file's bytes. source: its name, whose suffix says how to read it where the bytes do not."""
    draft = draft_of(data, sniffed(data, _kind(source)))
    return assemble(_dated_by_name(draft, source.rpartition("/")[2]), source)


def date_warning(data: bytes, article: Article) -> str:
    """What to say of a date that stands in the front matter of the article's file and cannot be read, "" for nothing."""
    head = data[:64].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")  # a file without front matter is not decoded
    if article.date_origin == "front matter" or not head.startswith((b"---", b"+++")):
        return ""
    if sniffed(data, _kind(article.source)) not in {"markdown", "text"}:
        return ""
    meta, _ = split_front_matter(decode(data))
    if not (given := unread_date(meta)):
        return ""
    instead = f"dated {article.date} from elsewhere" if article.date else "undated"
    return f"its front matter's date {given!r} cannot be read, so it is {instead}. Write it as 2024-06-30, 2024-06 or 2024"


def draft_of(data: bytes, kind: str, charset: str = "") -> Draft:
    """What the reader of this kind makes of a file's bytes. Raises ArticleError, also for headings with nothing below them."""
    in_child = len(data) > IN_PROCESS.get(kind, -1)
    draft: Draft = (CHILD.draft if in_child else _draft_here)(kind, data, charset)
    said = [fragment.kind for fragment in draft.fragments if fragment.text.strip()]
    if said and set(said) == {"heading"}:
        raise ArticleError("there is nothing in it but headings")
    return Draft(tuple(without_clutter(draft.fragments)), draft.meta, draft.date_origin)


def _draft_here(kind: str, data: bytes, charset: str) -> Draft:
    draft: Draft = import_module(f"kb.readers.{kind}").read(data, charset)
    return draft


def sniffed(data: bytes, kind: str) -> str:
    """The kind that the bytes say they are; kind, the suffix's word, where they say nothing. Raises ArticleError.

    Saved pages are called .txt, error pages .pdf, and Markdown .txt every day.
    """
    head = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith(b"%PDF-"):
        return "pdf"
    if head.startswith(b"PK\x03\x04") and b"[Content_Types].xml" in data:
        return "docx"
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise ArticleError("it is in Word's old format, or encrypted. Save it as .docx without a password")
    if head.startswith(b"{\\rtf"):
        raise ArticleError("it is rich text. Save it as .docx or .txt")
    while head.startswith((b"<!--", b"<?xml")) and (end := head.find(b">")) > 0:
        head = head[end + 1 :].lstrip()
    if kind != "mhtml" and _PAGE.match(head):
        return "html"
    if kind == "text" and (len(_HEADING.findall(data, 0, MB)) > 1 or _TABLE.search(data, 0, MB)):
        return "markdown"
    return kind


def _dated_by_name(draft: Draft, name: str) -> Draft:
    """Jekyll and Docusaurus keep an article's date in its file name; their sites show it as the page's date."""
    prefix = _DATE_PREFIX.match(name)
    if draft.date_origin in {"front matter", "page metadata"} or not prefix or not (date := iso_date(prefix[1])):
        return draft
    return Draft(draft.fragments, {**draft.meta, "date": date}, "page metadata")


def _kind(source: str) -> str:
    """The module in kb.readers for a file of this name."""
    name = source.rpartition("/")[2]
    suffix = Path(name).suffix.lower()
    if _is_hidden(name):
        raise NotAnArticle("a hidden file (its name begins with a dot)")
    if suffix in OTHERS:
        raise ArticleError(f"{OTHERS[suffix]} ({suffix}) cannot be read. Save it as .docx, .html, .pdf, .md or .txt")
    if suffix not in READERS:
        raise NotAnArticle(f"{suffix} files are no articles")
    return READERS[suffix]


def file_bytes(path: Path, source: str) -> bytes:
    """The file's content, at most what its format may have. Raises as `read_article` does.

    Only a regular file that lies in the folder itself is ever opened: whoever wants a file's bytes, be it only to see
    whether it changed, asks here.
    """
    try:
        _refuse_folder(path)
        limit = MAX_BYTES[_kind(source)]
        _refuse_special(path, source)
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        with open(os.open(path, flags), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise ArticleError("it is not a regular file")
            data = file.read(limit + 1)
    except OSError as error:
        raise ArticleError(_why(error)) from error
    if len(data) > limit:
        raise ArticleError(f"it is too large: more than {limit / MB:g} MB. Split it, or take out what is not text")
    return data


def _refuse_folder(path: Path) -> None:
    """Raises for a folder, with the reason why `find_articles` could not open it."""
    if stat.S_ISDIR(os.lstat(path).st_mode):
        os.scandir(path).close()
        raise ArticleError("it is a folder, not a file")


def _refuse_special(path: Path, source: str) -> None:
    """Raises ArticleError for whatever is not a regular file in the folder; looks, opens nothing."""
    mode = os.lstat(path).st_mode
    if stat.S_ISLNK(mode):
        raise _link_error(path, source)
    if not stat.S_ISREG(mode):
        kinds = ((stat.S_ISFIFO, "a pipe"), (stat.S_ISSOCK, "a socket"))
        raise ArticleError(f"it is {next((name for test, name in kinds if test(mode)), 'a device')}, not a file")
    if not path.resolve().is_relative_to(_root(path, source).resolve()):
        raise ArticleError("it lies outside the folder: a folder on the way to it is a link. Nothing outside is read")


def _link_error(path: Path, source: str) -> ArticleError:
    try:
        target = path.resolve(strict=True)
    except (OSError, RuntimeError) as error:
        loop = isinstance(error, RuntimeError) or (isinstance(error, OSError) and error.errno == errno.ELOOP)
        return ArticleError("it is a link that leads in a circle" if loop else "it is a link that leads nowhere")
    if target.is_relative_to(_root(path, source).resolve()):
        return NotAnArticle("a link to another place in the folder; links are not followed")
    return ArticleError("it is a link that leads out of the folder. Nothing outside is read; copy the file into the folder")


def _root(path: Path, source: str) -> Path:
    """The ingested folder: path without as many parts as source has."""
    return path.parents[min(source.count("/"), len(path.parents) - 1)]


def _why(error: OSError) -> str:
    reasons = {
        errno.EACCES: "no permission to read it",
        errno.EPERM: "no permission to read it",
        errno.ENOENT: "it does not exist (any more)",
        errno.ENAMETOOLONG: "its path is too long for the system",
        errno.ELOOP: "it is a link. Nothing outside the folder is read",
    }
    return reasons.get(error.errno or 0, f"the system cannot read it: {error.strerror or error}")


def assemble(draft: Draft, source: str) -> Article:
    """The article that a draft's fragments make: text, sections and where every block stands in it.

    A heading that repeats the title at the article's head stands in the text but in no section's path: title and path are
    always shown together. Raises ArticleError when there is no text.
    """
    fragments = [fragment for fragment in draft.fragments if fragment.text.strip()]
    if not fragments:
        raise ArticleError("there is no text in it")
    title = _title(draft.meta, fragments, source)
    text, spans = _laid_out(fragments)
    meta = draft.meta
    return Article(
        source=source,
        title=title,
        text=text,
        sections=_sections(fragments, spans, title),
        content_hash=hashlib.sha256(text.encode()).hexdigest(),
        date=iso_date(meta.get("date")),
        date_origin=draft.date_origin,
        topics=_topics(meta, source),
        roles=_names(meta.get("roles") or meta.get("role")),
        region=_line(meta.get("region") or meta.get("country")),
        level=_line(meta.get("level")),
        url=_url(meta),
    )


def _laid_out(fragments: Sequence[Fragment]) -> tuple[str, list[tuple[int, int]]]:
    """The text, and each fragment's place in it."""
    parts: list[str] = []
    spans: list[tuple[int, int]] = []
    at = 0
    for before, fragment in zip([None, *fragments], fragments, strict=False):
        lead = _between(before, fragment)
        parts += (lead, fragment.text)
        spans.append((at + len(lead), at + len(lead) + len(fragment.text)))
        at = spans[-1][1]
    return "".join(parts), spans


def _between(before: Fragment | None, fragment: Fragment) -> str:
    """What stands before a fragment: the line break, and an item's indentation and mark."""
    mark = "  " * (fragment.level - 1) + (f"{fragment.mark} " if fragment.mark else "") if fragment.kind == "item" else ""
    if before is None:
        return mark
    together = before.kind == "item" == fragment.kind or (before.kind.startswith("table") and fragment.kind == "table_row")
    return ("\n" if together else "\n\n") + mark


def _sections(fragments: Sequence[Fragment], spans: Sequence[tuple[int, int]], title: str) -> tuple[Section, ...]:
    sections: list[Section] = []
    path: list[tuple[int, str]] = []
    blocks: list[Block] = []
    after_heading = -1  # where the section's own heading ends, -1 for none

    def close() -> None:
        if blocks or after_heading >= 0:
            start, end = (blocks[0].start, blocks[-1].end) if blocks else (after_heading, after_heading)
            sections.append(Section(tuple(name for _, name in path), start, end, tuple(blocks)))

    for fragment, (start, end) in zip(fragments, spans, strict=True):
        if fragment.kind != "heading":
            blocks.append(Block(fragment.kind, start, end, fragment.level, fragment.page))
            continue
        close()
        while path and path[-1][0] >= fragment.level:
            path.pop()
        if after_heading >= 0 or squeeze(fragment.text).casefold() != title.casefold():
            path.append((fragment.level, squeeze(fragment.text)))
        blocks, after_heading = [], end
    close()
    return tuple(sections)


def _title(meta: Mapping[str, object], fragments: Sequence[Fragment], source: str) -> str:
    """What the file calls itself, else its outermost heading, else its name made readable."""
    if title := _line(meta.get("title")):
        return title
    heading = next((fragment for fragment in fragments if fragment.kind == "heading" and fragment.level == 1), None)
    if heading and heading.text.casefold() not in GENERIC:
        return _line(heading.text)
    return title_of_name(source)


def title_of_name(source: str) -> str:
    """A title for an article that says none: title_of_name("roles/2021-04-12-ml-researcher.txt") == "ML researcher"."""
    name = source.rstrip("/").rpartition("/")[2]
    stem = _NOTION_ID.sub("", _DATE_PREFIX.sub("", name.rpartition(".")[0] or name))
    words = re.sub(r"(?:%20|[\s_+-])+", " ", stem).split()
    written = {name.lower(): name for name in ACRONYMS.split()}
    line = " ".join(written.get(word.lower(), word) for word in words)
    return line[:1].upper() + line[1:] if line else name


def _topics(meta: Mapping[str, object], source: str) -> tuple[str, ...]:
    """As given, else the folder the file lies in: articles are kept in a folder for each topic."""
    for key in ("topics", "topic", "tags", "categories", "category"):
        if names := _names(meta.get(key)):
            return names
    folder = source.rpartition("/")[0].rpartition("/")[2] if "://" not in source else ""
    return (folder.replace("-", " ").replace("_", " "),) if any(char.isalpha() for char in folder) else ()


def _names(value: object) -> tuple[str, ...]:
    """A list of names, or one line of them set apart by commas."""
    values = value if isinstance(value, (list, tuple)) else str(value or "").split(",")
    return tuple(dict.fromkeys(name for item in values if isinstance(item, (str, int)) and (name := _line(item))))


def _line(value: object) -> str:
    return squeeze(clean(str(value)))[:MAX_LINE].rstrip() if isinstance(value, (str, int, float)) else ""


def _url(meta: Mapping[str, object]) -> str:
    for key in ("url", "canonical", "canonical_url", "source_url"):
        if re.fullmatch(r"https?://[^\s<>\"']{1,2000}", url := _line(meta.get(key))):
            return url
    return ""
