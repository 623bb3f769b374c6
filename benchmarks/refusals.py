"""Fit the model of an honest no (kb.confidence) and judge it on bases that it has not seen; prints the table of docs/quality.md.

    python -m benchmarks.refusals                                                 # the two sets in tests/quality
    python -m benchmarks.refusals --set NAME ARTICLES QUESTIONS --set ... --split dev    # and sets of one's own
    python -m benchmarks.refusals --set ... --judge held                          # judge questions that the fit does not see

Four sorts of questions stand beside those that a base answers ("known"). "unknown": written down as unanswerable, near the
articles, for whoever wrote them had read those. "occupation": what templates ask about occupations that the base does not name.
"everyday": what everyday life asks, with half of kb.everyday's list left out. "removed": every answerable question once more, the
articles that answer it left out; now and then another article answers it all the same. Each sort has a share of its own in the
fit, however many questions there are of it.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, fields, replace
from pathlib import Path

import numpy as np

from kb.answer import OUTSIDE, where_named
from kb.base import KnowledgeBase
from kb.build import build_index
from kb.choice import candidates
from kb.confidence import BIAS, WEIGHTS, Evidence, evidence
from kb.dialogue import resolve
from kb.encoder import Encoder, load_encoder
from kb.everyday import QUESTIONS as EVERYDAY
from kb.metrics import auroc, calibration_error, randomisation_test, refused_at
from kb.question import analyse
from kb.question_set import Asked, load_questions
from kb.records import Filters
from kb.settings import SHIPPED_ARTICLES, Settings

ROOT = Path(__file__).resolve().parent.parent
QUALITY = ROOT / "tests" / "quality"
CACHE = ROOT / ".cache" / "refusals"
SETS = [("other professions", QUALITY / "articles", QUALITY / "questions.jsonl")]
SETS += [("shipped", SHIPPED_ARTICLES, QUALITY / f"{name}.jsonl") for name in ("shipped", "coverage")]

# Share of each sort in the likelihood: what the removed add is within chance, so that they only judge.
MASS = {"known": 0.5, "unknown": 0.3, "occupation": 0.1, "everyday": 0.1}
WITH_REMOVED = {"known": 0.5, "unknown": 0.22, "occupation": 0.06, "everyday": 0.06, "removed": 0.16}
SORTS = tuple(WITH_REMOVED)
RIDGE = 0.003  # of the weights of standardised features: from .0003 to .01 nothing changes
LOSE = 0.05  # share of answerable questions that may be declined at the threshold in use
NAMES = tuple(field.name for field in fields(Evidence))
# Features in the order in which the table adds them.
STEPS = (
    ("far", "aspect"), ("missing_places",), ("missing_names",), ("missing_abbreviations",), ("missing_roles",),
    ("missing_words",), ("missing_dates",), ("lacks_kind",), ("story",), ("everyday",),
)  # fmt: skip
# None of them is asked about in tests/quality/test_unknown_occupations.py.
OCCUPATIONS = """
doctor, nurse, accountant, teacher, architect, psychologist, social worker, translator, photographer, welder, truck driver, bus
driver, flight attendant, barber, insurance agent, investment banker, actuary, economist, marketing manager, office manager,
systems administrator, game developer, mechanical engineer, chemical engineer, geologist, biologist, astronomer, meteorologist,
physiotherapist, paramedic, surgeon, radiographer, dietitian, farmer, baker, butcher, tailor, jeweller, bricklayer, roofer, tiler,
mechanic, locksmith, judge, diplomat, actor, dancer, novelist, film director, sports coach, personal trainer, waiter, bartender,
sommelier, cashier, air traffic controller, ship captain, zookeeper, gardener, priest, court reporter, stunt performer, clown,
magician
"""
TEMPLATES = (
    "What does a {} earn?", "How do I become a {}?", "What does a {} do all day?", "What skills does a {} need?",
    "Do I need a degree to become a {}?", "What are the working hours of a {}?", "Is {} a good job?", "{} salary",
    "How long does it take to become a {}?", "I want to work as a {}. Where do I start?", "Is the job of {} threatened by AI?",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """A question as the model sees it. features: of an Evidence; None where rules decline it or nothing was found."""

    base: str
    sort: str
    id: str
    split: str
    features: tuple[float, ...] | None


@dataclass(frozen=True, slots=True)
class Model:
    """Log-odds: features @ weights + bias.."""

    weights: np.ndarray
    bias: float

    def log_odds(self, row: Row) -> float:
        """-inf for what rules decline."""
        return -np.inf if row.features is None else float(self.weights @ row.features + self.bias)


# ---------------------------------------------------------------------------------------------- what is asked


def seen(
    base: KnowledgeBase, asked: Asked, without: Sequence[str] = (), everyday: float | None = None
) -> tuple[float, ...] | None:
    """The features of one question as kb.answer sees them. without: sources left out; everyday: in place of what was found."""
    asking, catalogue = base._asking, base._generation.catalogue
    text = asked.text
    if asked.history:
        text = resolve(text, asked.history, subjects=catalogue.roles(), settings=base.settings).question
    understood = asking.understand(text)
    question = analyse(understood.text)
    if question.kind in OUTSIDE:
        return None
    left = tuple(article.source for article in base.articles() if article.source not in without) if without else ()
    found = asking.find(understood, question, Filters(sources=left))
    if everyday is not None:
        found = replace(found, everyday=everyday)
    likeliest = candidates(found, question, base.settings.answer_hits)
    if not likeliest:
        return None
    if not question.sides and (named := where_named(found, question, likeliest, catalogue.title_and_text)):
        likeliest = named[1]
    return tuple(map(float, astuple(evidence(found, question, likeliest, catalogue.title_and_text))))


def gather(name: str, base: KnowledgeBase, questions: Sequence[Asked], generated: bool) -> Iterator[Row]:
    """Every question with its features; once for each base also those about occupations and everyday life."""
    for one in questions:
        yield Row(name, "known" if one.answerable else "unknown", one.id, one.split, seen(base, one))
        if one.answerable and one.gold:
            yield Row(name, "removed", one.id, one.split, seen(base, one, [gold.source for gold in one.gold]))
    if generated:
        for number, text in enumerate(about_occupations(" ".join(f"{a.title} {a.text}" for a in base.articles()))):
            yield Row(name, "occupation", str(number), "", seen(base, Asked(str(number), text, "", False)))
        vectors = base.encoder.encode(EVERYDAY)
        for number, text in enumerate(EVERYDAY):
            nearest = float((vectors[1 - number % 2 :: 2] @ vectors[number]).max())  # the half of the list that it is not in
            yield Row(name, "everyday", str(number), "", seen(base, Asked(str(number), text, "", False), everyday=nearest))


def about_occupations(text: str) -> list[str]:
    """Questions about the occupations that a text does not name, one each."""
    names = [name.strip() for name in OCCUPATIONS.replace("\n", " ").split(",")]
    unknown = [name for name in names if not re.search(rf"\b{re.escape(name)}s?\b", text, re.I)]
    asked = (TEMPLATES[at % len(TEMPLATES)].format(name) for at, name in enumerate(unknown))
    return [re.sub(r"\ba (?=[aeiou])", "an ", question) for question in asked]


# ---------------------------------------------------------------------------------------------- fitting and judging


def fit(rows: Sequence[Row], used: Sequence[str] = NAMES, mass: Mapping[str, float] = MASS, ridge: float = RIDGE) -> Model:
    """Maximum likelihood of logistic regression with a ridge, by Newton's method (Hastie, Tibshirani & Friedman, "The Elements of
    Statistical Learning", 2009, section 4.4.1). Every sort weighs its mass, every question of a sort alike."""
    columns = [NAMES.index(name) for name in used]
    given = [row for row in rows if row.features is not None and mass.get(row.sort)]
    features = np.array([row.features for row in given], dtype=float)[:, columns]
    known = np.array([row.sort == "known" for row in given], dtype=float)
    many = {sort: sum(row.sort == sort for row in given) for sort in mass}
    weight = np.array([mass[row.sort] / many[row.sort] for row in given])
    weight /= weight.sum()
    mean = weight @ features
    spread = np.sqrt(weight @ (features - mean) ** 2) + 1e-6
    design = np.c_[(features - mean) / spread, np.ones(len(given))]
    penalty = np.diag([2 * ridge] * len(columns) + [0.0])
    solution = np.zeros(design.shape[1])
    for _ in range(100):
        probability = 1 / (1 + np.exp(-design @ solution))
        slope = design.T @ (weight * (probability - known)) + penalty @ solution
        curve = (design * (weight * probability * (1 - probability))[:, None]).T @ design + penalty
        step = np.linalg.solve(curve, slope)
        solution -= step
        if abs(step).max() < 1e-10:
            break
    weights = np.zeros(len(NAMES))
    weights[columns] = solution[:-1] / spread
    return Model(weights, float(solution[-1] - weights[columns] @ mean))


