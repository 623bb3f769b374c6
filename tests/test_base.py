"""The knowledge base as a program uses it."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from pdf_writer import page, pdf
from world import NURSE, BagOfWords

from kb.base import KnowledgeBase
from kb.build import build_index
from kb.encoder import Loading
from kb.errors import EncoderError, IndexIncompatible, IndexMissing, QuestionError, StoreError
from kb.lexical import terms
from kb.records import Filters
from kb.retrieval import inverse_document_frequency, phrase_stands
from kb.settings import Settings


def test_without_an_index_no_model_is_loaded(tmp_path, monkeypatch):
    monkeypatch.setattr("kb.base.begin_loading", lambda *_: pytest.fail("loads a model"))
    with pytest.raises(IndexMissing, match="no index in"):
        KnowledgeBase.open(tmp_path / "nothing")


def test_a_model_that_cannot_be_had_closes_the_index(base, monkeypatch):
    closed = []

    def missing():
        raise EncoderError("no such model")

    monkeypatch.setattr("kb.base.begin_loading", lambda *_: Loading(missing))
    monkeypatch.setattr("kb.store.Generation.close", lambda generation: closed.append(generation))
    with pytest.raises(EncoderError, match="no such model"):
        KnowledgeBase.open(base.folder)
    assert [generation.name for generation in closed] == [base.generation]


def test_what_an_answer_takes_is_fetched_while_the_model_loads_and_no_longer(base, monkeypatch):
    fetched = []
    monkeypatch.setattr("kb.base.import_module", fetched.append)
    monkeypatch.setattr("kb.base.begin_loading", lambda *_: Loading(lambda: base.encoder, lambda: len(fetched) < 2))
    with KnowledgeBase.open(base.folder) as own:
        assert fetched == ["kb.searching", "kb.passages"]
        assert own.answer("Who joins metal?").citations


def test_search_finds_the_passage_and_explains_it(base):
    hit = base.search("Who joins metal?", k=2)[0]
    assert (hit.rank, hit.passage.source, hit.dense_rank, hit.words_rank) == (1, "welder.txt", 1, 1)
    assert "A welder joins metal." in hit.passage.text
    assert set(hit.matched_terms) == {"join", "metal"}


def test_more_passages_than_there_are_may_be_asked_for(base):
    assert base.search("Who joins metal?", 10**30) == base.search("Who joins metal?", 1_000)


def test_search_many_equals_search_one_by_one(base):
    questions = ["Who bakes bread?", "What does a nurse earn in Kent?", "certificate for pipe work"]
    assert base.search_many(questions, 3) == [base.search(question, 3) for question in questions]


def test_an_answer_quotes_the_article_at_its_offsets(base):
    answer = base.answer("Who cares for patients on a ward?")
    assert not answer.abstained and answer.citations
    for citation in answer.citations:
        assert base.article(citation.source).text[citation.start : citation.end] == citation.quote
        assert base.article(citation.source).content_hash == citation.content_hash
        assert f"[{citation.number}]" in answer.text


def test_a_citation_of_a_pdf_names_the_page_of_its_quote_also_in_a_passage_over_two_pages(articles, tmp_path, encoder):
    first = page("# Weaver", "A weaver weaves linen cloth on a wooden loom all day long.", "", "Linen is sold by the metre.")
    second = page("A weaver in Ghent earns 21,000 EUR a year.", "", "Looms are oiled at night.")
    (articles / "weaver.pdf").write_bytes(pdf([first, second]))
    build_index([articles], tmp_path / "index", encoder=encoder)
    with KnowledgeBase.open(tmp_path / "index", encoder=encoder) as base:
        assert [unit.page for unit in base.passages("weaver.pdf")[0].units[:3]] == [1, 1, 2]
        cited = base.answer("What does a weaver in Ghent earn?").citations[0]
    assert (cited.quote, cited.page) == ("A weaver in Ghent earns 21,000 EUR a year.", 2)
    assert cited.reference() == f"Weaver (weaver.pdf:{cited.start}-{cited.end}, page 2)"


def test_what_the_base_does_not_hold_is_declined_without_citations(base):
    answer = base.answer("zymurgy quotas in Quito?")
    assert answer.abstained and answer.citations == ()
    assert "does not cover" in answer.text


@pytest.mark.parametrize(
    ("question", "message"),
    [
        ("", "the question is empty"),
        ("  \n ", "the question is empty"),
        ("x" * 10_000, "has 10,000 characters"),
        (7, "is text, got int"),
    ],
)
def test_a_question_that_cannot_be_used_says_why(base, question, message):
    for ask in (base.search, base.answer):
        with pytest.raises(QuestionError, match=message):
            ask(question)


def test_half_a_character_from_outside_harms_nothing(base):
    assert base.search("Who joins metal? \ud800", 1)[0].passage.source == "welder.txt"
    answer = base.answer("and in Kent \udcff?", [{"role": "user", "content": "What does a nurse earn \udfff?"}])
    assert answer.question == "and in Kent \N{REPLACEMENT CHARACTER}?"
    assert answer.to_json().encode("utf-8")
    assert base.passages("\ud800") == []
    with pytest.raises(QuestionError, match="no article"):
        base.article("\ud800.md")


def test_a_question_error_is_a_value_error_too(base):
    with pytest.raises(ValueError, match="at least 1, got 0"):
        base.search("bread", k=0)


@pytest.mark.parametrize(
    ("filters", "sources"),
    [
        (Filters(topics=("crafts",)), {"baker.md"}),
        (Filters(roles=("registered nurse",)), {"nurse.md"}),
        (Filters(newer_than="2024"), {"nurse.md"}),
        (Filters(sources=("welder.txt", "baker.md")), {"welder.txt", "baker.md"}),
    ],
)
def test_filters_leave_only_what_fits(base, filters, sources):
    assert {hit.passage.source for hit in base.search("nurse baker welder bread pay", filters=filters)} == sources


def test_filters_that_exclude_everything_say_so(base):
    with pytest.raises(QuestionError, match="no article passes the filters .*topics finance"):
        base.search("bread", filters=Filters(topics=("finance",)))
    with pytest.raises(QuestionError, match="a date is written 2024, 2024-06 or 2024-06-30, got '1/5/2024'"):
        base.answer("bread", filters=Filters(newer_than="1/5/2024"))


def test_an_open_base_moves_to_the_new_generation_when_told(base, articles, tmp_path, encoder):
    (articles / "fisher.txt").write_text("Fisher\n\nA fisher catches cod at sea.", encoding="utf-8")
    build_index([articles], tmp_path / "index", encoder=encoder)
    assert "fisher.txt" not in {hit.passage.source for hit in base.search("Who catches cod?")}
    assert base.refresh() and base.generation == "gen-000002"
    assert base.search("Who catches cod?", 1)[0].passage.source == "fisher.txt"
    assert not base.refresh()


def test_a_look_for_the_newest_is_taken_at_most_once_in_the_given_time(base, articles, tmp_path, encoder):
    (articles / "fisher.txt").write_text("Fisher\n\nA fisher catches cod at sea.", encoding="utf-8")
    build_index([articles], tmp_path / "index", encoder=encoder)
    assert not base.refresh(every=60) and base.generation == "gen-000001"
    assert base.refresh(every=1e-9) and base.generation == "gen-000002"


def test_another_encoder_is_refused_with_the_remedy(base, tmp_path, encoder):
    with pytest.raises(IndexIncompatible, match="python ingest.py --rebuild"):
        KnowledgeBase.open(tmp_path / "index", encoder=type(encoder)(fingerprint="another"))


def test_many_threads_get_the_same_answer(base):
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: base.answer("What does a nurse earn in Kent?").text, range(40)))
    assert len(set(answers)) == 1


def test_async_gives_what_sync_gives(base):
    async def both():
        return await base.asearch("Who bakes bread?", 2), (await base.aanswer("Who bakes bread?")).text

    hits, text = asyncio.run(both())
    assert hits == base.search("Who bakes bread?", 2) and text == base.answer("Who bakes bread?").text


def test_topics_are_counted(base):
    assert base.topics() == {"crafts": 1, "health": 1}


def test_an_unknown_article_is_named(base):
    with pytest.raises(QuestionError, match="no article '../etc/passwd'"):
        base.article("../etc/passwd")


def test_a_follow_up_is_answered_as_the_question_it_stands_for(base):
    history = [{"role": "user", "content": "What does a nurse earn in Kent?"}, {"role": "assistant", "content": "> 40,000 [1]"}]
    answer = base.answer("and a welder?", history)
    assert (answer.question, answer.resolved_question) == ("and a welder?", "What does a welder earn in Kent?")
    assert answer.hits == base.answer("What does a welder earn in Kent?").hits
    assert base.answer("Who bakes bread?", history).resolved_question == "Who bakes bread?"


def test_an_articles_vector_is_the_mean_direction_of_its_passages(base, encoder):
    sources, vectors = base.article_vectors()
    assert sources == ("baker.md", "nurse.md", "welder.txt") and vectors.shape == (3, encoder.dim)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-3)
    [only] = base.passages("welder.txt")
    hit = next(hit for hit in base.search("welder metal", 10) if hit.passage == only)
    assert float(vectors[2] @ encoder.encode(["welder metal"])[0]) == pytest.approx(hit.cosine, abs=2e-3)


def test_the_base_tells_how_many_passages_an_article_has_and_which_folder_it_came_from(base, articles):
    assert base.passage_counts() == {source: len(base.passages(source)) for source in ("baker.md", "nurse.md", "welder.txt")}
    assert base.roots() == dict.fromkeys(("baker.md", "nurse.md", "welder.txt"), str(articles.resolve()))


def test_the_last_answer_of_a_stream_is_the_answer(base):
    *_, last = base.stream("Who bakes bread?")
    assert (last.text, last.citations) == (base.answer("Who bakes bread?").text, base.answer("Who bakes bread?").citations)
    assert (last.question, last.generation) == ("Who bakes bread?", "gen-000001") and last.seconds > 0


def test_what_a_reader_of_the_stream_does_meanwhile_is_not_the_answers_time(base):
    steps = base.stream("Who bakes bread?")
    first = next(steps)
    time.sleep(1.0)
    [last] = steps
    assert first.seconds <= last.seconds < first.seconds + 0.5


@pytest.mark.parametrize("ask", ["search", "answer"])
def test_a_questions_words_are_looked_for_while_its_vector_is_made(base, monkeypatch, ask):
    steps = []

    class Engine(BagOfWords):
        def begin(self, texts):
            steps.append("begun")
            return lambda: [steps.append("waited for"), self.encode(texts)][1]

    search = base._generation.words.search
    monkeypatch.setattr(base._generation.words, "search", lambda *given: [steps.append("words"), search(*given)][1])
    expected = getattr(base, ask)("What does a baker earn?")
    steps.clear()
    base.encoder = Engine()
    found = getattr(base, ask)("What does a baker earn?")
    assert (found if ask == "search" else found.text) == (expected if ask == "search" else expected.text)
    assert steps[:3] == ["begun", "words", "waited for"]


def test_many_questions_are_encoded_together_and_none_gives_none(base, encoder):
    del encoder.encoded[:]
    base.search_many(["bread", "metal", "bread"])
    assert encoder.encoded == ["bread", "metal", "bread"]
    assert base.search_many([]) == []


def test_a_closed_base_says_so_and_closes_twice(base):
    with base as same:
        assert same.search("bread")
    base.close()
    for ask in (lambda: base.search("bread"), lambda: base.article("baker.md"), lambda: base.refresh(), lambda: base.generation):
        with pytest.raises(StoreError, match="this knowledge base is closed. Open it again"):
            ask()


def test_closing_while_others_ask_answers_or_says_closed(base):
    def ask(number):
        if number == 50:
            base.close()
        try:
            return base.search("Who bakes bread?", 1)[0].passage.source
        except StoreError as error:
            return str(error).partition(".")[0]

    with ThreadPoolExecutor(8) as pool:
        seen = set(pool.map(ask, range(200)))
    assert seen == {"baker.md", "this knowledge base is closed"}


def test_threads_that_come_and_go_leave_no_open_files(base):
    def ask():
        with ThreadPoolExecutor(4) as pool:
            assert len({tuple(hit.row for hit in hits) for hits in pool.map(lambda _: base.search("bread"), range(8))}) == 1

    ask()
    before = len(os.listdir("/proc/self/fd")) if sys.platform == "linux" else 0
    for _ in range(10):
        ask()
    after = len(os.listdir("/proc/self/fd")) if sys.platform == "linux" else 0
    assert after <= before + 4


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_forked_process_opens_the_index_anew_and_answers(articles, tmp_path, monkeypatch):
    """With the real engine, whose threads stay with the parent: without opening anew the child waits for them forever."""
    build_index([articles], tmp_path / "index")
    base = KnowledgeBase.open(tmp_path / "index")
    wanted = base.answer("What does a nurse earn in Kent?").to_dict()["citations"]
    context = multiprocessing.get_context("fork")
    seen = context.SimpleQueue()

    def child():
        seen.put((base.answer("What does a nurse earn in Kent?").to_dict()["citations"], base.generation))

    processes = [context.Process(target=child) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    alive = [process.kill() for process in processes if process.is_alive()]
    assert not alive and [process.exitcode for process in processes] == [0, 0]
    assert [seen.get() for _ in processes] == [(wanted, "gen-000001")] * 2
    assert base.answer("What does a nurse earn in Kent?").to_dict()["citations"] == wanted


def test_an_answer_offers_questions_that_the_base_answers(articles, tmp_path, encoder):
    """To this encoder "earn" and "pay" are as far apart as any words, so the article has to use both."""
    (articles / "nurse.md").write_text(NURSE.replace("| Region | Pay |", "| Region | Nurses earn |"), encoding="utf-8")
    build_index([articles], tmp_path / "index", encoder=encoder)
    with KnowledgeBase.open(tmp_path / "index", encoder=encoder) as base:
        base._generation.everyday = None
        answer = base.answer("Who cares for patients on a ward?")
        assert answer.followups == ("What does a nurse earn?", "How do I become a nurse?")
        for question in answer.followups:
            assert not base.answer(question).abstained
        assert base.answer("zymurgy quotas in Quito?").followups == ()


def test_a_stream_gives_the_answer_before_what_to_ask_next(base):
    first, last = base.stream("Who cares for patients on a ward?")
    assert first.text == last.text and first.followups == () and last.followups


def test_other_names_are_weighed_by_their_own_rarity_where_the_question_has_no_word(articles, tmp_path, encoder):
    """The stem of "ATS" is that of "at", which is no word to search for; what is left are the words of its other name."""
    (articles / "cv.md").write_text("# CV\n\nThe applicant tracking system (ATS) counts words.\n")
    build_index([articles], tmp_path / "more", encoder=encoder)
    only_words = Settings(weight_passage=0.0, weight_unit=0.0, weight_static=0.0, weight_words=1.0, weight_held=0.0)
    with KnowledgeBase.open(tmp_path / "more", encoder=encoder, settings=only_words) as more:
        found, words = more.search("what is an ATS", 1)[0], more._generation.words
        names = dict.fromkeys(terms("applicant tracking system"), 0.5)
        rarity = sum(0.5 * inverse_document_frequency(max(words.frequencies(term)), len(words)) for term in names)
        [(row, bm25)] = words.search(names, 1)
        assert (found.passage.source, found.row, found.score) == ("cv.md", row, pytest.approx(bm25 / rarity))


def test_which_words_stand_in_a_passage_counts_and_not_how_often(tmp_path, encoder):
    """BM25 puts a short passage first that repeats one word, the share of the words that stand there a long one with both."""
    (tmp_path / "long.md").write_text(f"# Notes\n\nThe farrier keeps a ledger {'of what came in ' * 10}.\n", encoding="utf-8")
    (tmp_path / "short.md").write_text("# Notes\n\nFarrier, farrier!\n", encoding="utf-8")
    for trade in ("baker", "cooper", "draper"):
        (tmp_path / f"{trade}.md").write_text(f"# Notes\n\nWhat a {trade} wants is a ledger for {trade}s.\n", encoding="utf-8")
    build_index([tmp_path], tmp_path / "index", encoder=encoder)
    bm25 = Settings(weight_passage=0.0, weight_unit=0.0, weight_static=0.0, weight_words=1.0, weight_held=0.0)
    with KnowledgeBase.open(tmp_path / "index", encoder=encoder, settings=bm25) as base:
        assert base.search("farrier ledger")[0].passage.source == "short.md"
    held = Settings(weight_passage=0.0, weight_unit=0.0, weight_static=0.0, weight_words=0.0, weight_held=2.0)
    with KnowledgeBase.open(tmp_path / "index", encoder=encoder, settings=held) as base:
        first, second = base.search("farrier ledger", 2)
    farrier, ledger = inverse_document_frequency(2, 5), inverse_document_frequency(4, 5)
    assert (first.passage.source, first.score) == ("long.md", pytest.approx(2.0))
    assert (second.passage.source, second.score) == ("short.md", pytest.approx(2.0 * farrier / (farrier + ledger)))


def test_a_phrase_stands_where_its_words_follow_each_other_in_any_form(base):
    assert phrase_stands(base._generation, "nursing schools") and phrase_stands(base._generation, "State exam")
    assert not phrase_stands(base._generation, "state school") and not phrase_stands(base._generation, "exam state")
    assert not phrase_stands(base._generation, "the")
