"""A Haystack component. pip install "career-kb[haystack]" """

# subtle: no `from __future__ import annotations` here, Haystack reads the types of run() when the class is made
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from haystack import Document, component, default_from_dict, default_to_dict

from kb.asked import read_filters
from kb.base import KnowledgeBase
from kb.integrations import id_of, metadata_of
from kb.records import Hit


@component
class KnowledgeBaseRetriever:
    """Passages as Haystack documents: content verbatim, meta with all that a citation needs.

        retriever = KnowledgeBaseRetriever(index="index", top_k=5)
        for document in retriever.run(query="Do I need a PhD?")["documents"]:
            print(document.meta["source"], document.content)

    index: the index folder, "" for the one that the commands use; opened at the first question or by warm_up(). base: an open
    base instead of it. filters: fields of kb.Filters ({"topics": ["pay"]}). Raises QuestionError (a ValueError) for a question
    that cannot be asked. A saved pipeline is loaded with allowed_modules=["kb.integrations.haystack"].
    """

    def __init__(
        self,
        index: str | Path = "",
        top_k: int = 10,
        filters: Mapping[str, Any] | None = None,
        base: KnowledgeBase | None = None,
    ) -> None:
        self.index = str(index or (base.folder if base else ""))
        self.top_k = top_k
        self.filters = dict(filters or {})
        self._base = base

    def warm_up(self) -> None:
        """Open the index, which takes half a second, before the first question."""
        if self._base is None:
            self._base = KnowledgeBase.open(self.index or None)

    @component.output_types(documents=list[Document])
    def run(self, query: str, top_k: int | None = None, filters: dict[str, Any] | None = None) -> dict[str, list[Document]]:
        """The passages that bear most on the query, best first; top_k and filters go before the component's own."""
        self.warm_up()
        assert self._base is not None
        wanted = read_filters(self.filters if filters is None else filters)
        hits = self._base.search(query, self.top_k if top_k is None else top_k, filters=wanted)
        return {"documents": [_document(hit) for hit in hits]}

    def to_dict(self) -> dict[str, Any]:
        """As a pipeline is saved: the index folder, not what is in it."""
        return dict(default_to_dict(self, index=self.index, top_k=self.top_k, filters=self.filters))

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "KnowledgeBaseRetriever":
        """As a pipeline is loaded."""
        loaded: KnowledgeBaseRetriever = default_from_dict(cls, data)
        return loaded


def _document(hit: Hit) -> Document:
    return Document(id=id_of(hit), content=hit.passage.text, meta=metadata_of(hit), score=hit.score)
