"""Recorded frames with what is known of them, and how a resolution of one of them ends."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from proxy.source.inquiry import MAX_QUESTIONS
from proxy.source.model import Found, Frame, Note, Repository, Resolution, Service
from proxy.source.resolve import resolve
from tests.frames.worlds import DATA, Commit, World

if TYPE_CHECKING:
    from collections.abc import Iterator


SAID = {
    "a library without a mapping": r"\bmap(?:ping)?\b",
    "another host": r"not on github\.com|no repository of .+ on github\.com",
    "built": r"\bmade\b|\bcompiled\b|\bbuil[dt]\b",
    "bundled": r"is not there|\bmade\b|\bbundle",
    "generated": r"\bmade\b|\bbuil(?:d|t|ding)\b|\bis not in\b|names a file that could be",
    "its name does not tell its file": r"\bmap",
    "no version known": r"nothing says of which",
    "not a file": r"no source to show|has no file|names a file|is not there",
}
"""What a person has to be told, by the kind of frame that has no source."""
ANY_REF = "*"
"""The version that ran is said nowhere: every one that has the file is as good."""


@dataclass(frozen=True)
class Case:
    """A frame, whose it is, and where its source is: the expectation as it is in the data."""

    recording: str
    service: Service
    frame: Frame
    expected: dict[str, str]

    @property
    def has_source(self) -> bool:
        return "why" not in self.expected

    def __str__(self) -> str:
        return f"{self.recording}: {self.frame.path} {self.frame.function_name}"


@dataclass
class End:
    """How a resolution ended: ``fault`` says what is wrong with it, empty when nothing is."""

    case: Case
    rule: str
    said: str
    questions: int
    fault: str


@dataclass
class Tally:
    """How many of the frames with source ended as they should, and what went wrong with all of them."""

    right: Counter[str] = field(default_factory=Counter)
    wanted: Counter[str] = field(default_factory=Counter)
    rules: Counter[str] = field(default_factory=Counter)
    faults: list[End] = field(default_factory=list)

    def add(self, end: End) -> None:
        self.rules[end.rule] += 1
        if end.fault:
            self.faults.append(end)
        if end.case.has_source:
            self.wanted[end.case.recording] += 1
            self.right[end.case.recording] += not end.fault

    @property
    def share(self) -> float:
        return self.right.total() / self.wanted.total()

    def lines(self) -> Iterator[str]:
        yield f"{self.right.total()} of {self.wanted.total()} ({self.share:.2%})"
        for recording, wanted in self.wanted.items():
            yield f"  {recording}: {self.right[recording]} of {wanted}"
        yield "  by " + ", ".join(f"{rule or 'no rule'} {count}" for rule, count in self.rules.most_common())
        for end in self.faults[:40]:
            yield f"  ! {end.case}: {end.fault}"


def cases(language: str) -> Iterator[Case]:
    """Every frame of a language's recordings."""
    corpus = json.loads((DATA / f"{language}.json").read_text(encoding="utf-8"))
    for recording in corpus["recordings"]:
        said = recording["service"]
        service = Service(Repository(*said["repository"].split("/")), said["ref"], said["root_path"])
        for group in recording["frames"]:
            for function in group["functions"]:
                yield Case(recording["name"], service, Frame(group["path"], function), group["expected"])


def outcome(world: World, case: Case) -> End:
    """Resolve a frame and hold the end against what is known."""
    resolution, questions, said = _run(world, case)
    rule = resolution.rule if isinstance(resolution, Found) else ""
    return End(case, rule, said, questions, _fault(world, case.expected, resolution, said))


def _run(world: World, case: Case) -> tuple[Resolution, int, str]:
    generator = resolve(case.frame, case.service)
    questions = 0
    notes: list[str] = []
    answer: object = None
    while True:
        try:
            question = generator.send(answer)
        except StopIteration as end:
            resolution: Resolution = end.value
            reason = "" if isinstance(resolution, Found) else resolution.reason
            return resolution, questions, " ".join([*notes, reason])
        if isinstance(question, Note):
            notes.append(question.text)
        else:
            questions += 1
        assert questions <= MAX_QUESTIONS
        answer = world.answer(question)


def _fault(world: World, expected: dict[str, str], resolution: Resolution, said: str) -> str:
    if not isinstance(resolution, Found):
        if "why" not in expected:
            return f"not found: {resolution.reason}"
        told = re.search(SAID[expected["why"]], said)
        return "" if told else f"it is not said that the source is {expected['why']!r}: {said}"
    file = resolution.file
    found = f"{resolution.rule} found {file.snapshot.repository} {file.snapshot.ref} {file.path}"
    if (str(file.snapshot.repository), file.path) != (expected.get("repository"), expected.get("path")):
        return f"{found}, right is {expected}"
    if expected.get("ref", ANY_REF) == ANY_REF:
        return ""
    right = world.commit(expected["repository"], expected["ref"])
    return (
        ""
        if isinstance(right, Commit) and right.sha == file.snapshot.commit
        else f"{found}, right is {expected}"
    )
