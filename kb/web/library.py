"""The library's tab: which articles there are, one of them open, and, for the owner, adding, removing, rebuilding.

Every event that changes something asks first whether its sender is the owner: hiding a button keeps nobody from posting to it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.utils import get_upload_folder

from kb.errors import KBError, QuestionError
from kb.mirror import is_address
from kb.reading import READERS
from kb.web.builder import Builder
from kb.web.desk import Desk
from kb.web.door import Door
from kb.web.listing import Row, article_html, found, job_html, list_html, plan_html, reader_html
from kb.web.markup import escape
from kb.web.panel import notice_html
from kb.web.shelf import Planned, Shelf, plan_address, plan_upload, uploaded
from kb.web.strings import readers_language, say

WATCH_SECONDS = 0.4  # between two looks at a running build
MOST_NEAR = 10  # passages, of which the articles are listed when no title holds the words
MOST_ADDRESS = 2000  # characters
MOST_WORDS = 200  # characters of a search in the list

Values = Sequence[Any]


@dataclass(frozen=True, slots=True)
class Workshop:
    """What changing the base needs: the folder for added articles, and who builds (and whether web pages may be fetched)."""

    shelf: Shelf
    builder: Builder


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

    @property
    def outputs(self) -> list[Any]:
        """What a change writes to."""
        return [self.job, self.plan, self.files, self.address, self.listed]


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
                    fetching = self.workshop is not None and self.workshop.builder.allow_url
                    with gr.Row(visible=fetching, equal_height=False):
                        address = gr.Textbox(label=words("lib_address"), max_length=MOST_ADDRESS, elem_id="kb-address")
                        fetch = gr.Button(words("lib_fetch"), size="sm")
                    plan = html("kb-planned")
                    with gr.Row():
                        apply = gr.Button(words("lib_apply"), variant="primary", size="sm", elem_id="kb-apply")
                        discard = gr.Button(words("lib_discard"), size="sm", elem_classes="kb-discard")
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
        chosen = [p.files, p.folder, p.address]
        p.files.change(self.plan, chosen, p.plan, **slow)
        p.folder.upload(self.plan, chosen, p.plan, **slow)
        p.fetch.click(self.plan, chosen, p.plan, **slow)
        p.apply.click(self.apply, [*chosen, p.find], p.outputs, **slow)
        p.rebuild.click(self.rebuild, [p.find], p.outputs, **slow)
        bridge.remove(self.remove, [p.find], p.outputs, **slow)
        p.discard.click(self.discard, None, p.outputs, **quick)

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
        """Whether an article with this root was added here, and so can be removed here."""
        return self.workshop is not None and (is_address(root) or self.workshop.shelf.holds(root))

    def listed(self, find: object, request: gr.Request) -> str:
        words = find[:MOST_WORDS].strip() if isinstance(find, str) else ""
        rows = found(self.rows(), words)
        near = not rows and bool(words)
        if near:
            rows = self.near(words)
        language = readers_language(request.headers)
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
        language = readers_language(request.headers)
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
        language = readers_language(request.headers)
        owner = self.owner(request)
        told = job = ""
        if owner and self.workshop is not None:
            folder = str(self.workshop.shelf.folder)
            told = f"<p>{escape(say('lib_tools_text', language, folder=folder))}</p>"
            job = job_html(self.workshop.builder.job, language)
        return self.listed("", request), reader_html(language), gr.update(visible=owner), told, job

    def chosen(self, files: object, folder: object) -> list[tuple[str, Path]]:
        """The files that were uploaded, each once."""
        into = Path(get_upload_folder())
        return list(dict.fromkeys([*uploaded(files, into), *uploaded(folder, into)]))

    def planned(self, chosen: Sequence[tuple[str, Path]], address: object) -> Iterator[Planned]:
        rows = self.rows()
        known = {row.article.source: row.article.content_hash for row in rows}
        kept = {row.article.source: row.article.content_hash for row in rows if row.own and not is_address(row.article.source)}
        yield from plan_upload(chosen, known, kept)
        if page := self.address(address):
            from kb.readers.web import read_url

            yield plan_address(page, read_url, known)

    def plan(self, files: object, folder: object, address: object, request: gr.Request) -> Iterator[str]:
        """Look at what was dropped, file by file, and at the address; nothing is changed yet."""
        language = readers_language(request.headers)
        if not self.owner(request):
            yield _told("lib_owner", language)
            return
        chosen = self.chosen(files, folder)
        total = len(chosen) + bool(self.address(address))
        done: list[Planned] = []
        shown = 0.0
        for each in self.planned(chosen, address):
            done.append(each)
            if time.monotonic() - shown > WATCH_SECONDS:
                shown = time.monotonic()
                yield plan_html(done, total, language)
        yield plan_html(done, total, language)

    def address(self, sent: object) -> str:
        """The web address that was typed, "" where there is none or none is allowed."""
        allowed = self.workshop is not None and self.workshop.builder.allow_url
        return sent.strip()[:MOST_ADDRESS] if allowed and isinstance(sent, str) else ""

    def apply(self, files: object, folder: object, address: object, find: object, request: gr.Request) -> Iterator[Values]:
        """Keep what is new and changed, and rebuild."""
        language = readers_language(request.headers)
        if not self.owner(request) or self.workshop is None:
            yield _only(_told("lib_owner", language))
            return
        planned = list(self.planned(self.chosen(files, folder), address))
        pages = [each.name for each in planned if each.path is None and each.fate in {"new", "changed"}]
        try:
            kept = self.workshop.shelf.put(planned)
        except KBError as error:
            yield _only(_failed(error))
            return
        if not kept and not pages:
            yield _only(_told("lib_nothing", language))
            return
        yield from self.build([*([self.workshop.shelf.folder] if kept else []), *pages], find, request)

    def remove(self, find: object, event: gr.EventData, request: gr.Request) -> Iterator[Values]:
        """Take one of the added articles away, from the folder and from the index."""
        source = event._data.get("source") if isinstance(event._data, dict) else None
        if not self.owner(request) or self.workshop is None:
            yield _only(_told("lib_owner", readers_language(request.headers)))
            return
        row = next((row for row in self.rows() if row.article.source == source), None)
        try:
            if row is None or not is_address(row.article.source):
                self.workshop.shelf.remove(source if isinstance(source, str) else "")
        except KBError as error:
            yield _only(_failed(error))
            return
        yield from self.build([], find, request, remove=[str(source)])

    def rebuild(self, find: object, request: gr.Request) -> Iterator[Values]:
        """Read everything again that the base came from and that is still there."""
        if not self.owner(request) or self.workshop is None:
            yield _only(_told("lib_owner", readers_language(request.headers)))
            return
        builder, shelf = self.workshop.builder, self.workshop.shelf.folder
        roots = list(dict.fromkeys(self.desk.base.roots().values()))
        sources = [root for root in roots if (builder.allow_url if is_address(root) else Path(root).exists())]
        if shelf.is_dir() and any(shelf.iterdir()) and str(shelf.resolve()) not in sources:
            sources.append(str(shelf))
        yield from self.build(sources, find, request)

    def build(
        self, sources: Sequence[str | Path], find: object, request: gr.Request, *, remove: Sequence[str] = ()
    ) -> Iterator[Values]:
        """Start a build and tell how it goes; the last values show the new list. Whoever leaves the page does not stop it."""
        language = readers_language(request.headers)
        assert self.workshop is not None
        builder = self.workshop.builder
        try:
            builder.start(sources, remove=remove, then=self.desk.look)
        except KBError as error:
            yield _only(_failed(error))
            return
        while builder.job is not None and builder.job.running:
            yield _only(job_html(builder.job, language))
            time.sleep(WATCH_SECONDS)
        yield job_html(builder.job, language), "", None, "", self.listed(find, request)

    def discard(self) -> Values:
        return "", "", None, "", gr.skip()


def _only(told: str) -> Values:
    """Something told, everything else as it is."""
    return told, gr.skip(), gr.skip(), gr.skip(), gr.skip()


def _failed(error: KBError) -> str:
    return f'<p class="kb-warn" role="alert">{escape(str(error))}</p>'


def _told(key: str, language: str) -> str:
    return f'<p class="kb-warn" role="alert">{escape(say(key, language))}</p>'


def _changed(root: str, source: str) -> str:
    """The day the article's file was last changed, "" when it is not on this machine."""
    path = Path(root) if Path(root).is_file() else Path(root) / source
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC).date().isoformat() if root else ""
    except (OSError, ValueError, OverflowError):
        return ""
