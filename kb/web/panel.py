"""The page beside the chat: a passage or a whole article with the quoted words marked, or how much the base knows. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date

from kb.records import Article, Block, Passage, Section
from kb.web.dates import age, date_origin, written_date
from kb.web.markup import Span, escape, marked, safe_url
from kb.web.places import HASH_CHARS, Place, read_place, write_place
from kb.web.strings import count, say

OUTERMOST = 3  # HTML level of an article's outermost headings
_CELL = " | "
_NUMBER = re.compile(r"(?<!\S)(\d{1,4})[.)]\s+\Z", re.ASCII)  # an item's own number stands in the text before it


def span_html(article: Article, start: int, end: int, marks: Sequence[Span] = (), *, under: tuple[str, ...] = ()) -> str:
    """article.text[start:end] with its headings, paragraphs, lists and tables.

    under: a heading path that the reader already sees, and is not shown again.
    """
    out: list[str] = []
    path = under
    for section in article.sections:
        if section.end <= start or section.start >= end:
            continue
        if start <= section.start:  # the section begins in here, so its headings are shown
            kept = next(
                (i for i, (a, b) in enumerate(zip(path, section.heading, strict=False)) if a != b),
                min(len(path), len(section.heading)),
            )
            for depth, heading in enumerate(section.heading[kept:], start=kept):
                tag = f"h{min(OUTERMOST + depth, 6)}"
                out.append(f"<{tag}>{escape(heading)}</{tag}>")
        path = section.heading
        blocks = [b for b in section.blocks if b.start < end and b.end > start]
        out.append(_blocks_html(article.text, blocks, start, end, marks))
    if not article.sections and start < end:
        out.append(f"<p>{marked(article.text, start, end, marks)}</p>")
    return "".join(out)


def _blocks_html(text: str, blocks: Sequence[Block], start: int, end: int, marks: Sequence[Span]) -> str:
    out: list[str] = []
    opened = ""
    for block in blocks:
        a, b = max(block.start, start), min(block.end, end)
        number = _NUMBER.search(text, max(block.start - 8, 0), block.start) if block.kind == "item" else None
        wanted = {"item": "ol" if number else "ul", "table_header": "table", "table_row": "table"}.get(block.kind, "")
        if wanted != opened or block.kind == "table_header":
            out += _close(opened) + _open(wanted)
            opened = wanted
        if block.kind == "item":
            value = f' value="{int(number[1])}"' if number else ""
            out.append(f'<li{value} class="kb-level-{min(max(block.level, 1), 4)}">{marked(text, a, b, marks)}</li>')
        elif wanted == "table":
            out.append(_row_html(text, a, b, marks, "th" if block.kind == "table_header" else "td"))
        elif block.kind == "code":
            out.append(f"<pre><code>{marked(text, a, b, marks)}</code></pre>")
        else:
            cut_before, cut_after = "… " if a > block.start else "", " …" if b < block.end else ""
            out.append(f"<p>{cut_before}{marked(text, a, b, marks)}{cut_after}</p>")
    return "".join(out + _close(opened))


def _open(tag: str) -> list[str]:
    return {"table": ['<div class="kb-scroll" tabindex="0" role="group"><table>'], "ul": ["<ul>"], "ol": ["<ol>"]}.get(tag, [])


def _close(tag: str) -> list[str]:
    return {"table": ["</table></div>"], "ul": ["</ul>"], "ol": ["</ol>"]}.get(tag, [])


def _row_html(text: str, start: int, end: int, marks: Sequence[Span], cell: str) -> str:
    cells, at = [], start
    for part in text[start:end].split(_CELL):
        cells.append(f"<{cell}>{marked(text, at, at + len(part), marks)}</{cell}>")
        at += len(part) + len(_CELL)
    return f"<tr>{''.join(cells)}</tr>"


def dateline_html(article: Article, today: date, language: str) -> str:
    """`May 2024 · a year old · date given by the article · Original`, as HTML."""
    bits = [f"<span>{escape(written_date(article.date, language))}</span>"]
    if article.date:
        if old := age(article.date, today, language):
            bits.append(f"<span>{escape(old)}</span>")
        if whence := date_origin(article.date_origin, language):
            bits.append(f"<span>{escape(whence)}</span>")
    if safe_url(article.url):
        link = escape(article.url)
        bits.append(f'<a href="{link}" target="_blank" rel="noopener noreferrer">{escape(say("source_link", language))}</a>')
    return '<p class="kb-dateline">' + " · ".join(bits) + "</p>"


def around(place: Place, passages: Sequence[Passage]) -> Span:
    """The span to show for a quote: the passage it stands in, widened to hold the quote and its lead-in whole."""
    inside = [p for p in passages if p.start < place.end and p.end > place.start]
    starts = [p.start for p in inside] + [a for a, _ in place.marks]
    ends = [p.end for p in inside] + [b for _, b in place.marks]
    return min(starts), max(ends)


def passage_html(
    article: Article,
    passages: Sequence[Passage],
    place: Place,
    siblings: Sequence[str] = (),
    *,
    today: date,
    whole: bool = False,
    language: str = "en",
) -> str:
    """The panel: the quote marked in its passage or, with whole, in the whole article, and the way to the other citations.

    siblings: the fragments of all citations of the answer, in order, as the browser sent them; unreadable ones are left out.
    """
    changed = bool(place.content_hash) and not article.content_hash.lower().startswith(place.content_hash[:HASH_CHARS])
    marks = () if changed or place.end > len(article.text) else place.marks
    start, end = around(place, passages) if marks and not whole else (0, len(article.text))
    section = next((s for s in article.sections if marks and s.start <= place.start < s.end), None)
    under = section.heading if section and not whole else ()
    here = write_place(place)
    flip = _button("cite" if whole else "article", here, say("just_passage" if whole else "whole_article", language))
    body = [
        f'<div class="kb-page-nav">{_steps(here, siblings, whole, language)}{close_button(language)}</div>',
        f'<h2 tabindex="-1" class="kb-title">{escape(article.title)}</h2>',
        f'<p class="kb-path">{escape(path)}</p>' if (path := _path(section, place, language)) else "",
        dateline_html(article, today, language),
        f'<p class="kb-warn">{escape(say("changed", language))}</p>' if changed else "",
        f'<div class="kb-text">{span_html(article, start, end, marks, under=under)}</div>',
        f'<div class="kb-page-foot">{flip if marks else ""}</div>',
    ]
    return page_html("kb-whole" if whole else "", "cited_passage", "".join(body), language, here)


def page_html(classes: str, label: str, body: str, language: str, here: str = "") -> str:
    """A page of the panel: body, already HTML, named for a screen reader by the word under label."""
    named = escape(say(label, language))
    return f'<article class="kb-page {classes}" aria-label="{named}" data-here="{escape(here)}">{body}</article>'


def _path(section: Section | None, place: Place, language: str) -> str:
    """`Role › Pay · page 3`"""
    if section is None:
        return ""
    page = next((b.page for b in section.blocks if b.start <= place.start < b.end), None)
    return " · ".join(filter(None, (" › ".join(section.heading), "" if page is None else say("page", language, n=page))))


def _button(act: str, place: str, label: str) -> str:
    return f'<button type="button" class="kb-quiet" data-kb="{act}" data-place="{escape(place)}">{escape(label)}</button>'


def _icon(act: str, sign: str, label: str, classes: str = "", place: str = "", off: bool = False) -> str:
    label = escape(label)
    return (
        f'<button type="button" class="kb-icon {classes}" data-kb="{act}" data-place="{escape(place)}" aria-label="{label}" '
        f'title="{label}"{" disabled" if off else ""}>{sign}</button>'
    )


def close_button(language: str) -> str:
    """The button that closes a panel where it lies over the page."""
    return _icon("close", "×", say("close", language), "kb-close")


def _steps(here: str, siblings: Sequence[str], whole: bool, language: str) -> str:
    """`‹ Citation 2 of 3 ›`: the way to the other citations of the same answer, empty where there are none."""
    places = list(dict.fromkeys(write_place(p) for p in map(read_place, siblings[:100]) if p is not None))
    if here not in places or len(places) < 2:
        return "<span></span>"
    n = places.index(here)
    act = "article" if whole else "cite"
    back = _icon(act, "‹", say("cite_previous", language), "", places[n - 1] if n else "", n == 0)
    last = n == len(places) - 1
    on = _icon(act, "›", say("cite_next", language), "", "" if last else places[n + 1], last)
    where = escape(say("cite_count", language, n=n + 1, total=len(places)))
    return f'<span class="kb-steps">{back}<span>{where}</span>{on}</span>'


def _topics_html(topics: Mapping[str, int], language: str) -> str:
    """What the base covers: each topic with its number of articles, the most first; each finds them in the library."""
    ranked = sorted(topics.items(), key=lambda item: (-item[1], item[0]))
    chips = "".join(
        f'<li><button type="button" data-kb="topic" data-topic="{escape(topic)}">{escape(topic)} <span>{n}</span></button></li>'
        for topic, n in ranked[:40]
    )
    return f'<h3>{escape(say("topics_title", language))}</h3><ul class="kb-topics">{chips}</ul>' if chips else ""


def notice_html(key: str, language: str = "en", topics: Mapping[str, int] | None = None) -> str:
    """A panel that only says something in words; with topics, what the base covers below."""
    title = f'<h2 tabindex="-1" class="kb-title">{escape(say("side_label", language))}</h2>'
    nav = f'<div class="kb-page-nav"><span></span>{close_button(language)}</div>'
    covered = _topics_html(topics or {}, language)
    return page_html("kb-notice", "cited_passage", f"{nav}{title}<p>{escape(say(key, language))}</p>{covered}", language)


def masthead_html(language: str = "en", writer: str = "") -> str:
    """The head of the page, whose buttons the script serves.

    writer: the language model that answers and where, "" for none.
    """
    new = _icon("new", "+", say("new_chat", language))
    chats = _icon("chats", "≡", say("chats", language))
    colours = _icon("colours", "◐", say("to_dark", language))
    name, line = escape(say("brand", language)), escape(say("tagline_model" if writer else "tagline", language, writer=writer))
    skip = f'<a class="kb-skip" href="#kb-ask">{escape(say("skip", language))}</a>'
    return (
        f'{skip}<header class="kb-masthead"><h1>{name}</h1><p>{line}</p></header>'
        f'<div class="kb-tools">{new}{chats}{colours}</div>'
    )


def welcome_html(
    topics: Mapping[str, int], articles: int, newest: str = "", language: str = "en", articles_language: str = ""
) -> str:
    """The panel's first page: how much the base knows, about what, and in which language if that is not the page's."""
    text = say("side_text", language, articles=count("article", articles, language), topics=count("topic", len(topics), language))
    dated = say("side_newest", language, date=written_date(newest, language)) if newest else ""
    differs = articles_language not in ("", language)
    other = f"<p>{escape(say(f'articles_in_{articles_language}', language))}</p>" if differs else ""
    body = [
        f'<h2 tabindex="-1" class="kb-title">{escape(say("side_title", language))}</h2><p>{escape(text)}</p>{other}',
        f'<p class="kb-dateline">{escape(dated)}</p>',
        _topics_html(topics, language),
    ]
    return page_html("kb-first", "side_label", "".join(body), language)
