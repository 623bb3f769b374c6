"""The command `ingest`: read, follow, list and remove articles, and say what was done."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kb.console import EXIT_ERROR, add_common, named, printable, seconds, settings_of
from kb.errors import KBError, NothingToIndex
from kb.settings import SHIPPED_ARTICLES, Settings

if TYPE_CHECKING:
    from kb.build import BuildReport
    from kb.encoder import Encoder
    from kb.mirror import Outcome


def add_ingest(commands: Any) -> None:
    """Add the command to a parser's commands."""
    command = commands.add_parser(
        "ingest",
        help="read articles into the index",
        description="Make the index hold what these folders and files hold now. Each folder is mirrored by itself: new, edited, "
        "renamed and deleted files are found by content. Exit code: 0 done, 1 an article could not be read or nothing was done, "
        "75 another ingest is writing.",
    )
    command.add_argument("sources", nargs="*", type=named, metavar="FOLDER_OR_FILE", help="default: the shipped articles")
    add_common(command)
    what = command.add_mutually_exclusive_group()
    what.add_argument("--dry-run", action="store_true", help="print what would change, change nothing")
    what.add_argument("--watch", action="store_true", help="go on following the folders until Ctrl+C")
    what.add_argument("--list", action="store_true", help="list the articles in the index")
    what.add_argument("--remove", nargs="+", metavar="SOURCE", help="take these articles, folders or files out of the index")
    command.add_argument("--rebuild", action="store_true", help="forget what the index held before, whatever state it is in")
    command.add_argument("--report", type=Path, metavar="FILE.json", help="write what became of every file")
    command.add_argument("--allow-url", action="store_true", help="web addresses may be given too; only public ones are fetched")
    command.add_argument("--wait", type=seconds, default=60, metavar="SECONDS", help="for another ingest to end (default: 60)")
    command.set_defaults(run=_ingest, usage_error=command.error)


def _ingest(options: argparse.Namespace) -> int:
    settings = settings_of(options)
    if (options.list or options.remove) and (options.sources or options.rebuild or options.report):
        options.usage_error("--list and --remove go with --index and nothing else")
    if options.list:
        return _list(options.index, settings)
    if options.remove:
        return _remove(options, settings)
    if options.watch:
        return _watch(options, settings)
    report = _once(options, settings)
    return print_plan(report) if options.dry_run else print_report(report, options.index)


def _once(options: argparse.Namespace, settings: Settings, encoder: Encoder | None = None) -> BuildReport:
    from kb.build import build_index, plan_build
    from kb.progress import shown_progress

    sources = options.sources or [SHIPPED_ARTICLES]
    common: dict[str, Any] = {"settings": settings, "rebuild": options.rebuild, "allow_url": options.allow_url}
    with shown_progress() as progress:
        if options.dry_run:
            return _reported(options.report, lambda: plan_build(sources, options.index, progress=progress, **common))
        common |= {"encoder": encoder, "wait_seconds": options.wait}
        return _reported(options.report, lambda: build_index(sources, options.index, progress=progress, **common))


def _reported(path: Path | None, build: Callable[[], BuildReport]) -> BuildReport:
    """The build's report, written to path as JSON too; also when there was nothing to index, with the reason for each file."""
    from kb.build import report_dict, write_report
    from kb.mirror import Outcome

    started = time.perf_counter()
    try:
        report = build()
    except NothingToIndex as error:
        outcomes = [each for each in error.outcomes if isinstance(each, Outcome)]
        if path is not None:
            write_report(path, report_dict(outcomes, None, time.perf_counter() - started))
        raise
    if path is not None:
        write_report(path, report_dict(report.outcomes, report, report.seconds))
    return report


def _remove(options: argparse.Namespace, settings: Settings) -> int:
    from kb.build import remove_articles

    report = remove_articles(options.remove, options.index, settings=settings, wait_seconds=options.wait)
    return print_report(report, options.index)


def print_report(report: BuildReport, folder: Path) -> int:
    """Say what a build did; returns the exit code: non-zero when a file could not be read."""
    _print_asides(report.outcomes, report.notes)
    print(_summary(report, folder))
    return EXIT_ERROR if report.errors else 0


def _summary(report: BuildReport, folder: Path) -> str:
    done = "nothing changed" if report.plan.empty else str(report.plan)
    bad = f", {len(report.errors)} could not be read" if report.errors else ""
    return (
        f"{folder}: {done}; {report.articles} articles{bad}, {report.passages} passages ({report.embedded} embedded) "
        f"in {report.seconds:.1f} s"
    )


def print_plan(report: BuildReport) -> int:
    """Say what a build would change; returns the exit code that it would have."""
    _print_asides(report.outcomes, report.notes)
    for line in report.plan.lines():
        print(printable(line).replace("\n", "\N{REPLACEMENT CHARACTER}"))
    print(f"{report.plan} (dry run: nothing was changed)")
    return EXIT_ERROR if report.errors else 0


def _print_asides(outcomes: Sequence[Outcome], notes: Sequence[str]) -> None:
    for outcome in outcomes:
        if outcome.outcome != "indexed" or outcome.reason:
            kind = "warning" if outcome.outcome == "indexed" else outcome.outcome
            print(printable(f"{kind}: {outcome.source!r}: {outcome.reason}"), file=sys.stderr)
    for note in notes:
        print(printable(f"note: {note}"), file=sys.stderr)


def _list(folder: Path, settings: Settings) -> int:
    """A line per article under the folder that it came from: source, title, date, passages."""
    from kb.store import open_generation

    generation = open_generation(folder, settings)
    passages = generation.catalogue.rows_by_source()
    root = None
    for each in sorted(generation.catalogue.kept(), key=lambda each: (each.root, each.source)):
        if each.root != root:
            root = each.root
            print(printable(root))
        date = each.article.date or "undated"
        line = f"  {each.source}\t{each.article.title}\t{date}\t{len(passages.get(each.source, ()))} passages"
        print(printable(line).replace("\n", "\N{REPLACEMENT CHARACTER}"))
    generation.close()
    return 0


def _watch(options: argparse.Namespace, settings: Settings) -> int:
    """Follow the folders until Ctrl+C."""
    from kb.lazy_encoder import LazyEncoder
    from kb.mirror import is_address
    from kb.watch import ticks

    sources = options.sources or [SHIPPED_ARTICLES]
    if any(is_address(source) for source in sources):
        options.usage_error("web addresses cannot be followed; ingest them without --watch")
    encoder, said = LazyEncoder(settings, options.index), ""
    try:
        for _ in ticks([Path(source) for source in sources]):
            said = _look(options, settings, encoder, said)
    except KeyboardInterrupt:
        print("\nno longer following", file=sys.stderr)
    return 0


def _look(options: argparse.Namespace, settings: Settings, encoder: Encoder, said: str) -> str:
    """Bring the index up to date; what goes wrong is said when it was not said the time before, and tried again the next time."""
    try:
        report = _once(options, settings, encoder)
    except KBError as error:
        wrong = f"career-kb: {error}"
    else:
        options.rebuild = False
        wrong = "\n".join(f"{each.outcome}: {each.source!r}: {each.reason}" for each in report.errors)
        if not report.plan.empty:
            print(_summary(report, options.index), flush=True)
    if wrong and wrong != said:
        print(printable(wrong), file=sys.stderr, flush=True)
    return wrong
