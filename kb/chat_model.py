"""An optional language model writes the answer as prose; every sentence of it is checked before it is shown.

    hits ── prompt ──> server ── deltas ──> Thoughts ──> Prose ── Sentence ──> ClaimChecker ── Verdict ──> Answer, growing

Never worse than without: whatever goes wrong (unreachable, refusing, garbled, cut, endless, nothing supported), the last
answer is the quoted one, with a line that says why.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from kb.chat_server import ChatServer, PromptTooLong
from kb.claims import LEAD_IN, SUPPORTED, ClaimChecker, Verdict
from kb.encoder import Encoder
from kb.errors import ChatModelError, EncoderError
from kb.evidence import Evidence, Proof
from kb.facts import Vocabulary, names, quantities, states
from kb.passages import embedded_text
from kb.prompt import NO_ANSWER, Prompt, write_prompt, write_rewrite_prompt
from kb.prose import Prose, Sentence, Thoughts, clean
from kb.records import DOUBTED, Answer, Article, Check, Citation, Hit, Turn
from kb.settings import Settings

log = logging.getLogger(__name__)

History = Sequence[Turn | Mapping[str, str]]

ENOUGH = 0.5  # share of claims that must be supported, or the quotes are the better answer
REWRITE_TOKENS = 200  # room for a restated question and a little reasoning
REWRITE_SECONDS = 20.0  # a model that is slower than this on one line is not waited for: the rules are there
MAX_REWRITE_CHARS = 300
CUT_SHORT = {"length": "its length limit", "content_filter": "its server's content filter"}  # what a finish_reason means
EMPTY = {
    "length": " It spent all its tokens on reasoning: raise llm_answer_tokens.",
    "content_filter": " Its server's content filter stopped it.",
}
UPDATE_SECONDS = 0.1  # the page draws at most 15 updates a second


class ChatModel:
    """A language model on an OpenAI-compatible server, and how its answers are written and checked.

    unsupported: "mark" shows a sentence that no passage supports, with a warning sign and the reason; "drop" leaves it out.
    """

    def __init__(
        self,
        base_url: str,
        model: str,
        api_key: str = "",
        *,
        timeout_seconds: float = 120.0,
        context_tokens: int = 4096,
        answer_tokens: int = 1024,
        unsupported: str = "mark",
        rewrites: bool = False,
        backoff_seconds: float = 0.5,
    ) -> None:
        """Raises ChatModelError when an argument cannot be used; the message never shows the key."""
        if not model.strip():
            raise ChatModelError("llm_base_url is set, but llm_model is empty. Name a model that the server has")
        if unsupported not in ("mark", "drop"):
            raise ChatModelError(f"llm_unsupported must be 'mark' or 'drop', got {unsupported!r}")
        if timeout_seconds <= 0 or answer_tokens < 1 or context_tokens < 256:
            raise ChatModelError("llm_timeout_seconds and llm_answer_tokens must be above 0, llm_context_tokens at least 256")
        self._server = ChatServer(
            base_url, model.strip(), api_key, timeout_seconds=timeout_seconds, backoff_seconds=backoff_seconds
        )
        self._answer_tokens = min(answer_tokens, context_tokens // 2)
        self._prompt_tokens = context_tokens - self._answer_tokens
        self._unsupported: Literal["mark", "drop"] = "mark" if unsupported == "mark" else "drop"
        self.rewrites = rewrites

    @classmethod
    def from_settings(cls, settings: Settings) -> ChatModel | None:
        """The model that settings name, None where they name none. Raises ChatModelError as the class does, and where only one of
        address and model is set."""
        if not (settings.llm_base_url or settings.llm_model):
            return None
        if not settings.llm_base_url:
            raise ChatModelError(f"llm_model is {settings.llm_model!r}, but llm_base_url is empty. Set both, or neither")
        return cls(
            settings.llm_base_url,
            settings.llm_model,
            settings.llm_api_key,
            timeout_seconds=settings.llm_timeout_seconds,
            context_tokens=settings.llm_context_tokens,
            answer_tokens=settings.llm_answer_tokens,
            unsupported=settings.llm_unsupported,
            rewrites=settings.llm_rewrite,
        )

    @property
    def name(self) -> str:
        """The model's name, as Answer.written_by has it."""
        return self._server.model

    @property
    def unsupported(self) -> Literal["mark", "drop"]:
        """What becomes of a sentence that no passage supports."""
        return self._unsupported

    @property
    def address(self) -> str:
        """The server, without path or key, fit to be shown: "http://127.0.0.1:11434"."""
        return self._server.address

    @property
    def at(self) -> str:
        """Who writes, for a person: "qwen3:8b at http://127.0.0.1:11434"."""
        return f"{self.name} at {self.address}"

    def __repr__(self) -> str:
        return f"ChatModel({self.at})"

    def write(
        self,
        question: str,
        hits: Sequence[Hit],
        history: History = (),
        *,
        encoder: Encoder,
        quoted: Answer,
        article: Callable[[str], Article],
        complete: Callable[[Answer], Answer] = lambda answer: answer,
    ) -> Iterator[Answer]:
        """Growing answers in prose; the last one is complete. Closing the iterator ends the request.

        quoted: the answer without a model, which is the last one too when the base does not answer the question (then the model
        is not asked) or when the model fails. article(source) gives the article of a hit. complete: what is done to the finished
        prose, as it was to the quotes (remarks on sources that differ, on figures).
        """
        if quoted.abstained or not hits:
            yield quoted
            return
        draft = _Draft(self, question, quoted, encoder, time.perf_counter())
        try:
            for answer in self._written(draft, question, hits, _turns(history), article):
                yield complete(answer) if draft.done and answer.written_by == self.name else answer
        except (ChatModelError, EncoderError) as error:
            log.info("the quoted answer stands: %s", error)
            yield draft.given_up(str(error))

    def _written(
        self, draft: _Draft, question: str, hits: Sequence[Hit], history: Sequence[Turn], article: Callable[[str], Article]
    ) -> Iterator[Answer]:
        texts = [(hit.passage, embedded_text(hit.passage, article(hit.passage.source).text)) for hit in hits]
        room = self._prompt_tokens
        while True:
            prompt = write_prompt(question, texts, history, tokens=room)
            draft.begin([(hit, article(hit.passage.source)) for hit in hits[: prompt.passages]])
            try:
                yield from self._streamed(draft, prompt)
                return
            except PromptTooLong:
                if prompt.passages == 1:
                    raise
                room //= 2  # the server's window is smaller than we were told, or its tokens are shorter

    def _streamed(self, draft: _Draft, prompt: Prompt) -> Iterator[Answer]:
        yield draft.answer()
        shown = time.perf_counter()
        for delta in self._server.stream(prompt.messages, max_tokens=self._answer_tokens):
            draft.take(delta.text, delta.thought, delta.finish)
            if time.perf_counter() - shown >= UPDATE_SECONDS:
                yield draft.answer()
                shown = time.perf_counter()
        yield draft.finished()

    def rewrite(self, question: str, history: History) -> str | None:
        """The question restated so that it stands alone, or None when the model fails or adds something that nobody said.

        A restated question may only hold numbers and names that the conversation holds.
        """
        turns = _turns(history)
        if not turns:
            return None
        prompt = write_rewrite_prompt(question, turns, tokens=self._prompt_tokens)
        thoughts, text = Thoughts(), ""
        try:
            tokens = min(REWRITE_TOKENS, self._answer_tokens)
            for delta in self._server.stream(prompt.messages, max_tokens=tokens, seconds=REWRITE_SECONDS):
                for kind, piece in thoughts.feed(delta.text, final=bool(delta.finish)):
                    text = "" if kind == "was thought" else text + piece if kind == "text" else text
        except ChatModelError as error:
            log.warning("the question is resolved by rule: %s", error)
            return None
        return _faithful(text, " ".join([question, *(turn.content for turn in turns)]))


