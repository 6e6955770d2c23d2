"""Runs a resolution against repositories that are dictionaries, and writes down what was asked.

Every run also holds the promises that belong to any resolution: paths are clean, nothing is asked
twice, the number of questions is bounded.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from posixpath import dirname, normpath
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from proxy.source import paths
from proxy.source.inquiry import MAX_QUESTIONS
from proxy.source.model import (
    Absent,
    Fetch,
    Fetched,
    File,
    Found,
    Frame,
    Link,
    Lookup,
    Note,
    NotFound,
    Open,
    Question,
    Read,
    Repository,
    Service,
    Snapshot,
    Tree,
    Unreachable,
)
from proxy.source.resolve import resolve
from proxy.source.tree import Entry, TreeIndex

if TYPE_CHECKING:
    from proxy.source.mapping import Mappings
    from proxy.source.model import Resolution


class Symlink(NamedTuple):
    """A symbolic link among the files."""

    target: str


class Submodule(NamedTuple):
    """A submodule among the files."""

    commit: str


Files: TypeAlias = Mapping[str, str | bytes | Symlink | Submodule]
World: TypeAlias = Mapping[str, Mapping[str, Files]]
"""Repository (``owner/name``) → ref → path → content."""
Web: TypeAlias = Mapping[tuple[Lookup, str], str | bytes | Unreachable]
"""What look-ups outside the repositories give; what is not in it is not there."""

SERVICE = Service(Repository("acme", "shop"), "main")


@dataclass
class Transcript:
    """What was asked and answered, one line each, and the end of it."""

    result: Resolution
    questions: list[Question[Any]] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)

    @property
    def found(self) -> tuple[str, str, str, str]:
        """The rule, the repository, the ref and the path of the file that was found."""
        assert isinstance(self.result, Found), self.lines
        file = self.result.file
        return self.result.rule, str(file.snapshot.repository), file.snapshot.ref, file.path

    @property
    def reason(self) -> str:
        assert isinstance(self.result, NotFound), self.lines
        return self.result.reason

    @property
    def notes(self) -> list[str]:
        return [question.text for question in self.questions if isinstance(question, Note)]

    @property
    def read(self) -> list[str]:
        return [question.path for question in self.questions if isinstance(question, Read)]


def run(
    world: World,
    path: str = "",
    function_name: str = "",
    *,
    service: Service = SERVICE,
    operator: Mappings | None = None,
    web: Web | None = None,
    trees: bool = True,
) -> Transcript:
    """Resolve a frame to its end; without ``trees`` every tree is too large to be known."""
    generator = resolve(Frame(path, function_name), service, operator)
    transcript = Transcript(NotFound.__new__(NotFound))
    asked: set[object] = set()
    answer: object = None
    while True:
        try:
            question = generator.send(answer)
        except StopIteration as end:
            transcript.result = end.value
            return transcript
        transcript.questions.append(question)
        answer = None if isinstance(question, Tree) and not trees else _answer(world, web or {}, question)
        if not isinstance(question, Note):
            key = _key(question)
            assert key not in asked, f"asked twice: {question}"
            asked.add(key)
            assert len(asked) <= MAX_QUESTIONS
        transcript.lines.append(_line(question, answer))


def _answer(world: World, web: Web, question: Question[Any]) -> object:
    if isinstance(question, Open):
        for wish in question.wishes:
            assert_clean(wish)
        refs = world.get(str(question.repository))
        if refs is None:
            return Absent.REPOSITORY
        if question.ref not in refs:
            return Absent.REF
        commit = _oid(f"{question.repository}{question.ref}".encode())
        return Snapshot(question.repository, question.ref, commit)
    if isinstance(question, Read):
        for path in (question.path, *question.wishes):
            assert_clean(path)
        return _file(world[str(question.snapshot.repository)][question.snapshot.ref], question)
    if isinstance(question, Tree):
        return _tree(world[str(question.snapshot.repository)][question.snapshot.ref])
    if isinstance(question, Link):
        link = world[str(question.snapshot.repository)][question.snapshot.ref][question.path]
        assert isinstance(link, Symlink)
        return link.target
    if isinstance(question, Fetch):
        return _fetched(web, question)
    assert isinstance(question, Note)
    return None


def _file(files: Files, question: Read) -> File | None:
    """Links to files are followed by whoever answers, links to folders are not."""
    path, content = question.path, files.get(question.path)
    if isinstance(content, Symlink):
        path = normpath(f"{dirname(path)}/{content.target}").removeprefix("/")
        content = files.get(path)
    if content is None or isinstance(content, Symlink | Submodule):
        return None
    data = content.encode() if isinstance(content, str) else content
    return File(question.snapshot, path, _oid(data), data)


def _tree(files: Files) -> TreeIndex:
    entries = []
    for path, content in files.items():
        if isinstance(content, Submodule):
            entries.append(Entry(path, "160000", "commit", content.commit))
        elif isinstance(content, Symlink):
            entries.append(Entry(path, "120000", "blob", _oid(content.target.encode())))
        else:
            data = content.encode() if isinstance(content, str) else content
            entries.append(Entry(path, "100644", "blob", _oid(data)))
    return TreeIndex(entries)


def _oid(data: bytes) -> str:
    return hashlib.sha1(data).hexdigest()  # noqa: S324 - as git does


def _fetched(web: Web, question: Fetch) -> Fetched | Unreachable | None:
    assert question.path.isascii()
    assert question.path.isprintable()
    assert not set(' <>"{}|\\^`') & set(question.path)
    assert question.path.startswith("https://") == (question.service is Lookup.GO_GET)
    answer = web.get((question.service, question.path))
    if isinstance(answer, str | bytes):
        return Fetched(answer.encode() if isinstance(answer, str) else answer, question.path)
    return answer


def assert_clean(path: str) -> None:
    assert paths.clean(path) == path
    assert not path.startswith("/")
    assert not {"", ".", ".."} & set(path.split("/"))
    assert not {"\\", "\0"} & set(path)
    assert len(path.encode()) <= 4096


def _key(question: Question[Any]) -> object:
    if isinstance(question, Open):
        return str(question.repository).lower(), question.ref
    if isinstance(question, Fetch):
        return question.service, question.path
    if isinstance(question, Tree):
        return "tree", str(question.snapshot.repository).lower(), question.snapshot.commit
    if isinstance(question, Link):
        return "link", str(question.snapshot.repository).lower(), question.snapshot.commit, question.path
    assert isinstance(question, Read)
    return str(question.snapshot.repository).lower(), question.snapshot.commit, question.path


def _line(question: Question[Any], answer: object) -> str:
    if isinstance(question, Open):
        what = answer.value if isinstance(answer, Absent) else "yes"
        return f"{question.rule}: {question.repository}@{question.ref}? {what}"
    if isinstance(question, Read):
        where = f"{question.snapshot.repository}@{question.snapshot.ref}"
        return f"{question.rule}: {where}:{question.path}? {'no' if answer is None else 'yes'}"
    if isinstance(question, Fetch):
        said = "yes" if isinstance(answer, Fetched) else "no" if answer is None else "unreachable"
        return f"{question.rule}: {question.service.value} {question.path}? {said}"
    if isinstance(question, Tree):
        where = f"{question.snapshot.repository}@{question.snapshot.ref}"
        return f"{question.rule}: the tree of {where}? {'yes' if answer is not None else 'too large'}"
    if isinstance(question, Link):
        return f"{question.rule}: {question.snapshot.repository}:{question.path} -> {answer}"
    assert isinstance(question, Note)
    return f"{question.rule}! {question.text}"
