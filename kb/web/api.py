"""The base for programs, as plain JSON over HTTP beside the page:

    POST /api/search   POST /api/answer   POST /api/answer/stream   GET /api/articles[/SOURCE]   GET /api/topics

What goes out are the contract's dictionaries (kb.contract); whatever is refused says why in {"error"}. GET /api/openapi.json
describes all of it, and a test fuzzes the routes against that description.
"""

# subtle: no `from __future__ import annotations` here, FastAPI could not find the two requests that are made in a function
import json
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Annotated, Any, Literal, TypeVar

from anyio import to_thread
from fastapi import FastAPI, Path, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response, StreamingResponse
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from starlette.exceptions import HTTPException
from typing_extensions import TypedDict

from kb import __version__
from kb.contract import AnswerDict, ArticleCard, ArticleDict, PassageDict
from kb.errors import KBError, NothingToSearch, QuestionError
from kb.filtering import A_DATE
from kb.records import Answer, Article, Filters, Turn
from kb.settings import Settings
from kb.web.desk import Desk
from kb.web.door import Door
from kb.web.limits import Busy, PerMinute, SmallBodies, Turnstile
from kb.web.refusals import told_fault, told_refusal

T = TypeVar("T")
log = logging.getLogger(__name__)

MOST_BODY = 256 * 1024  # bytes of a request
MOST_HITS = 100
MOST_ARTICLES = 500  # cards in one answer
AT_ONCE = 4  # questions worked on at a time; the engine uses every core for one
WAITING = 64

# a letter, a digit or a sign: white space in the sense of JSON Schema's, Rust's and Python's expressions alike is not enough
SOMETHING = r"[^\s\u0000-\u001f\u007f-\u009f]"


def _whole(sent: object) -> object:
    """49.0 is an integer in JSON Schema, though not in Python."""
    return int(sent) if isinstance(sent, float) and sent.is_integer() else sent


Whole = BeforeValidator(_whole)
Name = Annotated[str, Field(max_length=500)]
Names = Annotated[list[Name], Field(max_length=50)]


class Given(BaseModel):
    """What is sent, taken as it is: an unknown field is refused, so that a typing error does not pass in silence, "3" is no 3."""

    model_config = ConfigDict(extra="forbid", strict=True)


class FiltersIn(Given):
    """Only articles that fit; an empty field does not restrict."""

    topics: Names = []
    roles: Names = []
    region: Name = ""
    newer_than: Annotated[str, Field(pattern=rf"^({A_DATE})?$")] = ""
    sources: Names = []

    def record(self) -> Filters:
        return Filters(tuple(self.topics), tuple(self.roles), self.region, self.newer_than, tuple(self.sources))


class TurnIn(Given):
    """One message of the conversation so far."""

    role: Literal["user", "assistant"]
    content: Annotated[str, Field(max_length=20_000)]


class FoundDict(TypedDict):
    """Passages that bear on the question, best first. generation: the state of the index that answered."""

    question: str
    passages: list[PassageDict]
    generation: str


class ArticlesDict(TypedDict):
    """Articles by source, from offset on; total: how many there are."""

    articles: list[ArticleCard]
    total: int


class TopicsDict(TypedDict):
    """Topic -> how many articles carry it, the commonest first; articles: how many there are in all."""

    topics: dict[str, int]
    articles: int


class ErrorDict(TypedDict):
    """Why it was refused, in one line."""

    error: str


def questions(settings: Settings) -> tuple[type[Any], type[Any]]:
    """What is sent to /search and to /answer, with the settings' limits in their schema."""
    Question = Annotated[str, Field(max_length=settings.max_question_chars, pattern=SOMETHING, examples=["Do I need a PhD?"])]

    class SearchIn(Given):
        """A question, how many passages are wanted, and where to look."""

        question: Question
        k: Annotated[int, Field(ge=1, le=MOST_HITS), Whole] = settings.top_k
        filters: FiltersIn = FiltersIn()

    class AnswerIn(Given):
        """A question, the conversation before it (oldest first), and where to look; id comes back as it is."""

        question: Question
        history: Annotated[list[TurnIn], Field(max_length=100)] = []
        filters: FiltersIn = FiltersIn()
        id: str | Annotated[int, Whole] | None = None

        def turns(self) -> tuple[Turn, ...]:
            return tuple(Turn(turn.role, turn.content) for turn in self.history)

    return SearchIn, AnswerIn


