"""Audit any base without a single label: `python -m kb evaluate --self`.

    known items   a title should bring its article, a heading its section        Azzopardi, de Rijke and Balog, SIGIR 2007
    declined      questions from other fields, and near misses with invented names, should be declined
    hidden        passages that their own first sentence does not bring up
    duplicates    passages that say the same                                     Broder, "On the resemblance ...", 1997
    dates         articles without a date, and old ones
    topics        how much stands under each

Known items are easier than what people ask, so read the shares as a smoke test and compare them between two states of a base.
"""

from __future__ import annotations

import datetime
import math
import random
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from kb import metrics
from kb.base import KnowledgeBase
from kb.question_set import words_of
from kb.records import Article, Hit, Passage

LIMIT = 300  # titles, headings and passages tried, each drawn at random from those there are
TOPICS_SHOWN = 20
OLD_YEARS = 3  # an answer flags figures older than this
SHINGLE = 5  # words; Broder's w
SAME = 0.8  # resemblance from which two passages count as duplicates

# Fields far from careers. A base may cover one of them; then the audit names it and the owner judges.
OUTSIDE = (
    "How long do I boil an egg?", "What is the capital of Mongolia?", "Who painted the Mona Lisa?", "How do I unblock a sink?",
    "What is the boiling point of nitrogen?", "Which medicine helps against hay fever?", "Who won the football match yesterday?",
    "How do I knit a scarf?", "When did the Roman Empire fall?", "Will it rain in Lisbon tomorrow?", "How tall is Mount Everest?",
    "Translate good night into Hungarian.", "What is the plot of Hamlet?", "How do I change a bicycle tyre?",
    "What is the population of Peru?", "Which phone has the best camera?", "How do I train a puppy not to bite?",
    "What year was the telephone invented?", "How many moons does Jupiter have?", "Recommend a hotel in Rome.",
    "What is the best fertiliser for tomatoes?", "How do I reset my router?", "Who was the third president of the United States?",
    "What is the exchange rate of the yen?", "How do I tie a bow tie?", "Which planet is the hottest?", "How do vaccines work?",
    "What should I name my cat?", "Is my rash dangerous?", "Where is the nearest petrol station?",
)  # fmt: skip
ROLE_WORDS = 3  # of a title that may be a role's name ("Lift engineer"); a longer one is a headline
INVENTED = ("Quellmark", "Ostrovant", "Brightfenway", "Zundapolis", "Halvorstead")  # names that no article should know


@dataclass(frozen=True, slots=True)
class KnownItems:
    """How often a title or heading brings what it stands over. missed: (question, where it should have led), of the first 20."""

    what: str
    tried: int
    first: float
    among_five: float
    mrr: float
    missed: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Audit:
    """What was found. answered: questions that should probably have been declined. duplicates: pairs of places."""

    articles: int
    passages: int
    known: tuple[KnownItems, ...]
    declined: float
    near_declined: float
    auroc: float
    answered: tuple[str, ...]
    near_tried: int
    hidden: tuple[str, ...]
    hidden_tried: int
    wordless: tuple[str, ...]
    duplicates: tuple[tuple[str, str], ...]
    undated: tuple[str, ...]
    old: tuple[str, ...]
    topics: tuple[tuple[str, int, int, int], ...] = field(default=())  # topic, articles, passages, words

    def lines(self, show: int = 5) -> list[str]:
        """The audit as text; at most `show` examples of each finding."""
        lines = [f"{self.articles} articles, {self.passages} passages", ""]
        lines.append("Known items: a title or heading as the question should bring what stands under it")
        for known in self.known:
            found = f"first {_percent(known.first)}, among five {_percent(known.among_five)}, MRR@10 {known.mrr:.3f}"
            lines.append(f"  {known.what:9} {found}  n={known.tried}")
            lines += _examples((f"{question!r} did not bring {place}" for question, place in known.missed), show)
        lines += ["", "Declined, as they should be"]
        lines.append(f"  questions of other fields    {_percent(self.declined):>5}  n={len(OUTSIDE)}")
        lines.append(f"  employers that do not exist  {_percent(self.near_declined):>5}  n={self.near_tried}")
        lines.append(f"  confidence parts these from titles and headings: AUROC {self.auroc:.3f} (1: always, 0.5: by chance)")
        lines += _examples((f"answered: {question}" for question in self.answered), show)
        tried = f"{len(self.hidden)} of {self.hidden_tried}"
        lines += ["", f"Hidden passages, not among the ten that their own first sentence brings: {tried}"]
        lines += _examples(self.hidden, show)
        lines.append(f"Passages with nothing to quote but placeholders or lead-ins: {len(self.wordless)}")
        lines += _examples(self.wordless, show)
        lines += [f"Duplicate passages: {len(self.duplicates)}", *_examples((f"{a} = {b}" for a, b in self.duplicates), show)]
        share = len(self.undated) / self.articles
        lines += ["", f"Undated articles: {len(self.undated)} ({_percent(share)})", *_examples(self.undated, show)]
        lines += [f"Older than {OLD_YEARS} years: {len(self.old)}", *_examples(self.old, show)]
        lines += ["", "Topics (articles, passages, words)"]
        wide = max((len(topic) for topic, *_ in self.topics), default=0)
        for topic, articles, passages, words in self.topics[:TOPICS_SHOWN]:
            thin = "  thin: one article" if articles == 1 else ""
            lines.append(f"  {topic:{wide}}  {articles:4} {passages:6} {words:8,}{thin}")
        if rest := self.topics[TOPICS_SHOWN:]:
            lines.append(f"  … and {len(rest)} more, {sum(articles == 1 for _, articles, _, _ in rest)} of them with one article")
        return lines


