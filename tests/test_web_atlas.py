from collections import deque
from types import SimpleNamespace

import numpy as np
import pytest
from test_web_library import request
from test_web_panel import Seen
from web_fake import DATA, HOSTILE, NASTY, TALKS, FakeBase

from kb.chart import ArticleMap, project
from kb.gaps import Group
from kb.web.atlas import (
    Atlas,
    colours,
    drawn,
    last_asked,
    legend_html,
    limits,
    nearest_html,
    points,
    some_html,
    topic_of,
    unanswered_html,
    written_html,
    years,
)
from kb.web.chat import as_messages, ask
from kb.web.desk import Desk, Note, Unanswered
from kb.web.door import Door

ARTICLES = {article.source: article for article in (DATA, TALKS, NASTY)}


def map_of(sources, vectors):
    axes = project(vectors)
    return ArticleMap(tuple(sources), axes.place(vectors), axes)


def test_of_a_large_base_some_articles_are_drawn_evenly_the_cited_ones_among_them(monkeypatch):
    monkeypatch.setattr("kb.web.atlas.MOST_POINTS", 10)
    sources = [f"{at:03d}.md" for at in range(100)]
    mapped = map_of(sources, np.random.default_rng(0).normal(size=(100, 4)))
    assert drawn(mapped) == [0, 11, 22, 33, 44, 55, 66, 77, 88, 99]
    assert drawn(mapped, ["050.md"]) == [0, 11, 22, 33, 44, 50, 55, 66, 77, 88, 99]
    assert some_html(mapped, (), "en") == "<p>10 of 100 articles are drawn.</p>"
    few = map_of(sources[:10], np.eye(10))
    assert drawn(few) == list(range(10)) and some_html(few, (), "en") == ""


def test_points_are_coloured_by_topic_cited_ones_apart_and_the_question_last():
    mapped = map_of(ARTICLES, np.eye(8, dtype=np.float32)[:3])
    rows = points(mapped, ARTICLES, ["data", "pay"], question=np.eye(8, dtype=np.float32)[0], cited=[TALKS.source])
    assert [row["kind"] for row in rows] == ["data", "cited in the answer", "other topics", "your question"]
    assert (rows[0]["x"], rows[0]["y"]) == pytest.approx((rows[3]["x"], rows[3]["y"]), abs=1e-6)
    assert rows[0]["title"] == "What a data engineer does" and len(rows[2]["title"]) <= 90
    assert [row["source"] for row in rows] == [*ARTICLES, ""], "what a press on each opens"
    assert [row["kind"] for row in points(mapped, {}, [])] == []
    assert topic_of(TALKS, ["pay"]) == "pay" and topic_of(TALKS, ["data"]) == ""


def test_every_kind_of_point_has_a_colour_of_its_own():
    scheme = colours(["data", "pay"], "de")
    assert list(scheme) == ["data", "pay", "andere Themen", "in der Antwort zitiert", "Ihre Frage"]
    assert len(set(scheme.values())) == 5


def contrast(one: str, other: str) -> float:
    """WCAG 2.2's contrast ratio of two colours."""

    def light(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_every_point_stands_out_on_light_and_on_dark_ground():
    every = colours([str(i) for i in range(7)], "en")
    assert {
        kind: colour for kind, colour in every.items() if min(contrast(colour, "#fffdf8"), contrast(colour, "#1c2026")) < 3
    } == {}


def test_years_are_in_order_and_the_undated_last():
    undated = SimpleNamespace(date="")
    assert years([TALKS, undated, DATA, TALKS], "en") == [("2021", 2), ("2024", 1), ("Undated", 1)]


def test_no_point_lies_on_the_edge():
    assert limits([0.0, 10.0]) == [-0.5, 10.5] and limits([2.0]) == [1.5, 2.5] and limits([]) == [-0.5, 0.5]


def test_the_last_question_and_what_its_answer_cites_are_read_from_the_conversation():
    *_, last = ask(Desk(FakeBase()), "What is the pay?", ())
    assert last_asked(as_messages(last.exchanges)) == ("What is the pay?", (DATA.source, TALKS.source))
    assert last_asked(None) == last_asked([{"role": "assistant", "content": "x"}]) == ("", ())


def test_a_follow_up_lies_on_the_map_where_it_was_understood():
    desk = Desk(FakeBase())
    *_, first = ask(desk, "What is the pay?", ())
    *_, last = ask(desk, "and <b> there ?", first.exchanges)
    assert last_asked(as_messages(last.exchanges))[0] == "and <b> in Germany ?"


def test_articles_of_one_year_are_told_in_words_instead_of_one_bar():
    assert written_html([("2026", 59)], "en").endswith("<p>59 articles, all of 2026.</p>")
    assert written_html([("Undated", 1)], "en").endswith("<p>1 article: Undated</p>")
    assert written_html([("2025", 1), ("2026", 2)], "en") == written_html([], "en") == ""


def test_hostile_questions_and_titles_do_nothing_on_the_map():
    vain = [
        Group(HOSTILE, (HOSTILE,), 2, "2026-11-01", "2026-11-03", HOSTILE),
        Group("b", ("b",), 1, "2026-11-02", "2026-11-02", ""),
    ]
    shown = unanswered_html(vain, [Note(HOSTILE, "outdated", (), 0.0)], "en")
    for text in (shown, nearest_html(HOSTILE, [(NASTY, 0.5)], "en"), legend_html({HOSTILE: "#fff"})):
        seen = Seen(text)
        assert seen.balanced and HOSTILE in seen.text
        assert {tag for tag, _ in seen.tags} <= {"ul", "li", "span", "h3", "p", "ol", "button", "svg", "circle"}
    assert Seen(shown).text.index("2026-11-03 · 2×") < Seen(shown).text.index("2026-11-02")


def test_the_same_question_asked_in_vain_is_shown_once_from_the_log_or_since_the_start(tmp_path):
    for gaps in (None, tmp_path / "gaps.jsonl"):
        desk = Desk(FakeBase(), gaps=gaps)
        for question in ("What does a shepherd do?", "Which horse will win?", "What does a shepherd do?"):
            list(ask(desk, question, ()))
        groups = Desk(FakeBase(), gaps=gaps).vain() if gaps else desk.vain()
        assert sum(group.count for group in groups) == 3 and groups[0].count == 2


def test_what_was_asked_in_vain_is_shown_to_the_owner_only():
    desk = Desk(FakeBase())
    desk.unanswered = deque([Unanswered("secret question", 0.0)])
    sent = as_messages(list(ask(desk, "What is the pay?", ()))[-1].exchanges)
    atlas = Atlas(desk, Door())
    own, other = atlas.show(sent, request()), atlas.show(sent, request("x-forwarded-for"))
    parts = ("picture", "legend", "near", "topics", "years", "written", "vain")
    shown, others = (dict(zip(parts, values, strict=True)) for values in (own, other))
    assert "secret question" in shown["vain"] and others["vain"] == ""
    assert "Closest to “What is the pay?”" in shown["near"] and "1.00" in shown["near"] and "your question" in shown["legend"]
    assert shown["topics"].value["data"][0][1] == 1
    assert [row[0] for row in shown["years"].value["data"]] == ["2020", "2021", "2024", "Undated"]
    assert shown["years"].visible is True and shown["written"] == ""