def on_others(rows: Sequence[Row], used: Sequence[str] = NAMES, mass: Mapping[str, float] = MASS) -> dict[str, Model]:
    """For each base the model fitted on all the others."""
    return {base: fit([row for row in rows if row.base != base], used, mass) for base in bases_of(rows)}


def bases_of(rows: Sequence[Row]) -> list[str]:
    return list(dict.fromkeys(row.base for row in rows))


def scores(rows: Sequence[Row], models: Mapping[str, Model], sort: str, base: str = "") -> list[float]:
    """Log-odds of one sort of question, of one base or all, each by its base's model."""
    return [models[row.base].log_odds(row) for row in rows if row.sort == sort and base in ("", row.base)]


def figures(rows: Sequence[Row], models: Mapping[str, Model]) -> dict[str, float]:
    """Means over the bases: AUROC, and what is refused of each sort where 5 % (8 %) of a base's answerable questions are."""
    each = []
    for base in bases_of(rows):
        known, unknown, *others = (scores(rows, models, sort, base) for sort in ("known", "unknown", "occupation", "removed"))
        at, threshold = refused_at(known, unknown, LOSE)
        each.append([auroc(known, unknown), at, refused_at(known, unknown, 0.08)[0], *(share(one, threshold) for one in others)])
    means = [float(np.mean([value for value in column if value == value] or [np.nan])) for column in zip(*each, strict=True)]
    return dict(zip(("AUROC", "at 5 %", "at 8 %", "occupations", "removed"), means, strict=True))


