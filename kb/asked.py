"""Questions as they come from outside, as a line or as JSON: checked here, records from here on.

    {"id": 7, "question": "And in Kent?", "history": [{"role": "user", "content": "What does a nurse earn?"}]}
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from kb.errors import QuestionError
from kb.records import Filters, Turn


@dataclass(frozen=True, slots=True)
class Asked:
    """One line of a batch. id: the caller's own, any JSON value."""

    id: Any
    question: str
    history: tuple[Turn, ...] = ()


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


def read_filters(value: object) -> Filters:
    """Filters from a mapping of their fields: {"topics": ["pay"], "newer_than": "2024"}; one text may stand for a list of one.

    Raises QuestionError for a field that filters do not have and for a value that is not text.
    """
    if not isinstance(value, Mapping):
        raise QuestionError(f"filters are given by name, got {type(value).__name__}")
    lists = {each.name: each.default == () for each in fields(Filters)}
    given: dict[str, Any] = {}
    for name, wanted in value.items():
        if name not in lists:
            raise QuestionError(f"unknown filter {name!r}. Known: {', '.join(lists)}")
        if lists[name]:
            wanted = (wanted,) if isinstance(wanted, str) else wanted
            fits = isinstance(wanted, (list, tuple)) and all(isinstance(each, str) for each in wanted)
            given[name] = tuple(wanted) if fits else None
        else:
            given[name] = wanted if isinstance(wanted, str) else None
        if given[name] is None:
            raise QuestionError(f"filter {name} is {'a list of texts' if lists[name] else 'a text'}, got {value[name]!r}")
    return Filters(**given)
