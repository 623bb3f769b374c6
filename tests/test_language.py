"""Which language a text is in: enough of it to say so, and nothing otherwise."""

import pytest

from kb.language import language_of, language_of_texts
from kb.settings import SHIPPED_ARTICLES


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Brauche ich einen Doktor?", "de"),
        ("und in Deutschland?", "de"),
        ("WAS VERDIENT EINE HEBAMME", "de"),
        ("Do I need a PhD?", "en"),
        ("and in Germany?", "en"),
        ("What does a Bundesbeamter of the Deutsche Bahn earn?", "en"),
        ("data scientist Berlin", ""),
        ("¿Necesito un doctorado?", ""),
        ("", ""),
    ],
)
def test_a_question_is_in_the_language_of_its_common_words(text, language):
    assert language_of(text) == language


def test_texts_are_in_a_language_when_all_of_them_are():
    assert language_of_texts(["Do I need it?", "You and I."]) == "en"
    assert language_of_texts(["Do I need it?", "Brauche ich das?"]) == language_of_texts(["x"]) == language_of_texts([]) == ""


def test_the_shipped_articles_are_in_english():
    assert {language_of(path.read_text(encoding="utf-8")) for path in SHIPPED_ARTICLES.rglob("*.md")} == {"en"}
