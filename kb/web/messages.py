"""Answers as messages of the chat. Pure; gradio's sanitiser in the browser cleans what comes out of here a second time."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from kb.records import DOUBTED, Answer, Citation
from kb.web.lines import is_of, reworded, reworded_text
from kb.web.markup import escape
from kb.web.places import Place, write_place
from kb.web.strings import count, say

_MARK = re.compile(r"\[(\d{1,3})\]")
_NUMBER = re.compile(r"\[\d{1,3}\]")
_REASON = re.compile(r" (\(not supported: (?:[^()]|\([^()]*\))*\))")


def _link_marks(state: StateCore) -> None:
    """Turns each [n] of a known citation into its link. Runs before escapes are joined, so that a quoted "\\[3\\]" stays text."""
    links: Mapping[str, str] = state.env.get("links", {})
    for token in state.tokens:
        if token.type != "inline":
            continue
        children: list[Token] = []
        for child in token.children or []:
            parts = _MARK.split(child.content) if child.type == "text" else []
            if len(parts) < 2:
                children.append(child)
                continue
            for i, part in enumerate(parts):  # text, number, text, number, ..., text
                link = links.get(part) if i % 2 else None
                text = part if i % 2 == 0 else f"[{part}]"
                children.append(Token("html_inline" if link else "text", "", 0, content=link or text))
        token.children = children


def _mark_subjects(state: StateCore) -> None:
    """Names the paragraphs that are drawn in their own way: a subject (bold and nothing else), the side of a comparison that one
    follows on, marks below a table."""
    subject: Token | None = None  # the paragraph just before, when it is a subject
    language = state.env.get("language", "en")
    unquoted = tuple(say(key, language, what="\0", marks="\0").partition("\0")[0] for key in ("line_not_held", "line_above"))
    for at, (opening, inline) in enumerate(zip(state.tokens, state.tokens[1:], strict=False)):
        if opening.type != "paragraph_open" or inline.type != "inline":
            continue
        children = [child for child in inline.children or [] if child.content.strip() or child.type.startswith("strong")]
        bold = [at for at, child in enumerate(children) if child.type in {"strong_open", "strong_close"}]
        if bold == [0, len(children) - 1]:
            opening.attrSet("class", "kb-subject")
            if subject is not None and state.tokens[at - 3] is subject:
                subject.attrSet("class", "kb-subject kb-side-of")
            subject = opening
        else:
            marks = bool(children) and all(child.type == "html_inline" for child in children)
            if marks:
                opening.attrSet("class", "kb-marks")
            if subject is not None and state.tokens[at - 3] is subject and (marks or inline.content.startswith(unquoted)):
                subject.attrSet("class", "kb-subject kb-side-of")  # a side of which nothing is quoted here


def _mark_doubts(state: StateCore) -> None:
    """Names what a language model wrote and no passage supports (kb.records.doubted), its sign included."""
    for token in state.tokens:
        children = token.children or []
        for at, opening in enumerate(children[:-3]):
            if opening.type != "em_open" or not at or not children[at - 1].content.endswith(f"{DOUBTED} "):
                continue
            opening.attrSet("class", "kb-doubted")
            children[at - 1].content = children[at - 1].content[: -len(DOUBTED) - 1]
            children[at + 1].content = f"{DOUBTED} {children[at + 1].content}"
            if reason := _REASON.match(children[at + 3].content):  # after opening, words, closing
                children[at + 3].content = children[at + 3].content[reason.end() :]
                children[at + 2].type, children[at + 2].tag = "html_inline", ""
                children[
                    at + 2
                ].content = (
                    f'</em> <span class="kb-because">{escape(reworded(reason[1], state.env.get("language", "en")))}</span>'
                )


def _markdown() -> MarkdownIt:
    """Markdown without raw HTML, links, images or code blocks: what an answer needs, and nothing that reaches out."""
    parser = MarkdownIt("commonmark", {"html": False, "breaks": True, "xhtmlOut": False}).enable("table")
    parser.disable(["image", "link", "autolink", "reference", "html_inline", "html_block", "fence", "code", "entity"])
    parser.core.ruler.before("text_join", "kb_marks", _link_marks)
    parser.core.ruler.push("kb_subjects", _mark_subjects)
    parser.core.ruler.push("kb_doubts", _mark_doubts)
    return parser


_ANSWER = _markdown()


def citation_link(citation: Citation) -> str:
    """`[1]` as a link; the browser shows its title on hover, and the brackets are there for whoever copies or listens."""
    path = " › ".join(citation.heading) or citation.source
    title = escape(say("cite_title", title=citation.title, path=path))
    return (
        f'<a class="kb-cite" href="#cite-{write_place(Place.of(citation))}" title="{title}">'
        f'<span class="kb-bracket">[</span>{citation.number}<span class="kb-bracket">]</span></a>'
    )


def answer_html(text: str, citations: Iterable[Citation], language: str = "en") -> str:
    """An answer's Markdown as HTML on one line (so that no Markdown reader downstream touches it again), its [n] linked."""
    links = {str(c.number): citation_link(c) for c in citations}
    rendered: str = _ANSWER.render(text, {"links": links, "language": language})
    return rendered.replace("\n", " ").strip()


