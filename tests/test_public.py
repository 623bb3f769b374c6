"""What other programs lean on: the public names, their signatures, the fields of what they return, and its JSON."""

from __future__ import annotations

import inspect
import json
from dataclasses import MISSING, fields

import pytest

import kb
from kb import contract
from kb.records import Block, Citation, Hit, Passage, Section

NAMES = (
    "Answer Article BuildReport ChatModel Citation Encoder Filters Hit KBError KnowledgeBase Passage Settings Turn build_index"
).split()

# "/" ends what may be given by position; what stands after "*" only by name; "=" has a default
SIGNATURES = {
    "KnowledgeBase.open": "folder= * settings= encoder=",
    "KnowledgeBase.search": "self question k= * filters=",
    "KnowledgeBase.search_many": "self questions k= * filters=",
    "KnowledgeBase.asearch": "self question k= * filters=",
    "KnowledgeBase.answer": "self question history= * filters= chat_model=",
    "KnowledgeBase.aanswer": "self question history= * filters= chat_model=",
    "KnowledgeBase.stream": "self question history= * filters= chat_model=",
    "KnowledgeBase.article": "self source",
    "KnowledgeBase.articles": "self",
    "KnowledgeBase.passages": "self source",
    "KnowledgeBase.topics": "self",
    "KnowledgeBase.folder": "",
    "KnowledgeBase.generation": "",
    "KnowledgeBase.refresh": "self * every=",
    "KnowledgeBase.close": "self",
    "Encoder.encode": "self texts",
    "Settings.load": "path= env=",
    "ChatModel": "base_url model api_key= * timeout_seconds= context_tokens= answer_tokens= unsupported= rewrites=",
    "ChatModel.from_settings": "settings",
    "Answer.to_dict": "self id=",
    "Answer.to_json": "self id= * indent=",
    "Article.to_dict": "self",
    "Article.card": "self",
    "Citation.to_dict": "self",
    "Hit.to_dict": "self",
    "build_index": "sources folder * settings= encoder= progress= rebuild= wait_seconds=",
}

FIELDS = {
    "Answer": "question resolved_question text abstained confidence seconds citations hits nearest_topics followups written_by "
    "notes checks generation",
    "Article": "source title text sections content_hash date date_origin topics roles region level url",
    "BuildReport": "plan outcomes generation articles passages embedded seconds",
    "Citation": "number source title heading quote start end date date_origin content_hash hit_rank lead lead_start lead_end "
    "page url",
    "Filters": "topics roles region newer_than sources",
    "Hit": "rank score passage row cosine dense_rank words_rank matched_terms cross_score fused_rank",
    "Passage": "source title heading text start end units page date date_origin topics roles region url",
    "Turn": "role content",
}


def parts_of(signature: inspect.Signature) -> list[str]:
    """The signature's parameters in the notation of SIGNATURES."""
    parts: list[str] = []
    for parameter in signature.parameters.values():
        if parameter.kind is parameter.KEYWORD_ONLY and "*" not in parts:
            parts.append("*")
        parts.append(parameter.name + ("=" if parameter.default is not parameter.empty else ""))
    return parts


def test_the_public_names_are_these_and_all_are_there():
    assert kb.__all__ == NAMES
    assert set(dir(kb)) == {*NAMES, "__version__"}
    assert all(getattr(kb, name).__doc__ for name in NAMES)


def test_a_name_that_is_not_public_is_said_to_be_missing():
    with pytest.raises(AttributeError, match="module 'kb' has no attribute 'retriever'"):
        kb.retriever  # noqa: B018


@pytest.mark.parametrize("name", SIGNATURES)
def test_a_signature_keeps_its_parameters_and_grows_by_optional_keywords_only(name):
    owner, _, method = name.partition(".")
    public = getattr(getattr(kb, owner), method) if method else getattr(kb, owner)
    if isinstance(public, property):
        assert SIGNATURES[name] == ""
        return
    wanted, now = SIGNATURES[name].split(), parts_of(inspect.signature(public))
    assert now[: len(wanted)] == wanted
    added = now[len(wanted) :]
    assert not added or ("*" in now and all(part == "*" or part.endswith("=") for part in added))


@pytest.mark.parametrize("name", FIELDS)
def test_a_record_keeps_its_fields_and_grows_by_optional_ones_only(name):
    now = {each.name: each for each in fields(getattr(kb, name))}
    wanted = FIELDS[name].split()
    assert list(now)[: len(wanted)] == wanted
    assert all(each.default is not MISSING or each.default_factory is not MISSING for each in list(now.values())[len(wanted) :])


def test_what_to_dict_gives_has_exactly_the_keys_of_the_contract(base):
    answer = base.answer("Who cares for patients on a ward?").to_dict(id=7)
    assert set(answer) == set(contract.AnswerDict.__annotations__) and answer["id"] == 7
    assert answer["citations"] and answer["passages"]
    assert {frozenset(each) for each in answer["citations"]} == {frozenset(contract.CitationDict.__annotations__)}
    assert {frozenset(each) for each in answer["passages"]} == {frozenset(contract.PassageDict.__annotations__)}
    article = base.article("nurse.md").to_dict()
    assert set(article) == set(contract.ArticleDict.__annotations__)
    assert set(article["sections"][1]) == set(contract.SectionDict.__annotations__)
    assert set(base.article("nurse.md").card()) == set(contract.ArticleCard.__annotations__)


def test_a_quote_that_leans_on_a_lead_in_brings_it_along():
    alone = Citation(1, "nurse.md", "Nurse", ("Training",), "Pass the state exam.", 7, 27, "2024", "text", "c0ffee", 1)
    leaning = Citation(
        1, "nurse.md", "Nurse", (), "Apply.", 40, 46, "", "unknown", "c0ffee", 1, lead="Steps:", lead_start=30, lead_end=36
    )
    assert alone.to_dict()["lead"] is None
    assert leaning.to_dict()["lead"] == {"quote": "Steps:", "start": 30, "end": 36}


def test_a_hit_as_a_dictionary_holds_its_values_as_plain_ones():
    passage = Passage("a.md", "A", ("One", "Two"), "text", 3, 7, page=2, date="2024-05")
    hit = Hit(2, 1.23456789, passage, row=9, cosine=0.5, dense_rank=1, matched_terms=("text",))
    assert hit.to_dict() == {
        "rank": 2, "score": 1.234568, "source": "a.md", "title": "A", "heading": ["One", "Two"], "text": "text", "start": 3,
        "end": 7, "page": 2, "date": "2024-05", "cosine": 0.5, "dense_rank": 1, "words_rank": None, "matched_terms": ["text"],
        "date_origin": "unknown", "url": "", "cross_score": None, "fused_rank": None,
    }  # fmt: skip


def test_an_article_as_a_dictionary_keeps_offsets_into_its_text():
    block = Block("paragraph", 5, 9)
    article = kb.Article("a.md", "A", "One\n\ntext", (Section(("One",), 5, 9, (block,)),), "c0ffee", roles=("nurse / RN",))
    plain = article.to_dict()
    section = plain["sections"][0]
    assert section["heading"] == ["One"] and plain["text"][section["start"] : section["end"]] == "text"
    assert plain["characters"] == 9 and plain["roles"] == ["nurse / RN"]


def test_json_of_an_answer_is_one_line_in_its_own_letters(base):
    answer = base.answer("Was verdient eine Ärztin in Zürich? 数据")
    line = answer.to_json()
    assert "\n" not in line and "Ärztin in Zürich? 数据" in line
    assert json.loads(line) == answer.to_dict() == json.loads(answer.to_json(indent=1))
