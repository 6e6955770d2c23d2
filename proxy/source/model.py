"""What the resolver speaks of: frames, repositories, the questions it asks and what it is told.

The resolver does no I/O. It is a generator that yields questions and is sent their answers::

    resolve(frame, service, mappings)  ──yields──►  Open, Read, …, Note
                                       ◄──is sent──  Snapshot, File, None, …

Rules that hold for every question:

- A question names the rule that asks it, so that the explanation of a resolution is nothing but
  the list of questions and their answers.
- "Not there" is an answer (``None`` or ``Absent``). Everything else that can go wrong (no
  permission, rate limit, GitHub down) is raised by whoever answers, ends the resolution, and is
  never taken for "not there".
- Paths in questions are relative to the repository's root, normalised, without ``..``.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Generic, TypeVar

from proxy.source.tree import TreeIndex

A = TypeVar("A")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository on the GitHub that is configured."""

    owner: str
    name: str

    def __str__(self) -> str:
        return f"{self.owner}/{self.name}"


@dataclass(frozen=True, slots=True)
class Service:
    """Where a profiled service comes from, as its labels say; ``ref`` and ``root_path`` may be empty."""

    repository: Repository
    ref: str = ""
    root_path: str = ""


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame of a profile as it was recorded; either part may be empty."""

    path: str
    function_name: str = ""


class Language(Enum):
    """The languages with rules of their own; ``value`` is the metric label and its name in mappings."""

    GO = "go"
    JAVA = "java"
    PYTHON = "python"
    JAVASCRIPT = "javascript"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A repository at one commit: what a ref pointed to when it was asked.

    Attributes:
        repository: as GitHub names it now (it may have been renamed since the labels were written).
        ref: the ref as asked.
        commit: the full SHA.
        identity: which repository it is whatever it is named, to whoever answers the questions.
        stale: whether this is what was known last, because the ref could not be asked anew.
    """

    repository: Repository
    ref: str
    commit: str
    identity: str = field(default="", compare=False, repr=False)
    stale: bool = field(default=False, compare=False)


class Absent(Enum):
    """What is not there (or not visible to the person asking; GitHub does not tell the two apart)."""

    REPOSITORY = "repository"
    REF = "ref"


@dataclass(frozen=True, slots=True)
class File:
    """A file that was found.

    Attributes:
        snapshot: where it really is; another repository than asked when a submodule led there.
        path: relative to that repository's root, symbolic links followed.
        oid: the git blob id, hexadecimal.
        content: the bytes.
    """

    snapshot: Snapshot
    path: str
    oid: str
    content: bytes


class Question(Generic[A]):
    """Something that the resolver wants to know; ``A`` is the type of its answer."""

    __slots__ = ()
    rule: str


@dataclass(frozen=True, slots=True)
class Open(Question["Snapshot | Absent"]):
    """Which commit is ``ref`` of ``repository``?

    ``wishes`` are paths that will probably be read next, most likely first. Whoever answers may
    bring them along in the same call to GitHub; it changes costs, never answers. So does ``tree``:
    the commit's ``Tree`` is asked next when none of the wishes is there.
    """

    rule: str
    repository: Repository
    ref: str
    wishes: tuple[str, ...] = ()
    tree: bool = False


@dataclass(frozen=True, slots=True)
class Read(Question["File | None"]):
    """What is in this file? ``None``: there is no such file at that commit.

    ``wishes`` are paths of the same snapshot that will probably be read next when this one is not
    there, most likely first, as in ``Open``.
    """

    rule: str
    snapshot: Snapshot
    path: str
    wishes: tuple[str, ...] = ()


class Lookup(Enum):
    """Where package metadata outside the repositories is asked; ``value`` names it in the explanation."""

    GO_MODULE_PROXY = "go_module_proxy"
    GO_GET = "go_get"
    PYTHON_INDEX = "python_index"
    NPM_REGISTRY = "npm_registry"


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a look-up gave.

    Attributes:
        body: the bytes, as hostile as anything that strangers publish.
        url: where it came from after redirects.
    """

    body: bytes
    url: str


@dataclass(frozen=True, slots=True)
class Unreachable:
    """The host of a look-up could not be asked, refused or answered garbage: not the same as "not there"."""

    reason: str


@dataclass(frozen=True, slots=True)
class Fetch(Question["Fetched | Unreachable | None"]):
    """What does this public place say of a package? ``None``: it is not there, or this look-up is off.

    It never carries a GitHub token. Whoever answers lets it reach public https addresses only and
    limits its time, size and redirects.

    Attributes:
        rule: which rule asks.
        service: which of the configured places.
        path: percent-encoded, below the place's base URL, without a leading slash; of ``GO_GET``, which
            has no base, the whole address ``https://HOST/PATH?go-get=1``.
        accept: the media type that is asked for, such as ``application/json``.
    """

    rule: str
    service: Lookup
    path: str
    accept: str


@dataclass(frozen=True, slots=True)
class Tree(Question[TreeIndex | None]):
    """What is all in the snapshot? ``None``: not known, because GitHub cuts a tree of that size short."""

    rule: str
    snapshot: Snapshot


@dataclass(frozen=True, slots=True)
class Link(Question["str | None"]):
    """Where does this symbolic link point, as git holds it? ``None``: it cannot be read.

    Attributes:
        rule: as in every question.
        snapshot: where the link is.
        path: of the link itself, which is not followed.
        oid: of the blob that holds the target.
    """

    rule: str
    snapshot: Snapshot
    path: str
    oid: str


@dataclass(frozen=True, slots=True)
class Note(Question[None]):
    """Not a question but a remark for the explanation: what a person should know or change."""

    rule: str
    text: str


@dataclass(frozen=True, slots=True)
class Found:
    """The end of a resolution that found the file.

    Attributes:
        language: which language's rules were used.
        rule: the rule that found it.
        file: the file.
    """

    language: Language
    rule: str
    file: File


@dataclass(frozen=True, slots=True)
class NotFound:
    """The end of a resolution that found nothing; ``reason`` is one sentence for a person."""

    language: Language
    reason: str


Resolution = Found | NotFound
Asking = Generator[Question[Any], Any, R]


def ask(question: Question[A]) -> Asking[A]:
    """Yield a question and return its answer with the type that belongs to it."""
    answer: A = yield question
    return answer
