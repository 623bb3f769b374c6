"""Why a request to /api is refused, in words for whoever wrote the program: the field, what was seen, what fits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from starlette.exceptions import HTTPException

MOST_TOLD = 5  # faults of one request
MOST_SHOWN = 40  # characters of a value that does not fit

ROUTES = "GET /api/openapi.json describes the routes"
_DETAILS = {  # what FastAPI and Starlette say, which names nothing
    "Not Found": f"there is no such route; {ROUTES}",
    "There was an error parsing the body": "the body cannot be read as JSON in UTF-8",
}


def told_fault(errors: Iterable[Mapping[str, Any]], content_type: str) -> str:
    """pydantic's faults in one line: "k: Input should be less than or equal to 100, not 500; ..."."""
    return "; ".join(_fault(each, content_type) for each in list(errors)[:MOST_TOLD])


def told_refusal(error: HTTPException) -> str:
    """What an HTTP error says, where it says something of its own; else what may be done instead."""
    if error.status_code == 405 and error.headers and "Allow" in error.headers:
        return f"this route takes {error.headers['Allow']} only; {ROUTES}"
    return _DETAILS.get(str(error.detail), str(error.detail))


def _fault(error: Mapping[str, Any], content_type: str) -> str:
    where = [str(part) for part in error["loc"][1:]]
    kind, seen = error["type"], error.get("input")
    if kind == "json_invalid":
        return f"the body is no JSON: {error.get('ctx', {}).get('error', 'it breaks off')}, at character {where[0]}"
    if not where:
        return _body(kind, content_type)
    return f"{'.'.join(where)}: {_wrong(kind, where[-1], str(error['msg']), seen)}"


def _body(kind: str, content_type: str) -> str:
    if kind == "missing":
        return "there is no body: send a JSON object"
    sort = content_type.partition(";")[0].strip()
    if sort != "application/json":
        return f"the body is read with Content-Type: application/json only, not {sort or 'without one'}"
    return "the body has to be a JSON object"


def _wrong(kind: str, field: str, message: str, seen: object) -> str:
    if kind == "missing":
        return "Field required"
    if kind == "extra_forbidden":
        return "there is no such field"
    if kind == "string_pattern_mismatch":
        if field == "newer_than":
            return f"a year, month or day such as 2024, 2024-06 or 2024-06-30, not {_shown(seen)}"
        return "it is empty, or holds nothing that can be read"
    if isinstance(seen, str) and kind == "string_too_long":
        return f"{message}, not {len(seen):,}"
    if seen is None or isinstance(seen, str | int | float):
        return f"{message}, not {_shown(seen)}"
    return message


def _shown(value: object) -> str:
    """A value in JSON's words, cut, with nothing in it that acts on a terminal."""
    words = {None: "null", True: "true", False: "false"}
    text = words[value] if value is None or isinstance(value, bool) else ascii(value)
    return text if len(text) <= MOST_SHOWN else text[: MOST_SHOWN - 3] + "..."
