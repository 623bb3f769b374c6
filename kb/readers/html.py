"""Web pages, saved or fetched -> Draft.

The page is walked element by element, and trafilatura says which of the blocks are the article and which are menus,
advertisements and comments. Where it chooses little of the text, or nothing of a whole section, only what is plainly not the
article is left out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from kb.errors import ArticleError
from kb.readers.dates import dated
from kb.readers.decoding import decode
from kb.readers.disguised import undisguise
from kb.readers.lists import untangle
from kb.readers.page_meta import page_meta
from kb.readers.tree import flatten_superscripts, fragments_of
from kb.records import Draft, Fragment

MAIN_SHARE = 0.4  # of the page's text that <main> or <article> must hold to be taken for the article
ENOUGH = 0.25  # of the walk's text that trafilatura must choose to be believed
MAX_ELEMENTS = 50_000  # of a page that trafilatura is asked about; some pages of 60,000 keep it busy for 18 seconds
BODY_WORDS = 12  # under a heading, for its loss to count
LONG_ENOUGH = 24  # letters and digits of a text that may be looked for inside others; shorter ones ("Share") stand everywhere

_CHARSET = re.compile(rb"""<(?:meta|\?xml)\b[^>]{0,200}?(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]{2,40})""", re.IGNORECASE)
_XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]{0,200}\?>")
_HOLDERS = re.compile(
    r"</?(?:div|span|section|article|blockquote|font|center|b|i|em|strong|small|big)\b[^<>]{0,1000}>", re.IGNORECASE
)
_NOISE_TAGS = {"nav", "aside", "footer"}
_NOISE_ROLES = {"navigation", "banner", "contentinfo", "search", "complementary", "dialog", "alert", "menu"}
_NOISE_WORDS = (
    r"(?:cookies?|consent|gdpr|breadcrumbs?|sidebar|share|sharing|social|newsletter|subscribe|signup|related|recommended|comments?"
    r"|advert(?:isement)?|ads?|promo|sponsored|popup|modal|navbar|nav|navigation|menu|footer|skip-?links?|pagination|toc|related-?posts?|jp-relatedposts|author-?(?:box|bio|card|info)|hatnote|catlinks|navbox|mw-(?:editsection|jump-link"
    r"|cite-backlink|indicators)|printfooter|siteSub|p-lang-btn|vector-(?:header|toc|page-toolbar|column-start|menu))"
)
_NOISE_CLASS = re.compile(  # a builder of pages (Elementor) has all text in "elementor-widget-..."
    rf"(?:^|[\s_-]){_NOISE_WORDS}(?:$|[\s_-])|(?:^|\s)widget(?:$|[\s_]|-area)|subscription-widget", re.IGNORECASE
)
_NOISE_ID = re.compile(  # only as a whole: "social-skills" is the id of a section whose heading says so
    rf"(?:{_NOISE_WORDS}|widget)(?:[_-]?(?:banner|bar|box|section|wrapper|container|list|form|area|links|menu|posts))?",
    re.IGNORECASE,
)


def read(data: bytes, charset: str = "") -> Draft:
    declared = _CHARSET.search(data[:4096])
    text = decode(data, charset or (declared[1].decode("ascii", "replace") if declared else ""))
    tree = parse(text)
    flatten_superscripts(tree)
    undisguise(tree)
    return dated(untangle(_article(tree)), page_meta(tree, text), "page metadata")


def parse(text: str) -> Any:
    """The page's tree. Entities are not expanded, nothing is fetched. Raises ArticleError when there is none.

    libxml2 stops without a word at 2,048 levels; a page that goes deeper is read without the elements that only hold others.
    """
    text = _XML_DECLARATION.sub("", text)
    tree, too_deep = _parsed(text)
    if too_deep:
        tree, too_deep = _parsed(_HOLDERS.sub("<hr>", text))
    if too_deep:
        raise ArticleError("its elements are nested more than 2,048 deep. Is it damaged, or made to be so?")
    return tree


def _parsed(text: str) -> tuple[Any, bool]:
    from lxml import etree
    from lxml import html as lxml_html

    parser = lxml_html.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True, no_network=True)
    try:
        tree = lxml_html.document_fromstring(text.encode(), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError) as error:
        raise ArticleError(f"it holds no HTML that can be read ({error})") from error
    return tree, any("Excessive depth" in entry.message for entry in parser.error_log)


def _article(tree: Any) -> list[Fragment]:
    """The walk's fragments that trafilatura takes for the article, and what stands between them but for odd paragraphs.

    trafilatura only chooses: its own text drops superscripts (10^3 -> 103), and no figure may change.
    """
    scope = _main(tree)
    walked = fragments_of(scope, skip=_is_noise) or fragments_of(scope)
    if not walked:
        raise ArticleError("there is no text in it. Does the page build itself by a script? Save it from the browser")
    chosen = _Chosen(_extracted(tree))
    sure = [fragment in chosen for fragment in walked]
    if _words(walked, sure) < ENOUGH * _words(walked) or (scope.tag != "body" and _loses_a_section(walked, sure)):
        return walked
    first, last = sure.index(True), len(sure) - 1 - sure[::-1].index(True)
    while first > 0 and walked[first - 1].kind == "heading":
        first -= 1
    return [walked[i] for i in range(first, last + 1) if sure[i] or walked[i].kind != "paragraph"]


def _main(tree: Any) -> Any:
    """The one element that holds the article, where the page says so; else the body."""
    whole = len(tree.xpath("string()"))
    for path in (".//main", ".//*[@role='main']", ".//article", ".//*[@itemprop='articleBody']"):
        if len(found := tree.findall(path)) == 1 and len(found[0].xpath("string()")) >= MAIN_SHARE * whole:
            return found[0]
    body = tree.find(".//body")
    return tree if body is None else body


def _is_noise(element: Any) -> bool:
    """Whether an element is plainly not the article: menus, footers, cookie banners, hidden things."""
    get = element.get
    if element.tag in _NOISE_TAGS or (get("role") or "").lower() in _NOISE_ROLES or get("hidden") is not None:
        return True
    if get("aria-hidden") == "true" or "display:none" in (get("style") or "").replace(" ", "").lower():
        return True
    if element.tag == "header":
        return element.find(".//h1") is None and element.getparent() is not None and element.getparent().tag == "body"
    if element.find("./a[@href]") is not None and (element.find("./a[@href]").get("href") or "").startswith("#cmnt_ref"):
        return True  # a remark beside a document of Google Docs
    if element.tag in {"body", "main", "article", "html", "h1", "h2", "h3", "h4", "h5", "h6", "p", "li"}:
        return False
    named = _NOISE_CLASS.search((get("class") or "")[:500]) or _NOISE_ID.fullmatch((get("id") or "")[:100])
    return bool(named) and element.find(".//h1") is None


def _extracted(tree: Any) -> list[str]:
    """The texts of the blocks that trafilatura takes for the article, [] when it finds none."""
    import trafilatura
    from lxml import etree
    from lxml import html as lxml_html

    if sum(1 for _ in tree.iter()) > MAX_ELEMENTS:
        return []
    try:
        page = trafilatura.bare_extraction(
            lxml_html.tostring(tree, encoding="unicode"),
            include_comments=False,
            include_tables=True,
            favor_recall=True,
            with_metadata=False,
        )
    except (ValueError, RecursionError, etree.LxmlError):
        return []
    body = getattr(page, "body", None)
    blocks = [] if body is None else [element for element in body.iter("head", "p", "item", "cell", "row", "code", "quote")]
    return [" ".join(element.itertext()) for element in blocks]


class _Chosen:
    """Which fragments are among extracted texts, whatever their white space and punctuation."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = {_letters(text) for text in texts} - {""}
        self.whole = "\n".join(self.texts)

    def __contains__(self, fragment: Fragment) -> bool:
        letters = _letters(fragment.text)
        return letters in self.texts or (len(letters) >= LONG_ENOUGH and letters in self.whole)


def _letters(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())


def _words(found: Sequence[Fragment], counted: Sequence[bool] | None = None) -> int:
    return sum(len(fragment.text.split()) for i, fragment in enumerate(found) if counted is None or counted[i])


def _loses_a_section(walked: Sequence[Fragment], sure: Sequence[bool]) -> bool:
    """Whether nothing of what stands under some heading was chosen, though it is more than a few words."""
    heads = [i for i, fragment in enumerate(walked) if fragment.kind == "heading"]
    for start, end in zip(heads, [*heads, len(walked)][1:], strict=True):
        if not any(sure[start + 1 : end]) and _words(walked[start + 1 : end]) >= BODY_WORDS:
            return True
    return False
