"""The page's layout, and which event calls what. Gradio draws it; what happens in an event is decided in `chat` and `render`.

Most controls of a conversation are links inside the messages (`#cite-...`, `#as-written`) or plain buttons of ours; page.js
listens for them once, on the document, and hands them to the bridge: one empty gr.HTML whose custom events Python answers.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import gradio as gr

from kb.errors import QuestionError
from kb.records import Answer
from kb.web.chat import Step, as_messages, ask, read_messages, read_question
from kb.web.desk import Desk
from kb.web.panel import notice_html, passage_html, welcome_html
from kb.web.places import read_place
from kb.web.strings import WORDS, language_of, say

log = logging.getLogger(__name__)

ASSETS = Path(__file__).parent / "assets"
EXAMPLES = (
    "What does a data engineer do all day?",
    "Do I need a PhD to work in machine learning research?",
    "How do I prepare for a behavioural interview?",
    "What does an AI research scientist earn?",
)
# subtle: gradio may run this before page.js has arrived, so it waits for it; events named here are the ones python can listen for
ON_LOAD = """
const start = () => window.kb ? window.kb.PART(element, trigger, watch) : setTimeout(start, 20);
start(); // 'cite'
"""

Word = Callable[[str], Any]


def words() -> gr.I18n:
    """Our words for gradio's own labels, which the browser translates."""
    return gr.I18n(**WORDS)


def theme() -> gr.themes.Base:
    """Calm, and drawn with the fonts the machine has: nothing is fetched. Colours of ours are in page.css."""
    sans = ("ui-sans-serif", "system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica Neue", "Noto Sans", "sans-serif")
    mono = ("ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace")
    return gr.themes.Base(
        primary_hue="teal", neutral_hue="stone", font=sans, font_mono=mono, text_size="md", radius_size="lg"
    ).set(
        body_background_fill="var(--kb-paper)",
        body_background_fill_dark="var(--kb-paper)",
        body_text_color="var(--kb-ink)",
        body_text_color_dark="var(--kb-ink)",
        block_background_fill="transparent",
        block_background_fill_dark="transparent",
        block_border_width="0px",
        block_shadow="none",
        input_background_fill="var(--kb-sheet)",
        input_background_fill_dark="var(--kb-sheet)",
        input_border_color="var(--kb-line)",
        input_border_color_dark="var(--kb-line)",
        link_text_color="var(--kb-accent)",
        link_text_color_dark="var(--kb-accent)",
    )


def build_page(desk: Desk) -> gr.Blocks:
    """The page over a desk, not yet mounted."""
    word = words()
    page: gr.Blocks
    with gr.Blocks(title=say("brand"), fill_width=True, analytics_enabled=False, elem_id="kb") as page:
        bridge = gr.HTML(
            html_template="<span></span>",
            js_on_load=ON_LOAD.replace("PART", "bridge"),
            head='<script src="/kb/page.js"></script>',
            elem_id="kb-bridge",
            apply_default_css=False,
        )
        gr.HTML(_masthead(), elem_id="kb-masthead", apply_default_css=False, js_on_load=None)
        with gr.Tabs(elem_id="kb-tabs"), gr.Tab(word("tab_chat"), id="chat"), gr.Row(elem_id="kb-desk", equal_height=True):
            with gr.Column(elem_id="kb-talk", scale=3, min_width=0):
                chat = _chatbot(word)
                box = gr.Textbox(
                    label=word("ask_label"),
                    show_label=False,
                    placeholder=word("ask_placeholder"),
                    lines=1,
                    max_lines=6,
                    max_length=desk.settings.max_question_chars,
                    autofocus=True,
                    submit_btn=True,
                    stop_btn=False,
                    elem_id="kb-ask",
                    container=False,
                )
            with gr.Column(elem_id="kb-side", scale=2, min_width=0):
                side = gr.HTML(
                    _welcome(desk, "en"), elem_id="kb-panel", apply_default_css=False, js_on_load=ON_LOAD.replace("PART", "panel")
                )
        _wire(page, desk, bridge, chat, box, side)
    return page


def _masthead() -> str:
    return f'<header class="kb-masthead"><h1>{say("brand")}</h1><p>{say("tagline")}</p></header>'


