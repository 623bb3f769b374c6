"""A question's way through the page: what the browser sends is read with suspicion, the answer goes back in a few growing steps.

The conversation lives in the browser; the server keeps none of it. Each event brings the messages along, and they are read as
nothing but text in turn: no files, no components, only the last of them, only so long.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from html.parser import HTMLParser

from kb.errors import KBError, NothingToSearch, QuestionError
from kb.language import language_of
from kb.records import QUOTES, Answer, Filters, Turn
from kb.settings import Settings
from kb.web.desk import Desk
from kb.web.filters import described, narrowed
from kb.web.lines import reworded
from kb.web.markup import escape
from kb.web.messages import actions_html, asked_html, message_html, problem_html
from kb.web.strings import say

log = logging.getLogger(__name__)

# gradio spends about 5 ms of CPU on a step: 70 steps an answer allow 22 answers/s on two cores, 15 allow 100
STEP_SECONDS = 1 / 15
MOST_STEPS = 20  # at that pace; an answer that is still being written goes on at the slow one
SLOW_STEP_SECONDS = 0.5
REVEAL_SECONDS = 0.3  # an answer of quotes is whole at once; it is shown growing for at most this long
CALM = 4  # questions under way beside one, from which on its answer is shown at once: steps cost what others wait for
MAX_MESSAGES = 200  # of a conversation, read back from the browser
MAX_MESSAGE_CHARS = 50_000

_PAUSE = re.compile(r"\n+|(?<=[.!?\]])\s+")
_OURS = {"kb-understood", "kb-note", "kb-foot", "kb-actions", "kb-cite", "kb-stopped", "kb-thoughts", "kb-near"}
_LEFT_OUT = _OURS | {"kb-doubted", "kb-because"}  # not what was asked or answered


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question and its answer as they stand in the chat, both as HTML. answer "" means that none came yet."""

    question: str
    answer: str = ""


class _Text(HTMLParser):
    """The text of one message, our own notes and marks left out."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.skipping: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        classes = next((value or "" for name, value in attrs if name == "class"), "").split()
        if tag in {"br", "p", "li", "tr", "div"}:
            self.parts.append("\n")
        if tag not in {"br", "hr", "img", "input"} and (self.skipping or _LEFT_OUT & set(classes)):
            self.skipping.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self.skipping:
            while self.skipping and self.skipping.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if not self.skipping:
            self.parts.append(data)


def plain(message: str) -> str:
    """The text of a message of the chat, as a person wrote or read it."""
    parser = _Text()
    parser.feed(message[:MAX_MESSAGE_CHARS])
    parser.close()
    return re.sub(r"\s*\n\s*", "\n", "".join(parser.parts)).strip()


def read_messages(sent: object) -> list[Exchange]:
    """The conversation out of what the browser sent as the chat's value; whatever is not a text message in turn is dropped."""
    exchanges: list[Exchange] = []
    for message in sent[-MAX_MESSAGES:] if isinstance(sent, list) else []:
        text = _text_of(message.get("content")) if isinstance(message, dict) else ""
        if not text:
            continue
        if message.get("role") == "user":
            exchanges.append(Exchange(text))
        elif message.get("role") == "assistant" and exchanges:
            exchanges[-1] = replace(exchanges[-1], answer=text)
    return exchanges


def _text_of(content: object) -> str:
    """Gradio sends a string, or a list of parts of which only those of type text are ours."""
    if isinstance(content, str):
        return content[:MAX_MESSAGE_CHARS]
    parts = content if isinstance(content, list) else []
    texts = [p["text"] for p in parts if isinstance(p, dict) and p.get("type") == "text" and isinstance(p.get("text"), str)]
    return "".join(texts)[:MAX_MESSAGE_CHARS]


def as_messages(exchanges: Sequence[Exchange]) -> list[dict[str, str]]:
    """The conversation as gr.Chatbot takes it."""
    messages = []
    for exchange in exchanges:
        messages.append({"role": "user", "content": exchange.question})
        if exchange.answer:
            messages.append({"role": "assistant", "content": exchange.answer})
    return messages


def stopped(exchanges: Sequence[Exchange], language: str) -> list[Exchange]:
    """The conversation after its last answer was stopped midway: it says so, and can be asked again."""
    if not exchanges or "kb-actions" in exchanges[-1].answer:
        return list(exchanges)
    told = f'<p class="kb-stopped">{escape(say("stopped", language))}</p>{actions_html(("retry", "undo"), language)}'
    return [*exchanges[:-1], replace(exchanges[-1], answer=exchanges[-1].answer + told)]


def history_of(exchanges: Sequence[Exchange], settings: Settings) -> list[Turn]:
    """The last turns of the conversation, within the limits of the settings, oldest first."""
    turns: list[Turn] = []
    room = settings.max_history_chars
    for exchange in reversed(exchanges):
        for role, text in (("assistant", plain(exchange.answer)), ("user", plain(exchange.question))):
            if len(turns) >= settings.max_history_turns or room <= 0:
                return turns[::-1]
            if text:
                turns.append(Turn("user" if role == "user" else "assistant", text[:room]))
                room -= len(text)
    return turns[::-1]


