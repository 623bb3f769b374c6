"""The blocks of docs/embed.md that need a framework, run as they stand."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

from kb import KnowledgeBase

if __name__ == "__main__":
    shutil.copytree(Path(os.environ["SHARED"], "index"), "index")
    blocks = re.findall(r"```python\n(.*?)```", Path(os.environ["DOCS"], "embed.md").read_text(encoding="utf-8"), re.DOTALL)
    framed = [block for block in blocks if "kb.integrations." in block]
    assert len(framed) == 3
    for block in framed:
        exec(block, {"base": KnowledgeBase.open("index")})
