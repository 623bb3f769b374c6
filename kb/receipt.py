"""An answer to take along: a JSON receipt, and its check against the articles, offline, on any machine that has them.

    data = receipt(answer)                                  # plain values, ready for json.dumps
    findings = verify(data, {a.source: a for a in base.articles()})
    findings == []                                          # every quote stands in its article, word for word, at its place

A receipt proves that the quotes are the articles' own words; it does not prove who made it: its digest shows a slip of the hand,
not a forger, who would compute it anew.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from kb.errors import ArticleError, QuestionError
from kb.reading import find_articles, read_article
from kb.records import Answer, Article
from kb.settings import Settings
from kb.store import open_generation

SCHEMA = "career-kb-receipt/1"
MAX_CHARS = 5_000_000  # of a receipt's JSON; an answer of a hundred quotes has about 100,000

Problem = Literal[
    "malformed", "altered", "unknown article", "article changed", "quote gone", "quote differs", "unmarked", "no such citation"
]
_MARK = re.compile(r"\[(\d{1,4})\]")


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about a receipt that does not hold. number: the citation's, None for the receipt as a whole.

    grave: the receipt claims what the articles do not bear out; not grave: the article was changed since, but the quote
    still stands.
    """

    problem: Problem
    message: str
    number: int | None = None
    source: str = ""
    grave: bool = True


def receipt(answer: Answer) -> dict[str, Any]:
    """The answer as plain values: what was asked, what was said, every quote with its place, and a digest over all of it."""
    data: dict[str, Any] = {
        "schema": SCHEMA,
        "question": answer.question,
        "resolved_question": answer.resolved_question,
        "answer": answer.text,
        "abstained": answer.abstained,
        "confidence": round(answer.confidence, 4),
        "written_by": answer.written_by,
        "notes": list(answer.notes),
        "checks": answer.to_dict()["checks"],
        "generation": answer.generation,
        "citations": [citation.to_dict() for citation in answer.citations],
    }
    return data | {"digest": digest(data)}


