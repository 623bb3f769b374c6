"""The command line: arguments in, a call to the package, something readable out. `ingest` and measuring have their own files."""

from __future__ import annotations

import argparse
import io
import json
import logging
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kb import __version__
from kb.console import (
    EXIT_BUSY,
    EXIT_ERROR,
    add_common,
    add_cross_encoder,
    add_index,
    add_language_model,
    chat_model_of,
    open_base,
    printable,
    settings_of,
)
from kb.errors import IndexBusy, KBError, QuestionError
from kb.ingest_cli import add_ingest
from kb.measure_cli import add_calibrate, add_evaluate

if TYPE_CHECKING:
    from kb.records import Answer, Filters, Hit

MOST_STDIN = 1_000_000  # characters of a question read from stdin; settings.max_question_chars is told of the rest

TEACHING = """
the whole way, from articles to an answer:
  career-kb ingest my-articles/             read a folder (without one: the articles that come with the package)
  career-kb chat                            ask in the browser
  career-kb answer "Do I need a PhD?"       ask here; --json for a program

exit codes: 0 done, 1 failed (one line on stderr says why), 2 wrong arguments, 75 busy, try again, 130 stopped
the index: --index DIR, else KB_INDEX, else ./index where it stands, else the user's data folder
settings: --settings FILE.toml, and KB_* variables such as KB_TOP_K=5
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code. Errors that a person can cause are one line on stderr."""
    options = _parser().parse_args(arguments)
    _speak_utf8()
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
    try:
        return int(options.run(options))
    except KBError as error:
        print(f"career-kb: {printable(str(error))}", file=sys.stderr)
        return EXIT_BUSY if isinstance(error, IndexBusy) else EXIT_ERROR
    except KeyboardInterrupt:
        print("\nstopped; the index is as it was", file=sys.stderr)
        return 130
    except BrokenPipeError:
        sys.stderr.close()  # the reader of our output went away, as `head` does
        return 0


def _speak_utf8() -> None:
    """Reads and writes UTF-8 whatever the locale; a stray byte of the command line comes out as \\udcff, as JSON has it."""
    for stream, errors in ((sys.stdin, "replace"), (sys.stdout, "backslashreplace"), (sys.stderr, "backslashreplace")):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors=errors)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="career-kb",
        description="A career knowledge base you can ask and check: every sentence of an answer is a quote with its place.",
        epilog=TEACHING,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"career-kb {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_chat(commands)
    add_ingest(commands)
    _add_search(commands)
    _add_answer(commands)
    _add_verify(commands)
    _add_gaps(commands)
    _add_mcp(commands)
    add_evaluate(commands)
    add_calibrate(commands)
    return parser


def _add_chat(commands: Any) -> None:
    from kb.web.serve import DESCRIPTION, add_arguments

    command = commands.add_parser("chat", help="ask in the browser", description=DESCRIPTION)
    add_arguments(command)
    command.set_defaults(run=_chat)


def _chat(options: argparse.Namespace) -> int:
    from kb.web.serve import run

    return run(options, "career-kb")


def _add_filters(command: argparse.ArgumentParser) -> None:
    command.add_argument("--topic", action="append", default=[], help="only articles with this topic; may be given again")
    command.add_argument("--role", action="append", default=[], help="only articles about this role; may be given again")
    command.add_argument("--region", default="", help="only articles about this region")
    command.add_argument("--newer-than", default="", metavar="DATE", help="only articles dated from DATE on (2024, 2024-06)")
    command.add_argument("--source", action="append", default=[], help="only this article; may be given again")


def _filters(options: argparse.Namespace) -> Filters:
    from kb.records import Filters

    return Filters(tuple(options.topic), tuple(options.role), options.region, options.newer_than, tuple(options.source))


def _add_search(commands: Any) -> None:
    command = commands.add_parser("search", help="find passages", description="The passages that bear most on a question.")
    command.add_argument("question", help="- reads it from stdin")
    add_common(command)
    add_cross_encoder(command)
    _add_filters(command)
    command.add_argument("-k", type=int, default=None, help="how many (default: 10)")
    command.add_argument("--json", action="store_true", help="as JSON")
    command.add_argument("--explain", action="store_true", help="why each hit stands where it does")
    command.set_defaults(run=_search)


