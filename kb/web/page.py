"""The page's layout. Gradio draws it; what an event does is decided in `events`, what is shown in `messages` and `panel`.

Most controls of a conversation are links and buttons inside messages and panel; the script (assets/page/) listens for them once,
on the document, and hands them to the bridge: one empty gr.HTML whose custom events Python answers.
"""

from __future__ import annotations

from typing import Any

import gradio as gr

from kb.web.atlas import Atlas
from kb.web.desk import Desk
from kb.web.door import Door
from kb.web.endpoints import add_endpoints
from kb.web.events import Parts, Talk, first_page
from kb.web.examples import example_questions
from kb.web.filters import YEARS, Choices, labelled
from kb.web.library import Library, Workshop
from kb.web.markup import escape
from kb.web.panel import masthead_html
from kb.web.strings import WORDS, readers_language, say

# python can listen for the events named in this text only
ON_LOAD = """
window.kb.PART(element, trigger, watch, props); // 'cite' 'link' 'again' 'undo' 'edit' 'open' 'note' 'read' 'remove'
"""

words = gr.I18n(**WORDS)  # our words for gradio's own labels, which the browser translates


def theme() -> gr.themes.Base:
    """Calm, and drawn with the fonts the machine has: nothing is fetched. Colours of ours are in page.css."""
    sans = ("ui-sans-serif", "system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica Neue", "Noto Sans", "sans-serif")
    mono = ("ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace")
    ours = {
        "body_background_fill": "var(--kb-paper)",
        "body_text_color": "var(--kb-ink)",
        "body_text_color_subdued": "var(--kb-soft)",
        "background_fill_primary": "var(--kb-sheet)",
        "background_fill_secondary": "var(--kb-paper)",
        "border_color_primary": "var(--kb-line)",
        "color_accent_soft": "var(--kb-chip)",
        "block_background_fill": "transparent",
        "block_label_text_color": "var(--kb-soft)",
        "block_title_text_color": "var(--kb-soft)",
        "block_info_text_color": "var(--kb-soft)",
        "input_background_fill": "var(--kb-sheet)",
        "input_border_color": "var(--kb-line)",
        "input_placeholder_color": "var(--kb-soft)",
        "link_text_color": "var(--kb-accent)",
        "checkbox_background_color": "var(--kb-sheet)",
        "checkbox_background_color_selected": "var(--kb-accent)",
        "checkbox_border_color": "var(--kb-edge)",
        "checkbox_border_color_hover": "var(--kb-edge)",
        "checkbox_background_color_hover": "var(--kb-sheet)",
        "checkbox_label_background_fill_hover": "var(--kb-asked)",
        "checkbox_border_color_selected": "var(--kb-accent)",
        "checkbox_label_background_fill": "var(--kb-sheet)",
        "checkbox_label_background_fill_selected": "var(--kb-chip)",
        "checkbox_label_text_color": "var(--kb-ink)",
        "checkbox_label_text_color_selected": "var(--kb-chip-ink)",
        "button_primary_background_fill": "var(--kb-accent)",
        "button_primary_text_color": "var(--kb-sheet)",
        "button_secondary_background_fill": "var(--kb-sheet)",
        "button_secondary_text_color": "var(--kb-ink)",
        "button_secondary_border_color": "var(--kb-line)",
    }
    dark = {f"{name}_dark": value for name, value in ours.items()}
    base = gr.themes.Base(primary_hue="teal", neutral_hue="stone", font=sans, font_mono=mono, text_size="md", radius_size="lg")
    return base.set(**ours, **dark, block_border_width="0px", block_shadow="none")


