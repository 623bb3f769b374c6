"""Articles, passages and their units in SQLite: what stands at row i of the vectors and of the words index.

A catalogue is one file, or two: what was written first, and what was put in place of parts of it since (kb/catalogue_file.py).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import numpy as np

from kb.catalogue_rows import Entry, article_of, entry_of
from kb.errors import QuestionError, StoreError
from kb.filtering import Labels, check_filters, nothing_passes, passes
from kb.records import Article, Filters

ARTICLE_COLUMNS = (
    "number, root, path, file_hash, made, recipe, source, title, text, sections, content_hash, date, date_origin, topics, roles, "
    "region, level, url, signature, original, share"
)

_NUMBERED = ("articles WHERE number", "passages WHERE article")
KEPT_ENTRIES = 1024  # passages kept in memory, 3 kB each; reading ten takes a third of a millisecond
CONNECTIONS = 4  # of questions that read at the same moment; a question needs one for under a millisecond


@dataclass(frozen=True, slots=True)
class Kept:
    """An article with where it came from.

    root: the ingested folder, file or web address; path: of the file, within root; file_hash: SHA-256 hex of the file's bytes;
    made: the version of the code that read it (kb.mirror.code_version); signature: what copies are recognised by (kb.duplicates).
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
    """How the passages came about.

    recipes: source -> a hash of all that its passages were made of; copies: source -> what the article repeats. folds: row ->
    first row of those that say the same, of which a search returns the best; sayings: row -> the hash of its words, by which rows
    are folded (kb.duplicates.saying). repeated: (root, folder) -> what the articles there repeat at their beginnings and ends.
    """

    recipes: Mapping[str, str]
    copies: Mapping[str, Copy]
    folds: Mapping[int, int]
    sayings: Mapping[int, int] = field(default_factory=dict)
    repeated: Mapping[tuple[str, str], frozenset[str]] = field(default_factory=dict)


class _Layer:
    """One file of a catalogue, opened for reading. gone: numbers of its articles that are no longer in the index."""

    def __init__(self, path: Path, gone: Collection[int] | None = None) -> None:
        uri = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
        # subtle: all are opened now, for an open file can be read after a newer generation has pushed this one out
        connections = [sqlite3.connect(uri, uri=True, check_same_thread=False) for _ in range(CONNECTIONS)]
        self._idle: SimpleQueue[sqlite3.Connection] = SimpleQueue()
        self._closed = False
        for connection in connections:
            if gone is not None:
                _hide(connection, gone)
            connection.row_factory = sqlite3.Row
            self._idle.put(connection)

    @contextmanager
    def connection(self) -> Iterator[sqlite3.Connection]:
        """A connection that nobody else uses meanwhile."""
        connection = self._idle.get()
        try:
            if self._closed:
                raise StoreError("this knowledge base is closed. Open it again to ask")
            yield connection
        finally:
            self._idle.put(connection)

    def close(self) -> None:
        connections = [self._idle.get() for _ in range(CONNECTIONS)]
        self._closed = True
        for connection in connections:
            connection.close()
            self._idle.put(connection)


def _hide(connection: sqlite3.Connection, gone: Collection[int]) -> None:
    """Hide these articles and their passages from every query over this connection."""
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.execute("CREATE TEMP TABLE hidden (number INTEGER PRIMARY KEY)")
    connection.executemany("INSERT INTO hidden VALUES (?)", ((number,) for number in gone))
    for table, number in (("articles", "number"), ("passages", "article")):
        kept = f"SELECT * FROM main.{table} WHERE {number} NOT IN (SELECT number FROM hidden)"
        connection.execute(f"CREATE TEMP VIEW {table} AS {kept}")  # a name is looked for in temp first
    connection.commit()


