"""A LlamaIndex retriever. pip install "career-kb[llama-index]" """

from __future__ import annotations

from llama_index.core.retrievers import BaseRetriever
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode

from kb.base import KnowledgeBase
from kb.integrations import id_of, metadata_of
from kb.records import Filters, Hit

SHOWN_TO_MODELS = {"title", "heading", "date"}  # of the metadata; the rest is for programs


class KnowledgeBaseRetriever(BaseRetriever):
    """Passages as LlamaIndex nodes: text verbatim, metadata with all that a citation needs.

        retriever = KnowledgeBaseRetriever(KnowledgeBase.open("index"), similarity_top_k=5)
        for found in retriever.retrieve("Do I need a PhD?"):
            print(found.node.metadata["source"], found.score, found.node.text)

    Raises QuestionError (a ValueError) for a question that cannot be asked.
    """

    def __init__(self, base: KnowledgeBase, *, similarity_top_k: int = 10, filters: Filters = Filters()) -> None:
        self._base = base
        self._k = similarity_top_k
        self._filters = filters
        super().__init__()

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return [_node(hit) for hit in self._base.search(query_bundle.query_str, self._k, filters=self._filters)]

    async def _aretrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return [_node(hit) for hit in await self._base.asearch(query_bundle.query_str, self._k, filters=self._filters)]


def _node(hit: Hit) -> NodeWithScore:
    metadata = metadata_of(hit)
    hidden = [key for key in metadata if key not in SHOWN_TO_MODELS]
    node = TextNode(
        id_=id_of(hit),
        text=hit.passage.text,
        start_char_idx=hit.passage.start,
        end_char_idx=hit.passage.end,
        metadata=metadata,
        excluded_llm_metadata_keys=hidden,
        excluded_embed_metadata_keys=hidden,
    )
    return NodeWithScore(node=node, score=hit.score)
