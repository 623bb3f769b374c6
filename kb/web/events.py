"""What happens when something is pressed in the chat. Each event reads what the browser sent, and answers with new values.

No event is an API endpoint, and none relies on being hidden: gradio lets anyone post to any of them, with anything inside.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import gradio as gr

from kb.errors import QuestionError
from kb.receipt import receipt
from kb.records import Answer, Filters
from kb.web.chat import Exchange, as_messages, ask, plain, read_messages, read_question, stopped
from kb.web.desk import Base, Desk
from kb.web.filters import read_filters
from kb.web.panel import notice_html, passage_html, welcome_html
from kb.web.places import read_place
from kb.web.strings import readers_language, say

AT_ONCE = 16  # answers worked on at the same time: most of an answer is waiting, for a step or for a language model
MOST_FOLLOWUPS = 4
HALT_SECONDS = 0.15  # two steps of an answer
MAX_TICKET = 64  # characters of the browser's name for a question

Values = Sequence[Any]


@dataclass(frozen=True, slots=True)
class Parts:
    """The components of the chat that events read and write."""

    bridge: gr.HTML
    chat: gr.Chatbot
    box: gr.Textbox
    ticket: gr.Textbox
    edited: gr.Number
    topics: gr.CheckboxGroup
    roles: gr.CheckboxGroup
    region: gr.Radio
    years: gr.Radio
    side: gr.HTML

    @property
    def outputs(self) -> list[Any]:
        return [self.box, self.chat, self.edited, self.bridge]

    @property
    def scope(self) -> list[Any]:
        return [self.topics, self.roles, self.region, self.years]


class Talk:
    """The events of a conversation over a desk."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def wire(self, p: Parts) -> None:
        """Ties the events to the components. Inputs come raw (preprocess=False): `chat` and `filters` read them."""
        asking: dict[str, Any] = {
            "outputs": p.outputs,
            "preprocess": False,
            "show_progress": "hidden",
            "api_visibility": "private",
            "concurrency_limit": AT_ONCE,
            "concurrency_id": "ask",
        }
        # the browser puts the conversation it means, and a name for the question, in the place of what its chat shows just then
        first, second = ({**asking, "js": f"(...values) => window.kb.asks(values, {at})"} for at in (0, 1))
        asked = [
            p.box.submit(self.submit, [p.box, p.chat, p.ticket, p.edited, *p.scope], **second),
            p.chat.example_select(self.choose, [p.chat, p.ticket, *p.scope], **first),
            p.chat.option_select(self.choose, [p.chat, p.ticket, *p.scope], **first),
            p.bridge.link(self.link, [p.chat, p.ticket, *p.scope], **first),
            p.bridge.again(self.again, [p.chat, p.ticket, *p.scope], **first),
        ]
        quick: dict[str, Any] = {"preprocess": False, "show_progress": "hidden", "api_visibility": "private", "queue": False}
        # subtle: a step that is on its way when stop is pressed arrives after it; what stands then is what is kept
        halted = p.box.stop(self.halt, None, None, cancels=[*asked], **quick)
        kept = halted.then(self.stop, [p.chat, p.ticket], p.outputs, js="(...values) => window.kb.stops(values)", **quick)
        for event in (*asked, kept):
            event.then(None, None, None, js="() => window.kb.ended()", **quick)
            event.failure(None, None, None, js="() => window.kb.failed()", **quick)
        p.bridge.undo(self.undo, [p.chat], p.outputs, cancels=[*asked], **quick)
        p.bridge.edit(self.edit, [p.chat], p.outputs, **quick)
        opened = p.bridge.open(self.open, None, p.outputs, cancels=[*asked], **quick)
        opened.then(None, None, None, js="() => window.kb.opened()", **quick)
        p.bridge.note(self.note, None, None, **quick)
        p.bridge.cite(self.cite, None, p.side, trigger_mode="multiple", **quick)  # subtle: "always_last" repeats the first

    # ------------------------------------------------------------ asking

    def submit(
        self, question: object, sent: object, ticket: object, edited: object, topics: object, roles: object, region: object,
        years: object, request: gr.Request,
    ) -> Iterator[Values]:  # fmt: skip
        before = read_messages(sent)
        if isinstance(edited, (int, float)) and 0 <= edited < len(before):
            before = before[: int(edited)]
        yield from self.run(question, before, self.filters(topics, roles, region, years), request, ticket)

    def choose(
        self,
        sent: object,
        ticket: object,
        topics: object,
        roles: object,
        region: object,
        years: object,
        event: gr.SelectData,
        request: gr.Request,
    ) -> Iterator[Values]:
        """An example or a follow-up question was pressed."""
        chosen = event.value.get("text", event.value.get("value")) if isinstance(event.value, dict) else event.value
        yield from self.run(chosen, read_messages(sent), self.filters(topics, roles, region, years), request, ticket)

    def link(
        self, sent: object, ticket: object, topics: object, roles: object, region: object, years: object, event: gr.EventData,
        request: gr.Request,
    ) -> Iterator[Values]:  # fmt: skip
        """The page was opened by a link that carries a question, or a button of ours asks one."""
        question = _dict(event._data).get("question")
        yield from self.run(question, read_messages(sent), self.filters(topics, roles, region, years), request, ticket)

    def again(
        self, sent: object, ticket: object, topics: object, roles: object, region: object, years: object, event: gr.EventData,
        request: gr.Request,
    ) -> Iterator[Values]:  # fmt: skip
        """Ask a turn again; with `as_written`, without what was asked before."""
        before = read_messages(sent)
        turn = turn_of(before, event)
        if turn is None:
            yield gr.skip(), gr.skip(), gr.skip(), _refused()
            return
        question = plain(before[turn].question)
        as_written = _dict(event._data).get("as_written") is True
        filters = self.filters(topics, roles, region, years)
        yield from self.run(question, before[:turn], filters, request, ticket, as_written=as_written)

    def run(
        self,
        question: object,
        before: Sequence[Exchange],
        filters: Filters,
        request: gr.Request,
        ticket: object = "",
        *,
        as_written: bool = False,
    ) -> Iterator[Values]:
        """Asks, and yields values for box, chat, edited turn and bridge: first a free box with a stop button, last the record."""
        language = readers_language(request.headers)
        try:
            asked = read_question(question, self.desk.settings)
        except QuestionError as error:
            given = len(question) if isinstance(question, str) else 0
            told = say(str(error), language, n=given, most=self.desk.settings.max_question_chars)
            gr.Warning(told, title=say("note_title", language))
            yield gr.skip(), gr.skip(), gr.skip(), _refused()
            return
        box: Any = gr.update(value="", submit_btn=False, stop_btn=True)
        value: list[dict[str, Any]] = []
        last: Answer | None = None
        exchanges: Sequence[Exchange] = ()
        for step in ask(self.desk, asked, before, filters=filters, as_written=as_written, language=language):
            value, last, exchanges = as_messages(step.exchanges), step.answer, step.exchanges
            if last is None:
                yield box, value, -1, gr.skip()
                box = gr.skip()
        if last is not None and last.followups:
            value[-1]["options"] = [{"label": text, "value": text} for text in last.followups[:MOST_FOLLOWUPS]]
        box = (
            gr.update(submit_btn=True, stop_btn=False)
            if box == gr.skip()
            else gr.update(value="", submit_btn=True, stop_btn=False)
        )
        yield box, value, -1, record(exchanges, asked, last, ticket)

    def halt(self) -> None:
        time.sleep(HALT_SECONDS)

    def stop(self, sent: object, ticket: object, request: gr.Request) -> Values:
        exchanges = stopped(read_messages(sent), readers_language(request.headers))
        asked = plain(exchanges[-1].question) if exchanges else ""
        return gr.update(submit_btn=True, stop_btn=False), as_messages(exchanges), -1, record(exchanges, asked, None, ticket)

    # ------------------------------------------------------------ going back

    def undo(self, sent: object, event: gr.EventData) -> Values:
        """Take a turn and what followed it back; its question returns to the box."""
        exchanges = read_messages(sent)
        turn = turn_of(exchanges, event)
        if turn is None:
            return _nothing()
        box = gr.update(value=plain(exchanges[turn].question), submit_btn=True, stop_btn=False)
        return box, as_messages(exchanges[:turn]), -1, {"kept": turn, "serial": time.time_ns()}

    def edit(self, sent: object, event: gr.EventData) -> Values:
        """Put a question back into the box, to replace its turn when it is asked; a turn of -1 gives up."""
        exchanges = read_messages(sent)
        turn = turn_of(exchanges, event)
        if turn is None:
            return gr.update(value=""), gr.skip(), -1, {"editing": -1, "serial": time.time_ns()}
        return gr.update(value=plain(exchanges[turn].question)), gr.skip(), turn, {"editing": turn, "serial": time.time_ns()}

    def open(self, event: gr.EventData) -> Values:
        """Show a conversation that the browser kept, or an empty one. What is being written in the box stays."""
        messages = as_messages(read_messages(_dict(event._data).get("messages")))
        return gr.update(submit_btn=True, stop_btn=False), messages, -1, gr.skip()

    # ------------------------------------------------------------ beside the chat

    def cite(self, event: gr.EventData, request: gr.Request) -> str:
        return open_place(self.desk, event._data, language=readers_language(request.headers))

    def note(self, event: gr.EventData) -> None:
        """A reader's verdict on an answer, for the owner of the base to see."""
        sent = _dict(event._data)
        self.desk.take_note(sent.get("question"), sent.get("verdict"), sent.get("sources"))

    def filters(self, topics: object, roles: object, region: object, years: object) -> Filters:
        return read_filters(topics, roles, region, years, self.desk.choices, date.today())


