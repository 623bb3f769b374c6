"""Measure a base: retrieval, answers and refusals on a set of questions, and one run against another.

    report = evaluate(base, Path("tests/quality/questions.jsonl"))     # our own format: kb/question_set.py
    report = evaluate(Settings(), Path("sets/scifact"))                # BEIR's layout: a throw-away index is built
    print("\\n".join(report.lines()))
    print("\\n".join(compare(earlier, report)))                         # with a paired significance test

Every share comes with a 95 % bootstrap interval over the questions; the formulas and their sources are in kb/metrics.py.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from kb import metrics
from kb.base import KnowledgeBase
from kb.beir import RetrievalSet, Run, base_of, is_retrieval_set, load_retrieval_set, rank_documents, throw_away_base
from kb.encoder import Encoder
from kb.errors import KBError, QuestionError
from kb.question_set import DEPTH, Asked, Judged, gold_places, judge, load_questions
from kb.records import Answer
from kb.settings import Settings

Progress = Callable[[str, int, int], None]  # stage, done, total
Values = dict[str, dict[str, float]]  # figure -> question -> value


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number. low, high: 95 % bootstrap interval, nan where none is given. n: questions it is over."""

    name: str
    value: float
    low: float = math.nan
    high: float = math.nan
    n: int = 0


@dataclass(frozen=True, slots=True)
class Report:
    """What was measured.

    figures: means over all questions; values: what each question contributes to them, for `compare`. Of a set in our own format
    also table (a header row, then one row a kind) and judged (every question with its answer); of a BEIR set run, the ranking.
    """

    name: str
    figures: tuple[Figure, ...]
    values: Values
    table: tuple[tuple[str, ...], ...] = ()
    judged: tuple[Judged, ...] = field(default=(), repr=False)
    run: Run = field(default_factory=dict, repr=False)

    def __getitem__(self, name: str) -> float:
        """The value of a figure by its name; KeyError when it was not measured."""
        for figure in self.figures:
            if figure.name == name:
                return figure.value
        raise KeyError(name)

    def lines(self) -> list[str]:
        """The report as text for a terminal."""
        wide = max(len(figure.name) for figure in self.figures)
        lines = [self.name]
        for figure in self.figures:
            interval = "" if math.isnan(figure.low) else f"  [{_number(figure.low)}, {_number(figure.high)}]"
            lines.append(f"  {figure.name:{wide}}  {_number(figure.value)}{interval}" + (f"  n={figure.n}" if figure.n else ""))
        if self.table:
            widths = [max(len(row[column]) for row in self.table) for column in range(len(self.table[0]))]
            lines.append("")
            for row in self.table:
                cells = (cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))
                lines.append("  ".join(["  " + row[0].ljust(widths[0]), *cells]))
        return lines

    def save(self, path: Path) -> None:
        """What `--run` writes: for a BEIR set the run itself ({query: {document: score}}), else figures, values and answers."""
        if self.run:
            content: object = self.run
        else:
            figures = {figure.name: None if math.isnan(figure.value) else figure.value for figure in self.figures}
            questions = [_as_json(one) for one in self.judged]
            content = {"name": self.name, "figures": figures, "values": self.values, "questions": questions}
        try:
            path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        except OSError as error:
            raise KBError(f"cannot write the run to {path}: {error.strerror}") from error


def evaluate(
    base: KnowledgeBase | Settings,
    set_path: Path,
    *,
    encoder: Encoder | None = None,
    split: str = "",
    progress: Progress | None = None,
) -> Report:
    """Measure on a set: BEIR's layout, a question file, or a folder with questions.jsonl.

    base: what to ask; for a BEIR set, and for a folder that brings its own articles/, a throw-away base is built with these
    settings (or the base's own) instead. split: only questions of that split. Raises KBError when the set cannot be read.
    """
    settings = base if isinstance(base, Settings) else base.settings
    if encoder is None and isinstance(base, KnowledgeBase):
        encoder = base.encoder
    if is_retrieval_set(set_path):
        return evaluate_retrieval(load_retrieval_set(set_path), settings, encoder=encoder, name=str(set_path), progress=progress)
    questions = load_questions(set_path, split)
    if (set_path / "articles").is_dir():
        with throw_away_base(set_path / "articles", settings, encoder, progress) as own:
            return evaluate_questions(own, questions, name=str(set_path), progress=progress)
    if isinstance(base, Settings):
        raise KBError(f"{set_path} brings no articles of its own: give a base to ask, for example --index index")
    return evaluate_questions(base, questions, name=str(set_path), progress=progress)


# ---------------------------------------------------------------------------------------------- a BEIR set

CUTS: tuple[tuple[str, Callable[[Sequence[str], Mapping[str, int], int], float], int], ...] = (
    ("nDCG@10", metrics.ndcg, 10),
    ("recall@100", metrics.recall, 100),
    ("MRR@10", metrics.reciprocal_rank, 10),
)


