"""The set of bad input in tests/nasty, read case by case: every one comes out as expected, in bounded time and memory."""

from __future__ import annotations

import resource
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from nasty import write_all
from nasty.case import Case
from test_reading import check_invariants

from kb.errors import ArticleError, NotAnArticle
from kb.readers.bounded import CHILD, CPU_SECONDS
from kb.reading import find_articles, read_article


@dataclass(frozen=True)
class Result:
    outcome: str
    said: str
    seconds: float


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Case, Result]]:
    folder = tmp_path_factory.mktemp("nasty") / "articles"
    expected = write_all(folder)
    found = {source: read(path, source) for source, path in find_articles(folder)}
    CHILD.close()  # so that its memory is counted
    assert set(found) == set(expected), "every file is either read or reported"
    return {source: (case, found[source]) for source, case in expected.items()}


def read(path: Path, source: str) -> Result:
    started = time.process_time()
    try:
        article = read_article(path, source)
        outcome, said = "indexed", article.text
        check_invariants(article)
    except NotAnArticle as error:
        outcome, said = "skipped", str(error)
    except ArticleError as error:
        outcome, said = "error", str(error)
    return Result(outcome, said, time.process_time() - started)


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


@pytest.mark.skipif(sys.platform != "linux", reason="memory is counted in other units elsewhere")
def test_all_cases_together_stay_under_two_gibibytes(results: dict[str, tuple[Case, Result]]) -> None:
    for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN):
        assert resource.getrusage(who).ru_maxrss * 1024 < 2 << 30
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime < 20 * CPU_SECONDS