def other_language(answer: Answer, articles_language: str, language: str) -> str:
    """What a question that was declined is told when it is in another language than the articles, "" for anything else."""
    asked = language_of(answer.question) if answer.abstained and articles_language else ""
    return say(f"articles_in_{articles_language}", language) if asked not in ("", articles_language) else ""


def read_question(sent: object, settings: Settings) -> str:
    """The question out of what the browser sent. Raises QuestionError with the key of what to tell the person."""
    question = sent.strip() if isinstance(sent, str) else ""
    if not question:
        raise QuestionError("empty")
    if len(question) > settings.max_question_chars:
        raise QuestionError("too_long")
    return question


@dataclass(frozen=True, slots=True)
class Step:
    """One state of the growing answer. answer is set on the last step of a question that was answered."""

    exchanges: tuple[Exchange, ...]
    answer: Answer | None = None


def ask(
    desk: Desk,
    question: str,
    before: Sequence[Exchange],
    *,
    filters: Filters = Filters(),
    as_written: bool = False,
    language: str = "en",
    reveal: float = REVEAL_SECONDS,
) -> Iterator[Step]:
    """Asks the base and yields the conversation as it grows: at most 15 steps a second and MOST_STEPS, then 2 a second.

    as_written: the conversation so far is not used to understand the question. The last step carries the complete answer.
    """
    base = desk.base
    asked = asked_html(question, language)
    history = [] if as_written else history_of(before, desk.settings)

    def step(answer_html: str, answer: Answer | None = None) -> Step:
        return Step((*before, Exchange(asked, answer_html)), answer)

    try:
        last: Answer | None = None
        with desk.asking() as others:
            answers = base.stream(question, history, filters=filters, chat_model=desk.chat_model)
            written = desk.chat_model is not None  # then it grows by itself
            for answer, done in paced(answers if written else grown(answers), reveal if others < CALM else 0.0):
                if not done:
                    status = reworded(answer.notes[-1], language) if written and answer.notes else ""
                    yield step(message_html(answer, language=language, done=False, note=status))
                last = answer
        if last is None:
            raise QuestionError("the knowledge base gave no answer")
        desk.count(last, last.seconds)
        if written and last.written_by == QUOTES and not last.abstained:
            log.warning("the quotes stand: %s", last.notes[-1])
        notes = (described(filters, language), other_language(last, desk.articles_language, language))
        yield step(message_html(last, language=language, note=" ".join(filter(None, notes))), last)
    except NothingToSearch:
        desk.count_failure()
        yield step(problem_html(say("filtered_out", language, what=narrowed(filters, language)), language))
    except KBError as error:
        desk.count_failure()
        yield step(problem_html(str(error), language))
    except Exception:  # the outermost edge of a question: the person gets words, the log gets the traceback
        desk.count_failure()
        log.exception("answering failed")
        yield step(problem_html(say("broken", language), language))


def grown(answers: Iterable[Answer]) -> Iterator[Answer]:
    """answers, with the big leaps between them filled in, line by line.

    An answer made of quotes arrives whole, and is easier to take in when it builds up.
    """
    before = 0
    for answer in answers:
        for cut in cuts(answer.text, before):
            yield replace(answer, text=answer.text[:cut])
        before = len(answer.text)
        yield answer


def cuts(text: str, start: int = 0, most: int = 6) -> list[int]:
    """Up to `most` places in text[start:], evenly spread, where a reader would pause: after a line, a sentence, a citation mark.
    None inside a table, which comes whole."""
    pauses = [m for m in _PAUSE.finditer(text) if start < m.end() < len(text)]
    places = [m.end() for m in pauses if m[0].count("\n") > 1 or not text[: m.start()].rpartition("\n")[2].startswith("|")]
    wanted = min(most, len(places))
    return [places[i * len(places) // wanted] for i in range(wanted)]


def paced(answers: Iterator[Answer], reveal: float) -> Iterator[tuple[Answer, bool]]:
    """answers thinned to what a page can take, each with whether it is the last one.

    Answers that come faster than STEP_SECONDS apart are waited for while `reveal` seconds last, then left out; after MOST_STEPS,
    whatever comes faster than SLOW_STEP_SECONDS apart is left out. The first and the last are never left out.
    """
    shown, last_shown, waited = 0, 0.0, 0.0
    waiting: Answer | None = None
    for answer in answers:
        if waiting is not None:
            apart = STEP_SECONDS if shown < MOST_STEPS - 1 else SLOW_STEP_SECONDS
            early = apart - (time.monotonic() - last_shown) if shown else 0.0
            if 0 < early <= STEP_SECONDS and waited + early <= reveal:
                time.sleep(early)
                waited += early
                early = 0.0
            if early <= 0:
                yield waiting, False
                shown, last_shown = shown + 1, time.monotonic()
        waiting = answer
    if waiting is not None:
        yield waiting, True
