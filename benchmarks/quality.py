"""Write docs/quality.md: what retrieval, answers and refusals are worth, by kind of question, with ingredients taken out in turn.

The figures are measured; how they came about is benchmarks/quality_text.md. Whole answers to read go to docs/quality-answers.md.

    python benchmarks/quality.py                                      # the sets in tests/quality, a few minutes
    python benchmarks/quality.py --beir sets/cranfield --beir ...     # and retrieval sets in BEIR's layout
    python benchmarks/quality.py --quick                              # figures only: no ingredients, no passage sizes

Indexes are kept in .cache/quality/, so that a second run embeds nothing. Every figure comes from kb.evaluate.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import kb  # noqa: E402
from kb.base import KnowledgeBase  # noqa: E402
from kb.beir import RetrievalSet, for_ranking, load_retrieval_set, rank_documents, write_articles  # noqa: E402
from kb.build import build_index  # noqa: E402
from kb.encoder import Encoder, load_encoder  # noqa: E402
from kb.evaluate import CUTS, Report, evaluate_questions, retrieval_values  # noqa: E402
from kb.fusion import FEATURES  # noqa: E402
from kb.metrics import bootstrap_interval, randomisation_test  # noqa: E402
from kb.question_set import Judged, load_questions  # noqa: E402
from kb.settings import SHIPPED_ARTICLES, Settings  # noqa: E402

QUALITY = ROOT / "tests" / "quality"
CACHE = ROOT / ".cache" / "quality"
TEXT = ROOT / "benchmarks" / "quality_text.md"  # how the formulas were fitted, their limits, and what was tried
ANSWERS = "quality-answers.md"
SETS = {
    "Other professions": (QUALITY / "questions.jsonl", QUALITY / "articles"),
    "Shipped articles": (QUALITY / "shipped.jsonl", SHIPPED_ARTICLES),
}

# What is taken out -> the settings without it.
WITHOUT: Mapping[str, dict[str, object]] = {
    "calibrated scores (plain fusion by rank instead)": {"fusion": "rank"},
    "the passage's meaning": {"weight_passage": 0.0},
    "the closest unit's meaning": {"weight_unit": 0.0},
    "what a unit says by itself": {"weight_static": 0.0},
    "words": {"weight_said": 0.0},
    "near words (BM25 instead)": {"weight_said": 0.0, "weight_words": 3.3},
    "neighbours": {"weight_neighbours": 0.0, "weight_neighbours_words": 0.0},
    "length": {"weight_length": 0.0},
    "titles and headings in BM25": {"heading_boost": 0.0},
}
PASSAGE_WORDS = (60, 85, 110, 140, 180)
NO_WEIGHTS = {f"weight_{feature}": 0.0 for feature in FEATURES}
RANKERS: Mapping[str, dict[str, object]] = {
    "words alone (BM25)": {**NO_WEIGHTS, "weight_words": 1.0},
    "meaning alone": {**NO_WEIGHTS, "weight_passage": 1.0},
    "fusion by rank (RRF)": {"fusion": "rank"},
    "**this**": {},
}


class Remembering:
    """An encoder that embeds a text once: every variant asks the same questions."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder, self._known = encoder, dict[str, np.ndarray]()

    def __getattr__(self, name: str) -> object:
        return getattr(self._encoder, name)

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        missing = [text for text in dict.fromkeys(texts) if text not in self._known]
        if missing:
            self._known.update(zip(missing, self._encoder.encode(missing), strict=True))
        return np.stack([self._known[text] for text in texts]) if len(texts) else self._encoder.encode(texts)


def main() -> int:
    parser = argparse.ArgumentParser(description="Write docs/quality.md.")
    parser.add_argument("--beir", type=Path, action="append", default=[], metavar="DIR", help="a retrieval set in BEIR's layout")
    parser.add_argument("--quick", action="store_true", help="neither ingredients nor passage sizes")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "quality.md", help="the page to write, the answers beside it")
    options = parser.parse_args()
    started = time.perf_counter()
    settings = Settings()
    encoder = load_encoder(settings)
    reports = {name: measure(name, settings, encoder) for name in SETS}
    parts = [introduction(reports)]
    parts += [by_kind(name, report) for name, report in reports.items()]
    if not options.quick:
        parts += [ingredients(reports, settings, encoder), passage_sizes(settings, encoder)]
    if options.beir:
        parts.append(retrieval_sets(options.beir, settings, encoder))
    parts.append(TEXT.read_text(encoding="utf-8"))
    options.out.write_text("\n".join(parts), encoding="utf-8")
    options.out.with_name(ANSWERS).write_text(whole_answers(reports), encoding="utf-8")
    print(f"{options.out} in {time.perf_counter() - started:.0f} s")
    return 0


