"""Dates as people write them -> "YYYY", "YYYY-MM" or "YYYY-MM-DD"."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Mapping

from kb.records import DateOrigin, Draft, Fragment

MONTHS = {name: number for number, names in enumerate(
    ("jan january", "feb february", "mar march", "apr april", "may", "jun june", "jul july", "aug august",
     "sep sept september", "oct october", "nov november", "dec december"), start=1) for name in names.split()}  # fmt: skip
MONTHS |= {"januar": 1, "jänner": 1, "februar": 2, "märz": 3, "maerz": 3, "mai": 5, "juni": 6, "juli": 7, "oktober": 10}
MONTHS |= {"dezember": 12}

_MONTH = r"(?P<month>" + "|".join(sorted(MONTHS, key=len, reverse=True)) + r")\b\.?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th|\.)?"
_YEAR = r"(?P<year>(?:19|20|21)\d\d)"  # anything else in four digits is an amount
_HAS_YEAR = re.compile(_YEAR)  # as every form of a date has
_FORMS = tuple(
    re.compile(rf"(?<![\w.]){form}(?![\w])", re.IGNORECASE)
    for form in (
        rf"{_YEAR}[-/.](?P<month>\d{{1,2}})[-/.]{_DAY}(?=T\d|\b)(?:[T ]\d\d:\d\d[\d:.]*(?:Z| ?[+-]\d\d:?\d\d)?)?",  # 2022-03-15
        rf"{_MONTH}\s+{_DAY},?\s+{_YEAR}",  # March 15, 2022
        rf"{_DAY}\s+(?:of\s+)?{_MONTH},?\s+{_YEAR}",  # 15 March 2022
        rf"{_MONTH},?\s+{_YEAR}",  # March 2022
        rf"{_YEAR}[-/](?P<month>\d{{1,2}})",  # 2022-03
        r"(?P<a>\d{1,2})[/.](?P<b>\d{1,2})[/.]" + _YEAR,  # 15/03/2022, 03/15/2022
        rf"{_YEAR}(?P<month>\d\d)(?P<day>\d\d)",  # 20220315
        _YEAR,
    )
)
_WEEKDAY = re.compile(r"^(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?,?\s+", re.IGNORECASE)
_LABEL = re.compile(
    r"\b(?:published|posted|updated|written|last (?:updated|modified|reviewed|revised)|publication date|reviewed|(?P<date>date))"
    r"(?:\s+(?:on|in))?\s*[:\u2013\u2014-]?\s+(?:on\s+)?",
    re.IGNORECASE,
)
_BY_LINE = re.compile(r"(?:by|text|words)\b.{0,120}$", re.IGNORECASE)
_DOCUMENT = (
    r"(?:article|page|guide|leaflet|brief|briefing|booklet|brochure|document|edition|fact ?sheet|handbook|issue|list|manual|note"
    r"|paper|post|profile|report|sheet|summary|survey|text|version|artikel|bericht|broschüre|heft|leitfaden|merkblatt|seite)"
)
_DONE = (
    r"(?:(?:first|last|newly|originally|zuletzt|erstmals)\s+)?(?:published|posted|updated|written|revised|reviewed|compiled|edited"
    r"|issued|printed|prepared|produced|released|modified|amended|corrected|aktualisiert|veröffentlicht|erschienen|überarbeitet"
    r"|zusammengestellt|herausgegeben|verfasst|geändert)"
)
_IS = r"(?:was|is|has been|wurde|ist)"
_OF = r"(?:by|in|on|at|for|from|as|of|with|and|von|vom|im|am)"
_ISSUE = r"(?:edition|version|issue|release|revision|ausgabe|auflage|fassung)"
_DASH = r"[:,\u2013\u2014(-]"
_LABELS = (  # what stands between the beginning of a sentence and the document's date, and whether the date follows it closely
    (re.compile(rf"\W*(?:(?:this|the|dieser?s?|dies)\s+{_DOCUMENT}\s+{_IS}\s+)?{_DONE}(?:\s+{_OF})?\s*{_DASH}?\s*", re.I), True),
    (re.compile(rf"\W*{_DONE}\s*(?:{_DASH}|\b{_OF}\b).{{0,120}}", re.I), False),
    (
        re.compile(
            rf"\W*(?:[\w.]+\s+){{0,3}}{_ISSUE}\b[\s\d.,:()#\u2013\u2014-]*(?:(?:of|from|dated|vom|von|{_DONE})\s+)?"
            r"(?:(?:spring|summer|autumn|fall|winter)\s+)?",
            re.I,
        ),
        True,
    ),
    (
        re.compile(
            r"\W*(?:(?:last\s+)?update|as (?:of|at)|stand|status|datum|letzte (?:aktualisierung|änderung)|erscheinungsdatum"
            r"|(?:(?:publication|issue|release|revision)\s+)?date(?:\s+of\s+(?:publication|issue|revision))?)"
            r"\s*[:\u2013\u2014-]?\s*",
            re.I,
        ),
        True,
    ),
    (re.compile(r"\W*(?:created|last edited)(?: time)?\s*:\s*@?", re.I), True),  # Notion's
    (re.compile(r"\W*vol(?:ume|\.)?\s*\d+\b[\s,:()]*(?:(?:no|issue|nr)\b\.?\s*\d+[\s,:()]*)?", re.I), True),
)
_BEFORE_ISSUE = re.compile(r"(?:^|.*[,:(\u2013\u2014-])\W*(?:the\s+)?", re.IGNORECASE)  # "Pay in brief: the May 2024 edition"
_AFTER_ISSUE = re.compile(rf"(?:/\d{{2,4}})?\s+{_ISSUE}\W*", re.IGNORECASE)
_AT_END = re.compile(r"(?:/\d{2,4})?[\s.)\]*_]*")
_TO_COME = re.compile(r"\b(?:next|until|till|valid|expir\w+|due|deadline|closing|nächst\w+|bis|gültig)\b", re.IGNORECASE)
_PROSE = re.compile(  # behind a date: "Revised in May 2021, the law says ..." is no label
    r",?\s*(?:the|an?|it|s?he|they|we|you|I|this|these|our|its|their|there|is|was|were|are|has|had|says?|said)\b"
)
_WAS = re.compile(
    rf"(?P<whose>\b{_DOCUMENT}\s+)?\b(?:was|were|is|are|be|been|being)\s+(?:\w+ly\s+|last\s+|first\s+)?$", re.IGNORECASE
)
_SENTENCE = re.compile(r"(?<=\w\w\w[.!?)])\s+(?=[^\W\d_a-z]|\()|(?<=\d\d\d\d\.)\s+|\n|\s*[|·•]\s*")
KEYS = (  # of front matter and page metadata, best first: when it was published, else when it was changed
    "date", "published", "date_published", "datepublished", "publish_date", "published_at", "pubdate", "created",
    "updated", "last_updated", "last_update", "lastmod", "modified", "date_modified", "last_modified",
)  # fmt: skip
LOOKED_AT = 12  # fragments at either end of an article where a by-line or an imprint stands
MOST_CHARS = 5_000  # of a block that are looked at
BY_LINE_WORDS = 15  # at most, of a line that only says whose the document is and when it was revised
LONGEST_LINE = 200  # characters of an imprint's sentence, and of a block whose every line may be one


def dated(fragments: Iterable[Fragment], meta: Mapping[str, object], origin: DateOrigin) -> Draft:
    """A Draft whose meta["date"] is the article's date in ISO form: from meta (then of this origin), else from the text."""
    blocks = tuple(fragments)
    if date := next(filter(None, map(iso_date, _given(meta))), ""):
        return Draft(blocks, {**meta, "date": date}, origin)
    rest = {key: value for key, value in meta.items() if key != "date"}
    if date := date_in_text(blocks):
        return Draft(blocks, {**rest, "date": date}, "text")
    return Draft(blocks, rest)


