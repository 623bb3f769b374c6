"""Declined questions, kept on this machine, to know which article to write next.

    note(answer, gap_log("index"))                # one JSON line, when the answer is a decline of a real question
    for group in grouped(read_gaps(gap_log("index"))):
        print(group.count, group.question, group.last)

The log holds the question, the day and the confidence; nothing about who asked. It is off when the page is shared with
others: the caller decides whether to note. It never grows beyond its cap: the oldest entries go.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout

from kb.lexical import terms
from kb.question import NO_QUESTION, analyse
from kb.question.terms import tidy
from kb.records import Answer

log = logging.getLogger(__name__)

MAX_BYTES = 1_000_000  # about 5,000 questions; then the older half goes
MAX_QUESTION_CHARS = 500
LOCK_SECONDS = 2.0  # an answer does not wait longer for another process that writes
ALIKE_MEANING = 0.62  # cosine from which two questions ask for one article: tests/test_gaps.py
ALIKE_WORDS = 0.5  # share of stems in common, where no encoder is given


@dataclass(frozen=True, slots=True)
class Gap:
    """A declined question. day: "YYYY-MM-DD"; nearest: titles of what the base holds nearest to it."""

    question: str
    day: str
    confidence: float
    nearest: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """Declined questions that one article could answer. question: the most typical one; first and last: days."""

    question: str
    questions: tuple[str, ...]
    count: int
    first: str
    last: str
    topic: str
    nearest: tuple[str, ...] = ()


def gap_log(index: str | Path) -> Path:
    """Where the log of an index lies: beside its folder, so that building anew does not lose it."""
    folder = Path(index)
    return folder.parent / f"{folder.name}-gaps.jsonl"


def note(answer: Answer, path: Path, *, today: date | None = None, max_bytes: int = MAX_BYTES) -> bool:
    """Append the question if the answer declines a real one (no greeting, attack or noise); returns whether it did.

    Never raises for the disk's sake: a log that cannot be written is a warning, the person still gets an answer.
    """
    question = tidy(answer.resolved_question)[:MAX_QUESTION_CHARS]
    if not answer.abstained or analyse(question).kind in NO_QUESTION:
        return False
    entry = {
        "question": question,
        "day": (today or date.today()).isoformat(),
        "confidence": round(answer.confidence, 3),
        "nearest": list(answer.nearest_topics[:3]),
    }
    line = (json.dumps(entry, ensure_ascii=False) + "\n").encode("utf-8", "replace")
    try:
        with FileLock(f"{path}.lock", timeout=LOCK_SECONDS):
            _append(path, line, max_bytes)
    except (OSError, Timeout) as error:
        log.warning("the declined question is not kept: %s", error)
        return False
    return True


def _append(path: Path, line: bytes, max_bytes: int) -> None:
    """Append under the lock; above the cap the newer half stays, put in place in one rename."""
    size = path.stat().st_size if path.exists() else 0
    if size + len(line) > max_bytes:
        kept = path.read_bytes()[-max_bytes // 2 :]
        whole = kept[kept.find(b"\n") + 1 :] if size > max_bytes // 2 else kept
        draft = path.with_name(path.name + ".new")
        draft.write_bytes(whole + line)
        os.replace(draft, path)
        return
    with path.open("ab") as file:
        file.write(line)


def read_gaps(path: Path) -> list[Gap]:
    """All entries, oldest first; lines that are none are left out. [] when there is no log."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return []
    return [gap for line in text.splitlines() if (gap := _gap(line)) is not None]


def _gap(line: str) -> Gap | None:
    try:
        value = json.loads(line)
        nearest = tuple(str(title) for title in value.get("nearest", ()))
        gap = Gap(str(value["question"]), str(value["day"]), float(value["confidence"]), nearest)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return gap if gap.question.strip() else None


def clear(path: Path) -> int:
    """Forget all entries; returns how many there were."""
    with FileLock(f"{path}.lock", timeout=LOCK_SECONDS):
        count = len(read_gaps(path))
        path.unlink(missing_ok=True)
    return count


def grouped(gaps: Sequence[Gap], encode: Callable[[Sequence[str]], np.ndarray] | None = None) -> list[Group]:
    """Gaps that ask for one article together, the most asked first, then the latest.

    encode: texts -> unit rows; without it questions are alike by their words. Each question joins the first group whose first
    question it is alike enough to (so that a chain of small steps joins nothing), the most asked questions opening the groups.
    """
    asked: dict[str, list[Gap]] = {}
    for gap in gaps:
        asked.setdefault(_key(gap.question), []).append(gap)
    keys = sorted(asked, key=lambda key: (-len(asked[key]), key))
    likeness = _likeness([asked[key][-1].question for key in keys], encode)
    floor = ALIKE_WORDS if encode is None else ALIKE_MEANING
    leaders: list[int] = []
    members: dict[int, list[int]] = {}
    for i in range(len(keys)):
        best = max(leaders, key=lambda leader: likeness[i, leader], default=None)
        if best is None or likeness[i, best] < floor:
            leaders.append(i)
            best = i
        members.setdefault(best, []).append(i)
    groups = [
        _group([gap for i in own for gap in asked[keys[i]]], asked[keys[leader]][-1].question) for leader, own in members.items()
    ]
    return sorted(groups, key=lambda group: (-group.count, _backwards(group.last), group.question))


def _key(question: str) -> str:
    return " ".join(sorted(set(terms(question)))) or question.casefold()


def _likeness(questions: Sequence[str], encode: Callable[[Sequence[str]], np.ndarray] | None) -> np.ndarray:
    """(n, n) likeness in [0, 1]: cosine of meanings, or the share of stems in common (Jaccard)."""
    if encode is not None and questions:
        vectors = encode(questions)
        return np.asarray(vectors @ vectors.T)
    stems = [frozenset(terms(question)) for question in questions]
    return np.array([[len(a & b) / len(a | b) if a | b else 0.0 for b in stems] for a in stems]).reshape(len(stems), len(stems))


def _group(gaps: Sequence[Gap], typical: str) -> Group:
    days = sorted(gap.day for gap in gaps)
    nearest = [title for gap in gaps for title in gap.nearest[:1]]
    return Group(
        typical,
        tuple(dict.fromkeys(gap.question for gap in gaps)),
        len(gaps),
        days[0],
        days[-1],
        _topic([gap.question for gap in gaps]),
        tuple(sorted(set(nearest), key=lambda title: (-nearest.count(title), title)))[:2],
    )


def _topic(questions: Sequence[str]) -> str:
    """The content words that most of the questions share, in the order of the first that has them: what to write about."""
    counts: dict[str, int] = {}
    for question in questions:
        for word in analyse(question).terms:
            counts[word] = counts.get(word, 0) + 1
    common = [word for word, count in counts.items() if count * 2 > len(questions)]
    return " ".join(common[:6])


def _backwards(day: str) -> tuple[int, ...]:
    """Sorts later days first."""
    return tuple(-ord(char) for char in day)
