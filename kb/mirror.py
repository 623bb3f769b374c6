"""What the sources hold now: which files there are, what the index calls them, and what became of each.

    folders, files, addresses ── scopes_of ──> scopes ── places_of ──> files with their names ── read_places ──> articles

Each folder is mirrored by itself. An article is known by its folder (root) and its path in it, and keeps its name (source) for as
long as it is there: the path, with the folder's name before it where another folder has a file of that path.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

from kb.catalogue import Kept
from kb.duplicates import signature
from kb.errors import ArticleError, NotAnArticle
from kb.home import ingest_command
from kb.reading import article_of, date_warning, file_bytes, find_articles

Progress = Callable[[str, int, int], None]  # stage, done, total

_ADDRESS = re.compile(r"https?://", re.IGNORECASE)
_SAME_FOLDER = 0.5  # share of a vanished folder's articles that a new one must hold, file by file, to be taken for it


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file. reason: why it is not indexed, or what else is to be said about it; "" for nothing."""

    source: str
    outcome: Literal["indexed", "skipped", "error"]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Scope:
    """What one given source stands for. root: a mirrored folder, a single file or a web address; within: the part of the folder
    that is meant, "" for all of it, ending in "/" for a folder in it."""

    root: str
    within: str = ""

    def covers(self, each: Kept) -> bool:
        """Whether an article of the index lies in it."""
        part = self.within
        return each.root == self.root and (each.path == part or (each.path.startswith(part) if part.endswith("/") else not part))

    def __str__(self) -> str:
        return self.root if is_address(self.root) else str(Path(self.root, self.within))


@dataclass(frozen=True, slots=True)
class Place:
    """A file (or web address) that may be an article, and the name that the index knows it by."""

    root: str
    path: str
    file: Path
    source: str


@dataclass(slots=True)
class Seen:
    """What the sources hold now. kept: the articles; unseen: scopes that exist but could not be looked at, so that nothing in
    them is taken for deleted."""

    kept: list[Kept] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    unseen: list[Scope] = field(default_factory=list)


def is_address(source: str | Path) -> bool:
    """Whether a source is a web address rather than a path."""
    return bool(_ADDRESS.match(str(source)))


def scopes_of(
    sources: Sequence[str | Path], known: Sequence[Kept], index: Path, *, allow_url: bool = False
) -> list[Scope]:
    """What the given sources stand for, each once, in an order that depends on their names alone.

    A folder or file inside a folder that is mirrored already, or given beside it, is a part of that one. known: what the index in
    the folder index holds. Raises ArticleError for what does not exist, and for web addresses unless they are allowed.
    """
    addresses = [str(source) for source in sources if is_address(source)]
    if addresses and not allow_url:
        raise ArticleError(f"{addresses[0]} is a web address. Those are only read with --allow-url")
    if "" in sources:  # which pathlib takes for the folder one is in
        raise ArticleError("a source is empty: name a folder, a file or an address")
    given = [_existing(Path(source), known, index) for source in sources if not is_address(source)]
    mirrored = {Path(each.root) for each in known if not is_address(each.root)}
    scopes = {*map(Scope, addresses), *(_scope_of(path, given, mirrored) for path in given)}
    return sorted(scopes, key=lambda scope: (Path(scope.root).name, scope.root, scope.within))


def _existing(path: Path, known: Sequence[Kept], index: Path) -> Path:
    resolved = path.resolve()
    if resolved.exists():
        return resolved
    scope = scope_of(resolved, known)
    held = sum(scope.covers(each) for each in known)
    if not held:
        raise ArticleError(f"no such file or folder: {path}")
    kept = f"the index keeps the {held} articles it has from it"
    raise ArticleError(f"{path} is not there any more; {kept}. {remedy(resolved, index)}")


def remedy(what: object, index: Path) -> str:
    """How to take out what an ingest refuses to delete."""
    return f"If they should go: {ingest_command(index, '--remove', str(what))}"


