"""Rows of the catalogue's tables -> articles and passages."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from functools import lru_cache

from kb.records import Article, Block, Passage, Section, Unit


@dataclass(frozen=True, slots=True)
class Entry:
    """A passage as catalogued. article: its number; content_hash: its article's."""

    row: int
    article: int
    passage: Passage
    content_hash: str


def article_of(row: sqlite3.Row) -> Article:
    """The article that a row of the table of articles holds."""
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


@lru_cache(4096)
def _strings(text: str) -> tuple[str, ...]:
    """A list of strings as the file holds it; headings, topics and roles are the same for many passages."""
    return tuple(json.loads(text))


def entry_of(row: sqlite3.Row) -> Entry:
    """The passage that a row of the table of passages, joined with its article, holds."""
    units = tuple(
        Unit(kind, a, b, c, d, no_answer=bool(e), page=page[0] if page else None)
        for kind, a, b, c, d, e, *page in json.loads(row["units"])
    )
    passage = Passage(
        source=row["source"],
        title=row["title"],
        heading=_strings(row["heading"]),
        text=row["text"],
        start=row["start"],
        end=row["end"],
        units=units,
        page=row["page"],
        date=row["date"],
        date_origin=row["date_origin"],
        topics=_strings(row["topics"]),
        roles=_strings(row["roles"]),
        region=row["region"],
        url=row["url"],
    )
    return Entry(row["row"], row["article"], passage, row["content_hash"])
