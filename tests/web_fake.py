"""A knowledge base of three small articles that answers by hand, so that the page can be tested without a model."""

from __future__ import annotations

import time
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from hashlib import sha256

import numpy as np

from kb.chart import ArticleMap, project
from kb.errors import QuestionError
from kb.records import Answer, Article, Block, Citation, Filters, Hit, Passage, Section, Turn
from kb.settings import Settings

HOSTILE = (
    '<script>window.PWNED=1</script> <img src=x onerror="window.PWNED=2"> [x](javascript:window.PWNED=3) '
    "![pixel](http://evil.example/p.png?q=1) \"quoted\" & 'single' {{value}} ${window.PWNED=4} $$x$$ </mark></article>"
)


def make_article(
    source: str, title: str, sections: Sequence[tuple[tuple[str, ...], Sequence[tuple[str, str]]]], **rest: object
) -> Article:
    """An article from (heading path, [(block kind, text), ...]) pairs."""
    text, made = "", []
    for heading, blocks in sections:
        if heading:
            text += heading[-1] + "\n"
        start, placed = len(text), []
        for kind, content in blocks:
            placed.append(Block(kind, len(text), len(text) + len(content), 1 if kind == "item" else 0))  # type: ignore[arg-type]
            text += content + "\n"
        made.append(Section(heading, start, len(text), tuple(placed)))
    return Article(source, title, text, tuple(made), sha256(text.encode()).hexdigest(), **rest)  # type: ignore[arg-type]


DATA = make_article(
    "data/data-engineer.md",
    "What a data engineer does",
    [
        (
            ("Role",),
            [("paragraph", "A data engineer builds the pipelines that others rely on. The work is mostly SQL and Python.")],
        ),
        (
            ("Role", "Pay"),
            [
                ("paragraph", "Typical figures by region:"),
                ("table_header", "Region | Range | Year"),
                ("table_row", "Germany | 55,000 to 80,000 EUR | 2024"),
                ("table_row", "United States | 110,000 to 160,000 USD | 2024"),
            ],
        ),
        (
            ("How to start",),
            [
                ("paragraph", "Three steps help:"),
                ("item", "Learn SQL well."),
                ("item", "Build one pipeline end to end."),
                ("item", "Write about it."),
            ],
        ),
    ],
    date="2024-05",
    date_origin="front matter",
    topics=("data",),
    roles=("data engineer",),
    region="Europe",
    url="https://example.org/data-engineer",
)
TALKS = make_article(
    "interviews/salary talks.md",
    "Salary talks",
    [((), [("paragraph", "Ask for a range first. Never name a number before the offer. Practise aloud.")])],
    date="2021-02-03",
    date_origin="text",
    topics=("interviews", "pay"),
)
NASTY = make_article(
    'nasty/"><img src=x onerror=window.PWNED=5>.md',
    f"Nasty {HOSTILE}",
    [
        (
            (f"Heading {HOSTILE}",),
            [("paragraph", f"Nasty sentence {HOSTILE} ends here."), ("item", HOSTILE), ("table_row", HOSTILE)],
        )
    ],
    date="2020",
    date_origin="page metadata",
    topics=(f"topic {HOSTILE}",),
    url="javascript:window.PWNED=6",
)


ELSEWHERE = [((), [("paragraph", "See elsewhere.")])]
START = make_article("data/first-steps.md", "How do I start in data?", ELSEWHERE, topics=("start",))


def cite(article: Article, quote: str, number: int, lead: str = "") -> Citation:
    section = next(s for s in article.sections if quote in article.text[s.start : s.end])
    start = article.text.index(quote, section.start)
    lead_start = article.text.index(lead) if lead else -1
    return Citation(
        number,
        article.source,
        article.title,
        section.heading,
        quote,
        start,
        start + len(quote),
        article.date,
        article.date_origin,
        article.content_hash,
        number,
        lead,
        lead_start,
        lead_start + len(lead) if lead else -1,
        url=article.url,
    )


def passage_of(article: Article, section: Section) -> Passage:
    return Passage(
        article.source,
        article.title,
        section.heading,
        article.text[section.start : section.end],
        section.start,
        section.end,
        date=article.date,
        date_origin=article.date_origin,
        topics=article.topics,
        url=article.url,
    )


