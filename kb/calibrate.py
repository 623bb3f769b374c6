"""Fit the threshold of an honest no to one's own base: `python -m kb calibrate questions.jsonl`.

The threshold is the highest that declines at most a given share of the questions which the base should answer (a point of the
ROC curve, as kb.metrics.refused_at). Without labelled questions the base's own titles stand for what it should answer, and
questions of other fields and about invented employers for what it should not; titles are easier than what people ask, so that
threshold is an upper bound, not a recommendation.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from kb.audit import OUTSIDE, near_misses
from kb.base import KnowledgeBase
from kb.errors import KBError
from kb.evaluate import Progress, ask
from kb.metrics import auroc, calibration_error, refused_at
from kb.question_set import Asked

LOSE = 0.05  # share of the answerable questions that may be declined
FEW = 30  # questions of either sort under which a share is known to no better than about 18 points (95 %)
STEPS = (0.3, 0.4, 0.5, 0.6, 0.65, 0.7, 0.75, 0.8, 0.9)


@dataclass(frozen=True, slots=True)
class Calibration:
    """Confidences in [0, 1] of questions the base should answer (known) and should decline (unknown), and what follows.

    threshold declines at most `lose` of the known; current: the threshold in use. labelled: whether people wrote the questions.
    """

    known: tuple[float, ...]
    unknown: tuple[float, ...]
    lose: float
    threshold: float
    current: float
    labelled: bool

    def lines(self) -> list[str]:
        """The report as text."""
        lines = [f"{len(self.known)} questions that should be answered, {len(self.unknown)} that should be declined"]
        error = calibration_error([*self.known, *self.unknown], [True] * len(self.known) + [False] * len(self.unknown))
        lines += [f"AUROC of confidence {auroc(self.known, self.unknown):.3f}, calibration error {error:.3f}", ""]
        lines += ["threshold   rightly declined   wrongly declined"]
        for value in sorted({*STEPS, round(self.current, 3), self.threshold}):
            mark = "  in use" * (value == round(self.current, 3)) + "  fitted" * (value == self.threshold)
            lines.append(f"{value:9.3f} {_declined(self.unknown, value):15.0%} {_declined(self.known, value):18.0%}{mark}")
        lines.append("")
        if min(len(self.known), len(self.unknown)) < FEW:
            lines.append(f"Fewer than {FEW} questions of a sort: take this for a hint.")
        fitted = self.threshold
        if self.labelled:
            lines.append(f"To use it: answer_threshold = {fitted} in the settings file, or KB_ANSWER_THRESHOLD={fitted}")
        else:
            lines.append(f"Titles are easier than what people ask: a threshold above {fitted} declines too much. Give a file of")
            lines.append("questions as docs/measuring.md describes it to fit one that can be used.")
        return lines


def calibrate(
    base: KnowledgeBase, questions: Sequence[Asked] = (), *, lose: float = LOSE, progress: Progress | None = None
) -> Calibration:
    """Ask and fit. questions: labelled ones, else the base's own titles and outside questions are asked.

    Raises KBError when lose is not in [0, 1) or when there are no questions of either sort.
    """
    if not 0 <= lose < 1:
        raise KBError(f"the share of questions to lose lies between 0 and 1, got {lose}")
    asked = list(questions) or of_itself(base)
    confidences: dict[bool, list[float]] = {True: [], False: []}
    for done, one in enumerate(asked, start=1):
        confidences[one.answerable].append(ask(base, one).answer.confidence)
        if progress is not None:
            progress("asking", done, len(asked))
    known, unknown = confidences[True], confidences[False]
    if not known or not unknown:
        missing = "answered" if not known else 'declined ("answerable": false)'
        raise KBError(f"calibrating takes questions of both sorts: there are none that should be {missing}")
    _, threshold = refused_at(known, unknown, lose)
    fitted = math.floor(1000 * threshold) / 1000
    return Calibration(tuple(known), tuple(unknown), lose, fitted, base.settings.answer_threshold, bool(questions))


def of_itself(base: KnowledgeBase) -> list[Asked]:
    """Titles, which a base should answer, and questions of other fields and about invented employers, which it should not."""
    articles = base.articles()
    titles = dict.fromkeys(article.title[: base.settings.max_question_chars] for article in articles if article.title.strip())
    inside = [Asked(f"title {n}", title, "title", answerable=True) for n, title in enumerate(titles)]
    others = (*OUTSIDE, *near_misses(articles))
    outside = [Asked(f"outside {n}", text, "outside", answerable=False) for n, text in enumerate(others)]
    return inside + outside


def _declined(confidences: Sequence[float], threshold: float) -> float:
    return sum(value < threshold for value in confidences) / len(confidences)