def evaluate_retrieval(
    given: RetrievalSet, settings: Settings, *, encoder: Encoder | None = None, name: str = "", progress: Progress | None = None
) -> Report:
    """nDCG@10, recall@100 and MRR@10 over the judged queries; with queries marked unanswerable also the refusals."""
    with base_of(given, settings, encoder, progress) as (base, document_of):
        judged = {query: text for query, text in given.queries.items() if query in given.relevance}
        run = rank_documents(base, document_of, judged)
        values = retrieval_values(run, given.relevance, judged)
        figures = [_share(cut, values[cut].values()) for cut, _, _ in CUTS]
        if given.unanswerable:
            confidence = {query: base.answer(text).confidence for query, text in given.queries.items()}
            known = [confidence[query] for query in given.queries if query not in given.unanswerable]
            figures += refusal_figures(known, [confidence[query] for query in sorted(given.unanswerable)])
    return Report(name, tuple(figures), values, run=run)


def retrieval_values(run: Run, relevance: Mapping[str, Mapping[str, int]], queries: Iterable[str]) -> Values:
    """Every cut for every query; a query without documents in the run scores 0, as in ir-measures."""
    ranked = {query: metrics.in_order(run.get(query, {})) for query in queries}
    return {cut: {query: formula(ranked[query], relevance[query], k) for query in ranked} for cut, formula, k in CUTS}


# ---------------------------------------------------------------------------------------------- a set of our own format


def evaluate_questions(
    base: KnowledgeBase, questions: Sequence[Asked], *, name: str = "", progress: Progress | None = None
) -> Report:
    """Ask every question and judge hits, answer and refusal."""
    judged = []
    for done, asked in enumerate(questions, start=1):
        judged.append(ask(base, asked))
        if progress is not None:
            progress("asking", done, len(questions))
    return summarise(judged, name)


def ask(base: KnowledgeBase, asked: Asked) -> Judged:
    """One question through the base. One that the base cannot take (empty, over-long) counts as refused with confidence 0."""
    try:
        answer = base.answer(asked.text, asked.history)
        # subtle: a refusal may carry no hits; retrieval is judged all the same
        hits = answer.hits or tuple(base.search(answer.resolved_question or asked.text, DEPTH))
    except QuestionError as error:
        answer = Answer(asked.text, asked.text, str(error), abstained=True, confidence=0.0, seconds=0.0)
        hits = ()

    def text_of(source: str) -> str | None:
        try:
            text: str = base.article(source).text
            return text
        except QuestionError:
            return None

    return judge(asked, answer, hits, gold_places(asked.gold, text_of))


def summarise(judged: Sequence[Judged], name: str = "") -> Report:
    """Figures over all questions and a table by kind."""
    values = question_values(judged)
    answered = [one for one in judged if one.asked.answerable and not one.answer.abstained]
    shares = [_share(figure, numbers.values()) for figure, numbers in values.items() if numbers]
    figures = [share for share in shares if "refused" not in share.name]
    if answered:
        figures.append(Figure("median words", float(median(one.words for one in answered)), n=len(answered)))
    figures += [share for share in shares if "refused" in share.name]
    known = [one.answer.confidence for one in judged if one.asked.answerable]
    unknown = [one.answer.confidence for one in judged if not one.asked.answerable]
    figures += refusal_figures(known, unknown)
    figures.append(Figure("seconds p50", float(median(one.answer.seconds for one in judged)), n=len(judged)))
    return Report(name, tuple(figures), values, _by_kind(judged), tuple(judged))


def question_values(judged: Iterable[Judged]) -> Values:
    """Per question: hit@1, hit@5, MRR@10 (answerable with gold), content (answerable with `must`; a refusal says nothing),
    bearing (answered), wrongly refused (answerable), rightly refused (the others)."""
    values: Values = {n: {} for n in ("hit@1", "hit@5", "MRR@10", "content", "bearing", "wrongly refused", "rightly refused")}
    for one in judged:
        id, abstained = one.asked.id, one.answer.abstained
        if not one.asked.answerable:
            values["rightly refused"][id] = float(abstained)
            continue
        values["wrongly refused"][id] = float(abstained)
        if one.asked.gold:
            values["hit@1"][id] = float(one.found_rank == 1)
            values["hit@5"][id] = float(one.found_rank is not None and one.found_rank <= 5)
            values["MRR@10"][id] = 1 / one.found_rank if one.found_rank else 0.0
        if one.asked.must:
            values["content"][id] = float(one.says_it)
        if one.bearing[1]:
            values["bearing"][id] = one.bearing[0] / one.bearing[1]
    return values


def refusal_figures(known: Sequence[float], unknown: Sequence[float]) -> list[Figure]:
    """How well confidence tells the answerable from the others: AUROC, the share refused at 5 % and 8 %, calibration."""
    if not known or not unknown:
        return []
    happened = [True] * len(known) + [False] * len(unknown)
    n = len(happened)
    return [
        Figure("AUROC", metrics.auroc(known, unknown), n=n),
        Figure("refused at 5 %", metrics.refused_at(known, unknown, 0.05)[0], n=len(unknown)),
        Figure("refused at 8 %", metrics.refused_at(known, unknown, 0.08)[0], n=len(unknown)),
        Figure("calibration error", metrics.calibration_error([*known, *unknown], happened), n=n),
    ]


