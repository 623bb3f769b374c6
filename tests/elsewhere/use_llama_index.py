"""The LlamaIndex retriever: nodes with their places, alone and inside a query engine."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

from llama_index.core.llms import MockLLM
from llama_index.core.query_engine import RetrieverQueryEngine
from llama_index.core.schema import MetadataMode

from kb import Filters, KnowledgeBase
from kb.integrations.llama_index import KnowledgeBaseRetriever

QUESTION = "Do I need a PhD to become a machine learning researcher?"

if __name__ == "__main__":
    base = KnowledgeBase.open(Path(os.environ["SHARED"], "index"))
    retriever = KnowledgeBaseRetriever(base, similarity_top_k=3)
    found = retriever.retrieve(QUESTION)
    hits = base.search(QUESTION, 3)
    assert [(each.node.text, each.score) for each in found] == [(hit.passage.text, hit.score) for hit in hits]
    assert [each.node for each in asyncio.run(retriever.aretrieve(QUESTION))] == [each.node for each in found]
    for each in found:
        node = each.node
        assert base.article(node.metadata["source"]).text[node.start_char_idx : node.end_char_idx] == node.text
        assert json.loads(json.dumps(node.metadata)) == node.metadata
        shown = node.get_content(metadata_mode=MetadataMode.LLM)
        assert f"title: {node.metadata['title']}" in shown and "cosine" not in shown
    only = KnowledgeBaseRetriever(base, filters=Filters(topics=("negotiation",))).retrieve(QUESTION)
    assert only and all("negotiation" in each.node.metadata["topics"] for each in only)
    answer = RetrieverQueryEngine.from_args(retriever, llm=MockLLM()).query(QUESTION)
    assert [each.node.node_id for each in answer.source_nodes] == [each.node.node_id for each in found]
    assert found[0].node.text[:80] in str(answer)
    assert not {"torch", "sentence_transformers", "gradio"} & set(sys.modules)
