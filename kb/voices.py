"""Another article's voice beside the one that answers: what a second source says of a figure, or whether something is needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set

from kb.choice import Candidate, candidates, coverage, fits, stems
from kb.disagree import Claim, asking_stems, one_subject, roles_of, sentences
from kb.disagree.stands import asks_need, stands
from kb.passages import is_lead_in
from kb.question import MEASURES, Question
from kb.retrieval import Found
from kb.selection import focus_of, roles_asked, says_no_more
from kb.stretch import is_bare, leans

ANOTHER_VOICE = 5.5  # log-odds that another article's best unit may lie behind the likeliest
STANDING_VOICE = 7.0  # the same for one that says whether what is asked for is needed
FARTHEST_VOICE = 12.0  # for one that is near to the question in meaning and in words
NEAR_MEANING = 0.5  # cosine with the question
VERY_NEAR = 0.65  # the same for one in other words
NEAR_IN_WORDS = 0.42  # the same for one that holds most words asked
MOST_WORDS = 0.55  # of which this share
NEAR_WORDS = 0.4  # share of the words asked beside the occupations, in unit and headings
SPEAKS_OF = 0.6  # share of the question's words beside its occupations, weighed by rarity, in a unit that speaks of it


def another_voice(
    found: Found, question: Question, likeliest: Sequence[Candidate], chosen: Sequence[Candidate]
) -> list[Candidate]:
    """What another article says to a question of yes or no, or for a figure, that one article alone has answered.

    It is about as likely, or near to the question in meaning and in words; to a question of yes or no also what says of what is
    asked for whether it is needed, or speaks of most that is asked beside the occupation. A figure must be one.
    """
    sources = {found.hits[c.hit].passage.source for c in chosen}
    measured = question.wants in MEASURES
    if len(sources) != 1 or not (measured or question.wants == "verdict"):
        return []
    needed = asks_need(question.core)
    best = likeliest[0].log_odds
    likely = candidates(found, question, len(found.hits)) if needed else likeliest
    roles, focus = roles_asked(question), focus_of(found, question)

    def speaks(c: Candidate) -> bool:
        said = coverage(c.text, focus)
        if measured or c.log_odds < best - STANDING_VOICE:
            return (not measured or fits(question.wants, c.text) > 0) and _is_near(found, c, focus, bool(roles))
        as_likely = c.log_odds >= best - ANOTHER_VOICE and said > 0
        return as_likely or said >= SPEAKS_OF or _takes_stand(c.text, needed) or _is_near(found, c, focus, bool(roles))

    others = (c for c in likely if found.hits[c.hit].passage.source not in sources and c.log_odds >= best - FARTHEST_VOICE)
    others = (c for c in others if speaks(c) and (not roles or roles & _place_stems(found, c)))
    others = (c for c in others if not measured or _is_of(found, c, chosen[0], bool(roles)))
    alone = (c for c in others if not (leans(c) and (c.at or is_bare(c))) and not is_lead_in(c.text))
    return [c for c in alone if not any(says_no_more(c.text, other.text) for other in chosen)][:1]


def _without_asking(focus: Mapping[str, float]) -> Mapping[str, float]:
    """What is asked, without the words that only ask for a figure: "how many", "what share"; all of it where nothing is left."""
    return {term: rarity for term, rarity in focus.items() if term not in asking_stems()} or focus


def _is_of(found: Found, c: Candidate, quoted: Candidate, occupied: bool) -> bool:
    """Whether a unit can speak of what a quoted one speaks of; where an occupation is asked about, it must be named."""
    one, other = _claim(found, c), _claim(found, quoted)
    return one_subject(one, other) and (not occupied or bool(roles_of(one.text, one.title, one.heading)))


def _claim(found: Found, c: Candidate) -> Claim:
    passage = found.hits[c.hit].passage
    return Claim(c.text, passage.title, passage.heading, passage.source, passage.date)


def _is_near(found: Found, c: Candidate, focus: Mapping[str, float], occupied: bool) -> bool:
    """Whether a unit is near to the question in meaning, and in words with its headings; of the occupation asked about, or under
    a title that speaks of what is asked, it may speak in other words if it is very near."""
    cosine, text = float(found.unit_cosines[c.hit][c.at]), " ".join((*found.hits[c.hit].passage.heading, c.text))
    spoken_of = occupied or coverage(found.hits[c.hit].passage.title, focus) > 0
    if cosine >= (NEAR_MEANING if coverage(text, focus) >= NEAR_WORDS else VERY_NEAR if spoken_of else 1.0):
        return True
    return cosine >= NEAR_IN_WORDS and coverage(text, _without_asking(focus)) >= MOST_WORDS


def _place_stems(found: Found, c: Candidate) -> frozenset[str]:
    passage = found.hits[c.hit].passage
    return stems(" ".join((passage.title, *passage.heading, passage.text)))


def _takes_stand(text: str, needed: Set[str]) -> bool:
    """Whether a text says of what is asked for that it is needed, or that it is not."""
    if not needed:
        return False
    taken = (stand for sentence in sentences(text) for stand in stands(sentence) if stand.kind == "need")
    return any(stand.of & needed for stand in taken)
