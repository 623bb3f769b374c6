"""A language model's text as it streams in -> reasoning set apart, whole sentences, their citation marks resolved to numbers.

    deltas ── Thoughts ──> visible text ── Prose ──> Sentence(text, cites)

Nothing half-written leaves: a sentence is given out when the next one has begun, so that `[1`, `[1, 2` or `【1` never reach the
page. What is given out holds no image, no link, no HTML tag and no control character.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from kb.passages import sentences

_OPEN, _CLOSE = "[\\[【〔［]", "[\\]】〕］]"
_WORD = r"(?:(?:passages?|sources?|references?|refs?|documents?|docs?|citations?|cit\.|nos?\.)\s*[:#]?\s*)"
_NUMBERS = rf"\^?{_WORD}?#?\d{{1,3}}(?:\s*(?:,|;|&|and|–|-|to)\s*\^?{_WORD}?#?\d{{1,3}})*"
_MARK = re.compile(
    rf"{_OPEN}\s*{_NUMBERS}(?:†[^\]】〕］\n]*)?\s*{_CLOSE}(?:\([^()\s]*\))?"  # [1] [1, 2] [^1] 【1†source】 [1](http://...)
    rf"|\(\s*(?:see\s+)?{_WORD}#?\d{{1,3}}(?:\s*(?:,|;|&|and|–|-|to)\s*{_WORD}?#?\d{{1,3}})*\s*\)",  # (passages 1 and 2)
    re.I,
)
_NAMED = rf"(?:{_OPEN}\s*{_NUMBERS}\s*{_CLOSE}|(?:the\s+)?{_WORD}#?\d{{1,3}}(?:\s*(?:,|&|and)\s*#?\d{{1,3}})*)"
_LEADS_IN = re.compile(  # "According to passage 2, ", "[2] says that ": the reader sees other numbers, and citations say it
    rf"(?:as\s+(?:stated|mentioned|noted|described|explained|reported|said|shown)\s+in|according\s+to|based\s+on|in|from|per)"
    rf"\s+{_NAMED}\s*,\s+"
    rf"|{_NAMED}\s+(?:also\s+)?(?:says|states|notes|explains|mentions|reports|adds|suggests|indicates)\s+that\s+",
    re.I,
)
_RANGE = re.compile(r"(\d{1,3})\s*(?:–|-|to)\s*(?=(\d{1,3}))")
_UNFINISHED = re.compile(r"[\[【〔［][^\]】〕］\n]{0,80}$|[\]】〕］]?\([^()\n]{0,200}$|<[^<>\n]{0,200}$")
_PREFIX = re.compile(r"[ \t]*(?:(?:[-*+•–]|\d{1,2}[.)]|>)[ \t]+|#{1,6}[ \t]+|\|)*")
_IMAGE = re.compile(r"!\[[^\]\n]*\](?:\([^()\n]*\)|\[[^\]\n]*\])?")
_LINK = re.compile(r"\[([^\]\n]*)\]\([^()\n]*\)")
_TAG = re.compile(r"</?[A-Za-z!?][^<>\n]*>")
_ADDRESS = re.compile(r"(?:https?|ftp|file|data|javascript|vbscript)://?\S+|\bwww\.\S+", re.I)
_EMPHASIS = re.compile(r"\*+|(?<!\w)_+(?=\w)|(?<=\w)_+(?!\w)|`+|~~+")
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]")
_LINE = re.compile(r"[^\n]+")
_RULE = re.compile(r"[\s|:=_*-]*$")
LONGEST_SENTENCE_CHARS = 2_000  # whatever goes on longer without an end is cut here
LOOK_EVERY = 1 / 16  # of its length by which the waiting text must grow: 20,000 characters one by one cost 1 s instead of 44
ADDRESS_LEFT_OUT = "(address left out)"


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence a model wrote. before: line breaks and list mark that precede it ("", "\\n\\n", "\\n- ", "\\n1. ").

    text: clean, without its citation marks. cites: the passage numbers of those marks, in order, each once; a number that
    no passage has is kept. heading: it stands on a line of its own as a heading, or ends with a colon before a list.
    """

    before: str
    text: str
    cites: tuple[int, ...]
    heading: bool = False