def _chatbot(word: Word) -> gr.Chatbot:
    return gr.Chatbot(
        label=word("chat_label"),
        show_label=False,
        elem_id="chat",
        height="100%",
        buttons=[],
        layout="bubble",
        allow_tags=False,
        latex_delimiters=[],
        feedback_options=None,
        examples=[{"text": text} for text in EXAMPLES],
        container=False,
        placeholder=f'<div class="kb-welcome"><h2>{say("welcome_title")}</h2><p>{say("welcome_text")}</p></div>',
    )


def _welcome(desk: Desk, language: str) -> str:
    articles = desk.base.articles()
    return welcome_html(desk.base.topics(), len(articles), max((a.date for a in articles), default=""), language)


# ---------------------------------------------------------------- events


def _wire(page: gr.Blocks, desk: Desk, bridge: gr.HTML, chat: gr.Chatbot, box: gr.Textbox, side: gr.HTML) -> None:
    """Ties every event to what it does. Nothing is an API endpoint; inputs come raw (preprocess=False), `chat` reads them."""
    outputs = [box, chat, bridge]

    def run(question: object, sent: object, language: str, *, as_written: bool = False) -> Iterator[Sequence[Any]]:
        before = read_messages(sent)
        try:
            asked = read_question(question, desk.settings)
        except QuestionError as error:
            given = len(question) if isinstance(question, str) else 0
            gr.Warning(say(str(error), language, n=given, most=desk.settings.max_question_chars))
            yield gr.skip(), gr.skip(), gr.skip()
            return
        first = True
        for step in ask(desk, asked, before, as_written=as_written, language=language):
            value = as_messages(step.exchanges)
            if first:
                yield gr.update(value="", submit_btn=False, stop_btn=True), value, gr.skip()
            else:
                yield gr.skip(), value, gr.skip()
            first = False
            if step.answer is not None:
                _follow_up(value, step.answer)
        yield gr.update(submit_btn=True, stop_btn=False), value, _record(step, language)

    def submit(question: object, sent: object, request: gr.Request) -> Iterator[Sequence[Any]]:
        yield from run(question, sent, language_of(request.headers))

    def choose(sent: object, event: gr.SelectData, request: gr.Request) -> Iterator[Sequence[Any]]:
        chosen = event.value.get("text", event.value.get("value")) if isinstance(event.value, dict) else event.value
        yield from run(chosen, sent, language_of(request.headers))

    common: dict[str, Any] = {
        "outputs": outputs,
        "preprocess": False,
        "show_progress": "hidden",
        "api_visibility": "private",
        "concurrency_limit": 4,
        "concurrency_id": "ask",
    }
    asking = [
        box.submit(submit, [box, chat], **common),
        chat.example_select(choose, [chat], **common),
        chat.option_select(choose, [chat], **common),
    ]
    quick: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "queue": False}
    box.stop(lambda: gr.update(submit_btn=True, stop_btn=False), None, box, cancels=[*asking], **quick)

    def show(event: gr.EventData, request: gr.Request) -> str:
        return open_place(desk, event._data, language=language_of(request.headers))

    bridge.cite(show, None, side, **quick)

    def arrive(request: gr.Request) -> str:
        return _welcome(desk, language_of(request.headers))

    page.load(arrive, None, side, **quick)


def _follow_up(value: list[dict[str, Any]], answer: Answer) -> None:
    """Puts the questions that the base does answer as buttons under the last message."""
    if answer.followups:
        value[-1]["options"] = [{"label": text, "value": text} for text in answer.followups[:4]]


def _record(step: Step, language: str) -> dict[str, Any]:
    """What the browser keeps of a finished exchange."""
    return {"turn": len(step.exchanges) - 1, "language": language}


def open_place(desk: Desk, asked: object, *, language: str) -> str:
    """The panel for `{place, siblings, whole}` as the browser sent it."""
    sent = asked if isinstance(asked, dict) else {}
    place = read_place(sent.get("place"))
    if place is None:
        return notice_html("bad_place", language)
    siblings = [s for s in sent.get("siblings") or () if isinstance(s, str)] if isinstance(sent.get("siblings"), list) else []
    base = desk.base
    try:
        article, passages = base.article(place.source), base.passages(place.source)
    except QuestionError:
        return notice_html("gone", language)
    whole = sent.get("whole") is True
    return passage_html(article, passages, place, siblings, today=date.today(), whole=whole, language=language)