MOST_THOUGHT_CHARS = 8_000  # of a model's reasoning that the page holds, with each conversation the browser keeps
ANSWER_ACTIONS = ("copy", "link", "receipt", "retry", "undo", "up", "down")


def asked_html(question: str, language: str = "en") -> str:
    """A question as its message in the chat, with the button that changes it."""
    text = escape(question.strip()).replace("\n", "<br>")
    return f'<div class="kb-asked">{text}</div>{actions_html(("edit",), language)}'


def actions_html(names: Iterable[str], language: str) -> str:
    """The small buttons under a message; the script knows them by their class."""
    labels = {name: escape(say(f"act_{name}", language)) for name in names}
    buttons = (
        f'<button type="button" class="kb-act kb-{name}" title="{label}"><span class="kb-say">{label}</span></button>'
        for name, label in labels.items()
    )
    return f'<div class="kb-actions">{"".join(buttons)}</div>'


def problem_html(text: str, language: str) -> str:
    """What stands where the answer should, when there is none."""
    return f'<p class="kb-warn">{escape(text)}</p>{actions_html(("retry", "undo"), language)}'


def message_html(answer: Answer, *, language: str = "en", done: bool = True, note: str = "") -> str:
    """A whole message of the chat: how the question was understood, the answer and, once it is done, what it rests on and
    what one can do with it. note: a further line of ours."""
    parts = []
    near = answer.nearest_topics if answer.abstained and not is_of(answer.text, "line_outside") else ()
    text = reworded_text(answer.text, language)
    if near and is_of(answer.text, "line_declined"):
        text = say("line_declined", language)  # what is near stands below it, to be opened
    if answer.resolved_question and answer.resolved_question != answer.question:
        asked = f'<span class="kb-resolved">{escape(answer.resolved_question)}</span>'
        understood = escape(say("understood_as", language, question="{}")).replace("{}", asked)
        again = f'<button type="button" class="kb-raw">{escape(say("as_written", language))}</button>'
        parts.append(f'<p class="kb-understood">{understood} · {again}</p>')
    parts.append(f'<div class="kb-answer">{answer_html(text, answer.citations, language)}</div>')
    if done and answer.reasoning:
        parts.append(_thoughts(answer.reasoning, language))
    if done and near:
        parts.append(_near_html(near, language))
    notes = [reworded(line, language) for line in (answer.notes if done else ())]
    parts += [f'<p class="kb-note">{_with_links(line, answer.citations)}</p>' for line in (*notes, note) if line]
    if done:
        if answer.citations:
            parts.append(f'<p class="kb-foot">{escape(_foot(answer, language))}</p>')
        parts.append(actions_html(ANSWER_ACTIONS, language))
    return f'<div class="kb-message">{"".join(parts)}</div>'.replace("\n", " ")


def _near_html(topics: Iterable[str], language: str) -> str:
    """What is covered near a question that is not: each finds its articles in the library."""
    items = "".join(f'<li><button type="button" class="kb-nearby">{escape(topic)}</button></li>' for topic in topics)
    return f'<div class="kb-near"><p>{escape(say("covered", language))}</p><ul>{items}</ul></div>'


def _with_links(line: str, citations: Iterable[Citation]) -> str:
    """A line of ours as HTML, the [n] of known citations linked."""
    links = {f"[{c.number}]": citation_link(c) for c in citations}
    return _NUMBER.sub(lambda mark: links.get(mark[0], mark[0]), escape(line))


def _thoughts(reasoning: str, language: str) -> str:
    """What a language model thought before it wrote, folded: its last MOST_THOUGHT_CHARS, as text."""
    told = escape(reasoning[-MOST_THOUGHT_CHARS:]).replace("\n", "<br>")
    return f'<details class="kb-thoughts"><summary>{escape(say("thoughts", language))}</summary><p>{told}</p></details>'


def _foot(answer: Answer, language: str) -> str:
    """`3 quotes from 2 articles, written 2021 to 2025 · 0.04 s`"""
    years = sorted({c.date[:4] for c in answer.citations if c.date})
    values = {
        "quotes": count("quote", len(answer.citations), language),
        "articles": count("article", len({c.source for c in answer.citations}), language),
        "seconds": f"{answer.seconds:.2f}",
    }
    if not years:
        return say("foot", language, **values)
    return say("foot_dates", language, dates="–".join(dict.fromkeys((years[0], years[-1]))), **values)