class Prose:
    """Cuts text that arrives in pieces into sentences; however it is cut into pieces, the sentences are the same (but for one
    longer than LONGEST_SENTENCE_CHARS)."""

    def __init__(self) -> None:
        self._waiting = ""
        self._look_at = 0.0  # characters to wait for before the waiting text is looked through again
        self._started = False

    def feed(self, piece: str) -> list[Sentence]:
        """The sentences that piece completes. A sentence is complete when the next has begun."""
        self._waiting += piece
        if len(self._waiting) < self._look_at:
            return []
        done = self._take(_UNFINISHED.sub("", self._waiting), final=False)
        if len(self._waiting) > LONGEST_SENTENCE_CHARS:
            done += self.end()
        self._look_at = len(self._waiting) * (1 + LOOK_EVERY)
        return done

    def end(self) -> list[Sentence]:
        """What is left, as sentences. A mark that was never closed is dropped."""
        self._waiting = re.sub(rf"{_OPEN}\s*\^?\d[^\]】〕］\n]*$", "", self._waiting)
        done = self._take(self._waiting, final=True)
        self._waiting = ""
        return done

    def rest(self) -> str:
        """What waits for its end, as it came."""
        return self._waiting

    def _take(self, text: str, *, final: bool) -> list[Sentence]:
        spans = _spans(text)
        if not final:
            spans = spans[:-1]
        done: list[Sentence] = []
        used = 0
        for start, end in spans:
            sentence = _sentence(text[used:end], len(text[used:start]), first=not self._started)
            if sentence is not None:
                done.append(sentence)
                self._started = True
            used = end
        self._waiting = self._waiting[used:]
        return done


def _spans(text: str) -> list[tuple[int, int]]:
    """Where each sentence of text lies, the marks that follow it included.

    >>> _spans("Pay is high. [1] It varies [2].")
    [(0, 16), (17, 31)]
    """
    blank = _MARK.sub(lambda mark: " " * len(mark[0]), text)
    found = [(line.start() + start, line.start() + end) for line in _LINE.finditer(blank) for start, end in sentences(line[0])]
    marks = [mark.span() for mark in _MARK.finditer(text)]
    if marks and (not found or marks[0][1] <= found[0][0]):  # a mark before any text goes with the text after it
        found[:1] = [(marks[0][0], found[0][1] if found else marks[0][1])]
    for number, (start, end) in enumerate(found):
        limit = found[number + 1][0] if number + 1 < len(found) else len(text)
        found[number] = (start, max([end, *(mark[1] for mark in marks if end <= mark[0] < limit)]))
    return found


def _sentence(raw: str, gap: int, *, first: bool) -> Sentence | None:
    """raw[gap:] as a Sentence, raw[:gap] being the white space before it; None when nothing is left of it."""
    body = raw[gap:]
    at_line_start = first or "\n" in raw[:gap]
    prefix = ""
    if at_line_start and (match := _PREFIX.match(body)):
        prefix, body = match[0].strip(), body[match.end() :]
    if body.strip().startswith("```") or (_RULE.match(body) and not _MARK.search(body)):
        return None
    cites = _cites(body)
    if (led := _LEADS_IN.match(body)) is not None:
        named = _cites(led[0]) or tuple(map(int, re.findall(r"\d+", led[0])))
        cites, body = tuple(dict.fromkeys((*named, *cites))), body[led.end() :]
        body = body[:1].upper() + body[1:]
    text = clean(_MARK.sub(" ", body))
    if prefix.startswith("|"):
        text = text.strip("| ")
    if not re.search(r"\w", text):
        return None
    heading = prefix.startswith("#") or text.endswith((":", "：")) or _all_bold(body)
    return Sentence(_layout(prefix, raw[:gap], first), text, cites, heading)


