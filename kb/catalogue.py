"""Articles, passages and their units in one SQLite file: what stands at row i of the vectors and of the words index."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from kb.errors import QuestionError, StoreError
from kb.records import Article, Block, Filters, Passage, Section, Unit
from kb.vocabulary import count_words, learn

_SCHEMA = """
CREATE TABLE articles (
    number INTEGER PRIMARY KEY, root TEXT NOT NULL, path TEXT NOT NULL, file_hash TEXT NOT NULL, made TEXT NOT NULL,
    recipe TEXT NOT NULL, source TEXT NOT NULL UNIQUE, title TEXT NOT NULL, text TEXT NOT NULL, sections TEXT NOT NULL,
    content_hash TEXT NOT NULL, date TEXT NOT NULL, date_origin TEXT NOT NULL, topics TEXT NOT NULL, roles TEXT NOT NULL,
    region TEXT NOT NULL, level TEXT NOT NULL, url TEXT NOT NULL, signature BLOB NOT NULL, original TEXT, share REAL);
CREATE TABLE passages (
    row INTEGER PRIMARY KEY, article INTEGER NOT NULL, start INTEGER NOT NULL, "end" INTEGER NOT NULL, heading TEXT NOT NULL,
    page INTEGER, units TEXT NOT NULL, same_as INTEGER);
