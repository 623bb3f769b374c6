"""Text that a site puts on every page: menus, notes on cookies, calls to subscribe.

    repeated = repeated_boilerplate(articles)                       # of all articles of a folder
    article = without_boilerplate(article, repeated)                # text and offsets stay, the blocks are gone

The readers drop what is boilerplate by its mark-up. What only repetition gives away can be seen when all articles are read, and
it is left out of the sections, hence of passages and answers, while the article's text, its hash and every offset stay as they
are: an article added to a folder never changes another one's text. Only the articles' beginnings and ends are looked at, for in
their middle articles on one template say the same thing because it is true of both.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import replace

from kb.records import Article, Block

MIN_ARTICLES = 4  # that share a block; three texts by one author may well say the same thing
MIN_SHARE = 0.5  # of the articles of one folder
EDGE_BLOCKS = 6  # at an article's beginning and at its end, where sites put such text
MAX_WORDS = 60  # of a block; longer ones are text that somebody copied, which is for the near-duplicate check to find


def repeated_boilerplate(articles: Iterable[Article]) -> frozenset[str]:
    """The blocks at the edges of at least half of a folder's articles, and of four or more; white space and case do not count.

    Only paragraphs and items count: the headings and table rows of articles written on one template are meant to be alike.
    """
    folders: dict[str, list[Article]] = defaultdict(list)
    for article in articles:
        folders[article.source.rpartition("/")[0]].append(article)
    repeated: set[str] = set()
    for group in folders.values():
        seen = Counter(key for article in group for key in {_key(article, block) for block in _edges(article)} - {""})
        repeated |= {key for key, count in seen.items() if count >= max(MIN_ARTICLES, MIN_SHARE * len(group))}
    return frozenset(repeated)


def without_boilerplate(article: Article, repeated: frozenset[str]) -> Article:
    """article with those blocks taken out of its sections; the same article when nothing is left otherwise."""
    if not repeated:
        return article
    edges = set(_edges(article))
    sections = []
    for section in article.sections:
        blocks = tuple(block for block in section.blocks if block not in edges or _key(article, block) not in repeated)
        start, end = (blocks[0].start, blocks[-1].end) if blocks else (section.start, section.start)
        sections.append(replace(section, start=start, end=end, blocks=blocks) if blocks != section.blocks else section)
    return replace(article, sections=tuple(sections)) if any(section.blocks for section in sections) else article


def _edges(article: Article) -> list[Block]:
    blocks = [block for section in article.sections for block in section.blocks]
    return blocks if len(blocks) <= 2 * EDGE_BLOCKS else [*blocks[:EDGE_BLOCKS], *blocks[-EDGE_BLOCKS:]]


def _key(article: Article, block: Block) -> str:
    """The block's words; "" for one that is never boilerplate."""
    words = article.text[block.start : block.end].casefold().split()
    if block.kind not in {"paragraph", "item"} or len(words) > MAX_WORDS or words[-1].endswith(":"):
        return ""
    return " ".join(words)
