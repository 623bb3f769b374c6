"""Every error the package raises on purpose.

    KBError                      anything below; a message says what, where, the value seen, and what to do next
    ├── ArticleError             an article cannot be read: empty, too large, damaged, not text, ...
    │   ├── NotAnArticle         no article was meant: a picture, a hidden file, a link to another file of the folder
    │   └── NothingToIndex       a source holds no article that can be read, or none any more
    ├── StoreError               the index folder
    │   ├── IndexMissing         there is no index yet
    │   ├── IndexDamaged         a file does not match the manifest's checksum
    │   ├── IndexIncompatible    made with another model, other settings or another version
    │   └── IndexBusy            another ingest holds the lock
    ├── EncoderError             the model cannot be found, verified, loaded or run
    ├── QuestionError            an empty, over-long or malformed question or filter (also a ValueError)
    │   └── NothingToSearch      the filters leave no article to look in
    └── ChatModelError           the optional language-model server
"""

from __future__ import annotations

from collections.abc import Sequence


class KBError(Exception):
    """Base of all errors of this package; str(error) is one line fit to show to a person."""


class ArticleError(KBError):
    """An article cannot be read. The others go on; the ingest report names it with this reason."""


class NotAnArticle(ArticleError):
    """A file that was never meant as an article. The ingest report calls it skipped, and the exit code does not count it."""


class NothingToIndex(ArticleError):
    """A source holds no article that can be read, or none any more. outcomes: what became of each file (kb.mirror.Outcome)."""

    def __init__(self, message: str, outcomes: Sequence[object] = ()) -> None:
        super().__init__(message)
        self.outcomes = tuple(outcomes)


class StoreError(KBError):
    """Something about the index folder."""


class IndexMissing(StoreError):
    """No index in the folder yet."""


class IndexDamaged(StoreError):
    """A published file is missing, cut, or differs from its checksum."""


class IndexIncompatible(StoreError):
    """The index was made with another model, other cutting settings, or a version this one cannot read."""


class IndexBusy(StoreError):
    """Another process is writing this index."""


class EncoderError(KBError):
    """The embedding model cannot be found, verified, loaded or run."""


class QuestionError(KBError, ValueError):
    """The question or a filter cannot be used as it stands."""


class NothingToSearch(QuestionError):
    """No article passes the filters."""


class ChatModelError(KBError):
    """The language-model server is unreachable, refused, or answered with something unusable."""
