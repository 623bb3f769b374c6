"""The base's own words: what is corrected, what is left alone, what other names are learnt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from kb.records import Article
from kb.vocabulary import abbreviations, count_words, is_english, learn, understand

KNOWN = {"scientist": 9, "salary": 7, "netflix": 2, "research": 5, "welded": 1, "plane": 1}


@dataclass
class Words:
    """A lexicon of a few words."""

    counts: dict[str, int] = field(default_factory=lambda: dict(KNOWN))
    names: dict[str, list[str]] = field(default_factory=dict)

    def passages_with(self, word: str) -> int:
        return self.counts.get(word, 0)

    def words_like(self, word: str) -> list[tuple[str, int]]:
        return [(known, count) for known, count in self.counts.items() if known[0] == word[0]]

    def other_names(self, names: Sequence[str]) -> dict[str, list[str]]:
        return {name: self.names[name] for name in names if name in self.names}


def nothing(word: str) -> bool:
    return False


def test_misspelt_words_are_corrected_and_told():
    understood = understand("reserch scientst at netflx salery", Words(), nothing)
    assert understood.text == "research scientist at netflix salary"
    assert understood.corrections[0] == ("reserch", "research")


@pytest.mark.parametrize(
    ("written", "read"),
    [("enginer", "engineer"), ("aprentiship", "apprenticeship"), ("vehical", "vehicle"), ("requirments", "requirements")],
)
def test_long_words_may_be_further_off_and_a_known_stem_is_no_hiding_place(written, read):
    words = Words(counts={"engineer": 3, "engines": 9, "apprenticeship": 4, "vehicle": 2, "requirements": 5})
    assert understand(written, words, nothing, {"enginer", "requirments"}.__contains__).text == read


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("flebotomist", "phlebotomist"),
        ("flebotomists", "phlebotomist"),  # another ending than the base has
        ("sychologist", "psychologist"),
        ("kustoms", "customs"),
        ("jeologist", "geologist"),
        ("phorester", "forester"),
        ("flebotany", "flebotany"),  # too far
        ("kotlin", "kotlin"),
    ],
)
def test_a_word_may_begin_otherwise_where_that_sounds_alike(written, read):
    words = Words(counts=dict.fromkeys(["phlebotomist", "psychologist", "customs", "geologist", "forester", "cotton"], 3))
    assert understand(f"pay of a {written}", words, nothing).text == f"pay of a {read}"


def test_usual_abbreviations_are_spelt_out_where_the_base_has_the_long_form_and_not_the_short():
    def read(question: str, words: Words | None = None) -> str:
        return understand(question, words or Words(), nothing, nothing, {"software engineer"}.__contains__).text

    told = understand("what does a SWE earn", Words(), nothing, nothing, {"software engineer"}.__contains__).corrections
    assert (read("what does a SWE earn"), told) == ("what does a software engineer earn", (("SWE", "software engineer"),))
    assert read("do SDEs code") == "do software engineers code"
    assert read("do RSUs vest") == "do RSUs vest", "nothing about restricted stock units"
    assert read("what does a SWE earn", Words(counts={"swe": 1})) == "what does a SWE earn"
    assert read("what does a SWE earn", Words(names={"swe": ["Sheffield weavers"]})) == "what does a SWE earn"


@pytest.mark.parametrize("word", ["behavioural", "glassmaking"])
def test_another_form_or_spelling_of_a_word_that_stands_is_no_misspelling(word):
    words = Words(counts={"behavioral": 3, "behaviorals": 1, "glassmakers": 2})
    assert understand(word, words, nothing, lambda form: True).corrections == ()


@pytest.mark.parametrize(
    ("question", "why"),
    [
        ("what does a welder earn", "only another ending"),
        ("is a plaice good", "a word the encoder knows"),
        ("what does Netflux pay", "written as a name"),
        ("is a masters needed", "nothing near"),
        ("teh pay", "too short"),
        ("salary of a scientist", "known"),
    ],
)
def test_a_word_is_left_alone(question, why):
    assert understand(question, Words(), {"plaice"}.__contains__).text == question, why


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("paid in restricted stock units (RSUs) over time", [("RSUs", "restricted stock units")]),
        ("the Nursing and Midwifery Council (NMC) decides", [("NMC", "Nursing and Midwifery Council")]),
        ("an RSU (restricted stock unit) vests", [("RSU", "restricted stock unit")]),
        ("a bonus (USD) is paid", []),
        ("in London (UK) and elsewhere", []),
    ],
)
def test_abbreviations_are_learnt_only_where_the_letters_fit(text, found):
    assert abbreviations(text) == found


def test_a_roles_other_names_are_learnt_both_ways():
    article = Article("a.md", "A", "Text.", (), "", roles=("ML engineer / machine learning engineer",))
    assert learn([article]) == {"machine learning engineer": ["ML engineer"], "ml engineer": ["machine learning engineer"]}


def test_the_longest_name_is_spelt_out():
    names = {"atco": ["air traffic controller"], "air traffic controller": ["ATCO"]}
    assert understand("ATCO pay", Words(names=names), nothing).expanded == "ATCO pay (air traffic controller)"
    assert understand("air traffic controller pay", Words(names=names), nothing).expansions == ("ATCO",)


def test_a_german_question_is_not_corrected_to_the_words_of_an_english_base():
    english = Words(counts={"branch": 3, "brauchen": 1})
    assert understand("Brauche ich einen Dokter", english, nothing).corrections == ()
    german = Words(counts={"brauche": 4, "doktor": 3, "und": 9, "nicht": 5})
    assert understand("Brauche ich dann einen dokter", german, nothing).corrections == (("dokter", "doktor"),)


def test_words_are_counted_once_a_text():
    assert count_words(["Pay, pay and Pay", "no pay at all"]) == {"pay": 2, "and": 1, "all": 1}


def test_a_word_of_english_is_left_alone_though_the_base_knows_one_that_looks_like_it() -> None:
    assert all(is_english(word) for word in ("typos", "inpatients", "fitters", "where's"))
    assert not any(is_english(word) for word in ("recieve", "plumer", "salery"))
