"""An optional language model writes the answer as prose; every sentence of it is checked before it is shown.

    hits ── prompt ──> server ── deltas ──> Thoughts ──> Prose ── Sentence ──> ClaimChecker ── Verdict ──> Answer, growing

Never worse than without: whatever goes wrong (unreachable, refusing, garbled, cut, endless, nothing supported), the last
answer is the quoted one, with a line that says why.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence

from kb.chat_server import ChatServer, PromptTooLong
from kb.draft import REPETITION, Draft, Writer
from kb.encoder import Encoder
from kb.errors import ChatModelError, EncoderError
from kb.facts import Vocabulary, names, quantities, states
from kb.passages import embedded_text
from kb.prompt import Prompt, write_prompt, write_rewrite_prompt
from kb.prose import Thoughts, clean
from kb.records import Answer, Article, History, Hit, Turn
from kb.settings import Settings

log = logging.getLogger(__name__)

REWRITE_TOKENS = 200  # room for a restated question and a little reasoning
REWRITE_SECONDS = 20.0  # a model that is slower than this on one line is not waited for: the rules are there
MAX_REWRITE_CHARS = 300
UPDATE_SECONDS = 0.1  # the page draws at most 15 updates a second


class ChatModel:
    """A language model on an OpenAI-compatible server, and how its answers are written and checked.

    writer: who it is, as the page and Answer.written_by have it. rewrites: whether it restates follow-up questions.
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
        """unsupported: "mark" shows a sentence that no passage supports with a warning sign and the reason, "drop" leaves it out.

        Raises ChatModelError when an argument cannot be used; the message never shows the key.
        """
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
        self.writer = Writer(self._server.model, self._server.address, "mark" if unsupported == "mark" else "drop")
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

    def __repr__(self) -> str:
        return f"ChatModel({self.writer.at})"

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
        draft = Draft(self.writer, question, quoted, encoder, time.perf_counter())
        try:
            for answer in self._written(draft, question, hits, _turns(history), article):
                yield complete(answer) if draft.done and answer.written_by == self.writer.name else answer
        except (ChatModelError, EncoderError) as error:
            log.info("the quoted answer stands: %s", error)
            yield draft.given_up(str(error))

    def _written(
        self, draft: Draft, question: str, hits: Sequence[Hit], history: Sequence[Turn], article: Callable[[str], Article]
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

    def _streamed(self, draft: Draft, prompt: Prompt) -> Iterator[Answer]:
        yield draft.answer()
        shown = time.perf_counter()
        for delta in self._server.stream(prompt.messages, max_tokens=self._answer_tokens):
            draft.take(delta.text, delta.thought, delta.finish)
            if draft.finish == REPETITION:
                break
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