def digest(data: Mapping[str, Any]) -> str:
    """SHA-256 hex over the receipt's canonical JSON (keys sorted, no white space), its own "digest" left out."""
    plain = {key: value for key, value in data.items() if key != "digest"}
    text = json.dumps(plain, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def read_receipt(text: str) -> dict[str, Any]:
    """A receipt from its JSON. Raises QuestionError when it is none, is too large, or has a schema this version cannot read."""
    if len(text) > MAX_CHARS:
        raise QuestionError(f"the receipt has {len(text):,} characters, at most {MAX_CHARS:,} are read")
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise QuestionError(f"not a receipt: {error}") from error
    return _checked(data)


def read_receipts(text: str) -> list[dict[str, Any]]:
    """The receipt in a file, or those of all turns of a conversation that the page saved. Raises as read_receipt does."""
    try:
        data = json.loads(text) if len(text) <= MAX_CHARS else None
    except (ValueError, RecursionError):
        data = None
    turns = data.get("turns") if isinstance(data, dict) and "schema" not in data else None
    found = (
        [turn["receipt"] for turn in turns if isinstance(turn, dict) and turn.get("receipt")] if isinstance(turns, list) else []
    )
    return [_checked(each) for each in found] or [read_receipt(text)]


def _checked(data: Any) -> dict[str, Any]:
    if not isinstance(data, dict) or "schema" not in data:
        raise QuestionError('not a receipt: there is no "schema" in it. Make one with: python -m kb answer "..." --receipt FILE')
    if data["schema"] != SCHEMA:
        raise QuestionError(f"the receipt's schema is {data['schema']!r}, this version reads {SCHEMA!r}")
    return data


def verify(data: Mapping[str, Any], articles: Mapping[str, Article] | Callable[[str], Article | None]) -> list[Finding]:
    """Everything in the receipt that does not hold, [] when all of it does.

    articles: source -> article, as a mapping or a function that gives None for an unknown source. Checked: the digest; that the
    answer's marks and the citations are the same; and for each quote (and its lead) that the article's text has it at its
    offsets.
    """
    find = articles if callable(articles) else articles.get
    findings: list[Finding] = []
    if data.get("digest") != digest(data):
        findings.append(Finding("altered", "the receipt's digest does not match: it was changed after it was made"))
    citations = data.get("citations")
    if not isinstance(citations, Sequence) or isinstance(citations, str) or not all(isinstance(c, Mapping) for c in citations):
        return [*findings, Finding("malformed", '"citations" is not a list of citations')]
    findings += _marks(str(data.get("answer", "")), citations)
    for citation in citations:
        findings += _citation(citation, find)
    return findings


def _marks(text: str, citations: Sequence[Mapping[str, Any]]) -> list[Finding]:
    """Marks without a citation, and citations that no mark points to."""
    marked = {int(number) for number in _MARK.findall(text)}
    numbers = {c.get("number") for c in citations}
    quoted = " ".join(str(c.get("quote", "")) for c in citations)
    stray = [n for n in sorted(marked - numbers) if f"[{n}]" not in quoted]  # an article may hold "[7]" itself
    return [Finding("no such citation", f"the answer's [{n}] has no citation", n) for n in stray] + [
        Finding("unmarked", f"citation {n} is not marked in the answer", n) for n in sorted(numbers - marked, key=str)
    ]


def _citation(citation: Mapping[str, Any], find: Callable[[str], Article | None]) -> list[Finding]:
    number, source = citation.get("number"), citation.get("source")
    number = number if isinstance(number, int) else None
    if not isinstance(source, str) or not _is_quote(citation):
        return [Finding("malformed", "a citation needs source, quote, start and end", number, str(source))]
    article = find(source)
    if article is None:
        return [Finding("unknown article", f"there is no article {source!r} here to check it against", number, source)]
    same = citation.get("content_hash") == article.content_hash
    found = [_place(citation, "quote", article, number, same=same)]
    if (lead := citation.get("lead")) is not None:
        fits = isinstance(lead, Mapping) and _is_quote(lead)
        found.append(
            _place(lead, "lead", article, number, same=same) if fits else Finding("malformed", "its lead is none", number, source)
        )
    problems = [finding for finding in found if finding is not None]
    if not same and not problems:
        return [
            Finding(
                "article changed",
                f"{source} was changed since, but the quote still stands at its place",
                number,
                source,
                grave=False,
            )
        ]
    return problems


def _is_quote(value: Mapping[str, Any]) -> bool:
    numbers = [value.get("start"), value.get("end")]
    return isinstance(value.get("quote"), str) and all(isinstance(n, int) and not isinstance(n, bool) and n >= 0 for n in numbers)


def _place(value: Mapping[str, Any], what: str, article: Article, number: int | None, *, same: bool) -> Finding | None:
    """None when the article's text has the quote at its offsets, else what it has instead."""
    quote, start, end = value["quote"], value["start"], value["end"]
    if quote and article.text[start:end] == quote:
        return None
    if same or not quote:
        return Finding(
            "quote differs", f"{article.source} at {start}-{end} does not read as the {what} says", number, article.source
        )
    moved = article.text.find(quote)
    if moved >= 0:
        message = f"{article.source} was changed since; the {what} now stands at {moved}-{moved + len(quote)}"
        return Finding("article changed", message, number, article.source, grave=False)
    return Finding("quote gone", f"{article.source} was changed since and no longer holds the {what}", number, article.source)


def articles_of_index(folder: Path) -> Callable[[str], Article | None]:
    """Finds articles in an index, without loading its model. Raises StoreError when the index is missing or damaged."""
    catalogue = open_generation(folder, Settings()).catalogue

    def find(source: str) -> Article | None:
        try:
            return catalogue.article(source)
        except QuestionError:
            return None

    return find


def articles_of_folder(folder: Path) -> Callable[[str], Article | None]:
    """Finds articles among a folder's files; what is no file inside it, or cannot be read, is unknown. Raises ArticleError."""
    paths = dict(find_articles(folder))

    def find(source: str) -> Article | None:
        try:
            return read_article(paths[source], source) if source in paths else None
        except ArticleError:
            return None

    return find
