"""A tiny world to reason about: an encoder one can compute by hand, and three articles one can hold in the head."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from world import BAKER, NURSE, WELDER, BagOfWords

from kb.base import KnowledgeBase
from kb.build import build_index

os.environ.setdefault("HF_HUB_OFFLINE", "1")

@pytest.fixture
def encoder() -> BagOfWords:
    return BagOfWords()


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    """A folder of three articles."""
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "nurse.md").write_text(NURSE, encoding="utf-8")
    (folder / "baker.md").write_text(BAKER, encoding="utf-8")
    (folder / "welder.txt").write_text(WELDER, encoding="utf-8")
    return folder


@pytest.fixture
def base(articles: Path, tmp_path: Path, encoder: BagOfWords) -> KnowledgeBase:
    """The three articles, indexed and opened."""
    build_index([articles], tmp_path / "index", encoder=encoder)
    base = KnowledgeBase.open(tmp_path / "index", encoder=encoder)
    base._generation.everyday = None  # its words fill every direction of so small a world
    return base