@contextmanager
def base_of(name: str, articles: Path, settings: Settings, encoder: Encoder) -> Iterator[KnowledgeBase]:
    """A base of a folder, its index kept from run to run; one folder for each passage size."""
    folder = CACHE / f"{name.lower().replace(' ', '-')}-{settings.passage_words}"
    print(f"{folder.name} ...", file=sys.stderr)
    build_index([articles], folder, settings=settings, encoder=encoder, rebuild=True)
    with KnowledgeBase.open(folder, settings=settings, encoder=Remembering(encoder)) as base:  # type: ignore[arg-type]
        yield base


def measure(name: str, settings: Settings, encoder: Encoder) -> Report:
    questions, articles = SETS[name]
    with base_of(name, articles, settings, encoder) as base:
        return evaluate_questions(base, load_questions(questions), name=name)


# ---------------------------------------------------------------------------------------------- the page


def introduction(reports: Mapping[str, Report]) -> str:
    columns = ("hit@1", "hit@5", "MRR@10", "content", "median words", "bearing", "wrongly refused", "rightly refused", "AUROC",
               "refused at 5 %", "refused at 8 %", "calibration error")  # fmt: skip
    rows = []
    for name, report in reports.items():
        figures = {figure.name: figure for figure in report.figures}
        rows.append([name, str(len(report.judged)), *(shown(figures[column].value) for column in columns)])
    spread = []
    for name, report in reports.items():
        figures = {figure.name: figure for figure in report.figures}
        ranges = [f"[{shown(figures[column].low)}, {shown(figures[column].high)}]" for column in ("hit@1", "hit@5", "content")]
        spread.append([name, *ranges])
    return f"""# Quality

How good search, answers and refusals are, how they work in formulas, and what was tried. The figures come first; then
[ranking](#ranking), [choosing what to quote](#choosing-what-to-quote), [an honest no](#an-honest-no), [limits](#limits) and
[what was tried and left out](#tried-and-left-out). [{ANSWERS}]({ANSWERS}) has 30 whole answers to read.

Measured with career-kb {kb.__version__} and default settings by `benchmarks/quality.py`, which writes this page; the floors
under these figures are in `tests/quality/test_floors.py`. The questions and the articles of other professions are the
project's own (`tests/quality/`); every gold quote is checked verbatim.

{table(["set", "questions", *columns], rows)}

95 % bootstrap intervals:

{table(["set", "hit@1", "hit@5", "content"], spread)}

- **hit@1, hit@5, MRR@10**: a passage that covers at least half of a gold quote (or holds its words) is first, among five;
  1 / its rank.
- **content**: the answer holds everything expected. A refused question holds nothing. **words**: median of the answer as read.
- **bearing**: share of an answer's quotes that lie on the gold. Quotes off the gold need not be wrong: gold is what the author
  of the question marked.
- **refused**: declined questions. *refused at 5 %*: unanswerable questions declined when the threshold is set so that 5 % of
  the answerable are. **AUROC**: how well confidence tells the two apart.
"""


def by_kind(name: str, report: Report) -> str:
    header, *rows = report.table
    return f"## {name}, by kind of question\n\nShares in percent; words is a median.\n\n{table(header, rows)}\n"


def ingredients(reports: Mapping[str, Report], settings: Settings, encoder: Encoder) -> str:
    """Each ingredient out in turn, over both sets together; a star where chance alone would do as much in under 5 of 100."""
    shown_figures = ("hit@1", "hit@5", "MRR@10", "content", "bearing")
    rows = [["everything in", *(shown(mean(pooled(reports.values(), figure))) for figure in shown_figures)]]
    for name, changed in WITHOUT.items():
        variant = replace(settings, **changed)  # type: ignore[arg-type]
        others = [measure(each, variant, encoder) for each in SETS]
        cells = []
        for figure in shown_figures:
            before, after = pooled(reports.values(), figure), pooled(others, figure)
            ids = [id for id in before if id in after]
            p = randomisation_test([before[id] for id in ids], [after[id] for id in ids])
            cells.append(f"{shown(mean(after))} ({mean(after) - mean(before):+.3f}{'*' if p < 0.05 else ''})")
        rows.append([f"without {name}", *cells])
    note = "Both sets together. (*: p < .05, paired randomisation test.)"
    return f"## Ingredients\n\n{note}\n\n{table(['', *shown_figures], rows)}\n"


def pooled(reports: object, figure: str) -> dict[str, float]:
    values: dict[str, float] = {}
    for report in reports:  # type: ignore[attr-defined]
        values |= report.values[figure]
    return values


