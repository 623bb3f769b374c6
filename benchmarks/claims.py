"""How many unsupported sentences are caught, and how many supported ones wrongly marked, on labelled pairs.

    python -m benchmarks.claims              # the test half, by kind of error, with the shipped weights
    python -m benchmarks.claims --fit        # fit the weights on the calibration half, cross-validated by article
    python -m benchmarks.claims --show       # also print each sentence that was judged wrongly

tests/quality/claims.jsonl holds the pairs: a sentence, the passage that it cites (in claim_places.jsonl, named by a few of its
words) and whether the passage supports it. No article is in both halves.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import numpy as np
from scipy.optimize import minimize  # comes with sentence-transformers

from kb.claims import BIAS, SUPPORTED, THRESHOLD, WEIGHTS, ClaimChecker, Measures, Verdict
from kb.encoder import Encoder, count_tokens, load_encoder
from kb.evidence import Evidence
from kb.passages import cut
from kb.prose import Sentence
from kb.reading import read_article
from kb.records import Article, Passage
from kb.settings import Settings

QUALITY = Path(__file__).resolve().parent.parent / "tests" / "quality"
RIDGE = 0.01  # L2 penalty on the standardised weights
FOLDS = 6


@dataclass(frozen=True)
class Pair:
    """A sentence and the place that it cites. kind: how it was made ("paraphrase", "number", "swap", ...)."""

    id: str
    half: str
    supported: bool
    kind: str
    place: str
    anchor: str
    sentence: str


class Harness:
    """The pairs, their passages cut as the product cuts them, and the checker that is measured."""

    def __init__(self, encoder: Encoder) -> None:
        self.encoder = encoder
        self.pairs = [Pair(**json.loads(line)) for line in _lines("claims.jsonl")]
        self.places: dict[str, tuple[Article, list[Passage]]] = {}
        with tempfile.TemporaryDirectory() as folder:
            for line in _lines("claim_places.jsonl"):
                place = json.loads(line)
                path = Path(folder) / f"{place['id']}.md"
                path.write_text(_markdown(place), encoding="utf-8")
                article = read_article(path, place["source"])
                self.places[place["id"]] = (article, cut(article, Settings(), lambda texts: count_tokens(encoder, texts)))
        self._evidence = cache(self._make_evidence)

    def evidence(self, pair: Pair) -> Evidence:
        """The passage that the pair cites."""
        article, passages = self.places[pair.place]
        at = article.text.find(pair.anchor)
        assert at >= 0, f"{pair.id}: {pair.anchor!r} is not in {pair.place}"
        return self._evidence(pair.place, next(n for n, p in enumerate(passages) if p.start <= at < p.end))

    def _make_evidence(self, place: str, number: int) -> Evidence:
        article, passages = self.places[place]
        return Evidence(1, passages[number], article.text, self.encoder)

    def verdict(self, pair: Pair) -> Verdict:
        """What the checker says to the pair's sentence, citing its passage."""
        return ClaimChecker([self.evidence(pair)], self.encoder).check(Sentence("", pair.sentence, (1,)))

    def measures(self, pair: Pair) -> tuple[Measures, bool]:
        """The features of the pair, and whether the passage holds its numbers and names."""
        evidence = self.evidence(pair)
        checker = ClaimChecker([evidence], self.encoder)
        return checker.measure(pair.sentence, [evidence]), not checker.missing_facts(pair.sentence, [evidence])


def _lines(name: str) -> list[str]:
    return (QUALITY / name).read_text(encoding="utf-8").splitlines()


def _markdown(place: dict[str, object]) -> str:
    headings = "".join(f"{'#' * level} {heading}\n\n" for level, heading in enumerate(place["heading"], 2))  # type: ignore[arg-type]
    return f"---\ntitle: {json.dumps(place['title'])}\ndate: {json.dumps(place['date'])}\n---\n\n{headings}{place['text']}\n"


