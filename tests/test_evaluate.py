"""kb.evaluate: figures over a set, by kind, as text and as a file, and one run against another."""

import json
import math

import ir_measures
import pytest
from ir_measures import RR, R, nDCG
from test_beir import write_set

from kb.errors import KBError
from kb.evaluate import Report, compare, evaluate, evaluate_questions, load_run
from kb.question_set import Asked, Gold
from kb.records import Turn
from kb.settings import Settings

QUESTIONS = [
    Asked("1", "Who joins metal?", "fact", True, (Gold("welder.txt", "A welder joins metal."),), (("joins metal",),)),
    Asked("2", "What does a baker earn in Bavaria?", "figure", True, (Gold("baker.md", "28,000 EUR a year"),), (("28,000",),)),
    Asked("3", "What does a baker earn in Bavaria?", "figure", True, (Gold("gone.md", "not in it"),), (("nowhere said",),)),
    Asked("4", "zymurgy quotas in Quito?", "outside", False),
    Asked("5", "", "outside", False),
    Asked("6", "And who bakes bread?", "followup", True, (Gold("baker.md", "A baker makes bread before dawn."),), (),
          (Turn("user", "Who joins metal?"), Turn("assistant", "A welder joins metal. [1]"))),
]  # fmt: skip


@pytest.fixture
def report(base) -> Report:
    return evaluate_questions(base, QUESTIONS, name="small")


def test_every_question_is_judged_on_its_own(report):
    judged = {one.asked.id: one for one in report.judged}
    assert (judged["1"].found_rank, judged["1"].says_it) == (1, True)
    assert judged["2"].found_rank is not None and judged["3"].found_rank is None and not judged["3"].says_it
    assert judged["4"].answer.abstained and judged["4"].answer.confidence < judged["1"].answer.confidence
    assert judged["5"].answer.abstained and "question is empty" in judged["5"].answer.text


def test_figures_are_the_means_of_the_values_they_stand_for(report):
    for name in ("hit@1", "hit@5", "MRR@10", "content", "bearing", "wrongly refused", "rightly refused"):
        assert report[name] == pytest.approx(sum(report.values[name].values()) / len(report.values[name]))
    assert set(report.values["content"]) == {"1", "2", "3"}  # 6 expects no content
    assert set(report.values["rightly refused"]) == {"4", "5"} and report["rightly refused"] == 1.0
    assert report["AUROC"] == 1.0 and report["refused at 5 %"] == 1.0


def test_the_table_has_a_row_for_each_kind_and_one_for_all(report):
    header, *rows = report.table
    assert header == ("kind", "n", "hit@1", "hit@5", "MRR@10", "content", "words", "bearing", "refused")
    assert [row[:2] for row in rows] == [("figure", "2"), ("outside", "2"), ("fact", "1"), ("followup", "1"), ("all", "6")]
    assert rows[2] == ("fact", "1", "100", "100", "100", "100", rows[2][6], rows[2][7], "0")
    assert rows[1] == ("outside", "2", "-", "-", "-", "-", "-", "-", "100")


def test_the_report_can_be_read_in_a_terminal(report):
    lines = report.lines()
    assert lines[0] == "small"
    assert any(line.split()[:2] == ["hit@1", f"{report['hit@1']:.3f}"] and "n=4" in line for line in lines)
    assert any(line.split() == list(report.table[-1]) for line in lines)


def test_a_report_without_unanswerable_questions_has_no_refusal_figures(base):
    report = evaluate_questions(base, QUESTIONS[:2])
    with pytest.raises(KeyError, match="AUROC"):
        report["AUROC"]


def test_a_saved_report_compares_as_the_report_itself(report, tmp_path):
    report.save(tmp_path / "run.json")
    back = load_run(tmp_path / "run.json", tmp_path)
    assert back.values == report.values
    written = json.loads((tmp_path / "run.json").read_text())
    assert [one["id"] for one in written["questions"]] == ["1", "2", "3", "4", "5", "6"]
    assert written["questions"][0]["passages"][0]["source"] == "welder.txt"
    hit = f"{report['hit@1']:.3f}"
    assert compare(back, report)[1].split() == ["hit@1", hit, "->", hit, "+0.000", "p=1.0000", "n=4"]


