"""Every number the package runs on, with its unit and where it was born.

A default is a claim: the comment beside it cites or names the measurement. Each can be set in code (`Settings(top_k=5)`), in a
TOML file (`Settings.load("kb.toml")`) or by an environment variable (`KB_TOP_K=5`).
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from kb.errors import KBError

PACKAGE = Path(__file__).parent
SHIPPED_ARTICLES = PACKAGE / "articles"


@dataclass(frozen=True, slots=True)
class Settings:
    """The numbers. Those under "cutting" are written into the manifest: changing one asks for a rebuild."""

    # cutting (part of the index's identity)
    passage_words: int = 110  # words a passage aims at: docs/quality.md, "Passage size"
    passage_max_tokens: int = 240  # tokens with title and heading path; all-MiniLM-L6-v2 was trained up to 256 (model card)

    # copies
    copy_resemblance: float = 0.8  # share of common runs of 3 words that makes a copy, 0 for none: docs/ingest.md, "Copies"

    # writing
    amend_from: int = 10_000  # passages from which an edit is written beside what stands (docs/performance.md, "Editing")

    # model
    model: str = ""  # "" = all-MiniLM-L6-v2 from the wheel; else a sentence-transformers name or path
    device: str = "cpu"  # "cpu", "cuda" or "mps"
    precision: str = ""  # "" = the processor's best (bfloat16 or float32); "f32", "bf16", "f16" or "int8" (docs/performance.md)
    offline: bool = True  # never ask a model hub

    # searching
    top_k: int = 10  # hits a search returns when not told
    candidates: int = 50  # per ranker; the good passage is among the first 50 for 96 % of questions (docs/quality.md)
    correct_spelling: bool = True  # misspellings against the base's own words, abbreviations and other role names spelt out
    fusion: str = "calibrated"  # or "rank": plain reciprocal rank fusion, to compare with
    weight_passage: float = 3.0  # log-odds per unit of cosine or BM25 share: maximum likelihood on labelled questions,
    weight_unit: float = 25.0  #   stable when fitted on either of two sets of articles and tried on the other (docs/quality.md)
    weight_words: float = 3.3
    cross_encoder: str = ""  # "" = none, else a name or path; off: 20 passages take six layers 1.9 s on 2 cores
    cross_encoder_hits: int = 20  # first passages that it orders anew
    heading_boost: float = 1.0  # weight of a word in title or headings against one in the text (BM25 fields)

    # asking
    max_question_chars: int = 2000  # longer questions are refused: OWASP LLM06 (2026), unbounded consumption
    max_history_turns: int = 6  # messages of the conversation that are looked at
    max_history_chars: int = 8000  # of them together
    answer_threshold: float = 0.7  # confidence below which the base declines: loses 5 % of answerable questions, docs/quality.md
    answer_hits: int = 6  # passages that an answer quotes from
    answer_words: int = 90  # words of quotes an answer aims at: content .80 at a median of 85 words in all (docs/quality.md)
    answer_list_words: int = 120  # of a list that is asked for; a longer one is quoted in part
    answer_list_sentences: int = 2  # sentences quoted on after a chosen one where a list or steps are asked for
    answer_mass: float = 0.96  # probability that the chosen quotes hold what was asked for, above which no more are added
    answer_least: float = 0.015  # probability of a quote below which it is left out

    # the owner's log of declined questions, beside the index; never written while the page is open to others
    log_gaps: bool = True

    # the page
    host: str = "127.0.0.1"
    port: int = 7860
    api_per_minute: int = 300  # questions a program may ask at /api where others can reach it; 0 = any number

    # a language model, off unless both are set
    llm_base_url: str = ""
    llm_model: str = ""
    llm_api_key: str = field(default="", repr=False)  # never printed
    llm_unsupported: str = "mark"  # sentences no passage supports: "mark" shows them as such, "drop" leaves them out
    llm_context_tokens: int = 4096  # the model's window; Ollama's own below 24 GiB of video memory (its docs, context-length)
    llm_answer_tokens: int = 1024  # of them kept for the reply, reasoning included: docs/language-model.md, "Window"
    llm_timeout_seconds: float = 120.0  # whole reply; a 7B model on 2 cores needs 96 (docs/language-model.md)
    llm_rewrite: bool = False  # let the model restate follow-up questions; costs one more request a question

    @classmethod
    def load(cls, path: str | Path | None = None, env: Mapping[str, str] = os.environ) -> Settings:
        """Defaults, overlaid by a TOML file, overlaid by KB_* variables. Raises KBError naming the setting that does not fit."""
        given: dict[str, Any] = {}
        if path is not None:
            try:
                given = tomllib.loads(Path(path).read_text(encoding="utf-8"))
            except (OSError, ValueError) as error:
                raise KBError(f"cannot read settings from {path}: {error}") from error
        known = {each.name: each for each in fields(cls)}
        for name in known:
            if (value := env.get(f"KB_{name.upper()}")) is not None:
                given[name] = value
        unknown = sorted(set(given) - set(known))
        if unknown:
            raise KBError(f"unknown setting {unknown[0]!r}. Known: {', '.join(sorted(known))}")
        return replace(cls(), **{name: _as_type(name, value, str(known[name].type)) for name, value in given.items()})


def _as_type(name: str, value: Any, kind: str) -> Any:
    """value as the setting's own type; environment variables arrive as text."""
    try:
        if kind == "bool":
            return _as_bool(value)
        return {"int": int, "float": float, "str": str}[kind](value)
    except (TypeError, ValueError) as error:
        raise KBError(f"setting {name} wants {kind}, got {value!r}") from error


def _as_bool(value: object) -> bool:
    if isinstance(value, bool):
        return value
    words = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
    return words[str(value).strip().lower()] if str(value).strip().lower() in words else bool(int(str(value)))