def share(values: Sequence[float], threshold: float) -> float:
    return float(np.mean(np.array(values) < threshold)) if len(values) else np.nan


def table(rows: Sequence[Row], judged: Sequence[Row]) -> list[str]:
    """A Markdown row for each step: the features so far, each base of `judged` by the model fitted on the others of `rows`."""
    lines = ["| features | AUROC | refused at 5 % | refused at 8 % | unknown occupations | article left out |"]
    lines.append("|---|--:|--:|--:|--:|--:|")
    used: list[str] = []
    for step in STEPS:
        used += step
        lines.append(as_line(("+ " if len(used) > len(step) else "") + ", ".join(step), judged, on_others(rows, used)))
    lines.append(as_line("the same, fitted on what was left out too", judged, on_others(rows, mass=WITH_REMOVED)))
    present = Model(np.array(WEIGHTS), BIAS)
    return [*lines, as_line("the weights in kb/confidence.py", judged, dict.fromkeys(bases_of(judged), present))]


def as_line(what: str, judged: Sequence[Row], models: Mapping[str, Model]) -> str:
    return " | ".join([f"| {what}", *(f"{value:.3f}" for value in figures(judged, models).values())]) + " |"


def at_threshold(rows: Sequence[Row], models: Mapping[str, Model], threshold: float, shift: float = 0.0) -> list[str]:
    """What is declined at the threshold in use over all bases, by sort, and base by base."""
    edge = float(np.log(threshold / (1 - threshold))) - shift
    sorts = [sort for sort in SORTS if scores(rows, models, sort)]
    lines = [f"declined at {threshold}: " + ", ".join(f"{sort} {share(scores(rows, models, sort), edge):.3f}" for sort in sorts)]
    for base in bases_of(rows):
        counts = [f"{sort} {share(own, edge):.3f} of {len(own)}" for sort in sorts if (own := scores(rows, models, sort, base))]
        lines.append(f"  {base}: " + ", ".join(counts))
    known, unknown = scores(rows, models, "known"), scores(rows, models, "unknown")
    foretold = 1 / (1 + np.exp(-np.clip(np.array([*known, *unknown]) + shift, -500, 500)))
    error = calibration_error(foretold.tolist(), [True] * len(known) + [False] * len(unknown))
    return [*lines, f"  AUROC over all {auroc(known, unknown):.4f}, calibration error {error:.3f}"]


