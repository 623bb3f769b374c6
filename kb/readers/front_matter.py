"""The block between two `---` (YAML) or `+++` (TOML) lines at the head of a file -> a plain mapping."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping

import yaml

from kb.errors import ArticleError

MAX_CHARS = 64 * 1024  # of front matter; 1.5 MB of it kept PyYAML busy for 1.2 s
MAX_DEPTH = 20  # of nested lists and mappings; real ones have two levels

_OPENING = re.compile(r"\A\s*?(---|\+\+\+)[ \t]*\n")
_LINE = re.compile(r"^([A-Za-z][\w -]{0,40}?)\s*:\s+(.+)$")


def split_front_matter(text: str) -> tuple[Mapping[str, object], str]:
    """(meta, body): keys in lower case, scalars as the text they were written as. No front matter: ({}, text).

    Front matter a person got slightly wrong (a colon in a title) is read line by line; what only an attacker
    writes (anchors, tags, megabytes) raises ArticleError.
    """
    opening = _OPENING.match(text)
    if opening is None:
        return {}, text
    fence = opening[1]
    closing = re.compile(rf"^{re.escape(fence)}[ \t]*$" + (r"|^\.\.\.[ \t]*$" if fence == "---" else ""), re.MULTILINE)
    end = closing.search(text, opening.end())
    if end is None:
        return {}, text
    head, body = text[opening.end() : end.start()], text[end.end() :]
    if len(head) > MAX_CHARS:
        raise ArticleError(f"its front matter has {len(head):,} characters; at most {MAX_CHARS:,} are read")
    meta = _toml(head) if fence == "+++" else _yaml(head)
    if meta is None:
        return {}, text  # two rules (---) around ordinary text
    return {str(key).strip().lower(): value for key, value in meta.items() if not _is_null(value)}, body


def _yaml(head: str) -> Mapping[object, object] | None:
    """The mapping, None when the block is no mapping at all. CBaseLoader leaves every scalar text: no dates to get wrong."""
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    try:
        _refuse_tricks(head, loader)
        meta = yaml.load(head, Loader=loader)
    except (yaml.YAMLError, ValueError, RecursionError):
        return _line_by_line(head)
    if meta is None or meta == "":
        return {}
    return meta if isinstance(meta, Mapping) else None


def _refuse_tricks(head: str, loader: type) -> None:
    depth = 0
    for event in yaml.parse(head, Loader=loader):
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise ArticleError("its front matter uses YAML anchors or aliases (& and *), which are not read")
        tag = getattr(event, "tag", None)
        if tag not in (None, "!"):
            raise ArticleError(f"its front matter uses a YAML tag ({str(tag)[:40]}), which is not read")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise ArticleError(f"its front matter is nested deeper than {MAX_DEPTH} levels")


def _is_null(value: object) -> bool:
    """Whether YAML calls this scalar nothing: `region: ~`."""
    return isinstance(value, str) and value in {"~", "null", "Null", "NULL"}


def _line_by_line(head: str) -> Mapping[object, object] | None:
    """`key: value` lines of a block that is no valid YAML, None when there are none."""
    found = (_LINE.match(line) for line in head.splitlines())
    return {match[1]: match[2].strip().strip("'\"") for match in found if match} or None


def _toml(head: str) -> Mapping[object, object] | None:
    try:
        return {key: value for key, value in tomllib.loads(head).items()}
    except (ValueError, RecursionError):
        return None
