"""What git's objects hold, read from their bytes.

Formats: https://git-scm.com/book/en/v2/Git-Internals-Git-Objects and
https://git-scm.com/docs/git-fast-import#_date_formats for the dates.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from proxy.demo.github.gitstore.errors import GitError

COMMIT, TREE, BLOB, TAG = "commit", "tree", "blob", "tag"
KINDS = (COMMIT, TREE, BLOB, TAG)
MODE_DIRECTORY = 0o040000
MODE_SYMLINK = 0o120000
MODE_SUBMODULE = 0o160000
OID_BYTES = 20
OID_LENGTH = 40
_PERSON = re.compile(r"(?P<name>[^<]*)<(?P<email>[^>]*)>\s*(?P<seconds>-?\d{1,11})?\s*(?P<offset>[+-]\d{4})?")
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)  # noqa: UP017 - beside timezone(...) below, one name for both
_MODE = re.compile(rb"[0-7]{5,6}")
_MAX_OFFSET_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True)
class RawObject:
    """An object as git stores it: ``kind`` is one of ``KINDS``."""

    kind: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Person:
    """Who wrote a commit or tag; ``when`` keeps the offset that was recorded."""

    name: str
    email: str
    when: datetime


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit; ``tree`` and ``parents`` are object ids."""

    oid: str
    tree: str
    parents: tuple[str, ...]
    author: Person
    committer: Person
    message: str


@dataclass(frozen=True, slots=True)
class Tag:
    """An annotated tag; ``target`` is the id of an object of kind ``target_kind``."""

    oid: str
    target: str
    target_kind: str
    name: str
    tagger: Person | None
    message: str


@dataclass(frozen=True, slots=True)
class TreeEntry:
    """One name in a directory; ``mode`` as git records it (``0o100644``, ``0o120000``, …)."""

    name: str
    mode: int
    oid: str

    @property
    def kind(self) -> str:
        """The kind of the object behind the name; a submodule is a ``commit`` of another repository."""
        if self.mode == MODE_DIRECTORY:
            return TREE
        return COMMIT if self.mode == MODE_SUBMODULE else BLOB


def parse_commit(oid: str, data: bytes) -> Commit:
    """Read a commit.

    Raises:
        GitError: there is no tree or no author in it.
    """
    headers, message = _headers(data)
    try:
        return Commit(
            oid,
            headers["tree"][0],
            tuple(headers.get("parent", ())),
            parse_person(headers["author"][0]),
            parse_person(headers["committer"][0]),
            message,
        )
    except KeyError as missing:
        raise GitError(f"commit {oid} has no {missing.args[0]}") from None


def parse_tag(oid: str, data: bytes) -> Tag:
    """Read an annotated tag.

    Raises:
        GitError: it does not say what it tags.
    """
    headers, message = _headers(data)
    try:
        tagger = headers.get("tagger")
        return Tag(
            oid,
            headers["object"][0],
            headers["type"][0],
            headers["tag"][0],
            parse_person(tagger[0]) if tagger else None,
            message,
        )
    except KeyError as missing:
        raise GitError(f"tag {oid} has no {missing.args[0]}") from None


def parse_tree(data: bytes) -> list[TreeEntry]:
    """Read a directory, in git's order.

    Raises:
        GitError: it is damaged.
    """
    entries = []
    position = 0
    while position < len(data):
        space = data.find(b" ", position)
        end = data.find(b"\0", space)
        after = end + 1 + OID_BYTES
        mode = data[position:space]
        if space < 0 or end < 0 or after > len(data) or not _MODE.fullmatch(mode):
            raise GitError("a tree is damaged")
        name = data[space + 1 : end].decode("utf-8", "replace")
        entries.append(TreeEntry(name, int(mode, 8), data[end + 1 : after].hex()))
        position = after
    return entries


def parse_person(line: str) -> Person:
    """Read ``Name <email> seconds +hhmm``; what cannot be read of the date counts as 1970."""
    match = _PERSON.match(line)
    if match is None:
        return Person(line.strip(), "", _EPOCH)
    when = _date(match["seconds"] or "0", match["offset"] or "+0000")
    return Person(match["name"].strip(), match["email"].strip(), when)


def _date(seconds: str, offset: str) -> datetime:
    sign = -1 if offset[0] == "-" else 1
    minutes = int(offset[1:3]) * 60 + int(offset[3:5])
    zone = timezone(sign * timedelta(minutes=minutes % _MAX_OFFSET_MINUTES))
    try:
        return (_EPOCH + timedelta(seconds=int(seconds))).astimezone(zone)
    except OverflowError:
        return _EPOCH


def _headers(data: bytes) -> tuple[dict[str, list[str]], str]:
    head, _, message = data.partition(b"\n\n")
    headers: dict[str, list[str]] = {}
    for line in head.decode("utf-8", "replace").split("\n"):
        # A line that begins with a space goes on with the one before: signatures, merged tags.
        if not line.startswith(" "):
            name, _, value = line.partition(" ")
            headers.setdefault(name, []).append(value)
    encoding = headers.get("encoding", ["utf-8"])[0]
    try:
        text = message.decode(encoding, "replace")
    except LookupError:
        text = message.decode("utf-8", "replace")
    return headers, text
