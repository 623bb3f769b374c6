"""The map of kb/static_vectors.npz, made anew: from word vectors to the model's vectors, on what the shipped articles can quote.

    python -m benchmarks.fit_static_vectors          # writes kb/static_vectors.npz; a minute
"""

from __future__ import annotations

import numpy as np

from kb.encoder import Encoder, count_tokens, encode_all, load_encoder
from kb.passages import cut, unit_by_itself
from kb.reading import find_articles, read_article
from kb.settings import SHIPPED_ARTICLES, Settings
from kb.static_vectors import SHIPPED, WordMeans, fitted
from kb.weights import find_model


def shipped_units(encoder: Encoder) -> list[str]:
    """Every unit of the shipped articles behind its heading."""
    texts = []
    for source, path in find_articles(SHIPPED_ARTICLES):
        article = read_article(path, source)
        for passage in cut(article, Settings(), lambda some: count_tokens(encoder, some)):
            texts += [unit_by_itself(passage, unit, article.text) for unit in passage.units]
    return texts


def main() -> None:
    encoder = load_encoder(Settings(precision="f32"), for_many=True)
    texts = shipped_units(encoder)
    turn, basis = fitted(WordMeans(find_model(Settings())).of(texts), encode_all(encoder, texts))
    np.savez(SHIPPED, turn=turn.astype(np.float16), basis=basis.astype(np.float16))
    print(f"{SHIPPED}: made of {len(texts):,} units. Raise VERSION in kb/static_vectors.py if it differs")


if __name__ == "__main__":
    main()
