"""The same questions as /api answers, for those who come with gradio_client or look at gradio's own description of the page.

Client("http://127.0.0.1:7860").predict("Do I need a PhD?", api_name="/answer")
"""

# subtle: no `from __future__ import annotations` here, gradio reads the types of these functions
from typing import Any

import gradio as gr
from gradio.events import api

from kb.asked import read_filters, read_history
from kb.errors import KBError
from kb.web.desk import Desk

MOST_HITS = 100


def add_endpoints(desk: Desk) -> None:
    """Adds /search and /answer to the gr.Blocks that is being built."""

    def search(question: str, k: int = 10, filters: dict[str, Any] | None = None) -> dict[str, Any]:
        """Passages that bear most on a question: {"question", "passages"}. filters: {"topics": [...], "newer_than": "2024"}."""
        try:
            hits = desk.base.search(question, min(k, MOST_HITS), filters=read_filters(filters or {}))
        except KBError as error:
            raise gr.Error(str(error), print_exception=False) from error
        return {"question": question, "passages": [hit.to_dict() for hit in hits]}

    def answer(
        question: str, history: list[dict[str, str]] | None = None, filters: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """What the base says: verbatim quotes with citations. history: [{"role": "user" or "assistant", "content": "..."}]."""
        try:
            *_, last = desk.base.stream(question, read_history(history or []), filters=read_filters(filters or {}))
        except KBError as error:
            desk.count_failure()
            raise gr.Error(str(error), print_exception=False) from error
        desk.count(last, last.seconds)
        return dict(last.to_dict())

    api(search, api_name="search", api_description="Find passages")
    api(answer, api_name="answer", api_description="Answer from quotes")
