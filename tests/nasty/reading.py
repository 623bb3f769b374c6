"""Reads a folder of bad input in a process of its own, so that its memory and time are not those of the tests around it.

`python -m nasty.reading FOLDER` prints {"read": {source: result}, "own_bytes", "child_bytes", "child_seconds"}.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path

from test_reading import check_invariants

from kb.errors import ArticleError, NotAnArticle
from kb.readers.bounded import CHILD, peak_bytes
from kb.reading import find_articles, read_article


def read(path: Path, source: str) -> dict[str, object]:
    started = time.process_time()
    try:
        article = read_article(path, source)
        outcome, said = "indexed", article.text
        check_invariants(article)
    except NotAnArticle as error:
        outcome, said = "skipped", str(error)
    except ArticleError as error:
        outcome, said = "error", str(error)
    return {"outcome": outcome, "said": said, "seconds": time.process_time() - started}


def main() -> None:
    found = {source: read(path, source) for source, path in find_articles(Path(sys.argv[1]))}
    CHILD.close()  # so that its memory is counted
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    unit = 1 if sys.platform == "darwin" else 1024
    print(
        json.dumps(
            {
                "read": found,
                "own_bytes": peak_bytes(),
                "child_bytes": children.ru_maxrss * unit,
                "child_seconds": children.ru_utime + children.ru_stime,
            }
        )
    )


if __name__ == "__main__":
    main()
