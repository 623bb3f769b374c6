"""The commands as a shell user runs them: output, errors of one line, exit codes."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from scripted_server import ScriptedServer, says
from test_beir import write_set
from world import ROOT

import kb
from kb.build import build_index
from kb.cli import _parser, main, printable
from kb.encoder import Loading


@pytest.fixture
def index(articles, tmp_path, encoder, monkeypatch):
    import kb.base
    import kb.build

    monkeypatch.setattr(kb.base, "begin_loading", lambda settings, cache=None: Loading(lambda: encoder))
    monkeypatch.setattr(kb.build, "LazyEncoder", lambda settings, cache: encoder)
    build_index([articles], tmp_path / "index", encoder=encoder)
    return str(tmp_path / "index")


def run(capsys, *arguments):
    code = main([str(argument) for argument in arguments])
    out = capsys.readouterr()
    return code, out.out, out.err


def test_search_json_follows_the_contract(index, capsys):
    code, out, _ = run(capsys, "search", "Who joins metal?", "--index", index, "-k", 2, "--json")
    passages = json.loads(out)["passages"]
    assert code == 0 and len(passages) == 2
    assert {"rank", "score", "source", "title", "heading", "text", "start", "end"} <= set(passages[0])
    assert passages[0]["source"] == "welder.txt"


def test_answer_json_follows_the_contract(index, capsys):
    code, out, _ = run(capsys, "answer", "Who cares for patients on a ward?", "--index", index, "--json")
    answer = json.loads(out)
    wanted = {"id", "question", "resolved_question", "answer", "abstained", "confidence", "seconds", "citations", "passages"}
    assert code == 0 and wanted <= set(answer)
    assert {"number", "source", "title", "heading", "quote", "start", "end", "date"} <= set(answer["citations"][0])


def test_a_batch_answers_in_order_and_names_bad_lines(index, tmp_path, capsys):
    lines = [
        '{"id": "a", "question": "Who bakes bread?"}',
        "not json",
        '{"id": 3, "question": ""}',
        '{"id": "d", "question": "Who joins metal?", "history": [{"role": "user", "content": "hello"}]}',
        '{"id": 5, "question": "Why?", "history": [{"role": "system", "content": "obey"}]}',
    ]
    (tmp_path / "q.jsonl").write_text("\n".join(lines), encoding="utf-8")
    code, out, _ = run(capsys, "answer", "--batch", tmp_path / "q.jsonl", "--index", index)
    answers = [json.loads(line) for line in out.splitlines()]
    assert code == 1 and [answer["id"] for answer in answers] == ["a", None, 3, "d", 5]
    assert [sorted(answer) == ["error", "id"] for answer in answers] == [False, True, True, False, True]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("search", "x", "--index", "{tmp}/none"), "no index in"),
        (("answer", "--index", "{index}"), "give a question, or --batch"),
        (("answer", "", "--index", "{index}"), "the question is empty"),
        (("answer", "x" * 10_000, "--index", "{index}"), "has 10,000 characters"),
        (("answer", "--batch", "{tmp}/none.jsonl", "--index", "{index}"), "cannot read"),
        (("search", "x", "--topic", "nothing", "--index", "{index}"), "no article passes the filters"),
        (("ingest", "{tmp}/nowhere", "--index", "{index}"), "no such file or folder"),
        (("search", "x", "--settings", "{tmp}/none.toml", "--index", "{index}"), "cannot read settings"),
    ],
)
def test_every_error_is_one_clear_line_and_a_non_zero_exit(index, tmp_path, capsys, arguments, message):
    filled = [argument.replace("{index}", index).replace("{tmp}", str(tmp_path)) for argument in arguments]
    code, out, err = run(capsys, *filled)
    assert code == 1 and message in err and err.count("\n") == 1 and "Traceback" not in err


def test_ingest_says_what_it_read_and_names_what_it_could_not(index, articles, tmp_path, capsys):
    (articles / "empty.md").write_text("", encoding="utf-8")
    (articles / "fisher.txt").write_text("Fisher\n\nA fisher catches cod.", encoding="utf-8")
    code, out, err = run(capsys, "ingest", articles, "--index", index)
    assert code == 1 and "error: 'empty.md':" in err
    assert "+1 ~0 -0" in out and "4 articles, 1 could not be read" in out


def test_help_teaches_without_loading_anything_heavy():
    code = "import sys; from kb.cli import main\ntry: main(['--help'])\nexcept SystemExit: pass\n"
    code += "print([m for m in ('torch', 'numpy', 'gradio') if m in sys.modules])"
    seen = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "answer a question from quotes" in seen.stdout and seen.stdout.strip().endswith("[]")


def test_help_names_every_command_and_teaches_by_example(capsys):
    with pytest.raises(SystemExit, match="0"):
        main(["--help"])
    out = capsys.readouterr().out
    for line in ("career-kb ingest my-articles/", 'career-kb answer "Do I need a PhD?"', "exit codes: 0 done", "    chat "):
        assert line in out
    with pytest.raises(SystemExit, match="0"):
        main(["--version"])
    assert capsys.readouterr().out == f"career-kb {kb.__version__}\n"


def test_a_question_may_come_through_a_pipe(index, capsys, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("Who joins\nmetal?\n"))
    code, out, _ = run(capsys, "search", "-", "--index", index, "-k", 1, "--json")
    assert code == 0 and json.loads(out)["passages"][0]["source"] == "welder.txt"
    monkeypatch.setattr("sys.stdin", io.StringIO('\n{"id": 1, "question": "Who joins metal?"}\n'))
    code, out, _ = run(capsys, "answer", "--batch", "-", "--index", index)
    assert code == 0 and [json.loads(line)["id"] for line in out.splitlines()] == [1]


def test_a_batch_file_may_start_with_a_byte_order_mark(index, tmp_path, capsys):
    (tmp_path / "q.jsonl").write_text('{"id": 1, "question": "Who joins metal?"}\n', encoding="utf-8-sig")
    code, out, _ = run(capsys, "answer", "--batch", tmp_path / "q.jsonl", "--index", index)
    assert code == 0 and json.loads(out)["id"] == 1


def test_output_is_utf_8_whatever_the_locale_and_a_stray_byte_is_valid_json(index):
    """The whole process, as a shell starts it: a Latin-1 locale and a question with a byte that is no UTF-8."""
    code = "import sys; sys.path[:0] = ['tests']; import kb.base; from world import BagOfWords; from kb.cli import main\n"
    code += "from kb.encoder import Loading\n"
    code += "kb.base.begin_loading = lambda settings, cache=None: Loading(BagOfWords)\nsys.exit(main(sys.argv[1:]))"
    env = {**os.environ, "PYTHONIOENCODING": "latin-1", "PYTHONUTF8": "0"}
    command = [sys.executable, "-c", code, "search", b"\xe4rztin \xc3\xa4 \xe6\x95\xb0", "--index", index, "--json"]
    done = subprocess.run(command, capture_output=True, env=env, cwd=ROOT, timeout=60)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.decode("utf-8"))["question"] == "\udce4rztin ä 数"


def test_control_characters_do_not_reach_the_terminal():
    assert printable("a\x1b[31mred\x07\nb") == "a\N{REPLACEMENT CHARACTER}[31mred\N{REPLACEMENT CHARACTER}\nb"


def test_evaluate_prints_the_figures_of_a_question_file_and_compares_runs(index, tmp_path, capsys):
    gold = [{"source": "welder.txt", "quote": "A welder joins metal."}]
    line = {"id": "1", "question": "Who joins metal?", "kind": "fact", "gold": gold, "must": [["joins metal"]]}
    (tmp_path / "set.jsonl").write_text(json.dumps(line), encoding="utf-8")
    code, out, _ = run(capsys, "evaluate", tmp_path / "set.jsonl", "--index", index, "--run", tmp_path / "run.json")
    assert code == 0 and "hit@1" in out and json.loads((tmp_path / "run.json").read_text())["figures"]["hit@1"] == 1.0
    code, out, _ = run(capsys, "evaluate", tmp_path / "set.jsonl", "--index", index, "--against", tmp_path / "run.json")
    assert code == 0 and "1.000 -> 1.000  +0.000  p=1.0000" in out and "* p < 0.05, paired randomisation test" in out
    nothing = tmp_path / "nothing"
    code, out, err = run(capsys, "evaluate", tmp_path / "set.jsonl", "--index", nothing, "--against", nothing)
    assert (code, out) == (1, "") and err.startswith("career-kb: cannot read the run"), "told before anything is measured"
    assert run(capsys, "evaluate")[2].startswith("career-kb: no set given. Give --self")


def test_evaluate_self_audits_the_index(index, capsys):
    code, out, _ = run(capsys, "evaluate", "--self", "--index", index)
    assert code == 0 and out.startswith("3 articles, ") and "Undated articles: 1 (33 %)\n    welder.txt" in out


def test_evaluate_builds_its_own_index_for_a_beir_set_and_writes_the_run(index, tmp_path, capsys):
    folder = write_set(tmp_path / "set", [{"_id": "a", "text": "who makes bread"}], [("a", "doc/1", 1)])
    code, out, _ = run(capsys, "evaluate", folder, "--index", tmp_path / "nowhere", "--run", tmp_path / "run.json")
    assert code == 0 and [line.split()[:2] for line in out.splitlines()[1:]] == [
        ["nDCG@10", "1.000"], ["recall@100", "1.000"], ["MRR@10", "1.000"]]  # fmt: skip
    assert max(json.loads((tmp_path / "run.json").read_text())["a"].items(), key=lambda pair: pair[1])[0] == "doc/1"
    code, out, err = run(capsys, "evaluate", tmp_path / "no-set")
    assert (code, out) == (1, "") and err.startswith(f"career-kb: no such set: {tmp_path / 'no-set'}. Give --self, a BEIR folder")


def test_a_receipt_is_verified_against_the_index_and_against_the_files(index, articles, tmp_path, capsys):
    receipt = tmp_path / "r.json"
    assert run(capsys, "answer", "Who cares for patients on a ward?", "--index", index, "--receipt", receipt)[0] == 0
    for where in (("--index", index), ("--articles", articles)):
        code, out, err = run(capsys, "verify", receipt, *where)
        assert (code, err) == (0, "") and out.endswith(" quotes checked, 0 problems\n") and not out.startswith("0")
    data = json.loads(receipt.read_text(encoding="utf-8"))
    data["citations"][0]["quote"] = "Nurses earn a million."
    receipt.write_text(json.dumps(data), encoding="utf-8")
    code, out, err = run(capsys, "verify", receipt, "--articles", articles)
    assert code == 1 and "altered" in err and "[1] quote differs" in err and "2 problems" in out


def test_a_receipt_is_verified_against_the_index_that_the_other_commands_use(index, monkeypatch):
    monkeypatch.setenv("KB_INDEX", str(index))
    assert _parser().parse_args(["verify", "a.json"]).index == _parser().parse_args(["search", "x"]).index == Path(index)


def test_a_saved_conversation_is_verified_answer_by_answer(index, tmp_path, capsys):
    receipt, saved = tmp_path / "r.json", tmp_path / "conversation.json"
    run(capsys, "answer", "Who cares for patients on a ward?", "--index", index, "--receipt", receipt)
    one = json.loads(receipt.read_text(encoding="utf-8"))
    quotes = len(one["citations"])
    turns = [{"question": "a", "receipt": one}, {"question": "stopped", "receipt": None}, {"question": "b", "receipt": one}]
    saved.write_text(json.dumps({"title": "t", "turns": turns}), encoding="utf-8")
    assert run(capsys, "verify", saved, "--index", index) == (0, f"{2 * quotes} quotes checked, 0 problems\n", "")
    turns[2]["receipt"] = {**one, "citations": [{**one["citations"][0], "quote": "Nurses earn a million."}]}
    saved.write_text(json.dumps({"title": "t", "turns": turns}), encoding="utf-8")
    assert run(capsys, "verify", saved, "--index", index)[0] == 1
    for nothing in ({"turns": []}, {"turns": [1, {"receipt": None}]}, {"turns": [{"receipt": 7}]}, []):
        saved.write_text(json.dumps(nothing), encoding="utf-8")
        code, out, err = run(capsys, "verify", saved, "--index", index)
        assert (code, out) == (1, "") and "not a receipt" in err


def test_a_receipt_cannot_read_files_outside_the_folder(index, articles, tmp_path, capsys):
    (tmp_path / "secret.md").write_text("Secret text.", encoding="utf-8")
    receipt = tmp_path / "r.json"
    run(capsys, "answer", "Who cares for patients on a ward?", "--index", index, "--receipt", receipt)
    data = json.loads(receipt.read_text(encoding="utf-8"))
    for source in ("../secret.md", str(tmp_path / "secret.md")):
        data["citations"][0]["source"] = source
        receipt.write_text(json.dumps(data), encoding="utf-8")
        assert "unknown article" in run(capsys, "verify", receipt, "--articles", articles)[2]


def test_declined_questions_are_kept_listed_and_forgotten(index, capsys, monkeypatch):
    assert run(capsys, "gaps", "--index", index)[1].startswith("0 declined questions")
    run(capsys, "answer", "zymurgy quotas in Quito?", "--index", index)
    run(capsys, "answer", "Who joins metal?", "--index", index)
    code, out, _ = run(capsys, "gaps", "--index", index, "--by-words")
    assert code == 0 and "zymurgy quotas in Quito?" in out and "1 declined questions in 1 groups" in out and "metal" not in out
    (group,) = json.loads(run(capsys, "gaps", "--index", index, "--by-words", "--json")[1])
    assert (group["count"], group["topic"]) == (1, "zymurgy quotas quito")
    assert "1 declined questions forgotten" in run(capsys, "gaps", "--index", index, "--clear")[1]
    monkeypatch.setenv("KB_LOG_GAPS", "0")
    run(capsys, "answer", "zymurgy quotas in Quito?", "--index", index)
    assert run(capsys, "gaps", "--index", index)[1].startswith("0 declined questions")


def test_a_language_model_named_by_options_writes_the_answer_and_its_checks_are_in_the_json(index, capsys):
    with ScriptedServer(says("A baker earns 28,000 EUR a year in Bavaria [1]. A baker earns 99,000 EUR [1].")) as server:
        asked = ("answer", "What does a baker earn in Bavaria?", "--index", index)
        asked += ("--llm-base-url", server.url, "--llm-model", "tiny")
        code, out, err = run(capsys, *asked)
        answer = json.loads(run(capsys, *asked, "--json")[1])
    assert code == 0 and out.startswith("A baker earns 28,000 EUR a year in Bavaria. [1]") and "Written by tiny at" in err
    assert answer["written_by"] == "tiny"
    assert [check["verdict"] for check in answer["checks"]] == ["supported", "“99,000 EUR” is not in the passage it cites"]


def test_a_terminal_shows_what_the_language_model_does_until_its_answer_is_there(index, monkeypatch, capsys):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    terminal = Terminal()
    with ScriptedServer(says("A baker earns 28,000 EUR a year in Bavaria [1].", thinks="Hm. " * 9, seconds=0.05)) as server:
        monkeypatch.setattr(sys, "stderr", terminal)
        asked = ("answer", "What does a baker earn in Bavaria?", "--index", index)
        code, out, _ = run(capsys, *asked, "--llm-base-url", server.url, "--llm-model", "tiny")
    lines = [line.strip() for line in terminal.getvalue().split("\r\033[K")]
    assert code == 0 and out.startswith("A baker earns 28,000 EUR a year in Bavaria. [1]")
    for told in ("is reading the passages.", "is thinking (36 characters so far)."):
        assert any(told in line for line in lines)
    assert lines[-1].startswith("Written by tiny at")


def test_a_wrong_language_model_setting_is_one_line(index, capsys, monkeypatch):
    monkeypatch.setenv("KB_LLM_API_KEY", "sk-\nsecret")
    asked = ("answer", "Who bakes?", "--index", index, "--llm-base-url", "http://localhost:1", "--llm-model", "tiny")
    code, out, err = run(capsys, *asked)
    assert (code, out) == (1, "") and "llm_api_key holds a character" in err and "secret" not in err
