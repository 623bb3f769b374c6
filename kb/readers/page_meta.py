"""What a web page says about itself in its head: title, date, address."""

from __future__ import annotations

import json
import re
from typing import Any

from kb.readers.dates import iso_date
from kb.readers.decoding import clean, squeeze

MAX_JSON_LD = 200_000  # characters of one block that are looked at
MAIN_PART = 0.5  # of a title that a heading in the middle of it must be: "49-9097.00 - Signal and Track Switch Repairers"
TITLE_ENDS = re.compile(r"\s+(?:[|·•»]|::|[-–—])\s+")  # between a page's title and its site's name
PUBLISHED = (  # meta names and properties, best first; those of a change come after those of publication
    "article:published_time og:article:published_time datepublished date dc.date dcterms.date dc.date.issued dcterms.created"
    " publish-date publish_date publication_date pubdate parsely-pub-date sailthru.date citation_publication_date"
    " article:modified_time og:updated_time datemodified dcterms.modified dc.date.modified last-modified"
)

_SAVED_FROM = re.compile(r"saved from url=\(\d+\)(https?://[^\s<>]+)")


def page_meta(tree: Any, source: str) -> dict[str, object]:
    """title, date (ISO) and url of the page, as far as it names them. source: the page's HTML text."""
    named = _named_content(tree)
    linked = [
        data for script in tree.iter("script") if "ld+json" in (script.get("type") or "") for data in _json_ld(script.text or "")
    ]
    meta: dict[str, object] = {}
    if title := _title(tree, named):
        meta["title"] = title
    if date := _date(tree, named, linked):
        meta["date"] = date
    canonical = [link.get("href") or "" for link in tree.iter("link") if (link.get("rel") or "").lower() == "canonical"]
    saved = _SAVED_FROM.search(source, 0, 5_000)
    for url in [*canonical, named.get("og:url", ""), saved[1] if saved else ""]:
        if re.match(r"https?://", url):
            meta["url"] = url
            break
    return meta


def _named_content(tree: Any) -> dict[str, str]:
    """The <meta> elements as a mapping from their lower-case name or property; the first of each counts."""
    named: dict[str, str] = {}
    for element in tree.iter("meta"):
        for attribute in ("property", "name", "itemprop"):
            if name := (element.get(attribute) or "").strip().lower():
                named.setdefault(name, squeeze(clean(element.get("content") or "")))
    return named


def _title(tree: Any, named: dict[str, str]) -> str:
    """The page's own title without the site's name: og:title, <title>, or the first h1 where it stands in either."""
    titles = [squeeze(clean(element.text_content())) for element in tree.iter("title")][:1]
    title = named.get("og:title") or (titles[0] if titles else "")
    headings = [squeeze(clean(element.text_content())) for element in tree.iter("h1")]
    for heading in sorted(filter(None, headings), key=len, reverse=True):
        begins = title.casefold().startswith(heading.casefold())
        if begins or (heading.casefold() in title.casefold() and len(heading) >= MAIN_PART * len(title)):
            return heading
    site = named.get("og:site_name", "").casefold()
    *rest, last = TITLE_ENDS.split(title)
    if rest and (last.casefold() == site or (not site and len(rest) == 1 and len(last.split()) <= 3 < len(rest[0].split()))):
        return title[: title.rindex(last)].rstrip(" |·•»:-–—")
    return title or (headings[0] if len(headings) == 1 else "")


def _date(tree: Any, named: dict[str, str], linked: list[dict[str, Any]]) -> str:
    for key in ("datePublished", "dateModified"):
        for data in linked:
            if date := iso_date(data.get(key)):
                return date
        if key == "datePublished" and (date := _named_date(named)):
            return date
    for element in tree.iter("time"):
        if date := iso_date(element.get("datetime")):
            return date
    return ""


def _named_date(named: dict[str, str]) -> str:
    return next((date for name in PUBLISHED.split() if (date := iso_date(named.get(name)))), "")


def _json_ld(text: str) -> list[dict[str, Any]]:
    """The objects of a JSON-LD block, those of its graph too. What is no JSON says nothing."""
    if len(text) > MAX_JSON_LD:
        return []
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return []
    objects = [item for item in (data if isinstance(data, list) else [data]) if isinstance(item, dict)]
    for item in list(objects):
        graph = item.get("@graph")
        objects += [node for node in graph if isinstance(node, dict)] if isinstance(graph, list) else []
    return objects
