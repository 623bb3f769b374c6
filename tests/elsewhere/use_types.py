"""mypy, looking at a program that uses the installed package: it knows the types (py.typed) and finds the caller's mistake."""

import subprocess
import sys
from pathlib import Path

PROGRAM = """
from kb import Filters, KnowledgeBase
base = KnowledgeBase.open("served")
for hit in base.search("q", filters=Filters(topics=("pay",))):
    reveal_type(hit.to_dict()["heading"])
base.search(7)
"""

if __name__ == "__main__":
    Path("program.py").write_text(PROGRAM)
    command = [sys.executable, "-m", "mypy", "--follow-imports=silent", "--no-error-summary", "program.py"]
    told = subprocess.run(command, capture_output=True, text=True).stdout.replace("builtins.", "").splitlines()
    assert told == [
        'program.py:5: note: Revealed type is "list[str]"',
        'program.py:6: error: Argument 1 to "search" of "KnowledgeBase" has incompatible type "int"; expected "str"  [arg-type]',
    ], told
