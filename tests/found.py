"""What retrieval would have found, made by hand: passages with the cosine of each unit."""

from __future__ import annotations

import numpy as np

from kb.lexical import terms
from kb.passages import sentences
from kb.records import Hit, Passage, Unit
from kb.retrieval import Found

Given = tuple[str, tuple[str, ...], list[tuple[str, float]]]  # title, heading, (unit, its cosine)


def found(question: str, *given: Given, kind: str = "sentence") -> Found:
    """Hits in this order, a passage each; every word of the question is as rare as the others.

    A unit that ends with a colon leads in the units behind it, which are items then.
    """
    hits, cosines = [], []
    for number, (title, heading, units) in enumerate(given):
        passage = _passage(f"{number}.md", title, heading, [text for text, _ in units], kind)
        cosines.append(np.array([cosine for _, cosine in units], dtype=np.float32))
        hits.append(Hit(number + 1, -float(number), passage, number, float(max(cosines[-1]))))
    hashes = {hit.passage.source: "0" * 64 for hit in hits}
    vector = np.zeros(2, dtype=np.float32)
    near = tuple(cosines)
    return Found(tuple(hits), vector, dict.fromkeys(terms(question), 1.0), (), near, near, near, hashes)


def _passage(source: str, title: str, heading: tuple[str, ...], texts: list[str], kind: str) -> Passage:
    text, units, lead = "", [], (-1, -1)
    for each in texts:
        start = len(text)
        of = "item" if lead[0] >= 0 else kind
        units.append(Unit(of, start, start + len(each), *lead))  # type: ignore[arg-type]
        if each.endswith(":"):
            lead = (start, start + len(each))
        text += each + "\n"
    assert all(sentences(each) for each in texts)
    return Passage(source, title, heading, text.rstrip("\n"), 0, len(text) - 1, tuple(units))
