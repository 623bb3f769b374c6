"""The map's tab: the base as a picture.

Articles as points by meaning, how many there are on each topic and of each year, and, for the owner, what was asked in vain and
what readers found wrong.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape
from typing import TYPE_CHECKING, Any

import gradio as gr
import numpy as np

from kb.chart import ArticleMap
from kb.errors import KBError
from kb.gaps import Group
from kb.records import Article
from kb.web.chat import plain, read_messages
from kb.web.desk import Base, Desk, Note
from kb.web.door import Door
from kb.web.markup import escape
from kb.web.places import read_place
from kb.web.strings import count, readers_language, say

if TYPE_CHECKING:
    import pandas

MOST_TOPICS = 7  # with a colour of their own; the rest share one
NEAREST = 5  # articles named beside the map
MOST_LISTED = 50  # questions and notes
MOST_SAID = 90  # characters of a title in a tooltip
MOST_POINTS = 4_000  # articles drawn
HEADROOM = 1.05  # of the tallest bar

# Okabe and Ito's palette, told apart by colour-blind eyes (https://jfly.uni-koeln.de/color/), darkened until each has 3 : 1 on
# paper and on the dark ground (WCAG 1.4.11)
COLOURS = ("#b86e00", "#2f80b5", "#0d8a66", "#a88a00", "#3468c0", "#c2571a", "#b0628f")
REST, CITED, ASKED = "#7d8590", "#8b5cf6", "#dc2f4b"

_RESOLVED = re.compile(r'<span class="kb-resolved">([^<]*)</span>')
_CITE = re.compile(r'href="(#cite-[^"]+)"')


def drawn(mapped: ArticleMap, cited: Sequence[str] = ()) -> list[int]:
    """Which of the articles are drawn: all of them up to MOST_POINTS, else as many evenly among them; those cited always."""
    every = range(len(mapped.sources))
    if len(every) <= MOST_POINTS:
        return list(every)
    some = set(np.linspace(0, len(every) - 1, MOST_POINTS).astype(int).tolist())
    return sorted(some | {at for at in every if mapped.sources[at] in cited})


def topic_of(article: Article, shown: Sequence[str]) -> str:
    """The article's first topic that has a colour, "" for none."""
    return next((topic for topic in article.topics if topic in shown), "")


def points(
    mapped: ArticleMap,
    articles: Mapping[str, Article],
    shown: Sequence[str],
    *,
    question: np.ndarray | None = None,
    cited: Sequence[str] = (),
    language: str = "en",
) -> list[dict[str, Any]]:
    """A row for each point: x, y, what it is coloured by, what a tooltip says, and the article that a press opens.

    The question comes last, to lie on top.
    """
    rows = []
    for at in drawn(mapped, cited):
        source, (x, y) = mapped.sources[at], mapped.points[at]
        if (article := articles.get(source)) is None:
            continue
        kind = say("map_cited", language) if source in cited else topic_of(article, shown) or say("map_rest", language)
        told = {"kind": kind, "title": _short(article.title), "date": article.date or "–"}
        rows.append({"x": float(x), "y": float(y), **told, "source": source})
    if question is not None:
        x, y = mapped.axes.place(question)
        asked = say("map_question", language)
        rows.append({"x": float(x), "y": float(y), "kind": asked, "title": asked, "date": "–", "source": ""})
    return rows


def _short(title: str) -> str:
    return title if len(title) <= MOST_SAID else title[: MOST_SAID - 1].rstrip() + "…"


def colours(shown: Sequence[str], language: str) -> dict[str, str]:
    """What each kind of point is drawn in."""
    special = {say("map_rest", language): REST, say("map_cited", language): CITED, say("map_question", language): ASKED}
    return {**dict(zip(shown, COLOURS, strict=False)), **special}


def years(articles: Sequence[Article], language: str) -> list[tuple[str, int]]:
    """(year, articles written then), oldest first, the undated last."""
    counted = Counter(article.date[:4] for article in articles)
    undated = counted.pop("", 0)
    return sorted(counted.items()) + ([(say("date_unknown", language), undated)] if undated else [])


# ---------------------------------------------------------------- words beside the pictures


def legend_html(scheme: Mapping[str, str]) -> str:
    """What each colour of the map means."""
    dot = '<svg viewBox="0 0 12 12" aria-hidden="true"><circle cx="6" cy="6" r="6" fill="{}"/></svg>'
    items = "".join(f"<li>{dot.format(escape(colour))}{escape(kind)}</li>" for kind, colour in scheme.items())
    return f'<ul class="kb-legend">{items}</ul>'