def _search(options: argparse.Namespace) -> int:
    question = _question(options)
    with open_base(options) as base:
        hits = base.search(question, options.k, filters=_filters(options))
    if options.json:
        found = {"question": question, "passages": [hit.to_dict() for hit in hits]}
        print(json.dumps(found, ensure_ascii=False, indent=1))
    else:
        for hit in hits:
            print(printable(_hit_lines(hit, options.explain)))
    return 0


def _hit_lines(hit: Hit, explain: bool) -> str:
    passage = hit.passage
    where = " › ".join(dict.fromkeys((passage.title, *passage.heading)))
    why = ""
    if explain:
        ranks = ", ".join(f"{name} rank {rank or '-'}" for name, rank in (("dense", hit.dense_rank), ("words", hit.words_rank)))
        if hit.fused_rank is not None:
            judged = "no number" if hit.cross_score is None else f"{hit.cross_score:.4g}"
            ranks += f", fused rank {hit.fused_rank}, cross-encoder {judged}"
        why = f"\n   score {hit.score:.4f}, cosine {hit.cosine:.3f}, {ranks}, matched: {', '.join(hit.matched_terms) or '-'}"
    text = " ".join(passage.text.split())
    return f"{hit.rank}. {where} ({passage.source}){why}\n   {text}\n"


def _add_answer(commands: Any) -> None:
    command = commands.add_parser("answer", help="answer a question from quotes", description="An answer of verbatim quotes.")
    command.add_argument("question", nargs="?", help="- reads it from stdin")
    add_common(command)
    add_cross_encoder(command)
    _add_filters(command)
    command.add_argument("--batch", type=Path, metavar="QUESTIONS.jsonl", help="a JSON line per question in, one out; - is stdin")
    command.add_argument("--json", action="store_true", help="as JSON")
    command.add_argument("--receipt", type=Path, metavar="FILE", help="also write the answer as a receipt: see verify")
    add_language_model(command)
    command.set_defaults(run=_answer)


def _answer(options: argparse.Namespace) -> int:
    from kb.gaps import gap_log, note
    from kb.progress import awaited

    if (options.question is None) == (options.batch is None):
        raise QuestionError("give a question, or --batch QUESTIONS.jsonl")
    if options.batch is not None:
        return _answer_batch(options)
    question = _question(options)
    with open_base(options) as base:
        answer = awaited(base.stream(question, filters=_filters(options), chat_model=chat_model_of(base.settings)))
        if base.settings.log_gaps:
            note(answer, gap_log(options.index))
    if options.receipt is not None:
        _write_receipt(answer, options.receipt)
    if options.json:
        print(answer.to_json(indent=1))
        return 0
    print(printable(answer.text))
    for line in answer.notes:
        print(printable(line), file=sys.stderr)
    for citation in answer.citations:
        print(printable(f"[{citation.number}] {citation.reference()}"))
    return 0


def _answer_batch(options: argparse.Namespace) -> int:
    """A JSON line per question, in order; a line that cannot be answered gives {"id", "error"} and a non-zero exit at the end."""
    from kb.asked import read_asked

    failed = False
    with open_base(options) as base:
        chat_model = chat_model_of(base.settings)
        for line in _lines(options.batch):
            try:
                asked = read_asked(line)
                answer = base.answer(asked.question, asked.history, filters=_filters(options), chat_model=chat_model)
                out = answer.to_json(asked.id)
            except QuestionError as error:
                failed, out = True, json.dumps({"id": _id_of(line), "error": str(error)}, ensure_ascii=False)
            print(out, flush=True)
    return EXIT_ERROR if failed else 0


