"""What tests share besides fixtures: where things lie, an encoder one can compute by hand, three articles to hold in the head."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT.parent / "shared" / "samples"  # real articles that stand beside a developer's checkout; not part of the project


class BagOfWords:
    """Each word is a direction (its CRC modulo dim); a text is the normalised sum of its words. Counts what it was asked."""

    def __init__(self, dim: int = 64, fingerprint: str = "bag of words") -> None:
        self.dim = dim
        self.fingerprint = fingerprint
        self.encoded: list[str] = []

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        self.encoded += texts
        vectors = np.zeros((len(texts), self.dim), dtype=np.float32)
        for row, text in enumerate(texts):
            for word in text.lower().replace("?", " ").replace(".", " ").split() or [""]:
                vectors[row, zlib.crc32(word.encode("utf-8", "replace")) % self.dim] += 1
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


NURSE = """---
title: Nurse
date: 2024-05-01
topics: [health]
roles: [Nurse / registered nurse]
---

A nurse cares for patients on a ward.

## Pay

| Region | Pay |
|---|---|
| Bavaria | 41,000 EUR a year |
| Kent | 31,000 GBP a year |

## Training

Training takes these steps:

- Apply to a nursing school.
- Pass the state exam.
"""
BAKER = """---
title: Baker
date: 2023
topics: [crafts]
---

A baker makes bread before dawn. It is hot work.

## Pay

A baker earns 28,000 EUR a year in Bavaria.
"""
WELDER = "Welder\n\nA welder joins metal. Welders need a certificate for pipe work."
