"""Asking with a memory and a limit.

- No question is asked twice: what was answered is remembered for the rest of the resolution.
- A resolution ends: after ``MAX_QUESTIONS`` questions the next one raises ``EnoughError``, which is
  not "not there".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from proxy.source.address import PUBLIC_HOST
from proxy.source.model import (
    Absent,
    Fetch,
    Fetched,
    File,
    Link,
    Lookup,
    Note,
    Open,
    Read,
    Repository,
    Snapshot,
    Tree,
    Unreachable,
    ask,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from proxy.source.model import Asking
    from proxy.source.tree import TreeIndex

MAX_QUESTIONS = 64
MAX_NOTES = 64
MAX_WISHES = 32
_SHOWN = 200


class EnoughError(Exception):
    """So many questions were asked that the resolution ends here."""


class Candidate(NamedTuple):
    """A path where the file may be, clean, and the rule that says so."""

    rule: str
    path: str


class Discovery(NamedTuple):
    """A file and the rule that found it."""

    rule: str
    file: File


class Inquiry:
    """The questions of one resolution.

    Attributes:
        host: of the GitHub that is configured, on which every repository lies that can be asked for.
        tried: the places that were looked at, in order.
        cause: why the file cannot be shown, where a rule knows better than that it is not there.
        curable: whether a mapping could help.
    """

    def __init__(self, host: str = PUBLIC_HOST) -> None:
        self.host = host
        self.tried: list[str] = []
        self.cause = ""
        self.curable = True
        self._asked = 0
        self._notes: set[str] = set()
        self._opened: dict[tuple[str, str, str], Snapshot | Absent] = {}
        self._read: dict[tuple[str, str, str, str], File | None] = {}
        self._trees: dict[tuple[str, str, str], TreeIndex | None] = {}
        self._links: dict[tuple[str, str, str, str], str | None] = {}
        self._fetched: dict[tuple[Lookup, str], Fetched | Unreachable | None] = {}

    def open(
        self, rule: str, repository: Repository, ref: str, wishes: Sequence[str] = (), *, tree: bool = False
    ) -> Asking[Snapshot | Absent]:
        """Ask which commit a ref is; see ``Open``."""
        key = (*_identity(repository), ref)
        if key not in self._opened:
            self._spend()
            unique = tuple(dict.fromkeys(wishes))[:MAX_WISHES]
            self._opened[key] = yield from ask(Open(rule, repository, ref, unique, tree))
        return self._opened[key]

    def read(
        self, rule: str, snapshot: Snapshot, path: str, wishes: Sequence[str] = ()
    ) -> Asking[File | None]:
        """Ask for a file; see ``Read``. What a known tree does not have is not asked for."""
        key = _place(snapshot, path)
        if key not in self._read:
            tree = self._trees.get(key[:3])
            if tree is not None and not tree.contains(path):
                return None
            self._spend()
            new = (wish for wish in wishes if _place(snapshot, wish) not in self._read and wish != path)
            self._read[key] = yield from ask(
                Read(rule, snapshot, path, tuple(dict.fromkeys(new))[:MAX_WISHES])
            )
        return self._read[key]

    def first(self, snapshot: Snapshot, candidates: Sequence[Candidate]) -> Asking[Discovery | None]:
        """The first of the candidates that is there."""
        for position, (rule, path) in enumerate(candidates):
            following = candidates[position + 1 : position + 1 + MAX_WISHES]
            file = yield from self.read(rule, snapshot, path, [each.path for each in following])
            if file is not None:
                return Discovery(rule, file)
            self.missed(snapshot, [path])
        return None

    def tree(self, rule: str, snapshot: Snapshot) -> Asking[TreeIndex | None]:
        """Ask for all that is there; see ``Tree``."""
        key = _place(snapshot, "")[:3]
        if key not in self._trees:
            self._spend()
            self._trees[key] = yield from ask(Tree(rule, snapshot))
        return self._trees[key]

    def known_tree(self, snapshot: Snapshot) -> TreeIndex | None:
        """The tree, when it was asked for and is known; asks nothing."""
        return self._trees.get(_place(snapshot, "")[:3])

    def link(self, rule: str, snapshot: Snapshot, path: str, oid: str) -> Asking[str | None]:
        """Ask where a symbolic link points; see ``Link``."""
        key = _place(snapshot, path)
        if key not in self._links:
            self._spend()
            self._links[key] = yield from ask(Link(rule, snapshot, path, oid))
        return self._links[key]

    def fetch(self, rule: str, service: Lookup, path: str, accept: str) -> Asking[Fetched | None]:
        """Ask outside the repositories; see ``Fetch``. What cannot be reached leaves a remark."""
        key = (service, path)
        if key not in self._fetched:
            self._spend()
            self._fetched[key] = yield from ask(Fetch(rule, service, path, accept))
        answer = self._fetched[key]
        if not isinstance(answer, Unreachable):
            return answer
        yield from self.note(rule, f"{service.value} could not be asked for {path[:_SHOWN]}: {answer.reason}")
        return None

    def note(self, rule: str, text: str) -> Asking[None]:
        """Leave a remark for the explanation, once; after ``MAX_NOTES`` they are dropped."""
        if text not in self._notes and len(self._notes) < MAX_NOTES:
            self._notes.add(text)
            yield from ask(Note(rule, text))

    def blame(self, rule: str, text: str, *, curable: bool = True) -> Asking[None]:
        """Leave a remark that is also the reason when nothing is found; the first one counts."""
        if not self.cause:
            self.cause, self.curable = text, curable
        yield from self.note(rule, text)

    def missed(self, snapshot: Snapshot, places: Sequence[str]) -> None:
        """Remember where the file is not, for the sentence that says so in the end."""
        tried = (f"{snapshot.repository}/{place}" for place in places)
        self.tried += [place for place in tried if place not in self.tried]

    def _spend(self) -> None:
        if self._asked >= MAX_QUESTIONS:
            raise EnoughError
        self._asked += 1


def _identity(repository: Repository) -> tuple[str, str]:
    # GitHub takes owner and name in any case.
    return repository.owner.lower(), repository.name.lower()


def _place(snapshot: Snapshot, path: str) -> tuple[str, str, str, str]:
    return (*_identity(snapshot.repository), snapshot.commit, path)
