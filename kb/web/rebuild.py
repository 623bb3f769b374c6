"""The other end of `builder`: reads what to build from stdin, builds, and says how it goes, one JSON object a line."""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from typing import Any

from kb.errors import KBError
from kb.settings import Settings

NICENESS = 10  # whoever asks comes first
MOST_NAMED = 20  # new articles


def main() -> int:
    with suppress(OSError, AttributeError):
        os.nice(NICENESS)
    asked = json.loads(sys.stdin.read())
    try:
        report = _build(asked)
    except KBError as error:
        tell(error=str(error))
        return 0
    tell(report=report)
    return 0


def _build(asked: dict[str, Any]) -> dict[str, Any]:
    from kb.build import build_index, remove_articles

    settings = Settings(**asked["settings"])
    if names := asked.get("remove"):
        done = remove_articles(names, asked["folder"], settings=settings)
    else:
        allowed = asked.get("allow_url", False)
        done = build_index(asked["sources"], asked["folder"], settings=settings, progress=_progress, allow_url=allowed)
    plan = done.plan
    return {
        "plan": {"new": len(plan.new), "changed": len(plan.changed), "renamed": len(plan.renamed), "gone": len(plan.gone)},
        "added": list(plan.new[:MOST_NAMED]),
        "errors": [[each.source, each.reason] for each in done.errors],
        "articles": done.articles,
        "passages": done.passages,
        "embedded": done.embedded,
        "seconds": round(done.seconds, 2),
        "generation": done.generation,
    }


def _progress(stage: str, done: int, total: int) -> None:
    tell(stage=stage, done=done, total=total)


def tell(**said: object) -> None:
    print(json.dumps(said), flush=True)


if __name__ == "__main__":
    sys.exit(main())
