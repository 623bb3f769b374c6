"""Articles for measuring at any size: the shipped ones' sentences, shuffled into as many new articles as are asked for.

    write_articles(folder, passages=3000)      # Markdown files that are cut into about so many passages

What is said makes no sense, how it is said does: sentence lengths, vocabulary, headings and lists are those of real articles.
"""

from __future__ import annotations

import random
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from kb.passages import cut
from kb.reading import find_articles, read_article
from kb.records import Article
from kb.settings import SHIPPED_ARTICLES, Settings

PASSAGES_AN_ARTICLE = 10


def shipped() -> list[Article]:
    return [read_article(path, source) for source, path in find_articles(SHIPPED_ARTICLES)]


def quotable(articles: list[Article]) -> list[str]:
    """Every sentence and item of the articles, each once, in order."""
    texts = []
    for article in articles:
        for passage in cut(article, Settings(), lambda some: [len(text) // 4 for text in some]):
            texts += [article.text[unit.start : unit.end] for unit in passage.units if unit.kind in ("sentence", "item")]
    return [text for text in dict.fromkeys(texts) if "\n" not in text and len(text.split()) > 4]


def headings(articles: list[Article]) -> list[str]:
    return list(dict.fromkeys(section.heading[-1] for article in articles for section in article.sections if section.heading))


def article_text(number: int, sentences: list[str], titles: list[str], seed: int = 0) -> str:
    """One article as Markdown, about PASSAGES_AN_ARTICLE passages long; the same for the same number."""
    chance = random.Random(f"{seed} {number}")
    parts = [f"# {chance.choice(titles)} {number}\n"]
    for _ in range(PASSAGES_AN_ARTICLE // 2):
        parts.append(f"## {chance.choice(titles)}\n")
        for _ in range(2):
            parts.append(" ".join(_vary(chance.choice(sentences), chance) for _ in range(5)) + "\n")
    return "\n".join(parts)


def _vary(sentence: str, chance: random.Random) -> str:
    """The sentence with two of its longer words exchanged, so that hardly two are equal."""
    words = sentence.split()
    places = [place for place, word in enumerate(words) if len(re.sub(r"\W", "", word)) > 4]
    if len(places) > 1:
        one, other = chance.sample(places, 2)
        words[one], words[other] = words[other], words[one]
    return " ".join(words)


def write_articles(folder: Path, passages: int, seed: int = 0) -> int:
    """Articles worth about so many passages, in folders of 1,000; returns how many articles."""
    articles = shipped()
    sentences, titles = quotable(articles), headings(articles)
    count = max(1, passages // PASSAGES_AN_ARTICLE)
    for number in range(count):
        path = folder / f"{number // 1000:04d}" / f"{number:07d}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(article_text(number, sentences, titles, seed), encoding="utf-8")
    return count
