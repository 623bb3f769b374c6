"""The library as HTML: its articles, one of them open, what an upload would change, how a rebuild goes. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from kb.records import Article
from kb.web.builder import Job
from kb.web.dates import age, date_origin, written_date
from kb.web.lines import reworded
from kb.web.markup import escape
from kb.web.panel import close_button, dateline_html, page_html, span_html
from kb.web.shelf import Planned
from kb.web.strings import count, say

MOST_ROWS = 200


@dataclass(frozen=True, slots=True)
class Row:
    """An article as the list shows it. changed: day of its file's last change, "" when not known; own: it can be removed here."""

    article: Article
    passages: int
    changed: str = ""
    own: bool = False


def found(rows: Iterable[Row], words: str) -> list[Row]:
    """The rows whose title, place, topics, roles or region hold every one of the words, in their order."""
    wanted = words.casefold().split()
    return [row for row in rows if all(word in _said(row.article) for word in wanted)]


def _said(article: Article) -> str:
    return " ".join((article.title, article.source, *article.topics, *article.roles, article.region, article.date)).casefold()


def list_html(rows: Sequence[Row], *, today: date, owner: bool = False, near: bool = False, language: str = "en") -> str:
    """The articles, up to MOST_ROWS of them. near: they are the closest in meaning, none was found by its words."""
    told = escape(say("lib_near", language) if near else count("article", len(rows), language))
    more = len(rows) - MOST_ROWS
    rest = f'<p class="kb-dateline">{escape(say("lib_more", language, n=more))}</p>' if more > 0 else ""
    items = "".join(_row_html(row, today, owner, language) for row in rows[:MOST_ROWS])
    return f'<p class="kb-dateline" role="status">{told}</p><ul class="kb-articles">{items}</ul>{rest}'


def _row_html(row: Row, today: date, owner: bool, language: str) -> str:
    article = row.article
    source = escape(article.source)
    facts = [written_date(article.date, language), age(article.date, today, language)]
    if article.date:
        facts.append(date_origin(article.date_origin, language))
    facts.append(count("passage", row.passages, language))
    if row.changed and row.changed != article.date:
        facts.append(say("lib_changed", language, date=written_date(row.changed, language)))
    topics = "".join(f"<li>{escape(topic)}</li>" for topic in article.topics)
    remove = ""
    if owner and row.own:
        label = escape(say("lib_remove", language))
        remove = f'<button type="button" class="kb-quiet" data-kb="remove" data-source="{source}">{label}</button>'
    return (
        f'<li><button type="button" class="kb-chat-name" data-kb="read" data-source="{source}">{escape(article.title)}</button>'
        f'<p class="kb-dateline">{escape(" · ".join(filter(None, facts)))}</p>'
        f'<ul class="kb-topics">{topics}</ul><p class="kb-source">{source}</p>{remove}</li>'
    )


def article_html(article: Article, *, today: date, language: str = "en") -> str:
    """One article, whole."""
    body = [
        f'<div class="kb-page-nav"><span></span>{close_button(language)}</div>',
        f'<h2 tabindex="-1" class="kb-title">{escape(article.title)}</h2>',
        dateline_html(article, today, language),
        f'<div class="kb-text">{span_html(article, 0, len(article.text))}</div>',
        f'<p class="kb-source">{escape(article.source)}</p>',
    ]
    return page_html("kb-whole", "lib_reader", "".join(body), language)


def reader_html(language: str = "en") -> str:
    """The reader before an article is opened."""
    title = f'<h2 tabindex="-1" class="kb-title">{escape(say("lib_reader", language))}</h2>'
    return page_html("kb-first", "lib_reader", f"{title}<p>{escape(say('lib_reader_text', language))}</p>", language)


def plan_html(planned: Sequence[Planned], total: int, language: str = "en") -> str:
    """What an upload would change, file by file. total: files of the upload, of which some may still be read."""
    if not total:
        return ""
    counted = {fate: sum(each.fate == fate for each in planned) for fate in ("new", "changed", "same", "twin", "refused")}
    summary = ", ".join(say(f"fate_{fate}_n", language, n=n) for fate, n in counted.items() if n)
    if len(planned) < total:
        summary = say("plan_reading", language, n=len(planned), total=total)
    elif not counted["new"] + counted["changed"]:
        summary = f"{summary}. {say('lib_nothing', language)}"
    rows = "".join(_planned_html(each, language) for each in planned)
    return f'<div class="kb-plan"><p role="status">{escape(summary)}</p><ul>{rows}</ul></div>'


def _planned_html(each: Planned, language: str) -> str:
    why = {"refused": reworded(each.reason, language), "twin": say("fate_twin_of", language, name=each.reason)}.get(each.fate, "")
    facts = " · ".join(filter(None, (each.title, count("word", each.words, language) if each.words else "", why)))
    fate = escape(say(f"fate_{each.fate}", language))
    return (
        f'<li><span class="kb-fate kb-{each.fate}">{fate}</span> <b>{escape(each.name)}</b><br><span>{escape(facts)}</span></li>'
    )


def job_html(job: Job | None, language: str = "en") -> str:
    """How the rebuild goes, or what came of it."""
    if job is None:
        return ""
    if job.error:
        return f'<p class="kb-warn" role="alert">{escape(say("job_failed", language, reason=job.error))}</p>'
    if job.running or job.report is None:
        stage = say(f"job_{job.stage}" if job.stage in {"reading", "embedding", "publishing"} else "job_start", language)
        bar = f'<progress max="{max(job.total, 1)}" value="{job.done}" aria-label="{escape(stage)}"></progress>'
        return f'<p role="status">{escape(stage)} {job.done} / {job.total}</p>{bar}'
    report = job.report
    plan = report.get("plan", {})
    facts = {key: report.get(key, 0) for key in ("articles", "passages", "seconds")}
    told = say("job_done", language, **facts, **{key: plan.get(key, 0) for key in ("new", "changed", "renamed", "gone")})
    errors = "".join(
        f"<li><b>{escape(str(source))}</b>: {escape(str(reason))}</li>" for source, reason in report.get("errors", ())
    )
    added = "".join(f"<li>{_added_html(str(source))}</li>" for source in report.get("added", ()))
    return "".join(
        [
            f'<p role="status">{escape(told)}</p>',
            f'<ul class="kb-added">{added}</ul>' if added else "",
            f'<ul class="kb-warn">{errors}</ul>' if errors else "",
        ]
    )


def _added_html(source: str) -> str:
    """A new article by its name, to be read."""
    return f'<button type="button" class="kb-again" data-kb="read" data-source="{escape(source)}">{escape(source)}</button>'
