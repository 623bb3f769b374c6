"""Which generation of an index folder is in use: its name, without opening it."""

from __future__ import annotations

import re
from pathlib import Path

from kb.errors import IndexDamaged, IndexMissing, StoreError
from kb.home import ingest_command

GENERATION_NAME = re.compile(r"gen-[0-9]{6,12}")


def current_name(folder: Path) -> str:
    """The generation in use. Raises IndexMissing when there is none, IndexDamaged when CURRENT does not name one."""
    try:
        name = (folder / "CURRENT").read_text(encoding="ascii").strip()
    except NotADirectoryError:
        raise IndexMissing(f"{folder} is a file, not the folder of an index") from None
    except FileNotFoundError:
        if generations(folder):
            raise IndexDamaged(f"{folder}/CURRENT is missing") from None
        raise IndexMissing(f"no index in {folder}/. Build one with: {ingest_command(folder)}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise IndexDamaged(f"{folder}/CURRENT cannot be read: {error}") from error
    if not GENERATION_NAME.fullmatch(name):
        raise IndexDamaged(f"{folder}/CURRENT holds {name[:40]!r}, which names no generation")
    return name


def state_of(folder: Path) -> tuple[int, ...]:
    """What changes whenever another generation is put in use, also when the folder was deleted and made anew; () for none."""
    try:
        seen = (folder / "CURRENT").stat()
    except OSError:
        return ()
    return seen.st_mtime_ns, seen.st_ino, seen.st_size


def is_in_use(folder: Path, name: str) -> bool:
    """Whether CURRENT names this generation: not so when it stands in for a damaged one."""
    try:
        return current_name(folder) == name
    except StoreError:
        return False


def generations(folder: Path) -> list[str]:
    """Names of the published generations, oldest first."""
    names = (path.name for path in folder.glob("gen-*") if GENERATION_NAME.fullmatch(path.name) and path.is_dir())
    return sorted(names, key=number_of)


def number_of(name: str) -> int:
    return int(name.removeprefix("gen-").partition(".")[0])
