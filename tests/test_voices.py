"""When another article is heard beside the one that answers."""

from __future__ import annotations

from dataclasses import replace

from found import found

from kb.choice import candidates
from kb.question import analyse
from kb.voices import another_voice


def test_a_yes_or_no_told_by_one_article_gets_another_voice():
    yes = ("Taught", (), [("Libraries insist on a diploma.", 0.7)])
    no = ("Self", (), [("Libraries have asked me for a diploma twice, and twice gave me the job.", 0.65)])
    for question, voices in (("Do libraries insist on a diploma?", 1), ("What do libraries insist on?", 0)):
        read = analyse(question)
        of = found(question, yes, no)
        likeliest = candidates(of, read, 6)
        assert len(another_voice(of, read, likeliest, likeliest[:1])) == voices
    far = found("diploma", yes, ("Other", (), [("Bread is baked at night.", 0.1)]))
    likeliest = candidates(far, analyse("Is a diploma needed?"), 6)
    assert another_voice(far, analyse("Is a diploma needed?"), likeliest, likeliest[:1]) == []


def voices(question: str, *given) -> list[str]:
    read = analyse(question)
    of = found(question, *given)
    likeliest = candidates(of, read, 6)
    return [c.text for c in another_voice(of, read, likeliest, likeliest[:1])]


def test_a_figure_told_by_one_article_gets_another_voice_about_the_same():
    asked = "What does a falconer earn at an airfield?"
    one = ("Falconer", ("Pay",), [("A falconer earns 34,500 pounds a year at an airfield.", 0.8)])
    other = "Falconers get 27,000 pounds a year at my airfield."
    assert voices(asked, one, ("Six seasons", (), [(other, 0.7)])) == [other]
    assert voices(asked, one, ("Six seasons", (), [(other, 0.4)])) == []
    assert voices(asked, one, ("Six seasons", (), [("Falconers at an airfield begin before dawn.", 0.7)])) == []
    assert voices(asked, one, ("Beekeeper", (), [("Beekeepers get 27,000 pounds a year near an airfield.", 0.7)])) == []


def test_a_figure_in_other_words_is_heard_where_the_article_s_title_speaks_of_what_is_asked():
    asked = "How long does it take to learn falconry?"
    one = ("Falconry", (), [("Learning falconry takes three years.", 0.8)])
    other = [("It took me eighteen months beside an older hand.", 0.7)]
    assert voices(asked, one, ("Falconry at airports", ("Training",), other)) == [other[0][0]]
    assert voices(asked, one, ("Six seasons", ("Training",), other)) == []


def test_another_voice_speaks_of_what_is_asked_beside_the_occupation():
    asked = "Should I accept post-editing as a translator?"
    one = ("Notes", (), [("I do not offer post-editing.", 0.8)])
    second = ("Rates", (), [("Four in ten translators have a second job.", 0.65), ("Post-editing pays a translator half.", 0.6)])
    assert voices(asked, one, second) == ["Post-editing pays a translator half."]


def test_a_voice_that_says_whether_it_is_needed_may_come_from_farther_behind_if_it_speaks_of_the_same_occupation():
    asks = analyse("Does a translator need a diploma or certificate?")
    one = ("Agencies", (), [("Seven in ten translators could not register without a diploma.", 0.8)])
    for title, voices in (("Notes of a translator", 1), ("Chimney sweeps", 0)):
        of = found(asks.text, one, (title, (), [("Nobody asks for a certificate once they have seen a sample.", 0.63)]))
        likeliest = candidates(of, asks, 6)
        assert len(another_voice(of, replace(asks, wants="verdict"), likeliest, likeliest[:1])) == voices


def test_a_figure_in_the_words_of_the_question_is_heard_from_farther_off():
    asked = "How many loaves can a baker make in the first season?"
    one = ("Ovens", (), [("In the first season a baker makes 60 loaves.", 0.8)])
    other = "A baker made 90 loaves at the end of the first season."
    assert voices(asked, one, ("Bakery", (), [(other, 0.46)])) == [other]
    assert voices(asked, one, ("Bakery", (), [("A baker slept 90 minutes.", 0.46)])) == []