def compared(rows: Sequence[Row], one: Mapping[str, Model], other: Mapping[str, Model]) -> list[str]:
    """What two ways of fitting decline of each sort where both decline 5 % of all answerable questions."""
    lines = []
    edges = [refused_at(scores(rows, models, "known"), [0.0], LOSE)[1] for models in (one, other)]
    for sort in ("unknown", "removed", "occupation"):
        both = [
            [float(value < edge) for value in scores(rows, models, sort)]
            for models, edge in zip((one, other), edges, strict=True)
        ]
        means, chance = [float(np.mean(values)) for values in both], randomisation_test(*both)
        lines.append(f"  {sort}: {means[0]:.3f} -> {means[1]:.3f}, p={chance:.4f}, n={len(both[0])}")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--set", nargs=3, action="append", default=[], metavar=("NAME", "ARTICLES", "QUESTIONS"))
    parser.add_argument("--split", default="", help="fit on questions of this split only, in sets that have splits")
    parser.add_argument("--judge", default="", metavar="SPLIT", help="judge questions of this split instead of those of the fit")
    options = parser.parse_args()
    encoder, settings = load_encoder(Settings()), Settings()
    rows: list[Row] = []
    for name, articles, questions in [*SETS, *((name, Path(a), Path(q)) for name, a, q in options.set)]:
        with opened(name, articles, settings, encoder) as base:
            rows += gather(name, base, load_questions(questions), name not in bases_of(rows))
    fitted_on = [row for row in rows if row.split in ("", options.split) or not options.split]
    judged = fitted_on
    if options.judge:
        held = {row.base for row in rows if row.split == options.judge}
        judged = [row for row in rows if row.base in held and (row.split == options.judge or not row.split)]
    report(fitted_on, judged, settings.answer_threshold)


def report(rows: Sequence[Row], judged: Sequence[Row], threshold: float) -> None:
    many = ", ".join(f"{sum(row.sort == sort for row in rows):,} {sort}" for sort in SORTS)
    print(f"over {len(bases_of(rows))} bases: {many}\n")
    print("\n".join(table(rows, judged)), "\n")
    models, more = on_others(rows), on_others(rows, mass=WITH_REMOVED)
    edge = refused_at(scores(rows, models, "known"), [0.0], LOSE)[1]
    shift = float(np.log(threshold / (1 - threshold))) - edge
    print("each base by the model of the others, its bias moved so that the threshold declines 5 % of what was fitted on")
    print("\n".join(at_threshold(judged, models, threshold, shift)))
    print("the weights in kb/confidence.py")
    print("\n".join(at_threshold(judged, dict.fromkeys(bases_of(judged), Model(np.array(WEIGHTS), BIAS)), threshold)))
    print("fitted without -> with questions whose articles are left out, at 5 %")
    print("\n".join(compared(judged, models, more)))
    final = fit(rows)
    print("\nfitted on all bases:\nWEIGHTS = (")
    print("\n".join(f"    {weight:.2f},  # {name}" for name, weight in zip(NAMES, final.weights, strict=True)))
    print(f")\nBIAS = {final.bias + shift:.2f}")


def opened(name: str, articles: Path, settings: Settings, encoder: Encoder) -> KnowledgeBase:
    """A base of the articles; its index is kept from run to run, vectors of what has not changed are not made again."""
    folder = CACHE / name.replace(" ", "-")
    build_index([articles], folder, settings=settings, encoder=encoder)
    return KnowledgeBase.open(folder, settings=settings, encoder=encoder)


if __name__ == "__main__":
    main()
