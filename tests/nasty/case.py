from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Outcome = Literal["indexed", "skipped", "error"]


@dataclass(frozen=True, slots=True)
class Case:
    """source: as reported. make: writes it into the folder, False where this system cannot have it.

    holds: words in the article's text when it is indexed, else in the reason.
    """

    source: str
    outcome: Outcome
    holds: str
    make: Callable[[Path], bool]


def file(source: str, data: bytes | str, outcome: Outcome, holds: str) -> Case:
    """A case that is a file with this content."""

    def make(folder: Path) -> bool:
        path = folder / source
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data if isinstance(data, bytes) else data.encode("utf-8"))
        return True

    return Case(source, outcome, holds, make)
