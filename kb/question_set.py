"""A set of questions with the words that answer them, and the judgement of one answer against it.

A set is a JSONL file, one question a line (or a folder that holds it as questions.jsonl):

    {"id": "pay-3", "question": "what do newly qualified nurses start on", "kind": "figure", "answerable": true,
     "gold": [{"source": "jobs/nurse.md", "quote": "Starting pay: £31,050"}], "must": [["31,050", "31.050"]]}

gold: places that answer the question, quoted verbatim; any of them found is a find. must: what a good answer says; one string
of each inner list has to stand in it. history (optional): [{"role", "content"}, ...]. split (optional): the half it belongs to.
"""

from __future__ import annotations

import json
import re
import unicodedata
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from kb.errors import KBError
from kb.records import Answer, Citation, Hit, Turn

DEPTH = 10  # hits looked at: MRR@10


@dataclass(frozen=True, slots=True)
class Gold:
    """Words of an article that answer a question."""

    source: str
    quote: str


@dataclass(frozen=True, slots=True)
class Asked:
    """One question of a set. kind is free text: it only groups the figures."""

    id: str
    text: str
    kind: str
    answerable: bool
    gold: tuple[Gold, ...] = ()
    must: tuple[tuple[str, ...], ...] = ()
    history: tuple[Turn, ...] = ()
    split: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of one question.

    found_rank: rank of the first good hit among the first ten, None without. content: how many of the `must` lists the answer's
    text meets, of how many. words: of the answer's text, marks left out. bearing: quotes that lie on the gold, of all quotes.
    """

    asked: Asked
    answer: Answer
    hits: tuple[Hit, ...]
    found_rank: int | None
    content: tuple[int, int]
    words: int
    bearing: tuple[int, int]

    @property
    def says_it(self) -> bool:
        """The answer's text holds all that was expected."""
        return not self.answer.abstained and self.content[0] == self.content[1]


def load_questions(path: Path, split: str = "") -> list[Asked]:
    """The questions of a set in file order, those of `split` when given. Raises KBError naming the line that does not fit."""
    file = path / "questions.jsonl" if path.is_dir() else path
    questions = []
    for number, line in enumerate(lines_of(file), start=1):
        if line.strip():
            try:
                questions.append(_asked(json.loads(line)))
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise KBError(f"{file}, line {number}: not a question of a set: {error!r}") from error
    chosen = [question for question in questions if not split or question.split == split]
    if not chosen:
        raise KBError(f"no questions in {file}" + (f" with split {split!r}" if split else ""))
    return chosen


def lines_of(file: Path, hint: str = "") -> list[str]:
    """The lines of a file in UTF-8; what else Unicode calls a line's end may stand in JSON. Raises KBError with the hint."""
    try:
        return file.read_text(encoding="utf-8-sig").split("\n")
    except OSError as error:
        raise KBError(f"cannot read {file}: {error.strerror}" + (f". {hint}" if hint else "")) from error
    except UnicodeDecodeError as error:
        raise KBError(f"cannot read {file}: it is not UTF-8 ({error.reason} at byte {error.start:,})") from error


def _asked(line: Mapping[str, object]) -> Asked:
    given: dict[str, list[dict[str, str]]] = {name: line.get(name) or [] for name in ("gold", "history")}  # type: ignore[misc]
    must: Sequence[Sequence[str]] = line.get("must") or []  # type: ignore[assignment]
    return Asked(
        id=str(line["id"]),
        text=str(line["question"]),
        kind=str(line.get("kind", "")),
        answerable=bool(line.get("answerable", True)),
        gold=tuple(Gold(gold["source"], gold["quote"]) for gold in given["gold"]),
        must=tuple(tuple(alternatives) for alternatives in must),
        history=tuple(Turn("user" if turn["role"] == "user" else "assistant", turn["content"]) for turn in given["history"]),
        split=str(line.get("split", "")),
    )


# ---------------------------------------------------------------------------------------------- where a quote stands


@dataclass(frozen=True, slots=True)
class Words:
    """A text as its words, lower case, so that mark-up, spacing and punctuation do not matter: " starting pay 31 050 "."""

    line: str
    at: tuple[int, ...] = field(repr=False)  # where each word begins in line
    spans: tuple[tuple[int, int], ...] = field(repr=False)  # and in the text

    @classmethod
    def of(cls, text: str) -> Words:
        line, at, spans = [" "], [], []
        length = 1
        for match in re.finditer(r"\w+", text):
            word = unicodedata.normalize("NFKC", match[0]).casefold()
            at.append(length)
            spans.append(match.span())
            line.append(word + " ")
            length += len(word) + 1
        return cls("".join(line), tuple(at), tuple(spans))

    def places(self, quote: Words) -> list[tuple[int, int]]:
        """Every (start, end) in the text at which the quote's words follow each other; [] for a quote without words."""
        found: list[tuple[int, int]] = []
        start = self.line.find(quote.line) if quote.at else -1
        while start >= 0:
            first = bisect_left(self.at, start + 1)
            found.append((self.spans[first][0], self.spans[first + len(quote.at) - 1][1]))
            start = self.line.find(quote.line, start + 1)
        return found


