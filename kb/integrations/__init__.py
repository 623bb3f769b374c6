"""Career KB inside other programs' frameworks: thin adapters, each over KnowledgeBase and nothing else of the package.

    langchain.KnowledgeBaseRetriever    extra "langchain"
    llama_index.KnowledgeBaseRetriever  extra "llama-index"
    haystack.KnowledgeBaseRetriever     extra "haystack"
    mcp                                 extra "mcp": a server for assistants, `career-kb mcp`

What a framework calls a document is a passage: its text verbatim, so that start and end stay offsets into the article's text.
"""

from __future__ import annotations

from typing import Any

from kb.records import Hit


def metadata_of(hit: Hit) -> dict[str, Any]:
    """All that a citation needs, and what a pipeline may filter or sort by, as plain values; the text is not in it."""
    passage = hit.passage
    more = {"topics": list(passage.topics), "roles": list(passage.roles), "region": passage.region}
    return {key: value for key, value in hit.to_dict().items() if key != "text"} | more


def id_of(hit: Hit) -> str:
    """The passage's place as a name: "pay/asking-for-a-raise.md#1024-1810"; the same for as long as the article is."""
    return f"{hit.passage.source}#{hit.passage.start}-{hit.passage.end}"
