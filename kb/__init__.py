"""Career KB: a career knowledge base you can ask and check.

    from kb import KnowledgeBase
    base = KnowledgeBase.open("index")
    print(base.answer("Do I need a PhD to become a machine learning researcher?").text)

The names in __all__ are the public ones. They keep their meaning: a release may add a name, an optional keyword argument or a
field, and takes nothing away before a major version. Errors stand in kb.errors, the shapes of to_dict() in kb.contract.

Importing the package loads nothing heavy: each public name is fetched when first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kb.base import KnowledgeBase
    from kb.build import BuildReport, build_index
    from kb.chat_model import ChatModel
    from kb.encoder import Encoder
    from kb.errors import KBError
    from kb.records import Answer, Article, Citation, Filters, Hit, Passage, Turn
    from kb.settings import Settings

__version__ = "0.1.0"

_HOME = {
    "Answer": "kb.records",
    "Article": "kb.records",
    "BuildReport": "kb.build",
    "ChatModel": "kb.chat_model",
    "Citation": "kb.records",
    "Encoder": "kb.encoder",
    "Filters": "kb.records",
    "Hit": "kb.records",
    "KBError": "kb.errors",
    "KnowledgeBase": "kb.base",
    "Passage": "kb.records",
    "Settings": "kb.settings",
    "Turn": "kb.records",
    "build_index": "kb.build",
}

__all__ = [
    "Answer",
    "Article",
    "BuildReport",
    "ChatModel",
    "Citation",
    "Encoder",
    "Filters",
    "Hit",
    "KBError",
    "KnowledgeBase",
    "Passage",
    "Settings",
    "Turn",
    "build_index",
]


def __getattr__(name: str) -> object:
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module 'kb' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
