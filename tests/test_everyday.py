"""Questions of everyday life, and their vectors in an index."""

import numpy as np

from kb.build import build_index
from kb.everyday import FILE, QUESTIONS, open_everyday, write_everyday
from kb.settings import Settings
from kb.store import open_generation


def test_every_question_stands_once_and_none_is_about_careers() -> None:
    assert len(set(QUESTIONS)) == len(QUESTIONS) > 100
    careers = ("job", "career", "salary", "cv", "interview", "employer", "apprentice")
    assert not [question for question in QUESTIONS if any(word in question.lower().split() for word in careers)]


def test_vectors_are_found_again_and_those_of_another_list_are_not(tmp_path) -> None:
    vectors = np.eye(3, dtype=np.float32)
    write_everyday(vectors, tmp_path)
    assert np.array_equal(open_everyday(tmp_path, {FILE: ""}), vectors)
    assert open_everyday(tmp_path, {"everyday-00000000.npy": ""}) is None


def test_an_index_has_them_and_a_build_that_changes_nothing_takes_them_over(tmp_path, encoder) -> None:
    (tmp_path / "a.md").write_text("# Nurse\n\nA nurse looks after patients.\n")
    build_index([tmp_path / "a.md"], tmp_path / "index", encoder=encoder)
    made = open_generation(tmp_path / "index", Settings()).everyday
    assert made is not None and len(made) == len(QUESTIONS)
    (tmp_path / "b.md").write_text("# Vet\n\nA vet looks after animals.\n")
    build_index([tmp_path / "b.md"], tmp_path / "index", encoder=encoder)
    assert np.array_equal(open_generation(tmp_path / "index", Settings()).everyday, made)
