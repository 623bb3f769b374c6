"""The Haystack component: documents with their places, alone and in a pipeline that is saved and loaded."""

from __future__ import annotations

import os

os.environ["HAYSTACK_TELEMETRY_ENABLED"] = "False"

import json
import sys
from pathlib import Path

from haystack import Pipeline
from haystack.components.builders import PromptBuilder

from kb import KBError, KnowledgeBase
from kb.integrations.haystack import KnowledgeBaseRetriever

QUESTION = "Do I need a PhD to become a machine learning researcher?"
INDEX = Path(os.environ["SHARED"], "index")

if __name__ == "__main__":
    base = KnowledgeBase.open(INDEX)
    documents = KnowledgeBaseRetriever(base=base, top_k=3).run(query=QUESTION)["documents"]
    hits = base.search(QUESTION, 3)
    assert [(each.content, each.score) for each in documents] == [(hit.passage.text, hit.score) for hit in hits]
    for each in documents:
        assert base.article(each.meta["source"]).text[each.meta["start"] : each.meta["end"]] == each.content
        assert json.loads(json.dumps(each.meta)) == each.meta

    pipeline = Pipeline()
    pipeline.add_component("kb", KnowledgeBaseRetriever(index=INDEX, top_k=2, filters={"topics": "negotiation"}))
    template = "{% for d in documents %}{{ d.content }}\n{% endfor %}Q: {{ question }}"
    pipeline.add_component("prompt", PromptBuilder(template, required_variables=["documents", "question"]))
    pipeline.connect("kb.documents", "prompt.documents")
    pipeline = Pipeline.loads(pipeline.dumps(), allowed_modules=["kb.integrations.haystack"])
    out = pipeline.run({"kb": {"query": QUESTION}, "prompt": {"question": QUESTION}}, include_outputs_from={"kb"})
    assert len(out["kb"]["documents"]) == 2
    assert all("negotiation" in each.meta["topics"] for each in out["kb"]["documents"])
    assert out["prompt"]["prompt"].startswith(out["kb"]["documents"][0].content)
    assert len(pipeline.run({"kb": {"query": QUESTION, "top_k": 1}, "prompt": {"question": ""}}, {"kb"})["kb"]["documents"]) == 1
    try:
        KnowledgeBaseRetriever(base=base, filters={"topic": "x"}).run(query=QUESTION)
    except KBError as error:
        assert "unknown filter 'topic'" in str(error)
    else:
        raise AssertionError("an unknown filter passed")
    assert not {"torch", "sentence_transformers", "gradio"} & set(sys.modules)
