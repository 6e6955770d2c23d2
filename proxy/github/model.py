"""What GitHub tells, as values; nothing in them is a token, and source is kept out of ``repr``."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from proxy.source.model import Repository

_LONGEST_LINK = 4095
"""The longest target of a symbolic link on Linux, ``PATH_MAX`` less its end."""


class Unchanged(Enum):
    """What was asked is as it was when its ``etag`` was given."""

    UNCHANGED = "unchanged"


UNCHANGED = Unchanged.UNCHANGED


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit.

    Attributes:
        sha: the full SHA.
        message: the whole commit message.
        date: the author date, RFC 3339.
        login: the author's GitHub login, empty when GitHub knows none.
        avatar_url: where the author's picture is, may be empty.
        page_url: the commit's page.
        etag: for asking whether the ref still points to it; empty where GitHub gave none.
    """

    sha: str
    message: str
    date: str
    login: str
    avatar_url: str
    page_url: str
    etag: str = field(default="", compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Blob:
    """A file of a commit, without its path.

    Attributes:
        oid: the git blob id, hexadecimal.
        size: its size in bytes.
        content: the bytes, proven by ``oid``; ``None`` when they did not come along exactly
            (binary, large, not UTF-8) and are to be had from ``GitHub.read_blob``.
    """

    oid: str
    size: int
    content: bytes | None = field(default=None, repr=False)

    @property
    def maybe_link(self) -> bool:
        """Whether this may be a symbolic link, which git stores as a blob that holds its target.

        One line without an end, short enough to be a path. A ``VERSION`` file may look the same:
        ``GitHub.contents`` tells, and follows the link.
        """
        text = self.content
        if not text:
            return False
        return len(text) <= _LONGEST_LINK and b"\n" not in text and b"\0" not in text


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at a repository showed.

    Attributes:
        repository: as GitHub names it now; renames and moves are followed.
        private: whether it is anything but public (private, internal, or not known).
        commit: what the ref points to; ``None`` when there is no such ref.
        blobs: for every path that was asked the file, or ``None`` when there is none at that path.
        identity: as in ``RemoteRepository``.
        tree: the id of the commit's root folder; empty where it was not told.
    """

    repository: Repository
    private: bool
    commit: Commit | None
    blobs: Mapping[str, Blob | None]
    identity: str = ""
    tree: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file that was read: ``path`` is where GitHub says it is, ``oid`` the blob id of ``content``."""

    oid: str
    content: bytes = field(repr=False)
    path: str


@dataclass(frozen=True, slots=True)
class RemoteDirectory:
    """A directory is at that path."""

    path: str


@dataclass(frozen=True, slots=True)
class RemoteSubmodule:
    """A submodule is at that path: ``commit`` of the repository at ``url`` (as in ``.gitmodules``)."""

    path: str
    url: str
    commit: str


@dataclass(frozen=True, slots=True)
class RemoteLink:
    """A symbolic link is at that path, and no file of this repository is at its ``target``."""

    path: str
    target: str


Contents = RemoteFile | RemoteDirectory | RemoteSubmodule | RemoteLink


class TreeEntry(NamedTuple):
    """One entry of a tree; ``type`` is blob, tree or commit (a submodule), ``size`` in bytes of a blob."""

    path: str
    mode: str
    type: str
    oid: str
    size: int


@dataclass(frozen=True, slots=True)
class RemoteTree:
    """All entries below a commit; ``truncated``: what is not listed is unknown, not absent.

    ``etag`` is for asking whether a ref still leads to it; empty where GitHub gave none.
    """

    oid: str
    entries: tuple[TreeEntry, ...] = field(repr=False)
    truncated: bool
    etag: str = field(default="", compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class RemoteRepository:
    """A repository as GitHub names it now, and whether it is anything but public.

    ``etag`` is for asking whether that has changed; empty where GitHub gave none. ``identity`` is what
    GitHub calls the repository for good, whatever its name; empty where it was not told:
    https://docs.github.com/en/graphql/guides/using-global-node-ids
    """

    repository: Repository
    private: bool
    default_branch: str
    etag: str = field(default="", compare=False, repr=False)
    identity: str = ""


@dataclass(frozen=True, slots=True)
class Survey:
    """A repository and what many refs of it point to, ``None`` for one that is not there."""

    repository: RemoteRepository
    commits: Mapping[str, Commit | None]


def git_blob_oid(content: bytes) -> str:
    """The id that git gives to a blob: https://git-scm.com/book/en/v2/Git-Internals-Git-Objects."""
    digest = hashlib.sha1(b"blob %d\0" % len(content), usedforsecurity=False)
    digest.update(content)
    return digest.hexdigest()
