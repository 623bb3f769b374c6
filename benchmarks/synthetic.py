"""What an index of any size holds, made without a model: real sentences shuffled, their real vectors perturbed.

    content = synthetic_content(1_000_000, work)        # for kb.publish.publish; the same for the same size

A passage is made of sentences that stand near each other in a real article, so that passages keep to a subject as real ones do;
of a sentence two words are exchanged and its vector is turned a little (cosine to the real one about .9), so that hardly two are
equal. A million passages need 6 GB of memory.
"""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.corpus import headings, quotable, shipped
from kb.catalogue import Kept, Made
from kb.duplicates import find_folds, find_sayings
from kb.embed import find_repeated, recipes_of, without_repeated
from kb.encoder import Encoder, static_of
from kb.mirror import code_version
from kb.nearest_words import said_by
from kb.publish import Content
from kb.records import Article, Block, Passage, Section, Unit

SECTIONS, PARAGRAPHS, SENTENCES = 5, 2, 5  # an article has 10 passages of 5 sentences
AN_ARTICLE = SECTIONS * PARAGRAPHS
TURN = 0.5  # length of the random vector added to one of length 1
MOST_SENTENCES = 6000
NEAR = 8  # sentences in a row of which a passage takes SENTENCES


class Shuffled:
    """Real sentences with their vectors, and articles made of them."""

    def __init__(self, encoder: Encoder) -> None:
        articles = shipped()
        of_article = [quotable([article]) for article in articles]
        share = MOST_SENTENCES // len(of_article) + 1
        self.subjects: list[range] = []
        self.sentences: list[str] = []
        for every in of_article:
            start = len(self.sentences)
            self.sentences += every[:share]
            ends = range(start + NEAR, len(self.sentences) + 1)
            self.subjects += [range(end - NEAR, end) for end in ends]
        self.words = [sentence.split() for sentence in self.sentences]
        self.long = [[at for at, word in enumerate(words) if len(re.sub(r"\W", "", word)) > 4] for words in self.words]
        self.titles = headings(articles)
        self.vectors = encoder.encode(self.sentences)
        self.static, self.basis = np.zeros((len(self.sentences), 0), dtype=np.float32), None
        if (static := static_of(encoder)) is not None:
            nothing = np.zeros((1, static.basis.shape[1]), dtype=np.float32)
            self.static, self.basis = static.encode(self.sentences, nothing), static.basis
            self.static_titles = dict(zip(self.titles, static.of_titles(encoder.encode(self.titles)), strict=True))

    def static_title(self, article: Article) -> np.ndarray:
        """Where an article's title points, were it not numbered."""
        return self.static_titles[article.title.rpartition(" ")[0]]

    def article(self, number: int) -> tuple[Article, list[list[tuple[int, int]]], list[int]]:
        """An article, its passages as lists of (start, end) of their sentences, and which sentences they are."""
        chance = random.Random(number)
        title = f"{chance.choice(self.titles)} {number}"
        text, sections, passages, used = title, [], [], []
        for _ in range(SECTIONS):
            heading = chance.choice(self.titles)
            text += f"\n\n{heading}"
            start, blocks = len(text) + 2, []
            for _ in range(PARAGRAPHS):
                text += "\n\n"
                begin, places = len(text), []
                for which in chance.sample(chance.choice(self.subjects), SENTENCES):
                    said = self._varied(which, chance)
                    at = len(text) + (len(text) > begin)
                    text += said if len(text) == begin else f" {said}"
                    places.append((at, at + len(said)))
                    used.append(which)
                passages.append(places)
                blocks.append(Block("paragraph", begin, len(text)))
            sections.append(Section((heading,), start, len(text), tuple(blocks)))
        digest = hashlib.sha256(text.encode()).hexdigest()
        source = f"{number // 1000:04d}/{number:07d}.md"
        date = f"20{10 + number % 15}"
        return Article(source, title, text, tuple(sections), digest, date, "front matter", ("synthetic",)), passages, used

    def _varied(self, which: int, chance: random.Random) -> str:
        words = self.words[which]
        if len(self.long[which]) > 1:
            one, other = chance.sample(self.long[which], 2)
            words = words.copy()
            words[one], words[other] = words[other], words[one]
        return " ".join(words)


def synthetic_content(count: int, work: Path, encoder: Encoder) -> Content:
    """About count passages; the vectors of their sentences lie in a file in work until they are published."""
    shuffled = Shuffled(encoder)
    chance = np.random.default_rng(0)
    articles = max(1, count // AN_ARTICLE)
    dim = shuffled.vectors.shape[1]
    vectors = np.empty((articles * AN_ARTICLE, dim), dtype=np.float16)
    work.mkdir(parents=True, exist_ok=True)
    of_units = articles * AN_ARTICLE * SENTENCES, dim + shuffled.static.shape[1]
    units = np.lib.format.open_memmap(work / "synthetic-units.npy", mode="w+", dtype=np.float16, shape=of_units)
    kept, passages, titles = [], [], []
    made, root = code_version(), str(work.resolve() / "articles")  # no such files are there: what is edited is given by name
    for number in range(articles):
        article, places, used = shuffled.article(number)
        kept.append(Kept(article, root, article.source, article.content_hash, made, chance.bytes(400)))
        for at, (section, some) in enumerate((number // PARAGRAPHS, some) for number, some in enumerate(places)):
            passages.append(_passage(article, article.sections[section].heading, some, article.sections[section].blocks[at % 2]))
        turned = _turned(shuffled.vectors[used], chance)
        own = slice(len(used) * number, len(used) * (number + 1))
        units[own] = np.concatenate([turned, shuffled.static[used]], axis=1)
        if shuffled.basis is not None:
            titles += [shuffled.static_title(article).astype(np.float16)] * AN_ARTICLE
        means = turned.reshape(AN_ARTICLE, SENTENCES, dim).mean(axis=1)
        vectors[AN_ARTICLE * number : AN_ARTICLE * (number + 1)] = means / np.linalg.norm(means, axis=1, keepdims=True)
    repeated, sayings = find_repeated(kept, {}), find_sayings(passages)
    recipes = recipes_of(kept, without_repeated(kept, repeated), {})  # as a build makes them, so that it takes what stands
    made_of = Made(recipes, {}, find_folds(passages, {}, sayings), sayings, repeated)
    pointing = np.array(titles) if titles else None
    said = None if (static := static_of(encoder)) is None else said_by(passages, static)
    return Content(kept, passages, vectors, units, pointing, said, made_of, basis=shuffled.basis)


def _passage(article: Article, heading: tuple[str, ...], places: Sequence[tuple[int, int]], block: Block) -> Passage:
    return Passage(
        source=article.source,
        title=article.title,
        heading=heading,
        text=article.text[block.start : block.end],
        start=block.start,
        end=block.end,
        units=tuple(Unit("sentence", start, end) for start, end in places),
        date=article.date,
        date_origin=article.date_origin,
        topics=article.topics,
    )


def _turned(vectors: np.ndarray, chance: np.random.Generator) -> np.ndarray:
    """Unit rows near these."""
    noise = chance.standard_normal(vectors.shape, dtype=np.float32) * np.float32(TURN / np.sqrt(vectors.shape[1]))
    turned: np.ndarray = vectors + noise
    turned /= np.linalg.norm(turned, axis=1, keepdims=True)
    return turned
