"""Writing a catalogue: whole, or what is put in place of parts of one, in a file beside it.

    write_catalogue(path, kept, passages, made)                      # everything; row i is passages[i]
    amend_catalogue(path, gone, kept, passages, made, words, ...)    # a few articles that take the place of others

The later file has the same tables and `gone`, the numbers of the first file's articles that it takes out. Numbers and rows go on
where the first file ends and are never used twice. What a word counts in it is what it counts more (or less) than in the first.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kb.catalogue import ARTICLE_COLUMNS, Kept, Made
from kb.records import Passage
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
CREATE INDEX articles_place ON articles (root, path, source);
CREATE INDEX articles_signed ON articles (number, signature);
CREATE INDEX articles_carded ON articles (number, source, topics, roles, region, date, original);
CREATE INDEX articles_copied ON articles (original) WHERE original IS NOT NULL;
CREATE INDEX passages_folded ON passages (row, same_as) WHERE same_as IS NOT NULL;
CREATE TABLE sayings (words INTEGER NOT NULL, row INTEGER NOT NULL, PRIMARY KEY (words, row)) WITHOUT ROWID;
CREATE TABLE repeated (root TEXT NOT NULL, folder TEXT NOT NULL, words TEXT NOT NULL);
CREATE TABLE words (word TEXT PRIMARY KEY, passages INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE names (name TEXT PRIMARY KEY, others TEXT NOT NULL) WITHOUT ROWID;
"""


def write_catalogue(path: Path, kept: Sequence[Kept], passages: Sequence[Passage], made: Made) -> None:
    """Write articles and their passages; passages come article by article, in the articles' order, and row i is passages[i]."""
    with _written(path) as connection:
        connection.executescript(_SCHEMA)
        _insert(connection, kept, passages, made, 0, 0)
        connection.executemany("INSERT INTO words VALUES (?, ?)", sorted(count_passage_words(passages).items()))
        names = learn(each.article for each in kept)
        connection.executemany("INSERT INTO names VALUES (?, ?)", ((name, _dump(others)) for name, others in names.items()))
        repeated = sorted((*place, words) for place, some in made.repeated.items() for words in some)
        connection.executemany("INSERT INTO repeated VALUES (?, ?, ?)", repeated)


def amend_catalogue(
    path: Path,
    gone: Sequence[int],
    kept: Sequence[Kept],
    passages: Sequence[Passage],
    made: Made,
    words: Mapping[str, int],
    *,
    first_number: int,
    first_row: int,
) -> None:
    """Put articles into the later file at path, which is made when there is none, and take out those with the numbers gone.

    Articles are numbered from first_number, passages lie at the rows from first_row on; the rows in made are those. words: how
    many passages more (or fewer) hold each word. Names that only articles that are gone used stay known.
    """
    new = not path.exists()
    with _written(path) as connection:
        if new:
            connection.executescript(_SCHEMA + "CREATE TABLE gone (number INTEGER PRIMARY KEY);")
        own = {row[0] for row in connection.execute("SELECT number FROM articles")}
        for number in gone:
            if number in own:
                connection.execute("DELETE FROM passages WHERE article = ?", (number,))
                connection.execute("DELETE FROM articles WHERE number = ?", (number,))
            else:
                connection.execute("INSERT OR IGNORE INTO gone VALUES (?)", (number,))
        _insert(connection, kept, passages, made, first_number, first_row)
        added = "INSERT INTO words VALUES (?, ?) ON CONFLICT (word) DO UPDATE SET passages = passages + excluded.passages"
        connection.executemany(added, sorted(words.items()))
        for name, others in learn(each.article for each in kept).items():
            row = connection.execute("SELECT others FROM names WHERE name = ?", (name,)).fetchone()
            known = json.loads(row[0]) if row else []
            merged = list({other.casefold(): other for other in [*others, *known]}.values())
            connection.execute("INSERT OR REPLACE INTO names VALUES (?, ?)", (name, _dump(merged)))


@contextmanager
def _written(path: Path) -> Iterator[sqlite3.Connection]:
    """A catalogue to write, committed in the end; nothing is synced, for that is done to the whole generation."""
    connection = sqlite3.connect(path)
    try:
        connection.executescript("PRAGMA journal_mode = DELETE; PRAGMA synchronous = OFF;")
        yield connection
        connection.commit()
    finally:
        connection.close()


def _insert(
    connection: sqlite3.Connection, kept: Sequence[Kept], passages: Sequence[Passage], made: Made, number: int, row: int
) -> None:
    numbers = {each.source: at for at, each in enumerate(kept, number)}
    connection.executemany(
        f"INSERT INTO articles ({ARTICLE_COLUMNS}) VALUES ({', '.join('?' * 21)})",
        (_article_row(numbers[each.source], each, made) for each in kept),
    )
    rows = _passage_rows(passages, numbers, made, row)
    connection.executemany("INSERT INTO passages VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
    connection.executemany("INSERT INTO sayings VALUES (?, ?)", sorted((words, at) for at, words in made.sayings.items()))


def count_passage_words(passages: Iterable[Passage]) -> Counter[str]:
    """Word in lower case -> how many of the passages hold it, in the headings above them or in their texts."""
    return count_words(f"{' '.join((p.title, *p.heading))} {p.text}" for p in passages)


def _article_row(number: int, each: Kept, made: Made) -> tuple[Any, ...]:
    a, copy = each.article, made.copies.get(each.source)
    sections = [[s.heading, s.start, s.end, [[b.kind, b.start, b.end, b.level, b.page] for b in s.blocks]] for s in a.sections]
    return (
        number, each.root, each.path, each.file_hash, each.made, made.recipes[a.source], a.source, a.title, a.text,
        _dump(sections), a.content_hash, a.date, a.date_origin, _dump(a.topics), _dump(a.roles), a.region, a.level, a.url,
        each.signature, copy.original if copy else None, copy.share if copy else None,
    )  # fmt: skip


def _passage_rows(
    passages: Iterable[Passage], numbers: Mapping[str, int], made: Made, first: int
) -> Iterable[tuple[Any, ...]]:
    for row, p in enumerate(passages, first):
        units = [
            [u.kind, u.start, u.end, u.lead_start, u.lead_end, int(u.no_answer), *([] if u.page is None else [u.page])]
            for u in p.units
        ]
        yield row, numbers[p.source], p.start, p.end, _dump(p.heading), p.page, _dump(units), made.folds.get(row)


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


