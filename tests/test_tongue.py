"""Which language a text is in: enough of it to say so, and nothing otherwise."""

import pytest

from kb.settings import SHIPPED_ARTICLES
from kb.tongue import tongue_of, tongue_of_texts


@pytest.mark.parametrize(
    ("text", "tongue"),
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
def test_a_question_is_in_the_language_of_its_common_words(text, tongue):
    assert tongue_of(text) == tongue


def test_texts_are_in_a_language_when_all_of_them_are():
    assert tongue_of_texts(["Do I need it?", "You and I."]) == "en"
    assert tongue_of_texts(["Do I need it?", "Brauche ich das?"]) == tongue_of_texts(["x"]) == tongue_of_texts([]) == ""


def test_the_shipped_articles_are_in_english():
    assert {tongue_of(path.read_text(encoding="utf-8")) for path in SHIPPED_ARTICLES.rglob("*.md")} == {"en"}
