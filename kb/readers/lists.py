"""Lists that a scraper flattened or ran together -> lists with their groups, and the closing sentence on its own.

    - Education                                   - Education
    - Ph.D. in computer science              ->     - Ph.D. in computer science
    - Skills                                      - Skills
    - Fluent Python These skills ensure that ...    - Fluent Python
                                                  These skills ensure that ...

Only strong evidence moves anything; no word is added, lost or changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import groupby

from kb.records import Fragment

HEAD_WORDS = 8  # at most, of an item that names a group of items
QUESTION_WORDS = 30  # at most, of a numbered question that heads its answer
CLOSING_WORDS = 8  # at least, of a closing sentence that was run into the last item

_OPENERS = (
    r"(?:In (?:summary|conclusion|short|essence|sum)|To (?:sum up|summari[sz]e|conclude)|Overall|Ultimately"
    r"|By \w+ing|These(?: [\w-]+){1,4}|This(?: [\w-]+){1,3}|The [\w-]+(?: [\w-]+){1,4})\b"
)
_TYPED = re.compile(r"^([-*•●▪◦‣·–✓✔➢►]) (?=\S)", re.MULTILINE)
_RUN_IN = re.compile(rf"(?<=[^\W_]|[)%\]”\"]) (?={_OPENERS})")
_AFTER_STOP = re.compile(
    r"(?<=[.!?]) (?=(?:In (?:summary|conclusion|short|essence)|To (?:sum up|summari[sz]e)|Overall,|Ultimately,"
    r"|By \w+ing (?:\w+ ){0,3}these\b|These \w+|\w+ing (?:\w+ ){0,2}these\b))"
)


def untangle(fragments: Iterable[Fragment]) -> list[Fragment]:
    """fragments with typed bullets made items, closing sentences cut off a list's last item and flattened groups nested again."""
    result: list[Fragment] = []
    marked = with_numbered_questions(with_typed_bullets(fragments))
    for is_item, run in groupby(marked, key=lambda fragment: fragment.kind == "item"):
        if is_item:
            items, closing = _without_closing(list(run))
            result.extend(_grouped(items))
            result.extend(closing)
        else:
            result.extend(run)
    return result


def with_typed_bullets(fragments: Iterable[Fragment]) -> list[Fragment]:
    """fragments, the paragraphs and lines that begin with a bullet somebody typed as items, where two follow each other."""
    lines: list[Fragment] = []
    whole: list[bool] = []  # whether the line is a paragraph's first
    for fragment in fragments:
        split = fragment.kind == "paragraph" and _TYPED.search(fragment.text)
        parts = fragment.text.split("\n") if split else [fragment.text]
        lines += [replace(fragment, text=part) for part in parts]
        whole += [True, *[False] * (len(parts) - 1)]
    made: list[Fragment] = []
    typed = [line.kind == "paragraph" and bool(_TYPED.match(line.text)) for line in lines]
    for at, line in enumerate(lines):
        match = _TYPED.match(line.text) if typed[at] else None
        if match and any(typed[n] for n in (at - 1, at + 1) if 0 <= n < len(lines)):
            made.append(Fragment("item", line.text[match.end() :].strip(), 1, line.page, match[1]))
        elif not whole[at] and made and made[-1].kind == "paragraph":
            made[-1] = replace(made[-1], text=f"{made[-1].text}\n{line.text}")
        else:
            made.append(line)
    return made


def with_numbered_questions(fragments: Sequence[Fragment]) -> list[Fragment]:
    """fragments, numbered questions that each have a paragraph behind them as the headings of their answers, from two on."""
    asked = [
        at
        for at, (item, after) in enumerate(zip(fragments, fragments[1:], strict=False))
        if item.kind == "item" and item.mark[:1].isdigit() and item.text.endswith("?") and after.kind == "paragraph"
        and len(item.text.split()) <= QUESTION_WORDS and "\n" not in item.text
    ]  # fmt: skip
    made, level, places = list(fragments), 1, set(asked)
    for at, fragment in enumerate(fragments if len(asked) >= 2 else ()):
        if fragment.kind == "heading":
            level = fragment.level
        elif at in places:
            made[at] = Fragment("heading", f"{fragment.mark} {fragment.text}", min(level + 1, 6), fragment.page)
    return made


def _without_closing(items: list[Fragment]) -> tuple[list[Fragment], list[Fragment]]:
    """(items, the closing sentence that was run into the last of them as a paragraph, if any)."""
    last = items[-1]
    if len(items) < 2 or not last.text.endswith((".", "!")):
        return items, []
    stops = sum(item.text.endswith(".") for item in items[:-1])
    run_in = _RUN_IN.search(last.text) if stops <= 0.5 * (len(items) - 1) else None
    match = run_in or _AFTER_STOP.search(last.text)
    if match is None or len(last.text[match.end() :].split()) < CLOSING_WORDS:
        return items, []
    head = replace(last, text=last.text[: match.start()].rstrip())
    return [*items[:-1], head], [Fragment("paragraph", last.text[match.end() :], page=last.page)]


def _grouped(items: Sequence[Fragment]) -> Sequence[Fragment]:
    """items, those under an item that names a group one level deeper. Lists with levels of their own stay as they are."""
    if len({item.level for item in items}) > 1 or not all(item.mark in "-*+•·–" for item in items):
        return items
    heads = [item.text.endswith(":") and len(item.text.split()) <= 2 * HEAD_WORDS for item in items]
    if not any(heads[:-1]):
        heads = [_names_group(item.text) for item in items]
        alternate = all(not (a and b) for a, b in zip(heads, heads[1:], strict=False))
        if not heads[0] or heads[-1] or sum(heads) < 2 or not alternate:
            return items
    nested, inside = [], False
    for item, head in zip(items, heads, strict=True):
        inside = inside or head
        nested.append(replace(item, level=item.level + (inside and not head)))
    return nested


def _names_group(text: str) -> bool:
    """A few capitalised words and no more: "Model Validation and Monitoring"."""
    words = text.split()
    heavy = [word for word in words if word.lower() not in {"and", "or", "of", "the", "in", "for", "with", "to", "&"}]
    return 1 <= len(words) <= HEAD_WORDS and text[-1].isalnum() and all(w[0].isupper() for w in heavy) and ":" not in text