def unread_date(meta: Mapping[str, object]) -> str:
    """What meta gives for its date where none of it can be read: unread_date({"date": "next spring"}) == "next spring"."""
    given = [" ".join(str(value).split()) for value in _given(meta) if value]
    return "" if any(map(iso_date, given)) else next(filter(None, given), "")[:LONGEST_LINE]


def _given(meta: Mapping[str, object]) -> Iterable[object]:
    """The values under meta's date keys, best first."""
    values = (meta.get(key) for key in KEYS)
    return (value.get("date") if isinstance(value, Mapping) else value for value in values)


def iso_date(value: object) -> str:
    """value as "YYYY[-MM[-DD]]", "" when it is not one date.

    iso_date("March 15 2022") == "2022-03-15"; iso_date("03/04/2022") == "2022" (day and month cannot be told apart).
    """
    if isinstance(value, datetime.date):
        return value.isoformat()[:10]
    text = _WEEKDAY.sub("", " ".join(str(value).split())) if value is not None else ""
    if len(text) > 60:
        return ""
    for form in _FORMS:
        if match := form.match(text):
            rest = text[match.end() :].strip(" .,")
            if not rest or re.fullmatch(r"(?:at\s+)?\d{1,2}:\d\d.*|[A-Z][a-z]*T?\s?\d.*|UTC|GMT", rest):
                return _checked(match)
    return ""


