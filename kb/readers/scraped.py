"""Lines of plain text as a page's copy-and-paste leaves them -> lines as the page showed them.

    Method 1               Method 1: Learning the trade      £29,907 Starter
    Learning the trade     1. Decide where to work.     <-   to                  ->  £29,907 Starter to £48,231 Experienced
    1                  ->  2. Work a Saturday.               £48,231 Experienced
    Decide where to work.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

TITLE_WORDS = 10  # at most, of the line that says what "Method 1" is
TURNS = 3  # lines at least that begin with a name and a colon, for the name to be a speaker's
ASKING = 0.6  # of a speaker's turns that must be questions, for the speaker to be the one who interviews
QUESTION_WORDS = 30  # at most, of a question that can head its answer

_ALONE = re.compile(r"(\d{1,2})\.?")
_COUNTED = re.compile(r"(?:Step|Part|Chapter|Section|Method|Phase|Stage|Lesson|Module|Tip|Rule|Reason)\s(?:\d{1,2}|[IVX]{1,4})")
_BRIDGES = {"to", "and", "or", "-", "–", "/"}
_TIMED = re.compile(r"^[\[(]\d{1,2}:\d{2}(?::\d{2})?[\])]")
_FAQ = {"q", "a", "question", "answer"}  # nobody's name
_SPEAKER = re.compile(r"(?:[\[(]?[\d:.]{4,12}[\])]?\s*)?([A-Z][\w.'’-]{0,20}(?: [A-Z][\w.'’-]{0,20}){0,2}):\s+\S")


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph's worth of text. gap: a blank line stands before it. head: the level its mark-up gives it, 0 for none.

    cells: the parts that tabs divide it into, () when there are none.
    """

    text: str
    gap: bool
    indent: int
    mark: str = ""
    number: str = ""
    head: int = 0
    cells: tuple[str, ...] = ()

    @property
    def words(self) -> int:
        return len(self.text.split())

    @property
    def plain(self) -> bool:
        return not (self.mark or self.head or self.cells)


def mended(lines: Sequence[Line]) -> list[Line]:
    """lines, with a number, a count or a "to" that stood on a line of its own put back where it belongs."""
    numbers = _numbers_alone(lines)
    made: list[Line] = []
    index = 0
    while index < len(lines):
        line = lines[index]
        following = lines[index + 1] if index + 1 < len(lines) else None
        after = lines[index + 2] if index + 2 < len(lines) else None
        if index in numbers and following:
            made.append(replace(following, mark=f"{numbers[index]}.", number=numbers[index], gap=line.gap, indent=line.indent))
            index += 2
        elif following and line.plain and _COUNTED.fullmatch(line.text) and _is_its_title(following, after):
            made.append(replace(line, text=f"{line.text}: {following.text}"))
            index += 2
        elif following and after and line.plain and _bridges(following, after):
            made.append(replace(line, text=f"{line.text} {following.text} {after.text}"))
            index += 3
        else:
            made.append(line)
            index += 1
    return made


@dataclass(frozen=True, slots=True)
class Speakers:
    """Who speaks in a transcript. names: before a colon at the beginning of three or more lines; asking: whoever interviews."""

    names: frozenset[str]
    asking: frozenset[str]

    @classmethod
    def of(cls, lines: Sequence[Line]) -> Speakers:
        turns: dict[str, list[Line]] = defaultdict(list)
        for line in lines:
            if line.plain and (match := _SPEAKER.match(line.text)) and match[1].casefold() not in _FAQ:
                turns[match[1]].append(line)
        names = {name: said for name, said in turns.items() if len(said) >= TURNS}
        asking = {name for name, said in names.items() if sum(line.text.endswith("?") for line in said) >= ASKING * len(said)}
        return cls(frozenset(names), frozenset(asking))

    def turn(self, line: Line) -> str:
        """Who says the line: a name, "?" for somebody at a time of day, "" when it is nobody's turn."""
        match = _SPEAKER.match(line.text)
        if match and match[1] in self.names:
            return match[1]
        return "?" if _TIMED.match(line.text) else ""

    def is_question(self, line: Line) -> bool:
        """Whether the line is what the interviewer asks, and hence the heading of the answer."""
        return self.turn(line) in self.asking and line.text.endswith("?") and line.words <= QUESTION_WORDS


def untimed(text: str) -> str:
    """text without the time at which it was said: "[00:01:52] HOST: Who buys?" -> "HOST: Who buys?"."""
    return _TIMED.sub("", text).lstrip()


def _numbers_alone(lines: Sequence[Line]) -> dict[int, str]:
    """Where a number that counts steps stands on a line of its own -> the number. A page's or year's number counts nothing."""
    found: dict[int, str] = {}
    series: list[tuple[int, str]] = []
    for index, (line, following) in enumerate(zip(lines, lines[1:], strict=False)):
        match = _ALONE.fullmatch(line.text) if line.plain else None
        if match is None or following.gap or not following.plain or _ALONE.fullmatch(following.text):
            continue
        if int(match[1]) == 1 or (series and int(match[1]) != int(series[-1][1]) + 1):
            series = []
        if series or int(match[1]) == 1:
            series.append((index, match[1]))
            if len(series) >= 2:
                found.update(series)
    return found


def _is_its_title(line: Line, after: Line | None) -> bool:
    return line.plain and not line.gap and line.words <= TITLE_WORDS and line.text[-1] not in ".:;!," and after is not None


def _bridges(line: Line, after: Line) -> bool:
    return line.text.casefold() in _BRIDGES and line.plain and after.plain and not line.gap and not after.gap
