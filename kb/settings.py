"""Every setting of the package, with its unit and the reason for its default.

A default is a claim: the comment beside it cites or names the measurement. Each can be set in code (`Settings(top_k=5)`), in a
TOML file (`Settings.load("kb.toml")`) or by an environment variable (`KB_TOP_K=5`).
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from difflib import get_close_matches
from math import inf
from numbers import Real
from pathlib import Path
from typing import Any

from kb.errors import KBError

log = logging.getLogger(__name__)

PACKAGE = Path(__file__).parent
SHIPPED_ARTICLES = PACKAGE / "articles"

# what a number may be at least and at most; those not named here are checked where they are used, which names them too
_COUNTS = (
    "passage_words passage_max_tokens top_k candidates cross_encoder_hits max_question_chars answer_hits answer_words "
    "answer_list_words"
)
_FEATURES = "passage unit static words held said neighbours neighbours_words length"
BOUNDS: Mapping[str, tuple[float, float]] = {
    **dict.fromkeys(_COUNTS.split(), (1, inf)),
    **dict.fromkeys(("amend_from", "answer_list_sentences", "api_per_minute", "heading_boost"), (0, inf)),
    **dict.fromkeys(("max_history_turns", "max_history_chars"), (0, inf)),
    **dict.fromkeys(("answer_threshold", "answer_mass", "answer_least", "copy_resemblance"), (0, 1)),
    **dict.fromkeys((f"weight_{each}" for each in _FEATURES.split()), (-inf, inf)),
    "port": (0, 65_535),
}
FUSIONS = ("calibrated", "rank")
NO_SETTINGS = frozenset({"KB_INDEX", "KB_PASSWORD", "KB_API_KEY"})  # variables that the commands look at besides


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings. Those under "cutting" are part of the index's identity: changing one asks for a rebuild."""

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
    precision: str = ""  # "" = the processor's best, "f32", "bf16", "f16" or "int8" (docs/performance.md)
    offline: bool = True  # never ask a model hub

    # searching
    top_k: int = 10  # hits a search returns when not told
    candidates: int = 50  # per ranker; the good passage was among the first 50 for 96 % of the first labelled questions
    correct_spelling: bool = True  # misspellings against the base's own words, abbreviations and other role names spelt out
    fusion: str = "calibrated"  # or "rank": plain reciprocal rank fusion, to compare with
    # log-odds per unit of each score, near the maximum likelihood over six labelled bases (docs/quality.md, "Ranking")
    weight_passage: float = 5.0  # cosine with the passage
    weight_unit: float = 16.0  # cosine with the closest of its units
    weight_static: float = 9.0  # cosine with what one of them says by itself, beyond its article's title (kb.static_vectors)
    weight_words: float = 0.0  # BM25, which adds nothing to the others
    weight_held: float = 6.5  # share of the question's words, by rarity, that stand there; counts where weight_said cannot
    # of encoders with static vectors alone
    weight_said: float = 13.0  # the same, or words near to them (kb.nearest_words)
    weight_neighbours: float = 8.0  # mean cosine with the passages nearest to it (kb.neighbours)
    weight_neighbours_words: float = 2.5  # their mean BM25
    weight_length: float = -0.4  # natural logarithm of how many words it says: a long passage is near to any word
    cross_encoder: str = ""  # "" = none, else a name or path; off: 20 passages take six layers 1.9 s on 2 cores
    cross_encoder_hits: int = 20  # first passages that it orders anew
    heading_boost: float = 1.0  # weight of a word in title or headings against one in the text (BM25 fields)

    # asking
    max_question_chars: int = 2000  # longer questions are refused: OWASP LLM06 (2026), unbounded consumption
    max_history_turns: int = 6  # messages of the conversation that are looked at
    max_history_chars: int = 8000  # of them together
    answer_threshold: float = 0.7  # confidence below which the base declines (docs/quality.md, "An honest no")
    answer_hits: int = 6  # passages that an answer quotes from
    answer_words: int = 90  # words of quotes an answer aims at: when chosen, content .80 at a median of 85 words in all
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

    def __post_init__(self) -> None:
        """Raises KBError naming the setting whose value cannot be meant."""
        for name, (least, most) in BOUNDS.items():
            value: Any = getattr(self, name)
            if not isinstance(value, Real) or isinstance(value, bool):  # numpy's numbers too
                raise KBError(f"setting {name} wants a number, got {value!r}")
            if not least <= float(value) <= most or value in (inf, -inf):  # not a number is not between anything
                raise KBError(f"setting {name} has to be {_between(least, most)}, got {value}")
        if self.fusion not in FUSIONS:
            raise KBError(f"setting fusion has to be one of: {', '.join(FUSIONS)}, got {self.fusion!r}")

    @classmethod
    def load(cls, path: str | Path | None = None, env: Mapping[str, str] = os.environ) -> Settings:
        """Defaults, overlaid by a TOML file, overlaid by KB_* variables. Raises KBError naming the setting that does not fit."""
        given: dict[str, Any] = {}
        if path is not None:
            import tomllib  # here, since most starts read no file

            try:
                given = tomllib.loads(Path(path).read_text(encoding="utf-8-sig"))
            except OSError as error:
                raise KBError(f"cannot read settings from {path}: {error.strerror}") from error
            except ValueError as error:
                raise KBError(f"cannot read settings from {path}: it is no TOML in UTF-8 ({error})") from error
        kinds = {each.name: str(each.type) for each in fields(cls)}
        if unknown := sorted(set(given) - set(kinds)):
            near = "".join(f" Is {name} meant?" for name in get_close_matches(unknown[0], kinds, 1))
            raise KBError(f"unknown setting {unknown[0]!r}.{near} Known: {', '.join(sorted(kinds))}")
        values = {name: _of_kind(name, value, kinds[name]) for name, value in given.items()}
        for name, kind in kinds.items():
            if (text := env.get(f"KB_{name.upper()}")) is not None:
                values[name] = _read_as(name, text, kind)
        _tell_misspelt(env, kinds)
        return replace(cls(), **values)


def _between(least: float, most: float) -> str:
    if least == -inf:
        return "a number"
    return f"at least {least:g}" if most == inf else f"from {least:g} to {most:g}"


def _of_kind(name: str, value: Any, kind: str) -> Any:
    """A value of a TOML file, which has types of its own: "5" is no number there, and neither is true."""
    types = {"bool": bool, "int": int, "float": int | float, "str": str}
    if not isinstance(value, types[kind]) or (isinstance(value, bool) and kind != "bool"):
        raise KBError(f"setting {name} wants {kind}, got {value!r}")
    return float(value) if kind == "float" else value


def _read_as(name: str, text: str, kind: str) -> Any:
    """A variable's text as the setting's own type."""
    readers: dict[str, Callable[[str], Any]] = {"bool": _as_bool, "int": int, "float": float, "str": str}
    try:
        return readers[kind](text)
    except ValueError as error:
        raise KBError(f"setting {name} (KB_{name.upper()}) wants {kind}, got {text!r}") from error


def _as_bool(text: str) -> bool:
    words = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
    if (word := text.strip().lower()) not in words:
        raise ValueError(text)
    return words[word]


def _tell_misspelt(env: Mapping[str, str], names: Iterable[str]) -> None:
    """A warning for KB_TOPK; a variable that is like no setting may be another program's."""
    variables = {f"KB_{name.upper()}" for name in names}
    for given in sorted(env):
        if given.startswith("KB_") and given not in variables | NO_SETTINGS:
            for near in get_close_matches(given, variables, 1, 0.85):
                log.warning("%s is no setting; %s is", given, near)
