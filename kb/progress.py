"""Progress of long work, on stderr: a bar on a terminal, else a plain line for each stage."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from kb.console import printable

if TYPE_CHECKING:
    from kb.records import Answer


@contextmanager
def shown_progress() -> Iterator[Callable[[str, int, int], None]]:
    """A progress callback (stage, done, total) that draws on stderr for as long as the context lasts."""
    if not sys.stderr.isatty():
        yield _plain()
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description:>10}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    from rich.console import Console

    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        tasks: dict[str, object] = {}

        def tell(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=total)
            bars.update(tasks[stage], completed=done, total=total)  # type: ignore[arg-type]

        yield tell


def _plain() -> Callable[[str, int, int], None]:
    started: set[str] = set()

    def tell(stage: str, done: int, total: int) -> None:
        if total and stage not in started:
            started.add(stage)
            print(f"{stage} {total} ...", file=sys.stderr)

    return tell


def awaited(answers: Iterable[Answer]) -> Answer:
    """The last of growing answers; meanwhile a terminal shows in one line what the language model does."""
    *_, last = (_told(answer) for answer in answers)
    if sys.stderr.isatty():
        print(_CLEAR, end="", file=sys.stderr, flush=True)
    return last


_CLEAR = "\r\033[K"  # back to the line's beginning, and empty it


def _told(answer: Answer) -> Answer:
    if sys.stderr.isatty() and answer.notes:
        print(f"{_CLEAR}{printable(answer.notes[-1])[:79]}", end="", file=sys.stderr, flush=True)
    return answer
