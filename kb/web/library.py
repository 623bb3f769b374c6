"""The library's tab: which articles there are, one of them open, and, for the owner, adding, removing, rebuilding.

Every event that changes something asks first whether its sender is the owner: hiding a button keeps nobody from posting to it.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.utils import get_upload_folder

from kb.errors import ArticleError, KBError, QuestionError
from kb.reading import READERS
from kb.web.builder import Builder
from kb.web.desk import Desk
from kb.web.door import Door
from kb.web.listing import Row, article_html, found, job_html, list_html, plan_html, reader_html
from kb.web.markup import escape
from kb.web.panel import notice_html
from kb.web.shelf import Planned, Shelf, as_markdown, plan_upload, safe_name, uploaded
from kb.web.strings import language_of, say

WATCH_SECONDS = 0.4  # between two looks at a running build
MOST_NEAR = 10  # passages, of which the articles are listed when no title holds the words
MOST_WORDS = 200  # characters of a search in the list

Values = Sequence[Any]


@dataclass(frozen=True, slots=True)
class Workshop:
    """What changing the base needs: the folder for added articles and who builds. allow_url: web pages may be fetched."""

    shelf: Shelf
    builder: Builder
    allow_url: bool = False


@dataclass(frozen=True, slots=True)
class LibraryParts:
    """The components of the tab."""

    find: gr.Textbox
    listed: gr.HTML
    reader: gr.HTML
    tools: gr.Accordion
    told: gr.HTML
    files: gr.File
    folder: gr.UploadButton
    address: gr.Textbox
    fetch: gr.Button
    plan: gr.HTML
    apply: gr.Button
    discard: gr.Button
    rebuild: gr.Button
    job: gr.HTML


class Library:
    """The tab over a desk. Without a workshop the library can be read only."""

    def __init__(self, desk: Desk, door: Door, workshop: Workshop | None = None) -> None:
        self.desk = desk
        self.door = door
        self.workshop = workshop

    # ------------------------------------------------------------ layout

    def draw(self, words: Callable[[str], Any], html: Callable[..., gr.HTML]) -> LibraryParts:
        with gr.Row(elem_id="kb-library", equal_height=True):
            with gr.Column(elem_id="kb-shelves", scale=3, min_width=0):
                find = gr.Textbox(
                    label=words("lib_find"), placeholder=words("lib_find_hint"), max_length=MOST_WORDS, elem_id="kb-find"
                )
                with gr.Accordion(words("lib_tools"), open=False, visible=self.workshop is not None, elem_id="kb-tools") as tools:
                    told = html("kb-told")
                    files = gr.File(
                        label=words("lib_files"),
                        file_count="multiple",
                        file_types=[s for s in READERS if s],
                        elem_id="kb-files",
                        height=130,
                    )
                    folder = gr.UploadButton(words("lib_folder"), file_count="directory", size="sm", elem_id="kb-folder")
                    fetching = self.workshop is not None and self.workshop.allow_url
                    with gr.Row(visible=fetching):
                        address = gr.Textbox(label=words("lib_address"), max_length=2000, elem_id="kb-address")
                        fetch = gr.Button(words("lib_fetch"), size="sm")
                    plan = html("kb-planned")
                    with gr.Row():
                        apply = gr.Button(words("lib_apply"), variant="primary", size="sm", elem_id="kb-apply")
                        discard = gr.Button(words("lib_discard"), size="sm")
                        rebuild = gr.Button(words("lib_rebuild"), size="sm")
                    job = html("kb-job")
                listed = html("kb-listed")
            with gr.Column(elem_id="kb-reading", scale=2, min_width=0):
                reader = html("kb-reader", reader_html(), on_load="reader")
        return LibraryParts(find, listed, reader, tools, told, files, folder, address, fetch, plan, apply, discard, rebuild, job)

    def wire(self, p: LibraryParts, bridge: gr.HTML) -> None:
        quick: dict[str, Any] = {"preprocess": False, "show_progress": "hidden", "api_visibility": "private", "queue": False}
        p.find.change(self.search, [p.find], p.listed, trigger_mode="always_last", **quick)
        bridge.read(self.read, None, p.reader, **quick)
        slow: dict[str, Any] = {
            "preprocess": False,
            "show_progress": "hidden",
            "api_visibility": "private",
            "concurrency_id": "library",
            "concurrency_limit": 2,
        }
        chosen = [p.files, p.folder]
        p.files.change(self.plan, chosen, p.plan, **slow)
        p.folder.upload(self.plan, chosen, p.plan, **slow)
        p.fetch.click(self.fetch, [p.address, p.files], [p.address, p.files], **slow)
        p.apply.click(self.apply, [*chosen, p.find], [p.job, p.plan, p.files, p.listed], **slow)
        p.rebuild.click(self.rebuild, [p.find], [p.job, p.plan, p.files, p.listed], **slow)
        bridge.remove(self.remove, [p.find], [p.job, p.plan, p.files, p.listed], **slow)
        p.discard.click(self.discard, None, [p.job, p.plan, p.files, p.listed], **quick)

    # ------------------------------------------------------------ reading

    def rows(self) -> list[Row]:
        """The articles of the newest state, by title."""

        def make(base: Any) -> list[Row]:
            counts, roots = base.passage_counts(), base.roots()
            rows = [
                Row(a, counts.get(a.source, 0), _changed(roots.get(a.source, ""), a.source), self.own(roots.get(a.source, "")))
                for a in base.articles()
            ]
            return sorted(rows, key=lambda row: (row.article.title.casefold(), row.article.source))

        return self.desk.cached("library", make)

    def own(self, root: str) -> bool:
        return self.workshop is not None and self.workshop.shelf.holds(root)

    def listed(self, find: object, request: gr.Request) -> str:
        words = find[:MOST_WORDS].strip() if isinstance(find, str) else ""
        rows = found(self.rows(), words)
        near = not rows and bool(words)
        if near:
            rows = self.near(words)
        language = language_of(request.headers)
        return list_html(rows, today=date.today(), owner=self.owner(request), near=near, language=language)

    def near(self, words: str) -> list[Row]:
        """The articles closest to words in meaning, closest first: for a word that no title or topic holds."""
        rows = {row.article.source: row for row in self.rows()}
        try:
            hits = self.desk.base.search(words, MOST_NEAR)
        except KBError:
            return []
        return [rows[source] for source in dict.fromkeys(hit.passage.source for hit in hits) if source in rows]

    def search(self, find: object, request: gr.Request) -> str:
        return self.listed(find, request)

    def read(self, event: gr.EventData, request: gr.Request) -> str:
        source = event._data.get("source") if isinstance(event._data, dict) else None
        language = language_of(request.headers)
        try:
            article = self.desk.base.article(source if isinstance(source, str) else "")
        except QuestionError:
            return notice_html("gone", language)
        return article_html(article, today=date.today(), language=language)

    # ------------------------------------------------------------ changing

    def owner(self, request: gr.Request) -> bool:
        """Whether whoever sent this request may change the base."""
        inner = request.request
        return self.workshop is not None and inner is not None and self.door.is_owner(inner.scope)

    def arrive(self, request: gr.Request) -> Values:
        """List, tools and their text, job: what a freshly opened page shows."""
        language = language_of(request.headers)
        owner = self.owner(request)
        told = job = ""
        if owner and self.workshop is not None:
            told = f"<p>{say('lib_tools_text', language, folder='<code></code>')}</p>".replace(
                "<code></code>", f"<code>{_shown(self.workshop.shelf.folder)}</code>"
            )
            job = job_html(self.workshop.builder.job, language)
        return self.listed("", request), reader_html(language), gr.update(visible=owner), told, job

    def chosen(self, files: object, folder: object) -> list[tuple[str, Path]]:
        """The files that were uploaded, each once."""
        into = Path(get_upload_folder())
        return list(dict.fromkeys([*uploaded(files, into), *uploaded(folder, into)]))

    def planned(self, chosen: Sequence[tuple[str, Path]]) -> Iterator[Planned]:
        rows = self.rows()
        known = {row.article.source: row.article.content_hash for row in rows}
        kept = {row.article.source: row.article.content_hash for row in rows if row.own}
        return plan_upload(chosen, known, kept)

    def plan(self, files: object, folder: object, request: gr.Request) -> Iterator[str]:
        """Look at what was dropped, file by file; nothing is changed yet."""
        language = language_of(request.headers)
        if not self.owner(request):
            yield _told("lib_owner", language)
            return
        chosen = self.chosen(files, folder)
        done: list[Planned] = []
        shown = 0.0
        for each in self.planned(chosen):
            done.append(each)
            if time.monotonic() - shown > WATCH_SECONDS:
                shown = time.monotonic()
                yield plan_html(done, len(chosen), language)
        yield plan_html(done, len(chosen), language)

    def fetch(self, address: object, files: object, request: gr.Request) -> Values:
        """Get a web page and put it among the dropped files."""
        language = language_of(request.headers)
        if not self.owner(request) or self.workshop is None or not self.workshop.allow_url:
            gr.Warning(say("lib_owner", language))
            return gr.skip(), gr.skip()
        from kb.readers.web import read_url

        try:
            article = read_url(address.strip() if isinstance(address, str) else "")
        except ArticleError as error:
            gr.Warning(str(error))
            return gr.skip(), gr.skip()
        into = Path(get_upload_folder())
        into.mkdir(parents=True, exist_ok=True)
        path = Path(tempfile.mkdtemp(dir=into)) / safe_name(f"{article.title}.md")
        path.write_text(as_markdown(article), encoding="utf-8")
        return "", [str(p) for _, p in uploaded(files, into)] + [str(path)]

    def apply(self, files: object, folder: object, find: object, request: gr.Request) -> Iterator[Values]:
        """Keep what is new and changed, and rebuild."""
        language = language_of(request.headers)
        if not self.owner(request) or self.workshop is None:
            yield _told("lib_owner", language), gr.skip(), gr.skip(), gr.skip()
            return
        try:
            names = self.workshop.shelf.put(list(self.planned(self.chosen(files, folder))))
        except KBError as error:
            yield f'<p class="kb-warn">{_shown(error)}</p>', gr.skip(), gr.skip(), gr.skip()
            return
        if not names:
            yield _told("lib_nothing", language), gr.skip(), gr.skip(), gr.skip()
            return
        yield from self.build([self.workshop.shelf.folder], find, request)

    def remove(self, find: object, event: gr.EventData, request: gr.Request) -> Iterator[Values]:
        """Take one of the added articles away, and rebuild."""
        source = event._data.get("source") if isinstance(event._data, dict) else None
        if not self.owner(request) or self.workshop is None:
            yield _told("lib_owner", language_of(request.headers)), gr.skip(), gr.skip(), gr.skip()
            return
        try:
            self.workshop.shelf.remove(source if isinstance(source, str) else "")
        except KBError as error:
            yield f'<p class="kb-warn">{_shown(error)}</p>', gr.skip(), gr.skip(), gr.skip()
            return
        yield from self.build([self.workshop.shelf.folder], find, request)

    def rebuild(self, find: object, request: gr.Request) -> Iterator[Values]:
        """Read every folder again that the base came from and that is still there."""
        if not self.owner(request) or self.workshop is None:
            yield _told("lib_owner", language_of(request.headers)), gr.skip(), gr.skip(), gr.skip()
            return
        roots = [Path(root) for root in dict.fromkeys(self.desk.base.roots().values()) if Path(root).exists()]
        if self.workshop.shelf.folder.is_dir() and self.workshop.shelf.folder.resolve() not in roots:
            roots.append(self.workshop.shelf.folder)
        yield from self.build(roots, find, request)

    def build(self, sources: Sequence[Path], find: object, request: gr.Request) -> Iterator[Values]:
        """Start a build and tell how it goes; the last values show the new list. Whoever leaves the page does not stop it."""
        language = language_of(request.headers)
        assert self.workshop is not None
        builder = self.workshop.builder
        try:
            builder.start(sources, then=self.desk.look)
        except KBError as error:
            yield f'<p class="kb-warn">{_shown(error)}</p>', gr.skip(), gr.skip(), gr.skip()
            return
        while builder.job is not None and builder.job.running:
            yield job_html(builder.job, language), gr.skip(), gr.skip(), gr.skip()
            time.sleep(WATCH_SECONDS)
        yield job_html(builder.job, language), "", None, self.listed(find, request)

    def discard(self, request: gr.Request) -> Values:
        return "", "", None, gr.skip()


def _told(key: str, language: str) -> str:
    return f'<p class="kb-warn" role="alert">{_shown(say(key, language))}</p>'


def _shown(said: object) -> str:
    return escape(str(said))


def _changed(root: str, source: str) -> str:
    """The day the article's file was last changed, "" when it is not on this machine."""
    path = Path(root) if Path(root).is_file() else Path(root) / source
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC).date().isoformat() if root else ""
    except (OSError, ValueError, OverflowError):
        return ""
