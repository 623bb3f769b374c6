"""Questions to begin with, made from the base itself: headings that are questions, else titles, that the base answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kb.errors import KBError
from kb.records import Article
from kb.web.desk import Base

WANTED = 4
MOST_TRIED = 12
LENGTH = range(15, 75)  # characters: long enough to say something, short enough for a button


def example_questions(base: Base) -> list[str]:
    """Up to WANTED questions, each of another article and, as far as there are, of another topic; none that the base declines."""
    found: list[str] = []
    for tried, question in enumerate(candidates(base.articles())):
        if len(found) == WANTED or tried == MOST_TRIED:
            break
        try:
            *_, answer = base.stream(question)
        except KBError:
            continue
        if not answer.abstained:
            found.append(question)
    return found


def candidates(articles: Iterable[Article]) -> Iterator[str]:
    """One question an article: those of headings first, and among them first one for each topic."""
    questions = [(article, _question_of(article)) for article in articles]
    topics: set[str] = set()
    later = []
    for article, question in questions:
        if not question:
            continue
        if article.topics and topics.isdisjoint(article.topics[:1]):
            topics.add(article.topics[0])
            yield question
        else:
            later.append(question)
    yield from later
    yield from (article.title for article, question in questions if not question and len(article.title) in LENGTH)


def _question_of(article: Article) -> str:
    headings = dict.fromkeys((article.title, *(heading for section in article.sections for heading in section.heading)))
    return next((h for h in headings if h.endswith("?") and len(h) in LENGTH), "")
