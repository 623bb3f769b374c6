"""History + question -> the question that stands alone, without a language model.

    resolve("and in Germany?", [Turn("user", "What does a data scientist earn in France?"), Turn("assistant", "...")])
        -> Resolution("What does a data scientist earn in Germany?", changed=True, reason="same question, another place")

A question that stands alone is never touched, whatever was said before. What leans on the conversation is rewritten where
the words make plain how (another place, another occupation, a pronoun with one possible meaning); otherwise the question it
leans on is added in brackets. The history is untrusted: only text of user and assistant turns is looked at, the last few,
cut to a size.

    subject.py   what a question is about      leaning.py   how a question leans on what was said
    rewrite.py   the stand-alone question      exchange.py  one part exchanged for another      offers.py  what was offered
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from kb.dialogue.offers import offered
from kb.dialogue.rewrite import Thread, follow, rewrite
from kb.question.terms import tidy
from kb.records import Turn
from kb.settings import Settings

__all__ = ["Resolution", "resolve", "sanitise"]


@dataclass(frozen=True, slots=True)
class Resolution:
    """question: stands alone; the question as asked when changed is False. reason: why, in a few words fit to show."""

    question: str
    changed: bool
    reason: str


def resolve(
    question: str,
    history: Iterable[object],
    *,
    subjects: Sequence[str] = (),
    settings: Settings = Settings(),
) -> Resolution:
    """The question that stands alone.

    history: turns as Turn or {"role", "content"} mappings, oldest first, without the question itself. subjects: names of
    occupations and articles known to the base; helps to see what the conversation is about, and may be empty.
    """
    turns = sanitise(history, settings)
    thread = Thread()
    for i, turn in enumerate(turns):
        if turn.role == "user":
            said = _step(turn.content, thread, turns[i - 1] if i else None, subjects)
            thread = follow(thread, said.question, subjects)
    return _step(question, thread, turns[-1] if turns else None, subjects)


def _step(question: str, thread: Thread, before: Turn | None, subjects: Sequence[str]) -> Resolution:
    """One turn: resolve it against what the thread holds and what the assistant offered just before."""
    text = tidy(question)
    offers = offered(before.content) if before is not None and before.role == "assistant" else ()
    found = rewrite(text, thread, offers, subjects)
    if found is None:
        return Resolution(question, False, "stands alone" if thread.question else "nothing was said before")
    new, reason = found
    return Resolution(new, True, reason)


def sanitise(history: Iterable[object], settings: Settings = Settings()) -> list[Turn]:
    """Only user and assistant turns with text, the last ones, together no longer than the settings allow (the newest is kept)."""
    turns: list[Turn] = []
    for item in history:
        role, content = _role_and_text(item)
        if role == "user" and content:
            turns.append(Turn("user", content))
        elif role == "assistant" and content:
            turns.append(Turn("assistant", content))
    kept: list[Turn] = []
    left = settings.max_history_chars
    for turn in reversed(turns[-settings.max_history_turns :] if settings.max_history_turns > 0 else []):
        if left <= 0:
            break
        text = turn.content[-left:] if turn.role == "assistant" else turn.content[:left]
        kept.append(Turn(turn.role, text))
        left -= len(text)
    return kept[::-1]


def _role_and_text(item: object) -> tuple[object, str]:
    """Role and text of a turn in any of the usual shapes; text "" for anything else (files, tool calls)."""
    if isinstance(item, Turn):
        return item.role, item.content.strip()
    if not isinstance(item, Mapping):
        return None, ""
    content = item.get("content")
    if isinstance(content, Mapping):
        content = [content]
    if isinstance(content, Sequence) and not isinstance(content, str):
        content = "\n".join(part["text"] for part in content if isinstance(part, Mapping) and isinstance(part.get("text"), str))
    return item.get("role"), content.strip() if isinstance(content, str) else ""
