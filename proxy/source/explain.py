"""The steps of a resolution in words."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple

from proxy.source.model import (
    Absent,
    Fetch,
    Fetched,
    File,
    Link,
    Lookup,
    Note,
    Open,
    Question,
    Read,
    Snapshot,
    Tree,
    Unreachable,
)
from proxy.source.tree import TreeIndex

if TYPE_CHECKING:
    from proxy.errors import RpcError

_SHORT_SHA = 10
_LONGEST = 300
_PLACES = {
    Lookup.GO_MODULE_PROXY: "the Go module proxy",
    Lookup.GO_GET: "the module's own page",
    Lookup.PYTHON_INDEX: "the Python package index",
    Lookup.NPM_REGISTRY: "the npm registry",
}


class Kind(Enum):
    """What an answer amounts to."""

    FOUND = "found"
    ABSENT = "absent"
    UNKNOWN = "unknown"
    NOTE = "note"
    FAILED = "failed"


class Words(NamedTuple):
    """An answer in words and what it amounts to."""

    kind: Kind
    text: str


def question_text(question: Question[Any]) -> str:
    """The question as a person would ask it."""
    match question:
        case Open(repository=repository, ref=ref):
            text = f"Which commit is {ref} of {repository}?"
        case Read(snapshot=snapshot, path=path):
            text = f"Is there {path} in {_at(snapshot)}?"
        case Tree(snapshot=snapshot):
            text = f"What files are in {_at(snapshot)}?"
        case Link(snapshot=snapshot, path=path):
            text = f"Where does the link {path} in {_at(snapshot)} point?"
        case Fetch(service=service, path=path):
            text = f"What does {_PLACES[service]} say of {path}?"
        case Note(text=text):
            pass
        case _:
            text = type(question).__name__
    return _shown(text)


def answer_text(answer: object) -> Words:
    """What was answered."""
    match answer:
        case Snapshot(repository=repository, commit=commit):
            words = Words(Kind.FOUND, f"{commit} of {repository}")
        case Absent.REPOSITORY:
            words = Words(Kind.ABSENT, "there is no such repository, or you may not see it")
        case Absent.REF:
            words = Words(Kind.ABSENT, "there is no such commit, branch or tag")
        case File(snapshot=snapshot, path=path, content=content):
            words = Words(Kind.FOUND, f"{path} in {_at(snapshot)}, {len(content)} bytes")
        case TreeIndex():
            words = Words(Kind.FOUND, f"{len(answer)} entries")
        case Fetched(url=url, body=body):
            words = Words(Kind.FOUND, f"{len(body)} bytes from {url.partition('?')[0]}")
        case Unreachable(reason=reason):
            words = Words(Kind.UNKNOWN, reason)
        case str():
            words = Words(Kind.FOUND, answer)
        case _:
            words = Words(Kind.ABSENT, "no")
    return Words(words.kind, _shown(words.text))


def words_of(question: Question[Any], answer: object) -> Words:
    """An answer in the light of its question: no tree is not "no files", a remark has no answer."""
    if isinstance(question, Note):
        return Words(Kind.NOTE, "")
    if isinstance(question, Tree) and answer is None:
        return Words(Kind.UNKNOWN, "not known: GitHub cuts a list of that length short")
    if isinstance(question, Fetch) and answer is None:
        return Words(Kind.ABSENT, "nothing, or this look-up is turned off")
    return answer_text(answer)


def failure_words(error: RpcError) -> Words:
    """What kept a question from being answered."""
    return Words(Kind.FAILED, _shown(error.message))


def _at(snapshot: Snapshot) -> str:
    commit = snapshot.commit[:_SHORT_SHA]
    at = commit if snapshot.commit.startswith(snapshot.ref) else f"{snapshot.ref} ({commit})"
    return f"{snapshot.repository} at {at}"


def _shown(text: str) -> str:
    clean = "".join(letter if letter.isprintable() else "�" for letter in text)
    return clean if len(clean) <= _LONGEST else f"{clean[:_LONGEST]}…"
