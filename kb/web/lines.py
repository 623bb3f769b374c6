"""Lines of ours that come with an answer, in the reader's language.

An answer is made in English, whatever page shows it: so are its receipts, copies and the command line. What an article says stays
as it was written; what the base says of its own accord (a decline, a remark, a note, why a file is refused) is known here by its
form, the English text with blanks, and said again in another language. A line of no known form stays as it is.

    reworded("Not in the knowledge base: nurse.", "de")
        -> "Nicht in der Wissensbasis: nurse."
"""

from __future__ import annotations

import re
from functools import cache

from kb.web.said import ENGLISH_LINES
from kb.web.strings import say

_FIGURE = re.compile(r"((?:\[\d+\](?:, )?)+) (.+)")
_SIDE = re.compile(r"(\[\d+\] \(.*?, )undated\)(?=\.$| and \[|, \[)")
_CURRENCIES = ("USD", "EUR", "GBP", "CHF", "CAD", "AUD", "INR", "JPY")


@cache
def _forms() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Each key of ENGLISH_LINES with the form of its text: a blank stands for one character or more."""

    def form(text: str) -> re.Pattern[str]:
        parts = re.split(r"\{(\w+)\}", text)
        return re.compile("".join(re.escape(part) if n % 2 == 0 else f"(?P<{part}>.+?)" for n, part in enumerate(parts)))

    return tuple((key, form(text)) for key, text in ENGLISH_LINES.items())


def known(line: str, prefix: str) -> tuple[str, dict[str, str]] | None:
    """The first key beginning with prefix whose form a line has, and what fills its blanks."""
    for key, form in _forms():
        if key.startswith(prefix) and (found := form.fullmatch(line)):
            return key, found.groupdict()
    return None


def is_of(line: str, prefix: str) -> bool:
    """Whether a line has one of the forms whose key begins with prefix."""
    return known(line.strip(), prefix) is not None


def reworded(line: str, language: str) -> str:
    """A line that came with an answer, in a language the page speaks."""
    if language == "en":
        return line
    if figure := _FIGURE.fullmatch(line):
        return f"{figure[1]} {'; '.join(_part(part, language) for part in figure[2].split('; '))}"
    found = known(line, "line_") or known(line, "file_")
    if found is None:
        return line
    key, values = found
    if key == "line_differ":
        between, undated = say("part_and", language), say("part_undated", language)
        sides = _SIDE.sub(rf"\g<1>{undated})", line.removeprefix("These differ: "))
        values["sides"] = re.sub(r"\) and (?=\[\d)", f") {between} ", sides.removesuffix("."))
    if "why" in values:
        values["why"] = reworded(values["why"], language)
    return say(key, language, **values)


def _part(part: str, language: str) -> str:
    """A part of a note on an amount: its unit, its year, what of it is not stated; whose it is stays as it was written."""
    for code in _CURRENCIES:
        name = ENGLISH_LINES[f"part_{code}"]
        if part == name or part.startswith(f"{name} "):
            per = _part(part.removeprefix(name).strip(), language)
            return f"{say(f'part_{code}', language)} {per}".strip()
    found = known(part, "part_")
    if found is None:
        return part
    key, values = found
    if key == "part_missing":
        words = (known(word, "part_") for word in values["what"].split(", "))
        values["what"] = ", ".join(say(word[0], language) for word in words if word)
    return say(key, language, **values)


def reworded_text(text: str, language: str) -> str:
    """An answer's Markdown with the lines between its quotes, and its tables' words of ours, in the reader's language."""
    if language == "en":
        return text
    lines = []
    for line in text.split("\n"):
        if line.startswith("| "):
            line = _row(line, language)
        elif line and not line.endswith("]"):  # a quote ends with its [n]
            line = reworded(line, language)
        lines.append(line)
    return "\n".join(lines)


def _row(row: str, language: str) -> str:
    row = re.sub(rf"^\| {ENGLISH_LINES['cell_source']} \|", f"| {say('cell_source', language)} |", row)
    return re.sub(rf"(?<=\| ){ENGLISH_LINES['cell_none']}(?= \|)", say("cell_none", language), row)
