"""docs/performance.md says what was measured, and its pictures show it."""

import xml.etree.ElementTree as ElementTree

import pytest

from benchmarks.performance import SCALE_COLUMNS, bars, page, pages, panel, peer_picture, scale_table, short

RUN = {"build passages/s": 10.0, "first answer s": 5.0, "question p50 ms": 8.0, "resident MB": 500.0, "add s": 6.0}
OURS = {name: value / 2 for name, value in RUN.items()}
SIZE = dict.fromkeys(SCALE_COLUMNS.values(), 3.0)


def test_the_page_and_its_pictures_are_those_of_the_results():
    for path, text in pages().items():
        assert path.read_text(encoding="utf-8") == text, f"{path.name}: run python -m benchmarks.performance"


def test_pictures_are_whole_svg_without_anything_from_elsewhere():
    drawn = [text for path, text in pages().items() if path.suffix == ".svg"]
    for each in [*drawn, peer_picture({"Career KB": [OURS], "LangChain": [RUN]})]:
        assert ElementTree.fromstring(each).tag.endswith("svg") and "href" not in each


def test_a_ratio_is_that_of_figures_of_the_same_round():
    peers = {"rounds": {"Career KB": [OURS, OURS], "LangChain": [RUN, RUN]}, "passages": 7, "versions": {"LangChain": "x 1"}}
    text = "# P\n{{scale}}\n## Encoding\n{{encoding}}\n## Beside\n{{peers}} {{peer_passages}}\n"
    made = page(text, {"machine": {"cores": "2"}, "sizes": [{**SIZE, "dense": {"kind": "exact"}}]}, peers, None)
    assert "| Career KB | 5.00 (x 0.50) | 2.50 (x 0.50) | 4.00 (x 0.50) | 250 (x 0.50) | 3.00 (x 0.50) |" in made
    assert "Encoding" not in made and made.endswith(" 7\n")


def test_a_point_lies_where_its_logarithm_says():
    drawn = panel("t", {"a": [(1.0, 1.0), (10.0, 10.0), (100.0, 100.0)]}, (0, 0))
    xs = [float(part.split('"')[1]) for part in drawn.split("<circle ")[1:]]
    assert xs[1] - xs[0] == pytest.approx(xs[2] - xs[1], abs=0.2)


def test_the_longest_bar_is_the_largest_value():
    drawn = bars("t", {"a": 1.0, "b": 4.0}, (0, 0))
    widths = [float(part.split('"')[0]) for part in drawn.split('width="')[1:]]
    assert widths[1] == pytest.approx(4 * widths[0], rel=0.01)


@pytest.mark.parametrize(("value", "said"), [(1234, "1,234"), (0.99987, "0.99987"), (0, "0"), (5.67, "5.67"), (0.03, "0.0300")])
def test_figures_are_said_in_three_digits(value, said):
    assert short(value) == said


def test_every_size_has_its_row_and_the_columns_are_named():
    lines = scale_table([SIZE, SIZE]).splitlines()
    assert len(lines) == 4 and len({line.count("|") for line in lines}) == 1
