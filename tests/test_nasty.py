"""The set of bad input in tests/nasty, read case by case: every one comes out as expected, in bounded time and memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass

import pytest
from nasty import write_all
from nasty.case import Case
from world import ROOT

from kb.readers.bounded import CPU_SECONDS


@dataclass(frozen=True)
class Result:
    outcome: str
    said: str
    seconds: float


@dataclass(frozen=True)
class Reading:
    """own and child: bytes of memory held at most by the process that reads and by those it reads bounded files in."""

    results: dict[str, tuple[Case, Result]]
    own: int
    child: int
    child_seconds: float


@pytest.fixture(scope="module")
def reading(tmp_path_factory: pytest.TempPathFactory) -> Reading:
    folder = tmp_path_factory.mktemp("nasty") / "articles"
    expected = write_all(folder)
    path = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    done = subprocess.run(
        [sys.executable, "-m", "nasty.reading", str(folder)], capture_output=True, env={**os.environ, "PYTHONPATH": path}
    )
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    seen = json.loads(done.stdout)
    assert set(seen["read"]) == set(expected), "every file is either read or reported"
    results = {source: (case, Result(**seen["read"][source])) for source, case in expected.items()}
    return Reading(results, seen["own_bytes"], seen["child_bytes"], seen["child_seconds"])


@pytest.fixture(scope="module")
def results(reading: Reading) -> dict[str, tuple[Case, Result]]:
    return reading.results


def test_there_are_two_hundred_cases_and_more(results: dict[str, tuple[Case, Result]]) -> None:
    assert len(results) >= 200


def test_every_case_comes_out_as_expected(results: dict[str, tuple[Case, Result]]) -> None:
    wrong = {
        source: (case.outcome, case.holds, result.outcome, result.said[:200])
        for source, (case, result) in results.items()
        if result.outcome != case.outcome or case.holds not in result.said
    }
    assert not wrong, "\n".join(f"{source}: {what}" for source, what in wrong.items())


def test_nothing_outside_the_folder_and_nothing_hidden_in_a_page_is_read(results: dict[str, tuple[Case, Result]]) -> None:
    for source, (_, result) in results.items():
        assert "secret sentence" not in result.said, source
        assert "root:" not in result.said, source
        assert "hidden words" not in result.said and "hidden too" not in result.said, source


def test_a_reason_is_one_short_line_without_the_files_name(results: dict[str, tuple[Case, Result]]) -> None:
    for source, (case, result) in results.items():
        if case.outcome != "indexed":
            assert "\n" not in result.said and 8 <= len(result.said) <= 300, source
            assert "Traceback" not in result.said and "nasty" not in result.said, source


def test_no_case_takes_long(results: dict[str, tuple[Case, Result]]) -> None:
    slow = {source: result.seconds for source, (_, result) in results.items() if result.seconds > 10}
    assert not slow


@pytest.mark.skipif(sys.platform != "linux", reason="memory is counted in other ways elsewhere")
def test_all_cases_together_stay_under_two_gibibytes(reading: Reading) -> None:
    assert 0 < reading.own < 2 << 30 and 0 < reading.child < 2 << 30
    assert reading.child_seconds < 20 * CPU_SECONDS
