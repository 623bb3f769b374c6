"""What a site's machinery says around an article, known by its wording alone: "Leave a Reply", "Share  Report  Save", "Yes No".

    fragments = without_clutter(draft.fragments)

The readers drop what mark-up gives away; text that was copied off a page, and pages whose mark-up gives nothing away, keep such
lines, and they would be found and quoted. Only whole lines go, and only those that no author writes about work; a section goes
whole where its heading says that it belongs to the site ("Related posts") and it stands in the second half. Where more would go
than stays, nothing does.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby

from kb.records import Fragment

MAX_WORDS = 40  # of a line; longer ones are somebody's prose
MAX_SECTION = 120  # words of a section that its heading gives away
MENU = 3  # short lines at least, half of them usual in menus, that make one

_BUTTONS = (
    " reply share report save like quote follow unfollow edit delete permalink upvote downvote flag print email tweet facebook"
    " twitter x linkedin pinterest whatsapp reddit instagram youtube bookmark subscribe copy link login log in sign up on"
    " yes no | · • / - and or "
)
_MENU = (
    "home|about|about us|contact|contact us|shop|store|blog|news|login|log in|sign in|sign up|register|search|menu|subscribe|faq"
    "|cart|jobs|privacy policy|terms|advertise|newsletter|my account|donate|press|podcast|events"
).split("|")
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_OTHER = r"(?:(?!\bby\b)[^.!?]){0,60}"  # of a line that only dates the page; one that names its author stays
_LINES = re.compile(
    rf"""
      (?:leave|post|add|write)\s(?:a|your)\s(?:comment|reply) | cancel\sreply | no\scomments(?:\syet|:)?
    | \d+\s(?:comments?|shares?|likes?) | \d+\smin(?:ute)?s?\sread | views?:\s[\d.,]+
    | your\semail\saddress\swill\snot\sbe\spublished.* | required\sfields\sare\smarked.* | name\s\*\semail\s\*.*
    | (?:filed\sunder|tagged(?:\s(?:with|as|under))?|posted\sin)\s*:.{{1,200}}
    | (?:is|was)\sthis\s(?:page|article|content|guide|answer|post)\s(?:useful|helpful)(?:\?.{{0,20}})?
    | did\sthis\s(?:article|page|guide|answer)\shelp.{{0,40}}
    | report\s(?:a\sproblem|an\serror|an\sissue)(?:\swith\sthis\spage)?
    | (?:skip|jump)\sto\s(?:main\s)?content | back\sto\s(?:the\s)?top
    | (?:©|\(c\)|copyright\b).{{0,160}} | .{{0,120}}\ball\srights\sreserved\.?
    | (?:we|this\s(?:web)?site)\suses?\scookies\b.{{0,200}} | (?:accept|reject)(?:\sall)?(?:\scookies)?
    | manage\s(?:cookie\s)?preferences
    | you(?:'re|’re|\sare)\sreceiving\sthis\b.{{0,160}} | unsubscribe\b.{{0,60}}
    | view\s(?:this\semail\s)?in\s(?:your\s)?browser.{{0,40}}
    | (?:subscribe|sign\sup)\s(?:to|for)\s(?:our|the|my)\s(?:free\s)?newsletter.{{0,60}}
    | advertisements?|sponsored(?:\scontent)? | share\s(?:this|on)\b.{{0,60}} | share:.{{0,80}}
    | [«‹←][^»›]{{1,100}} | [^«‹]{{1,100}}[»›]
    | (?:posted|published|last\supdated|updated|last\smodified)\b{_OTHER}\b
      (?:{_MONTH}\W{{1,3}}\d|\d{{1,2}}\W{{1,3}}{_MONTH}|\d{{4}}-\d\d){_OTHER}
    """,
    re.IGNORECASE | re.VERBOSE,
)
_SECTIONS = re.compile(
    r"(?:leave a (?:reply|comment)|about this article|about the authors?|share this(?: \w+)?|read next|recent posts|popular posts"
    r"|(?:related|similar|recommended|more) (?:posts|articles|stories|reading|threads|content|links)|most read|community rules"
    r"|you (?:might|may) also (?:like|enjoy|be interested in))\W*",
    re.IGNORECASE,
)


def without_clutter(fragments: Sequence[Fragment]) -> list[Fragment]:
    """fragments without what the site says; all of them where that would be most of the text."""
    gone = {at for at, fragment in enumerate(fragments) if is_clutter(fragment)} | _menus(fragments)
    for at, fragment in enumerate(fragments):
        if at >= len(fragments) / 2 and fragment.kind == "heading" and _SECTIONS.fullmatch(fragment.text):
            section = _section(fragments, at)
            if sum(_words(fragments[n]) for n in section) <= MAX_SECTION:
                gone.update(section)
    kept = [fragment for at, fragment in enumerate(fragments) if at not in gone]
    return kept if 2 * sum(map(_words, kept)) > sum(map(_words, fragments)) else list(fragments)


def is_clutter(fragment: Fragment) -> bool:
    """Whether a heading, paragraph or item is a line of the site's own."""
    text = fragment.text.strip()
    if fragment.kind not in {"paragraph", "item", "heading"} or _words(fragment) > MAX_WORDS:
        return False
    if _LINES.fullmatch(text):
        return True
    words = text.casefold().split()
    return len(words) > 1 and all(f" {word} " in _BUTTONS for word in words)


def _menus(fragments: Sequence[Fragment]) -> set[int]:
    """Places of short lines in a row most of which stand in any site's menu."""
    found: set[int] = set()
    short = [fragment.kind in {"item", "paragraph"} and _words(fragment) <= 3 for fragment in fragments]
    for is_short, run in groupby(range(len(fragments)), key=lambda at: short[at]):
        places = list(run)
        usual = sum(fragments[at].text.strip().casefold() in _MENU for at in places)
        if is_short and len(places) >= MENU and 2 * usual >= len(places):
            found.update(places)
    return found


def _section(fragments: Sequence[Fragment], at: int) -> list[int]:
    """The heading's place and those of what stands under it."""
    end = at + 1
    while end < len(fragments) and not (fragments[end].kind == "heading" and fragments[end].level <= fragments[at].level):
        end += 1
    return list(range(at, end))


def _words(fragment: Fragment) -> int:
    return len(fragment.text.split())
