"""A LangChain retriever. pip install "career-kb[langchain]" """

from __future__ import annotations

from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForRetrieverRun, CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever

from kb.base import KnowledgeBase
from kb.integrations import id_of, metadata_of
from kb.records import Filters, Hit


class KnowledgeBaseRetriever(BaseRetriever):
    """Passages as LangChain documents: page_content verbatim, metadata with all that a citation needs.

        retriever = KnowledgeBaseRetriever(base=KnowledgeBase.open("index"), k=5)
        for document in retriever.invoke("Do I need a PhD?"):
            print(document.metadata["source"], document.page_content)

    k: documents for a question. filters: which articles count. Both may be given to invoke() for one question. Raises
    QuestionError (a ValueError) for a question that cannot be asked.
    """

    base: KnowledgeBase
    k: int = 10
    filters: Filters = Filters()

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun | None = None, **given: Any
    ) -> list[Document]:
        return [_document(hit) for hit in self.base.search(query, **self._options(given))]

    async def _aget_relevant_documents(
        self, query: str, *, run_manager: AsyncCallbackManagerForRetrieverRun | None = None, **given: Any
    ) -> list[Document]:
        return [_document(hit) for hit in await self.base.asearch(query, **self._options(given))]

    def _options(self, given: dict[str, Any]) -> dict[str, Any]:
        return {"k": given.get("k", self.k), "filters": given.get("filters", self.filters)}


def _document(hit: Hit) -> Document:
    return Document(id=id_of(hit), page_content=hit.passage.text, metadata=metadata_of(hit))
