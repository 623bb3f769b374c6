"""The commands that measure a base: `evaluate`, and `calibrate`, which fits when it says no."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from kb.console import add_common, add_cross_encoder, open_base, printable, settings_of
from kb.errors import KBError


def add_evaluate(commands: Any) -> None:
    """Add the command to a parser's commands."""
    command = commands.add_parser(
        "evaluate",
        help="measure retrieval, answers and refusals",
        description="Measure on a set in BEIR's layout (on a throw-away index of it) or on questions with gold quotes.",
    )
    command.add_argument("set", nargs="?", type=Path, metavar="SET", help="a BEIR folder, or one with questions.jsonl")
    command.add_argument("--self", action="store_true", dest="itself", help="audit the index itself, without any labels")
    _add_how(command)
    command.add_argument("--run", type=Path, dest="out", metavar="OUT.json", help="write what came back for every question")
    command.add_argument("--against", type=Path, metavar="RUN.json", help="compare with an earlier --run, with significance")
    command.set_defaults(run=_evaluate)


def _evaluate(options: argparse.Namespace) -> int:
    from kb.beir import is_retrieval_set
    from kb.evaluate import compare, evaluate, load_run
    from kb.progress import shown_progress

    if options.itself:
        from kb.audit import audit

        with open_base(options) as base, shown_progress() as progress:
            print(printable("\n".join(audit(base, progress=progress).lines())))
        return 0
    if options.set is None or not options.set.exists():
        missing = "no set given" if options.set is None else f"no such set: {options.set}"
        raise KBError(f"{missing}. Give --self, a BEIR folder, a folder with questions.jsonl, or such a file")
    earlier = None if options.against is None else load_run(options.against, options.set)  # before it measures
    with shown_progress() as progress:
        if is_retrieval_set(options.set) or (options.set / "articles").is_dir():
            report = evaluate(settings_of(options), options.set, split=options.split, progress=progress)
        else:
            with open_base(options) as base:
                report = evaluate(base, options.set, split=options.split, progress=progress)
    print(printable("\n".join(report.lines())))
    if options.out is not None:
        report.save(options.out)
    if earlier is not None:
        print(printable("\n".join(["", *compare(earlier, report), "  * p < 0.05, paired randomisation test"])))
    return 0


def add_calibrate(commands: Any) -> None:
    """Add the command to a parser's commands."""
    command = commands.add_parser(
        "calibrate",
        help="fit when to say no to your own base",
        description="Fit answer_threshold: the highest that declines no more than --lose of the questions that have an answer.",
    )
    command.add_argument("questions", nargs="?", type=Path, metavar="QUESTIONS.jsonl", help="as `evaluate` takes them")
    _add_how(command)
    command.add_argument("--lose", type=float, default=0.05, metavar="SHARE", help="of answerable questions, 0.05 when not given")
    command.set_defaults(run=_calibrate)


def _calibrate(options: argparse.Namespace) -> int:
    from kb.calibrate import calibrate
    from kb.progress import shown_progress
    from kb.question_set import load_questions

    questions = load_questions(options.questions, options.split) if options.questions is not None else ()
    with open_base(options) as base, shown_progress() as progress:
        print("\n".join(calibrate(base, questions, lose=options.lose, progress=progress).lines()))
    return 0


def _add_how(command: argparse.ArgumentParser) -> None:
    """The base that is measured, and on what part of a set."""
    add_common(command)
    add_cross_encoder(command)
    command.add_argument("--split", default="", help="only the questions of this split")