REFUSALS: dict[int | str, dict[str, Any]] = {
    status: {"model": ErrorDict, "description": told}
    for status, told in {
        400: "The request is no JSON.",
        401: "A key or the password is needed.",
        404: "There is no such article, or no article fits the filters.",
        413: f"The request has more than {MOST_BODY:,} bytes.",
        422: "The request does not fit the description, or the question cannot be asked.",
        429: "Too many questions in a minute; Retry-After says when to go on.",
        503: "Too many questions at once; Retry-After says when to try again.",
    }.items()
}


def create_api(desk: Desk, door: Door) -> FastAPI:
    """The routes below /api, to be mounted there; who may come in is decided before them."""
    api = FastAPI(
        title="Career KB",
        version=__version__,
        description="Cited passages and answers made of verbatim quotes.",
        docs_url=None,
        redoc_url=None,
        responses=REFUSALS,
        redirect_slashes=False,
        servers=[{"url": "/api"}],
        root_path_in_servers=False,
    )
    api.add_middleware(SmallBodies, most=MOST_BODY)
    per_minute = desk.settings.api_per_minute
    office = Office(desk, PerMinute(per_minute) if per_minute and not door.private else None)
    _add_asking(api, office)
    _add_reading(api, office)
    _add_refusals(api)
    _describe_keys(api, door)
    return api


class Office:
    """Where questions come in from programs: counted, let through one after the other, worked on in threads."""

    def __init__(self, desk: Desk, limit: PerMinute | None) -> None:
        self.desk = desk
        self.limit = limit
        self.turnstile = Turnstile(AT_ONCE, WAITING)

    def count(self, request: Request) -> None:
        """Raises 429 for a caller (a key, else an address) that asks too much."""
        key = request.scope.get("kb_key")
        caller = f"key {key}" if key is not None else request.client.host if request.client else ""
        if self.limit is not None and (wait := self.limit.seconds_to_wait(caller)):
            told = {"retry-after": str(int(wait) + 1)}
            raise HTTPException(429, f"at most {self.limit.allowed} questions a minute are answered", told)

    async def work(self, request: Request, task: Callable[[], T]) -> T:
        """task() in a thread, when its turn has come."""
        self.count(request)
        async with self.turnstile.passing():
            return await to_thread.run_sync(task)

    def answer(self, asked: Any) -> Iterator[Answer]:
        """The answer as it grows, counted when it is complete."""
        last = None
        try:
            for last in self.desk.base.stream(asked.question, asked.turns(), filters=asked.filters.record()):
                yield last
        except QuestionError:
            raise
        except KBError:
            self.desk.count_failure()
            raise
        if last is not None:
            self.desk.count(last, last.seconds)


def _add_asking(api: FastAPI, office: Office) -> None:
    SearchIn, AnswerIn = questions(office.desk.settings)

    @api.post("/search", response_model=FoundDict, summary="Find passages", operation_id="search")
    async def search(asked: SearchIn, request: Request) -> Response:  # type: ignore[valid-type]
        """The passages that bear most on a question, by meaning and by words, best first."""
        base = office.desk.base
        question, k, filters = asked.question, asked.k, asked.filters.record()  # type: ignore[attr-defined]
        hits = await office.work(request, lambda: base.search(question, k, filters=filters))
        passages = [hit.to_dict() for hit in hits]
        return _plain({"question": question, "passages": passages, "generation": base.generation})

    @api.post("/answer", response_model=AnswerDict, summary="Answer from quotes", operation_id="answer")
    async def answer(asked: AnswerIn, request: Request) -> Response:  # type: ignore[valid-type]
        """What the base says to a question: verbatim quotes with citations, or that it does not cover it."""
        *_, last = await office.work(request, lambda: list(office.answer(asked)))
        return _plain(last.to_dict(asked.id))  # type: ignore[attr-defined]

    @api.post(
        "/answer/stream",
        response_class=StreamingResponse,
        responses={200: {"content": {"text/event-stream": {"schema": EVENT}}, "description": STREAMED}},
        summary="Answer as it grows",
        operation_id="answer_stream",
    )
    async def answer_stream(asked: AnswerIn, request: Request) -> Response:  # type: ignore[valid-type]
        """/answer as server-sent events."""
        office.count(request)
        answers = office.answer(asked)
        async with office.turnstile.passing():
            first = await to_thread.run_sync(next, answers)  # a question that cannot be asked shows here, before a status
        return StreamingResponse(_events(office, first, answers, asked.id), media_type="text/event-stream")  # type: ignore[attr-defined]


