"""Bad input: files that people really have, that broke once, or that somebody makes to do harm, each with its expected outcome.

    expected = write_all(folder)          # {source: Case}

`write_all` makes them; nothing binary is kept in the repository. A case says what becomes of the file when the folder is read:
"indexed" (and words its text must hold), "skipped" or "error" (and words its reason must hold).
"""

from __future__ import annotations

from pathlib import Path

from nasty.case import Case
from nasty.documents import document_cases
from nasty.places import place_cases
from nasty.texts import text_cases


def write_all(folder: Path) -> dict[str, Case]:
    """Writes every case this system and user can have into folder; what must never be read lies beside it. {source: case}."""
    folder.mkdir(parents=True, exist_ok=True)
    cases = [*text_cases(), *document_cases(), *place_cases()]
    expected: dict[str, Case] = {}
    for case in cases:
        assert case.source not in expected, f"two cases are called {case.source}"
        if case.make(folder):
            expected[case.source] = case
    return expected
