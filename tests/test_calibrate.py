"""The threshold of an honest no is fitted to a base."""

import json

import pytest

from kb.base import KnowledgeBase
from kb.calibrate import Calibration, calibrate, of_itself
from kb.cli import main
from kb.errors import KBError
from kb.question_set import Asked

KNOWN = ["What does a nurse do?", "Who bakes bread?", "Who joins metal?", "What does a baker earn?"]
UNKNOWN = ["What does a radiographer earn in Canada?", "Who painted the Mona Lisa?", "hello"]


@pytest.fixture
def questions() -> list[Asked]:
    known = [Asked(f"k{n}", text, "fact", True) for n, text in enumerate(KNOWN)]
    return known + [Asked(f"u{n}", text, "outside", False) for n, text in enumerate(UNKNOWN)]


def test_the_threshold_declines_no_more_than_the_given_share(base: KnowledgeBase, questions: list[Asked]) -> None:
    for lose in (0.0, 0.25, 0.5):
        fitted = calibrate(base, questions, lose=lose)
        declined = [value for value in fitted.known if value < fitted.threshold]
        assert len(declined) <= lose * len(KNOWN)
        assert (len(fitted.known), len(fitted.unknown), fitted.labelled) == (len(KNOWN), len(UNKNOWN), True)
    strict, loose = calibrate(base, questions, lose=0.0), calibrate(base, questions, lose=0.5)
    assert strict.threshold <= loose.threshold


def test_without_labels_its_titles_are_asked_and_the_report_says_what_that_is_worth(base: KnowledgeBase) -> None:
    assert {one.text for one in of_itself(base) if one.answerable} == {article.title for article in base.articles()}
    assert sum(not one.answerable for one in of_itself(base)) > 30
    report = "\n".join(calibrate(base).lines())
    assert "Titles are easier" in report and "To use it" not in report and "take this for a hint" in report


def test_the_report_shows_the_threshold_in_use_and_the_fitted_one() -> None:
    lines = Calibration((0.9, 0.8, 0.7), (0.1, 0.75), 0.0, 0.7, 0.65, True).lines()
    assert any(line.split()[:3] == ["0.700", "50%", "0%"] and "fitted" in line for line in lines)
    assert any(line.startswith("    0.650") and "in use" in line for line in lines)
    assert lines[-1].startswith("To use it: answer_threshold = 0.7 ")


@pytest.mark.parametrize(
    ("asked", "lose", "named"), [(True, 0.05, "should be declined"), (False, 0.05, "answered"), (None, 1.5, "1.5")]
)
def test_what_cannot_be_calibrated_is_named(base: KnowledgeBase, questions: list[Asked], asked, lose, named) -> None:
    with pytest.raises(KBError, match=named):
        calibrate(base, [one for one in questions if asked is None or one.answerable is asked], lose=lose)


def test_the_command_takes_a_file_of_questions(base: KnowledgeBase, questions, tmp_path, encoder, monkeypatch, capsys) -> None:
    path = tmp_path / "questions.jsonl"
    gold = [{"source": "nurse.md", "quote": "ward"}]
    lines = [
        {"id": one.id, "question": one.text, "kind": one.kind, "answerable": one.answerable, "gold": gold * one.answerable}
        for one in questions
    ]
    path.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    monkeypatch.setattr("kb.measure_cli.open_base", lambda options: base)
    assert main(["calibrate", str(path), "--lose", "0.25"]) == 0
    assert "4 questions that should be answered, 3 that should be declined" in capsys.readouterr().out
