"""Hits and answers as plain dictionaries: the machine-readable contract that the command line, HTTP and MCP share.

An answer: {"id", "question", "resolved_question", "answer", "abstained", "confidence", "seconds", "citations": [...],
            "passages": [...], ...}
A citation: {"number", "source", "title", "heading": [...], "quote", "start", "end", "date", ...}
A passage: {"rank", "score", "source", "title", "heading": [...], "text", "start", "end", ...}
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kb.errors import QuestionError
from kb.records import Answer, Citation, Hit, Turn


@dataclass(frozen=True, slots=True)
class Asked:
    """One line of a batch."""

    id: Any
    question: str
    history: tuple[Turn, ...] = ()


def hit_to_dict(hit: Hit) -> dict[str, Any]:
    """A hit as the contract's passage, with what explains its place."""
    passage = hit.passage
    return {
        "rank": hit.rank,
        "score": round(hit.score, 6),
        "source": passage.source,
        "title": passage.title,
        "heading": list(passage.heading),
        "text": passage.text,
        "start": passage.start,
        "end": passage.end,
        "page": passage.page,
        "date": passage.date,
        "cosine": round(hit.cosine, 6),
        "dense_rank": hit.dense_rank,
        "words_rank": hit.words_rank,
        "matched_terms": list(hit.matched_terms),
    }


def citation_to_dict(citation: Citation) -> dict[str, Any]:
    """A citation; "lead" is there when the quote leans on a list's lead-in or a table's header row."""
    plain: dict[str, Any] = {
        "number": citation.number,
        "source": citation.source,
        "title": citation.title,
        "heading": list(citation.heading),
        "quote": citation.quote,
        "start": citation.start,
        "end": citation.end,
        "date": citation.date,
        "date_origin": citation.date_origin,
        "page": citation.page,
        "url": citation.url,
        "content_hash": citation.content_hash,
    }
    if citation.lead:
        plain["lead"] = {"quote": citation.lead, "start": citation.lead_start, "end": citation.lead_end}
    return plain


def answer_to_dict(answer: Answer, id: Any = None) -> dict[str, Any]:
    """An answer as the contract has it; id is the caller's own and comes back unchanged."""
    return {
        "id": id,
        "question": answer.question,
        "resolved_question": answer.resolved_question,
        "answer": answer.text,
        "abstained": answer.abstained,
        "confidence": round(answer.confidence, 4),
        "seconds": round(answer.seconds, 4),
        "citations": [citation_to_dict(citation) for citation in answer.citations],
        "passages": [hit_to_dict(hit) for hit in answer.hits],
        "nearest_topics": list(answer.nearest_topics),
        "followups": list(answer.followups),
        "written_by": answer.written_by,
        "notes": list(answer.notes),
        "generation": answer.generation,
    }


def read_asked(line: str) -> Asked:
    """A batch line: {"id", "question", "history": [{"role", "content"}]}, history optional. Raises QuestionError."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise QuestionError(f"not a JSON line: {error}") from error
    if not isinstance(value, dict) or not isinstance(value.get("question"), str):
        raise QuestionError('a line is {"id": ..., "question": "..."}')
    return Asked(value.get("id"), value["question"], read_history(value.get("history") or ()))


def read_history(value: object) -> tuple[Turn, ...]:
    """Turns from a list of {"role": "user"|"assistant", "content": text}. Raises QuestionError when it is something else."""
    if not isinstance(value, (list, tuple)):
        raise QuestionError(f'history is a list of {{"role", "content"}}, got {type(value).__name__}')
    turns = []
    for turn in value:
        fits = isinstance(turn, Mapping) and turn.get("role") in ("user", "assistant") and isinstance(turn.get("content"), str)
        if not fits:
            raise QuestionError('a turn of the history is {"role": "user" or "assistant", "content": "..."}')
        turns.append(Turn(turn["role"], turn["content"]))
    return tuple(turns)
