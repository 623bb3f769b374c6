"""Settings: where they come from, which one wins, and what cannot be meant."""

from __future__ import annotations

import logging

import numpy as np
import pytest

from kb.errors import KBError
from kb.settings import BOUNDS, Settings


def written(tmp_path, text):
    path = tmp_path / "kb.toml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_a_variable_goes_before_the_file_and_the_file_before_the_default(tmp_path):
    file = written(tmp_path, 'top_k = 3\nanswer_threshold = 1\nlog_gaps = false\nmodel = "m"\n')
    loaded = Settings.load(file, env={"KB_TOP_K": "4"})
    assert (loaded.top_k, loaded.answer_threshold, loaded.log_gaps, loaded.model) == (4, 1.0, False, "m")
    assert (loaded.candidates, Settings.load(file, env={}).top_k) == (Settings().candidates, 3)


def test_a_file_saved_by_windows_with_its_mark_is_read(tmp_path):
    assert Settings.load(written(tmp_path, b"\xef\xbb\xbftop_k = 3\n"), env={}).top_k == 3


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('top_k = "5"', "setting top_k wants int, got '5'"),
        ("top_k = true", "setting top_k wants int, got True"),
        ("top_k = 5.7", "setting top_k wants int, got 5.7"),
        ("log_gaps = 1", "setting log_gaps wants bool, got 1"),
        ("model = 5", "setting model wants str, got 5"),
        ("answer_threshold = []", "setting answer_threshold wants float"),
        ("topk = 5", "unknown setting 'topk'. Is top_k meant\\? Known: amend_from, "),
        ("[kb]\ntop_k = 5", "unknown setting 'kb'. Known: amend_from, "),
        ("top_k =", "it is no TOML in UTF-8"),
        (b"\xff\xfe", "it is no TOML in UTF-8"),
    ],
)
def test_what_does_not_fit_in_the_file_is_named(tmp_path, text, message):
    with pytest.raises(KBError, match=message):
        Settings.load(written(tmp_path, text), env={})


def test_a_file_that_cannot_be_read_says_why_in_plain_words(tmp_path):
    with pytest.raises(KBError, match=r"none.toml: No such file or directory$"):
        Settings.load(tmp_path / "none.toml", env={})


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("KB_TOP_K", "abc", r"setting top_k \(KB_TOP_K\) wants int, got 'abc'"),
        ("KB_OFFLINE", "maybe", r"setting offline \(KB_OFFLINE\) wants bool, got 'maybe'"),
        ("KB_TOP_K", "0", "setting top_k has to be at least 1, got 0"),
        ("KB_PORT", "70000", "setting port has to be from 0 to 65535, got 70000"),
        ("KB_ANSWER_THRESHOLD", "nan", "setting answer_threshold has to be from 0 to 1, got nan"),
        ("KB_ANSWER_THRESHOLD", "7", "setting answer_threshold has to be from 0 to 1, got 7.0"),
        ("KB_WEIGHT_UNIT", "-inf", "setting weight_unit has to be a number, got -inf"),
        ("KB_FUSION", "magic", "setting fusion has to be one of: calibrated, rank, got 'magic'"),
    ],
)
def test_a_variable_that_does_not_fit_is_named(name, text, message):
    with pytest.raises(KBError, match=message):
        Settings.load(env={name: text})


@pytest.mark.parametrize("name", sorted(BOUNDS))
def test_in_a_program_too_what_cannot_be_meant_is_refused(name):
    for wrong in ("5", None, True):
        with pytest.raises(KBError, match=f"setting {name} wants a number"):
            Settings(**{name: wrong})
    with pytest.raises(KBError, match=f"setting {name} has to be"):
        Settings(**{name: float("nan")})


def test_a_variable_that_is_nearly_a_setting_is_told_and_others_are_not(caplog):
    with caplog.at_level(logging.WARNING):
        Settings.load(env={"KB_TOPK": "5", "KB_INDEX": "i", "KB_API_KEY": "k", "KB_LAYOUT": "qwertz", "HOME": "/"})
    assert [record.getMessage() for record in caplog.records] == ["KB_TOPK is no setting; KB_TOP_K is"]


def test_numbers_of_numpy_are_numbers():
    assert Settings(top_k=np.int64(3), answer_threshold=np.float32(0.5)).top_k == 3
