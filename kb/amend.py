"""An edit of a large index: a few new, changed and gone articles, at a cost that depends on their number alone.

    amended(before, edit, ...) ── copies ── repeated edges ── cut ── embed ──> Amendment, or None: write the whole index anew

An article's passages depend on other articles in two ways: it may be a copy of one, and what stands at its beginning or end may
be repeated throughout its folder. Copies are looked for again among articles that share a band of their signature with an edited
one, with one of those, and so on; repeated edges in the folders of the edited ones. Of the articles that stay nothing else is
read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kb.catalogue import Catalogue, Copy, Kept, Made
from kb.catalogue_file import count_passage_words
from kb.duplicates import BANDS, ROWS, find_copies, find_sayings, nearly_the_same, passages_beyond
from kb.embed import (
    Embedding,
    Piece,
    Progress,
    cut_pieces,
    find_repeated,
    folder_of,
    gathered,
    recipes_of,
    said_of,
    without_repeated,
)
from kb.encoder import Encoder
from kb.publish import Amendment
from kb.records import Passage
from kb.settings import Settings
from kb.store import FORMAT, LATER, Generation, Identity

MOST_LATER = 20_000  # rows beside the first ones, and a tenth of them: then everything is written anew
MOST_ARTICLES = 1_000  # that an edit reaches, copies included
WATCHED_FOLDER = 2_000  # articles; in a larger folder an edit that small does not move what half of it repeats


@dataclass(frozen=True, slots=True)
class Edit:
    """What is to change in an index. put: articles that are new or changed; gone: sources that leave it."""

    put: tuple[Kept, ...]
    gone: tuple[str, ...]

    @property
    def empty(self) -> bool:
        return not (self.put or self.gone)


def edit_between(known: Sequence[Kept], kept: Sequence[Kept]) -> Edit:
    """The edit that turns the articles an index holds (known) into those it should hold (kept)."""
    were = {each.source: each for each in known}
    now = {each.source for each in kept}
    put = tuple(each for each in kept if were.get(each.source) != each)
    return Edit(put, tuple(source for source in were if source not in now))


def is_large(before: Generation, settings: Settings) -> bool:
    """Whether a generation is so large that an edit is written beside it."""
    return int(before.manifest["passages"]) >= settings.amend_from


def may_be_amended(before: Generation, identity: Identity, settings: Settings) -> bool:
    """Whether a generation is large enough, and was cut and embedded as this identity would."""
    return is_large(before, settings) and before.manifest["format"] == FORMAT and before.identity == identity


def known_around(catalogue: Catalogue, paths: Sequence[Path]) -> list[Kept] | None:
    """The articles of a large index that bear on mirroring these files and folders; None when all may.

    Those are the articles below these paths, those that have a name one of them may be given, and one of each root.
    """
    roots = catalogue.roots_of()
    found = catalogue.kept_where("number IN (SELECT min(number) FROM articles GROUP BY root)", ())
    for path in paths:
        root = max((root for root in roots if path != Path(root) and path.is_relative_to(root)), key=len, default=None)
        if root is None or not path.exists():
            return None
        inside = path.relative_to(root).as_posix()
        # "/" and "0" are neighbours: what begins with "folder/" lies between "folder/" and "folder0"
        found += catalogue.kept_where("root = ? AND path >= ? AND path < ?", (root, f"{inside}/", f"{inside}0"))
        found += catalogue.kept_where("root = ? AND path = ?", (root, inside))
        taken = catalogue.kept_where("source = ?", (inside,))
        if any(each.root != root for each in taken):  # another name is given, with the root's name before it
            found += [*taken, *catalogue.kept_where("source LIKE ?", (f"%/{inside}",))]
        if len(found) > MOST_ARTICLES:
            return None
    return sorted({each.source: each for each in found}.values(), key=lambda each: each.source)


def amended(
    before: Generation, edit: Edit, identity: Identity, cache: Path, encoder: Encoder, settings: Settings, tell: Progress
) -> tuple[Amendment, int] | None:
    """What the edit does to the generation, and how many passages went through the model; None when all must be written anew."""
    catalogue = before.catalogue
    if len(edit.put) + len(edit.gone) > MOST_ARTICLES:
        return None
    reach = _reach(catalogue, edit, settings)
    if reach is None:
        return None
    put, copies = reach
    numbers = catalogue.numbers([*edit.gone, *(each.source for each in put)])
    leaving = catalogue.kept_at(list(numbers.values()))
    repeated = catalogue.repeated()
    if not _same_edges(catalogue, put, leaving, copies, repeated):
        return None
    originals = _standing_originals(catalogue, put, copies)
    articles = without_repeated([*put, *originals], repeated)
    recipes = recipes_of([*put, *originals], articles, copies)
    pieces_of: dict[str, list[Piece]] = {
        each.source: [Piece(entry.passage, entry.row) for entry in catalogue.entries_of(each.source)] for each in originals
    }
    for each in sorted(put, key=lambda each: each.source in copies):  # originals first
        copy = copies.get(each.source)
        own = cut_pieces(articles[each.source], identity, encoder, settings)
        if copy is not None:
            theirs = [piece.passage for piece in pieces_of[copy.original]]
            passages = [piece.passage for piece in own]
            beyond = passages_beyond(passages, each.article.text, theirs, articles[copy.original].text)
            own = [piece for piece in own if piece.passage in beyond]
        pieces_of[each.source] = own
    pieces = [piece for each in put for piece in pieces_of[each.source]]
    later = int(before.manifest[LATER]["rows"]) if LATER in before.manifest else 0
    if later + len(pieces) > min(MOST_LATER, (before.rows - later) // 10):
        return None
    passages = [piece.passage for piece in pieces]
    with Embedding(cache, identity, encoder) as embedding:
        embedding.add(pieces)
        embedding.begin_last()
        said = said_of(pieces, None, encoder)
        found, embedded = embedding.result(tell)
    vectors, units, titles = gathered(pieces, None, found, identity.dim)
    sayings = find_sayings(passages, before.rows)
    standing = {source: own for source, own in pieces_of.items() if source not in {each.source for each in put}}
    folds = _folds(before, passages, sayings, copies, standing)
    made = Made({each.source: recipes[each.source] for each in put}, copies, folds, sayings)
    words = count_passage_words(passages)
    words.subtract(count_passage_words(entry.passage for each in leaving for entry in catalogue.entries_of(each.source)))
    changed = {word: count for word, count in words.items() if count}
    return Amendment(sorted(numbers.values()), put, passages, vectors, units, titles, said, made, changed), embedded


def _reach(catalogue: Catalogue, edit: Edit, settings: Settings) -> tuple[list[Kept], dict[str, Copy]] | None:
    """The articles to write, those included that become or stop being copies; and what each is a copy of. None: too many."""
    if settings.copy_resemblance <= 0:
        return list(edit.put), {}
    put = {each.source: each for each in edit.put}
    numbers, signatures = catalogue.signatures()
    keys = _band_keys(signatures)
    touched = np.isin(numbers, list(catalogue.numbers([*edit.gone, *put]).values()))
    signed = np.frombuffer(b"".join(each.signature for each in edit.put), dtype="<u4").reshape(len(put), BANDS * ROWS)
    related, reached = touched.copy(), np.concatenate([keys[touched], _band_keys(signed)])
    while len(reached):
        near = np.any([np.isin(keys[:, band], reached[:, band]) for band in range(BANDS)], axis=0) & ~related
        related |= near
        reached = keys[near]
        if related.sum() > MOST_ARTICLES:
            return None
    others = catalogue.kept_at(numbers[related & ~touched].tolist())
    were, copies = catalogue.copies(), find_copies([*edit.put, *others], settings.copy_resemblance)

    def stays(each: Kept) -> bool:
        now = copies.get(each.source)
        return now == were.get(each.source) and (now is None or now.original not in put)

    again = {each.source: each for each in others if not stays(each)}
    every = sorted({**put, **again}.values(), key=lambda each: each.source)
    return every, {each.source: copies[each.source] for each in every if each.source in copies}


def _band_keys(signatures: np.ndarray) -> np.ndarray:
    """(n, BANDS) uint64: equal where two articles' signatures agree in a band, and hardly ever else."""
    if not len(signatures):
        return np.zeros((0, BANDS), dtype=np.uint64)
    mixed = np.zeros((len(signatures), BANDS), dtype=np.uint64)
    for at in range(ROWS):
        mixed = (mixed ^ signatures[:, at::ROWS].astype(np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(29)
    return mixed


def _same_edges(
    catalogue: Catalogue,
    put: Sequence[Kept],
    leaving: Sequence[Kept],
    copies: Mapping[str, Copy],
    repeated: Mapping[tuple[str, str], frozenset[str]],
) -> bool:
    """Whether the articles of each folder that the edit touches repeat the same at their edges as before."""
    out, every = {each.source for each in leaving}, {**catalogue.copies(), **copies}
    apart = set(every) - ({each.source for each in put} - set(copies))
    for place in {folder_of(each) for each in (*put, *leaving)}:
        beside = catalogue.beside(*place)
        if len(beside) > WATCHED_FOLDER:
            continue
        staying = [each for each in catalogue.kept_at(beside) if each.source not in out]
        now = [each for each in (*staying, *put) if folder_of(each) == place and each.source not in apart]
        if find_repeated(now, {}).get(place, frozenset()) != repeated.get(place, frozenset()):
            return False
    return True


def _standing_originals(catalogue: Catalogue, put: Sequence[Kept], copies: Mapping[str, Copy]) -> list[Kept]:
    """The articles that stay as they are and that some of those put are copies of."""
    wanted = {copy.original for copy in copies.values()} - {each.source for each in put}
    return catalogue.kept_at(list(catalogue.numbers(sorted(wanted)).values())) if wanted else []


def _folds(
    before: Generation,
    passages: Sequence[Passage],
    sayings: Mapping[int, int],
    copies: Mapping[str, Copy],
    standing: Mapping[str, Sequence[Piece]],
) -> dict[int, int]:
    """Row of a new passage -> the row that stands for all that say the same; that row may have no passage any more."""
    known = before.catalogue.sayings(sorted(set(sayings.values())))
    of_source: dict[str, list[tuple[int, Passage]]] = {
        source: [(piece.row, piece.passage) for piece in pieces] for source, pieces in standing.items()
    }
    folds: dict[int, int] = {}
    for row, passage in enumerate(passages, before.rows):
        of_source.setdefault(passage.source, []).append((row, passage))
        if row in sayings and (same := known.setdefault(sayings[row], row)) != row:
            folds[row] = before.folds.get(same, folds.get(same, same))
    for source, copy in copies.items():
        for row, passage in of_source.get(source, []):
            for other, original in of_source.get(copy.original, []):
                if row not in folds and passage.heading == original.heading and nearly_the_same(passage.text, original.text):
                    folds[row] = before.folds.get(other, folds.get(other, other))
    return folds