def _faithful(text: str, said: str) -> str | None:
    lines = [line for line in text.splitlines() if line.strip()]
    restated = clean(lines[0]).strip("\"'“”") if len(lines) == 1 else ""
    if not restated or len(restated) > MAX_REWRITE_CHARS:
        return None
    known, counted = Vocabulary.of(said), quantities(said)
    if not all(known.names(name) for name in names(restated)) or not all(states(q, counted, said) for q in quantities(restated)):
        return None
    return restated


def _turns(history: History) -> list[Turn]:
    """History as turns; a mapping with another role or without text is left out."""
    turns = []
    for turn in history:
        if isinstance(turn, Turn):
            turns.append(turn)
        elif turn.get("role") in ("user", "assistant") and isinstance(turn.get("content"), str):
            turns.append(Turn("user" if turn["role"] == "user" else "assistant", turn["content"]))
    return turns


@dataclass
class _Draft:
    """An answer while it is being written: sentences with their verdicts, in order, and what the model thought."""

    model: ChatModel
    question: str
    quoted: Answer
    encoder: Encoder
    started: float
    sources: list[tuple[Hit, Article]] = field(default_factory=list)
    judged: list[tuple[Sentence, Verdict]] = field(default_factory=list)
    reasoning: str = ""
    finish: str = ""
    done: bool = False

    def begin(self, sources: list[tuple[Hit, Article]]) -> None:
        """Start from nothing, with these passages numbered from 1."""
        self.sources, self.judged, self.reasoning, self.finish = sources, [], "", ""
        self._thoughts, self._prose = Thoughts(), Prose()
        evidence = [Evidence(number, hit.passage, article.text, self.encoder) for number, (hit, article) in enumerate(sources, 1)]
        self._checker = ClaimChecker(evidence, self.encoder, question=self.question)

    def take(self, text: str, thought: str, finish: str) -> None:
        """Add a piece of the reply; what it completes is checked at once."""
        self.reasoning += thought
        self.finish = finish or self.finish
        for kind, piece in self._thoughts.feed(text, final=bool(finish)):
            if kind == "text":
                self._judge(self._prose.feed(piece))
            elif kind == "thought":
                self.reasoning += piece
            else:
                self.reasoning += "".join(f"{s.before}{s.text}" for s, _ in self.judged) + self._prose.rest()
                self.judged, self._prose = [], Prose()
        if finish:
            self._judge([] if finish in CUT_SHORT else self._prose.end())

    def _judge(self, sentences: Sequence[Sentence]) -> None:
        self.judged += [(sentence, self._checker.check(sentence)) for sentence in sentences]

    def answer(self) -> Answer:
        """What can be shown now: the quotes, until a sentence is there."""
        text, citations, checks = _compose(self.judged, self.sources, self.model.unsupported)
        if not text:
            doing = f"thinking ({len(self.reasoning):,} characters so far)" if self.reasoning else "reading the passages"
            return self._with(notes=(*self.quoted.notes, f"{self.model.at} is {doing}. Until it writes, these are quotes."))
        notes = (*self._notes(), f"{self.model.at} is writing.")
        return self._with(text=text, citations=citations, checks=checks, notes=notes, written_by=self.model.name)

    def finished(self) -> Answer:
        """The complete answer, or the quoted one when too little of the reply is supported."""
        self.done = True
        text, citations, checks = _compose(self.judged, self.sources, self.model.unsupported)
        claims = [verdict for _, verdict in self.judged if verdict.verdict != LEAD_IN]
        supported = sum(verdict.verdict == SUPPORTED for verdict in claims)
        if not claims:
            return self.given_up(f"{self.model.name} wrote nothing.{EMPTY.get(self.finish, '')}")
        if any(sentence.text.rstrip(".").upper() == NO_ANSWER for sentence, _ in self.judged):
            return self.given_up(f"{self.model.name} found no answer in the passages.")
        if supported < ENOUGH * len(claims):
            few = "nothing" if not supported else f"only {supported} of {len(claims)} sentences"
            return self.given_up(f"The passages support {few} of what {self.model.name} wrote.")
        notes = [
            f"Written by {self.model.at}: {_counted(supported, len(claims), self.model.unsupported)}"
        ]
        if self.finish in CUT_SHORT:
            notes.append(f"The model was stopped by {CUT_SHORT[self.finish]}; the sentence it was in is left out.")
        notes = [*self._notes(), *notes]
        return self._with(text=text, citations=citations, checks=checks, notes=tuple(notes), written_by=self.model.name)

    def _notes(self) -> list[str]:
        """The quoted answer's notes, but for those on its own citations, whose numbers mean others here."""
        return [note for note in self.quoted.notes if not re.search(r"\[\d+\]", note)]

    def given_up(self, why: str) -> Answer:
        """The quoted answer, with a line that says why the model's is not there."""
        checks = tuple(Check(s.text, (), verdict.verdict, False) for s, verdict in self.judged)
        return self._with(notes=(*self.quoted.notes, f"{why} These are quotes."), checks=checks)

    def _with(self, **changes: object) -> Answer:
        seconds = self.quoted.seconds + time.perf_counter() - self.started
        return replace(self.quoted, reasoning=self.reasoning.strip(), seconds=seconds, **changes)  # type: ignore[arg-type]