def some_html(mapped: ArticleMap, cited: Sequence[str], language: str) -> str:
    """That not all articles are drawn, where that is so."""
    shown, every = len(drawn(mapped, cited)), len(mapped.sources)
    return f"<p>{escape(say('map_some', language, n=shown, total=every))}</p>" if shown < every else ""


def limits(values: Sequence[float]) -> list[float | None]:
    """An axis' ends: a twentieth of its length beyond the outermost values, so that no point is cut."""
    low, high = min(values, default=0.0), max(values, default=0.0)
    beyond = (high - low) / 20 or 0.5
    return [low - beyond, high + beyond]


def nearest_html(question: str, near: Sequence[tuple[Article, float]], language: str) -> str:
    """The map in words: the question and the articles closest to it in meaning, with their cosines."""
    if not question:
        return f"<p>{escape(say('map_ask', language))}</p>"
    items = [f'<li>{_article_button(article)} <span class="kb-dateline">{cosine:.2f}</span></li>' for article, cosine in near]
    return f"<p>{escape(say('map_near', language, question=question))}</p><ol>{''.join(items)}</ol>"


def written_html(written: Sequence[tuple[str, int]], language: str) -> str:
    """The articles by year in words where all are of one: one bar tells nothing."""
    if len(written) != 1:
        return ""
    [(year, n)] = written
    articles = count("article", n, language)
    said = say("map_one_year", language, articles=articles, year=year) if year.isdigit() else f"{articles}: {year}"
    return f"<h3>{escape(say('map_years', language))}</h3><p>{escape(said)}</p>"


def _article_button(article: Article) -> str:
    source, title = escape(article.source), escape(article.title)
    return f'<button type="button" class="kb-chat-name" data-kb="shelve" data-source="{source}">{title}</button>'


def unanswered_html(vain: Sequence[Group], notes: Sequence[Note], language: str) -> str:
    """What was asked in vain, the most asked first, and what readers said of answers, the latest first."""
    lines = [_line(group.question, _asked(group)) for group in vain[:MOST_LISTED]]
    said = [
        _line(note.question, f"{_verdict(note, language)} · {_day(note.given)}") for note in list(notes)[: -MOST_LISTED - 1 : -1]
    ]
    asked = f"<ul>{''.join(lines)}</ul>" if lines else f"<p>{escape(say('map_none', language))}</p>"
    told = f"<h3>{escape(say('map_notes', language))}</h3><ul>{''.join(said)}</ul>" if said else ""
    return f"<h3>{escape(say('map_vain', language))}</h3>{asked}{told}"


def _asked(group: Group) -> str:
    """`2026-11-22 · 3×`"""
    return f"{group.last} · {group.count}×" if group.count > 1 else group.last


def _line(question: str, about: str) -> str:
    again = f'<button type="button" class="kb-again" data-kb="ask">{escape(question)}</button>'
    return f'<li>{again} <span class="kb-dateline">{escape(about)}</span></li>'


def _verdict(note: Note, language: str) -> str:
    return say(f"act_{note.verdict}" if note.verdict in {"up", "down"} else f"why_{note.verdict}", language)


def _day(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).date().isoformat()


def last_asked(sent: object) -> tuple[str, tuple[str, ...]]:
    """The last question of a conversation as the browser sent it, as it was understood, and the sources its answer cites."""
    exchanges = read_messages(sent)
    if not exchanges:
        return "", ()
    places = [read_place(link) for link in _CITE.findall(exchanges[-1].answer)]
    understood = _RESOLVED.search(exchanges[-1].answer)
    question = unescape(understood[1]) if understood else plain(exchanges[-1].question)
    return question, tuple(dict.fromkeys(place.source for place in places if place is not None))


# ---------------------------------------------------------------- the tab


@dataclass(frozen=True, slots=True)
class AtlasParts:
    """The components of the tab."""

    picture: gr.ScatterPlot
    legend: gr.HTML
    near: gr.HTML
    topics: gr.BarPlot
    years: gr.BarPlot
    written: gr.HTML
    vain: gr.HTML

    @property
    def outputs(self) -> list[Any]:
        return [self.picture, self.legend, self.near, self.topics, self.years, self.written, self.vain]