def scope_of(path: Path, known: Sequence[Kept]) -> Scope:
    """What a resolved path stands for in the index, whether it is still there or not."""
    scope = _scope_of(path, [path], {Path(each.root) for each in known if not is_address(each.root)})
    folder = Scope(scope.root, scope.within + "/")
    return folder if scope.within and any(folder.covers(each) for each in known) else scope


def _scope_of(path: Path, given: Collection[Path], mirrored: Collection[Path]) -> Scope:
    for outer in given:
        if outer != path and path.is_relative_to(outer):
            return _scope_of(outer, given, mirrored)
    root = max((root for root in mirrored if path.is_relative_to(root)), key=lambda root: len(root.parts), default=path)
    if root == path:
        return Scope(str(path))
    return Scope(str(root), _named(path.relative_to(root)) + "/" * path.is_dir())


def _inside(root: str, path: Path) -> str | None:
    """A mirrored root's place below path; None when it does not lie there."""
    if is_address(root) or Path(root) == path or not Path(root).is_relative_to(path):
        return None
    return _named(Path(root).relative_to(path))


def _named(path: Path) -> str:
    """A path as sources are written: forward slashes, and bytes that are no UTF-8 as \\xNN."""
    return os.fsencode(path.as_posix()).decode("utf-8", "backslashreplace")


def rerooted(known: Sequence[Kept], scopes: Sequence[Scope]) -> tuple[list[Kept], list[str]]:
    """The index's articles under the folders that hold them now, and what to tell about it.

    A folder mirrored by itself becomes a part of a new one around it. A folder that is gone, while a new one holds most of its
    files unchanged, was moved: its articles go on under the names they had.
    """
    roots = {each.root for each in known}
    moves: dict[str, tuple[str, str]] = {}
    notes = []
    for scope in scopes:
        if scope.within or is_address(scope.root) or scope.root in roots:
            continue
        inside = {root: place for root in roots if (place := _inside(root, Path(scope.root)))}
        moves |= {root: (scope.root, place) for root, place in inside.items()}
        if gone := _moved_from(scope.root, [each for each in known if each.root not in moves]):
            moves[gone] = (scope.root, "")
            notes.append(f"{gone} is not there any more and {scope.root} holds its files: taken for the same folder, moved")
    return [_moved(each, *moves[each.root]) if each.root in moves else each for each in known], notes


def _moved_from(root: str, known: Sequence[Kept]) -> str | None:
    """The vanished folder most of whose files lie, unchanged, at the same paths in the folder root."""
    gone = {each.root for each in known if not is_address(each.root) and not Path(each.root).exists()}
    shares = {}
    for old in gone:
        own = [each for each in known if each.root == old]
        same = sum(_hash_of(Path(root, each.path)) == each.file_hash for each in own)
        shares[old] = (same / len(own), same, old)
    best = max(shares, key=lambda old: shares[old], default=None)
    return best if best is not None and shares[best][0] >= _SAME_FOLDER else None


def _hash_of(path: Path) -> str:
    try:
        return hashlib.sha256(file_bytes(path, path.name)).hexdigest()
    except ArticleError:
        return ""


def _moved(each: Kept, root: str, place: str) -> Kept:
    if not place:
        return replace(each, root=root)
    return replace(each, root=root, path=place if Path(root, place).is_file() else f"{place}/{each.path}")


def places_of(scopes: Sequence[Scope], known: Sequence[Kept], index: Path) -> list[Place]:
    """Every file in the scopes that may be an article, with its name; a name that the index has given stays.

    index: the index folder, which is left out should it lie in a scope.
    """
    index = index.resolve()
    names = {(each.root, each.path): each.source for each in known if f"/{each.source}".endswith(f"/{each.path}")}
    taken = {each.source for each in known}
    places = []
    for scope in scopes:
        for path, file in _files(scope):
            if file.is_relative_to(index):
                continue
            source = names.get((scope.root, path)) or _new_name(scope.root, path, taken)
            taken.add(source)
            places.append(Place(scope.root, path, file, source))
    return places


