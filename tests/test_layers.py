"""Imports go down only, and nothing heavy loads at `import kb`."""

import ast
import subprocess
import sys
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent / "kb"

FLOORS = [
    {"errors", "settings", "contract", "spelling"},
    {"records", "home", "language", "current", "ragged"},
    {"weights", "runtime", "bert", "engine", "reference", "conversion", "int8", "cross_encoder", "static_vectors"},
    {"encoder", "dense", "units", "nearest_words", "neighbours", "chart", "everyday", "fusion", "lexical"}
    | {"passages", "reading", "readers"},
    {"vocabulary", "question", "figures", "disagree", "places", "filtering"},
    {"catalogue", "catalogue_file", "catalogue_rows", "vector_cache", "asked"},
    {"store", "publish"},
    {"retrieval", "dialogue"},
    {"choice", "subquestions", "searching"},
    {"confidence", "facts", "prose", "wording", "evidence", "contradiction", "claims", "prompt", "quotes", "stretch"},
    {"side_thread", "chat_reply", "chat_server", "draft", "selection"},
    {"compared", "voices"},
    {"answer", "chat_model", "receipt", "gaps", "remarks", "followups"},
    {"duplicates", "mirror", "plan", "embed", "lazy_encoder", "amend", "asking"},
    {"build", "base", "metrics", "question_set"},
    {"evaluate", "beir", "audit", "calibrate", "progress", "watch", "console"},
    {"integrations", "web"},
    {"ingest_cli", "measure_cli"},
    {"cli"},
    {"__main__"},
]


def floor_of(module: str) -> int:
    found = [number for number, names in enumerate(FLOORS) if module in names]
    assert found, f"kb.{module} has no floor yet: add it to FLOORS in {Path(__file__).name}"
    return found[0]


def imports(path: Path) -> set[str]:
    """Modules of kb that a file imports, at the top or inside functions."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("kb."):
            found.add((node.module or "").split(".")[1])
        elif isinstance(node, ast.Import):
            found |= {alias.name.split(".")[1] for alias in node.names if alias.name.startswith("kb.")}
        assert not (isinstance(node, ast.ImportFrom) and node.level), f"{path}: relative import; write from kb.x import y"
    return found


def test_imports_never_go_up():
    upward = []
    for path in sorted(PACKAGE.rglob("*.py")):
        module = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
        if module == "__init__":
            continue  # fetches public names when they are first used
        own = floor_of(module)
        upward += [f"{module} -> {name}" for name in imports(path) if name != module and floor_of(name) > own]
    assert upward == []


def test_only_the_page_imports_gradio():
    importers = {
        path.relative_to(PACKAGE).parts[0]
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (isinstance(node, ast.Import) and any(alias.name.split(".")[0] == "gradio" for alias in node.names))
        or (isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "gradio")
    }
    assert importers <= {"web"}


def test_import_kb_loads_nothing_heavy():
    heavy = ("torch", "transformers", "gradio", "faiss", "openvino", "numpy")
    code = f"import sys, kb, kb.cli; print([m for m in {heavy} if m in sys.modules])"
    seen = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=PACKAGE.parent)
    assert seen.stdout.strip() == "[]"