def _by_kind(judged: Sequence[Judged]) -> tuple[tuple[str, ...], ...]:
    """Header and one row a kind, the commonest first, and all."""
    kinds: dict[str, list[Judged]] = {}
    for one in judged:
        kinds.setdefault(one.asked.kind or "-", []).append(one)
    rows: list[tuple[str, ...]] = [("kind", "n", "hit@1", "hit@5", "MRR@10", "content", "words", "bearing", "refused")]
    for kind, members in [*sorted(kinds.items(), key=lambda item: (-len(item[1]), item[0])), ("all", list(judged))]:
        values = question_values(members)
        words = [one.words for one in members if not one.answer.abstained and one.asked.answerable]
        shares = [_percent(values[figure].values()) for figure in ("hit@1", "hit@5", "MRR@10", "content")]
        middle = f"{median(words):.0f}" if words else "-"
        refused = _percent(float(one.answer.abstained) for one in members)
        rows.append((kind, str(len(members)), *shares, middle, _percent(values["bearing"].values()), refused))
    return tuple(rows)


# ---------------------------------------------------------------------------------------------- two runs


def compare(one: Report, other: Report) -> list[str]:
    """Figure by figure, over the questions both have: the two means, their difference, and how likely chance alone makes it.

    p: paired randomisation test (kb.metrics.randomisation_test). Raises KBError when the two share no question.
    """
    lines = [f"{one.name or 'one'} -> {other.name or 'other'}"]
    for name in one.values:
        ids = [id for id in one.values[name] if id in other.values.get(name, {})]
        if not ids:
            continue
        before, after = [one.values[name][id] for id in ids], [other.values[name][id] for id in ids]
        a, b = sum(before) / len(ids), sum(after) / len(ids)
        p = metrics.randomisation_test(before, after)
        star = "  *" if p < 0.05 else ""
        lines.append(f"  {name:16} {_number(a)} -> {_number(b)}  {b - a:+.3f}  p={p:.4f}  n={len(ids)}{star}")
    if len(lines) == 1:
        raise KBError("the two runs share no question: they must be of the same set")
    return lines


def load_run(path: Path, set_path: Path) -> Report:
    """A report from what `save` wrote, for `compare`. set_path: the set it was made on (a BEIR run is judged again).

    Raises KBError when it cannot be read, or is a run of another set.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise KBError(f"cannot read the run {path}: {error}") from error
    if not isinstance(content, dict):
        raise KBError(f"{path} is no run: it holds a {type(content).__name__}, not an object")
    if "values" in content and "figures" in content:
        return Report(str(path), (), content["values"])
    if not is_retrieval_set(set_path) or not all(isinstance(ranking, dict) for ranking in content.values()):
        raise KBError(f"{path} is no run over {set_path}: make one with: evaluate {set_path} --run {path.name}")
    given = load_retrieval_set(set_path)
    judged = [query for query in given.queries if query in given.relevance]
    if not any(query in content for query in judged):
        raise KBError(f"{path} holds none of the {len(judged)} queries of {set_path}: it is a run of another set")
    values = retrieval_values(content, given.relevance, judged)
    return Report(str(path), tuple(_share(cut, values[cut].values()) for cut, _, _ in CUTS), values, run=content)


# ---------------------------------------------------------------------------------------------- numbers as text


def _share(name: str, values: Iterable[float]) -> Figure:
    numbers = list(values)
    low, high = metrics.bootstrap_interval(numbers)
    return Figure(name, sum(numbers) / len(numbers) if numbers else math.nan, low, high, len(numbers))


def _number(value: float) -> str:
    return "  -  " if math.isnan(value) else f"{value:.3f}" if abs(value) <= 1 else f"{value:.1f}"


def _percent(values: Iterable[float]) -> str:
    numbers = list(values)
    return f"{100 * sum(numbers) / len(numbers):.0f}" if numbers else "-"


def _as_json(one: Judged) -> dict[str, object]:
    """A judged question as `--run` writes it: enough to see what went wrong."""
    answer = one.answer
    return {
        "id": one.asked.id,
        "question": one.asked.text,
        "resolved_question": answer.resolved_question,
        "kind": one.asked.kind,
        "answerable": one.asked.answerable,
        "abstained": answer.abstained,
        "confidence": round(answer.confidence, 4),
        "found_rank": one.found_rank,
        "content": list(one.content),
        "words": one.words,
        "bearing": list(one.bearing),
        "answer": answer.text,
        "gold": [{"source": g.source, "quote": g.quote} for g in one.asked.gold],
        "must": [list(alternatives) for alternatives in one.asked.must],
        "passages": [
            {"rank": rank, "source": hit.passage.source, "heading": list(hit.passage.heading), "text": hit.passage.text}
            for rank, hit in enumerate(one.hits, start=1)
        ],
    }
