"""benchmarks/quality.py: the page is written from what was measured; the floors stand below what the page says."""

import importlib.util
import re
import sys
from pathlib import Path

import pytest

from kb import choice
from kb.evaluate import evaluate_questions
from kb.question_set import Asked, Gold

ROOT = Path(__file__).resolve().parent.parent


def load(path: Path):
    spec = importlib.util.spec_from_file_location(f"{path.stem}_loaded", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def page():
    return load(ROOT / "benchmarks" / "quality.py")


def test_answers_to_be_read_take_each_kind_and_good_and_bad_in_turn(page, base):
    good = Asked("1", "Who joins metal?", "fact", True, (Gold("welder.txt", "A welder joins metal."),), (("joins metal",),))
    bad = Asked("2", "Who bakes bread?", "fact", True, (Gold("baker.md", "bread"),), (("said nowhere",),))
    outside = Asked("3", "zymurgy quotas in Quito?", "outside", False)
    report = evaluate_questions(base, [bad, outside, good])
    text = page.whole_answers({"small": report}, wanted=3)
    order = [text.index(f"**{question}**") for question in ("Who joins metal?", "zymurgy quotas in Quito?", "Who bakes bread?")]
    assert order == sorted(order)
    verdicts = (r"metal\?\*\* \(fact; holds 1 of 1", r"bread\?\*\* \(fact; (holds 0|wrongly)", r"\(outside; rightly declined")
    for verdict in verdicts:
        assert re.search(verdict, text)
    assert "> A welder joins metal." in text


def test_variants_ask_the_encoder_for_a_text_once(page, encoder):
    remembering = page.Remembering(encoder)
    first = remembering.encode(["a b", "c"])
    encoder.encoded.clear()
    assert (remembering.encode(["c", "a b"]) == first[::-1]).all() and encoder.encoded == []
    assert remembering.fingerprint == encoder.fingerprint


def test_the_floors_stand_below_the_page_and_not_far():
    floors = load(ROOT / "tests" / "quality" / "test_floors.py")
    lines = (ROOT / "docs" / "quality.md").read_text(encoding="utf-8").splitlines()
    cells = [re.split(r"\s*\|\s*", line.strip("| ")) for line in lines if line.startswith("|")]
    header, _, *rows = cells[: 2 + len(floors.FLOORS)]
    for row in rows:
        said = dict(zip(header, row, strict=True))
        for figure, floor in floors.FLOORS[said["set"].lower().replace("shipped articles", "shipped")].items():
            assert floor <= float(said[figure]) <= floor + 0.08, (said["set"], figure)


def test_the_page_ends_with_the_text_that_is_kept_apart(page):
    assert (ROOT / "docs" / "quality.md").read_text(encoding="utf-8").endswith("\n\n" + page.TEXT.read_text(encoding="utf-8"))


def test_the_page_begins_as_it_would_be_written_now(page):
    written = (ROOT / "docs" / "quality.md").read_text(encoding="utf-8")
    opening, measured, _ = page.introduction({}).partition("Measured with")
    assert written.startswith(opening + measured)


def weights_under(page, heading):
    """The first column of the first table below a heading, as numbers."""
    text = page.TEXT.read_text(encoding="utf-8").partition(f"## {heading}\n")[2]
    table = re.search(r"\| weight \|.*\n\|.*\n((?:\|.*\n)+)", text)[1]
    return [float(line.split("|")[1].strip(" ±")) for line in table.splitlines()]


RANKING = ("passage", "unit", "static", "said", "neighbours", "neighbours_words", "length", "words")


def test_the_weights_of_the_page_are_those_of_the_code(page):
    settings = page.Settings()
    ranking = [getattr(settings, f"weight_{name}") for name in RANKING]
    assert weights_under(page, "Ranking") == ranking
    features = "MEANING ITSELF ASPECT PASSAGE SAID KIND ELSEWHERE OPENS DEFINES OTHER_NAMES ELSEWHERE WARNS"
    assert weights_under(page, "Choosing what to quote") == [getattr(choice, name) for name in features.split()]