def audit(
    base: KnowledgeBase,
    *,
    limit: int = LIMIT,
    today: datetime.date | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> Audit:
    """Look a base over. An equal base, limit and day give an equal audit."""
    tell = progress or (lambda stage, done, total: None)
    draw = random.Random(0)
    articles = base.articles()
    passages = {article.source: base.passages(article.source) for article in articles}
    everything = [passage for own in passages.values() for passage in own]
    titles = _drawn(_titles(articles), limit, draw)
    headings = _drawn(_headings(everything), limit, draw)
    tell("known items", 0, len(titles) + len(headings))
    known = [_known_items(base, "titles", titles), _known_items(base, "headings", headings)]
    outside, near = list(OUTSIDE), near_misses(articles)
    asked = [question for question, _, _ in [*titles, *headings]][:100]
    tell("declining", 0, len(outside) + len(near) + len(asked))
    answers = {question: base.answer(question) for question in [*outside, *near, *asked]}
    tell("passages", 0, min(limit, len(everything)))
    tried = _drawn([passage for passage in everything if _quotable(passage)], limit, draw)
    return Audit(
        articles=len(articles),
        passages=len(everything),
        known=tuple(known),
        declined=_share(answers[question].abstained for question in outside),
        near_declined=_share(answers[question].abstained for question in near),
        auroc=metrics.auroc([answers[q].confidence for q in asked], [answers[q].confidence for q in [*outside, *near]]),
        answered=tuple(question for question in [*outside, *near] if not answers[question].abstained),
        near_tried=len(near),
        hidden=tuple(_place(passage) for passage in hidden(base, tried)),
        hidden_tried=len(tried),
        wordless=tuple(_place(passage) for passage in everything if not _quotable(passage)),
        duplicates=tuple((_place(one), _place(other)) for one, other in duplicates(everything)),
        undated=tuple(article.source for article in articles if not article.date),
        old=tuple(article.source for article in articles if _age(article.date, today or datetime.date.today()) > OLD_YEARS),
        topics=_topics(articles, passages),
    )


# ---------------------------------------------------------------------------------------------- known items

T = TypeVar("T")
Item = tuple[str, str, Callable[[Hit], bool]]  # question, where it should lead, whether a hit is there


def _titles(articles: Iterable[Article]) -> list[Item]:
    """Every title once; articles that share it all count as found."""
    sources: dict[str, set[str]] = defaultdict(set)
    for article in articles:
        sources[article.title].add(article.source)
    return [(title, ", ".join(sorted(own)), _from_articles(frozenset(own))) for title, own in sources.items() if title.strip()]


def _from_articles(sources: frozenset[str]) -> Callable[[Hit], bool]:
    return lambda hit: hit.passage.source in sources


def _headings(passages: Iterable[Passage]) -> list[Item]:
    """Every heading under its title; sections of the same title and heading all count as found."""
    places: dict[str, set[tuple[str, tuple[str, ...]]]] = defaultdict(set)
    for passage in passages:
        if passage.heading and passage.heading[-1] != passage.title:
            places[heading_question(passage)].add((passage.source, passage.heading))
    return [(question, _shown(own), _from_sections(frozenset(own))) for question, own in places.items()]


def heading_question(passage: Passage) -> str:
    """The heading as a question of its own: with the title before it, unless it already names most of the title's words."""
    heading = passage.heading[-1]
    title, own = set(words_of(passage.title).line.split()), set(words_of(heading).line.split())
    return heading if len(title & own) > len(title) / 2 else f"{passage.title}: {heading}"


def _from_sections(sections: frozenset[tuple[str, tuple[str, ...]]]) -> Callable[[Hit], bool]:
    return lambda hit: (hit.passage.source, hit.passage.heading) in sections


def _shown(sections: Iterable[tuple[str, tuple[str, ...]]]) -> str:
    return ", ".join(sorted(f"{source} › {heading[-1]}" for source, heading in sections))


def _known_items(base: KnowledgeBase, what: str, items: Sequence[Item]) -> KnownItems:
    most = base.settings.max_question_chars
    found = base.search_many([question[:most] for question, _, _ in items], 10) if items else []
    ranks = [_rank(hits, there) for (_, _, there), hits in zip(items, found, strict=True)]
    missed = tuple((question, place) for (question, place, _), rank in zip(items, ranks, strict=True) if not 0 < rank <= 5)
    return KnownItems(
        what=what,
        tried=len(items),
        first=_share(rank == 1 for rank in ranks),
        among_five=_share(0 < rank <= 5 for rank in ranks),
        mrr=sum(1 / rank for rank in ranks if rank) / len(ranks) if ranks else math.nan,
        missed=missed[:20],
    )


def _rank(hits: Sequence[Hit], there: Callable[[Hit], bool]) -> int:
    """From 1; 0 when none of the hits is there."""
    return next((rank for rank, hit in enumerate(hits, 1) if there(hit)), 0)


def near_misses(articles: Sequence[Article]) -> list[str]:
    """Questions on the base's own roles about employers that do not exist; a name that an article knows is left out.

    Where no article names a role, titles that are short enough stand for roles.
    """
    everything = " ".join(words_of(article.text).line for article in articles)
    roles = [article.roles[0].split(" / ")[0] for article in articles if article.roles]
    subjects = roles or [title for article in articles if len(words_of(title := article.title).at) <= ROLE_WORDS] or ["person"]
    names = [name for name in INVENTED if f" {name.casefold()} " not in everything]
    forms = ("What does {name} pay a {subject}?", "How many days of leave does a {subject} at {name} get?")
    step = max(1, len(subjects) // max(1, len(names)))
    return [form.format(name=name, subject=subjects[n * step % len(subjects)]) for n, name in enumerate(names) for form in forms]


# ---------------------------------------------------------------------------------------------- passages


def hidden(base: KnowledgeBase, passages: Sequence[Passage]) -> list[Passage]:
    """Those that are not among the ten hits of their own first quotable unit (or one with the very same text is not)."""
    most = min(base.settings.max_question_chars, 300)
    own = [next(unit for unit in passage.units if not unit.no_answer) for passage in passages]
    questions = [p.text_of(unit)[:most] for p, unit in zip(passages, own, strict=True)]
    found = base.search_many(questions, 10) if questions else []
    return [p for p, hits in zip(passages, found, strict=True) if all(hit.passage.text != p.text for hit in hits)]


def _quotable(passage: Passage) -> bool:
    return any(not unit.no_answer for unit in passage.units)


def duplicates(passages: Sequence[Passage]) -> list[tuple[Passage, Passage]]:
    """Pairs whose sets of five-word shingles overlap by 80 % of their union; texts of under five words are left out.

    Resemblance: A. Broder, "On the resemblance and containment of documents", SEQUENCES 1997. Every pair that shares a shingle
    is compared, rare shingles first, so nothing is estimated.
    """
    shingles = [_shingles(passage.text) for passage in passages]
    holders: dict[Hashable, list[int]] = defaultdict(list)
    pairs = []
    for row, own in enumerate(shingles):
        near: dict[int, int] = defaultdict(int)
        for shingle in own:
            for other in holders[shingle]:
                near[other] += 1
            holders[shingle].append(row)
        for other, common in sorted(near.items()):
            if common >= SAME * (len(own) + len(shingles[other]) - common):
                pairs.append((passages[other], passages[row]))
    return pairs


def _shingles(text: str) -> set[tuple[str, ...]]:
    words = words_of(text).line.split()
    return {tuple(words[at : at + SHINGLE]) for at in range(len(words) - SHINGLE + 1)}


# ---------------------------------------------------------------------------------------------- dates and topics


def _age(date: str, today: datetime.date) -> float:
    """Years since a date of the form YYYY, YYYY-MM or YYYY-MM-DD; the end of the year or month is taken; 0 when unknown."""
    if not date:
        return 0.0
    parts = [int(part) for part in date.split("-")]
    year, month, day = parts[0], (parts[1] if len(parts) > 1 else 12), (parts[2] if len(parts) > 2 else 28)
    return (today - datetime.date(year, month, day)).days / 365.25


def _topics(articles: Sequence[Article], passages: dict[str, list[Passage]]) -> tuple[tuple[str, int, int, int], ...]:
    under: dict[str, list[Article]] = defaultdict(list)
    for article in articles:
        for topic in article.topics or ("(none)",):
            under[topic].append(article)
    rows = []
    for topic, own in under.items():
        words = sum(len(words_of(article.text).at) for article in own)
        rows.append((topic, len(own), sum(len(passages[article.source]) for article in own), words))
    return tuple(sorted(rows, key=lambda row: (-row[1], row[0])))


# ---------------------------------------------------------------------------------------------- small things


def _drawn(items: Sequence[T], limit: int, draw: random.Random) -> list[T]:
    """At most limit of them, in their order."""
    chosen = sorted(draw.sample(range(len(items)), min(limit, len(items))))
    return [items[at] for at in chosen]


def _place(passage: Passage) -> str:
    return " › ".join((passage.source, *passage.heading[-1:])) + f" ({passage.start}-{passage.end})"


def _examples(found: Iterable[str], show: int) -> list[str]:
    every = list(found)
    more = [f"    … and {len(every) - show} more"] if len(every) > show else []
    return [f"    {one}" for one in every[:show]] + more


def _share(flags: Iterable[bool]) -> float:
    every = list(flags)
    return sum(every) / len(every) if every else math.nan


def _percent(share: float) -> str:
    return "-" if math.isnan(share) else f"{100 * share:.0f} %"