def _write_receipt(answer: Answer, path: Path) -> None:
    from kb.receipt import receipt

    try:
        path.write_text(json.dumps(receipt(answer), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise KBError(f"cannot write the receipt to {path}: {error.strerror}") from error


def _add_verify(commands: Any) -> None:
    command = commands.add_parser(
        "verify",
        help="check a receipt against the articles",
        description="Check offline that every quote of a receipt stands in its article, word for word, at its place.",
    )
    command.add_argument("receipt", type=Path, metavar="RECEIPT.json")
    where = command.add_mutually_exclusive_group()
    add_index(where)
    where.add_argument("--articles", type=Path, metavar="FOLDER", help="against the article files of this folder")
    command.set_defaults(run=_verify)


def _verify(options: argparse.Namespace) -> int:
    from kb.receipt import articles_of_folder, articles_of_index, read_receipts, verify

    receipts = read_receipts("".join(_lines(options.receipt)))
    find = articles_of_folder(options.articles) if options.articles is not None else articles_of_index(options.index)
    findings = [finding for data in receipts for finding in verify(data, find)]
    for finding in findings:
        number = f"[{finding.number}] " if finding.number is not None else ""
        print(printable(f"{number}{finding.problem}: {finding.message}"), file=sys.stderr)
    grave = sum(finding.grave for finding in findings)
    quotes = sum(len(data["citations"]) for data in receipts if isinstance(data.get("citations"), list))
    print(f"{quotes} quotes checked, {grave} problems" + (f", {len(findings) - grave} remarks" if len(findings) > grave else ""))
    return EXIT_ERROR if grave else 0


def _add_gaps(commands: Any) -> None:
    command = commands.add_parser(
        "gaps", help="questions the base declined", description="What was asked and not covered, alike questions together."
    )
    add_common(command)
    command.add_argument("--by-words", action="store_true", help="group by the words alone, without loading the model")
    command.add_argument("--json", action="store_true", help="as JSON")
    command.add_argument("--clear", action="store_true", help="forget them")
    command.set_defaults(run=_gaps)


def _gaps(options: argparse.Namespace) -> int:
    from dataclasses import asdict

    from kb.encoder import load_encoder
    from kb.gaps import clear, gap_log, grouped, read_gaps

    path = gap_log(options.index)
    if options.clear:
        print(f"{clear(path)} declined questions forgotten")
        return 0
    gaps = read_gaps(path)
    encode = load_encoder(settings_of(options), options.index).encode if gaps and not options.by_words else None
    groups = grouped(gaps, encode)
    if options.json:
        print(json.dumps([asdict(group) for group in groups], ensure_ascii=False, indent=1))
        return 0
    for group in groups:
        times = f"{group.count} times, {group.first} to {group.last}" if group.count > 1 else group.last
        print(printable(f"{group.question}  ({times})"))
        for question in group.questions:
            if question != group.question:
                print(printable(f"    {question}"))
        print(printable(f"  write about: {group.topic}; nearest article now: {'; '.join(group.nearest) or 'none'}"))
    print(f"{len(gaps)} declined questions in {len(groups)} groups, kept in {path}")
    return 0


def _add_mcp(commands: Any) -> None:
    from kb.integrations.serving import DESCRIPTION, add_arguments

    command = commands.add_parser("mcp", help="serve the base to an assistant (MCP)", description=DESCRIPTION)
    add_common(command)
    add_cross_encoder(command)
    add_arguments(command)
    command.set_defaults(run=_mcp)


def _mcp(options: argparse.Namespace) -> int:
    from kb.integrations.serving import serve

    return serve(open_base(options), options)


def _question(options: argparse.Namespace) -> str:
    return sys.stdin.read(MOST_STDIN) if options.question == "-" else str(options.question)


def _lines(path: Path) -> Iterable[str]:
    try:
        with sys.stdin if str(path) == "-" else path.open(encoding="utf-8-sig", errors="replace") as file:
            yield from (line for line in file if line.strip())
    except OSError as error:
        raise QuestionError(f"cannot read {path}: {error.strerror}") from error


def _id_of(line: str) -> object:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return value.get("id") if isinstance(value, dict) else None
