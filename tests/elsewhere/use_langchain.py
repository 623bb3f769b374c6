"""The LangChain retriever, held to LangChain's own standard retriever tests (langchain-tests), then looked at closer."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

import pytest
from langchain_core.documents import Document
from langchain_core.load import dumps
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import RunnableLambda, RunnablePassthrough
from langchain_tests.integration_tests import RetrieversIntegrationTests

from kb import Filters, KBError, KnowledgeBase
from kb.integrations.langchain import KnowledgeBaseRetriever

BASE = KnowledgeBase.open(Path(os.environ["SHARED"], "index"))
QUESTION = "Do I need a PhD to become a machine learning researcher?"


class TestStandard(RetrieversIntegrationTests):
    @property
    def retriever_constructor(self):
        return KnowledgeBaseRetriever

    @property
    def retriever_constructor_params(self):
        return {"base": BASE, "k": 4}

    @property
    def retriever_query_example(self):
        return QUESTION


def test_a_document_is_the_passage_with_all_that_a_citation_needs():
    documents = KnowledgeBaseRetriever(base=BASE, k=3).invoke(QUESTION)
    hits = BASE.search(QUESTION, 3)
    assert [(d.page_content, d.metadata["score"]) for d in documents] == [(h.passage.text, round(h.score, 6)) for h in hits]
    for document in documents:
        there = document.metadata
        assert BASE.article(there["source"]).text[there["start"] : there["end"]] == document.page_content
        assert document.id == f"{there['source']}#{there['start']}-{there['end']}"
        assert {"title", "heading", "date", "url", "topics", "rank"} <= set(there) and json.loads(json.dumps(there)) == there
        assert json.loads(dumps(document))["kwargs"]["metadata"] == there


def test_filters_hold_and_may_be_given_for_one_question():
    pay = Filters(topics=("negotiation",))
    retriever = KnowledgeBaseRetriever(base=BASE, k=5)
    for documents in (retriever.invoke(QUESTION, filters=pay), asyncio.run(retriever.ainvoke(QUESTION, filters=pay))):
        assert documents and all("negotiation" in document.metadata["topics"] for document in documents)


def test_it_stands_in_a_chain_and_in_a_batch():
    retriever = KnowledgeBaseRetriever(base=BASE, k=2)
    join = RunnableLambda(lambda documents: "\n".join(document.page_content for document in documents))
    prompt = ChatPromptTemplate.from_template("{context}\n\nQ: {question}")
    chain = {"context": retriever | join, "question": RunnablePassthrough()} | prompt
    [message] = chain.invoke(QUESTION).messages
    assert message.content.startswith(retriever.invoke(QUESTION)[0].page_content) and message.content.endswith(QUESTION)
    assert retriever.batch([QUESTION, "pay"]) == [retriever.invoke(QUESTION), retriever.invoke("pay")]
    assert all(isinstance(each, Document) for each in retriever.invoke("pay"))


def test_a_question_that_cannot_be_asked_says_why():
    with pytest.raises(KBError, match="the question is empty"):
        KnowledgeBaseRetriever(base=BASE).invoke(" ")


def test_no_torch_came_along():
    assert not {"torch", "sentence_transformers", "gradio"} & set(sys.modules)


if __name__ == "__main__":
    modes = ["-o", "asyncio_mode=auto", "-o", "asyncio_default_fixture_loop_scope=function"]
    sys.exit(pytest.main(["-q", "-p", "no:cacheprovider", *modes, __file__]))