def build_page(desk: Desk, door: Door = Door(), workshop: Workshop | None = None) -> gr.Blocks:  # noqa: B008 - frozen
    """The page over a desk, not yet mounted. workshop: what the owner changes the base with; none, and it can only be read."""
    page: gr.Blocks
    with gr.Blocks(title=say("brand"), fill_width=True, analytics_enabled=False, delete_cache=(3600, 86400)) as page:
        add_endpoints(desk)  # first, so that they have the names: others are numbered when a name is taken
        bridge = _html("kb-bridge", on_load="bridge", html_template="<span></span>")
        masthead = _html("kb-masthead", masthead_html(writer=desk.writer))
        library = Library(desk, door, workshop)
        with gr.Tabs(elem_id="kb-tabs"):
            with gr.Tab(words("tab_chat"), id="chat"), gr.Row(elem_id="kb-desk", equal_height=True):
                with gr.Column(elem_id="kb-talk", scale=3, min_width=0):
                    chat = _chatbot(desk)
                    scope = _scope(desk.choices)
                    box = _box(desk.settings.max_question_chars)
                    ticket, edited = gr.Textbox("", visible=False), gr.Number(-1, visible=False)
                with gr.Column(elem_id="kb-side", scale=2, min_width=0):
                    side = _html("kb-panel", first_page(desk, "en"), on_load="panel")
                    _html("kb-history", on_load="history", html_template="<div></div>")
            with gr.Tab(words("tab_library"), id="library"):
                shelves = library.draw(words, _html)
            with gr.Tab(words("tab_map"), id="map") as map_tab:
                atlas = Atlas(desk, door)
                charts = atlas.draw(words, _html)
        Talk(desk).wire(Parts(bridge, chat, box, ticket, edited, *scope, side))
        library.wire(shelves, bridge)
        atlas.wire(charts, map_tab, chat)

        def arrive(request: gr.Request) -> Any:
            """What the browser's language and the newest state of the base decide."""
            language = readers_language(request.headers)
            examples = [{"text": question} for question in desk.cached("examples", example_questions)]
            topics, roles, region, years = _choices(desk.choices, language)
            welcome = gr.update(examples=examples, placeholder=_welcome(desk, language))
            return masthead_html(language, desk.writer), first_page(desk, language), welcome, topics, roles, region, years

        quick: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "queue": False}
        page.load(arrive, None, [masthead, side, chat, *scope], **quick)
        shown = [shelves.listed, shelves.reader, shelves.tools, shelves.told, shelves.job]
        page.load(library.arrive, None, shown, **quick)
    return page


def _html(name: str, value: str = "", *, on_load: str = "", **rest: Any) -> gr.HTML:
    """An HTML component of ours; on_load names the hook (assets/page/hooks.js) that brings it to life."""
    js = ON_LOAD.replace("PART", on_load) if on_load else None
    return gr.HTML(value, elem_id=name, apply_default_css=False, js_on_load=js, **rest)


def _chatbot(desk: Desk) -> gr.Chatbot:
    return gr.Chatbot(
        label=words("chat_label"),
        show_label=False,
        elem_id="chat",
        autoscroll=False,  # the script keeps the question in sight instead of the answer's end
        height="100%",
        buttons=[],
        layout="bubble",
        allow_tags=False,
        latex_delimiters=[],
        feedback_options=None,
        container=False,
        placeholder=_welcome(desk, "en"),
    )


def _welcome(desk: Desk, language: str) -> str:
    """Before the first question. Gradio draws this as HTML."""
    told = say("welcome_text", language)
    if desk.chat_model is not None:
        fate = say(f"doubted_{desk.chat_model.writer.unsupported}", language)
        told = say("welcome_model", language, writer=desk.writer, fate=fate)
    return f'<div class="kb-welcome"><h2>{say("welcome_title", language)}</h2><p>{escape(told)}</p></div>'


def _box(most: int) -> gr.Textbox:
    return gr.Textbox(
        label=words("ask_label"),
        show_label=False,
        placeholder=words("ask_placeholder"),
        lines=1,
        max_lines=6,
        max_length=most,
        autofocus=True,
        submit_btn=True,
        stop_btn=False,
        elem_id="kb-ask",
        container=False,
    )


def _scope(choices: Choices) -> tuple[gr.CheckboxGroup, gr.CheckboxGroup, gr.Radio, gr.Radio]:
    """What narrows the search: no dropdowns, which screen readers stumble over."""
    with gr.Accordion(words("filter_title"), open=False, elem_id="kb-scope"):
        topics = gr.CheckboxGroup(list(choices.topics), label=words("filter_topics"), elem_classes="kb-filter")
        roles = gr.CheckboxGroup(labelled(choices.roles), label=words("filter_roles"), elem_classes="kb-filter")
        with gr.Row():
            region = gr.Radio(list(choices.regions), label=words("filter_region"), elem_classes="kb-filter", min_width=200)
            years = gr.Radio([], label=words("filter_newer"), elem_classes="kb-filter", min_width=200)
    return topics, roles, region, years


def _choices(choices: Choices, language: str) -> tuple[Any, Any, Any, Any]:
    """The scope's choices in the reader's language; choosing nothing stands first where only one can be chosen."""
    whatever = (say("filter_any", language), "")
    years = [(say("filter_year" if n == 1 else "filter_years", language, n=n), str(n)) for n in YEARS]
    return (
        gr.update(choices=list(choices.topics), visible=bool(choices.topics)),
        gr.update(choices=labelled(choices.roles), visible=bool(choices.roles)),
        gr.update(choices=[whatever, *((name, name) for name in choices.regions)], value="", visible=bool(choices.regions)),
        gr.update(choices=[whatever, *years], value=""),
    )