def _dict(sent: object) -> dict[str, Any]:
    return sent if isinstance(sent, dict) else {}


def _nothing() -> Values:
    return gr.skip(), gr.skip(), gr.skip(), gr.skip()


def _refused() -> dict[str, Any]:
    """What the browser is told when a question was not asked."""
    return {"refused": True, "serial": time.time_ns()}


def turn_of(exchanges: Sequence[Exchange], event: gr.EventData) -> int | None:
    """The number of the turn that an event is about, None when there is no such turn."""
    turn = _dict(event._data).get("turn")
    known = isinstance(turn, int) and not isinstance(turn, bool) and 0 <= turn < len(exchanges)
    return turn if known else None


def record(exchanges: Sequence[Exchange], asked: str, answer: Answer | None, ticket: object = "") -> dict[str, Any]:
    """What the browser keeps of the last exchange: the messages as they stand, and the answer's receipt.

    ticket: the browser's name for the question, which tells it what comes of a question that it has left meanwhile.

    The receipt is JSON text, kept and saved as it is: read and written again by a browser, 1.0 becomes 1 and the digest breaks.
    """
    if not exchanges:
        return {"serial": time.time_ns()}
    kept: dict[str, Any] = {"turn": len(exchanges) - 1, "question": asked, "messages": as_messages(exchanges[-1:])}
    kept["ticket"] = ticket[:MAX_TICKET] if isinstance(ticket, str) else ""
    kept["serial"] = time.time_ns()  # two records are never equal, so the browser notices each
    if answer is not None:
        kept["receipt"] = json.dumps(receipt(answer), ensure_ascii=False, indent=2)
    return kept


def first_page(desk: Desk, language: str) -> str:
    """The panel before there is an answer."""

    def make(base: Base) -> tuple[dict[str, int], int, str]:
        articles = base.articles()
        return base.topics(), len(articles), max((a.date for a in articles), default="")

    return welcome_html(*desk.cached("first page", make), language, desk.articles_language)


def open_place(desk: Desk, asked: object, *, language: str) -> str:
    """The panel for `{place, siblings, whole}` as the browser sent it, or for `{nothing: why}` where there is no source."""
    sent = _dict(asked)
    why = sent.get("nothing")
    if why == "first":
        return first_page(desk, language)
    if why in ("declined", "none"):
        return notice_html(f"side_{why}", language, desk.base.topics())
    place = read_place(sent.get("place"))
    if place is None:
        return notice_html("bad_place", language)
    siblings = sent.get("siblings")
    listed = [each for each in siblings if isinstance(each, str)] if isinstance(siblings, list) else []
    base = desk.base
    try:
        article, passages = base.article(place.source), base.passages(place.source)
    except QuestionError:
        return notice_html("gone", language)
    whole = sent.get("whole") is True
    return passage_html(article, passages, place, listed, today=date.today(), whole=whole, language=language)
