"""What a build will change, decided before anything is written. Pure: no file is read or written here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from kb.catalogue import Kept
from kb.errors import ArticleError, NothingToIndex
from kb.mirror import Scope, Seen, remedy


@dataclass(frozen=True, slots=True)
class Plan:
    """What a build changes, by source. renamed: (old, new).

    >>> str(Plan(new=("a.md", "b.md"), gone=("c.md",)))
    '+2 ~0 -1'
    """

    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()
    gone: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()

    def __str__(self) -> str:
        renamed = f" >{len(self.renamed)}" if self.renamed else ""
        return f"+{len(self.new)} ~{len(self.changed)} -{len(self.gone)}{renamed}"

    @property
    def empty(self) -> bool:
        return not (self.new or self.changed or self.renamed or self.gone)

    def lines(self) -> Iterator[str]:
        """A line for everything that changes: "+ new.md", "~ edited.md", "> old.md -> new.md", "- gone.md"."""
        yield from (f"+ {source}" for source in self.new)
        yield from (f"~ {source}" for source in self.changed)
        yield from (f"> {old} -> {new}" for old, new in self.renamed)
        yield from (f"- {source}" for source in self.gone)


def plan_changes(known: Sequence[Kept], seen: Seen, scopes: Sequence[Scope], index: Path) -> tuple[list[Kept], Plan]:
    """What the index should hold, sorted by source, and how that differs from what it holds.

    known: what the index holds, from all folders; seen: what the scopes hold now. What lies outside the scopes stays, and so does
    what could not be looked at. A vanished article whose text appears under a new name was renamed. Raises NothingToIndex when a
    folder that had articles has none any more, and names the command that takes them out of the index in the folder index.
    """
    now = {each.source: each for each in seen.kept}
    mine: list[Kept] = []
    others: list[Kept] = []
    for each in known:
        own = any(scope.covers(each) for scope in scopes)
        stays = each.source not in now and any(scope.covers(each) for scope in seen.unseen)
        (mine if own and not stays else others).append(each)
    for scope in scopes:
        _refuse_emptied(scope, mine, [*seen.kept, *others], index)
    return sorted([*others, *seen.kept], key=lambda each: each.source), _compared({each.source: each for each in mine}, now)


def _refuse_emptied(scope: Scope, mine: Sequence[Kept], after: Sequence[Kept], index: Path) -> None:
    held = sum(scope.covers(each) for each in mine)
    if held and not any(scope.covers(each) for each in after):
        raise NothingToIndex(
            f"no articles in {scope} any more; the index keeps the {held} it has from there. {remedy(scope, index)}"
        )


def _compared(mine: dict[str, Kept], now: dict[str, Kept]) -> Plan:
    appeared = [source for source in now if source not in mine]
    vanished = [source for source in mine if source not in now]
    by_content = {mine[source].article.content_hash: source for source in reversed(vanished)}
    renamed = []
    for source in list(appeared):
        old = by_content.pop(now[source].article.content_hash, None)
        if old is not None:
            renamed.append((old, source))
            appeared.remove(source)
            vanished.remove(old)
    stayed = [source for source in now if source in mine]
    changed = {source for source in stayed if now[source].article != mine[source].article}
    return Plan(
        new=tuple(sorted(appeared)),
        changed=tuple(sorted(changed)),
        renamed=tuple(sorted(renamed)),
        gone=tuple(sorted(vanished)),
        unchanged=tuple(sorted(set(stayed) - changed)),
    )


def nothing_to_index(scopes: Sequence[Scope], seen: Seen) -> ArticleError:
    """Why there is nothing at all to make an index of."""
    where = ", ".join(map(str, scopes))
    if not seen.outcomes:
        return NothingToIndex(f"no articles in {where}. Put .md, .txt, .html, .pdf or .docx files there")
    first = seen.outcomes[0]
    count = f"none of the {len(seen.outcomes)} files" if len(seen.outcomes) > 1 else "nothing"
    return NothingToIndex(f"{count} in {where} could be read; the first: {first.source}: {first.reason}", seen.outcomes)