class Atlas:
    """The tab over a desk."""

    def __init__(self, desk: Desk, door: Door) -> None:
        self.desk = desk
        self.door = door

    def draw(self, words: Callable[[str], Any], html: Callable[..., gr.HTML]) -> AtlasParts:
        with gr.Row(elem_id="kb-atlas", equal_height=False):
            with gr.Column(scale=3, min_width=0):
                picture = gr.ScatterPlot(
                    x="x", y="y", color="kind", tooltip=["title", "date", "kind"], x_title=" ", y_title=" ", color_title=" ",
                    label=words("map_title"), height=520, buttons=[], elem_id="kb-map", x_axis_labels_visible=False,
                    y_axis_format=".0f", colors_in_legend=[],
                )  # fmt: skip
                legend = html("kb-colours")
            with gr.Column(scale=2, min_width=0):
                near = html("kb-near")
                # subtle: a tooltip has a line for each name, so that of two axes of one name it shows one
                bars: dict[str, Any] = {"y": "n", "x_title": "  ", "y_title": " ", "height": 230, "buttons": [], "tooltip": "all"}
                topics = gr.BarPlot(
                    x="topic", sort="-y", x_label_angle=-40, label=words("map_topics"), elem_id="kb-coverage", **bars
                )
                ages = gr.BarPlot(x="year", label=words("map_years"), elem_id="kb-years", **bars)
                written = html("kb-written")
                vain = html("kb-vain")
        return AtlasParts(picture, legend, near, topics, ages, written, vain)

    def wire(self, p: AtlasParts, tab: gr.Tab, chat: gr.Chatbot) -> None:
        tab.select(self.show, [chat], p.outputs, preprocess=False, show_progress="hidden", api_visibility="private", queue=False)

    def show(self, sent: object, request: gr.Request) -> Sequence[Any]:
        """Everything on the tab, for the newest state of the base and the last question of this conversation."""
        import pandas

        language = readers_language(request.headers)
        base = self.desk.base
        articles = self.desk.cached("articles", lambda base: {a.source: a for a in base.articles()})
        mapped = self.desk.cached("map", lambda base: base.article_map())
        counted = base.topics()
        shown = sorted(counted, key=lambda topic: (-counted[topic], topic))[:MOST_TOPICS]
        question, cited = last_asked(sent)
        vector, near = self.near(base, question, articles)
        rows = points(mapped, articles, shown, question=vector, cited=cited, language=language)
        used = {row["kind"] for row in rows}
        scheme = {kind: colour for kind, colour in colours(shown, language).items() if kind in used}
        frame = pandas.DataFrame(rows, columns=["x", "y", "kind", "title", "date", "source"])
        across, up = limits([row["x"] for row in rows]), limits([row["y"] for row in rows])
        picture = gr.ScatterPlot(frame, color_map=scheme, x_lim=across, y_lim=up)
        written = years(list(articles.values()), language)
        owner = request.request is not None and self.door.is_owner(request.request.scope)
        vain = unanswered_html(self.desk.vain(), list(self.desk.notes), language) if owner else ""
        most = max(counted.values(), default=1), max((n for _, n in written), default=1)
        ranked = [(topic, counted[topic]) for topic in sorted(counted, key=lambda t: (-counted[t], t))]
        return (
            picture,
            legend_html(scheme) + some_html(mapped, cited, language),
            nearest_html(question, near, language),
            gr.BarPlot(_bars("topic", ranked), y_lim=[0, most[0] * HEADROOM]),
            gr.BarPlot(_bars("year", written), y_lim=[0, most[1] * HEADROOM], visible=len(written) > 1),
            written_html(written, language),
            vain,
        )

    def near(
        self, base: Base, question: str, articles: Mapping[str, Article]
    ) -> tuple[np.ndarray | None, list[tuple[Article, float]]]:
        """The question's vector and the articles closest to it, closest first."""
        if not question:
            return None, []
        try:
            vector = base.encoder.encode([question[: self.desk.settings.max_question_chars]])[0]
        except KBError:
            return None, []
        sources, vectors = self.desk.cached("vectors", lambda base: base.article_vectors())
        cosines = vectors @ vector
        best = np.argsort(-cosines, kind="stable")[:NEAREST]
        return vector, [(articles[sources[i]], float(cosines[i])) for i in best if sources[i] in articles]


def _bars(name: str, counted: Sequence[tuple[str, int]]) -> pandas.DataFrame:
    import pandas

    return pandas.DataFrame(counted, columns=[name, "n"])