def _files(scope: Scope) -> Iterable[tuple[str, Path]]:
    if is_address(scope.root):
        return [(scope.root, Path())]
    place = Path(scope.root, scope.within)
    if scope.within and not scope.within.endswith("/"):
        return [(scope.within, place)]
    here = scope.within.rstrip("/") or "."  # find_articles says "." for a folder that it cannot open
    return [(here if path == "." else scope.within + path, file) for path, file in find_articles(place)]


def _new_name(root: str, path: str, taken: Collection[str]) -> str:
    """path, or where that is taken, path behind its folder's name: "blog/pay.md", "blog-2/pay.md"."""
    if path not in taken or is_address(root):
        return path
    folder = Path(root).parent.name if Path(root).is_file() else Path(root).name
    number, name = 1, f"{folder}/{path}"
    while name in taken:
        number += 1
        name = f"{folder}-{number}/{path}"
    return name


def read_places(places: Sequence[Place], known: Sequence[Kept], tell: Progress, fresh: Callable[[], None]) -> Seen:
    """The article of every place. One whose bytes this version of the code has read under this name is not parsed again.

    fresh is called at each article that is new or not as it was, so that what they need can be begun with at the first.
    """
    made = code_version()
    before = {(each.root, each.path): each for each in known if each.made == made}
    seen = Seen()
    for at, place in enumerate(places):
        tell("reading", at, len(places))
        was = before.get((place.root, place.path))
        try:
            kept, warning = _read(place, was, made)
        except NotAnArticle as error:
            seen.outcomes.append(Outcome(place.source, "skipped", str(error)))
        except ArticleError as error:
            _not_read(place, error, known, seen)
        else:
            seen.kept.append(kept)
            seen.outcomes.append(Outcome(place.source, "indexed", warning))
            if kept != was:
                fresh()
    tell("reading", len(places), len(places))
    return seen


def _read(place: Place, was: Kept | None, made: str) -> tuple[Kept, str]:
    """The article, and what its owner should be told about it: each time, until it is mended."""
    if is_address(place.root):
        from kb.readers.web import read_url

        article = read_url(place.root)
        return Kept(article, place.root, place.path, article.content_hash, made, signature(article.text)), ""
    data = file_bytes(place.file, place.path)
    file_hash = hashlib.sha256(data).hexdigest()
    if was is not None and (was.file_hash, was.source) == (file_hash, place.source):
        return was, date_warning(data, was.article)
    article = article_of(data, place.path)
    kept = Kept(replace(article, source=place.source), place.root, place.path, file_hash, made, signature(article.text))
    return kept, date_warning(data, kept.article)


@cache
def code_version() -> str:
    """A hash of what turns files into passages, this package's code and the libraries it uses: what it read is read anew after a
    change to any of it."""
    digest = hashlib.sha256()
    package = Path(__file__).parent
    own = [package / name for name in ("reading.py", "passages.py", "duplicates.py")]
    for path in [*own, *sorted((package / "readers").glob("*.py"))]:
        digest.update(path.read_bytes())
    for library in ("markdown-it-py", "trafilatura", "pypdf", "mammoth"):
        with suppress(PackageNotFoundError):
            digest.update(f"{library} {version(library)}\n".encode())
    return digest.hexdigest()[:16]


def _not_read(place: Place, error: ArticleError, known: Sequence[Kept], seen: Seen) -> None:
    """Report it; what the system or the network kept from being looked at is not taken for deleted."""
    reason = str(error)
    if is_address(place.root) or isinstance(error.__cause__, OSError) and not isinstance(error.__cause__, FileNotFoundError):
        whole = is_address(place.root) or place.path == "."
        scope = Scope(place.root, "" if whole else place.path + "/" * place.file.is_dir())
        seen.unseen.append(scope)
        if any(scope.covers(each) for each in known):
            reason += "; the index keeps what was read before"
    seen.outcomes.append(Outcome(place.source, "error", reason))
