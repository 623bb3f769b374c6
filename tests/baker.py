"""A question to the small world's base, and a model on a scripted server that writes the answer."""

from __future__ import annotations

from scripted_server import ScriptedServer

from kb.base import KnowledgeBase
from kb.chat_model import ChatModel
from kb.records import Answer

QUESTION = "What does a baker earn in Bavaria?"
PAY = "A baker earns 28,000 EUR a year in Bavaria."


def model(server: ScriptedServer, **options: object) -> ChatModel:
    """The model on server, which is not waited for long."""
    settings: dict[str, object] = {"timeout_seconds": 10.0, "backoff_seconds": 0.01, **options}
    return ChatModel(server.url, "tiny", **settings)  # type: ignore[arg-type]


def ask(base: KnowledgeBase, server: ScriptedServer, **options: object) -> Answer:
    """What base answers to QUESTION with that model."""
    return base.answer(QUESTION, chat_model=model(server, **options))