class FakeBase:
    """Answers by the first key word of ANSWERS that the question holds, declines everything else."""

    def __init__(self, articles: Sequence[Article] = (DATA, TALKS, NASTY, START), *, delay: float = 0.0) -> None:
        self.settings = Settings()
        self.generation = "gen-1"
        self.encoder = self
        self.delay = delay
        self.root = "/nowhere"
        self.asked: list[tuple[str, tuple[Turn, ...], Filters]] = []
        self._articles = {a.source: a for a in articles}

    def _answer(self, question: str, history: Sequence[Turn]) -> Answer:
        resolved = question
        if "there" in question.split() and history:
            resolved = question.replace("there", "in Germany")
        words = resolved.lower()
        if "steps" in words or "start" in words:
            lead = "Three steps help:"
            quotes = [
                cite(DATA, q, n, lead)
                for n, q in enumerate(("Learn SQL well.", "Build one pipeline end to end.", "Write about it."), 1)
            ]
            text = "Three steps help:\n\n" + "\n".join(f"- {c.quote} [{c.number}]" for c in quotes)
        elif "pay" in words or "germany" in words or "earn" in words:
            quotes = [
                cite(DATA, "Germany | 55,000 to 80,000 EUR | 2024", 1, "Region | Range | Year"),
                cite(TALKS, "Ask for a range first.", 2),
            ]
            text = "| Region | Range | Year |\n|---|---|---|\n| Germany | 55,000 to 80,000 EUR | 2024 [1] |"
            text += "\n\nAsk for a range first. [2]"
        elif "nasty" in words:
            quotes = [cite(NASTY, f"Nasty sentence {HOSTILE} ends here.", 1)]
            text = f"Nasty sentence {HOSTILE} ends here. [1] and [7] and \\[1\\]"
        elif "crash" in words:
            raise RuntimeError("a bug, on purpose")
        elif "refuse" in words:
            raise QuestionError("this question cannot be used: it says refuse")
        else:
            return Answer(
                question,
                resolved,
                "The knowledge base does not cover this.",
                True,
                0.1,
                0.01,
                nearest_topics=("data", "pay"),
                generation=self.generation,
            )
        hits = tuple(Hit(1, 0.9, passage_of(DATA, s), i, 0.8) for i, s in enumerate(DATA.sections))
        return Answer(
            question,
            resolved,
            text,
            False,
            0.9,
            0.01,
            tuple(quotes),
            hits,
            followups=("How do I start?", "What is the pay?"),
            generation=self.generation,
        )

    def stream(
        self, question: str, history: Sequence[Turn] = (), *, filters: Filters = Filters(), chat_model: object = None
    ) -> Iterator[Answer]:
        self.asked.append((question, tuple(history), filters))
        whole = self._answer(question, history)
        words = whole.text.split(" ")
        for n in range(4, len(words), 4):
            time.sleep(self.delay)
            yield replace(whole, text=" ".join(words[:n]), followups=(), citations=whole.citations)
        yield whole

    def article(self, source: str) -> Article:
        if source not in self._articles:
            raise QuestionError(f"no article {source!r} in the base")
        return self._articles[source]

    def articles(self) -> list[Article]:
        return list(self._articles.values())

    def passages(self, source: str) -> list[Passage]:
        article = self.article(source)
        return [passage_of(article, s) for s in article.sections]

    def topics(self) -> dict[str, int]:
        counted: dict[str, int] = {}
        for article in self._articles.values():
            for topic in article.topics:
                counted[topic] = counted.get(topic, 0) + 1
        return counted

    def search(self, question: str, k: int | None = None) -> list[Hit]:
        if "nothing" in question:
            raise QuestionError("nothing is found")
        return [Hit(n, 1.0, passage_of(a, a.sections[0]), n, 0.5) for n, a in enumerate((TALKS, TALKS, DATA), 1)]

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Whatever is about pay lies on the second article, everything else where its CRC says."""
        rows = [1 if "pay" in text.lower() else zlib.crc32(text.encode()) % 64 for text in texts]
        return np.eye(64, dtype=np.float32)[rows]

    def passage_counts(self) -> dict[str, int]:
        return {source: len(article.sections) for source, article in self._articles.items()}

    def roots(self) -> dict[str, str]:
        return dict.fromkeys(self._articles, self.root)

    def article_vectors(self) -> tuple[tuple[str, ...], np.ndarray]:
        return tuple(self._articles), np.eye(64, dtype=np.float32)[: len(self._articles)]

    def article_map(self) -> ArticleMap:
        sources, vectors = self.article_vectors()
        axes = project(vectors)
        return ArticleMap(sources, axes.place(vectors), axes)

    def refresh(self) -> bool:
        return False
