"""A retrieval set in BEIR's layout: read it, make a throw-away base of it, rank its documents for every query.

    SET/corpus.jsonl       {"_id", "title", "text"}
    SET/queries.jsonl      {"_id", "text"}                              optional "answerable": false
    SET/qrels/test.tsv     query-id <tab> corpus-id <tab> score         one header line

Each document becomes one article with its title and text; a document's rank is that of its best passage. Layout: Thakur et al.,
"BEIR: a heterogeneous benchmark for zero-shot evaluation of information retrieval models", NeurIPS 2021.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from kb.base import KnowledgeBase
from kb.build import build_index
from kb.encoder import Encoder
from kb.errors import KBError
from kb.question_set import lines_of
from kb.settings import Settings

HINT = "A BEIR set holds corpus.jsonl, queries.jsonl and qrels/test.tsv"
DOCUMENTS = 100  # recall@100 looks no further
PASSAGES = 300  # hits asked for, so that a hundred documents of up to three passages each fit

Progress = Callable[[str, int, int], None]  # stage, done, total
Run = dict[str, dict[str, float]]  # query -> document -> score, higher is better: the form pytrec_eval and ir-measures read


@dataclass(frozen=True, slots=True)
class RetrievalSet:
    """relevance: query -> document -> grade. unanswerable: queries marked "answerable": false, which nothing answers."""

    documents: Mapping[str, tuple[str, str]]  # id -> (title, text)
    queries: Mapping[str, str]
    relevance: Mapping[str, Mapping[str, int]]
    unanswerable: frozenset[str]


def is_retrieval_set(folder: Path) -> bool:
    """The folder holds a corpus to build an index of."""
    return (folder / "corpus.jsonl").is_file()


def load_retrieval_set(folder: Path) -> RetrievalSet:
    """Read a set; only queries that are judged or marked unanswerable are kept. Raises KBError naming file and line."""
    documents = {str(d["_id"]): (str(d.get("title", "")), str(d["text"])) for d in _json_lines(folder / "corpus.jsonl", "text")}
    queries = {str(q["_id"]): q for q in _json_lines(folder / "queries.jsonl", "text")}
    relevance: dict[str, dict[str, int]] = {}
    file = folder / "qrels" / "test.tsv"
    for number, line in enumerate(lines_of(file, HINT), start=1):
        cells = line.split("\t")
        if number == 1 and not cells[-1].strip().lstrip("-").isdigit():
            continue  # the header
        if not line.strip():
            continue
        if len(cells) < 3:
            raise KBError(f"{file}, line {number}: wants query-id, corpus-id and score apart by tabs, has {line!r}")
        try:
            relevance.setdefault(cells[0], {})[cells[-2]] = int(cells[-1])
        except ValueError as error:
            raise KBError(f"{file}, line {number}: a score is a whole number, not {cells[-1]!r}") from error
    unanswerable = frozenset(id for id, query in queries.items() if query.get("answerable") is False)
    kept = {id: str(query["text"]) for id, query in queries.items() if id in relevance or id in unanswerable}
    if not kept:
        raise KBError(f"no query of {folder / 'queries.jsonl'} is judged in {file}")
    return RetrievalSet(documents, kept, relevance, unanswerable)


def _json_lines(file: Path, wants: str) -> Iterator[dict[str, object]]:
    for number, line in enumerate(lines_of(file, HINT), start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
            record["_id"], record[wants]
        except (ValueError, KeyError, TypeError) as error:
            raise KBError(f"{file}, line {number}: wants a JSON object with _id and {wants}: {error!r}") from error
        yield record


def as_markdown(title: str, text: str) -> str:
    """A document as an article that reads back word for word: every mark that Markdown could take for its own is escaped."""
    front = f"---\ntitle: {json.dumps(title, ensure_ascii=False)}\n---\n\n" if title.strip() else ""
    paragraphs = [" ".join(paragraph.split()) for paragraph in re.split(r"\n\s*\n", text)]
    escaped = (re.sub(r"([\\`*_{}\[\]<>()#+\-.!|~:&$=])", r"\\\1", paragraph) for paragraph in paragraphs if paragraph)
    return front + "\n\n".join(escaped) + "\n"


@contextmanager
def throw_away_base(
    articles: Path, settings: Settings, encoder: Encoder | None = None, progress: Progress | None = None
) -> Iterator[KnowledgeBase]:
    """A base of the articles in a folder that is gone when the block ends."""
    with tempfile.TemporaryDirectory(prefix="kb-evaluate-") as folder:
        build_index([articles], Path(folder) / "index", settings=settings, encoder=encoder, progress=progress)
        with KnowledgeBase.open(Path(folder) / "index", settings=settings, encoder=encoder) as base:
            yield base


def write_articles(given: RetrievalSet, folder: Path) -> dict[str, str]:
    """Each document as an article file; returns source -> document id. Documents without any word are left out."""
    document_of: dict[str, str] = {}
    for row, (document, (title, text)) in enumerate(given.documents.items()):
        if re.search(r"\w", text) or re.search(r"\w", title):
            source = f"{row // 1000:04d}/{row:07d}.md"
            path = folder / source
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(as_markdown(title, text if re.search(r"\w", text) else title), encoding="utf-8")
            document_of[source] = document
    return document_of


def for_ranking(given: RetrievalSet, settings: Settings) -> Settings:
    """The settings, opened as far as a hundred documents a query need; nothing that orders them is changed."""
    longest = max(settings.max_question_chars, *(len(text) for text in given.queries.values()))
    deep = max(settings.candidates, PASSAGES)
    # copies stay apart because the set's judgements name every one of them
    return replace(settings, candidates=deep, max_question_chars=longest, copy_resemblance=0)


@contextmanager
def base_of(
    given: RetrievalSet, settings: Settings, encoder: Encoder | None = None, progress: Progress | None = None
) -> Iterator[tuple[KnowledgeBase, dict[str, str]]]:
    """A throw-away base of a set's documents, and the document's id for each source."""
    with tempfile.TemporaryDirectory(prefix="kb-beir-") as folder:
        document_of = write_articles(given, Path(folder))
        with throw_away_base(Path(folder), for_ranking(given, settings), encoder, progress) as base:
            yield base, document_of


def rank_documents(base: KnowledgeBase, document_of: Mapping[str, str], queries: Mapping[str, str]) -> Run:
    """For every query its best hundred documents, in the order of their best passage; score = 1 / rank, so that none tie."""
    run: Run = {}
    for query, hits in zip(queries, base.search_many(list(queries.values()), PASSAGES), strict=True):
        documents = dict.fromkeys(document_of[hit.passage.source] for hit in hits)
        run[query] = {document: 1 / rank for rank, document in enumerate(list(documents)[:DOCUMENTS], start=1)}
    return run