@lru_cache(maxsize=4096)
def words_of(text: str) -> Words:
    return Words.of(text)


def shared(one: tuple[int, int], other: tuple[int, int]) -> int:
    """Characters that two spans have in common."""
    return max(0, min(one[1], other[1]) - max(one[0], other[0]))


Places = Mapping[Gold, Sequence[tuple[int, int]]]  # of each gold quote in its article


def gold_places(gold: Iterable[Gold], text_of: Callable[[str], str | None]) -> dict[Gold, list[tuple[int, int]]]:
    """Where the gold quotes stand in the base's own text of their articles; [] where the article or the words are not there."""
    found = {}
    for one in gold:
        text = text_of(one.source)
        found[one] = words_of(text).places(words_of(one.quote)) if text is not None else []
    return found


def is_good(hit: Hit, places: Places) -> bool:
    """The passage covers at least half of a gold quote in its place, or holds a gold quote's words wherever it is from."""
    passage = hit.passage
    for gold, spans in places.items():
        if passage.source == gold.source and any(2 * shared((passage.start, passage.end), s) >= s[1] - s[0] for s in spans):
            return True
        if words_of(gold.quote).line in words_of(passage.text).line:
            return True
    return False


def bears(citation: Citation, places: Places) -> bool:
    """The quote (or its lead) and a gold quote overlap by half of the shorter one, or one holds the other's words."""
    said = words_of(citation.quote).line
    for gold, spans in places.items():
        wanted = words_of(gold.quote).line
        if wanted in said or (len(said.split()) >= 4 and said in wanted):
            return True
        if citation.source != gold.source:
            continue
        for quoted in ((citation.start, citation.end), (citation.lead_start, citation.lead_end)):
            if quoted[0] >= 0 and any(2 * shared(quoted, s) >= min(s[1] - s[0], quoted[1] - quoted[0]) > 0 for s in spans):
                return True
    return False


# ---------------------------------------------------------------------------------------------- what an answer says

_MARK = re.compile(r"\s*\[?\[\d+\]\]?(\([^)]*\))?")
_SAME = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "‑": "-", "\u00a0": " ", "\u202f": " "})


def as_read(text: str) -> str:
    """An answer's Markdown as a person reads it: no [n] marks, emphasis, table rules or escapes; one kind of quote and dash."""
    text = _MARK.sub("", text).translate(_SAME)
    text = re.sub(r"<br\s*/?>", " ", text)
    text = re.sub(r"\\([^\w\s])", r"\1", text)
    text = re.sub(r"(?m)^\s*(?:[#>]+\s|[-*+]\s)|\*+|`", "", text)
    text = re.sub(r"(?m)^[\s|:-]+$", "", text)
    return re.sub(r"\s+", " ", text).strip()


def says(text: str, wanted: str) -> bool:
    """wanted stands in a text that went through as_read, case ignored; a number only whole ("14" is not in "141" or "14.5")."""
    pattern = re.escape(as_read(wanted).casefold())
    if wanted[:1].isdigit():
        pattern = r"(?<!\d)(?<!\d[.,])" + pattern
    if wanted[-1:].isdigit():
        pattern += r"(?!\d|[.,]\d)"
    return re.search(pattern, text.casefold()) is not None


def judge(asked: Asked, answer: Answer, hits: Sequence[Hit], places: Places) -> Judged:
    """Hold an answer and its hits against the question's gold."""
    text = as_read(answer.text)
    met = 0 if answer.abstained else sum(any(says(text, wanted) for wanted in alternatives) for alternatives in asked.must)
    ranks = (rank for rank, hit in enumerate(hits[:DEPTH], start=1) if is_good(hit, places))
    return Judged(
        asked=asked,
        answer=answer,
        hits=tuple(hits[:DEPTH]),
        found_rank=next(ranks, None),
        content=(met, len(asked.must)),
        words=len(text.replace("|", " ").split()),
        bearing=(sum(bears(citation, places) for citation in answer.citations), len(answer.citations)),
    )