def _counted(supported: int, claims: int, unsupported: str) -> str:
    if supported == claims:
        return f"all {claims} sentences are supported by the passages they cite." if claims > 1 else "its sentence is supported."
    done = "marked" if unsupported == "mark" else "left out"
    return f"{supported} of {claims} sentences are supported by the passages they cite; the other {claims - supported} {done}."


def _compose(
    judged: Sequence[tuple[Sentence, Verdict]], sources: Sequence[tuple[Hit, Article]], unsupported: str
) -> tuple[str, tuple[Citation, ...], tuple[Check, ...]]:
    """The text of the sentences that may be shown, its citations numbered from 1 in order of mention, and a check for each."""
    citations: dict[tuple[str, int, int], Citation] = {}
    text, checks = "", []
    for at, (sentence, verdict) in enumerate(judged):
        shown, body = True, sentence.text
        numbers: tuple[int, ...] = ()
        if verdict.verdict == SUPPORTED:
            numbers = _cite(verdict.proofs, sources, citations)
            body = f"{sentence.text} " + "".join(f"[{number}]" for number in numbers)
        elif verdict.verdict == LEAD_IN:
            shown = _introduces(judged[at + 1 :], unsupported)
        elif unsupported == "mark":
            body = f"{DOUBTED} *{sentence.text}* (not supported: {verdict.verdict})"
        else:
            shown = False
        checks.append(Check(sentence.text, numbers, verdict.verdict, shown))
        if shown:
            text += (sentence.before if text else sentence.before.lstrip()) + body
    return text, tuple(citations.values()), tuple(checks)


