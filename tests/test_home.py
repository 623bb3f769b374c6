"""Which index is meant when nobody says."""

from pathlib import Path

import pytest

from kb import home
from kb.base import KnowledgeBase
from kb.build import build_index
from kb.errors import IndexMissing


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """A working folder that is not the checkout, and a user whose data folder is tmp_path/data."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.delenv("KB_INDEX", raising=False)
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def in_user_data(index: Path) -> bool:
    return index.is_absolute() and index.parts[-2:] == ("career-kb", "index")


def test_away_from_any_index_it_lies_in_the_users_data_folder(elsewhere):
    assert in_user_data(home.default_index())
    (elsewhere / "index").write_text("a file")
    assert in_user_data(home.default_index())


def test_an_index_in_the_working_folder_goes_first(elsewhere, articles, encoder):
    build_index([articles], "index", encoder=encoder)
    assert home.default_index() == Path("index")
    assert KnowledgeBase.open(encoder=encoder).generation == "gen-000001"


@pytest.mark.parametrize(
    ("names", "ours"),
    [((), True), (("README.md",), True), (("LOCK", "vectors-cache.sqlite"), True), (("index.html", "README.md"), False)],
)
def test_another_programs_index_folder_is_left_alone(elsewhere, names, ours):
    (elsewhere / "index").mkdir()
    for name in names:
        (elsewhere / "index" / name).touch()
    assert (home.default_index() == Path("index")) is ours


def test_the_checkout_always_uses_its_own(monkeypatch):
    monkeypatch.delenv("KB_INDEX", raising=False)
    monkeypatch.chdir(home.PACKAGE.parent)
    monkeypatch.setattr(home, "_is_ours", lambda folder: False)
    assert home.default_index() == Path("index")


def test_kb_index_goes_before_all_of_them(elsewhere, articles, encoder, tmp_path, monkeypatch):
    build_index([articles], "index", encoder=encoder)
    monkeypatch.setenv("KB_INDEX", str(tmp_path / "named"))
    assert home.default_index() == tmp_path / "named"
    with pytest.raises(IndexMissing, match="no index in .*named"):
        KnowledgeBase.open(encoder=encoder)


def test_what_to_type_fits_the_way_the_package_was_installed(tmp_path, monkeypatch):
    assert home.ingest_command(Path("index"), "--rebuild") == "python ingest.py --rebuild --index index"
    monkeypatch.setattr(home, "PACKAGE", tmp_path / "site-packages" / "kb")
    assert home.ingest_command(Path("/my data/index")) == "career-kb ingest --index '/my data/index'"
