"""Question and hits -> an answer made of verbatim quotes, or "not in the knowledge base".

hits ── candidates (kb.choice) ── confident enough? (kb.confidence)
     ── select (kb.selection: within a budget of words; lists whole, what leans with what it leans on)
     ── quotes (kb.quotes: neighbours joined, written place by place, each quote with its [n])
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from kb.choice import Candidate, candidates, preferred, stems, weighed
from kb.compared import in_parts, side_by_side
from kb.confidence import confidence, evidence, lacks_place
from kb.disagree.stands import asks_need
from kb.question import Question, content_terms
from kb.quotes import join, write
from kb.records import Answer, Citation
from kb.retrieval import Found
from kb.selection import parts_of, plain_verbs, section_asked_for, select
from kb.settings import Settings
from kb.voices import another_voice

DECLINE = "The knowledge base does not cover this."
SECTION_PROBABLE = 0.5  # from which on a section whose heading holds the question's words is believed to answer it
OUTSIDE = {
    "chat": "Hello! Ask about careers: a role, how to become one, pay, interviews, a CV.",
    "hostile": "That cannot be answered here. Ask about careers: a role, how to become one, pay, interviews, a CV.",
    "errand": "That is nothing for a career knowledge base. Ask about a role, how to become one, pay, interviews, a CV.",
    "medical": "That is a question for a doctor or a pharmacist, and in an emergency for the emergency number where you are.",
    "listings": "No article knows what is open today: job boards and employers' own pages do. Ask how to get such a job.",
    "garbled": "That could not be read as a question. Ask about careers: a role, how to become one, pay, interviews, a CV.",
}


def compose(question: Question, found: Found, settings: Settings, article_text: Callable[[str], str]) -> Answer:
    """The answer to a stand-alone question from what retrieval found. article_text gives title and text of a source."""
    if question.kind in OUTSIDE:
        return _decline(question, found, 0.0, OUTSIDE[question.kind])
    likeliest = candidates(found, question, settings.answer_hits)
    probability = _probable(found, question, likeliest, article_text)
    if not question.sides and (named := where_named(found, question, likeliest, article_text)):
        probability, likeliest = named
    for side in found.subquestions if question.sides else ():  # one side is worth an answer that says what it lacks of the other
        likely = candidates(side.found, side.question, settings.answer_hits)
        probability = max(probability, _probable(side.found, side.question, likely, article_text))
    partial = in_parts(question, found, settings, article_text)
    if partial is not None:
        probability = max(probability, partial.certain)
    section = section_asked_for(question, found)
    if section and probability >= SECTION_PROBABLE:
        probability = max(probability, settings.answer_threshold)
    if probability < settings.answer_threshold:
        nearest = _nearest(found)
        covered = f" The nearest it covers: {'; '.join(nearest)}." if nearest else ""
        return _decline(question, found, probability, DECLINE + covered)
    likeliest = preferred(question, found, likeliest)
    missing: tuple[str, ...] = ()
    if question.sides and asks_need(question.core):  # "do I need a diploma or a certificate?" compares nothing
        question = replace(question, wants="verdict")
    compared = side_by_side(question, found, likeliest, settings) if question.sides and question.wants != "verdict" else None
    if compared is not None and compared.citations:
        text, citations, missing = compared.text, compared.citations, compared.missing
    elif partial is not None:
        text, citations, missing = partial.text, partial.citations, partial.missing
    elif section:
        text, citations = write(found, parts_of(section, question, found, settings), 0)
    else:
        chosen = select(found, question, likeliest, settings.answer_words, settings)
        text, citations = write(found, join(found, [*chosen, *another_voice(found, question, likeliest, chosen)]), 0)
    return _answer(question, found, probability, text, abstained=False, citations=citations, missing=missing)


def _probable(found: Found, question: Question, likeliest: Sequence[Candidate], article_text: Callable[[str], str]) -> float:
    return confidence(evidence(found, question, likeliest, article_text)) if likeliest else 0.0


def where_named(
    found: Found, question: Question, likeliest: Sequence[Candidate], article_text: Callable[[str], str]
) -> tuple[float, list[Candidate]] | None:
    """The probability and units of an article that speaks of the place asked about, where the likeliest unit's does not.

    "What do nurses earn in Texas?" is likeliest what nurses earn, and the table of states is another article's. That one must
    hold every word of the question that the likeliest one holds, but for verbs: the same of something else is no answer.
    """
    first, *others = dict.fromkeys(found.hits[c.hit].passage.source for c in likeliest) or [""]
    if not first or not lacks_place(question, article_text(first)):
        return None
    asked = stems(" ".join(content_terms(question.core))) - plain_verbs()
    shared = asked & stems(article_text(first))
    for source in others:
        own = [c for c in likeliest if found.hits[c.hit].passage.source == source]
        if shared <= stems(article_text(source)) and not lacks_place(question, article_text(source)):
            return _probable(found, question, weighed(own), article_text), weighed(own)
    return None


def _decline(question: Question, found: Found, probability: float, text: str) -> Answer:
    return _answer(question, found, probability, text, abstained=True, nearest=_nearest(found))


def _nearest(found: Found) -> tuple[str, ...]:
    return tuple(dict.fromkeys(hit.passage.title for hit in found.hits))[:3]


def _answer(
    question: Question,
    found: Found,
    probability: float,
    text: str,
    *,
    abstained: bool,
    citations: tuple[Citation, ...] = (),
    nearest: tuple[str, ...] = (),
    missing: tuple[str, ...] = (),
) -> Answer:
    return Answer(
        question=question.text,
        resolved_question=question.text,
        text=text,
        abstained=abstained,
        confidence=probability,
        seconds=0.0,
        citations=citations,
        hits=found.hits,
        nearest_topics=nearest,
        missing=missing,
    )
