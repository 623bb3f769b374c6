"""Closest in words: an inverted index (tantivy) over titles, headings and passages, scored by BM25.

BM25 with k1 = 1.2 and b = 0.75 as in Robertson & Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009);
the fields' scores are summed with their boosts.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Protocol

from kb.spelling import fold

STOP_WORDS = frozenset(
    "a about an and any are as at be been being but by can could did do does doing for from had has have having he her here his "
    "how i if in into is it its just me more most my no nor not of on or our out over own she should so some such than that the "
    "their them then there these they this those through to too under up very was we were what when where which while who whom "
    "why will with would you your yours am s t d ll re ve m don doesn didn isn aren wasn weren won let got get also".split()
)

FIELDS = ("heading", "text")
KEPT_CHARS = 200  # length up to which a text's analysis is kept: an answer needs those of its headings and sentences often
TERMS_AT_ONCE = 20  # terms looked for in one pass over the index, a bit each; a float32 holds 24

_WORD = r"\p{N}+(?:[.,]\p{N}+)+|[\p{L}\p{N}]+(?:[+#]+|(?:[.&][\p{L}\p{N}]+)+)?"  # 127,750 and C++ and R&D are one word each


class Words(Protocol):
    """The passages' words as they are searched; the seam for a server-grade engine. Its methods do what TantivyWords' do."""

    def __len__(self) -> int: ...
    def frequencies(self, term: str) -> tuple[int, int]: ...
    def search(self, weights: Mapping[str, float], n: int, articles: Sequence[int] | None = None) -> list[tuple[int, float]]: ...
    def standing(self, asked: Sequence[str], rows: Sequence[int]) -> dict[int, tuple[str, ...]]: ...


@cache
def _analyzer() -> Any:
    import tantivy

    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.regex(_WORD))
    builder = builder.filter(tantivy.Filter.remove_long(60)).filter(tantivy.Filter.lowercase())
    return builder.filter(tantivy.Filter.ascii_fold()).filter(tantivy.Filter.stemmer("english")).build()


def analyse(text: str) -> list[str]:
    """Text as the words index sees it: words in lower case, without accents, in one spelling, stemmed; stop words stay.

    >>> analyse("C++ developers' résumés in the U.S.")
    ['c++', 'develop', 'cv', 'in', 'the', 'us']
    """
    return list(_analysed(text) if len(text) <= KEPT_CHARS else _analyzer().analyze(fold(text)))


@lru_cache(4096)
def _analysed(text: str) -> tuple[str, ...]:
    return tuple(_analyzer().analyze(fold(text)))


def terms(text: str) -> list[str]:
    """The words of text that carry meaning, analysed, in order, each once."""
    stop = _stop_stems()
    return [term for term in dict.fromkeys(analyse(text)) if term not in stop]


@cache
def _stop_stems() -> frozenset[str]:
    return frozenset(analyse(" ".join(STOP_WORDS))) | STOP_WORDS


def _schema() -> Any:
    import tantivy

    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("row", stored=False, indexed=True, fast=True)
    builder.add_unsigned_field("article", stored=False, indexed=True, fast=True)
    for field in FIELDS:
        builder.add_text_field(field, stored=False, tokenizer_name="kb", index_option="position")
    return builder.build()


class TantivyWords:
    """The words index of one generation, opened for reading."""

    def __init__(self, folder: Path, *, heading_boost: float) -> None:
        import tantivy

        self._index = tantivy.Index.open(str(folder))
        self._index.register_tokenizer("kb", _analyzer())
        self._schema = self._index.schema
        self._index.config_reader(reload_policy="manual")  # a generation never changes: no thread need watch for it
        self._searcher = self._index.searcher()
        self._boosts = {"heading": heading_boost, "text": 1.0}

    def __len__(self) -> int:
        """How many passages there are."""
        return int(self._searcher.num_docs)

    def frequencies(self, term: str) -> tuple[int, int]:
        """The number of passages whose headings hold an analysed term, and of those whose text holds it."""
        return int(self._searcher.doc_freq("heading", term)), int(self._searcher.doc_freq("text", term))

    def search(self, weights: Mapping[str, float], n: int, articles: Sequence[int] | None = None) -> list[tuple[int, float]]:
        """The n rows closest in words to weighted, analysed terms, best first: (row, BM25 score >= 0).

        weights: term -> how much it counts (1.0 is plain BM25). articles restricts the search to these article numbers. Only rows
        that hold a term come back; equal scores keep row order.
        """
        import tantivy

        if not weights or n <= 0 or (articles is not None and not articles):
            return []
        should = tantivy.Occur.Should
        clauses = []
        for term, weight in weights.items():
            for field in FIELDS:
                query = tantivy.Query.term_query(self._schema, field, term, "freq")
                clauses.append((should, tantivy.Query.boost_query(query, self._boosts[field] * weight)))
        query = tantivy.Query.boolean_query(clauses)
        if articles is not None:
            allowed = tantivy.Query.term_set_query(self._schema, "article", list(articles))
            allowed = tantivy.Query.boost_query(tantivy.Query.const_score_query(allowed, 1.0), 0.0)
            query = tantivy.Query.boolean_query([(tantivy.Occur.Must, query), (tantivy.Occur.Must, allowed)])
        hits = self._searcher.search(query, limit=n, count=False).hits
        rows = self._searcher.fast_field_values("row", [address for _, address in hits])
        pairs = [(int(row or 0), float(score)) for row, (score, _) in zip(rows, hits, strict=True)]
        return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))

    def standing(self, asked: Sequence[str], rows: Sequence[int]) -> dict[int, tuple[str, ...]]:
        """Row -> which of these analysed terms stand in its passage or the headings above it, in the order asked.

        Rows in which none stands are left out.
        """
        found: dict[int, tuple[str, ...]] = {}
        for at in range(0, len(asked), TERMS_AT_ONCE):
            some = asked[at : at + TERMS_AT_ONCE]
            marked = self._marked(some, rows)
            held = {marks: tuple(term for bit, term in enumerate(some) if marks >> bit & 1) for marks in {m for _, m in marked}}
            for row, marks in marked:
                if marks:
                    found[row] = found.get(row, ()) + held[marks]
        return found

    def _marked(self, asked: Sequence[str], rows: Sequence[int]) -> list[tuple[int, int]]:
        """(row, sum of 2**i for each asked[i] that stands there): the terms' scores are these powers, which add up exactly."""
        import tantivy

        if not rows:
            return []
        should, must, ask = tantivy.Occur.Should, tantivy.Occur.Must, tantivy.Query
        # a query for each row takes a third of the time that one for the set of them takes
        among = ask.boolean_query([(should, ask.term_query(self._schema, "row", row, "basic")) for row in rows])
        clauses = [(must, ask.boost_query(ask.const_score_query(among, 1.0), 0.0))]
        for bit, term in enumerate(asked):
            stands = [(should, ask.term_query(self._schema, field, term, "basic")) for field in FIELDS]
            clauses.append((should, ask.const_score_query(ask.boolean_query(stands), 2.0**bit)))
        hits = self._searcher.search(ask.boolean_query(clauses), limit=len(rows), count=False).hits
        found = self._searcher.fast_field_values("row", [address for _, address in hits])
        return [(int(row or 0), int(score)) for row, (score, _) in zip(found, hits, strict=True)]


