"""Runs a resolution against repositories that are dictionaries, and writes down what was asked.

Every run also holds the promises that belong to any resolution: paths are clean, nothing is asked
twice, the number of questions is bounded.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from proxy.source import paths
from proxy.source.inquiry import MAX_QUESTIONS
from proxy.source.model import (
    Absent,
    File,
    Found,
    Frame,
    Note,
    NotFound,
    Open,
    Question,
    Read,
    Repository,
    Service,
    Snapshot,
)
from proxy.source.resolve import resolve

if TYPE_CHECKING:
    from proxy.source.mapping import Mappings
    from proxy.source.model import Resolution

Files: TypeAlias = Mapping[str, str | bytes]
World: TypeAlias = Mapping[str, Mapping[str, Files]]
"""Repository (``owner/name``) → ref → path → content."""

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
) -> Transcript:
    """Resolve a frame to its end."""
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
        answer = _answer(world, question)
        if not isinstance(question, Note):
            key = _key(question)
            assert key not in asked, f"asked twice: {question}"
            asked.add(key)
            assert len(asked) <= MAX_QUESTIONS
        transcript.lines.append(_line(question, answer))


def _answer(world: World, question: Question[Any]) -> object:
    if isinstance(question, Open):
        for wish in question.wishes:
            assert_clean(wish)
        refs = world.get(str(question.repository))
        if refs is None:
            return Absent.REPOSITORY
        if question.ref not in refs:
            return Absent.REF
        commit = hashlib.sha1(f"{question.repository}{question.ref}".encode()).hexdigest()  # noqa: S324 - as git does
        return Snapshot(question.repository, question.ref, commit)
    if isinstance(question, Read):
        for path in (question.path, *question.wishes):
            assert_clean(path)
        content = world[str(question.snapshot.repository)][question.snapshot.ref].get(question.path)
        if content is None:
            return None
        data = content.encode() if isinstance(content, str) else content
        return File(question.snapshot, question.path, hashlib.sha1(data).hexdigest(), data)  # noqa: S324 - as git does
    assert isinstance(question, Note)
    return None


def assert_clean(path: str) -> None:
    assert paths.clean(path) == path
    assert not path.startswith("/")
    assert not {"", ".", ".."} & set(path.split("/"))
    assert not {"\\", "\0"} & set(path)
    assert len(path.encode()) <= 4096


def _key(question: Question[Any]) -> object:
    if isinstance(question, Open):
        return str(question.repository).lower(), question.ref
    assert isinstance(question, Read)
    return str(question.snapshot.repository).lower(), question.snapshot.commit, question.path


def _line(question: Question[Any], answer: object) -> str:
    if isinstance(question, Open):
        what = answer.value if isinstance(answer, Absent) else "yes"
        return f"{question.rule}: {question.repository}@{question.ref}? {what}"
    if isinstance(question, Read):
        where = f"{question.snapshot.repository}@{question.snapshot.ref}"
        return f"{question.rule}: {where}:{question.path}? {'no' if answer is None else 'yes'}"
    assert isinstance(question, Note)
    return f"{question.rule}! {question.text}"