def passage_sizes(settings: Settings, encoder: Encoder) -> str:
    shown_figures = ("hit@1", "hit@5", "MRR@10", "content", "bearing")
    rows = []
    for words in PASSAGE_WORDS:
        reports = [measure(name, replace(settings, passage_words=words), encoder) for name in SETS]
        marked = f"**{words}**" if words == settings.passage_words else str(words)
        rows.append([marked, *(shown(mean(pooled(reports, figure))) for figure in shown_figures)])
    return f"## Passage size\n\nWords that a passage aims at; both sets together.\n\n{table(['words', *shown_figures], rows)}\n"


def retrieval_sets(folders: Sequence[Path], settings: Settings, encoder: Encoder) -> str:
    """Sets of others, which no setting was chosen for."""
    rows = []
    for folder in folders:
        given = load_retrieval_set(folder)
        for ranker, values in rank_by_all(folder.name, given, settings, encoder).items():
            low, high = bootstrap_interval(list(values[CUTS[0][0]].values()))
            cells = [f"{100 * mean(values[cut]):.1f}" for cut, _, _ in CUTS]
            rows.append([folder.name, ranker, cells[0], f"[{100 * low:.1f}, {100 * high:.1f}]", *cells[1:]])
    cuts = [cut for cut, _, _ in CUTS]
    header = ["set", "ranked by", cuts[0], "95 %", *cuts[1:]]
    return f"## Retrieval sets of others\n\nx 100; a document's rank is that of its best passage.\n\n{table(header, rows)}\n"


def rank_by_all(
    name: str, given: RetrievalSet, settings: Settings, encoder: Encoder
) -> dict[str, dict[str, dict[str, float]]]:
    wide = for_ranking(given, settings)
    document_of = write_articles(given, CACHE / f"{name}-articles")
    judged = {query: text for query, text in given.queries.items() if query in given.relevance}
    found = {}
    with base_of(name, CACHE / f"{name}-articles", wide, encoder) as base:
        for ranker, changed in RANKERS.items():
            base.settings = replace(wide, **changed)  # type: ignore[arg-type]
            found[ranker] = retrieval_values(rank_documents(base, document_of, judged), given.relevance, judged)
    return found


def whole_answers(reports: Mapping[str, Report], wanted: int = 30) -> str:
    """Answers to be read by eye: of each kind in turn one that holds what was expected and one that does not."""
    chosen: list[Judged] = []
    turns = zip_longest(*(report.judged for report in reports.values()))  # so that no set comes first
    waiting = [one for turn in turns for one in turn if one is not None]
    want_good = True
    while len(chosen) < wanted and waiting:
        for kind in sorted({one.asked.kind for one in waiting}):
            own = [one for one in waiting if one.asked.kind == kind]
            pick = next((one for one in own if is_good(one) == want_good), own[0])
            waiting.remove(pick)
            chosen.append(pick)
        want_good = not want_good
    text = "\n".join(answer_to_read(one) for one in chosen[:wanted])
    note = "To be read by eye beside the figures of [quality.md](quality.md); `benchmarks/quality.py` writes both.\n"
    note += "Of each kind in turn one that holds what was expected, then one that does not."
    return f"# {wanted} whole answers, good and bad\n\n{note}\n\n{text}"


def is_good(one: Judged) -> bool:
    return one.says_it if one.asked.answerable else one.answer.abstained


def answer_to_read(one: Judged) -> str:
    said = [turn.content for turn in one.asked.history if turn.role == "user"]
    before = f"After *{said[-1]}*: " if said else ""
    if one.asked.answerable:
        held = f"holds {one.content[0]} of {one.content[1]} things expected"
        verdict = "wrongly declined" if one.answer.abstained else held
        verdict += f", {one.words} words, good passage at rank {one.found_rank or '-'}"
    else:
        verdict = "rightly declined" if one.answer.abstained else "should have been declined"
    quoted = "\n".join(f"> {line}".rstrip() for line in one.answer.text.splitlines())
    return f"**{before}{one.asked.text}** ({one.asked.kind}; {verdict}; confidence {one.answer.confidence:.2f})\n\n{quoted}\n"


# ---------------------------------------------------------------------------------------------- small things


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(header) + " |", "|" + "|".join(["---"] + ["--:"] * (len(header) - 1)) + "|"]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def mean(values: Mapping[str, float]) -> float:
    return sum(values.values()) / len(values)


def shown(value: float) -> str:
    return f"{value:.3f}" if abs(value) <= 1 else f"{value:.0f}"


if __name__ == "__main__":
    sys.exit(main())