def test_two_runs_are_compared_on_the_questions_they_share():
    one = Report("one", (), {"hit@1": {str(i): 0.0 for i in range(12)}})
    other = Report("other", (), {"hit@1": {str(i): 1.0 for i in range(2, 14)}})
    (title, line) = compare(one, other)
    assert title == "one -> other"
    assert line.split() == ["hit@1", "0.000", "->", "1.000", "+1.000", "p=0.0020", "n=10", "*"]  # 2 of 2^10 signings
    with pytest.raises(KBError, match="share no question"):
        compare(one, Report("third", (), {"hit@1": {"x": 1.0}}))


@pytest.fixture
def retrieval_set(tmp_path):
    texts = {"a": "who makes bread", "b": "who joins metal", "c": "sail the sea"}
    queries = [{"_id": id, "text": text} for id, text in texts.items()]
    queries.append({"_id": "d", "text": "zymurgy in Quito", "answerable": False})
    qrels = [("a", "doc/1", 2), ("a", "3", 1), ("b", "doc 2", 1), ("c", "doc/1", 1)]
    return write_set(tmp_path / "set", queries, qrels)


def test_a_beir_set_is_measured_as_ir_measures_measures_its_run(retrieval_set, encoder, tmp_path):
    report = evaluate(Settings(), retrieval_set, encoder=encoder)
    report.save(tmp_path / "run.json")
    run = json.loads((tmp_path / "run.json").read_text())
    qrels = {"a": {"doc/1": 2, "3": 1}, "b": {"doc 2": 1}, "c": {"doc/1": 1}}
    oracle = ir_measures.calc_aggregate([nDCG @ 10, R @ 100, RR @ 10], qrels, run)
    assert report["nDCG@10"] == pytest.approx(oracle[nDCG @ 10])
    assert report["recall@100"] == pytest.approx(oracle[R @ 100])
    assert report["MRR@10"] == pytest.approx(oracle[RR @ 10])
    assert report["AUROC"] == 1.0  # the query about Quito is known to be unanswerable
    assert load_run(tmp_path / "run.json", retrieval_set).values == report.values


def test_a_folder_that_brings_its_articles_is_measured_on_them(articles, encoder, tmp_path):
    folder = tmp_path / "own"
    folder.mkdir()
    articles.rename(folder / "articles")
    gold = [{"source": "welder.txt", "quote": "joins metal"}]
    line = {"id": "1", "question": "Who joins metal?", "gold": gold, "must": [["metal"]]}
    (folder / "questions.jsonl").write_text(json.dumps(line))
    report = evaluate(Settings(), folder, encoder=encoder)
    assert (report["hit@1"], report["content"]) == (1.0, 1.0)
    (folder / "articles").rename(tmp_path / "elsewhere")
    with pytest.raises(KBError, match="brings no articles of its own: give a base"):
        evaluate(Settings(), folder, encoder=encoder)


def test_a_figure_over_nothing_is_no_number(base):
    report = evaluate_questions(base, [QUESTIONS[3]])
    assert "hit@1" not in {figure.name for figure in report.figures}
    assert report["rightly refused"] == 1.0 and not math.isnan(report["seconds p50"])


def test_what_is_no_run_is_refused(tmp_path):
    (tmp_path / "run.json").write_text("[]")
    with pytest.raises(KBError, match="is no run: it holds a list"):
        load_run(tmp_path / "run.json", tmp_path)
    (tmp_path / "run.json").write_text('{"a": {"doc/1": 1.0}}')
    with pytest.raises(KBError, match="is no run over .*: make one with: evaluate"):
        load_run(tmp_path / "run.json", tmp_path)


def test_a_run_of_another_set_is_refused_not_counted_as_nought(retrieval_set, tmp_path):
    for content, told in (('{"x": {"doc/1": 1.0}}', "holds none of the 3 queries of"), ('{"a": 1}', "is no run over")):
        (tmp_path / "run.json").write_text(content)
        with pytest.raises(KBError, match=told):
            load_run(tmp_path / "run.json", retrieval_set)
