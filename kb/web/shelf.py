"""The folder where articles added through the page are kept, and the plan of what an upload would change.

Whatever comes from a browser is looked at before anything is written: its name is made harmless, its text is read, and the plan
says for each file whether it is new, changed, there already, or refused and why.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from kb.errors import ArticleError, KBError
from kb.reading import READERS, read_article
from kb.records import Article

MOST_FILES = 500  # of one upload
MOST_NAME = 120  # characters

Fate = Literal["new", "changed", "same", "twin", "refused"]


@dataclass(frozen=True, slots=True)
class Planned:
    """What adding one file, or one web page, would do. name: as it would be kept; path: where the file lies now, None for a page.

    fate: "changed" replaces the article of the same name; "twin" holds the text of another article, named by reason; "refused" is
    not readable, for the reason given.
    """

    name: str
    path: Path | None
    fate: Fate
    title: str = ""
    words: int = 0
    reason: str = ""


def safe_name(name: str) -> str:
    """name as a file may be called here: no folders, nothing hidden, no control or direction marks, of bounded length.

    >>> safe_name("../..%2f-\u202eNotes on pay (2024).MD")
    '2f-Notes on pay (2024).md'
    """
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    name = re.sub(r"[^\w .,()&+-]", "", "".join(c if c.isprintable() else "" for c in name)).strip()
    stem, dot, suffix = name.rpartition(".")
    if not dot:
        stem, suffix = name, ""
    stem = re.sub(r"\s+", " ", stem).lstrip(" .-")[:MOST_NAME].rstrip(" .") or "article"
    return f"{stem}.{suffix.lower()[:10]}" if suffix else stem


def plan_upload(files: Sequence[tuple[str, Path]], known: Mapping[str, str], kept: Mapping[str, str]) -> Iterator[Planned]:
    """What each uploaded file would do, in order. files: (the name it came with, where it lies).

    known: source -> content hash of every article of the base. kept: the same for what the page's folder holds; a file of the
    same name replaces only those. Reading a file can take seconds, so the plan comes one by one.
    """
    texts = {digest: source for source, digest in known.items()}
    for given, path in files[:MOST_FILES]:
        name = safe_name(given)
        if Path(name).suffix not in READERS:
            yield Planned(name, path, "refused", reason=f"files ending in {Path(name).suffix!r} are not read")
            continue
        try:
            article = read_article(path, name)
        except ArticleError as error:
            yield Planned(name, path, "refused", reason=str(error))
            continue
        fate, reason = _fate(name, article, texts, known, kept)
        yield Planned(name, path, fate, article.title, len(article.text.split()), reason)
        if fate in {"new", "changed"}:
            texts[article.content_hash] = name
    for given, path in files[MOST_FILES:]:
        yield Planned(safe_name(given), path, "refused", reason=f"one upload takes up to {MOST_FILES} files")


def plan_address(address: str, read: Callable[[str], Article], known: Mapping[str, str]) -> Planned:
    """What adding a web page would do. read fetches it; known: as for plan_upload."""
    try:
        article = read(address)
    except ArticleError as error:
        return Planned(address, None, "refused", reason=str(error))
    twin = next((source for source, digest in known.items() if digest == article.content_hash), None)
    fate: Fate = (
        "new" if twin is None and address not in known else "changed" if twin is None else "same" if twin == address else "twin"
    )
    return Planned(address, None, fate, article.title, len(article.text.split()), twin or "" if fate == "twin" else "")


def _fate(
    name: str, article: Article, texts: Mapping[str, str], known: Mapping[str, str], kept: Mapping[str, str]
) -> tuple[Fate, str]:
    if kept.get(name) == article.content_hash:
        return "same", ""
    twin = texts.get(article.content_hash)
    if twin is not None and twin != name:
        return "twin", twin
    if name in kept:
        return "changed", ""
    if name in known:
        return "refused", "an article of another folder has this name: rename the file"
    return "new", ""


class Shelf:
    """The folder itself. Files appear in it whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, planned: Sequence[Planned]) -> list[str]:
        """Keep the new and changed files of a plan; returns their names. Raises KBError when the folder cannot be written."""
        names = []
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            for each in planned:
                if each.fate in {"new", "changed"} and each.path is not None:
                    self._write(each.name, each.path.read_bytes())
                    names.append(each.name)
        except OSError as error:
            raise KBError(f"cannot write to {self.folder}: {error.strerror}") from error
        return names

    def _write(self, name: str, data: bytes) -> None:
        draft = self.folder / f".{name}.{os.getpid()}.part"  # hidden, so no ingest takes it for an article
        try:
            draft.write_bytes(data)
            os.replace(draft, self.folder / name)
        finally:
            draft.unlink(missing_ok=True)

    def remove(self, source: str) -> None:
        """Take an article of this folder away. Raises KBError when it is not one."""
        path = self.folder / source
        if safe_name(source) != source or path.is_symlink() or not path.is_file():
            raise KBError(f"{source!r} is not in {self.folder}: it can be removed where it was ingested from")
        try:
            path.unlink()
        except OSError as error:
            raise KBError(f"cannot remove {source!r} from {self.folder}: {error.strerror}") from error

    def holds(self, root: str) -> bool:
        """Whether an article with this root came from here."""
        return root == str(self.folder.resolve())


def uploaded(sent: object, folder: Path) -> list[tuple[str, Path]]:
    """(name, path) of the files that gradio says were uploaded; only such as really lie in its upload folder.

    sent is the raw value of a gr.File, or a list of them: a client may write any path or address into it, so nothing is fetched
    and nothing outside folder is touched.
    """
    found = []
    inside = folder.resolve()
    for each in sent if isinstance(sent, list) else [sent]:
        if not isinstance(each, dict) or not isinstance(each.get("path"), str):
            continue
        try:
            path = Path(each["path"]).resolve()
            ours = path.is_relative_to(inside) and path.is_file()
        except (OSError, ValueError, RuntimeError):
            continue
        if ours:
            name = each.get("orig_name")
            found.append((name if isinstance(name, str) and name else path.name, path))
    return found
