"""Where the index lies when no folder is given, and the command that makes one there.

    --index DIR  >  KB_INDEX  >  ./index where it stands  >  the user's data folder (~/.local/share/career-kb/index on Linux)
"""

from __future__ import annotations

import os
import shlex
from pathlib import Path

from kb.settings import PACKAGE

_OURS = {"README.md", "CURRENT", "LOCK", "vectors-cache.sqlite"}  # what may lie in a folder that is, or was, an index


def default_index() -> Path:
    """The index folder that commands use without --index, and KnowledgeBase.open() without a folder; it need not exist.

    ./index counts when it is an index or holds nothing but an index's leavings, so that a web project's own index/ is left
    alone. In the checkout it always counts: deleted there, it comes back there.
    """
    if named := os.environ.get("KB_INDEX", "").strip():
        return Path(named).expanduser()
    here = Path("index")
    if _is_checkout(Path.cwd()) or _is_ours(here):
        return here
    from platformdirs import user_data_path

    return user_data_path("career-kb", appauthor=False) / "index"


def _is_checkout(folder: Path) -> bool:
    return folder == PACKAGE.parent and (folder / "ingest.py").is_file()


def _is_ours(folder: Path) -> bool:
    if not folder.is_dir():
        return False
    return (folder / "CURRENT").is_file() or {path.name for path in folder.iterdir()} <= _OURS


def ingest_command(folder: Path, *options: str) -> str:
    """What to type to build the index in folder: `python ingest.py --index index` in a checkout, else with `career-kb ingest`."""
    command = ["python", "ingest.py"] if (PACKAGE.parent / "ingest.py").is_file() else ["career-kb", "ingest"]
    return shlex.join([*command, *options, "--index", str(folder)])
