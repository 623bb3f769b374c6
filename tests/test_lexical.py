"""The words index against a BM25 written out in ten lines."""

import math

import pytest

from kb.lexical import TERMS_AT_ONCE, analyse, open_words, terms, write_words

TEXTS = [
    "A nurse cares for patients",
    "A baker bakes bread and bread rolls",
    "Nurses and bakers start before dawn",
    "The welder joins metal pipes",
]
HEADINGS = ["Nurse", "Baker", "Shifts", "Welder"]


def bm25(query: list[str], texts: list[str], k1: float = 1.2, b: float = 0.75) -> list[float]:
    docs = [analyse(text) for text in texts]
    mean = sum(map(len, docs)) / len(docs)
    scores = []
    for doc in docs:
        score = 0.0
        for term in query:
            n, tf = sum(term in other for other in docs), doc.count(term)
            idf = math.log(1 + (len(docs) - n + 0.5) / (n + 0.5))
            score += idf * tf * (k1 + 1) / (tf + k1 * (1 - b + b * len(doc) / mean))
        scores.append(score)
    return scores


@pytest.fixture
def words(tmp_path):
    rows = [(row, row // 2, heading, text) for row, (heading, text) in enumerate(zip(HEADINGS, TEXTS, strict=True))]
    write_words(rows, tmp_path / "words")
    return open_words(tmp_path / "words", heading_boost=2.0)


def test_scores_are_bm25_of_text_plus_boosted_headings(words):
    query = terms("nurse bread dawn")
    expected = [t + 2.0 * h for t, h in zip(bm25(query, TEXTS), bm25(query, HEADINGS), strict=True)]
    got = dict(words.search(dict.fromkeys(query, 1.0), 10))
    assert got == {row: pytest.approx(score, rel=1e-3) for row, score in enumerate(expected) if score > 0}


def test_a_weight_multiplies_a_terms_share(words):
    assert words.search({"dawn": 3.0}, 1)[0] == (2, pytest.approx(3 * words.search({"dawn": 1.0}, 1)[0][1]))


def test_articles_restrict_the_search_without_changing_scores(words):
    free, held = dict(words.search({"nurs": 1.0}, 10)), dict(words.search({"nurs": 1.0}, 10, articles=[1]))
    assert set(free) == {0, 2} and held == {2: pytest.approx(free[2])}


def test_which_terms_stand_in_a_row_is_what_analysing_it_says(words):
    vocabulary = sorted({term for text in (*TEXTS, *HEADINGS) for term in analyse(text)} | {"surgeon"})
    assert len(vocabulary) > TERMS_AT_ONCE - 3  # with what follows, two passes
    asked = [*vocabulary, "x", "y", "z", "baker"]
    for rows in ([2, 0], [0, 1, 2, 3], []):
        held = {row: set(analyse(f"{HEADINGS[row]} {TEXTS[row]}")) for row in rows}
        assert words.standing(asked, rows) == {row: tuple(t for t in asked if t in held[row]) for row in rows}
    assert words.standing(["surgeon"], [0, 1]) == {} == words.standing([], [0])


def test_words_that_no_passage_holds_find_nothing(words):
    assert words.search({"surgeon": 1.0}, 10) == [] and words.frequencies("surgeon") == (0, 0)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("C++ and R&D at 127,750 a year", ["c++", "and", "r&d", "at", "127,750", "a", "year"]),
        ("Résumés", ["cv"]),
        ("don't", ["don", "t"]),
        ("", []),
        ("\ud800 \x00", []),
    ],
)
def test_text_is_analysed_into(text, expected):
    assert analyse(text.encode("utf-8", "ignore").decode()) == expected


def test_terms_leave_stop_words_out_and_repeat_nothing():
    assert terms("What does a nurse do, and what do nurses earn?") == ["nurs", "earn"]