def _introduces(following: Sequence[tuple[Sentence, Verdict]], unsupported: str) -> bool:
    """Whether something is shown under a lead-in before the next one; a lead-in that ends the text so far is kept."""
    under: list[bool] = []
    for sentence, verdict in following:
        if sentence.heading or (under and sentence.before == "\n\n"):  # the next heading or paragraph
            break
        under.append(verdict.verdict == SUPPORTED or unsupported == "mark")
    return any(under) or not following


def _cite(
    proofs: Sequence[tuple[Proof, ...]], sources: Sequence[tuple[Hit, Article]], citations: dict[tuple[str, int, int], Citation]
) -> tuple[int, ...]:
    """The numbers of the citations that the runs of units become; a place cited before keeps its number."""
    numbers = []
    for run in proofs:
        hit, article = sources[run[0].passage - 1]
        passage, first = hit.passage, run[0].unit
        start, end = first.start, run[-1].unit.end
        citation = citations.get((passage.source, start, end)) or Citation(
            number=len(citations) + 1,
            source=passage.source,
            title=passage.title,
            heading=passage.heading,
            quote=article.text[start:end],
            start=start,
            end=end,
            date=passage.date,
            date_origin=passage.date_origin,
            content_hash=article.content_hash,
            hit_rank=hit.rank,
            lead=run[0].lead,
            lead_start=first.lead_start,
            lead_end=first.lead_end,
            page=passage.page,
            url=passage.url,
        )
        citations[passage.source, start, end] = citation
        numbers.append(citation.number)
    return tuple(dict.fromkeys(numbers))