def date_in_text(fragments: Iterable[Fragment]) -> str:
    """The date the text itself gives for the article, "" for none.

    Only what is plainly the article's own date counts: a sentence that says when it was published, revised, compiled or which
    edition it is ("Edition of May 2024", "Stand: Mai 2023"), a date with a label ("Updated 3 May 2023") or alone in its line,
    near the beginning or the end. "Salaries in 2024" is a fact in the article, not its date.
    """
    blocks = list(fragments)
    ends = blocks if len(blocks) <= 2 * LOOKED_AT else [*blocks[:LOOKED_AT], *blocks[-LOOKED_AT:]]
    for fragment in (each for each in ends if _HAS_YEAR.search(each.text)):
        in_table = fragment.kind.startswith("table")
        if in_table and fragment.text.count(" | ") != 1:
            continue  # a row of figures by month, say
        text = fragment.text[:MOST_CHARS].replace(" | ", ": ") if in_table else fragment.text[:MOST_CHARS]
        for sentence in _SENTENCE.split(text):
            if len(sentence) <= LONGEST_LINE and (date := _stated(sentence)):
                return date
        if fragment.kind == "paragraph" and (date := _behind_comma(fragment.text)):
            return date
        if len(fragment.text) <= LONGEST_LINE and not in_table and (date := _labelled_or_alone(fragment)):
            return date
    return ""


def _stated(sentence: str) -> str:
    """The date of the document that a sentence of its imprint says, "" for none.

    _stated("Published by the Guild, Leeds, May 2024.") == "2024-05"; _stated("Third edition, 2019") == "2019".
    """
    for start, end, date in _dates(sentence):
        before, after = sentence[:start], sentence[end:]
        if _TO_COME.search(before):
            continue
        ends = bool(_AT_END.fullmatch(after))
        for label, close in _LABELS:
            enough = ends if not close or len(date) == 4 else not _PROSE.match(after)
            if enough and (close or len(date) > 4) and label.fullmatch(before):
                return date
        if _AFTER_ISSUE.fullmatch(after) and _BEFORE_ISSUE.fullmatch(before):
            return date
    return ""


def _behind_comma(line: str) -> str:
    """The date that a short line without a full stop ends with: "Guild of Embalmers, revised June 2021"."""
    if len(line.split()) > BY_LINE_WORDS or line.endswith((".", "?", "!")):
        return ""
    _, *rests = line.split(", ")
    parts = (", ".join(rests[at:]) for at in range(len(rests)))
    return next((date for part in parts if _LABELS[0][0].match(part) and (date := _stated(part))), "")


def _dates(text: str) -> list[tuple[int, int, str]]:
    """(start, end, date) of the dates in a text, each read by the form that says most."""
    found: list[tuple[int, int, str]] = []
    for form in _FORMS:
        for match in form.finditer(text):
            if all(match.end() <= start or end <= match.start() for start, end, _ in found) and (date := _checked(match)):
                found.append((match.start(), match.end(), date))
    return sorted(found)


def _labelled_or_alone(fragment: Fragment) -> str:
    """The date behind a label, at the end of a by-line or alone between bars in a short block's lines, "" for none."""
    for line in fragment.text.split("\n"):
        for label in _LABEL.finditer(line):
            if _in_prose(label, line[: label.start()]):
                continue
            for form in _FORMS[:-1]:
                if (match := form.match(line, label.end())) and (date := _checked(match)) and not _PROSE.match(line, match.end()):
                    return date
        if _BY_LINE.match(line) and len(iso := _date_at_end(line)) > 4:
            return iso
        for part in re.split(r"\s*[|·•]\s*", line):
            if any(mark in part for mark in " -/.") and fragment.kind != "heading" and len(iso := iso_date(part)) > 4:
                return iso
    return ""


def _in_prose(label: re.Match[str], before: str) -> bool:
    """Whether a label's word belongs to a sentence: "the closing date", "Wages were last reviewed in"."""
    verb = _WAS.search(before)
    return bool((label["date"] and before.strip()) or _TO_COME.search(before) or (verb and not verb["whose"]))


def _date_at_end(line: str) -> str:
    """The date that ends a line, "" for none."""
    for form in _FORMS[:-1]:
        for match in form.finditer(line):
            if not line[match.end() :].strip(" .)"):
                return _checked(match)
    return ""


def _checked(match: re.Match[str]) -> str:
    """The match as an ISO date, cut back to what is certain; "" when no such day exists."""
    found = match.groupdict()
    year = int(found["year"])
    if "a" in found:
        first, second = int(found["a"]), int(found["b"])
        if first <= 12 and second <= 12 and first != second:
            return f"{year:04d}"
        day, month = (first, second) if second <= 12 else (second, first)
    else:
        name = found.get("month")
        month = (MONTHS.get(name.lower()) or int(name)) if name and not name.isdigit() else int(name or 0)
        day = int(found.get("day") or 0)
    try:
        datetime.date(year, month or 1, day or 1)
    except ValueError:
        return ""
    return f"{year:04d}" + (f"-{month:02d}" if month else "") + (f"-{day:02d}" if day else "")