def rates(pairs: Sequence[Pair], flagged: Sequence[bool]) -> dict[str, tuple[int, int]]:
    """Kind (supported ones with "+" before, sums under "caught" and "wrongly marked") -> (marked, of how many)."""
    counts: dict[str, list[bool]] = defaultdict(list)
    for pair, flag in zip(pairs, flagged, strict=True):
        counts["wrongly marked" if pair.supported else "caught"].append(flag)
        counts[f"{'+' if pair.supported else '-'} {pair.kind}"].append(flag)
    return {kind: (sum(flags), len(flags)) for kind, flags in sorted(counts.items())}


def fit(features: np.ndarray, supported: np.ndarray, ridge: float = RIDGE) -> tuple[np.ndarray, float]:
    """Weights >= 0 and bias of a logistic regression in which both classes count alike. features: (n, d)."""
    mean, spread = features.mean(0), features.std(0) + 1e-9
    x = (features - mean) / spread
    side = np.where(supported, 1.0, -1.0)
    share = np.where(supported, 0.5 / supported.sum(), 0.5 / (~supported).sum())

    def loss(w: np.ndarray) -> tuple[float, np.ndarray]:
        z = side * (x @ w[:-1] + w[-1])
        slope = -side * share / (1 + np.exp(z))
        value = float((np.logaddexp(0, -z) * share).sum() + ridge * (w[:-1] ** 2).sum())
        return value, np.append(x.T @ slope + 2 * ridge * w[:-1], slope.sum())

    d = features.shape[1]
    best = minimize(loss, np.zeros(d + 1), jac=True, bounds=[(0, None)] * d + [(None, None)]).x
    weights = best[:-1] / spread
    return weights, float(best[-1] - (weights * mean).sum())


def cross_validate(harness: Harness) -> None:
    """Print the weights fitted on the calibration half, and what thresholds do in cross-validation by article."""
    pairs = [pair for pair in harness.pairs if pair.half == "calibration"]
    measured = [harness.measures(pair) for pair in pairs]
    x = np.array([list(asdict(measures).values()) for measures, _ in measured])
    y = np.array([pair.supported for pair in pairs])
    facts = np.array([good for _, good in measured])
    sources = sorted({harness.places[pair.place][0].source for pair in pairs})
    fold = np.array([sources.index(harness.places[pair.place][0].source) % FOLDS for pair in pairs])
    score = np.zeros(len(pairs))
    for number in range(FOLDS):
        weights, bias = fit(x[(fold != number) & facts], y[(fold != number) & facts])
        score[fold == number] = x[fold == number] @ weights + bias
    weights, bias = fit(x[facts], y[facts])
    print("weights", {name: round(float(w), 2) for name, w in zip(WEIGHTS, weights, strict=True)}, "bias", round(bias, 2))
    for threshold in (0.2, 0.25, 0.3, 0.35, 0.38, 0.4, 0.45, 0.5):
        marked = ~facts | (1 / (1 + np.exp(-score)) < threshold)
        print(f"threshold {threshold:.2f}: caught {marked[~y].mean():.3f}, wrongly marked {marked[y].mean():.3f}")


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--fit", action="store_true")
    parser.add_argument("--show", action="store_true")
    parser.add_argument("--half", default="test", choices=("calibration", "test"))
    options = parser.parse_args(arguments)
    harness = Harness(load_encoder(Settings()))
    if options.fit:
        cross_validate(harness)
        return
    pairs = [pair for pair in harness.pairs if pair.half == options.half]
    verdicts = [harness.verdict(pair) for pair in pairs]
    flagged = [verdict.verdict != SUPPORTED for verdict in verdicts]
    for kind, (marked, of) in rates(pairs, flagged).items():
        print(f"{kind:20} {marked:4} of {of:4}  {marked / of:.3f}")
    print(f"bias {BIAS}, threshold {THRESHOLD}")
    if options.show:
        for pair, verdict, flag in zip(pairs, verdicts, flagged, strict=True):
            if flag == pair.supported:
                print(
                    f"{'+' if pair.supported else '-'} {pair.kind}: {pair.sentence} -> {verdict.verdict} ({verdict.support:.2f})"
                )


if __name__ == "__main__":
    main()
