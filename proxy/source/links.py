"""Through symbolic links and submodules: where a path leads that its repository does not hold itself.

GitHub follows a link to a file, but neither a link to a folder on the way nor a submodule
(https://docs.github.com/en/rest/repos/contents#get-repository-content). The tree shows both, so a
path that was not there is walked once more with it. At most ``MAX_TURNS`` turns are taken.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from proxy.source import paths
from proxy.source.gitmodules import repository_of, url_of
from proxy.source.inquiry import Discovery
from proxy.source.model import Snapshot

if TYPE_CHECKING:
    from collections.abc import Sequence

    from proxy.source.inquiry import Candidate, Inquiry
    from proxy.source.model import Asking, File
    from proxy.source.tree import Turn

MAX_TURNS = 8
MAX_CANDIDATES = 8
_MODULES = ".gitmodules"
_SHOWN = 200


def reach(inquiry: Inquiry, snapshot: Snapshot, candidates: Sequence[Candidate]) -> Asking[Discovery | None]:
    """The first of the candidates that is there; when none is, the first that a link leads to."""
    discovery = yield from inquiry.first(snapshot, candidates)
    if discovery is None and candidates:
        discovery = yield from through(inquiry, snapshot, candidates)
    return discovery


def through(
    inquiry: Inquiry, snapshot: Snapshot, candidates: Sequence[Candidate]
) -> Asking[Discovery | None]:
    """The first of the candidates that a link or a submodule of the snapshot's tree leads to."""
    if not candidates:
        return None
    tree = yield from inquiry.tree(candidates[0].rule, snapshot)
    if tree is None:
        return None
    turning = [each for each in candidates if tree.resolve_link(each.path)]
    for rule, path in turning[:MAX_CANDIDATES]:
        file = yield from _Walk(inquiry, rule).to(snapshot, path)
        if file is not None:
            return Discovery(rule, file)
    return None


@dataclass(slots=True)
class _Walk:
    inquiry: Inquiry
    rule: str

    def to(self, snapshot: Snapshot, path: str) -> Asking[File | None]:
        start = path
        for _ in range(MAX_TURNS):
            tree = yield from self.inquiry.tree(self.rule, snapshot)
            turn = tree.resolve_link(path) if tree is not None else None
            if turn is None:
                return (yield from self.inquiry.read(self.rule, snapshot, path))
            step = yield from (
                self._enter(snapshot, turn) if turn.is_submodule else self._jump(snapshot, turn)
            )
            if step is None:
                return None
            snapshot, path = step
        yield from self._note(f"{paths.shortened(start)} leads from link to link without an end.")
        return None

    def _jump(self, snapshot: Snapshot, turn: Turn) -> Asking[tuple[Snapshot, str] | None]:
        target = yield from self.inquiry.link(self.rule, snapshot, turn.path, turn.oid)
        folder = turn.path.rpartition("/")[0]
        # An absolute target is a place on the machine that made the link.
        inside = target is not None and not target.startswith("/")
        place = paths.folder(f"{folder}/{target}") if inside else None
        path = paths.clean(f"{place}/{turn.rest}") if place is not None else None
        if path is None:
            yield from self._note(
                f"{paths.shortened(turn.path)} is a symbolic link to {(target or 'nothing')[:_SHOWN]}, "
                "which is not in the repository."
            )
            return None
        return snapshot, path

    def _enter(self, snapshot: Snapshot, turn: Turn) -> Asking[tuple[Snapshot, str] | None]:
        if not turn.rest:
            return None
        modules = yield from self.inquiry.read(self.rule, snapshot, _MODULES)
        url = url_of(modules.content, turn.path) if modules is not None else None
        name = f"The submodule {paths.shortened(turn.path)}"
        if url is None:
            yield from self._note(f"{name} has no url in {_MODULES}.")
            return None
        repository = repository_of(url, snapshot.repository, self.inquiry.host)
        if repository is None:
            yield from self._note(f"{name} is in no repository on {self.inquiry.host}: it cannot be shown.")
            return None
        opened = yield from self.inquiry.open(self.rule, repository, turn.oid, (turn.rest,))
        if isinstance(opened, Snapshot):
            return opened, turn.rest
        yield from self._note(
            f"{name} is {repository} at {turn.oid}, which is not there or not visible to you: "
            "was the commit pushed, and is the GitHub App installed for its owner?"
        )
        return None

    def _note(self, text: str) -> Asking[None]:
        yield from self.inquiry.note(self.rule, text)