def write_words(rows: Iterable[tuple[int, int, str, str]], folder: Path) -> None:
    """Write the words index: (row, article number, headings, text) per passage, into an empty folder."""
    import tantivy

    folder.mkdir(parents=True, exist_ok=True)
    # subtle: one thread and one commit give one segment, so that equal scores come back in row order
    _add(tantivy.Index(_schema(), path=str(folder)), rows, (), heap_bytes=128_000_000)


def amend_words(rows: Iterable[tuple[int, int, str, str]], gone: Sequence[int], folder: Path) -> None:
    """Add passages to a words index and take out those of the articles with the numbers gone.

    Files that stand in the folder are never written to, only new ones put beside or in place of them: they may be hard links.
    """
    import tantivy

    _add(tantivy.Index.open(str(folder)), rows, gone, heap_bytes=16_000_000)


def _add(index: Any, rows: Iterable[tuple[int, int, str, str]], gone: Sequence[int], *, heap_bytes: int) -> None:
    import tantivy

    index.register_tokenizer("kb", _analyzer())
    writer = index.writer(heap_size=heap_bytes, num_threads=1)
    if gone:  # subtle: delete_documents_by_term takes a number for a signed one, and finds none
        writer.delete_documents_by_query(tantivy.Query.term_set_query(index.schema, "article", list(gone)))
    for row, article, headings, text in rows:
        document = tantivy.Document(heading=fold(headings), text=fold(text))
        document.add_unsigned("row", row)
        document.add_unsigned("article", article)
        writer.add_document(document)
    writer.commit()
    writer.wait_merging_threads()


def open_words(folder: Path, *, heading_boost: float) -> TantivyWords:
    """Open what write_words wrote, also where nothing may be written."""
    try:
        return TantivyWords(folder, heading_boost=heading_boost)
    except ValueError as error:
        if "Lockfile" not in str(error):
            raise
    # tantivy makes a lock file even to read (its META_LOCK), so a folder that is read-only is opened by way of links to its files
    import tempfile

    with tempfile.TemporaryDirectory(prefix="kb-words-") as links:
        for path in folder.iterdir():
            if not path.name.endswith(".lock"):
                os.symlink(path.resolve(), Path(links, path.name))
        return TantivyWords(Path(links), heading_boost=heading_boost)