def _all_bold(body: str) -> bool:
    return bool(re.fullmatch(r"\s*(\*\*|__)[^*_]+\1:?\s*", body))


def _layout(prefix: str, gap: str, first: bool) -> str:
    """The line break and list mark to write before a sentence: the model's own, in one dialect."""
    breaks = "" if first else "\n\n" if gap.count("\n") > 1 or prefix.startswith("#") else "\n" if "\n" in gap else " "
    if prefix.startswith(("-", "*", "+", "•", "–", "|")):
        return ("" if first else breaks.replace(" ", "\n")) + "- "
    if prefix[:1].isdigit():
        return ("" if first else breaks.replace(" ", "\n")) + prefix.split(" ")[0].rstrip(".)") + ". "
    return breaks


def _cites(body: str) -> tuple[int, ...]:
    """The numbers in the marks of body, ranges written out.

    >>> _cites("Pay is high [1, 3-5]【2†source】[^7].")
    (1, 3, 4, 5, 2, 7)
    """
    numbers: list[int] = []
    for mark in _MARK.finditer(body):
        inside = re.sub(r"†.*|\]\(.*", "", mark[0], flags=re.S)
        for low, high in _RANGE.findall(inside):
            if 0 < int(high) - int(low) < 20:
                numbers_between = " ".join(str(number) for number in range(int(low), int(high)))
                inside = inside.replace(low, numbers_between, 1)
        numbers += [int(number) for number in re.findall(r"\d+", inside)]
    return tuple(dict.fromkeys(numbers))


def clean(text: str) -> str:
    """text without images, links, tags, addresses, emphasis and what cannot be seen; no bracket in it can become a mark.

    >>> clean("**Ask** [your tutor](http://x.y/?q=1) <b>now</b> ![](http://evil/pixel)")
    'Ask your tutor now'
    """
    text = _UNSEEN.sub("", text)
    text = _LINK.sub(r"\1", _IMAGE.sub("", text))
    text = _ADDRESS.sub(ADDRESS_LEFT_OUT, _TAG.sub("", text))
    text = _EMPHASIS.sub("", text).translate(_LOOKALIKES)
    return re.sub(r"\s+([.,;:!?])", r"\1", " ".join(text.split()))


_LOOKALIKES = str.maketrans("<>[]", "‹›()")  # what is left of tags and marks cannot become one


_TAGS = ("<think>", "</think>", "<thinking>", "</thinking>", "<reasoning>", "</reasoning>")
_TAG_OR_NOT = re.compile("|".join(_TAGS), re.I)


Piece = tuple[Literal["text", "thought", "was thought"], str]


class Thoughts:
    """Sets <think>...</think> apart from the text, wherever the pieces are cut.

    Some chat templates open the tag in the prompt, so that only the closing one is seen: all text before it was reasoning then.
    """

    def __init__(self) -> None:
        self._waiting = ""
        self._inside = False

    def feed(self, piece: str, *, final: bool = False) -> list[Piece]:
        """What piece adds, in order: ("text" | "thought", characters), or ("was thought", ""): all text so far was reasoning."""
        self._waiting += piece
        out: list[Piece] = []
        while (tag := _TAG_OR_NOT.search(self._waiting)) is not None:
            self._give(out, self._waiting[: tag.start()])
            closing = tag[0].startswith("</")
            if closing and not self._inside:
                out.append(("was thought", ""))
            self._inside = not closing
            self._waiting = self._waiting[tag.end() :]
        keep = 0 if final else _possible_tag(self._waiting)
        self._give(out, self._waiting[: len(self._waiting) - keep])
        self._waiting = self._waiting[len(self._waiting) - keep :]
        return out

    def _give(self, out: list[Piece], text: str) -> None:
        if text:
            out.append(("thought" if self._inside else "text", text))


def _possible_tag(text: str) -> int:
    """How many characters at the end of text may be the beginning of a tag."""
    at = text.rfind("<")
    return len(text) - at if at >= 0 and any(tag.startswith(text[at:].lower()) for tag in _TAGS) else 0