EVENT = {
    "type": "object",
    "properties": {"event": {"enum": ["partial", "answer", "error"]}, "data": {"type": "string", "description": "JSON"}},
    "required": ["event", "data"],
}
STREAMED = "Events `partial` with {answer}, its text so far; at last one event `answer` with the whole of /answer, or `error`."


async def _events(office: Office, first: Answer, rest: Iterator[Answer], id: str | int | None) -> AsyncIterator[str]:
    last = first
    try:
        async with office.turnstile.passing():
            while (answer := await to_thread.run_sync(next, rest, None)) is not None:
                yield _event("partial", {"answer": last.text})
                last = answer
        yield _event("answer", last.to_dict(id))
    except (KBError, Busy) as error:
        yield _event("error", {"error": str(error) or BUSY})


def _event(name: str, data: object) -> str:
    return f"event: {name}\ndata: {json.dumps(data)}\n\n"


def _add_reading(api: FastAPI, office: Office) -> None:
    known = [each.source for each in office.desk.base.articles()[:2]]

    @api.get("/articles", response_model=ArticlesDict, summary="List articles", operation_id="articles")
    async def articles(
        request: Request,
        topic: Annotated[str, Field(max_length=500)] = "",
        offset: Annotated[int, Field(ge=0, le=10**9)] = 0,
        limit: Annotated[int, Field(ge=1, le=MOST_ARTICLES)] = 100,
    ) -> Response:
        """What the articles are about, by source; topic: only those that carry it."""

        def listed() -> list[Article]:
            everything = office.desk.cached("api articles", lambda base: base.articles())
            return [each for each in everything if not topic or topic in each.topics]

        found = await office.work(request, listed)
        return _plain({"articles": [each.card() for each in found[offset : offset + limit]], "total": len(found)})

    @api.get("/articles/{source:path}", response_model=ArticleDict, summary="Open an article", operation_id="article")
    async def article(source: Annotated[str, Path(examples=known)], request: Request) -> Response:
        """An article's text, which citations point into by start and end, and its sections."""
        try:
            found = await office.work(request, lambda: office.desk.base.article(source))
        except QuestionError as error:
            raise HTTPException(404, str(error)) from error
        return _plain(found.to_dict())

    @api.get("/topics", response_model=TopicsDict, summary="List topics", operation_id="topics")
    async def topics(request: Request) -> Response:
        """What the articles are about."""
        base = office.desk.base
        counted = await office.work(request, base.topics)
        return _plain({"topics": counted, "articles": len(office.desk.cached("api articles", lambda base: base.articles()))})


def _plain(value: object, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """JSON in ASCII, so that half a character in a name comes back as it came and never breaks a response."""
    return Response(json.dumps(value), status, headers, media_type="application/json")


BUSY = "too many questions at once, try again in a second"


def _add_refusals(api: FastAPI) -> None:
    """Everything that is refused, in one shape."""

    @api.exception_handler(RequestValidationError)
    async def unfit(request: Request, error: RequestValidationError) -> Response:
        return _plain({"error": told_fault(error.errors(), request.headers.get("content-type", ""))}, 422)

    @api.exception_handler(HTTPException)
    async def refused(request: Request, error: HTTPException) -> Response:
        return _plain({"error": told_refusal(error)}, error.status_code, dict(error.headers or {}))

    @api.exception_handler(KBError)
    async def known(request: Request, error: KBError) -> Response:
        if isinstance(error, QuestionError):
            return _plain({"error": str(error)}, 404 if isinstance(error, NothingToSearch) else 422)
        log.error("%s: %s", request.url.path, error)
        return _plain({"error": "the knowledge base cannot answer at the moment"}, 503, {"retry-after": "10"})

    @api.exception_handler(Busy)
    async def busy(request: Request, error: Busy) -> Response:
        return _plain({"error": BUSY}, 503, {"retry-after": "1"})


def _describe_keys(api: FastAPI, door: Door) -> None:
    """Says in the description that a key is wanted, where one is."""
    if not (door.keys or door.password):
        return
    make = api.openapi

    def described() -> dict[str, Any]:
        schema = make()
        schema.setdefault("components", {})["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
        schema["security"] = [{"key": []}]
        return schema

    api.openapi = described  # type: ignore[method-assign]