class Catalogue:
    """A catalogue opened for reading; any number of threads may ask. later: what was put in place of parts of it."""

    def __init__(self, path: Path, later: Path | None = None) -> None:
        self._later = None if later is None else _Layer(later)
        gone = None if self._later is None else [row[0] for row in _asked(self._later, "SELECT number FROM gone", ())]
        self._layers = [_Layer(path, gone)] + ([self._later] if self._later else [])
        self._kept: dict[int, Entry] = {}  # row -> its passage, of those that were read last

    def _ask(self, sql: str, values: Sequence[Any] = ()) -> list[sqlite3.Row]:
        """The rows of every file, those of the later one last."""
        return [row for layer in self._layers for row in _asked(layer, sql, values)]

    def close(self) -> None:
        """Close the files once the questions under way have ended; asked after that, it raises StoreError."""
        self._kept.clear()
        for layer in self._layers:
            layer.close()

    def articles(self) -> list[Article]:
        """All articles by source."""
        return [each.article for each in self.kept()]

    def kept(self) -> list[Kept]:
        """All articles with where they came from, by source."""
        return self.kept_where("true", ())

    def kept_where(self, condition: str, values: Sequence[Any]) -> list[Kept]:
        """The articles that meet an SQL condition on the table of articles, by source."""
        rows = self._ask(f"SELECT {ARTICLE_COLUMNS} FROM articles WHERE {condition}", values)
        kept = [Kept(article_of(row), row["root"], row["path"], row["file_hash"], row["made"], row["signature"]) for row in rows]
        return sorted(kept, key=lambda each: each.source)

    def recipes(self) -> dict[str, str]:
        """Source -> a hash of what its passages were made of."""
        return {row["source"]: row["recipe"] for row in self._ask("SELECT source, recipe FROM articles")}

    def copies(self) -> dict[str, Copy]:
        """Source -> what it repeats, of the articles that repeat one."""
        rows = self._ask("SELECT source, original, share FROM articles WHERE original IS NOT NULL")
        return {row["source"]: Copy(row["original"], row["share"]) for row in sorted(rows, key=lambda row: str(row["source"]))}

    def folds(self) -> dict[int, int]:
        """Row -> first row of the passages that say the same; rows that stand alone are left out."""
        return {row[0]: row[1] for row in self._ask("SELECT row, same_as FROM passages WHERE same_as IS NOT NULL")}

    def dead(self, rows: int) -> list[int]:
        """Which of the first `rows` rows have no passage any more, in order."""
        if self._later is None:
            return []
        first = _asked(self._layers[0], "SELECT row FROM main.passages WHERE article IN (SELECT number FROM hidden)", ())
        end = _asked(self._layers[0], "SELECT coalesce(max(row) + 1, 0) FROM main.passages", ())[0][0]
        later = {row[0] for row in _asked(self._later, "SELECT row FROM passages", ())}
        return sorted([row[0] for row in first] + [row for row in range(end, rows) if row not in later])

    def article(self, source: str) -> Article:
        """The article of this source. Raises QuestionError when there is none."""
        rows = self._ask(f"SELECT {ARTICLE_COLUMNS} FROM articles WHERE source = ?", (source,))
        if not rows:
            raise QuestionError(f"no article {source!r} in this knowledge base")
        return article_of(rows[0])

    def title_and_text(self, source: str) -> str:
        """An article's title, role names and text as one string; "" when there is no such article."""
        rows = self._ask("SELECT title, roles, text FROM articles WHERE source = ?", (source,))
        return f"{rows[0]['title']}\n{' '.join(json.loads(rows[0]['roles']))}\n{rows[0]['text']}" if rows else ""

    def entries(self, rows: Sequence[int]) -> list[Entry]:
        """The passages at these rows, in the order asked; rows that have none any more are left out."""
        found = {row: entry for row in rows if (entry := self._kept.get(row)) is not None}
        if missing := [row for row in rows if row not in found]:
            read = {entry.row: entry for entry in self._entries(f"p.row IN ({','.join('?' * len(missing))})", missing)}
            found |= read
            if len(self._kept) + len(read) > KEPT_ENTRIES:
                self._kept.clear()
            if len(read) <= KEPT_ENTRIES:
                self._kept.update(read)
        return [found[row] for row in rows if row in found]

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
        return [entry_of(row) for row in self._ask(sql, values)]

    def counts(self) -> tuple[int, int]:
        """How many articles, how many passages."""
        articles, passages = (self._ask(f"SELECT count(*) FROM main.{table}") for table in ("articles", "passages"))
        counted = sum(row[0] for row in articles), sum(row[0] for row in passages)
        if self._later is None:
            return counted
        asked = (f"SELECT count(*) FROM main.{each} IN (SELECT number FROM hidden)" for each in _NUMBERED)
        gone = [_asked(self._layers[0], sql, ())[0][0] for sql in asked]
        return counted[0] - gone[0], counted[1] - gone[1]

    def every_number(self) -> dict[str, int]:
        """Source -> its article's number."""
        return {row[0]: row[1] for row in self._ask("SELECT source, number FROM articles")}

    def numbers(self, sources: Sequence[str]) -> dict[str, int]:
        """Source -> its article's number, of those sources that there are."""
        found: dict[str, int] = {}
        for at in range(0, len(sources), 500):
            some = sources[at : at + 500]
            rows = self._ask(f"SELECT source, number FROM articles WHERE source IN ({','.join('?' * len(some))})", some)
            found |= {row[0]: row[1] for row in rows}
        return found

    def roots_of(self) -> list[str]:
        """Every folder, file or address that articles came from, each once."""
        return sorted({row[0] for row in self._ask("SELECT DISTINCT root FROM articles")})

    def beside(self, root: str, folder: str) -> list[int]:
        """Numbers of the articles of a root whose sources lie in this folder, not deeper; "" for the root itself."""
        inside = folder + "/" if folder else ""
        sql = "SELECT number FROM articles WHERE root = ? AND substr(source, 1, ?) = ? AND instr(substr(source, ?), '/') = 0"
        return [row[0] for row in self._ask(sql, (root, len(inside), inside, len(inside) + 1))]

    def kept_at(self, numbers: Sequence[int]) -> list[Kept]:
        """The articles with these numbers, by source."""
        return self.kept_where("number IN (SELECT value FROM json_each(?))", (json.dumps(list(numbers)),))

    def signatures(self) -> tuple[np.ndarray, np.ndarray]:
        """Numbers of the articles (n,), and their signatures (n, length) uint32."""
        rows = self._ask("SELECT number, signature FROM articles")
        signed = np.frombuffer(b"".join(row[1] for row in rows), dtype="<u4")
        return np.array([row[0] for row in rows], dtype=np.int64), signed.reshape(len(rows), -1)

    def sayings(self, keys: Sequence[int]) -> dict[int, int]:
        """Hash of a passage's words (kb.duplicates.saying) -> a row that has or had these words."""
        found: dict[int, int] = {}
        for at in range(0, len(keys), 500):
            some = keys[at : at + 500]
            marks = ",".join("?" * len(some))
            rows = self._ask(f"SELECT words, min(row) FROM sayings WHERE words IN ({marks}) GROUP BY words", some)
            found |= {row[0]: row[1] for row in reversed(rows)}
        return found

    def repeated(self) -> dict[tuple[str, str], frozenset[str]]:
        """(root, folder) -> what its articles repeat at their beginnings and ends."""
        found: dict[tuple[str, str], set[str]] = {}
        for root, folder, words in self._ask("SELECT root, folder, words FROM repeated"):
            found.setdefault((root, folder), set()).add(words)
        return {place: frozenset(words) for place, words in found.items()}

    def topics(self) -> dict[str, int]:
        """Topic -> how many articles carry it, the commonest first."""
        counted: dict[str, int] = {}
        for row in self._ask("SELECT topics FROM articles"):
            for topic in json.loads(row["topics"]):
                counted[topic] = counted.get(topic, 0) + 1
        return dict(sorted(counted.items(), key=lambda pair: (-pair[1], pair[0])))

    def rows_by_source(self) -> dict[str, list[int]]:
        """Source -> the rows of its passages, in reading order; by source."""
        found: dict[str, list[int]] = {}
        sql = "SELECT a.source, p.row FROM passages p JOIN articles a ON a.number = p.article ORDER BY p.row"
        for source, row in self._ask(sql):
            found.setdefault(source, []).append(row)
        return dict(sorted(found.items()))

    def roots(self) -> dict[str, str]:
        """Source -> the folder it was ingested from."""
        return {row["source"]: row["root"] for row in self._ask("SELECT source, root FROM articles ORDER BY number")}

    @cached_property
    def _roles(self) -> tuple[str, ...]:
        rows = self._ask("SELECT DISTINCT roles FROM articles")
        return tuple(sorted({role for row in rows for role in json.loads(row["roles"])}))

    def roles(self) -> tuple[str, ...]:
        """Every role that articles name, each once, in alphabetical order."""
        return self._roles

    def passages_with(self, word: str) -> int:
        """In how many passages a word in lower case stands, headings included."""
        return sum(int(row[0]) for row in self._ask("SELECT passages FROM words WHERE word = ?", (word,)))

    def words_like(self, word: str) -> list[tuple[str, int]]:
        """(word, passages) of the words with the same first letter and about the same length."""
        rows = self._ask(
            "SELECT word, passages FROM words WHERE word >= ? AND word < ? AND length(word) BETWEEN ? AND ?",
            (word[0], chr(ord(word[0]) + 1), len(word) - 3, len(word) + 3),
        )
        counted: dict[str, int] = {}
        for each, passages in rows:
            counted[each] = counted.get(each, 0) + passages
        return [(each, passages) for each, passages in counted.items() if passages > 0]

    def other_names(self, names: Sequence[str]) -> dict[str, list[str]]:
        """Name in lower case -> what else the base calls it: an abbreviation spelt out, a role's other names.

        Names of which it knows no other are left out.
        """
        listed = json.dumps(list(names))
        rows = self._ask("SELECT name, others FROM names WHERE name IN (SELECT value FROM json_each(?))", (listed,))
        found: dict[str, dict[str, str]] = {}
        for name, others in reversed(rows):
            found.setdefault(name, {}).update({other.casefold(): other for other in json.loads(others)})
        return {name: list(others.values()) for name, others in found.items()}

    def allowed(self, filters: Filters) -> list[int] | None:
        """Numbers of the articles that pass the filters, or have a copy that does; None when the filters are empty.

        Raises QuestionError for filters that cannot be read, NothingToSearch when no article passes.
        """
        if filters == Filters():
            return None
        check_filters(filters)
        rows = self._ask("SELECT number, source, topics, roles, region, date, original FROM articles ORDER BY number")
        articles = [
            Labels(row["source"], tuple(json.loads(row["topics"])), tuple(json.loads(row["roles"])), row["region"], row["date"])
            for row in rows
        ]
        passing = [row for row, article in zip(rows, articles, strict=True) if passes(article, filters)]
        if not passing:
            raise nothing_passes(articles, filters)
        numbers = {row["source"]: row["number"] for row in rows}
        originals = {numbers[row["original"]] for row in passing if row["original"] is not None}
        return sorted(originals | {row["number"] for row in passing})

    def rows_of(self, articles: Sequence[int]) -> list[int]:
        """Rows of all passages of these articles."""
        listed = json.dumps(list(articles))  # as one value: SQLite takes 32,766 at most
        sql = "SELECT row FROM passages WHERE article IN (SELECT value FROM json_each(?)) ORDER BY row"
        return [row[0] for row in self._ask(sql, (listed,))]


def _asked(layer: _Layer, sql: str, values: Sequence[Any]) -> list[sqlite3.Row]:
    with layer.connection() as connection:
        try:
            return list(connection.execute(sql, values))
        except UnicodeEncodeError:  # half a character, in a name from outside: nothing is stored under it
            return []
