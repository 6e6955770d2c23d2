"""A file of a published package: in its repository, at the ref that its version was tagged with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from proxy.source import links, paths
from proxy.source.inquiry import Candidate, Discovery
from proxy.source.model import Absent, Snapshot
from proxy.source.refs import ref_fault

if TYPE_CHECKING:
    from collections.abc import Sequence

    from proxy.source.inquiry import Inquiry
    from proxy.source.model import Asking, Repository

MAX_REFS = 10
_SHOWN_REFS = 4


@dataclass(frozen=True, slots=True)
class Release:
    """Where a file of a package may be.

    Attributes:
        rule: that looks for it.
        what: package and version, for sentences.
        repository: of the package.
        refs: what the version may be tagged with, most likely first.
        guesses: paths where the file may be, clean, most likely first.
        tail: the path within the package, clean; looked for in the tree by its end.
        least: how many elements of ``tail`` a file must share to be it.
        folder: of the package in the repository; the nearer to it the better.
    """

    rule: str
    what: str
    repository: Repository
    refs: tuple[str, ...]
    guesses: tuple[str, ...]
    tail: str
    least: int
    folder: str = ""


def find(inquiry: Inquiry, release: Release) -> Asking[Discovery | None]:
    """Look for the file; when it is not there, ``inquiry.cause`` says why."""
    opened = yield from open_first(
        inquiry, release.rule, release.repository, release.refs, release.guesses, tree=True
    )
    if isinstance(opened, Absent):
        yield from inquiry.blame(release.rule, _absent(release, opened, inquiry.host))
        return None
    candidates = [Candidate(release.rule, guess) for guess in release.guesses]
    discovery = yield from links.reach(inquiry, opened, candidates)
    return discovery or (yield from _in_tree(inquiry, release, opened))


def open_first(
    inquiry: Inquiry,
    rule: str,
    repository: Repository,
    refs: Sequence[str],
    wishes: Sequence[str] = (),
    *,
    tree: bool = False,
) -> Asking[Snapshot | Absent]:
    """The first of the refs that is there; at most ``MAX_REFS`` are asked for."""
    possible = [ref for ref in dict.fromkeys(refs) if ref_fault(ref) is None]
    for ref in possible[:MAX_REFS]:
        opened = yield from inquiry.open(rule, repository, ref, wishes, tree=tree)
        if opened is not Absent.REF:
            return opened
    return Absent.REF


def _in_tree(inquiry: Inquiry, release: Release, snapshot: Snapshot) -> Asking[Discovery | None]:
    tree = yield from inquiry.tree(release.rule, snapshot)
    where = f"{snapshot.repository} at {snapshot.ref}"
    if tree is None:
        text = (
            f"{where} is too large to be searched, and {paths.shortened(release.tail)} is not where expected."
        )
        yield from inquiry.blame(release.rule, f"{release.what} comes from {text}")
        return None
    matches = tree.longest_suffix(release.tail, release.folder)
    if matches.elements >= release.least and matches.paths:
        path = matches.paths[0]
        if matches.alike > 1:
            text = (
                f"{matches.alike} files of {where} end like {paths.shortened(release.tail)}; shown is {path}."
            )
            yield from inquiry.note(release.rule, text)
        file = yield from inquiry.read(release.rule, snapshot, path)
        if file is not None:
            return Discovery(release.rule, file)
    text = (
        f"{release.what} comes from {where}, which has no {paths.shortened(release.tail)}: "
        "it may be made when the package is built."
    )
    yield from inquiry.blame(release.rule, text)
    return None


def _absent(release: Release, opened: Absent, host: str) -> str:
    if opened is Absent.REPOSITORY:
        return (
            f"{release.what} comes from {release.repository}, which is not on {host} or not visible to you."
        )
    refs = list(dict.fromkeys(release.refs))
    shown = ", ".join(refs[:_SHOWN_REFS]) + (" and others" if len(refs) > _SHOWN_REFS else "")
    return f"{release.what} comes from {release.repository}, which has no tag for it (tried {shown})."