CREATE INDEX passages_article ON passages (article);
CREATE TABLE words (word TEXT PRIMARY KEY, passages INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE names (name TEXT PRIMARY KEY, others TEXT NOT NULL) WITHOUT ROWID;
"""
_ARTICLE = (
    "number, root, path, file_hash, made, recipe, source, title, text, sections, content_hash, date, date_origin, topics, roles, "
    "region, level, url, signature, original, share"
)


CONNECTIONS = 4  # questions that read the catalogue at the same moment; a question needs it for under a millisecond


@dataclass(frozen=True, slots=True)
class Kept:
    """An article with where it came from.

    root: the ingested folder, file or web address; path: the file's in it; file_hash: SHA-256 hex of the file's bytes; made: the
    version of the code that read it; signature: what its copies are recognised by.
    """

    article: Article
    root: str
    path: str
    file_hash: str
    made: str = ""
    signature: bytes = field(default=b"", repr=False)

    @property
    def source(self) -> str:
        return self.article.source


@dataclass(frozen=True, slots=True)
class Copy:
    """What an article repeats. original: that article's source; share: their resemblance, 1.0 for the same words."""

    original: str
    share: float

    @property
    def reason(self) -> str:
        """Why it is skipped, for a person."""
        if self.share == 1.0:
            return f"the same text as {self.original}"
        return f"nearly the same text as {self.original} ({self.share:.0%}); only what it says beyond that is searched"


@dataclass(frozen=True, slots=True)
class Made:
    """How the articles' passages came about, by source.

    recipes: a hash of all that the passages were made of; copies: what an article repeats; folds: row -> first row of those that
    say the same, of which a search returns the best.
    """

    recipes: Mapping[str, str]
    copies: Mapping[str, Copy]
    folds: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Entry:
    """A passage as catalogued. article: its number; content_hash: its article's."""

    row: int
    article: int
    passage: Passage
    content_hash: str


def write_catalogue(path: Path, kept: Sequence[Kept], passages: Sequence[Passage], made: Made) -> None:
    """Write articles and their passages; passages come article by article, in the articles' order, and row i is passages[i]."""
    numbers = {each.article.source: number for number, each in enumerate(kept)}
    connection = sqlite3.connect(path)
    try:
        connection.executescript("PRAGMA journal_mode = DELETE; PRAGMA synchronous = OFF;" + _SCHEMA)
        connection.executemany(
            f"INSERT INTO articles ({_ARTICLE}) VALUES ({', '.join('?' * 21)})",
            (_article_row(number, each, made) for number, each in enumerate(kept)),
        )
        connection.executemany("INSERT INTO passages VALUES (?, ?, ?, ?, ?, ?, ?, ?)", _passage_rows(passages, numbers, made))
        counted = count_words(f"{' '.join((p.title, *p.heading))} {p.text}" for p in passages)
        connection.executemany("INSERT INTO words VALUES (?, ?)", sorted(counted.items()))
        names = learn(each.article for each in kept)
        connection.executemany("INSERT INTO names VALUES (?, ?)", ((name, _dump(others)) for name, others in names.items()))
        connection.commit()
    finally:
        connection.close()


def _article_row(number: int, each: Kept, made: Made) -> tuple[Any, ...]:
    a, copy = each.article, made.copies.get(each.source)
    sections = [[s.heading, s.start, s.end, [[b.kind, b.start, b.end, b.level, b.page] for b in s.blocks]] for s in a.sections]
    return (
        number, each.root, each.path, each.file_hash, each.made, made.recipes[a.source], a.source, a.title, a.text,
        _dump(sections), a.content_hash, a.date, a.date_origin, _dump(a.topics), _dump(a.roles), a.region, a.level, a.url,
        each.signature, copy.original if copy else None, copy.share if copy else None,
    )  # fmt: skip


def _passage_rows(passages: Iterable[Passage], numbers: Mapping[str, int], made: Made) -> Iterable[tuple[Any, ...]]:
    for row, p in enumerate(passages):
        units = [[u.kind, u.start, u.end, u.lead_start, u.lead_end, int(u.no_answer)] for u in p.units]
        yield row, numbers[p.source], p.start, p.end, _dump(p.heading), p.page, _dump(units), made.folds.get(row)


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


class Catalogue:
    """A catalogue opened for reading; any number of threads may ask."""

    def __init__(self, path: Path) -> None:
        uri = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
        # subtle: all are opened now, for an open file can be read after a newer generation has pushed this one out
        connections = [sqlite3.connect(uri, uri=True, check_same_thread=False) for _ in range(CONNECTIONS)]
        self._idle: SimpleQueue[sqlite3.Connection] = SimpleQueue()
        self._closed = False
        for connection in connections:
            connection.row_factory = sqlite3.Row
            self._idle.put(connection)

    def _ask(self, sql: str, values: Sequence[Any] = ()) -> list[sqlite3.Row]:
        connection = self._idle.get()
        try:
            if self._closed:
                raise StoreError("this knowledge base is closed. Open it again to ask")
            return list(connection.execute(sql, values))
        except UnicodeEncodeError:  # half a character, in a name from outside: nothing is stored under it
            return []
        finally:
            self._idle.put(connection)

    def close(self) -> None:
        """Close the file once the questions under way have ended; asked after that, it raises StoreError."""
        connections = [self._idle.get() for _ in range(CONNECTIONS)]
        self._closed = True
        for connection in connections:
            connection.close()
            self._idle.put(connection)

    def articles(self) -> list[Article]:
        """All articles in the order of their numbers."""
        return [_article(row) for row in self._ask(f"SELECT {_ARTICLE} FROM articles ORDER BY number")]

    def kept(self) -> list[Kept]:
        """All articles with where they came from."""
        rows = self._ask(f"SELECT {_ARTICLE} FROM articles ORDER BY number")
        return [Kept(_article(row), row["root"], row["path"], row["file_hash"], row["made"], row["signature"]) for row in rows]

    def recipes(self) -> dict[str, str]:
        """Source -> a hash of what its passages were made of."""
        return {row["source"]: row["recipe"] for row in self._ask("SELECT source, recipe FROM articles")}

    def copies(self) -> dict[str, Copy]:
        """Source -> what it repeats, of the articles that repeat one."""
        rows = self._ask("SELECT source, original, share FROM articles WHERE original IS NOT NULL ORDER BY number")
        return {row["source"]: Copy(row["original"], row["share"]) for row in rows}

    def folds(self) -> dict[int, int]:
        """Row -> first row of the passages that say the same; rows that stand alone are left out."""
        return {row[0]: row[1] for row in self._ask("SELECT row, same_as FROM passages WHERE same_as IS NOT NULL")}

    def article(self, source: str) -> Article:
        """The article of this source. Raises QuestionError when there is none."""
        rows = self._ask(f"SELECT {_ARTICLE} FROM articles WHERE source = ?", (source,))
        if not rows:
            raise QuestionError(f"no article {source!r} in this knowledge base")
        return _article(rows[0])

    def title_and_text(self, source: str) -> str:
        """An article's title, role names and text as one string; "" when there is no such article."""
        rows = self._ask("SELECT title, roles, text FROM articles WHERE source = ?", (source,))
        return f"{rows[0]['title']}\n{' '.join(json.loads(rows[0]['roles']))}\n{rows[0]['text']}" if rows else ""

    def entries(self, rows: Sequence[int]) -> list[Entry]:
        """The passages at these rows, in the order asked."""
        found = {entry.row: entry for entry in self._entries(f"p.row IN ({','.join('?' * len(rows))})", list(rows))}
        return [found[row] for row in rows]

    def every_entry(self) -> list[Entry]:
        """All passages, by row."""
        return self._entries("true", [])

    def entries_of(self, source: str) -> list[Entry]:
        """An article's passages in reading order."""
        return self._entries("a.source = ?", [source])

    def _entries(self, where: str, values: Sequence[Any]) -> list[Entry]:
        # subtle: SQLite's substr counts characters, as Python's offsets do
        sql = f"""SELECT p.row, p.article, p.start, p."end", p.heading, p.page, p.units,
                         substr(a.text, p.start + 1, p."end" - p.start) AS text, a.content_hash,
                         a.source, a.title, a.date, a.date_origin, a.topics, a.roles, a.region, a.url
                  FROM passages p JOIN articles a ON a.number = p.article WHERE {where} ORDER BY p.row"""
        return [_entry(row) for row in self._ask(sql, values)]

    def counts(self) -> tuple[int, int]:
        """How many articles, how many passages."""
        return self._ask("SELECT count(*) FROM articles")[0][0], self._ask("SELECT count(*) FROM passages")[0][0]

    def topics(self) -> dict[str, int]:
        """Topic -> how many articles carry it, the commonest first."""
        counted: dict[str, int] = {}
        for row in self._ask("SELECT topics FROM articles"):
            for topic in json.loads(row["topics"]):
                counted[topic] = counted.get(topic, 0) + 1
        return dict(sorted(counted.items(), key=lambda pair: (-pair[1], pair[0])))

    def rows_by_source(self) -> dict[str, list[int]]:
        """Source -> the rows of its passages, in reading order; articles in the order of their numbers."""
        found: dict[str, list[int]] = {}
        sql = "SELECT a.source, p.row FROM passages p JOIN articles a ON a.number = p.article ORDER BY p.row"
        for source, row in self._ask(sql):
            found.setdefault(source, []).append(row)
        return found

    def roots(self) -> dict[str, str]:
        """Source -> the folder it was ingested from."""
        return {row["source"]: row["root"] for row in self._ask("SELECT source, root FROM articles ORDER BY number")}

    def roles(self) -> tuple[str, ...]:
        """Every role that articles name, each once, in alphabetical order."""
        rows = self._ask("SELECT DISTINCT roles FROM articles")
        return tuple(sorted({role for row in rows for role in json.loads(row["roles"])}))

    def passages_with(self, word: str) -> int:
        """In how many passages a word in lower case stands, headings included."""
        rows = self._ask("SELECT passages FROM words WHERE word = ?", (word,))
        return int(rows[0][0]) if rows else 0

    def words_like(self, word: str) -> list[tuple[str, int]]:
        """(word, passages) of the words with the same first letter and about the same length."""
        rows = self._ask(
            "SELECT word, passages FROM words WHERE word >= ? AND word < ? AND length(word) BETWEEN ? AND ?",
            (word[0], chr(ord(word[0]) + 1), len(word) - 2, len(word) + 2),
        )
        return [(row[0], row[1]) for row in rows]

    def other_names(self, name: str) -> list[str]:
        """What else the base calls this name in lower case: an abbreviation spelt out, a role's other names."""
        rows = self._ask("SELECT others FROM names WHERE name = ?", (name,))
        return list(json.loads(rows[0][0])) if rows else []

    def allowed(self, filters: Filters) -> list[int] | None:
        """Numbers of the articles that pass the filters, or have a copy that does; None when the filters are empty."""
        if filters == Filters():
            return None
        rows = self._ask("SELECT number, source, topics, roles, region, date, original FROM articles ORDER BY number")
        numbers = {row["source"]: row["number"] for row in rows}
        passing = [row for row in rows if _passes(row, filters)]
        originals = {numbers[row["original"]] for row in passing if row["original"] is not None}
        return sorted(originals | {row["number"] for row in passing})

    def rows_of(self, articles: Sequence[int]) -> list[int]:
        """Rows of all passages of these articles."""
        marks = ",".join("?" * len(articles))
        return [row[0] for row in self._ask(f"SELECT row FROM passages WHERE article IN ({marks}) ORDER BY row", list(articles))]


def _passes(row: sqlite3.Row, filters: Filters) -> bool:
    topics = {topic.casefold() for topic in json.loads(row["topics"])}
    roles = {name.strip().casefold() for role in json.loads(row["roles"]) for name in role.split("/")}
    wanted_roles = {name.strip().casefold() for role in filters.roles for name in role.split("/")}
    return (
        (not filters.topics or bool(topics & {topic.casefold() for topic in filters.topics}))
        and (not filters.roles or bool(roles & wanted_roles))
        and (not filters.region or filters.region.casefold() in row["region"].casefold())
        and (not filters.newer_than or row["date"] >= filters.newer_than)
        and (not filters.sources or row["source"] in filters.sources)
    )


def _article(row: sqlite3.Row) -> Article:
    sections = tuple(
        Section(tuple(heading), start, end, tuple(Block(*block) for block in blocks))
        for heading, start, end, blocks in json.loads(row["sections"])
    )
    return Article(
        source=row["source"],
        title=row["title"],
        text=row["text"],
        sections=sections,
        content_hash=row["content_hash"],
        date=row["date"],
        date_origin=row["date_origin"],
        topics=tuple(json.loads(row["topics"])),
        roles=tuple(json.loads(row["roles"])),
        region=row["region"],
        level=row["level"],
        url=row["url"],
    )


def _entry(row: sqlite3.Row) -> Entry:
    units = tuple(Unit(kind, a, b, c, d, no_answer=bool(e)) for kind, a, b, c, d, e in json.loads(row["units"]))
    passage = Passage(
        source=row["source"],
        title=row["title"],
        heading=tuple(json.loads(row["heading"])),
        text=row["text"],
        start=row["start"],
        end=row["end"],
        units=units,
        page=row["page"],
        date=row["date"],
        date_origin=row["date_origin"],
        topics=tuple(json.loads(row["topics"])),
        roles=tuple(json.loads(row["roles"])),
        region=row["region"],
        url=row["url"],
    )
    return Entry(row["row"], row["article"], passage, row["content_hash"])
